"""Which rows of a study are what in Karimi 2021: random initialisation (R.I.) and transfer learning (T.L.) for a target."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.studies.claims import Sample
from TransferSegLib.studies.entries import by_network, label_of_interest, with_most_cases
from TransferSegLib.studies.papers.karimi2021.grid import (
    CENTERS,
    DICE,
    MAIN,
    NETWORKS,
    NO_SOURCE,
    OPEN,
    POOR_CENTER,
    SCRATCH,
)
from TransferSegLib.studies.results import Results, lesion_column

RI, TL = "R.I.", "T.L."
F1 = "lesion-f1"
TSC = (*CENTERS, POOR_CENTER)


def of_target(results: Results, target: str | Sequence[str]) -> Results:
    """The rows that a target is scored by: of its lesion, or its only label; else of all its labels."""
    some = results.where(target=target)
    label = label_of_interest(some)
    return some if label is None else some.where(label=label)


def networks(results: Results) -> dict[str, str]:
    """The networks that tables have rows of: name → title. Those of a person's models come after the paper's."""
    tuned = by_network(results.where(strategy=OPEN))
    return {**NETWORKS, **{name: name for name in tuned if name not in NETWORKS}}


def main_network(results: Results, target: str | Sequence[str], source: str | Sequence[str]) -> str:
    """The network that claims and figures are about: that of figure 1, or that of a person's model in place of it.

    Args:
        results: The rows.
        target: The target.
        source: What the trainings begin from that are compared with those from scratch.
    """
    trained = by_network(results.where(target=target, source=source))
    return MAIN if MAIN in trained else next(iter(trained), MAIN)


def from_scratch(
    results: Results,
    target: str | Sequence[str],
    network: str | None = None,
    beside: str | Sequence[str] = NO_SOURCE,
) -> Results:
    """Random initialisation.

    Args:
        results: The rows.
        target: The target.
        network: The network; None for the main one.
        beside: The source of the trainings that it is compared with: the main network is theirs.
    """
    named = network or main_network(results, target, beside)
    return by_network(of_target(results, target).where(strategy=SCRATCH)).get(named, Results(()))


def transferred(
    results: Results,
    target: str | Sequence[str],
    source: str | Sequence[str],
    network: str | None = None,
    strategy: str = OPEN,
) -> Results:
    """Transfer learning from a source, or from several, averaged; of the main network where none is named."""
    some = of_target(results, target).where(strategy=strategy, source=source)
    return by_network(some).get(network or main_network(results, target, source), Results(()))


def with_all(results: Results) -> Results:
    """The rows of the trainings with all cases."""
    return with_most_cases(results)


def values(results: Results, metric: str) -> dict[str, float]:
    """The score of each case; cases of several targets may have one name.

    Args:
        results: The rows.
        metric: The name of a metric, or `F1`.
    """
    several = len(results.levels("target")) > 1
    found = {}
    for (target, case), rows in results.groups(("target", "case")).items():
        value = lesion_f1(rows) if metric == F1 else rows.mean(metric)
        if value is not None:
            found[f"{target} {case}" if several else str(case)] = value
    return found


def lesion_f1(results: Results) -> float | None:
    """The F1 of the numbers of lesions, of the rows together: 2 found / (2 found + missed + false alarms).

    It is None where there is no lesion and no false alarm.
    """
    total, found, false = (
        sum(results.values(lesion_column(kind, 0.0, 0.0))) for kind in ("lesions", "detected", "false_alarms")
    )
    return 2 * found / (total + found + false) if total + false else None


def sample(results: Results, name: str, metric: str = DICE) -> Sample:
    """The score of each case for a claim."""
    return Sample(name, values(results, metric), metric == F1 or METRICS[metric].perfect == 1.0)
