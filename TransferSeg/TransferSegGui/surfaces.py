"""Closed surfaces of segments, for 3D views, made in short calls however large an image is."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from TransferSegGui.segmentations import BINARY, box_in_steps
from TransferSegGui.volumes import voxels_in
from TransferSegLib.cases.slabs import slabs

# A surface of more faces of voxels than this is made of larger voxels: 3D views draw no more without a jerk.
MOST_FACES = 100_000
# So many faces become a surface in one call, in some 8 ms of one core.
FACES_AT_ONCE = 2_000
# So many parts of a surface are put together in one call.
PARTS_AT_ONCE = 100
# All voxels of a part are looked at in one call, too.
MOST_VOXELS = 500_000
# Smoothing reaches hardly further than so many voxels: with as many around it, a part's surface is that of the whole but for
# some hundredths of a voxel. It is also the edge of the smallest part.
AROUND = 8
# To find what is thin each voxel is looked at so often.
LOOKED_AT = 8
SURFACE = "Closed surface"


def surfaces_in_steps(node: slicer.vtkMRMLSegmentationNode) -> Iterator[None]:
    """Make the surfaces that 3D views show of a segmentation, a part of a segment's with each step.

    Slicer converts all segments of a segmentation at once, each with all voxels of the image that they share; so each is
    converted by itself, of the voxels where it is; a large one in parts, that are put together to the same surface.
    They are given to their segments together: a 3D view makes all that are missing as soon as it sees one.
    """
    segmentation, made = node.GetSegmentation(), []
    for identifier in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(identifier)
        labels = None if segment is None else segment.GetRepresentation(BINARY)
        if labels is not None and segment.GetRepresentation(SURFACE) is None:
            time = labels.GetMTime()
            made.append((segment, time, (yield from surface_in_steps(segmentation, segment))))
            yield
    with slicer.util.NodeModify(node):
        for segment, time, surface in made:
            labels = segment.GetRepresentation(BINARY)
            if labels is not None and labels.GetMTime() == time:  # it was not edited meanwhile
                segment.AddRepresentation(SURFACE, surface)
        segmentation.InvokeEvent(segmentation.ContainedRepresentationNamesModified)


def surface_in_steps(
    segmentation: slicer.vtkSegmentation, segment: slicer.vtkSegment
) -> Generator[None, None, vtk.vtkPolyData]:
    """The surface of a segment, in its world, with a segmentation's parameters."""
    labels = segment.GetRepresentation(BINARY)
    if labels.IsEmpty():  # an empty one of Slicer's has no voxels to look at
        return vtk.vtkPolyData()
    mask, to_world = yield from _alone_in_steps(labels, segment.GetLabelValue())
    cells = yield from _cells_in_steps(mask)
    parts: list[vtk.vtkPolyData] = []
    for first, end, around in _parts(cells):
        yield
        if (end - first == cells.shape).all():
            return _whole(segmentation, mask, to_world)
        low, high = AROUND * first, AROUND * end
        window = np.maximum(low - around, 0)
        corners = _corners(mask[_box(window, high + around)], window)
        yield
        smoothed = _smoothed(segmentation, corners, to_world)
        yield
        parts.append(_own_part(smoothed, corners, low, high))
        if len(parts) == PARTS_AT_ONCE:
            yield
            parts = [_together(parts)]
    yield
    return _together(parts)


def _parts(cells: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """The parts of a surface that a call can convert: the first cell (3,), the first one behind, and how many voxels around.

    `cells` has how many faces each cell of voxels has; what has none is left out.
    """
    waiting = [(np.zeros(3, int), np.array(cells.shape))]
    while waiting:
        first, end = waiting.pop()
        if not cells[_box(first, end)].any():
            continue
        longest = int((end - first).argmax())
        small = (AROUND * (end - first)).prod() <= MOST_VOXELS
        faces = cells[_box(first - 1, end + 1)].sum()
        if small and faces <= FACES_AT_ONCE:
            yield first, end, AROUND
        elif (end - first)[longest] == 1:
            yield first, end, _around(faces)
        else:
            middle, behind = first.copy(), end.copy()
            middle[longest] = behind[longest] = (first[longest] + end[longest]) // 2
            waiting += [(middle, end), (first, behind)]


def _around(faces: int) -> int:
    """How many voxels to take around a cell that cannot be divided, of so many faces in it and the 26 cells around it.

    The rougher a surface is, the less of a seam is seen.
    """
    most = 2 * FACES_AT_ONCE
    if faces <= most:
        return AROUND
    return AROUND // 2 if 8 * faces <= 27 * most else AROUND // 4  # of 27 cells there are 8 in half as many around


def _box(first: np.ndarray, end: np.ndarray) -> tuple[slice, ...]:
    return tuple(slice(max(0, low), high) for low, high in zip(first.tolist(), end.tolist(), strict=True))


def _whole(segmentation: slicer.vtkSegmentation, mask: np.ndarray, to_world: np.ndarray) -> vtk.vtkPolyData:
    """A mask as the surface that Slicer makes of it with a segmentation's parameters."""
    image, segment, alone = slicer.vtkOrientedImageData(), slicer.vtkSegment(), slicer.vtkSegmentation()
    _fill(image, mask, np.zeros(3, int))
    image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(to_world))
    alone.SetSourceRepresentationName(BINARY)
    alone.CopyConversionParameters(segmentation)
    segment.SetLabelValue(1)
    segment.AddRepresentation(BINARY, image)
    alone.AddSegment(segment, "all")
    alone.CreateRepresentation(SURFACE)
    return segment.GetRepresentation(SURFACE)


def _together(parts: Sequence[vtk.vtkPolyData]) -> vtk.vtkPolyData:
    """Parts of a surface as one; an empty one where there are none."""
    if not parts:
        return vtk.vtkPolyData()
    append = vtk.vtkAppendPolyData()
    for part in parts:
        append.AddInputData(part)
    append.Update()
    return append.GetOutput()


def _corners(mask: np.ndarray, first: np.ndarray) -> vtk.vtkPolyData:
    """The surface of a mask whose first voxel is `first` (3,), in voxels: a corner in the middle of each face.

    It is open where the mask reaches the ends of its array. These steps and their settings are those of Slicer's
    vtkBinaryLabelmapToClosedSurfaceConversionRule, which would close it, at a multiple of the cost.
    """
    image, edges = vtk.vtkImageData(), vtk.vtkDiscreteFlyingEdges3D()
    _fill(image, mask, first)
    edges.SetInputData(image)
    edges.SetValue(0, 1)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    return edges.GetOutput()


def _fill(image: vtk.vtkImageData, mask: np.ndarray, first: np.ndarray) -> None:
    """Make an empty image that of a mask whose first voxel is `first` (3,)."""
    image.SetExtent([n for low, size in zip(first.tolist(), mask.shape, strict=True) for n in (low, low + size - 1)])
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    voxels_in(image)[:] = mask


def _smoothed(segmentation: slicer.vtkSegmentation, corners: vtk.vtkPolyData, to_world: np.ndarray) -> vtk.vtkPolyData:
    """A surface smoothed, in the world and with normals, as Slicer does it with a segmentation's parameters."""
    factor = float(segmentation.GetConversionParameter("Smoothing factor"))
    smooth, place, normals = vtk.vtkWindowedSincPolyDataFilter(), vtk.vtkTransform(), vtk.vtkPolyDataNormals()
    smooth.SetInputData(corners)
    smooth.SetPassBand(10 ** (-4 * factor))
    smooth.SetNumberOfIterations(int(20 + 40 * factor))
    smooth.BoundarySmoothingOff()
    smooth.FeatureEdgeSmoothingOff()
    smooth.NonManifoldSmoothingOn()
    smooth.NormalizeCoordinatesOn()
    placed = vtk.vtkTransformPolyDataFilter()
    placed.SetInputConnection(smooth.GetOutputPort())
    if factor <= 0:
        placed.SetInputData(corners)
    place.SetMatrix(slicer.util.vtkMatrixFromArray(to_world))
    placed.SetTransform(place)
    normals.SetInputConnection(placed.GetOutputPort())
    normals.ConsistencyOn()
    normals.SplittingOff()
    last = placed if segmentation.GetConversionParameter("Compute surface normals") == "0" else normals
    last.Update()
    return last.GetOutput()


def _own_part(
    surface: vtk.vtkPolyData, corners: vtk.vtkPolyData, first: np.ndarray, end: np.ndarray
) -> vtk.vtkPolyData:
    """The polygons of a surface whose last corner, as it was before smoothing, is of a voxel from `first` (3,) to `end`.

    Thus each polygon is of one part, whatever the parts have around them.
    """
    at = vtk_to_numpy(corners.GetPoints().GetData()).astype(float)
    polygons = vtk_to_numpy(corners.GetPolys().GetConnectivityArray()).reshape(corners.GetNumberOfPolys(), -1)
    last = polygons[np.arange(len(polygons)), (at @ (1e6, 1e3, 1.0))[polygons].argmax(axis=1)]
    voxels = np.floor(at[last] + 0.25)
    own = ((voxels >= first) & (voxels < end)).all(axis=1)
    kept = vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(polygons.shape)[own]
    used, renumbered = np.unique(kept, return_inverse=True)
    part, points, cells = vtk.vtkPolyData(), vtk.vtkPoints(), vtk.vtkCellArray()
    points.SetData(numpy_to_vtk(vtk_to_numpy(surface.GetPoints().GetData())[used], deep=True))
    cells.SetData(kept.shape[1], numpy_to_vtkIdTypeArray(renumbered.ravel().astype(np.int64), deep=True))
    part.SetPoints(points)
    part.SetPolys(cells)
    if (normals := surface.GetPointData().GetNormals()) is not None:
        part.GetPointData().SetNormals(numpy_to_vtk(vtk_to_numpy(normals)[used], deep=True))
    return part


def _alone_in_steps(
    labels: slicer.vtkOrientedImageData, value: int
) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
    """Where a value is, as a mask with room around it, and the matrix (4, 4) from its voxels to the world.

    Where its surface would have more faces than `MOST_FACES` the mask is one of larger voxels.
    """
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
    to_labels = np.eye(4)
    to_labels[:3, 3] = np.array(labels.GetExtent()[::2]) + low - 1
    faces = yield from _faces_in_steps(mask)
    edge_mm = np.sqrt((faces * spacing_mm.prod() / spacing_mm).sum() / MOST_FACES)
    coarse = mask
    while faces.sum() > MOST_FACES:
        factors = np.maximum(np.rint(edge_mm / spacing_mm).astype(int), 1)
        coarse = yield from _coarser_in_steps(mask, factors)
        faces = yield from _faces_in_steps(coarse)
        edge_mm *= max(1.1, (faces.sum() / MOST_FACES) ** (1 / 3))
        to_labels[:3] = np.column_stack([np.diag(factors), np.array(labels.GetExtent()[::2]) + low - 1.5 - factors / 2])
    return coarse, to_world @ to_labels


def _faces_in_steps(mask: np.ndarray) -> Generator[None, None, np.ndarray]:
    """How many faces lie between voxels in and out of a mask, across each axis (3,)."""
    faces = np.zeros(3)
    for slab in slabs(mask.shape):
        faces += [np.count_nonzero(across) for across in _faces(mask, slab)]
        yield
    return faces


def _cells_in_steps(mask: np.ndarray) -> Generator[None, None, np.ndarray]:
    """How many faces of a mask each cell of `AROUND` voxels a side has; a face is of the first of its two voxels."""
    cells = np.zeros([-(-size // AROUND) for size in mask.shape], np.int32)
    for k in range(cells.shape[2]):
        slab = slice(AROUND * k, min(AROUND * k + AROUND, mask.shape[2]))
        for across in _faces(mask, slab):
            found = _counts(across, np.full(3, AROUND)).sum(axis=2)
            cells[: found.shape[0], : found.shape[1], k] += found
        yield
    return cells


def _faces(mask: np.ndarray, slab: slice) -> list[np.ndarray]:
    """Where faces are in some slices of a mask (I, J, K), between a voxel and the next, on each axis."""
    part = mask[..., slab.start : slab.stop + 1]
    own = part[..., : slab.stop - slab.start]
    return [own[1:] != own[:-1], own[:, 1:] != own[:, :-1], part[..., 1:] != part[..., :-1]]


def _coarser_in_steps(mask: np.ndarray, factors: np.ndarray) -> Generator[None, None, np.ndarray]:
    """A mask in voxels `factors` times as large, with one around it: in it where half of a voxel is, and what is thin.

    A thin part becomes three voxels wide, as of one Slicer's smoothing would leave nothing that is seen.
    """
    size = [-(-size // factor) for size, factor in zip(mask.shape, factors.tolist(), strict=True)]
    counts = np.zeros(size, np.int32, order="F")
    across = int(factors[2])
    for slab in slabs((mask.shape[0], mask.shape[1] * across, size[2])):
        counts[..., slab] = _counts(mask[..., slab.start * across : slab.stop * across], factors)
        yield
    larger = np.zeros([n + 2 for n in size], bool, order="F")
    out = larger[1:-1, 1:-1, 1:-1]
    for slab in slabs((size[0], LOOKED_AT * size[1], size[2])):
        first = max(0, slab.start - 2)
        count = counts[..., first : slab.stop + 2]
        half = 2 * count >= factors.prod()
        thin = (count > 0) & ~_grown(half)
        kept = half | _grown(thin)
        out[..., slab] = kept[..., slab.start - first :][..., : slab.stop - slab.start]
        yield
    return larger


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
