"""A unit of a job's work: one training, and the segmentations and scores that follow from it."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.label_list import write_label_list
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.cases.volumes import write_labels
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import JobError
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.lesions.detection import LesionRow, score_lesions
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.scores import ScoreRow, score_case
from TransferSegLib.inference.segment import window_classes
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import EventLog, Progress
from TransferSegLib.jobs.files import explain_write_errors, resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.models import JobModels, TrainedModel
from TransferSegLib.jobs.plans import Plans
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.rates import with_rate
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.jobs.settings import load_settings, save_settings
from TransferSegLib.jobs.snapshots import SnapshotFolder, snapshot_steps
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.networks.execution import ExecutionConfig, likely_execution
from TransferSegLib.networks.memory import OutOfMemory, free_unused, memory_watch
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.training.epochs import patches_in_epoch
from TransferSegLib.training.loop import Progress as LearningCurve
from TransferSegLib.training.loop import (
    RunSettings,
    Training,
    case_sizes,
    configure_run,
    smaller,
    split_validation,
    steps_for,
)
from TransferSegLib.training.objectives import all_alike
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.plan import TransferPlan

# The code of the error of a training that blew up.
NOT_FINITE = "loss-not-finite"
CHECKPOINT_EVERY_S = 15.0
METRIC_EVERY_S = 1.0
# Cutting and augmenting the patches comes on top of what was measured of a step.
BESIDE_THE_STEP = 1.25
# A curve of more points than this shows no more.
MOST_POINTS = 200


@dataclass(frozen=True)
class Unit:
    """One training and what is scored with it.

    Attributes:
        choice: The strategy.
        fold: The fold; None for the final model, which is trained on all annotated cases.
        rate: Of several learning rates the one that is tried; None for the unit itself, see `jobs.rates`.
    """

    choice: StrategyChoice
    fold: Fold | None
    rate: float | None = None

    @property
    def called(self) -> StrategyChoice:
        """What the strategy is called in the unit's files and events."""
        return self.choice if self.rate is None else with_rate(self.choice, self.rate)

    @property
    def part(self) -> str:
        """The end of the unit's name: `fold0`… or `final`."""
        return "final" if self.fold is None else f"fold{self.fold.number}"

    @property
    def name(self) -> str:
        """The unit's name in files and events."""
        return f"{self.called.slug}.{self.part}"

    @property
    def fold_name(self) -> str:
        """The fold as scores have it: its number, or `test` for the final model."""
        return "test" if self.fold is None else str(self.fold.number)

    @property
    def title(self) -> Problem:
        """The unit in words."""
        if self.fold is None:
            return Problem("unit-final", "{strategy}, final model", {"strategy": self.called.key}, "note")
        fields = {"strategy": self.called.key, "fold": self.fold.number + 1}
        return Problem("unit-fold", "{strategy}, fold {fold}", fields, "note")

    def segmenting(self, context: JobContext) -> int:
        """How many cases are segmented in this unit, about."""
        if self.fold is None:
            return len(context.tests) + len(context.unlabelled) if self.rate is None else 0
        return len(self.fold.held_out)


@dataclass(frozen=True, eq=False)
class JobRun:
    """What all units of a run share.

    Attributes:
        job: The job's folder.
        context: What the job adapts to what.
        options: The training settings; the minutes are those of one training.
        device: The device that is computed on.
        log: The events.
        progress: The progress of the whole job.
        prepared: The target's cases as the network sees them.
        prepared_source: The source's own cases as the network sees them; None where no strategy is trained with them.
        plans: The strategies' plans.
        models: The models that the job leaves.
        kept: The strategy whose model is kept; None until the scores decide.
    """

    job: JobFolder
    context: JobContext
    options: TrainingOptions
    device: str
    log: EventLog
    progress: Progress
    prepared: PreparedCases
    prepared_source: PreparedCases | None
    plans: Plans
    models: JobModels
    kept: StrategyChoice | None


@dataclass(frozen=True, eq=False)
class _Trained:
    """What a unit segments with: its plan, the settings of its training (None without one), and the curve of its losses."""

    plan: TransferPlan
    settings: RunSettings | None
    curve: LearningCurve


@dataclass(frozen=True, eq=False)
class _Scored:
    """The scores of the cases of a unit, the detection of their lesions where the job asks for it, and the time they took.

    Attributes:
        rows: The scores.
        lesions: The detection of lesions.
        times: (seconds, axial slices) of each: how long it took to segment it, without reading, writing and scoring.
    """

    rows: list[ScoreRow] = field(default_factory=list)
    lesions: list[LesionRow] = field(default_factory=list)
    times: list[tuple[float, int]] = field(default_factory=list)

    @property
    def slice_s(self) -> float | None:
        """The seconds that an axial slice took, on average; None without a case."""
        slices = sum(count for _, count in self.times)
        return sum(seconds for seconds, _ in self.times) / slices if slices else None


class UnitRun:
    """Runs one unit to its end, and goes on from its newest checkpoint where there is one.

    Attributes:
        run: What it shares with the job's other units.
        unit: The unit.
    """

    def __init__(self, run: JobRun, unit: Unit, log_mapping: bool = True, chosen: float | None = None) -> None:
        """Make the run of a unit; nothing is computed yet.

        Args:
            run: What it shares with the job's other units.
            unit: The unit.
            log_mapping: Whether to log what became of the source's weights.
            chosen: Of several learning rates the one that was chosen; None where there is nothing to choose.
        """
        self._rate = chosen if unit.rate is None else unit.rate
        self.run, self.unit = run, unit
        self._log_mapping = log_mapping
        self._options = run.options
        self._metric_at = self._checkpoint_at = 0.0
        self._snapshot_steps: tuple[int, ...] = ()

    def execute(self) -> None:
        """Train, unless the strategy trains nothing; segment and score the cases not trained on; store the result.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: The unit cannot be finished; the job can be resumed.
        """
        run, unit = self.run, self.unit
        annotated = run.context.training_cases
        names = [c.name for c in annotated] if unit.fold is None else list(unit.fold.train)
        plan = run.plans.make(unit.choice)
        if plan.mapping is not None and self._log_mapping:
            run.log.write("choice", strategy=unit.choice.key, weights=plan.mapping.summary())
        trained = self._train(plan, names) if plan.trainable else _Trained(plan, None, LearningCurve())
        if trained.settings is None:
            execution = likely_execution(run.device, run.options.deterministic)
        else:
            execution = trained.settings.execution
        if trained.settings is None and self._chosen_by_validation:
            trained.curve.validation.append((0, self._dice_untrained(trained, execution)))
        if unit.rate is not None and unit.fold is None:
            # Validation cases alone decide. The unit itself goes on from the checkpoint of the chosen trial.
            self._save_result(trained, _Scored())
            run.progress.finish(f"{unit.name}.segment")
            return
        held_out = run.context.tests if unit.fold is None else [c for c in annotated if c.name in unit.fold.held_out]
        run.log.phase(Problem("phase-segmenting", "Segmenting: {unit}", {"unit": unit.title}, "note"))
        segment = self._segmenter(trained, execution)
        folder = run.job.segmentations / unit.choice.slug
        scored = self._segment(
            segment, trained, held_out, folder if unit.rate is None else run.job.state / "trials" / unit.name
        )
        if unit.fold is not None and plan.trainable:
            self._segment(segment, trained, run.context.unlabelled, run.job.state / "votes" / unit.name)
        if unit.fold is None and run.kept in (None, unit.choice):
            self._segment(segment, trained, run.context.unlabelled, run.job.segmentations / unit.choice.slug)
            self._store_model(trained, len(names))
        if not plan.trainable:
            trained.plan.network.to("cpu")  # It serves later folds, and until then leaves the GPU to what is trained.
        dice = self._save_result(trained, scored).mean_dice
        run.job.drop_checkpoints(unit.name)
        run.log.write("result", unit=unit.name, strategy=unit.called.key, dice=dice, cases=len(held_out))
        run.progress.finish(f"{unit.name}.segment")

    def _store_model(self, trained: _Trained, cases: int) -> None:
        patch_size = self._patch_size(trained)
        model = TrainedModel(self.unit.choice, trained.plan, cases, trained.curve.step, patch_size, self._rate)
        if self.run.kept:
            self.run.models.keep(model)
        else:
            self.run.models.keep_candidate(model)

    def _save_result(self, trained: _Trained, scored: _Scored) -> UnitResult:
        curve = trained.curve
        result = UnitResult(
            strategy=self.unit.called.key,
            fold=self.unit.fold_name,
            rows=tuple(scored.rows),
            lesions=tuple(scored.lesions),
            losses=_thinned(curve.losses),
            steps=curve.step,
            validation=tuple(curve.validation),
            seconds=curve.seconds,
            check_seconds=tuple(curve.check_seconds),
            best_step=max(curve.validation, key=lambda point: point[1])[0] if curve.validation else None,
            settings=to_json(trained.settings) if trained.settings else None,
            plan=trained.plan.description(),
            learning_rate=self._rate,
            slice_s=scored.slice_s,
        )
        self.run.job.save_result(self.unit.name, to_json(result))
        return result

    # Training

    def _train(self, plan: TransferPlan, names: Sequence[str]) -> _Trained:
        run, unit = self.run, self.unit
        run.log.phase(Problem("phase-training", "Training: {unit}", {"unit": unit.title}, "note"))
        self._options = run.options.for_training(carried=plan.mapping is not None)
        if self._rate is not None:
            self._options = replace(self._options, learning_rate=self._rate)
        for_training, to_validate = self._split(names)
        cases = [run.prepared.get(c) for c in run.context.training_cases if c.name in for_training]
        validation = [run.prepared.get(c) for c in to_validate]
        if plan.data == "source+target" and run.prepared_source is not None:
            for case in run.context.source_data.training_cases:
                run.models.stop_if_asked()
                cases.append(run.prepared_source.get(case))
        settings = self._settings(plan, cases)
        while True:
            training: Training | None = None
            try:
                with memory_watch():
                    training = self._training(plan, cases, settings, validation, len(for_training))
                    self._begin_snapshots(training)
                    training.run(functools.partial(self._on_step, training))
                break
            except OutOfMemory:
                settings = self._smaller(settings, plan)
            except FloatingPointError as error:
                raise self._diverged(plan, error) from None
            # Behind the error, and without the training, its memory is free for the next.
            del training
            free_unused(run.device)
            plan = run.plans.make(unit.choice)
        self._end_snapshots(training)
        if unit.rate is not None and unit.fold is None:
            run.job.save_checkpoint(unit.name, training.state())
        run.models.latest = TrainedModel(
            unit.choice, plan, len(for_training), training.progress.step, settings.patch_size
        )
        run.models.stop_if_asked()
        run.progress.finish(f"{unit.name}.train")
        return _Trained(plan, settings, training.progress)

    def _split(self, names: Sequence[str]) -> tuple[list[str], list[Case]]:
        """The names of the cases that this unit is trained on, and the cases that it is validated on.

        Cases with the role `validation` are the latter in every training of the job, that of the final model included.
        Without them, a fold sets some of its own cases apart where it has many, and the final model trains on all.
        """
        context = self.run.context
        if context.validation:
            return list(names), context.validation
        if self.unit.fold is None:
            return list(names), []
        for_training, apart = split_validation(names)
        return for_training, [case for case in context.training_cases if case.name in apart]

    def _diverged(self, plan: TransferPlan, error: FloatingPointError) -> JobError:
        """The error of a training whose loss, weights or segmentations are not finite numbers."""
        rates, chosen = plan.trainable.values(), self._options.first_rate
        return JobError(
            "loss-not-finite",
            "{unit}: {reason}; start again with a lower {option} than {rate:g}.",
            unit=self.unit.title,
            reason=error,
            option="--learning-rate",
            rate=max(rates) if chosen is None else chosen,
        )

    def _training(
        self,
        plan: TransferPlan,
        cases: Sequence[PreparedCase],
        settings: RunSettings,
        validation: Sequence[PreparedCase],
        trained_on: int,
    ) -> Training:
        """The training, resumed from its newest checkpoint where there is one."""
        run = self.run
        objective = run.context.objective(settings.seed)
        training = Training(plan, cases, self._options, settings, objective=objective)
        if validation:
            training.validate = lambda network: self._validation_dice(network, training, validation, trained_on)
        saved = run.job.load_checkpoint(self.unit.name)
        if saved is None and self.unit.rate is None and self.unit.fold is None and self._rate is not None:
            # Without folds, the trial with the chosen learning rate was this very training.
            saved = run.job.load_checkpoint(replace(self.unit, rate=self._rate).name)
        if saved is not None:
            training.restore(saved)
            run.progress.resume(f"{self.unit.name}.train", training.progress.step / settings.steps)
        labels = len(run.context.task.names)
        if run.context.spec.task == "classification" and all_alike(training.sampler, plan.network, labels):
            run.log.warn(
                Problem(
                    "slices-all-alike",
                    "Every slice that was looked at holds the same labels, so there is nothing to tell apart and the encoder "
                    "learns next to nothing; choose smaller patches or another task",
                    severity="warning",
                )
            )
        self._checkpoint_at = time.monotonic()
        return training

    def _settings(self, plan: TransferPlan, cases: Sequence[PreparedCase]) -> RunSettings:
        """The settings of this training, chosen once a strategy so that every fold and every resumption runs alike."""
        run, unit = self.run, self.unit
        settings = load_settings(run.job, unit.choice)
        if settings is None or settings.execution.device != run.device:
            try:
                settings = configure_run(
                    plan,
                    cases,
                    self._options,
                    run.context.card.patch_size,
                    run.device,
                    lambda **fields: run.log.write("choice", strategy=unit.choice.key, **fields),
                    run.context.objective(run.options.seed),
                    self._warn_smaller,
                )
            except OutOfMemory:
                raise self._nothing_smaller() from None
            self._remember(settings)
        torch.set_num_threads(settings.execution.threads)
        sizes, slice_axis = case_sizes(cases), plan.network.slice_axis
        patches = patches_in_epoch(self._options, sizes, settings.patch_size, slice_axis)
        steps = steps_for(self._options, patches, settings.batch_size, settings.step_s, run.device)
        if unit.fold is None and not run.context.validation:
            # Where folds stopped early, the final model trains as long as was best there.
            results = unit_results(run.job, run.context.spec)
            best = [r.best_step for r in results if r.strategy == unit.choice.key and r.best_step]
            steps = round(statistics.median(best)) if best else steps
        seed = run.options.seed * 1000 + (0 if unit.fold is None else unit.fold.number + 1)
        settings = replace(settings, steps=steps, seed=seed)
        if settings.step_s is not None:
            run.progress.measured(f"{unit.name}.train", settings.steps * settings.step_s * BESIDE_THE_STEP)
        return settings

    def _remember(self, settings: RunSettings) -> None:
        save_settings(self.run.job, self.unit.choice, settings)
        self.run.log.write("choice", strategy=self.unit.choice.key, chosen=to_json(settings))

    def _smaller(self, settings: RunSettings, plan: TransferPlan) -> RunSettings:
        """The settings to go on with after memory ran out, from the beginning of the training."""
        run = self.run
        reduced = smaller(settings, plan.network.divisor)
        if reduced is None:
            raise self._nothing_smaller() from None
        self._warn_smaller(reduced)
        self._remember(reduced)
        run.job.drop_checkpoints(self.unit.name)
        return reduced

    def _warn_smaller(self, reduced: RunSettings) -> None:
        self.run.log.warn(
            Problem(
                "memory-ran-out-smaller-batch",
                "Memory ran out: going on with batch {batch} and patches of {size} voxels",
                {"batch": reduced.batch_size, "size": times(reduced.patch_size)},
                "warning",
            )
        )

    def _nothing_smaller(self) -> JobError:
        return JobError(
            "memory-ran-out",
            "memory of {gpu:?the GPU|this computer} ran out even with one small patch at a time; close other programs"
            "{gpu:? or choose {option}|}, then `{command}`.",
            gpu=self.run.device != "cpu",
            option="--device cpu",
            command=resume_command(self.run.job.path),
        )

    def _on_step(self, training: Training, curve: LearningCurve) -> bool:
        """Say how far the training is and keep a checkpoint now and then; False to stop."""
        run, unit = self.run, self.unit
        now, total = time.monotonic(), training.settings.steps
        if now - self._metric_at > METRIC_EVERY_S or curve.step == total:
            self._metric_at = now
            fields: dict[str, Any] = {"loss": round(curve.losses[-1], 5)}
            if curve.seconds is not None:
                fields["seconds"] = round(curve.seconds, 2)
            if curve.validation:
                fields["dice"] = round(curve.validation[-1][1], 4)
            fold = "final" if unit.fold is None else unit.fold.number
            run.log.write("metric", strategy=unit.called.key, fold=fold, step=curve.step, steps=total, **fields)
        facts = {"unit": unit.title, "step": curve.step, "steps": total}
        text = Problem("progress-step", "{unit}, step {step} of {steps}", facts, "note")
        run.progress.update(f"{unit.name}.train", curve.step / total, text)
        if curve.step in self._snapshot_steps:
            self._snapshots.save(curve.step, training.weights())
        stop = run.job.cancel_requested()
        if stop or now - self._checkpoint_at > CHECKPOINT_EVERY_S:
            run.job.save_checkpoint(unit.name, training.state())
            self._checkpoint_at = time.monotonic()
        return not stop

    # Snapshots

    @property
    def _snapshots(self) -> SnapshotFolder:
        return SnapshotFolder(self.run.job, self.unit.called, None if self.unit.fold is None else self.unit.fold.number)

    def _begin_snapshots(self, training: Training) -> None:
        """Keep the weights that a training begins with, in place of what an earlier attempt left."""
        count = self.run.options.snapshots
        self._snapshot_steps = () if count is None else snapshot_steps(count, training.settings.steps)
        if self._snapshot_steps and training.progress.step == 0:
            self._snapshots.begin_anew()
            self._snapshots.save(0, training.weights())

    def _end_snapshots(self, training: Training) -> None:
        """Keep the last weights of a training that ended before its budget."""
        step = training.progress.step
        if self._snapshot_steps and step not in self._snapshot_steps and not self.run.job.cancel_requested():
            self._snapshots.save(step, training.weights())

    def _validation_dice(
        self, network: StagedNetwork, training: Training, cases: Sequence[PreparedCase], trained_on: int
    ) -> float:
        """The mean Dice over the cases kept for early stopping and their labels, at the network's own voxel size."""
        run, settings = self.run, training.settings
        scores: list[float] = []
        with torch.inference_mode():
            for case in cases:
                if run.job.cancel_requested():
                    # The checkpoint before this look at the cases is the one to go on from.
                    step = training.progress.step
                    run.models.latest = TrainedModel(
                        self.unit.choice, training.plan, trained_on, step, settings.patch_size
                    )
                    run.models.stop()
                image = torch.from_numpy(np.array(case.image))
                found = window_classes(network, image, settings.patch_size, settings.execution)
                scores += self._dice_of_labels(case, found)
        return float(np.mean(scores)) if scores else 0.0

    @property
    def _chosen_by_validation(self) -> bool:
        """Whether cases to validate on say which strategy's final model is kept."""
        run = self.run
        return run.kept is None and self.unit.fold is None and bool(run.context.validation) and not run.context.tests

    def _dice_untrained(self, trained: _Trained, execution: ExecutionConfig) -> float:
        """The mean Dice over the cases to validate on of a network that is not trained, as `_validation_dice` has it."""
        run, network = self.run, trained.plan.network.to(self.run.device)
        scores: list[float] = []
        with torch.inference_mode():
            for case in run.context.validation:
                run.models.stop_if_asked()
                prepared = run.prepared.get(case)
                image = torch.from_numpy(np.array(prepared.image))
                found = window_classes(network, image, self._patch_size(trained), execution)
                if trained.plan.predicts_source_labels:
                    found = run.context.task.from_source(found)
                scores += self._dice_of_labels(prepared, found)
        return float(np.mean(scores)) if scores else 0.0

    def _dice_of_labels(self, case: PreparedCase, found: np.ndarray) -> list[float]:
        """The Dice of each label that applies, of classes (I, J, K) at the network's own voxel size."""
        assert case.classes is not None
        each = (dice(case.classes == n, found == n) for n in range(1, len(self.run.context.task.names) + 1))
        return [score for score in each if score is not None]

    # Segmenting

    def _patch_size(self, trained: _Trained) -> tuple[int, int, int]:
        return trained.settings.patch_size if trained.settings else self.run.context.card.patch_size

    def _segmenter(self, trained: _Trained, execution: ExecutionConfig) -> Segmenter:
        run, patch_size = self.run, self._patch_size(trained)
        return Segmenter(trained.plan.network, patch_size, execution, run.log.warn, run.models.stop_if_asked)

    def _segment(self, segment: Segmenter, trained: _Trained, cases: Sequence[Case], folder: Path) -> _Scored:
        """Segment cases, write the segmentations into `folder` and score those with a reference."""
        run, unit, task = self.run, self.unit, self.run.context.task
        scored = _Scored()
        for n, case in enumerate(cases):
            run.models.stop_if_asked()
            prepared = run.prepared.get(case)
            began = time.perf_counter()
            found = self._classes(segment, trained, prepared)
            slices = found.shape[prepared.grid.axes_to_ras()[0][2]]
            scored.times.append((time.perf_counter() - began, slices))
            path = folder / f"{case.name}.nii.gz"
            try:
                if trained.plan.predicts_source_labels:
                    found = task.from_source(found)
                values = task.decode(found)
                with explain_write_errors(path, run.job.path):
                    folder.mkdir(parents=True, exist_ok=True)
                    write_labels(path, values, prepared.grid, like=case.images[0])
                    if n == 0 and folder.parent in (
                        run.job.segmentations,
                        run.job.state / "trials",
                    ):  # all are of this job
                        told = write_label_list(folder, run.context.labels, set(folder.iterdir()))
                        if told is not None:
                            run.log.warn(told)
                if case.label is not None:
                    self._score(scored, case, values, prepared.grid)
            except MemoryError:
                raise JobError(
                    "segmentation-does-not-fit",
                    "case `{case}`: memory of this computer ran out while its segmentation was written or scored; close "
                    "other programs, then `{command}`, or start a new job without this case.",
                    case=case.name,
                    command=resume_command(run.job.path),
                ) from None
            facts = {"unit": unit.title, "number": n + 1, "count": len(cases)}
            text = Problem("progress-case", "{unit}, case {number} of {count}", facts, "note")
            run.progress.update(f"{unit.name}.segment", (n + 1) / len(cases), text)
        return scored

    def _score(self, scored: _Scored, case: Case, values: np.ndarray, grid: Grid) -> None:
        """Add the scores of a segmentation, label values (I, J, K) on the case's own grid."""
        run, strategy, fold = self.run, self.unit.called.key, self.unit.fold_name
        reference = run.context.task.decode(run.prepared.reference(case))
        labels = run.context.labels
        scored.rows.extend(score_case(case.name, reference, values, grid, labels, strategy=strategy, fold=fold))
        lesion, options = run.context.lesion_value, run.context.spec.lesions
        if lesion is not None and options is not None:
            masks = reference == lesion, values == lesion
            scored.lesions.append(score_lesions(case.name, *masks, grid, options, strategy, fold))

    def _classes(self, segment: Segmenter, trained: _Trained, case: PreparedCase) -> np.ndarray:
        """The classes of a case, (I, J, K) on its own grid."""
        try:
            return smoothed(segment(case).classes, case.grid.spacing_mm, self.run.context.card.smoothing_mm)
        except FloatingPointError as error:
            if trained.plan.trainable:
                raise self._diverged(trained.plan, error) from None
            raise JobError(
                "output-not-finite",
                "case `{name}`: the model gives values that are not finite numbers, so there is no segmentation; look "
                "at the image's intensities, or use another model.",
                name=case.name,
            ) from None
        except OutOfMemory:
            raise JobError(
                "case-does-not-fit",
                "case `{case}`: memory of this computer ran out while it was segmented, even with small windows; close "
                "other programs, then `{command}`, or start a new job without this case.",
                case=case.name,
                command=resume_command(self.run.job.path),
            ) from None


def _thinned(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """(step, mean loss) over groups of neighbouring steps, at most `MOST_POINTS` of them."""
    size = max(1, -(-len(values) // MOST_POINTS))
    return tuple(
        (float(start + size / 2), float(np.mean(values[start : start + size]))) for start in range(0, len(values), size)
    )
