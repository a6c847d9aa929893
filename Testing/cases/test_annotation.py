"""What is known of a case's voxels goes with its array of classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.annotation import classes_of, compared, never_annotated, open_classes, values_to_show
from TransferSegLib.cases.checks import check_files
from TransferSegLib.cases.facts import read_facts
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import AnnotatedSlices, Case, CaseSet, ignoring
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE, LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.transfer.labels import label_task
from TransferSegLib.transfer.pooling import pool

GRID = Grid.from_spacing((4, 3, 6), (1.0, 1.0, 2.0))
LABELS = {1: "kidney", 2: "cyst", 5: "tumour"}
CASE = Case("a", (Path("image.nii.gz"),), Path("label.nii.gz"))
DATA = CaseSet("d", Path(), (CASE,), LABELS, ignore=7)


def task_of(*cases: Case, **changes) -> LabelTask:
    return label_task(replace(DATA, cases=cases, **changes), None, None)


def drawn() -> np.ndarray:
    labels = np.zeros(GRID.size, np.uint8)
    labels[0, :, 1], labels[1, :, 3], labels[2, 0, 3] = 1, 5, 7
    return labels


def test_where_all_is_annotated_nothing_is_open():
    task = task_of(CASE, ignore=None)
    labels = np.where(drawn() == 7, 0, drawn())
    classes = classes_of(CASE, labels, GRID, task)
    assert np.array_equal(classes, np.select([labels == 1, labels == 5], [1, 3]))
    assert open_classes(CASE, classes, task) == {} and never_annotated({}) == frozenset()
    assert compared(classes, labels, {})[0] is classes


def test_ignored_voxels_have_no_class_and_are_no_label_of_the_model():
    task = task_of(CASE)
    classes = classes_of(CASE, drawn(), GRID, task)
    assert task.names == ("kidney", "cyst", "tumour") and IGNORE not in task.values
    assert (classes == IGNORE).sum() == 1 and open_classes(CASE, classes, task) == {IGNORE: ()}
    found = np.ones_like(classes)
    right, found = compared(classes, found, {IGNORE: ()})
    assert right[2, 0, 3] == found[2, 0, 3] == 0 and found.sum() == found.size - 1
    shown = values_to_show(CASE, drawn(), GRID, task)
    assert shown[2, 0, 3] == -1 and set(np.unique(shown)) == {-1, 0, 1, 5}


def test_the_background_of_a_case_without_a_label_may_be_that_label():
    case = replace(CASE, not_annotated=(2, 5))
    task = task_of(CASE, case)
    assert task.open_sets == ((0, 2, 3),)
    classes = classes_of(case, np.where(drawn() == 7, 0, drawn()), GRID, task)
    assert classes[3, 0, 0] == FIRST_OPEN and classes[0, 0, 1] == 1
    opened = open_classes(case, classes, task)
    assert opened == {FIRST_OPEN: (0, 2, 3)} and never_annotated(opened) == {2, 3}
    assert classes_of(CASE, drawn(), GRID, task)[3, 0, 0] == 0  # the other case has all labels
    assert task.decode(classes)[3, 0, 0] == 0


def test_a_label_that_becomes_background_leaves_nothing_open():
    case = replace(CASE, not_annotated=(5,))
    task = label_task(replace(DATA, cases=(case,)), None, {"tumour": None})
    assert task.open_sets == () and classes_of(case, drawn(), GRID, task)[3, 0, 0] == 0


@pytest.mark.parametrize(
    ("slices", "known"),
    [
        (AnnotatedSlices("axial"), [1, 3]),
        (AnnotatedSlices("axial", (0, 3)), [0, 3]),
        (AnnotatedSlices("sagittal"), [0, 1, 2]),
        (AnnotatedSlices("coronal", (2,)), [2]),
    ],
)
def test_nothing_is_known_outside_of_the_annotated_slices(slices, known):
    case = replace(CASE, annotated_slices=slices)
    task = task_of(case, ignore=None)
    labels = np.where(drawn() == 7, 2, drawn())
    classes = classes_of(case, labels, GRID, task)
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[slices.direction]
    ahead = np.moveaxis(classes, axis, 0)
    assert [n for n, plane in enumerate(ahead) if (plane != IGNORE).all()] == known
    assert [n for n, plane in enumerate(ahead) if (plane != IGNORE).any()] == known


def test_slices_follow_the_body_and_not_the_axes_of_the_file():
    turned = Grid(GRID.size, np.array([[0, 0, 2, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], float))
    case = replace(CASE, annotated_slices=AnnotatedSlices("axial", (1,)))
    classes = classes_of(case, drawn(), turned, task_of(case))
    assert (classes[:, 0] == IGNORE).all() and (classes[:, 2] == IGNORE).all() and not (classes[:, 1] == IGNORE).all()


def test_a_slice_that_is_not_there_is_refused():
    case = replace(CASE, annotated_slices=AnnotatedSlices("axial", (2, 6)))
    with pytest.raises(InputError, match="axial slice 6 is said to be annotated, and its image has the slices 0 to 5"):
        classes_of(case, drawn(), GRID, task_of(case))


def write(folder: Path, labels: np.ndarray, grid: Grid = GRID, **changes) -> Case:
    image, label = folder / "image.nii.gz", folder / "label.nii.gz"
    write_volume(image, np.random.default_rng(0).normal(500, 80, grid.size).astype(np.float32), grid)
    write_labels(label, labels, grid)
    return Case("a", (image,), label, **changes)


def test_single_annotated_slices_stay_where_slices_become_thicker(tmp_path):
    grid = Grid.from_spacing((4, 3, 12), (1.0, 1.0, 1.0))
    labels = np.zeros(grid.size, np.uint8)
    labels[:2, :, [1, 7]] = 1
    case = write(tmp_path, labels, grid, annotated_slices=AnnotatedSlices("axial"))
    task = LabelTask(("kidney",), (1,), {1: 1}, ((0,), ()))
    prepared = prepare_case(case, Preprocessing((1.0, 1.0, 3.0)), task)
    assert prepared.classes is not None and prepared.classes.shape == (4, 3, 4)
    known = prepared.classes != IGNORE
    assert known.all(axis=(0, 1)).tolist() == known.any(axis=(0, 1)).tolist() == [True, False, True, False]
    assert (prepared.classes[:2, :, ::2] == 1).all() and (prepared.classes[2:, :, ::2] == 0).all()


def test_what_is_known_is_kept_with_a_prepared_case_and_changes_it(tmp_path):
    case = write(tmp_path, np.where(drawn() == 7, 0, drawn()), not_annotated=(2,))
    task = task_of(case)
    kept = PreparedCases(tmp_path / "kept", tmp_path, Preprocessing(None), task)
    for _ in range(2):
        found = kept.get(case)
        assert found.open_classes == {FIRST_OPEN: (0, 2)} and (np.asarray(found.classes) == FIRST_OPEN).any()
    assert (kept.reference(case) == FIRST_OPEN).any()
    annotated = kept.get(replace(case, not_annotated=()))
    assert annotated.open_classes == {} and not (np.asarray(annotated.classes) == FIRST_OPEN).any()


def found_in(case: Case, **changes) -> dict[str, str]:
    data = replace(DATA, cases=(case,), **changes)
    return {
        f"{one.code} {one.fields.get('label', '')}".strip(): one.sentence
        for one in check_files(data, list(read_facts([case], Path())))
    }


def test_checks_do_not_ask_for_labels_that_nobody_annotated(tmp_path):
    case = write(tmp_path, drawn())
    assert "unlisted-label" not in found_in(case) and "unlisted-label" in found_in(case, ignore=None)
    assert "rare-label cyst" in found_in(case)
    assert "rare-label cyst" not in found_in(replace(case, not_annotated=(2,)))
    assert (
        "`tumour` is said not to be annotated"
        in found_in(replace(case, not_annotated=(5,)))["not-annotated-label-drawn"]
    )
    outside = replace(case, annotated_slices=AnnotatedSlices("axial", (6,)))
    assert "axial slice 6" in found_in(outside)["annotated-slice-outside"]
    nothing = write(tmp_path, np.full(GRID.size, 7, np.uint8))
    assert "nothing-annotated" in found_in(nothing)


def test_any_label_can_be_the_one_to_ignore():
    (by_name,) = ignoring([replace(DATA, ignore=None)], "Cyst")
    assert (by_name.labels, by_name.ignore) == ({1: "kidney", 5: "tumour"}, 2)
    (by_value,) = ignoring([replace(DATA, ignore=None)], "255")
    assert (by_value.labels, by_value.ignore) == (LABELS, 255)
    with pytest.raises(InputError, match=r"--ignore stone: .* has no such label; it has `kidney`, `cyst`, `tumour`"):
        ignoring([DATA], "stone")


def test_pooled_data_sets_keep_what_is_not_known():
    other = CaseSet(
        "e", Path("e"), (replace(CASE, name="b", not_annotated=(4,)),), {4: "tumour", 6: "kidney"}, ignore=1
    )
    both = pool([DATA, other])
    assert both.ignore == 7 and both.cases[0].renumbered == ()
    assert dict(both.cases[1].renumbered) == {1: 7, 4: 5, 6: 1} and both.cases[1].not_annotated == (5,)
