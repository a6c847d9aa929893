"""Digests of voxels: they tell an image from all others, and nothing about the person that it shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid


@dataclass(frozen=True)
class Digests:
    """The digests of a case's files, 32 hexadecimal digits each; "" for a file that cannot be read.

    Attributes:
        images: One for each image.
        label: That of the segmentation; "" where there is none.
    """

    images: tuple[str, ...]
    label: str = ""


def digests_of(case: Case) -> Digests:
    """Read a case's files and return their digests.

    Raises:
        VolumeError: A file cannot be read.
    """
    images: list[str] = []
    grid: Grid | None = None
    for path in case.images:
        volume = read_volume(path)
        grid = grid or volume.grid
        images.append(voxel_digest(volume.array))
    label = "" if case.label is None else voxel_digest(read_labels(case.label, case.renumbered, grid).array)
    return Digests(tuple(images), label)


def voxel_digest(array: np.ndarray) -> str:
    """Return the digest (BLAKE2b, RFC 7693) of an array (I, J, K): of its shape and its voxels."""
    hashed = hashlib.blake2b(str(array.shape).encode(), digest_size=16)
    hashed.update(np.ascontiguousarray(array.T).data)  # .T: files keep i fastest, so this copies nothing
    return hashed.hexdigest()
