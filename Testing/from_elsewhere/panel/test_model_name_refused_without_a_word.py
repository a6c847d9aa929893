"""What becomes of a model that is saved is said beside the button that was pressed."""

from __future__ import annotations

import shutil

import pytest

PROGRESS = '{"fraction": 0.5, "problem": {"code": "half", "template": "Half of it", "fields": {}, "severity": "note"}}'


@pytest.fixture
def saved(panel, runtime, tiny_source, tmp_path):
    """saved(name): what is said after Save model with this name, under the button and under the card of section 1."""
    from types import SimpleNamespace

    folder = tmp_path / "adapted"
    shutil.copytree(tiny_source, folder)
    section, ui = panel.results_section, panel.ui
    section.results = SimpleNamespace(card=panel.source().card, comparison=None, job=SimpleNamespace(path=folder))

    def save(name: str) -> tuple[str, str]:
        ui.modelNameLineEdit.text = name
        section._enable()
        ui.saveModelButton.click()
        asked = panel.source_section._adding is not None
        assert (ui.saveStatusLabel.text == "Checking the model…") == asked
        runtime.wait_until(lambda: panel.source_section._adding is None, 60)
        runtime.process_events(50)
        return ui.saveStatusLabel.text, ui.modelStatusLabel.text

    yield save
    section.results = None


def test_a_name_that_is_refused_or_taken_is_said_beside_the_button(panel, saved):
    """A click without any clue: National-Tutoring-Observatory/sandpiper#1325."""
    said, above = saved("Köpfe / 3T")
    assert said.startswith("“Köpfe / 3T” cannot be a model's name") and above == ""
    said, above = saved("head-t1w")
    assert said.startswith("“head-t1w” is the name of a model that ships") and above == ""
    assert not panel.ui.saveStatusLabel.isHidden()


def test_a_refused_name_is_said_at_once_and_what_a_command_writes_besides_is_not_shown(panel, saved, monkeypatch):
    """A record for programs is shown to a person: slamdata/slamdata#1595."""
    from TransferSegGui import source_section

    said = []

    class Command:
        def __init__(self, _arguments, _ended, tell):
            for line in ('{"code": "not-a-model-name", "template": "no"}', "UserWarning: torch", PROGRESS):
                tell(line)

        def stop(self):
            pass

    monkeypatch.setattr(source_section, "Command", Command)
    section = panel.source_section
    section.add(panel.source().folder, "a b", said.append)
    assert section._adding is None and said[0].startswith("“a b” cannot be a model's name")
    section.add(panel.source().folder, "ab", said.append)
    assert said[1:] == ["Checking the model…", "Half of it"]
    section._adding = None


def test_a_saved_model_has_its_name_in_the_list(panel, saved):
    """Two models of one source have one title: cogwheel0/conduit#13."""
    said, above = saved("my-heads")
    assert said.startswith("“my-heads” (") and above == ""
    combo = panel.ui.sourceModelComboBox
    text = combo.itemText(combo.findData("my-heads"))
    title = panel.source().card.title
    assert text.startswith(f"my-heads · {title}")
    assert not combo.itemText(combo.findData("head-t1w")).startswith("head-t1w")
