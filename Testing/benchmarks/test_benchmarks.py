"""The parts of the benchmarks that can be wrong without anyone noticing: the shifted domain, and what the page says."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_volume

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import adaptation  # noqa: E402
import figures  # noqa: E402
import registration  # noqa: E402
import robustness  # noqa: E402
import run_all  # noqa: E402
import shifted_hippocampus as shift  # noqa: E402
import turns  # noqa: E402

DATA = Path(os.environ.get("TRANSFERSEG_DATA", ROOT.parent / "shared")) / "data" / "Task04_Hippocampus"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="Task04_Hippocampus is not under TRANSFERSEG_DATA/data")


@pytest.fixture
def image() -> np.ndarray:
    """Smooth along every axis, with structure above the noise."""
    i, j, k = np.meshgrid(*(np.linspace(0, 3, n) for n in (20, 18, 11)), indexing="ij")
    return (500 + 300 * np.sin(i) * np.cos(j) + 100 * k).astype(np.float32)


def test_the_shift_of_a_seed_is_always_the_same(image: np.ndarray) -> None:
    first, again, other = (shift.shifted(image, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.float32 and first.shape == image.shape
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("invert", "sign"), [(True, -1), (False, 1)])
def test_the_shift_exchanges_bright_and_dark_unless_told_not_to(image: np.ndarray, invert: bool, sign: int) -> None:
    found = shift.shifted(image, np.random.default_rng(0), invert)
    assert sign * np.corrcoef(image.ravel(), found.ravel())[0, 1] > 0.7


def test_gamma_is_applied_between_the_robust_extremes(image: np.ndarray) -> None:
    low, high = np.percentile(image, (0.5, 99.5))
    expected = (1 - np.clip((image - low) / (high - low), 0, 1)) ** 1.5
    np.testing.assert_allclose(shift.other_contrast(image, 1.5, invert=True), expected, atol=1e-6)


def test_slices_are_averaged_in_pairs_and_an_odd_last_one_stays(image: np.ndarray) -> None:
    found = shift.averaged_through_plane(image)
    assert found.shape == image.shape
    np.testing.assert_array_equal(found[:, :, 0:10:2], found[:, :, 1:10:2])
    np.testing.assert_allclose(found[:, :, 4], (image[:, :, 4] + image[:, :, 5]) / 2, rtol=1e-6)
    np.testing.assert_array_equal(found[:, :, 10], image[:, :, 10])


def test_noise_where_there_is_no_signal_has_the_mean_of_rician_noise_of_four_percent() -> None:
    image = np.zeros((40, 40, 40), dtype=np.float32)
    image[:20] = 100
    dark = shift.shifted(image, np.random.default_rng(0), invert=False)[20:]
    assert dark.mean() == pytest.approx(1000 * 0.04 * np.sqrt(np.pi / 2), rel=0.03)


@needs_data
def test_source_target_and_test_cases_are_different_cases_and_keep_their_look_in_every_draw(tmp_path: Path) -> None:
    source = read_case_set(shift.write_source(tmp_path / "source", 2))
    drawn = [read_case_set(shift.write_target(tmp_path / f"draw{n}", 157, 1, 2, draw=n)) for n in (0, 1)]
    assert [case.role for case in source.cases] == ["train", "train"]
    for target in drawn:
        assert sorted(case.role for case in target.cases) == ["test", "test", "train"]
        assert all(case.label is not None for case in target.cases)
        assert not {case.name for case in target.cases} & {case.name for case in source.cases}
    images = [{case.name: read_volume(case.images[0]).array for case in target.cases} for target in drawn]
    assert images[0].keys() == images[1].keys(), "there are only three cases that are not the source's"
    for name, array in images[0].items():
        np.testing.assert_array_equal(array, images[1][name])


@needs_data
def test_a_folder_with_another_data_set_is_refused_and_the_same_is_kept(tmp_path: Path) -> None:
    written = shift.write_target(tmp_path, 4, 2, 1)
    before = (written / "dataset.json").stat().st_mtime_ns
    assert (shift.write_target(tmp_path, 4, 2, 1) / "dataset.json").stat().st_mtime_ns == before
    with pytest.raises(SystemExit, match="holds another data set"):
        shift.write_target(tmp_path, 4, 2, 1, look=shift.KEPT)
    few = read_case_set(adaptation.first_cases(written, 1))
    assert [case.role for case in few.cases] == ["train"]


def test_a_target_is_reached_on_its_own_side_of_the_limit_only() -> None:
    assert figures.Check("Dice", 0.82, 0.82, at_least=True).held
    assert not figures.Check("Dice", 0.819, 0.82, at_least=True).held
    assert figures.Check("time", 60, 60, at_least=False, unit=" s").row == ["time", "≤ 60 s", "60.0 s", "yes"]
    assert figures.Check("time", 60.1, 60, at_least=False).row[-1] == "**no**"
    assert figures.Check("gain", 0.0038, 0.004, at_least=True).row == ["gain", "≥ 0.004", "0.0038", "**no**"]


def test_the_page_names_what_was_not_reached_and_what_was_not_measured(tmp_path: Path) -> None:
    checks = [figures.Check("faster", 1.5, 1.3, True, "×"), figures.Check("leaner", 2.5, 2, False, " GiB")]
    figures.Result(("", "ms"), [["ours", "94"], ["theirs", "142"]], checks).publish(tmp_path / "step.json")
    measured = {"step": run_all.Measured(run_all.read(tmp_path / "step.json"), "2024-05-06")}
    page = run_all.page(measured, figures.machine())
    assert "1 of 2 targets are reached on this machine. Not reached: leaner (2.500 GiB, target ≤ 2 GiB)." in page
    assert "| theirs | 142 |" in page
    assert "`python benchmarks/step.py`, 2024-05-06" in page
    assert "Not measured yet: `python benchmarks/inference.py`" in page


def test_the_page_says_so_when_every_target_is_reached() -> None:
    result = figures.Result(("a",), [["b"]], [figures.Check("faster", 1.5, 1.3, True)])
    assert "All 1 targets are reached" in run_all.page({"step": run_all.Measured(result, "")}, {})


def test_a_section_that_is_not_measured_again_stays_on_the_page_with_its_day_and_its_processor(tmp_path: Path) -> None:
    result = figures.Result(("a",), [["b"]], [figures.Check("faster", 1.5, 1.3, True, "×")])
    run_all.write_kept(tmp_path / "benchmarks.json", {"step": run_all.Measured(result, "2024-05-06", "a slow one")})
    kept = run_all.read_kept(tmp_path / "benchmarks.json")
    page = run_all.page(kept, {"processor": "a fast one"})
    assert "| faster | ≥ 1.3× | 1.500× | yes |" in page
    assert "`python benchmarks/step.py`, 2024-05-06, on another processor (a slow one)" in page
    assert "another processor" not in run_all.page(kept, {"processor": "a slow one"})


def test_the_page_of_the_documentation_is_made_of_what_is_kept_beside_it() -> None:
    kept, page = run_all.read_kept(figures.ROOT / "docs" / "benchmarks.json"), figures.ROOT / "docs" / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    assert kept and all(figures.table(one.result.header, one.result.rows) in text for one in kept.values())


def test_the_surface_metrics_are_held_against_both_peers(tmp_path: Path) -> None:
    peers = {"TransferSeg: HD95, HD, ASSD, surface Dice": 1.0, "MONAI: HD95": 0.9, "MedPy: HD95": 6.0}
    rows = [{"name": name, "seconds": times, "times_ours": times, "hd95_mm": 2.0} for name, times in peers.items()]
    (tmp_path / "metrics.json").write_text(json.dumps({"results": rows}), encoding="utf-8")
    assert [check.held for check in run_all.read(tmp_path / "metrics.json").checks] == [False, True]


def test_the_longest_turn_of_each_action_is_held_against_its_limit_as_the_median_over_rounds() -> None:
    rounds = [{"followed": [(1.0, 2.0), (longest, 90.0)], "refreshed": [(3.0, 3.0)]} for longest in (12.0, 80.0, 14.0)]
    result = turns.result(rounds)
    assert [(check.measured, check.held) for check in result.checks] == [(14.0, True), (3.0, True)]
    assert result.checks[0].what.startswith("followed: ") and result.checks[0].limit == 20
    assert ["followed", "2", "12.0, 80.0, 14.0", "90.0, 90.0, 90.0"] in result.rows
    assert not turns.result([rounds[1]]).checks[0].held


def test_dice_is_held_against_its_target_as_the_mean_of_the_draws_and_time_as_the_slowest() -> None:
    def outcome(draw: int, dice: float, seconds: float) -> adaptation.Outcome:
        return adaptation.Outcome(adaptation.OPEN, 8, draw, dice, 2.0, seconds, 900.0, 5.0, 400)

    result = adaptation.result([outcome(0, 0.83, 50), outcome(1, 0.87, 61)], [8], keep_contrast=False)
    held = {check.what: check.held for check in result.checks}
    assert held["8 cases: Dice"] and not held["8 cases: HD95"]
    assert not held["8 cases: the slowest job, start-up included"]
    assert "0.850 (0.830, 0.870)" in result.rows[0]


def test_with_the_contrast_kept_only_four_cases_have_targets() -> None:
    found = [adaptation.Outcome(adaptation.OPEN, count, 0, 0.857, 1.8, 50, 900.0, 5.0, 400) for count in (8, 4)]
    assert not adaptation.result(found, [8], keep_contrast=True).checks
    checks = adaptation.result(found, [8, 4], keep_contrast=True).checks
    assert [(check.what, check.held) for check in checks] == [
        ("contrast kept, 4 cases: Dice", False),
        ("contrast kept, 4 cases: HD95", True),
    ]


@pytest.mark.parametrize("look", robustness.LOOKS, ids=lambda look: look.about)
def test_every_other_look_keeps_the_grid_and_is_the_same_for_a_seed(image: np.ndarray, look: shift.Look) -> None:
    before = image.copy()
    first, again = (look.change(image, np.random.default_rng(3)) for _ in range(2))
    assert first.shape == image.shape and first.dtype == np.float32 and np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(image, before)
    assert np.array_equal(first, image) == (look.about == robustness.AS_IT_IS)


@needs_data
def test_looks_are_of_the_test_cases_of_the_first_draw(tmp_path: Path) -> None:
    sizes = (156, 2, 2)
    target = read_case_set(shift.write_target(tmp_path / "target", *sizes))
    looks = read_case_set(shift.write_test_cases(tmp_path / "look", shift.INVERTED, sizes))
    expected = {c.name: read_volume(c.images[0]).array for c in target.cases if c.role == "test"}
    found = {c.name: read_volume(c.images[0]).array for c in looks.cases}
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def test_a_robust_model_is_held_against_the_plain_one_and_each_tissue_against_its_own() -> None:
    def scored(model: str, images: str, dice: float, **tissues: float) -> robustness.Scored:
        return robustness.Scored(model, images, dice, 2.0, tissues or None)

    result = robustness.result(
        [
            scored(robustness.PLAIN, robustness.AS_IT_IS, 0.85),
            scored(robustness.ROBUST, robustness.AS_IT_IS, 0.845),
            scored(robustness.ROBUST, robustness.SHIFTED, 0.81),
            scored("head-t1w", "t1w", 0.8, air=0.9, bone=0.7),
            scored("head-robust", "t2w", 0.8, air=0.88, bone=0.6),
        ]
    )
    assert [check.held for check in result.checks] == [False, True, True, False]


def test_kinds_of_failures_take_turns_and_each_share_has_its_interval() -> None:
    cases = registration.wanted_cases(5, 2, 9)
    assert [n for n, kind in cases if kind == "right"] == [5, 6]
    assert sorted(n for n, kind in cases if kind == "other-patient") == [5, 6]
    assert len(cases) == len(set(cases)) == 11
    right = {"kind": "right", "flags": [], "errors_mm": {"bone": [0.0, 0.9, 3.75]}}
    wrong = [{"kind": "noise", "flags": ["registration-failed"]}] * 19 + [{"kind": "noise", "flags": []}]
    found = registration.result_of([right, {**right, "errors_mm": {"bone": [2.5, 1.1, 3.75]}}, *wrong], 2.0)
    assert [(check.measured, check.held) for check in found.checks] == [(2.5, False), (95.0, True), (0.0, True)]
    assert ["all failures", "20", "19", "interval 75 to 100 %"] in found.rows
    assert ["noise in place of a CT", "20", "19", "failed 19"] in found.rows
