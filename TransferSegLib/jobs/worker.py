"""The worker: runs a job from its folder, leaves model, segmentations and scores there, and can go on after a kill.

The work is a list of units, each a training with the segmentations and scores that follow from it. A finished unit leaves
a result in the folder and is never done again; the unit at work leaves checkpoints.
"""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import Cancelled, JobError, TransferSegError
from TransferSegLib.core.records import from_json, problems_from_json, to_json
from TransferSegLib.evaluation.disagreement import proposals
from TransferSegLib.evaluation.metrics import JOB_COLUMNS, ScoreRow, score_case, write_scores
from TransferSegLib.evaluation.summary import summary_json
from TransferSegLib.inference.segment import segment, window_logits
from TransferSegLib.jobs.context import JobContext, findings, needs_source_data, refuse_errors
from TransferSegLib.jobs.events import Event, EventLog, Progress
from TransferSegLib.jobs.files import explained, resume_command, write_json
from TransferSegLib.jobs.folder import DIGESTS, FINDINGS, SOURCE_DIGESTS, SOURCE_FINDINGS, SPLIT, JobFolder
from TransferSegLib.jobs.leaving import Made, Models
from TransferSegLib.jobs.memory import peak_memory_mb
from TransferSegLib.jobs.model import code_facts, is_translated, own_names, with_scores
from TransferSegLib.jobs.reporting import UnitResult, job_summary, seen_by_source, unit_results, write_job_report
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.split import digests_in, folds_of, must_be_as_before
from TransferSegLib.jobs.target import Fold, PreparedCases
from TransferSegLib.networks.execution import ExecutionConfig, likely_execution, pick_device
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.training.loop import (
    OutOfMemory,
    RunSettings,
    Training,
    configure_run,
    memory_watch,
    smaller,
    split_validation,
    steps_for,
)
from TransferSegLib.training.loop import Progress as TrainingProgress
from TransferSegLib.training.objectives import all_alike
from TransferSegLib.transfer.plan import TransferPlan
from TransferSegLib.transfer.strategies import STRATEGIES, find_strategy, make_plan

CHECKPOINT_EVERY_S = 15.0
METRIC_EVERY_S = 1.0
# Until a step was measured, for the first guess of the time left.
GUESSED_STEP_S = 0.15
SEGMENT_S = 0.3


def run_job(folder: Path, listener: Callable[[Event], None] | None = None) -> None:
    """Run, or go on with, the job in `folder` to its end.

    Raises `InputError` (wrong input; another worker has the job), `JobError` (it failed and can be resumed) and `Cancelled`;
    each is also the last event. `listener` receives every event as it is written.
    """
    job = JobFolder(folder)
    spec = job.read_spec()
    with job.lock(), EventLog(job.events, listener) as log:
        log.write("started", title=spec.title, job=spec.kind)
        try:
            work = Work(job, spec, log)
            work.run()
            log.write("done", verdict=work.verdict, warnings=work.found + len(work.warnings))
        except Cancelled as error:
            job.clear_cancel()
            log.write("cancelled", message=str(error))
            raise
        except TransferSegError as error:
            log.write("failed", message=str(error))
            raise
        except Exception as error:
            with contextlib.suppress(OSError), job.log.open("a", encoding="utf-8") as file:
                file.write(traceback.format_exc())
            message = (
                f"{job.path}: the job failed ({type(error).__name__}: {error}); the details are in {job.log}, "
                f"`{resume_command(job.path)}` goes on with it."
            )
            with contextlib.suppress(TransferSegError):
                log.write("failed", message=message)
            raise JobError(message) from error


@dataclass(frozen=True)
class Unit:
    """A training and what is scored with it; `fold` None is the final model, on all annotated cases."""

    choice: StrategyChoice
    fold: Fold | None

    @property
    def name(self) -> str:
        return f"{self.choice.slug}.{'final' if self.fold is None else f'fold{self.fold.number}'}"

    @property
    def words(self) -> str:
        return f"{self.choice.key}, {'final model' if self.fold is None else f'fold {self.fold.number + 1}'}"


class Work:
    """One run of one job."""

    def __init__(self, job: JobFolder, spec: JobSpec, log: EventLog) -> None:
        self.job, self.spec, self.log = job, spec, log
        self.options = spec.training
        self.device = pick_device(spec.training.device)
        # Warnings of the checks are counted; the others are kept for the report.
        self.found = 0
        self.warnings: list[str] = []
        self.annotated: list[Case] = []
        # The strategies of which it was said what became of the source's weights.
        self.told: set[str] = set()
        self.verdict = ""
        self.metric_at = self.checkpoint_at = 0.0
        for choice in spec.strategies:
            find_strategy(choice.name).parse_options(choice.options)
        if self.options.deterministic and self.device.startswith("cuda"):
            torch.use_deterministic_algorithms(True, warn_only=True)
            torch.backends.cudnn.benchmark = False

    # The whole of it

    def run(self) -> None:
        """All units, then the kept model, the scores and the report."""
        self._phase("Reading the cases")
        self.context = JobContext.read(self.spec)
        self.models = Models(self.job, self.spec, self.context)
        for _ in self.context.plans(self.spec):  # What cannot be planned is refused before anything is computed.
            pass
        self._phase("Checking the cases")
        self._check(FINDINGS, self.context.target, self.context.known_card(self.spec), self.spec.label_map)
        cases = self.context.target.cases
        segments = self.spec.task == "segmentation"
        self.annotated = self.context.training_cases
        self.tests = self.context.tests
        self.others = [c for c in cases if segments and c.label is None]
        self.prepared = PreparedCases(
            self.job.state / "prepared", self.job.path, self.context.card.preprocessing, self.context.task
        )
        self._prepare_source_data()
        folds = folds_of(self.job, self.context, self.spec, self.prepared)
        units = [Unit(choice, fold) for fold in folds for choice in self.spec.strategies]
        # Where folds decide which strategy is kept, its final model is the last unit; else all are trained in full.
        self.kept = self.spec.kept
        if self.kept is None and not folds:
            finals = list(self.spec.strategies)
        else:
            # The source model as it is says on the test cases, too, what was there before.
            before = [c for c in self.spec.strategies if c.name == "direct" and c != self.kept and self.tests]
            finals = before + ([self.kept] if self.kept else [])
        units += [Unit(choice, None) for choice in finals]
        if self.options.minutes is not None:
            trainings = sum(STRATEGIES[unit.choice.name].trains for unit in units) + (self.kept is None and bool(folds))
            self.options = replace(self.options, minutes=self.options.minutes / max(1, trainings))
        estimates = {"prepare": 0.1 * len(self.annotated), "report": 3.0}
        for unit in units:
            estimates |= self._estimate(unit, unit.name)
        # Which strategy wins is not known yet; any that trains takes about as long.
        winner = Unit(self.spec.strategies[-1], None)
        pending = self._estimate(winner, "best") if self.kept is None and folds else {}
        estimates |= pending
        self.progress = Progress(self.log, estimates, self._done_before(units, estimates))
        self._prepare()
        for unit in units:
            self._unit(unit)
        if self.kept is None:
            self.kept = self._best()
            final = Unit(self.kept, None)
            if final not in units or not self.models.choose_candidate(self.kept):
                self.progress.replace(pending, self._estimate(final, final.name))
                self._unit(final)
        self._finish(self.kept)

    def _check(
        self,
        name: str,
        cases: CaseSet,
        card: ModelCard | None,
        label_map: Mapping[str, Any] | None = None,
        apart_from: CaseSet | None = None,
    ) -> None:
        """Check cases, once a job, and end it where they cannot be used; what was found is kept under `name`."""
        digests: dict[str, Digests] = {}
        kept_as = SOURCE_DIGESTS if apart_from else DIGESTS
        # Until the folds are drawn nothing depends on what was found, and the cases may be corrected.
        begun = self.job.load_result(SPLIT) is not None and bool(digests_in(self.job, kept_as))
        stored = self.job.load_result(name) if begun else None
        if stored is None:
            on_case = lambda done, total: self._stop_if_asked()  # noqa: E731
            found = findings(self.spec, cases, card, label_map, on_case, apart_from, digests)
        else:
            found = problems_from_json(stored, name)
        for finding in found:
            self.log.write("finding", **finding.to_json())
        refuse_errors(found)
        self.found += sum(finding.severity == "warning" for finding in found)
        if stored is None:
            self.job.save_result(kept_as, to_json(digests))
            self.job.save_result(name, [finding.to_json() for finding in found])

    def _prepare(self) -> None:
        self._phase("Preparing the cases")
        for n, case in enumerate(self.annotated):
            self._stop_if_asked()
            self.prepared.get(case)
            self.progress.update("prepare", (n + 1) / len(self.annotated), f"case {n + 1} of {len(self.annotated)}")
        self.progress.finish("prepare")

    def _prepare_source_data(self) -> None:
        """The source's own cases, for strategies that mix them in, their labels seen as the target's classes."""
        self.source_cases: list[Case] = []
        if not needs_source_data(self.spec):
            return
        data, classes = self.context.source_data(self.spec)
        self._check(SOURCE_FINDINGS, data, self.context.card, apart_from=self.context.target)
        task = replace(self.context.task, target_classes=classes)
        self.source_cases = [c for c in data.cases if c.label is not None and c.role == "train"]
        self.models.source_cases = [case.name for case in self.source_cases]
        self.prepared_source = PreparedCases(
            self.job.state / "prepared", self.job.path, self.context.card.preprocessing, task
        )
        if self.job.load_result(SPLIT) is not None:
            names = digests_in(self.job, SOURCE_DIGESTS)
            changes = {name: "gone" if name in names else "new" for name in names.keys() ^ {c.name for c in data.cases}}
            must_be_as_before(data.root, changes, self.source_cases, self.prepared_source, names)

    # One unit

    def _unit(self, unit: Unit) -> None:
        """Train (unless nothing moves), segment the cases that the model did not see, score them, keep the result."""
        if self.job.load_result(unit.name) is not None:
            return
        self._stop_if_asked()
        names = [c.name for c in self.annotated] if unit.fold is None else list(unit.fold.train)
        plan = make_plan(self.context.transfer(self.options.seed), unit.choice.name, unit.choice.options)
        if plan.mapping is not None and unit.choice.key not in self.told:
            self.told.add(unit.choice.key)
            weights = {**plan.mapping.to_json(), "sentence": plan.mapping.sentence()}
            self.log.write("choice", strategy=unit.choice.key, weights=weights)
        curve, settings, steps = TrainingProgress(), None, 0
        if plan.trainable:
            plan, curve, settings = self._train(unit, plan, names)
            steps = curve.step
        execution = settings.execution if settings else likely_execution(self.device, self.options.deterministic)
        execution.place(plan.network)
        scored = self.tests if unit.fold is None else [c for c in self.annotated if c.name in unit.fold.held_out]
        self._phase(f"Segmenting: {unit.words}")
        rows = self._segment(unit, plan, scored, settings, execution)
        if unit.fold is not None and plan.trainable:
            self._segment(unit, plan, self.others, settings, execution, self._votes(unit))
        if unit.fold is None and self.kept in (None, unit.choice):
            self._segment(unit, plan, self.others, settings, execution)
            patch_size = settings.patch_size if settings else self.context.card.patch_size
            made = Made(unit.choice, plan, len(names), steps, patch_size)
            if self.kept:
                self.models.keep(made)
            else:
                self.models.keep_candidate(made)
        best = max(curve.validation, key=lambda point: point[1])[0] if curve.validation else None
        result = UnitResult(
            strategy=unit.choice.key,
            fold="test" if unit.fold is None else str(unit.fold.number),
            rows=tuple(rows),
            losses=_thinned(curve.losses),
            steps=steps,
            validation=tuple(curve.validation),
            best_step=best,
            settings=to_json(settings) if settings else None,
            plan=plan.description(),
        )
        self.job.save_result(unit.name, to_json(result))
        self.job.drop_checkpoints(unit.name)
        self.log.write("result", unit=unit.name, strategy=unit.choice.key, dice=_mean_dice(rows), cases=len(scored))
        self.progress.finish(f"{unit.name}.segment")

    def _train(
        self, unit: Unit, plan: TransferPlan, names: Sequence[str]
    ) -> tuple[TransferPlan, TrainingProgress, RunSettings]:
        self._phase(f"Training: {unit.words}")
        for_training, for_validation = (list(names), []) if unit.fold is None else split_validation(names)
        cases = [self.prepared.get(c) for c in self.annotated if c.name in for_training]
        validation = [self.prepared.get(c) for c in self.annotated if c.name in for_validation]
        for case in self.source_cases if plan.data == "source+target" else ():
            self._stop_if_asked()
            cases.append(self.prepared_source.get(case))
        settings = self._settings(unit, plan, cases)
        while True:
            objective = self.context.objective(settings.seed)
            training = Training(plan, cases, self.options, settings, objective=objective)
            if validation:
                training.validate = self._validator(unit, training, validation, len(for_training))
            saved = self.job.load_checkpoint(unit.name)
            if saved is not None:
                training.restore(saved)
            if self.spec.task == "classification" and all_alike(
                training.sampler, plan.network, len(self.context.task.names)
            ):
                self._warn(
                    "Every slice that was looked at holds the same labels, so there is nothing to tell apart and the encoder "
                    "learns next to nothing; choose smaller patches or another task"
                )
            self.checkpoint_at = time.monotonic()
            try:
                training.run(functools.partial(self._on_step, unit, training))
                break
            except OutOfMemory:
                reduced = smaller(settings, plan.network.divisor)
                if reduced is None:
                    raise JobError(
                        "memory ran out even with one small patch at a time; close other programs or choose --device cpu, "
                        f"then `{resume_command(self.job.path)}`."
                    ) from None
                self._warn(
                    f"Memory ran out: going on with batch {reduced.batch_size} and patches of "
                    f"{'×'.join(map(str, reduced.patch_size))} voxels"
                )
                settings = reduced
                self._remember(unit, settings)
                self.job.drop_checkpoints(unit.name)
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
                plan = make_plan(self.context.transfer(self.options.seed), unit.choice.name, unit.choice.options)
            except FloatingPointError as error:
                raise JobError(
                    f"{unit.words}: {error}; start again with a lower --learning-rate than "
                    f"{max(plan.trainable.values()) if self.options.learning_rate is None else self.options.learning_rate:g}."
                ) from None
        self.models.latest = Made(unit.choice, plan, len(for_training), training.progress.step, settings.patch_size)
        self._stop_if_asked()
        self.progress.finish(f"{unit.name}.train")
        return plan, training.progress, settings

    def _settings(self, unit: Unit, plan: TransferPlan, cases: Sequence[PreparedCase]) -> RunSettings:
        """Chosen once a strategy and kept in the job: every fold, and every resumption, runs in the same way."""
        stored = self.job.load_result(f"settings.{unit.choice.slug}")
        settings = None if stored is None else from_json(RunSettings, stored, f"settings of {unit.choice.key}")
        if settings is None or settings.execution.device != self.device:
            settings = configure_run(
                plan,
                cases,
                self.options,
                self.context.card.patch_size,
                self.device,
                lambda **fields: self.log.write("choice", strategy=unit.choice.key, **fields),
                self.context.objective(self.options.seed),
            )
            self._remember(unit, settings)
        torch.set_num_threads(settings.execution.threads)
        steps = steps_for(self.options, len(cases), settings.batch_size, settings.step_s, self.device)
        if unit.fold is None:
            # Where folds stopped early, the final model trains as long as was best there.
            best = [
                r.best_step for r in unit_results(self.job, self.spec) if r.strategy == unit.choice.key and r.best_step
            ]
            steps = round(statistics.median(best)) if best else steps
        seed = self.options.seed * 1000 + (0 if unit.fold is None else unit.fold.number + 1)
        settings = replace(settings, steps=steps, seed=seed)
        self._plan_time(unit, settings)
        return settings

    def _remember(self, unit: Unit, settings: RunSettings) -> None:
        self.job.save_result(f"settings.{unit.choice.slug}", to_json(settings))
        self.log.write("choice", strategy=unit.choice.key, chosen=to_json(settings))

    def _on_step(self, unit: Unit, training: Training, progress: TrainingProgress) -> bool:
        now = time.monotonic()
        total = training.settings.steps
        if now - self.metric_at > METRIC_EVERY_S or progress.step == total:
            self.metric_at = now
            fields: dict[str, Any] = {"loss": round(progress.losses[-1], 5)}
            if progress.validation:
                fields["dice"] = round(progress.validation[-1][1], 4)
            fold = "final" if unit.fold is None else unit.fold.number
            self.log.write("metric", strategy=unit.choice.key, fold=fold, step=progress.step, steps=total, **fields)
        self.progress.update(
            f"{unit.name}.train", progress.step / total, f"{unit.words}, step {progress.step} of {total}"
        )
        stop = self.job.cancel_requested()
        if stop or now - self.checkpoint_at > CHECKPOINT_EVERY_S:
            self.job.save_checkpoint(unit.name, training.state())
            self.checkpoint_at = time.monotonic()
        return not stop

    def _validator(
        self, unit: Unit, training: Training, cases: Sequence[PreparedCase], trained: int
    ) -> Callable[[StagedNetwork], float]:
        settings = training.settings

        def mean_dice(network: StagedNetwork) -> float:
            scores = []
            with torch.inference_mode():
                for case in cases:
                    if self.job.cancel_requested():
                        # The checkpoint before this look at the cases is the one to go on from.
                        self.models.latest = Made(
                            unit.choice, training.plan, trained, training.progress.step, settings.patch_size
                        )
                        self.models.leave()
                    logits = window_logits(
                        network, torch.from_numpy(np.array(case.image)), settings.patch_size, settings.execution
                    )
                    found = logits.argmax(dim=0).numpy()
                    assert case.classes is not None
                    for label in range(1, len(self.context.task.names) + 1):
                        reference, prediction = case.classes == label, found == label
                        size = int(reference.sum() + prediction.sum())
                        if size:
                            scores.append(2 * int((reference & prediction).sum()) / size)
            return float(np.mean(scores)) if scores else 0.0

        return mean_dice

    def _segment(
        self,
        unit: Unit,
        plan: TransferPlan,
        cases: Sequence[Case],
        settings: RunSettings | None,
        execution: ExecutionConfig,
        folder: Path | None = None,
    ) -> list[ScoreRow]:
        """Segment cases, write the segmentations (into `folder`, if given) and score those with a reference."""
        patch = settings.patch_size if settings else self.context.card.patch_size
        folder = folder or self.job.segmentations / unit.choice.slug
        rows: list[ScoreRow] = []
        for n, case in enumerate(cases):
            self._stop_if_asked()
            prepared = self.prepared.get(case)
            try:
                with memory_watch():
                    found = segment(plan.network, prepared, patch, execution, on_window=self._stop_if_asked).classes
            except OutOfMemory:
                self._warn("Memory ran out while segmenting: going on with the processor in place of the GPU")
                execution = ExecutionConfig("cpu", threads=torch.get_num_threads())
                execution.place(plan.network)
                found = segment(plan.network, prepared, patch, execution, on_window=self._stop_if_asked).classes
            if plan.own_labels:
                found = self.context.task.from_source(found)
            values = self.context.task.decode(found)
            with explained(folder / f"{case.name}.nii.gz", self.job.path):
                folder.mkdir(parents=True, exist_ok=True)
                write_labels(folder / f"{case.name}.nii.gz", values, prepared.grid)
            if case.label is not None:
                reference = self.context.task.decode(self.context.task.encode(read_labels(case.label).array))
                rows += score_case(
                    case.name,
                    reference,
                    values,
                    prepared.grid,
                    self.context.labels,
                    strategy=unit.choice.key,
                    fold="test" if unit.fold is None else str(unit.fold.number),
                )
            self.progress.update(
                f"{unit.name}.segment", (n + 1) / len(cases), f"{unit.words}, case {n + 1} of {len(cases)}"
            )
        return rows

    # The end

    def _finish(self, kept: StrategyChoice) -> None:
        self._phase("Writing the scores and the report")
        results = unit_results(self.job, self.spec)
        rows = [row for result in results for row in result.rows]
        summary = job_summary(self.spec, results, seen_by_source(self.job))
        self.verdict = summary.verdict.sentence
        with explained(self.job.scores_csv, self.job.path):
            write_scores(self.job.scores_csv, rows, JOB_COLUMNS)
        made_by = {**code_facts(), "job": to_json(self.spec), "kept": kept.key, "peak_memory_mb": peak_memory_mb()}
        write_json(self.job.scores_json, {**summary_json(summary), "made_by": made_by}, self.job.path)
        card, names = read_card(self.job.model), self.context.labels
        if kept.name == "direct":
            names = own_names(self.context.task, card)
            if is_translated(self.context.task, card):
                self._warn(
                    "The kept model is the source model as it is: used by itself it segments its own labels "
                    f"({', '.join(card.label_names)}), which are translated into yours in this job alone"
                )
        chosen = self.spec.kept is None and len(self.spec.strategies) > 1
        if summary.verdict.kind != "seen by the source":  # such scores say nothing of the model
            write_json(self.job.model / "card.json", with_scores(card, summary, kept.key, names, chosen), self.job.path)
        self._propose(kept)
        self.job.save_result("report", {"warnings": self.warnings, "kept": kept.key})
        with explained(self.job.report, self.job.path):
            write_job_report(self.job.path)
        self.progress.finish("report")

    def _propose(self, kept: StrategyChoice) -> None:
        """Which case to annotate next: where the fold models, of the kept strategy if it trains, disagree most."""
        trained = [choice for choice in (kept, *self.spec.strategies) if STRATEGIES[choice.name].trains]
        folders = sorted((self.job.state / "votes").glob(f"{trained[0].slug}.fold*")) if trained else []
        if len(folders) < 2 or not self.others:
            return
        votes = {c.name: [read_labels(f / f"{c.name}.nii.gz").array for f in folders] for c in self.others}
        write_json(self.job.proposals, proposals(votes), self.job.path)

    def _votes(self, unit: Unit) -> Path:
        """Where a fold's model leaves its segmentations of the cases without a reference."""
        return self.job.state / "votes" / unit.name

    def _best(self) -> StrategyChoice:
        """The strategy with the best mean Dice on the cases that the models did not see."""
        summary = job_summary(self.spec, unit_results(self.job, self.spec), seen_by_source(self.job))
        comparison = summary.out_of_fold or summary.test
        best = comparison.best if comparison else None
        return next((c for c in self.spec.strategies if c.key == best), self.spec.strategies[-1])

    def _stop_if_asked(self) -> None:
        if self.job.cancel_requested():
            self.models.leave()

    # Small things

    def _estimate(self, unit: Unit, name: str) -> dict[str, float]:
        """Seconds of the unit's parts, `name`.train and `name`.segment, before anything was measured."""
        estimates = {}
        if STRATEGIES[unit.choice.name].trains:
            steps = steps_for(self.options, len(self.annotated), self.options.batch_size or 2, None, self.device)
            step_s = self.options.minutes * 60 / steps if self.options.minutes else GUESSED_STEP_S
            estimates[f"{name}.train"] = steps * step_s
        cases = len(self.tests) + len(self.others) if unit.fold is None else len(unit.fold.held_out)
        return estimates | {f"{name}.segment": SEGMENT_S * cases}

    def _plan_time(self, unit: Unit, settings: RunSettings) -> None:
        if settings.step_s is not None:
            self.progress.plan(f"{unit.name}.train", settings.steps * settings.step_s * 1.25)

    def _done_before(self, units: Sequence[Unit], estimates: Mapping[str, float]) -> dict[str, float]:
        done = [unit.name for unit in units if self.job.load_result(unit.name) is not None]
        return {part: 1.0 for name in done for part in (f"{name}.train", f"{name}.segment") if part in estimates}

    def _phase(self, text: str) -> None:
        self.log.write("phase", text=text)

    def _warn(self, text: str) -> None:
        self.warnings.append(text)
        self.log.write("warning", message=text)


def _thinned(values: Sequence[float], most: int = 200) -> tuple[tuple[float, float], ...]:
    """(step, mean loss) in at most `most` groups of neighbouring steps."""
    size = max(1, -(-len(values) // most))
    return tuple(
        (float(start + size / 2), float(np.mean(values[start : start + size]))) for start in range(0, len(values), size)
    )


def _mean_dice(rows: Sequence[ScoreRow]) -> float | None:
    found = [row.scores.dice for row in rows if row.scores.dice is not None]
    return float(np.mean(found)) if found else None
