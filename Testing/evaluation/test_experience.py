"""What was measured is found again, and nothing is said where nothing was measured."""

from __future__ import annotations

import pytest

from TransferSegLib.evaluation.advice_in_words import about_direct
from TransferSegLib.evaluation.experience import MEASUREMENTS, experience
from TransferSegLib.evaluation.statistics import describe

PART = "brain (hippocampus)"


def test_a_source_model_as_good_as_those_measured_gets_the_range_of_what_they_gained():
    four, eight = experience(0.85, PART)[0]
    assert (four.cases, eight.cases) == (4, 8) and four.measured == (0.855, 0.856)
    assert (four.low, four.high) == pytest.approx((0.0, 0.0))
    assert (eight.low, eight.high) == pytest.approx((0.004, 0.004))


def test_one_that_finds_nothing_gains_nearly_all():
    four, eight = experience(0.0, PART)[0]
    assert four.low == four.high == pytest.approx(0.817) and eight.low == pytest.approx(0.832)


@pytest.mark.parametrize("direct", [0.25, 0.433, 0.97])
def test_where_no_source_model_alike_was_measured_there_is_no_value_but_what_was_measured(direct):
    expected, others = experience(direct, PART)
    assert expected == ()
    assert [(one.cases, one.measured[0]) for one in others] == [(4, 0.011), (8, 0.011), (4, 0.855), (8, 0.855)]
    *_, said = about_direct(describe([direct, direct]), (expected, others), None, has_seen=False)
    assert said.code == "advise-nothing-alike"
    assert "+0.817 with 4 cases where it was 0.011 as it is" in said.sentence and "is not known" in said.sentence


def test_elsewhere_nothing_is_known():
    assert experience(0.85, "head") == ((), ())


@pytest.mark.parametrize("one", MEASUREMENTS, ids=lambda one: f"{one.cases}-{one.direct}")
def test_each_measurement_stands_in_the_document_that_it_names(one):
    from pathlib import Path

    assert one.where.startswith("docs/benchmarks.md")  # whose trainings are of the default settings
    text = (Path(__file__).parents[2] / one.where.partition(",")[0]).read_text(encoding="utf-8")
    assert f"{one.direct:.3f}" in text and f"{one.dice:.3f}" in text
