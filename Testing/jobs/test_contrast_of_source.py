"""A model that is adapted from one of any contrast counts as such itself, and goes on being trained as gently."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.core.card import read_card
from TransferSegLib.jobs import contrast_of_source
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.contrast_of_source import keeps_contrast, with_inherited_contrast
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer import plan as plan_module

# Another one than the network's own, so that the two are told apart.
GENTLE_RATE = 5e-4


def spec_of(source: Path, data: Path, strategy: str = "open", parent: Path | None = None) -> JobSpec:
    choice = StrategyChoice.parse(strategy)
    options = TrainingOptions(steps=1, deterministic=True, adapted_share=1.0, post_processing="none")
    strategies = adapt_strategies(choice, read_card(source))
    more = {} if parent is None else {"parent": str(parent)}
    return JobSpec(
        JOB_FORMAT, "adapt", str(data), strategies, choice.key, source=str(source), training=options, folds=2, **more
    )


def adapt(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


@pytest.fixture(scope="module")
def of_any_contrast(tiny_source, tmp_path_factory) -> Path:
    """A source model that was trained on random contrasts."""
    folder = Path(shutil.copytree(tiny_source, tmp_path_factory.mktemp("robust") / "source"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    made_by = {**card.get("made_by", {}), "training": {"augment": "contrast+noise"}}
    (folder / "card.json").write_text(json.dumps({**card, "made_by": made_by}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def first(of_any_contrast, phantoms, tmp_path_factory) -> JobFolder:
    """A first round; nobody writes into it."""
    return adapt(tmp_path_factory.mktemp("rounds") / "first", spec_of(of_any_contrast, phantoms("t2w", 3)))


def rates(context: JobContext, fold: int | None = None) -> set[float]:
    return set(context.plan(StrategyChoice("open"), fold).trainable.values())


def test_a_second_round_and_a_saved_model_are_trained_as_gently_as_the_first(
    first, of_any_contrast, tiny_source, phantoms, monkeypatch
):
    monkeypatch.setattr(plan_module, "GENTLE_RATE", GENTLE_RATE)
    data = phantoms("t2w", 3)
    assert read_card(first.model).any_contrast and read_card(first.model).made_by["training"]["augment"] == "light"
    assert rates(JobContext.read(spec_of(of_any_contrast, data))) == {GENTLE_RATE}
    second = JobContext.read(spec_of(of_any_contrast, data, parent=first.path))
    assert second.parent is not None and not second.parent.kept_source
    assert rates(second) == rates(second, 0) == {GENTLE_RATE}
    assert rates(JobContext.read(spec_of(first.model, data))) == {GENTLE_RATE}
    assert rates(JobContext.read(spec_of(tiny_source, data))) != {GENTLE_RATE}, "of one contrast"


def test_cards_of_before_say_it_through_the_source_model_that_they_name(first, of_any_contrast, monkeypatch):
    source, new = read_card(of_any_contrast), read_card(first.model)
    old = replace(new, made_by={key: value for key, value in new.made_by.items() if key != "any_contrast"})
    assert not old.any_contrast
    assert with_inherited_contrast(old, source).any_contrast
    scratch = replace(old, made_by={**old.made_by, "strategy": "scratch"})
    assert not with_inherited_contrast(scratch, source).any_contrast
    other = replace(source, weights_sha256="0" * 64)
    assert not with_inherited_contrast(old, other).any_contrast, "other weights of the same name"
    here = [SourceFolder(source, of_any_contrast, "user")]
    monkeypatch.setattr(contrast_of_source, "list_sources", lambda: here)
    assert with_inherited_contrast(old).any_contrast
    monkeypatch.setattr(contrast_of_source, "list_sources", list)
    assert not with_inherited_contrast(old).any_contrast


@pytest.mark.parametrize(
    ("strategy", "keeps"),
    [
        ("open", True),
        ("conservative:part=norm", True),
        ("lora", True),
        ("scratch", False),
        ("encoder-transfer", False),
        ("random-encoder", False),
        ("hybrid:decoder=new", False),
        ("hybrid:decoder=source", True),
    ],
)
def test_what_begins_with_new_layers_does_not_know_contrasts(strategy, keeps):
    assert keeps_contrast(StrategyChoice.parse(strategy)) is keeps


def test_a_model_from_scratch_counts_as_what_its_own_training_was(of_any_contrast, phantoms, tmp_path):
    job = adapt(tmp_path / "job", spec_of(of_any_contrast, phantoms("t2w", 3), "scratch"))
    assert not read_card(job.model).any_contrast
