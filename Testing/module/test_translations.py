"""The module in other languages: every text has a translation, which keeps its fields, and Slicer shows it."""

from __future__ import annotations

import importlib.util
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from TransferSegLib.core.problems import Problem

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "TransferSeg" / "Resources" / "Translations"


@pytest.fixture(scope="module")
def translations():
    """The script that writes the .ts files."""
    spec = importlib.util.spec_from_file_location("make_translations", REPOSITORY / "docs" / "make_translations.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def german(translations) -> dict[tuple[str, str], str]:
    return translations.read(FOLDER / "TransferSeg_de.ts")


@pytest.fixture
def in_german(runtime) -> Iterator[None]:
    """Slicer in German, as it is after it was chosen in the settings and Slicer was started again."""
    slicer = runtime.start()
    from TransferSegGui import words

    slicer.app.speak("de_DE")
    words.panel_templates.cache_clear()
    yield
    slicer.app.speak("en_US")
    words.panel_templates.cache_clear()


def names(template: str) -> set[str]:
    """The fields that a text names, those within the words of others included."""
    found = set()
    for _text, name, spec, _conversion in string.Formatter().parse(template):
        if name:
            found |= {name, *names(spec or "")}
    return found


def test_no_text_lacks_a_german_translation_and_none_is_left_over(translations, german):
    """`python docs/make_translations.py --list` says which; `--take de FILE` takes them."""
    texts = translations.texts()
    assert [source for context, source in texts if not german.get((context, source))] == []
    assert set(german) == set(texts)


def test_every_translation_names_the_fields_of_its_text(german):
    wrong = [source for (_context, source), text in german.items() if text and names(text) != names(source)]
    assert wrong == []


def test_slicer_takes_every_translation_of_a_text_of_the_module(german):
    """Slicer leaves a translation out whose placeholders, with all that stands in them, are others than the text's."""
    own = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
    by_rules = re.compile(r"\{\w+:[^{}]*[?~]")  # these go through `translate`, which has no such rule
    wrong = [
        source
        for (context, source), text in german.items()
        if text and context != "TransferSeg.library" and not by_rules.search(source)
        if set(own.findall(source)) != set(own.findall(text))
    ]
    assert wrong == []


@pytest.mark.parametrize("true", [True, False])
def test_every_translated_template_becomes_a_sentence(german, true):
    """Whatever its fields are: one thing or several, true or false."""
    for (context, source), text in german.items():
        if context != "TransferSeg.library":
            continue
        fields = {}
        for template in (source, text):
            for name in names(template):
                fields[name] = 1 if true else 0
            for name, kind in re.findall(r"\{(\w+):([^{}]*)", template):
                if "~" not in kind and re.search(r"[…`;]", kind):
                    fields[name] = ["a"] if true else ["a", "b"]
        sentence = Problem("x", text, fields).sentence
        assert "{" not in sentence.replace('{"1": "liver"}', ""), sentence
        Problem("x", source, fields)


def test_the_file_that_slicer_reads_has_what_the_ts_file_says(german):
    from PySide6.QtCore import QTranslator

    translator = QTranslator()
    assert translator.load(str(FOLDER / "TransferSeg_de.qm"))
    assert [key for key, text in german.items() if translator.translate(*key) != text] == []


def test_the_panel_is_german_where_slicer_is(in_german, panel, scene):
    from TransferSegGui.words import library_text, panel_templates, problem_text

    ui = panel.ui
    assert ui.addFromSceneButton.text == "Aus der Szene"
    assert (ui.saveModelButton.text, ui.measureButton.text) == ("Modell speichern", "Messen")
    assert ui.exportButton.toolTip == "Öffnen Sie zuerst einen fertigen Job"
    assert ui.sourceModelSection.text.startswith("1. Ausgangsmodell")
    assert [action.text for action in panel.export_section.menu.actions()][:1] == ["Volumina und Intensitäten"]
    said = problem_text(Problem("x", "{path}: no such file; check the path.", {"path": "a.nii"}))
    assert said == "a.nii: keine solche Datei; prüfen Sie den Pfad."
    assert library_text("Fine-tune everything") == "Alles feinabstimmen"
    memory = Problem("memory-ran-out", "", {"gpu": False, "command": "", "option": ""})
    assert problem_text(memory).startswith("Der Speicher dieses Computers reichte nicht")
    assert "Fortsetzen" in panel_templates()["disk-full"][0]
    texts = [label.text for label in panel.parent.findChildren(type(ui.modelLabel)) if label.text]
    assert not [text for text in texts if text.startswith(("The ", "Add ", "No cases"))]


def test_german_words_do_not_make_the_panel_wider(in_german, panel, runtime):
    for name in panel.steps._steps:
        panel.steps.open(name)
        runtime.process_events(20)
        assert panel.parent.minimumSizeHint.width() <= 400, name


def test_in_another_language_the_panel_is_english(panel):
    assert panel.ui.addFromSceneButton.text == "Add from scene"


def test_german_of_every_country_is_read_as_slicer_looks_for_it(runtime):
    slicer = runtime.start()
    try:
        for locale, read in (("de_AT", "Fall"), ("de", "Fall"), ("fr_FR", "Case")):
            slicer.app.speak(locale)
            slicer.app.loadTranslations(str(FOLDER))
            assert slicer.app.translate("TransferSegGui.results_section", "Case") == read
    finally:
        slicer.app.speak("en_US")


def test_metrics_have_german_titles_in_the_panel(in_german, panel, scene):
    from TransferSegGui.outcome_view import changes_text
    from TransferSegGui.words import in_panel_language

    from TransferSegLib.evaluation.metrics import METRICS
    from TransferSegLib.evaluation.outcome import Change

    table = panel.ui.resultsTable
    columns = [table.horizontalHeaderItem(n).text() for n in range(table.columnCount)]
    assert columns == ["Segment", "Dice", "HD95 mm", "Verfehlt"]
    assert in_panel_language(METRICS["surface_dice"]).heading() == "Oberflächen-Dice (1 mm)"
    assert changes_text((Change("recall", 0.5, 0.75),)).startswith("Sensitivität: ")
