"""The tables and figures of a study of no paper, and the lines that say what it came to."""

from __future__ import annotations

from made_results import made_results, made_rows

from TransferSegLib.studies.entries import by_size, with_most_cases
from TransferSegLib.studies.general import draw_scores, score_table, varied, way_name
from TransferSegLib.studies.summary import score_lines, score_text

AS_IT_IS = made_rows({"strategy": "direct"}, {"bone": [0.2, 0.4]}, missed=[1, 0])
FEW = made_rows({"strategy": "open", "size": 2}, {"bone": [0.5, 0.7]}, missed=[0, 0])
MANY = made_rows({"strategy": "open", "size": 8}, {"bone": [0.7, 0.9]}, missed=[0, 0])


def test_a_model_that_is_not_trained_is_a_level_line_over_the_numbers_of_cases():
    figure = draw_scores(made_results(AS_IT_IS, FEW, MANY))
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "8"]
    level, trained = (line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1)
    assert [round(value, 6) for value in level.get_ydata()] == [0.3, 0.3] and list(level.get_xdata()) == [
        0,
        1,
    ]  # from side to side
    assert [round(value, 6) for value in trained.get_ydata()] == [0.6, 0.8]


def test_a_dice_near_zero_does_not_stretch_the_scale():
    nothing = made_rows({"strategy": "open", "size": 2}, {"bone": [0.001, 0.0]})
    (axes,) = draw_scores(made_results(AS_IT_IS, nothing, MANY)).axes
    assert axes.get_yscale() == "linear" and axes.get_ylim() == (0.0, 1.0)


def test_a_table_says_that_it_was_trained_on_no_case_and_no_size_varies_because_of_it():
    rows = score_table(made_results(AS_IT_IS, FEW, MANY), "dice").rows
    assert [set(row.heads) for row in rows] == [{"direct", "0"}, {"open", "2"}, {"open", "8"}]
    assert varied(made_results(AS_IT_IS, FEW)) == ("strategy",)


def test_it_belongs_to_every_number_of_cases_and_to_none_of_its_own():
    results = made_results(AS_IT_IS, FEW, MANY)
    assert with_most_cases(results).levels("size") == (0, 8)
    assert [one.title for one in by_size(results)] == ["2", "8"]
    assert by_size(made_results(AS_IT_IS)) == []


def test_the_lines_at_the_end_have_mean_spread_and_what_was_missed_the_best_first():
    first, *lines = score_text(made_results(AS_IT_IS, FEW, MANY)).splitlines()
    assert first == "Dice on the test cases, mean ± standard deviation over cases:"
    assert lines == [
        "  open, size 8  0.800 ± 0.141  (2 cases)",
        "  open, size 2  0.600 ± 0.141  (2 cases)",
        "  direct        0.300 ± 0.141  (2 cases, 1 missed)",
    ]
    assert score_text(made_results()) == ""


def test_a_factor_with_many_levels_is_averaged_and_of_many_strategies_the_best_are_shown():
    sizes = [made_rows({"strategy": "open", "size": n}, {"bone": [0.5]}) for n in range(1, 12)]
    (line,) = score_lines(made_results(*sizes))
    assert line.levels == {"strategy": "open"} and line.missed is None
    many = [made_rows({"strategy": f"conservative:layers={n}"}, {"bone": [n / 100]}) for n in range(20)]
    text = score_text(made_results(*many)).splitlines()
    assert len(text) == 10 and "layers=19" in text[1] and text[-1] == "  and 12 more, which score lower"


def test_strategies_of_other_sizes_are_compared_with_the_most_cases():
    rows = [
        made_rows({"target": target, "strategy": strategy, "size": size}, {"bone": [dice]})
        for target in "ab"
        for strategy, size, dice in (("open", 2, 0.1), ("open", 50, 0.9), ("conservative", 50, 0.8))
    ]
    found = score_lines(made_results(*rows))
    assert (
        sorted((line.levels["strategy"], line.mean) for line in found)
        == [("conservative", 0.8)] * 2 + [("open", 0.9)] * 2
    )
    assert score_text(made_results(*rows)).count("(1 case; trained on 50)") == 4


def test_what_changes_no_result_or_follows_from_the_strategy_is_no_column():
    network = "monai-unet:channels=8-16"
    own = {"strategy": "open", "source": "heads", "network": network, "snapshots": 8, "size": 2}
    scratch = {"strategy": "scratch", "source": "none", "network": "dynunet", "snapshots": None, "size": 4}
    results = made_results(made_rows(own, {"bone": [0.5]}), made_rows(scratch, {"bone": [0.5]}))
    table = score_table(results, "dice")
    found = [dict(zip(table.heads, row.heads, strict=True)) for row in table.rows]
    assert found == [
        {"Strategy": "open", "Network": "monai-unet", "Size": "2"},
        {"Strategy": "scratch", "Network": "dynunet", "Size": "4"},
    ]


def test_a_way_of_training_is_named_by_levels_that_say_what_they_are():
    assert way_name(("strategy", "network", "size"), ("open", "a:b=1", 4), {"a:b=1": "a"}) == "open, a, size 4"
    assert way_name(("strategy", "size", "recipe"), ("direct", 0, None), {}) == "direct"


def test_targets_are_told_apart_before_anything_else():
    rows = [
        made_rows({"target": target, "size": size, "strategy": "open"}, {"bone": [0.5]})
        for target in "ab"
        for size in (2, 4)
    ]
    assert [line.levels for line in score_lines(made_results(*rows))] == [
        {"strategy": "open", "target": "a"},
        {"strategy": "open", "target": "b"},
    ]
