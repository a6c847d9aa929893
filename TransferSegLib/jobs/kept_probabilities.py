"""What the models of the folds find in cases without labels, kept until the ensemble averages it: nothing is computed twice.

A fold's model segments these cases to vote on them, and once more the ensemble would run it over them.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.files import replacing
from TransferSegLib.core.memory import GIB, available_bytes
from TransferSegLib.inference.segment import Segmentation
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.windows import Size, Slab

# So many bytes all files of a job have at most; what would be more is computed again.
MOST_BYTES = GIB
# The part of the free memory that one case may take while it is written.
PART_OF_MEMORY = 0.25


def fit_on_disk(size: Size, classes: int, files: int) -> bool:
    """Whether the probabilities of so many cases of a size, each with so many classes, are kept, and not computed again.

    Args:
        size: The size of a case in voxels of the network's grid.
        classes: How many classes there are.
        files: How many are kept: one for each case and model.
    """
    return 4 * classes * math.prod(size) * files <= MOST_BYTES


class KeptProbabilities:
    """Mean probabilities over copies, on the network's own grid, each in a file by the network's weights and the case."""

    def __init__(self, folder: Path, state: Mapping[str, Tensor]) -> None:
        """Read nothing yet.

        Args:
            folder: The folder of the files; it need not be there.
            state: The weights of the network that finds them, by name.
        """
        digest = hashlib.sha256()
        for name in sorted(state):
            digest.update(name.encode())
            digest.update(state[name].detach().to("cpu").contiguous().numpy().tobytes())
        self._folder, self._weights = folder, digest.hexdigest()[:24]

    def recorder(self, size: Size) -> Recorder:
        """What records the probabilities of a case.

        Args:
            size: The size of the case in voxels of the network's grid.
        """
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        room, free = MOST_BYTES - sum(file.stat().st_size for file in files), available_bytes()
        return Recorder(size, room if free is None else min(room, int(PART_OF_MEMORY * free)))

    def save(self, case: str, recorded: Recorder) -> None:
        """Keep what was recorded of a case, where anything was; a disk that refuses costs no more than the time."""
        if recorded.found is None:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._file(case)) as temporary, temporary.open("wb") as file:
                np.save(file, recorded.found)

    def load(self, case: str) -> np.ndarray | None:
        """The probabilities of a case, (classes, I, J, K), memory-mapped; None where they were not kept."""
        try:
            found: np.ndarray = np.load(self._file(case), mmap_mode="r")
        except (OSError, ValueError):
            return None
        return found

    def _file(self, case: str) -> Path:
        name = hashlib.sha256(case.encode()).hexdigest()[:24]
        return self._folder / f"{self._weights}-{name}.npy"


class Recorder:
    """Puts together the probabilities of a case from its slabs.

    Attributes:
        found: (classes, I, J, K) float32; None where there is too little room, or the slabs have logits as nnU-Net's.
    """

    def __init__(self, size: Size, room: int) -> None:
        """Record nothing yet.

        Args:
            size: The size of the case in voxels.
            room: How many bytes it may take.
        """
        self.found: np.ndarray | None = None
        self._size, self._room = size, room

    def __call__(self, slab: Slab) -> None:
        """Record a slab; where the case is begun anew with smaller windows, its slabs take the place of those before."""
        shape = (slab.logits.shape[0], *self._size)
        if not slab.are_probabilities or 4 * math.prod(shape) > self._room:
            return
        if self.found is None:
            self.found = np.empty(shape, np.float32)
        planes = slab.logits.shape[1 + slab.axis]
        torch.from_numpy(self.found).narrow(1 + slab.axis, slab.begin, planes).copy_(slab.logits)


@dataclass(frozen=True, eq=False)
class SegmentOnce:
    """Segments as a segmenter does, and keeps what it finds or takes what was kept before.

    Attributes:
        segment: The segmenter.
        keep: Keeps what its networks find; None for nothing.
        known: What was kept of each of its members, which are not run over a case of which all of them have found it.
    """

    segment: Segmenter
    keep: KeptProbabilities | None = None
    known: Sequence[KeptProbabilities] = ()

    def __call__(self, case: PreparedCase, uncertainty: bool = False) -> Segmentation:
        """Segment a prepared case, see `Segmenter`."""
        i, j, k = case.image.shape[1:]
        recorder = None if self.keep is None else self.keep.recorder((i, j, k))
        loaded = [kept.load(case.name) for kept in self.known]
        known = [one for one in loaded if one is not None]
        if len(known) < len(loaded):
            known = []
        found = self.segment(case, uncertainty=uncertainty, record=recorder, known=known)
        if self.keep is not None and recorder is not None:
            self.keep.save(case.name, recorder)
        return found
