"""What finished jobs say of a source model and a target set: of calibration and of disagreement."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.evaluation.calibration import Calibration, CalibrationSums
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD
from TransferSegLib.evaluation.disagreement import disagreement
from TransferSegLib.evaluation.predicted_dice import DicePrediction, dice_prediction
from TransferSegLib.evaluation.scores import dice_by_case
from TransferSegLib.jobs.advised_jobs import is_same_image
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.curve_of_jobs import kept_strategy
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.source_as_it_is import SourceModel


def calibration_of_job(job: JobFolder, seen: Collection[str] = ()) -> Calibration | None:
    """Whether the fold models of the kept strategy are right as often as they are sure, over the cases that they held out.

    Args:
        job: The job.
        seen: The names of cases that the source model was trained on; folds that held one out are left out.

    Returns:
        The calibration; None where no fold was trained, or a version that did not keep it ran the job.
    """
    kept, sums = kept_strategy(job).key, CalibrationSums()
    for result in unit_results(job, job.read_spec()):
        if result.strategy == kept and not any(row.case in seen for row in result.rows):
            sums.add_numbers(result.calibration)
    return sums.result()


def prediction_of_job(
    job: JobFolder, context: JobContext, device: str, digests: Mapping[str, Digests], seen: Collection[str]
) -> tuple[DicePrediction | None, tuple[tuple[str, float], ...]]:
    """How well the disagreement of source and kept model predicts the kept one's Dice, over cases that it did not see.

    A job segments scans without a reference with the kept model alone, so what the source model makes of them is found here,
    in the windows, precision and copies of the job. A fold of `auto` that has the source model as it is tells nothing: the
    two cannot disagree there.

    Args:
        job: The finished job.
        context: What the job was made of.
        device: PyTorch's name of the device that segments.
        digests: Case → the digests of its images as they are now.
        seen: The cases that the source model was trained on; they count for nothing.

    Returns:
        How well the prediction does, None where there are too few cases; and name and predicted Dice of each scan without a
        reference, none where the prediction is of no use.
    """
    kept = kept_strategy(job)
    folders = [job.segmentations / BASELINE, job.segmentations / kept.slug]
    if kept.key == BASELINE or not all(folder.is_dir() for folder in folders):
        return None, ()
    results = [r for r in unit_results(job, job.read_spec()) if r.strategy == kept.key and r.settings is not None]
    folds = [r for r in results if r.fold != TEST_FOLD] or results
    known = {case: value for result in folds for case, value in dice_by_case(result.rows).items() if case not in seen}
    apart, regions = {}, context.task.value_regions
    for case in sorted(known):
        files = [folder / f"{case}.nii.gz" for folder in folders]
        if all(file.is_file() for file in files):
            apart[case] = disagreement([read_labels(file).array for file in files], regions)
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
        model, task = SourceModel.of_job(job, context, device)
        for scan in scans:
            file = folders[1] / f"{scan.name}.nii.gz"
            own = task.decode(model.segment(scan))
            predicted.append((scan.name, found.predict(disagreement([own, read_labels(file).array], regions))))
    return found, tuple(predicted)
