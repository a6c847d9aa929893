"""What can be said of a source model and a target set: before a training, and after jobs.

Before: how far the target is from what the source model was made for, and how good that is on it as it is. After: what
more annotated cases would bring, and whether disagreement tells of a low Dice. What cannot be said is said to be unknown.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.annotation import classes_of, compared, never_annotated, open_classes
from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.intensity_statistics import intensity_distance
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import read_grid, read_labels
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import times
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.calibration import Calibration, CalibrationSums
from TransferSegLib.evaluation.case_curve import CaseCurve, case_curve
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD
from TransferSegLib.evaluation.disagreement import disagreement
from TransferSegLib.evaluation.experience import MEASURED_ON, Experience, experience
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.predicted_dice import DicePrediction, dice_prediction
from TransferSegLib.evaluation.scores import mask_of
from TransferSegLib.evaluation.statistics import Statistics, describe
from TransferSegLib.inference.components import cleaned
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.advised_jobs import digests_by_name, is_same_image, refuse_other_cases, refuse_other_source
from TransferSegLib.jobs.conditions import Conditions, load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.networks.execution import likely_execution, pick_device
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.transfer.checks import SEEN_BY_SOURCE, known_to_source

# Voxels that are so many times as large or small as the model's show other detail, or less.
FAR_SPACING = 1.5
# Without a batch normalisation's stored statistics, nothing of the source's features is known.
_BATCH_NORMS = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d)


@dataclass(frozen=True)
class Advice:
    """What can be said of a source model and a target set.

    Attributes:
        source: The source model's name.
        target: The target set's name.
        spacing_ratio: The median voxel size of the cases over that of the model: right, anterior, superior. None where the
            model takes any.
        features: How far the inputs of the network's batch normalisations are from those of its training; see
            `feature_distance`. None where the network stores no such statistics.
        intensities: How far the intensities of the cases are from those of the model's training, in standard deviations, as a
            mean over cases. None where the card does not know these.
        seen: The names of the annotated cases that the source model was trained or validated on, as far as its card knows. No
            Dice, calibration or curve is of them.
        direct: The mean Dice of the source model as it is over the other annotated cases. None without such.
        direct_cases: (name, Dice) of each.
        calibration: Whether the source model's probabilities are right on them.
        expected: What fine-tuning has brought source models that were about as good; empty where that was not measured.
        curve: The Dice over the number of annotated cases. None where jobs have fewer than two sizes.
        prediction: Whether the disagreement between source and kept model predicts the Dice.
        predicted: (name, Dice) of cases without a reference, where that prediction is of use.
        problems: All of it in sentences, in the order in which they are read.
    """

    source: str
    target: str
    spacing_ratio: tuple[float, float, float] | None
    features: float | None
    intensities: float | None
    seen: tuple[str, ...]
    direct: Statistics | None
    direct_cases: tuple[tuple[str, float], ...]
    calibration: Calibration | None
    expected: tuple[Experience, ...]
    curve: CaseCurve | None
    prediction: DicePrediction | None
    predicted: tuple[tuple[str, float], ...]
    problems: tuple[Problem, ...]


def advise(
    source: SourceFolder, target: Path, jobs: Sequence[JobFolder] = (), device: str = "auto", label_map: Any = None
) -> Advice:
    """Say what can be said of a source model and a target set.

    Args:
        source: The source model.
        target: The data set.
        jobs: Finished jobs that adapted the model to this target. Jobs with different numbers of cases make the curve; the
            last one says what disagreement is worth.
        device: What the source model runs on.
        label_map: Target label name → source label name, as in a job.

    Raises:
        InputError: The model or the cases cannot be used; a job has no scores, or is of another source model or other cases.
    """
    direct = StrategyChoice(BASELINE)
    spec = JobSpec(
        JOB_FORMAT,
        "adapt",
        str(target.absolute()),
        (direct,),
        direct.key,
        source=str(source.folder),
        label_map=label_map,
    )
    context = JobContext.read(spec, source)
    if source.card.task != "segmentation":
        raise InputError(
            "advise-without-segmentation",
            "`{model}`: was trained for {task} and segments nothing, so nothing can be measured before it is adapted.",
            model=source.card.name,
            task=source.card.task,
        )
    ratio = _spacing_ratio(context)
    digests = digests_by_name(context.target)
    for job in jobs:
        _ = _kept(job)
        refuse_other_source(job, source.card)
        refuse_other_cases(job, context.target, digests)
    annotated = [case for case in context.target.cases if case.label is not None]
    known = list(known_to_source(((case, digests[case.name]) for case in annotated), source.card))
    seen = tuple(problem.case for problem in known if problem.case and problem.code == SEEN_BY_SOURCE)
    chosen = pick_device(device)
    model = _SourceModel(context, chosen)
    unseen = [case for case in annotated if case.name not in seen]
    measured = _Measured.of(context, unseen or [replace(case, label=None) for case in context.target.cases[:4]], model)
    scored = tuple((name, value) for name, value in measured.dice if value is not None)
    curve = _curve(jobs, seen)
    prediction, predicted = _prediction(jobs[-1], context, chosen, digests, seen) if jobs else (None, ())
    statistics_of_direct = describe([value for _, value in scored]) if scored else None
    shared = [value for _, value in measured.shared if value is not None]
    expected = experience(statistics.fmean(shared), source.card.body_part) if shared else ()
    problems = (
        *_about_seen(source.card, seen, len(known) - len(seen), len(annotated)),
        *_about_spacing(ratio, context),
        _about_features(measured.features),
        _about_intensities(measured.intensities, source.card),
        *_about_direct(statistics_of_direct, expected, measured.calibration, bool(seen)),
        *_about_jobs(jobs, curve, prediction, seen),
    )
    return Advice(
        source.card.name,
        context.target.name,
        ratio,
        measured.features,
        measured.intensities,
        seen,
        statistics_of_direct,
        scored,
        measured.calibration,
        expected,
        curve,
        prediction,
        predicted,
        problems,
    )


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
class _Measured:
    """What the source model does with the cases.

    Attributes:
        dice: (name, mean Dice over the labels) of each case.
        shared: The same over the labels that the source model has.
        calibration: See `Advice`; so are the others.
    """

    dice: tuple[tuple[str, float | None], ...]
    shared: tuple[tuple[str, float | None], ...]
    calibration: Calibration | None
    features: float | None
    intensities: float | None

    @classmethod
    def of(cls, context: JobContext, cases: Sequence[Case], model: _SourceModel) -> _Measured:
        scores, shared, apart, sums = [], [], [], CalibrationSums()
        handles, features = feature_distance(model.network)
        try:
            for case in cases:
                found = model.segment(case)
                apart.append(found.intensities)
                if case.label is None:
                    continue
                labels = read_labels(case.label, case.renumbered, read_grid(case.images[0]))
                reference = classes_of(case, labels.array, labels.grid, context.task)
                opened, regions = open_classes(case, reference, context.task), context.task.regions
                right, classes = compared(reference, found.classes, opened)
                names = [n for n in range(1, len(context.task.names) + 1) if n not in never_annotated(opened)]
                each = {
                    n: v
                    for n in names
                    if (v := dice(mask_of(right, n, regions), mask_of(classes, n, regions))) is not None
                }
                begun = [value for n, value in each.items() if context.task.source_classes[n]]
                scores.append((case.name, statistics.fmean(each.values()) if each else None))
                shared.append((case.name, statistics.fmean(begun) if begun else None))
                sums.add(found.probabilities, reference)
        finally:
            for handle in handles:
                handle.remove()
        known = [one for one in apart if one is not None]
        return cls(
            tuple(scores),
            tuple(shared),
            sums.result(),
            statistics.fmean(features) if features else None,
            statistics.fmean(known) if known else None,
        )


@dataclass(frozen=True)
class _Segmented:
    """What the source model makes of a case.

    Attributes:
        classes: The target's classes, (I, J, K) on the case's own grid.
        probabilities: Those of the target's classes, (classes, I, J, K).
        intensities: How far the image's intensities are from those of the model's training; None where these are not known.
    """

    classes: np.ndarray
    probabilities: np.ndarray
    intensities: float | None


class _SourceModel:
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
        self._segment = Segmenter(self.network, windows, execution, lambda problem: None, settings=card.inference)

    @classmethod
    def of_job(cls, job: JobFolder, context: JobContext, device: str) -> tuple[_SourceModel, LabelTask]:
        """The source model as a job segments with it, and the labels that the job segments.

        Args:
            job: The job.
            context: The cases and the source model of the advice, which may lie elsewhere now than when the job ran.
            device: What it runs on.
        """
        now = context.spec
        asked = replace(
            job.read_spec(), target=now.target, source=now.source, pooled=(), cases=None, validation=None, lesions=None
        )
        own = JobContext.read(asked)
        return cls(own, device, load_conditions(job)), own.task

    def segment(self, case: Case) -> _Segmented:
        card, task = self._context.card, self._context.task
        prepared = prepare_case(case, card.preprocessing)
        found = self._segment(prepared, probabilities=True)
        assert found.probabilities is not None
        classes = smoothed(found.classes, prepared.grid.spacing_mm, card.smoothing_mm)
        classes = task.from_source(cleaned(classes, card.label_names, card.inference))
        away = intensity_distance(prepared.image, card.intensities)
        return _Segmented(classes, _of_target(found.probabilities, task), away)


def _of_target(probabilities: np.ndarray, task: LabelTask) -> np.ndarray:
    """The probabilities of the target's classes, (classes, I, J, K): what begins from several source classes is their sum."""
    own = [probabilities[list(begins)].sum(axis=0) if begins else None for begins in task.source_classes[1:]]
    classes = np.stack([np.zeros_like(probabilities[0]) if one is None else one for one in own])
    return np.concatenate([1 - classes.sum(axis=0, keepdims=True), classes])


def _spacing_ratio(context: JobContext) -> tuple[float, float, float] | None:
    wanted = context.card.preprocessing.spacing_mm
    if wanted is None:
        return None
    grids = [read_grid(case.images[0]) for case in context.target.cases]
    axes = [grid.axes_to_ras()[0] for grid in grids]
    sizes = [[grid.spacing_mm[a] for a in order] for grid, order in zip(grids, axes, strict=True)]
    a, b, c = (statistics.median(one[n] for one in sizes) / wanted[n] for n in range(3))
    return a, b, c


def _about_seen(card: ModelCard, seen: Sequence[str], without_labels: int, annotated: int) -> list[Problem]:
    """What is said first: whether the source model has learned from the cases."""
    found = []
    if not annotated:
        return []
    if seen:
        found.append(
            Problem(
                "advise-seen",
                "The source model was trained or validated on {count} of the {annotated} annotated cases ({cases:…}); Dice "
                "on {count:~it|them} would be too good, so {count:~it is|they are} left out of what follows.",
                {"count": len(seen), "annotated": annotated, "cases": list(seen)},
                "warning",
            )
        )
    if without_labels:
        found.append(
            Problem(
                "advise-seen-without-labels",
                "The source model learned from the images of {count} of the {annotated} annotated cases without their "
                "labels, so that Dice on {count:~it|them} may be a little too good.",
                {"count": without_labels, "annotated": annotated},
                "note",
            )
        )
    if not card.seen:
        found.append(
            Problem(
                "advise-seen-unknown",
                "Whether the source model has seen these cases is not known: its card does not say which images it was "
                "trained on. If it has, all Dice below are too good.",
                severity="note",
            )
        )
    return found


def _about_spacing(ratio: tuple[float, float, float] | None, context: JobContext) -> list[Problem]:
    if ratio is None:
        return []
    far = any(not 1 / FAR_SPACING < one < FAR_SPACING for one in ratio)
    return [
        Problem(
            "advise-spacing",
            "Resolution: the voxels are {ratios} times as large as the model's ({spacing} mm){far:?, which is far: the model "
            "has not seen such detail, or more of it|}.",
            {
                "ratios": " × ".join(f"{one:.2g}" for one in ratio),
                "spacing": times(context.card.preprocessing.spacing_mm or (0, 0, 0)),
                "far": far,
            },
            "warning" if far else "note",
        )
    ]


def _about_features(features: float | None) -> Problem:
    if features is None:
        return Problem(
            "advise-features-unknown",
            "How far the features are is not known: the network stores no statistics of its training (it has no batch "
            "normalisation).",
            severity="note",
        )
    return Problem(
        "advise-features",
        "Features: the inputs of its normalisations are {distance:.2f} nats from those of its training (0 is no shift).",
        {"distance": features},
        "note",
    )


def _about_intensities(distance: float | None, card: ModelCard) -> Problem:
    if distance is None:
        return Problem(
            "advise-intensity-unknown",
            "How far the intensities are is not known: the model's card has none of its training images.",
            severity="note",
        )
    return Problem(
        "advise-intensities",
        "Intensities: {distance:.2f} standard deviations from the mean of its training images, which are {spread:.2f} from "
        "it themselves (Wasserstein distance){any:?; it was trained on random contrasts, so that says little|}.",
        {
            "distance": distance,
            "spread": max(channel.spread for channel in card.intensities),
            "any": card.any_contrast,
        },
        "note",
    )


def _about_expected(expected: Sequence[Experience]) -> Problem:
    if not expected:
        return Problem(
            "advise-expectation-unknown",
            "What a training will bring is not known before one was scored: that was measured on the {part} alone.",
            {"part": MEASURED_ON},
            "note",
        )
    said = [
        Problem(
            "advise-experience-cases",
            "{low:+.3f}{range:? to {high:+.3f}|} with {cases} cases",
            {"low": one.low, "high": one.high, "range": round(one.low, 3) != round(one.high, 3), "cases": one.cases},
            "note",
        )
        for one in expected
    ]
    directs = sorted({round(dice, 3) for one in expected for dice in one.measured})
    return Problem(
        "advise-experience",
        "What to expect: on the {part}, fine-tuning everything changed the mean Dice by {said:;}, measured where the source "
        "model had {directs} as it is{between:?, between which this one lies, so that it is interpolated|}"
        "{beyond:?, the nearest to this one that was measured|}. All of it was measured with one copy of each image and with "
        "the adapted weights alone (adapted share 1); a job now chooses the share, so yours may differ.",
        {
            "part": MEASURED_ON,
            "said": said,
            "directs": " and ".join(f"{dice:.3f}" for dice in directs[:: max(1, len(directs) - 1)]),
            "between": expected[0].how == "between",
            "beyond": expected[0].how == "beyond",
        },
        "note",
    )


def _about_direct(
    direct: Statistics | None, expected: Sequence[Experience], calibrated: Calibration | None, has_seen: bool
) -> list[Problem]:
    found = []
    if direct is None or direct.mean is None:
        found.append(
            Problem(
                "advise-direct-unknown",
                "How good the source model is as it is, is not known: no case{has_seen:? that it has not seen|} has a "
                "segmentation to compare with; annotate one.",
                {"has_seen": has_seen},
                "note",
            )
        )
    else:
        interval = direct.low is not None and direct.high is not None
        found.append(
            Problem(
                "advise-direct",
                "As it is, the source model has a mean Dice of {dice:.3f} in {count} annotated "
                "{count:~case|cases}{has_seen:? that it has not seen|}{interval:? (95 % interval {low:.3f} to {high:.3f})|}.",
                {
                    "dice": direct.mean,
                    "count": direct.n,
                    "has_seen": has_seen,
                    "interval": interval,
                    "low": direct.low or 0.0,
                    "high": direct.high or 0.0,
                },
                "note",
            )
        )
    found.append(_about_expected(expected))
    if calibrated is not None:
        found.append(
            Problem(
                "advise-calibration",
                "Calibration of the source model as it is: its confidence is {error:.3f} from how often it is right "
                "(expected calibration error; 0 is best).",
                {"error": calibrated.error},
                "note",
            )
        )
    return found


def _about_jobs(
    jobs: Sequence[JobFolder], curve: CaseCurve | None, prediction: DicePrediction | None, seen: Sequence[str]
) -> list[Problem]:
    if not jobs:
        return []
    found = []
    if curve is None and any(_kept(job).key == BASELINE for job in jobs):
        found.append(
            Problem(
                "advise-curve-untrained",
                "What more annotated cases would bring cannot be said: a job kept the source model as it is, which no case "
                "changes.",
                severity="note",
            )
        )
    elif curve is None and seen and _curve(jobs) is not None:
        found.append(
            Problem(
                "advise-curve-seen",
                "What more annotated cases would bring cannot be said: too few of the cases that the jobs scored are ones "
                "that the source model has not seen.",
                severity="note",
            )
        )
    elif curve is None:
        found.append(
            Problem(
                "advise-curve-one-size",
                "What more annotated cases would bring cannot be said from one number of cases; adapt on half of them as "
                "well, and give both jobs.",
                severity="note",
            )
        )
    else:
        said = [
            Problem(
                "advise-expected",
                "{gain:+.3f} with {cases} cases (95 % interval {low:+.3f} to {high:+.3f})",
                {"gain": one.gain, "cases": one.cases, "low": one.low, "high": one.high},
                "note",
            )
            for one in curve.expected
        ]
        found.append(
            Problem(
                "advise-curve",
                "More annotated cases: Dice {measured:.3f} by models of folds, trained on {trained_on:g} of your {cases:g} "
                "cases; expected beyond a model of all {cases:g}: {said:;}.",
                {
                    "measured": curve.measured[-1].mean or 0.0,
                    "trained_on": round(curve.sizes[-1], 1),
                    "cases": curve.now,
                    "said": said,
                },
                "note",
            )
        )
    if prediction is None or prediction.correlation is None:
        found.append(
            Problem(
                "advise-prediction-unknown",
                "Whether disagreement tells of a low Dice cannot be said: that takes four scored cases that differ, which "
                "both the source model and the kept one have segmented{has_seen:?, and which the source model was not "
                "trained on|}.",
                {"has_seen": bool(seen)},
                "note",
            )
        )
        return found
    found.append(
        Problem(
            "advise-prediction",
            "Disagreement with the source model {useful:?tells|does not tell} of a low Dice: rank correlation "
            "{correlation:.2f} over {count} cases; predicted Dice are off by {error:.3f}, the mean alone by {of_mean:.3f}.",
            {
                "useful": prediction.useful,
                "correlation": prediction.correlation,
                "count": prediction.cases,
                "error": prediction.error,
                "of_mean": prediction.error_of_mean,
            },
            "note",
        )
    )
    return found


def _kept(job: JobFolder) -> StrategyChoice:
    about = job.load_result("report")
    if not isinstance(about, dict) or "kept" not in about:
        raise InputError("advise-job-unfinished", "{path}: has no scores yet; let the job finish.", path=job.path)
    return StrategyChoice.parse(str(about["kept"]))


def _curve(jobs: Sequence[JobFolder], seen: Collection[str] = ()) -> CaseCurve | None:
    """The Dice over the number of cases that fold models were trained on; more cases are added to all of the largest job.

    Args:
        jobs: The jobs.
        seen: The names of cases that the source model was trained on, which are left out.
    """
    found: dict[float, list[float]] = {}
    largest = 0
    for job in jobs:
        kept = _kept(job).key
        results = [r for r in unit_results(job, job.read_spec()) if r.strategy == kept and r.fold != TEST_FOLD]
        scores = [_case_dice(result) for result in results]
        count = sum(map(len, scores))
        if len(scores) > 1 and kept != BASELINE:
            trained_on = statistics.fmean(count - len(one) for one in scores)
            values = [value for one in scores for case, value in one.items() if case not in seen]
            if values:
                found.setdefault(trained_on, []).extend(values)
                largest = max(largest, count)
    return case_curve(found, now=largest)


def _case_dice(result: UnitResult) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for row in result.rows:
        if row.scores.dice is not None:
            values.setdefault(row.case, []).append(row.scores.dice)
    return {case: statistics.fmean(each) for case, each in values.items()}


def _prediction(
    job: JobFolder, context: JobContext, device: str, digests: Mapping[str, Digests], seen: Collection[str]
) -> tuple[DicePrediction | None, tuple[tuple[str, float], ...]]:
    """How well the disagreement of source and kept model predicts the kept one's Dice, over cases that it did not see.

    A job segments scans without a reference with the kept model alone, so what the source model makes of them is found here,
    in the windows, precision and copies of the job.
    """
    kept = _kept(job)
    folders = [job.segmentations / BASELINE, job.segmentations / kept.slug]
    if kept.key == BASELINE or not all(folder.is_dir() for folder in folders):
        return None, ()
    results = [r for r in unit_results(job, job.read_spec()) if r.strategy == kept.key]
    folds = [r for r in results if r.fold != TEST_FOLD] or results
    known = {case: value for result in folds for case, value in _case_dice(result).items() if case not in seen}
    apart = {}
    for case in sorted(known):
        files = [folder / f"{case}.nii.gz" for folder in folders]
        if all(file.is_file() for file in files):
            apart[case] = disagreement([read_labels(file).array for file in files])
    found = dice_prediction(list(apart.values()), [known[case] for case in apart])
    if found is None or not found.useful:
        return found, ()
    scans = [
        scan
        for scan in context.target.cases
        if scan.label is None
        and scan.name not in known
        and (folders[1] / f"{scan.name}.nii.gz").is_file()
        and is_same_image(job, scan.name, digests[scan.name])
    ]
    predicted = []
    if scans:
        model, task = _SourceModel.of_job(job, context, device)
        for scan in scans:
            file = folders[1] / f"{scan.name}.nii.gz"
            own = task.decode(model.segment(scan).classes)
            predicted.append((scan.name, found.predict(disagreement([own, read_labels(file).array]))))
    return found, tuple(predicted)
