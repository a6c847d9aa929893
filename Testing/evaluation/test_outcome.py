"""Whether an adapted model is better than its source model, in a word: by hand, and never other than the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_scores import made_scores

from TransferSegLib.evaluation.comparison import compare
from TransferSegLib.evaluation.outcome import Change, outcome
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.verdict import recommended, verdict, warn_of_seen_cases


def rows(strategy: str, dices: list[float], label: int = 1) -> list[ScoreRow]:
    return [
        ScoreRow(
            f"c{n}", label, f"label {label}", made_scores(d, d, d, d, 10 - 10 * d, 3, 0.5, d, 10, 11), strategy, "0"
        )
        for n, d in enumerate(dices)
    ]


GAINS = [0.2, 0.25, 0.3, 0.22, 0.28, 0.24, 0.21, 0.26]
MIXED = [0.1, -0.1, 0.12, -0.12, 0.05, -0.06, 0.03, -0.02]
CASES = [
    ("better", GAINS, "On 8 cases that it had not seen, the adapted model is better than the source model."),
    ("worse", [-g for g in GAINS], "the adapted model is worse than the source model: go on with the source model."),
    ("no clear difference", MIXED, "no clear difference is seen"),
    ("no clear difference", [0.001] * 8, "no clear difference is seen"),
    ("too few cases", GAINS[:3], "looks better than the source model, but 3 cases are too few to tell: annotate more."),
    ("too few cases", [-0.2, -0.3], "looks worse than the source model, but 2 cases are too few to tell"),
    ("too few cases", [0.2], "but 1 case is too few to tell"),
]


@pytest.mark.parametrize(("word", "gains", "said"), CASES)
@pytest.mark.parametrize("kept", ["open", "direct"])
def test_the_word_is_that_of_the_verdict_whichever_model_was_kept(word, gains, said, kept):
    comparison = compare([*rows("direct", [0.5] * len(gains)), *rows("open", [0.5 + g for g in gains])])
    decided = verdict(comparison)
    found = outcome(decided, comparison, kept)
    assert found.word == word == decided.kind
    assert said in found.sentence.message
    assert found.behind == (sum(gains) < -1e-9)
    dice, hd95 = found.changes
    after = 0.5 + sum(gains) / len(gains)
    assert (dice.metric, hd95.metric) == ("dice", "hd95_mm")
    assert (dice.before, dice.after) == pytest.approx((0.5, after)) and hd95.after == pytest.approx(10 - 10 * after)


def test_a_kept_model_that_is_not_the_best_is_spoken_of_by_its_own_scores():
    comparison = compare(
        [
            *rows("direct", [0.5] * 8),
            *rows("open", [0.5 + g for g in GAINS]),
            *rows("scratch", [0.5 - g for g in GAINS]),
        ]
    )
    assert verdict(comparison).kind == "better"
    found = outcome(verdict(comparison), comparison, "scratch")
    assert found.word == "worse" and found.changes[0].after < 0.5


def test_chance_is_ruled_out_for_all_strategies_that_were_tried():
    """Six cases reach p = 0.03: enough for one strategy, and not for the best of two."""
    six = GAINS[:6]
    two = [*rows("direct", [0.5] * 6), *rows("open", [0.5 + g for g in six])]
    three = [*two, *rows("scratch", [0.4] * 6)]
    words = [outcome(verdict(compare(r)), compare(r), "open").word for r in (two, three)]
    assert words == ["better", "too few cases"]


def test_where_the_source_model_was_not_scored_nothing_is_called_better():
    comparison = compare([*rows("open", [0.9] * 8), *rows("scratch", [0.1] * 8)])
    assert verdict(comparison).kind == "better"  # than the other strategy
    found = outcome(verdict(comparison), comparison, "open")
    assert found.word == "not compared" and found.changes == ()


def test_the_source_model_alone_is_not_compared_with_itself():
    comparison = compare(rows("direct", [0.9] * 8))
    assert outcome(verdict(comparison), comparison, "direct").word == "not compared"


def test_scores_on_cases_that_the_source_model_has_seen_are_no_test():
    comparison = compare([*rows("direct", [0.9] * 8), *rows("open", [0.5] * 8)])
    found = outcome(warn_of_seen_cases(verdict(comparison), 3, 8), comparison, "open")
    assert found.word == "seen by the source" and found.changes[0] == Change(
        "dice", pytest.approx(0.9), pytest.approx(0.5)
    )


@pytest.mark.parametrize(
    ("annotated", "said"),
    [(1, "Annotate a second case to find out"), (4, "2 folds or more"), (None, "2 folds or more")],
)
def test_without_scores_it_is_said_what_it_takes(annotated, said):
    found = outcome(verdict(None), None, "open", annotated)
    assert found.word == "no scores" and said in found.sentence.message


KEPT = Recommendation("direct", cases=8, dice=0.5, source_dice=0.5, best_trained="open", best_trained_dice=0.495)


def test_a_source_model_that_is_recommended_is_not_compared_with_itself():
    comparison = compare([*rows("direct", [0.5] * 8), *rows("auto", [0.5] * 8)])
    made = recommended(verdict(comparison), KEPT)
    assert (made.kind, made.sentence) == ("source kept", f"{KEPT.problem.sentence}.")
    found = outcome(made, comparison, "direct", 8, KEPT)
    assert found.word == "source kept" and found.changes == ()
    assert found.sentence.message == (
        "Nothing that was trained is expected to do better than the source model, so the source model is kept (the best that "
        "was trained, `open`, has a mean Dice of 0.495): apply it to other volumes, or annotate more cases."
    )
    alone = replace(KEPT, best_trained=None, best_trained_dice=None)
    assert outcome(made, comparison, "direct", 8, alone).sentence.message.startswith("Nothing else could be trained")


def test_it_is_still_said_that_the_source_model_has_seen_cases_that_were_scored():
    comparison = compare([*rows("direct", [0.9] * 8), *rows("auto", [0.9] * 8)])
    made = recommended(warn_of_seen_cases(verdict(comparison), 3, 8), KEPT)
    assert made.kind == "seen by the source" and made.sentence == (
        f"{KEPT.problem.sentence}. The source model was trained on 3 of the 8 cases that were scored; these decide nothing "
        "here, but mean scores that count them are too good."
    )


def test_what_was_trained_and_recommended_is_compared_as_ever():
    comparison = compare([*rows("direct", [0.5] * 8), *rows("auto", [0.5 + g for g in GAINS])])
    trained = Recommendation("open", 2, cases=8, dice=0.745, source_dice=0.5, gain=0.2)
    made = recommended(verdict(comparison), trained)
    assert made.kind == "better" and "`auto` has the highest mean Dice" in made.sentence
    assert outcome(made, comparison, "auto", 8, trained).word == "better"


@pytest.mark.parametrize("chosen", ["direct", "open"])
@pytest.mark.parametrize(
    ("by", "cure", "word"),
    [
        ("time", "give more minutes", "not compared"),
        ("seen", "annotate a case that it has not seen", "no scores"),
        ("nothing", "takes 2 folds or more", "not compared"),
    ],
)
def test_where_nothing_was_compared_the_cure_is_that_of_its_reason(chosen, by, cure, word):
    made = Recommendation(chosen, by=by, cases=8, source_dice=0.9)
    decided = recommended(verdict(None), made)
    assert decided.sentence == f"{made.problem.sentence}." and "No annotated case was scored" not in decided.sentence
    found = outcome(decided, None, chosen, 8, made)
    assert found.word == word and cure in found.sentence.message
    assert ("source model is kept" in found.sentence.message) == (chosen == "direct")
    assert "second case" in outcome(decided, None, chosen, 1, made).sentence.message
    if chosen == "direct":  # also where test cases were scored, by the source model twice
        tests = compare([*rows("direct", [0.9] * 8), *rows("auto", [0.9] * 8)])
        assert [outcome(decided, tests, chosen, n, made).word for n in (8, 1)] == [word, "no scores"]
