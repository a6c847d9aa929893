"""Which model a job has made, and whether it is worse than its source: what a person must know before they use it."""

from __future__ import annotations

from slicer.i18n import tr as _

from TransferSegGui.results import SOURCE, Results
from TransferSegGui.words import strategy_words
from TransferSegLib.evaluation.statistics import Paired
from TransferSegLib.evaluation.verdict import NEGLIGIBLE_DICE


def kept_model(results: Results) -> str:
    """Say which model is saved and applied, and that it is worse than the source model where the scores say so."""
    if results.kept == SOURCE:
        return _("The model of this job is the source model as it is.")
    made = results.summary.recommendation
    strategy = strategy_words(results.kept if made is None else made.chosen)
    which = _("The model of this job: {strategy}.").format(strategy=strategy)
    return " ".join(filter(None, (which, _against_source(results))))


def _against_source(results: Results) -> str:
    if results.summary.verdict.kind == "seen by the source":  # its own scores are too good, as the verdict says
        return ""
    difference = _difference(results)
    if difference is None or difference.mean is None:
        return _("It was not compared with the source model.")
    if difference.mean >= 0:
        return ""
    text = results.metric.text
    scores = _("{count} of {of} cases are worse").format(count=difference.worse, of=difference.n)
    if difference.first is not None and difference.second is not None:
        means = _("mean Dice {first} against {second}")
        scores = f"{means.format(first=text(difference.first), second=text(difference.second))}, {scores}"
    if difference.mean <= -NEGLIGIBLE_DICE:
        return _("It is worse than the source model: {scores}.").format(scores=scores)
    return _("It is no better than the source model: {scores}.").format(scores=scores)


def _difference(results: Results) -> Paired | None:
    """The kept model's scores minus the source model's, on the labels that both have; None where there are none."""
    found = results.comparison.strategies if results.comparison else ()
    kept = next((strategy for strategy in found if strategy.strategy == results.kept), None)
    return (kept.comparable.against_baseline or {}).get(results.metric.name) if kept else None
