"""Consistency: two views of the same place are to be segmented alike. No label is needed.

Each view is the patch under a random affine map, one of them in a new appearance (`training.appearance`). What the network
finds in both is brought back to the patch and compared by a soft Dice of the labels (Weihsbach et al., DG-TTA, Sensors
2025; its program `dg-tta` 1.0.18, `tta/tta.py`). The affine maps and the Dice are those of DG-TTA, which leaves the
appearance as it is by default. Here, a label that the plain view does not find is not compared, and neither are the places
of a patch that a map moves out of view. Only one view has a gradient, so that a step costs less.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from TransferSegLib.networks.staged import Features, StagedNetwork
from TransferSegLib.training.appearance import apply_appearance, draw_appearance
from TransferSegLib.training.objectives import Objective
from TransferSegLib.training.recipes import Recipe

# Standard deviation of each number of the affine maps, which count in half sides of the patch.
AFFINE_SD = 0.05
# A view's chance of a new appearance.
APPEARANCE_CHANCE = 0.8
# A label that nowhere has this probability is not found in a patch, and leaves the loss: what is compared would be noise.
FOUND = 0.5


class Consistency(Objective):
    """One minus the soft Dice of what the network finds in two views of the same patches.

    Attributes:
        slice_axis: The axis across the slices of a 2D network, which no map mixes; None for a 3D network.
    """

    def __init__(self, network: StagedNetwork, recipe: Recipe) -> None:
        """Make the objective."""
        self.slice_axis = network.slice_axis

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch, see `Objective.loss`; the classes are not looked at.

        The views follow from PyTorch's random state, which the loop sets in each step.
        """
        assert isinstance(images, Tensor)
        rng = step_generator()
        plain, changed = (random_affine(len(images), rng, self.slice_axis) for _ in range(2))
        with statistics_kept(network):
            found = self._probabilities(
                network, warp(new_appearances(images, rng, APPEARANCE_CHANCE), changed), autocast
            )
        with torch.no_grad():
            wanted = self._probabilities(network, warp(images, plain), autocast)
            inside = torch.ones_like(images[:, :1])
            seen = torch.ones_like(inside, dtype=torch.bool)
            for matrix in (plain, changed):
                seen &= warp_back(warp(inside, matrix, "zeros"), matrix) > 0.5
            wanted = (warp_back(wanted, plain) * seen)[:, 1:]
            there = (wanted.flatten(2).amax(2) > FOUND).float()
        alike = soft_dice((warp_back(found, changed) * seen)[:, 1:], wanted)
        return ((1 - alike) * there).sum() / there.sum().clamp(min=1)

    @staticmethod
    def _probabilities(network: StagedNetwork, images: Tensor, autocast: Callable[[], Any]) -> Tensor:
        with autocast():
            logits = network(images)
        return logits.float().softmax(dim=1)


@contextlib.contextmanager
def statistics_kept(network: nn.Module) -> Iterator[None]:
    """Leave the running statistics of batch normalisation as they are: no scan looks like a new appearance."""
    kept = [m for m in network.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
    for module in kept:
        module.track_running_stats = False
    try:
        yield
    finally:
        for module in kept:
            module.track_running_stats = True


def step_generator() -> np.random.Generator:
    """A generator that follows from PyTorch's random state, and moves it on."""
    return np.random.default_rng(int(torch.randint(2**62, (1,))))


def new_appearances(images: Tensor, rng: np.random.Generator, chance: float = 1.0) -> Tensor:
    """Give each channel of each patch a new appearance; others stay.

    Args:
        images: (B, C, I, J, K).
        rng: Draws what is random.
        chance: Of each channel.

    Returns:
        (B, C, I, J, K), a copy on the same device.
    """
    made = images.cpu().numpy().copy()
    nothing = np.zeros(made.shape[2:], np.uint8)
    for channel in made.reshape(-1, *made.shape[2:]):
        draw = draw_appearance(rng)
        if rng.random() < chance:
            channel[...] = apply_appearance(channel, nothing, draw)
    return torch.from_numpy(made).to(images)


def random_affine(count: int, rng: np.random.Generator, slice_axis: int | None = None) -> Tensor:
    """Draw affine maps near the identity.

    Args:
        count: How many (B).
        rng: Draws them.
        slice_axis: The axis that stays as it is: 0, 1 or 2; None where all three are mapped.

    Returns:
        (B, 4, 4), in half sides of the patch, axes I, J, K.
    """
    made = np.tile(np.eye(4), (count, 1, 1))
    drawn = rng.normal(0, AFFINE_SD, (count, 3, 4))
    if slice_axis is not None:
        drawn[:, slice_axis, :] = drawn[:, :, slice_axis] = 0
    made[:, :3] += drawn
    return torch.from_numpy(made).float()


def warp(images: Tensor, matrix: Tensor, beyond: str = "border") -> Tensor:
    """Look at patches through affine maps, interpolated linearly.

    Args:
        images: (B, C, I, J, K).
        matrix: (B, 4, 4), a place of the result → the place in `images` that is shown there.
        beyond: What is shown beyond the patch: its `border`, or `zeros`.

    Returns:
        (B, C, I, J, K), the patches as they are seen through the maps.
    """
    # grid_sample has the axes in reverse order.
    theta = matrix.to(images.device)[:, [2, 1, 0]][:, :, [2, 1, 0, 3]]
    grid = F.affine_grid(theta, [len(images), 1, *images.shape[2:]], align_corners=False)
    return F.grid_sample(images, grid, padding_mode=beyond, align_corners=False)


def warp_back(found: Tensor, matrix: Tensor) -> Tensor:
    """Bring what was found in warped patches back to them; 0 where they show nothing of a place.

    Args:
        found: (B, N, I, J, K).
        matrix: (B, 4, 4), that of `warp`.

    Returns:
        (B, N, I, J, K), in the place of the patches before `warp`.
    """
    return warp(found, torch.linalg.inv(matrix), "zeros")


def soft_dice(first: Tensor, second: Tensor) -> Tensor:
    """The soft Dice of DG-TTA, 2·a·b by ((a + b)²)/2: 1 where both are alike, whatever their values.

    Args:
        first: (B, N, I, J, K).
        second: (B, N, I, J, K).

    Returns:
        (B, N); 1 where there is nothing in both.
    """
    shared = (2 * first * second).flatten(2).mean(2)
    both = ((first + second) ** 2).flatten(2).mean(2) / 2
    return torch.where(both > 0, shared / both.clamp(min=1e-12), torch.ones_like(both))
