"""What the library calls by key or by command is read in the panel's words."""

from __future__ import annotations

import importlib.util
import re
import string
import sys
from pathlib import Path
from typing import get_args

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("direct", "Source model as it is"),
        ("conservative:layers=6", "Fine-tune the last layers (6)"),
        ("conservative:part=encoder+head", "Fine-tune the last layers (the encoder and the output layer)"),
        ("hybrid:fusion=multiply", "Two encoders, old and new (multiplied)"),
        ("encoder-transfer", "Keep the encoder, new decoder"),
        ("something else", "something else"),
    ],
)
def test_a_strategy_is_named_by_its_title_and_options(scene, key, title):
    from TransferSegGui.words import strategy_words

    assert strategy_words(key) == title


def sentence(template: str, advice: str = "", **fields):
    from TransferSegLib.core.problems import Problem

    return Problem("made-up", template, fields, advice_template=advice)


@pytest.mark.parametrize(
    ("template", "fields", "read"),
    [
        ("Training: {strategy}, fold {fold}", {"strategy": "conservative:layers=2", "fold": 1},
         "Training: Fine-tune the last layers (2), fold 1"),
        ("`{strategy}` has the highest mean Dice", {"strategy": "random-encoder"},
         "“Random encoder, trained decoder” has the highest mean Dice"),
        ("Compared: {strategies}", {"strategies": ["direct", "open"]},
         "Compared: Source model as it is, Fine-tune everything"),
        ("It is open to all: {case}.", {"case": "open"}, "It is open to all: open."),
        ("give {option} 2 or more", {"option": "--folds"}, "give “Folds” (Advanced) 2 or more"),
        ("give {option}", {"option": "--unheard-of"}, "give “--unheard-of” on the command line"),
        ("give {option}", {"option": "--learning-rate 0.1"}, "give “Learning rate” (Advanced) 0.1"),
        ("see {option}", {"option": "--label-map"}, "see the list “Your segments, and the source model's labels”"),
        ("label `{label}` ({value}) occurs in no case of `{path}`", {"label": "air", "value": 1, "path": "a b"},
         "label “air” (1) occurs in no case of “a b”"),
        ("known: {names}", {"names": "`a` and `b`"}, "known: “a” and “b”"),
        ("found {path}", {"path": "a`b"}, "found a`b"),
        ("known: {names:`}", {"names": ["a", "b"]}, "known: “a”, “b”"),
        ("{count:~image|images} of `{case}`", {"count": 2, "case": "x"}, "images of “x”"),
        ("braces {{ and }} of `{case}`", {"case": "{x}"}, "braces { and } of “{x}”"),
    ],
)  # fmt: skip
def test_a_template_names_strategies_and_fields_as_the_panel_does(scene, template, fields, read):
    from TransferSegGui.words import problem_text

    assert problem_text(sentence(template, **fields)) == read


def test_a_numbered_case_and_its_files_have_the_names_that_the_panel_shows(scene):
    from TransferSegGui.words import problem_text, with_case_names

    def read(**fields) -> str:
        inner = sentence("{path}: damaged", path="/tmp/a b/images/case_002_0001.nrrd")
        template = "{path}: no such file ({reason}); see {cases:`}"
        return problem_text(with_case_names(sentence(template, reason=inner, **fields), {"case_002": "Frau Ä."}))

    assert read(path="C:/x/target/images/case_002.nii.gz", cases=("case_002", "case_011")) == (
        "Frau Ä.: no such file (Frau Ä.: damaged); see “Frau Ä.”, “case 11”"
    )
    assert read(path="/x/labels/case_002.nrrd", cases=()).startswith("segmentation of Frau Ä.: no such file")
    assert read(path="/x/images/my_case_0023.nrrd", cases=()).startswith("/x/images/my_case_0023.nrrd: no such file")
    # A person's own folders are called what they are called.
    assert read(path="/u/case_0023/scan.nii.gz", cases=()).startswith("/u/case_0023/scan.nii.gz: no such file")
    assert read(path="/u/case_0023", cases=()).startswith("/u/case_0023: no such file")


def test_a_problem_in_a_problem_is_in_the_panel_s_words_too(scene):
    from TransferSegGui.words import problem_text

    inner = sentence("`{strategy}` needs a number.", strategy="open")
    assert (
        problem_text(sentence("{where}: {reason}", where="a", reason=inner))
        == "a: “Fine-tune everything” needs a number"
    )
    assert problem_text(sentence("found `{case}`", "take `{case}` out", case="b")) == "found “b”; take “b” out."


def test_a_template_is_shown_in_the_person_s_language(scene, monkeypatch):
    from TransferSegGui import words

    german = {"{path}: no such file; check the path.": "{path}: keine solche Datei.", "broken": "{gone} kaputt"}
    monkeypatch.setattr(words, "translate", lambda context, text: german.get(text, text))
    assert words.problem_text(sentence("{path}: no such file; check the path.", path="a")) == "a: keine solche Datei."
    assert words.problem_text(sentence("broken")) == "broken"


# Codes whose library template names a command or an option, which the panel cannot come to show.
# The panel runs no study.
STUDIES = ("TransferSegLib/studies/", "TransferSegLib/cli/study.py")
NEVER_SHOWN = {
    "demo-not-written": "the panel does not run `transferseg demo`",
    "auto-is-several": "the panel offers strategies by name",
    "job-folder-finished": "the panel says where each job's folder is",
    "job-folder-running": "the panel says where each job's folder is",
    "demo-folder-not-empty": "the panel does not run `transferseg demo`",
    "loop-strategy-of-other-network": "the panel does not run `transferseg loop`",
    "loop-few-drawn": "the panel does not run `transferseg loop`",
    "source-is-file": "the panel gives models as folders, and imports files",
    "job-without-results": "the panel does not run `transferseg report`",
    "out-missing": "the panel says where each job's folder is",
    "not-your-model": "the panel removes no models",
    "not-a-pack": "the panel unpacks nothing",
    "elastix-missing": "the panel registers no images",
    "highdicom-missing": "Slicer exports DICOM",
    "ray-missing": "the panel runs no studies",
    "no-result-row": "the panel runs no studies",
    "study-folder-taken": "the panel runs no studies",
    "study-report-not-written": "the panel runs no studies",
    "own-model-imported": "the panel tells a model of TransferSeg from those of other programs, and adds each in its way",
}


@pytest.fixture
def library_templates():
    """The problems and errors of the library, read from its source."""
    spec = importlib.util.spec_from_file_location(
        "make_translation_templates", REPOSITORY / "docs" / "make_translation_templates.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def names(template: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}


def test_the_panel_has_its_own_template_where_the_library_s_names_a_command(scene, library_templates):
    from TransferSegGui.words import panel_templates

    templates = library_templates.templates()
    commands = re.compile(r"transferseg |(?<![-\w])--[a-z]|{command}")
    shown = [t for t in templates if not t.where.startswith(STUDIES)]
    named = {t.code: t.where for t in shown if any(commands.search(text) for text in t.texts)}
    assert [
        f"{code} at {named[code]}" for code in sorted(named.keys() - panel_templates().keys() - NEVER_SHOWN.keys())
    ] == []
    fields = {t.code: set().union(*map(names, t.texts)) for t in templates}
    for code, texts in panel_templates().items():
        assert code in fields and set().union(*map(names, texts)) <= fields[code], code
        assert not any(commands.search(text) for text in texts), code


def test_the_list_of_the_library_s_texts_is_up_to_date(library_templates):
    """After a change of a template: `make texts`."""
    assert library_templates.FILE.read_text(encoding="utf-8") == library_templates.file_text()


def test_options_of_the_library_have_titles_and_choices_have_words(scene):
    from TransferSegGui.words import value_words

    from TransferSegLib.core.declarations import declared_options
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.strategies import STRATEGIES

    options = [option for strategy in STRATEGIES.values() for option in strategy.options]
    for option in (*options, *declared_options(TrainingOptions)):
        assert option.title and option.help
        for choice in option.choices:
            assert choice == "none" or value_words(option, choice) != choice


def test_roles_states_and_defaults_are_those_of_the_library(panel, scene, monkeypatch):
    from TransferSegGui import words
    from TransferSegGui.parameters import STEPS, chosen_strategies, training_options
    from TransferSegGui.run_section import _states

    from TransferSegLib.core.case_set import Role
    from TransferSegLib.jobs.status import State
    from TransferSegLib.training.options import TrainingOptions

    monkeypatch.setattr(words, "_", lambda text: f"‹{text}›")
    assert all(words.role_words(role).startswith("‹") for role in get_args(Role))
    assert set(_states()) == set(get_args(State)) and all(_states().values())
    runtime_default = type(panel.parameters)(scene.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
    assert chosen_strategies(runtime_default)[0].key == "auto"
    runtime_default.strategy = "conservative"
    assert chosen_strategies(runtime_default)[0].key == "conservative:layers=6"
    runtime_default.strategy, runtime_default.budgetUnit = "hybrid", STEPS
    assert chosen_strategies(runtime_default)[0].key == "hybrid:decoder=source:fusion=multiply"
    assert training_options(runtime_default) == TrainingOptions(steps=runtime_default.budget)


def test_an_error_of_a_click_is_read_in_words(scene):
    from TransferSegGui.section import failing

    from TransferSegLib.core.errors import JobError

    with pytest.raises(JobError, match=r"^“Fine-tune everything” stopped\.$"), failing("It failed."):
        raise JobError("made-up", "`{strategy}` stopped.", strategy="open")


def test_an_error_of_every_kind_keeps_what_it_knows_in_words(scene, tmp_path):
    from TransferSegGui.section import failing

    from TransferSegLib.cases.volume_error import VolumeError
    from TransferSegLib.cases.volumes import read_labels

    with pytest.raises(VolumeError, match="no such file") as raised, failing("It failed."):
        read_labels(tmp_path / "gone.nii.gz")
    assert raised.value.code == "missing-file"


def test_no_part_of_the_panel_names_a_strategy_by_its_key(panel, tmp_path, scene):
    """The results of a comparison of all strategies, and a job that stopped, wherever the panel names them."""
    from TransferSegGui import charts
    from TransferSegGui.jobs import JobList
    from TransferSegGui.results import Results
    from TransferSegGui.run_section import status_words

    from TransferSegLib.evaluation.metrics import measured_metrics
    from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
    from TransferSegLib.evaluation.summary import summarise
    from TransferSegLib.jobs.folder import JobFolder
    from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice
    from TransferSegLib.jobs.status import job_status
    from TransferSegLib.sources.catalogue import find_source

    keys = ["direct", "conservative:layers=2", "conservative:part=decoder", "hybrid:fusion=average", "open"]
    source = find_source("tiny")
    spec = JobSpec(
        JOB_FORMAT, "compare", str(tmp_path), tuple(map(StrategyChoice.parse, keys)), source=str(source.folder)
    )
    JobFolder.create(tmp_path / "job", spec)
    jobs = JobList()
    assert tmp_path / "job" in list(jobs.read(tmp_path))
    (entry,) = jobs.entries
    values = {metric.name: 0.5 for metric in measured_metrics()}
    rows = [
        ScoreRow(
            f"case_00{case}",
            1,
            "bone",
            LabelScores(values | {"dice": 0.5 + 0.1 * n}),
            key,
            "0",
        )
        for n, key in enumerate(keys)
        for case in (1, 2)
    ]
    summary = summarise(rows)
    dice = {(row.strategy, row.case): 0.5 for row in rows}
    section = panel.results_section
    section.results = Results(JobFolder(tmp_path / "job"), summary, "open", source.card, dice, (), "job")
    section._fill_scores(section.results)
    section._fill_cases(section.results)
    table, cases = panel.ui.resultsTable, panel.ui.casesTable
    seen = [table.item(row, 0).text() for row in range(table.rowCount)]
    seen += [cases.horizontalHeaderItem(n).text().replace("\n", " ") for n in range(cases.columnCount)]
    chart = charts.means_chart(summary.out_of_fold)
    curves = charts.show_curves({(key, "0"): [(1, 0.5)] for key in keys})
    seen += [c.GetNthPlotSeriesNode(n).GetName() for c in (chart, curves) for n in range(len(keys))]
    scores = charts.results_table(summary.out_of_fold).GetTable().GetColumnByName("strategy")
    seen += [scores.GetValue(n) for n in range(scores.GetNumberOfValues())]
    seen += [entry.title, status_words(job_status(tmp_path / "job"), {})]
    seen += [panel.ui.strategyComboBox.itemText(n) for n in range(panel.ui.strategyComboBox.count)]
    assert any("Fine-tune the last layers (the decoder)" in text for text in seen)
    for text in seen:
        assert not any(key in text for key in keys if key != "open"), text
        assert text != "open" and "transferseg" not in text and ":layers" not in text
    section.show(None)


def test_every_sentence_that_the_module_writes_itself_can_be_translated():
    """Messages and texts of widgets are given to `_(…)` whole; templates of errors are in the list of texts."""
    import ast

    folder = Path(__file__).resolve().parents[2] / "TransferSeg"
    showing = {"setText", "setToolTip", "say", "_say", "delayDisplay", "confirmOkCancelDisplay", "failing"}
    bare = []
    for path in [*folder.glob("*.py"), *(folder / "TransferSegGui").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                text = node.args[0]
                if name in showing and (
                    (
                        isinstance(text, ast.JoinedStr)
                        and any(isinstance(v, ast.Constant) and len(v.value) > 3 for v in text.values)
                    )
                    or (isinstance(text, ast.Constant) and text.value)
                ):
                    bare.append(f"{path.name}:{node.lineno}")
    assert bare == []


@pytest.mark.parametrize(
    ("modality", "read"), [("t1w", "T1-weighted MR, head"), ("mr", "MR, head"), ("ct", "CT, head"), ("us", "us, head")]
)
def test_what_images_are_is_said_in_words(scene, modality, read):
    from TransferSegGui.words import images_words

    assert images_words(modality, "head") == read


def test_every_modality_of_the_models_has_words(scene):
    from TransferSegGui.words import images_words

    from TransferSegLib.sources.catalogue import list_sources
    from TransferSegLib.sources.downloads import list_downloads

    entries = [*(source.card for source in list_sources()), *list_downloads()]
    assert [e.modality for e in entries if images_words(e.modality, "") == f"{e.modality}, "] == []


def test_a_round_that_cannot_go_on_names_start_as_the_way_out_and_no_option(scene, library_templates):
    from TransferSegGui.words import error_text, panel_templates

    from TransferSegLib.core.errors import InputError
    from TransferSegLib.jobs.folds import go_on_with_folds

    with pytest.raises(InputError) as refused:
        go_on_with_folds(2, ["case_0001"], {"case_0001": 0}, 0)
    text = error_text(refused.value)
    assert "Fold 2 of the round before has no case any more" in text and "press Start" in text
    assert "parent" not in text and "command line" not in text
    # All that `--parent` is refused for in a job has a text of the panel's own, as the panel has no such option.
    refusals = {
        t.code
        for t in library_templates.templates()
        if t.where.startswith(("TransferSegLib/jobs/parent.py", "TransferSegLib/jobs/folds.py"))
        and any("leave {option} out" in text for text in t.texts)
    }
    assert len(refusals) >= 6 and refusals <= panel_templates().keys()
    assert all(any("press Start" in text for text in panel_templates()[code]) for code in refusals)


def test_what_the_panel_s_commands_say_is_in_the_list_of_texts(library_templates):
    """A command stands first in the list of arguments that a file of the module makes."""
    import ast

    from TransferSegLib.cli import _COMMANDS

    paths = [
        *sorted((library_templates.MODULE / "TransferSegGui").glob("*.py")),
        REPOSITORY / "TransferSegLib/jobs/launch.py",
    ]
    lists = [
        node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.List)
    ]
    words = [[item.value for item in node.elts if isinstance(item, ast.Constant)] for node in lists]
    started = {first for first, *_more in filter(None, words) if first in _COMMANDS}
    started |= {words[n + 1] for words in words for n, word in enumerate(words[:-1]) if word == "TransferSegLib"}
    assert {"cases", "devices", "rank", "run", "segment", "sources"} <= started
    kept_out = library_templates.NOT_IN_THE_PANEL
    assert [name for name in sorted(started) if f"TransferSegLib/cli/{name}.py".startswith(kept_out)] == []
