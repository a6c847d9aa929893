"""What a job recommends, as its results have it, and what its rounds are called."""

from __future__ import annotations

from collections.abc import Mapping

from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

RECOMMENDATION = "recommendation"
# What the round of a trial is called in its name, among the options of its strategy.
ROUND = "round"
# The last round, in which training takes longest.
LAST_ROUND = 2
# Of a full training's steps, the share in each round, where the source model copes; where it does not, the last has all.
SHARES: Mapping[int, float] = {1: 0.1, LAST_ROUND: 0.4}
# What the share of the adapted weights, and that of the steps, of a trial are called there.
SHARE, STEPS = "share", "steps"


def stored_recommendation(job: JobFolder) -> Recommendation | None:
    """What a job recommends; None where it recommends nothing, or not yet."""
    stored = job.load_result(RECOMMENDATION)
    return None if stored is None else from_json(Recommendation, stored, RECOMMENDATION)


def in_round(choice: StrategyChoice, number: int, share: str = "") -> StrategyChoice:
    """What a strategy is called in files and events while it is tried in a round.

    Args:
        choice: The strategy.
        number: The round.
        share: The share of the adapted weights that it is scored with; empty for the training, of which there may be several.
    """
    return scored_with(StrategyChoice(choice.name, {**choice.options, ROUND: number}), share)


def scored_with(choice: StrategyChoice, share: str, steps: str = "") -> StrategyChoice:
    """What a strategy is called in files and events while it is scored with another share than it has by itself.

    Args:
        choice: The strategy.
        share: The share of the adapted weights; empty for none in particular.
        steps: The share of the steps, likewise.
    """
    given = {name: value for name, value in ((SHARE, share), (STEPS, steps)) if value}
    return StrategyChoice(choice.name, {**choice.options, **given})
