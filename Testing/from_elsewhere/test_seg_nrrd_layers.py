"""Segmentations of Slicer in several layers.

AIM-Harvard/pyradiomics#445, Project-MONAI/MONAI#4238: a `.seg.nrrd` is read as a vector image, and each program has to take
it apart. Slicer keeps layers also where segments do not overlap any more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from data_sets import GRID, SIZE

from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_labels, read_segment_names

# Name, layer, value in the layer, first and last slice along k.
APART = (("air", 0, 1, 0, 2), ("soft tissue", 0, 2, 3, 4), ("bone", 1, 1, 5, 8))


def write(path: Path, segments, fields: tuple[str, ...] = ("ID", "Name", "LabelValue", "Layer"), axis: int = 0) -> Path:
    """Write segments as Slicer does, with the layers as the first axis of the file (0) or as the last (3)."""
    layers = np.zeros((1 + max(layer for _, layer, *_ in segments), *SIZE), np.uint8)
    lines = []
    for n, (name, layer, value, first, last) in enumerate(segments):
        layers[layer, 2:5, 3:6, first : last + 1] = value
        known = {"ID": f"Segment_{n + 1}", "Name": name, "LabelValue": value, "Layer": layer}
        lines += [f"Segment{n}_{field}:={known[field]}" for field in fields]
    axes = [f"({x},{y},{z})" for x, y, z in np.diag(GRID.spacing_mm) * ((-1,), (-1,), (1,))]
    sizes, kinds = [str(n) for n in SIZE], ["domain"] * 3
    for parts, own in ((axes, "none"), (sizes, str(len(layers))), (kinds, "list")):
        parts.insert(axis, own)
    header = [
        "NRRD0004",
        "type: unsigned char",
        "dimension: 4",
        "space: left-posterior-superior",
        f"sizes: {' '.join(sizes)}",
        f"space directions: {' '.join(axes)}",
        f"kinds: {' '.join(kinds)}",
        "encoding: raw",
        "space origin: (0,0,0)",
        *lines,
    ]
    data = np.moveaxis(layers, 0, axis).tobytes(order="F")
    path.write_bytes("\n".join(header).encode() + b"\n\n" + data)
    return path


def expected(segments) -> np.ndarray:
    array = np.zeros(SIZE, np.uint8)
    for n, (_, _, _, first, last) in enumerate(segments, start=1):
        array[2:5, 3:6, first : last + 1] = n
    return array


@pytest.mark.parametrize("axis", [0, 3], ids=["layers first", "layers last"])
def test_segments_in_layers_that_do_not_overlap_are_one_label_map(tmp_path: Path, axis: int) -> None:
    path = write(tmp_path / "a.seg.nrrd", APART, axis=axis)
    found = read_labels(path)
    np.testing.assert_array_equal(found.array, expected(APART))
    assert found.array.dtype == np.uint8
    assert found.grid.same_as(GRID) and read_grid(path).same_as(GRID)
    assert read_segment_names(path) == [(1, "air"), (2, "soft tissue"), (3, "bone")]


def test_values_that_are_unique_over_all_layers_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.seg.nrrd", (("a", 0, 7, 0, 2), ("b", 1, 300 % 256, 3, 4), ("c", 2, 5, 6, 7)))
    assert set(np.unique(read_labels(path).array)) == {0, 7, 44, 5}
    assert read_segment_names(path) == [(7, "a"), (44, "b"), (5, "c")]


@pytest.mark.parametrize("fields", [("ID", "Name"), ("ID", "Name", "LabelValue"), ("ID", "Name", "Layer")])
def test_segmentations_of_older_slicers_have_a_layer_a_segment(tmp_path: Path, fields: tuple[str, ...]) -> None:
    segments = (("air", 0, 1, 0, 2), ("bone", 1, 1, 5, 8), ("lesion", 2, 1, 9, 9))
    path = write(tmp_path / "a.seg.nrrd", segments, fields)
    np.testing.assert_array_equal(read_labels(path).array, expected(segments))
    assert read_segment_names(path) == [(1, "air"), (2, "bone"), (3, "lesion")]


def test_segments_that_overlap_are_refused_by_their_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.seg.nrrd", (("liver", 0, 1, 0, 5), ("spleen", 0, 2, 6, 7), ("lesion", 1, 1, 5, 6)))
    with pytest.raises(VolumeError) as refusal:
        read_labels(path)
    assert refusal.value.code == "overlapping-segments"
    assert "has segments that overlap: `liver` and `lesion`, in 9 voxels; give these voxels to one of them" in str(
        refusal.value
    )


def test_a_segment_that_is_listed_twice_for_the_same_voxels_overlaps_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.seg.nrrd", (("liver", 0, 1, 0, 5), ("organ", 0, 1, 0, 5), ("lesion", 1, 1, 8, 8)))
    with pytest.raises(VolumeError, match="`liver` and `organ`, in 54 voxels"):
        read_labels(path)


def test_an_image_of_vectors_is_no_segmentation(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(np.zeros((3, 4, 5, 2), np.uint8), isVector=True)
    SimpleITK.WriteImage(image, str(tmp_path / "a.seg.nrrd"))
    with pytest.raises(VolumeError, match="has several numbers a voxel"):
        read_labels(tmp_path / "a.seg.nrrd")
