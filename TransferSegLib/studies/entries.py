"""From the rows of a study to the numbers of tables, figures and claims: how folds, draws and seeds are averaged.

A case is the unit: its value is the mean over the folds, draws and seeds in which it was scored. Voxels of one case are not
independent, and neither are the trainings that share a test case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.studies.claims import Sample
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Column, Entry, Row, Spread

# What papers write over their columns.
SHORT_TITLES: Mapping[str, str] = {
    "precision": "PRE",
    "recall": "REC",
    "dice": "DSC",
    "jaccard": "JSC",
    "hd95_mm": "HD95 (mm)",
    "assd_mm": "ASSD (mm)",
}


def labels_of(results: Results, in_order: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the labels: those of the paper in its order, then the others as they come.

    Args:
        results: The rows.
        in_order: The paper's names, compared without regard to capitals.
    """
    found = list(results.levels("label"))
    ranks = {name.casefold(): rank for rank, name in enumerate(in_order)}
    return tuple(sorted(found, key=lambda name: ranks.get(str(name).casefold(), len(ranks))))


def metric_columns(
    metrics: Sequence[str],
    labels: Sequence[str],
    *,
    spread: Spread = "",
    digits: int | None = None,
    titles: Mapping[str, str] = SHORT_TITLES,
) -> tuple[Column, ...]:
    """A column for each label and metric, grouped by label; one label needs no group.

    Args:
        metrics: The names of the metrics.
        labels: The names of the labels.
        spread: What follows a mean (see `Column`).
        digits: Digits of all columns; None for each metric's own in reports.
        titles: Name of a metric → what stands over its column.
    """
    found = []
    for label in labels:
        for name in metrics:
            metric = METRICS[name]
            own = metric.digits if digits is None else digits
            group = capitalised(label) if len(labels) > 1 else ""
            title = titles.get(name, metric.heading())
            found.append(Column(title, group, own, metric.direction, spread))
    return tuple(found)


def entries(results: Results, metrics: Sequence[str], labels: Sequence[str]) -> tuple[Entry, ...]:
    """The numbers of `metric_columns`."""
    return tuple(Entry.of(results.where(label=label).per_case(name)) for label in labels for name in metrics)


def fold_rows(results: Results, title: str, metrics: Sequence[str], labels: Sequence[str]) -> list[Row]:
    """A row for each fold and one for their average, or one row alone where there are no folds.

    The average is over all cases. Where all folds have as many cases, it is the mean of the folds' rows, as in Mecheter
    2023.

    Args:
        results: The rows of one way of training.
        title: What it is called.
        metrics: The names of the metrics.
        labels: The names of the labels.
    """
    by, folds = repetition(results)
    average = entries(results, metrics, labels)
    if len(folds) < 2:
        return [Row((title,), average)] if len(results) else []
    rows = [
        Row((f"{title} ({by} = {number})",), entries(results.where(**{by: fold}), metrics, labels), "fold")
        for number, fold in enumerate(folds, start=1)
    ]
    return [*rows, Row((f"{title} (avg)",), average, "average")]


def with_most_cases(results: Results) -> Results:
    """The rows of the trainings with all cases there are: in each fold those with the most training cases.

    Those of models that are not trained belong to every number of cases, so they stay.
    """
    most: dict[tuple[object, object], int] = {}
    for row in results:
        place = (row["target"], row["fold"])
        most[place] = max(most.get(place, 0), row["size"] or 0)
    return Results(tuple(row for row in results if not row["size"] or row["size"] == most[row["target"], row["fold"]]))


@dataclass(frozen=True)
class OfSize:
    """The rows of the trainings with one number of cases.

    Attributes:
        cases: How many; the mean where folds differ.
        title: It in words: `4`, or `7–8`.
        rows: The rows.
    """

    cases: float
    title: str
    rows: Results


def by_size(results: Results) -> list[OfSize]:
    """The rows by the number of training cases, fewest first; the last are those with all, also where folds differ in it.

    Rows of models that are not trained are left out.
    """
    results = Results(tuple(row for row in results if row["size"]))
    most = with_most_cases(results)
    all_cells = {row.cell for row in most}
    fewer = Results(tuple(row for row in results if row.cell not in all_cells))
    found = [OfSize(size, str(size), fewer.where(size=size)) for size in fewer.levels("size")]
    if sizes := most.levels("size"):
        found.append(OfSize(most.mean("size"), "–".join(map(str, dict.fromkeys((sizes[0], sizes[-1])))), most))
    return found


def label_named(results: Results, name: str) -> str | None:
    """The label of this name as the results have it, whatever its capitals; None where they have none."""
    return next((label for label in results.levels("label") if str(label).casefold() == name.casefold()), None)


def label_of_interest(results: Results) -> str | None:
    """The label that is a lesion by its name, or the only one there is; None for the mean over all labels."""
    return label_by_name([str(label) for label in results.levels("label")])


def label_by_name(labels: Sequence[str]) -> str | None:
    """The label that is a lesion by its name, or the only one there is; None where no label is either.

    Args:
        labels: The names of all labels.
    """
    lesions = lesion_labels(labels)
    if len(lesions) == 1:
        return lesions[0]
    return labels[0] if len(labels) == 1 else None


def lesion_labels(labels: Iterable[str]) -> list[str]:
    """The labels that are lesions by their names."""
    return [label for label in labels if "lesion" in label.casefold() or "stroke" in label.casefold()]


def of_label(results: Results) -> Results:
    """The rows of that label."""
    label = label_of_interest(results)
    return results if label is None else results.where(label=label)


def by_network(results: Results) -> dict[str, Results]:
    """The rows by the name of the network, without its arguments."""
    found: dict[str, Results] = {}
    for network, rows in results.groups("network").items():
        name = str(network).split(":")[0]
        found[name] = Results((*found.get(name, Results(())), *rows))
    return found


def repetition(results: Results) -> tuple[str, tuple[int, ...]]:
    """What the rows repeat a training over: its folds, else its draws, else its seeds; the factor and its levels."""
    for factor in ("fold", "draw", "seed"):
        levels = results.levels(factor)
        if len(levels) > 1:
            return factor, levels
    return "fold", ()


def sample(results: Results, name: str, metric: str, label: str | None = None) -> Sample:
    """The score of each case.

    Args:
        results: The rows of one way of training.
        name: What it is called in a sentence.
        metric: The name of the metric.
        label: The name of the label; None for the mean over labels.
    """
    rows = results if label is None else results.where(label=label)
    return Sample(name, rows.per_case(metric), METRICS[metric].perfect == 1.0)


def per_run(results: Results, column: str, name: str) -> Sample:
    """What is known of each training, such as its seconds, by its fold, draw and seed: for comparing run with run.

    Args:
        results: The rows of one way of training.
        column: One of `TRAINING_COLUMNS`.
        name: What it is called in a sentence.
    """
    runs = results.per_cell().groups(("fold", "draw", "seed"))
    means = {f"fold {fold}, draw {draw}, seed {seed}": rows.mean(column) for (fold, draw, seed), rows in runs.items()}
    return Sample(name, {run: mean for run, mean in means.items() if mean is not None})


def seconds_to_convergence(results: Results, name: str) -> Sample:
    """Compute how many seconds each training took until it was within 0.5 % of its best validation Dice.

    Args:
        results: The rows of the study that count.
        name: What the sample is called in the table.

    Returns:
        Training → seconds: the step of convergence times the seconds of a step.
    """
    converged, step_s = per_run(results, "converged_step", name), per_run(results, "step_s", name)
    return Sample(
        name, {run: steps * step_s.values[run] for run, steps in converged.values.items() if run in step_s.values}
    )


def capitalised(text: str) -> str:
    """The text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]
