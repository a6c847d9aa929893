"""Multi-frame (enhanced) DICOM: the order of frames, their spacing, and several frames at one position."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.made_dicom import made, numbers, write_frames
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


@pytest.mark.parametrize("kind", ["1.2.840.10008.5.1.4.1.1.7.2", "1.2.840.10008.5.1.4.1.1.7.3"])
@pytest.mark.parametrize("placed", [True, False])
def test_multi_frame_secondary_captures_are_refused_by_what_they_are(tmp_path: Path, kind: str, placed: bool) -> None:
    """Slicer/Slicer#7496: a file of many frames and no positions, read with slices of 1 mm."""
    without = {"PerFrameFunctionalGroupsSequence": None, "SharedFunctionalGroupsSequence": None}
    path = write_frames(tmp_path / "e.dcm", numbers(), places(4), kind=kind, **({} if placed else without))
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=r"is a Multi-frame .* Secondary Capture Image: pictures that a program"):
            read(path)


def test_frames_without_positions_are_refused_by_what_they_are(tmp_path: Path) -> None:
    """Slicer/Slicer#7496, with ultrasound."""
    path = write_frames(
        tmp_path / "e.dcm",
        numbers(),
        places(4),
        kind="1.2.840.10008.5.1.4.1.1.3.1",
        PerFrameFunctionalGroupsSequence=None,
        SharedFunctionalGroupsSequence=None,
        ImagePositionPatient=[0, 0, 0],
    )
    with pytest.raises(VolumeError, match=r"4 frames \(Ultrasound Multi-frame Image\) that does not"):
        read_volume(path)


@pytest.mark.parametrize("way", ["turned", "apart"])
def test_stacks_of_one_file_are_offered_before_a_frame_is_called_turned_or_a_gap(tmp_path: Path, way: str) -> None:
    """rordenlab/dcm2niix#894: a localizer of three orientations, stacked to one volume."""
    second = {"PlaneOrientationSequence": {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}} if way == "turned" else {}
    frames = [{"FrameContentSequence": {"StackID": str(1 + k // 4)}, **(second if k >= 4 else {})} for k in range(8)]
    beside = [(-10.0, 3.0 * k, 5.0) if way == "turned" else (-10.0, -20.0, 100 + 3.0 * k) for k in range(4)]
    path = write_frames(tmp_path / "x.dcm", numbers((6, 5, 8)), [*places(4), *beside], frames=frames)
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=r"has 2 stacks \(1, 2\); choose one, as in x.dcm#StackID=1"):
            read(path)
    first = read_volume(tmp_path / "x.dcm#StackID=1")
    np.testing.assert_array_equal(first.array, numbers((6, 5, 8))[:, :, :4])
    second_array = read_volume(tmp_path / "x.dcm#StackID=2").array
    expected = numbers((6, 5, 8))[:, :, 4:]
    np.testing.assert_array_equal(second_array, expected)


def test_two_stacks_that_lie_one_on_the_other_are_one_volume(tmp_path: Path) -> None:
    """nipy/heudiconv#455: a file of more than one StackID is refused, and nobody knows what that is."""
    frames = [{"FrameContentSequence": {"StackID": str(1 + k // 2)}} for k in range(4)]
    path = write_frames(tmp_path / "x.dcm", numbers(), places(4), frames=frames)
    np.testing.assert_array_equal(read_volume(path).array, numbers())


def test_phases_are_told_apart_by_their_time_offset(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70, with phases."""
    frames = [{"TemporalPositionSequence": {"TemporalPositionTimeOffset": 2.5 * (k // 4)}} for k in range(8)]
    path = write_frames(tmp_path / "x.dcm", numbers((6, 5, 8)), places(4) * 2, frames=frames)
    with pytest.raises(VolumeError, match=r"they differ in TemporalPositionTimeOffset \(0, 2.5\); choose one"):
        read_volume(path)
    chosen = read_volume(tmp_path / "x.dcm#TemporalPositionTimeOffset=2.5").array
    np.testing.assert_array_equal(chosen, numbers((6, 5, 8))[:, :, 4:])


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        (0x00189337, "ContrastBolusAgentNumber"),
        (0x00189082, "Dimension2"),
        (0x20051001, "Dimension2"),
        (None, "Dimension2"),
    ],
)
def test_what_only_the_files_own_dimensions_tell_apart_is_chosen_by_these(tmp_path, pointer, name) -> None:
    """icometrix/dicom2nifti#70, in a file that names its dimensions only."""
    frames = [{"FrameContentSequence": {"DimensionIndexValues": [k % 4 + 1, k // 4 + 1]}} for k in range(8)]
    own = [made(DimensionIndexPointer=0x00200032), made(DimensionIndexPointer=pointer)]
    path = write_frames(
        tmp_path / "x.dcm", numbers((6, 5, 8)), places(4) * 2, frames=frames, DimensionIndexSequence=own
    )
    with pytest.raises(VolumeError, match=rf"they differ in {name} \(1, 2\); choose one, as in x.dcm#{name}=1"):
        read_volume(path)
    chosen = read_volume(tmp_path / f"x.dcm#{name}=2").array
    np.testing.assert_array_equal(chosen, numbers((6, 5, 8))[:, :, 4:])


def test_two_frames_of_one_file_at_one_position_cannot_be_removed_and_nobody_is_told_to(tmp_path: Path) -> None:
    """Project-MONAI/monai-deploy-app-sdk#532: several slices at each position."""
    path = write_frames(tmp_path / "x.dcm", numbers((6, 5, 8)), places(4) * 2)
    with pytest.raises(
        VolumeError,
        match=r"x.dcm: frames 1 and 5 lie at one position, and nothing tells them apart; export each volume",
    ):
        read_volume(path)


def test_the_one_value_that_is_a_whole_volume_is_named(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70, with diffusion: one volume without, three with a gradient."""
    frames = [{"MRDiffusionSequence": {"DiffusionBValue": b}} for b in (0.0, 1000.0, 1000.0, 1000.0) for _ in range(2)]
    path = write_frames(tmp_path / "x.dcm", numbers((6, 5, 8)), places(2) * 4, frames=frames)
    says = r"apart, but DiffusionBValue=0 is one volume; choose that, as in x.dcm#DiffusionBValue=0, or export"
    with pytest.raises(VolumeError, match=says):
        read_volume(path)
    chosen = read_volume(tmp_path / "x.dcm#DiffusionBValue=0").array
    np.testing.assert_array_equal(chosen, numbers((6, 5, 8))[:, :, :2])
