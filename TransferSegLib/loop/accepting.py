"""Accepting an annotation: it is copied as it is, and remembers what it began as."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from TransferSegLib.cases.readers.segment_names import Segments, segments_of
from TransferSegLib.cases.volumes import read_grid, read_labels, suffix_of
from TransferSegLib.core.case_set import ignored_value
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.loop.choosing import is_changed, prediction_of
from TransferSegLib.loop.correction import correction
from TransferSegLib.loop.folder import Annotation, Began, Loop, LoopFolder, keep_label

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


def accept(path: Path, case: str, label: Path | None = None) -> Accepted:
    """Accept a segmentation as the annotation of a case.

    Args:
        path: The loop's folder.
        case: The name of the case.
        label: The segmentation; None for what lies in `to-correct`.

    Raises:
        InputError: There is no such case or segmentation, or it is not on the grid of the scan or has other labels.
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
    problems = []
    prediction = None if case in loop.shared else prediction_of(folder, case)
    began = None
    if prediction is not None:
        predicted = read_labels(folder.predictions / f"{case}.nii.gz").array
        same = predicted.shape == volume.array.shape
        if same:
            voxel_ml = math.prod(grid.spacing_mm) * _ML_PER_MM3
            found = correction(predicted, volume.array, voxel_ml, ignored_value(known), folder.label_list().regions)
            began = Began(prediction.model_sha256, found.dice, found.changed_ml)
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
    annotation = keep_label(folder, case, file, "drawn" if began is None else "prediction", began)
    if case in loop.by_case:  # a test case stays one, and what was not annotated is not taken for background
        before = loop.by_case[case]
        lacks = tuple(sorted(set(before.not_annotated) - set(np.unique(volume.array).tolist())))
        slices = before.annotated_slices
        annotation = replace(annotation, role=before.role, not_annotated=lacks, annotated_slices=slices)
        if lacks or slices is not None:
            problems.append(
                Problem(
                    "loop-accepted-partly",
                    "Case `{name}`: what the data set declared still holds: {lacks:?{lacks:…`} {lacks:~is|are} not annotated "
                    "in it|all labels are annotated}, {some:?only in the slices {slices}|in all slices}. If it is annotated "
                    "now, take that out of {path}.",
                    {
                        "name": case,
                        "lacks": [known.get(value, str(value)) for value in lacks],
                        "some": slices is not None,
                        "slices": "" if slices is None else slices.text,
                        "path": folder.loop_json,
                    },
                    "note",
                    case=case,
                )
            )

    def add(now: Loop) -> Loop:
        others = [one for one in now.annotations if one.case != case]
        return replace(now, annotations=(*others, annotation))

    folder.change(add)
    if label is None or not is_changed(folder, case):  # somebody's own work stays
        with contextlib.suppress(OSError):  # What stays does no harm.
            lies.unlink(missing_ok=True)
    return Accepted(annotation, tuple(problems))


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
