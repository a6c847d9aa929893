"""A final model that is the mean of those of the folds: where it is made, what it is, and what is said of it."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from TransferSegLib.core.card import read_card
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_result
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def adapted(folder, source, data, folds=4, **training):
    options = TrainingOptions(steps=2, deterministic=True, **{"adapted_share": 0.5, **training})
    spec = {"source": str(source), "strategies": adapt_strategies(OPEN, read_card(source)), "keep": OPEN.key}
    job = JobFolder.create(folder / "job", JobSpec(3, "adapt", str(data), training=options, folds=folds, **spec))
    run_job(job.path)
    return job


@pytest.fixture(scope="module")
def data(phantoms):
    return phantoms("t2w", 4)


@pytest.fixture(scope="module")
def job(tmp_path_factory, data, tiny_source):
    return adapted(tmp_path_factory.mktemp("mean"), tiny_source, data)


def trained(job):
    """What was trained, by the phases that the job went through."""
    events = read_events(job.path / "events.jsonl")[0]
    return [event["text"] for event in events if event["kind"] == "phase" and event["text"].startswith("Training")]


def test_its_weights_are_the_mean_of_those_that_segmented_the_folds(job):
    assert len(trained(job)) == 4, "the folds alone"
    final, folds = load_state(find_source(job.model)), [FoldModels(job, OPEN).load_scored(n) for n in range(4)]
    assert any(not torch.equal(folds[0][name], folds[1][name]) for name in final)
    for name, value in final.items():
        torch.testing.assert_close(value, sum(one[name] for one in folds) / 4)
    card = read_card(job.model)
    assert not card.members and card.made_by["mean_of_folds"] == 4 and card.made_by["adapted_share"] == 0.5
    assert card.intensities and card.training_cases == 4


def test_it_is_said_and_whose_the_scores_are(job):
    assert all("of the mean of their weights" in score.how for score in read_card(job.model).scores)
    for text in (job.path / "events.jsonl", job.report):
        assert "the mean of those of the 4 models of the folds" in text.read_text(encoding="utf-8")
    assert unit_result(job, "open.final").steps == 2


@pytest.mark.parametrize("how", [{"adapted_share": 1.0}, {"ensemble": "none"}, {"snapshots": 2}, {"folds": 2}])
def test_it_is_trained_on_all_cases_where_folds_lie_beyond_or_have_few_cases_or_the_training_is_asked_for(
    how, tmp_path, tiny_source, data
):
    job = adapted(tmp_path, tiny_source, data, **how)
    assert len(trained(job)) == 1 + how.get("folds", 4)
    assert "mean_of_folds" not in read_card(job.model).made_by


def test_a_label_that_the_source_lacks_is_learned_in_one_training(tmp_path, tiny_source, data):
    other = tmp_path / "other"
    shutil.copytree(data, other)
    about = json.loads((other / "dataset.json").read_text(encoding="utf-8"))
    [bone] = [value for value, name in about["labels"].items() if name == "bone"]
    assert "bone" in read_card(tiny_source).label_names
    about["labels"][bone] = "calcification"
    (other / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    assert len(trained(adapted(tmp_path, tiny_source, other))) == 5
