"""Largest components and holes of labels, on volumes worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.inference.components import cleaned, told_of_cleaning, with_filled_holes, with_largest_component


@pytest.fixture
def volume():
    """Label 1: a hollow cube of 5³ and a single voxel away from it; label 2: one voxel in the hollow, two apart outside."""
    found = np.zeros((12, 12, 12), np.uint8)
    found[1:6, 1:6, 1:6] = 1
    found[2:5, 2:5, 2:5] = 0
    found[3, 3, 3] = 2
    found[9, 9, 9] = 1
    found[8, 1, 1] = found[10, 1, 1] = 2
    return found


def test_of_a_label_the_largest_component_stays_and_others_become_background(volume):
    found = with_largest_component(volume, 1)
    assert found[9, 9, 9] == 0 and np.sum(found == 1) == 5**3 - 3**3
    assert np.array_equal(found == 2, volume == 2)
    assert volume[9, 9, 9] == 1, "what was given is left as it is"


def test_voxels_that_share_a_corner_are_one_component(volume):
    volume[6, 6, 6] = 1  # touches the cube by a corner alone
    assert with_largest_component(volume, 1)[6, 6, 6] == 1


def test_of_equally_large_components_the_first_stays(volume):
    assert np.argwhere(with_largest_component(volume, 2) == 2).tolist() == [[3, 3, 3]]


def test_a_hole_is_filled_where_it_is_background_and_another_label_in_it_stays(volume):
    found = with_filled_holes(volume, 1)
    assert np.sum(found == 1) == 5**3 - 1 + 1 and found[3, 3, 3] == 2 and found[2, 2, 2] == 1


def test_a_tunnel_through_a_face_is_no_hole_and_one_through_an_edge_is(volume):
    volume[1, 3, 3] = 0
    assert with_filled_holes(volume, 1) is volume
    volume[1, 3, 3] = 1
    volume[1, 1, 1] = 0  # touches the hollow by nothing but a corner
    assert np.sum(with_filled_holes(volume, 1) == 1) == 5**3 - 1


def test_nothing_to_do_gives_back_the_same_array(volume):
    assert with_largest_component(volume, 7) is volume and with_filled_holes(volume, 7) is volume
    assert cleaned(volume, ("a", "b"), InferenceSettings()) is volume
    assert cleaned(volume, ("a", "b"), InferenceSettings(largest_component=("c",))) is volume


def test_labels_are_cleaned_by_their_names_components_before_holes(volume):
    volume[9:12, 9:12, 9:12] = 1
    volume[10, 10, 10] = 0
    found = cleaned(volume, ("liver", "vein"), InferenceSettings(largest_component=("liver",), fill_holes=("liver",)))
    assert found[10, 10, 10] == 0, "the hole of what is not kept is not filled"
    assert found[2, 2, 2] == 1 and np.sum(found == 2) == 3


def test_what_was_removed_and_filled_is_told_in_ml_with_the_largest_first(volume):
    names, settings = ("liver", "vein"), InferenceSettings(largest_component=("liver", "vein"), fill_holes=("liver",))
    removed, filled = told_of_cleaning("a", volume, cleaned(volume, names, settings), names, (10, 10, 10))
    assert (removed.code, filled.code) == ("components-removed", "holes-filled")
    # A voxel of the liver, and of three equally large voxels of the vein all but the first; each voxel is 1 mL.
    assert removed.fields["pieces"] == 3 and removed.fields["shown"] == ("vein 2.0 mL", "liver 1.0 mL")
    assert filled.fields["shown"] == ("liver 26.0 mL",)
    assert removed.case == "a" and "3 further pieces (vein 2.0 mL, liver 1.0 mL) were removed" in removed.sentence


def test_of_two_lesions_the_one_that_goes_is_told_even_where_it_is_small(volume):
    found = np.zeros((9, 9, 9), np.uint8)
    found[1:4, 1:4, 1:4] = found[7, 7, 7] = 1
    kept = cleaned(found, ("tumour",), InferenceSettings(largest_component=("tumour",)))
    (told,) = told_of_cleaning("new", found, kept, ("tumour",), (1, 1, 1))
    assert "so 1 further piece (tumour 0.001 mL) was removed" in told.sentence and told.severity == "note"


def test_where_nothing_was_changed_nothing_is_told(volume):
    assert told_of_cleaning("a", volume, volume, ("liver",), (1, 1, 1)) == []
    assert told_of_cleaning("a", volume, volume.copy(), ("liver",), (1, 1, 1)) == []
