"""Which rows of a study are what in Hossain 2023: the lesion, with and without augmentation, few and many cases."""

from __future__ import annotations

from TransferSegLib.studies.claims import Sample
from TransferSegLib.studies.entries import sample
from TransferSegLib.studies.papers.hossain2023.grid import WITHOUT
from TransferSegLib.studies.results import Results


def label_of_interest(results: Results) -> str | None:
    """The label that is a lesion by its name, or the only one there is; None for the mean over all labels."""
    labels = [str(label) for label in results.levels("label")]
    lesions = [label for label in labels if "lesion" in label.casefold() or "stroke" in label.casefold()]
    if len(lesions) == 1:
        return lesions[0]
    return labels[0] if len(labels) == 1 else None


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


def score(results: Results, name: str, metric: str, *, augmented: bool | None = None, **columns: object) -> Sample:
    """The score of each case.

    Args:
        results: The rows of a study.
        name: What it is called in a sentence.
        metric: The name of the metric.
        augmented: With or without augmentation; None for both, averaged.
        columns: As `Results.where`.
    """
    rows = of_label(results).where(**columns)
    if augmented is not None:
        rows = Results(tuple(row for row in rows if (row["augment"] != WITHOUT) == augmented))
    return sample(rows, name, metric)
