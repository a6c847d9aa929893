"""The training of a unit: its cases, its settings, its checkpoints and snapshots, and what is done where memory runs out."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import torch

from TransferSegLib.cases.intensity_statistics import intensity_statistics
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import JobError, NotFinite
from TransferSegLib.core.grid import times
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.jobs.choices import part_of_steps
from TransferSegLib.jobs.conditions import save_conditions
from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.fold_looks import FoldLooks, look_steps, step_of
from TransferSegLib.jobs.models import TrainedModel
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.settings import load_settings, save_settings
from TransferSegLib.jobs.snapshots import SnapshotFolder, snapshot_steps
from TransferSegLib.jobs.source_foreground import with_source_foreground
from TransferSegLib.jobs.stopped_model import stopped_model
from TransferSegLib.jobs.unit import JobRun, Trained, Unit, not_finite
from TransferSegLib.networks.execution import Precision
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
from TransferSegLib.training.unlabelled import seen_in_training
from TransferSegLib.transfer.blending import beginning_of
from TransferSegLib.transfer.plan import TransferPlan

CHECKPOINT_EVERY_S = 15.0
METRIC_EVERY_S = 1.0
# Cutting and augmenting the patches comes on top of what was measured of a step.
BESIDE_THE_STEP = 1.25
# Where none of a training's minutes is left, it takes a step all the same.
LEAST_MINUTES = 1e-6


class UnitTraining:
    """Trains one unit, and goes on from its newest checkpoint where there is one.

    Attributes:
        run: What it shares with the job's other units.
        unit: The unit.
    """

    def __init__(self, run: JobRun, unit: Unit, rate: float | None) -> None:
        """Make the training of a unit; nothing is computed yet.

        Args:
            run: What it shares with the job's other units.
            unit: The unit.
            rate: Of several learning rates the one that is tried or was chosen; None where there is nothing to choose.
        """
        self.run, self.unit, self._rate = run, unit, rate
        self._options = run.options
        self._metric_at = self._checkpoint_at = 0.0
        self._snapshot_steps: tuple[int, ...] = ()
        self._look_steps: dict[int, str] = {}
        self._beginning: dict[str, torch.Tensor] = {}

    def train(self, plan: TransferPlan, names: Sequence[str]) -> Trained:
        """Train to the end, with smaller patches where memory runs out.

        Args:
            plan: The strategy's plan, with the weights that the training begins from.
            names: The cases that are trained on, and those that a fold sets apart to validate on.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: The training blew up, or does not fit into memory; the job can be resumed.
        """
        run, unit = self.run, self.unit
        run.log.phase(Problem("phase-training", "Training: {unit}", {"unit": unit.title}, "note"))
        self._choose_options(plan)
        for_training, to_validate = self._split(names)
        cases = self._cases(plan, for_training, to_validate)
        validation = [run.prepared.get(c) for c in to_validate]
        settings: RunSettings | None = None
        while True:
            settings = settings or self._settings(plan, cases)
            training: Training | None = None
            beginning = self._beginning = beginning_of(plan)
            try:
                with memory_watch():
                    training = self._training(plan, cases, settings, validation, len(for_training))
                    self._begin_snapshots(training)
                    self._begin_looks(training)
                    training.run(functools.partial(self._on_step, training))
                break
            except OutOfMemory:
                settings = self._smaller(settings, plan)
            except NotFinite as error:
                if settings.execution.precision == "float32":
                    raise not_finite(unit, plan, self._options.first_rate, error) from None
                self._begin_in_float32(settings, error, training)
                settings = None
            # Behind the error, and without the training, its memory is free for the next.
            del training
            free_unused(run.device)
            plan = run.plans.make(unit.choice, unit.fold)
        self._end_snapshots(training)
        if unit.rate is not None and unit.fold is None:
            run.job.save_checkpoint(unit.name, training.state())
        plan = plan.finish()
        windows = run.conditions.windows
        intensities = intensity_statistics(case.image for case in cases) if unit.fold is None else ()
        steps = training.progress.step
        early = settings.ends is not None and part_of_steps(run.job, unit.called, None) != "1"
        model = TrainedModel(unit.choice, plan, len(for_training), steps, windows, intensities=intensities)
        run.models.latest = stopped_model(run, unit, model, beginning, early)
        run.models.stop_if_asked()
        self._keep_float32()
        run.progress.finish(f"{unit.name}.train")
        rate = self._options.first_rate
        return Trained(plan, settings, training.progress, rate, beginning, early=early, intensities=intensities)

    def measure(self, plan: TransferPlan, names: Sequence[str], precision: Precision | None = None) -> RunSettings:
        """Find out how the network is trained fastest, before the training. Nothing is stored.

        Args:
            plan: The strategy's plan.
            names: The cases that are trained on, and those that a fold sets apart to validate on.
            precision: The only precision to measure, beside plain float32; None for all.

        Returns:
            The settings: those that the job has stored, where they are of this device and precision.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: The training does not fit into memory.
        """
        self._choose_options(plan)
        settings = load_settings(self.run.job, self.unit.choice)
        if settings is not None:
            stored = settings.execution
            if stored.device == self.run.device and precision in (None, stored.precision):
                return settings
        cases = self._cases(plan, *self._split(names))
        return self._measured(plan, cases, precision)

    def _choose_options(self, plan: TransferPlan) -> None:
        self._options = self.run.options.for_training(carried=plan.mapping is not None)
        if self._rate is not None:
            self._options = replace(self._options, learning_rate=self._rate)

    def _cases(self, plan: TransferPlan, names: Sequence[str], to_validate: Sequence[Case]) -> list[PreparedCase]:
        """The cases of these names as the network sees them, and what the plan asks for beside them.

        That is the source's own cases, or images without labels; a case that is validated on is never among these.
        """
        run = self.run
        cases = [run.prepared.get(c) for c in run.context.training_cases if c.name in names]
        if plan.data == "source+target" and run.prepared_source is not None:
            for case in run.context.source_data.training_cases:
                run.models.stop_if_asked()
                cases.append(run.prepared_source.get(case))
        images = []
        for case in run.context.images_for(plan, {*names, *(case.name for case in to_validate)}):
            run.models.stop_if_asked()
            images.append(run.prepared.get(case))
        seen = seen_in_training(plan.teach, cases, images)
        return with_source_foreground(run, seen) if self._options.sampling == "foreground" else seen

    def _split(self, names: Sequence[str]) -> tuple[list[str], list[Case]]:
        """The names of the cases that this unit is trained on, and the cases that it is validated on.

        Cases with the role `validation` are the latter in every training of the job, that of the final model included.
        Without them, a fold sets some of its own cases apart where it has many, and the final model trains on all. A recipe
        that lets no validation case end a training has a fixed length: its folds train on all of their cases, too.
        """
        context = self.run.context
        if context.validation:
            return list(names), context.validation
        if self.unit.fold is None or not self._options.early_stopping:
            return list(names), []
        for_training, apart = split_validation(names)
        return for_training, [case for case in context.training_cases if case.name in apart]

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
        objective = run.context.objective(plan, settings.seed)
        training = Training(plan, cases, self._options, settings, objective=objective)
        if validation:
            training.validate = lambda network: self._validation_dice(network, training, validation, trained_on)
        saved = run.job.load_checkpoint(self.unit.name)
        if saved is None and self.unit.rate is None and self.unit.fold is None and self._rate is not None:
            # Without folds, the trial at the chosen learning rate is the final training: go on from its checkpoint.
            saved = run.job.load_checkpoint(replace(self.unit, rate=self._rate).name)
        if saved is not None:
            training.restore(saved)
            run.progress.resume(f"{self.unit.name}.train", training.progress.step / settings.last)
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
        precision = run.conditions.precision_of(unit.name)
        timed = self._options.minutes is not None
        if (
            settings is None
            or settings.execution.device != run.device
            or (timed and settings.execution.precision != precision)  # its steps take another time
        ):
            settings = self._measured(plan, cases, precision)
            self.remember(settings)
        settings = replace(settings, execution=replace(settings.execution, precision=precision))
        torch.set_num_threads(settings.execution.threads)
        sizes, slice_axis = case_sizes(cases), plan.network.slice_axis
        patches = patches_in_epoch(self._options, sizes, settings.patch_size, slice_axis)
        options, spent_s = self._options, run.conditions.spent_s.get(unit.name)
        if timed and spent_s is not None:
            options = replace(options, minutes=max(LEAST_MINUTES, (options.minutes or 0) - spent_s / 60))
        steps = steps_for(options, patches, settings.batch_size, settings.step_s, run.device)
        ends = self._ends(steps) if unit.fold is None and not run.context.validation else None
        seed = run.options.seed * 1000 + (0 if unit.fold is None else unit.fold.number + 1)
        settings = replace(settings, steps=steps, seed=seed, ends=ends)
        if settings.step_s is not None:
            run.progress.measured(f"{unit.name}.train", settings.last * settings.step_s * BESIDE_THE_STEP)
        return settings

    def _ends(self, steps: int) -> int | None:
        """After which step the final model ends, so that it trains as long as was best for the folds; None after all.

        It has the learning rates that the folds had up to there: those of the whole budget, of which it takes a part.
        """
        run, unit = self.run, self.unit
        part = float(part_of_steps(run.job, unit.called, None))
        if part < 1:
            return step_of(part, steps)
        found = [r for r in unit_results(run.job, run.context.spec) if r.strategy == unit.called.key and r.best_step]
        parts = [(r.best_step or 0) / int((r.settings or {}).get("steps", r.steps)) for r in found]
        return step_of(statistics.median(parts), steps) if parts else None

    def _measured(self, plan: TransferPlan, cases: Sequence[PreparedCase], precision: Precision | None) -> RunSettings:
        """The settings of the strategy's trainings as measured on this machine."""
        run = self.run
        try:
            settings = configure_run(
                plan,
                cases,
                self._options,
                run.context.card.patch_size,
                run.device,
                lambda **fields: run.log.write("choice", strategy=self.unit.choice.key, **fields),
                run.context.objective(plan, run.options.seed),
                self._warn_smaller,
                precision=precision,
            )
        except OutOfMemory:
            raise self._nothing_smaller() from None
        return settings

    def remember(self, settings: RunSettings) -> None:
        """Store the settings of the strategy's trainings."""
        save_settings(self.run.job, self.unit.choice, settings)
        self.run.log.write("choice", strategy=self.unit.choice.key, chosen=to_json(settings))

    def _smaller(self, settings: RunSettings, plan: TransferPlan) -> RunSettings:
        """The settings to go on with after memory ran out, from the beginning of the training."""
        run = self.run
        reduced = smaller(settings, plan.network.divisor)
        if reduced is None:
            raise self._nothing_smaller() from None
        self._warn_smaller(reduced)
        self.remember(reduced)
        run.job.drop_checkpoints(self.unit.name)
        return reduced

    def _begin_in_float32(self, settings: RunSettings, error: NotFinite, training: Training | None) -> None:
        """Store that the training begins again in float32 after numbers were not finite, from its beginning.

        A checkpoint of before would spare time, but which one there is depends on the clock, and so would the result. What is
        finite in it may be spoilt, too: the optimiser's squares of large gradients. Minutes that were asked for are those of
        both attempts.
        """
        run = self.run
        run.job.drop_checkpoints(self.unit.name)
        spent_s = (training.progress.seconds if training is not None else None) or 0.0
        save_conditions(run.job, run.conditions.again_in_float32(self.unit.name, spent_s))
        run.log.warn(
            Problem(
                "training-again-in-float32",
                "{unit}: {reason} in {precision}, which is less exact: the training begins again in float32",
                {"unit": self.unit.title, "reason": error, "precision": settings.execution.precision},
                "warning",
            )
        )

    def _keep_float32(self) -> None:
        """Once float32 has trained what another precision could not, it is the precision of the rest of the job.

        Had it failed as well, the precision would not have been to blame.
        """
        conditions = self.run.conditions
        if self.unit.name in conditions.in_float32 and conditions.precision != "float32":
            save_conditions(self.run.job, replace(conditions, precision="float32"))

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
        now, total = time.monotonic(), training.settings.last
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
        if curve.step in self._look_steps:
            self._look(training, self._look_steps[curve.step])
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
        self._snapshot_steps = () if count is None else snapshot_steps(count, training.settings.last)
        if self._snapshot_steps and training.progress.step == 0:
            self._snapshots.begin_anew()
            self._snapshots.save(0, training.weights())

    def _begin_looks(self, training: Training) -> None:
        """Decide after which steps a fold is looked at, where the folds choose with how many steps the models end."""
        run, fold, count = self.run, self.unit.fold, self._options.fold_looks
        self._look_steps = {}
        alone = self.unit.rate is None and self.unit.round is None and training.validate is None
        if fold is None or not count or not self._options.early_stopping or not alone:
            return
        size = sum(tensor.numel() * tensor.element_size() for tensor in training.weights().values())
        self._look_steps = look_steps(count, training.settings.steps, size, len(run.context.folds()))
        if training.progress.step == 0:
            FoldLooks(run.job, self.unit.called, fold.number).begin_anew()

    def _look(self, training: Training, share: str) -> None:
        """Score the averaged weights on the cases that the fold leaves out, and keep both."""
        run, fold = self.run, self.unit.fold
        assert fold is not None

        def held_out() -> Iterator[PreparedCase]:
            for case in run.context.training_cases:
                if case.name in fold.held_out:
                    yield run.prepared.get(case)

        network = cast(StagedNetwork, training.average.module)
        was_training, found = network.training, None
        measure = run.network_dice(training.plan.predicts_source_labels, training.settings.execution.precision)
        try:
            with memory_watch():
                network.eval()
                found = measure.of_cases(network, held_out())
        except (OutOfMemory, NotFinite) as error:  # no failure of the training, which goes on as it was
            finite = isinstance(error, OutOfMemory)
        finally:
            network.train(was_training)
        if found is None:
            free_unused(run.device)
            fields = {"unit": self.unit.title, "percent": round(100 * float(share)), "memory": finite}
            run.log.warn(
                Problem(
                    "look-skipped",
                    "{unit}: what it finds after {percent} % of its steps was not measured ({memory:?memory ran out|its "
                    "output was not finite}), so every model of the strategy takes all of its steps",
                    fields,
                    "warning",
                )
            )
            return
        FoldLooks(run.job, self.unit.called, fold.number).save(share, training.weights(), tuple(found))

    def _end_snapshots(self, training: Training) -> None:
        """Keep the last weights of a training that ended before its budget."""
        step = training.progress.step
        if self._snapshot_steps and step not in self._snapshot_steps and not self.run.job.cancel_requested():
            self._snapshots.save(step, training.weights())

    def _validation_dice(
        self, network: StagedNetwork, training: Training, cases: Sequence[PreparedCase], trained_on: int
    ) -> float:
        """The mean Dice over the cases kept for early stopping and their labels, at the network's own voxel size."""
        run, windows = self.run, self.run.conditions.windows

        def until_asked_to_stop() -> Iterator[PreparedCase]:
            for case in cases:
                if run.job.cancel_requested():
                    # The checkpoint before this look at the cases is the one to go on from.
                    step = training.progress.step
                    plan = training.plan.finish()
                    model = TrainedModel(self.unit.choice, plan, trained_on, step, windows)
                    run.models.latest = stopped_model(run, self.unit, model, self._beginning)
                    run.models.stop()
                yield case

        measure = run.network_dice(training.plan.predicts_source_labels, training.settings.execution.precision)
        return measure.mean(network, until_asked_to_stop())
