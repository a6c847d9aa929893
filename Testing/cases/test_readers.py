"""Each format gives the cases it describes, and says in one sentence what is wrong with its list."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from TransferSegLib.cases.readers import cases_from_images, must_have_channels, read_case_set
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.case_set import AnnotatedSlices, Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.transfer.checks import check_cases
from TransferSegLib.transfer.labels import label_task

GRID = Grid.from_spacing((3, 4, 5), (1, 1, 1))


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def save_label(path: Path, *values: int) -> Path:
    write_labels(path, np.resize(np.array([0, *values]), GRID.size), GRID)
    return path


def write_json(path: Path, data: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def decathlon(root: Path, **changes: Any) -> Path:
    data = {
        "name": "Knee",
        "licence": "CC0",
        "description": "knees",
        "modality": {"0": "T2"},
        "labels": {"0": "background", "2": "tibia", "1": "femur"},
        "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}],
        "test": ["./imagesTs/b.nii.gz", "./imagesTs/c.nii.gz"],
    }
    touch(root / "labelsTs" / "c.nii.gz")
    write_json(root / "dataset.json", {k: v for k, v in {**data, **changes}.items() if v is not None})
    return root


def nnunet(root: Path, **changes: Any) -> Path:
    data = {
        "channel_names": {"0": "CT", "1": "PET"},
        "labels": {"background": 0, "tumour": 2, "organ": 1},
        "file_ending": ".nrrd",
        "numTraining": 2,
    }
    write_json(root / "dataset.json", {k: v for k, v in {**data, **changes}.items() if v is not None})
    for name in ("a_1", "b"):
        touch(*(root / "imagesTr" / f"{name}_{n:04}.nrrd" for n in range(2)), root / "labelsTr" / f"{name}.nrrd")
    touch(*(root / "imagesTs" / f"{name}_{n:04}.nrrd" for n in range(2) for name in "cd"))
    touch(root / "labelsTs" / "d.nrrd")
    return root


def test_a_decathlon_folder_is_read_with_its_names_and_lists(tmp_path: Path) -> None:
    root = decathlon(tmp_path / "Tâche 1")
    cases = read_case_set(root)
    assert cases == CaseSet(
        name="Knee",
        root=root,
        cases=(
            Case("a", (root / "imagesTr/a.nii.gz",), root / "labelsTr/a.nii.gz", "train"),
            Case("b", (root / "imagesTs/b.nii.gz",), None, "unlabelled"),
            Case("c", (root / "imagesTs/c.nii.gz",), root / "labelsTs/c.nii.gz", "test"),
        ),
        labels={1: "femur", 2: "tibia"},
        channels=("T2",),
        modality="t2w",
        licence="CC0",
        description="knees",
    )
    assert read_case_set(root / "dataset.json") == cases


def test_an_nnunet_folder_is_read_by_case_and_channel(tmp_path: Path) -> None:
    cases = read_case_set(nnunet(tmp_path))
    tr, ts = tmp_path / "imagesTr", tmp_path / "imagesTs"
    assert cases.cases == (
        Case("a_1", (tr / "a_1_0000.nrrd", tr / "a_1_0001.nrrd"), tmp_path / "labelsTr/a_1.nrrd"),
        Case("b", (tr / "b_0000.nrrd", tr / "b_0001.nrrd"), tmp_path / "labelsTr/b.nrrd"),
        Case("c", (ts / "c_0000.nrrd", ts / "c_0001.nrrd"), None, "unlabelled"),
        Case("d", (ts / "d_0000.nrrd", ts / "d_0001.nrrd"), tmp_path / "labelsTs/d.nrrd", "test"),
    )
    assert cases.labels == {1: "organ", 2: "tumour"}
    assert (cases.channels, cases.modality, cases.named) == (("CT", "PET"), "ct", True)


def test_missing_and_extra_nnunet_files_are_listed_for_the_checks_to_report(tmp_path: Path) -> None:
    root = nnunet(tmp_path)
    (root / "imagesTr" / "b_0000.nrrd").unlink()
    (root / "labelsTr" / "b.nrrd").unlink()
    touch(root / "imagesTr" / "a_1_0002.nrrd", root / "labelsTr" / "only.nrrd")
    found = {case.name: case for case in read_case_set(root).cases}
    assert [p.name for p in found["a_1"].images] == ["a_1_0000.nrrd", "a_1_0001.nrrd", "a_1_0002.nrrd"]
    assert [p.name for p in found["b"].images] == ["b_0000.nrrd", "b_0001.nrrd"]
    assert found["b"].label == root / "labelsTr" / "b.nrrd"
    assert [p.name for p in found["only"].images] == ["only_0000.nrrd", "only_0001.nrrd"]


def test_an_nnunet_list_of_files_is_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    root = nnunet(
        tmp_path / "set", dataset={"x": {"images": [str(elsewhere / "1.nrrd"), "../2.nrrd"], "label": "x.nrrd"}}
    )
    case = read_case_set(root).with_role("train")[0]
    assert case == Case("x", (elsewhere / "1.nrrd", root / "../2.nrrd"), root / "x.nrrd")


def test_a_monai_datalist_is_read_relative_to_its_file(tmp_path: Path) -> None:
    label = save_label(tmp_path / "l" / "a.nii.gz", 3, 1)
    path = write_json(
        tmp_path / "list.json",
        {
            "training": [
                {"image": ["i/a_0000.nii.gz", "i/a_0001.nii.gz"], "label": str(label), "fold": 0},
                {"image": ["i/u_0000.nii.gz", "i/u_0001.nii.gz"]},
            ],
            "validation": [{"image": ["i/v1.nii.gz", "i/v2.nii.gz"], "label": "l/v.nii.gz"}],
            "testing": [{"image": ["i/t1.nii.gz", "i/t2.nii.gz"], "label": "l/t.nii.gz"}],
        },
    )
    cases = read_case_set(path)
    assert [(case.name, case.role) for case in cases.cases] == [
        ("a", "train"),
        ("u", "unlabelled"),
        ("v1", "validation"),
        ("t1", "test"),
    ]
    assert cases.cases[0].images == (tmp_path / "i/a_0000.nii.gz", tmp_path / "i/a_0001.nii.gz")
    assert (cases.labels, cases.named) == ({1: "label 1", 3: "label 3"}, False)
    assert cases.channels == ("image 1", "image 2")


def test_a_datalist_that_names_labels_and_modality_is_believed(tmp_path: Path) -> None:
    path = write_json(
        tmp_path / "list.json",
        {"modality": {"0": "T1w"}, "labels": {"1": "liver"}, "training": [{"image": "a.nrrd", "label": "b.nrrd"}]},
    )
    cases = read_case_set(path)
    assert (cases.labels, cases.named, cases.modality, cases.name) == ({1: "liver"}, True, "t1w", "list")


def test_images_and_labels_of_equal_names_are_paired(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nrrd", tmp_path / "images" / "b.mha", tmp_path / "images" / "readme.txt")
    touch(tmp_path / "images" / "series" / "1.dcm", tmp_path / "images" / ".hidden.nrrd")
    save_label(tmp_path / "labels" / "a.nii.gz", 2)
    save_label(tmp_path / "labels" / "series.nii.gz", 1)
    save_label(tmp_path / "labels" / "z.nii.gz", 1)
    cases = read_case_set(tmp_path)
    images, labels = tmp_path / "images", tmp_path / "labels"
    assert cases.cases == (
        Case("a", (images / "a.nrrd",), labels / "a.nii.gz"),
        Case("b", (images / "b.mha",), None, "unlabelled"),
        Case("series", (images / "series",), labels / "series.nii.gz"),
        Case("z", (images / "z.nii.gz",), labels / "z.nii.gz"),
    )
    assert (cases.labels, cases.named) == ({1: "label 1", 2: "label 2"}, False)
    write_json(tmp_path / "labels.json", {"liver": 1, "vessel": 2})
    assert (read_case_set(tmp_path).labels, read_case_set(tmp_path).named) == ({1: "liver", 2: "vessel"}, True)


def test_a_table_takes_the_names_of_labels_from_the_file_beside_it(tmp_path: Path) -> None:
    touch(tmp_path / "a.nii.gz")
    save_label(tmp_path / "seg.nii.gz", 1)
    (tmp_path / "cases.csv").write_text("case,image,label\na,a.nii.gz,seg.nii.gz\n", encoding="utf-8")
    assert read_case_set(tmp_path / "cases.csv").named is False
    write_json(tmp_path / "labels.json", {"liver": 1})
    assert (read_case_set(tmp_path / "cases.csv").labels, read_case_set(tmp_path / "cases.csv").named) == (
        {1: "liver"},
        True,
    )


def test_a_list_in_the_folder_of_the_labels_names_them_where_the_data_set_lists_none(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz")
    save_label(tmp_path / "labels" / "a.nii.gz", 1)
    write_json(tmp_path / "labels" / "labels.json", {"liver": 1})
    found = read_case_set(tmp_path)
    assert (found.labels, found.named, list(found.remarks)) == ({1: "liver"}, True, [])
    (tmp_path / "cases.csv").write_text("case,image,label\na,images/a.nii.gz,labels/a.nii.gz\n", encoding="utf-8")
    assert read_case_set(tmp_path / "cases.csv").labels == {1: "liver"}
    write_json(tmp_path / "labels.json", {"spleen": 1})
    found = read_case_set(tmp_path)
    assert found.labels == {1: "spleen"}
    (said,) = (one.sentence for one in found.remarks)
    assert "labels.json: names the values of the label files beside it otherwise" in said and "1 spleen" in said
    write_json(tmp_path / "labels" / "labels.json", ["liver"])
    (said,) = (one.sentence for one in read_case_set(tmp_path).remarks)
    assert "was not read" in said


def test_channels_in_an_images_folder_are_told_by_their_numbers(tmp_path: Path) -> None:
    touch(*(tmp_path / "images" / f"{case}_{n:04}.nii.gz" for case in ("a", "b") for n in range(2)))
    save_label(tmp_path / "labels" / "a.nii.gz", 1)
    cases = read_case_set(tmp_path)
    assert [(case.name, len(case.images), case.role) for case in cases.cases] == [
        ("a", 2, "train"),
        ("b", 2, "unlabelled"),
    ]
    assert cases.channels == ("image 1", "image 2")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_table_is_read_with_channels_and_roles(tmp_path: Path, delimiter: str) -> None:
    label = save_label(tmp_path / "é" / "l.nii.gz", 4)
    rows = [
        "Case,image,image2,label,role",
        "a,é/a1.nrrd,é/a2.nrrd,é/l.nii.gz,",
        "b,b1.nrrd,b2.nrrd,,",
        f"c,{tmp_path}/c1.nrrd,c2.nrrd,é/l.nii.gz,Test",
        "d,d1.nrrd,d2.nrrd,é/l.nii.gz,unlabeled",
        ",,,,",
    ]
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(rows).replace(",", delimiter), encoding="utf-8-sig")
    cases = read_case_set(path)
    assert cases.cases == (
        Case("a", (tmp_path / "é/a1.nrrd", tmp_path / "é/a2.nrrd"), label, "train"),
        Case("b", (tmp_path / "b1.nrrd", tmp_path / "b2.nrrd"), None, "unlabelled"),
        Case("c", (tmp_path / "c1.nrrd", tmp_path / "c2.nrrd"), label, "test"),
        Case("d", (tmp_path / "d1.nrrd", tmp_path / "d2.nrrd"), None, "unlabelled"),
    )
    assert (cases.channels, cases.labels, cases.named) == (("image", "image2"), {4: "label 4"}, False)


def test_label_files_that_cannot_be_read_are_left_to_the_checks(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case,image,label\na,a.nrrd,missing.nrrd\n")
    assert read_case_set(tmp_path / "cases.csv").labels == {}


def table(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "cases.csv").write_text(text, encoding="utf-8")
        return folder / "cases.csv"

    return write


def latin1_table(folder: Path) -> Path:
    (folder / "cases.csv").write_bytes("case,image\né,é.nrrd".encode("latin-1"))
    return folder / "cases.csv"


def two_endings(folder: Path) -> Path:
    touch(folder / "images" / "a.nrrd", folder / "images" / "a.mha")
    return folder


def nnunet_without_channel(folder: Path) -> Path:
    touch(folder / "imagesTr" / "a.nrrd")
    return nnunet(folder)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p / "nothing", "no such file or folder"),
        (lambda p: p, "not a data set; give a folder with `dataset.json`"),
        (lambda p: decathlon(p, training=None), "no list `training`"),
        (lambda p: decathlon(p, training=[], test=[]), "no cases found"),
        (lambda p: decathlon(p, training={}), "expected a list of cases"),
        (lambda p: decathlon(p, training=[{"label": "x"}]), r"training\[0\]: the entry has no `image`"),
        (lambda p: decathlon(p, training=[{"image": "x", "label": 3}]), r"training\[0\]: `label` is not a path"),
        (
            lambda p: decathlon(p, training=[{"image": "x.nii", "label": f"{n}.nii"} for n in range(2)]),
            "case `x` is listed twice",
        ),
        (lambda p: decathlon(p, modality={"0": "T1", "1": "T2"}), "keeps 2 channels .* in one 4D file; split them"),
        (lambda p: decathlon(p, modality=3), "`modality` must list a name for each channel"),
        (lambda p: decathlon(p, labels=None), "`labels` must be an object"),
        (lambda p: decathlon(p, labels={"1": 2}), "label `1` lacks a name or a whole number"),
        (lambda p: decathlon(p, labels={"a": "b"}), "label `a` lacks a name or a whole number"),
        (
            lambda p: decathlon(p, labels={"9" * 5000: "a"}),
            " lacks a name or a whole number",
        ),
        (lambda p: decathlon(p, labels={"1": "a", "b": 1}), "value 1 is given to two labels"),
        (lambda p: decathlon(p, labels={"1": "a", "2": "a"}), "two labels have the same name"),
        (
            lambda p: nnunet(p, labels={"a": [1, 2], "b": [1, 2]}),
            "the regions `a`, `b` do not tell the values 1, 2 apart",
        ),
        (lambda p: nnunet(p, labels={"whole": [1, 2], "core": "x"}), "region `core` is no list of whole numbers"),
        (lambda p: nnunet(p, file_ending=".png"), "files ending in `.png` cannot be read"),
        (lambda p: nnunet(p, channel_names=None), "`channel_names` must list"),
        (lambda p: nnunet(p, dataset=[]), "expected an object with an entry a case"),
        (lambda p: nnunet(p, dataset={"x": {"images": "a"}}), "case `x` needs a list `images`"),
        (nnunet_without_channel, "the name lacks its channel"),
        (lambda p: write_json(p / "x.json", []), "no list `training`"),
        (two_endings, "case `a` has the image .*a.mha already"),
        (table(""), "the first line is ``; it must be"),
        (table("case,path\na,b"), "the first line is `case,path`"),
        (table("case,image,label\n,a.nrrd,"), "line 2: a row needs a case and an image"),
        (table("case,image,label\na,b.nrrd,l.nrrd,c"), "line 2: 4 cells under 3 columns"),
        (table("case,image,role\na,b.nrrd,best"), "role `best` of case `a` is not one of"),
        (table("case,image,role\na,b.nrrd,train"), "case `a` has the role train and no label"),
        (
            table("case,image\na,b.nrrd\na,c.nrrd"),
            r"line 3: case `a` is in line 2, too; give each case a name of its own",
        ),
        (latin1_table, "not a text file in UTF-8"),
    ],
)
def test_a_list_that_cannot_be_understood_is_refused(tmp_path: Path, make: Callable[[Path], Path], says: str) -> None:
    with pytest.raises(InputError, match=says) as refusal:
        read_case_set(make(tmp_path))
    assert str(tmp_path) in str(refusal.value)


def names(cases: tuple[Case, ...]) -> list[tuple[str, int]]:
    return [(case.name, len(case.images)) for case in cases]


def test_images_to_segment_are_found_in_files_folders_and_series(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "b.nii.gz", tmp_path / "in" / "a.nrrd", tmp_path / "in" / "notes.txt")
    touch(tmp_path / "ct" / "IM0001", tmp_path / "ct" / "IM0002")
    touch(tmp_path / "many" / "s1" / "1.dcm", tmp_path / "many" / "s2" / "1.dcm")
    touch(tmp_path / "c_0000.mha")
    assert names(cases_from_images([tmp_path / "in"], 1)) == [("a", 1), ("b", 1)]
    assert names(cases_from_images([tmp_path / "ct", tmp_path / "in" / "a.nrrd"], 1)) == [("ct", 1), ("a", 1)]
    assert names(cases_from_images([tmp_path / "many"], 1)) == [("s1", 1), ("s2", 1)]
    assert names(cases_from_images([tmp_path / "c_0000.mha"], 1)) == [("c", 1)]
    assert {case.role for case in cases_from_images([tmp_path / "in"], 1)} == {"unlabelled"}


def test_the_channels_of_an_image_to_segment_must_be_as_many_as_the_models(tmp_path: Path) -> None:
    touch(*(tmp_path / f"a_{n:04}.nrrd" for n in range(2)))
    case = cases_from_images([tmp_path], 2)[0]
    assert [path.name for path in case.images] == ["a_0000.nrrd", "a_0001.nrrd"]
    with pytest.raises(InputError, match="case `a`: 2 images where the model takes 3"):
        cases_from_images([tmp_path], 3)
    with pytest.raises(InputError, match="case `a`: 1 image where the model takes 2"):
        cases_from_images([tmp_path / "a_0000.nrrd"], 2)


def test_a_case_that_lacks_a_channel_does_not_stop_the_others(tmp_path: Path) -> None:
    touch(*(tmp_path / f"{name}.nrrd" for name in ("a_0000", "a_0001", "b_0000")))
    cases = cases_from_images([tmp_path], 2)
    assert names(cases) == [("a", 2), ("b", 1)]
    with pytest.raises(InputError, match="case `b`: 1 image where the model takes 2"):
        must_have_channels(cases[1], 2)


@pytest.mark.parametrize("name", ["P1", "Müller"])
def test_labels_in_another_spelling_belong_to_the_one_case_that_they_can_mean(tmp_path: Path, name: str) -> None:
    other = unicodedata.normalize("NFD", name).upper().lower() if name.isascii() else unicodedata.normalize("NFD", name)
    assert other != name
    touch(tmp_path / "images" / f"{name}.nii.gz", tmp_path / "images" / "b.nii.gz")
    save_label(tmp_path / "labels" / f"{other}.nii.gz", 1)
    assert {case.name: case.role for case in read_case_set(tmp_path).cases} == {name: "train", "b": "unlabelled"}


def test_channels_in_folders_of_their_own_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    t1, flair = tmp_path / "T1" / "x_0000.nii.gz", tmp_path / "FLAIR" / "x_0001.nii.gz"
    touch(t1, flair)
    for given in ([t1, flair], [flair.parent, t1.parent]):
        assert cases_from_images(given, 2) == (Case("x", (t1, flair), None, "unlabelled"),)


@pytest.mark.parametrize("channels", [1, 2])
def test_two_images_of_one_channel_of_one_case_are_refused_by_name(tmp_path: Path, channels: int) -> None:
    touch(tmp_path / "s1" / "x_0000.nii.gz", tmp_path / "s1" / "x_0000.nrrd")
    with pytest.raises(InputError, match=r"s1/x_0000.nrrd: case `x` has channel 0 already, .*s1/x_0000.nii.gz;"):
        cases_from_images([tmp_path / "s1"], channels)


@pytest.mark.parametrize("numbers", [(0, 2), (1, 2)])
def test_a_gap_in_the_numbers_of_channels_is_refused_with_the_image_behind_it(
    tmp_path: Path, numbers: tuple[int, int]
) -> None:
    touch(tmp_path / "images" / "a_0000.nrrd", *(tmp_path / "images" / f"b_{n:04}.nrrd" for n in numbers))
    lacking = f"b_{1 if numbers[0] == 0 else 0:04}"
    with pytest.raises(InputError, match=rf"b_000[12].nrrd: case `b` has no `{lacking}` before this image"):
        read_case_set(tmp_path)


def test_patients_with_numbers_of_four_digits_are_cases_and_no_channels(tmp_path: Path) -> None:
    images = [tmp_path / f"patient_{n:04}.nii.gz" for n in (1, 2, 3)]
    touch(*images)
    patients = [(f"patient_{n:04}", 1) for n in (1, 2, 3)]
    assert names(cases_from_images([tmp_path], 1)) == names(read_case_set(tmp_path).cases) == patients
    assert [names(cases_from_images([image], 1)) for image in images] == [[patient] for patient in patients]
    with pytest.raises(InputError, match="case `patient_0001`: 1 image where the model takes 2"):
        cases_from_images(images, 2)
    touch(tmp_path / "patient_0000.nii.gz")
    assert names(cases_from_images([tmp_path], 1)) == [("patient_0000", 1), *patients]


@pytest.mark.parametrize("first", [0, 1])
def test_labels_with_the_numbers_of_their_images_make_each_image_a_case(tmp_path: Path, first: int) -> None:
    patients = [f"patient_{n:04}" for n in range(first, first + 3)]
    touch(*(tmp_path / "images" / f"{name}.nii.gz" for name in patients))
    labels = [save_label(tmp_path / "labels" / f"{name}.nii.gz", 1) for name in patients[:2]]
    cases = read_case_set(tmp_path)
    assert names(cases.cases) == [(name, 1) for name in patients]
    assert ([case.label for case in cases.cases], cases.channels) == ([*labels, None], ("image",))


def test_what_holds_no_image_to_segment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path / "x.png")
    decathlon(tmp_path / "task")
    touch(tmp_path / "task" / "imagesTr" / "a.nii.gz")
    for path, says in (
        ("empty", "no images in this folder"),
        ("x.png", "is not an image by its ending"),
        ("no", "no such"),
    ):
        with pytest.raises(InputError, match=says):
            cases_from_images([tmp_path / path], 1)
    with pytest.raises(InputError, match="give the folder they lie in"):
        cases_from_images([tmp_path / "task"], 1)


def test_a_folder_with_one_data_set_in_it_names_that_one(tmp_path: Path) -> None:
    touch(tmp_path / "one" / "cases.csv")
    (tmp_path / "raw" / "Dataset004_Hippocampus").mkdir(parents=True)
    nnunet(tmp_path / "raw" / "Dataset004_Hippocampus")
    for inside in ("one/cases.csv", "raw/Dataset004_Hippocampus"):
        with pytest.raises(InputError, match=f"but it holds one; give .*{inside}"):
            read_case_set((tmp_path / inside).parent)
    touch(tmp_path / "one" / "more.csv")
    with pytest.raises(InputError, match=r"but it holds 2; give one of them: .*cases.csv, .*more.csv"):
        read_case_set(tmp_path / "one")


def test_a_folder_of_images_alone_is_unlabelled_cases(tmp_path: Path) -> None:
    touch(tmp_path / "b.nii.gz", tmp_path / "a.nrrd", tmp_path / "c.seg.nrrd", tmp_path / "notes.txt")
    cases = read_case_set(tmp_path)
    assert [(c.name, c.images, c.label, c.role) for c in cases.cases] == [
        ("a", (tmp_path / "a.nrrd",), None, "unlabelled"),
        ("b", (tmp_path / "b.nii.gz",), None, "unlabelled"),
    ]
    assert (cases.labels, cases.channels) == ({}, ("image",))
    with pytest.raises(InputError, match=r"annotate at least one case \(a folder holds `images` and, .* `labels`\)"):
        label_task(cases, None, None)
    touch(tmp_path / "labels" / "a.nrrd")
    with pytest.raises(
        InputError, match="has images and the folder `labels` beside them, which may be theirs; move it"
    ):
        read_case_set(tmp_path)


def test_labels_beside_their_images_are_known_by_their_names(tmp_path: Path) -> None:
    names = ("a", "a_seg", "b", "b-Label", "c", "c.mask", "d_seg", "e_gt_seg")
    touch(*(tmp_path / f"{name}.nii.gz" for name in names))
    (tmp_path / "labels.json").write_text('{"1": "bone"}')
    found = read_case_set(tmp_path)
    assert {c.name: c.label and c.label.name for c in found.cases} == {
        "a": "a_seg.nii.gz",
        "b": "b-Label.nii.gz",
        "c": "c.mask.nii.gz",
        "d_seg": None,
        "e_gt_seg": None,
    }
    assert {c.name for c in found.cases if c.role == "unlabelled"} == {"d_seg", "e_gt_seg"}
    assert found.labels == {1: "bone"}
    segmented = [case.name for case in cases_from_images([tmp_path], 1)]
    assert segmented == ["a", "b", "c", "d_seg", "e_gt_seg"]


def test_the_folder_of_a_data_set_is_no_series(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz", tmp_path / "labels" / "a.nii.gz", tmp_path / "labels.json")
    with pytest.raises(InputError, match=r"no images in this folder; give the folder they lie in \(.*images\)"):
        cases_from_images([tmp_path], 1)


def test_labels_beside_the_channels_of_a_case_are_that_case_s(tmp_path: Path) -> None:
    touch(*(tmp_path / f"{name}.nii.gz" for name in ("x_0000", "x_0001", "x_seg", "y_0000", "y_0001")))
    found = read_case_set(tmp_path)
    assert [(c.name, len(c.images), c.label and c.label.name) for c in found.cases] == [
        ("x", 2, "x_seg.nii.gz"),
        ("y", 2, None),
    ]
    (tmp_path / "x_seg.nii.gz").rename(tmp_path / "x_0000_seg.nii.gz")
    touch(tmp_path / "y_0000.seg.nrrd")
    found = read_case_set(tmp_path)
    assert [c.label.name for c in found.cases] == ["x_0000_seg.nii.gz", "y_0000.seg.nrrd"]
    (tmp_path / "x_0000_seg.nii.gz").rename(tmp_path / "x_seg.nii.gz")
    for name in ("x_0000", "y_0000", "y_0001"):
        (tmp_path / f"{name}.nii.gz").unlink()
    found = read_case_set(tmp_path)  # a patient of number 1, and what is of no patient
    assert [(c.name, c.label) for c in found.cases] == [("x_0001", None), ("x_seg", None)]


@pytest.mark.parametrize(("image", "label"), [("x", "x_seg"), ("x_0000", "x_mask"), ("x_0001", "x_0001-gt")])
def test_a_label_in_its_folder_may_say_that_it_is_one(tmp_path: Path, image: str, label: str) -> None:
    touch(tmp_path / "images" / f"{image}.nii.gz", tmp_path / "labels" / f"{label}.nii.gz")
    (case,) = read_case_set(tmp_path).cases
    assert (case.images[0].name, case.label.name, case.role) == (f"{image}.nii.gz", f"{label}.nii.gz", "train")
    touch(tmp_path / "labels" / f"{label.partition('_mask')[0].removesuffix('-gt').removesuffix('_seg')}.nii.gz")
    with pytest.raises(InputError, match=r"has the labels .* already; rename or remove one of the two"):
        read_case_set(tmp_path)


def segments(path: Path, labels: np.ndarray, names: dict[str, int], layers: int = 1) -> Path:
    """A segmentation as Slicer saves it: its segments have names, and values or layers of their own."""
    array = np.stack([labels.T] * layers, axis=-1) if layers > 1 else labels.T
    image = sitk.GetImageFromArray(array.astype(np.uint8), isVector=layers > 1)
    for n, (name, value) in enumerate(names.items()):
        fields = {"ID": f"Segment_{n}", "Name": name, "LabelValue": str(value), "Layer": str(n % layers)}
        for field, what in fields.items():
            image.SetMetaData(f"Segment{n}_{field}", what)
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return path


def test_segmentations_of_slicer_beside_their_images_bring_their_names(tmp_path: Path) -> None:
    voxels = np.zeros((5, 4, 3), np.uint8)
    voxels[1, 2, 1], voxels[3, 1, 2] = 1, 5
    for n, name in enumerate(("a", "b")):
        sitk.WriteImage(sitk.GetImageFromArray(voxels.T * 9.0 + n), str(tmp_path / f"{name}.nrrd"))
        segments(tmp_path / f"{name}.seg.nrrd", voxels, {"Leber": 1, "nirgends": 3, "Läsion": 5})
    found = read_case_set(tmp_path)
    assert (found.labels, found.named) == ({1: "Leber", 5: "Läsion"}, True)
    assert [(c.label.name, c.role) for c in found.cases] == [("a.seg.nrrd", "train"), ("b.seg.nrrd", "train")]
    assert [case.name for case in cases_from_images([tmp_path], 1)] == ["a", "b"]
    assert not [finding for finding in check_cases(found, None) if finding.severity == "error"]


@pytest.mark.parametrize(
    ("others", "labels", "renumbered"),
    [
        ({"spleen": 1, "liver": 2}, {1: "liver", 2: "spleen"}, ((1, 2), (2, 1))),
        ({"lesion": 3, "spleen": 4}, {1: "liver", 2: "spleen", 3: "lesion"}, ((3, 3), (4, 2))),
        ({"lesion": 1}, {1: "liver", 2: "spleen", 3: "lesion"}, ((1, 3),)),
    ],
)
def test_segments_whose_values_differ_from_file_to_file_are_one_by_their_names(
    tmp_path: Path, others, labels, renumbered
) -> None:
    touch(tmp_path / "images" / "a.nii.gz", tmp_path / "images" / "b.nii.gz")
    for name, names in (("a", {"liver": 1, "spleen": 2}), ("b", others)):
        voxels = np.resize([0, *names.values()], (3, 3, 3))
        segments(tmp_path / "labels" / f"{name}.seg.nrrd", voxels, names)
    found = read_case_set(tmp_path)
    assert (found.labels, found.named) == (labels, True)
    assert [case.renumbered for case in found.cases] == [(), renumbered]
    assert found.labels_in_file(found.cases[1]).items() >= {value: name for name, value in others.items()}.items()
    file = found.cases[1].label
    np.testing.assert_array_equal(
        read_labels(file, renumbered).array, np.vectorize({0: 0, **dict(renumbered)}.get)(read_labels(file).array)
    )
    (tmp_path / "labels.json").write_text('{"1": "lesion", "2": "spleen", "3": "liver"}')
    listed = {"lesion": 1, "spleen": 2, "liver": 3}
    assert [dict(case.renumbered) for case in read_case_set(tmp_path).cases] == [
        {1: 3, 2: 2},
        {value: listed[name] for name, value in others.items() if listed[name] != value}
        and {value: listed[name] for name, value in others.items()},
    ]


def test_who_gives_values_other_names_is_believed_where_all_files_agree(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz", tmp_path / "images" / "b.nii.gz")
    for name in "ab":
        segments(tmp_path / "labels" / f"{name}.seg.nrrd", np.ones((3, 3, 3)), {"liver": 1, "spleen": 2})
    (tmp_path / "labels.json").write_text('{"1": "Leber", "2": "Milz"}')
    assert read_case_set(tmp_path).labels == {1: "Leber", 2: "Milz"}
    for others in ({"liver": 2, "spleen": 1}, {"liver": 1, "tumour": 2}):
        segments(tmp_path / "labels" / "b.seg.nrrd", np.ones((3, 3, 3)), others)
        with pytest.raises(
            InputError, match=r"b\.seg\.nrrd: segment `\w+` \(2\) does not fit .*call the labels in the list"
        ):
            read_case_set(tmp_path)
    (tmp_path / "labels.json").write_text('{"1": "Leber", "2": "spleen"}')
    with pytest.raises(InputError, match=r"segment `tumour` \(2\) does not fit `spleen` \(2\) in .*a\.seg\.nrrd, and"):
        read_case_set(tmp_path)


def test_a_file_without_names_among_files_that_number_their_segments_otherwise_is_refused(tmp_path: Path) -> None:
    touch(*(tmp_path / "images" / f"{name}.nii.gz" for name in "abc"))
    segments(tmp_path / "labels" / "a.seg.nrrd", np.ones((3, 3, 3)), {"liver": 1, "spleen": 2})
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((3, 3, 3), np.uint8)), str(tmp_path / "labels" / "c.nii.gz"))
    touch(tmp_path / "labels" / "b.nii.gz")
    assert read_case_set(tmp_path).labels == {1: "liver"}
    (tmp_path / "labels" / "b.nii.gz").unlink()
    segments(tmp_path / "labels" / "b.seg.nrrd", np.ones((3, 3, 3)), {"liver": 2, "spleen": 1})
    with pytest.raises(InputError, match=r"b\.seg\.nrrd: its segments have other values .*c\.nii\.gz has no names"):
        read_case_set(tmp_path)
    (tmp_path / "labels.json").write_text('{"1": "liver", "2": "spleen"}')
    assert [case.renumbered for case in read_case_set(tmp_path).cases] == [(), ((2, 1), (1, 2)), ()]


def test_segments_in_layers_are_left_to_the_checks_which_name_the_overlap(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz")
    path = segments(tmp_path / "labels" / "a.seg.nrrd", np.ones((3, 3, 3)), {"whole": 1, "part": 1}, layers=2)
    assert [case.label for case in read_case_set(tmp_path).cases] == [path]


def test_a_segment_whose_name_cannot_be_a_label_s_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz")
    for names, said in (
        (
            {"tu\u200emor": 1},
            r"a\.seg\.nrrd: segment `tu\\u200emor` cannot be a label by this name; rename it in Slicer",
        ),
        ({"one": 1, "other": 1}, "its segments `one` and `other` have one value; load it in Slicer and save it again"),
    ):
        segments(tmp_path / "labels" / "a.seg.nrrd", np.ones((3, 3, 3)), names)
        with pytest.raises(InputError, match=said):
            read_case_set(tmp_path)
    segments(tmp_path / "labels" / "a.seg.nrrd", np.ones((3, 3, 3)), {"one": 1})
    assert read_case_set(tmp_path).labels == {1: "one"}


def test_images_beside_their_table_are_not_taken_for_a_folder_of_images(tmp_path: Path) -> None:
    touch(tmp_path / "a.nrrd")
    (tmp_path / "cases.csv").write_text("case,image,label\na,a.nrrd,\n")
    with pytest.raises(InputError, match=r"but it holds one; give .*cases\.csv"):
        read_case_set(tmp_path)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: nnunet(p, labels={"background": 0, "femur": 1, "ignore": 2}),
        lambda p: decathlon(p, labels={"1": "femur", "2": "Ignore"}),
        lambda p: (
            write_json(p / "labels.json", {"femur": 1, "ignore": 2}),
            table("case,image,label\na,a.nrrd,b.nrrd")(p),
        )[1],
    ],
)
def test_the_label_ignore_is_no_label(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    found = read_case_set(make(tmp_path))
    assert (found.labels, found.ignore) == ({1: "femur"}, 2)


def test_a_segment_ignore_is_no_label_whatever_its_number(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "a.nii.gz", tmp_path / "images" / "b.nii.gz")
    segments(tmp_path / "labels" / "a.seg.nrrd", np.ones((3, 3, 3)), {"ignore": 1, "femur": 2})
    segments(tmp_path / "labels" / "b.seg.nrrd", np.ones((3, 3, 3)), {"femur": 1})
    found = read_case_set(tmp_path)
    assert found.ignore not in found.labels and list(found.labels.values()) == ["femur"]
    (femur,) = found.labels
    first, second = found.cases
    assert dict(first.renumbered or ((1, 1), (2, 2))) == {1: found.ignore, 2: femur}
    assert dict(second.renumbered or ((1, 1),)) == {1: femur}


def test_a_table_says_what_is_not_annotated_in_a_case(tmp_path: Path) -> None:
    write_json(tmp_path / "labels.json", {"kidney": 1, "cyst": 2, "tumour": 3})
    partly = ['"tumour; cyst",', '2,"axial: 4, 7-9"', ",coronal", ","]
    rows = "\n".join(f"{name},{name}.nrrd,{name}-l.nrrd,{cells}" for name, cells in zip("abcd", partly, strict=True))
    (tmp_path / "t.csv").write_text(f"case,image,label,not_annotated,annotated_slices\n{rows}", encoding="utf-8")
    a, b, c, d = read_case_set(tmp_path / "t.csv").cases
    assert (a.not_annotated, a.annotated_slices) == ((2, 3), None)
    assert (b.not_annotated, b.annotated_slices) == ((2,), AnnotatedSlices("axial", (4, 7, 8, 9)))
    assert (c.not_annotated, c.annotated_slices) == ((), AnnotatedSlices("coronal"))
    assert (d.not_annotated, d.annotated_slices) == ((), None)


def test_a_datalist_says_it_too(tmp_path: Path) -> None:
    entry = {"image": "a.nrrd", "label": "l.nrrd", "not_annotated": ["cyst"], "annotated_slices": "sagittal: 3"}
    content = {"labels": {"1": "kidney", "2": "cyst"}, "training": [entry]}
    found = read_case_set(write_json(tmp_path / "x.json", content))
    (case,) = found.cases
    assert (case.not_annotated, case.annotated_slices) == ((2,), AnnotatedSlices("sagittal", (3,)))
    assert not [remark for remark in found.remarks if remark.code == "entry-key-not-read"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("kidney stone,", "no label `kidney stone`, of which a case says that it is not annotated; it has `kidney`"),
        (",oblique: 3", "`oblique: 3` does not say which slices are annotated; write `axial`"),
        (",axial: 9-3", "`axial: 9-3` does not say which slices"),
        (",axial: ten", "`axial: ten` does not say which slices"),
    ],
)
def test_what_is_not_annotated_is_refused_where_it_cannot_be_meant(tmp_path: Path, cells: str, said: str) -> None:
    write_json(tmp_path / "labels.json", {"kidney": 1})
    head = "case,image,label,not_annotated,annotated_slices"
    (tmp_path / "t.csv").write_text(f"{head}\na,a.nrrd,l.nrrd,{cells}", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_case_set(tmp_path / "t.csv")
