"""elastix: it is an extra, and what it finds comes back as SimpleITK's transform."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases.elastix import _b_spline, _rigid
from TransferSegLib.cases.phantom import head_phantom, image
from TransferSegLib.cases.registration import Registration, RegistrationSettings, register, rotation
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid


def test_without_elastix_one_sentence_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    from TransferSegLib.cases.volumes import write_volume

    monkeypatch.setitem(sys.modules, "itk", None)
    grid = Grid.from_spacing((8, 8, 8), (5, 5, 5))
    for name in ("mr", "ct"):
        write_volume(tmp_path / name / "p1.nii.gz", np.zeros((8, 8, 8), np.float32), grid)
    code = main(["cases", "from-ct", "--mr", str(tmp_path / "mr"), "--ct", str(tmp_path / "ct"), "--with", "elastix",
                 "--out", str(tmp_path / "out")])  # fmt: skip
    assert code == 2 and not (tmp_path / "out").exists()
    assert "--with elastix: itk-elastix is not installed; install it by" in capsys.readouterr().err


def test_a_rigid_transform_of_elastix_turns_about_its_centre():
    angle = np.radians(30)
    found = _rigid(
        {"CenterOfRotationPoint": ("10", "0", "0"), "TransformParameters": ("0", "0", str(angle), "1", "2", "3")}
    )
    # LPS: (20, 0, 0) lies 10 mm beside the centre, is turned to (cos 30°, sin 30°) · 10 beside it, and shifted.
    expected = np.array([10 + 10 * np.cos(angle) + 1, 10 * np.sin(angle) + 2, 3])
    ras = found @ (LPS_TO_RAS @ [20, 0, 0, 1])
    assert (LPS_TO_RAS @ ras)[:3] == pytest.approx(expected)


def test_a_b_spline_of_elastix_has_its_control_points_where_elastix_says():
    """Control points along an axis that is turned by 90°: one of them is displaced, and moves what lies around it."""
    displacement = np.zeros((3, 5, 5, 5))  # component, k, j, i
    displacement[1, 2, 2, 3] = 6.0
    turned = ("0", "1", "0", "-1", "0", "0", "0", "0", "1")  # the first axis runs along +y, the second along -x
    transform = _b_spline(
        {
            "GridSize": ("5", "5", "5"),
            "GridSpacing": ("10", "10", "10"),
            "GridOrigin": ("0", "0", "0"),
            "GridDirection": turned,
            "TransformParameters": tuple(str(v) for v in displacement.ravel()),
        }
    )
    there = np.array([-20.0, 30.0, 20.0])  # 3 steps along the first axis, 2 along the others
    assert np.array(transform.TransformPoint(there)) - there == pytest.approx([0, 6 * (2 / 3) ** 3, 0])
    beside = there + np.array([0, 0, 10])
    assert np.array(transform.TransformPoint(beside)) - beside == pytest.approx([0, 6 * (2 / 3) ** 2 / 6, 0])


def test_elastix_finds_where_a_turned_ct_lies():
    pytest.importorskip("itk")
    head = head_phantom((7, 1), (40, 48, 36))
    t1w = Volume(image(head, "t1w", np.random.default_rng(1)), head.grid)
    place = np.eye(4)
    place[:3, :3] = rotation((6, -5, 9))
    place[:3, 3] = (9, -8, 9)
    ct = Volume(image(head, "ct", np.random.default_rng(2)), Grid(head.grid.size, place @ head.grid.affine))
    around = ndimage.binary_dilation(head.labels > 1, iterations=2)
    points = np.argwhere(head.labels == 3)[::7] @ head.grid.affine[:3, :3].T + head.grid.affine[:3, 3]
    truth = Registration.from_linear(place).points(points)
    settings = RegistrationSettings(working_mm=4.0, levels=(2, 1), threads=1, tool="elastix")
    found = register(t1w, ct, settings, around)
    for each, most_mm in ((found.without_bending(), 1.0), (found, 3.0)):  # a voxel is 4.8 × 5 × 5 mm
        assert np.median(np.linalg.norm(each.points(points) - truth, axis=1)) < most_mm
    assert not found.linear_only


def test_elastix_is_asked_for_by_the_settings(monkeypatch):
    monkeypatch.setitem(sys.modules, "itk", None)
    noise = Volume(np.random.default_rng(1).normal(size=(12, 12, 12)), Grid.from_spacing((12, 12, 12), (8, 8, 8)))
    with pytest.raises(InputError, match="not installed"):
        register(noise, noise, RegistrationSettings(("rigid",), levels=(1,), tool="elastix"))
