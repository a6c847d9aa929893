"""What a job would do and about how long it would take on this computer, before it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.core.errors import NotFinite
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.recommendation import COPES_DICE
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.dry_run import describe_plans
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.jobs.recommended import LAST_ROUND, SHARES
from TransferSegLib.jobs.round_budget import FEWEST_STEPS, guessed_step_s, passes_of_training, trainings_in
from TransferSegLib.jobs.rounds import WAYS
from TransferSegLib.jobs.segmenting_time import SegmentingTime, time_segmenting
from TransferSegLib.jobs.snapshots import snapshot_steps
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.networks.execution import likely_execution, pick_device
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.training.loop import configure_run
from TransferSegLib.training.unlabelled import seen_in_training
from TransferSegLib.transfer.plan import trained_in_words
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
        short_s: The seconds that it would take at least to compare anything, where the minutes that were given are too few
            for that; None else.
    """

    plans: Sequence[Mapping[str, Any]]
    seconds: float | None
    device: str
    folds: int
    snapshots_mb: float | None = 0.0
    recommends: bool = False
    short_s: float | None = None

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
        parts = [trained_in_words(plan) for plan in shown]
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
        if self.short_s is not None:
            return Problem(
                "estimate-too-short",
                "Scoring one way of training on cases that it has not seen takes about {least} on this computer, which is "
                "more than was given: so nothing will be compared, and the source model as it is is kept where it copes with "
                "your cases, or trained on all of them.",
                {"least": time_in_words(self.short_s)},
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
        source = _look(context, case, device)
    except OutOfMemory:
        return Estimate(describe_plans(context), None, device, len(folds), None, spec.recommends)
    all_snapshots_mb = _of_all_trainings(spec, snapshots_mb, len(folds))
    if not spec.recommends:
        seconds = _whole_job_s(context, training_s, folds, source.time)
        return Estimate(describe_plans(context), seconds, device, len(folds), all_snapshots_mb)
    seconds, least_s = _rounds_s(context, training_s, folds, source)
    minutes = spec.training.minutes
    short_s = least_s if minutes is not None and folds and least_s > minutes * 60 else None
    return Estimate(describe_plans(context), seconds, device, len(folds), all_snapshots_mb, True, short_s)


@dataclass(frozen=True)
class _Look:
    """What the source model does with the first case, or where there is none, the network that is to be trained.

    Attributes:
        time: How long segmenting it takes.
        dice: The source model's mean Dice on it; None where that is not known.
    """

    time: SegmentingTime
    dice: float | None = None


def _look(context: JobContext, case: PreparedCase, device: str) -> _Look:
    """Segment the first case once, or where it is large a part of it."""
    if context.spec.task != "segmentation":
        return _Look(SegmentingTime())
    plan = context.plan(context.tried[0])
    network = plan.network.to(device).eval()
    execution = likely_execution(device, context.spec.training.deterministic)
    own_labels, padding = plan.predicts_source_labels, context.card.inference.padding
    measure = NetworkDice(context.task, context.card.patch_size, execution, own_labels, padding)
    try:
        time = time_segmenting(measure, network, case, context.card.inference)
        knows = context.tried[0].key == BASELINE and not context.task.new_names and case.classes is not None
        return _Look(time, measure.of_cases(network, [case])[0] if knows and time.is_quick else None)
    except NotFinite:  # which the job says, and in which precision it goes on
        return _Look(SegmentingTime())


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


def _measured(context: JobContext) -> Sequence[StrategyChoice]:
    """The strategies whose steps are timed: of those among which one is recommended, the first that trains."""
    if not context.spec.recommends:
        return context.spec.strategies
    if context.spec.training.minutes is not None:
        return ()
    return [choice for choice in context.tried if STRATEGIES[choice.name].trains][:1]


def _rounds_s(
    context: JobContext,
    training_s: Mapping[str, float],
    folds: Sequence[Fold],
    source: _Look,
) -> tuple[float, float]:
    """How long a job takes that recommends a strategy, and how long at least where it compares anything.

    Args:
        context: What it adapts to what.
        training_s: What a training in full takes, by steps that were timed.
        folds: Its folds.
        source: What the source model does with the first case.
    """
    minutes, time = context.spec.training.minutes, source.time
    candidates = sum(STRATEGIES[choice.name].trains for choice in context.tried)
    scored = len(context.training_cases)
    models = 1 + len(folds) if context.is_ensemble else 1
    others_s = time.case_s * (len(context.target.cases) - scored) * models
    if not folds:
        whole = minutes * 60 if minutes is not None else sum(training_s.values()) + others_s + BEFORE_AND_AFTER_S
        return whole, whole
    passes = sum(passes_of_training(len(fold.held_out), len(fold.train)) for fold in folds)

    copes = source.dice is not None and source.dice >= COPES_DICE
    shares = SHARES if copes else {**SHARES, LAST_ROUND: 1.0}

    def all_s(trained: int, steps_s: float) -> float:
        counts = {number: trainings_in(number, trained, len(folds)) for number in SHARES}
        trainings = shares[LAST_ROUND] + sum(shares[number] * count for number, count in counts.items())
        choosing_s = time.pass_s * passes * sum(counts.values()) / len(folds)
        scoring_s = scored * (time.pass_s + time.case_s * (1 + min(WAYS, trained)))
        return steps_s * trainings + choosing_s + scoring_s + others_s + BEFORE_AND_AFTER_S

    least_s = all_s(1, FEWEST_STEPS / shares[LAST_ROUND] * guessed_step_s(time, context.spec.training))
    return (minutes * 60 if minutes is not None else all_s(candidates, sum(training_s.values()))), least_s


def _whole_job_s(
    context: JobContext, training_s: Mapping[str, float], folds: Sequence[Fold], time: SegmentingTime
) -> float:
    """The seconds of a job whose strategies are named.

    Args:
        context: What it adapts to what.
        training_s: The key of each strategy that trains → what one of its trainings takes.
        folds: Its folds.
        time: How long segmenting a case takes.
    """
    spec = context.spec
    scored = len(context.training_cases) if folds else 0
    models = 1 + len(folds) if context.is_ensemble else 1
    segmented = scored * len(spec.strategies) + (len(context.target.cases) - len(context.training_cases)) * models
    segmenting_s = time.case_s * segmented
    if spec.training.adapted_share is None:
        passes = sum(passes_of_training(len(fold.held_out), len(fold.train)) for fold in folds)
        segmenting_s += time.pass_s * passes * len(training_s)
    if spec.training.minutes is not None and training_s:
        return spec.training.minutes * 60 + segmenting_s + BEFORE_AND_AFTER_S
    return _of_all_trainings(spec, training_s, len(folds)) + segmenting_s + BEFORE_AND_AFTER_S


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
