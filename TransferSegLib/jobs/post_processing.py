"""What is done with the labels that a job's model segments, chosen by the cases that the models of the folds did not see.

Their segmentations lie in the job's folder already, so nothing is segmented twice. What is chosen holds for the kept model:
its test cases, unlabelled cases and card. The out-of-fold scores stay those of the segmentations as they were found,
because they have chosen it.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.post_processing_choice import (
    AS_IT_IS,
    LabelChoice,
    choose_for_label,
    dice_of_candidates,
    settings_with,
)
from TransferSegLib.jobs.unit import JobRun, Unit


def post_processed(run: JobRun, unit: Unit) -> InferenceSettings:
    """How a strategy's final model segments: as all models of the job, and with what its folds' cases have chosen.

    Args:
        run: The job's run.
        unit: The final unit of a strategy that trains; its folds are scored.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: What was chosen cannot be written.
    """
    settings = run.context.card.inference
    if run.options.post_processing == "none":
        return settings
    name = f"chosen-post-processing.{unit.choice.slug}"
    stored = run.job.load_result(name)
    if stored is None:
        choices = _choose(run, unit)
        for one in choices:
            if one.chosen != AS_IT_IS:
                run.log.tell("choice", one.problem, strategy=unit.choice.key)
        run.job.save_result(name, {"labels": to_json(choices)})
    else:
        choices = [from_json(LabelChoice, one, name) for one in stored["labels"]]
    return settings_with(settings, choices)


def _choose(run: JobRun, unit: Unit) -> list[LabelChoice]:
    context, folder = run.context, run.job.segmentations / unit.choice.slug
    names, lesion = context.task.names, context.lesion_value
    scores: list[list[tuple[float, ...]]] = [[] for _ in names]
    for case in context.training_cases:
        path = folder / f"{case.name}.nii.gz"
        if not path.is_file():  # without folds
            continue
        run.models.stop_if_asked()
        found, reference = context.task.encode(read_labels(path).array), run.prepared.reference(case)
        counts = np.bincount(reference.ravel(), minlength=len(names) + 1)
        # One pass finds where each label lies; what is done with it changes nothing elsewhere.
        boxes = ndimage.find_objects(found, max_label=len(names))
        for n, (box, value) in enumerate(zip(boxes, context.task.values, strict=True), start=1):
            # What is one component in an image may be many lesions. A label that was not found is the same with each.
            if value == lesion or box is None:
                continue
            there = reference[box] == n
            outside = int(counts[n] - np.count_nonzero(there))
            scores[n - 1].append(dice_of_candidates(_of(found[box], n), there, outside))
    return [choose_for_label(name, each) for name, each in zip(names, scores, strict=True)]


def _of(classes: np.ndarray, label: int) -> np.ndarray:
    """A label as class 1 and all other labels as 2, which no hole is filled from."""
    return np.where(classes == label, 1, np.where(classes != 0, 2, 0)).astype(np.uint8)
