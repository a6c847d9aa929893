"""Tissue classes by thresholds in HU (Mecheter et al. 2020, §II-C; 2023, §3.2).

"Hounsfield values which are greater than 600 HU are labeled as bone, lower than -500 HU are labeled as air, otherwise are
labeled as soft tissue." Air is the air around the head, too: the papers score it so (Dice 0.98, more voxels than bone). The
bed of the scanner is made air before.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file

BONE_ABOVE_HU = 600.0
AIR_BELOW_HU = -500.0
AIR_HU = -1000.0
# What a voxel has where the CT shows nothing: lower than any scanner writes.
UNKNOWN_HU = -2000.0
COLUMNS = ("value", "name", "above", "below")


@dataclass(frozen=True)
class TissueClass:
    """A class of tissue.

    Attributes:
        value: Its value in label files, 1 or more.
        name: Its name.
        above_hu: Voxels must be above this; None for no bound.
        below_hu: Voxels must be below this; None for no bound.
    """

    value: int
    name: str
    above_hu: float | None = None
    below_hu: float | None = None


def mecheter_classes(bone_hu: float = BONE_ABOVE_HU, air_hu: float = AIR_BELOW_HU) -> tuple[TissueClass, ...]:
    """Return the three classes of the papers: 1 air, 2 soft tissue, 3 bone.

    Args:
        bone_hu: Bone is above this, in Hounsfield units.
        air_hu: Air is below this, in Hounsfield units.

    Returns:
        The classes in the order in which they are looked up.

    Raises:
        InputError: The threshold of bone is not above that of air.
    """
    if not bone_hu > air_hu:
        raise InputError(
            "hu-thresholds",
            "bone above {bone:g} HU and air below {air:g} HU: bone must begin above air; give {bone_flag} the larger value.",
            bone=bone_hu,
            air=air_hu,
            bone_flag="--bone",
        )
    return (
        TissueClass(1, "air", below_hu=air_hu),
        TissueClass(3, "bone", above_hu=bone_hu),
        TissueClass(2, "soft tissue"),
    )


def read_classes(path: Path) -> tuple[TissueClass, ...]:
    """Read classes from a table (.csv) with the columns value, name, above, below; the first that fits a voxel gets it.

    Raises:
        InputError: There is no such file, or it is no such table.
    """
    require_file(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise InputError(
            "classes-columns",
            "{path}: is no table of classes; it needs the columns {columns}, and a row a class.",
            path=path,
            columns=COLUMNS,
        )
    classes = tuple(_class_of(path, number, row) for number, row in enumerate(rows, 2))
    for of_names, found in ((False, [c.value for c in classes]), (True, [c.name for c in classes])):
        if len(set(found)) < len(found):
            raise InputError(
                "classes-twice",
                "{path}: two classes have the same {of_names:?name|value}; give each its own.",
                path=path,
                of_names=of_names,
            )
    return classes


def _class_of(path: Path, number: int, row: dict[str, str | None]) -> TissueClass:
    texts = {column: (row[column] or "").strip() for column in COLUMNS}
    try:
        bounds = [float(texts[column]) if texts[column] else None for column in ("above", "below")]
        value = int(texts["value"])
    except ValueError:
        bounds, value = [math.nan], 0
    if value < 1 or value > 255 or not texts["name"] or any(b is not None and not math.isfinite(b) for b in bounds):
        raise InputError(
            "classes-row",
            "{path}, line {line}: needs a value from 1 to 255, a name, and numbers (HU) or nothing for above and below.",
            path=path,
            line=number,
        )
    return TissueClass(value, texts["name"], *bounds)


def classify(hounsfield: np.ndarray, classes: Sequence[TissueClass]) -> np.ndarray:
    """Label voxels by their HU.

    Args:
        hounsfield: HU; `UNKNOWN_HU` where nothing is known.
        classes: The classes; a voxel gets the first that it fits.

    Returns:
        The values, uint8; 0 where nothing is known or no class fits.
    """
    labels = np.zeros(hounsfield.shape, np.uint8)
    free = hounsfield > UNKNOWN_HU
    for tissue in classes:
        fits = free.copy()
        if tissue.above_hu is not None:
            fits &= hounsfield > tissue.above_hu
        if tissue.below_hu is not None:
            fits &= hounsfield < tissue.below_hu
        labels[fits] = tissue.value
        free &= ~fits
    return labels
