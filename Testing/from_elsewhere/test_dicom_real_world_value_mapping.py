"""RealWorldValueMappingSequence: applied to parametric maps, and where frames have mappings of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from Testing.made_dicom import ENHANCED_MR, PARAMETRIC_MAP, made, numbers, save, write_frames
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_volume

PLACES = [(0.0, 0.0, 3.0 * k) for k in range(4)]


def line(slope: float, intercept: float = 0.0) -> dict[str, Any]:
    return {"RealWorldValueSlope": slope, "RealWorldValueIntercept": intercept}


def mapped(path: Path, *mappings: list[dict[str, Any]], kind: str = ENHANCED_MR, **more: Any) -> Path:
    """A file of four frames, each with its mappings."""
    frames = [more for _ in range(4)]
    write_frames(path, numbers(), PLACES, kind=kind, frames=frames)
    import pydicom

    data = pydicom.dcmread(path)
    for group, own in zip(data.PerFrameFunctionalGroupsSequence, mappings, strict=True):
        group.RealWorldValueMappingSequence = [made(**one) for one in own]
    new = Dataset()
    new.update(data)
    save(new, path)
    return path


def test_frames_of_differing_mappings_have_their_real_values(tmp_path: Path) -> None:
    """nipy/nibabel#143: images of a scanner that have mappings and no slope, and whose values matter."""
    path = mapped(tmp_path / "x.dcm", *([line(k + 0.5, k)] for k in range(4)))
    np.testing.assert_allclose(read_volume(path).array, numbers() * (np.arange(4) + 0.5) + np.arange(4))


def test_a_parametric_map_has_its_real_values_also_where_all_frames_have_one_mapping(tmp_path: Path) -> None:
    """UCL/STIR#1123: the mapping is the only scale that a file has, and it is not applied."""
    path = mapped(tmp_path / "x.dcm", *[[line(0.25, -3)]] * 4, kind=PARAMETRIC_MAP)
    np.testing.assert_allclose(read_volume(path).array, numbers() * 0.25 - 3)


def test_one_mapping_for_all_frames_or_one_beside_a_slope_changes_no_other_image(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#493: values differ by whether a header has a mapping beside its slope."""
    same = mapped(tmp_path / "same.dcm", *[[line(0.25)]] * 4)
    np.testing.assert_array_equal(read_volume(same).array, numbers())
    slope = {"PixelValueTransformationSequence": {"RescaleSlope": 2.0, "RescaleIntercept": 0}}
    both = mapped(tmp_path / "both.dcm", *([line(k + 0.5)] for k in range(4)), **slope)
    np.testing.assert_array_equal(read_volume(both).array, numbers() * 2)


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        ([line(1), line(2)], "has 2 real-world value mappings"),
        ([{"RealWorldValueLUTData": [0.0, 1.0]}], "has 1 real-world value mapping "),
        ([line(0)], "has 1 real-world value mapping "),
        ([], "has no real-world value mapping "),
    ],
)
def test_mappings_that_are_no_one_line_are_refused_by_their_name_and_frame(tmp_path, odd, says) -> None:
    """dgobbi/vtk-dicom#26: a frame may have several mappings, or a table in place of a slope."""
    for kind in (ENHANCED_MR, PARAMETRIC_MAP):
        path = mapped(tmp_path / "x.dcm", [line(0.5)], [line(2)], odd, [line(3)], kind=kind)
        for read in (read_volume, read_grid):
            with pytest.raises(VolumeError, match=rf"x.dcm: frame 3 {says}.*RealWorldValueMappingSequence"):
                read(path)
