"""Every fault that the files of a data set can have is found, with its case, and a clean one is left in peace."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from data_sets import CT, GRID, MR, SIZE, DataSet, label, mr, only

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.grid import Grid
from TransferSegLib.transfer.checks import check_cases


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return DataSet(tmp_path)


def test_a_clean_data_set_has_no_finding(data: DataSet) -> None:
    assert data.check() == []
    assert data.check(MR) == []


QUARTER_TURN = np.array([[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1.0]])
SHIFTED = np.array([[1, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1.0]])


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (Grid.from_spacing((8, 9, 11), (1, 1, 2)), "size of the image 8×9×10, of the segmentation 8×9×11 voxels"),
        (Grid.from_spacing(SIZE, (1, 1.05, 2)), "spacing of the image 1×1×2, of the segmentation 1×1.05×2 mm"),
        (Grid(SIZE, QUARTER_TURN), "direction of the axes"),
        (Grid(SIZE, SHIFTED), r"origin of the image \(0, 0, 0\), of the segmentation \(0.5, 0, 0\) mm \(RAS\)"),
    ],
)
def test_a_segmentation_on_another_grid_is_an_error_that_says_what_differs(
    data: DataSet, grid: Grid, says: str
) -> None:
    write_labels(data.label("b"), np.resize(label(1), grid.size), grid)
    findings = data.check()
    assert only(findings) == ("b", "error", "label-grid")
    assert re.search(says, findings[0].message)
    assert "resample the segmentation" in findings[0].advice
    assert ("its header is wrong" in findings[0].advice) == (grid.size == SIZE)


def test_a_grid_within_the_tolerance_of_the_file_formats_is_the_same(data: DataSet) -> None:
    near = GRID.affine.copy()
    near[:3, 3] += 1e-3
    write_labels(data.label("b"), label(1), Grid(SIZE, near))
    assert data.check() == []


def test_channels_on_different_grids_are_an_error(data: DataSet) -> None:
    data.channels = ("t1w", "t2w")
    for n, case in enumerate(data.cases):
        second = data.image(case.name + "2")
        spacing = (1, 1, 2.5) if case.name == "c" else (1, 1, 2)
        write_volume(second, mr(10 + n), Grid.from_spacing(SIZE, spacing))
        data.change(n, images=(*case.images, second))
    findings = data.check()
    assert only(findings) == ("c", "error", "channel-grids")
    assert "spacing of images/c.nii.gz 1×1×2, of images/c2.nii.gz 1×1×2.5 mm" in findings[0].message


def test_missing_and_extra_channels_are_errors(data: DataSet) -> None:
    data.change(1, images=(data.image("b"), data.image("a")))
    findings = [f for f in data.check() if f.code == "channels"]
    assert only(findings) == ("b", "error", "channels")
    assert "2 images where the data set has 1 channel (image)" in findings[0].message
    assert findings[0].advice == "remove the extra channel"
    data.channels = ("t1w", "t2w")
    findings = [f for f in data.check() if f.code == "channels"]
    assert [f.case for f in findings] == ["a", "c", "d"]
    assert findings[0].advice == "add the missing channel"


def test_an_image_that_is_rather_a_segmentation_is_warned_of(data: DataSet) -> None:
    shutil.copyfile(data.label("a"), data.root / "images" / "a_sge.nii.gz")
    data.cases.append(Case("a_sge", (data.root / "images" / "a_sge.nii.gz",), None, "unlabelled"))
    (finding,) = data.check()
    assert (finding.case, finding.severity, finding.code) == ("a_sge", "warning", "labels-for-image")
    assert finding.message == "its image images/a_sge.nii.gz has only the values 0, 1, 2, as segmentations have"
    assert finding.advice.startswith("if it is the segmentation of another case, name it as")
    data.cases[-1] = Case("a_sge", data.cases[-1].images, data.label("a"))
    assert "label-is-image" in [finding.code for finding in data.check()]
    data.cases[-1] = Case("a_sge", data.cases[-1].images, data.label("b"))
    assert "check that image and segmentation are not exchanged" in [finding.advice for finding in data.check()]
    few = np.zeros(GRID.size, np.float32)
    few[: len(few) // 2] = 0.5  # not whole
    for other in (few, np.arange(few.size, dtype=np.float32).reshape(few.shape) % 40, few * 600):
        write_volume(data.image("d"), other, GRID)
        data.cases[-1] = Case("d", (data.image("d"),), None, "unlabelled")
        assert "labels-for-image" not in {finding.code for finding in data.check()}


def missing_image(data: DataSet) -> None:
    data.image("b").unlink()


def missing_label(data: DataSet) -> None:
    data.label("b").unlink()


def truncated_image(data: DataSet) -> None:
    path = data.image("b")
    path.write_bytes(path.read_bytes()[:-100])


def truncated_label(data: DataSet) -> None:
    path = data.label("b")
    path.write_bytes(path.read_bytes()[:-10])


def not_an_image(data: DataSet) -> None:
    data.image("b").write_text("hello")


def image_4d(data: DataSet) -> None:
    frames = [SimpleITK.ReadImage(str(data.image("b")))] * 2
    SimpleITK.WriteImage(SimpleITK.JoinSeries(frames), str(data.image("b")))


def label_4d(data: DataSet) -> None:
    frames = [SimpleITK.ReadImage(str(data.label("b")))] * 2
    SimpleITK.WriteImage(SimpleITK.JoinSeries(frames), str(data.label("b")))


def fractions(data: DataSet) -> None:
    write_volume(data.label("b"), label(1) * 0.7, GRID)


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (missing_image, "missing-file", "image images/b.nii.gz: no such file"),
        (missing_label, "missing-file", "segmentation labels/b.nii.gz: no such file"),
        (truncated_image, "damaged-nifti", "image images/b.nii.gz: is truncated or damaged"),
        (truncated_label, "damaged-nifti", "segmentation labels/b.nii.gz: is truncated or damaged"),
        (not_an_image, "not-nifti", "is not a NIfTI file"),
        (image_4d, "not-3d", "is 4D (8×9×10×2) where 3D is meant"),
        (label_4d, "not-3d", "segmentation labels/b.nii.gz: is 4D"),
        (fractions, "labels-not-whole", "label values that are not whole numbers, 0.7 for one"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(
    data: DataSet, spoil: Callable[[DataSet], None], code: str, says: str
) -> None:
    spoil(data)
    findings = data.check(MR)
    assert only(findings) == ("b", "error", code)
    assert says.replace("/", os.sep) in findings[0].message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_place_of_an_image_is_an_error_and_keeps_no_one_waiting(data: DataSet) -> None:
    data.image("b").unlink()
    os.mkfifo(data.image("b"))
    findings = data.check(MR)
    assert only(findings) == ("b", "error", "not-a-regular-image")
    assert "is not a regular file, but a pipe or a device" in findings[0].message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_intensities_that_are_no_numbers_are_an_error(data: DataSet, value: float) -> None:
    image = mr(1)
    image[1, 2, 3] = value
    write_volume(data.image("b"), image, GRID)
    assert only(data.check(MR)) == ("b", "error", "not-finite")


def test_a_constant_image_is_an_error_and_no_duplicate_of_another(data: DataSet) -> None:
    for name in "bc":
        write_volume(data.image(name), np.full(SIZE, 7.0), GRID)
    findings = data.check(CT)
    assert [(f.case, f.severity, f.code) for f in findings if f.code != "not-like-ct"] == [
        ("b", "error", "constant"),
        ("c", "error", "constant"),
    ]
    assert {f.case for f in findings if f.code == "not-like-ct"} == {"a", "d"}
    assert "is 7 everywhere" in next(f for f in findings if f.code == "constant").message


@pytest.mark.parametrize("value", [3, -1, 700])
def test_a_label_value_that_is_not_listed_is_an_error(data: DataSet, value: int) -> None:
    values = label(1)
    values[0, 0, 0] = value
    write_labels(data.label("b"), values, GRID)
    findings = data.check()
    assert only(findings) == ("b", "error", "negative-label" if value < 0 else "unlisted-label")
    assert f"1 value ({value})" in findings[0].message
    assert findings[0].advice.startswith("write 0" if value < 0 else "add them to the list")


def test_values_below_0_are_an_error_and_never_a_label_of_the_set(data: DataSet) -> None:
    values = label(1)
    values[0, 0, 0] = -1
    write_labels(data.label("b"), values, GRID)
    case_set = read_case_set(data.root)
    assert dict(case_set.labels) == {1: "label 1", 2: "label 2"}
    assert only(check_cases(case_set)) == ("b", "error", "negative-label")


def test_nothing_but_empty_segmentations_is_an_error(data: DataSet) -> None:
    for name in "abcd":
        write_labels(data.label(name), np.zeros(SIZE), GRID)
    found = [f for f in data.check() if f.severity == "error"]
    assert [(f.case, f.code) for f in found] == [(None, "nothing-annotated")]
    assert found[0].message == "the segmentation is empty in all of 4 annotated cases"


def test_an_empty_segmentation_is_a_warning_and_no_duplicate_of_another(data: DataSet) -> None:
    for name in "bc":
        write_labels(data.label(name), np.zeros(SIZE), GRID)
    assert [(f.case, f.severity, f.code) for f in data.check()] == [
        ("b", "warning", "empty-label"),
        ("c", "warning", "empty-label"),
    ]


def test_the_same_image_under_two_names_is_an_error_when_both_are_annotated(data: DataSet) -> None:
    write_volume(data.image("c").with_name("copy.nrrd"), mr(0), GRID)
    data.change(2, images=(data.image("c").with_name("copy.nrrd"),), role="test")
    findings = data.check()
    assert only(findings) == ("c", "error", "duplicate-image")
    assert findings[0].message == "has the same image as case `a`"


def test_the_same_image_unlabelled_is_a_warning(data: DataSet) -> None:
    data.cases.append(Case("e", (data.image("a"),), None, "unlabelled"))
    assert only(data.check()) == ("e", "warning", "duplicate-image")


def test_the_same_segmentation_of_two_images_is_a_warning(data: DataSet) -> None:
    write_labels(data.label("d"), label(0), GRID)
    findings = data.check()
    assert only(findings) == ("d", "warning", "duplicate-label")
    assert "case `a`" in findings[0].message


def test_one_image_given_as_two_channels_is_a_warning(data: DataSet) -> None:
    data.channels = ("t1w", "t2w")
    for n, case in enumerate(data.cases):
        second = data.image(case.name + "2")
        write_volume(second, mr(1 if case.name == "b" else 10 + n), GRID)
        data.change(n, images=(*case.images, second))
    assert only(data.check()) == ("b", "warning", "duplicate-channel")


@pytest.mark.parametrize(("columns", "letters"), [((-1, 1, 2), "LAS"), ((1, 1, -2), "RAI"), ((-1, -1, 2), "LPS")])
def test_axes_flipped_against_the_other_cases_are_a_warning(
    data: DataSet, columns: tuple[float, ...], letters: str
) -> None:
    grid = Grid(SIZE, np.diag([*map(float, columns), 1.0]))
    write_volume(data.image("a"), mr(0), grid)
    write_labels(data.label("a"), label(0), grid)
    findings = data.check(MR)
    assert only(findings) == ("a", "warning", "axes-differ")
    assert findings[0].message == f"its axes run {letters}, those of 3 of 4 cases RAS"


def test_axes_in_another_order_are_named_in_the_files_order(data: DataSet) -> None:
    affine = np.array([[0, 0, -2, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
    write_volume(data.image("d"), mr(3), Grid(SIZE, affine))
    write_labels(data.label("d"), label(3), Grid(SIZE, affine))
    assert "its axes run ASL" in data.check()[0].message


def reverse(case: Case, axis: int) -> None:
    """Image and segmentation of a case the other way round, under the same header."""
    image = read_volume(case.images[0])
    write_volume(case.images[0], np.flip(image.array, axis), image.grid)
    assert case.label is not None
    values = read_labels(case.label)
    write_labels(case.label, np.flip(values.array, axis), values.grid)


def test_a_head_upside_down_under_an_upright_header_is_a_warning(tmp_path: Path) -> None:
    case_set = read_case_set(write_phantoms(tmp_path / "heads", "t1w", 5, 3, (48, 48, 24)))
    assert [f for f in check_cases(case_set) if f.code == "mirrored"] == []
    reverse(case_set.cases[2], 2)
    findings = [f for f in check_cases(case_set) if f.code == "mirrored"]
    assert only(findings) == ("phantom_002", "warning", "mirrored")
    assert "its labels lie mirrored inferior–superior to those of the other cases" in findings[0].message


def test_one_hippocampus_back_to_front_among_ten_is_a_warning(hippocampus: Path, tmp_path: Path) -> None:
    cases = []
    for case in read_case_set(hippocampus).cases[:10]:
        assert case.label is not None
        image, segmentation = tmp_path / case.images[0].name, tmp_path / f"label-{case.label.name}"
        shutil.copyfile(case.images[0], image)
        shutil.copyfile(case.label, segmentation)
        cases.append(Case(case.name, (image,), segmentation))
    reverse(cases[4], 1)
    findings = check_cases(CaseSet("set", tmp_path, tuple(cases), {1: "Anterior", 2: "Posterior"}))
    assert only(findings) == (cases[4].name, "warning", "mirrored")
    assert "mirrored posterior–anterior to" in findings[0].message


def test_a_label_in_fewer_than_two_cases_is_a_warning(data: DataSet) -> None:
    for n, name in enumerate("abc"):
        only_femur = label(0) % 2
        only_femur[0, 0, n] = 1
        write_labels(data.label(name), only_femur, GRID)
    data.labels = {1: "femur", 2: "tibia", 3: "patella"}
    findings = [f for f in data.check() if f.code == "rare-label"]
    assert [(f.case, f.severity) for f in findings] == [(None, "warning")] * 2
    assert findings[0].message == "label `tibia` (2) occurs in 1 of 4 annotated cases"
    assert findings[1].message == "label `patella` (3) occurs in none of 4 annotated cases"


def test_a_label_that_nearly_all_cases_have_is_missed_where_it_is_not(data: DataSet) -> None:
    without = label(0)
    without[without == 2] = 0
    write_labels(data.label("c"), without, GRID)
    (finding,) = data.check()
    assert (finding.case, finding.severity, finding.code) == ("c", "warning", "missing-label")
    assert finding.message == "has no `tibia` (2), which 3 of 4 annotated cases have"
    write_labels(data.label("d"), np.zeros(SIZE), GRID)  # a case without any label is a finding of its own
    assert [f.message for f in data.check() if f.code == "missing-label"] == [
        "has no `tibia` (2), which 2 of 3 annotated cases have"
    ]
    write_labels(data.label("b"), without, GRID)
    assert "missing-label" not in {f.code for f in data.check()}


def test_labels_of_test_cases_do_not_count_as_annotated_for_training(data: DataSet) -> None:
    for n in (1, 2, 3):
        data.change(n, role="test")
    assert {f.code for f in data.check()} == {"rare-label"}
    data.change(0, role="test")
    assert only(data.check()) == (None, "error", "no-annotated-case")


def test_no_annotated_case_is_an_error(data: DataSet) -> None:
    for n in range(4):
        data.change(n, label=None, role="unlabelled")
    assert only(data.check()) == (None, "error", "no-annotated-case")


def test_of_a_case_whose_image_cannot_be_read_nothing_is_guessed(data: DataSet) -> None:
    data.image("b").write_bytes(b"no image")
    data.change(1, label=data.label("a"))
    assert {f.code for f in data.check() if f.case == "b"} == {"not-nifti"}
