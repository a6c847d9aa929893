"""Where the header of a NIfTI file says that its voxels lie.

A header can say it twice: by the sform, a matrix, and by the qform, a rotation beside the voxel size (pixdim). The sform is
taken where its code is above 0, else the qform where its code is above 0, as nibabel, FSL and TotalSegmentator do. Where
both codes are 0 the header says nothing, and nibabel's place is taken: the image's centre at 0, its first voxel at the
right, posterior, inferior. ITK, and so 3D Slicer, takes the qform unless the sform's code is 1.

https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields/nifti1fields_pages/qsform.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.volume_error import no_place
from TransferSegLib.core.grid import TOLERANCE, Grid, times
from TransferSegLib.core.problems import Problem

# The units of lengths: NIfTI's number → name, and mm in one.
_UNITS = {1: ("m", 1000.0), 3: ("µm", 0.001)}
_MM = 2
# What rounding the square of a quaternion's real part to 32 bits changes at most.
_QUATERNION_ERROR = 2e-7
# Of a rotation, the other three parts have at most a length of 1; files with few digits exceed it a little.
_LONGEST_QUATERNION = 1.001


@dataclass(frozen=True, eq=False)
class NiftiPlace:
    """The fields of a header that say where its voxels lie, as they stand in it.

    Attributes:
        pixdim: The handedness of the qform (-1 or 1) and the size of a voxel along the first three axes.
        qform_code: Above 0 where the header has a qform.
        quaternion: The qform's rotation: its parts b, c, d.
        offset: The qform's place of the first voxel.
        sform_code: Above 0 where the header has an sform.
        rows: (3, 4): the sform.
        units: The number of the units of all lengths; 0 where the header does not say.
    """

    pixdim: tuple[float, float, float, float]
    qform_code: int
    quaternion: tuple[float, float, float]
    offset: tuple[float, float, float]
    sform_code: int
    rows: np.ndarray
    units: int = _MM

    @classmethod
    def of_grid(cls, grid: Grid) -> NiftiPlace:
        """Say where a grid lies: by sform and qform, or by the sform alone where the axes are not at right angles."""
        flip = -1.0 if np.linalg.det(grid.direction) < 0 else 1.0
        quaternion = (0.0, 0.0, 0.0)
        if grid.right_angles:
            quaternion = _quaternion(grid.direction * (1.0, 1.0, flip))
        return cls(
            pixdim=(flip, *grid.spacing_mm),
            qform_code=int(grid.right_angles),
            quaternion=quaternion,
            offset=grid.origin_mm,
            sform_code=1,
            rows=grid.affine[:3],
        )

    @property
    def unit_mm(self) -> float:
        """The length of the header's unit."""
        return _UNITS.get(self.units, ("mm", 1.0))[1]

    @property
    def sform(self) -> np.ndarray | None:
        """(4, 4): voxel to RAS in mm by the sform; None where there is none, or it gives the voxels no volume."""
        return _in_mm(self.rows, self.unit_mm) if self.sform_code > 0 else None

    @property
    def qform(self) -> np.ndarray | None:
        """(4, 4): voxel to RAS in mm by the qform; None where there is none, or it is no rotation of voxels with a size."""
        length = float(np.linalg.norm(self.quaternion))
        if self.qform_code <= 0 or not length <= _LONGEST_QUATERNION:  # not: NaN is refused too
            return None
        spacing = np.abs(self.pixdim[1:])  # older programs write negative sizes and mean positive ones
        flip = -1.0 if self.pixdim[0] < 0 else 1.0
        affine = np.column_stack([_rotation(self.quaternion) * spacing * (1.0, 1.0, flip), self.offset])
        return _in_mm(affine, self.unit_mm)

    def affine(self, path: Path, size: tuple[int, int, int]) -> np.ndarray:
        """Return (4, 4), voxel to RAS in mm.

        Args:
            path: Names the file in an error.
            size: The number of voxels (I, J, K).

        Raises:
            VolumeError: The header says nothing that can be used.
        """
        found = self._given
        if found is not None:
            return found
        spacing = self.unit_mm * np.abs(self.pixdim[1:])
        said = [name for name, code in (("sform", self.sform_code), ("qform", self.qform_code)) if code > 0]
        if said or not (np.isfinite(spacing) & (spacing > 0)).all():
            raise no_place(path, *(said or ["voxel size (pixdim)"]))
        affine = np.diag([*spacing * (-1.0, 1.0, 1.0), 1.0])
        affine[:3, 3] = -affine[:3, :3] @ ((np.array(size) - 1) / 2)
        return affine

    def doubts(self, path: Path, size: tuple[int, int, int]) -> Iterator[Problem]:
        """Say where the header contradicts itself, or does not say enough; see `affine` for what cannot be used at all.

        Args:
            path: The file.
            size: The number of voxels (I, J, K).

        Yields:
            Warnings.
        """
        sform, qform = self.sform, self.qform
        grid = Grid(size, self.affine(path, size))
        if self.units in _UNITS:
            yield Problem(
                "nifti-units",
                "{path}: its header gives lengths in {unit}, so a voxel is taken to be {spacing} mm large",
                {"path": path, "unit": _UNITS[self.units][0], "spacing": times(grid.spacing_mm)},
                "warning",
                "if that is wrong, correct the units in its header (xyzt_units) to mm",
            )
        if self._given is None:
            yield Problem(
                "nifti-nowhere",
                "{path}: its header does not say where the image lies, nor which of its sides is left (the codes of sform "
                "and qform are 0); its first voxel is taken to be the right, posterior, inferior one",
                {"path": path},
                "warning",
                "check its sides against the original, or convert it again",
            )
        elif sform is not None and qform is not None:
            apart_mm = grid.farthest_mm(Grid(size, qform))
            if apart_mm > self._tolerance_mm(grid):
                yield Problem(
                    "nifti-two-places",
                    "{path}: its header places it twice, by sform and qform, up to {apart_mm:.3g} mm apart; the sform is "
                    "taken, as nibabel and FSL do{slicer:?, while 3D Slicer takes the qform|}",
                    {"path": path, "apart_mm": apart_mm, "slicer": self.sform_code != 1 or not grid.right_angles},
                    "warning",
                    "look at it in a viewer beside its original, and write the right one of the two into both",
                )
        elif self.sform_code > 0 and self.qform_code > 0:
            yield Problem(
                "nifti-one-place",
                "{path}: its header places it twice, and its {unusable} is not valid; its {taken} is taken",
                {
                    "path": path,
                    "unusable": "sform" if sform is None else "qform",
                    "taken": "qform" if sform is None else "sform",
                },
                "warning",
                "look at it in a viewer, and export it again where it lies wrong",
            )
        elif sform is not None:
            spacing = self.unit_mm * np.abs(self.pixdim[1:])
            apart_mm = float(np.linalg.norm((spacing - grid.spacing_mm) * (np.array(size) - 1)))
            if not apart_mm <= TOLERANCE * min(grid.spacing_mm):  # not: a pixdim that is no number is told too
                yield Problem(
                    "nifti-two-sizes",
                    "{path}: its header says twice how large a voxel is: {taken} mm by the sform, which is taken, and "
                    "{other} mm by pixdim, up to {apart_mm:.3g} mm at the far corner",
                    {
                        "path": path,
                        "taken": times(grid.spacing_mm),
                        "other": times(spacing.tolist()),
                        "apart_mm": apart_mm,
                    },
                    "warning",
                    "compare it with its original, and write the right size into both",
                )

    @property
    def _given(self) -> np.ndarray | None:
        """What is taken of sform and qform; None where neither says anything that can be used."""
        sform = self.sform
        return self.qform if sform is None else sform

    def _tolerance_mm(self, grid: Grid) -> float:
        """How far sform and qform may be apart.

        The qform's angle is that of a real part which is computed from the other three. Near half a turn it is nearly 0, and
        then what rounding these three to 32 bits changes is a visible angle.
        """
        real = np.sqrt(max(0.0, 1.0 - float(np.dot(self.quaternion, self.quaternion))))
        angle = 2 * (np.sqrt(real**2 + _QUATERNION_ERROR) - real)
        return TOLERANCE * min(grid.spacing_mm) + angle * grid.diagonal_mm


def _in_mm(rows: np.ndarray, unit_mm: float) -> np.ndarray | None:
    """(4, 4) of (3, 4) in units; None where not all are numbers, or a voxel has no volume."""
    affine = np.vstack([unit_mm * np.asarray(rows, float), [0, 0, 0, 1]])
    if not np.isfinite(affine).all():
        return None
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    flat = not lengths.all() or abs(np.linalg.det(affine[:3, :3] / lengths)) < 1e-6
    return None if flat else affine


def _rotation(quaternion: tuple[float, float, float]) -> np.ndarray:
    """(3, 3): the rotation of b, c, d, as the NIfTI library computes it."""
    b, c, d = quaternion
    real_squared = 1.0 - (b * b + c * c + d * d)
    if real_squared < 1e-7:  # half a turn, so far as 32 bits tell
        a = 0.0
        b, c, d = np.array(quaternion) / np.linalg.norm(quaternion)
    else:
        a = np.sqrt(real_squared)
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
        ]
    )


def _quaternion(rotation: np.ndarray) -> tuple[float, float, float]:
    """The parts b, c, d of a rotation (3, 3); the real part is not negative.

    The eigenvector of a symmetric matrix (Bar-Itzhack, Journal of Guidance, Control, and Dynamics 23(6), 2000): exact for
    every angle, and right for a matrix that is not quite a rotation.
    """
    (xx, yx, zx), (xy, yy, zy), (xz, yz, zz) = rotation.T
    symmetric = np.array(
        [
            [xx - yy - zz, yx + xy, zx + xz, zy - yz],
            [yx + xy, yy - xx - zz, zy + yz, xz - zx],
            [zx + xz, zy + yz, zz - xx - yy, yx - xy],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    b, c, d, a = np.linalg.eigh(symmetric)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return float(sign * b), float(sign * c), float(sign * d)
