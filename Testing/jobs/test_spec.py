"""What a job file may say, and how it is refused."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice, adapt_strategies, read_job
from TransferSegLib.training.options import TrainingOptions

REPOSITORY = Path(__file__).resolve().parents[2]
DIRECT, OPEN = StrategyChoice("direct"), StrategyChoice("open")
SIX = StrategyChoice("conservative", {"layers": 6})


def compare(**changes) -> JobSpec:
    fields = {
        "format": JOB_FORMAT,
        "kind": "compare",
        "target": "/cases",
        "strategies": (DIRECT, SIX),
        "source": "/model",
    }
    return JobSpec(**{**fields, **changes})


SPECS = {
    "compare": compare(folds=4, label_map={"Bone": "bone", "a": ["b", "c"], "lesion": "new", "x": None}),
    "adapt": compare(kind="adapt", keep="conservative:layers=6", training=TrainingOptions(minutes=2.5, seed=7)),
    "adapt direct": compare(kind="adapt", strategies=(DIRECT,), keep="direct"),
    "multimodal": compare(strategies=(StrategyChoice("multimodal"),), source_data="/source cases/é"),
    "pretrain": compare(
        kind="pretrain",
        source=None,
        network=CardNetwork("monai-unet", {"channels": [8, 16]}),
        strategies=(StrategyChoice("scratch"),),
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_job_file_reads_back_as_what_was_written(name, tmp_path):
    (tmp_path / "job.json").write_text(json.dumps(to_json(SPECS[name])), encoding="utf-8")
    assert read_job(tmp_path) == SPECS[name]


@pytest.mark.parametrize(
    ("text", "key", "slug"),
    [
        ("direct", "direct", "direct"),
        ("conservative:layers=6", "conservative:layers=6", "conservative_layers-6"),
        ("conservative:part=encoder+head", "conservative:part=encoder+head", "conservative_part-encoder+head"),
        (" s:b=2:a=x ", "s:a=x:b=2", "s_a-x_b-2"),
    ],
)
def test_a_strategy_has_one_key_and_a_name_for_files(text, key, slug):
    choice = StrategyChoice.parse(text)
    assert (choice.key, choice.slug) == (key, slug)
    assert StrategyChoice.parse(choice.key) == choice


def test_numbers_in_options_become_numbers_and_the_rest_stays_text():
    options = StrategyChoice.parse("s:a=6:b=0.5:c=1e-4:d=nan:e=1.2.3:f=-3").options
    assert options == {"a": 6, "b": 0.5, "c": 1e-4, "d": "nan", "e": "1.2.3", "f": -3}


@pytest.mark.parametrize("text", ["", "../up", "Open", "s:layers", "s:=3", "s:a=", "s:a=1:a=2", "s:a=../x", "s:a=x y"])
def test_what_is_no_strategy_is_refused(text):
    with pytest.raises(InputError, match="strategy"):
        StrategyChoice.parse(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": JOB_FORMAT + 1}, "`format`"),
        ({"format": 1}, "`format`"),
        ({"target": "cases"}, "`target`.*absolute"),
        ({"source": "../model"}, "`source`.*absolute"),
        ({"source": None}, "`source`.*needs a source model"),
        ({"network": CardNetwork("monai-unet")}, "`source`"),
        ({"strategies": ()}, "`strategies`.*empty"),
        ({"strategies": (SIX, SIX)}, "`strategies`.*twice"),
        ({"strategies": (StrategyChoice("magic"),)}, "`strategies`.*magic.*not known"),
        ({"strategies": (StrategyChoice("open", {"layers": 6}),)}, "`strategies`.*layers"),
        ({"keep": "open"}, "`keep`"),
        ({"folds": 1}, "`folds`.*2 or more"),
        ({"folds": -2}, "`folds`"),
        ({"label_map": {"bone": 3}}, "`label_map`.*bone"),
        ({"label_map": {"bone": []}}, "`label_map`.*bone"),
        ({"kind": "adapt"}, "`strategies`.*compare"),
        ({"kind": "adapt", "strategies": (OPEN, DIRECT), "keep": "open"}, "`strategies`"),
        ({"kind": "pretrain"}, "`network`"),
        ({"kind": "pretrain", "source": None, "network": CardNetwork("monai-unet")}, "`strategies`.*scratch"),
    ],
)
def test_a_job_that_cannot_be_names_its_field(changes, words):
    with pytest.raises(InputError, match=words):
        compare(**changes)


@pytest.mark.parametrize(
    ("written", "now"),
    [
        # Until format 3 the output layer was counted, and the decoder of a hybrid was the source's.
        ("conservative", "conservative:layers=5"),
        ("conservative:layers=1", "conservative:layers=0"),
        ("conservative:layers=18", "conservative:layers=17"),
        ("conservative:part=head", "conservative:part=head"),
        ("hybrid:fusion=average", "hybrid:decoder=source:fusion=average"),
        ("open", "open"),
    ],
)
@pytest.mark.parametrize("earlier", [1, 2])
def test_a_strategy_of_an_earlier_format_keeps_its_name_and_its_meaning(written, now, earlier, tmp_path):
    choice = StrategyChoice.parse(written)
    data = {**to_json(compare(strategies=(DIRECT, choice), keep=written)), "format": earlier}
    (tmp_path / "job.json").write_text(json.dumps(data), encoding="utf-8")
    spec = read_job(tmp_path)
    assert spec.kept == choice and spec.kept.key == written
    assert spec.meaning(choice) == StrategyChoice.parse(now)
    assert compare(strategies=(choice,)).meaning(choice) == choice
    assert from_json(JobSpec, to_json(spec), "job") == spec


def test_an_error_in_a_job_file_names_the_file_and_the_field(tmp_path):
    for broken, word in [({"folds": "four"}, "folds"), ({"folds": 1}, "folds"), ({"colour": "red"}, "colour")]:
        (tmp_path / "job.json").write_text(json.dumps({**to_json(compare()), **broken}), encoding="utf-8")
        with pytest.raises(InputError, match=word) as caught:
            read_job(tmp_path)
        assert str(caught.value).startswith(str(tmp_path / "job.json"))
        assert str(caught.value).count("job.json") == 1


def test_a_folder_without_a_job_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="not a job folder"):
        read_job(tmp_path / "nothing here")


def test_adapting_is_scored_beside_the_source_model_as_it_is():
    assert adapt_strategies(SIX) == (DIRECT, SIX)
    assert adapt_strategies(DIRECT) == (DIRECT,)


def test_the_published_schema_is_the_one_of_the_code():
    made = runpy.run_path(str(REPOSITORY / "docs" / "make_schema.py"))
    assert made["SCHEMA"].read_text(encoding="utf-8") == made["schema_text"](), "run python docs/make_schema.py"


def test_options_of_other_kinds_are_refused_in_a_job_file():
    data = {**to_json(compare()), "strategies": [{"name": "conservative", "options": {"layers": [6]}}]}
    with pytest.raises(InputError, match="layers"):
        from_json(JobSpec, data, "job.json")
