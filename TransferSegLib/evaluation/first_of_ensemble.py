"""That a source model which is an ensemble is measured as its first model alone."""

from __future__ import annotations

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.problems import Problem


def about_first_of_ensemble(source: ModelCard) -> list[Problem]:
    """Say that what is measured of a source model is of the first of its models; nothing of one that is no ensemble."""
    if not source.members:
        return []
    return [
        Problem(
            "first-of-ensemble",
            "The source model is an ensemble of {count} models. What was measured of it is of the first alone, which a job "
            "begins from; used by itself, the source model averages all.",
            {"count": 1 + len(source.members)},
            "note",
        )
    ]
