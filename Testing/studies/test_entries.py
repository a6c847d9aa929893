import pytest
from made_results import made_results, made_rows

from TransferSegLib.studies.entries import (
    entries,
    fold_rows,
    labels_of,
    metric_columns,
    per_run,
    sample,
    seconds_to_convergence,
)

METRICS = ("precision", "dice")


def test_labels_come_in_the_order_of_the_paper_whatever_their_capitals_then_the_others():
    results = made_results(made_rows({"strategy": "open"}, {"air": [0.1], "lesion": [0.1], "Bone": [0.1]}))
    assert labels_of(results, ("bone", "soft tissue", "air")) == ("Bone", "air", "lesion")


def test_columns_are_grouped_by_label_only_where_there_are_several():
    two = metric_columns(METRICS, ("bone", "air"), spread="sd")
    assert [(c.group, c.title, c.better) for c in two[:2]] == [("Bone", "PRE", "higher"), ("Bone", "DSC", "higher")]
    assert [c.group for c in metric_columns(METRICS, ("lesion",))] == ["", ""]
    assert metric_columns(("hd95_mm",), ("lesion",), digits=2)[0].better == "lower"


def test_a_case_that_was_scored_in_two_seeds_counts_once_with_its_mean():
    results = made_results(
        made_rows({"strategy": "open", "seed": 0}, {"bone": [0.2, 0.8]}),
        made_rows({"strategy": "open", "seed": 1}, {"bone": [0.4, 0.8]}),
    )
    (found,) = entries(results, ("dice",), ("bone",))
    assert found.values == pytest.approx({"case-0": 0.3, "case-1": 0.8}) and found.mean == pytest.approx(0.55)


def test_each_fold_has_a_row_and_the_average_is_that_of_all_their_cases():
    # Mecheter 2023, Table 3: the Dice of bone in the folds of open fine tuning and their average.
    folds = [
        made_rows({"strategy": "open", "fold": n}, {"bone": [dice]}, first_case=n)
        for n, dice in enumerate((0.5447, 0.5081, 0.4937))
    ]
    rows = fold_rows(made_results(*folds), "Open fine tuning", ("dice",), ("bone",))
    assert [(row.heads[0], row.kind, round(row.entries[0].mean, 4)) for row in rows] == [
        ("Open fine tuning (fold = 1)", "fold", 0.5447),
        ("Open fine tuning (fold = 2)", "fold", 0.5081),
        ("Open fine tuning (fold = 3)", "fold", 0.4937),
        ("Open fine tuning (avg)", "average", 0.5155),
    ]


def test_without_folds_there_is_one_row_and_without_results_none():
    results = made_results(made_rows({"strategy": "direct"}, {"bone": [0.4]}))
    assert [(row.heads[0], row.kind) for row in fold_rows(results, "As it is", ("dice",), ("bone",))] == [
        ("As it is", "plain")
    ]
    assert fold_rows(results.where(strategy="open"), "Open", ("dice",), ("bone",)) == []


def test_the_sample_of_all_labels_is_their_mean_in_each_case():
    results = made_results(made_rows({"strategy": "open"}, {"bone": [0.2, None], "air": [0.6, 0.8]}))
    assert sample(results, "open", "dice").values == pytest.approx({"case-0": 0.4, "case-1": 0.8})
    assert sample(results, "open", "dice", "bone").values == {"case-0": 0.2}


def test_the_time_to_convergence_is_the_step_of_it_times_the_seconds_of_a_step_run_by_run():
    results = made_results(
        made_rows(
            {"strategy": "open", "fold": 0}, {"a": [0.1], "b": [0.1]}, training={"converged_step": 40, "step_s": 0.5}
        ),
        made_rows({"strategy": "open", "fold": 1}, {"a": [0.1]}, training={"converged_step": 10, "step_s": 0.25}),
        made_rows({"strategy": "open", "fold": 2}, {"a": [0.1]}, training={"step_s": 0.25}),
    )
    assert sorted(seconds_to_convergence(results, "open").values.values()) == [2.5, 20.0]
    assert sorted(per_run(results, "step_s", "open").values.values()) == [0.25, 0.25, 0.5]
