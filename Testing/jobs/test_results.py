"""Results of units are read as they were written, also by version 0.1.0, and summed up."""

from __future__ import annotations

import pytest
from made_scores import made_scores

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import UnitResult, job_summary, unit_results
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice

CHOICES = (StrategyChoice("direct"), StrategyChoice("open"))
CHOSEN = "; these scores also chose which strategy is kept, so its own are a little too good."
SPEC = JobSpec(JOB_FORMAT, "compare", "/cases", CHOICES, source="/model")
# As `state/results/open.fold0.json` of version 0.1.0 had it.
OLD = {
    "strategy": "open",
    "fold": "0",
    "rows": [
        {
            "case": "a", "label": 1, "label_name": "bone", "strategy": "open", "fold": "0",
            "scores": {
                "dice": 0.5, "jaccard": 0.3, "precision": None, "recall": 0.4, "hd95_mm": 2.5, "hd_mm": 3.0, "assd_mm": 1.0,
                "surface_dice": 0.6, "reference_ml": 10.0, "predicted_ml": 11.0, "missed": True,
            },
        }
    ],
    "losses": [[1.0, 0.9]], "steps": 2, "validation": [[2, 0.5]], "best_step": 2,
    "settings": {"steps": 2, "speed": {"device": "cpu"}}, "plan": {"sentence": "22 of 22."},
}  # fmt: skip


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return JobFolder.create(tmp_path / "job", SPEC)


def row(strategy: str, case: str, dice: float) -> ScoreRow:
    scores = made_scores(dice, dice, dice, dice, 2.0, 3.0, 1.0, dice, 10.0, 11.0)
    return ScoreRow(case, 1, "bone", scores, strategy, "0")


def result(strategy: str, *rows: ScoreRow) -> UnitResult:
    return UnitResult(strategy, "0", rows, (), 0, (), None, None, {"sentence": "nothing"})


def test_results_come_back_as_they_were_stored(job):
    stored = result("direct", row("direct", "a", 0.5))
    job.save_result("direct.fold0", to_json(stored))
    assert unit_results(job, SPEC) == [stored]


def test_a_result_of_version_0_1_0_is_read(job):
    job.save_result("open.fold0", OLD)
    (found,) = unit_results(job, SPEC)
    scores = found.rows[0].scores
    assert (scores.dice, scores["precision"], scores["volume_difference_ml"], scores.missed) == (0.5, None, 1.0, True)
    assert found.settings == {"steps": 2, "execution": {"device": "cpu"}}


@pytest.mark.parametrize("damage", [{"rows": 3}, {"rows": [{"scores": []}]}, {"settings": 4}])
def test_a_damaged_result_is_told_by_its_field(job, damage):
    job.save_result("open.fold0", {**OLD, **damage})
    with pytest.raises(InputError, match=r"open\.fold0: field `(rows|settings)"):
        unit_results(job, SPEC)


def test_a_verdict_says_that_its_scores_chose_the_strategy_where_they_did():
    task = LabelTask(("bone",), (1,), {1: 1}, ((0,), (1,)))
    both = [result(s, row(s, "a", d), row(s, "b", d)) for s, d in (("direct", 0.5), ("open", 0.8))]
    chosen = job_summary(SPEC, both, task, ()).verdict
    assert chosen.sentence.endswith(CHOSEN) and "`open` has the highest mean Dice" in chosen.sentence
    named = JobSpec(JOB_FORMAT, "adapt", "/cases", CHOICES, "open", source="/model")
    assert "too good" not in job_summary(named, both, task, ()).verdict.sentence
    assert "too good" not in job_summary(SPEC, both[1:], task, ()).verdict.sentence  # the other one blew up
    assert job_summary(SPEC, [], task, ()).verdict.kind == "no scores"


def test_cases_that_the_source_model_was_trained_on_are_warned_of_first():
    results = [result(s, row(s, "a", d), row(s, "b", d)) for s, d in (("direct", 0.5), ("open", 0.8))]
    task = LabelTask(("bone",), (1,), {1: 1}, ((0,), (1,)))
    verdict = job_summary(SPEC, results, task, {"b", "other"}).verdict
    assert verdict.kind == "seen by the source"
    assert verdict.sentence.startswith("The source model was trained on 1 of the 2 cases that were scored, so these")
    assert " `open` has the highest mean Dice, 0.80 against 0.50 of the source model as it is (" in verdict.sentence
    assert verdict.sentence.endswith(CHOSEN) and verdict.problem.fields["seen"] == 1
    assert job_summary(SPEC, results, task, ()).verdict.kind == "too few cases"
