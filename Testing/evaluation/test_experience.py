"""What was measured is found again, what lies between is interpolated, and what was measured elsewhere is not said."""

from __future__ import annotations

import pytest

from TransferSegLib.evaluation.experience import MEASUREMENTS, experience

PART = "brain (hippocampus)"


def test_a_source_model_as_good_as_those_measured_gets_the_range_of_what_they_gained():
    four, eight = experience(0.85, PART)
    assert (four.cases, eight.cases) == (4, 8) and four.how == "measured"
    assert (four.low, four.high) == pytest.approx((0.0, 0.0))
    assert (eight.low, eight.high) == pytest.approx((0.004, 0.004))


def test_one_that_finds_nothing_gains_nearly_all():
    four, eight = experience(0.0, PART)
    assert four.low == four.high == pytest.approx(0.817) and eight.low == pytest.approx(0.832)


def test_halfway_between_two_measurements_the_gain_is_halfway():
    _, eight = experience((0.011 + 0.855) / 2, PART)
    assert eight.how == "between" and eight.measured == (0.011, 0.855)
    assert eight.low == pytest.approx((0.832 + 0.004) / 2) and eight.high == pytest.approx((0.832 + 0.004) / 2)


def test_better_than_all_that_were_measured_is_called_beyond():
    assert {one.how for one in experience(0.97, PART)} == {"beyond"}
    assert experience(0.97, PART)[0].measured == (0.855, 0.856)


def test_elsewhere_nothing_is_known():
    assert experience(0.85, "head") == ()


@pytest.mark.parametrize("one", MEASUREMENTS, ids=lambda one: f"{one.cases}-{one.direct}")
def test_each_measurement_stands_in_the_document_that_it_names(one):
    from pathlib import Path

    assert one.where.startswith("docs/benchmarks.md")  # whose trainings are of the default settings
    text = (Path(__file__).parents[2] / one.where.partition(",")[0]).read_text(encoding="utf-8")
    assert f"{one.direct:.3f}" in text and f"{one.dice:.3f}" in text
