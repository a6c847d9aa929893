"""Multi-frame (enhanced) DICOM: the order of frames, their spacing, and several frames at one position."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.made_dicom import SECONDARY_CAPTURE, numbers, write_frames
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_volume

OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
NORMAL = np.cross(OBLIQUE[:3], OBLIQUE[3:])


def places(count: int, step_mm: float = 3.0) -> list[tuple[float, float, float]]:
    return [(-10.0, -20.0, 5 + step_mm * k) for k in range(count)]


def test_frames_are_sorted_by_position_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#839: frames that are not stored in their spatial order."""
    order = [2, 0, 3, 1]
    positions = [tuple(np.array((1.0, 2.0, 3.0)) + 2.5 * k * NORMAL) for k in order]
    path = write_frames(
        tmp_path / "e.dcm", numbers()[:, :, order], positions, spacing_mm=(0.5, 0.7), orientation=OBLIQUE
    )
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array, numbers())
    affine = np.eye(4)
    affine[:3] = np.column_stack([0.7 * np.array(OBLIQUE[:3]), 0.5 * np.array(OBLIQUE[3:]), 2.5 * NORMAL, (1, 2, 3)])
    np.testing.assert_allclose(volume.grid.affine, np.diag([-1, -1, 1, 1]) @ affine, atol=1e-9)
    np.testing.assert_array_equal(read_grid(path).affine, volume.grid.affine)


def test_echoes_are_asked_for_by_name_and_then_read(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70: the slices of five echoes, stacked one after the other."""
    frames = [{"MREchoSequence": {"EffectiveEchoTime": te}} for te in (4.6, 2.3) for _ in range(4)]
    array = np.concatenate([numbers() + 500, numbers()], axis=2)
    path = write_frames(tmp_path / "e.dcm", array, [*places(4), *places(4)], frames=frames)
    with pytest.raises(
        VolumeError, match=r"2 frames share one position; they differ in EchoTime \(2.3, 4.6\)"
    ) as refusal:
        read_volume(path)
    assert "e.dcm#EchoTime=2.3" in str(refusal.value)
    np.testing.assert_array_equal(read_volume(tmp_path / "e.dcm#EchoTime=4.6").array, numbers() + 500)
    np.testing.assert_array_equal(read_volume(tmp_path / "e.dcm#effectiveechotime=2.30").array, numbers())
    with pytest.raises(VolumeError, match=r"no frames of EchoTime 9, but of 2.3, 4.6"):
        read_volume(tmp_path / "e.dcm#EchoTime=9")
    with pytest.raises(VolumeError, match="cannot be chosen by PatientName; use one of EchoNumber"):
        read_volume(tmp_path / "e.dcm#PatientName=x")


def test_frames_that_differ_in_two_ways_are_refused_with_both_names_until_both_are_chosen(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70."""
    frames = [
        {"MREchoSequence": {"EffectiveEchoTime": te}, "MRDiffusionSequence": {"DiffusionBValue": b}}
        for te in (2.3, 4.6)
        for b in (0.0, 1000.0)
        for _ in range(2)
    ]
    path = write_frames(tmp_path / "e.dcm", numbers((6, 5, 8)), places(2) * 4, frames=frames)
    with pytest.raises(VolumeError, match="4 frames share one position and differ in EchoTime, DiffusionBValue"):
        read_volume(path)
    both = read_volume(tmp_path / "e.dcm#EchoTime=4.6#DiffusionBValue=0")
    np.testing.assert_array_equal(both.array, numbers((6, 5, 8))[:, :, 4:6])


def test_a_missing_frame_is_a_gap_and_no_thicker_slice(tmp_path: Path) -> None:
    """DIAGNijmegen/rse-panimg#7."""
    path = write_frames(tmp_path / "e.dcm", numbers((6, 5, 5)), [*places(6)[:2], *places(6)[3:]])
    with pytest.raises(VolumeError, match=r"not evenly spaced .*: frame 2 and frame 3 are 6 mm apart, others 3 mm"):
        read_volume(path)


def test_a_frame_that_is_turned_is_named(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#894: a localizer of three orientations, stacked to one volume."""
    frames: list[dict] = [{} for _ in range(4)]
    frames[2] = {"PlaneOrientationSequence": {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}}
    path = write_frames(tmp_path / "e.dcm", numbers(), places(4), frames=frames)
    with pytest.raises(VolumeError, match=r"e.dcm: frame 3 is turned by 120° against the others"):
        read_volume(path)


def test_frames_without_positions_are_refused_by_what_they_are(tmp_path: Path) -> None:
    """Slicer/Slicer#7496: a file of many frames and no positions, read with slices of 1 mm."""
    path = write_frames(
        tmp_path / "e.dcm",
        numbers(),
        places(4),
        kind=SECONDARY_CAPTURE,
        PerFrameFunctionalGroupsSequence=None,
        SharedFunctionalGroupsSequence=None,
        ImagePositionPatient=[0, 0, 0],
    )
    with pytest.raises(
        VolumeError, match=r"4 frames \(Multi-frame Grayscale Byte Secondary Capture Image\) that does not"
    ):
        read_volume(path)
