"""How trainings went, over steps and over time: two figures a target in every study."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from made_results import made_results, made_rows

from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.learning_curves import MOST_LINES, MOST_WAYS, learning_curves, ways_of

LEARNED = {"steps": 20, "converged_step": 10, "step_s": 0.5, "seconds": 10.0}
BLIND = {"steps": 20, "step_s": 0.5, "seconds": 10.0}


def rows(training, **factors):
    return made_rows({"strategy": "open", **factors}, {"bone": [0.5]}, training=training)


def test_the_dice_is_shown_where_there_are_validation_cases_else_the_loss_and_nothing_of_what_is_not_trained():
    results = made_results(
        rows(LEARNED, target="a"), rows(BLIND, target="b"), rows({"steps": 0}, target="c", strategy="direct")
    )
    assert [figure.name for figure in learning_curves(results)] == [
        "validation-dice-steps-a",
        "validation-dice-time-a",
        "training-loss-steps-b",
        "training-loss-time-b",
    ]
    assert [figure.name for figure in learning_curves(results.where(target="a"))] == [
        "validation-dice-steps",
        "validation-dice-time",
    ]
    assert learning_curves(results.where(target="c")) == ()


@pytest.mark.parametrize(
    ("training", "places", "heights", "unit"),
    [(LEARNED, [8.0, 16.0], [0.2, 0.6], "seconds"), (BLIND, [5.0, 10.0], [1.5, 0.9], "seconds")],
)
def test_time_is_that_of_the_looks_and_of_a_loss_that_of_its_steps(
    tmp_path, monkeypatch, training, places, heights, unit
):
    result = SimpleNamespace(
        losses=((10, 1.5), (20, 0.9)),
        validation=((10, 0.2), (20, 0.6)),
        check_seconds=(8.0, 16.0),
        time=SimpleNamespace(step_s=0.5),
    )
    monkeypatch.setattr("TransferSegLib.studies.pictures.unit_results", lambda job, spec: [result])
    monkeypatch.setattr(JobFolder, "read_spec", lambda job: None)
    results = made_results(rows(training))
    over_steps, over_time = (one.draw(StudyFolder(tmp_path), results) for one in learning_curves(results))
    for figure, x in ((over_steps, [10, 20]), (over_time, places)):
        (line,) = figure.axes[0].lines
        assert list(line.get_xdata()) == x and list(line.get_ydata()) == heights
    assert over_time.axes[0].get_xlabel() == unit


def test_many_trainings_are_told_apart_by_fewer_factors_and_of_repeats_the_first_is_shown():
    few = made_results(*[rows(LEARNED, size=size, seed=seed) for size in (2, 4) for seed in (0, 1)])
    ways, left_out = ways_of(few)
    assert (
        list(ways) == ["size 2", "size 4"]
        and not left_out
        and {len(found.levels("cell")) for found in ways.values()} == {2}
    )
    strategies = ("open", "scratch", "conservative")
    many = made_results(
        *[
            rows(LEARNED, strategy=strategy, size=size, seed=seed)
            for strategy in strategies
            for size in range(1, 6)
            for seed in range(3)
        ]
    )
    ways, left_out = ways_of(many)
    assert len(many.levels("cell")) > MOST_LINES and left_out
    assert MOST_WAYS < 3 * 5 and list(ways) == list(strategies)
    assert {len(found.levels("cell")) for found in ways.values()} == {5}
