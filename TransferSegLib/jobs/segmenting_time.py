"""How long a network takes to segment a case, measured on one of them."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.inference_settings import FEW_WINDOWS, InferenceSettings
from TransferSegLib.inference.windows import count_windows
from TransferSegLib.jobs.guesses import SEGMENT_S
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.networks.staged import StagedNetwork


@dataclass(frozen=True)
class SegmentingTime:
    """How long segmenting a case takes.

    Attributes:
        pass_s: The seconds of running the network over the case once, without copies.
        copies: How many copies of the case are averaged.
        windows: How many windows the case has.
    """

    pass_s: float = SEGMENT_S
    copies: int = 1
    windows: int = 1

    @property
    def case_s(self) -> float:
        """The seconds of segmenting the case as the kept model does, and of writing and scoring that."""
        return SEGMENT_S + (self.pass_s if self.copies == 1 else self.window_s * self.windows * self.copies)

    @property
    def window_s(self) -> float:
        """Those of running the network over one of several windows; a single one takes as long as two, see `logit_slabs`."""
        return self.pass_s / max(2, self.windows)

    @property
    def is_quick(self) -> bool:
        """Whether a case may be segmented once before a job begins."""
        return self.windows <= FEW_WINDOWS


def time_segmenting(
    measure: NetworkDice, network: StagedNetwork, case: PreparedCase, settings: InferenceSettings
) -> SegmentingTime:
    """Measure how long segmenting a case takes; of a case of many windows, a part of it is run.

    Args:
        measure: With which windows, and how, the network is run.
        network: The network, on the device that it is run on.
        case: The case.
        settings: Which copies are averaged.
    """
    windows = _count(case.image, measure, network)
    image = case.image
    if windows > FEW_WINDOWS:
        a, b, c = (max(1, int(1.75 * side)) for side in measure.windows)  # two windows along each axis
        image = image[:, :a, :b, :c]
    measure.classes(network, image)  # what is done once alone takes longer
    began = time.perf_counter()
    measure.classes(network, image)
    pass_s = (time.perf_counter() - began) * windows / _count(image, measure, network)
    return SegmentingTime(pass_s, len(settings.views(network.slice_axis, windows)), windows)


def _count(image: np.ndarray, measure: NetworkDice, network: StagedNetwork) -> int:
    i, j, k = image.shape[1:]
    return count_windows((i, j, k), measure.windows, network)
