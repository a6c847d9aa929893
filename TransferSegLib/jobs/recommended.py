"""What a job recommends, as its results have it, and what its rounds are called."""

from __future__ import annotations

from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.transfer.recommended import AUTO

RECOMMENDATION = "recommendation"
# What the round of a trial is called in its name, among the options of its strategy.
ROUND = "round"
# The round in which a candidate is trained in full.
LAST_ROUND = 3


def stored_recommendation(job: JobFolder) -> Recommendation | None:
    """What a job recommends; None where it recommends nothing, or not yet."""
    stored = job.load_result(RECOMMENDATION)
    return None if stored is None else from_json(Recommendation, stored, RECOMMENDATION)


def in_round(choice: StrategyChoice, number: int) -> StrategyChoice:
    """What a strategy is called in files and events while it is tried in a round."""
    return StrategyChoice(choice.name, {**choice.options, ROUND: number})


def share_as(choice: StrategyChoice, number: int | None) -> StrategyChoice:
    """What a strategy is called where the share of the adapted weights is chosen: each round has a choice of its own.

    In the last round the folds may have different strategies, and choose together.

    Args:
        choice: The strategy.
        number: The round; None or 0 for the strategy by itself.
    """
    if not number:
        return choice
    return in_round(StrategyChoice(AUTO) if number == LAST_ROUND else choice, number)
