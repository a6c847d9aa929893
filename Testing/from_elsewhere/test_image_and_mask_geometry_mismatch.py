"""An image and a segmentation that are half a voxel apart are not on one grid; rounded headers of one grid are.

AIM-Harvard/pyradiomics#482: image and mask of one series, written by different programs, differ a little, and people raise
the tolerance. MIC-DKFZ/nnUNet#1157: a mismatch is only printed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from data_sets import DataSet, only
from scipy.spatial.transform import Rotation

from TransferSegLib.cases.volumes import read_grid, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

CT = (512, 512, 400)


def ct(turn: float = 0.0, spacing_mm: tuple[float, float, float] = (0.703125, 0.703125, 1.0), by_mm=(0, 0, 0)) -> Grid:
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", (turn, turn / 2, 180), degrees=True).as_matrix() * spacing_mm
    affine[:3, 3] = np.array((180.0, 175.123456, -1204.5)) + by_mm
    return Grid(CT, affine)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize(("share", "same"), [(0.04, True), (0.06, False), (0.5, False), (1.0, False)])
def test_a_shift_of_more_than_a_twentieth_of_a_voxel_is_another_grid(axis: int, share: float, same: bool) -> None:
    shift = [0.0, 0.0, 0.0]
    shift[axis] = share * 0.703125
    assert ct().same_as(ct(by_mm=shift)) == same
    differences = ct().differences(ct(by_mm=shift))
    assert (differences == []) == same
    assert same or f"voxels lie up to {share * 0.703125:.3g} mm apart" in differences[0].message


def test_what_adds_up_to_the_far_corner_counts() -> None:
    # 0.0005 mm a voxel is 0.255 mm at the end of a row of 512, and the tolerance is 0.035 mm
    (places, *_) = ct().differences(ct(spacing_mm=(0.703625, 0.703125, 1.0)))
    assert places.message == "voxels lie up to 0.255 mm apart"
    assert not ct().same_as(ct(turn=0.1))


@pytest.mark.parametrize("turn", [0.0, 3.3, 17.0, 90.0])
def test_what_formats_and_programs_round_is_one_grid(tmp_path: Path, turn: float) -> None:
    grid = ct(turn)
    decimals = Grid(CT, np.round(grid.affine, 6))
    single = Grid(CT, grid.affine.astype(np.float32))
    assert grid.same_as(decimals) and decimals.same_as(grid) and grid.same_as(single)
    small = Grid((4, 5, 6), grid.affine)
    grids = []
    for name in ("a.nii.gz", "a.nrrd", "a.mha"):
        write_volume(tmp_path / name, np.zeros(small.size), small)
        grids.append(read_grid(tmp_path / name))
    SimpleITK.WriteImage(SimpleITK.ReadImage(str(tmp_path / "a.nrrd")), str(tmp_path / "itk.nii.gz"))
    grids.append(read_grid(tmp_path / "itk.nii.gz"))
    for one in grids:
        assert all(Grid(CT, one.affine).same_as(Grid(CT, other.affine)) for other in grids)


def half_a_voxel_off(data: DataSet) -> None:
    grid = Grid.from_spacing((8, 9, 10), (0.7, 0.7, 0.7))
    off = np.array(grid.affine)
    off[0, 3] = 0.35
    for case in data.cases:
        write_volume(case.images[0], np.random.default_rng(len(case.name)).normal(100, 9, grid.size), grid)
        write_labels(case.label, np.arange(720).reshape(grid.size) % 3, grid)
    write_volume(data.image("a"), np.random.default_rng(7).normal(100, 9, grid.size), Grid(grid.size, off))


def test_cases_check_and_training_refuse_half_a_voxel(tmp_path: Path) -> None:
    from TransferSegLib.cases.preprocessing import prepare_case
    from TransferSegLib.core.labels import LabelTask
    from TransferSegLib.core.preprocessing import Preprocessing

    data = DataSet(tmp_path)
    half_a_voxel_off(data)
    found = [problem for problem in data.check() if problem.code == "label-grid"]
    assert only(found) == ("a", "error", "label-grid")
    assert "voxels lie up to 0.35 mm apart" in found[0].message
    task = LabelTask(("femur",), (1,), {1: 1, 2: 0}, ((), ()))
    with pytest.raises(InputError, match=r"different grids \(voxels lie up to 0\.35 mm apart"):
        prepare_case(data.cases[0], Preprocessing((1, 1, 1)), task)


def test_evaluate_refuses_half_a_voxel(tmp_path: Path, capsys) -> None:
    for folder, shift in (("one", 0.0), ("other", 0.35)):
        affine = np.diag([0.7, 0.7, 0.7, 1.0])
        affine[1, 3] = shift
        write_labels(tmp_path / folder / "a.nii.gz", np.ones((4, 5, 6)), Grid((4, 5, 6), affine))
    asked = ["evaluate", "--reference", str(tmp_path / "one"), "--prediction", str(tmp_path / "other")]
    assert main([*asked, "--out", str(tmp_path / "scores.csv")]) == 2
    assert "voxels lie up to 0.35 mm apart" in capsys.readouterr().err
