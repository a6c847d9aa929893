from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from TransferSegLib.evaluation.representation.cka import linear_cka
from TransferSegLib.evaluation.representation.rsim import canonical, rsim

POINTS = 4000


def normal(seed: int, channels: int = 6, points: int = POINTS) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(points, channels))


def uneven(seed: int = 0, channels: int = 6) -> np.ndarray:
    """Correlated channels of very different spread, not centred."""
    mixing = np.random.default_rng(100).normal(size=(channels, channels))
    return normal(seed, channels) * np.geomspace(0.01, 10, channels) @ mixing + 5


def rotation(channels: int = 6) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(1).normal(size=(channels, channels)))[0]


def by_eigenvalues(x: np.ndarray, y: np.ndarray) -> float:
    """RSIM by the generalised eigenvalue problem of the covariances; `x` has no more channels than `y`."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    xx, xy, yy = x.T @ x, x.T @ y, y.T @ y
    squares, a = scipy.linalg.eigh(xy @ np.linalg.solve(yy, xy.T), xx)
    b = np.linalg.solve(yy, xy.T @ a)
    shares = []
    for layer, variates in ((x, x @ a), (y, y @ b)):
        variates = variates / np.linalg.norm(variates, axis=0)
        explained = ((variates.T @ layer) ** 2).sum(axis=1)
        shares.append(explained / explained.sum())
    return float(np.sqrt(np.clip(squares, 0, 1)) @ (shares[0] + shares[1]) / 2)


def by_variates(x: np.ndarray, y: np.ndarray) -> float:
    """RSIM by the canonical variates themselves, from QR decompositions of the points."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    (basis_x, _), (basis_y, _) = np.linalg.qr(x), np.linalg.qr(y)
    turn_x, correlations, turn_y = np.linalg.svd(basis_x.T @ basis_y, full_matrices=False)
    shares = []
    for layer, variates in ((x, basis_x @ turn_x), (y, basis_y @ turn_y.T)):
        explained = ((variates.T @ layer) ** 2).sum(axis=1)
        shares.append(explained / explained.sum())
    return float(correlations @ (shares[0] + shares[1]) / 2)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("the same", lambda x: x),
        ("rotated", lambda x: x @ rotation()),
        ("permuted", lambda x: x[:, [3, 1, 5, 0, 2, 4]]),
        ("scaled", lambda x: x * [1e-3, 1, 2, -3, 50, 1000]),
        ("shifted", lambda x: x + 7),
        ("with channels that are constant", lambda x: np.hstack([x, np.full((POINTS, 2), 3.0)])),
        ("with a channel twice", lambda x: np.hstack([x, x[:, :1]])),
        ("with channels of its own", lambda x: np.hstack([x, normal(9)])),
    ],
)
def test_a_layer_is_wholly_like_itself(name, change):
    x = uneven()
    assert rsim(x, change(x)) == pytest.approx(1.0, abs=1e-6)
    assert rsim(change(x), x) == pytest.approx(1.0, abs=1e-6)


def test_independent_layers_share_nothing_but_chance():
    # The squared correlation of one channel with p independent ones is about p / points by chance.
    assert rsim(normal(1, 3), normal(2, 3)) < 2 * np.sqrt(6 / POINTS)
    # With hardly more points than channels, chance finds much.
    assert rsim(normal(1, 20, 50), normal(2, 20, 50)) > 0.5


def test_each_correlation_counts_by_the_variance_that_it_explains():
    shared, own, others = (channel[:, None] for channel in np.linalg.qr(normal(3, 3) - normal(3, 3).mean(axis=0))[0].T)
    x = np.hstack([2 * shared, own])  # four fifths of the variance are shared
    y = np.hstack([shared, 3 * others])  # one tenth is
    found = canonical(x, y)
    assert found.correlations == pytest.approx([1.0, 0.0], abs=1e-9)
    assert found.weights == pytest.approx([(0.8 + 0.1) / 2, (0.2 + 0.9) / 2])
    assert found.rsim == pytest.approx(0.45)
    assert rsim(y, x) == pytest.approx(0.45)


@pytest.mark.parametrize("channels", [(4, 4), (3, 7), (6, 6)])
def test_two_other_ways_to_compute_it_give_the_same(channels):
    x = uneven(4, channels[0])
    y = np.tanh(x @ np.random.default_rng(5).normal(size=channels)) + 0.3 * normal(6, channels[1])
    assert 0.1 < rsim(x, y) < 0.95
    assert rsim(x, y) == pytest.approx(by_eigenvalues(x, y), abs=1e-6)
    assert rsim(x, y) == pytest.approx(by_variates(x, y), abs=1e-9)


def test_one_channel_each_gives_the_absolute_correlation():
    x = normal(7, 1)
    y = -x + normal(8, 1)
    assert rsim(x, y) == pytest.approx(abs(np.corrcoef(x[:, 0], y[:, 0])[0, 1]))


def test_a_constant_layer_is_like_nothing():
    assert rsim(np.ones((POINTS, 3)), normal(1)) == 0.0
    assert linear_cka(np.ones((POINTS, 3)), normal(1)) == 0.0


def test_cka_is_one_for_a_rotated_and_scaled_layer_and_less_for_channels_scaled_apart():
    x = uneven()
    assert linear_cka(x, 3 * x @ rotation() + 1) == pytest.approx(1.0)
    # Of independent channels of spread 1: the sum of s² over √6 times the root of the sum of s⁴.
    assert linear_cka(normal(1), normal(1) * [1, 1, 1, 1, 1, 10]) == pytest.approx(105 / np.sqrt(6 * 10_005), abs=0.02)
    assert linear_cka(normal(1), normal(2)) < 0.01


def test_cka_is_the_alignment_of_the_centred_kernels():
    x = normal(1, 4, 60)
    y = x[:, :3] + normal(3, 3, 60)
    centring = np.eye(60) - 1 / 60
    k, l = (centring @ layer @ layer.T @ centring for layer in (x, y))
    assert linear_cka(x, y) == pytest.approx((k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum()))
