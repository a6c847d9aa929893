"""DICOM slices that do not say where their voxels lie, or say what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.made_dicom import numbers, write_series
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_volume


@pytest.mark.parametrize("attribute", ["ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"])
@pytest.mark.parametrize("value", [None, []])
def test_geometry_that_is_missing_is_named_with_its_file(tmp_path: Path, attribute: str, value: Any) -> None:
    """CBICA/CaPTk#445: a series without ImageOrientationPatient, placed by numbers that nobody gave."""
    folder = write_series(tmp_path, numbers(), slices={2: {attribute: value}}, ImagerPixelSpacing=[1, 1])
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=f"0002.dcm: does not say where its voxels lie: {attribute} is missing"):
            read(folder)


@pytest.mark.parametrize(
    ("attribute", "value", "shown"),
    [
        ("ImageOrientationPatient", [0, 0, 0, 0, 0, 0], "0, 0, 0"),
        ("ImageOrientationPatient", [1, 0, 0, 0.5, 1, 0], "1, 0, 0, 0.5"),
        ("ImageOrientationPatient", [0.99, 0, 0, 0, 1, 0], "0.99, 0, 0"),
        ("ImageOrientationPatient", [1, 0, 0, 0.01, 1, 0], "1, 0, 0, 0.01"),
        ("ImageOrientationPatient", [2, 0, 0, 0, 1, 0], "2, 0, 0"),
        ("ImageOrientationPatient", [1, 0, 0], "1, 0, 0"),
        ("ImagePositionPatient", ["nan", 0, 0], "no number, 0, 0"),
        ("PixelSpacing", [0, 1.5], "0, 1.5"),
        ("PixelSpacing", [-1, 1.5], "-1, 1.5"),
        ("PixelSpacing", [1.5], "1.5"),
        ("Rows", 0, "0"),
    ],
)
def test_geometry_that_cannot_be_is_named_with_its_file_and_value(tmp_path, attribute, value, shown) -> None:
    """CBICA/CaPTk#445."""
    folder = write_series(tmp_path, numbers(), slices={1: {attribute: value}})
    with pytest.raises(VolumeError, match=f"0001.dcm: .*{attribute} is {shown}"):
        read_volume(folder)


def test_directions_that_are_rounded_in_the_header_are_taken_at_right_angles(tmp_path: Path) -> None:
    """InsightSoftwareConsortium/ITK#3182: directions that are not at right angles are changed without a word."""
    turned = [0.707, 0.707, 0, -0.5, 0.501, 0.707]
    folder = write_series(
        tmp_path, numbers(), ImageOrientationPatient=turned, step_mm=1.5 * np.cross(turned[:3], turned[3:])
    )
    assert np.abs(read_grid(folder).direction[:, 0] @ read_grid(folder).direction[:, 1]) < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_an_oblique_series_lies_where_simpleitk_and_its_headers_place_it(tmp_path: Path, seed: int) -> None:
    """SimpleITK/SimpleITK#2117: a series with a wrong origin and spacing."""
    import SimpleITK

    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.normal(size=(3, 3)))[0]
    normal = np.cross(axes[:, 0], axes[:, 1])
    turned = [round(value, 10) for value in axes[:, :2].T.ravel()]
    step_mm = normal * random.choice([-2.5, 2.5])
    folder = write_series(tmp_path, numbers(), step_mm=step_mm, ImageOrientationPatient=turned)
    volume = read_volume(folder)
    place = np.linalg.inv(volume.grid.affine) @ np.diag([-1, -1, 1, 1])
    for k in range(4):  # voxel (2, 1) of slice k, by the header alone
        header = np.array([-10, -20, 5]) + k * step_mm + axes[:, 0] * 1.5 * 2 + axes[:, 1] * 2.0
        i, j, n = np.rint((place @ [*header, 1])[:3]).astype(int)
        assert (i, j) == (2, 1) and volume.array[i, j, n] == numbers()[2, 1, k]
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image).T, volume.array)
    corner = image.TransformIndexToPhysicalPoint((5, 4, 3))
    np.testing.assert_allclose((volume.grid.affine @ [5, 4, 3, 1])[:3], np.array(corner) * (-1, -1, 1), atol=1e-4)


def test_a_secondary_capture_that_says_where_it_lies_is_placed_there(tmp_path: Path) -> None:
    """InsightSoftwareConsortium/ITK#4109: orientation and spacing of such files were ignored."""
    folder = write_series(tmp_path, numbers(), kind="1.2.840.10008.5.1.4.1.1.7")
    expected = np.array([[-1.5, 0, 0, 10], [0, -2, 0, 20], [0, 0, 3, 5], [0, 0, 0, 1.0]])
    np.testing.assert_allclose(read_grid(folder).affine, expected)
