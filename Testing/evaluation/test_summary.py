import json

import numpy as np
import pytest
from made_scores import made_scores

from TransferSegLib.core.card import MEAN_OVER_LABELS
from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import Summary, summarise, summary_json

FOUND = made_scores(0.8, 0.7, 0.8, 0.8, 2.0, 3.0, 0.5, 0.9, 10.0, 11.0)


def scores(dice, hd95=2.0, missed=False):
    if dice is None:
        return made_scores(None, None, None, None, None, None, None, None, 0.0, 0.0)
    if dice == "false alarm":
        return made_scores(0.0, 0.0, 0.0, None, 90.0, 90.0, 90.0, 0.0, 0.0, 3.0, missed=True)
    return made_scores(dice, dice / (2 - dice), dice, dice, hd95, hd95, hd95 / 4, dice, 10.0, 11.0, missed=missed)


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
    assert "too few to rule out chance (at least 6 are needed where 2 strategies are compared)" in found.sentence


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
    assert "at least 7 are needed where 4 strategies are compared" in found.sentence


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


def test_scores_json_holds_the_numbers_and_the_sentence():
    summary = summarise([*rows("direct", [0.5] * 8), *rows("open", [0.8, 0.7] * 4)])
    data = json.loads(json.dumps(summary_json(summary), allow_nan=False))
    assert from_json(Summary, data, "scores.json") == summary
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


def two(strategy, shell, core):
    return [*rows(strategy, shell, name="shell"), *rows(strategy, core, label=2, name="core")]


def test_a_source_model_that_has_none_of_the_labels_is_not_compared_with():
    table = [*two("direct", [0.0] * 8, [0.0] * 8), *two("open", [0.4] * 8, [0.3] * 8)]
    summary = summarise(table, unknown_to_source=[1, 2])
    assert summary.verdict.kind == "one strategy"
    assert summary.verdict.sentence == (
        "`open` reaches a mean Dice of 0.35 (95 % interval 0.350 to 0.350) in 8 cases; the source model knows none of these "
        "2 labels (shell, core), so there is nothing to compare with."
    )
    assert summary.out_of_fold.baseline is None
    assert summary.out_of_fold.unknown_to_source == ("shell", "core")
    assert all(label.against_baseline is None for label in summary.out_of_fold.strategy("open").labels)
    more = summarise([*table, *two("scratch", [0.2] * 8, [0.2] * 8)], unknown_to_source=[1, 2]).verdict
    assert more.kind == "better"
    assert "0.35 against 0.20 of `scratch`" in more.sentence
    assert "the source model knows none of these 2 labels" in more.sentence
    assert "was not run" not in more.sentence


def test_a_verdict_of_117_labels_names_six_and_says_how_many():
    table = [row for n in range(1, 118) for row in rows("open", [0.0] * 3, label=n, name=f"organ {n}")]
    sentence = summarise(table, unknown_to_source=range(1, 118)).verdict.sentence
    names = ", ".join(f"`organ {n}`" for n in range(1, 7))
    assert f"but 117 labels ({names}, …) are missed or misplaced in every case" in sentence
    assert "organ 7" not in sentence


def test_a_source_model_that_has_some_labels_is_compared_with_on_those():
    table = [*two("direct", [0.6] * 8, [0.0] * 8), *two("open", spread(0.7, 8, 1), [0.5] * 8)]
    summary = summarise(table, unknown_to_source=[2])
    assert summary.verdict.kind == "better"
    assert summary.verdict.sentence.startswith(
        "`open` has the highest mean Dice, 0.60; on `shell`, the label that the source model knows, 0.70 against 0.60 of the "
        "source model as it is (+0.1"
    )
    shell, core, mean = summary.out_of_fold.strategy("open").labels
    assert shell.against_baseline["dice"].mean == pytest.approx(0.1, abs=0.02)
    assert core.against_baseline is mean.against_baseline is None
    assert summary.out_of_fold.strategy("open").shared.against_baseline == shell.against_baseline


def test_a_winner_that_lost_what_the_source_model_knew_made_that_worse():
    table = [*two("direct", spread(0.8, 8, 1), [0.0] * 8), *two("open", spread(0.5, 8, 2), [0.6] * 8)]
    found = summarise(table, unknown_to_source=[2]).verdict
    assert found.kind == "worse"
    assert "8 of 8 cases worse" in found.sentence
    assert "there fine-tuning made it worse, and that is more than chance" in found.sentence
    assert "came out worse" not in found.sentence


def test_a_source_model_that_stays_best_with_fewer_labels_is_compared_on_those():
    table = [*two("direct", spread(0.8, 8, 1), [0.0] * 8), *two("open", spread(0.3, 8, 2), [0.2] * 8)]
    found = summarise(table, unknown_to_source=[2]).verdict
    assert found.kind == "worse"
    assert (
        "worse: on `shell`, the label that the source model knows, the source model as it is has the" in found.sentence
    )
    assert "0.80 against 0.30 of `open`" in found.sentence


def test_a_label_that_the_winner_finds_in_no_case_is_said():
    found = said(two("direct", [0.1] * 8, [0.0] * 8), two("open", [0.6] * 8, [0.0, 0.009] * 4))
    assert found.sentence.endswith("; but `core` is missed or misplaced in every case.")
    assert "not found" not in said(two("open", [0.6] * 8, [0.0] * 7 + [0.01])).sentence
    alone = said(two("open", [0.0] * 3, [0.0] * 3)).sentence
    assert alone.endswith("; but `shell` and `core` are missed or misplaced in every case.")


def test_what_is_nowhere_and_was_found_somewhere_is_no_label_that_was_not_found():
    nowhere = made_scores(0.0, 0.0, 0.0, None, 9.0, 9.0, 9.0, 0.0, 0.0, 1.0, missed=True)
    table = [*rows("open", [0.7]), ScoreRow("case-0", 2, "core", nowhere, "open", "0")]
    assert "not found" not in said(table).sentence


def test_a_strategy_that_removes_false_alarms_is_better_by_as_much_as_its_means_say():
    table = [*rows("direct", [0.80] * 7 + ["false alarm"] * 7), *rows("open", [0.81] * 7 + [None] * 7)]
    summary = summarise(table)
    assert summary.verdict.kind == "better"
    # (7 * 0.81 + 7 * 1) / 14 against (7 * 0.80 + 7 * 0) / 14
    assert "0.91 against 0.40 of the source model as it is (+0.51, " in summary.verdict.sentence
    assert "14 of 14 cases better; in 7 cases only one of the two rightly found nothing" in summary.verdict.sentence
    tuned = summary.out_of_fold.strategy("open")
    dice, hd95 = tuned.overall.against_baseline["dice"], tuned.overall.against_baseline["hd95_mm"]
    assert (dice.n, dice.better, dice.nothing_found) == (14, 14, 7)
    assert (dice.first, dice.second) == pytest.approx((0.905, 0.4))
    assert (hd95.n, hd95.mean) == (14, pytest.approx(-45))
    assert (tuned.overall.metrics["dice"].n, tuned.overall.metrics["dice"].mean) == (7, pytest.approx(0.81))


def test_a_case_that_fine_tuning_spoiled_counts_in_who_is_best():
    table = [*rows("direct", [0.60] * 7 + [None]), *rows("open", [0.70] * 7 + ["false alarm"])]
    summary = summarise(table)
    # 0.61 against 0.60 over the cases that each has a Dice in, 5.2 / 8 against 4.9 / 8 over the same
    assert summary.out_of_fold.best == "direct"
    assert "0.65 against 0.61 of `open`, the best of the others (−0.04, " in summary.verdict.sentence
    assert "1 of 8 cases worse; in 1 case only one of the two rightly found nothing" in summary.verdict.sentence
    assert summary.verdict.kind == "no clear difference"


def test_without_the_source_model_false_alarms_count_as_well():
    found = said(rows("scratch", [0.5] * 6 + ["false alarm"]), rows("open", [0.6] * 6 + [None]))
    assert "0.66 against 0.43 of `scratch` (+0.23, " in found.sentence


def test_a_case_in_which_neither_found_anything_is_no_pair_although_a_third_did():
    table = [*rows("direct", [0.5, None]), *rows("open", [0.6, None]), *rows("scratch", [0.4, "false alarm"])]
    comparison = summarise(table).out_of_fold
    dice = comparison.strategy("open").overall.against_baseline["dice"]
    assert (dice.n, dice.nothing_found, dice.first, dice.second) == (1, 0, 0.6, 0.5)
    assert [s.rank_dice for s in comparison.strategies] == pytest.approx([0.75, 0.8, 0.2])


def test_a_label_that_only_one_found_falsely_counts_in_the_mean_over_labels_of_that_case():
    table = [*two("direct", [0.8], ["false alarm"]), *two("open", [0.8], [None])]
    dice = summarise(table).out_of_fold.strategy("open").overall.against_baseline["dice"]
    assert (dice.first, dice.second) == pytest.approx(((0.8 + 1) / 2, (0.8 + 0) / 2))


def test_a_strategy_that_rightly_found_nothing_anywhere_is_best():
    found = said(rows("direct", ["false alarm"] * 7), rows("open", [None] * 7))
    assert found.kind == "better"
    assert found.sentence.startswith("`open` has the highest mean Dice, 1.00 against 0.00 of the source model as it is")


def test_a_case_that_only_one_strategy_was_scored_in_is_no_pair():
    table = [*rows("direct", [0.5] * 2), *rows("open", [0.6] * 2 + [None]), *rows("open", [0.6] * 2, label=2)]
    assert summarise(table).out_of_fold.strategy("open").labels[0].against_baseline["dice"].n == 2


def test_scores_without_the_newer_fields_are_still_read():
    data = summary_json(summarise([*rows("direct", [0.5] * 8), *rows("open", [0.8] * 8)]))
    comparison = data["out_of_fold"]
    del comparison["unknown_to_source"]
    for strategy in comparison["strategies"]:
        del strategy["shared"], strategy["rank_dice"]
        for label in strategy["labels"]:
            del label["found"]
            for paired in (label["against_baseline"] or {}).values():
                del paired["first"], paired["second"], paired["nothing_found"]
    del data["verdict"]["problem"]
    read = from_json(Summary, data, "scores.json")
    assert read.out_of_fold.unknown_to_source == ()
    assert read.verdict.sentence.startswith("`open` has the highest mean Dice")
