"""What is done with the labels that a job's model segments, chosen by the cases that the models of the folds did not see.

Their segmentations lie in the job's folder already, so nothing is segmented twice. What all of them choose holds for the kept
model: its test cases, unlabelled cases and card. The scores of a fold are of what the cases of the other folds choose, so
that no case is scored with what it has chosen. A strategy that trains nothing chooses by the same rule: what components alone
gain is no gain of a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.annotation import never_annotated
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.labels import IGNORE
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.post_processing_choice import (
    AS_IT_IS,
    LabelChoice,
    choose_for_label,
    dice_of_candidates,
    settings_with,
)
from TransferSegLib.inference.components import cleaned
from TransferSegLib.jobs.cards import own_names
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.label_choices import label_choices, save_label_choices
from TransferSegLib.jobs.results import unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.split import stored_folds
from TransferSegLib.jobs.unit import JobRun, Unit
from TransferSegLib.jobs.unit_scoring import Scored, UnitScoring
from TransferSegLib.transfer.strategies import STRATEGIES


def post_processed(run: JobRun, unit: Unit) -> InferenceSettings:
    """How a strategy's final model segments: as all models of the job, and with what its folds' cases have chosen.

    Args:
        run: The job's run.
        unit: The final unit of a strategy; its folds are scored, where there are any.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: What was chosen cannot be written.
    """
    context = run.context
    settings = context.card.inference
    if run.options.post_processing == "none":
        return settings
    strategy = STRATEGIES[unit.choice.name]
    if not strategy.trains:  # its folds are scored under its own name, whatever is kept
        unit = Unit(unit.choice, None)
    choices = _choices(run, unit)
    if strategy.keeps_labels:
        # The network's output is changed before it is translated, so labels have the model's names.
        names = dict(zip(context.task.names, context.task.values, strict=True))
        own = own_names(context.task, context.card)
        choices = [replace(one, label=own[names[one.label]]) for one in choices if names[one.label] in own]
    return settings_with(settings, choices)


def post_process_folds(run: JobRun, choice: StrategyChoice) -> None:
    """Score each fold of a strategy with what the cases of the other folds choose; what they found is changed so.

    It can be done again where it was interrupted: what was chosen is stored before anything is changed, and to change a
    segmentation twice is to change it once.

    Args:
        run: The job's run.
        choice: A strategy whose folds are segmented and scored; also one that trains nothing.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: A file cannot be written.
    """
    if run.options.post_processing == "none":
        return
    choices = _choices(run, Unit(choice, None))
    for fold in stored_folds(run.job):
        own = [replace(one, chosen=one.of_folds[fold.number]) for one in choices if one.of_folds]
        own = [one for one in own if one.chosen != AS_IT_IS]
        if own:
            _score_again(run, Unit(choice, fold), own)


def _score_again(run: JobRun, unit: Unit, own: Sequence[LabelChoice]) -> None:
    """Change what a fold has found, and replace its scores, unless that was done."""
    result, context, fold = unit_result(run.job, unit.name), run.context, unit.fold
    if result.post_processing or fold is None:
        return
    settings, scored = settings_with(InferenceSettings(), own), Scored()
    scoring, folder = UnitScoring(run, unit), run.job.segmentations / unit.called.slug
    for case in context.training_cases:
        if case.name not in fold.held_out:
            continue
        run.models.stop_if_asked()
        path, grid = folder / f"{case.name}.nii.gz", run.prepared.get(case).grid
        found = context.task.encode(read_labels(path).array)
        values = context.task.decode(cleaned(found, context.task.names, settings))
        with explain_write_errors(path, run.job.path):
            write_labels(path, values, grid, like=case.images[0])
        scoring.score(scored, case, values, grid)
    done = {one.label: one.chosen for one in own}
    result = replace(result, rows=tuple(scored.rows), lesions=tuple(scored.lesions), post_processing=done)
    run.job.save_result(unit.name, to_json(result))
    cases = len(fold.held_out)
    run.log.write("result", unit=unit.name, strategy=unit.called.key, dice=result.mean_dice, cases=cases)


def _choices(run: JobRun, unit: Unit) -> list[LabelChoice]:
    """What is chosen for each label: as it is stored, else chosen now, told and stored."""
    stored = label_choices(run.job, unit.called)
    if stored is not None:
        return stored
    choices = _choose(run, unit, stored_folds(run.job))
    save_label_choices(run.job, unit.called, choices)
    for one in choices:
        if one.changes:
            run.log.tell("choice", one.problem, strategy=unit.choice.key)
    return choices


def _choose(run: JobRun, unit: Unit, folds: Sequence[Fold]) -> list[LabelChoice]:
    context, folder = run.context, run.job.segmentations / unit.called.slug
    names, lesion = context.task.names, context.lesion_value
    # Where the source's labels are segmented and translated, only what is one of them can be changed. A label of its own that
    # is none of the target's looks like background here, and is none to the model: whether holes are filled cannot be told.
    able, fills = set(context.task.values), True
    if context.task.regions:  # what is found of a region has holes where another one was painted over it
        able = set()
    elif STRATEGIES[unit.choice.name].keeps_labels:
        able = set(own_names(context.task, context.card))
        fills = len({n for begins in context.task.source_classes[1:] for n in begins}) == len(context.card.labels)
    cases = {case.name: case for case in context.training_cases}
    scores: list[list[list[tuple[float, ...]]]] = [[[] for _ in folds] for _ in names]
    for n_fold, name in ((n, held_out) for n, fold in enumerate(folds) for held_out in fold.held_out):
        run.models.stop_if_asked()
        path = folder / f"{name}.nii.gz"
        if not path.is_file():  # somebody has taken it away
            continue
        found = context.task.encode(read_labels(path).array)
        reference = run.prepared.reference(cases[name])
        opened = run.prepared.get(cases[name]).open_classes
        left_out = never_annotated(opened)
        counts = np.bincount(reference.ravel(), minlength=len(names) + 1)
        # One pass finds where each label lies; what is done with it changes nothing elsewhere.
        boxes = ndimage.find_objects(found, max_label=len(names))
        for n, (box, value) in enumerate(zip(boxes, context.task.values, strict=True), start=1):
            # What is one component in an image may be many lesions. A label that was not found is the same with each.
            if value == lesion or box is None or value not in able or n in left_out:
                continue
            there = reference[box] == n
            outside = int(counts[n] - np.count_nonzero(there))
            known = reference[box] != IGNORE if IGNORE in opened else None
            as_it_is, largest, filled, both = dice_of_candidates(_of(found[box], n), there, outside, known)
            shown = (as_it_is, largest, filled, both) if fills else (as_it_is, largest, as_it_is, largest)
            scores[n - 1][n_fold].append(shown)
    return [choose_for_label(name, each) for name, each in zip(names, scores, strict=True)]


def _of(classes: np.ndarray, label: int) -> np.ndarray:
    """A label as class 1 and all other labels as 2, which no hole is filled from."""
    return np.where(classes == label, 1, np.where(classes != 0, 2, 0)).astype(np.uint8)
