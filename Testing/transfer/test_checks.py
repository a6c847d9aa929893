"""What does not fit between a data set and a source model is found, and what fits is left in peace."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_sets import CT, FEMUR, GRID, MR, SIZE, DataSet, ct, label, mr, only

from TransferSegLib.cases import facts
from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.card import CardLabel, ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.transfer.checks import check_cases


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return DataSet(tmp_path)


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


def test_more_channels_than_the_source_models_are_noted(data: DataSet) -> None:
    findings = data.check(dataclasses.replace(MR, channels=("t1w", "t2w")))
    assert only(findings) == (None, "note", "model-channels")
    assert "the cases have 1 channel (image), the source model `knee-t1w` 2 channels (t1w, t2w)" in findings[0].message


def test_no_file_is_read_twice_even_if_cases_share_it(data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    for name in ("read_volume", "read_labels"):
        original = getattr(facts, name)

        def counted(path: Path, *rest: object, original: Callable = original) -> object:
            reads.append(path)
            return original(path, *rest)

        monkeypatch.setattr(facts, name, counted)
    data.cases.append(Case("e", (data.image("a"),), data.label("a")))
    data.cases.append(Case("f", (data.root / "missing.nii.gz",), None, "unlabelled"))
    data.cases.append(Case("g", (data.root / "missing.nii.gz",), None, "unlabelled"))
    codes = [(f.case, f.code) for f in data.check()]
    assert codes == [("e", "duplicate-image"), ("f", "missing-file"), ("g", "missing-file")]
    assert len(reads) == len(set(reads)) == 9


def test_progress_is_told_after_each_case_and_findings_come_in_their_order(data: DataSet) -> None:
    progress: list[tuple[int, int]] = []
    data.image("d").unlink()
    write_labels(data.label("a"), np.zeros(SIZE), GRID)
    data.labels[9] = "patella"
    case_set = CaseSet("set", data.root, tuple(data.cases), data.labels)
    findings = check_cases(case_set, None, lambda done, total: progress.append((done, total)))
    assert [f.case for f in findings] == ["a", "d", None]
    assert progress == [(1, 4), (2, 4), (3, 4), (4, 4)]


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


def unnamed(data: DataSet, label_map: dict[str, object] | None = None, card: ModelCard = FEMUR) -> list[Problem]:
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


def named(data: DataSet, labels: dict[int, str], label_map: dict[str, object] | None = None) -> list[Problem]:
    return check_cases(CaseSet("set", data.root, tuple(data.cases), labels), SHELL, None, label_map)


def test_labels_of_which_the_source_model_has_none_are_a_warning(data: DataSet) -> None:
    (finding,) = named(data, {1: "shell", 2: "core"})
    assert (finding.case, finding.severity, finding.code) == (None, "warning", "no-known-label")
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


def test_thick_slices_that_the_model_is_shown_last_are_not_far_from_its_own(data: DataSet) -> None:
    write_volume(data.image("a"), mr(0), Grid.from_spacing(SIZE, (1.0, 8.0, 1.0)))
    data.change(0, label=None)

    def of_first_case(slices_last: bool) -> list[str]:
        preprocessing = Preprocessing((1.0, 1.0, 8.0), slices_last=slices_last)
        findings = data.check(dataclasses.replace(MR, preprocessing=preprocessing))
        return [f.message for f in findings if f.code == "spacing-far" and f.case == "a"]

    assert of_first_case(slices_last=True) == []
    [message] = of_first_case(slices_last=False)
    assert "1×8×1 mm are up to 8 times off the 1×1×8 mm" in message


def test_far_spacings_are_plain_numbers(data: DataSet) -> None:
    write_volume(data.image("a"), mr(0), Grid.from_spacing(SIZE, (0.001, 1.25, 200.0)))
    data.change(0, label=None)
    message = next(f.message for f in data.check(MR) if f.code == "spacing-far")
    assert "voxels of 0.001×1.25×200 mm" in message


def test_channels_of_which_each_side_has_one_of_its_own_are_a_warning_that_says_what_begins_from_what(
    data: DataSet,
) -> None:
    card = dataclasses.replace(MR, channels=("T1", "T2"))
    data.channels = ("FLAIR", "T1")
    found = [f for f in data.check(card) if f.code in ("model-channels", "other-channels")]
    assert [f.severity for f in found] == ["warning"]
    assert "`FLAIR` begins from the mean of all of its, `T1` begins from its `T1`" in found[0].message
    for channels in (("T2", "T1"), ("image", "image2"), ("T1w", "t2-weighted")):
        data.channels = channels
        assert not [f for f in data.check(card) if f.code in ("model-channels", "other-channels")]


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
    assert only(check_cases(trained, apart_from=scored)) == ("old-a", "error", "duplicate-image-of-target")
    assert "case `a` of the target" in check_cases(trained, apart_from=scored)[0].message


def test_an_image_that_the_source_learned_from_without_labels_is_a_note_unless_it_learned_its_labels(
    data: DataSet,
) -> None:
    digests: dict[str, Digests] = {}
    check_cases(CaseSet("set", data.root, tuple(data.cases), data.labels, data.channels), digests=digests)
    a, b = digests["a"].images, digests["b"].images
    card = dataclasses.replace(MR, made_by={"seen": [*b], "seen_without_labels": [*a, *b]})
    found = [(f.case, f.severity, f.code) for f in data.check(card)]
    assert found == [("a", "note", "image-known-to-source"), ("b", "warning", "seen-by-source")]
