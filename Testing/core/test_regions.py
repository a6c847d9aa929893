"""Regions: what they cover and how they are painted."""

from __future__ import annotations

import pytest

from TransferSegLib.cases.readers.parts import LabelList
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.regions import Region, covered, read_regions, renumbered

TUMOUR = {"enhancing": [3], "whole": [1, 2, 3], "core": [2, 3]}
PAINTED = {"whole": Region(1, (1, 2, 3)), "core": Region(2, (2, 3)), "enhancing": Region(3, (3,))}


def test_the_largest_region_is_painted_first_with_what_no_smaller_one_has():
    found = read_regions(TUMOUR, None, "x")
    assert found == PAINTED and list(found) == ["whole", "core", "enhancing"]


def test_an_order_says_what_each_region_is_painted_as():
    given = {"whole": [1, 2, 3], "core": [2, 3], "enhancing": [3]}
    assert read_regions(given, [1, 2, 3], "x") == PAINTED
    apart = {"left": [1, 2], "cyst": [2], "right": [3]}
    assert [one.number for one in read_regions(apart, [1, 2, 3], "x").values()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("named", "order"),
    [
        ({"whole": [1, 2, 3], "core": [2, 3]}, None),
        ({"a": [1, 2], "b": [2, 1]}, None),
        (TUMOUR, [3, 1]),
        (TUMOUR, [3, 1, 1]),
        (TUMOUR, [3, 1, 2]),  # the enhancing part would be painted over
    ],
)
def test_regions_that_do_not_tell_values_apart_are_refused(named, order):
    with pytest.raises(InputError, match=r"x: the regions `.* do not tell the values 1, 2.* apart"):
        read_regions(named, order, "x")


def test_a_list_of_labels_may_have_regions():
    found = LabelList.of({"background": 0, "whole": [1, 2], "core": 2, "ignore": 3}, "x")
    assert found.names == {1: "whole", 2: "core", 3: "ignore"}
    assert found.regions == (Region(1, (1, 2)), Region(2, (2,)))
    # As to nnU-Net, lists of one value each are labels.
    assert LabelList.of({"background": 0, "femur": [1], "tibia": [2]}, "x") == LabelList({1: "femur", 2: "tibia"})


def test_a_label_that_is_no_region_covers_itself():
    regions = tuple(PAINTED.values())
    assert covered(regions, 2) == (2, 3) and covered((), 2) == (2,)
    assert renumbered(regions, {1: 7, 2: 5, 3: 6}) == (Region(7, (5, 6, 7)), Region(5, (5, 6)), Region(6, (6,)))
