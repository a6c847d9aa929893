"""A preprocessing step is one file and one line: cards, jobs, the command line, prepared cases, words and exports follow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.preprocessing_steps import STEPS
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json

LIBRARY = Path(__file__).parents[2] / "TransferSegLib"
STEP_FILE = '''"""Adds a number to intensities."""

import numpy as np

from TransferSegLib.core.declarations import Option
from TransferSegLib.core.preprocessing_steps.step import Step

STEP = Step(
    Option("raised_by", "number", "Raised by", "The number that is added to intensities.", least=0, most=9, unit="units"),
    apply=lambda image, spacing_mm, value: image + np.float32(value),
    words="raised by {value}",
    monai=lambda value: [{"_target_": "ShiftIntensityd", "offset": value}],
)
'''
# What a person does with the step, in a process that has no library but the one with the step.
SCRIPT = """
import contextlib, io, json, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from monai.bundle import ConfigParser
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard, check_card, read_card
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.preprocessing_words import preprocessing_in_words
from TransferSegLib.core.records import from_json, json_schema, to_json
from TransferSegLib.jobs.recipe_of_job import recipe_of_job
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.networks import build
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.exports.bundle import export_bundle
from TransferSegLib.sources.folder import save_source
from TransferSegLib.training.options import TrainingOptions

folder, found = Path(sys.argv[1]), {}

shown = io.StringIO()
with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
    main(["pretrain", "--help"])
found["help"] = " ".join(shown.getvalue().split())
refused = io.StringIO()
with contextlib.redirect_stderr(refused), contextlib.suppress(SystemExit):
    main(["pretrain", "--data", ".", "--network", "segnet", "--raised-by", "10", "--out", str(folder / "job")])
found["refused"] = " ".join(refused.getvalue().split())

chosen = PreprocessingOptions(raised_by=2.5, normalisation="none")
job = JobSpec(4, "pretrain", str(folder), (StrategyChoice("scratch"),), network=CardNetwork("segnet"), preprocessing=chosen)
found["job"] = to_json(from_json(JobSpec, to_json(job), "job"))["preprocessing"]
found["schema"] = json_schema(JobSpec)["properties"]["preprocessing"]["properties"]["raised_by"]
found["recipe"] = str(recipe_of_job(replace(job, training=TrainingOptions(recipe="karimi2021")), False))

grid, files = Grid.from_spacing((12, 10, 8), (1, 1, 2)), (folder / "0.nii.gz", folder / "1.nii.gz")
for n, file in enumerate(files):
    write_volume(file, np.random.default_rng(n).normal(size=grid.size).astype(np.float32), grid)
network = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
# MONAI resamples as we do only where we resample as MONAI.
as_monai = {"resampling": "monai", "spacing_tolerance": 0.0, "resampled_in_float64": True}
alone = replace(chosen.resolved((2, 2, 2), [False], False), **as_monai)
both = Preprocessing((2, 2, 2), "sd", **as_monai, channels=(Intensities("sd", raised_by=2.5), Intensities("sd")))
for name, preprocessing, channels in (("one", alone, ("MR",)), ("two", both, ("A", "B"))):
    card = ModelCard(2, name, "", "", "mr", "", (CardLabel(1, "a"),), channels, network, preprocessing, (8, 8, 8), "", "", "")
    save_source(folder / name, card, build(network.name, len(channels), 2, network.arguments).state_dict())
    read = read_card(folder / name).preprocessing
    assert read == preprocessing
    images = files[: len(channels)]
    plain = replace(read, raised_by=None, channels=tuple(replace(one, raised_by=None) for one in read.channels))
    prepared, before = (prepare_case(Case("case", images, None), how).image for how in (read, plain))
    export_bundle(find_source(folder / name), folder / f"{name}-bundle")
    config = ConfigParser()
    config.read_config(str(folder / f"{name}-bundle" / "configs" / "inference.json"))
    given = {"image": [str(image) for image in images]} if len(images) > 1 else {"image": str(images[0])}
    found[name] = {
        "card": json.loads((folder / name / "card.json").read_text())["preprocessing"],
        "words": preprocessing_in_words(read, channels),
        "raised": [float(channel.mean()) for channel in prepared - before],
        "transforms": [one["_target_"] for one in config["preprocessing"]["transforms"]],
        "monai": float(np.abs(config.get_parsed_content("preprocessing")(given)["image"].numpy() - prepared).max()),
    }
try:
    check_card(replace(card, preprocessing=Preprocessing(None, raised_by=10.0)), "card.json")
except InputError as error:
    found["beyond"] = str(error)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("step")
    shutil.copytree(LIBRARY, folder / LIBRARY.name, ignore=shutil.ignore_patterns("__pycache__"))
    steps = folder / LIBRARY.name / "core" / "preprocessing_steps"
    (steps / "raised.py").write_text(STEP_FILE, encoding="utf-8")
    registry = (steps / "__init__.py").read_text(encoding="utf-8")
    assert registry.count("\n_FILES = (") == 1
    (steps / "__init__.py").write_text(registry.replace("_FILES = (", '_FILES = ("raised", '), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_pretrain_has_its_flag_with_help_and_limits(found):
    assert "--raised-by X the number that is added to intensities (a number from 0 to 9, in units)" in found["help"]
    assert found["refused"] == "transferseg: option `--raised-by`: must be a number from 0 to 9, not `10`."


def test_a_job_keeps_what_was_chosen_and_its_schema_and_report_say_so(found):
    assert found["job"]["raised_by"] == 2.5 and found["job"]["n4"] is None
    (number, _nothing) = found["schema"]["anyOf"]
    assert number == {
        "type": "number",
        "minimum": 0,
        "maximum": 9,
        "description": "The number that is added to intensities.",
    }
    assert "raised by: 2.5 units" in found["recipe"] and "--raised-by" in found["recipe"]


def test_the_card_keeps_it_and_refuses_what_is_beyond_its_limits(found):
    assert (found["one"]["card"]["raised_by"], found["one"]["card"]["n4"]) == (2.5, False)
    assert [one["raised_by"] for one in found["two"]["card"]["channels"]] == [2.5, None]
    assert found["beyond"].startswith("card.json: preprocessing of channel 1, option `raised_by`: must be")
    assert found["beyond"].endswith("not `10.0`; correct the card.")


def test_a_prepared_case_has_it(found):
    assert found["one"]["raised"] == pytest.approx([2.5])
    # Each channel by itself: divided by its standard deviation, which the step does not change.
    first, second = found["two"]["raised"]
    assert first > 1 and second == 0


def test_the_report_says_it_in_words(found):
    assert found["one"]["words"] == "raised by 2.5 units, none; voxels: 2×2×2 mm"
    assert found["two"]["words"] == "A: raised by 2.5 units, sd; B: sd; voxels: 2×2×2 mm"


def test_a_bundle_does_it_as_we_do(found):
    assert found["one"]["transforms"].index("ShiftIntensityd") < found["one"]["transforms"].index("Spacingd")
    assert found["one"]["monai"] < 1e-5
    assert found["two"]["transforms"].count("ShiftIntensityd") == 1
    assert found["two"]["monai"] < 1e-4


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_every_step_is_left_out_where_nobody_chooses_it(step):
    assert step.option.default is None and step.in_words(True)
    assert getattr(Preprocessing(None), step.name) is step.off
    without = {name: value for name, value in to_json(Preprocessing(None)).items() if name != step.name}
    assert from_json(Preprocessing, without, "a card from before the step") == Preprocessing(None)
    assert isinstance(step.monai, Problem) or callable(step.monai)


def test_cards_and_jobs_that_were_written_before_steps_were_declared_keep_n4():
    stored = {"spacing_mm": None, "n4": True, "channels": [{"normalisation": "ct", "n4": False}, {"n4": True}]}
    card = from_json(Preprocessing, stored, "card")
    assert [card.n4, *(channel.n4 for channel in card.channels)] == [True, False, True]
    assert from_json(PreprocessingOptions, {"preprocessing": None, "n4": True}, "job") == PreprocessingOptions(n4=True)
