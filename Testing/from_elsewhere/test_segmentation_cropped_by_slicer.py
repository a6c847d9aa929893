"""A segmentation that Slicer saved cropped to its contents lies on voxels of its image, and is read there.

Slicer/Slicer#5323: a segmentation is saved with the smallest extent. AIM-Harvard/pyradiomics#263: such label maps are
refused, although all voxels outside are 0 and their header says where they lie. Slicer/Slicer#6102: segments reach beyond it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from data_sets import GRID, SIZE, DataSet, label, only
from scipy.spatial.transform import Rotation

from TransferSegLib.cases.digests import digests_of
from TransferSegLib.cases.facts import read_facts
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import read_labels, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing

TURNED = np.array([[0, -0.8, 0, 12.5], [0.8, 0, 0, -7.25], [0, 0, 2.5, 31.125], [0, 0, 0, 1]])


def crop(array: np.ndarray, grid: Grid, edge: int = 0) -> tuple[np.ndarray, Grid]:
    """What Slicer keeps: the labels, here with some voxels around them, also beyond the array's edge."""
    padded = np.pad(array, edge)
    places = np.argwhere(padded)
    first, last = places.min(axis=0) - edge, places.max(axis=0) + edge
    return padded[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))], grid.part(
        first - edge, last - edge
    )


def save(path: Path, array: np.ndarray, grid: Grid) -> Path:
    """Write labels; into a .seg.nrrd with the names of two segments, as Slicer does."""
    if not path.name.endswith(".seg.nrrd"):
        write_labels(path, array, grid)
        return path
    image = SimpleITK.GetImageFromArray(array.T.astype(np.uint8))
    spacing, direction, origin = grid.to_lps()
    image.SetSpacing(spacing)
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin(origin)
    for n, name in enumerate(("femur", "tibia")):
        for field, what in (("ID", f"Segment_{n + 1}"), ("Name", name), ("LabelValue", str(n + 1)), ("Layer", "0")):
            image.SetMetaData(f"Segment{n}_{field}", what)
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("affine", [GRID.affine, TURNED])
@pytest.mark.parametrize("edge", [0, 1, 4])
@pytest.mark.parametrize("ending", [".seg.nrrd", ".nii.gz", ".nrrd", ".mha"])
def test_a_cropped_segmentation_is_read_as_the_whole_one(tmp_path: Path, affine, edge: int, ending: str) -> None:
    grid = Grid(SIZE, affine)
    image = tmp_path / "image.nii.gz"
    write_volume(image, np.random.default_rng(0).normal(size=SIZE), grid)
    path = save(tmp_path / f"label{ending}", *crop(label(2), grid, edge))
    assert read_labels(path).array.shape != SIZE
    found = read_labels(path, image=image)
    np.testing.assert_array_equal(found.array, label(2))
    assert found.grid.same_as(grid)
    case, whole = Case("x", (image,), path), Case("x", (image,), save(tmp_path / "whole.nii.gz", label(2), grid))
    one, other = (next(iter(read_facts([c], tmp_path))) for c in (case, whole))
    assert one.digests == other.digests == digests_of(case) == digests_of(whole)
    np.testing.assert_allclose(one.label.centres[2], other.label.centres[2], atol=1e-4)
    task = LabelTask(("femur", "tibia"), (1, 2), {1: 1, 2: 2}, ((), (), ()))
    classes = [prepare_case(c, Preprocessing((1, 1, 1)), task).classes for c in (case, whole)]
    np.testing.assert_array_equal(*classes)


@pytest.mark.parametrize("ending", [".seg.nrrd", ".nii.gz"])
def test_only_a_format_that_is_usually_whole_is_doubted(tmp_path: Path, ending: str) -> None:
    image = tmp_path / "image.nii.gz"
    write_volume(image, np.random.default_rng(0).normal(size=SIZE), GRID)
    path = save(tmp_path / f"label{ending}", *crop(label(2), GRID))
    facts = next(iter(read_facts([Case("x", (image,), path)], tmp_path)))
    assert [problem.code for problem in facts.problems] == ([] if ending == ".seg.nrrd" else ["label-of-a-part"])


def test_a_segmentation_that_lacks_a_slice_of_the_image_is_a_warning(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    write_labels(data.label("b"), label(1)[:, :, :-1], GRID.part((0, 0, 0), [SIZE[0] - 1, SIZE[1] - 1, SIZE[2] - 2]))
    found = data.check()
    assert only(found) == ("b", "warning", "label-of-a-part")
    assert "see that none of its slices was lost" in found[0].sentence


def test_labels_beyond_the_edge_of_the_image_are_an_error_that_says_how_far(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    array, grid = crop(label(1), GRID)
    for by, says in ((3, "reaches 2 mm beyond the edge of the image"), (50, "lies 44 mm outside the image")):
        affine = grid.affine.copy()
        affine[0, 3] += by
        save(data.label("b"), array, Grid(grid.size, affine))
        found = data.check()
        assert only(found) == ("b", "error", "label-grid")
        assert f"the segmentation {says}" in found[0].message


@pytest.mark.parametrize("change", ["between voxels", "other spacing", "turned by 10°", "whole, but elsewhere"])
def test_what_does_not_lie_on_the_voxels_of_its_image_is_still_on_another_grid(tmp_path: Path, change: str) -> None:
    data = DataSet(tmp_path)
    array, grid = crop(label(1), GRID)
    affine = grid.affine.copy()
    if change == "between voxels":
        affine[0, 3] += 0.1
    elif change == "other spacing":
        affine[1, 1] *= 1.1
    elif change == "turned by 10°":
        affine[:3, :3] = Rotation.from_euler("z", 10, degrees=True).as_matrix() @ affine[:3, :3]
    else:
        array, affine = label(1), GRID.affine.copy()
        affine[0, 3] += 1  # its labels are all inside, but a whole image is no part of itself: the header is wrong
    save(data.label("b"), array, Grid(array.shape, affine))
    assert only(data.check()) == ("b", "error", "label-grid")


@pytest.mark.parametrize("ending", [".seg.nrrd", ".nrrd"])
@pytest.mark.parametrize("sides", ["reference", "prediction", "both"])
def test_evaluate_compares_cropped_and_whole_voxel_by_voxel(tmp_path: Path, capsys, ending: str, sides: str) -> None:
    found = label(2)
    found[2, 2, 2], found[7, 8, 1] = 0, 2
    for side, array in (("reference", label(2)), ("prediction", found)):
        cropped = crop(array, GRID) if sides in (side, "both") else (array, GRID)
        save(tmp_path / side / f"x{ending}", *cropped)
        save(tmp_path / "whole" / side / f"x{ending}", array, GRID)
    rows = []
    for root in (tmp_path, tmp_path / "whole"):
        asked = ["evaluate", "--reference", str(root / "reference"), "--prediction", str(root / "prediction")]
        assert main([*asked, "--out", str(tmp_path / "scores.csv")]) == 0, capsys.readouterr().err
        rows.append(list(csv.DictReader((tmp_path / "scores.csv").open())))
    assert rows[0] == rows[1] and float(rows[0][0]["dice"]) < 1


def test_two_crops_of_one_size_at_different_places_are_compared_where_they_lie(tmp_path: Path, capsys) -> None:
    array = np.zeros(SIZE, np.uint8)
    array[2:5, 2:5, 2:5] = 1
    for side, shift in (("reference", 0), ("prediction", 1)):
        save(tmp_path / side / "x.seg.nrrd", *crop(np.roll(array, shift, axis=0), GRID))
    asked = ["evaluate", "--reference", str(tmp_path / "reference"), "--prediction", str(tmp_path / "prediction")]
    assert main([*asked, "--out", str(tmp_path / "scores.csv")]) == 0, capsys.readouterr().err
    (row,) = csv.DictReader((tmp_path / "scores.csv").open())
    assert float(row["dice"]) == pytest.approx(2 / 3)
