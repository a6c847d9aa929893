"""Accepting an annotation: it is copied as it is, and remembers what it began as."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from TransferSegLib.cases.annotation import in_annotated_slices
from TransferSegLib.cases.readers.parts import named_labels
from TransferSegLib.cases.readers.segment_names import Segments, segments_of
from TransferSegLib.cases.volumes import read_grid, read_labels, suffix_of
from TransferSegLib.core.case_set import ignored_value
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import covered
from TransferSegLib.loop.correction import correction
from TransferSegLib.loop.doubts import doubts_of
from TransferSegLib.loop.folder import Annotation, Began, Loop, LoopFolder, Origin, keep_label
from TransferSegLib.loop.predictions import is_changed, prediction_of
from TransferSegLib.loop.rounds import put_replaced_aside, unfinished_round
from TransferSegLib.sources.folder import file_sha256

_ML_PER_MM3 = 1e-3


@dataclass(frozen=True)
class Accepted:
    """What became of an annotation.

    Attributes:
        annotation: The annotation.
        problems: What is to be said of it: that the prediction was accepted unchanged, or that one of before was replaced.
    """

    annotation: Annotation
    problems: tuple[Problem, ...]


def accept(
    path: Path,
    case: str,
    label: Path | None = None,
    fresh: bool = False,
    not_annotated: Sequence[str] | None = None,
) -> Accepted:
    """Accept a segmentation as the annotation of a case, in place of the one before.

    Args:
        path: The loop's folder.
        case: The name of the case.
        label: The segmentation; None for what lies in `to-correct`.
        fresh: Whether it was drawn without looking at the prediction that was written for the case.
        not_annotated: The labels, by names or values, that nobody annotated in it; None for what is known of the case.

    Raises:
        InputError: There is no such case, segmentation or label, it is not on the grid of the scan or has other labels, or it
            is said to be fresh and is the prediction.
        JobError: A file cannot be written.
    """
    folder = LoopFolder(path)
    loop = folder.read()
    cases = folder.cases(loop, len(folder.source(loop).card.channels))
    if case not in cases:
        raise InputError(
            "loop-unknown-case",
            "{path}: there is no case `{case}`; it has {known:…`}.",
            path=loop.images,
            case=case,
            known=sorted(cases),
        )
    lies = folder.to_correct / f"{case}.nii.gz"
    file = lies if label is None else Path(label)
    if not file.exists():
        raise InputError(
            "loop-nothing-to-accept",
            "{path}: is not there; {given:?check the path|give the segmentation by {option}}.",
            path=file,
            given=label is not None,
            option="--label FILE",
        )
    if not file.is_file() or suffix_of(file) is None:
        raise InputError(
            "loop-label-no-file",
            "{path}: is not one file with a segmentation (.nii.gz, .nrrd, .seg.nrrd, .mha); save it as one.",
            path=file,
        )
    grid = read_grid(cases[case].images[0])
    volume = read_labels(file, (), grid)
    if not volume.grid.same_as(grid):
        raise InputError(
            "loop-label-grid",
            "{path}: is not on the grid of the scan {image}; resample it to that, or segment that scan.",
            path=file,
            image=cases[case].images[0],
        )
    known = folder.label_names()
    segments = segments_of(file)
    if segments:  # a job reads them by their names, whatever their values are
        _refuse_unknown_names(folder, file, segments, known, volume.array)
        values = {name: value for value, name in known.items()}
        becomes = [(value, values[name]) for value, name in segments if name in values]
        if any(old != new for old, new in becomes):
            volume = read_labels(file, becomes, grid)
    else:
        _refuse_another_list(folder, file, known)
    strange = sorted(set(np.unique(volume.array).tolist()) - {0, *known})
    if strange:
        raise InputError(
            "loop-label-values",
            "{path}: has the {strange:~value|values} {strange:…}, which {labels} does not name; add "
            "{strange:~it|them} there, or correct the segmentation.",
            path=file,
            strange=strange,
            labels=folder.labels_json,
        )
    drawn, ignored = set(np.unique(volume.array).tolist()), ignored_value(known)
    labelled = ~np.isin(volume.array, (0, ignored or 0))
    slices = loop.by_case[case].annotated_slices if case in loop.by_case else None
    annotated = None if slices is None else in_annotated_slices(case, slices, grid, labelled)
    lacks = None if not_annotated is None else _values_of(folder, not_annotated)
    problems = []
    prediction = None if case in loop.shared else prediction_of(folder, case)
    began = None
    if prediction is not None:
        predicted = read_labels(folder.predictions / f"{case}.nii.gz").array
        same = predicted.shape == volume.array.shape
        if same:
            voxel_ml = math.prod(grid.spacing_mm) * _ML_PER_MM3
            kept = loop.by_case[case].not_annotated if lacks is None and case in loop.by_case else lacks or ()
            unknown = [value for value in kept if value not in drawn]
            regions = folder.label_list().regions
            found = correction(predicted, volume.array, voxel_ml, ignored, regions, unknown, annotated)
            began = Began(prediction.model_sha256, found.dice, found.changed_ml)
    if fresh and began is not None:
        if began.changed_ml == 0:
            raise InputError(
                "loop-fresh-prediction",
                "{path}: is the prediction of case `{case}`, voxel for voxel, and not fresh; draw it, or leave {option} out.",
                path=file,
                case=case,
                option="--fresh",
            )
        began = None
    if began is not None and began.changed_ml == 0:
        problems.append(
            Problem(
                "loop-accepted-unchanged",
                "Case `{name}`: the prediction was accepted as it is, without a change; look at it once more if you did not "
                "mean to.",
                {"name": case},
                "warning",
                case=case,
            )
        )
    if case in loop.by_case:
        problems.append(
            Problem(
                "loop-accepted-again",
                "Case `{name}` was annotated before: the new segmentation counts from the next round on.",
                {"name": case},
                "note",
                case=case,
            )
        )
    before = loop.by_case.get(case)
    origin: Origin = "drawn" if began is None else "prediction"
    annotation = Annotation(case, f"{case}{suffix_of(file)}", file_sha256(file), origin, began)
    if lacks is None and before is not None:  # what was not annotated is not taken for background
        lacks = tuple(sorted(set(before.not_annotated) - drawn))
    annotation = replace(annotation, not_annotated=lacks or ())
    if before is not None:  # a test case stays one
        annotation = replace(annotation, role=before.role, annotated_slices=before.annotated_slices)
        problems += _still_declared(folder, annotation, given=not_annotated is not None)
    listed = folder.label_list()
    left_out = set(lacks or ()) | {ignored_value(known)}
    absent = [
        name
        for value, name in known.items()
        if value not in left_out and not drawn & set(covered(listed.regions, value))
    ]
    if not drawn - {0, ignored_value(known)}:
        problems.append(
            Problem(
                "loop-accepted-empty",
                "Case `{name}`: no voxel of {path} has a label, so the case counts as one in which there is nothing of "
                "{known:…`}; if it is not finished, accept the finished one by {option}.",
                {"name": case, "path": file.name, "known": absent or list(known.values()), "option": "--label FILE"},
                "warning",
                case=case,
            )
        )
    elif absent and annotation.annotated_slices is None:
        problems.append(
            Problem(
                "loop-labels-absent",
                "Case `{name}`: {absent:…`} {absent:~is|are} not drawn and {absent:~counts|count} as not there; if nobody "
                "looked for {absent:~it|them}, accept it again with {option} and {absent:~its name|their names}.",
                {"name": case, "absent": absent, "option": "--not-annotated"},
                "note",
                case=case,
            )
        )
    seen = volume.array != ignored if annotated is None else annotated & (volume.array != ignored)
    problems += doubts_of(loop, cases[case], file, np.where(labelled, volume.array, 0), grid, seen)
    with folder.locked():
        annotation = _take(folder, annotation, file)
    if label is None or not is_changed(folder, case):  # somebody's own work stays
        with contextlib.suppress(OSError):  # What stays does no harm.
            lies.unlink(missing_ok=True)
    return Accepted(annotation, tuple(problems))


def _take(folder: LoopFolder, annotation: Annotation, file: Path) -> Annotation:
    """Copy a segmentation into the loop, and put it in place of the one that the case had.

    The new file has a name of its own, and the one before stays until `loop.json` names the new one. Files that a round is at
    work with stay until it has ended. Those that earlier rounds had are put aside.

    Args:
        folder: The loop's folder, which is `locked`.
        annotation: The annotation, but for its file.
        file: The segmentation.

    Returns:
        The annotation with its file.

    Raises:
        InputError: `loop.json` cannot be used.
        JobError: The disk refuses it.
    """
    loop, at_work, case = folder.read(), unfinished_round(folder), annotation.case
    before = loop.by_case.get(case)
    if at_work is None:
        put_replaced_aside(folder, loop)
    being_read = set() if at_work is None else folder.labels_of_round(at_work)
    old = None if before is None or before.label in being_read else folder.labels / before.label
    # It may be the same again, or have been corrected right there.
    if old is not None and old.is_file() and (old.samefile(file) or file_sha256(old) == annotation.sha256):
        kept, old = Annotation(case, old.name, file_sha256(old), "drawn"), None
    else:
        given = {name for job in folder.rounds() for name in folder.labels_of_round(job)}
        in_use = given | {one.label for one in loop.annotations}
        kept = keep_label(folder, case, file, "drawn", in_use=in_use)
    taken = replace(annotation, label=kept.label, sha256=kept.sha256)
    others = [one for one in loop.annotations if one.case != case]

    def change(now: Loop) -> Loop:
        flagged = {name: why for name, why in now.flagged.items() if name != case}
        return replace(now, annotations=(*others, taken), flagged=flagged)

    folder.change(change)
    if old is not None:
        with contextlib.suppress(JobError):  # It stays where the tables name it, until the next round or annotation.
            folder.put_aside(old.name)
    return taken


def _values_of(folder: LoopFolder, labels: Sequence[str]) -> tuple[int, ...]:
    """The values of labels that are given by names or values.

    Raises:
        InputError: The loop has no such label, or its labels are regions.
    """
    listed = folder.label_list()
    names = listed.names or {}
    if labels and listed.regions:
        raise InputError(
            "loop-regions-not-annotated",
            "{option}: the labels of {path} are regions, which overlap, and must all be annotated; draw them, or accept a "
            "case in which all are.",
            option="--not-annotated",
            path=folder.labels_json,
        )
    values = {str(value): value for value in names} | {name: value for value, name in names.items()}
    strange = [label for label in labels if label not in values]
    if strange:
        raise InputError(
            "loop-not-annotated",
            "{option}: {path} names no {strange:~label|labels} {strange:…`}; it has {known:…`}.",
            option="--not-annotated",
            path=folder.labels_json,
            strange=strange,
            known=list(names.values()),
        )
    return tuple(sorted({values[label] for label in labels}))


def _still_declared(folder: LoopFolder, annotation: Annotation, given: bool) -> list[Problem]:
    """What was declared of a case before and still holds of its new annotation."""
    known, slices = folder.label_names(), annotation.annotated_slices
    lacks = () if given else annotation.not_annotated
    if not lacks and slices is None:
        return []
    return [
        Problem(
            "loop-accepted-partly",
            "Case `{name}`: what was declared before still holds: {lacks:?{lacks:…`} {lacks:~is|are} not annotated "
            "in it (say which are not by {option}; without a label after it, all are)|}{both:?, and |}{some:?only the slices "
            "{slices} are annotated (take that out of {path} if all are now)|}.",
            {
                "name": annotation.case,
                "lacks": [known.get(value, str(value)) for value in lacks],
                "both": bool(lacks) and slices is not None,
                "some": slices is not None,
                "slices": "" if slices is None else slices.text,
                "option": "--not-annotated",
                "path": folder.loop_json,
            },
            "note",
            case=annotation.case,
        )
    ]


def _refuse_another_list(folder: LoopFolder, file: Path, known: Mapping[int, str]) -> None:
    """Refuse a segmentation beside a list that names its values otherwise than the loop does.

    Raises:
        InputError: There is such a list, or it cannot be read.
    """
    listed = named_labels(file.parent).names or {}
    if any(known.get(value, name) != name for value, name in listed.items()):
        raise InputError(
            "loop-label-list-differs",
            "{path}: names the values of {file} {theirs:…}, where those of {labels} are {ours:…}; save the segmentation with "
            "these values, or move the list away if it is not of this file.",
            path=file.parent / "labels.json",
            file=file.name,
            theirs=[f"{value} {name}" for value, name in listed.items()],
            labels=folder.labels_json,
            ours=[f"{value} {name}" for value, name in known.items()],
        )


def _refuse_unknown_names(
    folder: LoopFolder, file: Path, segments: Segments, known: Mapping[int, str], array: np.ndarray
) -> None:
    """Refuse segments with voxels whose names are no labels of the loop.

    Raises:
        InputError: There is such a segment.
    """
    present = set(np.unique(array).tolist())
    strange = [name for value, name in segments if value in present and name not in known.values()]
    if strange:
        raise InputError(
            "loop-label-names",
            "{path}: has the {strange:~segment|segments} {strange:…`}, which {labels} does not name; it has {known:…`}. "
            "Rename {strange:~it|them}, or add {strange:~it|them} there.",
            path=file,
            strange=strange,
            labels=folder.labels_json,
            known=list(known.values()),
        )
