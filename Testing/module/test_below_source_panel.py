"""Where the job's model came out below its source model, the panel says so first and offers the source model instead."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from all_steps import take_all_steps
from made_scores import made_scores

from TransferSegLib.core.card import read_card
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.scores import ScoreRow, write_scores
from TransferSegLib.evaluation.summary import summarise, summary_json, with_kept
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.source_offer import save_scored_otherwise
from TransferSegLib.sources.catalogue import find_source

OTHERWISE = Problem(
    "source-scored-as-in-job",
    "The source model was scored as all models of this job segment: {how:;}. Used by itself it segments as its own card "
    "says{ensemble:?, with all of its {count} networks|}, so it may find something else.",
    {
        "how": [
            Problem("scored-as-first-network", "the first of its {count} networks alone", {"count": 3}, "note"),
            Problem("scored-with-smoothing", "smoothed by {mm:g} mm", {"mm": 1.5}, "note"),
        ],
        "ensemble": True,
        "count": 3,
    },
    "note",
)
OUT = Path(__file__).resolve().parents[2] / "build" / "screenshots"


@pytest.fixture
def harmed(panel, heads):
    """harmed(source, direct, tuned): the panel shows a finished job with these Dice scores in each of eight cases."""

    def show(direct: float = 0.8, tuned: float = 0.6, gone: bool = False, otherwise: Problem | None = None):
        volumes = heads(3)
        panel.ui.addFromSceneButton.click()
        job = JobFolder(take_all_steps(panel.create_job()))
        source = find_source("tiny")
        shutil.copytree(source.folder, job.model)
        card = {**to_json(source.card), "name": "tiny-adapted-open"}
        (job.model / "card.json").write_text(json.dumps(card), encoding="utf-8")
        found = [
            ScoreRow(f"case_{n:03}", 1, "bone", made_scores(d, d, d, d, 2.0, 3.0, 0.5, d, 10.0, 11.0), strategy, "0")
            for n in range(1, 9)
            for strategy, d in (("direct", direct), ("open", tuned))
        ]
        write_scores(job.scores_csv, found, of_job=True)
        summary = with_kept(summarise(found), "open", {})
        scores = {**summary_json(summary), "made_by": {"kept": "open"}}
        job.scores_json.write_text(json.dumps(scores), encoding="utf-8")
        save_scored_otherwise(job, otherwise)
        if gone:
            shutil.rmtree(source.folder)
        status = SimpleNamespace(state="done")
        follower = SimpleNamespace(status=status, job=job, names={}, weights={}, running=False)
        panel.results_section.show(follower)
        return volumes

    yield show
    panel.results_section.show(None)


def seen(ui, widget) -> bool:
    return widget.isVisibleTo(ui.resultsContents)


def test_the_verdict_begins_with_it_and_the_source_model_can_be_chosen(harmed, panel):
    harmed()
    ui = panel.ui
    assert ui.verdictLabel.text.startswith(
        "The kept model, of “Fine-tune everything”, is worse than the source model as it is: mean Dice 0.60 against 0.80"
    )
    first, _, second = ui.verdictLabel.text.splitlines()
    assert first.endswith("Choose “Use the source model instead” to save and apply that one.")
    assert second.startswith("Fine-tuning made it worse")
    assert ui.outcomeLabel.text == "▼  Worse" and ui.resultsSection.text == "5. Results: Worse"
    assert ui.changesLabel.text == "Dice: 0.800 → 0.600\nHD95: 2.00 → 2.00 mm"
    assert ui.outcomeSentenceLabel.text.endswith(
        "the adapted model is worse than the source model: go on with the source model."
    )
    assert ui.nextButton.text == "Use the source model instead" and not seen(ui, ui.useSourceCheckBox)
    ui.nextButton.click()
    assert seen(ui, ui.useSourceCheckBox) and panel.results_section.instead is not None
    assert ui.nextButton.text == "Apply to other volumes"
    ui.nextButton.click()
    assert panel.steps.opened == "apply"
    ui.useSourceCheckBox.click()
    assert panel.results_section.instead is None and ui.nextButton.text == "Use the source model instead"
    assert "It is worse than the source model" in ui.modelLabel.text


def test_chosen_it_is_what_is_applied_and_saved(harmed, panel, scene, runtime):
    volumes = harmed()
    ui, section = panel.ui, panel.results_section
    assert ui.modelNameLineEdit.text == "tiny-adapted-open"
    ui.applyVolumeSelector.setCurrentNode(volumes[2])
    ui.useSourceCheckBox.click()
    runtime.process_events(20)
    assert ui.modelLabel.text == "The source model “tiny” is used instead of the model of this job."
    assert not ui.saveModelButton.enabled and ui.saveModelButton.toolTip == "“tiny” is among the source models already"
    assert ui.applyButton.toolTip.startswith("Segment Head 3 with the source model.")
    assert ui.applyFolderButton.toolTip.startswith("Segment all images of a folder with the source model.")
    # The job's own model cannot be run: its weights are gone. So what comes is the source model's.
    (section.results.job.model / "weights.safetensors").unlink()
    ui.applyButton.click()
    runtime.wait_until(lambda: not panel.apply_section.segmenting.works, 120)
    assert ui.applyStatusLabel.text == "Segmented: Head 3: source model"
    assert scene.util.getNode("Head 3: source model")
    ui.useSourceCheckBox.click()
    assert "It is worse than the source model" in ui.modelLabel.text
    assert ui.saveModelButton.enabled and ui.modelNameLineEdit.text == "tiny-adapted-open"
    assert ui.applyButton.toolTip.startswith("Segment Head 3 with the adapted model.")


def test_applied_it_is_the_source_model_as_it_is_and_how_it_was_scored_is_said(harmed, panel, runtime, monkeypatch):
    from TransferSegGui import segmenting

    from TransferSegLib.cli import _parser

    started = []

    class Command:
        """Keeps what would be run."""

        def __init__(self, words, ended, said):
            started.append(words)

        def stop(self, then=None):
            then and then()

    monkeypatch.setattr(segmenting, "Command", Command)
    volumes = harmed(otherwise=OTHERWISE)
    ui = panel.ui
    assert ui.verdictLabel.text.splitlines()[0].endswith(OTHERWISE.sentence)
    ui.applyVolumeSelector.setCurrentNode(volumes[2])
    ui.useSourceCheckBox.click()
    ui.applyButton.click()
    runtime.wait_until(lambda: started)
    found = _parser().parse_args(started.pop())
    assert found.model == str(find_source("tiny").folder)
    assert (found.copies, found.mirror, found.smoothing_mm, found.as_nnunet) == (None, None, None, None)
    panel.apply_section.cancel()


def test_how_the_source_model_was_scored_is_said_after_the_verdict_of_a_model_that_is_better(harmed, panel):
    harmed(direct=0.6, tuned=0.8, otherwise=OTHERWISE)
    first, *_, last = panel.ui.verdictLabel.text.splitlines()
    assert first.startswith("“Fine-tune everything” has the highest mean Dice") and last == OTHERWISE.sentence


def test_saved_it_is_marked_in_the_list_of_models_and_its_page_says_it(harmed, panel, place):
    from TransferSegGui.offers import card_html, source_line

    harmed()
    model = find_source("tiny")
    below = panel.results_section.below.against
    warned = replace(model.card, made_by={**model.card.made_by, "against_source": to_json(below)})
    assert source_line(replace(model, card=warned)).endswith(" · below its source model")
    assert "below its source model" not in source_line(model) and "<i>Warning</i>" not in card_html(model)
    page = card_html(replace(model, card=warned))
    assert "<i>Warning</i>" in page and "is worse than the source model as it is" in page


def test_what_is_to_be_said_of_a_model_is_said_with_what_it_segments(panel, scene, monkeypatch, tmp_path):
    """Whoever segments with it in the panel, for Try, Correct or Apply, sees what `segment` says on stderr."""
    from TransferSegGui import segmenting

    ends = []
    monkeypatch.setattr(segmenting, "Command", lambda words, ended, said: ends.append(ended))
    told = []
    shows = segmenting.Shows(lambda text: None, lambda fraction: None, lambda: None)
    work = segmenting.Segmenting(lambda name: tmp_path / name, shows)
    work.files(["a.nii.gz"], ["--model", "tiny"], tmp_path, lambda files, text: told.append(text))
    found = {"written": ["a"], "findings": [], "of_model": [OTHERWISE.to_json()]}
    ends[0](0, json.dumps(found), "")
    assert told == [OTHERWISE.sentence]


def test_a_source_model_outside_the_list_can_be_saved_under_its_name(harmed, panel, runtime, place, monkeypatch):
    harmed()
    ui = panel.ui
    elsewhere = shutil.copytree(place / "models" / "tiny", place / "elsewhere")
    section = panel.results_section
    origin = section.below.origin
    source = type(origin.source)(origin.source.card, elsewhere, "path")
    section.below = type(section.below)(section.below.against, type(origin)(source, str(elsewhere), origin.problem))
    ui.useSourceCheckBox.click()
    assert ui.saveModelButton.enabled and "Add the source model to your source models." in ui.saveModelButton.toolTip
    ui.modelNameLineEdit.text = "from-elsewhere"
    ui.saveModelButton.click()
    runtime.wait_until(lambda: (place / "models" / "from-elsewhere" / "card.json").is_file(), 120)
    assert read_card(place / "models" / "from-elsewhere").weights_sha256 == source.card.weights_sha256


def test_where_the_source_model_is_gone_that_is_said_and_nothing_is_offered(harmed, panel):
    harmed(gone=True)
    assert "is not on this computer any more" in panel.ui.verdictLabel.text
    assert not seen(panel.ui, panel.ui.useSourceCheckBox)


def test_a_model_that_is_better_is_not_spoken_of_and_another_job_begins_with_its_own_model(harmed, panel):
    harmed()
    panel.ui.useSourceCheckBox.click()
    assert panel.results_section.instead is not None
    harmed(direct=0.6, tuned=0.8)
    ui = panel.ui
    assert panel.results_section.instead is None and not seen(ui, ui.useSourceCheckBox)
    assert ui.outcomeLabel.text == "▲  Better" and ui.nextButton.text == "Apply to other volumes"
    assert ui.verdictLabel.text.startswith("“Fine-tune everything” has the highest mean Dice")
    assert ui.modelLabel.text == "The model of this job: Fine-tune everything."


def test_in_that_state_everything_is_seen_and_read(harmed, panel, runtime):
    from SlicerRuntime import layout, pictures
    from SlicerRuntime.person import Person

    harmed(otherwise=OTHERWISE)
    person = Person(panel)
    person.open(panel.ui.resultsSection)
    for state in ("below-source", "below-source-instead"):
        runtime.process_events(50)
        OUT.mkdir(parents=True, exist_ok=True)
        pictures.widget(OUT / f"{state}.png", panel.ui.resultsSection)
        assert layout.faults(person.panel.widget()) == [], state
        panel.ui.useSourceCheckBox.click()
    person.close()
