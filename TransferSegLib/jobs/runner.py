"""The whole of a job: its checks, its units one after the other, the model that is kept, the scores and the report."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.choice import STEPS_SHARE
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.rate_choice import RateChoice
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.inference.windows import count_windows
from TransferSegLib.jobs.checking import CaseCheck, check_once
from TransferSegLib.jobs.choices import ADAPTED_SHARE, FEWEST_CASES, choose_part_of_steps, choose_share, chosen_of
from TransferSegLib.jobs.conditions import load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import EventLog, Progress, kept_fraction
from TransferSegLib.jobs.finishing import best_strategy, finish_job
from TransferSegLib.jobs.fold_models import drop_other_folds
from TransferSegLib.jobs.folder import DIGESTS, PARENT, SOURCE_DIGESTS, SPLIT, JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.guesses import GUESSED_STEP_S, PREPARE_S, REPORT_S, SEGMENT_S, TAKE_OVER_S
from TransferSegLib.jobs.models import JobModels
from TransferSegLib.jobs.plans import Plans
from TransferSegLib.jobs.post_processing import post_process_folds, to_segment
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.rates import (
    blown_up,
    choose,
    chosen_rate,
    drop_trials,
    note_blown_up,
    rates_of,
    take_over,
    take_over_snapshots,
)
from TransferSegLib.jobs.recommended import LAST_ROUND
from TransferSegLib.jobs.recommending import Recommending, Why, expected_parts, time_first_case
from TransferSegLib.jobs.results import leave_out, left_out, seen_by_source
from TransferSegLib.jobs.round_budget import RoundBudget
from TransferSegLib.jobs.same_conditions import decide_conditions, units_of_other_conditions, warn_of_other_trainings
from TransferSegLib.jobs.scored_folds import keep_scored_models
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.split import draw_folds, list_changes, refuse_changed_cases
from TransferSegLib.jobs.stored_split import stored_digests
from TransferSegLib.jobs.unit import NOT_FINITE, JobRun, Unit
from TransferSegLib.jobs.unit_run import UnitRun
from TransferSegLib.training.epochs import Size, patch_for, patches_in_epoch
from TransferSegLib.training.loop import DEFAULT_BATCH, case_sizes, steps_for
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.blending import can_blend
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        summary: All scores, which strategy won, and whether the kept model is below the source model.
        warnings: How many warnings there were, those of the checks included.
    """

    summary: Summary
    warnings: int


class JobRunner:
    """Runs one job to its end.

    What is finished is found in the job's folder and not done again.
    """

    def __init__(
        self,
        job: JobFolder,
        context: JobContext,
        log: EventLog,
        device: str,
        prepared: Path | None = None,
        with_report: bool = True,
    ) -> None:
        """Make the runner of a job; nothing is computed yet.

        Args:
            job: The job's folder, locked by this process.
            context: What the job adapts to what.
            log: The job's events.
            device: The device to compute on.
            prepared: A folder of prepared cases that several jobs share; None for the job's own.
            with_report: Whether the report is written at the end.
        """
        self._prepared_folder = job.state / "prepared" if prepared is None else prepared
        self._with_report = with_report
        self.job, self.context, self.log, self.device = job, context, log, device
        self._folds: tuple[Fold, ...] = ()
        self._choosing: dict[str, bool] = {}
        self.plans = Plans(context)
        self.models = JobModels(job, context, self.plans)

    def run(self) -> Outcome:
        """Do all that the job asks for.

        Raises:
            InputError: The cases or the source model cannot be used.
            JobError: The job failed and can be resumed.
            Cancelled: The job was asked to stop.
        """
        began = time.monotonic()
        found = self._check()
        context = self.context
        prepared = self._prepared(context.task)
        prepared_source = self._prepared_source()
        folds = self._folds = draw_folds(self.job, context, prepared)
        self._go_on_from_parent()
        if context.spec.recommends and not any(map(any, self._decide)):
            folds = ()
        units = self._with_trials(self._units(folds), folds)
        self._warn_of_idle_looks()
        self._say_who_decides()
        options = self._options(units, folds)
        estimates = {"prepare": PREPARE_S * len(self._to_prepare), "report": REPORT_S}
        for unit in units:
            estimates |= self._estimate(unit, unit.name, options)
        # Which strategy wins is not known yet; any that trains takes about as long.
        kept = context.spec.kept
        chooses = not kept and folds and not context.spec.recommends
        winner = self._estimate(Unit(context.spec.strategies[-1], None), "best", options) if chooses else {}
        estimates |= winner
        if context.spec.recommends:
            estimates |= expected_parts(context, folds, self.device)
        before = kept_fraction(self.log.path, self.job.kept_at())
        progress = Progress(self.log, estimates, self._done_before(units, estimates), fraction=before)
        if context.spec.recommends or any(self.job.load_result(unit.name) is None for unit in units):
            self._prepare(prepared, progress)
        progress.finish("prepare")
        self._plan_epochs(units, prepared, progress, options)
        run = JobRun(
            self.job,
            context,
            options,
            self.device,
            self.log,
            progress,
            prepared,
            prepared_source,
            self.plans,
            self.models,
            kept,
        )
        why: Why = "seen" if self._folds and not folds else "nothing"
        budget = RoundBudget(run, folds, began) if context.spec.recommends else None
        if budget is not None and folds:
            with _running():
                has_time = budget.suffices(lambda: time_first_case(run))
            if not has_time:
                progress.replace(expected_parts(context, folds, self.device), expected_parts(context, (), self.device))
                budget.compare_nothing()
                folds, why = (), "time"
        known = self._to_recommend(folds) if context.spec.recommends else units
        unfinished = [unit for unit in known if self.job.load_result(unit.name) is None]
        if unfinished:
            with _running():
                decide_conditions(run, unfinished)
                self._plan_copies(run, units)
        logged: set[str] = set()
        for problem in left_out(self.job).values():
            self.log.warn(problem)
        for unit, train_only in self._in_order(units):
            if unit.choice.key in left_out(self.job):
                progress.replace(self._estimate(unit, unit.name, options), {})
                continue
            if unit.rate is not None and unit.rate in blown_up(self.job, unit.choice):
                progress.replace(self._estimate(unit, unit.name, options), {})
                continue
            try:
                self._run_unit(run, unit, logged, train_only)
                if unit.fold is not None and unit.rate is None and not train_only:
                    self._post_process(run, unit.choice)
            except JobError as error:
                other_rates = unit.rate is not None and self._other_rates(unit)
                if error.code != NOT_FINITE or not (other_rates or self._goes_on_without(unit.choice)):
                    raise
                progress.replace(self._estimate(unit, unit.name, options), {})
                if unit.rate is not None and other_rates:
                    self.log.warn(note_blown_up(self.job, unit.choice, unit.rate, error.problem))
                else:
                    self.log.warn(leave_out(self.job, unit.choice, error.problem))
        self._bring_in_line(run, known, logged)
        if budget is not None:
            execute = functools.partial(self._run_in_round, logged=logged)
            kept = Recommending(run, budget, execute, why).to_the_end()
        if kept is None:
            kept = best_strategy(self.job, context)
            final = Unit(kept, None)
            if final not in units or not self.models.choose_candidate(kept):
                progress.replace(winner, self._estimate(final, final.name, options))
                self._run_unit(replace(run, kept=kept), final, logged)
                self._bring_in_line(run, units, logged)
        if load_conditions(self.job) is not None:
            warn_of_other_trainings(run)
        kept_as = StrategyChoice(AUTO) if context.spec.recommends and kept.key != BASELINE else kept
        with _running():
            keep_scored_models(run, kept_as, kept, folds)
        summary = finish_job(self.job, context, self.log, kept, self._with_report)
        self.job.drop_working_files()
        drop_other_folds(self.job, context.spec, kept_as)
        drop_trials(self.job, context.spec)
        progress.finish("report")
        return Outcome(summary, sum(problem.severity == "warning" for problem in found) + len(self.log.warnings))

    def _go_on_from_parent(self) -> None:
        """Where the job goes on from another one, make sure that no fold scores what its beginning has seen.

        Raises:
            InputError: One would, or the parent has other models than when the job began.
        """
        parent = self.context.parent
        if parent is None:
            return
        tests, validation = ([case.name for case in cases] for cases in (self.context.tests, self.context.validation))
        parent.refuse_leaks(self._folds, stored_digests(self.job, DIGESTS), tests, validation)
        stored = self.job.load_result(PARENT)
        if stored is None:
            self.job.save_result(PARENT, parent.weights)
        elif stored != parent.weights:
            raise InputError(
                "parent-changed",
                "{path}: has other models than when this job began from them; put that job back as it was, or start a new "
                "job.",
                path=parent.job.path,
            )

    def _check(self) -> list[Problem]:
        self.log.phase(Problem("phase-checking", "Checking the cases", severity="note"))
        found = check_once(CaseCheck.of_target(self.context), self.job, self.log, self.models.stop_if_asked)
        if self.context.needs_source_data:
            check = CaseCheck.of_source_data(self.context)
            found += check_once(check, self.job, self.log, self.models.stop_if_asked)
        return found

    def _prepared(self, task: LabelTask) -> PreparedCases:
        return PreparedCases(self._prepared_folder, self.job.path, self.context.card.preprocessing, task)

    def _prepared_source(self) -> PreparedCases | None:
        """The source's own cases, their labels seen as the target's classes; None where no strategy trains with them."""
        if not self.context.needs_source_data:
            return None
        data = self.context.source_data
        prepared = self._prepared(replace(self.context.task, target_classes=data.classes))
        if self.job.load_result(SPLIT) is not None:
            began = stored_digests(self.job, SOURCE_DIGESTS)
            changes = list_changes((case.name for case in data.cases.cases), began)
            refuse_changed_cases(data.cases.root, changes, data.training_cases, prepared, began)
        return prepared

    def _units(self, folds: Sequence[Fold]) -> list[Unit]:
        """The units in the order they are run.

        Where folds decide which strategy is kept, its final model is trained after them; else all are trained in full.
        """
        spec = self.context.spec
        if spec.recommends:  # which they are is seen as it goes
            return []
        units = [Unit(choice, fold) for fold in folds for choice in spec.strategies]
        if spec.kept is None and not folds:
            return units + [Unit(choice, None) for choice in spec.strategies]
        # The source model as it is says on the test cases, too, what was there before; without any scores, on the cases to
        # validate on.
        scored = self.context.tests or (self.context.validation and not folds)
        before = [c for c in spec.strategies if c.name == "direct" and c != spec.kept and scored]
        return units + [Unit(choice, None) for choice in (*before, *([spec.kept] if spec.kept else []))]

    def _to_recommend(self, folds: Sequence[Fold]) -> list[Unit]:
        """Of a job that recommends a strategy, the units of the source model as it is, and one of each other candidate.

        Without folds, the first candidate alone is trained.
        """
        fold = folds[0] if folds else None
        units = [Unit(choice, fold) for choice in self.context.tried if choice.key == BASELINE for fold in folds]
        trained = [choice for choice in self.context.tried if STRATEGIES[choice.name].trains]
        if fold is None:
            gone = left_out(self.job)
            return [Unit(choice, None) for choice in trained if choice.key not in gone][:1]
        return units + [Unit(choice, fold, round=LAST_ROUND) for choice in trained]

    def _with_trials(self, units: Sequence[Unit], folds: Sequence[Fold]) -> list[Unit]:
        """The units, after the trials of learning rates: in each fold, or of the final models where there are no folds."""
        spec = self.context.spec
        tried = [unit for unit in units if bool(folds) == (unit.fold is not None)]
        trials = [replace(unit, rate=rate) for unit in tried for rate in rates_of(spec, unit.choice)]
        return [*trials, *units]

    def _in_order(self, units: Sequence[Unit]) -> list[tuple[Unit, bool]]:
        """The units as they are worked on, and whether one is trained alone.

        Where all folds of a strategy decide with what each of them is scored, all are trained before the first is scored.
        """
        trials = [unit for unit in units if unit.rate is not None]
        first = [
            unit for unit in units if unit.rate is None and unit.fold is not None and self._folds_choose(unit.choice)
        ]
        others = [(unit, False) for unit in units if unit.rate is None]
        return [*((unit, False) for unit in trials), *((unit, True) for unit in first), *others]

    def _folds_choose(self, choice: StrategyChoice) -> bool:
        """Whether the folds say which share of the adapted weights the models of a strategy have."""
        if choice.key not in self._choosing:
            self._choosing[choice.key] = self._can_choose(choice)
        return self._choosing[choice.key]

    def _can_choose(self, choice: StrategyChoice) -> bool:
        context, training = self.context, self.context.spec.training
        if training.adapted_share is not None or len(self._folds) < 2 or context.validation:
            return False
        if sum(map(sum, self._decide)) < FEWEST_CASES or rates_of(context.spec, choice):
            return False
        return STRATEGIES[choice.name].trains and can_blend(context.outline(choice).mapping)

    @functools.cached_property
    def _decide(self) -> list[list[bool]]:
        """For each fold, whether each case that it holds out may decide what is chosen by scores.

        On a case that the source model was trained on it looks better than elsewhere, and so does what is near to it.
        """
        seen, cases = seen_by_source(self.job), self.context.training_cases
        return [[case.name not in seen for case in cases if case.name in fold.held_out] for fold in self._folds]

    def _say_who_decides(self) -> None:
        """Say that some cases have no say in what is chosen by scores, where there are such."""
        decide = [may for fold in self._decide for may in fold]
        trains = any(STRATEGIES[choice.name].trains for choice in self.context.spec.strategies)
        if all(decide) or not trains or self.context.spec.source is None:
            return
        said = Problem(
            "seen-cases-choose-nothing",
            "{seen} of {count} annotated cases {seen:~was|were} in the training of the source model and {seen:~has|have} no "
            "say in what is chosen by scores{none:?, so that the folds choose nothing{rates:? but a learning rate|}|}",
            {
                "seen": decide.count(False),
                "count": len(decide),
                "none": not any(decide),
                "rates": bool(self.context.spec.training.learning_rates),
            },
            "note",
        )
        self.log.tell("choice", said)

    def _choose_share(self, choice: StrategyChoice, units: Sequence[Unit]) -> None:
        """Choose the share of the adapted weights of a strategy whose folds are trained, unless it is chosen.

        Args:
            choice: The strategy.
            units: Its folds.
        """
        chosen = chosen_of(self.job, ADAPTED_SHARE, choice) is not None
        if chosen or not all(self._folds_choose(unit.choice) for unit in units):
            return
        made = choose_share(self.job, choice, [unit.name for unit in units], self._decide)
        if made is not None:
            self.log.tell("choice", made.problem, strategy=choice.key, adapted_share=float(made.chosen))

    def _warn_of_idle_looks(self) -> None:
        """Say that no training ends by what folds have on their held-out cases, where that was asked for in vain."""
        spec = self.context.spec
        if spec.training.fold_looks and (spec.recommends or not any(map(self._folds_choose, spec.strategies))):
            self.log.warn(
                Problem(
                    "looks-without-effect",
                    "Every training takes all of its steps: folds choose how many only with at least {least} annotated "
                    "cases in two folds or more, with none to validate on, with one learning rate, with weights of a source "
                    "model whose share the job chooses, and with a strategy that is named",
                    {"least": FEWEST_CASES},
                    "warning",
                )
            )

    def _choose_steps(self, choice: StrategyChoice, units: Sequence[Unit]) -> None:
        """Choose after which share of its steps each model of a strategy ends, where its folds were looked at for that."""
        if not self.context.spec.training.fold_looks or chosen_of(self.job, STEPS_SHARE, choice) is not None:
            return
        made = choose_part_of_steps(self.job, choice, [unit.name for unit in units], self._decide)
        if made is not None:
            self.log.tell("choice", made.problem, strategy=choice.key, steps_share=float(made.chosen))

    def _post_process(self, run: JobRun, choice: StrategyChoice) -> None:
        """Choose what is done with the labels of a strategy, and score its folds with it, once all of them are segmented."""
        units = [Unit(choice, fold) for fold in self._folds]
        if not all(self.job.load_result(unit.name) is not None for unit in units):
            return
        again = to_segment(run, choice)
        seconds = {f"{u.name}.segment": SEGMENT_S * u.segmenting(self.context) for u in again}
        run.progress.replace({}, {**seconds, **{f"{u.name}.train": 0.0 for u in again}})
        for unit in again:
            self._run_unit(run, unit, {choice.key})
        with _running():
            post_process_folds(run, choice)

    def _run_in_round(self, run: JobRun, unit: Unit, train_only: bool, logged: set[str]) -> None:
        self._run_unit(run, unit, logged, train_only)

    def _takes_over(self, unit: Unit) -> bool:
        """Whether a unit trains nothing itself, because one of its trials was its training."""
        if unit.rate is not None or not rates_of(self.context.spec, unit.choice):
            return False
        return unit.fold is not None or not self._folds

    def _other_rates(self, unit: Unit) -> bool:
        """Whether another learning rate than that of a trial is left to choose."""
        gone = {unit.rate, *blown_up(self.job, unit.choice)}
        return any(rate not in gone for rate in rates_of(self.context.spec, unit.choice))

    def _choice_of_rate(self, choice: StrategyChoice) -> RateChoice | None:
        """The learning rate of a strategy, chosen once all trials are finished; None where there is nothing to choose."""
        spec, validated = self.context.spec, bool(self.context.validation)
        if not rates_of(spec, choice):
            return None
        made = chosen_rate(self.job, choice)
        if made is None:
            parts = [Unit(choice, fold).part for fold in self._folds] or [Unit(choice, None).part]
            # Where there are no others, seen cases are better than none to tell a rate by.
            seen = seen_by_source(self.job) if any(map(any, self._decide)) else set()
            made = choose(self.job, spec, choice, parts, validated, seen)
            self.log.tell("choice", made.problem, strategy=choice.key, learning_rate=made.chosen)
        return made

    def _options(self, units: Sequence[Unit], folds: Sequence[Fold]) -> TrainingOptions:
        """The training settings, where minutes are given those of one training."""
        options, kept = self.context.spec.training, self.context.spec.kept
        if options.minutes is None or self.context.spec.recommends:
            return options
        trainings = sum(STRATEGIES[unit.choice.name].trains and not self._takes_over(unit) for unit in units)
        trainings += kept is None and bool(folds)
        return replace(options, minutes=options.minutes / max(1, trainings))

    @property
    def _to_prepare(self) -> list[Case]:
        """The cases that trainings need; those that are only segmented are prepared when it is their turn."""
        return [*self.context.training_cases, *self.context.validation, *self.context.images_to_learn_from]

    def _prepare(self, prepared: PreparedCases, progress: Progress) -> None:
        self.log.phase(Problem("phase-preparing", "Preparing the cases", severity="note"))
        cases = self._to_prepare
        for n, case in enumerate(cases):
            self.models.stop_if_asked()
            with _running():
                prepared.get(case)
            facts = {"number": n + 1, "count": len(cases)}
            text = Problem("progress-preparing", "case {number} of {count}", facts, "note")
            progress.update("prepare", (n + 1) / len(cases), text)

    def _run_unit(self, run: JobRun, unit: Unit, logged: set[str], train_only: bool = False) -> None:
        """Run a unit that has no result yet.

        Args:
            run: What the units share.
            unit: The unit.
            logged: The strategies whose weight-mapping report was already logged; this unit's is added.
            train_only: Whether it is trained and no more.
        """
        if self.job.load_result(unit.name) is not None:
            return
        self.models.stop_if_asked()
        if train_only:
            with _running():
                UnitRun(run, unit, unit.choice.key not in logged).train_fold(shares=self._folds_choose(unit.choice))
            logged.add(unit.choice.key)
            return
        if self._folds and not self.context.spec.recommends:
            folds = [Unit(unit.choice, fold) for fold in self._folds]
            self._choose_share(unit.choice, folds)
            self._choose_steps(unit.choice, folds)
        made = None if unit.rate is not None else self._choice_of_rate(unit.choice)
        with _running():
            if made is not None and unit.fold is not None:
                result = take_over(self.job, unit.choice, made.of_folds[unit.fold.number], unit.part)
                cases = len({row.case for row in result.rows})
                self.log.write("result", unit=unit.name, strategy=unit.choice.key, dice=result.mean_dice, cases=cases)
                run.progress.finish(f"{unit.name}.segment")
                return
            if made is not None and not self._folds:
                take_over_snapshots(self.job, unit.choice, made.chosen, unit.part)
            rate = None if made is None else made.chosen
            UnitRun(run, unit, unit.choice.key not in logged, rate).execute()
        logged.add(unit.choice.key)

    def _bring_in_line(self, run: JobRun, units: Sequence[Unit], logged: set[str]) -> None:
        """Segment again, with strategies that train nothing, what was segmented before the job's conditions changed."""
        if load_conditions(self.job) is None:
            return
        for unit in units_of_other_conditions(run, units):
            self.models.stop_if_asked()
            with _running():
                UnitRun(run, unit, unit.choice.key not in logged).execute()
            if unit.fold is not None and not self.context.spec.recommends:
                self._post_process(run, unit.choice)

    def _goes_on_without(self, choice: StrategyChoice) -> bool:
        """Whether there is something to compare without a strategy: it is not the one asked for, and another one trains."""
        gone = {choice.key, *left_out(self.job)}
        others = [one for one in self.context.spec.strategies if one.key not in gone and STRATEGIES[one.name].trains]
        return choice != self.context.spec.kept and bool(others)

    def _estimate(self, unit: Unit, name: str, options: TrainingOptions) -> dict[str, float]:
        """Seconds of the unit's parts, `name`.train and `name`.segment, before anything was measured."""
        estimates = {}
        if self._takes_over(unit) and unit.fold is not None:
            return {f"{name}.segment": TAKE_OVER_S}
        if self._takes_over(unit):
            estimates[f"{name}.train"] = TAKE_OVER_S
        elif STRATEGIES[unit.choice.name].trains:
            cases = len(self.context.shown_cases)
            steps = steps_for(options, cases, options.batch_size or DEFAULT_BATCH, None, self.device)
            step_s = options.minutes * 60 / steps if options.minutes else GUESSED_STEP_S
            estimates[f"{name}.train"] = steps * step_s
        models = 1 + len(self._folds) if unit.fold is None and self.context.is_ensemble else 1
        seconds = SEGMENT_S * unit.segmenting(self.context) * self.context.card.inference.times * models
        return estimates | {f"{name}.segment": seconds}

    def _plan_epochs(
        self, units: Sequence[Unit], prepared: PreparedCases, progress: Progress, options: TrainingOptions
    ) -> None:
        """Estimate trainings again whose steps follow from epochs, or are others from scratch.

        How many patches an epoch has is known with the cases.
        """
        sizes: dict[str, Size] = {}
        for unit in units:
            if not STRATEGIES[unit.choice.name].trains or self.job.load_result(unit.name) is not None:
                continue
            plan = self.context.outline(unit.choice)
            own = options.for_training(carried=plan.mapping is not None)
            if own.epochs is None and own.steps == options.steps:
                continue
            with _running():
                sizes = sizes or {
                    case.name: size for case in self.context.shown_cases for size in case_sizes([prepared.get(case)])
                }
            trained = list(sizes.values()) if unit.fold is None else [sizes[name] for name in unit.fold.train]
            patch = patch_for(own, self.context.card.patch_size, trained, plan.network)
            patches = patches_in_epoch(own, trained, patch, plan.network.slice_axis)
            steps = steps_for(own, patches, own.batch_size or DEFAULT_BATCH, None, self.device)
            progress.plan(f"{unit.name}.train", steps * GUESSED_STEP_S)

    def _plan_copies(self, run: JobRun, units: Sequence[Unit]) -> None:
        """Estimate segmentations again where images have so many windows that fewer copies are averaged than at most.

        How many windows an image has is known with the cases and the job's conditions.
        """
        settings, cases = self.context.card.inference, self.context.shown_cases
        if settings.copies_up_to_windows is None or not cases:
            return
        network = self.context.outline(self.context.tried[0]).network
        size, *_ = case_sizes([run.prepared.get(cases[0])])
        windows = count_windows(size, run.conditions.windows, network)
        part = len(settings.views(network.slice_axis, windows)) / settings.times
        for unit in units if part < 1 else ():
            name = f"{unit.name}.segment"
            run.progress.plan(name, part * self._estimate(unit, unit.name, run.options)[name])

    def _done_before(self, units: Sequence[Unit], estimates: Mapping[str, float]) -> dict[str, float]:
        """The parts of the units that an earlier run has finished."""
        done = [unit.name for unit in units if self.job.load_result(unit.name) is not None]
        parts = [part for name in done for part in (f"{name}.train", f"{name}.segment")]
        parts += [f"{unit.name}.train" for unit in units if self.job.load_result(f"trained.{unit.name}") is not None]
        return {part: 1.0 for part in parts if part in estimates}


@contextmanager
def _running() -> Iterator[None]:
    """Let a file that was right when the job was checked, and is not any more, be a failure of the job: it can be resumed."""
    try:
        yield
    except InputError as error:
        raise JobError.of(error.problem) from error


def use_deterministic_algorithms(device: str) -> None:
    """Let a GPU give the same numbers from run to run, as a processor does anyway."""
    if device.startswith("cuda"):
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
