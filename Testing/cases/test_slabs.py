from __future__ import annotations

import gzip
import sys

import numpy as np
import pytest

from TransferSegLib.cases import slabs
from TransferSegLib.cases.slabs import write_in_slabs
from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.grid import Grid

SIZE = (6, 5, 7)
TURN = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
SHEAR = np.array([[1.0, 0.3, 0], [0, 1, 0.2], [0, 0, 1]])


def grid(directions: np.ndarray) -> Grid:
    affine = np.eye(4)
    affine[:3, :3] = directions * np.array((0.7, 1.3, 2.9))
    affine[:3, 3] = (10.123456789, -22.2, 33.3)
    return Grid(SIZE, affine)


@pytest.fixture(autouse=True)
def thin(monkeypatch):
    monkeypatch.setattr(slabs, "SLAB_VOXELS", 2 * SIZE[0] * SIZE[1])


@pytest.mark.parametrize("directions", [np.eye(3), TURN, TURN @ np.diag([1, -1, 1]), np.eye(3)[[2, 0, 1]]])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32, np.float64, np.int64, ">i2"])
def test_what_was_written_in_slabs_is_read_voxel_by_voxel(tmp_path, directions, dtype):
    array = np.random.default_rng(2).integers(0, 3000, SIZE).astype(dtype)
    path = tmp_path / "image.nrrd"
    assert len(list(write_in_slabs(path, array, grid(directions)))) == 4
    back = read_volume(path)
    assert np.array_equal(back.array, array)
    assert np.allclose(back.grid.affine, grid(directions).affine, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
def test_labels_are_compressed_on_the_way(tmp_path, dtype):
    array = np.asfortranarray(np.random.default_rng(2).integers(0, 200, SIZE).astype(dtype))
    path = tmp_path / "labels.nrrd"
    list(write_in_slabs(path, array, grid(TURN), compress=True))
    assert np.array_equal(read_labels(path).array, array)
    header, voxels = path.read_bytes().split(b"\n\n", 1)
    assert b"encoding: gzip" in header and gzip.decompress(voxels) == array.tobytes(order="F")


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "float32"])
def test_what_goes_into_nifti_is_read_by_others(tmp_path, dtype):
    import nibabel

    array = (100 * np.random.default_rng(2).random(size=SIZE)).astype(dtype)
    path = tmp_path / "image.nii"
    list(write_in_slabs(path, array, grid(SHEAR)))
    theirs = nibabel.load(path)
    assert theirs.get_data_dtype() == dtype and np.array_equal(np.asarray(theirs.dataobj), array)
    assert np.allclose(theirs.affine, grid(SHEAR).affine, atol=1e-5) and theirs.header.get_xyzt_units()[0] == "mm"
    assert np.allclose(theirs.header.get_zooms(), grid(SHEAR).spacing_mm, atol=1e-5)
    assert nibabel.Nifti1Header.diagnose_binaryblock(path.read_bytes()[:348]) == ""


def test_axes_that_are_not_at_right_angles_go_into_nifti_before_anything_is_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)
    array = np.random.default_rng(2).normal(size=SIZE).astype(np.float32)
    list(write_in_slabs(tmp_path / "image.nii", array, grid(SHEAR)))
    assert np.array_equal(read_volume(tmp_path / "image.nii").array, array)
    assert np.allclose(read_grid(tmp_path / "image.nii").affine, grid(SHEAR).affine, atol=1e-5)
    with pytest.raises(InputError, match=r"use \.nii"):
        next(write_in_slabs(tmp_path / "image.nrrd", array, grid(SHEAR)))


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    array = np.zeros(SIZE, np.uint8)
    steps = write_in_slabs(tmp_path / "image.nrrd", array, grid(np.eye(3)))
    next(steps), next(steps)
    assert not (tmp_path / "image.nrrd").exists() and len(list(tmp_path.iterdir())) == 1
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_two_may_write_one_file_at_the_same_time(tmp_path):
    path = tmp_path / "image.nrrd"
    one = write_in_slabs(path, np.full(SIZE, 1, np.uint8), grid(np.eye(3)))
    next(one)
    list(write_in_slabs(path, np.full(SIZE, 2, np.uint8), grid(np.eye(3))))
    assert set(read_volume(path).array.flat) == {2}
    list(one)
    assert set(read_volume(path).array.flat) == {1} and list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(JobError, match="cannot be written"):
        next(write_in_slabs(tmp_path / "file" / "image.nrrd", np.zeros(SIZE), grid(np.eye(3))))
