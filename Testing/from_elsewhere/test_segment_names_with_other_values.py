"""Segments of one name that have other values in other files are the same structure.

lassoan/slicerio#10: annotators delete a segment and add one of the same name, which then has another value; training and
evaluation that go by the values are wrong. Jingnan-Jia/segmentation_metrics#20: scores are wrong where the automated
segmentation has other values for the same segments, and nothing says so.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from TransferSegLib.cases.facts import label_facts
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing

SIZE = (8, 9, 10)
AIR, TISSUE, BONE = (slice(0, 3), slice(3, 5), slice(6, 8))


def write(path: Path, names: dict[str, int], parts: dict[str, slice] | None = None) -> Path:
    """A segmentation as Slicer writes it; without the ending .seg.nrrd, without names."""
    parts = {"air": AIR, "soft tissue": TISSUE, "bone": BONE} if parts is None else parts
    array = np.zeros(SIZE, np.uint8)
    for name, where in parts.items():
        array[where, 2:7, 2:7] = names[name]
    image = SimpleITK.GetImageFromArray(array.T)
    for n, (name, value) in enumerate(names.items() if path.name.endswith(".seg.nrrd") else ()):
        for field, what in (("ID", f"Segment_{n}"), ("Name", name), ("LabelValue", str(value)), ("Layer", "0")):
            image.SetMetaData(f"Segment{n}_{field}", what)
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(image, str(path))
    return path


ONE = {"air": 1, "soft tissue": 2, "bone": 3}
OTHER = {"bone": 1, "soft tissue": 2, "air": 3}


def evaluate(folder: Path, capsys, *more: str) -> tuple[int, dict[tuple[str, str], str], str]:
    """Exit code, Dice of (case, label) and what was said."""
    out = folder / "scores.csv"
    asked = ["evaluate", "--reference", str(folder / "a"), "--prediction", str(folder / "b"), "--out", str(out)]
    code = main([*asked, *more])
    said = capsys.readouterr()
    rows = csv.DictReader(out.open(encoding="utf-8")) if out.exists() else ()
    return code, {(row["case"], row["label_name"]): row["dice"] for row in rows}, said.err + said.out


@pytest.mark.parametrize("second", [OTHER, {"air": 7, "soft tissue": 9, "bone": 4}, ONE])
def test_equal_segments_have_dice_1_whatever_their_values_are(tmp_path: Path, capsys, second) -> None:
    for case, names in (("x", second), ("y", ONE)):
        write(tmp_path / "a" / f"{case}.seg.nrrd", ONE)
        write(tmp_path / "b" / f"{case}.seg.nrrd", names)
    code, dice, _ = evaluate(tmp_path, capsys)
    assert code == 0
    assert {key: float(value) for key, value in dice.items()} == {(case, name): 1.0 for case in "xy" for name in ONE}


@pytest.mark.parametrize("by", ["--labels", "labels.json", "dataset.json"])
def test_a_list_of_labels_gives_the_names_their_values(tmp_path: Path, capsys, by: str) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.nrrd", {"bone": 5, "soft tissue": 6, "air": 7})  # as the list has them, and without names
    listed = {"bone": 5, "soft tissue": 6, "air": 7}
    file = tmp_path / ("names.json" if by == "--labels" else by)
    file.write_text(json.dumps({"labels": listed} if by == "dataset.json" else listed), encoding="utf-8")
    code, dice, _ = evaluate(tmp_path, capsys, *(["--labels", str(file)] if by == "--labels" else []))
    assert (code, {key: float(value) for key, value in dice.items()}) == (0, {("x", name): 1.0 for name in ONE})


@pytest.mark.parametrize("place", ["b/dataset.json", "labels.json"])
def test_a_list_of_each_side_names_its_values(tmp_path: Path, capsys, place: str) -> None:
    """nnU-Net puts the dataset.json of its model into the folder of the predictions."""
    truth, found = tmp_path / "truth", tmp_path / "found"
    write(truth / "a" / "x.nii.gz", ONE)
    (truth / "labels.json").write_text(json.dumps(ONE), encoding="utf-8")
    write(found / "b" / "x.nii.gz", OTHER)
    whole = {"labels": {"background": 0, **OTHER}}
    (found / place).write_text(json.dumps(whole if "dataset" in place else OTHER), encoding="utf-8")
    out = tmp_path / "scores.csv"
    asked = ["evaluate", "--reference", str(truth / "a"), "--prediction", str(found / "b"), "--out", str(out)]
    assert main(asked) == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert {(row["label"], row["label_name"]): float(row["dice"]) for row in rows} == {
        (str(value), name): 1.0 for name, value in ONE.items()
    }
    assert main([*asked, "--labels", str(truth / "labels.json")]) == 0  # then only the values count
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert {row["label_name"]: float(row["dice"]) for row in rows} == {"air": 0.0, "soft tissue": 1.0, "bone": 0.0}


def test_names_that_a_list_lacks_keep_their_values_and_are_called_as_it_says(tmp_path: Path, capsys) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.seg.nrrd", OTHER)
    file = tmp_path / "names.json"
    file.write_text(json.dumps({"Luft": 1, "Weichteile": 2, "Knochen": 3}), encoding="utf-8")
    code, dice, _ = evaluate(tmp_path, capsys, "--labels", str(file))
    assert (code, {key: float(value) for key, value in dice.items()}) == (
        0,
        {("x", name): 1.0 for name in ("Luft", "Weichteile", "Knochen")},
    )


def test_where_one_file_of_a_case_has_no_names_values_are_paired_and_it_is_told(tmp_path: Path, capsys) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.nii.gz", ONE)
    code, dice, said = evaluate(tmp_path, capsys)
    assert (code, {key: float(value) for key, value in dice.items()}) == (1, {("x", name): 1.0 for name in ONE})
    assert f"{tmp_path}/a/x.seg.nrrd has names, {tmp_path}/b/x.nii.gz has none: paired by value; give --labels" in said
    write(tmp_path / "a" / "y.seg.nrrd", OTHER)
    write(tmp_path / "b" / "y.nii.gz", ONE)
    code, dice, said = evaluate(tmp_path, capsys)
    assert code == 1 and f"{tmp_path}/a/y.seg.nrrd has names, {tmp_path}/b/y.nii.gz has none" in said
    # as the file of the reference calls the values, and not as the other reference does
    assert {name: float(dice["y", name]) for name in ONE} == {"air": 0.0, "soft tissue": 1.0, "bone": 0.0}
    assert all(float(dice["x", name]) == 1.0 for name in ONE)
    code, _, said = evaluate(tmp_path, capsys, "--json")
    pairs = json.loads(said[said.index("{\n") : said.rindex("}") + 1])["paired_by_value"]
    assert pairs == [[f"{tmp_path}/a/{case}.seg.nrrd", f"{tmp_path}/b/{case}.nii.gz"] for case in "xy"]


def test_a_list_in_the_folder_of_the_segmentations_is_not_laid_over_references_without_names(
    tmp_path: Path, capsys
) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", OTHER)
    write(tmp_path / "a" / "y.nii.gz", OTHER)
    for case in "xy":
        write(tmp_path / "b" / f"{case}.nii.gz", ONE)
    (tmp_path / "b" / "labels.json").write_text(json.dumps(ONE), encoding="utf-8")
    code, dice, said = evaluate(tmp_path, capsys)
    assert code == 1 and f"{tmp_path}/b has names in labels.json, files in {tmp_path}/a have none" in said
    assert "only" not in said
    assert {key: float(value) for key, value in dice.items()} == {
        **{("x", name): 1.0 for name in ONE},
        ("y", "label 1"): 0.0,
        ("y", "label 2"): 1.0,
        ("y", "label 3"): 0.0,
    }
    (tmp_path / "a" / "labels.json").write_text(json.dumps(OTHER), encoding="utf-8")  # names the other reference too
    code, dice, _ = evaluate(tmp_path, capsys)
    assert (code, set(map(float, dice.values()))) == (0, {1.0})


def test_the_names_of_one_segmentation_are_not_those_of_another(tmp_path: Path, capsys) -> None:
    for case in "xy":
        write(tmp_path / "a" / f"{case}.seg.nrrd", OTHER)
    write(tmp_path / "b" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "y.nii.gz", OTHER)
    code, dice, said = evaluate(tmp_path, capsys)
    assert code == 1 and f"{tmp_path}/a/y.seg.nrrd has names, {tmp_path}/b/y.nii.gz has none" in said
    assert {key: float(value) for key, value in dice.items()} == {(case, name): 1.0 for case in "xy" for name in ONE}


def test_a_case_without_any_name_is_scored_by_its_values_beside_one_with_names(tmp_path: Path, capsys) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.seg.nrrd", OTHER)
    for side in "ab":
        write(tmp_path / side / "y.nii.gz", OTHER)
    code, dice, _ = evaluate(tmp_path, capsys)
    assert code == 0
    assert {key: float(value) for key, value in dice.items()} == {
        **{("x", name): 1.0 for name in ONE},
        **{("y", f"label {value}"): 1.0 for value in (1, 2, 3)},
    }


def test_a_name_of_one_side_is_told_and_never_scored_as_0(tmp_path: Path, capsys) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.seg.nrrd", {"Bone": 1, "soft tissue": 2, "air": 3}, {"air": AIR, "Bone": BONE})
    code, dice, said = evaluate(tmp_path, capsys)
    assert code == 1
    assert {key: float(value) for key, value in dice.items()} == {("x", "air"): 1.0, ("x", "soft tissue"): 0.0}
    assert (
        "warning: `bone` is a segment of the references only; `Bone` is a segment of the segmentations only: not scored;"
        in said
    )
    code, _, said = evaluate(tmp_path, capsys, "--json")
    found = json.loads(said[said.index("{") :])
    assert found["segments_of_one_side"] == {"references": ["bone"], "segmentations": ["Bone"]}
    write(tmp_path / "b" / "x.seg.nrrd", {"Luft": 1}, {"Luft": AIR})
    (tmp_path / "scores.csv").unlink()
    code, dice, said = evaluate(tmp_path, capsys)
    assert (code, dice) == (2, {})
    assert "no segment has the name of one of the references" in said


def test_a_segment_that_only_some_files_of_a_side_lack_was_missed_there(tmp_path: Path, capsys) -> None:
    write(tmp_path / "a" / "x.seg.nrrd", ONE)
    write(tmp_path / "b" / "x.seg.nrrd", {"air": 1, "soft tissue": 2}, {"air": AIR, "soft tissue": TISSUE})
    write(tmp_path / "a" / "y.seg.nrrd", ONE)
    write(tmp_path / "b" / "y.seg.nrrd", OTHER)
    code, dice, _ = evaluate(tmp_path, capsys)
    assert (code, float(dice["x", "bone"]), float(dice["y", "bone"])) == (0, 0.0, 1.0)


@pytest.mark.parametrize("listed", [False, True], ids=["", "labels.json"])
def test_a_model_learns_by_names(tmp_path: Path, listed: bool) -> None:
    for n, (case, names) in enumerate((("x", ONE), ("y", OTHER), ("z", {"air": 5, "soft tissue": 8, "bone": 9}))):
        write(tmp_path / "labels" / f"{case}.seg.nrrd", names)
        image = SimpleITK.GetImageFromArray(np.random.default_rng(n).normal(size=SIZE[::-1]).astype(np.float32))
        (tmp_path / "images").mkdir(exist_ok=True)
        SimpleITK.WriteImage(image, str(tmp_path / "images" / f"{case}.nrrd"))
    if listed:
        (tmp_path / "labels.json").write_text(json.dumps({"soft tissue": 1, "bone": 2, "air": 3}), encoding="utf-8")
    found = read_case_set(tmp_path)
    assert set(found.labels.values()) == set(ONE)
    numbers = {value: n for n, value in enumerate(found.labels, start=1)}
    task = LabelTask(tuple(found.labels.values()), tuple(found.labels), numbers, ((),) * 4)
    classes = [prepare_case(case, Preprocessing((1, 1, 1)), task).own_classes for case in found.cases]
    for name, where in (("air", AIR), ("soft tissue", TISSUE), ("bone", BONE)):
        number = numbers[next(value for value, own in found.labels.items() if own == name)]
        for own in classes:
            assert (own[where, 2:7, 2:7] == number).all()
            assert np.count_nonzero(own == number) == 25 * len(range(*where.indices(8)))
    digests = {label_facts(case.label, case.renumbered).digest for case in found.cases}
    assert len(digests) == 1


def test_a_value_of_no_segment_that_would_become_another_s_is_refused(tmp_path: Path) -> None:
    from TransferSegLib.cases.volume_error import VolumeError
    from TransferSegLib.cases.volumes import read_labels

    path = write(tmp_path / "a.seg.nrrd", ONE)
    with pytest.raises(VolumeError, match="has the value 3, which none of its segments has"):
        read_labels(path, ((1, 3), (2, 2)))


def test_labels_without_names_beside_others_with_names_are_a_warning_and_need_a_list_where_values_differ(
    tmp_path: Path,
) -> None:
    from TransferSegLib.core.errors import InputError
    from TransferSegLib.transfer.checks import check_cases

    for n, case in enumerate("xyz"):
        write(tmp_path / "labels" / f"{case}{'.nii.gz' if case == 'y' else '.seg.nrrd'}", ONE if case == "y" else OTHER)
        image = SimpleITK.GetImageFromArray(np.random.default_rng(n).normal(size=SIZE[::-1]).astype(np.float32))
        (tmp_path / "images").mkdir(exist_ok=True)
        SimpleITK.WriteImage(image, str(tmp_path / "images" / f"{case}.nrrd"))
    (told,) = [p for p in check_cases(read_case_set(tmp_path)) if p.code == "labels-without-names"]
    assert told.severity == "warning"
    assert told.message == (
        "1 label file has no segment names (y.nii.gz); its values are taken to mean what they mean in x.seg.nrrd "
        "(1 bone, 2 soft tissue, 3 air)"
    )
    (tmp_path / "labels.json").write_text(json.dumps(ONE), encoding="utf-8")
    assert "labels-without-names" not in [p.code for p in check_cases(read_case_set(tmp_path))]
    (tmp_path / "labels.json").unlink()
    write(tmp_path / "labels" / "z.seg.nrrd", {"air": 5, "soft tissue": 8, "bone": 9})
    with pytest.raises(
        InputError, match=r"y\.nii\.gz has no names, so what its values mean is not known; .*labels\.json"
    ):
        read_case_set(tmp_path)
