"""Every voxel comes back where it was; what is no whole 3D volume is refused in one sentence."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from TransferSegLib.cases import nifti, volumes
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import (
    read_grid,
    read_labels,
    read_volume,
    write_labels,
    write_volume,
)
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.grid import Grid

SIZE = (5, 6, 7)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    size = draw(st.tuples(*[st.integers(1, 9)] * 3))
    spacing = draw(st.tuples(*[st.floats(0.1, 8.0)] * 3))
    angles = draw(st.tuples(*[st.floats(-180, 180)] * 3))
    flips = draw(st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3))
    order = draw(st.permutations(range(3)))
    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, :3] = (rotation * np.array(flips) * np.array(spacing))[:, order]
    affine[:3, 3] = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    return Grid(size, affine)


def corners_mm(affine: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    ends = [(0, n - 1) for n in size]
    ijk = np.array([(i, j, k, 1) for i in ends[0] for j in ends[1] for k in ends[2]], dtype=float)
    return (ijk @ affine.T)[:, :3]


def some_volume(size: tuple[int, int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(1).normal(100, 30, size).astype(np.float32)


def save_nifti(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
    return path


@settings(max_examples=60, deadline=None)
@given(grid=grids(), suffix=st.sampled_from([".nii", ".nii.gz", ".nrrd", ".mha"]))
def test_every_voxel_written_comes_back_at_its_place(grid: Grid, suffix: str) -> None:
    array = some_volume(grid.size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ein bild é" + suffix)
        write_volume(path, array, grid)
        back = read_volume(path)
        np.testing.assert_array_equal(back.array, array)
        np.testing.assert_allclose(
            corners_mm(back.grid.affine, grid.size), corners_mm(grid.affine, grid.size), atol=2e-3
        )
        header_only = read_grid(path)
        assert header_only.size == grid.size
        np.testing.assert_array_equal(header_only.affine, back.grid.affine)
        if suffix.startswith(".nii"):
            theirs = nibabel.load(path)
            np.testing.assert_array_equal(np.asarray(theirs.dataobj), array)
            np.testing.assert_allclose(
                corners_mm(theirs.affine, grid.size), corners_mm(grid.affine, grid.size), atol=2e-3
            )


@settings(max_examples=60, deadline=None)
@given(grid=grids(), kind=st.sampled_from(["u1", "i2", ">i2", "u2", "i4", "f4", ">f4", "f8"]), second=st.booleans())
def test_nifti_files_of_others_are_read_as_nibabel_reads_them(grid: Grid, kind: str, second: bool) -> None:
    array = (some_volume(grid.size).clip(0, 255)).astype(kind)
    image = (nibabel.Nifti2Image if second else nibabel.Nifti1Image)(array, grid.affine)
    if kind.startswith(">"):
        image = image.__class__(array, grid.affine, image.header.as_byteswapped(">"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.nii.gz")
        nibabel.save(image, path)
        ours = read_volume(path)
        np.testing.assert_array_equal(ours.array, array.astype(np.float32))
        assert ours.array.dtype == np.float32
        assert ours.array.flags.writeable
        np.testing.assert_allclose(
            corners_mm(ours.grid.affine, grid.size), corners_mm(nibabel.load(path).affine, grid.size), atol=2e-3
        )


def test_scaled_voxels_are_unscaled(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.arange(210).reshape(SIZE).astype(np.int16), np.eye(4))
    image.header.set_slope_inter(0.5, -1024)
    nibabel.save(image, tmp_path / "ct.nii.gz")
    expected = nibabel.load(tmp_path / "ct.nii.gz").get_fdata()
    np.testing.assert_allclose(read_volume(tmp_path / "ct.nii.gz").array, expected, atol=1e-4)
    np.testing.assert_allclose(
        read_volume(tmp_path / "ct.nii.gz").array,
        SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "ct.nii.gz"))).T,
        atol=1e-4,
    )


def test_a_nifti_whose_axes_are_not_at_right_angles_is_placed_by_its_sform(tmp_path: Path) -> None:
    affine = np.array([[1, 0.3, 0, -5], [0, 1.2, 0, 7], [0, 0, 2, 9], [0, 0, 0, 1.0]])
    path = save_nifti(tmp_path / "sheared.nii.gz", some_volume(), affine)
    volume = read_volume(path)
    np.testing.assert_allclose(volume.grid.affine, affine, atol=1e-6)
    np.testing.assert_allclose(read_grid(path).affine, affine, atol=1e-6)
    write_labels(tmp_path / "out.nii.gz", (volume.array > 100).astype(np.uint8), volume.grid)
    back = read_labels(tmp_path / "out.nii.gz")
    np.testing.assert_allclose(back.grid.affine, affine, atol=1e-6)
    np.testing.assert_array_equal(back.array, volume.array > 100)
    with pytest.raises(InputError, match="not at right angles"):
        write_labels(tmp_path / "out.nrrd", volume.array > 100, volume.grid)


@pytest.mark.parametrize(("values", "dtype"), [((0, 1, 255), np.uint8), ((0, 256), np.int32), ((-1, 3), np.int32)])
def test_label_values_come_back_in_the_smallest_type_that_holds_them(
    tmp_path: Path, values: tuple[int, ...], dtype: type
) -> None:
    labels = np.resize(np.array(values), SIZE)
    for name in ("a.nii.gz", "b.nrrd", "c.mha"):
        write_labels(tmp_path / name, labels, Grid.from_spacing(SIZE, (1, 2, 3)))
        back = read_labels(tmp_path / name).array
        assert back.dtype == dtype
        np.testing.assert_array_equal(back, labels)


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nii"])
def test_large_labels_are_read_in_parts_and_a_file_cut_short_is_refused(tmp_path: Path, name: str) -> None:
    path, size = tmp_path / name, (200, 200, 80)
    labels = np.random.default_rng(2).integers(0, 4, size)
    write_labels(path, labels, Grid.from_spacing(size, (1, 2, 3)))
    assert read_grid(path).differences(read_labels(path).grid) == []
    np.testing.assert_array_equal(read_labels(path).array, labels)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(VolumeError, match="is truncated"):
        read_labels(path)


def test_labels_stored_as_floats_are_read_when_they_are_whole(tmp_path: Path) -> None:
    whole = save_nifti(tmp_path / "whole.nii.gz", np.resize([0.0, 1.0, 2.00001], SIZE).astype(np.float32))
    assert set(np.unique(read_labels(whole).array)) == {0, 1, 2}
    for wrong in (0.5, np.nan):
        path = save_nifti(tmp_path / "wrong.nii.gz", np.resize([0.0, wrong], SIZE).astype(np.float32))
        with pytest.raises(VolumeError, match="not whole numbers") as refusal:
            read_labels(path)
        assert refusal.value.code == "labels-not-whole"
    huge = save_nifti(tmp_path / "huge.nii.gz", np.resize([0.0, 1e12], SIZE))
    with pytest.raises(VolumeError, match="label values up to 1e\\+12"):
        read_labels(huge)


def test_one_frame_of_a_4d_file_is_squeezed(tmp_path: Path) -> None:
    array = some_volume()
    save_nifti(tmp_path / "one.nii.gz", array[..., None])
    np.testing.assert_array_equal(read_volume(tmp_path / "one.nii.gz").array, array)
    image = SimpleITK.GetImageFromArray(array.T[None], isVector=False)
    assert image.GetDimension() == 4
    SimpleITK.WriteImage(image, str(tmp_path / "one.nrrd"))
    np.testing.assert_array_equal(read_volume(tmp_path / "one.nrrd").array, array)
    assert read_grid(tmp_path / "one.nrrd").size == SIZE


def write_unusable(kind: str, folder: Path) -> Path:
    array = some_volume((20, 20, 20))
    path = folder / {"nii": "x.nii", "nii.gz": "x.nii.gz", "nrrd": "x.nrrd", "mha": "x.mha"}.get(kind[5:], "x.nii.gz")
    if kind.startswith("half "):
        write_volume(path, array, Grid.from_spacing((20, 20, 20), (1, 1, 1)))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "bit flipped":
        save_nifti(path, array)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    elif kind.endswith("nifti header"):
        save_nifti(path, array)
        data = bytearray(gzip.decompress(path.read_bytes()))
        if kind == "bits nifti header":
            data[70:72] = np.array([1], "<i2").tobytes()
        elif kind == "huge nifti header":
            data[42:48] = np.array([30000, 30000, 30000], "<i2").tobytes()
        else:
            offset = {"placeless": np.nan, "backward": -4.0, "overlapping": 0.0}[kind.split()[0]]
            data[108:112] = np.array([offset], "<f4").tobytes()
        path.write_bytes(gzip.compress(data))
    elif kind == "short header":
        path.write_bytes(gzip.compress(b"\x5c\x01\x00\x00" + b"\0" * 96))
    elif kind == "not an image":
        path.write_text("hello")
    elif kind == "text as nrrd":
        path = folder / "x.nrrd"
        path.write_text("hello")
    elif kind == "other ending":
        path = folder / "x.bmp"
        path.write_text("hello")
    elif kind == "4d nifti":
        save_nifti(path, np.stack([array, array], axis=3))
    elif kind == "4d nrrd":
        path = folder / "x.nrrd"
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((2, 3, 4, 5)), isVector=False), str(path))
    elif kind == "2d":
        save_nifti(path, array[..., 0])
    elif kind == "vector":
        path = folder / "x.mha"
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((3, 4, 5, 3)), isVector=True), str(path))
    elif kind == "colour nifti":
        save_nifti(path, np.zeros(SIZE, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")]))
    elif kind == "empty folder":
        path = folder / "empty"
        path.mkdir()
    return path


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("missing", "missing-file", "no such file"),
        ("half nii", "truncated-nifti", "is truncated, 16[0-9]{3} bytes are missing"),
        ("half nii.gz", "damaged-nifti", "truncated or damaged"),
        ("half nrrd", "damaged-image", "truncated or damaged"),
        ("half mha", "damaged-image", "truncated or damaged"),
        ("bit flipped", "damaged-nifti", "truncated or damaged"),
        ("short header", "not-nifti", "header is damaged"),
        ("huge nifti header", "truncated-nifti", "is truncated, [0-9]{12,} bytes are missing"),
        ("placeless nifti header", "not-nifti", "header is damaged"),
        ("backward nifti header", "not-nifti", "header is damaged"),
        ("overlapping nifti header", "nifti-offset", "voxels begin within its header"),
        ("bits nifti header", "nifti-type", "a type that is not read"),
        ("not an image", "not-nifti", "not a NIfTI file"),
        ("text as nrrd", "not-an-image", "is not an image"),
        ("other ending", "other-ending", "not an image by its ending"),
        ("4d nifti", "not-3d", "is 4D \\(20×20×20×2\\) where 3D is meant"),
        ("4d nrrd", "not-3d", "is 4D \\(5×4×3×2\\)"),
        ("2d", "not-3d", "is 2D"),
        ("vector", "several-numbers-a-voxel", "several numbers a voxel"),
        ("colour nifti", "several-numbers-a-voxel", "several numbers a voxel"),
        ("empty folder", "no-slices", "no DICOM files"),
    ],
)
def test_what_is_no_volume_is_refused_in_one_sentence(tmp_path: Path, kind: str, code: str, says: str) -> None:
    path = write_unusable(kind, tmp_path)
    with pytest.raises(VolumeError, match=says) as refusal:
        read_volume(path)
    assert refusal.value.code == code
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    with pytest.raises(VolumeError):
        read_labels(path)
    if code in ("missing-file", "not-3d", "several-numbers-a-voxel"):
        with pytest.raises(VolumeError):
            read_grid(path)


def test_a_volume_that_does_not_fit_into_memory_is_refused_and_a_damaged_one_still_for_that(tmp_path, monkeypatch):
    whole = save_nifti(tmp_path / "whole.nii.gz", some_volume())
    cut = tmp_path / "cut.nii.gz"
    cut.write_bytes(gzip.compress(gzip.decompress(whole.read_bytes())[:-8]))

    def full(*_given):
        raise MemoryError

    monkeypatch.setattr(nifti.np, "empty", full)
    with pytest.raises(VolumeError, match="GiB of memory, more than this computer has free; crop or resample it"):
        read_volume(whole)
    with pytest.raises(VolumeError, match="is truncated, 8 bytes are missing"):
        read_volume(cut)


def write_dicom(
    folder: Path, array: np.ndarray, series: str = "1.2.3.4", slide_mm: float = 0.0, jitter_mm: float = 0.0
) -> Path:
    """Axial slices 3 mm apart; `slide_mm` shifts each slice as a tilted gantry does, `jitter_mm` every other one."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = SimpleITK.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k in range(array.shape[2]):
        image = SimpleITK.GetImageFromArray(array[:, :, k : k + 1].T)[:, :, 0]
        image.SetSpacing((1.5, 2.0))
        tags = {
            "0008|0060": "MR",
            "0020|000d": "1.2.3",
            "0020|000e": series,
            "0008|0018": f"{series}.{k + 1}",
            "0020|0013": str(k + 1),
            "0020|0032": f"-10\\{-20 + slide_mm * k}\\{3.0 * k + 5 + jitter_mm * (k % 2)}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
        }
        for tag, value in tags.items():
            image.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{series}.{k:03}.dcm"))
        writer.Execute(image)
    return folder


def test_a_dicom_series_is_read_with_its_geometry(tmp_path: Path) -> None:
    array = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
    folder = write_dicom(tmp_path / "série 1", array)
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.array, array)
    expected = np.array([[-1.5, 0, 0, 10], [0, -2, 0, 20], [0, 0, 3, 5], [0, 0, 0, 1.0]])
    np.testing.assert_allclose(volume.grid.affine, expected, atol=1e-6)
    np.testing.assert_array_equal(read_grid(folder).affine, volume.grid.affine)
    assert read_grid(folder).size == (5, 6, 7)


def test_slices_of_a_tilted_gantry_lie_where_their_headers_say(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "ct", np.arange(210, dtype=np.int16).reshape(5, 6, 7), slide_mm=0.8)
    last = read_volume(folder).grid.affine @ [0, 0, 6, 1]
    np.testing.assert_allclose(last[:3], [10, 20 - 0.8 * 6, 5 + 18], atol=1e-6)


def test_a_folder_with_two_series_is_refused(tmp_path: Path) -> None:
    array = np.arange(210, dtype=np.int16).reshape(5, 6, 7)
    write_dicom(tmp_path, array, "1.2.3.4")
    write_dicom(tmp_path, array, "1.2.3.5")
    with pytest.raises(VolumeError, match=r"2 DICOM series in one folder: 1.2.3.4 \(MR, 7 slices") as refusal:
        read_volume(tmp_path)
    assert refusal.value.code == "several-series"


def test_a_series_that_lacks_a_slice_is_refused(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(210, dtype=np.int16).reshape(5, 6, 7))
    (folder / "1.2.3.4.003.dcm").unlink()
    with pytest.raises(VolumeError, match="not evenly spaced") as refusal:
        read_volume(folder)
    assert refusal.value.code == "uneven-slices"


def test_slices_with_gaps_are_read_where_they_are_declared(tmp_path: Path) -> None:
    array = np.arange(210, dtype=np.int16).reshape(5, 6, 7)
    folder = write_dicom(tmp_path / "mr", array)
    (folder / "1.2.3.4.003.dcm").unlink()
    with pytest.raises(VolumeError, match="if the gaps are meant, choose `mr#Slices=apart`"):
        read_volume(folder)
    declared = folder.with_name("mr#Slices=apart")
    found = read_volume(declared)
    assert found.array.shape == (5, 6, 6) and found.grid.spacing_mm[2] == pytest.approx(3)
    assert {tuple(plane.ravel()) for plane in found.array.T} <= {tuple(plane.ravel()) for plane in array.T}
    assert [doubt.code for doubt in found.doubts] == ["slices-apart"]
    assert read_grid(declared).same_as(found.grid)
    with pytest.raises(VolumeError):
        read_volume(folder.with_name("mr#Slices=close"))


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd"])
def test_a_file_of_one_frame_is_a_volume(tmp_path: Path, ending: str) -> None:
    array = np.arange(60, dtype=np.float32).reshape(5, 4, 3)
    image = sitk_of_one_frame(array)
    SimpleITK.WriteImage(image, str(tmp_path / f"a.{ending}"))
    assert np.array_equal(read_volume(tmp_path / f"a.{ending}").array, array)


def sitk_of_one_frame(array: np.ndarray) -> SimpleITK.Image:
    return SimpleITK.JoinSeries([SimpleITK.GetImageFromArray(array.T)])


def cut_off(data: bytes) -> bytes:
    return data[:-200]


def cut_in_the_header(data: bytes) -> bytes:
    return data[:300]


def cut_at_once(data: bytes) -> bytes:
    return b""


def pixels_without_an_end(data: bytes) -> bytes:
    return data[:-1]


@pytest.mark.parametrize("spoil", [cut_off, cut_in_the_header, cut_at_once, pixels_without_an_end])
@pytest.mark.parametrize("slices", [(0,), (3,), (6,), (5, 6)])
def test_a_damaged_slice_anywhere_in_a_series_is_refused_by_its_name(
    tmp_path: Path, spoil: Callable[[bytes], bytes], slices: tuple[int, ...]
) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(10 * 20 * 7, dtype=np.int16).reshape(10, 20, 7))
    paths = [folder / f"1.2.3.4.{k:03}.dcm" for k in slices]
    for path in paths:
        path.write_bytes(spoil(path.read_bytes()))
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match="is a DICOM slice that is truncated or damaged") as refusal:
            read(folder)
        assert (refusal.value.code, refusal.value.path) == ("damaged-slice", paths[0])
        assert ("1 more in its folder" in str(refusal.value)) == (len(slices) == 2)


def test_a_series_of_damaged_slices_alone_is_refused_as_damaged(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(10 * 20 * 2, dtype=np.int16).reshape(10, 20, 2))
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(VolumeError, match="truncated or damaged, as 1 more in its folder"):
        read_volume(folder)


def test_what_lies_beside_a_series_and_is_no_slice_of_it_is_left_in_peace(tmp_path: Path) -> None:
    array = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
    folder = write_dicom(tmp_path / "mr", array)
    slice_ = (folder / "1.2.3.4.000.dcm").read_bytes()
    mr, report, directory = b"1.2.840.10008.5.1.4.1.1.4\0", b"1.2.840.10008.5.1.4.1.1.88.11", b"1.2.840.10008.1.3.10"
    # without pixels, which GDCM does not take for an image
    header = slice_[: slice_.index(b"\xe0\x7f\x10\x00")]
    (folder / "report.dcm").write_bytes(header.replace(mr, report[: len(mr)]))
    (folder / "index").write_bytes(header.replace(mr, directory.ljust(len(mr), b"\0")))
    (folder / "other.dcm").write_bytes(slice_[:-20].replace(b"1.2.3.4\0", b"1.2.3.5\0"))
    (folder / "DICOMDIR").write_bytes(header)
    (folder / "._1.2.3.4.000.dcm").write_bytes(b"")
    (folder / "notes.txt").write_text("a fine scan")
    np.testing.assert_array_equal(read_volume(folder).array, array)
    for path in folder.glob("1.2.3.4.*.dcm"):
        path.unlink()
    (folder / "other.dcm").unlink()
    with pytest.raises(VolumeError, match="is DICOM, but no image"):
        read_volume(folder)


def test_slice_positions_rounded_in_the_header_are_no_reason_to_refuse(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(210, dtype=np.int16).reshape(5, 6, 7), jitter_mm=0.01)
    assert read_volume(folder).grid.spacing_mm == pytest.approx((1.5, 2, 3))


def test_slices_at_one_position_are_refused(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(30, dtype=np.int16).reshape(5, 6, 1))
    copy = SimpleITK.ReadImage(str(folder / "1.2.3.4.000.dcm"))
    copy.SetMetaData("0008|0018", "1.2.3.4.9")
    copy.SetMetaData("0020|0013", "2")
    writer = SimpleITK.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetFileName(str(folder / "second.dcm"))
    writer.Execute(copy)
    with pytest.raises(VolumeError, match=r"lies at the position of 1.2.3.4.000.dcm"):
        read_volume(folder)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    grid = Grid.from_spacing(SIZE, (1, 1, 1))
    blocked = tmp_path / "file"
    blocked.write_text("in the way of a folder")
    with pytest.raises(JobError, match="cannot be written"):
        write_volume(blocked / "x.nii.gz", some_volume(), grid)
    with pytest.raises(InputError, match="use one of"):
        write_volume(tmp_path / "x.png", some_volume(), grid)
    with pytest.raises(ValueError, match="on a grid of size"):
        write_volume(tmp_path / "x.nii.gz", some_volume((2, 2, 2)), grid)
    write_volume(tmp_path / "x.nii.gz", some_volume(), grid)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "x.nii.gz"]


@pytest.mark.parametrize(("allowed", "says"), [(False, "writing is not allowed"), (True, "is the disk full")])
def test_a_folder_that_may_not_be_written_is_not_called_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool, says: str
) -> None:
    def refuse(*args: object) -> None:
        raise RuntimeError("ITK's own words")

    monkeypatch.setattr(volumes, "_write_itk", refuse)
    monkeypatch.setattr("os.access", lambda path, mode: allowed)
    with pytest.raises(JobError, match=says):
        write_volume(tmp_path / "x.nrrd", some_volume(), Grid.from_spacing(SIZE, (1, 1, 1)))


@pytest.mark.parametrize("name", ["x.nrrd", "x.mha"])
@pytest.mark.parametrize("kept", [0, 0.5, 0.99])
def test_a_file_that_the_disk_kept_in_part_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kept: float
) -> None:
    path, grid = tmp_path / name, Grid.from_spacing(SIZE, (1, 1, 1))
    write_volume(path, some_volume(), grid)
    before, whole = path.read_bytes(), volumes._write_itk

    def short(place: Path, array: np.ndarray, grid: Grid) -> None:
        whole(place, array, grid)
        os.truncate(place, int(kept * place.stat().st_size))  # as ITK leaves it, without a word

    monkeypatch.setattr(volumes, "_write_itk", short)
    with pytest.raises(JobError, match=f"{name}: the disk is full; free space and run it again"):
        write_volume(path, some_volume() + 1, grid)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_damaged_files_leave_no_itk_warning_on_the_terminal(tmp_path: Path) -> None:
    folder = write_dicom(tmp_path / "mr", np.arange(210, dtype=np.int16).reshape(5, 6, 7))
    (folder / "1.2.3.4.003.dcm").unlink()
    code = (
        "import sys; from TransferSegLib.cases.volumes import read_volume\n"
        "try: read_volume(sys.argv[1])\nexcept Exception as error: print(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("VolumeError", "")


def test_a_nifti_that_places_its_voxels_nowhere_is_refused(tmp_path: Path) -> None:
    sheared = np.array([[1, 0.3, 0, -5], [0, 1.2, 0, 7], [0, 0, 2, 9], [0, 0, 0, 1.0]])
    path = save_nifti(tmp_path / "x.nii", some_volume(), sheared)
    data = bytearray(path.read_bytes())
    data[280 : 280 + 48] = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype="<f4").tobytes()  # srow_x, y, z
    path.write_bytes(data)
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match="does not say where its voxels lie"):
            read(path)


def test_a_file_that_the_system_does_not_let_us_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_nifti(tmp_path / "x.nii", some_volume())

    def forbidden(self: Path, mode: str = "r") -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    monkeypatch.setattr(Path, "read_bytes", forbidden)
    for read in (read_volume, read_labels, read_grid):
        with pytest.raises(VolumeError, match=r"cannot be read \(Permission denied\); check the file"):
            read(path)


def test_axes_that_are_not_at_right_angles_are_written_without_nibabel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    sheared = Grid(SIZE, np.array([[1, 0.3, 0, -5], [0, 1.2, 0, 7], [0, 0, 2, 9], [0, 0, 0, 1.0]]))
    write_volume(tmp_path / "x.nii.gz", some_volume(), sheared)
    assert read_grid(tmp_path / "x.nii.gz").same_as(sheared)
