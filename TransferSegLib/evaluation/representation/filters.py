"""How much training changes the filters of a network (Karimi 2021 §3.6, figures 8 and 9).

The paper finds that "the average relative change in the norm of the filters at convergence was typically below 25% of the
filter norm at the start of training". This can be read in two ways, and both are given: the norm of the change,
‖w₁ − w₀‖ / ‖w₀‖, and the change of the norm, |‖w₁‖ − ‖w₀‖| / ‖w₀‖, which is never larger. A filter is all that makes one
channel of a convolution's output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from TransferSegLib.networks.staged import StagedNetwork, convolutions

_TRANSPOSED = (nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class FilterChange:
    """How much the filters of a stage changed. All are parts of the norm at the start.

    Attributes:
        stage: The stage.
        filters: How many filters there are; those that were 0 at the start do not count.
        mean: The mean of the norms of the changes.
        low: The 10th percentile of them.
        high: The 90th percentile.
        of_norm: The mean change of the norm.
    """

    stage: str
    filters: int
    mean: float
    low: float
    high: float
    of_norm: float


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture of something before and after, small enough to be one of many.

    Attributes:
        stage: The stage that it is of.
        name: What it shows, in a few words.
        start: (rows, columns) before.
        end: (rows, columns) after.
        change: The norm of the change, as a part of the norm at the start, of all of it and not only of the slice shown.
    """

    stage: str
    name: str
    start: np.ndarray
    end: np.ndarray
    change: float


def changes_of_stages(
    network: StagedNetwork, start: Mapping[str, Tensor], end: Mapping[str, Tensor]
) -> tuple[FilterChange, ...]:
    """How much the filters of each stage changed, each filter counting alike.

    Args:
        network: The network that both states are of.
        start: The weights before, by name.
        end: The weights after.

    Returns:
        A change for each stage that has a convolution that counts, in forward order.
    """
    stages: dict[str, list[np.ndarray]] = {}
    for stage, _, before, after in _kernels(network, start, end):
        stages.setdefault(stage, []).append(_norms(before, after))
    return tuple(_change(stage, norms) for stage, norms in stages.items())


def filter_tiles(
    network: StagedNetwork, start: Mapping[str, Tensor], end: Mapping[str, Tensor], count: int = 8, seed: int = 0
) -> tuple[Tile, ...]:
    """Draw some kernels of each stage at random, as figures 8 and 9 of the paper show them.

    A tile is the middle slice of the kernel that leads from one channel to another. Kernels of one voxel show nothing.

    Args:
        network: The network that both states are of.
        start: The weights before, by name.
        end: The weights after.
        count: How many of each stage at most.
        seed: Decides which.

    Returns:
        The tiles, stage by stage in forward order, from the convolution with the largest kernel of each, the last of these.
    """
    chosen: dict[str, tuple[str, np.ndarray, np.ndarray]] = {}
    for stage, name, before, after in _kernels(network, start, end):
        kernel = before[0, 0].size
        if kernel > 1 and (stage not in chosen or kernel >= chosen[stage][1][0, 0].size):
            chosen[stage] = (name, before, after)
    tiles = []
    for number, (stage, (name, before, after)) in enumerate(chosen.items()):
        pairs = before.shape[0] * before.shape[1]
        drawn = np.random.default_rng([seed, number]).choice(pairs, min(count, pairs), replace=False)
        for place in np.sort(drawn):
            out, into = divmod(int(place), before.shape[1])
            first, second = before[out, into], after[out, into]
            tiles.append(
                Tile(stage, f"{name}, {into} → {out}", middle(first), middle(second), relative_change(first, second))
            )
    return tuple(tiles)


def relative_change(before: np.ndarray, after: np.ndarray) -> float:
    """Compute the norm of a change over the norm before.

    Args:
        before: The values before, of any shape.
        after: The values after, of the same shape.

    Returns:
        The share; 0 where all values were 0.
    """
    norm = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / norm if norm else 0.0


def middle(volume: np.ndarray) -> np.ndarray:
    """Take the middle slice of a volume.

    Args:
        volume: (…, I, J, K), or an array of two axes.

    Returns:
        (…, I, J), the slice across the last axis; of two axes, all of it.
    """
    return volume if volume.ndim < 3 else volume[..., volume.shape[-1] // 2]


def _kernels(
    network: StagedNetwork, start: Mapping[str, Tensor], end: Mapping[str, Tensor]
) -> Iterable[tuple[str, str, np.ndarray, np.ndarray]]:
    """Stage, name and weights before and after, (out, in, …), of each convolution that counts."""
    for stage, name, module in convolutions(network):
        before, after = (state[f"{name}.weight"].detach().cpu().double().numpy() for state in (start, end))
        if isinstance(module, _TRANSPOSED):
            before, after = before.swapaxes(0, 1), after.swapaxes(0, 1)
        yield stage, name, before, after


def _norms(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """For each filter its norm before and after, and that of the change, (filters, 3)."""
    flat = [weights.reshape(len(weights), -1) for weights in (before, after, after - before)]
    return np.stack([np.linalg.norm(weights, axis=1) for weights in flat], axis=1)


def _change(stage: str, norms: list[np.ndarray]) -> FilterChange:
    before, after, change = np.concatenate(norms).T
    counted = before > 0
    if not counted.any():
        return FilterChange(stage, 0, 0.0, 0.0, 0.0, 0.0)
    parts = change[counted] / before[counted]
    of_norm = np.abs(after - before)[counted] / before[counted]
    low, high = np.percentile(parts, (10, 90))
    return FilterChange(stage, int(counted.sum()), parts.mean(), float(low), float(high), of_norm.mean())
