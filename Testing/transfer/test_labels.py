"""Hand-worked label tasks: a model of soft tissue (1), bone (2) and air (5) meets data sets of other labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.transfer.labels import label_task

SOURCE = ModelCard(
    format=2,
    name="head",
    title="Head",
    description="",
    modality="t1w",
    body_part="head",
    labels=(CardLabel(1, "soft tissue"), CardLabel(2, "Bone"), CardLabel(5, "air")),
    channels=("t1w",),
    network=CardNetwork("unet"),
    preprocessing=Preprocessing((1, 1, 1)),
    patch_size=(8, 8, 8),
    trained_on="",
    licence="",
    citation="",
)


def target(labels: dict[int, str], named: bool = True) -> CaseSet:
    return CaseSet("mine", Path("mine"), (), labels, named=named)


def test_names_match_whatever_their_case_spaces_and_dashes() -> None:
    task = label_task(target({3: "BONE", 1: "Soft-Tissue", 7: "lesion"}), SOURCE, None)
    assert task.names == ("Soft-Tissue", "BONE", "lesion")
    assert task.values == (1, 3, 7)
    assert task.source_classes == ((0,), (1,), (2,), ())
    assert task.new_names == ("lesion",)
    assert task.dropped == ()


def test_values_match_where_the_data_set_gave_no_names() -> None:
    task = label_task(target({1: "label 1", 5: "label 5", 6: "label 6"}, named=False), SOURCE, None)
    assert task.names == ("soft tissue", "air", "label 6")
    assert task.source_classes == ((0,), (1,), (3,), ())


def test_names_and_not_values_match_where_the_data_set_gave_names() -> None:
    assert label_task(target({1: "liver"}), SOURCE, None).source_classes == ((0,), ())


def test_a_map_drops_renews_and_merges() -> None:
    label_map = {"skin": "soft tissue", "fat": "Soft Tissue", "skull": ["bone", "air"], "air": "new", "9": None}
    task = label_task(target({1: "skin", 2: "fat", 3: "skull", 4: "air", 9: "wire"}), SOURCE, label_map)
    assert task.names == ("soft tissue", "skull", "air")
    assert task.values == (1, 3, 4)
    assert task.source_classes == ((0,), (1,), (2, 3), ())
    assert task.target_classes == {1: 1, 2: 1, 3: 2, 4: 3, 9: 0}
    assert task.dropped == ("wire",)
    assert task.new_names == ("air",)


def test_labels_that_the_map_leaves_out_match_by_name() -> None:
    assert label_task(target({1: "bone", 2: "wire"}), SOURCE, {"wire": None}).source_classes == ((0,), (2,))


def test_everything_is_new_without_a_source_model() -> None:
    task = label_task(target({1: "bone", 2: "air"}), None, {"air": None})
    assert (task.names, task.source_classes, task.dropped) == (("bone",), ((0,), ()), ("air",))


def test_negative_values_of_a_label_task_are_written_as_they_are() -> None:
    task = LabelTask(("bone", "wire"), (-3, 4), {-3: 1, 4: 2}, ((0,), (), ()))
    assert task.decode(np.array([[[0, 1, 2]]], dtype=np.uint8)).tolist() == [[[0, -3, 4]]]


def test_encode_and_decode_are_inverse_on_the_labels_that_are_kept() -> None:
    task = label_task(target({2: "bone", 4: "wire", 300: "lesion"}), SOURCE, {"wire": None})
    values = np.array([[[0, 2, 4, 300]]], dtype=np.int32)
    classes = task.encode(values)
    assert classes.dtype == np.uint8
    np.testing.assert_array_equal(classes, [[[0, 1, 0, 2]]])
    np.testing.assert_array_equal(task.decode(classes), [[[0, 2, 0, 300]]])
    assert task.decode(classes).dtype == np.int32
    small = label_task(target({2: "bone"}), SOURCE, None)
    assert small.decode(small.encode(np.array([0, 2], dtype=np.uint8))).dtype == np.uint8


@pytest.mark.parametrize("value", [-1, 3, 7])
def test_a_value_that_is_not_listed_is_refused(value: int) -> None:
    task = label_task(target({1: "bone", 5: "air"}), SOURCE, None)
    with pytest.raises(InputError, match=f"label value {value} is not in the data set's list"):
        task.encode(np.array([0, 1, value], dtype=np.int32))


def test_the_source_models_output_is_expressed_in_the_targets_labels() -> None:
    label_map = {"head": ["soft tissue", "air"], "bone": "bone", "lesion": "new"}
    task = label_task(target({4: "bone", 5: "head", 6: "lesion"}), SOURCE, label_map)
    classes = task.from_source(np.array([0, 1, 2, 3]))
    assert classes.dtype == np.uint8
    np.testing.assert_array_equal(classes, [0, 2, 1, 2])
    only_bone = label_task(target({1: "bone"}), SOURCE, None)
    np.testing.assert_array_equal(only_bone.from_source(np.array([0, 1, 2, 3])), [0, 0, 1, 0])


@pytest.mark.parametrize(
    ("label_map", "says"),
    [
        ({"liver": "bone"}, "data set has no label `liver`; it has bone, skin"),
        ({"skin": "liver"}, "source model `head` has no label `liver`; it has soft tissue, Bone, air"),
        ({"skin": 3}, "must go to a source label's name"),
        ({"skin": []}, "must go to a source label's name"),
        ({"skin": ["bone", "air"]}, "your labels `bone` and `skin` both begin from the source label `Bone`"),
        ({"skin": None, "bone": None}, "drops every label"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused(label_map: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        label_task(target({1: "bone", 2: "skin"}), SOURCE, label_map)


def test_a_map_to_source_labels_needs_a_source_model() -> None:
    with pytest.raises(InputError, match="there is no source model"):
        label_task(target({1: "bone"}), None, {"bone": "air"})


def test_a_data_set_without_labels_has_no_label_task() -> None:
    with pytest.raises(InputError, match="no label in any case"):
        label_task(target({}), SOURCE, None)


def test_more_labels_than_an_array_of_classes_has_are_refused() -> None:
    with pytest.raises(InputError, match="240 labels; at most 239"):
        label_task(target({n: f"label {n}" for n in range(1, 241)}), None, None)


def test_two_new_labels_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="two labels are called `bone`"):
        label_task(target({1: "bone", 2: "Bone"}), None, None)
