"""A job that recommends a strategy: its rounds are run within their budget, and the model that they recommend is trained."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import JobError, NotFinite
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.choice import Choice
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.recommendation import COPES_DICE, Recommendation
from TransferSegLib.jobs.choices import ADAPTED_SHARE, chosen_of, drop_choice, save_choice
from TransferSegLib.jobs.conditions import has_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.fold_models import drop_folds
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.guesses import GUESSED_STEP_S, SEGMENT_S
from TransferSegLib.jobs.label_choices import drop_label_choices
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.jobs.recommended import LAST_ROUND, RECOMMENDATION, SHARES, stored_recommendation
from TransferSegLib.jobs.results import leave_out, left_out, seen_by_source, unit_result
from TransferSegLib.jobs.round_budget import RoundBudget, trainings_in, trainings_in_full
from TransferSegLib.jobs.rounds import SCORED_AS, WAYS, Rounds
from TransferSegLib.jobs.segmenting_time import SegmentingTime, time_segmenting
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import NOT_FINITE, JobRun, Unit
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.training.loop import DEFAULT_STEPS
from TransferSegLib.transfer.strategies import STRATEGIES

# Why nothing is compared, see `Recommendation.by`.
Why = Literal["nothing", "seen", "time"]
# Does a unit with the settings of a run, unless it has a result; or trains it and no more.
Execute = Callable[[JobRun, Unit, bool], None]


class Recommending:
    """Runs the rounds of a job, and trains what they recommend.

    Attributes:
        run: What the units share.
        folds: The folds that compare; without any, nothing can be compared, and the first candidate is trained.
        budget: How long each round is.
    """

    def __init__(self, run: JobRun, budget: RoundBudget, execute: Execute, why: Why = "nothing") -> None:
        """Make it; nothing is computed yet.

        Args:
            run: What the units share.
            budget: How long each round is, and the folds that compare.
            execute: Does a unit, unless it has a result.
            why: Why no fold compares, where none does.
        """
        self.run, self.folds, self.budget = run, budget.folds, budget
        self._execute, self._why = execute, why
        self._planned = expected_parts(run.context, self.folds, run.device)

    def to_the_end(self) -> StrategyChoice:
        """Do what is not done yet.

        Returns:
            The strategy whose model is kept.

        Raises:
            JobError: A training blew up and nothing is left to recommend, or a file cannot be written.
            Cancelled: The job was asked to stop.
        """
        run = self.run
        self.budget.tell_steps()
        while True:
            final = self._run_rounds() if self.folds else self._without_rounds()
            options = self.budget.options(final.round) if final.round else run.options
            if not STRATEGIES[final.choice.name].trains:
                run.progress.replace({f"{final.name}.train": 0.0}, {})
            try:
                self._do(replace(run, kept=final.choice, options=options), final)
                return final.choice
            except JobError as error:
                self._leave_out(final.choice, error)

    def _run_rounds(self) -> Unit:
        """Run what the rounds lack, store what they recommend, and say how the kept model is made."""
        self._score_source()
        self._begin_anew_in_one_precision()
        rounds = self.budget.rounds
        number = 0
        while (unit := rounds.missing()) is not None:
            assert unit.round is not None
            if unit.round != number:
                number = unit.round
                drop_folds(self.run.job, rounds.of_use() | self._under_way(rounds, number))
                self._show(f"round-{number}.", "train", rounds.trainings(number))
            try:
                self._do(self._in_round(unit), unit, train_only=True)
            except JobError as error:
                self._leave_out(unit.choice, error)
            if self._begin_anew_in_one_precision():
                rounds, number = self.budget.rounds, 0
        drop_folds(self.run.job, rounds.of_use() | {SCORED_AS.slug})
        to_score = rounds.to_score()
        self._show("scores.", "segment", to_score)
        for unit in to_score:
            try:
                self._do(self._in_round(unit), unit)
            except JobError as error:
                self._leave_out(unit.choice, error)
                return self._run_rounds()
        self.run.progress.replace({part: 0.0 for part in self._planned if part.startswith(("round-", "scores."))}, {})
        rounds.take_over()
        self._store_share(rounds.chosen_share())
        self._store(rounds.recommend())
        return rounds.final()

    def _store_share(self, share: Choice | None) -> None:
        """Store the share of the adapted weights that the folds chose for the kept model, and tell it."""
        job = self.run.job
        before = chosen_of(job, ADAPTED_SHARE, SCORED_AS)
        if share is None and before is not None and before.by == "out-of-fold":  # of a strategy that was left out since
            drop_choice(job, ADAPTED_SHARE, SCORED_AS)
        if share is not None and share != before:
            save_choice(job, SCORED_AS, share)
            self.run.log.tell("choice", share.problem, strategy=share.strategy, adapted_share=float(share.chosen))

    def _score_source(self) -> None:
        """Score the source model as it is.

        Its folds come first: by them it is chosen what is done with the labels that it finds in the test cases.
        """
        for unit in Rounds(self.run.job, self.run.context, self.folds).source_units():
            self._do(self.run, unit)
        self._test_source()

    def _test_source(self) -> None:
        """Score the source model as it is on the test cases: what was there before says so on them, too.

        The cases without labels wait for the model that is kept.
        """
        for choice in self.run.context.tried:
            if choice.key == BASELINE and self.run.context.tests:
                self._do(replace(self.run, kept=SCORED_AS), Unit(choice, None))

    def _in_round(self, unit: Unit) -> JobRun:
        assert unit.round is not None
        return replace(self.run, options=self.budget.options(unit.round))

    @staticmethod
    def _under_way(rounds: Rounds, number: int) -> set[str]:
        return {unit.trained_as.slug for unit in rounds.trainings(number)}

    def _begin_anew_in_one_precision(self) -> bool:
        """Begin the rounds anew where some of their trainings were in another precision than the job has by now.

        A training that blows up begins again in float32, which is the job's precision from then on. Scores are compared in
        one precision alone. The source model as it is, which is quick, is scored again in any case.

        Returns:
            Whether anything was scored in another precision.
        """
        run, rounds = self.run, self.budget.rounds
        of_source = [*rounds.source_units(), *(Unit(unit.choice, None) for unit in rounds.source_units()[:1])]
        scored = [unit for unit in of_source if run.job.load_result(unit.name) is not None]
        alike = all(has_conditions(unit_result(run.job, unit.name), run.conditions) for unit in scored)
        if not self._begin_anew(rounds) and alike:
            return False
        for unit in scored:
            run.job.drop_result(unit.name)
        for choice in (SCORED_AS, *(unit.choice for unit in scored[:1])):
            drop_label_choices(run.job, choice)
        self.budget.read_again()
        self._score_source()
        return True

    def _begin_anew(self, rounds: Rounds) -> bool:
        """Delete what the rounds did where some of it was in another precision than the job has by now, and say whether."""
        run, done = self.run, rounds.finished()
        records = [record for unit in done if (record := rounds.record(unit)) is not None]
        others = [one for one in records if one.settings["execution"]["precision"] != run.conditions.precision]
        if not others:
            return False
        run.log.warn(
            Problem(
                "rounds-begin-anew",
                "The rounds begin anew in {precision}: {count} of their trainings {count:~was|were} computed in another "
                "precision, and scores are compared in one alone",
                {"precision": run.conditions.precision, "count": len(others)},
                "warning",
            )
        )
        self.budget.begin_anew()
        for unit in rounds.to_score() if rounds.missing() is None else []:
            run.job.drop_result(unit.name)
        for unit in done:
            run.job.drop_result(f"trained.{unit.name}")
        drop_folds(run.job, ())
        return True

    def _without_rounds(self) -> Unit:
        """Say how the kept model is made where nothing can be compared: as it is, where the source model copes."""
        self._test_source()
        run = self.run
        cases, all_seen = self._cases_of_source()
        by: Why = "seen" if all_seen else self._why
        source, count = self._source_dice(cases), len(cases)
        least = self.budget.least_minutes if by == "time" else None
        if source is not None and source >= COPES_DICE:
            self._store(Recommendation(BASELINE, 0, by, cases=count, source_dice=source, least_minutes=least))
            return Unit(StrategyChoice(BASELINE), None, scored_as=SCORED_AS)
        trained = [choice for choice in run.context.tried if STRATEGIES[choice.name].trains]
        left = [choice for choice in trained if choice.key not in left_out(run.job)]
        made = Recommendation(left[0].key, LAST_ROUND, by, cases=count, source_dice=source, least_minutes=least)
        self._store(made)
        return Unit(left[0], None, round=LAST_ROUND, scored_as=SCORED_AS)

    def _cases_of_source(self) -> tuple[list[Case], bool]:
        """The annotated cases that say whether the source model copes, and whether it was trained on every one of them.

        On a case that it was trained on it looks better than elsewhere, so such cases are left out where there are others.
        """
        cases, seen = self.run.context.training_cases, seen_by_source(self.run.job)
        unseen = [case for case in cases if case.name not in seen]
        return (unseen, False) if unseen else (list(cases), bool(cases))

    def _source_dice(self, cases: Sequence[Case]) -> float | None:
        """The mean Dice of the source model as it is on some annotated cases, at its own voxel size.

        None where it lacks a label of them, or what it finds is not finite.
        """
        run, direct = self.run, StrategyChoice(BASELINE)
        known = direct in run.context.tried and not run.context.task.new_names and bool(cases)
        if not known:
            return None
        if (made := stored_recommendation(run.job)) is not None:
            return made.source_dice
        network = run.plans.make(direct, None).network.to(run.device).eval()

        def until_asked_to_stop() -> Iterator[PreparedCase]:
            for case in cases:
                run.models.stop_if_asked()
                yield run.prepared.get(case)

        try:
            return statistics.fmean(run.network_dice(source_labels=True).of_cases(network, until_asked_to_stop()))
        except NotFinite:  # so it does not cope
            return None
        finally:
            network.to("cpu")  # it leaves the GPU to what is trained

    def _store(self, made: Recommendation) -> None:
        if stored_recommendation(self.run.job) != made:
            self.run.job.save_result(RECOMMENDATION, to_json(made))
            self.run.log.tell("choice", made.problem, strategy=made.chosen, recommended=to_json(made))

    def _do(self, run: JobRun, unit: Unit, train_only: bool = False) -> None:
        if run.job.load_result(unit.name) is not None:
            return
        began = time.monotonic()
        self._execute(run, unit, train_only)
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
        drop_label_choices(self.run.job, SCORED_AS)  # other segmentations may be taken over now
        parts = {f"{unit.name}.train": 0.0 for n in SHARES for unit in self._trainings_of(choice, n)}
        self.run.progress.replace(parts, {})

    def _trainings_of(self, choice: StrategyChoice, number: int) -> list[Unit]:
        return [Unit(choice, fold, round=number) for fold in self.folds]

    def _show(self, begins: str, kind: str, units: Sequence[Unit]) -> None:
        """Replace a provisional part of the progress by those of its units, once these are known.

        Args:
            begins: How the provisional part's name begins.
            kind: What is done with the units: `train` or `segment`.
            units: The units.
        """
        provisional = {part: seconds for part, seconds in self._planned.items() if part.startswith(begins)}
        seconds = sum(provisional.values()) / max(1, len(units))
        known = {f"{unit.name}.{kind}": seconds for unit in units}
        if kind == "segment":  # what was trained in its round takes no time again
            known |= {f"{unit.name}.train": 0.0 for unit in units}
        self.run.progress.replace(provisional, known)
        for unit in units:
            if self.run.job.load_result(f"trained.{unit.name}" if kind == "train" else unit.name) is not None:
                self.run.progress.resume(f"{unit.name}.{kind}", 1.0)


def time_first_case(run: JobRun) -> SegmentingTime:
    """Measure how long segmenting the first case takes; the conditions of the job need not be decided.

    Args:
        run: What the units share.
    """
    choice, context = run.context.tried[0], run.context
    plan = run.plans.make(choice, None)
    network = plan.network.to(run.device).eval()
    execution = likely_execution(run.device, run.options.deterministic)
    own_labels, padding = plan.predicts_source_labels, context.card.inference.padding
    dice = NetworkDice(context.task, context.card.patch_size, execution, own_labels, padding)
    try:
        return time_segmenting(dice, network, run.prepared.get(context.training_cases[0]), context.card.inference)
    except NotFinite:  # the job says that later, and goes on in another precision
        return SegmentingTime()
    finally:
        network.to("cpu")


def expected_parts(context: JobContext, folds: Sequence[Fold], device: str) -> dict[str, float]:
    """The parts of a job that recommends a strategy, as far as they are known before it begins: name → estimated seconds.

    A round whose trainings are not known yet is one part, and so is what is segmented and scored after the rounds.

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
            parts[f"round-{number}.all.train"] = (whole_s * SHARES[number] + SEGMENT_S * held_out / len(folds)) * count
    if folds:
        parts["scores.all.segment"] = SEGMENT_S * held_out * WAYS
        whole_s *= SHARES[LAST_ROUND]
    final = Unit(trained[0], None, round=LAST_ROUND, scored_as=SCORED_AS)
    models = 1 + len(folds) if context.is_ensemble else 1
    final_s = final.segmenting(context) * SEGMENT_S * models
    return parts | {f"{final.name}.train": whole_s, f"{final.name}.segment": final_s}


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
        return options.minutes * 60 / trainings_in_full(counts)
    steps = options.steps or DEFAULT_STEPS[device.split(":")[0]]
    return steps * step_s
