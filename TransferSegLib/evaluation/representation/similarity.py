"""How alike the layers of networks are: between networks, between moments of a training, and between layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.evaluation.representation.activations import Activations
from TransferSegLib.evaluation.representation.cka import linear_cka
from TransferSegLib.evaluation.representation.rsim import rsim


@dataclass(frozen=True)
class Similarity:
    """How alike one layer is in two networks.

    Attributes:
        layer: The stage.
        rsim: RSIM, 0 to 1.
        cka: Linear CKA, 0 to 1.
        chance: RSIM of answers to different blocks: what layers seem to share that share nothing. An RSIM that is hardly more
            says nothing.
    """

    layer: str
    rsim: float
    cka: float
    chance: float


@dataclass(frozen=True, eq=False)
class LayerMatrix:
    """How alike the layers of two networks are, each with each.

    Attributes:
        rows: The stages of the first network.
        columns: The stages of the second.
        rsim: (rows, columns).
        cka: (rows, columns).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    rsim: np.ndarray
    cka: np.ndarray


def compare(first: Activations, second: Activations) -> tuple[Similarity, ...]:
    """Compare two networks that saw the same blocks, layer by layer.

    Args:
        first: What one network's layers answered.
        second: What the other's did.

    Returns:
        A similarity for each stage that both have, in forward order.
    """
    found = []
    for layer in (name for name in first.layers if name in second.layers):
        x, y = first.layers[layer], second.layers[layer]
        rows = first.distinct[layer]
        # The next block lies in another image, where there are several.
        others = np.roll(y[rows], max(1, len(rows) * first.points // len(x)), axis=0)
        found.append(Similarity(layer, rsim(x, y), linear_cka(x, y), rsim(x[rows], others)))
    return tuple(found)


def between_layers(first: Activations, second: Activations) -> LayerMatrix:
    """Compare each layer of a network with each of another, or of the same.

    Args:
        first: What one network's layers answered.
        second: What the other's did, to the same blocks.
    """
    measured = np.array(
        [[(rsim(x, y), linear_cka(x, y)) for y in second.layers.values()] for x in first.layers.values()]
    )
    return LayerMatrix(tuple(first.layers), tuple(second.layers), measured[..., 0], measured[..., 1])


def snapshot_at(steps: Sequence[int], converged: int | None) -> int:
    """The snapshot that the others are compared with: the network at convergence (Karimi 2021 §3.6, see `convergence`).

    Args:
        steps: The steps at which there are weights, in rising order.
        converged: The step at which the training had converged; None where that is not known.

    Returns:
        The first of the steps that is not before that; the last where it is not known.
    """
    return steps[-1] if converged is None else next((step for step in steps if step >= converged), steps[-1])
