"""How good a loop is by now: the Dice of each round on cases that its models did not see, and whether another is worth it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.case_curve import CaseCurve
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD
from TransferSegLib.evaluation.scores import dice_by_case
from TransferSegLib.evaluation.statistics import Statistics, describe, paired_difference
from TransferSegLib.jobs.curve_of_jobs import FEWEST_SHARED, curve_of_jobs, kept_strategy
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_changes import changed_labels, label_digests
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.status import job_status
from TransferSegLib.loop.drawing import few_shared
from TransferSegLib.loop.folder import LoopFolder

# A gain in Dice that is worth another round; what people annotate twice differs by more.
WORTH = 0.01


@dataclass(frozen=True)
class Change:
    """What a round has changed on the one before it: the difference of the Dice of the same cases, case by case.

    Attributes:
        before: The name of the round before.
        cases: How many cases both have scored against the same annotation, by models that did not see them.
        mean: The mean of the differences, this round minus the one before.
        interval: Its 95 % interval: that of a bootstrap, with three cases by Student's t; None with fewer.
        corrected: Whether cases that began as predictions are among them, whose scores may be too good.
    """

    before: str
    cases: int
    mean: float
    interval: tuple[float, float] | None
    corrected: bool


@dataclass(frozen=True)
class Round:
    """A round and what it is worth. All Dice are of cases that the model did not see: those of the folds.

    Attributes:
        name: The name of the job's folder, `round-1`.
        state: How the job stands, see `job_status`.
        annotated: How many cases it was given.
        strategy: The strategy that it kept; None until it is done.
        dice: The mean Dice over all its cases; None without folds or until it is done.
        interval: Its 95 % interval; None with fewer than four cases.
        shared_dice: The same over the cases that all rounds with such cases have scored against the same annotation, drawn
            without a prediction in sight.
        shared_interval: Its 95 % interval by Student's t, which also says something of three cases; None with fewer.
        shared_by_case: The Dice of each of them.
        prediction_dice: The same over the cases that began as predictions, which may be too good: they lean to the model.
        prediction_cases: How many these are.
        source_dice: The mean Dice of the source model as it is over all its cases.
        source_shared_dice: The same over the shared cases.
        seconds: How long the job took, all its runs together; None until it is done.
        report: The job's report.
        by_case: The Dice of each of its cases, of those that `dice` is the mean of.
        change: What it has changed on the round before, over the same cases; None for the first one.
        labels: The digest of the segmentation that each of its cases was scored against, where it is known.
    """

    name: str
    state: str
    annotated: int
    strategy: str | None = None
    dice: float | None = None
    interval: tuple[float, float] | None = None
    shared_dice: float | None = None
    shared_interval: tuple[float, float] | None = None
    shared_by_case: Mapping[str, float] = field(default_factory=dict, hash=False)
    prediction_dice: float | None = None
    prediction_cases: int = 0
    source_dice: float | None = None
    source_shared_dice: float | None = None
    seconds: float | None = None
    report: str | None = None
    by_case: Mapping[str, float] = field(default_factory=dict, hash=False)
    change: Change | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Standing:
    """How a loop stands.

    Attributes:
        source: The source model's folder.
        annotated: How many cases are annotated.
        began_as_predictions: How many of them began as predictions.
        shared: The cases that all rounds share.
        shared_left: Those of them that are not annotated yet.
        flagged: Case that was put aside → why.
        rounds: The rounds, in their order.
        curve: The Dice over the number of cases, and what more would bring; None with fewer than two sizes.
        another_round: Whether another round is worth it, in a sentence.
        worth_it: The same as data; None where it cannot be said.
        unread: Case whose scan `loop next` could not read → why, in a sentence.
        few_shared: That the rounds are compared on fewer cases than they should be, in a sentence; None for enough.
        reannotated: The cases whose annotation was changed between rounds that scored them.
    """

    source: str
    annotated: int
    began_as_predictions: int
    shared: tuple[str, ...]
    shared_left: tuple[str, ...]
    flagged: Mapping[str, str]
    rounds: tuple[Round, ...]
    curve: CaseCurve | None
    another_round: Problem
    worth_it: bool | None
    unread: Mapping[str, str] = field(default_factory=dict, hash=False)
    few_shared: str | None = None
    reannotated: tuple[str, ...] = ()


def loop_status(path: Path) -> Standing:
    """Say how a loop stands, from its files alone.

    Raises:
        InputError: The loop, or the results of a round, cannot be read.
    """
    folder = LoopFolder(path)
    loop = folder.read()
    done = folder.finished_rounds()
    # A case may have been annotated anew since.
    began = {job.path.name: loop.began_in.get(job.path.name, loop.began) for job in folder.rounds()}
    curve, corrected = curve_of_rounds(done, {case for job in done for case in began[job.path.name]})
    sentence, worth_it = another_round(loop.shared_left, done, curve, corrected, len(loop.shared))
    rounds = [round_of(job, loop.shared, began[job.path.name]) for job in folder.rounds()]
    # Those that were annotated after a round are not in it: rounds are compared on the same cases.
    compared = [one for one in rounds if one.shared_by_case]
    changed = changed_labels([one.labels for one in compared])
    common = [
        name for name in loop.shared if name not in changed and all(name in one.shared_by_case for one in compared)
    ]
    if any(one.shared_by_case and len(one.shared_by_case) > len(common) for one in rounds):
        rounds = [round_of(job, common, began[job.path.name]) for job in folder.rounds()]
    predicted = set().union(*(began[one.name] for one in rounds))
    few = few_shared(folder, loop)
    rounds = with_changes(rounds, predicted)
    return Standing(
        loop.source,
        len(loop.annotations),
        len(loop.began),
        loop.shared,
        tuple(loop.shared_left),
        loop.flagged,
        tuple(rounds),
        curve,
        sentence,
        worth_it,
        {case: why for case, why in folder.unread().items() if case not in {**loop.by_case, **loop.flagged}},
        None if few is None else few.sentence,
        tuple(sorted(changed_labels([one.labels for one in rounds]))),
    )


def round_of(job: JobFolder, shared: Collection[str], predicted: Collection[str]) -> Round:
    """Read what a round is worth.

    Args:
        job: The job.
        shared: What it calls the cases that all rounds share.
        predicted: What it calls the cases that began as predictions.

    Raises:
        InputError: A file of the job cannot be read.
    """
    spec, state = job.read_spec(), job_status(job.path).state
    split = job.load_result("split") or {}
    cases = [name for name, role in dict(split.get("cases") or {}).items() if role == "annotated"]
    about = job.load_result("report")
    if not isinstance(about, dict) or "kept" not in about:
        return Round(job.path.name, state, len(cases))
    results = [result for result in unit_results(job, spec) if result.fold != TEST_FOLD]

    def dice(strategy: str) -> dict[str, float]:
        return dice_by_case([row for result in results if result.strategy == strategy for row in result.rows])

    own, source = dice(str(about["kept"])), dice(BASELINE)
    all_cases, of_shared, corrected = (_mean(own, names) for names in (own, shared, predicted))
    return Round(
        job.path.name,
        state,
        len(cases),
        str(about["kept"]),
        all_cases.mean,
        _interval(all_cases),
        of_shared.mean,
        _interval_of_few(of_shared),
        {name: own[name] for name in shared if name in own},
        corrected.mean,
        corrected.n,
        _mean(source, source).mean,
        _mean(source, shared).mean,
        _seconds(job),
        str(job.report) if job.report.is_file() else None,
        own,
        labels={case: label for case, label in label_digests(job).items() if case in own},
    )


def with_changes(
    rounds: Sequence[Round], predicted: Collection[str], called: Sequence[Mapping[str, str]] | None = None
) -> list[Round]:
    """The rounds, each with what it has changed on the scored one before it, where both have scored the same cases.

    A case whose annotation was changed between the two is not the same. Cases that began as predictions are left out where
    the others are enough.

    Args:
        rounds: The rounds, in their order.
        predicted: The cases that began as predictions in any of them.
        called: For each round, name of a case → what it is called in all of them; None where they have the same names in all.
    """
    found: list[Round] = []
    before: tuple[str, dict[str, float], dict[str, str]] | None = None
    for number, one in enumerate(rounds):
        names = {case: case for case in one.by_case} if called is None else called[number]
        dice = {names[case]: value for case, value in one.by_case.items() if case in names}
        labels = {names[case]: label for case, label in one.labels.items() if case in names}
        change = None
        if before is not None:
            name, earlier, earlier_labels = before
            anew = changed_labels([earlier_labels, labels])
            same = {case: value for case, value in dice.items() if case not in anew}
            change = _change(name, earlier, same, predicted)
        found.append(replace(one, change=change))
        if dice:
            before = one.name, dice, labels
    return found


def _change(
    name: str, before: Mapping[str, float], now: Mapping[str, float], predicted: Collection[str]
) -> Change | None:
    both = sorted(before.keys() & now.keys())
    own = [case for case in both if case not in predicted]
    cases = own if len(own) >= FEWEST_SHARED else both
    paired = paired_difference([now[case] for case in cases], [before[case] for case in cases])
    if paired.mean is None:
        return None
    interval = None if paired.low is None or paired.high is None else (paired.low, paired.high)
    if interval is None:
        interval = _interval_of_few(describe([now[case] - before[case] for case in cases]), least=-1.0)
    return Change(name, len(cases), paired.mean, interval, any(case in predicted for case in cases))


def _mean(dice: Mapping[str, float], names: Collection[str]) -> Statistics:
    return describe([dice[name] for name in sorted(names) if name in dice])


def _interval(found: Statistics) -> tuple[float, float] | None:
    return None if found.low is None or found.high is None else (found.low, found.high)


def _interval_of_few(found: Statistics, least: float = 0.0) -> tuple[float, float] | None:
    """The 95 % interval of a mean up to 1 by Student's t; a bootstrap of three values is no more than their range."""
    from scipy.stats import t

    if found.n < FEWEST_SHARED or found.mean is None or found.sd is None:
        return None
    half = float(t.ppf(0.975, found.n - 1)) * found.sd / math.sqrt(found.n)
    return max(least, found.mean - half), min(1.0, found.mean + half)


def _seconds(job: JobFolder) -> float | None:
    """How long the runs of a job took, from the first event of each to its last."""
    runs: list[list[float]] = []
    for event in read_events(job.events)[0]:
        if event["kind"] == "started":
            runs.append([])
        if runs and isinstance(event.get("time"), (int, float)):
            runs[-1].append(float(event["time"]))
    found = [max(times) - min(times) for times in runs if times]
    return round(sum(found), 1) if found else None


def curve_of_rounds(
    done: Sequence[JobFolder], predicted: Collection[str], called: Sequence[Mapping[str, str]] | None = None
) -> tuple[CaseCurve | None, bool]:
    """The Dice over the number of cases, on the cases that all rounds have scored.

    Later rounds have harder cases, because `next` chooses unlike ones, so a mean over all cases of each is unfair to them.
    Cases that began as predictions are left out where the others are enough.

    Args:
        done: The jobs of the rounds that have ended.
        predicted: The cases that began as predictions, whose scores may be too good.
        called: What the cases of each are called in all of them, as `curve_of_jobs` takes it.

    Returns:
        The curve, None where there is none, and whether cases that began as predictions are in it.
    """
    curve = curve_of_jobs(done, predicted, common=True, called=called)
    if curve is not None and (curve.shared or 0) >= FEWEST_SHARED:
        return curve, False
    curve = curve_of_jobs(done, common=True, called=called)
    return curve, curve is not None and bool(predicted)


def another_round(
    shared_left: Sequence[str], done: Sequence[JobFolder], curve: CaseCurve | None, corrected: bool, drawn: int
) -> tuple[Problem, bool | None]:
    """Whether another round is worth it, by what the curve over the rounds expects of more cases.

    Args:
        shared_left: The cases that all rounds are to share and that are not annotated yet.
        done: The jobs of the rounds that have ended.
        curve: Their curve over the number of cases; None where there is none.
        corrected: Whether cases that began as predictions are in it.
        drawn: How many of the cases that all rounds share were drawn at random.

    Returns:
        A sentence, and the same as data: None where it cannot be said.
    """
    if shared_left:
        return Problem(
            "loop-shared-first",
            "{count} of the cases that all rounds share {count:~is|are} not annotated yet ({cases:…`}): begin with "
            "{count:~it|them}.",
            {"count": len(shared_left), "cases": tuple(shared_left)},
            "note",
        ), None
    if not done:
        return Problem("loop-no-round", "No round has ended yet: adapt to the annotated cases.", severity="note"), None
    if curve is None and any(kept_strategy(job).key == BASELINE for job in done):
        return Problem(
            "loop-source-kept",
            "Whether another round is worth it cannot be said: a round kept the source model as it is, which no case "
            "changes.",
            severity="note",
        ), None
    if curve is None:
        return Problem(
            "loop-one-size",
            "Whether another round is worth it cannot be said yet: it takes two rounds with different numbers of cases "
            "that scored the same cases, by models that did not see them.",
            severity="note",
        ), None
    most = max(curve.expected, key=lambda one: one.cases)
    first, last = (float(one.mean or 0.0) for one in (curve.measured[0], curve.measured[-1]))
    if last < first - WORTH:  # the curve cannot fall, so its gain of 0 would say nothing
        return Problem(
            "loop-dice-fell",
            "Whether another round is worth it cannot be said: on the {count} {count:~case|cases} that the rounds share, the "
            "Dice fell from {first:.3f} to {last:.3f} as cases were added; look at the newest annotations.",
            {"count": curve.shared or curve.measured[-1].n, "first": first, "last": last},
            "note",
        ), None
    worth = most.gain >= WORTH
    if not worth and most.high >= WORTH:
        return Problem(
            "loop-gain-open",
            "Whether another round is worth it cannot be said yet: {more} more annotated cases may bring up to {high:+.3f} "
            "Dice, and the {count} {count:~case|cases} that the rounds share are too few to tell.",
            {"more": most.cases - round(curve.now), "high": most.high, "count": curve.shared or curve.measured[-1].n},
            "note",
        ), None
    facts = {
        "more": most.cases - round(curve.now),
        "gain": most.gain,
        "low": most.low,
        "high": most.high,
        "worth": worth,
        "corrected": corrected,
        "undrawn": not drawn,
        "sure": most.low >= WORTH if worth else most.high < WORTH,
    }
    return Problem(
        "loop-another-round",
        "Another round is {worth:?worth it|hardly worth it}{sure:?|, as far as so few cases tell}: {more} more annotated "
        "cases are expected to bring {gain:+.3f} Dice (95 % interval {low:+.3f} to {high:+.3f})"
        "{corrected:?. Cases that began as predictions are in this, and their scores may be too good|}"
        "{undrawn:?. None of the cases that all rounds share was drawn at random, so they may be easier or harder than your "
        "other scans|}.",
        facts,
        "note",
    ), worth


def sentence_of(one: Round) -> Problem:
    """A round in a sentence."""
    fields = {"name": one.name, "cases": one.annotated, "said": _said(one)}
    return Problem("loop-round", "{name}: {cases} annotated {cases:~case|cases}, {said}.", fields, "note")


def _said(one: Round) -> Problem:
    if one.strategy is None:
        return Problem("loop-round-state", "{state}", {"state": one.state}, "note")
    fields = {"strategy": one.strategy, "minutes": (one.seconds or 0.0) / 60}
    if one.dice is None:
        return Problem("loop-round-unscored", "`{strategy}`, nothing was scored, {minutes:.1f} minutes", fields, "note")
    fields |= {"dice": one.dice, "is_shared": one.shared_dice is not None, "shared": one.shared_dice or 0.0}
    return Problem(
        "loop-round-scored",
        "`{strategy}`, Dice {dice:.3f} on cases that the models did not see{is_shared:?, {shared:.3f} on the shared ones|}, "
        "{minutes:.1f} minutes",
        fields,
        "note",
    )


def sentence_of_change(one: Change) -> Problem:
    """What a round has changed, in a sentence."""
    low, high = one.interval or (0.0, 0.0)
    return Problem(
        "loop-round-change",
        "Against {before}, on the same {count} {count:~case|cases}: {mean:+.3f} Dice{is_sure:? (95 % interval {low:+.3f} to "
        "{high:+.3f})|, too few for an interval}{corrected:?; cases that began as predictions are among them, and their "
        "scores may be too good|}.",
        {
            "before": one.before,
            "count": one.cases,
            "mean": one.mean,
            "is_sure": one.interval is not None,
            "low": low,
            "high": high,
            "corrected": one.corrected,
        },
        "note",
    )


def sentence_of_reannotated(cases: Sequence[str]) -> Problem:
    """That rounds are not compared on cases whose annotation was changed between them, and what to do.

    Args:
        cases: What the cases are called.
    """
    return Problem(
        "loop-annotation-changed",
        "The annotation of {cases:~case|cases} {cases:…`} was changed between rounds, so the rounds before and after that "
        "are not compared on {cases:~it|them}; a further round scores {cases:~it|them} anew, and is compared with the last "
        "one on {cases:~it|them}, too.",
        {"cases": tuple(cases)},
        "note",
    )
