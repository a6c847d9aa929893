"""What is done with the labels that a job's model segments, chosen by the cases that the models of the folds did not see.

Their segmentations lie in the job's folder already, so nothing is segmented twice where the models of all folds lie as far
from the source's weights. What all of them choose holds for the kept model: its test cases, unlabelled cases and card. The
scores of a fold are of what the cases of the other folds choose, so that no case is scored with what it has chosen. Where the
folds have chosen how far their models go, each has left its own cases aside; so for each the others are segmented with its
choice (`to_segment`). A strategy that trains nothing chooses by the same rule: what components alone gain is no gain of a
training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.annotation import never_annotated
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.labels import IGNORE
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.post_processing_choice import (
    AS_IT_IS,
    CaseDice,
    LabelChoice,
    choose_for_label,
    dice_of_candidates,
    settings_with,
)
from TransferSegLib.inference.components import cleaned
from TransferSegLib.jobs.cards import own_names
from TransferSegLib.jobs.choices import ADAPTED_SHARE, chosen_of, part_of_steps
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.label_choices import label_choices, save_label_choices, settings_of_choices
from TransferSegLib.jobs.results import seen_by_source, unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_folds
from TransferSegLib.jobs.unit import JobRun, Unit
from TransferSegLib.jobs.unit_scoring import Scored, UnitScoring
from TransferSegLib.transfer.strategies import STRATEGIES


def to_segment(run: JobRun, choice: StrategyChoice) -> list[Unit]:
    """What is segmented once more before it is chosen what is done with the labels of a strategy.

    For a fold it is chosen by the other folds' cases, segmented as this fold's are: with the share of the adapted weights,
    and of the steps, that was chosen without it. For the kept model all are segmented as it does.

    Args:
        run: The job's run.
        choice: A strategy whose folds are segmented and scored.
    """
    if run.options.post_processing == "none" or label_choices(run.job, choice) is not None:
        return []
    folds = stored_folds(run.job)
    ways = dict.fromkeys(_way(run, choice, fold) for fold in (None, *folds))
    return [
        replace(Unit(choice, fold), share=share, steps=steps)
        for share, steps in ways
        for fold in folds
        if (share, steps) != _way(run, choice, fold)
    ]


def _way(run: JobRun, choice: StrategyChoice, fold: Fold | None) -> tuple[str, str]:
    """The share of the adapted weights and that of the steps that the folds chose for a model; empty where they did not."""
    made = chosen_of(run.job, ADAPTED_SHARE, choice)
    if made is None or made.by != "out-of-fold":
        return "", ""
    number = None if fold is None else fold.number
    return made.chosen if number is None else made.of_folds[number], part_of_steps(run.job, choice, number)


def post_processed(run: JobRun, unit: Unit) -> InferenceSettings:
    """How a strategy's final model segments: as all models of the job, and with what its folds' cases have chosen.

    Args:
        run: The job's run.
        unit: The final unit of a strategy; its folds are scored, where there are any.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: What was chosen cannot be written.
    """
    if run.options.post_processing == "none":
        return run.context.card.inference
    if not STRATEGIES[unit.choice.name].trains:  # its folds are scored under its own name, whatever is kept
        unit = Unit(unit.choice, None)
    return settings_of_choices(run.context, unit.choice, _choices(run, unit))


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
    def folder(fold: Fold, like: Fold | None) -> Path:
        """Where the cases of a fold lie as another's model, or for None the final one, would segment them."""
        if unit.round is not None:
            return run.job.state / "trials" / replace(unit, fold=fold, scored_as=None).name
        share, steps = _way(run, unit.choice, like)
        if (share, steps) == _way(run, unit.choice, fold):
            return run.job.segmentations / unit.called.slug
        return run.job.state / "trials" / Unit(unit.choice, fold, share=share, steps=steps).name

    likes = (None, *folds)
    known: dict[tuple[Path, ...], list[list[CaseDice]]] = {}
    scores = []
    for like in likes:
        folders = tuple(folder(fold, like) for fold in folds)
        if folders not in known:
            known[folders] = _label_dice(run, unit, folds, folders)
        scores.append(known[folders])
    names = run.context.task.names
    return [choose_for_label(name, scores[0][n], [one[n] for one in scores[1:]]) for n, name in enumerate(names)]


def _label_dice(run: JobRun, unit: Unit, folds: Sequence[Fold], folders: Sequence[Path]) -> list[list[CaseDice]]:
    """For each label and each fold, the Dice of its cases with each candidate, from their segmentations in a folder a fold.

    Cases that the source model was trained on are left aside, for on them it looks better than it is.
    """
    context, seen = run.context, seen_by_source(run.job)
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
        path = folders[n_fold] / f"{name}.nii.gz"
        if name in seen or not path.is_file():  # or somebody has taken it away
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
    return [list(each) for each in scores]


def _of(classes: np.ndarray, label: int) -> np.ndarray:
    """A label as class 1 and all other labels as 2, which no hole is filled from."""
    return np.where(classes == label, 1, np.where(classes != 0, 2, 0)).astype(np.uint8)
