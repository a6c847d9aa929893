"""What the library calls by key or by command is read in the panel's words."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest


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


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Training: conservative:layers=2, fold 1", "Training: Fine-tune the last layers (2), fold 1"),
        ("Segmenting: open, final model, 3 s left", "Segmenting: Fine-tune everything, final model, 3 s left"),
        (
            "direct: nothing is trained; open: all.",
            "Source model as it is: nothing is trained; Fine-tune everything: all.",
        ),
        ("`random-encoder` has the highest mean Dice", "“Random encoder, trained decoder” has the highest mean Dice"),
        ("the source model as it is (`direct`) was not run", "the source model as it is was not run"),
        ("It is open to all: open doors.", "It is open to all: open doors."),
        (
            "Cancelled; go on with it by `transferseg resume '/a b/job'`.",
            "Cancelled; go on with it by pressing Resume.",
        ),
        ("disk full; free space, then `transferseg resume /job`.", "disk full; free space, then press Resume."),
        ("(and 2 more, see `transferseg cases check`).", "(and 2 more, see the list of cases)."),
        ("label `air` (1) occurs in no case of `a b`", "label “air” (1) occurs in no case of “a b”"),
        ("give --folds 2 or more, or --unheard-of", "give “Folds” (Advanced) 2 or more, or --unheard-of"),
    ],
)
def test_a_sentence_names_strategies_buttons_and_fields(scene, said, read):
    from TransferSegGui.words import in_words

    assert in_words(said) == read


def test_every_choice_of_the_library_has_words(scene):
    from TransferSegGui.words import choice_words

    from TransferSegLib.core.declarations import declared_options
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.strategies import STRATEGIES

    options = [option for strategy in STRATEGIES.values() for option in strategy.options]
    for choice in (c for option in (*options, *declared_options(TrainingOptions)) for c in option.choices):
        assert choice == "none" or choice_words(choice) != choice


def test_roles_states_and_defaults_are_those_of_the_library(panel, scene):
    from TransferSegGui.run_section import _states
    from TransferSegGui.words import role_words

    from TransferSegLib.core.case_set import Role
    from TransferSegLib.jobs.status import State
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.strategies import STRATEGIES, conservative

    assert all(role_words(role) != "" for role in get_args(Role))
    assert set(_states()) == set(get_args(State)) and all(_states().values())
    runtime_default = type(panel.parameters)(scene.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
    usual = TrainingOptions()
    assert runtime_default.layers == conservative.STRATEGY.parse_options({})["layers"]
    assert runtime_default.fusion == STRATEGIES["hybrid"].parse_options({})["fusion"]
    assert (runtime_default.augment, runtime_default.learningRule, runtime_default.device, runtime_default.seed) == (
        usual.augment, usual.lr_schedule, usual.device, usual.seed,
    )  # fmt: skip


def test_an_error_of_a_click_is_read_in_words(scene):
    from TransferSegGui.section import failing

    from TransferSegLib.core.errors import JobError

    with pytest.raises(JobError, match=r"^the disk is full; free space, then press Resume\.$"), failing("It failed."):
        raise JobError("the disk is full; free space, then `transferseg resume '/a b'`.")


def test_an_error_of_every_kind_keeps_what_it_knows_in_words(scene, tmp_path):
    from TransferSegGui.section import failing

    from TransferSegLib.cases.volume_error import VolumeError
    from TransferSegLib.cases.volumes import read_labels

    with pytest.raises(VolumeError, match="no such file") as raised, failing("It failed."):
        read_labels(tmp_path / "gone.nii.gz")
    assert raised.value.code == "missing-file"


def test_no_part_of_the_panel_names_a_strategy_by_its_key(panel, tmp_path, scene):
    """The results of a comparison of all strategies, and a job that stopped, wherever the panel names them."""
    from TransferSegGui import showing
    from TransferSegGui.jobs import list_jobs
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
    (entry,) = list_jobs(tmp_path)
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
    section.results = Results(JobFolder(tmp_path / "job"), summary, "open", source.card, dice, (), (), "job")
    section._fill_scores()
    section._fill_cases()
    table, cases = panel.ui.resultsTable, panel.ui.casesTable
    seen = [table.item(row, 0).text() for row in range(table.rowCount)]
    seen += [cases.horizontalHeaderItem(n).text().replace("\n", " ") for n in range(cases.columnCount)]
    chart = showing.dice_chart(summary.out_of_fold)
    curves = showing.show_curves({(key, "0"): [(1, 0.5)] for key in keys})
    seen += [c.GetNthPlotSeriesNode(n).GetName() for c in (chart, curves) for n in range(len(keys))]
    scores = showing.results_table(summary.out_of_fold).GetTable().GetColumnByName("strategy")
    seen += [scores.GetValue(n) for n in range(scores.GetNumberOfValues())]
    seen += [entry.title, status_words(job_status(tmp_path / "job"))]
    seen += [panel.ui.strategyComboBox.itemText(n) for n in range(panel.ui.strategyComboBox.count)]
    assert any("Fine-tune the last layers (the decoder)" in text for text in seen)
    for text in seen:
        assert not any(key in text for key in keys if key != "open"), text
        assert text != "open" and "transferseg" not in text and ":layers" not in text
    section.show(None)


def test_every_sentence_that_the_module_writes_itself_can_be_translated():
    """Errors, messages and texts of widgets are given to `_(…)` (or `translate`) whole."""
    import ast

    folder = Path(__file__).resolve().parents[2] / "TransferSeg"
    told = {"InputError", "setText", "setToolTip", "say", "_say", "delayDisplay", "confirmOkCancelDisplay", "failing"}
    bare = []
    for path in [*folder.glob("*.py"), *(folder / "TransferSegGui").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                text = node.args[0]
                if name in told and (
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
