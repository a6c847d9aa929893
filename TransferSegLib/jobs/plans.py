"""The plans of a run: one for each training, and one alone for a strategy that trains nothing."""

from __future__ import annotations

from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.transfer.plan import TransferPlan
from TransferSegLib.transfer.strategies import STRATEGIES


class Plans:
    """Makes the plans of a run's strategies.

    A plan is used up by its training. One that trains nothing stays as it was made, and serves every fold.
    """

    def __init__(self, context: JobContext) -> None:
        """Make the plans of a job; no network is built yet."""
        self.context = context
        self._untrained: dict[str, TransferPlan] = {}

    def make(self, choice: StrategyChoice, fold: Fold | None) -> TransferPlan:
        """A strategy's plan, whose network has the weights that the training begins from.

        Args:
            choice: The strategy.
            fold: The fold that it is for; None for the final model.

        Raises:
            InputError: The strategy cannot start from this source model, or its options do not fit the network.
        """
        if STRATEGIES[choice.name].trains:
            return self.context.plan(choice, None if fold is None else fold.number)
        if choice.key not in self._untrained:
            self._untrained[choice.key] = self.context.plan(choice)
        return self._untrained[choice.key]
