"""What a job would do and about how long it would take on this computer, before it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.dry_run import describe_plans
from TransferSegLib.jobs.guesses import SEGMENT_S
from TransferSegLib.jobs.round_budget import trainings_in, trainings_in_full
from TransferSegLib.jobs.rounds import SHARES, WAYS
from TransferSegLib.jobs.snapshots import snapshot_steps
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.networks.execution import pick_device
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.training.loop import configure_run
from TransferSegLib.training.unlabelled import seen_in_training
from TransferSegLib.transfer.strategies import STRATEGIES

# Python, PyTorch and MONAI take this long to load, and the report as long to write.
BEFORE_AND_AFTER_S = 10.0


@dataclass(frozen=True)
class Estimate:
    """What a job would train, and about how long it would take.

    Attributes:
        plans: What each strategy would train, as `describe_plans` gives it.
        seconds: For the whole job; None where memory ran out.
        device: The device that it would compute on.
        folds: How many folds there would be.
        snapshots_mb: The size of the snapshots that would be kept, in MiB; None where memory ran out, 0 without snapshots.
        recommends: Whether the strategies are those among which one is recommended.
    """

    plans: Sequence[Mapping[str, Any]]
    seconds: float | None
    device: str
    folds: int
    snapshots_mb: float | None = 0.0
    recommends: bool = False

    @property
    def problem(self) -> Problem:
        """One sentence: what each strategy trains, about how long the job takes, and the size of its snapshots."""
        if not self.snapshots_mb:
            return self._work
        fields = {"work": self._work, "size": _size_in_words(self.snapshots_mb)}
        return Problem(
            "estimate-with-snapshots", "{work}; its snapshots take about {size} on the disk.", fields, "note"
        )

    @property
    def _work(self) -> Problem:
        if self.recommends:
            return self._rounds
        shown = [plan for plan in self.plans if plan["parameters_trained"]] or list(self.plans)
        parts = [_plan_in_words(plan) for plan in shown]
        if len(shown) > 1:
            parts = [
                Problem("estimate-strategy", "{strategy}: {plan}", {"strategy": plan["key"], "plan": part}, "note")
                for plan, part in zip(shown, parts, strict=True)
            ]
        plans = parts[-1]
        for part in reversed(parts[:-1]):
            plans = Problem("estimate-several", "{first}; {others}", {"first": part, "others": plans}, "note")
        if self.seconds is None:
            return Problem("estimate-without-time", "{plans}.", {"plans": plans}, "note")
        fields = {"plans": plans, "time": time_in_words(self.seconds)}
        if len(shown) > 1:
            return Problem("estimate-together", "{plans}; all together about {time} on this computer.", fields, "note")
        return Problem("estimate", "{plans}, about {time} on this computer.", fields, "note")

    @property
    def _rounds(self) -> Problem:
        """What is tried where a strategy is recommended, and how long it takes."""
        tried = [plan["key"] for plan in self.plans if plan["parameters_trained"]]
        time = "" if self.seconds is None else time_in_words(self.seconds)
        fields = {"count": len(tried), "folds": self.folds, "time": time, "known": bool(time)}
        if not self.folds:
            return Problem(
                "estimate-unscored",
                "Nothing can be compared without folds, so one way of training is carried out{known:?, about {time} on this "
                "computer|}.",
                fields,
                "note",
            )
        return Problem(
            "estimate-recommended",
            "Up to {count} {count:~way|ways} of training will be tried in {folds} folds, the better ones for longer, and the "
            "best is kept, or the source model as it is{known:?, about {time} on this computer|}.",
            fields,
            "note",
        )

    def to_json(self) -> dict[str, Any]:
        """The estimate as plain JSON, with its sentence in English (`sentence`) and as data (`problem`)."""
        return {**to_json(self), "sentence": self.problem.sentence, "problem": self.problem.to_json()}


def estimate(context: JobContext) -> Estimate:
    """Estimate a job by measuring a step of each strategy on its first case, a few seconds a strategy.

    Raises:
        InputError: The job would be refused before it trains.
    """
    spec = context.spec
    device = pick_device(spec.training.device)
    folds = context.folds()
    first = (context.shown_cases or context.target.cases)[0]
    case = prepare_case(first, context.card.preprocessing, context.task)
    training_s: dict[str, float] = {}
    snapshots_mb: dict[str, float] = {}
    try:
        for choice in _measured(context):
            if STRATEGIES[choice.name].trains:
                plan = context.plan(choice)
                settings = configure_run(
                    plan,
                    seen_in_training(plan.teach, [case], [case]),
                    spec.training.for_training(carried=plan.mapping is not None),
                    context.card.patch_size,
                    device,
                    objective=context.objective(plan, spec.training.seed),
                    trained_on=len(context.training_cases) + len(context.images_for(plan)),
                )
                training_s[choice.key] = settings.steps * BESIDE_THE_STEP * (settings.step_s or 0.0)
                if spec.training.snapshots is not None:
                    count = len(snapshot_steps(spec.training.snapshots, settings.steps))
                    snapshots_mb[choice.key] = count * _size_mb(plan.network)
    except OutOfMemory:
        seconds = all_snapshots_mb = None
    else:
        models = 1 + len(folds) if context.is_ensemble else 1
        segmented = len(context.target.cases) * context.card.inference.times * models
        if spec.recommends:
            seconds = _rounds_s(context, next(iter(training_s.values()), 0.0), len(folds))
        else:
            seconds = _whole_job_s(spec, training_s, len(folds), segmented)
        all_snapshots_mb = _of_all_trainings(spec, snapshots_mb, len(folds))
    return Estimate(describe_plans(context), seconds, device, len(folds), all_snapshots_mb, spec.recommends)


def time_in_words(seconds: float) -> Problem:
    """A time as a person says it, in seconds, minutes, hours or days."""
    if seconds < 90:
        return Problem("seconds", "{count:.0f} seconds", {"count": max(10, round(seconds, -1))}, "note")
    if seconds < 5400:
        return Problem("minutes", "{count:.0f} minutes", {"count": seconds / 60}, "note")
    if seconds < 36000:
        return Problem("hours-and-tenths", "{count:.1f} hours", {"count": seconds / 3600}, "note")
    if seconds < 259_200:
        return Problem("hours", "{count:.0f} hours", {"count": seconds / 3600}, "note")
    return Problem("days", "{count:.0f} days", {"count": seconds / 86_400}, "note")


def _plan_in_words(plan: Mapping[str, Any]) -> Problem:
    fields = {
        "trained": plan["convolutions_trained"],
        "convolutions": plan["convolutions"],
        "parameters_trained": _count(plan["parameters_trained"]),
        "parameters": _count(plan["parameters"]),
    }
    if plan["parameters_trained"]:
        return Problem(
            "plan-trains",
            "{trained} of {convolutions} convolutions will be trained, {parameters_trained} of {parameters} parameters",
            fields,
            "note",
        )
    return Problem(
        "plan-trains-nothing",
        "nothing is trained, the source model is used as it is ({parameters} parameters)",
        fields,
        "note",
    )


def _count(number: int) -> str:
    return f"{number / 1e6:.2f} M" if number >= 10_000 else str(number)


def _measured(context: JobContext) -> Sequence[StrategyChoice]:
    """The strategies whose steps are timed: of those among which one is recommended, the first that trains."""
    if not context.spec.recommends:
        return context.spec.strategies
    if context.spec.training.minutes is not None:
        return ()
    return [choice for choice in context.tried if STRATEGIES[choice.name].trains][:1]


def _rounds_s(context: JobContext, training_s: float, folds: int) -> float:
    """How long a job takes that recommends a strategy.

    Args:
        context: What it adapts to what.
        training_s: What a training in full takes, by steps that were timed; minutes are those of the whole job.
        folds: How many folds there are.
    """
    if context.spec.training.minutes is not None:
        return context.spec.training.minutes * 60
    candidates = sum(STRATEGIES[choice.name].trains for choice in context.tried)
    counts = {number: trainings_in(number, candidates, folds) for number in SHARES}
    trainings = trainings_in_full(counts) if folds else 1
    ways = 1 + WAYS + sum(counts.values()) / max(1, folds)
    segmenting = len(context.training_cases) * ways + len(context.target.cases)
    return training_s * trainings + SEGMENT_S * segmenting * context.card.inference.times + BEFORE_AND_AFTER_S


def _whole_job_s(spec: JobSpec, training_s: Mapping[str, float], folds: int, copies: int) -> float:
    """The seconds of a job, in which each strategy segments so many copies of cases."""
    segmenting = SEGMENT_S * copies * (len(spec.strategies) + 1)
    if spec.training.minutes is not None and training_s:
        return spec.training.minutes * 60 + segmenting + BEFORE_AND_AFTER_S
    return _of_all_trainings(spec, training_s, folds) + segmenting + BEFORE_AND_AFTER_S


def _of_all_trainings(spec: JobSpec, each: Mapping[str, float], folds: int) -> float:
    """What all trainings of a job take together: those of the folds, and the final ones.

    Args:
        spec: What the job is asked to do.
        each: The key of each strategy that trains → what one of its trainings takes.
        folds: How many folds there are.
    """
    kept = each.get(spec.keep, max(each.values(), default=0.0))
    final = kept if folds or spec.kept else sum(each.values())
    # Each learning rate is tried in each fold; without folds, the chosen trial is the final training.
    tried = max(1, len(spec.training.learning_rates))
    return folds * tried * sum(each.values()) + final * (1 if folds else tried)


def _size_mb(network: nn.Module) -> float:
    """The size of a network's weights in a file, in MiB."""
    return sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values()) / 2**20


def _size_in_words(size_mb: float) -> Problem:
    if size_mb < 1024:
        return Problem("size-mib", "{size:.0f} MiB", {"size": max(1.0, size_mb)}, "note")
    return Problem("size-gib", "{size:.1f} GiB", {"size": size_mb / 1024}, "note")
