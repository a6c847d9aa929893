"""Segment cases one after the other, with less at a time where memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.grid import times
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.problems import Problem
from TransferSegLib.inference.segment import Segmentation, segment
from TransferSegLib.inference.windows import PLAIN, Size
from TransferSegLib.networks.execution import ExecutionConfig, likely_execution
from TransferSegLib.networks.memory import OutOfMemory, free_unused, memory_watch
from TransferSegLib.networks.staged import StagedNetwork, smaller_patch


@dataclass(frozen=True)
class _Try:
    """What is at work at a time: where, windows of which size in voxels, and how many (None: as is usually fastest)."""

    execution: ExecutionConfig
    patch_size: Size
    together: int | None = None


class Segmenter:
    """Segments cases with one network, or with the mean of several.

    Where memory runs out, it runs one window at a time, then on the processor in place of a GPU, then smaller windows. The
    first two change the segmentation no more than by rounding. Every case begins with the whole windows; a GPU whose memory
    ran out is not tried again. Windows whose output is not finite in half precision are run again in float32.
    """

    def __init__(
        self,
        network: StagedNetwork,
        patch_size: Size,
        execution: ExecutionConfig,
        warn: Callable[[Problem], None],
        on_window: Callable[[], None] = lambda: None,
        settings: InferenceSettings = PLAIN,
        members: Sequence[StagedNetwork] = (),
        label_of: np.ndarray | None = None,
    ) -> None:
        """Make the segmenter; nothing is computed yet.

        Args:
            network: The network; it is moved to the device, as all members are.
            patch_size: The windows, in voxels, as in training.
            execution: How the network is run.
            warn: Is told what is done differently after memory ran out.
            on_window: Called before every group of windows; may raise to stop.
            settings: Which copies of an image are averaged.
            members: Further networks of the same kind, which are averaged with it.
            label_of: The label that each class is translated into, see `segment`.
        """
        self._label_of = label_of
        self.network, self.patch_size, self.execution = network, patch_size, execution
        self.settings, self.members = settings, tuple(members)
        self._warn, self._on_window = warn, on_window

    def __call__(
        self,
        case: PreparedCase,
        probabilities: bool = False,
        uncertainty: bool = False,
    ) -> Segmentation:
        """Segment a prepared case, see `segment`.

        Raises:
            OutOfMemory: It does not fit into the memory of this computer.
            InputError: Its probabilities do not.
            NotFinite: The network's output is not finite.
        """
        now, members = _Try(self.execution, self.patch_size), self.members
        while True:
            try:
                with memory_watch():
                    for network in (self.network, *members):
                        now.execution.place(network)
                    found = segment(
                        self.network,
                        case,
                        now.patch_size,
                        now.execution,
                        probabilities=probabilities,
                        on_window=self._on_window,
                        together=now.together,
                        settings=self.settings,
                        members=members,
                        uncertainty=uncertainty,
                        label_of=self._label_of,
                    )
                if now.patch_size != self.patch_size:
                    self._warn_of_windows(case.name, now.patch_size)
                if found.in_float32:
                    self._warn_of_float32(case.name, now.execution.precision)
                return found
            except OutOfMemory:
                less = self._less(now)
                if less is None:
                    raise
            # Only here, behind the error, is the memory of what was tried free again.
            free_unused(now.execution.device)
            now = less

    def _less(self, now: _Try) -> _Try | None:
        """What to try next; None where there is nothing smaller."""
        if now.together != 1:
            return replace(now, together=1)
        if now.execution.device != "cpu":
            whole = self.settings.as_nnunet is not None or self.settings.float32_on_cpu  # as these do it on a CPU
            self.execution = likely_execution("cpu", deterministic=whole or now.execution.precision == "float32")
            self._warn(
                Problem(
                    "memory-ran-out-segmenting",
                    "Memory ran out while segmenting: going on with the processor in place of the GPU",
                    severity="warning",
                )
            )
            return _Try(self.execution, self.patch_size)
        patch_size = smaller_patch(now.patch_size, self.network.divisor)
        return None if patch_size is None else replace(now, patch_size=patch_size)

    def _warn_of_float32(self, case: str, precision: str) -> None:
        self._warn(
            Problem(
                "segmented-in-float32",
                "case `{name}`: in {precision} the model gives values that are not finite numbers, so some of it was "
                "segmented in float32",
                {"name": case, "precision": precision},
                "warning",
                case=case,
            )
        )

    def _warn_of_windows(self, case: str, patch_size: Size) -> None:
        self._warn(
            Problem(
                "memory-ran-out-smaller-windows",
                "case `{name}`: memory of this computer ran out while it was segmented, so this was done with windows of "
                "{size} voxels, which show the network less of the surroundings",
                {"name": case, "size": times(patch_size)},
                "warning",
                case=case,
            )
        )
