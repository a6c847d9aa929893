"""The grid of Mecheter 2023: which trainings its tables and figures are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from TransferSegLib.studies.grid import Pretraining, Study, StudyData, StudySource

TISSUES = ("bone", "soft tissue", "air")
METRICS = ("precision", "recall", "dice", "jaccard")
LAYERS = (0, 3, 6, 9, 12, 15, 18)
FUSIONS = ("concatenate", "multiply", "average", "maximum")
FUSION_TITLES = {"concatenate": "concatenation", "multiply": "multiplication"}
T1W, T2W = "t1w", "t2w"
OF_T1W, OF_BOTH = "model-of-t1w", "model-of-t1w-and-t2w"
BONE, SOFT, AIR = TISSUES
DICE = "dice"


def paper_grid(
    cases: tuple[int, int],
    voxels: tuple[int, int, int],
    splits: tuple[Mapping[str, Any], Mapping[str, Any]],
    network: str,
    layers: Sequence[int],
    sizes: Sequence[int],
    training: Mapping[str, object],
    pretraining: Mapping[str, object],
) -> Study:
    """The grid of the paper: tables 3 to 8 with all patients, figure 5 with fewer, Table 9 with a model of both sequences."""
    conservative = [f"conservative:layers={number}" for number in layers]
    fold = list(range(splits[1]["folds"]))
    start = {"source": OF_T1W, "target": T2W, "fold": fold}
    return Study(
        title="Mecheter 2023: from T1-weighted to T2-weighted heads",
        paper="mecheter2023",
        data={
            T1W: StudyData(phantom="t1w", cases=cases[0], seed=1, voxels=voxels, **splits[0]),
            T2W: StudyData(phantom="t2w", cases=cases[1], seed=2, voxels=voxels, **splits[1]),
        },
        sources={
            OF_T1W: StudySource(pretrain=Pretraining((T1W,), network, training=pretraining)),
            OF_BOTH: StudySource(pretrain=Pretraining((T1W, T2W), network, training=pretraining, follows=("fold",))),
        },
        training={"recipe": "mecheter2023", **training},
        preprocessing={"preprocessing": "mecheter2023"},
        grids=(
            {
                "strategy": ["direct", "open", *conservative, *(f"hybrid:decoder=new:fusion={f}" for f in FUSIONS)],
                **start,
            },
            {"strategy": conservative, **start, "size": list(sizes)},
            {"strategy": "direct", "source": OF_BOTH, "target": T2W, "fold": fold},
            {"strategy": "direct", "source": [OF_T1W, OF_BOTH], "target": T1W},
        ),
    )


# Table 2: 30, 10 and 10 patients with T1-weighted scans. Of 15 with T2-weighted ones, 8 train, 2 validate and 5 test in a
# fold.
GRID = paper_grid(
    cases=(50, 15),
    voxels=(96, 96, 48),
    splits=({"validation": 10, "test": 10}, {"validation": 2, "folds": 3}),
    network="mecheter2023",
    layers=LAYERS,
    sizes=(2, 4, 6),
    training={},
    pretraining={},
)
# So few steps teach bone only where rare classes weigh more; what the paper minimises is in the whole grid.
QUICK = paper_grid(
    cases=(8, 10),
    voxels=(32, 40, 16),
    splits=({"validation": 1, "test": 3}, {"validation": 1, "folds": 2}),
    network="mecheter2023:channels=4-8-12-16",
    layers=(0, 3, 18),
    sizes=(2,),
    training={
        "loss": "ce-median-frequency",
        "learning_rate": 5e-3,
        "steps": 60,
        "batch_size": 1,
        "patches_per_epoch": 1,
        "deterministic": True,
    },
    pretraining={"steps": 400},
)
