"""The grid of Hossain 2023: which trainings its tables and figures are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from TransferSegLib.studies.grid import NO_SOURCE, Pretraining, Study, StudyData, StudySource

RATS, MICE, RAT_MODEL = "rats", "mice", "model-of-rats"
PARTIAL, FULL, SCRATCH = "conservative:part=decoder", "open", "scratch"
SIZES = (8, 16, 24, 32, 40)
WITHOUT, WITH = "none", "translation"
# Name of a network → what the paper calls it.
NETWORKS: Mapping[str, str] = {"monai-unet": "3D UNet", "dynunet": "DynUnet", "unetr": "UNetR"}
DICE, HD95 = "dice", "hd95_mm"
# §3.1.2: as many cases from each of eight bins of the lesion's volume.
BINS: Mapping[str, Any] = {"draw_by_volume_of": "lesion", "bins": 8}


def paper_grid(
    cases: tuple[int, int],
    voxels: tuple[tuple[int, int, int], tuple[int, int, int]],
    splits: tuple[Mapping[str, Any], Mapping[str, Any]],
    source_network: str,
    networks: Sequence[str],
    sizes: Sequence[int],
    draws: int,
    training: Mapping[str, object],
    pretraining: Mapping[str, object],
) -> Study:
    """Tables 4.2 and 4.3 over sizes, Table 4.1 from scratch with all cases, and the UNet of §4.4 with fewer."""
    draw = list(range(draws))
    augment = [WITHOUT, WITH]
    scratch = {"strategy": SCRATCH, "source": NO_SOURCE, "target": MICE}
    return Study(
        title="Hossain 2023: lesions of mice from a model of rats",
        paper="hossain2023",
        data={
            RATS: StudyData(phantom="t2w", cases=cases[0], seed=11, voxels=voxels[0], lesions=True, **splits[0]),
            MICE: StudyData(phantom="t2w", cases=cases[1], seed=12, voxels=voxels[1], lesions=True, **splits[1]),
        },
        sources={RAT_MODEL: StudySource(pretrain=Pretraining((RATS,), source_network, training=pretraining))},
        training={"recipe": "hossain2023", **training},
        preprocessing={"preprocessing": "hossain2023"},
        grids=(
            {
                "strategy": [PARTIAL, FULL],
                "source": RAT_MODEL,
                "target": MICE,
                "size": list(sizes),
                "augment": augment,
                "draw": draw,
            },
            {**scratch, "network": list(networks), "augment": augment},
            {**scratch, "network": networks[0], "augment": WITH, "size": max(sizes), "draw": draw},
        ),
    )


# The made-up rats have thicker slices than the mice, as the paper's have (1 mm and 0.5 mm, §3.1).
GRID = paper_grid(
    cases=(40, 80),
    voxels=((96, 96, 32), (96, 96, 48)),
    splits=({"validation": 4, "test": 4}, {"validation": 10, "test": 20, **BINS}),
    source_network="ratlesnetv2",
    networks=("monai-unet", "dynunet", "unetr:img_size=96-96-48"),
    sizes=SIZES,
    draws=1,
    training={},
    pretraining={},
)
# So few steps teach lesions only where rare classes weigh more; what the paper minimises is in the whole grid.
QUICK = paper_grid(
    cases=(6, 16),
    voxels=((32, 40, 12), (32, 40, 16)),
    splits=({"validation": 1, "test": 1}, {"validation": 1, "test": 8, **BINS}),
    source_network="ratlesnetv2:filters=6",
    networks=(
        "monai-unet:channels=8-16-32:strides=2-2",
        "dynunet:filters=4-8-16:deep_supervision=false",
        "unetr:img_size=32-32-16:feature_size=4:hidden_size=24:mlp_dim=48:num_heads=4",
    ),
    sizes=(2, 6),
    draws=1,
    training={"loss": "ce-median-frequency", "learning_rate": 5e-3, "steps": 60, "deterministic": True},
    pretraining={"steps": 400},
)
