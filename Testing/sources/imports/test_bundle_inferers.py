"""How a bundle runs its network, and what it does on the way back, stand on the card; what is done otherwise is noted."""

from __future__ import annotations

import pytest
from bundle_changes import imported, refused
from foreign_models import SPLEEN_PREPROCESSING, write_bundle

ARGMAX = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}
SOFTMAX = {"_target_": "Activationsd", "keys": "pred", "softmax": True}
LARGEST = {"_target_": "KeepLargestConnectedComponentd", "keys": "pred"}


def sliding(**more) -> dict[str, object]:
    return {"_target_": "SlidingWindowInferer", "roi_size": [32, 32, 32], **more}


def invert(nearest: bool) -> dict[str, object]:
    return {"_target_": "Invertd", "keys": "pred", "transform": "@preprocessing", "nearest_interp": nearest}


@pytest.mark.parametrize(
    ("inferer", "expected", "noted"),
    [
        (sliding(), (0.25, "zero", "constant"), None),
        (sliding(overlap="@by", mode="GAUSSIAN", padding_mode="replicate"), (0.6, "edge", "gaussian"), None),
        (sliding(overlap=[0.5, 0.5, 0.5]), (0.5, "zero", "constant"), None),
        (sliding(overlap=[0.5, 0.5, 0.25]), (0.5, "zero", "constant"), "here by the largest of these"),
        (sliding(overlap=0.95), (0.9, "zero", "constant"), "here by 0.9"),
        (sliding(overlap="$1/3"), (0.25, "zero", "constant"), "`overlap` of its inferer would have to be executed"),
        (sliding(overlap="much"), (0.25, "zero", "constant"), "is no number from 0 to 1"),
        (sliding(padding_mode="reflect"), (0.25, "edge", "constant"), "here their edges are repeated"),
        (sliding(cval=-1), (0.25, "zero", "constant"), "surrounds small images by -1; here by 0"),
        (sliding(mode="gaussian", sigma_scale=0.25), (0.25, "zero", "gaussian"), "width of its Gaussian weights"),
        ({"_target_": "SimpleInferer"}, (0.25, "edge", "gaussian"), "`SimpleInferer` runs its network"),
        (None, (0.25, "edge", "gaussian"), "Nothing says how its network is run"),
    ],
)
def test_windows_are_run_as_the_inferer_runs_them_or_it_is_noted(tmp_path, inferer, expected, noted):
    write_bundle(tmp_path / "a", config={"inferer": inferer, "by": 0.6})
    result = imported(tmp_path / "a")
    found = result.card.inference
    assert (found.overlap, found.padding, found.blending) == expected
    assert found.float32_on_cpu
    about = [note for note in result.sentences if "how large its windows" not in note]
    assert len(about) == (noted is not None)
    assert all(noted in note for note in about)


@pytest.mark.parametrize(
    ("after", "interpolated", "noted"),
    [
        ([SOFTMAX, invert(False), ARGMAX], True, None),
        ([SOFTMAX, ARGMAX, invert(True)], False, None),
        ([SOFTMAX, invert(True), ARGMAX], False, None),
        ([SOFTMAX, ARGMAX], False, None),
        ([ARGMAX, invert(False)], False, "borders get fractions"),
        ([invert(False), SOFTMAX, ARGMAX], True, "interpolates scores on the way back"),
    ],
)
def test_the_way_back_is_the_bundles_or_it_is_noted(tmp_path, after, interpolated, noted):
    write_bundle(tmp_path / "a", config={"postprocessing": after})
    result = imported(tmp_path / "a")
    assert result.card.preprocessing.interpolated_back == interpolated
    assert len(result.sentences) == (noted is not None)
    assert all(noted in note for note in result.sentences)


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, ("spleen",)),
        ({"applied_labels": [1], "connectivity": 3}, ("spleen",)),
        ({"applied_labels": 1, "independent": True}, ("spleen",)),
        ({"num_components": 2}, ()),
        ({"connectivity": 1}, ()),
        ({"applied_labels": [7]}, ()),
        ({"applied_labels": "$[1]"}, ()),
    ],
)
def test_largest_components_are_kept_as_there_or_it_is_noted(tmp_path, more, kept):
    write_bundle(tmp_path / "a", config={"postprocessing": [SOFTMAX, ARGMAX, {**LARGEST, **more}]})
    result = imported(tmp_path / "a")
    assert result.card.inference.largest_component == kept
    assert any("KeepLargestConnectedComponent, is left out" in note for note in result.sentences) == (not kept)


@pytest.mark.parametrize(("orientation", "file_order"), [(None, True), ("file", True), ("ras", False)])
def test_images_that_the_bundle_does_not_turn_are_shown_as_their_files_have_them(tmp_path, orientation, file_order):
    turning = [step for step in SPLEEN_PREPROCESSING if step["_target_"] != "Orientationd"]
    write_bundle(tmp_path / "a", preprocessing=turning)
    result = imported(tmp_path / "a", orientation=orientation)
    assert result.card.inference.file_order == file_order
    assert any("does not turn its images" in note for note in result.sentences)


def test_an_orientation_that_no_bundle_has_is_refused(tmp_path):
    write_bundle(tmp_path / "a")
    assert "--orientation LPS: a network of a MONAI bundle" in refused(tmp_path / "a", orientation="LPS")
