"""The list of source models in the panel: searched, filtered, with models of other programs, and a cancelled download."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def commands(monkeypatch):
    """What the source section starts in place of commands of the library."""
    from TransferSegGui import source_section

    started = []

    class Fake:
        def __init__(self, arguments, ended, said=None):
            self.arguments, self.ended, self.said, self.stopped = arguments, ended, said, False
            started.append(self)

        def stop(self, stopped=None):
            self.stopped = True

    monkeypatch.setattr(source_section, "Command", Fake)
    return started


def listed(panel) -> dict[str, str]:
    combo = panel.ui.sourceModelComboBox
    return {combo.itemData(n): combo.itemText(n) for n in range(combo.count)}


def type_in(panel, words: str) -> None:
    panel.ui.modelSearchLineEdit.text = words


def choose(panel, name: str) -> None:
    panel.parameters.source = name
    panel.refresh()


def test_the_search_leaves_the_models_that_know_a_structure_by_any_name_and_the_chosen_one(panel):
    before = listed(panel)
    type_in(panel, "thigh bone")
    found = listed(panel)
    assert next(iter(found)) == "tiny" == panel.parameters.source
    assert "totalsegmentator-total-3mm" in found and "hippocampus-t1w" not in found
    assert panel.ui.modelSearchLabel.text == f"{len(found) - 1} models found"
    choose(panel, "totalsegmentator-total-3mm")
    assert panel.ui.modelSearchLabel.text.endswith(" models found; this one has femur_left, femur_right")
    choose(panel, "tiny")
    type_in(panel, "unicorn")
    assert list(listed(panel)) == ["tiny"]
    assert panel.ui.modelSearchLabel.text.startswith("No model is like that.")
    type_in(panel, "")
    assert listed(panel) == before
    assert not panel.ui.modelSearchLabel.isVisibleTo(panel.ui.sourceModelContents)


def test_filters_say_how_many_are_set_and_ct_and_mr_exclude_each_other(panel):
    filters = panel.source_section._filters
    assert set(filters) == {"here", "ct", "mr", "commercial"}
    filters["ct"].setChecked(True)
    filters["mr"].setChecked(True)
    assert not filters["ct"].checked
    assert panel.ui.modelFilterButton.text == "Filter (1)"
    assert "totalsegmentator-total-mr-3mm" in listed(panel)
    assert "totalsegmentator-total-3mm" not in listed(panel)
    filters["here"].setChecked(True)
    assert all(not text.startswith("To download") for text in listed(panel).values())
    filters["here"].setChecked(False)
    filters["mr"].setChecked(False)
    filters["commercial"].setChecked(True)
    assert "totalsegmentator-brain-aneurysm" not in listed(panel)
    assert panel.ui.modelFilterButton.text == "Filter (1)"


def test_what_cannot_be_used_yet_is_shown_to_who_searches_with_the_reason_and_without_a_button(panel):
    assert "totalsegmentator-tissue-types" not in listed(panel)
    type_in(panel, "subcutaneous fat")
    assert listed(panel)["totalsegmentator-tissue-types"].startswith("Cannot be used yet: Fat and muscle")
    choose(panel, "totalsegmentator-tissue-types")
    assert "gives it out only for a key, so it cannot be downloaded here" in panel.ui.modelCardTextBrowser.toPlainText()
    assert not panel.ui.downloadModelButton.isVisibleTo(panel.ui.sourceModelContents)
    choose(panel, "tiny")


def test_a_download_has_a_bar_and_cancel_keeps_what_is_there(panel, commands, monkeypatch):
    ui = panel.ui
    monkeypatch.setattr(panel, "ensure_packages", lambda packages=(): True)
    choose(panel, "totalsegmentator-total-3mm")
    assert ui.downloadModelButton.text == "Download"
    assert not ui.modelProgressBar.isVisibleTo(ui.sourceModelContents)
    ui.downloadModelButton.click()
    (command,) = commands
    assert command.arguments == ["sources", "download", "totalsegmentator-total-3mm", "--json"]
    assert ui.modelProgressBar.isVisibleTo(ui.sourceModelContents)
    facts = {"name": "totalsegmentator-total-3mm", "done": 27.0, "total": 135.4}
    problem = {"code": "progress-downloading", "template": "{name}: {done:,.1f} of {total:,.1f} MB", "fields": facts}
    command.said(json.dumps({"kind": "progress", "fraction": 0.2, "problem": {**problem, "severity": "note"}}))
    assert ui.modelProgressBar.value == 20
    assert ui.modelStatusLabel.text == "totalsegmentator-total-3mm: 27.0 of 135.4 MB"
    ui.cancelModelButton.click()
    panel.refresh()
    assert command.stopped
    assert ui.modelStatusLabel.text.startswith("Cancelled. What was downloaded is kept")
    assert not ui.modelProgressBar.isVisibleTo(ui.sourceModelContents)
    assert ui.downloadModelButton.isVisibleTo(ui.sourceModelContents)
    choose(panel, "tiny")


def test_a_model_of_another_program_is_taken_in_by_its_name(panel, commands, monkeypatch, tmp_path):
    folder = tmp_path / "results" / "Dataset004_Liver" / "nnUNetTrainer__nnUNetPlans__3d_fullres"
    (folder / "fold_0").mkdir(parents=True)
    (folder / "fold_0" / "checkpoint_final.pth").touch()
    (folder / "plans.json").write_text("{}")
    (folder / "dataset.json").write_text(json.dumps({"labels": {"background": 0, "liver": 1}}))
    monkeypatch.setenv("nnUNet_results", str(tmp_path / "results"))
    asked = []
    monkeypatch.setattr(panel, "ensure_packages", lambda packages=(): asked.append(packages) or True)
    panel.source_section.list_again()
    panel.refresh()
    name = "Dataset004_Liver/nnUNetTrainer__nnUNetPlans__3d_fullres"
    assert listed(panel)[name].startswith("Of nnU-Net, on this computer: Dataset004_Liver")
    choose(panel, name)
    assert panel.ui.downloadModelButton.text == "Take in"
    panel.ui.downloadModelButton.click()
    assert commands[0].arguments == ["sources", "import", name, "--json"]
    assert asked[0][0].startswith("dynamic-network-architectures")
    kept = {"name": "tiny", "title": "Tiny", "folder": "/models/tiny", "weights": None, "notes": [], "findings": []}
    commands[0].ended(0, json.dumps(kept), "")
    assert panel.parameters.source == "tiny", "what was taken in is chosen"


def test_a_model_in_parts_says_which_part_has_what(panel, place):
    from TransferSegLib.sources.in_parts import InParts, Part, write_in_parts

    parts = (Part("tiny", ("soft tissue", "bone")), Part("other", ("femur",)))
    whole = InParts(1, "both", "Head and leg", "ct", "whole body", ("bone", "femur"), parts, "Apache-2.0")
    write_in_parts(place / "models" / "both", whole)
    panel.source_section.list_again()
    choose(panel, "both")
    assert listed(panel)["both"].startswith("In 2 parts: Head and leg")
    text = panel.ui.modelCardTextBrowser.toPlainText()
    assert "One part is adapted at a time" in text and "femur" in text
    choose(panel, "tiny")
