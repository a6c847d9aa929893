"""Which rows of a study are what in Hossain 2023: the lesion, with and without augmentation, few and many cases."""

from __future__ import annotations

from TransferSegLib.studies.claims import Sample
from TransferSegLib.studies.entries import of_label, sample
from TransferSegLib.studies.papers.hossain2023.grid import WITHOUT
from TransferSegLib.studies.results import Results


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
