"""Write volumes a few slices at a time, so that the caller can show progress and stop in between.

NRRD (teem.sourceforge.net/nrrd/format.html) and NIfTI-1 keep their voxels behind the header, slice after slice.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np

from TransferSegLib.cases.nifti import header_bytes
from TransferSegLib.cases.nifti_place import NiftiPlace
from TransferSegLib.cases.volumes import suffix_of, written_whole
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid

# This many voxels take a few milliseconds.
SLAB_VOXELS = 500_000
# The types that are kept, and what NRRD calls them; all others are written as float32.
_TYPES = {
    "int8": "signed char",
    "uint8": "unsigned char",
    "int16": "short",
    "uint16": "unsigned short",
    "int32": "int",
    "float32": "float",
}


def slabs(size: tuple[int, int, int], first: int = 0, end: int | None = None) -> Iterator[slice]:
    """Divide a volume into slabs of about `SLAB_VOXELS` voxels along its third axis.

    Args:
        size: The volume's size in voxels (I, J, K).
        first: The first slice.
        end: The slice after the last; None for the end of the volume.
    """
    end = size[2] if end is None else end
    count = max(1, SLAB_VOXELS // max(1, size[0] * size[1]))
    for k in range(first, end, count):
        yield slice(k, min(k + count, end))


def write_in_slabs(path: Path, array: np.ndarray, grid: Grid, compress: bool = False) -> Iterator[None]:
    """Write a volume a slab with each step. The file appears with the last step; it does not when the steps are left.

    Args:
        path: A file ending in .nrrd, or in .nii, which also takes axes that are not at right angles.
        array: (I, J, K); whole numbers of up to 32 bits keep their type, all others become float32.
        grid: Where its voxels lie.
        compress: Whether to compress; .nrrd only.

    Yields:
        After each slab.

    Raises:
        InputError: The path has another ending.
        JobError: The file cannot be written.
    """
    suffix = suffix_of(path)
    if suffix not in (".nrrd", ".nii") or (suffix == ".nrrd" and not grid.right_angles):
        raise InputError("not-slab-by-slab", "{path}: cannot be written slab by slab; use .nii.", path=path)
    dtype = np.dtype(array.dtype.name if array.dtype.name in _TYPES else np.float32)
    with ExitStack() as stack:
        temporary = stack.enter_context(written_whole(path))
        file: IO[bytes] = stack.enter_context(temporary.open("wb"))
        if suffix == ".nii":
            dtype = np.dtype("<" + dtype.str[1:])
            file.write(header_bytes(dtype, grid.size, NiftiPlace.of_grid(grid)))
        else:
            file.write(_nrrd_header(dtype, grid, compress))
            if compress:
                file = stack.enter_context(gzip.GzipFile("", "wb", 1, file, 0))  # type: ignore[arg-type]
        for slab in slabs(grid.size):
            file.write(np.ascontiguousarray(array.T[slab], dtype).data)
            yield


def _nrrd_header(dtype: np.dtype, grid: Grid, compress: bool) -> bytes:
    affine = LPS_TO_RAS @ grid.affine
    axes = [f"({','.join(repr(float(v)) for v in affine[:3, n])})" for n in range(4)]
    lines = [
        "NRRD0004",
        f"type: {_TYPES[dtype.name]}",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, grid.size))}",
        f"space directions: {' '.join(axes[:3])}",
        "kinds: domain domain domain",
        f"endian: {sys.byteorder}",
        f"encoding: {'gzip' if compress else 'raw'}",
        f"space origin: {axes[3]}",
    ]
    return ("\n".join(lines) + "\n\n").encode("ascii")
