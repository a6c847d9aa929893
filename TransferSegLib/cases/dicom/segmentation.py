"""DICOM segmentations as labels: each frame of each segment lies where it says, on the grid of the image where that is known.

Most programs leave out frames without a voxel, and order the rest as they like. So a segmentation by itself only spans the
slices that something is drawn in. DICOM PS3.3, A.51 and C.8.20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.dicom.frames import Frame, frames_of
from TransferSegLib.cases.dicom.headers import (
    CONTOURS,
    SEGMENTATIONS,
    BrokenFile,
    Header,
    kind_of,
    quiet,
    read_header,
    whole,
)
from TransferSegLib.cases.dicom.line import beside_mm, may_lie_beside_mm
from TransferSegLib.cases.dicom.pixels import stored_voxels
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid
from TransferSegLib.core.labels import label_type

# How far a frame may lie above or below its slice of an even grid, as a share of the distance of slices.
_UNEVEN = 0.1


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a DICOM segmentation says of itself.

    Attributes:
        header: The header of its file.
        names: Segment number → name; "" where it has none.
        frames: Its frames, in the order of the file.
        segments: The segment that each frame is of; 0 where the voxels of a frame are the numbers of segments.
    """

    header: Header
    names: dict[int, str]
    frames: list[Frame]
    segments: list[int]


def drawn_file(path: Path) -> Path | None:
    """Find the DICOM segmentation, or the contours, that a path means as labels.

    Args:
        path: The file itself, or a folder that has just one.

    Returns:
        The file; None where it is something else.

    Raises:
        VolumeError: The folder has several.
    """
    kinds = (CONTOURS, *SEGMENTATIONS)
    if not path.is_dir():
        return path if kind_of(path) in kinds else None
    found = [file for file in sorted(path.iterdir()) if file.is_file() and kind_of(file) in kinds]
    if len(found) > 1:
        raise VolumeError(
            "several-segmentations",
            path,
            "has several DICOM segmentations: {files:…}",
            "give one of these files",
            files=[file.name for file in found],
        )
    return found[0] if found else None


def read_segmentation(path: Path) -> Segmentation:
    """Read the header of a DICOM segmentation.

    Raises:
        VolumeError: It is damaged, has no labels but contours or fractions, or does not say where its frames lie.
    """
    try:
        header = read_header(path)
    except BrokenFile:
        raise VolumeError("damaged-dicom", path, "is truncated or damaged", "copy or export it again") from None
    if header.kind == CONTOURS:
        raise VolumeError(
            "contours",
            path,
            "has contours (RT Structure Set), and no label of each voxel",
            "load it in Slicer with the extension SlicerRT, and save the segmentation as .seg.nrrd",
        )
    with quiet():
        data = header.data
        if str(data.get("SegmentationType") or "BINARY") not in ("BINARY", "LABELMAP"):
            raise VolumeError(
                "fractional-segmentation",
                path,
                "has a share of each voxel for each segment (SegmentationType FRACTIONAL), and no labels",
                "export it as a binary segmentation",
            )
        names = {}
        for item in data.get("SegmentSequence") or ():
            number = whole(item.get("SegmentNumber"))
            if number:
                names[number] = str(item.get("SegmentLabel") or "").strip()
        frames = frames_of(header, drawn=True)
        is_map = str(data.get("SegmentationType") or "") == "LABELMAP"
        segments = [0 if is_map else whole(frame.get("ReferencedSegmentNumber")) or 0 for frame in frames]
    if header.pixels is None or (not is_map and not all(segments)):
        raise VolumeError(
            "frames-of-no-segment",
            path,
            "is a DICOM segmentation that does not say which segment its frames are of",
            "export it again from its source",
        )
    return Segmentation(header, names, frames, segments)


def labels_of(found: Segmentation, image: Grid | None) -> tuple[np.ndarray, Grid]:
    """Read the voxels, each with the number of its segment.

    Args:
        found: The segmentation.
        image: The grid of the image that it is of, where that is known: it says how far slices are apart.

    Returns:
        The labels, (I, J, K), and their grid, which spans the frames.

    Raises:
        VolumeError: Two segments have a voxel in common, or the file is damaged.
    """
    grid, planes = _own_grid(found, image)
    numbers = np.array([0, *found.names, *found.segments])
    whole_image = np.zeros(grid.size, label_type(numbers), order="F")
    for plane, number, segment in zip(_planes(found), planes, found.segments, strict=True):
        rows, columns = np.nonzero(plane)
        if not len(rows):
            continue
        values = plane[rows, columns] if segment == 0 else np.full(len(rows), segment)
        at = (columns, rows, number)
        before = whole_image[at]
        both = (before != 0) & (before != values)
        if both.any():
            raise _overlap(found, int(before[both][0]), int(values[both][0]))
        whole_image[at] = values
    return whole_image, grid


def grid_of(found: Segmentation, image: Grid | None) -> Grid:
    """Find the grid that `labels_of` gives, without reading voxels.

    Args:
        found: The segmentation.
        image: The grid of the image that it is of, where that is known: it says how far slices are apart.

    Returns:
        The grid, which spans the frames.
    """
    return _own_grid(found, image)[0]


def _own_grid(found: Segmentation, image: Grid | None) -> tuple[Grid, np.ndarray]:
    """The grid that spans all frames, and the slice of it that each frame is."""
    first = found.frames[0]
    normal = np.cross(first.axes[:, 0], first.axes[:, 1])
    for frame in found.frames:
        unlike = np.abs(frame.axes - first.axes).max() > 2e-3 or not np.allclose(
            frame.spacing_mm, first.spacing_mm, rtol=1e-3
        )
        if unlike:
            raise _uneven(found, frame)
    heights = np.array([float(frame.position_mm @ normal) for frame in found.frames])
    low = int(heights.argmin())
    step = _step(found, heights, image, normal)
    numbers = np.rint((heights - heights[low]) / step).astype(int)
    last = int(numbers.argmax())
    start = found.frames[low].position_mm
    apart = found.frames[last].position_mm - start  # not along the normal where the gantry is tilted
    across = apart / numbers[last] if numbers[last] else _next_slice(image, normal, step)
    off_mm = np.abs(heights - heights[low] - numbers * (across @ normal))
    beside = beside_mm(found.frames, start, across)
    for n, frame in enumerate(found.frames):
        if off_mm[n] > _UNEVEN * step or beside[n] > may_lie_beside_mm(first):
            raise _uneven(found, frame)
    affine = np.eye(4)
    affine[:3] = np.column_stack([first.axes * first.spacing_mm, across, start])
    return Grid((*first.size, int(numbers.max()) + 1), LPS_TO_RAS @ affine), numbers


def _next_slice(image: Grid | None, normal: np.ndarray, step: float) -> np.ndarray:
    """The way from a single slice to the next, in mm, LPS: that of the image, which may have a tilted gantry."""
    if image is None:
        return normal * step
    ways = LPS_TO_RAS[:3, :3] @ image.affine[:3, :3]
    along = normal @ ways / image.spacing_mm
    axis = int(np.abs(along).argmax())
    return ways[:, axis] * np.sign(along[axis])


def _step(found: Segmentation, heights: np.ndarray, image: Grid | None, normal: np.ndarray) -> float:
    """The distance of slices in mm: the image's or what the header says, where it fits; else the smallest of frames."""
    said = [found.frames[0].get(keyword) for keyword in ("SpacingBetweenSlices", "SliceThickness")]
    if image is not None:
        along = np.abs(image.direction.T @ (LPS_TO_RAS[:3, :3] @ normal))
        said.insert(0, image.spacing_mm[int(along.argmax())])
    distances = np.diff(np.unique(heights.round(4)))
    distances = distances[distances > 1e-3]
    for value in said:
        try:
            step = abs(float(value))
        except (TypeError, ValueError):
            continue
        if not (np.isfinite(step) and step > 0):
            continue
        if not len(distances):
            return step
        steps = np.rint(distances / step)
        if steps.min() >= 1 and np.abs(distances - steps * step).max() < _UNEVEN * step:
            return float(distances.sum() / steps.sum())
    return float(distances.min()) if len(distances) else 1.0


def _planes(found: Segmentation) -> Iterator[np.ndarray]:
    """(rows, columns) of each frame."""
    header = found.header
    if whole(header.data.get("BitsAllocated")) != 1:
        yield from stored_voxels(header, range(header.frames))
    elif header.offset is not None:
        rows, columns = int(header.data.Rows), int(header.data.Columns)
        bits = rows * columns
        with header.path.open("rb") as file:
            for number in range(len(found.frames)):
                start = number * bits
                file.seek(header.offset + start // 8)
                data = np.frombuffer(file.read((start % 8 + bits + 7) // 8), np.uint8)
                yield np.unpackbits(data, bitorder="little")[start % 8 :][:bits].reshape(rows, columns)
    else:
        yield from stored_voxels(header, range(header.frames))


def _overlap(found: Segmentation, one: int, other: int) -> VolumeError:
    return VolumeError(
        "overlapping-dicom-segments",
        found.header.path,
        "has segments that overlap: `{one}` and `{other}`",
        "give these voxels to one of them (in Slicer: Segment Editor, Logical operators) and export it again",
        one=found.names.get(one) or one,
        other=found.names.get(other) or other,
    )


def _uneven(found: Segmentation, frame: Frame) -> VolumeError:
    return VolumeError(
        "uneven-segmentation",
        found.header.path,
        "its frames lie on no even grid: frame {frame} lies beside the others",
        "export it on the slices of the image",
        frame=frame.number + 1,
    )
