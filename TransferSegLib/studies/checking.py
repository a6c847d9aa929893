"""Whether every job of a study can be planned, before anything is trained: on torch's meta device, without memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.cards import adapted_card
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.studies.plan import StudyPlan


def check_study(plan: StudyPlan, done: Collection[str] = ()) -> None:
    """Refuse what cannot be planned, such as a strategy that the source model's network does not know.

    Args:
        plan: The study's jobs.
        done: The names of jobs that are done, which need no check.

    Raises:
        InputError: A job would be refused; the sentence names it.
    """
    models: dict[str, tuple[ModelCard, Mapping[str, Tensor]]] = {}
    for task in plan.pretrainings:
        if task.name in done:
            continue
        with _telling_of(task.name):
            models[str(task.folder / "model")] = _to_be_trained(task.spec)
    seen: set[tuple[object, ...]] = set()
    for cell, task in plan.cells:
        spec = task.spec
        alike = (spec.source, cell.factors["network"], spec.target, cell.strategy.key)
        if alike in seen or task.name in done:
            continue
        seen.add(alike)
        with _telling_of(cell.name):
            if spec.source is None:
                _to_be_trained(spec)
                continue
            if spec.source not in models:
                source = find_source(Path(spec.source))
                models[spec.source] = source.card, load_state(source)
            context = JobContext.beginning_at(spec, *models[spec.source])
            context.folds()
            context.outline(cell.strategy)


def _to_be_trained(spec: JobSpec) -> tuple[ModelCard, Mapping[str, Tensor]]:
    """The card that a model will have that is trained from scratch, and its weights on the meta device."""
    context, (choice,) = JobContext.read(spec), spec.strategies
    context.folds()
    outline = context.outline(choice)
    card = adapted_card(
        context.card,
        context.task,
        context.target,
        outline,
        choice,
        cases=len(context.training_cases),
        steps=0,
        patch_size=context.card.patch_size,
        spec=spec,
        finished=False,
    )
    return card, outline.network.state_dict()


@contextmanager
def _telling_of(name: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError("study-job-refused", "`{job}`: {reason}.", job=name, reason=error) from None
