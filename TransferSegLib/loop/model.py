"""The model that a loop has by now: that of the newest finished round, before the first one the source model."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.disagreement import disagreement
from TransferSegLib.evaluation.next_cases import DoubtBy
from TransferSegLib.inference.components import cleaned
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.ensembles import networks_of
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.parent import Parent
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.loop.effort import FEWEST_COPIES
from TransferSegLib.loop.folder import Loop, LoopFolder
from TransferSegLib.networks.execution import likely_execution, pick_device
from TransferSegLib.networks.staged import StagedNetwork, convolutions
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.loading import load_members
from TransferSegLib.sources.mapping import NORMALISATIONS


@dataclass(frozen=True)
class Look:
    """What the model makes of a scan.

    Attributes:
        features: Of the inputs of each normalisation, the mean and the logarithm of the variance of each channel.
        disagreement: How much the models of the folds disagree, or how unsure the one model is of what it finds, 0 to 1; None
            where no model segments the labels.
        values: The segmentation in the values of the loop's labels, (I, J, K) on the scan's own grid; None as before.
    """

    features: tuple[float, ...]
    disagreement: float | None
    values: np.ndarray | None


class LoopModel:
    """Segments scans with the model that a loop has by now.

    Attributes:
        context: The scans and the model.
        sha256: The SHA-256 of the model's weights.
        segments: Whether it segments all labels of the loop.
        round: The number of the round that made it; 0 for the source model.
        file_order: Whether it is shown the axes of the file, as `segment` shows them to it.
    """

    def __init__(
        self,
        source: SourceFolder,
        target: Path,
        done: Sequence[JobFolder] = (),
        device: str = "auto",
        label_map: Mapping[str, Any] | None = None,
        with_members: bool = True,
    ) -> None:
        """Load the model.

        Args:
            source: The source model, from which the rounds began.
            target: The data set of the scans; its labels are those that are wanted.
            done: The finished rounds; the newest made the model. Without one it is the source model.
            device: What it runs on.
            label_map: Label of the data set → label of the source model, "new", or None to leave it out; only what names do
                not tell. A model that a round made has the labels of the data set.
            with_members: Whether all networks of an ensemble are asked, or the first alone.

        Raises:
            InputError: The model cannot be used, or does not go with the scans.
        """
        current = find_source(done[-1].path) if done else source
        direct = StrategyChoice(BASELINE)
        spec = JobSpec(JOB_FORMAT, "adapt", str(target), (direct,), direct.key, source=str(current.folder))
        if label_map and not done:
            spec = replace(spec, label_map=dict(label_map))
        self.context = JobContext.read(spec, current)
        self.round = len(done)
        self.sha256 = str(current.card.weights_sha256)
        own = current.card.inference
        self.file_order = own.file_order or (own.as_nnunet is not None and own.as_nnunet.file_order)
        self.segments = not self.context.task.new_names
        self._device = pick_device(device)
        self._network = self.context.plan(direct).network.eval()
        self._members = load_members(current) if with_members else []
        self._committee: list[StagedNetwork] = []
        if done:
            before = Parent.read(done[-1].path, source.card)
            states = {}
            for number, record in before.records.items():
                beginning = before.beginning(number)
                if beginning is not None and record.labels == current.card.label_names:
                    states[str(number)] = beginning.state
            self._committee = networks_of(self._network, states) if len(states) > 1 else []

    @classmethod
    def of_loop(cls, folder: LoopFolder, loop: Loop, cases: Sequence[Case], device: str = "auto") -> LoopModel:
        """The model that a loop has by now.

        Args:
            folder: The loop's folder.
            loop: What is in it.
            cases: The scans.
            device: What it runs on.

        Raises:
            InputError: The model cannot be used, or does not go with the scans.
            JobError: The table of the scans cannot be written.
        """
        table = folder.path / "scans.csv"
        folder.write_table(table, cases, {})
        return cls(folder.source(loop), table, folder.finished_rounds(), device, loop.label_map)

    @property
    def by_folds(self) -> bool:
        """Whether the disagreement is that of the models of the folds; else it is how unsure the one model is."""
        return bool(self._committee)

    @property
    def doubt_by(self) -> DoubtBy:
        """What the disagreement on a scan is taken from."""
        if self.by_folds:
            return "folds"
        return "networks" if self._members else "copies"

    def look(self, case: Case, with_segmentation: bool = True) -> Look:
        """Look at a scan.

        Args:
            case: The scan.
            with_segmentation: Whether its segmentation and the disagreement on it are wanted.

        Raises:
            InputError: It cannot be read.
            NotFinite: What the model gives is not finite.
            OutOfMemory: It does not fit into memory.
        """
        prepared = prepare_case(case, self.context.card.preprocessing, file_order=self.file_order)
        wanted = with_segmentation and self.segments
        alone = not wanted or self.by_folds
        settings = self.context.card.inference
        if not alone and not self._members:
            settings = replace(settings, copies=max(FEWEST_COPIES, settings.copies or 1))
        elif not wanted:
            settings = replace(settings, copies=1)
        with features_of(self._network) as features:
            found = self._segment(
                self._network, prepared, settings, self._members if wanted else [], uncertainty=not alone
            )
        if not wanted:
            return Look(tuple(features()), None, None)
        classes, task = self._labels(found.classes, prepared), self.context.task
        if self.by_folds:
            one = replace(settings, copies=1)
            votes = [
                self._labels(self._segment(network, prepared, one).classes, prepared) for network in self._committee
            ]
            apart = disagreement(votes, self.context.task.regions)
        else:
            assert found.uncertainty is not None
            # Of what is found alone: the background around it is sure and large. Where nothing is found, all is open.
            apart = float(found.uncertainty[classes > 0].mean()) if (classes > 0).any() else 1.0
        return Look(tuple(features()), apart, task.decode(classes))

    def _segment(
        self,
        network: StagedNetwork,
        case: PreparedCase,
        settings: Any,
        members: Sequence[StagedNetwork] = (),
        uncertainty: bool = False,
    ) -> Any:
        execution = likely_execution(self._device, deterministic=True)
        windows = self.context.card.patch_size
        segment = Segmenter(network, windows, execution, lambda problem: None, settings=settings, members=members)
        return segment(case, uncertainty=uncertainty)

    def _labels(self, classes: np.ndarray, case: PreparedCase) -> np.ndarray:
        """The loop's classes of what the network has found."""
        card = self.context.card
        own = cleaned(smoothed(classes, case.grid.spacing_mm, card.smoothing_mm), card.label_names, card.inference)
        return self.context.task.from_source(own)


@contextmanager
def features_of(network: StagedNetwork) -> Iterator[Any]:
    """Measure, while a network runs, what its layers see: mean and spread of each channel of each normalisation's inputs.

    That is what `advise` compares with the statistics of the source's training (`feature_distance`), here for any
    normalisation; a network without any is measured at its convolutions.

    Args:
        network: The network.

    Yields:
        A function that gives the features, a list of numbers: their means over all windows that the network has seen.
    """
    layers: list[torch.nn.Module] = [m for m in network.modules() if isinstance(m, NORMALISATIONS)]
    layers = layers or [layer for _, _, layer in convolutions(network)]
    seen: dict[int, list[list[float]]] = {n: [] for n in range(len(layers))}

    def measure(number: int) -> Any:
        def hook(module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            values = inputs[0].detach().float()
            axes = [axis for axis in range(values.ndim) if axis != 1]
            spread = torch.log(values.var(axes, unbiased=False) + 1e-6)
            seen[number].append([*values.mean(axes).tolist(), *spread.tolist()])

        return hook

    handles = [layer.register_forward_pre_hook(measure(n)) for n, layer in enumerate(layers)]
    try:
        yield lambda: [
            round(statistics.fmean(one), 5) for found in seen.values() if found for one in zip(*found, strict=True)
        ]
    finally:
        for handle in handles:
            handle.remove()
