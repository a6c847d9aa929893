"""RSIM: how alike two representations are, by canonical correlations (Karimi 2021 §2.3, equation 1).

    RSIM(L1, L2) = Σ αi ρi

ρi is the correlation of the i-th pair of canonical variates of the two layers, and αi is the share of the layers' variability
that the pair explains. RSIM does not change when a layer's channels are rotated, permuted, scaled or shifted.

The paper leaves two things open. *What "the amount of variability explained" is*: here the variance that a canonical variate
explains of the layer's channels; Morcos 2018, whom the paper cites, sums absolute values in place of squares. *Whose
variability*: here αi is the mean of the shares in both layers, so that RSIM(L1, L2) = RSIM(L2, L1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A direction with less than this share of the largest one's spread is rounding: activations are float32.
ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Canonical:
    """The canonical correlations of two layers.

    Attributes:
        correlations: ρ, in falling order, from 0 to 1.
        weights: α, their shares of the explained variance; they sum to 1.
    """

    correlations: np.ndarray
    weights: np.ndarray

    @property
    def rsim(self) -> float:
        """The mean of the correlations, each with its weight; 0 where a layer is constant."""
        return float(self.correlations @ self.weights)


def canonical(first: np.ndarray, second: np.ndarray) -> Canonical:
    """The canonical correlations of two layers that saw the same points.

    Args:
        first: The activations of one layer, (points, channels).
        second: Those of the other, (points, channels) with as many points.

    Returns:
        As many correlations as the layer of fewer independent channels has; none where a layer is constant.
    """
    x, y = (layer - layer.mean(axis=0) for layer in (np.asarray(first, np.float64), np.asarray(second, np.float64)))
    (spread_x, axes_x), (spread_y, axes_y) = _principal_axes(x), _principal_axes(y)
    if not spread_x.size or not spread_y.size:
        return Canonical(np.zeros(0), np.zeros(0))
    # Covariances of channels are all that is needed, so it takes no longer for more points.
    between = (axes_x / spread_x).T @ (x.T @ y) @ (axes_y / spread_y)
    turn_x, correlations, turn_y = np.linalg.svd(between, full_matrices=False)
    # The i-th variate is a unit vector along the principal axes, and explains the square of its part of each one's spread.
    explained = (spread_x**2 @ turn_x**2, turn_y**2 @ spread_y**2)
    weights = sum(part / part.sum() for part in explained) / 2
    return Canonical(np.clip(correlations, 0.0, 1.0), np.asarray(weights))


def rsim(first: np.ndarray, second: np.ndarray) -> float:
    """RSIM of two layers that saw the same points: 1 where one is the other's channels mixed, 0 where nothing is shared.

    With few points to a channel, independent layers have more than 0 by chance; `Similarity.chance` says how much.

    Args:
        first: The activations of one layer, (points, channels).
        second: Those of the other, (points, channels) with as many points.
    """
    return canonical(first, second).rsim


def _principal_axes(layer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The spread along each principal axis of centred channels (points, channels), and the axes (channels, axes).

    Axes along which there is nothing but rounding are left out.
    """
    squares, axes = np.linalg.eigh(layer.T @ layer)
    kept = squares > ROUNDING**2 * max(squares.max(initial=0.0), np.finfo(float).tiny)
    return np.sqrt(squares[kept]), axes[:, kept]
