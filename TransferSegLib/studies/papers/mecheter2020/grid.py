"""The grid of Mecheter 2020: which trainings its tables are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from TransferSegLib.studies.grid import Pretraining, Study, StudyData, StudySource

TISSUES = ("air", "soft tissue", "bone")
METRICS = ("precision", "recall", "dice", "jaccard")
AIR, SOFT, BONE = TISSUES
DICE = "dice"
T1W, T2W = "t1w", "t2w"
PROPOSED, OTHER = "segnet", "segnet-trained-otherwise"
LAYERS = (2, 4, 6, 8)
DECODER = "conservative:part=decoder"


def paper_grid(
    cases: tuple[int, int],
    voxels: tuple[int, int, int],
    network: str,
    layers: Sequence[int],
    smoothing_mm: float,
    training: Mapping[str, object],
    pretraining: Mapping[str, object],
) -> Study:
    """Tables I and II: SegNet of T1-weighted heads in two folds. Table III: adapted to T2-weighted ones, likewise."""
    fold = [0, 1]
    tuned = [f"conservative:layers={number}" for number in layers]
    data = {
        T1W: StudyData(phantom="t1w", cases=cases[0], seed=1, voxels=voxels, folds=2),
        T2W: StudyData(phantom="t2w", cases=cases[1], seed=2, voxels=voxels, folds=2),
    }
    own = Pretraining((T1W,), network, training=pretraining, follows=("fold",))
    otherwise = Pretraining((T1W,), network, training={**pretraining, "recipe": "default"}, follows=("fold",))
    return Study(
        title="Mecheter 2020: SegNet from T1-weighted to T2-weighted heads",
        paper="mecheter2020",
        data=data,
        sources={PROPOSED: StudySource(pretrain=own), OTHER: StudySource(pretrain=otherwise)},
        training={"recipe": "mecheter2020", **training},
        preprocessing={"preprocessing": "mecheter2020"},
        grids=(
            {"strategy": "direct", "source": [PROPOSED, OTHER], "target": T1W, "fold": fold},
            {"strategy": "direct", "source": OTHER, "target": T1W, "fold": fold, "smoothing_mm": smoothing_mm},
            {"strategy": ["direct", *tuned, DECODER], "source": PROPOSED, "target": T2W, "fold": fold},
        ),
    )


# §II-A: 50 patients with T1-weighted scans and 14 with T2-weighted ones; §III-A: two folds.
GRID = paper_grid(
    cases=(50, 14), voxels=(96, 96, 48), network="segnet", layers=LAYERS, smoothing_mm=3.0, training={}, pretraining={}
)
# So few steps teach bone only where rare classes weigh more; what the paper minimises is in the whole grid.
QUICK = paper_grid(
    cases=(8, 8),
    voxels=(32, 40, 16),
    network="segnet:channels=8-16-16-16:layers=2-2-3-3:dropout=0.2",
    layers=LAYERS,
    smoothing_mm=8.0,
    training={"loss": "ce-median-frequency", "learning_rate": 3e-3, "steps": 40, "deterministic": True},
    pretraining={"steps": 300},
)
