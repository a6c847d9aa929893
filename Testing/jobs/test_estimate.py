from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.cli import main
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.jobs import estimate as estimate_module
from TransferSegLib.jobs import segmenting_time
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate, time_in_words
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.training.options import TrainingOptions


def spec_of(target: Path, source: Path, **training: object) -> JobSpec:
    choice = StrategyChoice("conservative", {"layers": 2})
    return JobSpec(
        3,
        "adapt",
        str(target),
        adapt_strategies(choice),
        choice.key,
        source=str(source),
        training=TrainingOptions(device="cpu", **training),
    )


def test_twice_the_steps_are_estimated_to_take_longer(phantoms, tiny_source):
    few, many = (estimate(JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, steps=n))) for n in (100, 4000))
    assert few.folds == 2
    assert few.seconds < many.seconds


def test_a_budget_in_minutes_is_about_what_the_job_takes(phantoms, tiny_source):
    assert 180 <= estimate(JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, minutes=3))).seconds < 240


def test_the_sentence_says_what_is_trained_and_how_long_it_takes(phantoms, tiny_source):
    text = estimate(JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, minutes=3))).problem.sentence
    assert text.startswith("3 of 22 convolutions will be trained, 935 of 9209 parameters, about 3 minutes")
    assert "gradients" not in text and "direct" not in text


def test_a_dry_run_of_a_job_starts_nothing(phantoms, tiny_source, tmp_path: Path, capsys: pytest.CaptureFixture):
    job = JobFolder.create(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, steps=2))
    assert main(["run", str(job.path), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sentence"]
    assert not job.events.exists()


def test_devices_are_listed_with_their_memory(capsys: pytest.CaptureFixture):
    assert main(["devices", "--json"]) == 0
    devices = json.loads(capsys.readouterr().out)
    assert "cpu" in [device["name"] for device in devices]
    assert all(device["title"] for device in devices)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4, "10 seconds"),
        (88, "90 seconds"),
        (100, "2 minutes"),
        (5500, "1.5 hours"),
        (252_000, "70 hours"),
        (632_000, "7 days"),
    ],
)
def test_times_are_said_no_more_exactly_than_they_are_known(seconds, words):
    assert time_in_words(seconds).sentence == words


def test_copies_are_counted_only_where_so_many_are_averaged(phantoms, tiny_source, monkeypatch):
    """An image with more windows than a rule allows is segmented once, however many copies small ones have."""
    measure, case = NetworkDice(None, (8, 8, 8), fixed_execution("cpu", 2)), SimpleNamespace()
    network = SimpleNamespace(whole_images=False, divisor=(1, 1, 1), slice_axis=None)
    monkeypatch.setattr(NetworkDice, "classes", lambda *given: None)
    usual = InferenceSettings().in_jobs()
    for side, windows, copies in ((8, 1, 7), (14, 8, 7), (20, 27, 1)):
        case.image = np.zeros((1, side, side, side), np.float32)
        found = segmenting_time.time_segmenting(measure, network, case, usual)
        assert (found.windows, found.copies, found.is_quick) == (windows, copies, windows <= 8)
    assert segmenting_time.time_segmenting(measure, network, case, InferenceSettings(3)).copies == 3


def test_where_the_source_model_does_not_cope_the_last_round_is_estimated_in_full(phantoms, tiny_source, monkeypatch):
    strategies = (StrategyChoice("direct"), StrategyChoice("open"), StrategyChoice("lora", {"rank": 8}))
    spec = JobSpec(
        4,
        "adapt",
        str(phantoms("t2w", 2)),
        strategies,
        "auto",
        source=str(tiny_source),
        training=TrainingOptions(device="cpu", steps=4000),
    )
    seconds = {}
    for copes, least in ((False, 1.01), (True, 0.0)):
        monkeypatch.setattr(estimate_module, "COPES_DICE", least)
        seconds[copes] = estimate(JobContext.read(spec)).seconds
    # Two folds and two candidates: a tenth of the steps four times, and then 3 · 0.4 or 3 · 1 of them.
    assert seconds[False] > 1.4 * seconds[True]
