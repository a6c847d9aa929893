"""A job that recommends a strategy: its rounds are run within their budget, and the model that they recommend is trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from TransferSegLib.core.errors import JobError
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.guesses import GUESSED_STEP_S, SEGMENT_S
from TransferSegLib.jobs.recommended import LAST_ROUND, RECOMMENDATION, stored_recommendation
from TransferSegLib.jobs.results import leave_out, left_out
from TransferSegLib.jobs.round_budget import RoundBudget, trainings_in
from TransferSegLib.jobs.rounds import SCORED_AS, SHARES, Rounds
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import NOT_FINITE, JobRun, NotFiniteError, Unit
from TransferSegLib.training.loop import DEFAULT_STEPS
from TransferSegLib.transfer.strategies import STRATEGIES

# Does a unit with the settings of a run, unless it has a result; it is told the folds that choose together with it.
Execute = Callable[[JobRun, Sequence[Unit], Unit], None]


class Recommending:
    """Runs the rounds of a job, and trains what they recommend.

    Attributes:
        run: What the units share.
        folds: The folds of the job; without any, nothing can be compared, and the first candidate is trained.
        budget: How long each round is.
    """

    def __init__(self, run: JobRun, folds: Sequence[Fold], execute: Execute, began: float) -> None:
        """Make it; nothing is computed yet.

        Args:
            run: What the units share.
            folds: The folds of the job.
            execute: Does a unit, unless it has a result.
            began: When this run of the job began, by `time.monotonic`.
        """
        self.run, self.folds, self._execute = run, tuple(folds), execute
        self.budget = RoundBudget(run, self.folds, began)
        self._planned = expected_parts(run.context, self.folds, run.device)
        self._shown: set[str] = set()

    def to_the_end(self) -> StrategyChoice:
        """Do what is not done yet.

        Returns:
            The strategy whose model is kept.

        Raises:
            JobError: A training blew up and nothing is left to recommend, or a file cannot be written.
            Cancelled: The job was asked to stop.
        """
        run = self.run
        # Its folds come first: by them it is chosen what is done with the labels that it finds in the test cases.
        for of_source in Rounds(run.job, run.context, self.folds).source_units() if self.folds else ():
            self._do(run, of_source)
        before = [choice for choice in run.context.tried if choice.key == BASELINE and run.context.tests]
        for choice in before:  # what was there before says so on the test cases, too
            self._do(run, Unit(choice, None))
        while True:
            made = self._run_rounds() if self.folds else self._without_rounds()
            kept = next(choice for choice in run.context.tried if choice.key == made.chosen)
            options = self.budget.options(made.round) if made.round else run.options
            try:
                self._do(
                    replace(run, kept=kept, options=options),
                    Unit(kept, None, round=made.round or None, scored_as=SCORED_AS),
                )
                return kept
            except JobError as error:
                self._leave_out(kept, error)

    def _run_rounds(self) -> Recommendation:
        """Run what the rounds lack, and store what they recommend."""
        rounds = self.budget.rounds
        while (unit := rounds.missing()) is not None:
            assert unit.round is not None
            self._show(rounds, unit.round)
            options = self.budget.options(unit.round)
            try:
                together = [one for one in rounds.units(unit.round) if one.share_as == unit.share_as]
                self._do(replace(self.run, options=options), unit, together)
            except JobError as error:
                self._leave_out(error.choice if isinstance(error, NotFiniteError) else unit.choice, error)
        for number in rounds.numbers:
            self._show(rounds, number)
        self.run.progress.replace({part: 0.0 for part in self._planned if part.startswith("round-")}, {})
        rounds.take_over()
        return self._stored(rounds.recommend())

    def _without_rounds(self) -> Recommendation:
        trained = [choice for choice in self.run.context.tried if STRATEGIES[choice.name].trains]
        left = [choice for choice in trained if choice.key not in left_out(self.run.job)]
        return self._stored(Recommendation(left[0].key, LAST_ROUND, by="nothing"))

    def _stored(self, made: Recommendation) -> Recommendation:
        if stored_recommendation(self.run.job) != made:
            self.run.job.save_result(RECOMMENDATION, to_json(made))
            self.run.log.tell("choice", made.problem, strategy=made.chosen, recommended=to_json(made))
        return made

    def _do(self, run: JobRun, unit: Unit, together: Sequence[Unit] = ()) -> None:
        if run.job.load_result(unit.name) is not None:
            return
        began = time.monotonic()
        self._execute(run, together, unit)
        self.budget.finished(unit, time.monotonic() - began)

    def _leave_out(self, choice: StrategyChoice, error: JobError) -> None:
        """Go on without a strategy whose training blew up.

        Raises:
            JobError: It is another error, or nothing would be left to recommend.
        """
        rounds = Rounds(self.run.job, self.run.context, self.folds)
        others = [one for one in rounds.candidates if one.key != choice.key]
        if error.code != NOT_FINITE or not (others or (self.folds and rounds.compares_with_source)):
            raise error
        self.run.log.warn(leave_out(self.run.job, choice, error.problem))
        gone = {part: 0.0 for part in self._shown if part.startswith(f"{choice.slug}_") or part == choice.slug}
        self.run.progress.replace(gone, {})

    def _show(self, rounds: Rounds, number: int) -> None:
        """Replace the provisional parts of a round, in the progress, by its units, once these are known."""
        provisional = {part: 0.0 for part in self._planned if part.startswith(f"round-{number}.")}
        units = rounds.units(number)
        seconds = sum(self._planned[part] for part in provisional)
        known: dict[str, float] = {}
        for unit in units:
            assert unit.fold is not None
            segment_s = SEGMENT_S * len(unit.fold.held_out)
            known[f"{unit.name}.train"] = max(0.1, seconds / len(units) - segment_s)
            known[f"{unit.name}.segment"] = segment_s
        known = {part: s for part, s in known.items() if part not in self._shown}
        self.run.progress.replace(provisional, known)
        self._shown |= known.keys()
        for unit in units:
            for part in (f"{unit.name}.train", f"{unit.name}.segment"):
                if part in known and rounds.result(unit) is not None:
                    self.run.progress.resume(part, 1.0)


def expected_parts(context: JobContext, folds: Sequence[Fold], device: str) -> dict[str, float]:
    """The parts of a job that recommends a strategy, as far as they are known before it begins: name → estimated seconds.

    A round whose units are not known yet is a part for its trainings and one for its segmentations.

    Args:
        context: What the job adapts to what.
        folds: Its folds.
        device: The device that is computed on.
    """
    direct = [choice for choice in context.tried if choice.key == BASELINE]
    trained = [choice for choice in context.tried if STRATEGIES[choice.name].trains]
    held_out = sum(len(fold.held_out) for fold in folds)
    parts = {f"{Unit(c, fold).name}.segment": SEGMENT_S * len(fold.held_out) for c in direct for fold in folds}
    if context.tests:
        parts |= {f"{Unit(c, None).name}.segment": Unit(c, None).segmenting(context) * SEGMENT_S for c in direct}
    counts = {n: trainings_in(n, len(trained), len(folds)) for n in SHARES}
    whole_s = training_s(context, counts, device)
    for number, count in counts.items():
        if count:
            parts[f"round-{number}.all.train"] = whole_s * SHARES[number] * count
            parts[f"round-{number}.all.segment"] = SEGMENT_S * held_out * count / len(folds)
    final = Unit(trained[0], None, scored_as=SCORED_AS)
    return parts | {f"{final.name}.train": whole_s, f"{final.name}.segment": final.segmenting(context) * SEGMENT_S}


def training_s(context: JobContext, counts: Mapping[int, int], device: str, step_s: float = GUESSED_STEP_S) -> float:
    """About how long a training in full takes, in seconds, as the minutes of the job or its steps say.

    Args:
        context: What the job adapts to what.
        counts: The number of each round → how many trainings it has.
        device: The device that is computed on.
        step_s: What a step takes.
    """
    options = context.spec.training
    if options.minutes is not None:
        return options.minutes * 60 / (1 + sum(SHARES[n] * count for n, count in counts.items()))
    steps = options.steps or DEFAULT_STEPS[device.split(":")[0]]
    return steps * step_s
