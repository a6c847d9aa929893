"""What is known of a case's voxels: where it is annotated, and with which labels.

Three things leave something unknown: the label `ignore`, slices that are not annotated, and labels that nobody annotated in
a case. All of them become numbers in the case's array of classes (`core.labels`: `IGNORE`, `FIRST_OPEN`), so what is known
goes with the classes wherever they go: to patches, losses and scores.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import get_args

import numpy as np

from TransferSegLib.core.case_set import AnnotatedSlices, Case, Direction
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE, UNKNOWN_VALUE, LabelTask


def classes_of(case: Case, label_values: np.ndarray, grid: Grid, task: LabelTask) -> np.ndarray:
    """Turn the labels of a case into classes, with what is not known.

    Args:
        case: The case.
        label_values: Its labels, (I, J, K), as `volumes.read_labels` gives them.
        grid: Their grid, that of the image.
        task: Which class each value is.

    Returns:
        (I, J, K) uint8: a class, `IGNORE`, or from `FIRST_OPEN` on a set of classes (`LabelTask.open_sets`).

    Raises:
        InputError: A value is not in the data set's list of labels, or a slice that is said to be annotated is none.
    """
    classes = task.encode(label_values, case.not_annotated)
    if case.annotated_slices is not None:
        labelled = (label_values != 0) & (classes != IGNORE)
        np.copyto(classes, IGNORE, where=~in_annotated_slices(case.name, case.annotated_slices, grid, labelled))
    return classes


def in_annotated_slices(case: str, slices: AnnotatedSlices, grid: Grid, labelled: np.ndarray) -> np.ndarray:
    """Which voxels lie in slices that are annotated.

    Args:
        case: The name of the case.
        slices: Its annotated slices.
        grid: The grid of its labels, (I, J, K).
        labelled: (I, J, K), true where there is a label; that tells the slices where no numbers are given.

    Returns:
        True or false, (I, J, K) but for a length of 1 along the axes of the slices.

    Raises:
        InputError: There is no slice of such a number.
    """
    axis, annotated = slices_annotated(case, slices, grid)
    others = tuple(n for n in range(3) if n != axis)
    if annotated is None:
        return np.asarray(labelled.any(axis=others, keepdims=True))
    known = np.zeros(grid.size[axis], bool)
    known[list(annotated)] = True
    return np.expand_dims(known, others)


def slices_annotated(case: str, slices: AnnotatedSlices, grid: Grid) -> tuple[int, Collection[int] | None]:
    """Find which slices of a case are annotated, as its data set says.

    Args:
        case: The name of the case, for the error.
        slices: What the data set says.
        grid: The grid of the case's image.

    Returns:
        The axis of the array (0, 1 or 2) across the slices, and the numbers of the annotated ones, from 0. None in place of
        the numbers stands for the slices that have a label.

    Raises:
        InputError: There is no slice of such a number.
    """
    axis = grid.axes_to_ras()[0][get_args(Direction).index(slices.direction)]
    count = grid.size[axis]
    if slices.numbers and slices.numbers[-1] >= count:
        raise InputError(
            "annotated-slice-outside",
            "case `{case}`: {direction} slice {number} is said to be annotated, and its image has the slices 0 "
            "to {last}; correct the number.",
            case=case,
            direction=slices.direction,
            number=slices.numbers[-1],
            last=count - 1,
        )
    return axis, slices.numbers or None


def open_classes(case: Case, classes: np.ndarray, task: LabelTask) -> dict[int, tuple[int, ...]]:
    """The numbers in a case's array of classes that are no class, each with the classes that such a voxel may have.

    Args:
        case: The case.
        classes: As `classes_of` gives them.
        task: The labels.

    Returns:
        Number → classes; () for any class. Nothing where all is annotated, which is found without a look at the voxels.
    """
    found: dict[int, tuple[int, ...]] = {}
    if lacking := task.lacking(case.not_annotated):
        found[task.background_of(case.not_annotated)] = (0, *lacking)
    may_ignore = case.annotated_slices is not None or IGNORE in task.target_classes.values()
    if may_ignore and bool((classes == IGNORE).any()):
        found[IGNORE] = ()
    return found


def values_to_show(case: Case, label_values: np.ndarray, grid: Grid, task: LabelTask) -> np.ndarray:
    """Give the label values of a case's reference as a picture shows them.

    Args:
        case: The case.
        label_values: Its labels, (I, J, K), as `volumes.read_labels` gives them.
        grid: Their grid, that of the image.
        task: Which class each value is.

    Returns:
        (I, J, K): the values that the model segments, and `UNKNOWN_VALUE` where nobody annotated.
    """
    classes = classes_of(case, label_values, grid, task)
    values = task.decode(classes)
    unknown = classes == IGNORE
    return np.where(unknown, UNKNOWN_VALUE, values.astype(np.int32)) if unknown.any() else values


def compared(
    reference: np.ndarray, found: np.ndarray, opened: Mapping[int, tuple[int, ...]]
) -> tuple[np.ndarray, np.ndarray]:
    """Make classes of what a model found comparable with a reference of which not all is known.

    Args:
        reference: Classes of any shape, with the numbers of what is not known.
        found: Classes, or label values, of the same shape.
        opened: See `open_classes`.

    Returns:
        Both, with 0 where nothing is known. Labels that are not annotated at all must be left out besides.
    """
    if not opened:
        return reference, found
    nothing_known = reference == IGNORE
    return np.where(reference >= FIRST_OPEN, 0, reference), np.where(nothing_known, 0, found).astype(found.dtype)


def never_annotated(opened: Mapping[int, tuple[int, ...]]) -> frozenset[int]:
    """The classes that have no reference in a case, see `open_classes`."""
    return frozenset(n for classes in opened.values() for n in classes) - {0}
