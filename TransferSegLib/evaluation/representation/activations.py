"""What the layers of a network answer to random blocks of images: the samples that representations are compared on.

Karimi 2021 §2.3: "we sampled blocks from random locations in the test images and recorded the values of the convolutional
layer neurons". The channels of a feature map are the variables, its voxels the points. Of all voxels, some are drawn at
random, so that memory has a bound however large the maps are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from TransferSegLib.networks.staged import StagedNetwork, convolutions

# Points are few to a channel for wide layers otherwise (224 channels in Karimi's deepest), and chance looks like similarity.
BLOCKS, POINTS = 16, 512


@dataclass(frozen=True, eq=False)
class Activations:
    """What a network's layers answered.

    Attributes:
        layers: The stage of the network → its values (points, channels) float32. The points lie at the same places in all
            layers, and in all networks that saw the same blocks; block after block.
        distinct: The stage → the numbers of its points without repetitions; in a coarse map several places lie in one voxel.
        points: The points of each block.
    """

    layers: Mapping[str, np.ndarray]
    distinct: Mapping[str, np.ndarray]
    points: int

    @property
    def nbytes(self) -> int:
        """The memory that the values take."""
        return sum(values.nbytes for values in self.layers.values())


def draw_blocks(
    images: Sequence[np.ndarray], size: tuple[int, int, int], count: int = BLOCKS, seed: int = 0
) -> tuple[np.ndarray, ...]:
    """Cut blocks out of images at random places, from one image after the other.

    Args:
        images: (C, I, J, K) each, as the network sees them; they may be memory-mapped.
        size: The size of a block, in voxels. A smaller image is padded with 0 at the far ends, as when it is segmented.
        count: How many blocks.
        seed: Decides the places.

    Returns:
        The blocks, (C, I, J, K) float32 each.
    """
    blocks = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        image = images[number % len(images)]
        begin = [int(rng.integers(max(0, n - side) + 1)) for n, side in zip(image.shape[1:], size, strict=True)]
        part = image[(slice(None), *(slice(b, b + side) for b, side in zip(begin, size, strict=True)))]
        missing = [(0, 0), *((0, side - n) for n, side in zip(part.shape[1:], size, strict=True))]
        blocks.append(np.pad(np.asarray(part, np.float32), missing))
    return tuple(blocks)


def watched_layers(network: StagedNetwork, block: np.ndarray) -> dict[str, str]:
    """Which layer stands for each stage: its last convolution, as that was trained, before normalisation and activation.

    A stage whose convolutions are not called as modules, or that has none, is represented by its last module that gives a
    feature map. A stage without feature maps (a transformer's tokens have no place in the image) is left out.

    Args:
        network: The network, on any device.
        block: (C, I, J, K), to see which modules run.

    Returns:
        Stage → name of the module, in forward order.
    """
    modules = dict(network.named_modules(remove_duplicate=False))  # an activation may serve several layers
    within = {
        stage.name: [name for top in stage.modules for name, _ in modules[top].named_modules(prefix=top)]
        for stage in network.stages()
    }
    ran: dict[str, None] = {}
    sliced = network.slice_axis is not None

    def note(name: str, output: Any) -> None:
        if isinstance(output, Tensor) and (output.ndim == 4 if sliced else output.ndim == 5 and len(output) == 1):
            ran.pop(name, None)
            ran[name] = None

    run_watched(network, block, [name for names in within.values() for name in names], note)
    counted: dict[str, list[str]] = {}
    for stage, name, _ in convolutions(network):
        counted.setdefault(stage, []).append(name)
    layers = {}
    for stage, names in within.items():
        found = [n for n in counted.get(stage, []) if n in ran] or [n for n in ran if n in names]
        if found:
            layers[stage] = found[-1]
    return layers


def record(
    network: StagedNetwork,
    blocks: Sequence[np.ndarray],
    points: int = POINTS,
    seed: int = 0,
    layers: Mapping[str, str] | None = None,
) -> Activations:
    """Run a network on blocks and keep what its layers answer at random places.

    Args:
        network: The network, in evaluation mode afterwards; it is run where its weights are.
        blocks: (C, I, J, K) each, of one size.
        points: How many places are drawn in each block. They are the same in all layers: a place is a part of the block's
            sides, and of a coarser map the voxel that holds it is taken.
        seed: Decides the places.
        layers: Stage → name of its module; None for `watched_layers`.

    Returns:
        The values of all layers.
    """
    layers = watched_layers(network, blocks[0]) if layers is None else layers
    stage_of = {name: stage for stage, name in layers.items()}
    parts: dict[str, list[np.ndarray]] = {stage: [] for stage in layers}
    rows: dict[str, list[np.ndarray]] = {stage: [] for stage in layers}
    for number, block in enumerate(blocks):
        places = np.random.default_rng([seed, number]).random((points, 4))
        found: dict[str, tuple[np.ndarray, np.ndarray]] = {}

        def keep(name: str, output: Any, places: np.ndarray = places, found: dict[str, Any] = found) -> None:
            found[stage_of[name]] = _sampled(output, places)

        run_watched(network, block, tuple(stage_of), keep)
        for stage, (values, distinct) in found.items():
            parts[stage].append(values)
            rows[stage].append(number * points + distinct)
    return Activations(
        {stage: np.concatenate(values) for stage, values in parts.items()},
        {stage: np.concatenate(numbers) for stage, numbers in rows.items()},
        points,
    )


def _sampled(maps: Tensor, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The channels of feature maps at some places.

    Args:
        maps: (N, C, …), N being the slices of a block for a 2D network.
        places: (points, 4) from 0 to 1, more axes than needed.

    Returns:
        The values (points, C), and the numbers of the first point in each voxel.
    """
    last = maps.movedim(1, -1)
    index = [(places[:, axis] * side).astype(np.int64) for axis, side in enumerate(last.shape[:-1])]
    _, distinct = np.unique(np.stack(index), axis=1, return_index=True)
    # Taking values copies them, and what follows in the network may write over its input.
    values = last[tuple(torch.from_numpy(axis).to(last.device) for axis in index)]
    return values.float().cpu().numpy(), np.sort(distinct)


def run_watched(
    network: StagedNetwork, block: np.ndarray, names: Sequence[str], note: Callable[[str, Any], None]
) -> None:
    """Run a network on one block and pass on what some of its modules give.

    Args:
        network: The network, in evaluation mode afterwards; it is run where its weights are.
        block: (C, I, J, K).
        names: The names of the modules.
        note: Receives the name of a module and its output, in the order in which they run. A module that follows may write
            over the output.
    """
    modules = dict(network.named_modules(remove_duplicate=False))
    hooks = [
        modules[name].register_forward_hook(lambda _module, _given, output, name=name: note(name, output))
        for name in names
    ]
    device = next(network.parameters()).device
    try:
        with torch.inference_mode():
            network.eval()(torch.from_numpy(block)[None].to(device))
    finally:
        for hook in hooks:
            hook.remove()
