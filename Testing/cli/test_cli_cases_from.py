"""`transferseg cases from-ct` and `from-mr` on small heads."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from TransferSegLib.cases.phantom import head_phantom, image
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.registration import rotation
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid

SIZE = (40, 48, 36)


def elsewhere(grid: Grid) -> Grid:
    """Where a head lies in the other scanner: turned by 8° and shifted by 9 mm."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation((0, 0, 8))
    matrix[:3, 3] = (5, -6, 4)
    return Grid(grid.size, matrix @ grid.affine)


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Two heads as MR and CT, `right` and `wrong`; the CT of `wrong` is upside down."""
    folder = tmp_path_factory.mktemp("scans")
    for number, name in enumerate(("right", "wrong")):
        head = head_phantom((9, number), SIZE)
        rng = np.random.default_rng(number)
        ct = image(head, "ct", rng)
        write_volume(folder / "mr" / f"{name}_T1w.nii.gz", image(head, "t1w", rng), head.grid)
        write_volume(folder / "t2" / f"{name}.nii.gz", image(head, "t2w", rng), elsewhere(head.grid))
        write_volume(folder / "ct" / f"{name}_CT.nii.gz", ct if number == 0 else ct[:, :, ::-1], elsewhere(head.grid))
        write_labels(folder / "truth" / f"{name}.nii.gz", head.labels, head.grid)
    return folder


def from_ct(scans, *more: str, ct: str = "ct") -> int:
    # The heads are moved and not bent. A B-spline is in the test of `from-mr`, whose own usual one is rigid.
    given = ("--mr", str(scans / "mr"), "--ct", str(scans / ct), "--registration", "rigid")
    return main(["cases", "from-ct", *given, *more])


@pytest.fixture(scope="module")
def made(scans):
    out = scans / "out"
    return from_ct(scans, "--out", str(out), "--json"), out


def test_a_right_case_has_labels_near_the_true_ones_and_a_wrong_one_is_left_out(made, scans):
    code, out = made
    assert code == 1
    data = read_case_set(out)
    assert [case.name for case in data.cases] == ["right_T1w"] and not data.remarks
    assert data.labels == {1: "air", 2: "soft tissue", 3: "bone"}
    found, truth = read_labels(data.cases[0].label), read_labels(scans / "truth" / "right.nii.gz")
    assert found.grid.same_as(truth.grid)
    for value, least in ((1, 0.95), (2, 0.85)):
        one, other = found.array == value, truth.array == value
        assert 2 * (one & other).sum() / (one.sum() + other.sum()) > least
    assert (out / "flagged" / "imagesTr" / "wrong_T1w_0000.nii.gz").exists()
    assert (out / "overlays" / "wrong_T1w.png").stat().st_size > 10_000
    assert not (out / "made").exists(), "where cases were made, nothing is left"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "1 case in the data set. 1 flagged" in page and "overlays/right_T1w.png" in page


def test_a_second_run_does_nothing_again_and_accept_keeps_a_flagged_case(made, scans, capsys, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(made[1], out)
    before = (out / "imagesTr" / "right_T1w_0000.nii.gz").stat().st_mtime_ns
    assert from_ct(scans, "--out", str(out), "--accept", "wrong_T1w") == 0
    assert "2 of 2 cases" in capsys.readouterr().out
    assert (out / "imagesTr" / "right_T1w_0000.nii.gz").stat().st_mtime_ns == before
    assert [case.name for case in read_case_set(out).cases] == ["right_T1w", "wrong_T1w"]


def test_other_thresholds_need_no_new_registration(made, scans, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(made[1], out)
    before = (out / "moved" / "right_T1w.nii.gz").stat().st_mtime_ns
    assert from_ct(scans, "--out", str(out), "--bone", "200") == 1
    moved = read_volume(out / "moved" / "right_T1w.nii.gz").array
    labels = read_labels(out / "labelsTr" / "right_T1w.nii.gz").array
    assert np.array_equal(labels == 3, moved > 200)
    assert (out / "moved" / "right_T1w.nii.gz").stat().st_mtime_ns == before


def test_what_cannot_be_meant_is_refused_in_a_sentence(scans, capsys, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    for more, words in (
        (("--out", str(tmp_path / "full")), "holds something else"),
        (("--out", str(tmp_path / "a"), "--accept", "nobody"), "no such case"),
        (("--out", str(tmp_path / "b"), "--bone", "-900"), "bone must begin above air"),
        (("--out", str(tmp_path / "c"), "--workers", "-1"), "must be 1 or more"),
    ):
        assert from_ct(scans, *more) == 2
        assert words in capsys.readouterr().err


def test_an_mr_in_place_of_a_ct_is_said_to_be_none(scans, capsys, tmp_path):
    code = from_ct(scans, "--out", str(tmp_path / "out"), "--json", ct="t2")
    assert code == 2
    result = json.loads(capsys.readouterr().out)
    assert result["failed"] == ["right_T1w", "wrong_T1w"]
    assert "not in HU" in result["findings"][0]["message"]


def test_labels_of_one_sequence_come_to_the_grid_of_another(scans, tmp_path):
    other = tmp_path / "t2"
    truth = read_labels(scans / "truth" / "right.nii.gz")
    shutil.copytree(scans / "t2", other / "images", ignore=shutil.ignore_patterns("wrong*"))
    write_labels(other / "labels" / "right.nii.gz", truth.array, elsewhere(truth.grid))
    (other / "labels.json").write_text('{"1": "air", "2": "soft tissue", "3": "bone"}')
    out = tmp_path / "out"
    code = main(["cases", "from-mr", "--mr", str(scans / "mr"), "--from", str(other), "--channels", "--out", str(out),
                 "--registration", "b-spline"])  # fmt: skip
    assert code == 1  # `wrong` has no partner
    data = read_case_set(out)
    (case,) = data.cases
    assert len(case.images) == 2 and data.labels == {1: "air", 2: "soft tissue", 3: "bone"}
    found = read_labels(case.label)
    assert found.grid.same_as(truth.grid) and read_volume(case.images[1]).grid.same_as(truth.grid)
    for value in (1, 2, 3):
        one, same = found.array == value, truth.array == value
        assert 2 * (one & same).sum() / (one.sum() + same.sum()) > 0.8


def test_images_without_labels_cannot_give_any(scans, capsys, tmp_path):
    code = main(
        ["cases", "from-mr", "--mr", str(scans / "mr"), "--from", str(scans / "t2"), "--out", str(tmp_path / "o")]
    )
    assert code == 2 and "have no labels" in capsys.readouterr().err
