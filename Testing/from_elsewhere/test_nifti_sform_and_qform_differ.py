"""NIfTI headers that place an image twice, or nowhere.

spinalcordtoolbox/spinalcordtoolbox#2106: the segmentation of an image whose sform and qform differ gets one of them for both,
and no longer lies over the image in programs that take the other. ANTsX/ANTs#500: ITK takes the qform where others take the
sform. bids-standard/legacy-validator#292: both codes are 0.
"""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from data_sets import DataSet, only

from TransferSegLib.cases.nifti_place import NiftiPlace
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume, slicer_grid, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid

SIZE = (8, 9, 10)
QFORM = np.array([[2, 0, 0, -10], [0, 2, 0, -20], [0, 0, 3, 5], [0, 0, 0, 1.0]])
TURN = np.array([[1, 0, 0], [0, np.cos(0.3), -np.sin(0.3)], [0, np.sin(0.3), np.cos(0.3)]])
SFORM = np.eye(4)
SFORM[:3] = np.column_stack([TURN * (2, 2, 3), (0, -20, 5)])


def write(
    path: Path, sform: np.ndarray = SFORM, qform: np.ndarray = QFORM, codes=(4, 1), second=False, **fields
) -> Path:
    array = np.random.default_rng(0).integers(0, 900, SIZE).astype(np.int16)
    image = (nibabel.Nifti2Image if second else nibabel.Nifti1Image)(array, None)
    image.header.set_xyzt_units("mm")
    image.header.set_qform(qform, code=codes[1])
    image.header.set_sform(sform, code=codes[0])
    for name, value in fields.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


def doubts(path: Path) -> list[str]:
    return [problem.code for problem in read_volume(path).doubts]


@pytest.mark.parametrize("codes", [(s, q) for s in (0, 1, 2, 4) for q in (0, 1, 2)])
@pytest.mark.parametrize("second", [False, True], ids=["NIfTI-1", "NIfTI-2"])
def test_the_sform_is_taken_then_the_qform_as_nibabel_does(tmp_path: Path, codes, second) -> None:
    path = write(tmp_path / "x.nii.gz", codes=codes, second=second)
    theirs = nibabel.load(path).affine
    np.testing.assert_allclose(read_grid(path).affine, theirs, atol=1e-5)
    np.testing.assert_allclose(read_volume(path).grid.affine, theirs, atol=1e-5)


def test_how_far_apart_sform_and_qform_put_a_voxel_is_said_in_mm(tmp_path: Path) -> None:
    (doubt,) = read_volume(write(tmp_path / "x.nii")).doubts
    corners = np.array([(i, j, k, 1) for i in (0, 7) for j in (0, 8) for k in (0, 9)], float)
    apart_mm = np.linalg.norm((corners @ (SFORM - QFORM).T)[:, :3], axis=1).max()
    assert (doubt.code, doubt.severity) == ("nifti-two-places", "warning")
    assert f"up to {apart_mm:.3g} mm apart; the sform is taken, as nibabel and FSL do" in doubt.message
    assert "3D Slicer takes the qform" in doubt.message


def test_slicer_s_own_place_is_known_where_it_takes_the_qform(tmp_path: Path) -> None:
    path = write(tmp_path / "x.nii")
    np.testing.assert_allclose(slicer_grid(path).affine, QFORM, atol=1e-5)
    assert read_grid(path).farthest_mm(slicer_grid(path)) > 9
    scanner = write(tmp_path / "y.nii", codes=(1, 1))  # ITK takes an sform that is said to be the scanner's
    np.testing.assert_allclose(slicer_grid(scanner).affine, SFORM, atol=1e-5)
    assert "Slicer" not in read_volume(scanner).doubts[0].message


@pytest.mark.parametrize(
    ("codes", "sform", "fields", "expected"),
    [
        ((1, 1), QFORM, {}, []),
        ((1, 0), SFORM, {}, []),
        ((0, 1), SFORM, {}, []),
        ((0, 0), SFORM, {}, ["nifti-nowhere"]),
        ((1, 0), SFORM @ np.diag([1.5, 1, 1, 1]), {}, ["nifti-two-sizes"]),
        ((1, 0), SFORM, {"pixdim": [1, 0, 2, 3, 1, 1, 1, 1]}, ["nifti-two-sizes"]),
        ((1, 0), SFORM, {"pixdim": [1, -2, 2, 3, 1, 1, 1, 1]}, []),
        ((1, 0), SFORM, {"pixdim": [1, np.nan, 2, 3, 1, 1, 1, 1]}, ["nifti-two-sizes"]),
        ((1, 1), np.zeros((4, 4)), {}, ["nifti-one-place"]),
        ((1, 1), np.full((4, 4), np.nan), {}, ["nifti-one-place"]),
        ((1, 1), SFORM, {"quatern_b": 5}, ["nifti-one-place"]),
        ((1, 1), QFORM, {"xyzt_units": 3}, ["nifti-units"]),
        ((1, 1), QFORM, {"xyzt_units": 1}, ["nifti-units"]),
        ((1, 1), QFORM, {"xyzt_units": 0}, []),
        ((1, 1), QFORM, {"xyzt_units": 10}, []),  # mm and s
    ],
)
def test_a_header_that_contradicts_itself_is_doubted(tmp_path: Path, codes, sform, fields, expected) -> None:
    assert doubts(write(tmp_path / "x.nii", sform=sform, codes=codes, **fields)) == expected


@pytest.mark.parametrize(
    ("codes", "fields"),
    [
        ((1, 0), {"srow_x": [0, 0, 0, 0]}),
        ((1, 0), {"srow_x": [np.inf, 0, 0, 0]}),
        ((1, 0), {"srow_x": [0, 2, 0, 1]}),
        ((0, 1), {"quatern_c": 1.5}),
        ((0, 1), {"quatern_c": np.nan}),
        ((0, 1), {"qoffset_x": np.inf}),
        ((0, 1), {"pixdim": [1, 0, 2, 3, 1, 1, 1, 1]}),
        ((0, 1), {"pixdim": [1, 2, np.nan, 3, 1, 1, 1, 1]}),
        ((0, 0), {"pixdim": [1, 2, 2, 0, 1, 1, 1, 1]}),
    ],
)
def test_a_header_that_gives_no_place_at_all_is_refused(tmp_path: Path, codes, fields) -> None:
    path = write(tmp_path / "x.nii", sform=QFORM, codes=codes, **fields)
    for read in (read_grid, read_volume, read_labels):
        with pytest.raises(VolumeError, match=r"does not say where its voxels lie: its .* not valid"):
            read(path)


def test_lengths_in_micrometres_are_taken_as_such(tmp_path: Path) -> None:
    path = write(tmp_path / "x.nii", sform=QFORM @ np.diag([500, 500, 500, 1]), codes=(1, 0), xyzt_units=3)
    assert read_grid(path).spacing_mm == pytest.approx((1, 1, 1.5))


def test_an_intercept_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.nii", sform=QFORM)
    data = bytearray(path.read_bytes())
    data[112:120] = np.array([2, np.nan], "<f4").tobytes()
    path.write_bytes(data)
    with pytest.raises(VolumeError, match=r"multiplies its voxels with 2 and adds nan"):
        read_volume(path)


@pytest.mark.parametrize("codes", [(4, 1), (1, 1), (0, 2), (2, 0), (0, 0)])
@pytest.mark.parametrize("second", [False, True], ids=["NIfTI-1", "NIfTI-2"])
def test_a_segmentation_says_of_its_place_exactly_what_its_image_says(tmp_path: Path, codes, second) -> None:
    image = write(tmp_path / "x.nii.gz", codes=codes, second=second)
    volume = read_volume(image)
    for name in ("y.nii", "y.nii.gz"):
        write_labels(tmp_path / name, volume.array > 300, volume.grid, like=image)
        one, two = nibabel.load(image), nibabel.load(tmp_path / name)
        for form in ("qform", "sform"):
            (theirs, their_code), (ours, code) = (getattr(i, f"get_{form}")(coded=True) for i in (one, two))
            assert code == their_code
            assert (ours is None) == (theirs is None)
            if ours is not None:
                np.testing.assert_allclose(ours, theirs, atol=1e-5)
        assert two.header.get_xyzt_units()[0] == "mm"
        np.testing.assert_array_equal(np.asarray(two.dataobj), volume.array > 300)
        if not second:  # which ITK does not read
            np.testing.assert_allclose(slicer_grid(tmp_path / name).affine, slicer_grid(image).affine, atol=1e-5)


def test_an_image_that_was_moved_meanwhile_lends_its_place_to_nothing(tmp_path: Path) -> None:
    moved = Grid(SIZE, SFORM + np.array([[0, 0, 0, 5.0]] + 3 * [[0, 0, 0, 0]]))
    for like in (write(tmp_path / "x.nii"), tmp_path / "gone.nii", tmp_path / "x.nrrd", tmp_path):
        write_labels(tmp_path / "y.nii", np.ones(SIZE), moved, like=like)
        assert read_grid(tmp_path / "y.nii").same_as(moved)
        assert doubts(tmp_path / "y.nii") == []


def test_rounding_to_32_bits_is_no_contradiction_at_any_angle(tmp_path: Path) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        axis, angle = rng.normal(size=3), np.pi - 10.0 ** rng.uniform(-6, 0)  # near half a turn it is largest
        axis /= np.linalg.norm(axis)
        cross = np.cross(np.eye(3), axis)
        turn = np.eye(3) - np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
        grid = Grid(
            (512, 512, 400), np.vstack([np.column_stack([turn * (0.7, 0.7, 1), (-180, 200, -900)]), [0, 0, 0, 1]])
        )
        place = NiftiPlace.of_grid(grid)
        rounded = NiftiPlace(
            *(np.float32(part).tolist() if not isinstance(part, int) else part for part in vars(place).values())
        )
        assert list(rounded.doubts(tmp_path, grid.size)) == []


def test_cases_check_warns_once_a_case_and_exits_with_1(tmp_path: Path, capsys) -> None:
    data = DataSet(tmp_path)
    for path in (data.image("b"), data.label("b")):
        image = nibabel.load(path)
        moved = image.affine.copy()
        moved[2, 3] += 7
        image.header.set_sform(moved, code=4)
        image.header.set_qform(image.affine, code=1)
        nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), None, image.header), path)
    found = data.check()
    assert only(found) == ("b", "warning", "nifti-two-places")
    assert "image images/b.nii.gz: its header places it twice, by sform and qform, up to 7 mm apart" in found[0].message


def test_segment_says_it_too_and_writes_both_places(tmp_path: Path, tiny_source, capsys) -> None:
    path = write(tmp_path / "x.nii.gz")
    model = ["--model", str(tiny_source), "--images", str(path), "--out", str(tmp_path / "out")]
    assert main(["segment", *model, "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [problem["code"] for problem in findings if problem["severity"] != "note"] == ["nifti-two-places"]
    for form, affine in (("get_sform", SFORM), ("get_qform", QFORM)):
        np.testing.assert_allclose(getattr(nibabel.load(tmp_path / "out" / "x.nii.gz"), form)(), affine, atol=1e-5)
