"""The list `validation` of a `dataset.json` (as AMOS has it) or of a MONAI datalist is left out.

MIC-DKFZ/nnUNet#2060: somebody has validation cases and is not sure that they are used. MIC-DKFZ/nnUNet#391 shows a
`dataset.json` whose `test` and `testing` list the same images.
"""

from __future__ import annotations

import pytest
from data_folders import LABELS, write_cases, write_json

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main


def entry(part: str, name: str) -> dict[str, str]:
    return {"image": f"./images{part}/{name}.nii.gz", "label": f"./labels{part}/{name}.nii.gz"}


def lists(root, **changes):
    pairs = [
        (f"images{part}/{n}.nii.gz", f"labels{part}/{n}.nii.gz") for part, n in (("Tr", "a"), ("Tr", "b"), ("Va", "c"))
    ]
    write_cases(root, pairs)
    data = {
        "modality": {"0": "CT"},
        "labels": LABELS,
        "numTraining": 2,
        "numValidation": 1,
        "training": [entry("Tr", "a"), entry("Tr", "b")],
        "validation": [entry("Va", "c")],
        "test": [],
    }
    return {**data, **changes}


@pytest.mark.parametrize("file", ["dataset.json", "list.json"])
def test_validation_cases_are_read_as_what_they_are(tmp_path, file, capsys):
    path = write_json(tmp_path / file, lists(tmp_path))
    found = read_case_set(path)
    assert [(case.name, case.role) for case in found.cases] == [("a", "train"), ("b", "train"), ("c", "validation")]
    assert found.remarks == ()
    main(["cases", "check", str(path)])
    assert "2 to train on, 1 to validate on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("training", "validation", "said"), [(3, 1, []), (2, 4, ["numValidation"]), (5, 1, ["numTraining"])]
)
def test_the_numbers_may_count_validation_cases_in_or_apart(tmp_path, training, validation, said):
    write_json(tmp_path / "dataset.json", lists(tmp_path, numTraining=training, numValidation=validation))
    assert [remark.fields["field"] for remark in read_case_set(tmp_path).remarks] == said


def test_an_image_that_test_and_testing_both_list_is_one_test_case(tmp_path):
    data = lists(tmp_path, test=["./imagesVa/c.nii.gz"], testing=[entry("Va", "c")], validation=None, numValidation=0)
    write_json(tmp_path / "dataset.json", data)
    found = read_case_set(tmp_path)
    assert [(case.name, case.role) for case in found.cases] == [("a", "train"), ("b", "train"), ("c", "test")]
    assert found.remarks == ()


def test_an_entry_that_is_listed_twice_is_one_case_and_said(tmp_path, capsys):
    write_json(tmp_path / "list.json", lists(tmp_path, training=[entry("Tr", "a"), entry("Tr", "b"), entry("Tr", "a")]))
    main(["cases", "check", str(tmp_path / "list.json")])
    printed = capsys.readouterr().out
    assert "2 to train on, 1 to validate on" in printed
    assert "1 case is listed more than once, and used once: `a`" in printed


def test_an_image_to_train_on_that_is_also_to_test_on_is_refused(tmp_path, capsys):
    path = write_json(tmp_path / "list.json", lists(tmp_path, testing=[entry("Tr", "a")]))
    assert main(["cases", "check", str(path)]) == 2
    assert "case `a` is listed twice" in capsys.readouterr().err


def test_a_list_of_another_name_and_labels_of_another_key_are_named(tmp_path, capsys):
    data = lists(tmp_path, validation=None, numValidation=None, holdout=[entry("Va", "c")])
    data["training"] = [{"image": e["image"], "seg": e["label"]} for e in data["training"]]
    path = write_json(tmp_path / "sub" / ".." / "list.json", data)
    assert main(["cases", "check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "the list `holdout` of 1 case is not read; call it by one of training, train, validation" in printed
    assert (
        "2 entries name files under `seg`, which are not read; if they are the segmentations, call it `label`"
        in printed
    )
