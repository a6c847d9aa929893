"""Whether another round is worth it, by the cases that the rounds share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.results import UnitResult
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.loop.standing import another_round, curve_of_rounds


def round_with(folder: Path, dice: Mapping[str, float]) -> JobFolder:
    """A finished round that scored these cases, one a fold."""
    choices = StrategyChoice("direct"), StrategyChoice("open")
    job = JobFolder.create(folder, JobSpec(JOB_FORMAT, "adapt", "/cases", choices, "open", source="/model"))
    job.save_result("report", {"kept": "open", "warnings": []})
    settings = {"steps": 1, "execution": {"precision": "float32"}}
    for n, (case, value) in enumerate(dice.items()):
        row = ScoreRow(case, 1, "bone", LabelScores({"dice": value}, missed=False), "open", str(n))
        result = UnitResult("open", str(n), (row,), (), 0, (), None, settings, {})
        job.save_result(f"open.fold{n}", to_json(result))
    return job


FIRST = {"a": 0.78, "b": 0.80, "c": 0.82}


def verdict(tmp_path: Path, second: Mapping[str, float], predicted=()):
    rounds = [round_with(tmp_path / "round-1", FIRST), round_with(tmp_path / "round-2", second)]
    curve, corrected = curve_of_rounds(rounds, predicted)
    return curve, *another_round((), rounds, curve, corrected, 3)


def test_harder_cases_of_a_later_round_do_not_hide_that_the_model_gets_better(tmp_path):
    second = {"a": 0.84, "b": 0.86, "c": 0.88, "d": 0.6, "e": 0.6, "f": 0.6}
    curve, sentence, worth = verdict(tmp_path, second)
    assert [one.mean for one in curve.measured] == [pytest.approx(0.80), pytest.approx(0.86)]
    assert worth is True and "hardly" not in sentence.sentence and curve.now == 6


def test_a_dice_that_falls_on_the_same_cases_gives_no_verdict(tmp_path):
    _, sentence, worth = verdict(tmp_path, {"a": 0.70, "b": 0.72, "c": 0.74, "d": 0.9})
    assert worth is None and "fell from 0.800 to 0.720" in sentence.sentence


def test_a_gain_that_may_still_be_large_is_not_called_hardly_worth_it(tmp_path):
    _, sentence, worth = verdict(tmp_path, {**FIRST, "d": 0.9})
    assert worth is None and "too few to tell" in sentence.sentence


def test_a_dice_that_stays_as_it_is_makes_another_round_hardly_worth_it(tmp_path, monkeypatch):
    monkeypatch.setitem(FIRST, "a", 0.8)
    monkeypatch.setitem(FIRST, "c", 0.8)
    _, sentence, worth = verdict(tmp_path, {**FIRST, "d": 0.5, "e": 0.5})
    assert worth is False and "hardly worth it" in sentence.sentence


def test_rounds_that_share_no_scored_case_are_not_compared(tmp_path):
    curve, sentence, worth = verdict(tmp_path, {"d": 0.9, "e": 0.9, "f": 0.9, "g": 0.9})
    assert curve is None and worth is None and "scored the same cases" in sentence.sentence
