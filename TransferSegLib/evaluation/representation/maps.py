"""Feature maps before and after a training, on one block (Karimi 2021 figure 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from TransferSegLib.evaluation.representation.activations import run_watched, watched_layers
from TransferSegLib.evaluation.representation.filters import Tile, relative_change
from TransferSegLib.networks.staged import StagedNetwork


def map_tiles(
    network: StagedNetwork,
    start: Mapping[str, Any],
    end: Mapping[str, Any],
    block: np.ndarray,
    count: int = 8,
    seed: int = 0,
) -> tuple[Tile, ...]:
    """Draw some channels of each stage at random and show what they answer to a block, before and after.

    Args:
        network: The network that both states are of; it has the weights of `end` afterwards.
        start: The weights before, by name.
        end: The weights after.
        block: (C, I, J, K).
        count: How many channels of each stage at most; constant ones are not shown.
        seed: Decides which.

    Returns:
        The tiles, stage by stage in forward order: the middle slice of each map.
    """
    layers = watched_layers(network, block)
    found = []
    for state in (start, end):
        network.load_state_dict(state)
        found.append(_maps(network, layers, block))
    tiles = []
    for number, stage in enumerate(layers):
        before, after = (maps[stage] for maps in found)
        lively = np.flatnonzero(before.std(axis=tuple(range(1, before.ndim))) > 0)
        drawn = np.random.default_rng([seed, number]).permutation(lively)[:count]
        for channel in np.sort(drawn):
            first, second = before[channel], after[channel]
            change = relative_change(first, second)
            tiles.append(Tile(stage, f"channel {channel}", _slice(network, first), _slice(network, second), change))
    return tuple(tiles)


def _maps(network: StagedNetwork, layers: Mapping[str, str], block: np.ndarray) -> dict[str, np.ndarray]:
    """Stage → its feature maps, (C, N, …) with N the slices of a 2D network's block."""
    found: dict[str, np.ndarray] = {}
    stage_of = {name: stage for stage, name in layers.items()}

    def keep(name: str, output: Any) -> None:
        found[stage_of[name]] = output.movedim(1, 0).float().cpu().numpy().copy()

    run_watched(network, block, tuple(stage_of), keep)
    return found


def _slice(network: StagedNetwork, maps: np.ndarray) -> np.ndarray:
    """The middle slice of a map (N, i, j) of slices, or (1, i, j, k) of a volume."""
    return maps[len(maps) // 2] if network.slice_axis is not None else maps[0][..., maps.shape[-1] // 2]
