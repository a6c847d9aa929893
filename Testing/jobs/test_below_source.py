"""A job whose kept model is below its source model says so first, everywhere, and how to use the source model instead."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.cli.table import print_result
from TransferSegLib.core.card import read_card
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs import unit_scoring, worker
from TransferSegLib.jobs.conditions import Conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.kept_source import scored_otherwise
from TransferSegLib.jobs.reporting import write_job_report
from TransferSegLib.jobs.source_offer import save_scored_otherwise, told_after_verdict, told_of_job
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")
SAID = "The kept model, of `open`, seems worse than the source model as it is: mean Dice "


def spec(cases: Path, source: Path, **fields) -> JobSpec:
    training = TrainingOptions(steps=1, deterministic=True, adapted_share=1.0)
    return JobSpec(
        3,
        "adapt",
        str(cases),
        (StrategyChoice("direct"), OPEN),
        "open",
        source=str(source),
        training=training,
        **fields,
    )


@pytest.fixture(scope="module")
def harmed(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    """A finished job that lost what its source model knew: what it trained finds nothing. Nobody writes into it."""
    place = tmp_path_factory.mktemp("harmed")
    source = shutil.copytree(tiny_source, place / "source")
    original = unit_scoring.UnitScoring._classes

    def classes(self, segment, case, trained, uncertainty):
        found, doubt = original(self, segment, case, trained, uncertainty)
        return found * (not trained.plan.trainable), doubt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_scoring.UnitScoring, "_classes", classes)
        job = JobFolder.create(place / "job", spec(phantoms("t2w", 3), source, folds=3))
        worker.run_job(job.path)
    return job


def test_the_command_s_last_lines_begin_with_it_and_name_the_source_model(harmed, capsys):
    print_result(harmed, as_json=False)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    first = next(n for n, line in enumerate(lines) if line.startswith(SAID))
    assert lines[first + 1] == f"Give --model {harmed.read_spec().source} to use the source model instead."
    assert lines[first + 2].startswith("Fine-tuning made it worse: ")
    print_result(harmed, as_json=True)
    assert json.loads(capsys.readouterr().out)["below_source"] == lines[first : first + 2]


def test_a_job_that_ended_before_its_events_had_it_says_so_too(harmed, tmp_path, capsys):
    job = JobFolder(shutil.copytree(harmed.path, tmp_path / "job"))
    events = [json.loads(line) for line in job.events.read_text(encoding="utf-8").splitlines()]
    events[-1].pop("below_source")
    job.events.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
    scores = read_json(job.scores_json)
    job.scores_json.write_text(json.dumps({k: v for k, v in scores.items() if k != "against_source"}), encoding="utf-8")
    print_result(job, as_json=False)
    assert f"\n{SAID}" in capsys.readouterr().out


def test_status_says_it_before_the_verdict(harmed, capsys):
    assert main(["status", str(harmed.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[-3:]] == [
        "The kept model, of `open`, seems worse than the source model as it is",
        f"Give --model {harmed.read_spec().source} to use the source model instead.",
        "Fine-tuning made it worse",
    ]
    assert job_status(harmed.path).below_source.code == "kept-model-seems-worse"
    assert main(["status", str(harmed.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["below_source"]["code"] == "kept-model-seems-worse"


def test_the_report_says_it_first_also_when_it_is_written_again(harmed, tmp_path):
    job = JobFolder(shutil.copytree(harmed.path, tmp_path / "job"))
    for page in (job.report, write_job_report(job.path)):
        text = page.read_text(encoding="utf-8")
        body = text[text.index("<h1>") :]
        assert body.index("seems worse than the source model") < body.index("Fine-tuning made it worse")
        assert "Use the source model, <code>tiny</code>, instead" in body


def test_what_the_source_model_was_scored_with_is_said_where_it_is_offered_and_no_flag_is(
    tmp_path, tiny_source, phantoms, capsys
):
    """The source model that is offered is the one that there is: no flag would make it the one that was scored."""
    job = JobFolder.create(tmp_path / "job", spec(phantoms("t2w", 3), tiny_source, folds=3))
    context = JobContext.read(replace(job.read_spec(), training=TrainingOptions(steps=1, copies=7, smoothing_mm=1.5)))
    a, b, c = context.card.patch_size
    conditions = Conditions((a + 8, b, c), "float32", "cpu")
    said = scored_otherwise(job, context, conditions, is_kept=False)
    assert said.sentence == (
        f"The source model was scored as all models of this job segment: in windows of {a + 8}×{b}×{c} voxels; "
        "with 7 averaged copies of each image; smoothed by 1.5 mm. Used by itself it segments as its own card says, so it "
        "may find something else."
    )
    kept = scored_otherwise(job, context, conditions, is_kept=True)
    assert [one.code for one in kept.fields["how"]] == ["scored-in-windows"], "its card has what a person chose"
    save_scored_otherwise(job, kept)
    assert told_after_verdict(job, None) == [kept]
    save_scored_otherwise(job, said)
    shutil.copytree(tiny_source, job.model)
    below = Problem("kept-model-seems-worse", "below", {}, "note")
    assert told_of_job(job, below)[-1] == said and told_after_verdict(job, None, notes=True) == [said]
    assert told_after_verdict(job, None) == [] == told_after_verdict(job, below, notes=True), "it is a note"
    assert "--copies" not in told_of_job(job, below)[1].sentence


def test_segment_sources_and_export_say_it_of_the_model(harmed, tmp_path, phantoms, capsys):
    image = str(read_case_set(phantoms("t2w", 3)).cases[0].images[0])
    assert main(["segment", "--model", str(harmed.path), "--images", image, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"transferseg: warning: {SAID}")
    assert said[1] == f"transferseg: Give --model {harmed.read_spec().source} to use the source model instead."
    assert main(["sources", "show", str(harmed.path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(SAID)
    assert main(["sources", "export", str(harmed.path), str(tmp_path / "bundle")]) == 0
    assert f"warning: {SAID}" in capsys.readouterr().err


def test_the_source_model_is_offered_by_its_name_where_it_has_one_and_else_said_to_be_gone(
    harmed, tmp_path, capsys, monkeypatch
):
    models = tmp_path / "models"
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(models))
    shutil.copytree(harmed.model, tmp_path / "alone")
    (line, *_) = [line for line in show(tmp_path / "alone", capsys) if line.startswith(SAID)]
    assert line.endswith("The source model, tiny, is not on this computer any more; get it again to use it instead.")
    shutil.copytree(harmed.read_spec().source, models / "tiny")
    (line, *_) = [line for line in show(tmp_path / "alone", capsys) if line.startswith(SAID)]
    assert line.endswith("Give --model tiny to use the source model instead.")
    card = read_json(models / "tiny" / "card.json")
    (models / "tiny" / "card.json").write_text(json.dumps({**card, "weights_sha256": "0" * 64}), encoding="utf-8")
    (line, *_) = [line for line in show(tmp_path / "alone", capsys) if line.startswith(SAID)]
    assert "is not on this computer any more" in line, "another model of that name is not it"


def show(model: Path, capsys) -> list[str]:
    assert main(["sources", "show", str(model)]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_card_that_says_something_else_there_is_read_all_the_same(harmed, tmp_path):
    folder = shutil.copytree(harmed.model, tmp_path / "model")
    card = read_json(folder / "card.json")
    for said in ("worse", {"problem": 3}, {"problem": {"code": "x", "template": "{gone}", "fields": {}}}):
        card["made_by"]["against_source"] = said
        (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
        assert read_card(folder).below_source is None


def test_without_folds_and_tests_the_cases_to_validate_on_say_it(tmp_path, tiny_source, phantoms, monkeypatch):
    from TransferSegLib.jobs.unit_training import UnitTraining

    monkeypatch.setattr(UnitTraining, "_validation_dice", lambda *arguments: 0.0)
    job = JobFolder.create(tmp_path / "job", spec(phantoms("t1w", 2), tiny_source, folds=0, validation=1))
    worker.run_job(job.path)
    found = job_status(job.path).below_source
    assert found.code == "kept-model-seems-worse" and "0.000 against 0." in found.sentence
    assert read_card(job.model).made_by["strategy"] == "open"
