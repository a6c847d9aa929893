"""Which model a job has made, and whether it is worse than its source: what a person must know before they use it."""

from __future__ import annotations

from dataclasses import dataclass

from slicer.i18n import tr as _

from TransferSegGui.results import SOURCE, Results
from TransferSegGui.words import problem_text, strategy_words
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.against_source import AgainstSource
from TransferSegLib.evaluation.statistics import Paired
from TransferSegLib.evaluation.summary import kept_below_source
from TransferSegLib.jobs.source_offer import source_of_job, stored_scored_otherwise, told_after_verdict
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.origin import Origin


@dataclass(frozen=True)
class BelowSource:
    """What is said and offered where the model that a job kept is below its source model.

    Attributes:
        against: By how much it is below.
        origin: The source model, or that it is gone.
        otherwise: That the source model was scored otherwise than it segments by itself; None where it was not.
    """

    against: AgainstSource
    origin: Origin | None
    otherwise: Problem | None = None

    @property
    def source(self) -> SourceFolder | None:
        """The source model that is offered; None where it is not on this computer."""
        return None if self.origin is None else self.origin.source

    @property
    def is_listed(self) -> bool:
        """Whether the source model has a name in the list of models, so that it need not be saved."""
        return self.source is not None and self.origin is not None and self.origin.name == self.source.card.name

    @property
    def text(self) -> str:
        """The sentences that come before the verdict: by how much it is below, and what the source model offers instead."""
        offer = () if self.origin is None else (self.origin.problem, self.otherwise)
        return " ".join(problem_text(one) for one in (self.against.problem, *offer) if one is not None)


def below_source(results: Results) -> BelowSource | None:
    """Say by how much the kept model is below its source model, and find that one; None where it is not below."""
    against = kept_below_source(results.summary, results.kept)
    if against is None:
        return None
    origin = source_of_job(results.job, results.card)
    return BelowSource(against, origin, stored_scored_otherwise(results.job))


def after_verdict(results: Results) -> str:
    """What is said after the verdict: that the source model was scored otherwise than it segments by itself, or ""."""
    against = kept_below_source(results.summary, results.kept)
    told = told_after_verdict(results.job, None if against is None else against.problem, notes=True)
    return " ".join(map(problem_text, told))


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
    against = kept_below_source(results.summary, results.kept)
    if against is not None and against.kind == "worse":
        return _("It is worse than the source model: {scores}.").format(scores=scores)
    if against is not None and against.kind == "seems worse":
        return _("It seems worse than the source model: {scores}.").format(scores=scores)
    return _("It is no better than the source model: {scores}.").format(scores=scores)


def _difference(results: Results) -> Paired | None:
    """The kept model's scores minus the source model's, on the labels that both have; None where there are none."""
    found = results.comparison.strategies if results.comparison else ()
    kept = next((strategy for strategy in found if strategy.strategy == results.kept), None)
    return (kept.comparable.against_baseline or {}).get(results.metric.name) if kept else None
