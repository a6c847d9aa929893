"""Whether every job of a study can be planned, before anything is trained: on torch's meta device, without memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import to_json
from TransferSegLib.jobs.cards import adapted_card
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.studies.grid import Cell
from TransferSegLib.studies.plan import StudyPlan, Task, naming_field

# Folder of a source model → its card, and its weights: on the meta device where it is yet to be trained.
Models = dict[str, tuple[ModelCard, Mapping[str, Tensor]]]

# What is refused of labels, lesions and networks: the code of the error → the field of the study that says it.
_FIELDS = {
    "map-target-label": "{data}.label_map",
    "map-entry": "{data}.label_map",
    "map-without-source": "{data}.label_map",
    "map-source-label": "{data}.label_map",
    "all-labels-dropped": "{data}.label_map",
    "source-label-twice": "{data}.label_map",
    "lesions-label": "lesions.lesions",
    "argument-below-one": "{network}",
    "argument-not-plain": "{network}",
}


def check_study(
    plan: StudyPlan,
    done: Collection[str] = (),
    show: Callable[[float, float | None, str], None] = lambda fraction, left, text: None,
) -> Models:
    """Refuse what cannot be planned, such as a strategy that the source model's network does not know.

    Args:
        plan: The study's jobs.
        done: The names of jobs that are done, which need no check.
        show: Is given what is done (0…1), None, and a text.

    Returns:
        The source models of the jobs that were checked.

    Raises:
        InputError: A job would be refused; the sentence names the field of the study that says so, else the job.
    """
    models: Models = {}
    new: dict[str, tuple[ModelCard, Mapping[str, Tensor]]] = {}
    seen: set[tuple[object, ...]] = set()
    tasks: list[tuple[Cell | None, Task]] = [(None, task) for task in plan.pretrainings]
    tasks += plan.cells
    for number, (cell, task) in enumerate(tasks):
        spec = task.spec
        if task.name in done:
            continue
        if cell is None:
            # Source models that differ in their seed or their cases alone are checked once.
            made = replace(spec, training=replace(spec.training, seed=0), cases=None, title="")
            same = json.dumps(to_json(made), default=str, sort_keys=True)
            if same not in new:
                show(number / len(tasks), None, f"checking {task.name}")
                with _telling_of(task):
                    new[same] = _to_be_trained(task)
            models[str(task.folder / "model")] = new[same]
            continue
        alike = (spec.source, cell.factors["network"], spec.target, cell.strategy.key)
        if alike in seen:
            continue
        seen.add(alike)
        show(number / len(tasks), None, f"checking {task.name}")
        with _telling_of(task):
            if spec.source is None:
                _to_be_trained(task)
                continue
            if spec.source not in models:
                source = find_source(Path(spec.source))
                models[spec.source] = source.card, load_state(source)
            context = JobContext.beginning_at(spec, *models[spec.source])
            context.folds()
            with naming_field(task.fields["strategy"]):
                context.check_plans()
    return models


def _to_be_trained(task: Task) -> tuple[ModelCard, Mapping[str, Tensor]]:
    """The card that a model will have that is trained from scratch, and its weights on the meta device."""
    spec: JobSpec = task.spec
    context, (choice,) = JobContext.read(spec), spec.strategies
    context.folds()
    with naming_field(task.fields["network"]):
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
def _telling_of(task: Task) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if error.code == "study-field":
            raise
        if field := _FIELDS.get(error.code):
            with naming_field(field.format(**task.fields)):
                raise
        raise InputError("study-job-refused", "`{job}`: {reason}.", job=task.name, reason=error) from None
