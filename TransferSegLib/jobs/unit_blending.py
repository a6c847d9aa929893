"""The weights of a unit's model between those that its training began with and those that it ended with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.unit import JobRun, Trained, Unit
from TransferSegLib.jobs.unit_scoring import mean_dice
from TransferSegLib.transfer.blending import blend, can_blend, share_without_valley

# More cases than this hardly say more about whether the weights between are sound, and take longer.
CASES_LOOKED_AT = 4


class UnitBlending:
    """Blends what a unit has trained with what it began from.

    Attributes:
        run: What it shares with the job's other units.
        unit: The unit.
    """

    def __init__(self, run: JobRun, unit: Unit) -> None:
        """Make the blending of a unit; nothing is computed yet."""
        self.run, self.unit = run, unit

    def blend(self, trained: Trained, names: Sequence[str]) -> Trained:
        """Give the network the weights of the share that was asked for, else of the one that the cases speak for.

        Args:
            trained: What was trained; its network is changed in place.
            names: The cases that it was trained on.

        Returns:
            The same, with its share; without one where nothing was carried over from the source.

        Raises:
            Cancelled: The job was asked to stop.
        """
        mapping = trained.plan.mapping
        if trained.settings is None or mapping is None or not can_blend(mapping):
            return trained
        network = trained.plan.network
        adapted = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        # The training has changed the network in place, so what it began with is planned again.
        source = self.run.plans.make(self.unit.choice).network.state_dict()

        def take(share: float) -> None:
            network.load_state_dict(blend(source, adapted, share, mapping))

        share = self.run.options.adapted_share
        if share is None:
            share, dice = share_without_valley(lambda share: self._dice(trained, source, adapted, share, names))
            self._tell(share, dice)
        take(share)
        return replace(trained, share=share)

    def _dice(
        self,
        trained: Trained,
        source: Mapping[str, Tensor],
        adapted: Mapping[str, Tensor],
        share: float,
        names: Sequence[str],
    ) -> float:
        """The mean Dice of a share on some of the cases that were trained on, at the network's own voxel size."""
        run, plan = self.run, trained.plan
        assert plan.mapping is not None
        plan.network.load_state_dict(blend(source, adapted, share, plan.mapping))
        cases = [case for case in run.context.training_cases if case.name in names][:CASES_LOOKED_AT]

        def until_asked_to_stop() -> Iterator[PreparedCase]:
            for case in cases:
                run.models.stop_if_asked()
                yield run.prepared.get(case)

        own_labels, seen = plan.predicts_source_labels, until_asked_to_stop()
        task, windows = run.context.task, run.conditions.windows
        return mean_dice(task, plan.network, seen, windows, run.segmenting(), own_labels)

    def _tell(self, share: float, dice: Mapping[float, float]) -> None:
        shown = [
            Problem("share-and-dice", "{share:g} {dice:.3f}", {"share": one, "dice": found}, "note")
            for one, found in dice.items()
        ]
        problem = Problem(
            "adapted-share-chosen",
            "{unit}: the weights are {share:g} of the way from the source's to the adapted ones (mean Dice on cases that "
            "were trained on: {shown:…})",
            {"unit": self.unit.title, "share": share, "shown": shown},
            "note",
        )
        self.run.log.tell("choice", problem, strategy=self.unit.called.key, adapted_share=share)
