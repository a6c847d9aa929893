"""Analyses as a file."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.representation.advice import Advice
from TransferSegLib.evaluation.representation.analysis import (
    Analysis,
    ConditionChange,
    ConditionReuse,
    Course,
    Moment,
    Pair,
    Pictures,
)
from TransferSegLib.evaluation.representation.filters import FilterChange, Tile
from TransferSegLib.evaluation.representation.reuse import Reuse
from TransferSegLib.evaluation.representation.similarity import LayerMatrix, Similarity
from TransferSegLib.evaluation.representation.storing import load_analyses, save_analyses

LAYERS = (Similarity("encoder.0", 0.1, 0.2, 1 / 3),)
REUSE = Reuse("decoder.1", 0.5, 0.75, np.float64(0.25), None, None, (2, 1))
FOUND = Analysis(
    courses=(Course("a", "open", "source", 20, (Moment(0, LAYERS), Moment(20, LAYERS))),),
    pairs=(Pair(("a", "b"), ("open", "scratch"), LAYERS),),
    reuse=(ConditionReuse("open", (REUSE,)),),
    changes=(ConditionChange("open", (FilterChange("encoder.0", 4, 0.1, 0.0, float("nan"), -0.1),)),),
    advice=(Advice("open", None, None, REUSE, Problem("x", "{a} and {b}.", {"a": 1, "b": "two"}, "note")),),
    points=128,
)
TILE = Tile("encoder.0", "3 ← 1", np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((2, 3)), 0.25)
MATRIX = LayerMatrix(("encoder.0",), ("encoder.0", "head"), np.array([[1.0, 0.5]]), np.array([[1.0, 0.25]]))
PICTURES = Pictures("open", "a", (TILE,), (TILE, TILE), MATRIX)


def test_what_was_stored_is_read_with_all_numbers_and_pixels(tmp_path):
    path = tmp_path / "made" / "analysis.npz"
    with_pictures = Analysis(pictures=(PICTURES, Pictures("scratch", "b")), points=3)
    save_analyses(path, [FOUND, with_pictures])
    first, second = load_analyses(path)
    for name in ("courses", "pairs", "reuse", "advice", "points", "pictures"):
        assert getattr(first, name) == getattr(FOUND, name)
    assert repr(first.changes) == repr(FOUND.changes)  # no number is like itself
    shown, nothing = second.pictures
    assert (nothing.condition, nothing.filters, nothing.matrix) == ("scratch", (), None)
    assert (shown.filters[0].name, shown.filters[0].change, len(shown.maps)) == (TILE.name, 0.25, 2)
    for mine, theirs in ((shown.filters[0].start, TILE.start), (shown.matrix.cka, MATRIX.cka)):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", b"{}"])
def test_a_file_that_is_damaged_or_not_there_is_none(tmp_path, damage):
    assert load_analyses(tmp_path / "gone.npz") is None
    (tmp_path / "damaged.npz").write_bytes(damage)
    assert load_analyses(tmp_path / "damaged.npz") is None


def test_nothing_in_the_file_is_executed(tmp_path):
    path = tmp_path / "hostile.npz"
    np.savez(path, json=np.array([{"a": 1}], dtype=object))  # a pickle
    assert load_analyses(path) is None


def test_one_of_another_version_is_none(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, json=np.frombuffer(b'[{"numbers": {"colour": 1}, "pictures": []}]', np.uint8))
    assert load_analyses(path) is None
