"""Few cases and the choice made for a person: what is kept of a stopped benchmark, what is held against what, a trial."""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main as transferseg

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import active  # noqa: E402
import adaptation  # noqa: E402
import few_cases  # noqa: E402
import figures  # noqa: E402
import recommend  # noqa: E402
import shifted_hippocampus as shift  # noqa: E402
from kept import Kept  # noqa: E402

DATA = Path(os.environ.get("TRANSFERSEG_DATA", ROOT.parent / "shared")) / "data" / "Task04_Hippocampus"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="Task04_Hippocampus is not under TRANSFERSEG_DATA/data")


@dataclass(frozen=True)
class Figure:
    value: float


def test_a_benchmark_that_was_stopped_goes_on_and_one_that_is_finished_begins_anew(tmp_path: Path) -> None:
    measured: list[str] = []

    def measure(out: Path) -> Figure:
        assert not out.exists(), "what a stopped job left is no part of the next one"
        measured.append(out.name)
        (out / "half").mkdir(parents=True)
        return Figure(len(measured))

    def run(settings: dict[str, str]) -> tuple[Figure, Kept]:
        kept = Kept(tmp_path / "jobs", settings)
        return kept.measured("one", Figure, measure), kept

    assert run({"folds": "0"})[0] == run({"folds": "0"})[0] == Figure(1)
    assert run({"folds": "4"})[0] == Figure(2), "other settings are another measurement"
    run({"folds": "4"})[1].finish()
    assert run({"folds": "4"})[0] == Figure(3)
    assert measured == ["one"] * 3


def test_a_torn_figure_is_measured_again(tmp_path: Path) -> None:
    (tmp_path / "one.figure.json").write_text('{"of": {"co', encoding="utf-8")
    assert Kept(tmp_path, {}).measured("one", Figure, lambda out: Figure(7.0)) == Figure(7.0)
    assert Kept(tmp_path, {}).measured("one", Figure, lambda out: Figure(8.0)) == Figure(7.0)


@needs_data
def test_merged_labels_are_one_and_a_label_that_is_left_out_is_background(tmp_path: Path) -> None:
    sizes = (157, 1, 1)
    folders = {
        labels: shift.write_target(tmp_path / labels.names[0], *sizes, labels=labels)
        for labels in (shift.BOTH, shift.MERGED)
    }
    both, merged = (read_case_set(folder) for folder in folders.values())
    front = read_case_set(shift.write_source(tmp_path / "front", 1, shift.ANTERIOR))
    assert dict(merged.labels) == {1: "Hippocampus"} and dict(front.labels) == {1: "Anterior"}
    for before, after in zip(both.cases, merged.cases, strict=True):
        assert before.label is not None and after.label is not None and before.name == after.name
        np.testing.assert_array_equal(read_labels(before.label).array > 0, read_labels(after.label).array == 1)
    original = {case.name: case for case in read_case_set(DATA).cases}
    for case in front.cases:
        expected = original[case.name].label
        assert case.label is not None and expected is not None
        np.testing.assert_array_equal(read_labels(case.label).array, read_labels(expected).array == 1)


def outcome(method: str, cases: int, dice: float, hd95_mm: float = 1.6, draw: int = 0) -> adaptation.Outcome:
    return adaptation.Outcome(method, cases, draw, dice, hd95_mm, 40.0, 900.0, 5.0, 400)


def test_few_cases_are_held_against_limits_and_other_labels_against_the_plain_loop() -> None:
    ours, peer = adaptation.OPEN, adaptation.PLAIN
    found = {
        "target": [outcome(ours, 4, 0.857, draw=0), outcome(ours, 4, 0.861, draw=1), outcome(ours, 8, 0.862)],
        "target-kept": [outcome(ours, 4, 0.858, hd95_mm=1.9)],
        "merged": [outcome(ours, 4, 0.88), outcome(few_cases.MAPPED, 4, 0.9), outcome(peer, 4, 0.875, hd95_mm=1.8)],
        "back": [outcome(ours, 4, 0.84, hd95_mm=2.0), outcome(peer, 4, 0.82, hd95_mm=1.8)],
    }
    result = few_cases.result(found)
    held = {check.what.partition(", ")[2]: check.held for check in result.checks}
    assert held == {
        "contrast inverted, 4 cases: Dice": True,
        "contrast inverted, 4 cases: HD95": True,
        "contrast inverted, 8 cases: Dice": False,
        "contrast inverted, 8 cases: HD95": True,
        "contrast kept, 4 cases: Dice": True,
        "contrast kept, 4 cases: HD95": False,
        "front and back merged, 4 cases: Dice above the plain loop's": False,
        "front and back merged, 4 cases: HD95, no more than the plain loop's": True,
        "to front and back, 4 cases: Dice above the plain loop's": True,
        "to front and back, 4 cases: HD95, no more than the plain loop's": False,
    }
    assert "0.859 (0.857, 0.861)" in result.rows[0]
    assert any(few_cases.MAPPED in row for row in result.rows)


def of_shift(
    number: int, direct: float, chosen: float, exhaustive: dict[str, float] | None = None
) -> recommend.Measured:
    everything = exhaustive and recommend.Exhaustive(exhaustive, dict.fromkeys(exhaustive, 1.6), 100.0, 80.0, 4)
    return recommend.Measured(
        recommend.SHIFTS[number].about,
        0,
        outcome(adaptation.DIRECT, 0, direct),
        recommend.Chosen(chosen, 1.6, 100.0, "open", ("direct", "open", "scratch")),
        everything or None,
    )


def test_what_was_chosen_is_held_against_the_source_on_the_worst_shift_and_on_average() -> None:
    good = [of_shift(n, 0.85, 0.86) for n in range(4)]
    checks = recommend.result([*good, of_shift(4, 0.85, 0.847)], "auto").checks
    assert [check.held for check in checks] == [False, True, True]
    assert checks[0].measured == pytest.approx(-0.003) and checks[1].measured == pytest.approx(0.0074)
    assert all(check.held for check in recommend.result([*good, of_shift(4, 0.85, 0.849)], "auto").checks)


def test_the_best_single_choice_is_one_for_all_shifts_and_its_cost_is_that_of_leaving_cases_out() -> None:
    # `scratch` wins once by far, `open` on average.
    tables = [{"direct": 0.85, "open": 0.86, "scratch": 0.7}] * 4 + [{"direct": 0.85, "open": 0.86, "scratch": 0.9}]
    measured = [of_shift(n, 0.85, 0.857, table) for n, table in enumerate(tables)]
    assert recommend.best_single_choice(measured) == "open"
    result = recommend.result(measured, "auto")
    interval, cost = result.checks[-2:]
    assert interval.measured == pytest.approx(-0.003) and not interval.held
    assert cost.measured == pytest.approx((100 + 3 * 80) / 100) and cost.held
    assert any("`open`, the best single choice" in row[0] and row[-1] == "340" for row in result.rows)
    assert {len(row) for row in result.rows} == {len(result.header)}


def test_a_strategy_that_was_not_compared_on_every_shift_is_no_single_choice() -> None:
    tables = [{"direct": 0.85, "open": 0.84}] * 4 + [{"direct": 0.85}]
    assert recommend.best_single_choice([of_shift(n, 0.85, 0.85, table) for n, table in enumerate(tables)]) == "direct"
    assert recommend.best_single_choice([of_shift(0, 0.85, 0.85)]) is None


def in_this_process(arguments: Sequence[str], log: Path) -> adaptation.Run:
    """What `adaptation.python` does, without a process of its own, which would need seconds to begin."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        if tuple(arguments[:2]) == adaptation.TRANSFERSEG:
            code = transferseg(list(arguments[2:]))
        else:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sys, "argv", list(arguments))
                runpy.run_path(arguments[0], run_name="__main__")
            code = 0
    assert code in (0, 1), printed.getvalue()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(printed.getvalue(), encoding="utf-8")
    return adaptation.Run(0.0, 2.0, 512.0)


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a trial; every command runs in this process."""
    monkeypatch.setattr(figures, "BUILD", tmp_path)
    for module in (adaptation, recommend):
        monkeypatch.setattr(module, "python", in_this_process)
    return tmp_path / "quick"


@needs_data
def test_a_trial_of_few_cases_measures_other_labels_beside_the_plain_loop(
    trial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other targets are run in the same way, and their source model is that of the next test.
    others = tuple(target for target in few_cases.TARGETS if target.peer)
    monkeypatch.setattr(few_cases, "TARGETS", others)
    monkeypatch.setattr(sys, "argv", ["few_cases.py", "--quick"])
    few_cases.main()
    found = figures.Result.read(json.loads((trial / "few-cases.json").read_text(encoding="utf-8")))
    ours, peer = adaptation.OPEN, adaptation.PLAIN
    merged, back = (target.title for target in others)
    assert [(row[0], row[2]) for row in found.rows] == [
        (merged, ours),
        (merged, few_cases.MAPPED),
        (merged, peer),
        (back, ours),
        (back, peer),
    ]
    shares = [row[found.header.index("adapted share")] for row in found.rows]
    assert all(shares[n] for n in (0, 1, 3)) and not shares[2] and not shares[4], "the plain loop blends nothing"


@needs_data
def test_a_trial_of_the_choice_compares_all_that_it_chose_from(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["recommend.py", "--quick", "--strategy", "open"])
    recommend.main()
    found = figures.Result.read(json.loads((trial / "recommend.json").read_text(encoding="utf-8")))
    (measured,) = found.details
    assert measured["chosen"]["among"] == ["direct", "open"]
    assert set(measured["exhaustive"]["dice"]) == {"direct", "open"}
    # A worker takes fewer threads on a busy computer, and so sums in another order: a voxel on the edge may differ.
    assert measured["exhaustive"]["dice"]["direct"] == pytest.approx(measured["direct"]["dice"], abs=1e-3)


@needs_data
def test_cases_to_choose_from_are_there_without_labels(tmp_path: Path) -> None:
    target = shift.write_target(tmp_path / "target", 155, 4, 1)
    draw = active.Draw(adaptation.Setting(tmp_path, True), tmp_path, target, 0, 1)
    annotated = draw.pool[:2]
    alone, others = (read_case_set(draw.with_annotated(annotated, more)).cases for more in (False, True))
    assert {case.name for case in alone} == set(annotated)
    assert {case.name: case.label is not None for case in others} == {name: name in annotated for name in draw.pool}


def test_a_choice_of_cases_is_held_against_chance_in_pairs() -> None:
    def of_draw(draw: int, named: float, random: float) -> list[active.Outcome]:
        return [
            active.Outcome(way, draw, dice, 2.0, ("a",))
            for way, dice in ((active.NEXT, named), (active.RANDOM, random))
        ]

    better = active.result([one for draw in range(6) for one in of_draw(draw, 0.8 + draw / 100, 0.78 + draw / 100)])
    assert [check.held for check in better.checks] == [True]
    unclear = active.result([one for draw in range(6) for one in of_draw(draw, 0.8, 0.8 + 0.01 * (-1) ** draw)])
    assert [check.held for check in unclear.checks] == [False]
