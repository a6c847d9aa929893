"""About how long a study takes on this computer, from a step of some of its trainings that is timed."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.core.records import to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.runner import SEGMENT_S
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.networks.execution import pick_device
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.studies.checking import Models
from TransferSegLib.studies.plan import StudyPlan, Task
from TransferSegLib.training.loop import RunSettings, steps_for, time_step
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.unlabelled import seen_in_training
from TransferSegLib.transfer.strategies import find_strategy

# So long steps are timed; those trainings whose turn has not come by then are taken to be like the others.
TIMING_S = 10.0


@dataclass(frozen=True)
class StudyEstimate:
    """What is left of a study.

    Attributes:
        cells: How many cells there are.
        trainings: How many trainings are left, those of source models included.
        seconds: About how long it takes, one job at a time; None where that cannot be told.
    """

    cells: int
    trainings: int
    seconds: float | None


@dataclass(frozen=True)
class _Timed:
    """A training of which a step was timed.

    Attributes:
        options: How it trains.
        settings: How it was run, with the seconds of a step.
        patches: How many patches an epoch has of each case.
        network: The same for trainings of one network.
    """

    options: TrainingOptions
    settings: RunSettings
    patches: int
    network: str


def estimate_study(
    plan: StudyPlan,
    done: Collection[str],
    models: Models,
    show: Callable[[float, float | None, str], None] = lambda fraction, left, text: None,
) -> StudyEstimate:
    """Estimate what is left of a study.

    Args:
        plan: The study's jobs.
        done: The names of those that are done.
        models: What `check_study` returned.
        show: Is given what is done (0…1), None, and a text.

    Raises:
        InputError: A case cannot be read.
    """
    left = [task for task in plan.tasks if task.name not in done]
    trained = [task for task in left if find_strategy(task.spec.strategies[0].name).trains]
    alike: dict[str, list[Task]] = {}
    for task in trained:
        alike.setdefault(_kind(task), []).append(task)
    timed: dict[str, _Timed] = {}
    prepared: dict[str, PreparedCase] = {}
    began_s = time.monotonic()
    for number, kind in enumerate(_various(alike)):
        if timed and time.monotonic() - began_s > TIMING_S:
            break
        task = alike[kind][0]
        show(number / len(alike), None, f"timing a step of {task.name}")
        try:
            timed[kind] = _time(task, models, prepared)
        except OutOfMemory:
            continue
    seconds = sum(SEGMENT_S * len(task.spec.cases.test) for task in left if task.spec.cases is not None)
    for kind, tasks in alike.items():
        for task in tasks:
            known = _training_s(task, timed.get(kind) or _like(task, timed.values()))
            if known is None:
                return StudyEstimate(len(plan.cells), len(trained), None)
            seconds += known
    return StudyEstimate(len(plan.cells), len(trained), seconds)


def _kind(task: Task) -> str:
    """The same for tasks whose steps take as long."""
    spec = task.spec
    options = replace(spec.training, seed=0)
    said = [spec.source, spec.network, spec.target, spec.strategies, spec.task, options]
    return json.dumps([to_json(one) for one in said], default=str)


def _various(alike: Mapping[str, Sequence[Task]]) -> list[str]:
    """The kinds in an order in which each network comes once before any comes twice."""
    turns: dict[str, int] = {}
    ranks = {}
    for kind, (task, *_) in alike.items():
        network = _network(task)
        turns[network] = turns.get(network, 0) + 1
        ranks[kind] = turns[network]
    return sorted(alike, key=ranks.__getitem__)


def _network(task: Task) -> str:
    return json.dumps([task.spec.source, to_json(task.spec.network)])


def _time(task: Task, models: Models, prepared: dict[str, PreparedCase]) -> _Timed:
    spec = task.spec
    if spec.source is None:
        context = JobContext.read(spec)
    else:
        card, state = models[spec.source]
        context = JobContext.beginning_at(spec, card, {name: _any_weights(value) for name, value in state.items()})
    (choice,) = spec.strategies
    training = context.plan(choice)
    options = spec.training.for_training(carried=training.mapping is not None)
    key = json.dumps([spec.target, to_json(context.card.preprocessing), to_json(context.task)])
    if key not in prepared:
        prepared[key] = prepare_case(context.training_cases[0], context.card.preprocessing, context.task)
    settings, patches = time_step(
        training,
        seen_in_training(training.teach, [prepared[key]], [prepared[key]]),
        options,
        context.card.patch_size,
        pick_device(options.device),
        context.objective(training, options.seed),
    )
    return _Timed(options, settings, patches, _network(task))


def _any_weights(tensor: Tensor) -> Tensor:
    """Weights of a model that is yet to be trained: any will do to time a step."""
    if not tensor.is_meta:
        return tensor
    if tensor.is_floating_point():
        return torch.full(tensor.shape, 0.01, dtype=tensor.dtype)
    return torch.zeros(tensor.shape, dtype=tensor.dtype)


def _like(task: Task, timed: Collection[_Timed]) -> _Timed | None:
    """A training that was not timed, as the mean of those that were, of its network where there are any; None without."""
    some = [one for one in timed if one.network == _network(task)] or list(timed)
    if not some:
        return None
    step_s = statistics.fmean(one.settings.step_s or 0.0 for one in some)
    patches = round(statistics.fmean(one.patches for one in some))
    options = task.spec.training.for_training(carried=task.spec.source is not None)
    return _Timed(options, replace(some[0].settings, step_s=step_s), patches, some[0].network)


def _training_s(task: Task, one: _Timed | None) -> float | None:
    """The seconds of a training, of all its learning rates together; None where no step was timed."""
    if one is None or task.spec.cases is None:
        return None
    if one.options.minutes is not None:
        return one.options.minutes * 60
    settings, count = one.settings, len(task.spec.cases.train)
    steps = steps_for(one.options, one.patches * count, settings.batch_size, settings.step_s, settings.execution.device)
    return max(1, len(one.options.learning_rates)) * steps * BESIDE_THE_STEP * (settings.step_s or 0.0)
