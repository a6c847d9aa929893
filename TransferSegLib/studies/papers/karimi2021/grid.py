"""The grid of Karimi 2021: which data sets, sources and trainings its tables and figures are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.studies.grid import NO_SOURCE, Pretraining, Study, StudyData, StudySource

# The data sets of table 1, by the names that the text uses.
CENTERS = ("center-1", "center-2", "center-3", "center-4")
POOR_CENTER, TUMOURS = "center-5", "tumours"
LIVER_MRI, LIVER_CT, CT_ORGANS, PANCREAS = "liver-mri", "liver-ct", "ct-organs", "pancreas"
NEWBORN, YOUNGER, OLDER, HIPPOCAMPUS = "newborn", "younger-fetus", "older-fetus", "hippocampus"
WHOLE_BRAIN = "whole-brain"
# The source model of all four centres; the others have the names of their data sets.
POOL = "four-centers"
OPEN, SCRATCH, RANDOM_ENCODER = "open", "scratch", "random-encoder"
ENCODER, ENCODER_AND_HEAD = "conservative:part=encoder", "conservative:part=encoder+head"
# Name of a network → what the paper calls it.
NETWORKS: Mapping[str, str] = {
    "karimi2021": "Figure 1",
    "hrnet": "HRNet",
    "unetplusplus": "UNet++",
    "tiramisu": "Tiramisu",
    "autofocus": "Autofocus",
}
MAIN = "karimi2021"
DICE, HD95, ASSD = "dice", "hd95_mm", "assd_mm"


def brain_source(size: int) -> str:
    """The name of the source model of so many whole brains (table 7)."""
    return f"{WHOLE_BRAIN}-{size}"


def paper_grid(
    cases: Mapping[str, int],
    voxels: tuple[int, int, int],
    validation: int,
    tests: Mapping[str, int],
    centers: Sequence[str],
    networks: Sequence[str],
    filters_of: str,
    sizes: Mapping[str, Sequence[int]],
    few_of_center: int,
    brains: Sequence[int],
    seeds: int,
    snapshots: int,
    training: Mapping[str, object],
    pretraining: Mapping[str, object],
) -> Study:
    """The experiments of §3.1 to 3.7 as one grid.

    Args:
        cases: The number of made-up cases of each data set.
        voxels: Their size.
        validation: How many cases of each data set are validated on.
        tests: Data set → how many of its cases are kept for a test.
        centers: The centres that source models come from.
        networks: The networks; the first is that of figure 1, which the analysis of representations is about.
        filters_of: The network of figure 9.
        sizes: Target → the numbers of training cases of its table, the largest first.
        few_of_center: How many scans of a centre table 6 has in its lower rows.
        brains: The numbers of source cases of table 7.
        seeds: How many networks of each kind table 8 compares.
        snapshots: How many snapshots are kept of the trainings that are looked into.
        training: Training options beside those of the recipe.
        pretraining: Those of the source models.
    """
    main, others = networks[0], list(networks[1:])
    kept = {"network": main, "snapshots": snapshots}
    seed = list(range(seeds))
    names = (*centers, POOR_CENTER, TUMOURS, LIVER_MRI, LIVER_CT, CT_ORGANS, PANCREAS, NEWBORN, YOUNGER, OLDER)
    names += (HIPPOCAMPUS, WHOLE_BRAIN)
    lesions = (*centers, POOR_CENTER, TUMOURS)
    data = {
        name: StudyData(
            phantom=_shows(name),
            cases=cases[name],
            seed=40 + number,
            voxels=voxels,
            lesions=name in lesions,
            validation=validation,
            test=tests[name],
        )
        for number, name in enumerate(names)
    }

    def source(*of: str, size: int | None = None, follows: tuple[str, ...] = ()) -> StudySource:
        return StudySource(pretrain=Pretraining(of, size=size, training=pretraining, follows=follows))

    sources = {name: source(name) for name in (*centers, TUMOURS, LIVER_MRI, CT_ORGANS, HIPPOCAMPUS)}
    # §3.7: each of the networks of table 8 began from another model.
    sources |= {NEWBORN: source(NEWBORN, follows=("seed",)), POOL: source(*centers)}
    sources |= {brain_source(size): source(WHOLE_BRAIN, size=size) for size in brains}

    def both(source_name: str, target: str, **more: Any) -> list[dict[str, Any]]:
        return [
            {"strategy": OPEN, "source": source_name, "target": target, **more},
            {"strategy": SCRATCH, "source": NO_SOURCE, "target": target, **more},
        ]

    some = [name for name in others if name.split(":")[0] in ("unetplusplus", "tiramisu")]
    grids: list[dict[str, Any]] = [
        # Table 2, and figure 8.
        {"strategy": OPEN, "source": [*centers, POOL], "target": POOR_CENTER, "network": list(networks)},
        *both(TUMOURS, POOR_CENTER, **kept),
        # Table 3, and figures 3 and 7.
        *both(LIVER_MRI, LIVER_CT, size=sizes[LIVER_CT][0], **kept),
        *both(LIVER_MRI, LIVER_CT, size=list(sizes[LIVER_CT][1:]), network=main),
        # Table 4, and figures 5 and 6; table 8 compares several of the networks with each other.
        *both(NEWBORN, YOUNGER, size=sizes[YOUNGER][0], seed=seed, **kept),
        *both(NEWBORN, YOUNGER, size=list(sizes[YOUNGER][1:]), network=main),
        *both(NEWBORN, OLDER, size=list(sizes[OLDER]), network=main),
        # Table 5.
        *both(CT_ORGANS, PANCREAS, size=list(sizes[PANCREAS]), network=list(networks)),
        # Table 6.
        *both(TUMOURS, POOR_CENTER, size=few_of_center, network=main),
        # Table 7, and figure 10.
        *({**both(brain_source(n), NEWBORN, size=list(sizes[NEWBORN]), network=main)[0]} for n in brains),
        {"strategy": SCRATCH, "source": NO_SOURCE, "target": NEWBORN, "size": sizes[NEWBORN][0], **kept},
        {
            "strategy": SCRATCH,
            "source": NO_SOURCE,
            "target": NEWBORN,
            "size": list(sizes[NEWBORN][1:]),
            "network": main,
        },
        # Table 9: the other two transfers.
        {"strategy": OPEN, "source": CT_ORGANS, "target": LIVER_CT, "size": sizes[LIVER_CT][0], **kept},
        {"strategy": OPEN, "source": HIPPOCAMPUS, "target": YOUNGER, "size": sizes[YOUNGER][0], **kept},
        # Figure 9.
        {"strategy": SCRATCH, "source": NO_SOURCE, "target": LIVER_CT, "network": filters_of, "snapshots": 2},
        # Figure 11 and §3.7: a random encoder, and the encoder alone.
        _parts(RANDOM_ENCODER, LIVER_MRI, LIVER_CT, sizes, main),
        _parts(RANDOM_ENCODER, NEWBORN, YOUNGER, sizes, main),
        _parts([ENCODER, ENCODER_AND_HEAD], LIVER_MRI, LIVER_CT, sizes, main),
        _parts(ENCODER_AND_HEAD, NEWBORN, YOUNGER, sizes, main),
        _parts(ENCODER_AND_HEAD, HIPPOCAMPUS, YOUNGER, sizes, main),
    ]
    if others:
        grids += [
            {"strategy": SCRATCH, "source": NO_SOURCE, "target": POOR_CENTER, "network": others},
            *both(LIVER_MRI, LIVER_CT, size=list(sizes[LIVER_CT]), network=others),
        ]
    if some:
        grids += [
            *both(NEWBORN, YOUNGER, size=list(sizes[YOUNGER]), network=some[:1]),
            *both(NEWBORN, OLDER, size=list(sizes[OLDER]), network=some[:1]),
            *both(TUMOURS, POOR_CENTER, network=some),
            *both(TUMOURS, POOR_CENTER, size=few_of_center, network=some),
        ]
        for center in centers:
            grids += both(TUMOURS, center, network=[main, *some])
            grids += both(TUMOURS, center, size=few_of_center, network=[main, *some])
    return Study(
        title="Karimi 2021: transfer learning against random initialisation, and what it does to the networks",
        paper="karimi2021",
        data=data,
        sources=sources,
        training={"recipe": "karimi2021", **training},
        preprocessing={"preprocessing": "karimi2021"},
        # The lesion-count F1 of tables 2 and 6; the paper names no cut-off.
        lesions=LesionOptions("lesion", "0 %", "0 mL"),
        grids=tuple(grids),
    )


def _parts(
    strategy: str | list[str], source: str, target: str, sizes: Mapping[str, Sequence[int]], main: str
) -> dict[str, Any]:
    return {"strategy": strategy, "source": source, "target": target, "size": sizes[target][0], "network": main}


def _shows(name: str) -> Literal["t1w", "t2w", "ct"]:
    """What made-up heads show in place of a data set: its own modality, as far as there is a phantom of it."""
    if name in (LIVER_CT, CT_ORGANS, PANCREAS):
        return "ct"
    return "t2w" if name in (NEWBORN, YOUNGER, OLDER, TUMOURS) else "t1w"


# Table 1 has the sizes of the data sets; here they are as large as is needed to train on as many cases as the tables say.
_CASES = {
    **dict.fromkeys((*CENTERS, POOR_CENTER), 33),
    TUMOURS: 100,
    LIVER_MRI: 60,
    LIVER_CT: 24,
    CT_ORGANS: 100,
    PANCREAS: 218,
    NEWBORN: 560,
    YOUNGER: 27,
    OLDER: 18,
    HIPPOCAMPUS: 100,
    WHOLE_BRAIN: 2510,
}
# §2.1: 30 % of the cases for a test; with fewer than six no claim can be judged. §3.5: 108 newborns. The whole brains are a
# source alone.
_TESTS = {name: max(6, round(0.3 * count)) for name, count in _CASES.items()} | {NEWBORN: 108, WHOLE_BRAIN: 8}
GRID = paper_grid(
    cases=_CASES,
    voxels=(96, 96, 48),
    validation=2,
    tests=_TESTS,
    centers=CENTERS,
    networks=tuple(NETWORKS),
    filters_of="vnet",
    sizes={LIVER_CT: (15, 6), YOUNGER: (16, 5), OLDER: (10, 5), PANCREAS: (150, 15), NEWBORN: (450, 150, 50)},
    few_of_center=3,
    brains=(50, 250, 2500),
    seeds=10,
    snapshots=20,
    training={},
    pretraining={},
)
# So few steps teach something only at a higher rate and where rare classes weigh more; the whole grid has the paper's.
QUICK = paper_grid(
    cases=dict.fromkeys(_CASES, 11),
    voxels=(24, 32, 16),
    validation=1,
    tests=dict.fromkeys(_CASES, 6),
    centers=CENTERS[:2],
    networks=("karimi2021:channels=4",),
    filters_of="unetplusplus:features=4-4-8-8-16-4:deep_supervision=false",
    sizes=dict.fromkeys((LIVER_CT, YOUNGER, OLDER, PANCREAS, NEWBORN), (4, 2)),
    few_of_center=2,
    brains=(2, 4),
    seeds=2,
    snapshots=5,
    training={"loss": "ce-median-frequency", "learning_rate": 3e-3, "steps": 16, "deterministic": True},
    pretraining={"steps": 40},
)
