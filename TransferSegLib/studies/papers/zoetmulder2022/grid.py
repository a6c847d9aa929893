"""The grid of Zoetmulder 2022: which source models there are, and which targets they are fine-tuned for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from TransferSegLib.core.card import Task
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.studies.grid import Pretraining, Study, StudyData, StudySource

# §3.1: what the source models learn from (T1-weighted heads, natural images, all of ImageNet), and the three targets.
T1W, NATURAL, IMAGENET = "t1w", "natural", "imagenet"
STROKE, MS, ANATOMY = "stroke", "ms", "anatomy"
TRANSFER = "encoder-transfer"
SIZES = tuple(range(10, 101, 10))
SLICE_DICE, SLICE_IOU = "slice_dice", "slice_iou"


@dataclass(frozen=True)
class SourceTask:
    """A source model of the paper.

    Attributes:
        name: Its name in the study.
        title: What it is called in tables.
        domain: The data set that it is trained on.
        task: What it learns there.
    """

    name: str
    title: str
    domain: str
    task: Task


SOURCES = (
    SourceTask("t1w-segmentation", "Segmentation", T1W, "segmentation"),
    SourceTask("t1w-autoencoding", "Self-Supervised", T1W, "autoencoding"),
    SourceTask("t1w-classification", "Classification", T1W, "classification"),
    SourceTask("natural-segmentation", "Segmentation", NATURAL, "segmentation"),
    SourceTask("natural-autoencoding", "Self-Supervised", NATURAL, "autoencoding"),
    SourceTask("natural-classification", "Classification", NATURAL, "classification"),
    SourceTask("imagenet", "ImageNet Classification", IMAGENET, "classification"),
)
EQUAL = tuple(one for one in SOURCES if one.domain == T1W)
UNEQUAL = tuple(one for one in SOURCES if one.domain == NATURAL)
BEST_EQUAL, WHOLE_IMAGENET = SOURCES[0], SOURCES[-1]
# Photographs have no Hounsfield units, and neither have the T1-weighted targets: so the same for whatever stands for them.
_AS_PHOTOGRAPHS: Mapping[str, object] = {"normalisation": "min-max", "clip_percentiles": [1, 99]}


def paper_grid(
    cases: Mapping[str, int],
    splits: Mapping[str, tuple[int, int]],
    voxels: tuple[int, int, int],
    network: str,
    sizes: Sequence[int],
    draws: int,
    epochs: Mapping[str, int] | None,
    training: Mapping[str, object],
    pretraining: Mapping[Task, Mapping[str, object]],
    lesion_volume: str,
) -> Study:
    """Figure 3: stroke lesions over sizes and draws. Tables 1 and 2, figure 4: brain anatomy and MS lesions with all cases.

    Args:
        cases: The number of made-up cases of each data set.
        splits: Of the targets, how many cases are trained on and how many are scored.
        voxels: The size of made-up images.
        network: The network.
        sizes: The fine-tuning set sizes of figure 3.
        draws: How many sets of each size.
        epochs: The epochs of each target; None where `training` has the budget.
        training: Training options beside those of the recipe.
        pretraining: Those of the source models, by their task.
        lesion_volume: The volume cut-offs of detection.
    """
    seeds = {T1W: 21, NATURAL: 22, IMAGENET: 23, STROKE: 24, MS: 25, ANATOMY: 26}
    data = {}
    for name, seed in seeds.items():
        train, test = splits.get(name, (None, None))
        data[name] = StudyData(
            phantom="ct" if name in (NATURAL, IMAGENET) else "t1w",
            cases=cases[name],
            seed=seed,
            voxels=voxels,
            lesions=name in (STROKE, MS),
            train=train,
            test=test,
        )
    sources = {
        one.name: StudySource(
            pretrain=Pretraining(
                (one.domain,),
                network,
                one.task,
                training=pretraining.get(one.task, {}),
                preprocessing={} if one.domain == T1W else _AS_PHOTOGRAPHS,
            )
        )
        for one in SOURCES
    }
    names = [one.name for one in SOURCES]
    budget = {name: {} if epochs is None else {"epochs": epochs[name]} for name in (STROKE, MS, ANATOMY)}
    return Study(
        title="Zoetmulder 2022: segmentation of T1-weighted heads from source models of other tasks and domains",
        paper="zoetmulder2022",
        data=data,
        sources=sources,
        training={"recipe": "zoetmulder2022", **training},
        preprocessing={"preprocessing": "zoetmulder2022"},
        # §4.4: components are 8-connected; overlap over 0 and 20 %; lesions of all volumes, and from 1 and 2 mL.
        lesions=LesionOptions("lesion", "0, 20 %", lesion_volume, "8"),
        grids=(
            {
                "strategy": TRANSFER,
                "source": names,
                "target": STROKE,
                "size": list(sizes),
                "draw": list(range(draws)),
                **budget[STROKE],
            },
            {"strategy": TRANSFER, "source": names, "target": MS, **budget[MS]},
            {"strategy": TRANSFER, "source": names, "target": ANATOMY, **budget[ANATOMY]},
        ),
    )


# §4.3: 200 of 304 scans with stroke lesions to train on, 20 of 30 with MS lesions, 15 of 35 of brain anatomy.
GRID = paper_grid(
    cases={T1W: 100, NATURAL: 100, IMAGENET: 1000, STROKE: 304, MS: 30, ANATOMY: 35},
    splits={STROKE: (200, 104), MS: (20, 10), ANATOMY: (15, 20)},
    voxels=(96, 96, 48),
    network="zoetmulder2022",
    sizes=SIZES,
    draws=10,
    epochs={STROKE: 30, MS: 60, ANATOMY: 300},
    training={},
    pretraining={},
    lesion_volume="0, 1, 2 mL",
)
# So few steps teach small labels only where rare classes weigh more; what the paper minimises is in the whole grid.
QUICK = paper_grid(
    cases={T1W: 6, NATURAL: 6, IMAGENET: 12, STROKE: 14, MS: 10, ANATOMY: 10},
    splits={STROKE: (8, 6), MS: (4, 6), ANATOMY: (4, 6)},
    voxels=(64, 64, 12),
    network="zoetmulder2022:channels=8-16-32-32:blocks=1-1-1-1:decoder_channels=32-32-24-16-8",
    sizes=(2, 8),
    draws=1,
    epochs=None,
    training={
        "loss": "ce-median-frequency",
        "learning_rate": 5e-3,
        "batch_size": 12,
        "steps": 120,
        "deterministic": True,
    },
    # A step of auto-encoding takes ten times as long, for its discriminator sees whole slices.
    pretraining={"segmentation": {"steps": 160}, "autoencoding": {"steps": 16}, "classification": {"steps": 80}},
    lesion_volume="0, 1, 2 mL",
)
