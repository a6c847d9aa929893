"""Every fault that a data set can have is found, with its case, and a clean one is left in peace."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.transfer import checks
from TransferSegLib.transfer.checks import Finding, check_cases, together

SIZE = (8, 9, 10)
GRID = Grid.from_spacing(SIZE, (1.0, 1.0, 2.0))
MR = ModelCard(
    format=2,
    name="knee-t1w",
    title="Knee",
    description="",
    modality="t1w",
    body_part="knee",
    labels=(CardLabel(1, "femur"), CardLabel(2, "tibia")),
    channels=("t1w",),
    network=CardNetwork("unet"),
    preprocessing=Preprocessing((1.0, 1.0, 2.0)),
    patch_size=(8, 8, 8),
    trained_on="",
    licence="",
    citation="",
)
CT = dataclasses.replace(MR, name="knee-ct", modality="CT")
FEMUR = dataclasses.replace(MR, labels=(CardLabel(1, "femur"),))


def mr(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 500, SIZE).astype(np.float32)


def ct(seed: int) -> np.ndarray:
    image = np.random.default_rng(seed).normal(40, 20, SIZE)
    image[:3] = -1000
    return image


def label(seed: int) -> np.ndarray:
    values = np.zeros(SIZE, dtype=np.int32)
    values[2:5, 2:5, 2:5] = 1
    values[5:7, 5:7, 5 : 6 + seed] = 2
    return values


class DataSet:
    """Four good cases in a folder, with what a test spoils."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.labels = {1: "femur", 2: "tibia"}
        self.channels: tuple[str, ...] = ("image",)
        self.modality: str | None = None
        self.cases = []
        for n, name in enumerate("abcd"):
            write_volume(self.image(name), mr(n), GRID)
            write_labels(self.label(name), label(n), GRID)
            self.cases.append(Case(name, (self.image(name),), self.label(name)))

    def image(self, name: str) -> Path:
        return self.root / "images" / f"{name}.nii.gz"

    def label(self, name: str) -> Path:
        return self.root / "labels" / f"{name}.nii.gz"

    def change(self, n: int, **changes: object) -> None:
        self.cases[n] = dataclasses.replace(self.cases[n], **changes)  # type: ignore[arg-type]

    def check(self, card: ModelCard | None = None) -> list[Finding]:
        return check_cases(
            CaseSet("set", self.root, tuple(self.cases), self.labels, self.channels, self.modality), card
        )


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return DataSet(tmp_path)


def only(findings: list[Finding]) -> tuple[str | None, str, str]:
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding.message
    assert finding.advice
    assert not (finding.message + finding.advice).endswith(".")
    return finding.case, finding.severity, finding.code


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
    assert "spacing of c.nii.gz 1×1×2, of c2.nii.gz 1×1×2.5 mm" in findings[0].message


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
    assert finding.message == "its image a_sge.nii.gz has only the values 0, 1, 2, as segmentations have"
    assert finding.advice.startswith("if it is the segmentation of another case, name it as")
    data.cases[-1] = Case("a_sge", data.cases[-1].images, data.label("a"))
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
        (truncated_image, "unreadable", "image images/b.nii.gz: is truncated or damaged"),
        (truncated_label, "unreadable", "segmentation labels/b.nii.gz: is truncated or damaged"),
        (not_an_image, "unreadable", "is not a NIfTI file"),
        (image_4d, "not-3d", "is 4D (8×9×10×2) where 3D is meant"),
        (label_4d, "not-3d", "segmentation labels/b.nii.gz: is 4D"),
        (fractions, "not-whole", "label values that are not whole numbers, 0.7 for one"),
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
    assert only(findings) == ("b", "error", "unreadable")
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
    assert only(findings) == ("b", "error", "unlisted-label")
    assert f"1 value ({value})" in findings[0].message
    assert findings[0].advice.startswith("write 0" if value < 0 else "add them to the list")


def test_values_below_0_are_an_error_and_never_a_label_of_the_set(data: DataSet) -> None:
    values = label(1)
    values[0, 0, 0] = -1
    write_labels(data.label("b"), values, GRID)
    case_set = read_case_set(data.root)
    assert dict(case_set.labels) == {1: "label 1", 2: "label 2"}
    assert only(check_cases(case_set)) == ("b", "error", "unlisted-label")


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


def test_voxels_far_from_the_source_models_are_a_warning(data: DataSet) -> None:
    far = dataclasses.replace(MR, preprocessing=Preprocessing((1.0, 1.0, 5.0)))
    findings = data.check(far)
    assert [f.case for f in findings] == list("abcd")
    assert only(findings[:1]) == ("a", "warning", "spacing-far")
    assert "1×1×2 mm are up to 2.5 times off the 1×1×5 mm" in findings[0].message
    for near in ((1.0, 1.0, 4.0), None):
        assert data.check(dataclasses.replace(MR, preprocessing=Preprocessing(near))) == []


def test_voxels_are_compared_along_the_bodys_axes_and_not_the_files(data: DataSet) -> None:
    affine = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 1.0]])
    for n, name in enumerate("abcd"):
        write_volume(data.image(name), mr(n), Grid(SIZE, affine))
        write_labels(data.label(name), label(n), Grid(SIZE, affine))
    assert data.check(MR) == []


def test_ct_given_to_an_mr_model_is_a_warning_and_the_reverse(data: DataSet) -> None:
    for n, name in enumerate("ab"):
        write_volume(data.image(name), ct(n), GRID)
    assert [(f.case, f.severity, f.code) for f in data.check(MR)] == [
        ("a", "warning", "looks-like-ct"),
        ("b", "warning", "looks-like-ct"),
    ]
    assert "the source model `knee-t1w` is for t1w" in data.check(MR)[0].message
    assert [(f.case, f.severity, f.code) for f in data.check(CT)] == [
        ("c", "warning", "not-like-ct"),
        ("d", "warning", "not-like-ct"),
    ]


def test_without_a_source_model_intensities_are_compared_with_what_the_data_set_says(data: DataSet) -> None:
    data.modality = "ct"
    findings = data.check()
    assert {f.code for f in findings} == {"not-like-ct"}
    assert "the data set says ct" in findings[0].message


def test_standardised_mr_does_not_look_like_ct(data: DataSet) -> None:
    for n, name in enumerate("abcd"):
        write_volume(data.image(name), (mr(n) - 250) / 144, GRID)
    assert data.check(MR) == []


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
    write_labels(data.label("d"), np.zeros(SIZE), GRID)  # what has nothing has forgotten all, and is told so
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


def test_more_channels_than_the_source_models_are_noted(data: DataSet) -> None:
    findings = data.check(dataclasses.replace(MR, channels=("t1w", "t2w")))
    assert only(findings) == (None, "note", "model-channels")
    assert "the cases have 1 channel (image), the source model `knee-t1w` 2 channels (t1w, t2w)" in findings[0].message


def test_no_file_is_read_twice_even_if_cases_share_it(data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    for name in ("read_volume", "read_labels"):
        original = getattr(checks, name)

        def counted(path: Path, original: Callable = original) -> object:
            reads.append(path)
            return original(path)

        monkeypatch.setattr(checks, name, counted)
    data.cases.append(Case("e", (data.image("a"),), data.label("a")))
    data.cases.append(Case("f", (data.root / "missing.nii.gz",), None, "unlabelled"))
    data.cases.append(Case("g", (data.root / "missing.nii.gz",), None, "unlabelled"))
    codes = [(f.case, f.code) for f in data.check()]
    assert codes == [("e", "duplicate-image"), ("f", "missing-file"), ("g", "missing-file")]
    assert len(reads) == len(set(reads)) == 9


def test_progress_is_told_after_each_case_and_findings_come_in_their_order(data: DataSet) -> None:
    told: list[tuple[int, int]] = []
    data.image("d").unlink()
    write_labels(data.label("a"), np.zeros(SIZE), GRID)
    data.labels[9] = "patella"
    case_set = CaseSet("set", data.root, tuple(data.cases), data.labels)
    findings = check_cases(case_set, None, lambda done, total: told.append((done, total)))
    assert [f.case for f in findings] == ["a", "d", None]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_checks_need_neither_torch_nor_nibabel(data: DataSet) -> None:
    code = (
        "import sys\nfor name in ('torch', 'monai', 'nibabel', 'matplotlib'): sys.modules[name] = None\n"
        "from pathlib import Path\nfrom TransferSegLib.cases.readers import read_case_set\n"
        "from TransferSegLib.transfer.checks import check_cases\n"
        "print(check_cases(read_case_set(Path(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data.root)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout == "[]\n"


def test_the_160_hippocampus_cases_are_clean() -> None:
    root = Path(os.environ.get("TRANSFERSEG_DATA", Path(__file__).parents[3] / "shared"))
    folder = root / "data" / "Task04_Hippocampus"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set TRANSFERSEG_DATA to the folder that holds `data`")
    case_set = read_case_set(folder)
    assert len(case_set.cases) == 160
    assert check_cases(case_set) == []


def unnamed(data: DataSet, label_map: dict[str, object] | None = None, card: ModelCard = FEMUR) -> list[Finding]:
    labels = {value: f"label {value}" for value in data.labels}
    return check_cases(CaseSet("set", data.root, tuple(data.cases), labels, named=False), card, None, label_map)


def test_labels_matched_by_value_are_told_and_warned_of_where_the_model_has_fewer(data: DataSet) -> None:
    (finding,) = unnamed(data)
    assert (finding.case, finding.severity, finding.code) == (None, "warning", "labels-by-value")
    assert finding.message == (
        "label 1 is taken to be `femur`, because the source model `knee-t1w` has it by this value; it has 1 label, the "
        "cases 2"
    )
    (finding,) = unnamed(data, card=MR)
    assert finding.severity == "note"
    assert finding.message == (
        "label 1 is taken to be `femur`, label 2 is taken to be `tibia`, because the source model `knee-t1w` has them by "
        "these values"
    )


def test_a_label_map_leaves_nothing_to_match_by_value(data: DataSet) -> None:
    assert unnamed(data, {"1": "femur", "label 2": "new"}) == []


SHELL = dataclasses.replace(MR, labels=(CardLabel(1, "Anterior"), CardLabel(2, "Posterior")))


def named(data: DataSet, labels: dict[int, str], label_map: dict[str, object] | None = None) -> list[Finding]:
    return check_cases(CaseSet("set", data.root, tuple(data.cases), labels), SHELL, None, label_map)


def test_labels_of_which_the_source_model_has_none_are_a_warning(data: DataSet) -> None:
    (finding,) = named(data, {1: "shell", 2: "core"})
    assert (finding.case, finding.severity, finding.code) == (None, "warning", "unknown-labels")
    assert finding.message == "none of your labels (shell, core) is one of the source model's (Anterior, Posterior)"
    assert "--label-map" in finding.advice


def test_a_label_that_the_source_model_lacks_is_a_warning_until_somebody_says_that_it_is_new(data: DataSet) -> None:
    (finding,) = named(data, {1: "anterior", 2: "core"})
    assert finding.message == "the source model `knee-t1w` has no `core`, it has Anterior, Posterior"
    assert named(data, {1: "anterior", 2: "core"}, {"core": "new"}) == []
    assert named(data, {1: "anterior", 2: "core"}, {"core": "Posterior"}) == []


def test_of_a_source_model_that_segments_nothing_no_label_is_expected(data: DataSet) -> None:
    card = dataclasses.replace(MR, labels=(), task="autoencoding")
    assert check_cases(CaseSet("set", data.root, tuple(data.cases), {1: "shell", 2: "core"}), card) == []


def test_what_is_said_of_several_cases_is_told_once_and_names_five_of_them() -> None:
    far = [Finding(name, "warning", "spacing-far", "too far", "expect less") for name in "abcdefg"]
    other = Finding("b", "warning", "spacing-far", "farther", "expect less")
    of_all = Finding(None, "note", "model-channels", "two", "none")
    told = [(about, f.message) for about, f in together([*far[:3], other, *far[3:], of_all])]
    assert told == [("7 cases (`a`, `b`, `c`, `d`, `e`, …): ", "too far"), ("case `b`: ", "farther"), ("", "two")]


def test_of_a_case_whose_image_cannot_be_read_nothing_is_guessed(data: DataSet) -> None:
    data.image("b").write_bytes(b"no image")
    data.change(1, label=data.label("a"))
    assert {f.code for f in data.check() if f.case == "b"} == {"unreadable"}


def test_far_spacings_are_plain_numbers(data: DataSet) -> None:
    write_volume(data.image("a"), mr(0), Grid.from_spacing(SIZE, (0.001, 1.25, 1000.0)))
    data.change(0, label=None)
    message = next(f.message for f in data.check(MR) if f.code == "spacing-far")
    assert "voxels of 0.001×1.25×1000 mm" in message


def test_channels_of_which_each_side_has_one_of_its_own_are_a_warning_that_says_what_begins_from_what(
    data: DataSet,
) -> None:
    card = dataclasses.replace(MR, channels=("T1", "T2"))
    data.channels = ("FLAIR", "T1")
    found = [f for f in data.check(card) if f.code == "model-channels"]
    assert [f.severity for f in found] == ["warning"]
    assert "`FLAIR` begins from the mean of all of its, `T1` begins from its `T1`" in found[0].message
    for channels in (("T2", "T1"), ("image", "image2"), ("T1w", "t2-weighted")):
        data.channels = channels
        assert not [f for f in data.check(card) if f.code == "model-channels"]


def test_only_the_channel_that_is_to_be_ct_is_expected_to_look_like_it(data: DataSet) -> None:
    data.channels = ("CT", "PET")
    for n, name in enumerate("abcd"):
        write_volume(data.image(name), ct(n), GRID)
        write_volume(data.root / f"{name}-pet.nii.gz", mr(n), GRID)
        data.change(n, images=(data.image(name), data.root / f"{name}-pet.nii.gz"))
    assert data.check() == []
    assert data.check(dataclasses.replace(CT, channels=("CT", "PET"))) == []


def test_of_an_image_that_is_no_ct_it_is_said_what_to_do_if_it_is_and_if_it_is_not(data: DataSet) -> None:
    advice = data.check(CT)[0].advice
    assert advice.startswith(
        "if it is CT, rescale it to Hounsfield units; if it is not, choose a source model for its own"
    )


def test_a_scored_case_among_those_that_are_trained_on_is_an_error_that_names_both(data: DataSet) -> None:
    trained = CaseSet(
        "old", data.root, tuple(dataclasses.replace(c, name=f"old-{c.name}") for c in data.cases), data.labels
    )
    data.change(0, role="test")
    data.change(1, label=None, role="unlabelled")
    scored = CaseSet("set", data.root, tuple(data.cases[:2]), data.labels)
    assert only(check_cases(trained, apart_from=scored)) == ("old-a", "error", "duplicate-image")
    assert "case `a` of the target" in check_cases(trained, apart_from=scored)[0].message
