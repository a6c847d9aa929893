"""Linear CKA, centred kernel alignment: a second measure of how alike two representations are (Kornblith 2019, §3).

    CKA(X, Y) = ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)    with centred channels and Frobenius norms

Unlike RSIM it changes when channels are mixed in another way than by a rotation: directions of large variance decide. So it
needs fewer points, and hardly sees what happens in weak directions.
"""

from __future__ import annotations

import numpy as np


def linear_cka(first: np.ndarray, second: np.ndarray) -> float:
    """Linear CKA of two layers that saw the same points: 1 where one is the other rotated and scaled, 0 where one is flat.

    Args:
        first: The activations of one layer, (points, channels).
        second: Those of the other, (points, channels) with as many points.
    """
    x, y = (layer - layer.mean(axis=0) for layer in (np.asarray(first, np.float64), np.asarray(second, np.float64)))
    norms = float(np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    return float(np.linalg.norm(y.T @ x) ** 2) / norms if norms else 0.0
