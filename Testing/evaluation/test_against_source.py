"""A kept model that came out below its source model is called worse, perhaps worse, or no better, as far as scores say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from made_scores import made_scores

from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.against_source import against_source
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import Summary, kept_below_source, summarise, summary_json, with_kept
from TransferSegLib.evaluation.verdict import warn_of_seen_cases


def rows(strategy, dices, fold="0", label=1, name="bone"):
    return [
        ScoreRow(f"c{n}", label, name, made_scores(d, d, d, d, 2.0, 3.0, 0.5, d, 10.0, 11.0), strategy, fold)
        for n, d in enumerate(dices)
    ]


def below(*lists, kept="open", unknown=(), validated=None):
    found = summarise([row for part in lists for row in part], unknown_to_source=unknown)
    return against_source(found.out_of_fold, found.test, kept, validated)


def test_worse_is_what_chance_does_not_explain():
    found = below(rows("direct", [0.8] * 8), rows("open", [0.7, 0.72] * 4))
    assert (found.kind, found.measured_on, round(found.difference, 3)) == ("worse", "out of fold", -0.09)
    assert found.problem.sentence.startswith(
        "The kept model, of `open`, is worse than the source model as it is: mean Dice 0.71 against 0.80 on cases that its "
        "models did not see (−0.09, 95 % interval −0.10 to −0.0"
    )
    assert found.problem.sentence.endswith("8 of 8 cases worse); that is more than chance (p = 0.0078).")


def test_with_few_cases_it_seems_worse_and_the_sentence_says_that_they_are_few():
    found = below(rows("direct", [0.8] * 3), rows("open", [0.7] * 3))
    assert found.kind == "seems worse"
    assert "seems worse than the source model as it is: mean Dice 0.70 against 0.80" in found.problem.sentence
    assert "3 cases are too few to rule out chance (at least 6 are needed" in found.problem.sentence


def test_where_chance_alone_could_have_done_it_it_seems_worse():
    found = below(rows("direct", [0.5, 0.8, 0.6, 0.7] * 2), rows("open", [0.7, 0.5, 0.7, 0.5] * 2))
    assert found.kind == "seems worse"
    assert "chance alone could have done this (p = " in found.problem.sentence


def test_below_by_less_than_matters_is_no_better():
    found = below(rows("direct", [0.8] * 8), rows("open", [0.795] * 8))
    assert found.kind == "no better"
    assert "0.795 against 0.800" in found.problem.sentence and "too small to matter" in found.problem.sentence


@pytest.mark.parametrize(
    ("lists", "kept"),
    [
        ([rows("direct", [0.7] * 4), rows("open", [0.8] * 4)], "open"),
        ([rows("direct", [0.8] * 4), rows("open", [0.8] * 4)], "open"),
        ([rows("direct", [0.8] * 4), rows("open", [0.7] * 4)], "direct"),
        ([rows("open", [0.7] * 4)], "open"),
        ([], "open"),
    ],
)
def test_nothing_is_said_of_what_is_not_below_or_was_not_compared(lists, kept):
    assert below(*lists, kept=kept) is None


def test_folds_come_before_test_cases_and_these_before_cases_to_validate_on():
    good, bad = [0.8] * 4, [0.6] * 4
    validated = {"direct": 0.9, "open": 0.5}
    tests = [*rows("direct", good, "test"), *rows("open", bad, "test")]
    assert below(rows("direct", bad), rows("open", good), tests, validated=validated) is None
    assert below(tests, validated=validated).measured_on == "test cases"
    found = below(validated=validated)
    assert (found.kind, found.measured_on) == ("seems worse", "validation cases")
    assert "0.500 against 0.900 on the cases to validate on; these chose its weights, too" in found.problem.sentence
    assert below(validated={"direct": 0.9, "open": 0.895}).kind == "no better"
    assert below(validated={"direct": 0.5, "open": 0.9}) is below(validated={"open": 0.5}) is None


def test_a_label_that_the_source_model_lacks_does_not_hide_that_the_others_are_worse():
    found = below(
        rows("direct", [0.8] * 8),
        rows("direct", [0.0] * 8, label=2, name="air"),
        rows("open", [0.6] * 8),
        rows("open", [0.9] * 8, label=2, name="air"),
        unknown=(2,),
    )
    assert found.kind == "worse"
    assert "on `bone`, the label that the source model knows, mean Dice 0.60 against 0.80" in found.problem.sentence


def test_it_stays_in_the_file_of_scores_and_is_found_in_one_of_before():
    summary = with_kept(summarise([*rows("direct", [0.8] * 8), *rows("open", [0.6] * 8)]), "open", {})
    again = from_json(Summary, json.loads(json.dumps(summary_json(summary))), "scores.json")
    assert again.against_source == summary.against_source and again.against_source.kind == "worse"
    of_before = {name: value for name, value in summary_json(summary).items() if name != "against_source"}
    assert kept_below_source(from_json(Summary, of_before, "scores.json"), "open") == summary.against_source


def test_a_recommended_model_is_called_by_its_strategy():
    summary = summarise([*rows("direct", [0.8] * 8), *rows("auto", [0.6] * 8)])
    found = kept_below_source(replace(summary, recommendation=Recommendation("open")), "auto")
    assert found.strategy == "open" and found.problem.sentence.startswith("The kept model, of `open`, is worse than")


def test_scores_on_cases_that_the_source_model_has_seen_say_nothing_of_it():
    summary = summarise([*rows("direct", [0.9] * 8), *rows("open", [0.6] * 8)])
    seen = Summary(1.0, warn_of_seen_cases(summary.verdict, 8, 8), summary.out_of_fold, None)
    assert kept_below_source(seen, "open") is None and kept_below_source(summary, "open") is not None
