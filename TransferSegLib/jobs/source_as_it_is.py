"""What a source model does with cases as it is, and how far these are from what it was trained on."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.annotation import classes_of, compared, never_annotated, open_classes
from TransferSegLib.cases.extent import axes_shown
from TransferSegLib.cases.intensity_statistics import intensity_distance
from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.cases.volumes import read_grid, read_labels
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.inference_settings import COPIES_OF_ANY_CONTRAST
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing_words import known_sides
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.calibration import Calibration, CalibrationSums
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.disagreement import disagreement
from TransferSegLib.evaluation.exchanged_labels import exchanged_labels
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.predicted_dice import promised_dice
from TransferSegLib.evaluation.scores import mask_of
from TransferSegLib.inference.components import cleaned
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.conditions import Conditions, load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_choices import label_choices, settings_of_choices
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.networks.execution import likely_execution

# Without a batch normalisation's stored statistics, nothing of the source's features is known.
_BATCH_NORMS = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d)


def feature_distance(network: torch.nn.Module) -> tuple[list[Any], list[float]]:
    """Measure, while a network runs, how far the inputs of its batch normalisations are from its training's.

    Each normalisation has stored mean and variance of each channel over the training, which tell domains apart (Li et al.,
    Adaptive batch normalization for practical domain adaptation, Pattern Recognition 2018). The distance of a channel is the
    Kullback-Leibler divergence of the normal distribution of its inputs now from the stored one, in nats; 0 is no shift.

    Args:
        network: The network.

    Returns:
        Handles that remove the measuring, and a list. Each normalisation that runs adds its mean over channels to it.
    """
    found: list[float] = []

    def measure(module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        values = inputs[0].detach().float()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        mean, variance = values.mean(axes), values.var(axes, unbiased=False) + module.eps
        before = module.running_var.float() + module.eps
        apart = (variance + (mean - module.running_mean.float()) ** 2) / before - 1 - torch.log(variance / before)
        found.append(float(apart.mean() / 2))

    norms = [m for m in network.modules() if isinstance(m, _BATCH_NORMS) and m.running_mean is not None]
    return [norm.register_forward_pre_hook(measure) for norm in norms], found


@dataclass(frozen=True)
class Measured:
    """What the source model does with the cases.

    Attributes:
        dice: (name, mean Dice over the labels) of each case with a reference.
        shared: The same over the labels that the source model has.
        promised: Name of a case → the Dice that the model's own probabilities promise.
        exchanged: That two labels seem to be exchanged; None where they do not.
        copies: The mean disagreement of what is found in images with what is found in copies of them.
        calibration: See `Advice`; so are the others.
    """

    dice: tuple[tuple[str, float | None], ...]
    shared: tuple[tuple[str, float | None], ...]
    promised: Mapping[str, float]
    exchanged: Problem | None
    copies: float
    calibration: Calibration | None
    features: float | None
    intensities: float | None

    @classmethod
    def of(cls, context: JobContext, cases: Sequence[Case], model: SourceModel) -> Measured:
        """Segment cases and measure what was found.

        Args:
            context: The cases and the source model.
            cases: Those to measure, one at least.
            model: The source model.
        """
        scores, shared, apart, sums = [], [], [], CalibrationSums()
        promised, copies = {}, []
        exchanged: Problem | None = None
        handles, features = feature_distance(model.network)
        try:
            for case in cases:
                found = model.measure(case)
                apart.append(found.intensities)
                promised[case.name] = promised_dice(found.probabilities)
                copies.append(found.copies)
                if case.label is None:
                    continue
                labels = read_labels(case.label, case.renumbered, read_grid(case.images[0]))
                reference = classes_of(case, labels.array, labels.grid, context.task)
                opened = open_classes(case, reference, context.task)
                right, classes = compared(reference, found.classes, opened)
                left_out = never_annotated(opened)
                names = [n for n in range(1, len(context.task.names) + 1) if n not in left_out]
                regions = context.task.regions
                if exchanged is None and not regions:
                    begins = {n: context.task.names[n - 1] for n in names if context.task.source_classes[n]}
                    exchanged = exchanged_labels(right, classes, begins)
                masks = {n: (mask_of(right, n, regions), mask_of(classes, n, regions)) for n in names}
                each = {n: v for n, both in masks.items() if (v := dice(*both)) is not None}
                begun = [value for n, value in each.items() if context.task.source_classes[n]]
                scores.append((case.name, statistics.fmean(each.values()) if each else None))
                shared.append((case.name, statistics.fmean(begun) if begun else None))
                sums.add(found.probabilities.argmax(axis=0), found.probabilities.max(axis=0), reference)
        finally:
            for handle in handles:
                handle.remove()
        known = [one for one in apart if one is not None]
        return cls(
            tuple(scores),
            tuple(shared),
            promised,
            exchanged,
            statistics.fmean(copies),
            sums.result(),
            statistics.fmean(features) if features else None,
            statistics.fmean(known) if known else None,
        )


@dataclass(frozen=True)
class Segmented:
    """What the source model makes of a case.

    Attributes:
        classes: The target's classes, (I, J, K) on the case's own grid.
        probabilities: Those of the target's classes, (classes, I, J, K).
        intensities: How far the image's intensities are from those of the model's training; None where these are not known.
        copies: How much what is found in the image disagrees with the mean over it and copies of it, 0 to 1.
    """

    classes: np.ndarray
    probabilities: np.ndarray
    intensities: float | None
    copies: float


class SourceModel:
    """Segments with the source model as it is, as `direct` does in a job."""

    def __init__(self, context: JobContext, device: str, conditions: Conditions | None = None) -> None:
        """Load the network.

        Args:
            context: The cases and the source model, with the smoothing, copies and components of a job.
            device: What it runs on.
            conditions: The windows and the precision of a job; None is those of a job that begins now, in float32.
        """
        self._context = context
        self.network = context.plan(StrategyChoice(BASELINE)).network.eval()
        card, execution = context.card, likely_execution(device, deterministic=True)
        windows = card.patch_size
        if conditions is not None:
            windows = conditions.windows
            # A precision is known to be of use on the job's own device alone; elsewhere float32 differs by rounding.
            if conditions.device == device:
                execution = replace(execution, precision=conditions.precision)
        one = card.inference.times == 1
        other = replace(card.inference, copies=COPIES_OF_ANY_CONTRAST if one else 1, mirror=())
        self._segment, self._otherwise = (
            Segmenter(self.network, windows, execution, lambda problem: None, settings=settings)
            for settings in (card.inference, other)
        )

    @classmethod
    def of_job(cls, job: JobFolder, context: JobContext, device: str) -> tuple[SourceModel, LabelTask]:
        """The source model as a job segments with it, and the labels that the job segments.

        Args:
            job: The job.
            context: The cases and the source model of the advice, which may lie elsewhere now than when the job ran.
            device: What it runs on.
        """
        now = context.spec
        asked = replace(
            job.read_spec(),
            target=now.target,
            source=now.source,
            pooled=(),
            cases=None,
            validation=None,
            lesions=None,
            parent=None,
        )
        own = JobContext.read(asked)
        choice = StrategyChoice(BASELINE)
        inference = settings_of_choices(own, choice, label_choices(job, choice) or ())
        own = replace(own, card=replace(own.card, inference=inference))
        return cls(own, device, load_conditions(job)), own.task

    def segment(self, case: Case) -> np.ndarray:
        """The target's classes, (I, J, K) on the case's own grid."""
        prepared = prepare_case(case, self._context.card.preprocessing)
        return self._classes(self._segment(prepared).classes, prepared)

    def measure(self, case: Case) -> Segmented:
        """Segment a case, and measure how far it is from the model's training."""
        card, task = self._context.card, self._context.task
        prepared = prepare_case(case, card.preprocessing)
        found = self._segment(prepared, probabilities=True)
        assert found.probabilities is not None
        seen = [task.from_source(classes) for classes in (found.classes, self._otherwise(prepared).classes)]
        away = intensity_distance(prepared.image, card.intensities)
        probabilities = _of_target(found.probabilities, task)
        return Segmented(self._classes(found.classes, prepared), probabilities, away, disagreement(seen, task.regions))

    def _classes(self, found: np.ndarray, case: PreparedCase) -> np.ndarray:
        """What is made of the network's classes: smoothed, cleaned, and translated to the target's."""
        card = self._context.card
        found = smoothed(found, case.grid.spacing_mm, card.smoothing_mm)
        return self._context.task.from_source(cleaned(found, card.label_names, card.inference))


def _of_target(probabilities: np.ndarray, task: LabelTask) -> np.ndarray:
    """The probabilities of the target's classes, (classes, I, J, K): what begins from several source classes is their sum."""
    own = [probabilities[list(begins)].sum(axis=0) if begins else None for begins in task.source_classes[1:]]
    classes = np.stack([np.zeros_like(probabilities[0]) if one is None else one for one in own])
    return np.concatenate([1 - classes.sum(axis=0, keepdims=True), classes])


def spacing_ratio(context: JobContext) -> tuple[float, float, float] | None:
    """The median voxel size of the cases over that of the model: right, anterior, superior; None where it takes any."""
    preprocessing = context.card.preprocessing
    if not known_sides(preprocessing.spacing_mm):
        return None
    grids = [read_grid(case.images[0]) for case in context.target.cases]
    axes = [axes_shown(grid, slices_last=context.card.preprocessing.slices_last)[0] for grid in grids]
    sizes = [[grid.spacing_mm[a] for a in order] for grid, order in zip(grids, axes, strict=True)]
    median_mm = [statistics.median(one[n] for one in sizes) for n in range(3)]
    a, b, c = (own / mm for own, mm in zip(median_mm, preprocessing.spacing_for(median_mm), strict=True))
    return a, b, c
