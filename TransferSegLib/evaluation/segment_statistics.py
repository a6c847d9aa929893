"""Volume and intensities of the segments of a segmentation, as a table.

The numbers are those of Slicer's Segment Statistics: the volume is that of the voxels, and the standard deviation is that of
a sample (n - 1). The area of the surface is not among them: Crofton's formula, as ITK has it for label maps, is right for a
ball and was up to 44 % too small for a box of voxels of 0.7×0.7×5 mm, and the faces between marching cubes were up to 25 %
too large for a ball of such voxels. Slicer measures the smooth surface that it shows.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.core.errors import JobError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.regions import Region, covered
from TransferSegLib.core.texts import as_cell


@dataclass(frozen=True)
class SegmentStatistics:
    """What is measured of a segment.

    Attributes:
        case: The case.
        label: The name of its label.
        voxels: How many voxels it has.
        volume_ml: Their volume.
        means: The mean of the image in them, for each channel; None without a voxel.
        deviations: The standard deviation of a sample there, for each channel; None with fewer than two voxels.
    """

    case: str
    label: str
    voxels: int
    volume_ml: float
    means: tuple[float | None, ...]
    deviations: tuple[float | None, ...]


def measure_segments(
    case: str,
    classes: np.ndarray,
    grid: Grid,
    names: Sequence[str],
    images: Sequence[np.ndarray],
    regions: Sequence[Region] = (),
) -> list[SegmentStatistics]:
    """Measure each label of a segmentation.

    Args:
        case: The name of the case.
        classes: (I, J, K), 0 for background and n for the n-th label.
        grid: Where their voxels lie.
        names: The names of the labels; one that has no voxel has a volume of 0.
        images: The image of each channel, (I, J, K), in its own intensities.
        regions: The regions that the labels are, see `ModelCard.class_regions`: each has all voxels that it covers.

    Returns:
        A row a label, in the order of `names`.
    """
    inside = classes > 0
    values = classes[inside]
    counts = np.bincount(values, minlength=len(names) + 1)
    moments = [_moments(values, image[inside], counts) for image in images]
    rows = []
    for n, name in enumerate(names, start=1):
        own = list(covered(regions, n))
        voxels = int(counts[own].sum())
        together = [_together(counts[own], means[own], squares[own]) for means, squares in moments]
        rows.append(
            SegmentStatistics(
                case,
                name,
                voxels,
                voxels * grid.voxel_ml,
                tuple(mean if voxels else None for mean, _ in together),
                tuple(math.sqrt(squares / (voxels - 1)) if voxels > 1 else None for _, squares in together),
            )
        )
    return rows


def _moments(values: np.ndarray, intensities: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each class the mean, and the sum of the squared differences from it; in two passes, so that no digits are lost."""
    intensities = intensities.astype(np.float64)
    some = np.maximum(counts, 1)
    means = np.bincount(values, intensities, minlength=len(counts)) / some
    return means, np.bincount(values, (intensities - means[values]) ** 2, minlength=len(counts))


def _together(counts: np.ndarray, means: np.ndarray, squares: np.ndarray) -> tuple[float, float]:
    """Mean and sum of squared differences of several groups of voxels as one (Chan, Golub and LeVeque 1983)."""
    mean = float((counts * means).sum() / max(1, counts.sum()))
    return mean, float((squares + counts * (means - mean) ** 2).sum())


def write_statistics(path: Path, rows: Sequence[SegmentStatistics], channels: Sequence[str]) -> None:
    """Write a table: a line a case and label, and columns with the unit in their names.

    Args:
        path: A .csv file.
        rows: What was measured.
        channels: The names of the channels: with several, each has a column of means and one of deviations.

    Raises:
        JobError: It cannot be written.
    """
    ends = [""] if len(channels) == 1 else [f"_{as_cell(name)}" for name in channels]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(
                ["case", "label", "voxels", "volume_ml", *(f"{what}{end}" for end in ends for what in ("mean", "sd"))]
            )
            for row in rows:
                pairs = zip(row.means, row.deviations, strict=True)
                numbers = ["" if value is None else f"{value:.6g}" for pair in pairs for value in pair]
                table.writerow([as_cell(row.case), as_cell(row.label), row.voxels, f"{row.volume_ml:.6g}", *numbers])
    except OSError as error:
        raise JobError(
            "statistics-not-written",
            "{path}: the table of volumes and intensities cannot be written ({reason}); choose another file.",
            path=path,
            reason=error.strerror or str(error),
        ) from None
