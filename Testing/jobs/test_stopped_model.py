"""The model of a stopped job: blended as its strategy blends, and said not to be compared with the source model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import Cancelled
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.evaluation.choice import Choice
from TransferSegLib.jobs import folder
from TransferSegLib.jobs import stopped_model as module
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.models import TrainedModel
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.stopped_model import share_when_stopped, stopped_model
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.blending import beginning_of

OPEN = StrategyChoice("open")
FINAL = Unit(OPEN, None)


def spec(source, data, **training) -> JobSpec:
    options = TrainingOptions(steps=3, deterministic=True, **training)
    return JobSpec(3, "adapt", str(data), (OPEN,), OPEN.key, source=str(source), folds=0, training=options)


def stopped(path, source, data, share: float) -> tuple[JobFolder, Cancelled]:
    """A job that is asked to stop after its first step."""
    job = JobFolder.create(path, spec(source, data, adapted_share=share))

    def stop(event):
        if event["kind"] == "metric":
            job.request_cancel()

    with pytest.raises(Cancelled) as raised:
        run_job(job.path, stop)
    return job, raised.value


def test_its_weights_are_those_of_the_share_that_is_asked_for(tiny_source, phantoms, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0.0)  # both stop after the same step
    data = phantoms("t2w", 2)
    (half, said), (full, _) = (stopped(tmp_path / f"{s}", tiny_source, data, s) for s in (0.5, 1.0))
    source, between, after = (load_state(find_source(f)) for f in (tiny_source, half.model, full.model))
    assert any(not torch.equal(source[name], after[name]) for name in source)
    for name, value in between.items():
        half_way = torch.lerp(source[name], after[name], 0.5) if value.is_floating_point() else after[name]
        torch.testing.assert_close(value, half_way)
    card = read_card(half.model)
    assert card.made_by["adapted_share"] == 0.5 and "It was not compared with the source model" in card.description
    assert "was not compared with the source model, and may be worse; `" in said.problem.sentence
    [warning] = model_warnings(card)
    assert "it was not compared with its source model, `tiny`, and may be worse" in warning.sentence
    image = str(read_case_set(data).cases[0].images[0])
    assert main(["segment", "--model", str(half.path), "--images", image, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith(f"transferseg: warning: {warning.sentence}\n")


def test_what_is_tried_meanwhile_is_not_what_is_left(tiny_source, phantoms, tmp_path):
    """While shares are scored, the network has the weights of one of them."""
    context = JobContext.read(spec(tiny_source, phantoms("t2w", 2)))
    plan = context.plan(OPEN)
    beginning = beginning_of(plan)
    with torch.no_grad():
        for tensor in plan.network.parameters():
            tensor += 1
    model = TrainedModel(OPEN, plan, 2, 3, (16, 16, 16))
    run = SimpleNamespace(job=JobFolder(tmp_path), context=context, options=TrainingOptions(adapted_share=0.25))
    latest = stopped_model(run, FINAL, model, beginning)
    plan.network.load_state_dict(beginning)
    made = latest()
    name = next(name for name, _ in plan.network.named_parameters())
    torch.testing.assert_close(plan.network.state_dict()[name].cpu(), beginning[name] + 0.25)
    assert made.share == 0.25
    plan.network.load_state_dict(beginning)
    assert stopped_model(run, FINAL, model, {})() is model, "nothing to blend with"


@pytest.mark.parametrize(
    ("made", "source", "unit", "share"),
    [
        ("out-of-fold", 0.9, FINAL, 0.75),
        ("out-of-fold", 0.9, Unit(OPEN, Fold(1, ("a",), ("b",))), 0.25),
        ("training", 0.9, Unit(OPEN, Fold(1, ("a",), ("b",))), 0.75),
        (None, 0.9, FINAL, 0.5),
        (None, 0.3, FINAL, 1.0),
        (None, None, FINAL, 0.5),
        (None, 0.9, Unit(OPEN, None, share="0.25"), 0.25),
    ],
)
def test_the_share_is_the_chosen_one_else_half_unless_the_source_is_known_not_to_know_the_cases(
    made, source, unit, share, monkeypatch
):
    of_folds = ("0.5", "0.25") if made == "out-of-fold" else ()
    choice = Choice("adapted_share", "open", made, ("0.5", "1"), (0.8, 0.7), "0.5", "0.75", of_folds) if made else None
    results = [SimpleNamespace(strategy="direct", mean_dice=source), SimpleNamespace(strategy="open", mean_dice=0.9)]
    monkeypatch.setattr(module, "chosen_of", lambda job, what, strategy: choice)
    monkeypatch.setattr(module, "unit_results", lambda job, of: results)
    known = SimpleNamespace(spec=None, task=SimpleNamespace(new_names=()))
    run = SimpleNamespace(job=None, context=known, options=TrainingOptions())
    assert share_when_stopped(run, unit) == share
    run.context.task.new_names = ("tumour",)
    assert share_when_stopped(run, unit) == (share if made or unit.share else 1.0)
