import json

import numpy as np
import pytest

from TransferSegLib.evaluation.metrics import LabelScores, ScoreRow
from TransferSegLib.evaluation.summary import MEAN_OVER_LABELS, summarise, write_summary

FOUND = LabelScores(0.8, 0.7, 0.8, 0.8, 2.0, 3.0, 0.5, 0.9, 10.0, 11.0, False)


def scores(dice, hd95=2.0, missed=False):
    if dice is None:
        return LabelScores(None, None, None, None, None, None, None, None, 0.0, 0.0, False)
    return LabelScores(dice, dice / (2 - dice), dice, dice, hd95, hd95, hd95 / 4, dice, 10.0, 11.0, missed)


def rows(strategy, dices, fold="0", label=1, name="bone"):
    return [ScoreRow(f"case-{n}", label, name, scores(d), strategy, fold) for n, d in enumerate(dices)]


def spread(mean, n, seed, width=0.02):
    return list(np.clip(np.random.default_rng(seed).normal(mean, width, n), 0, 1))


def said(*row_lists):
    return summarise([row for part in row_lists for row in part]).verdict


def test_a_clear_win_over_the_source_model_says_by_how_much_and_that_it_is_more_than_chance():
    found = said(rows("direct", spread(0.03, 8, 1)), rows("open", spread(0.81, 8, 2)))
    assert found.kind == "better"
    assert found.sentence.startswith(
        "`open` has the highest mean Dice, 0.81 against 0.03 of the source model as it is (+0.78, 95 % interval +0.7"
    )
    assert "8 of 8 cases better" in found.sentence
    assert "more than chance (p = 0.0078)" in found.sentence


def test_fine_tuning_that_made_it_worse_is_said_first():
    found = said(
        rows("direct", spread(0.83, 8, 1)), rows("open", spread(0.70, 8, 2)), rows("scratch", spread(0.4, 8, 3))
    )
    assert found.kind == "worse"
    assert found.sentence.startswith(
        "Fine-tuning made it worse: the source model as it is has the highest mean Dice, 0.8"
    )
    assert "`open`" in found.sentence
    assert "8 of 8 cases worse" in found.sentence


def test_a_difference_that_is_certain_but_tiny_is_no_clear_difference():
    base = spread(0.83, 20, 1)
    found = said(rows("direct", base), rows("open", [d + 0.002 for d in base]))
    assert found.kind == "no clear difference"
    assert "+0.002" in found.sentence


def test_a_difference_that_chance_explains_is_no_clear_difference():
    found = said(rows("direct", spread(0.80, 8, 1, 0.1)), rows("open", spread(0.83, 8, 5, 0.1)))
    assert found.kind == "no clear difference"
    assert "chance alone could have done this" in found.sentence


def test_fine_tuning_that_did_not_help_says_to_keep_the_source_model():
    base = spread(0.83, 20, 1)
    found = said(rows("direct", base), rows("open", [d - 0.001 for d in base]))
    assert found.kind == "no clear difference"
    assert found.sentence.startswith("Fine-tuning did not help")


@pytest.mark.parametrize("cases", [1, 4, 5])
def test_too_few_cases_are_said_to_be_too_few_however_large_the_difference(cases):
    found = said(rows("direct", spread(0.1, cases, 1)), rows("open", spread(0.8, cases, 2)))
    assert found.kind == "too few cases"
    assert f"{cases} of {cases} case" in found.sentence
    assert "too few to rule out chance (at least 6 are needed)" in found.sentence


def test_too_few_cases_still_say_that_fine_tuning_made_it_worse():
    found = said(rows("direct", spread(0.8, 4, 1)), rows("open", spread(0.3, 4, 2)))
    assert found.kind == "too few cases"
    assert found.sentence.startswith("Fine-tuning made it worse")


def test_choosing_the_best_of_many_strategies_asks_for_stronger_evidence():
    base = spread(0.5, 6, 1)
    better = [rows(f"open-{n}", [d + 0.1 + n / 100 for d in base]) for n in range(3)]
    assert said(rows("direct", base), better[0]).kind == "better"
    found = said(rows("direct", base), *better)
    assert found.kind == "too few cases"
    assert "at least 7 are needed" in found.sentence


def test_a_strategy_that_harmed_and_one_that_ties_are_named_beside_the_winner():
    base, good = spread(0.5, 10, 1), spread(0.8, 10, 2)
    found = said(
        rows("direct", base),
        rows("open", good),
        rows("hybrid", [d - 0.002 for d in good]),
        rows("scratch", spread(0.2, 10, 3)),
    )
    assert found.kind == "better"
    assert "`hybrid` (0.80) is not clearly behind it" in found.sentence
    assert "`scratch` came out worse than the source model" in found.sentence


def test_without_the_source_model_the_winner_is_compared_with_the_runner_up():
    found = said(rows("open", spread(0.8, 8, 1)), rows("scratch", spread(0.5, 8, 2)))
    assert found.kind == "better"
    assert "`scratch`" in found.sentence
    assert "whether fine-tuning helped is not known" in found.sentence


def test_one_strategy_or_no_scores_is_no_comparison():
    assert said(rows("open", [0.7, 0.8])).kind == "one strategy"
    assert said().kind == "no scores"
    assert said(rows("open", [None, None])).kind == "no scores"


def test_misses_are_counted_and_said_and_weigh_on_the_means():
    missed = ScoreRow("case-8", 1, "bone", scores(0.0, 300.0, True), "open", "0")
    summary = summarise([*rows("direct", spread(0.1, 9, 1)), *rows("open", spread(0.8, 8, 2)), missed])
    overall = summary.out_of_fold.strategy("open").overall
    assert (overall.misses, overall.cases) == (1, 9)
    assert overall.metrics["hd95_mm"].mean == pytest.approx((8 * 2 + 300) / 9)
    assert "1 structure missed" in summary.verdict.sentence


def test_the_mean_over_labels_is_taken_case_by_case_without_what_is_not_applicable():
    table = [*rows("open", [0.2, 0.4], label=1, name="air"), *rows("open", [0.6, None], label=2, name="bone")]
    labels = summarise(table).out_of_fold.strategy("open").labels
    assert [label.label_name for label in labels] == ["air", "bone", MEAN_OVER_LABELS]
    assert labels[1].metrics["dice"].n == 1
    assert labels[2].metrics["dice"].mean == pytest.approx((0.4 + 0.4) / 2)


def test_test_cases_are_summarised_apart_and_do_not_touch_the_comparison():
    table = [*rows("direct", [0.5] * 8), *rows("open", [0.8] * 8), *rows("open", [0.1] * 3, fold="test")]
    summary = summarise(table)
    assert summary.out_of_fold.strategy("open").overall.metrics["dice"].mean == pytest.approx(0.8)
    assert [s.strategy for s in summary.test.strategies] == ["open"]
    assert summary.test.cases == 3
    only_test = summarise([*rows("direct", [0.5] * 8, fold="test"), *rows("open", [0.8] * 8, fold="test")])
    assert only_test.out_of_fold is None
    assert only_test.verdict.kind == "better"


def test_a_lower_distance_counts_as_better_in_the_paired_difference():
    table = [
        ScoreRow(f"c{n}", 1, "a", scores(0.5, hd), s, "0")
        for s, hd in (("direct", 9.0), ("open", 2.0))
        for n in range(6)
    ]
    paired = summarise(table).out_of_fold.strategy("open").overall.against_baseline["hd95_mm"]
    assert (paired.mean, paired.better, paired.worse) == (-7.0, 6, 0)


def test_scores_json_holds_the_numbers_and_the_sentence(tmp_path):
    summary = summarise([*rows("direct", [0.5] * 8), *rows("open", [0.8, 0.7] * 4)])
    write_summary(tmp_path / "scores.json", summary)
    data = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert data["verdict"]["kind"] == "better"
    opened = data["out_of_fold"]["strategies"][1]
    assert opened["strategy"] == "open"
    assert opened["labels"][0]["metrics"]["dice"]["n"] == 8
    assert opened["labels"][0]["against_baseline"]["dice"]["better"] == 8
    assert opened["labels"][0]["against_best"] is None


def test_an_interval_has_the_decimals_that_tell_its_bounds_apart():
    assert "(95 % interval 0.141 to 0.143)" in said(rows("open", [0.141, 0.142, 0.142, 0.143])).sentence


def test_a_training_from_scratch_asks_for_no_other_strategy():
    assert "no other strategy" in said(rows("open", [0.7, 0.8])).sentence
    assert "no other strategy" not in said(rows("scratch", [0.7, 0.8])).sentence
