"""Closed surfaces of segments, for 3D views, made in short calls however large an image is."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import slicer
import vtk

from TransferSegGui.segmentations import BINARY, box_in_steps
from TransferSegGui.volumes import voxels_in
from TransferSegLib.cases.slabs import slabs

# So many faces of voxels become a surface within some 30 ms of one core: a call that cannot be divided.
MOST_FACES = 10_000


def surfaces_in_steps(node: slicer.vtkMRMLSegmentationNode) -> Iterator[None]:
    """Make the surfaces that 3D views show of a segmentation, a part of a segment's with each step.

    Slicer converts all segments of a segmentation at once, each with all voxels of the image that they share; so each is
    converted in one of its own, of the voxels where it is, and a large one of larger voxels.
    They are given to their segments together: a 3D view makes all that are missing as soon as it sees one.
    """
    segmentation, made = node.GetSegmentation(), []
    kind = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
    for identifier in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(identifier)
        if segment is None or segment.GetRepresentation(kind) is not None:
            continue
        labels = segment.GetRepresentation(BINARY)
        if not labels.IsEmpty():  # an empty one of Slicer's has no voxels to look at
            labels = yield from _alone_in_steps(labels, segment.GetLabelValue())
        alone, copy = slicer.vtkSegmentation(), slicer.vtkSegment()
        alone.SetSourceRepresentationName(segmentation.GetSourceRepresentationName())
        alone.CopyConversionParameters(segmentation)
        copy.SetLabelValue(1)
        copy.AddRepresentation(BINARY, labels)
        alone.AddSegment(copy, identifier)
        alone.CreateRepresentation(kind)
        made.append((segment, copy.GetRepresentation(kind)))
        yield
    with slicer.util.NodeModify(node):
        for segment, surface in made:
            segment.AddRepresentation(kind, surface)
        segmentation.InvokeEvent(segmentation.ContainedRepresentationNamesModified)


def _alone_in_steps(
    labels: slicer.vtkOrientedImageData, value: int
) -> Generator[None, None, slicer.vtkOrientedImageData]:
    """The voxels of one value, as 1, and some around them; of more faces than `MOST_FACES` in larger voxels."""
    voxels = voxels_in(labels)
    box = yield from box_in_steps(voxels, value)
    low, high = (np.array([getattr(along, end) for along in box]) for end in ("start", "stop"))
    mask = np.zeros(high - low + 2, bool, order="F")
    inside = mask[1:-1, 1:-1, 1:-1]
    for slab in slabs(inside.shape):
        inside[..., slab] = voxels[box][..., slab] == value
        yield
    matrix = vtk.vtkMatrix4x4()
    labels.GetImageToWorldMatrix(matrix)
    to_world = slicer.util.arrayFromVTKMatrix(matrix)
    spacing_mm = np.linalg.norm(to_world[:3, :3], axis=0)
    small, factors = mask, np.ones(3, int)
    faces = yield from _faces_in_steps(small)
    edge_mm = np.sqrt((faces * spacing_mm.prod() / spacing_mm).sum() / MOST_FACES)
    while faces.sum() > MOST_FACES:
        factors = np.maximum(np.rint(edge_mm / spacing_mm).astype(int), 1)
        small = yield from _coarser_in_steps(mask, factors)
        faces = yield from _faces_in_steps(small)
        edge_mm *= max(1.1, (faces.sum() / MOST_FACES) ** (1 / 3))
    grid = np.diag([*factors, 1.0])
    grid[:3, 3] = np.array(labels.GetExtent()[::2]) + low - 1 + (factors - 1) / 2
    alone = slicer.vtkOrientedImageData()
    alone.SetExtent([n for size in small.shape for n in (0, size - 1)])
    alone.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    voxels_in(alone)[:] = small
    alone.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(to_world @ grid))
    return alone


def _faces_in_steps(mask: np.ndarray) -> Generator[None, None, np.ndarray]:
    """How many faces lie between voxels in and out of a mask, across each axis (3,); its ends count as well."""
    faces = np.array([np.count_nonzero(np.moveaxis(mask, axis, 0)[[0, -1]]) for axis in range(3)])
    for slab in slabs(mask.shape):
        part = mask[..., slab.start : slab.stop + 1]
        own = part[..., : slab.stop - slab.start]
        faces += [
            np.count_nonzero(own[1:] != own[:-1]),
            np.count_nonzero(own[:, 1:] != own[:, :-1]),
            np.count_nonzero(part[..., 1:] != part[..., :-1]),
        ]
        yield
    return faces


def _coarser_in_steps(mask: np.ndarray, factors: np.ndarray) -> Generator[None, None, np.ndarray]:
    """A mask in voxels `factors` times as large: in it where half of a voxel is, and where a thin part would be lost.

    A thin part becomes three voxels wide, as of one Slicer's smoothing would leave nothing that is seen.
    """
    out = np.zeros([-(-size // factor) for size, factor in zip(mask.shape, factors, strict=True)], bool, order="F")
    across = int(factors[2])
    for slab in slabs((mask.shape[0], mask.shape[1] * across, out.shape[2])):
        first, end = max(0, slab.start - 2), slab.stop + 2
        count = _counts(mask[..., first * across : end * across], factors)
        half = 2 * count >= factors.prod()
        thin = (count > 0) & ~_grown(half)
        kept = half | _grown(thin)
        out[..., slab] = kept[..., slab.start - first :][..., : slab.stop - slab.start]
        yield
    return out


def _counts(mask: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """How many voxels of each block of `factors` are in the mask; the last blocks may reach beyond it."""
    count = mask.view(np.uint8)
    for axis, factor in enumerate(factors):
        count = np.moveaxis(count, axis, 0)
        total = count[::factor].astype(np.int32)
        for n in range(1, factor):
            part = count[n::factor]
            total[: len(part)] += part
        count = np.moveaxis(total, 0, axis)
    return count


def _grown(mask: np.ndarray) -> np.ndarray:
    """A mask and all voxels that touch it."""
    for axis in range(3):
        before, grown = np.moveaxis(mask, axis, 0), mask.copy()
        np.moveaxis(grown, axis, 0)[:-1] |= before[1:]
        np.moveaxis(grown, axis, 0)[1:] |= before[:-1]
        mask = grown
    return mask
