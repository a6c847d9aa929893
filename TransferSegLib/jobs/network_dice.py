"""The Dice of what a network finds in prepared cases, at its own voxel size and of one copy: quick, for choices by scores."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from TransferSegLib.cases.annotation import compared, never_annotated
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.inference_settings import InferenceSettings, Padding
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.scores import mask_of
from TransferSegLib.inference.segment import window_classes
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork


@dataclass(frozen=True)
class NetworkDice:
    """Measures the Dice of a network, which must be in evaluation mode, on cases with classes.

    Attributes:
        task: The labels.
        windows: The size of the network's windows in voxels.
        execution: How it is run.
        source_labels: Whether it predicts the source's labels, which are translated.
        padding: What surrounds an image that is smaller than a window, see `InferenceSettings`.
    """

    task: LabelTask
    windows: tuple[int, int, int]
    execution: ExecutionConfig
    source_labels: bool = False
    padding: Padding = "edge"

    def mean(self, network: StagedNetwork, cases: Iterable[PreparedCase]) -> float:
        """Compute the mean Dice over cases and their labels.

        Args:
            network: The network, in evaluation mode.
            cases: Prepared cases with classes.

        Returns:
            The mean, from 0 to 1; 0 where no label applies.
        """
        scores = [score for case in self.of_labels(network, cases) for score in case.values() if score is not None]
        return float(np.mean(scores)) if scores else 0.0

    def of_cases(self, network: StagedNetwork, cases: Iterable[PreparedCase]) -> list[float]:
        """Compute the mean Dice of each case over its annotated labels.

        A label of which rightly nothing was found counts as 1, so that candidates are compared on the same labels. So does a
        case in which no label is annotated, for every candidate alike.

        Args:
            network: The network, in evaluation mode.
            cases: Prepared cases with classes.

        Returns:
            The mean of each case, in the order of the cases.
        """
        found = self.of_labels(network, cases)
        return [statistics.fmean([1.0 if one is None else one for one in each.values()] or [1.0]) for each in found]

    def classes(self, network: StagedNetwork, image: np.ndarray) -> np.ndarray:
        """Segment an image.

        Args:
            network: The network, in evaluation mode.
            image: (C, I, J, K), prepared.

        Returns:
            The target's classes, (I, J, K).
        """
        settings = InferenceSettings(padding=self.padding)
        return window_classes(network, torch.from_numpy(np.array(image)), self.windows, self.execution, settings)

    def of_labels(self, network: StagedNetwork, cases: Iterable[PreparedCase]) -> list[dict[int, float | None]]:
        """Compute the Dice of each label of each case.

        Labels that nobody annotated in a case are left out.

        Args:
            network: The network, in evaluation mode.
            cases: Prepared cases with classes.

        Returns:
            For each case, class → Dice; None where rightly nothing was found.
        """
        found_of: list[dict[int, float | None]] = []
        task = self.task
        with torch.inference_mode():
            for case in cases:
                found = self.classes(network, case.image)
                if self.source_labels:
                    found = task.from_source(found)
                assert case.classes is not None
                classes, found = compared(case.classes, found, case.open_classes)
                left_out = never_annotated(case.open_classes)
                found_of.append(
                    {
                        label: dice(mask_of(classes, label, task.regions), mask_of(found, label, task.regions))
                        for label in range(1, len(task.names) + 1)
                        if label not in left_out
                    }
                )
        return found_of
