"""Make the source models that ship, from public data and from the phantom, with the commands that everyone has.

    python Resources/make_source_models.py [NAME …] [--folds K] [--work FOLDER]
    python Resources/make_source_models.py --scores build/benchmarks/robustness.json

The second puts the recipes' words and what benchmarks/robustness.py measured on the cards that ship, and trains nothing.

`hippocampus-t1w` and `hippocampus-robust` need Task04_Hippocampus of the Medical Segmentation Decathlon under
TRANSFERSEG_DATA/data (default ../shared/data), and `heart-cine-mr` a clone of https://github.com/mshunshin/SegNetCMR there,
see `heart_data`. A job that was interrupted is gone on with. On two cores the first takes about half an hour, most of it for
its out-of-fold scores, the others five to twenty minutes each.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.card import MEAN_OVER_LABELS, CardLabel, CardNetwork, CardScore, ModelCard, read_card
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import ScoreRow, score_case
from TransferSegLib.inference.components import cleaned
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("TRANSFERSEG_DATA", HERE.parents[1] / "shared")) / "data"

HEAD_TRAINING, HEAD_TESTING, HEAD_SEED = 40, 10, 1000


def snomed(code: str, meaning: str, category: tuple[str, str]) -> dict[str, str]:
    """A terminology tag as Slicer stores it, SNOMED CT."""
    return {
        "category": f"SCT^{category[0]}^{category[1]}",
        "type": f"SCT^{code}^{meaning}",
    }


ANATOMY = ("123037004", "Anatomical Structure")
TISSUE = ("85756007", "Tissue")


@dataclass(frozen=True)
class Recipe:
    """How a model is trained, and what its card says beside what the job writes on it.

    data: the data set, made in the folder that it is given where it has to be made. preprocessing: how images are prepared
    in training. clip_percentiles: what the card clips intensities at, where that is not as they were prepared in training.
    slices_last: see `Preprocessing`. largest_component: labels of which the card keeps the largest component; then its scores
    are those with it. sample: the test case whose image ships beside the model, as `sample.nii.gz`; empty
    where there is none. phases: the end of a test case's name → the phase of the heartbeat whose scores the card has by
    themselves.
    """

    data: Callable[[Path], Path]
    network: CardNetwork
    folds: int
    training: TrainingOptions
    card: dict[str, object]
    labels: tuple[CardLabel, ...]
    preprocessing: PreprocessingOptions = field(default_factory=PreprocessingOptions)
    clip_percentiles: tuple[float, float] | None = None
    slices_last: bool = False
    largest_component: tuple[str, ...] = ()
    sample: str = ""
    phases: Mapping[str, str] = field(default_factory=dict)


def head_data(folder: Path) -> Path:
    """Phantoms in one data set whose last ones are for testing: a list beside their folder."""
    if not (folder / "phantoms" / "dataset.json").exists():
        write_phantoms(folder / "phantoms", "t1w", HEAD_TRAINING + HEAD_TESTING, HEAD_SEED)
    cases = [
        {"image": str(case.images[0]), "label": str(case.label)} for case in read_case_set(folder / "phantoms").cases
    ]
    listing = {
        "name": "head",
        "modality": "t1w",
        "labels": {"air": 1, "soft tissue": 2, "bone": 3},
        "training": cases[:HEAD_TRAINING],
        "testing": cases[HEAD_TRAINING:],
    }
    write_json(folder / "cases.json", listing, folder)
    return folder / "cases.json"


def heart_data(folder: Path) -> Path:
    """The stacks of the Sunnybrook Cardiac Data, two of each patient."""
    sys.path.insert(0, str(HERE))
    from heart_data import write_heart

    return write_heart(DATA / "SegNetCMR", folder)


HIPPOCAMPUS = (
    "Anterior and posterior hippocampus on T1-weighted MPRAGE, in a volume cropped around one hippocampus (about "
    "35×50×35 mm)."
)
PLAIN_TWIN = (
    " For T1-weighted images alone: in another contrast it finds next to nothing, where hippocampus-robust still finds it. "
    "So that the two can be compared, the known scores are, beside its own over all cases, those of a twin made in the same "
    "way from 92 of them, on the 60 others on which the twin of hippocampus-robust was scored."
)
HEAD = (
    "The three tissue classes that PET attenuation correction needs, by the squeeze-and-excitation encoder-decoder of "
    "Mecheter 2023; trained on digital phantoms, for demonstration and research."
)

HEART = (
    "The cavity of the left ventricle, papillary muscles included, in a short-axis stack of one phase of the heartbeat. Its "
    "training images have the slices with a contour alone: what it finds above the base and below the apex was not measured. "
    "At end-systole it finds too much, by 12 % in the median of the test patients and twice as much in the smallest cavity. "
    "It is a start to adapt from, no measurement. Slices are 8 mm apart. Pixels were taken to be 1.37 mm wide, because the "
    "pictures do not say it, so distances are approximate. Trained in all directions within the slices, and with a new "
    "random contrast for four in five patches. The known scores are of 15 patients that it has not seen, the largest "
    "component kept."
)

RECIPES = {
    "hippocampus-t1w": Recipe(
        lambda work: DATA / "Task04_Hippocampus",
        CardNetwork("monai-unet", {"channels": [16, 32, 64, 128], "strides": [2, 2, 2], "num_res_units": 2}),
        folds=5,
        training=TrainingOptions(steps=2000, seed=1, patch_size=(48, 64, 48)),
        card={
            "title": "Hippocampus on T1-weighted MR",
            "description": HIPPOCAMPUS + PLAIN_TWIN,
            "modality": "t1w",
            "body_part": "brain (hippocampus)",
            "trained_on": "160 of the training cases of Task04_Hippocampus, Medical Segmentation Decathlon",
            "licence": "CC-BY-SA-4.0 (as its training data)",
            "commercial_use": True,
            "citation": (
                "Antonelli M et al., The Medical Segmentation Decathlon, Nature Communications 13:4128, 2022; data from "
                "Vanderbilt University Medical Center, CC-BY-SA 4.0"
            ),
        },
        labels=(
            CardLabel(1, "Anterior", (230, 159, 0), snomed("5366008", "Hippocampus", ANATOMY)),
            CardLabel(2, "Posterior", (86, 180, 233), snomed("5366008", "Hippocampus", ANATOMY)),
        ),
    ),
    "head-t1w": Recipe(
        lambda work: head_data(work / "head-data"),
        CardNetwork("mecheter2023", {"channels": [8, 16, 32, 64], "norm": "instance"}),
        folds=0,
        training=TrainingOptions(steps=1200, seed=1),
        card={
            "title": "Air, soft tissue and bone on T1-weighted MR of the head",
            "description": HEAD,
            "modality": "t1w",
            "body_part": "head",
            "trained_on": f"{HEAD_TRAINING} T1-weighted digital head phantoms of TransferSeg",
            "licence": "CC0-1.0",
            "commercial_use": True,
            "citation": (
                "Network: Mecheter I et al., Transfer learning from T1-weighted to T2-weighted magnetic resonance sequences "
                "for brain image segmentation, CAAI Transactions on Intelligence Technology 2023, doi:10.1049/cit2.12270"
            ),
            "sample": "TransferSegHead",  # of the panel's sample data
        },
        labels=(
            CardLabel(1, "air", (86, 180, 233), snomed("15158005", "Air", ("91720002", "Body Substance")), in_3d=False),
            CardLabel(2, "soft tissue", (204, 121, 167), snomed("87784001", "Soft tissue", TISSUE)),
            CardLabel(3, "bone", (240, 228, 66), snomed("272673000", "Bone", ANATOMY)),
        ),
    ),
    "heart-cine-mr": Recipe(
        lambda work: heart_data(work / "heart-data"),
        CardNetwork("monai-unet", {"channels": [16, 32, 64, 96], "strides": [[2, 2, 1]] * 3, "num_res_units": 2}),
        folds=0,
        training=TrainingOptions(steps=5000, seed=1, patch_size=(96, 96, 8), augment="contrast+flips+turns"),
        card={
            "title": "Left ventricle on short-axis cine MR",
            "description": HEART,
            "modality": "mr",
            "body_part": "heart",
            "trained_on": (
                "60 short-axis stacks (end-diastole and end-systole) of 30 patients of the Sunnybrook Cardiac Data, as "
                "pictures of mshunshin/SegNetCMR"
            ),
            "licence": "CC0-1.0",
            "commercial_use": True,
            "citation": (
                "Radau P, Lu Y, Connelly K, Paul G, Dick AJ, Wright GA, Evaluation framework for algorithms segmenting short "
                "axis cardiac MRI, The MIDAS Journal, Cardiac MR Left Ventricle Segmentation Challenge, 2009, "
                "hdl.handle.net/10380/3070"
            ),
            "sample": "TransferSegHeart",  # of the panel's sample data
        },
        labels=(CardLabel(1, "left ventricle", (213, 94, 0), snomed("87878005", "Left ventricle of heart", ANATOMY)),),
        preprocessing=PreprocessingOptions(clip_percentiles=(1, 99), spacing="2x2x8"),
        slices_last=True,
        largest_component=("left ventricle",),
        sample="patient-43-ed",
        phases={"-ed": "end-diastole", "-es": "end-systole"},
    ),
}


ROBUST = (
    " Trained with a new random contrast, slice thickness, bias field and noise for four in five patches, so that it bears "
    "other sequences and scanners. "
)
# A few hot voxels would shift and squeeze all others. Measured with the weights that ship, 0.2 % of the voxels at 20 times
# the maximum: mean Dice of 40 hippocampi 0.802 without and 0.906 with the clip, of 4 heads in T1-weighted, T2-weighted and CT
# 0.566, 0.522 and 0.643 without, 0.894, 0.878 and 0.820 with it. Images without hot voxels, in whatever contrast, come out
# as they did to 0.0005, the twin's on 40 cases held out too, whose known scores are without the clip.
CLIP_PERCENTILES = (0.5, 99.5)
TWIN = (
    "It has seen all 160 cases, so the known scores are not its own: they come from its twin, made in the same way from 92 "
    "of them, on 60 others that were held out."
)


@dataclass(frozen=True)
class Measured:
    """Rows of benchmarks/robustness.py that belong on a card: the row's model and images → how its scores were measured."""

    model: str
    cases: int
    images: Mapping[str, str]


AS_THEY_ARE = "the twin: mean over 60 cases held out, T1-weighted"
SHIFTED = "the twin: mean over the same 60 cases in another contrast"
MEASURED = {
    "hippocampus-t1w": Measured("plain source model", 60, {"as they are": AS_THEY_ARE, "shifted": SHIFTED}),
    "hippocampus-robust": Measured(
        "source model of any contrast",
        60,
        {"as they are": AS_THEY_ARE, "shifted": SHIFTED},
    ),
    "head-robust": Measured(
        "head-robust",
        10,
        {"t2w": "mean over 10 other phantoms, T2-weighted", "ct": "mean over 10 other phantoms, CT"},
    ),
}


def robust(name: str, title: str, about: str, steps: int, scores: str) -> Recipe:
    """The recipe of `name` for a model that survives a change of contrast: the same network and data, longer.

    `about` says what it segments, `scores` what the known ones are of. Without folds, whose validation on unchanged images
    would end the training when it is best on those alone.
    """
    recipe = RECIPES[name]
    training = replace(recipe.training, augment="contrast", steps=steps)
    card = {**recipe.card, "title": title, "modality": "mr", "description": f"{about}{ROBUST}{scores}"}
    return replace(recipe, training=training, card=card, folds=0, clip_percentiles=CLIP_PERCENTILES)


RECIPES |= {
    "hippocampus-robust": robust("hippocampus-t1w", "Hippocampus on MR of any contrast", HIPPOCAMPUS, 9000, TWIN),
    "head-robust": robust(
        "head-t1w",
        "Air, soft tissue and bone on MR of any contrast of the head",
        HEAD,
        4000,
        "It is for MR: on CT the model head-t1w, which has seen T1-weighted images alone, is better (mean Dice 0.852 against "
        "0.832). The known scores are of phantoms that it has not seen.",
    ),
}


def make(name: str, work: Path, folds: int | None) -> ModelCard:
    """Train one model, or go on with it, and put card and weights under `SourceModels`; `folds` in place of the recipe's."""
    recipe = RECIPES[name]
    data = recipe.data(work)
    job = work / name
    if not (job / "job.json").exists():
        JobFolder.create(job, job_spec(name, data, folds))
    printer = ProgressPrinter()
    run_job(job, printer)
    printer.close()
    card = in_its_words(replace(read_card(job / "model"), name=name))
    if recipe.largest_component:
        rows = scores_of_tests(card, data, job / "segmentations" / "scratch")
        scores = [*mean_scores(rows, "mean over cases, separate test cases"), *scores_of_phases(recipe.phases, rows)]
        card = replace(card, scores=tuple(scores))
    target = HERE / "SourceModels" / name
    shutil.copytree(job / "model", target, dirs_exist_ok=True)
    write_json(target / "card.json", card, target)
    if recipe.sample:
        [image] = next(case.images for case in read_case_set(data).cases if case.name == recipe.sample)
        shutil.copyfile(image, target / "sample.nii.gz")
    return card


def job_spec(name: str, data: Path, folds: int | None = None) -> JobSpec:
    """The job that trains the model `name` on a data set; `folds` in place of the recipe's."""
    recipe = RECIPES[name]
    return JobSpec(
        JOB_FORMAT,
        "pretrain",
        target=str(data.absolute()),
        strategies=(StrategyChoice("scratch"),),
        network=recipe.network,
        preprocessing=recipe.preprocessing,
        folds=recipe.folds if folds is None else folds,
        training=recipe.training,
        title=name,
    )


def scores_of_tests(card: ModelCard, data: Path, folder: Path) -> list[ScoreRow]:
    """Score the segmentations of the test cases in a job's folder, once they are as `segment` leaves them."""
    names = dict(enumerate(card.label_names, start=1))
    rows = []
    for case in read_case_set(data).with_role("test"):
        assert case.label is not None
        reference, found = read_labels(case.label), read_labels(folder / f"{case.name}.nii.gz")
        left = cleaned(found.array, card.label_names, card.inference)
        rows += score_case(case.name, reference.array, left, reference.grid, names)
    return rows


def scores_of_phases(phases: Mapping[str, str], rows: Sequence[ScoreRow]) -> list[CardScore]:
    """The mean scores in the cases of each phase; `phases` as a recipe has them."""
    found = []
    for ending, phase in phases.items():
        of_phase = [row for row in rows if row.case.endswith(ending)]
        found += mean_scores(of_phase, f"mean over {len({row.case for row in of_phase})} patients, {phase}")
    return found


def mean_scores(rows: Sequence[ScoreRow], how: str) -> list[CardScore]:
    """The mean scores of each label, and over the labels, as cards have them."""
    names = dict.fromkeys(row.label_name for row in rows)
    parts = [(name, [row for row in rows if row.label_name == name]) for name in names]
    return [
        CardScore(
            name,
            _mean([row.scores["dice"] for row in part]),
            _mean([row.scores["hd95_mm"] for row in part]),
            len({row.case for row in part}),
            how,
        )
        for name, part in [*parts, (MEAN_OVER_LABELS, rows)]
    ]


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean of what applies, as cards have it; None where nothing does."""
    known = [value for value in values if value is not None]
    return round(statistics.mean(known), 4) if known else None


def in_its_words(card: ModelCard) -> ModelCard:
    """The card with all that its recipe says."""
    recipe = RECIPES[card.name]
    preprocessing = replace(card.preprocessing, slices_last=recipe.slices_last)
    if recipe.clip_percentiles is not None:
        preprocessing = replace(preprocessing, clip_percentiles=recipe.clip_percentiles)
    inference = card.inference
    if recipe.largest_component:
        inference = replace(inference, largest_component=recipe.largest_component)
    return replace(card, labels=recipe.labels, preprocessing=preprocessing, inference=inference, **recipe.card)


def with_measured(card: ModelCard, rows: Sequence[Mapping[str, Any]]) -> ModelCard:
    """The card with what the benchmark's `rows` say of it beside the scores that its job put there."""
    measured = MEASURED[card.name]
    scores = [score for score in card.scores if score.how not in measured.images.values()]
    for row in rows:
        if row["model"] != measured.model or row["images"] not in measured.images:
            continue
        how = measured.images[row["images"]]
        tissues = {**(row["tissues"] or {}), "mean over labels": row["dice"]}
        hd95_mm = None if row["hd95_mm"] is None else round(row["hd95_mm"], 4)
        scores += [CardScore(name, round(dice, 4), hd95_mm, measured.cases, how) for name, dice in tissues.items()]
    return replace(in_its_words(card), scores=tuple(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(RECIPES)} (default: all)")
    parser.add_argument("--work", type=Path, default=Path("build/source-models"), help="where the jobs are")
    parser.add_argument(
        "--folds", type=int, metavar="K", help="of the out-of-fold scores; 0: none (default: the recipe's)"
    )
    parser.add_argument(
        "--scores", type=Path, metavar="FILE", help="what benchmarks/robustness.py measured, for the cards"
    )
    arguments = parser.parse_args()
    if arguments.scores:
        rows = read_json(arguments.scores)["details"]
        for name in MEASURED:
            folder = HERE / "SourceModels" / name
            write_json(folder / "card.json", with_measured(read_card(folder), rows), folder)
        return
    for name in arguments.names or RECIPES:
        if name not in RECIPES:
            parser.error(f"{name}: not one of {', '.join(RECIPES)}")
        for score in make(name, arguments.work.absolute(), arguments.folds).scores:
            print(
                f"{name}: {score.label}: Dice {score.dice}, HD95 {score.hd95_mm} mm ({score.cases} cases, {score.how})"
            )


if __name__ == "__main__":
    main()
