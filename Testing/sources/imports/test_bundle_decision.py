"""How a MONAI bundle makes labels of its outputs is kept exactly, or refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from bundle_changes import LAYOUTS, SIGMOID, THRESHOLD, imported, refused
from foreign_models import UNET, write_bundle
from rounding import assert_same

from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source
from TransferSegLib.sources.loading import load_source


def test_one_sigmoid_output_becomes_background_and_label_exactly(tmp_path):
    network = write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), sigmoid=True)
    source, _ = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 16, 16, 16)
    with torch.no_grad():
        assert_same(torch.softmax(ours(x), 1)[:, 1:], torch.sigmoid(network(x)))
    assert source.card.label_names == ("spleen",)


@pytest.mark.parametrize("kind", ["UNet", "UNETR"])
@pytest.mark.parametrize(
    ("sigmoid", "threshold"), [(True, 0.5), (True, 0.3), (True, 0.9), (False, 0.5), (False, 0), (False, -0.25)]
)
def test_one_output_becomes_a_label_where_monais_transforms_make_it_one(tmp_path, kind, sigmoid, threshold):
    from monai.transforms import Activationsd, AsDiscreted, Compose

    after = [{**SIGMOID, "sigmoid": sigmoid}, {**THRESHOLD, "threshold": threshold}]
    definition = {**LAYOUTS[kind], "out_channels": 1}
    network = write_bundle(tmp_path / "a", definition, names=("spleen",), config={"postprocessing": after})
    source, result = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    x = 10 * torch.randn(1, 1, 32, 32, 32)
    with torch.no_grad():
        theirs = network(x)[0]
        labels = Compose([Activationsd("pred", sigmoid=sigmoid), AsDiscreted("pred", threshold=threshold)])(
            {"pred": theirs}
        )
        classes = ours(x)[0].argmax(0)
    # But for voxels that rounding decides.
    level = float(np.log(threshold / (1 - threshold))) if sigmoid else threshold
    clear = (theirs[0] - level).abs() > 1e-4
    assert 0 < labels["pred"].mean() < 1
    assert clear.float().mean() > 0.99
    assert torch.equal(classes[clear].float(), labels["pred"][0][clear])
    moved = [entry.name for entry in result.report.entries if entry.status == "adapted" and "lowered" in entry.how]
    assert len(moved) == (threshold not in (0, 0.5) or (threshold == 0.5 and not sigmoid))


def test_a_threshold_that_no_bias_can_keep_is_refused_with_its_line(tmp_path):
    definition = {**UNET, "out_channels": 1, "bias": False}
    half, higher = ([SIGMOID, {**THRESHOLD, "threshold": value}] for value in (0.5, 0.9))
    write_bundle(tmp_path / "half", definition, names=("spleen",), config={"postprocessing": half})
    write_bundle(tmp_path / "higher", definition, names=("spleen",), config={"postprocessing": higher})
    assert imported(tmp_path / "half").card.label_names == ("spleen",)
    sentence = refused(tmp_path / "higher")
    assert re.search(r"line \d+, `postprocessing::1`: the label begins at a score of 2\.197", sentence)
    assert "no bias of its own" in sentence


@pytest.mark.parametrize(
    "after",
    [
        {"threshold": True},
        {"threshold_values": True},
        {"threshold_values": "True", "logit_thresh": 0.5},
        {"threshold": [None, 0.5], "keys": ["label", "pred"]},
        {"rounding": "torchrounding"},
        {},
    ],
)
def test_the_older_and_rarer_words_for_a_half_are_a_half(tmp_path, after):
    transforms = [SIGMOID, {"_target_": "AsDiscreted", "keys": "pred", **after}]
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), config={"postprocessing": transforms})
    result = imported(tmp_path / "a")
    assert {entry.status for entry in result.report.entries} <= {"loaded"}
    assert any("taken as 0.5" in note for note in result.sentences) == (after == {})


@pytest.mark.parametrize(
    ("outputs", "after", "message"),
    [
        (1, [{"sigmoid": True}, {"threshold": 1}], "a threshold of 1 after a sigmoid decides nothing"),
        (1, [{"sigmoid": True}, {"threshold": "half"}], "'half' is not a number"),
        (1, [{"softmax": True}, {"threshold": 0.5}], "a softmax of 1 output"),
        (1, [{"threshold": 0}, {"sigmoid": True}], "a sigmoid of 1 output, labels by then"),
        (1, [{"threshold": 0}, {"threshold": 2}], "a threshold of 2 makes other labels of labels"),
        (
            1,
            [{"threshold": 0}, {"orig_labels": [1], "target_labels": [7]}, {"threshold": 1}],
            "makes other labels of labels",
        ),
        (1, [{"sigmoid": True}, {"argmax": True}], "the largest of one output"),
        (1, [{"sigmoid": True, "keys": "label"}], "does not say how the one output becomes"),
        (3, [{"threshold": 0}], "the 3 outputs (a, b, c) are decided each by itself"),
        (3, [{"argmax": True, "threshold": 0.5}], "makes other labels of labels"),
        (3, [{"argmax": True, "to_onehot": 3, "threshold": 0.5}], None),
        (3, [{"argmax": [True, False], "to_onehot": [3, 3], "keys": ["pred", "label"]}], None),
        (2, [{"softmax": True}, {"argmax": True, "threshold": 1}], None),
        (2, [{"argmax": True, "to_onehot": False, "threshold": False}], None),
    ],
)
def test_what_decides_otherwise_than_we_do_is_refused(tmp_path, outputs, after, message):
    kinds = {"sigmoid": "Activationsd", "softmax": "Activationsd", "orig_labels": "MapLabelValued"}
    transforms = [{"_target_": kinds.get(next(iter(step)), "AsDiscreted"), "keys": "pred", **step} for step in after]
    names = ("a", "b", "c")[:outputs]
    write_bundle(tmp_path / "a", {**UNET, "out_channels": outputs}, names=names, config={"postprocessing": transforms})
    if message is None:
        assert imported(tmp_path / "a").card.labels
    else:
        assert message in refused(tmp_path / "a")


ARGMAX = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}


@pytest.mark.parametrize(
    ("mapping", "values", "noted"),
    [
        (([0, 1, 2], [0, 3, 7]), (3, 7), False),
        (([2], [7.0]), (1, 7), False),
        (([1, 2], [2, 1]), (2, 1), False),
        (([1, 2], [5, 5]), (1, 2), True),
        (([0, 1], [1, 0]), (1, 2), True),
        (([1], [0.5]), (1, 2), True),
        (([1], "$[7]"), (1, 2), True),
        (([1], [True]), (1, 2), True),
    ],
)
def test_labels_have_the_values_that_the_bundle_gives_them_or_it_is_said_that_they_have_not(
    tmp_path, mapping, values, noted
):
    first = {"_target_": "MapLabelValued", "keys": "pred", "orig_labels": mapping[0], "target_labels": mapping[1]}
    other = {**first, "keys": "label", "orig_labels": [1, 2], "target_labels": [8, 9]}
    network = {**UNET, "out_channels": 3}
    write_bundle(
        tmp_path / "a", network, names=("background", "a", "b"), config={"postprocessing": [ARGMAX, first, other]}
    )
    result = imported(tmp_path / "a")
    assert tuple(label.value for label in result.card.labels) == values
    assert any("MapLabelValue, is left out" in note for note in result.sentences) == noted


LARGEST = {"_target_": "KeepLargestConnectedComponentd", "keys": "pred"}
RENUMBERED = {"_target_": "MapLabelValued", "keys": "pred", "orig_labels": [1, 2], "target_labels": [2, 1]}
LEFT_OUT = "What it does with its labels afterwards, KeepLargestConnectedComponent, is left out."


@pytest.mark.parametrize(
    ("after", "kept", "noted"),
    [
        ([ARGMAX, {**LARGEST, "applied_labels": [1]}], ("a",), False),
        ([ARGMAX, RENUMBERED, {**LARGEST, "applied_labels": [1]}], ("b",), False),
        ([ARGMAX, {**LARGEST, "applied_labels": 1}, RENUMBERED], ("a",), False),
        ([ARGMAX, RENUMBERED, LARGEST], ("a", "b"), False),
        ([ARGMAX, {**RENUMBERED, "target_labels": [7, 9]}, {**LARGEST, "applied_labels": [9]}], ("b",), False),
        ([ARGMAX, {**RENUMBERED, "target_labels": [7, 9]}, {**LARGEST, "applied_labels": [1]}], (), True),
        ([ARGMAX, {**RENUMBERED, "target_labels": [5, 5]}, {**LARGEST, "applied_labels": [1]}], (), True),
        ([ARGMAX, {**LARGEST, "keys": "label", "applied_labels": [1]}], (), False),
    ],
)
def test_the_largest_component_is_that_of_the_label_that_has_the_number_by_then(tmp_path, after, kept, noted):
    names = ("background", "a", "b")
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 3}, names=names, config={"postprocessing": after})
    result = imported(tmp_path / "a")
    assert result.card.inference.largest_component == kept
    assert (LEFT_OUT in result.sentences) == noted


def test_the_largest_component_of_a_region_is_left_out_with_a_note(tmp_path):
    names = ("Tumor core", "Whole tumor", "Enhancing tumor")
    after = {"postprocessing": [SIGMOID, THRESHOLD, {**LARGEST, "applied_labels": [1]}]}
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 3}, names=names, config=after)
    result = imported(tmp_path / "a")
    assert result.card.regions and result.card.inference.largest_component == ()
    assert LEFT_OUT in result.sentences


@pytest.mark.parametrize(
    ("inverts", "expected"),
    [
        ([{"keys": ["label", "pred"], "nearest_interp": [True, False]}], True),
        ([{"keys": ["label", "pred"], "nearest_interp": [False, True]}], False),
        ([{"keys": "pred", "nearest_interp": False}, {"keys": "label", "nearest_interp": True}], True),
        ([{"keys": "pred", "nearest_interp": True}, {"keys": ["image", "label"], "nearest_interp": False}], False),
    ],
)
def test_whether_it_interpolates_on_the_way_back_is_what_is_said_of_the_prediction(tmp_path, inverts, expected):
    softmax = {"_target_": "Activationsd", "keys": "pred", "softmax": True}
    steps = [softmax, *({"_target_": "Invertd", "orig_keys": "image", **invert} for invert in inverts), ARGMAX]
    write_bundle(tmp_path / "a", config={"postprocessing": steps})
    assert imported(tmp_path / "a").card.preprocessing.interpolated_back == expected


@pytest.mark.parametrize(
    "config",
    [
        {"postprocessing": {"_target_": "Compose", "transforms": [SIGMOID, THRESHOLD]}},
        {"postprocessing": [SIGMOID]},
        {"postprocessing": "@after", "after": {"_target_": "Compose", "transforms": [THRESHOLD]}},
        {"postprocessing": {"_target_": "Compose", "transforms": "@a"}, "a": "@b", "b": [SIGMOID, THRESHOLD]},
        {"postprocessing": {"_target_": "Compose", "transforms": ["@first", THRESHOLD]}, "first": SIGMOID},
        {
            "postprocessing": {
                "_target_": "Compose",
                "transforms": [{**SIGMOID, "_target_": "@kind", "sigmoid": "@each"}],
            },
            "kind": "monai.transforms.Activationsd",
            "each": [True],
        },
    ],
    ids=[
        "written out",
        "a list",
        "all by reference",
        "list by references",
        "transform by reference",
        "values by reference",
    ],
)
def test_overlapping_regions_are_refused_by_their_names_however_they_are_written(tmp_path, config):
    names = ("left", "both", "right")
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 3}, names=names, config=config)
    assert re.search(r"the 3 outputs \(left, both, right\) .* regions overlap", refused(tmp_path / "a"))


def test_regions_whose_names_say_which_lies_in_which_are_painted(tmp_path):
    names = ("Tumor core", "Whole tumor", "Enhancing tumor")
    as_one = {"_target_": "Lambdad", "keys": "pred", "func": "$lambda x: torch.where(x[[2]] > 0, 4, x[[0]])"}
    after = {"postprocessing": [SIGMOID, THRESHOLD, as_one]}
    network = write_bundle(tmp_path / "a", {**UNET, "out_channels": 3}, names=names, config=after)
    source, result = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    assert source.card.label_names == names and any("Lambda, is left out" in note for note in result.sentences)
    assert [region.covers for region in source.card.regions] == [(1, 2, 3), (1, 3), (3,)]
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        scores, found = network(x)[0], ours(x)[0].argmax(0)
    theirs = torch.zeros_like(found)
    for n in (1, 0, 2):
        theirs[torch.sigmoid(scores[n]) > 0.5] = n + 1
    clear = (scores.abs() > 1e-4).all(0)
    assert torch.equal(found[clear], theirs[clear]) and len(theirs.unique()) > 1


DEEPER = {"_target_": "Compose", "transforms": [SIGMOID, THRESHOLD]}


@pytest.mark.parametrize(
    "step",
    [
        DEEPER,
        {"_target_": "Lambdad", "keys": "pred", "func": "$lambda x: x[[2, 0, 1]]"},
        {"_target_": "ThresholdIntensityd", "keys": "pred", "threshold": 0.3},
        {"_target_": "scripts.post.MergeClassesd", "keys": "pred"},
    ],
    ids=lambda step: step["_target_"],
)
def test_what_may_decide_is_refused_before_there_are_labels_and_noted_after(tmp_path, step):
    network = {**UNET, "out_channels": 3}
    names = ("background", "a", "b")
    write_bundle(tmp_path / "before", network, names=names, config={"postprocessing": [step, ARGMAX]})
    write_bundle(tmp_path / "after", network, names=names, config={"postprocessing": [ARGMAX, step]})
    kind = step["_target_"].rpartition(".")[2].removesuffix("d")
    sentence = refused(tmp_path / "before")
    assert re.search(rf"line \d+, `postprocessing::0`: what `{kind}` does before the outputs are labels", sentence)
    assert f"What it does with its labels afterwards, {kind}, is left out." in imported(tmp_path / "after").sentences


def test_outputs_that_are_compared_in_the_end_do_not_overlap(tmp_path):
    transforms = [SIGMOID, {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}]
    write_bundle(tmp_path / "a", config={"postprocessing": {"_target_": "Compose", "transforms": transforms}})
    assert imported(tmp_path / "a").card.label_names == ("spleen",)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"postprocessing": None}, "nothing says how its one output becomes a label"),
        ({"postprocessing": [{"_target_": "SaveImaged", "keys": "pred"}]}, "does not say how the one output becomes"),
        ({"postprocessing": [{**SIGMOID, "other": "$lambda x: x"}]}, "would have to be executed"),
        ({"postprocessing": "$monai.transforms.Compose(@after)"}, "would have to be executed"),
    ],
)
def test_what_does_not_say_how_outputs_become_labels_is_refused(tmp_path, config, message):
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), config=config)
    assert message in refused(tmp_path / "a")
