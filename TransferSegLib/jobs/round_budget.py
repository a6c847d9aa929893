"""How long each round of a job that recommends a strategy takes: within its minutes, or as many steps as were asked for.

Minutes are those of the whole job, with all rounds, the final model and the report. Before each round, the steps are worked
out that the time left allows, from what steps and all else were measured to take. They are stored, so that a resumed job has
the same.
"""

from __future__ import annotations

import functools
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.choices import trained_fold
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.guesses import GUESSED_STEP_S
from TransferSegLib.jobs.recommended import LAST_ROUND, SHARES
from TransferSegLib.jobs.rounds import GO_ON, WAYS, Rounds
from TransferSegLib.jobs.segmenting_time import SegmentingTime
from TransferSegLib.jobs.settings import load_settings
from TransferSegLib.jobs.unit import JobRun, Unit
from TransferSegLib.jobs.unit_blending import CASES_LOOKED_AT
from TransferSegLib.jobs.unit_blending import SHARES as ADAPTED_SHARES
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.training.loop import DEFAULT_BATCH, DEFAULT_STEPS
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.blending import LIKELY_SHARES
from TransferSegLib.transfer.strategies import STRATEGIES

CLOCK = "round-clock"
# Where the longest trainings would have fewer steps than this, fewer candidates are tried instead.
LEAST_STEPS = 100
# Where even with one candidate they would have fewer than this, nothing is compared: so short a training says nothing.
FEWEST_STEPS = 20
# The only training has at least so many then, also beyond the minutes: a model of a step or two is no adapted model.
LEAST_ALONE = 20
# Python and PyTorch are loaded before a job begins, and scores and report are written after the last training; and what is
# measured is not quite what comes.
BEFORE_S, REPORT_S, MARGIN = 4.0, 5.0, 0.95
# How many times as long as running the network a step takes.
BACK_AND_FORTH = 3
# What a training takes beside its steps and segmentations, until one was measured.
OVERHEAD_S = 1.0


@dataclass(frozen=True)
class Clock:
    """What a job has taken so far, over all its runs, and what was planned from it.

    Attributes:
        spent_s: The seconds that it took.
        units: The name of each finished unit → its seconds, all included.
        most: How many candidates there is time for; None while that is not planned.
        steps: The number of each round that is planned → its steps.
        shares: The number of each round that has begun → its share of a full training's steps, where no minutes are given.
        step_s: The seconds that a step takes at least, once rounds began anew: their trainings are gone.
        segmenting: How long segmenting a case takes, as it was measured before anything was; None without minutes.
        compares: Whether there is time to compare anything; None while that is not decided.
        least_minutes: The minutes of the whole job that suffice for that, as it was measured then; None while they do.
    """

    spent_s: float = 0.0
    units: dict[str, float] = field(default_factory=dict)
    most: int | None = None
    steps: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    step_s: float = 0.0
    segmenting: SegmentingTime | None = None
    compares: bool | None = None
    least_minutes: int | None = None


def guessed_step_s(segmenting: SegmentingTime, options: TrainingOptions) -> float:
    """Guess how long a step of training takes.

    Args:
        segmenting: How long the network takes to segment a window.
        options: The training settings; the batch size counts.

    Returns:
        Seconds.
    """
    return BACK_AND_FORTH * (options.batch_size or DEFAULT_BATCH) * segmenting.window_s * BESIDE_THE_STEP


def passes_of_training(held_out: int, trained_on: int) -> int:
    """How many times at most a fold's network is run over a case to score what there is to choose from.

    That is each share of the adapted weights on the cases that the fold holds out, and each that may be the default on some
    of those that it was trained on.

    Args:
        held_out: How many cases the fold holds out.
        trained_on: How many it is trained on.
    """
    return len(ADAPTED_SHARES) * held_out + len(LIKELY_SHARES) * min(CASES_LOOKED_AT, trained_on)


def options_of_round(options: TrainingOptions, share: float, device: str) -> TrainingOptions:
    """The training settings of a round whose budget are steps or epochs.

    Args:
        options: Those of a training in full.
        share: The share of a full training's steps that the round has.
        device: The device that is computed on.
    """
    if share == 1:
        return options
    if options.epochs is not None:
        return replace(options, epochs=max(1, round(options.epochs * share)))
    return replace(options, steps=max(1, round((options.steps or DEFAULT_STEPS[device.split(":")[0]]) * share)))


def steps_of_rounds(options: TrainingOptions, last: float, is_open: bool, device: str) -> Problem:
    """How many steps or epochs a training of each round takes, in a sentence.

    Args:
        options: The settings of a training in full, whose budget are steps or epochs.
        last: The share of them that the last round has.
        is_open: Whether the first round may show that it needs all.
        device: The device that is computed on.
    """
    of_rounds = [options_of_round(options, share, device) for share in (SHARES[1], last)]
    in_epochs = options.epochs is not None
    whole = options.epochs or options.steps or DEFAULT_STEPS[device.split(":")[0]]
    first, second = (one.epochs if in_epochs else one.steps or whole for one in of_rounds)
    return Problem(
        "steps-of-rounds",
        "Of the {all:,} {epochs:?epochs|steps} {given:?that were given|of a training in full}, each training of the first "
        "round takes {first:,}, and each of the second {is_all:?all|{second:,}}{is_open:?, or all where the first show that "
        "the source model does not cope|}",
        {
            "all": whole,
            "epochs": in_epochs,
            "given": in_epochs or options.steps is not None,
            "first": first,
            "second": second,
            "is_all": second == whole,
            "is_open": is_open,
        },
        "note",
    )


def trainings_in(number: int, candidates: int, folds: int) -> int:
    """Count the trainings that a round has at least; it has more where the folds disagree.

    Args:
        number: The round.
        candidates: The number of strategies that are tried.
        folds: The number of folds.

    Returns:
        The number; 0 without folds, and for a round that is left out.
    """
    rounds = [n for n in SHARES if n == LAST_ROUND or candidates > GO_ON[n + 1]]
    if number not in rounds:
        return 0
    return folds * (candidates if number == rounds[0] else min(candidates, GO_ON[number]))


def trainings_in_full(counts: Mapping[int, int]) -> float:
    """How many trainings in full have as many steps as some rounds and the training of the kept model, which is no longer.

    Args:
        counts: The number of each round → how many trainings it has.
    """
    return SHARES[LAST_ROUND] + sum(SHARES[n] * count for n, count in counts.items())


class RoundBudget:
    """Says how long each round of a job is.

    Attributes:
        run: What the units share; the minutes of its options are those of the whole job.
        folds: The folds of the job.
    """

    def __init__(self, run: JobRun, folds: Sequence[Fold], began: float) -> None:
        """Make the budget.

        Args:
            run: What the units share.
            folds: The folds of the job.
            began: When this run of the job began, by `time.monotonic`.
        """
        self.run, self.folds, self._began = run, tuple(folds), began
        stored = run.job.load_result(CLOCK)
        self._clock = Clock() if stored is None else from_json(Clock, stored, CLOCK)
        self._earlier_s = self._clock.spent_s

    @functools.cached_property
    def rounds(self) -> Rounds:
        """The rounds, with as many candidates as there is time for; to be asked once the source model is scored."""
        return Rounds(self.run.job, self.run.context, self.folds, self._most())

    def suffices(self, measure: Callable[[], SegmentingTime]) -> bool:
        """Whether the minutes suffice to compare one candidate at least with the source model, in all folds.

        It is decided once, before anything is segmented.

        Args:
            measure: Measures how long segmenting a case takes.
        """
        if not self.folds or self.run.options.minutes is None:
            return bool(self.folds)
        if self._clock.segmenting is None:
            self._keep(segmenting=measure())
        if self._clock.compares is None:
            compares = SHARES[LAST_ROUND] * self._whole_steps(1, 1, {}) >= FEWEST_STEPS
            self._keep(compares=compares, least_minutes=None if compares else self._least_minutes())
        return bool(self._clock.compares)

    @property
    def least_minutes(self) -> int | None:
        """The minutes that suffice to compare anything, where those that were given do not; None where that is not known."""
        return self._clock.least_minutes

    def _least_minutes(self) -> int:
        """The whole minutes of a job like this one that suffice for the fewest steps with one candidate."""
        counts = {n: trainings_in(n, 1, len(self.folds)) for n in SHARES}
        needed_s = FEWEST_STEPS / SHARES[LAST_ROUND] * self._step_s(1) * trainings_in_full(counts)
        return math.ceil((needed_s + self._taken_s(counts, 1)) / (60 * MARGIN))

    def _taken_s(self, counts: dict[int, int], candidates: int) -> float:
        """The seconds that a job takes beside the steps of some rounds: what it took so far, and what is not training."""
        spent_s = self._earlier_s + time.monotonic() - self._began
        return BEFORE_S + REPORT_S + spent_s + self._beside_s(counts, min(WAYS, candidates))

    def options(self, number: int) -> TrainingOptions:
        """The training settings of a round."""
        options = self.run.options
        if options.minutes is None and not self.folds:
            return options  # nothing is compared, and the only training is one in full
        if options.minutes is None:
            return options_of_round(options, self._share_of_steps(number), self.run.device)
        if str(number) not in self._clock.steps:
            trainings = {n: len(self.rounds.trainings(n)) if n == number and self.folds else None for n in SHARES}
            whole = self._whole_steps(number, len(self.rounds.candidates), trainings)
            steps = max(1 if self.folds else LEAST_ALONE, int(SHARES[number] * whole))
            self._keep(steps={**self._clock.steps, str(number): steps})
        return replace(options, minutes=None, steps=self._clock.steps[str(number)])

    def finished(self, unit: Unit, seconds: float) -> None:
        """Note what a unit took, all included.

        Args:
            unit: The unit.
            seconds: How long it took.
        """
        self._keep(units={**self._clock.units, unit.name: round(seconds, 3)})

    def _share_of_steps(self, number: int) -> float:
        """Of a full training's steps, the share in a round: once it began, also if a strategy is left out since."""
        if str(number) not in self._clock.shares:
            self._keep(shares={**self._clock.shares, str(number): self.rounds.share_of_steps(number)})
            if number == LAST_ROUND:
                self.tell_steps()
        return self._clock.shares[str(number)]

    def tell_steps(self) -> None:
        """Say how many of the steps that were given each round takes, where no minutes were given and there are two."""
        if self.run.options.minutes is not None or not self.folds or self.rounds.numbers[0] == LAST_ROUND:
            return
        share = self._clock.shares.get(str(LAST_ROUND))
        is_open = share is None and self.rounds.first_round_decides_steps
        last = SHARES[LAST_ROUND] if is_open else share or 1.0
        self.run.log.tell("choice", steps_of_rounds(self.run.options, last, is_open, self.run.device))

    def begin_anew(self) -> None:
        """Plan all rounds again, within the time that is left: their trainings do not count."""
        self._keep(steps={}, shares={}, most=None, step_s=self._step_s())
        self.read_again()

    def read_again(self) -> None:
        """Read the rounds' results again: some were deleted."""
        self.__dict__.pop("rounds", None)

    def compare_nothing(self) -> None:
        """Go on without folds: all of the minutes are those of the one training."""
        self.folds = ()
        self.__dict__.pop("_rounds_of_all", None)
        self.read_again()

    def _keep(self, **fields: object) -> None:
        spent_s = round(self._earlier_s + time.monotonic() - self._began, 3)
        self._clock = replace(self._clock, spent_s=spent_s, **fields)  # type: ignore[arg-type]
        self.run.job.save_result(CLOCK, to_json(self._clock))

    def _most(self) -> int | None:
        """How many candidates there is time for; None where time is no limit."""
        if self.run.options.minutes is None:
            return None
        if self._clock.most is None:
            most = len(Rounds(self.run.job, self.run.context, self.folds).candidates)
            while most > 1 and SHARES[LAST_ROUND] * self._whole_steps(1, most, {}) < LEAST_STEPS:
                most -= 1
            self._keep(most=most)
            self._tell_what_is_left_out(Rounds(self.run.job, self.run.context, self.folds, most).short_of_time)
        return self._clock.most

    def _tell_what_is_left_out(self, keys: Sequence[str]) -> None:
        """Say what there is no time to try, and warn where that is all that would learn from scans without labels."""
        if not keys:
            return
        run, minutes = self.run, self.run.options.minutes
        said = Problem(
            "candidates-short-of-time",
            "{minutes:g} {minutes:~minute is|minutes are} too few to try all ways of training on this computer: "
            "{strategies:…`} {strategies:~is|are} left out; give more minutes to have {strategies:~it|them} tried",
            {"minutes": minutes, "strategies": tuple(keys)},
            "note",
        )
        run.log.tell("choice", said)
        able = [choice for choice in run.context.tried if STRATEGIES[choice.name].needs_unlabelled]
        if able and all(choice.key in keys for choice in able):
            run.log.warn(
                Problem(
                    "unlabelled-short-of-time",
                    "{option} changes nothing, because there is no time to try {strategies:…`}; give more minutes",
                    {"option": "--use-unlabelled", "strategies": tuple(choice.key for choice in able)},
                    "warning",
                )
            )

    def _whole_steps(self, number: int, candidates: int, trainings: dict[int, int | None]) -> float:
        """The steps of a training in full for which the time that is left suffices from a round on.

        Args:
            number: The round that is next.
            candidates: How many candidates there are.
            trainings: The number of a round → how many trainings it has, where that is known.
        """
        assert self.run.options.minutes is not None
        counts = {n: trainings.get(n) or trainings_in(n, candidates, len(self.folds)) for n in SHARES if n >= number}
        left_s = self.run.options.minutes * 60 * MARGIN - self._taken_s(counts, candidates)
        return left_s / (self._step_s(candidates) * trainings_in_full(counts))

    def _beside_s(self, counts: dict[int, int], ways: int) -> float:
        """What the units of some rounds, the source model's and the final one take beside their steps.

        Args:
            counts: The number of each round → how many trainings it has.
            ways: How many ways of training are segmented and scored in full.
        """
        context, segmenting = self.run.context, self._clock.segmenting or SegmentingTime()
        direct = [unit.name for unit in self._rounds_of_all.source_units()]
        taken = [self._clock.units[name] for name in direct if name in self._clock.units]
        scored = len(context.training_cases)
        is_known = bool(taken) and len(taken) == len(direct)
        # The source model's cases are run over once more, without copies.
        case_s = sum(taken) / scored if is_known else segmenting.case_s + segmenting.pass_s
        pass_s, trained = segmenting.pass_s, self._trained()
        if is_known:  # as much longer or shorter as the source model's cases took
            pass_s *= case_s / (segmenting.case_s + segmenting.pass_s)
        if trained:
            unit_s = statistics.fmean(all_s - steps_s for all_s, steps_s, _ in trained)
        else:
            passes = [passes_of_training(len(fold.held_out), scored - len(fold.held_out)) for fold in self.folds]
            unit_s = OVERHEAD_S + pass_s * max(passes, default=0)
        # Without folds the final model chooses its share of the adapted weights for itself.
        final_s = OVERHEAD_S + (0.0 if self.folds else pass_s * passes_of_training(0, scored))
        others = 2 * len(context.tests) + len(context.unlabelled) + (ways * scored if self.folds else 0)
        if context.is_ensemble:  # the kept model segments with those of the folds
            others += (len(context.tests) + len(context.unlabelled)) * len(self.folds)
        others += scored if self.folds and not is_known else 0
        return unit_s * sum(counts.values()) + final_s + case_s * others

    @functools.cached_property
    def _rounds_of_all(self) -> Rounds:
        return Rounds(self.run.job, self.run.context, self.folds)

    def _trained(self) -> list[tuple[float, float, int]]:
        """(seconds, seconds of the steps, steps) of each unit of a round that is finished."""
        found = []
        for name, seconds in self._clock.units.items():
            stored = trained_fold(self.run.job, name)
            if stored is not None and stored.seconds and stored.losses:
                found.append((seconds, stored.seconds, len(stored.losses)))
        return found

    def _step_s(self, candidates: int | None = None) -> float:
        """The seconds of a step of some candidates: the longest of those that were taken, else the longest that was measured.

        Args:
            candidates: How many candidates; None for all.
        """
        trained = self._trained()
        if trained:
            return max(self._clock.step_s, *(steps_s / steps for _, steps_s, steps in trained))
        choices = self._rounds_of_all.candidates[:candidates]
        measured = (load_settings(self.run.job, choice) for choice in choices)
        found = [one.step_s for one in measured if one is not None and one.step_s is not None]
        if found:
            return max(self._clock.step_s, max(found) * BESIDE_THE_STEP)
        if self._clock.segmenting is None:
            return max(self._clock.step_s, GUESSED_STEP_S)
        return max(self._clock.step_s, guessed_step_s(self._clock.segmenting, self.run.options))
