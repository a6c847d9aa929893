"""Rounds are not compared on cases whose annotation was changed between them, and a sentence names these."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.label_changes import changed_labels
from TransferSegLib.jobs.results import UnitResult
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.loop.accepting import accept
from TransferSegLib.loop.standing import Round, curve_of_rounds, with_changes


def half_erased(label: Path, folder: Path) -> Path:
    """A copy of a segmentation in which half of what is labelled is not."""
    folder.mkdir()
    volume = read_labels(label)
    erased = volume.array.copy()
    places = np.argwhere(erased != 0)
    erased[tuple(places[: len(places) // 2].T)] = 0
    write_labels(folder / label.name, erased, volume.grid)
    return folder / label.name


def test_a_shared_case_whose_label_was_half_erased_between_rounds_is_left_out_and_named(loop, heads, tmp_path, capsys):
    shared = loop.read().shared
    other = next(name for name in sorted(heads[1]) if name not in shared)
    for name in shared:
        accept(loop.path, name, heads[1][name])
    adapt = ["loop", "adapt", str(loop.path), "--strategy", "open", "--steps", "2", "--deterministic"]
    assert main(adapt) == 0
    accept(loop.path, other, heads[1][other])
    accept(loop.path, shared[0], half_erased(heads[1][shared[0]], tmp_path / "erased"))
    assert main(adapt) == 0
    assert f"The annotation of case `{shared[0]}` was changed between rounds" in capsys.readouterr().err

    assert main(["loop", "status", str(loop.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, second = found["rounds"]
    assert found["reannotated"] == [shared[0]] and first["labels"][shared[0]] != second["labels"][shared[0]]
    same = shared[1:]
    for one in (first, second):
        assert set(one["shared_by_case"]) == set(same)
        assert one["shared_dice"] == pytest.approx(np.mean([one["by_case"][name] for name in same]))
    assert second["change"]["cases"] == 2
    assert second["change"]["mean"] == pytest.approx(second["shared_dice"] - first["shared_dice"])
    assert found["curve"]["shared"] == 2
    assert f"`{shared[0]}`" not in found["another_round"]
    assert main(["loop", "status", str(loop.path)]) == 0
    assert f"The annotation of case `{shared[0]}` was changed" in capsys.readouterr().out
    assert "was changed between rounds" in loop.report.read_text(encoding="utf-8")


def round_with(name: str, labels: dict[str, str], **dice: float) -> Round:
    return Round(name, "done", len(dice), "open", by_case=dice, labels=labels)


def test_each_round_is_compared_with_the_one_before_on_what_has_the_same_annotation_in_both():
    old, new = {"a": "1", "b": "1"}, {"a": "2", "b": "1"}
    rounds = [
        round_with("round-1", old, a=0.5, b=0.5),
        round_with("round-2", new, a=0.1, b=0.6),
        round_with("round-3", new, a=0.5, b=0.6),
    ]
    _, second, third = with_changes(rounds, ())
    assert (second.change.cases, second.change.mean) == (1, pytest.approx(0.1))
    assert (third.change.cases, third.change.mean) == (2, pytest.approx(0.2)), "scored anew"
    # Numbered cases are compared by what they are called in all rounds.
    called = [{"a": "1", "b": "2"}, {"a": "2", "b": "1"}]
    numbered = [round_with("one", old, a=0.5, b=0.5), round_with("two", {"a": "1", "b": "2"}, a=0.6, b=0.1)]
    assert with_changes(numbered, (), called)[1].change.mean == pytest.approx(0.1)


def test_a_job_that_did_not_note_digests_is_compared_as_it_is():
    assert changed_labels([{"a": "1"}, {}, {"a": "1", "b": "2"}]) == set()
    unknown = [round_with("round-1", {}, a=0.5), round_with("round-2", {"a": "2"}, a=0.7)]
    assert with_changes(unknown, ())[1].change.cases == 1


def job_with(folder: Path, dice: dict[str, float], labels: dict[str, str]) -> JobFolder:
    """A finished round that scored these cases, one a fold, against segmentations with these digests."""
    choices = StrategyChoice("direct"), StrategyChoice("open")
    job = JobFolder.create(folder, JobSpec(JOB_FORMAT, "adapt", "/cases", choices, "open", source="/model"))
    job.save_result("report", {"kept": "open", "warnings": []})
    job.save_result(DIGESTS, {case: to_json(Digests((case,), label)) for case, label in labels.items()})
    settings = {"steps": 1, "execution": {"precision": "float32"}}
    for n, (case, value) in enumerate(dice.items()):
        row = ScoreRow(case, 1, "bone", LabelScores({"dice": value}, missed=False), "open", str(n))
        job.save_result(f"open.fold{n}", to_json(UnitResult("open", str(n), (row,), (), 0, (), None, settings, {})))
    return job


def test_the_curve_leaves_out_what_was_annotated_anew(tmp_path):
    dice = {"a": 0.8, "b": 0.8, "c": 0.8, "d": 0.8}
    same = dict.fromkeys(dice, "1")
    first = job_with(tmp_path / "round-1", dice, same)
    second = job_with(tmp_path / "round-2", {**dice, "d": 0.1, "e": 0.9}, {**same, "d": "2", "e": "1"})
    curve, _ = curve_of_rounds([first, second], ())
    assert curve.shared == 3 and [one.mean for one in curve.measured] == pytest.approx([0.8, 0.8])
    # Digests that the first round did not note say nothing.
    first.save_result(DIGESTS, {})
    curve, _ = curve_of_rounds([first, second], ())
    assert curve.shared == 4 and curve.measured[-1].mean == pytest.approx((3 * 0.8 + 0.1) / 4)


def test_where_every_shared_case_was_annotated_anew_there_is_no_curve(tmp_path):
    first = job_with(tmp_path / "round-1", {"a": 0.8, "b": 0.8}, {"a": "1", "b": "1"})
    second = job_with(tmp_path / "round-2", {"a": 0.8, "b": 0.8, "c": 0.1}, {"a": "2", "b": "2", "c": "1"})
    assert curve_of_rounds([first, second], ()) == (None, False)
