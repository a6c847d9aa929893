"""Tissue classes by thresholds in HU."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.from_other.classes import UNKNOWN_HU, classify, mecheter_classes, read_classes
from TransferSegLib.core.errors import InputError

HU = np.array([-1000, -501, -500, -499, 0, 600, 601, 3000, UNKNOWN_HU])


def test_the_thresholds_of_the_papers_are_exclusive():
    assert classify(HU, mecheter_classes()).tolist() == [1, 1, 2, 2, 2, 2, 3, 3, 0]
    assert classify(HU, mecheter_classes(-100, -800)).tolist() == [1, 2, 2, 2, 3, 3, 3, 3, 0]


def test_a_table_gives_a_voxel_the_first_row_that_it_fits(tmp_path):
    table = tmp_path / "tissues.csv"
    table.write_text("value,name,above,below\n7,fat,-150,-20\n2,bone,600,\n1,rest,-400,\n")
    hu = np.array([-1000.0, -100, -20, 50, 700])
    assert classify(hu, read_classes(table)).tolist() == [0, 7, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,above\nair,1\n", "needs the columns value, name, above, below"),
        ("value,name,above,below\n0,air,,-500\n", "line 2: needs a value from 1 to 255"),
        ("value,name,above,below\n1,air,,x\n", "line 2: needs a value from 1 to 255"),
        ("value,name,above,below\n1,air,,-500\n1,bone,600,\n", "two classes have the same value"),
        ("value,name,above,below\n1,air,,-500\n2,air,600,\n", "two classes have the same name"),
    ],
)
def test_a_table_that_means_nothing_is_refused(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_classes(tmp_path / "t.csv")


def test_bone_must_begin_above_air():
    with pytest.raises(InputError, match="bone must begin above air"):
        mecheter_classes(-600, -500)
