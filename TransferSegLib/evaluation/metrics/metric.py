"""What a metric is: its declaration, and the pair of masks that it is measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.surface import SurfaceDistances, bounding_box, surface_distances

DEFAULT_TOLERANCE_MM = 1.0


@dataclass(frozen=True, eq=False)
class SliceVoxels:
    """How many voxels two masks have in each axial slice.

    Attributes:
        reference: (slices,), of the reference.
        predicted: (slices,), of the prediction.
        common: (slices,), of both.
    """

    reference: np.ndarray
    predicted: np.ndarray
    common: np.ndarray


@dataclass(frozen=True, eq=False)
class MaskPair:
    """A reference and a prediction on one grid, and what several metrics need of them, computed once.

    Attributes:
        reference: The reference mask, (I, J, K), bool, over the whole image.
        prediction: The predicted mask, (I, J, K), bool.
        grid: The grid of both.
        tolerance_mm: The distance within which the surface Dice takes two surfaces as equal.
        known: Where it is known what is right, (I, J, K), bool, outside of which both masks are empty; None for everywhere.
    """

    reference: np.ndarray
    prediction: np.ndarray
    grid: Grid
    tolerance_mm: float = DEFAULT_TOLERANCE_MM
    known: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.reference.shape != self.prediction.shape:
            raise ValueError(f"masks of one shape expected, found {self.reference.shape} and {self.prediction.shape}")

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """The distance from voxel to voxel along each axis."""
        return self.grid.spacing_mm

    @cached_property
    def reference_voxels(self) -> int:
        """The number of voxels of the reference."""
        return int(np.count_nonzero(self.reference))

    @cached_property
    def predicted_voxels(self) -> int:
        """The number of voxels of the prediction."""
        return int(np.count_nonzero(self.prediction))

    @cached_property
    def common_voxels(self) -> int:
        """The number of voxels that are in both masks."""
        return int(np.count_nonzero(self.reference & self.prediction))

    @cached_property
    def in_box(self) -> tuple[np.ndarray, np.ndarray]:
        """Both masks in the smallest box around their voxels, which is of no size where there are none."""
        if self.both_empty:
            return self.reference[:0, :0, :0], self.prediction[:0, :0, :0]
        box = bounding_box(self.reference | self.prediction)
        return self.reference[box], self.prediction[box]

    @cached_property
    def slices(self) -> SliceVoxels:
        """The voxels of each axial slice; slices lie across the axis of the array that runs nearest to up."""
        across = self.grid.axes_to_ras()[0][2]
        within = tuple(axis for axis in range(3) if axis != across)
        reference, predicted = self.in_box
        masks = (reference, predicted, reference & predicted)
        return SliceVoxels(*(np.count_nonzero(mask, axis=within) for mask in masks))

    @cached_property
    def distances(self) -> SurfaceDistances:
        """The distances between the surfaces of the two masks, neither of which may be empty."""
        if self.known is None:
            return surface_distances(*self.in_box, self.grid)
        return surface_distances(self.reference, self.prediction, self.grid, self.known)

    @property
    def both_empty(self) -> bool:
        """Whether nothing was to be found and nothing was found."""
        return self.reference_voxels == 0 and self.predicted_voxels == 0

    @property
    def missed(self) -> bool:
        """Whether exactly one of the two masks is empty."""
        return (self.reference_voxels == 0) != (self.predicted_voxels == 0)

    @cached_property
    def diagonal_mm(self) -> float:
        """The longest diagonal of the image, from edge to edge."""
        edges_mm = np.array(self.reference.shape) * np.array(self.grid.spacing_mm)
        if self.grid.right_angles:
            return float(np.linalg.norm(edges_mm))
        corners = np.array([[1, j, k] for j in (-1, 1) for k in (-1, 1)])
        return float(np.linalg.norm((corners * edges_mm) @ self.grid.direction.T, axis=1).max())


def zero(pair: MaskPair) -> float | None:
    """The worst value of a metric from 0 to 1."""
    return 0.0


def diagonal(pair: MaskPair) -> float | None:
    """The worst value of a distance: the diagonal of the image."""
    return pair.diagonal_mm


@dataclass(frozen=True)
class Metric:
    """How well a predicted mask agrees with a reference, as one number.

    A new metric is one file with a function of a `MaskPair` and its `Metric`, and one line in `METRICS`. From this
    declaration follow the columns of CSV files, the JSON, the report, the table of `transferseg evaluate` and the panel.

    Attributes:
        name: The column of CSV files and the key in JSON, with the unit at its end (`hd95_mm`).
        title: The name in headings.
        unit: The unit in headings, such as `mm`; empty for a share.
        direction: Whether a `higher` or a `lower` value is better; None where neither is (a volume).
        digits: Digits after the decimal point; a chart shows one fewer.
        explanation: What it measures, in one sentence for the report; `{tolerance_mm:g}` is the tolerance.
        measure: The value for two masks that both have voxels.
        worst: The value where exactly one of the masks is empty; None where the metric does not apply then.
        perfect: The value where rightly nothing was found, beside a strategy that found something there.
        of_empty: Whether `measure` is asked of empty masks, too, so that the metric always applies.
        has_tolerance: Whether `measure` depends on the tolerance, which headings then name.
        derive: The value from those of the other metrics, by name. Such a metric has no column in CSV files.
        shown: `everywhere` (charts, tables, report, panel), in the `report` and comparisons, or in `files` alone.
    """

    name: str
    title: str
    unit: str
    direction: Literal["higher", "lower"] | None
    digits: int
    explanation: str
    measure: Callable[[MaskPair], float] | None = None
    worst: Callable[[MaskPair], float | None] = zero
    perfect: float = 1.0
    of_empty: bool = False
    has_tolerance: bool = False
    derive: Callable[[Mapping[str, float | None]], float | None] | None = None
    shown: Literal["everywhere", "report", "files"] = "everywhere"

    def __post_init__(self) -> None:
        if self.direction == "lower" and (self.worst is zero or self.perfect == 1.0):
            raise ValueError(
                f"{self.name}: state its `worst` and `perfect` value; the usual 0 and 1 are those of a share"
            )

    def value(self, pair: MaskPair) -> float | None:
        """The metric of two masks; None where it does not apply, which is where nothing was to be found and nothing was.

        A structure that was missed gets the worst value there is, so leaving it out can never improve a mean.
        """
        assert self.measure is not None, f"{self.name} is derived from other metrics"
        if not self.of_empty:
            if pair.both_empty:
                return None
            if pair.missed:
                return self.worst(pair)
        return self.measure(pair)

    @property
    def higher_is_better(self) -> bool:
        """Whether a higher value is better."""
        return self.direction == "higher"

    def heading(self, tolerance_mm: float = DEFAULT_TOLERANCE_MM) -> str:
        """The title with the unit, or with the tolerance: `HD95 mm`, `Surface Dice (1 mm)`."""
        if self.has_tolerance:
            return f"{self.title} ({tolerance_mm:g} mm)"
        return f"{self.title} {self.unit}".rstrip()

    def text(self, value: float | None, missing: str = "n/a") -> str:
        """Write a value of this metric.

        Args:
            value: The value; None where there is none.
            missing: What is written where there is none.
        """
        return missing if value is None else f"{value:.{self.digits}f}"
