"""The patches of each training step. They follow from seed and step alone, so a resumed training sees the same ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE
from TransferSegLib.training.augmentation import Augmentation
from TransferSegLib.training.epochs import covering_starts

# The part of the patches that are centred on a voxel of a label; each label of the case has the same chance.
FOREGROUND_SHARE = 2 / 3
# Voxels that are remembered of each label and case; more would cost memory and add nothing.
CENTRES_PER_LABEL = 4000


@dataclass(frozen=True)
class Draw:
    """Where a patch lies.

    Attributes:
        case: The number of the case.
        centre: The patch's centre, in voxels of the prepared image.
    """

    case: int
    centre: tuple[float, float, float]


class PatchSampler:
    """Draws batches of augmented patches from prepared cases.

    `foreground` and `random` sampling take a patch of each case in a pass over them. Where not all of a case is annotated, it
    is centred on a voxel that is. `grid` takes all patches that cover the cases, see `covering_starts`: overlapping (Mecheter
    2023 §3.4; how far is not said, by half here), and with a 2D network all slices (Zoetmulder 2022 §4.3). Every pass has an
    order that is drawn anew. A case without a label is all background, but `foreground` sampling centres its patches on
    `PreparedCase.likely` as on labels.

    Attributes:
        cases: The cases.
        patch_size: In voxels (I, J, K).
        augmentation: How patches are changed at random.
        seed: Decides all draws.
        sampling: `foreground`: two of three patches are centred on a voxel of a label, each label of the case having the same
            chance; `random`: from anywhere (Karimi 2021 §2.2); `grid`.
        slice_axis: The axis across the slices of a 2D network; None for a 3D network.
    """

    def __init__(
        self,
        cases: Sequence[PreparedCase],
        patch_size: tuple[int, int, int],
        augmentation: Augmentation,
        seed: int,
        sampling: str = "foreground",
        slice_axis: int | None = None,
    ) -> None:
        """Look for the voxels of each label, on which patches are centred, or for the places of the grid."""
        self.cases = cases
        self.patch_size = patch_size
        self.augmentation = augmentation
        self.seed = seed
        self.sampling = sampling
        self._centres = [_centres(case, seed) if sampling == "foreground" else [] for case in cases]
        self._known = [_known(case, seed) for case in cases]
        self._grid = _grid(cases, patch_size, slice_axis) if sampling == "grid" else []

    def batch(self, step: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of a step.

        Args:
            step: Counted from 0.
            size: How many patches (B).

        Returns:
            Images (B, C, I, J, K) float32 and classes (B, 1, I, J, K) uint8.
        """
        images, labels = [], []
        for position in range(size):
            image, label = self.patch(step * size + position, np.random.default_rng([self.seed, step, position]))
            images.append(image)
            labels.append(label[None])
        return np.stack(images), np.stack(labels)

    def patch(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A patch's image (C, I, J, K) and its classes (I, J, K).

        Args:
            index: Its number since the start of the training, counted from 0.
            rng: Draws its centre and augmentation.
        """
        draw = self.draw(index, rng)
        case = self.cases[draw.case]
        # No memory goes into classes that are 0 everywhere.
        classes = np.broadcast_to(np.uint8(0), case.image.shape[1:]) if case.classes is None else case.classes
        return self.augmentation.patch(case.image, classes, draw.centre, self.patch_size, case.spacing_mm, rng)

    def draw(self, index: int, rng: np.random.Generator) -> Draw:
        """Where a patch lies.

        Args:
            index: Its number since the start of the training, counted from 0.
            rng: Draws the centre.
        """
        rounds, place = divmod(index, len(self._grid or self.cases))
        order = np.random.default_rng([self.seed, 1, rounds]).permutation(len(self._grid or self.cases))
        if self._grid:
            return self._grid[int(order[place])]
        number = int(order[place])
        size = self.cases[number].image.shape[1:]
        centres = self._centres[number]
        if centres and rng.random() < FOREGROUND_SHARE:
            choices = centres[int(rng.integers(len(centres)))]
            voxel = np.unravel_index(int(choices[int(rng.integers(len(choices)))]), size)
            wanted = [float(v) for v in voxel]
        else:
            wanted = [float(rng.uniform(0, n - 1)) for n in size]
            known = self._known[number]
            if known is not None:
                wanted = [float(v) for v in np.unravel_index(int(known[int(rng.integers(len(known)))]), size)]
        # A patch stays inside the image where it fits, and is centred where it does not.
        centre = [
            (n - 1) / 2 if p >= n else float(np.clip(w, (p - 1) / 2, n - 1 - (p - 1) / 2))
            for w, n, p in zip(wanted, size, self.patch_size, strict=True)
        ]
        return Draw(number, (centre[0], centre[1], centre[2]))


class PairedSampler:
    """Draws patches of cases with labels and of cases without, in turn; see `PatchSampler`.

    Attributes:
        labelled: Draws the first patch, the third, and so on.
        unlabelled: Draws the others.
        seed: Decides all draws.
    """

    def __init__(
        self,
        cases: Sequence[PreparedCase],
        patch_size: tuple[int, int, int],
        augmentation: Augmentation,
        seed: int,
        sampling: str = "foreground",
        slice_axis: int | None = None,
    ) -> None:
        """Make a sampler of each kind of case; the arguments are those of `PatchSampler`."""
        kinds = ([c for c in cases if (c.classes is None) == without] for without in (False, True))
        self.labelled, self.unlabelled = (
            PatchSampler(kind, patch_size, augmentation, seed, sampling, slice_axis) for kind in kinds
        )
        self.seed = seed
        self.patch_size = patch_size

    def batch(self, step: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of a step.

        Args:
            step: Counted from 0.
            size: How many patches (B).

        Returns:
            Images (B, C, I, J, K) float32 and classes (B, 1, I, J, K) int16, all -1 in a patch without labels.
        """
        images, labels = [], []
        for position in range(size):
            rng = np.random.default_rng([self.seed, step, position])
            half, without = divmod(step * size + position, 2)
            image, label = (self.unlabelled if without else self.labelled).patch(half, rng)
            images.append(image)
            labels.append(np.full(label[None].shape, -1, np.int16) if without else label[None].astype(np.int16))
        return np.stack(images), np.stack(labels)


def _grid(cases: Sequence[PreparedCase], patch_size: tuple[int, int, int], slice_axis: int | None) -> list[Draw]:
    """All patches that cover the cases. One along an axis where the patch is the larger is centred there."""
    found = []
    for number, case in enumerate(cases):
        i, j, k = size = case.image.shape[1:]
        starts = covering_starts((i, j, k), patch_size, slice_axis)
        centres = [
            [(n - 1) / 2 if side >= n else start + (side - 1) / 2 for start in along]
            for n, side, along in zip(size, patch_size, starts, strict=True)
        ]
        draws = [Draw(number, (a, b, c)) for a, b, c in itertools.product(*centres)]
        if IGNORE in case.open_classes:
            # Patches of which nothing is known teach nothing.
            parts = [
                tuple(slice(n, n + side) for n, side in zip(at, patch_size, strict=True))
                for at in itertools.product(*starts)
            ]
            draws = [
                d
                for d, part in zip(draws, parts, strict=True)
                if bool((np.asarray(case.classes)[part] != IGNORE).any())
            ]
        found += draws
    return found


def _centres(case: PreparedCase, seed: int) -> list[np.ndarray]:
    """Flat indices of voxels of each label that the case has (the background is reached by the random patches)."""
    classes = case.likely if case.classes is None else case.classes
    if classes is None:
        return []
    flat = np.asarray(classes).ravel()
    rng = np.random.default_rng([seed, 2])
    found = []
    values = range(1, int(flat.max(initial=0)) + 1)
    if case.classes is not None and case.open_classes:
        values = range(1, int(np.max(flat, where=flat < FIRST_OPEN, initial=0)) + 1)
    for value in values:
        voxels = np.flatnonzero(flat == value)
        if voxels.size:
            found.append(rng.choice(voxels, min(voxels.size, CENTRES_PER_LABEL), replace=False))
    return found


def _known(case: PreparedCase, seed: int) -> np.ndarray | None:
    """Flat indices of voxels of which something is known; None where that is so everywhere, or nowhere."""
    if IGNORE not in case.open_classes:
        return None
    voxels = np.flatnonzero(np.asarray(case.classes).ravel() != IGNORE)
    if not voxels.size:
        return None
    return np.random.default_rng([seed, 4]).choice(voxels, min(voxels.size, CENTRES_PER_LABEL), replace=False)
