"""The weights of a unit's model between those that its training began with and those that it ended with."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import NotFinite
from TransferSegLib.evaluation.choice import Choice, choose, mean_of
from TransferSegLib.jobs.choices import ADAPTED_SHARE, chosen_of, save_choice
from TransferSegLib.jobs.unit import JobRun, Trained, Unit, not_finite
from TransferSegLib.sources.mapping import MappingReport
from TransferSegLib.transfer.blending import blend, share_of_trained_cases
from TransferSegLib.transfer.plan import TransferPlan

# More cases than this hardly say more about whether the weights between are sound, and take longer.
CASES_LOOKED_AT = 4
# Candidate → the Dice of each case.
Scores = dict[str, tuple[float, ...]]
# What is tried where there are cases that the model did not see.
SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class _Between:
    """The two ends that are blended.

    Attributes:
        plan: The plan whose network takes the weights between.
        mapping: Which of the weights were carried over.
        source: The weights that the training began with.
        adapted: Those that it ended with.
    """

    plan: TransferPlan
    mapping: MappingReport
    source: Mapping[str, Tensor]
    adapted: dict[str, Tensor]

    def take(self, share: float) -> None:
        """Give the network the weights of a share."""
        self.plan.network.load_state_dict(blend(self.source, self.adapted, share, self.mapping))


class UnitBlending:
    """Blends what a unit has trained with what it began from.

    Attributes:
        run: What it shares with the job's other units.
        unit: The unit.
    """

    def __init__(self, run: JobRun, unit: Unit) -> None:
        """Make the blending of a unit; nothing is computed yet."""
        self.run, self.unit = run, unit

    def candidates(self, trained: Trained, names: Sequence[str], held_out: Sequence[Case]) -> tuple[str, Scores]:
        """Score every share on cases that the model did not see.

        Args:
            trained: What was trained; its network has the adapted weights before and after.
            names: The cases that it was trained on.
            held_out: The cases that it did not see.

        Returns:
            The share that the cases it was trained on speak for; and share → the Dice of each case that it did not see.

        Raises:
            Cancelled: The job was asked to stop.
        """
        between = self._between(trained)
        assert between is not None
        default = self._of_trained_cases(trained, between, names)[0]
        scores = self._scores(trained, between, held_out)
        between.take(1.0)
        return f"{default:g}", scores

    def blend(self, trained: Trained, names: Sequence[str]) -> Trained:
        """Give the network the weights of the share that is asked for or was chosen, else of the one that cases speak for.

        Args:
            trained: What was trained; its network is changed in place.
            names: The cases that it was trained on.

        Returns:
            The same, with its share; without one where nothing was carried over from the source.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: What was chosen cannot be written.
        """
        between = self._between(trained)
        if between is None:
            return trained
        share = float(self.unit.share) if self.unit.share else self.run.options.adapted_share
        if trained.early:  # the weights of that step were held against those between after all steps
            share = 1.0
        if share is None:
            made = chosen_of(self.run.job, ADAPTED_SHARE, self.unit.share_as)
            if made is not None and made.by == "out-of-fold":
                share = float(made.chosen if self.unit.fold is None else made.of_folds[self.unit.fold.number])
            else:
                share = self._chosen(trained, between, names)
        between.take(share)
        return replace(trained, share=share)

    def _between(self, trained: Trained) -> _Between | None:
        """The two ends; None where nothing was carried over, or nothing trained."""
        mapping = trained.plan.mapping
        if trained.settings is None or mapping is None or not trained.beginning:
            return None
        adapted = {name: tensor.clone() for name, tensor in trained.plan.network.state_dict().items()}
        return _Between(trained.plan, mapping, trained.beginning, adapted)

    def _chosen(self, trained: Trained, between: _Between, names: Sequence[str]) -> float:
        """The share that cases to validate on speak for, else those trained on. It is told, and the final one kept."""
        if not self._looked_at(names) and not self.run.context.validation:
            return 1.0  # without a label, nothing says that less of what was adapted is better
        default, dice = self._of_trained_cases(trained, between, names)
        candidates, means = tuple(f"{one:g}" for one in dice), tuple(dice.values())
        by, chosen, cases = "training", f"{default:g}", len(self._looked_at(names))
        if self.run.context.validation:
            scores = self._scores(trained, between, self.run.context.validation)
            by, chosen, cases = "validation", choose(tuple(scores), [scores], chosen), len(self.run.context.validation)
            candidates, means = tuple(scores), tuple(mean_of([scores], one) or 0.0 for one in scores)
        key = self.unit.called.key if self.unit.round is None else self.unit.choice.key
        made = Choice(ADAPTED_SHARE, key, by, candidates, means, f"{default:g}", chosen, cases=cases)  # type: ignore[arg-type]
        unit = self.unit.name
        if self.unit.fold is None or self.unit.round is None:
            self.run.log.tell("choice", made.problem, strategy=key, unit=unit, adapted_share=float(chosen))
        if self.unit.fold is None:
            save_choice(self.run.job, self.unit.share_as, made)
        return float(chosen)

    def _looked_at(self, names: Sequence[str]) -> list[Case]:
        return [case for case in self.run.context.training_cases if case.name in names][:CASES_LOOKED_AT]

    def _of_trained_cases(
        self, trained: Trained, between: _Between, names: Sequence[str]
    ) -> tuple[float, dict[float, float]]:
        cases = self._looked_at(names)
        if not cases:
            return 1.0, {}

        def mean(share: float) -> float:
            return statistics.fmean(self._dice(trained, between, cases, share))

        return share_of_trained_cases(mean)

    def _scores(self, trained: Trained, between: _Between, cases: Sequence[Case]) -> Scores:
        return {f"{share:g}": tuple(self._dice(trained, between, cases, share)) for share in SHARES}

    def _dice(self, trained: Trained, between: _Between, cases: Sequence[Case], share: float) -> list[float]:
        between.take(share)
        return self.dice(trained, cases)

    def dice(self, trained: Trained, cases: Sequence[Case]) -> list[float]:
        """The mean Dice of each case over its annotated labels, at the network's own voxel size; see `NetworkDice`.

        Args:
            trained: What was trained, if anything, with the weights that its network has.
            cases: The cases.

        Raises:
            Cancelled: The job was asked to stop.
            JobError: What the network finds is not finite.
        """
        run, network = self.run, trained.plan.network.to(self.run.device)

        def until_asked_to_stop() -> Iterator[PreparedCase]:
            for case in cases:
                run.models.stop_if_asked()
                yield run.prepared.get(case)

        try:
            return run.network_dice(trained.plan.predicts_source_labels).of_cases(network, until_asked_to_stop())
        except NotFinite as error:
            raise not_finite(self.unit, trained.plan, trained.rate, error) from None
