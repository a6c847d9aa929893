"""How far two computations of the same thing in float32 may lie apart, on processors that add in different orders."""

from __future__ import annotations

import math

import numpy as np
import torch


def float32_error(products: int, layers: int = 1, largest: float = 1.0) -> float:
    """Bound the difference between two sums of the same float32 numbers in different orders, layer after layer.

    Each of n additions rounds by up to half a unit in the last place. Errors have random signs, so that a sum of n products
    is off by about √n units, and one layer passes its error on to the next.

    Args:
        products: How many products a value of the widest layer sums up: kernel voxels times maps that come in.
        layers: How many such layers follow each other.
        largest: The size of the values that are compared.
    """
    return layers * math.sqrt(products) * float(np.finfo(np.float32).eps) * largest


def assert_same(found: torch.Tensor, expected: torch.Tensor, products: int = 27 * 64, layers: int = 20) -> None:
    """Assert that two computations of the same network's output differ by no more than float32's rounding.

    Args:
        found: One of them.
        expected: The other, of the same shape.
        products: See `float32_error`; the default is for 3×3×3 kernels over 64 maps, as wide as a test's networks are.
        layers: How many layers the network has.
    """
    assert found.shape == expected.shape
    largest = max(1.0, float(expected.detach().abs().max()))
    torch.testing.assert_close(found, expected, rtol=0, atol=float32_error(products, layers, largest))
