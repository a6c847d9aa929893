"""Rescale slopes and intercepts of DICOM slices: each slice has its own, and PET uses that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from Testing.made_dicom import CT, PET, numbers, save, write_frames, write_series
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume


def test_slices_of_different_slopes_have_their_real_values(tmp_path: Path) -> None:
    """SimpleITK/SimpleITK#1636: the first slice, with a slope of 1, makes integers of the slopes of all others.

    Also rordenlab/dcm2niix#978, a PET series of 100 slopes.
    """
    stored, slopes = numbers() + 32000, (1.0, 1.30497, 0.25, 40.5)
    slices = {k: {"RescaleSlope": slope, "RescaleIntercept": 0} for k, slope in enumerate(slopes)}
    volume = read_volume(write_series(tmp_path, stored, kind=PET, slices=slices))
    assert volume.array.dtype == np.float32
    np.testing.assert_allclose(volume.array, stored * np.array(slopes), rtol=1e-6)


def test_intercepts_that_differ_are_taken_slice_by_slice(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#978."""
    scales = [(1, -1024), (1, 0), (2.5, 0), (-1, 7)]
    slices = {k: {"RescaleSlope": slope, "RescaleIntercept": added} for k, (slope, added) in enumerate(scales)}
    volume = read_volume(write_series(tmp_path, numbers(), kind=CT, slices=slices))
    np.testing.assert_allclose(volume.array, numbers() * np.array([1, 1, 2.5, -1]) + np.array([-1024, 0, 0, 7]))


@pytest.mark.parametrize("kind", [PET, CT])
@pytest.mark.parametrize(("attribute", "usual", "value"), [("RescaleSlope", 1, 2.5), ("RescaleIntercept", 0, -1024)])
@pytest.mark.parametrize("lack", [None, ""])
def test_a_slope_that_some_slices_lack_is_refused_unless_it_changes_nothing(
    tmp_path, kind, attribute, usual, value, lack
) -> None:
    """rordenlab/dcm2niix#978: a slope of each slice; one that is missing is not known to be 1."""
    folder = write_series(tmp_path / "a", numbers(), kind=kind, slices={2: {attribute: lack}}, **{attribute: value})
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=f"0002.dcm: lacks {attribute}, which is {value} in 0000.dcm; export"):
            read(folder)
    same = write_series(tmp_path / "b", numbers(), kind=kind, slices={2: {attribute: lack}}, **{attribute: usual})
    np.testing.assert_array_equal(read_volume(same).array, numbers())


def test_without_any_slope_numbers_are_as_they_are_stored(tmp_path: Path) -> None:
    """zhenweishi/Py-rex#5: a slope is asked for that no header has to have."""
    folder = write_series(tmp_path, numbers(), kind=PET, Units="CNTS")
    np.testing.assert_array_equal(read_volume(folder).array, numbers())


def test_a_frame_without_the_slope_that_others_have_is_refused_by_its_number(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#978, in the newer kind of file."""
    frames: list[dict] = [{"PixelValueTransformationSequence": {"RescaleSlope": 2.0}} for _ in range(4)]
    frames[1] = frames[3] = {}
    path = write_frames(tmp_path / "e.dcm", numbers(), [(0, 0, 3.0 * k) for k in range(4)], frames=frames)
    with pytest.raises(VolumeError, match="frame 2 lacks RescaleSlope, which is 2 in frame 1; 1 more lacks it, too"):
        read_volume(path)


def test_slices_of_other_units_are_named(tmp_path: Path) -> None:
    """ENHANCE-PET/MOOSE#230, between scans: some of one data set are in counts (CNTS)."""
    folder = write_series(tmp_path / "one", numbers(), kind=PET, Units="BQML", slices={2: {"Units": "CNTS"}})
    with pytest.raises(VolumeError, match=r"0002.dcm: has intensities in CNTS where the others have BQML"):
        read_volume(folder)


def test_volumes_of_one_series_in_other_units_are_chosen_by_these(tmp_path: Path) -> None:
    """No public report found."""
    for units, slope in (("BQML", 2.5), ("CNTS", None)):
        write_series(tmp_path / "pet", numbers(), kind=PET, prefix=units, Units=units, RescaleSlope=slope)
    with pytest.raises(VolumeError, match=r"differ in Units \(BQML, CNTS\)"):
        read_volume(tmp_path / "pet")
    np.testing.assert_array_equal(read_volume(tmp_path / "pet#Units=BQML").array, numbers() * 2.5)


@pytest.mark.parametrize(
    ("attribute", "value", "shown"), [("RescaleSlope", 0, "0"), ("RescaleSlope", "nan", "no number")]
)
def test_a_slope_that_loses_the_voxels_is_refused_by_its_name_and_file(tmp_path, attribute, value, shown) -> None:
    """ImageMagick/ImageMagick#477: a slope that was taken as 0 makes a blank image."""
    folder = write_series(tmp_path, numbers(), slices={2: {attribute: value}})
    with pytest.raises(VolumeError, match=f"0002.dcm: cannot be scaled .*{attribute} is {shown}") as refusal:
        read_volume(folder)
    assert refusal.value.code == "dicom-scaling"


def test_frames_of_a_multi_frame_file_have_slopes_of_their_own(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#978, in the newer kind of file."""
    frames = [{"PixelValueTransformationSequence": {"RescaleSlope": k + 0.5, "RescaleIntercept": k}} for k in range(4)]
    path = write_frames(tmp_path / "pet.dcm", numbers(), [(0, 0, 3.0 * k) for k in range(4)], frames=frames)
    expected = numbers() * (np.arange(4) + 0.5) + np.arange(4)
    np.testing.assert_allclose(read_volume(path).array, expected)


def test_whole_numbers_stay_labels(tmp_path: Path) -> None:
    """SimpleITK/SimpleITK#1636: a mask of ones came back as 0.9999 or 0."""
    mask = (numbers() % 2).astype(np.uint16)
    slices = {k: {"RescaleSlope": 1, "RescaleIntercept": 0} for k in range(4)}
    np.testing.assert_array_equal(read_labels(write_series(tmp_path, mask, slices=slices)).array, mask)


@pytest.mark.parametrize("signed", [0, 1])
def test_bits_above_those_that_are_stored_are_no_part_of_the_number(tmp_path: Path, signed: int) -> None:
    """dgobbi/vtk-dicom#134 (unused bits need not be 0) and icometrix/dicom2nifti#13 (12 bits with a sign, in 16)."""
    stored = np.array([0, 1, 0x0830, 0xF830, 0x1005, 0x0FFF], np.uint16).reshape(6, 1, 1).repeat(2, axis=2)
    bits = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": signed}
    values = [0, 1, -2000, -2000, 5, -1] if signed else [0, 1, 0x830, 0x830, 5, 0xFFF]
    assert read_volume(write_series(tmp_path, stored, **bits)).array[:, 0, 1].tolist() == values


def test_white_zero_is_turned_where_numbers_are_grey_and_kept_where_they_are_scaled(tmp_path: Path) -> None:
    """Project-MONAI/monai-deploy-app-sdk#282 (a network sees a negative) and scifio/scifio#311 (values stay)."""
    grey = write_series(tmp_path / "grey", numbers(dtype=np.uint16), PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(read_volume(grey).array, 65535.0 - numbers())
    scaled = write_series(
        tmp_path / "ct", numbers(dtype=np.uint16), PhotometricInterpretation="MONOCHROME1", RescaleIntercept=-1024
    )
    np.testing.assert_array_equal(read_volume(scaled).array, numbers() - 1024)


@pytest.mark.parametrize("compressor", ["JPEG2000", "JPEG"])
def test_compressed_slices_have_the_values_that_were_compressed(tmp_path: Path, compressor: str) -> None:
    """fo-dicom/fo-dicom#738 (JPEG 2000 shifts signed values by 32768) and pydicom/pydicom#1149."""
    import pydicom
    import SimpleITK

    plain = write_series(tmp_path / "plain", numbers((32, 16, 4)) - 700)
    packed = tmp_path / "packed"
    packed.mkdir()
    writer = SimpleITK.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.UseCompressionOn()
    writer.SetCompressor(compressor)
    for k, path in enumerate(sorted(plain.iterdir())):
        writer.SetFileName(str(packed / path.name))
        writer.Execute(SimpleITK.ReadImage(str(path)))
        data = pydicom.dcmread(packed / path.name)
        assert data.file_meta.TransferSyntaxUID.is_compressed
        data.RescaleSlope, data.RescaleIntercept = k + 0.5, 2
        data.save_as(packed / path.name)
    expected = (numbers((32, 16, 4)) - 700) * (np.arange(4) + 0.5) + 2
    np.testing.assert_array_equal(read_volume(packed).array, expected)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, "rle", "deflated"])
def test_values_are_the_same_however_voxels_are_packed(tmp_path: Path, syntax: str) -> None:
    """pydicom/pydicom#275: the bytes of a big-endian image are not swapped."""
    import pydicom

    folder = write_series(tmp_path, numbers((32, 16, 4)), RescaleSlope=0.5, RescaleIntercept=-3)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        if syntax == "rle":
            data.compress(pydicom.uid.RLELossless)
            data.save_as(path)
        elif syntax == "deflated":
            save(data, path, pydicom.uid.DeflatedExplicitVRLittleEndian)
        else:
            if syntax == ExplicitVRBigEndian:
                data.PixelData = np.frombuffer(data.PixelData, "<i2").astype(">i2").tobytes()
            new = pydicom.Dataset()
            new.update(data)
            save(new, path, syntax)
    np.testing.assert_array_equal(read_volume(folder).array, numbers((32, 16, 4)) * 0.5 - 3)
