"""Decides under which conditions all strategies of a job segment, before the first of them does."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.card import MOST_VOXELS
from TransferSegLib.core.grid import times
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.conditions import (
    Conditions,
    has_conditions,
    load_conditions,
    save_conditions,
    warn_of_other_conditions,
)
from TransferSegLib.jobs.results import left_out, unit_result, unit_results
from TransferSegLib.jobs.shown_otherwise import shown_otherwise
from TransferSegLib.jobs.unit import JobRun, Unit
from TransferSegLib.jobs.unit_training import UnitTraining
from TransferSegLib.networks.execution import Precision, likely_execution
from TransferSegLib.networks.memory import free_unused
from TransferSegLib.networks.staged import whole_patch
from TransferSegLib.training.epochs import Size, patch_for
from TransferSegLib.training.loop import RunSettings, case_sizes
from TransferSegLib.transfer.strategies import STRATEGIES


def decide_conditions(run: JobRun, units: Sequence[Unit]) -> None:
    """Store windows and precision of a job, where it does not have them yet.

    Args:
        run: What the units share.
        units: The job's units that are not finished.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: A training does not fit into memory.
    """
    known = load_conditions(run.job)
    if known is not None and known.device == run.device:
        return
    windows = _windows(run) if known is None else known.windows
    precision = _precision(run, units)
    save_conditions(run.job, Conditions(windows, precision, run.device))
    said = Problem(
        "job-conditions",
        "Every strategy segments in windows of {size} voxels, in {precision}",
        {"size": times(windows), "precision": precision},
        "note",
    )
    run.log.tell("choice", said, windows=list(windows), precision=precision)
    for otherwise in shown_otherwise(run.context):
        run.log.tell("choice", otherwise)


def _windows(run: JobRun) -> Size:
    """The windows of all strategies: along each axis the larger of the source model's and the trainings' patches.

    In smaller windows than its own, a network loses accuracy; in larger ones it sees more. Where memory runs out, trainings
    go on with smaller patches, and the windows stay. A model that is yet to be made has no windows of its own.
    """
    context = run.context
    usual = context.card.patch_size
    largest: Size = (1, 1, 1) if context.spec.source is None else usual
    sizes: list[Size] = []
    for choice in context.tried:
        plan = context.outline(choice)
        options = run.options.for_training(carried=plan.mapping is not None)
        patch = usual
        if plan.trainable:
            if options.patch_size is not None and not sizes:
                sizes = case_sizes([run.prepared.get(c) for c in (*context.shown_cases, *context.validation)])
            patch = patch_for(options, usual, sizes, plan.network)
        a, b, c = (max(sides) for sides in zip(largest, whole_patch(patch, plan.network.divisor), strict=True))
        largest = (a, b, c) if a * b * c <= MOST_VOXELS else largest
    return largest


def _precision(run: JobRun, units: Sequence[Unit]) -> Precision:
    """The precision of all strategies: float32, unless each one's training is fastest, and keeps its result, in another.

    A source model whose card asks for float32 is adapted in it.
    """
    if run.context.card.precision is not None:
        return run.context.card.precision
    usual = likely_execution(run.device, run.options.deterministic).precision
    first: dict[str, Unit] = {}
    for unit in units:
        if STRATEGIES[unit.choice.name].trains and unit.choice.key not in left_out(run.job):
            first.setdefault(unit.choice.key, unit)
    if run.options.deterministic or not first:
        return usual
    run.log.phase(Problem("phase-measuring", "Measuring how the networks are trained fastest", severity="note"))
    settings = [_measured(run, unit, None) for unit in first.values()]
    if len({one.execution.precision for one in settings}) > 1:
        settings = [_measured(run, unit, "float32") for unit in first.values()]
    # Only now, so that a job that is killed meanwhile does not keep what it would not have used.
    for unit, one in zip(first.values(), settings, strict=True):
        UnitTraining(run, unit, unit.rate).remember(one)
    return settings[0].execution.precision


def _measured(run: JobRun, unit: Unit, precision: Precision | None) -> RunSettings:
    """The settings of a strategy's trainings, with the fastest precision or the one that is given."""
    run.models.stop_if_asked()
    names = [c.name for c in run.context.training_cases] if unit.fold is None else list(unit.fold.train)
    plan = run.plans.make(unit.choice, unit.fold)
    settings = UnitTraining(run, unit, unit.rate).measure(plan, names, precision)
    del plan
    free_unused(run.device)
    return settings


def units_of_other_conditions(run: JobRun, units: Sequence[Unit]) -> list[Unit]:
    """The finished units of strategies that train nothing, whose cases were segmented under other conditions than the job's.

    They are quick to do again.

    Args:
        run: The run of the job.
        units: The units to look at.

    Returns:
        Those to do again.
    """
    return [
        unit
        for unit in units
        if not STRATEGIES[unit.choice.name].trains
        and unit.choice.key not in left_out(run.job)
        and run.job.load_result(unit.name) is not None
        and not has_conditions(unit_result(run.job, unit.name), run.conditions)
    ]


def warn_of_other_trainings(run: JobRun) -> None:
    """Say which finished trainings have not the conditions that the job has now; they are not done again."""
    results = [result for result in unit_results(run.job, run.context.spec) if result.settings is not None]
    warning = warn_of_other_conditions(results, run.conditions)
    if warning is not None:
        run.log.warn(warning)
