"""The work of a unit from its beginning to its result: train, segment and score, store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.choices import TrainedFold, part_of_steps, save_trained_fold, trained_fold
from TransferSegLib.jobs.ensembles import networks_of
from TransferSegLib.jobs.files import copy_segmentations
from TransferSegLib.jobs.fold_looks import FoldLooks, step_of
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.mean_of_folds import averages_weights, lie_between, mean_of_folds, scored_folds
from TransferSegLib.jobs.models import TrainedModel
from TransferSegLib.jobs.post_processing import post_processed
from TransferSegLib.jobs.results import UnitResult, unit_result
from TransferSegLib.jobs.scored_folds import scored_model
from TransferSegLib.jobs.stored_split import stored_folds
from TransferSegLib.jobs.unit import JobRun, Trained, Unit
from TransferSegLib.jobs.unit_blending import UnitBlending
from TransferSegLib.jobs.unit_scoring import Scored, UnitScoring
from TransferSegLib.jobs.unit_training import UnitTraining
from TransferSegLib.training.loop import Progress as LearningCurve
from TransferSegLib.training.loop import RunSettings
from TransferSegLib.transfer.blending import beginning_of
from TransferSegLib.transfer.plan import TransferPlan

# A curve of more points than this shows no more.
MOST_POINTS = 200


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

    def train_fold(self, shares: bool = True) -> None:
        """Train a fold, keep its weights, and score what there is to choose from on its held-out cases.

        `execute` goes on from there, once all folds have their scores.

        Args:
            shares: Whether there are shares of the adapted weights to choose from; else the model chooses for itself.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: The fold cannot be trained; the job can be resumed.
        """
        run, unit = self.run, self.unit
        assert unit.fold is not None
        kept = FoldModels(run.job, unit.trained_as).file(unit.fold.number).is_file()
        if kept and trained_fold(run.job, unit.name) is not None:
            return
        trained = self._train(run.plans.make(unit.choice, unit.fold))
        assert trained.settings is not None
        blending = UnitBlending(run, unit)
        if shares:
            default, dice = blending.candidates(trained, self._names, self._held_out)
        else:
            default, dice = "", {"": tuple(blending.dice(blending.blend(trained, self._names), self._held_out))}
        curve = trained.curve
        found = TrainedFold(
            to_json(trained.settings),
            tuple(curve.losses),
            tuple(curve.validation),
            curve.seconds,
            tuple(curve.check_seconds),
            trained.rate,
            default,
            dice,
        )
        save_trained_fold(run.job, unit.name, found)
        run.job.drop_checkpoints(unit.name)

    def execute(self) -> None:
        """Train, unless the strategy trains nothing; segment and score the cases not trained on; store the result.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: The unit cannot be finished; the job can be resumed.
        """
        run, unit, names = self.run, self.unit, self._names
        plan = run.plans.make(unit.choice, unit.fold)
        if plan.trainable:
            trained = self._trained_before(plan) or self._mean_of_folds(plan) or self._train(plan)
            plan = trained.plan
        else:
            self._log_weights(plan)
            trained = Trained(plan, None, LearningCurve())
        is_final = unit.fold is None and unit.rate is None
        inference = post_processed(run, unit) if is_final else run.context.card.inference
        scoring = UnitScoring(run, unit, inference)
        if trained.settings is None and self._chosen_by_validation:
            trained.curve.validation.append((0, scoring.dice_validated(trained)))
        if unit.rate is not None and unit.fold is None:
            # Validation cases alone decide. The unit itself goes on from the checkpoint of the chosen trial.
            self._save_result(trained, Scored())
            run.progress.finish(f"{unit.name}.segment")
            return
        blending = UnitBlending(run, unit)
        trained = blending.blend(trained, names)
        between = unit.fold is None and trained.share not in (None, 1)
        validated = scoring.dice_validated(trained) if between and run.context.validation else None
        tested = self._tested_before() if is_final and not plan.trainable else None
        held_out = self._held_out if tested is None else []
        run.log.phase(Problem("phase-segmenting", "Segmenting: {unit}", {"unit": unit.title}, "note"))
        averaged = unit.fold is None and plan.trainable and run.context.is_ensemble
        members = self._members(run.plans.make(unit.choice, None)) if averaged else {}
        segment = scoring.segmenter(trained, networks_of(plan.network, members))
        folder = run.job.state / "trials" / unit.name if unit.is_trial else run.job.segmentations / unit.called.slug
        scored = scoring.segment(segment, trained, held_out, folder)
        if unit.fold is None and run.kept in (None, unit.choice):
            # What the source model as it is segments is called so, also where a job recommends it.
            named = unit.called if plan.trainable else unit.choice
            maps = run.job.uncertainty / named.slug if run.options.uncertainty else None
            scoring.segment(segment, trained, run.context.unlabelled, run.job.segmentations / named.slug, maps)
            self._store_model(trained, len(names), inference, members)
        network_dice: dict[str, float] = {}
        if not plan.trainable and unit.fold is not None and run.context.spec.recommends:
            cases = [case.name for case in held_out]
            network_dice = dict(zip(cases, blending.dice(trained, held_out), strict=True))
        if not plan.trainable:
            trained.plan.network.to("cpu")  # It serves later folds, and until then leaves the GPU to what is trained.
        if tested is None:
            result = self._save_result(trained, scored, validated, network_dice)
        else:
            result, tests = tested.called(unit.called), [case.name for case in run.context.tests]
            copy_segmentations(run.job.segmentations / unit.choice.slug, folder, tests, run.job.path)
            run.job.save_result(unit.name, to_json(result))
        run.job.drop_checkpoints(unit.name)
        scored_on = len(self._held_out)
        run.log.write("result", unit=unit.name, strategy=unit.called.key, dice=result.mean_dice, cases=scored_on)
        run.progress.finish(f"{unit.name}.segment")

    @property
    def _names(self) -> list[str]:
        """The names of the cases that the unit is trained on."""
        fold = self.unit.fold
        return [case.name for case in self.run.context.training_cases] if fold is None else list(fold.train)

    @property
    def _held_out(self) -> list[Case]:
        """The cases that the unit is scored on."""
        context, fold = self.run.context, self.unit.fold
        return context.tests if fold is None else [c for c in context.training_cases if c.name in fold.held_out]

    def _tested_before(self) -> UnitResult | None:
        """What the source model as it is scored on the test cases before it was recommended; None where it did not."""
        own = Unit(self.unit.choice, None).name
        if self.unit.scored_as is None or self.run.job.load_result(own) is None:
            return None
        return unit_result(self.run.job, own)

    def _train(self, plan: TransferPlan) -> Trained:
        """Train, and keep the weights of a fold."""
        self._log_weights(plan)
        trained = UnitTraining(self.run, self.unit, self._rate).train(plan, self._names)
        if self.unit.fold is not None:
            FoldModels(self.run.job, self.unit.trained_as).save(
                self.unit.fold.number, trained.plan.network.state_dict()
            )
        return trained

    def _trained_before(self, plan: TransferPlan) -> Trained | None:
        """What `train_fold` has trained, with its weights in the plan's network; None where it has not, or they are gone."""
        job, unit = self.run.job, self.unit
        stored = None if unit.fold is None or unit.rate is not None else trained_fold(job, unit.training)
        if stored is None or unit.fold is None:
            return None
        try:
            state = FoldModels(job, unit.trained_as).load(unit.fold.number)
        except InputError:
            return None
        settings = from_json(RunSettings, stored.settings, f"settings of {unit.name}")
        beginning = beginning_of(plan)
        plan = plan.finish()
        self.run.segmenting().place(plan.network)
        plan.network.load_state_dict(state)
        plan.network.eval()
        check_seconds = list(stored.check_seconds)
        curve = LearningCurve(
            len(stored.losses), list(stored.losses), list(stored.validation), stored.seconds, check_seconds
        )
        self.run.progress.finish(f"{unit.name}.train")
        part = unit.steps or part_of_steps(job, unit.trained_as, unit.fold.number)
        earlier = None if part == "1" else FoldLooks(job, unit.trained_as, unit.fold.number).load(part)
        if earlier is None:
            return Trained(plan, settings, curve, stored.rate, beginning)
        plan.network.load_state_dict(earlier)
        steps = step_of(float(part), settings.steps)
        curve = LearningCurve(steps, curve.losses[:steps], seconds=None)
        return Trained(plan, replace(settings, ends=steps), curve, stored.rate, beginning, early=True)

    def _log_weights(self, plan: TransferPlan) -> None:
        """Log what became of the source's weights, where it was not logged before."""
        if plan.mapping is not None and self._log_mapping:
            self.run.log.write("choice", strategy=self.unit.choice.key, weights=plan.mapping.summary())

    def _mean_of_folds(self, plan: TransferPlan) -> Trained | None:
        """The mean of the models of the folds, where it is a final model as good as one that is trained; else None."""
        run, unit = self.run, self.unit
        scored = scored_folds(run, unit) if averages_weights(run, unit, plan) else {}
        if not lie_between(scored):
            return None
        run.log.phase(Problem("phase-averaging", "Averaging the models of the folds", severity="note"))
        found = mean_of_folds(run, plan, scored, self._members(plan))
        run.progress.finish(f"{unit.name}.train")
        return found

    def _members(self, plan: TransferPlan) -> dict[str, Mapping[str, Tensor]]:
        """The models of the folds as they segmented their cases: what each is called, such as `fold0` → its weights.

        Args:
            plan: The unit's plan, with the weights that its training would begin with. Without a parent all folds begin
                alike, but for layers that are new, and these are not blended.
        """
        run, unit, scored_as = self.run, self.unit, replace(self.unit, scored_as=None).called
        trained = FoldModels(run.job, unit.trained_as).files()
        found: dict[str, Mapping[str, Tensor]] = {}
        for fold in stored_folds(run.job):
            if fold.number in trained:
                own = run.plans.make(unit.choice, fold) if run.context.spec.parent else plan
                found[f"fold{fold.number}"] = scored_model(run, own, fold, unit.trained_as, scored_as)
        return found

    @property
    def _chosen_by_validation(self) -> bool:
        """Whether cases to validate on alone say which strategy's final model is the best."""
        context = self.run.context
        return self.unit.fold is None and bool(context.validation) and not context.tests

    def _store_model(
        self,
        trained: Trained,
        cases: int,
        inference: InferenceSettings,
        members: Mapping[str, Mapping[str, Tensor]],
    ) -> None:
        windows = self.run.conditions.windows
        model = TrainedModel(
            self.unit.choice,
            trained.plan,
            cases,
            trained.curve.step,
            windows,
            self._rate,
            trained.share,
            inference,
            members,
            self.unit.share_as,
            trained.intensities,
            trained.mean_of,
        )
        if self.run.kept:
            self.run.models.keep(model)
        else:
            self.run.models.keep_candidate(model)

    def _save_result(
        self,
        trained: Trained,
        scored: Scored,
        validated: float | None = None,
        network_dice: Mapping[str, float] | None = None,
    ) -> UnitResult:
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
            case_s=scored.case_s,
            windows=self.run.conditions.windows,
            precision=self.run.conditions.precision,
            adapted_share=trained.share,
            validated=validated,
            calibration=scored.calibration.as_numbers,
            network_dice=network_dice or {},
        )
        self.run.job.save_result(self.unit.name, to_json(result))
        return result


def _thinned(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """(step, mean loss) over groups of neighbouring steps, at most `MOST_POINTS` of them."""
    size = max(1, -(-len(values) // MOST_POINTS))
    return tuple(
        (float(start + size / 2), float(np.mean(values[start : start + size]))) for start in range(0, len(values), size)
    )
