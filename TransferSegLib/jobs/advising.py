"""What can be said of a source model and a target set: before a training, and after jobs.

Before: how far the target is from what the source model was made for, and how good that is on it as it is. After: what
more annotated cases would bring, and whether disagreement tells of a low Dice. What cannot be said is said to be unknown.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.advice_in_words import (
    about_calibration_of_job,
    about_copies,
    about_curve,
    about_direct,
    about_features,
    about_intensities,
    about_labels,
    about_prediction,
    about_promise,
    about_seen,
    about_spacing,
)
from TransferSegLib.evaluation.calibration import Calibration
from TransferSegLib.evaluation.case_curve import CaseCurve
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.experience import Experience, experience
from TransferSegLib.evaluation.first_of_ensemble import about_first_of_ensemble
from TransferSegLib.evaluation.predicted_dice import DicePrediction, dice_prediction
from TransferSegLib.evaluation.statistics import Statistics, describe
from TransferSegLib.jobs.advice_of_jobs import calibration_of_job, prediction_of_job
from TransferSegLib.jobs.advised_jobs import digests_by_name, refuse_other_cases, refuse_other_source
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.curve_of_jobs import curve_of_jobs, fair_curve_of_jobs, kept_strategy
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.shown_otherwise import shown_otherwise
from TransferSegLib.jobs.source_as_it_is import Measured, SourceModel, spacing_ratio
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.networks.execution import pick_device
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.transfer.checks import SEEN_BY_SOURCE, known_to_source

# Of more scans without a segmentation than this, the first are looked at: each takes as long as to segment it twice.
MOST_SCANS = 12


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
        copies: How much what the source model finds in an image disagrees with the mean over it and copies of it, 0 to 1.
        promise: Whether the Dice that the source model's probabilities promise predicts the true one, over the annotated
            cases. None with fewer than four.
        promised: (name, Dice) of cases without a reference, for the source model as it is: the Dice that its probabilities
            promise. Where annotated cases can tell, it is given only if it is of use, and as they correct it.
        expected: What fine-tuning has brought source models that were about as good; empty where that was not measured.
        curve: The Dice over the number of annotated cases. None where jobs have fewer than two sizes.
        calibration_of_job: Whether the fold models of the last job are right as often as they are sure. None where no fold
            was trained, and for jobs of before it was kept.
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
    copies: float
    promise: DicePrediction | None
    promised: tuple[tuple[str, float], ...]
    expected: tuple[Experience, ...]
    curve: CaseCurve | None
    calibration_of_job: Calibration | None
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
    ratio = spacing_ratio(context)
    digests = digests_by_name(context.target)
    for job in jobs:
        _ = kept_strategy(job)
        refuse_other_source(job, source.card)
        refuse_other_cases(job, context.target, digests)
    annotated = [case for case in context.target.cases if case.label is not None]
    known = list(known_to_source(((case, digests[case.name]) for case in annotated), source.card))
    seen = tuple(problem.case for problem in known if problem.case and problem.code == SEEN_BY_SOURCE)
    chosen = pick_device(device)
    model = SourceModel(context, chosen)
    unseen = [case for case in annotated if case.name not in seen]
    scans = [case for case in context.target.cases if case.label is None][:MOST_SCANS]
    images = [*unseen, *scans] or [replace(case, label=None) for case in annotated[:MOST_SCANS]]
    measured = Measured.of(context, images, model)
    promise, promised = _promised(measured, [case.name for case in scans])
    scored = tuple((name, value) for name, value in measured.dice if value is not None)
    curve = fair_curve_of_jobs(jobs, seen)
    prediction, predicted = prediction_of_job(jobs[-1], context, chosen, digests, seen) if jobs else (None, ())
    sure = calibration_of_job(jobs[-1], seen) if jobs else None
    statistics_of_direct = describe([value for _, value in scored]) if scored else None
    shared = [value for _, value in measured.shared if value is not None]
    # What is lost by exchanged labels, no training has to win back.
    is_known = shared and measured.exchanged is None
    expected = experience(statistics.fmean(shared), source.card.body_part) if is_known else ((), ())
    about_jobs = (
        about_curve(
            curve,
            any(kept_strategy(job).key == BASELINE for job in jobs),
            bool(seen) and curve_of_jobs(jobs) is not None,
        ),
        about_calibration_of_job(sure),
        about_prediction(prediction, bool(seen)),
    )
    problems = (
        *about_seen(source.card, seen, len(known) - len(seen), len(annotated)),
        *(() if annotated else (about_labels(context.task.names),)),
        *about_first_of_ensemble(source.card),
        *about_spacing(ratio, source.card),
        *shown_otherwise(context),
        about_features(measured.features),
        about_intensities(measured.intensities, source.card),
        about_copies(measured.copies, len(images)),
        *([] if measured.exchanged is None else [measured.exchanged]),
        *about_direct(statistics_of_direct, expected, measured.calibration, bool(seen)),
        *about_promise(promise, promised, len(scans), len(scored)),
        *(about_jobs if jobs else ()),
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
        measured.copies,
        promise,
        promised,
        expected[0],
        curve,
        sure,
        prediction,
        predicted,
        problems,
    )


def _promised(measured: Measured, scans: Sequence[str]) -> tuple[DicePrediction | None, tuple[tuple[str, float], ...]]:
    """What the source model's own probabilities say of its Dice: how well, and for which scans how much."""
    known = [(measured.promised[name], value) for name, value in measured.dice if value is not None]
    found = dice_prediction([1 - promise for promise, _ in known], [value for _, value in known])
    if found is not None and not found.useful:
        return found, ()
    promised = [(name, measured.promised[name]) for name in scans]
    return found, tuple((name, value if found is None else found.predict(1 - value)) for name, value in promised)
