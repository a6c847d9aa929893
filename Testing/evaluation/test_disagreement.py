from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.core.regions import Region
from TransferSegLib.evaluation.disagreement import disagreement

NONE = np.zeros((4, 4, 4), np.uint8)
HALF, OTHER_HALF, QUARTER = NONE.copy(), NONE.copy(), NONE.copy()
HALF[:2] = OTHER_HALF[2:] = QUARTER[:1] = 1


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([HALF, HALF], 0.0),
        ([NONE, NONE], 0.0),
        ([HALF, OTHER_HALF], 1.0),
        ([HALF, NONE], 1.0),
        ([HALF, QUARTER], 1 - 2 / 3),
        ([HALF, HALF, OTHER_HALF], 2 / 3),
        ([HALF, 2 * HALF], 1.0),
        ([HALF + 2 * OTHER_HALF, HALF], 0.5),
    ],
)
def test_disagreement_is_one_minus_the_mean_dice_of_all_pairs(votes, expected):
    assert disagreement(votes) == pytest.approx(expected)


def test_regions_disagree_by_all_that_they_cover():
    whole, part = Region(1, (1, 2)), Region(2, (2,))
    # The whole is the same voxels in both, and the part has 16 of them in one and 32 in the other.
    assert disagreement([HALF + QUARTER, 2 * HALF], (whole, part)) == pytest.approx((0 + 1 / 3) / 2)
    assert disagreement([HALF + QUARTER, 2 * HALF]) == pytest.approx((1 + 1 / 3) / 2)


def test_one_vote_is_no_committee():
    with pytest.raises(ValueError, match="two or more"):
        disagreement([HALF])
