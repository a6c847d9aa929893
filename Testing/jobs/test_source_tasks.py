"""Source models that segment nothing: made by `pretrain --task`, and what their encoder can and cannot be used for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.records import to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_source
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import STRATEGIES, make_plan

NETWORK = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
QUICK = TrainingOptions(steps=4, deterministic=True)


def pretrain(data: Path, task: str, folder: Path) -> Path:
    spec = JobSpec(3, "pretrain", str(data), (StrategyChoice("scratch"),), network=NETWORK, training=QUICK, task=task)
    run_job(JobFolder.create(folder, spec).path)
    return folder


@pytest.fixture(scope="module")
def images_alone(tmp_path_factory, phantoms) -> Path:
    """A folder of images without any label."""
    folder = tmp_path_factory.mktemp("images") / "scans"
    (folder / "images").mkdir(parents=True)
    for path in sorted((phantoms("t1w", 3) / "imagesTr").iterdir()):
        shutil.copy(path, folder / "images" / path.name)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory, phantoms, images_alone) -> Callable[[str], Path]:
    """made(task): the finished job of a source task."""
    jobs: dict[str, Path] = {}

    def make(task: str) -> Path:
        if task not in jobs:
            data = images_alone if task == "autoencoding" else phantoms("t1w", 3)
            jobs[task] = pretrain(data, task, tmp_path_factory.mktemp(task) / "job")
        return jobs[task]

    return make


def adapting(source: Path, target: Path, strategy: str) -> JobSpec:
    choice = StrategyChoice.parse(strategy)
    strategies = adapt_strategies(choice, read_card(source / "model"))
    kept = {"keep": choice.key, "source": str(source / "model"), "training": QUICK, "folds": 0}
    return JobSpec(3, "adapt", str(target), strategies, **kept)


@pytest.mark.parametrize("task", ["autoencoding", "classification"])
def test_a_source_task_leaves_a_model_without_labels_that_loads_and_says_what_it_is(made, task, capsys):
    job = made(task)
    card = read_card(job / "model")
    assert (card.task, card.labels, card.training_cases) == (task, (), 3)
    assert "An encoder" in card.description and not card.scores
    network, report = load_source(find_source(job))
    assert report.share == 1.0 and not network.training
    done = read_events(job / "events.jsonl")[0][-1]
    assert f"trained by {task} in 4 steps" in done["verdict"] and "encoder-transfer" in done["verdict"]
    assert done["verdict"].replace("`", "") in (job / "report.html").read_text(encoding="utf-8").replace(
        "<code>", ""
    ).replace("</code>", "")
    assert not list(job.glob("segmentations/*/*"))
    assert main(["sources", "show", str(job)]) == 0
    assert f"{task}: its encoder is for the strategy encoder-transfer" in capsys.readouterr().out


@pytest.mark.parametrize("task", ["autoencoding", "classification"])
def test_the_encoder_is_carried_over_and_the_rest_is_new(made, phantoms, task):
    source = made(task)
    context = JobContext.read(adapting(source, phantoms("t2w", 2), "encoder-transfer"))
    plan = make_plan(context.transfer, "encoder-transfer", {})
    trained, _ = load_source(find_source(source))
    fresh = context.transfer.new_network()
    for stage in trained.stages():
        for name in stage.modules:
            ours = plan.network.get_submodule(name).state_dict()
            expected = (trained if stage.part in ("encoder", "bottleneck") else fresh).get_submodule(name).state_dict()
            assert all(torch.equal(ours[key], expected[key]) for key in ours)


def test_an_adapted_encoder_becomes_a_model_that_segments(made, phantoms, tmp_path):
    folder = tmp_path / "job"
    run_job(JobFolder.create(folder, adapting(made("autoencoding"), phantoms("t2w", 2), "encoder-transfer")).path)
    card = read_card(folder / "model")
    assert (card.task, card.label_names) == ("segmentation", ("air", "soft tissue", "bone"))
    assert card.made_by["source"] == read_card(made("autoencoding") / "model").name


def test_strategies_that_need_a_segmenting_model_refuse_in_one_sentence(made, phantoms, tmp_path, capsys):
    source = made("classification")
    refused = [s.name for s in STRATEGIES.values() if s.needs_segmentation and not s.needs_source_data]
    assert {"direct", "open", "conservative", "lora", "hybrid", "test-time", "self-training"} == set(refused)
    for name in refused:
        allowed = TrainingOptions(use_unlabelled=STRATEGIES[name].needs_unlabelled)
        spec = replace(adapting(source, phantoms("t2w", 2), "open"), training=allowed)
        choice = StrategyChoice(name)
        spec = replace(spec, strategies=(choice,), keep=choice.key)
        with pytest.raises(
            InputError, match=f"^strategy `{name}`: the source model .* classification and segments noth"
        ):
            run_job(JobFolder.create(tmp_path / name, spec).path)
    command = ["adapt", "--source", str(source), "--target", str(phantoms("t2w", 2)), "--strategy", "open"]
    assert main([*command, "--out", str(tmp_path / "never")]) == 2
    assert not (tmp_path / "never").exists()
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["segment", "--model", str(source), "--images", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "segments nothing" in capsys.readouterr().err


def test_a_killed_source_task_ends_with_the_weights_of_one_that_was_not(made, images_alone, tmp_path):
    spec = JobFolder(made("autoencoding")).read_spec()
    folder = JobFolder.create(tmp_path / "job", spec).path

    class Killed(BaseException):
        pass

    def kill(event) -> None:
        # The checkpoint of a step is written before the event of the next one.
        if event["kind"] == "metric" and event["step"] == 3:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("TransferSegLib.jobs.unit_training.CHECKPOINT_EVERY_S", 0.0)
        patch.setattr("TransferSegLib.jobs.unit_training.METRIC_EVERY_S", 0.0)
        with pytest.raises(Killed):
            run_job(folder, kill)
        run_job(folder)
    assert (folder / "model" / "weights.safetensors").read_bytes() == (
        made("autoencoding") / "model" / "weights.safetensors"
    ).read_bytes()


def test_images_that_have_labels_can_be_auto_encoded_as_well(phantoms, tmp_path):
    folder = pretrain(phantoms("t1w", 2), "autoencoding", tmp_path / "job")
    assert read_card(folder / "model").training_cases == 2


def test_tasks_are_for_pretrain_alone_and_have_no_folds():
    scratch = (StrategyChoice("scratch"),)
    spec = JobSpec(3, "pretrain", "/data", scratch, network=NETWORK, task="autoencoding")
    with pytest.raises(InputError, match="there are no folds"):
        replace(spec, folds=3)
    with pytest.raises(InputError, match="`compare` teaches segmentation"):
        JobSpec(3, "compare", "/data", scratch, source="/model", task="classification")


def test_a_card_of_a_source_task_has_no_labels_and_others_have_some(made, tmp_path):
    for task, label, sentence in (("autoencoding", True, "but has labels"), ("segmentation", False, "whole numbers")):
        card = replace(read_card(made("autoencoding") / "model"), task=task)
        card = replace(card, labels=(CardLabel(1, "bone"),) if label else ())
        (tmp_path / "card.json").write_text(json.dumps(to_json(card)))
        with pytest.raises(InputError, match=sentence):
            read_card(tmp_path)


@pytest.mark.parametrize("everywhere", [True, False])
def test_classification_warns_where_every_slice_holds_the_same_labels(tmp_path, everywhere):
    data = tmp_path / "cases"
    (data / "images").mkdir(parents=True)
    (data / "labels").mkdir()
    rng = np.random.default_rng(0)
    for n in range(2):
        labels = np.ones((16, 16, 16), np.uint8)
        labels[:4] = 2
        labels[:, :, : 0 if everywhere else 8] = 0
        grid = Grid.from_spacing(labels.shape, (1.0, 1.0, 1.0))
        write_volume(data / "images" / f"c{n}.nii.gz", rng.normal(size=labels.shape).astype(np.float32), grid)
        write_volume(data / "labels" / f"c{n}.nii.gz", labels, grid)
    job = pretrain(data, "classification", tmp_path / "job")
    warned = [e["message"] for e in read_events(job / "events.jsonl")[0] if e["kind"] == "warning"]
    assert any("nothing to tell apart" in message for message in warned) is everywhere


@pytest.mark.parametrize(("task", "code"), [("autoencoding", 0), ("classification", 2), ("segmentation", 2)])
def test_a_plain_folder_of_images_teaches_autoencoding_alone(tmp_path, images_alone, capsys, task, code):
    asked = ["--data", str(images_alone / "images"), "--network", "monai-unet:channels=4-8:strides=2-", "--steps", "2"]
    assert main(["pretrain", *asked, "--task", task, "--out", str(tmp_path / "job")]) == code
    assert (tmp_path / "job" / "model" / "card.json").exists() == (code == 0)
    assert ("(a folder holds `images` and, of the same names, `labels`)" in capsys.readouterr().err) == (code == 2)
