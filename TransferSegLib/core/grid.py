"""The grid of a volume: where its voxels lie in space."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.problems import Problem

# ITK and DICOM count towards the patient's left and back (LPS), nibabel and Slicer towards right and front (RAS).
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

# Two grids are one where no voxel of the one is further from the same voxel of the other than this share of a voxel's
# shortest edge. Headers that round what they say stay far below it.
TOLERANCE = 0.05


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of a volume lie in space.

    Attributes:
        size: The number of voxels (I, J, K).
        affine: (4, 4), takes a voxel's centre (i, j, k, 1) to right, anterior, superior in mm.
    """

    size: tuple[int, int, int]
    affine: np.ndarray

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4):
            raise ValueError(f"affine: expected shape (4, 4), found {affine.shape}")
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "size", tuple(int(n) for n in self.size))

    @classmethod
    def from_spacing(cls, size: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> Grid:
        """Make an axis-aligned grid whose first voxel lies at the origin.

        Args:
            size: The number of voxels along each axis.
            spacing_mm: The voxel size along each axis, in mm.

        Returns:
            The grid, its axes right, anterior and superior.
        """
        return cls(size, np.diag([*spacing_mm, 1.0]))

    @classmethod
    def from_lps(
        cls,
        size: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        direction: np.ndarray,
        origin_lps_mm: tuple[float, float, float],
    ) -> Grid:
        """Make a grid from ITK's description, which is in LPS coordinates.

        Args:
            size: The number of voxels (I, J, K).
            spacing_mm: The distance of neighbouring voxels along each axis.
            direction: (3, 3), a column for each axis: its direction in LPS.
            origin_lps_mm: The centre of the first voxel, in LPS.
        """
        affine = np.eye(4)
        affine[:3, :3] = np.asarray(direction, dtype=float).reshape(3, 3) * np.asarray(spacing_mm)
        affine[:3, 3] = origin_lps_mm
        return cls(size, LPS_TO_RAS @ affine)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """The distance of neighbouring voxels along each axis of the array, in mm."""
        lengths = np.linalg.norm(self.affine[:3, :3], axis=0)
        return (float(lengths[0]), float(lengths[1]), float(lengths[2]))

    @property
    def direction(self) -> np.ndarray:
        """(3, 3): a column of length 1 for each axis of the array, RAS."""
        return self.affine[:3, :3] / np.array(self.spacing_mm)

    @property
    def right_angles(self) -> bool:
        """Whether the axes are at right angles to each other, as ITK and NRRD files need them."""
        return bool(np.allclose(self.direction.T @ self.direction, np.eye(3), atol=1e-4))

    @property
    def origin_mm(self) -> tuple[float, float, float]:
        """The centre of the first voxel, RAS, in mm."""
        x, y, z = self.affine[:3, 3]
        return (float(x), float(y), float(z))

    @property
    def diagonal_mm(self) -> float:
        """The length of the image's diagonal, edge to edge."""
        return float(np.linalg.norm(np.array(self.size) * np.array(self.spacing_mm)))

    @property
    def voxel_ml(self) -> float:
        """The volume of a voxel in ml."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000.0

    def to_lps(self) -> tuple[tuple[float, float, float], np.ndarray, tuple[float, float, float]]:
        """Return spacing in mm, direction (3, 3) and origin in LPS, as ITK wants them."""
        affine = LPS_TO_RAS @ self.affine
        spacing = self.spacing_mm
        x, y, z = affine[:3, 3]
        return spacing, affine[:3, :3] / np.array(spacing), (float(x), float(y), float(z))

    def farthest_mm(self, other: Grid) -> float:
        """How far apart the same voxel of this grid and of another of the same size lies at most, in mm."""
        corners = [[0, n - 1] for n in self.size]
        ijk = np.array(np.meshgrid(*corners, [1])).reshape(4, -1)
        return float(np.linalg.norm(((self.affine - other.affine) @ ijk)[:3], axis=0).max())

    def same_as(self, other: Grid) -> bool:
        """Whether this grid and another put every voxel in the same place, within `TOLERANCE`."""
        return self.size == other.size and self.farthest_mm(other) <= TOLERANCE * min(self.spacing_mm)

    def part(self, first: Sequence[int], last: Sequence[int]) -> Grid:
        """Cut a part out of the grid.

        Args:
            first: The first voxel (i, j, k) of the part.
            last: Its last voxel, included.

        Returns:
            The grid of the part, in the same place.
        """
        shift = np.eye(4)
        shift[:3, 3] = first
        i, j, k = (int(end - begin) + 1 for begin, end in zip(first, last, strict=True))
        return Grid((i, j, k), self.affine @ shift)

    def voxels_in(self, other: Grid) -> np.ndarray | None:
        """Find which voxels of another grid, or of what continues it beyond its edges, those of this grid are.

        Returns:
            (3, 4) of whole numbers, takes (i, j, k, 1) of this grid to a voxel of the other; None where they are not such
            voxels, within `TOLERANCE`.
        """
        exact = np.linalg.solve(other.affine, self.affine)[:3]
        voxels = np.rint(exact)
        turn = np.abs(voxels[:, :3])
        if not (np.isfinite(exact).all() and (turn.sum(axis=0) == 1).all() and (turn.sum(axis=1) == 1).all()):
            return None
        placed = Grid(self.size, other.affine @ np.vstack([voxels, [0, 0, 0, 1]]))
        return voxels.astype(int) if placed.same_as(self) else None

    def together_with(self, other: Grid) -> Grid | None:
        """Return the smallest grid of this one's voxels, and of those that continue it, that has all voxels of both.

        Returns:
            The grid; None where voxels of the other are not such ones, or the two do not overlap.
        """
        voxels = other.voxels_in(self)
        if voxels is None or self.outside_mm(other) is not None:
            return None
        ends = voxels @ np.array([(0, 0, 0, 1), (*(n - 1 for n in other.size), 1)]).T
        first, last = np.minimum(0, ends.min(axis=1)), np.maximum(np.array(self.size) - 1, ends.max(axis=1))
        return self.part(first, last)

    def outside_mm(self, other: Grid) -> float | None:
        """How far another grid lies outside this one, edge to edge along its axes.

        Returns:
            In mm; None where the two overlap, or seem to because they lie askew.
        """
        own_mm = np.array(self.size) * self.spacing_mm
        corners_mm = self._corners_mm(other)
        beyond_mm = np.maximum(corners_mm.min(axis=0) - own_mm, -corners_mm.max(axis=0))
        touching_mm = -TOLERANCE * min(self.spacing_mm)
        return float(np.linalg.norm(beyond_mm.clip(0))) if (beyond_mm > touching_mm).any() else None

    def _reach_mm(self, other: Grid) -> float:
        """How far another grid reaches beyond the edges of this one, along one of its axes."""
        corners_mm = self._corners_mm(other)
        own_mm = np.array(self.size) * self.spacing_mm
        return float(np.maximum(corners_mm.max(axis=0) - own_mm, -corners_mm.min(axis=0)).max())

    def _corners_mm(self, other: Grid) -> np.ndarray:
        """(8, 3): the outer corners of another grid, in mm along the axes of this one, from its own first corner."""
        ends = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in other.size], [1])).reshape(4, -1)
        return (np.linalg.solve(self.affine, other.affine @ ends)[:3].T + 0.5) * self.spacing_mm

    def differences(
        self,
        other: Grid,
        of: tuple[str | Problem, str | Problem] = ("the one", "the other"),
        drawn: Grid | None = None,
    ) -> list[Problem]:
        """Compare with another grid.

        Args:
            other: The grid to compare with.
            of: What lies on this grid and on the other, in words.
            drawn: The part of `other` that counts where it is asked whether it lies outside this grid; None for all of it.

        Returns:
            What differs; nothing where the two are the same, see `same_as`.
        """
        if self.same_as(other):
            return []
        one, two = of
        both = {"one": one, "other": two}
        found = []
        outside_mm = self.outside_mm(drawn or other)
        if outside_mm is not None:
            found.append(
                Problem(
                    "lies-outside", "{other} lies {outside_mm:.4g} mm outside {one}", {**both, "outside_mm": outside_mm}
                )
            )
        elif drawn is not None and self.size != other.size and drawn.voxels_in(self) is not None:
            reach_mm = self._reach_mm(drawn)
            found.append(
                Problem(
                    "reaches-outside",
                    "{other} reaches {reach_mm:.4g} mm beyond the edge of {one}",
                    {**both, "reach_mm": reach_mm},
                )
            )
        if self.size != other.size:
            sizes = {"one_size": times(self.size), "other_size": times(other.size)}
            found.append(
                Problem("sizes-differ", "size of {one} {one_size}, of {other} {other_size} voxels", {**both, **sizes})
            )
            return found
        apart_mm = self.farthest_mm(other)
        found.append(Problem("places-differ", "voxels lie up to {apart_mm:.3g} mm apart", {"apart_mm": apart_mm}))
        if not np.allclose(self.spacing_mm, other.spacing_mm, rtol=1e-3, atol=1e-4):
            found.append(
                Problem(
                    "spacings-differ",
                    "spacing of {one} {one_spacing}, of {other} {other_spacing} mm",
                    {**both, "one_spacing": times(self.spacing_mm), "other_spacing": times(other.spacing_mm)},
                )
            )
        if not np.allclose(self.direction, other.direction, atol=1e-3):
            found.append(Problem("directions-differ", "direction of the axes"))
        if not np.allclose(self.origin_mm, other.origin_mm, atol=TOLERANCE * min(self.spacing_mm)):
            found.append(
                Problem(
                    "origins-differ",
                    "origin of {one} ({one_origin:.4g}), of {other} ({other_origin:.4g}) mm (RAS)",
                    {**both, "one_origin": self.origin_mm, "other_origin": other.origin_mm},
                )
            )
        return found

    @property
    def is_ras(self) -> bool:
        """Whether the axes of the array run right, anterior, superior, in this order."""
        order, flips = self.axes_to_ras()
        return order == (0, 1, 2) and not any(flips)

    def axes_to_ras(self) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
        """Find which axes of the array run right, anterior and superior.

        Returns:
            The array axes nearest to right, anterior, superior, and for each whether it runs the other way.
        """
        weights = np.abs(self.direction)
        best = max(
            ((a, b, c) for a in range(3) for b in range(3) for c in range(3) if len({a, b, c}) == 3),
            key=lambda o: weights[0, o[0]] + weights[1, o[1]] + weights[2, o[2]],
        )
        return best, tuple(bool(self.direction[n, best[n]] < 0) for n in range(3))  # type: ignore[return-value]


def times(values: Iterable[float]) -> str:
    """Numbers with `×` between them, such as sizes in voxels or spacings in mm: four digits that count, no powers of ten."""
    return "×".join(
        str(v) if isinstance(v, int) else np.format_float_positional(v, 4, fractional=False, trim="-") for v in values
    )
