"""A new appearance of a patch: how another scanner, sequence or contrast could have shown the same anatomy.

A model trained on many of them cannot rely on which tissue is bright. A patch is given one of three contrasts: one random
intensity map for all of it; a map of its own for every label, blended with a common one (the label-driven synthesis of
Billot et al., SynthSeg, Medical Image Analysis 2023, §3.1, with maps in place of Gaussians, so that the texture within a
label stays); or the output of a random shallow convolution network (global intensity non-linear augmentation of Ouyang et
al., Causality-inspired single-source domain generalization, IEEE Transactions on Medical Imaging 2022, §III-B). Bias field,
thick slices and Rician noise follow, in the order in which they arise.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

# Entries of an intensity map; labels beyond `GROUPS` share the maps of the first.
ENTRIES = 512
GROUPS = 8
KNOTS = (4, 8)
NETWORK_LAYERS, NETWORK_WIDTH = 4, 2
LARGEST_BIAS = 0.45
THICKEST = 3.0
NOISE_SD = 0.09
# How far brightness and spread of the result may be off the patch's own, in its standard deviations.
JITTER = 0.25
# What is darker or brighter than these shares of the voxels is clipped: before a new contrast, and after it.
RANGE_PERCENT, NEW_RANGE_PERCENT = (0.5, 99.5), (2.0, 98.0)


@dataclass(frozen=True)
class AppearanceDraw:
    """Everything random of one appearance.

    Attributes:
        maps: (8, 512) new intensities of 0…1 by label and by old intensity; None where the network is used.
        kernels: Weights (out, in, k, k, k) of the random network's layers; () where the maps are used.
        share: How much of the network's output is blended in, 0…1; the rest is the patch.
        bias: (4, 4, 4) knots of the bias field's logarithm.
        size_share: For each axis, the number of acquired voxels relative to the patch's, at most 1.
        blocks: Whether the acquired voxels are repeated on the way back to the patch's grid; else they are interpolated.
        noise_sd: The noise's standard deviation, on a scale of 0…1.
        noise_first: Whether the noise is added before the way back to the patch's grid.
        noise_seed: Decides the noise.
        factor: What the patch's spread is multiplied by.
        offset: What is added to the patch's mean, in its standard deviations.
    """

    maps: np.ndarray | None
    kernels: tuple[np.ndarray, ...]
    share: float
    bias: np.ndarray
    size_share: tuple[float, float, float]
    blocks: bool
    noise_sd: float
    noise_first: bool
    noise_seed: int
    factor: float
    offset: float


def draw_appearance(rng: np.random.Generator) -> AppearanceDraw:
    """Draw a contrast and what follows it.

    One map is the contrast of half of the patches, a map for each label that of a quarter, the network that of a quarter.
    """
    kind = rng.random()
    maps = _label_maps(rng) if 0.5 <= kind < 0.75 else np.tile(_intensity_map(rng), (GROUPS, 1))
    kernels = _kernels(rng)
    return AppearanceDraw(
        maps=maps.astype(np.float32) if kind < 0.75 else None,
        kernels=kernels if kind >= 0.75 else (),
        share=float(rng.uniform(0.3, 1)),
        bias=(rng.uniform(0, LARGEST_BIAS) * rng.uniform(-1, 1, (4, 4, 4))).astype(np.float32),
        size_share=_size_share(rng),
        blocks=bool(rng.random() < 0.4),
        noise_sd=float(rng.uniform(0, NOISE_SD)) * float(rng.random() < 0.85),
        noise_first=bool(rng.random() < 0.3),
        noise_seed=int(rng.integers(2**31)),
        factor=float(np.exp(rng.uniform(-JITTER, JITTER))),
        offset=float(rng.uniform(-JITTER, JITTER)),
    )


def apply_appearance(channel: np.ndarray, classes: np.ndarray, draw: AppearanceDraw) -> np.ndarray:
    """Give a channel of a patch a new appearance; its mean and spread stay about as they were.

    Args:
        channel: (I, J, K).
        classes: (I, J, K), of the same patch.
        draw: What was drawn.

    Returns:
        The channel, (I, J, K) float32.
    """
    with torch.no_grad():
        value = _unit(torch.from_numpy(channel), RANGE_PERCENT)
        if draw.maps is not None:
            value = _mapped(value, torch.from_numpy(classes), torch.from_numpy(draw.maps))
        else:
            value = _through_network(value, draw)
        # The new contrast is brought to 0…1 first, so that the noise is as strong against a flat map as against a steep one.
        value = _acquired(_unit(value, NEW_RANGE_PERCENT), draw)
        sd, mean = torch.std_mean(value)
        gain = float(channel.std()) * draw.factor / max(float(sd), 1e-6)
        shift = float(channel.mean()) + draw.offset * float(channel.std())
        return value.sub_(mean).mul_(gain).add_(shift).numpy()


def _intensity_map(rng: np.random.Generator) -> np.ndarray:
    """A piecewise linear map of 0…1 to itself with 4–8 knots, (512,); half of them rise or fall throughout."""
    count = int(rng.integers(KNOTS[0], KNOTS[1] + 1))
    places = np.concatenate([[0], np.sort(rng.random(count - 2)), [1]])
    values = rng.random(count)
    monotone, falling = rng.random(2) < 0.5
    if monotone:
        values = np.sort(values)[::-1] if falling else np.sort(values)
    found = np.interp(np.linspace(0, 1, ENTRIES), places, values)
    low, high = found.min(), found.max()
    return (found - low) / max(high - low, 1e-6)


def _label_maps(rng: np.random.Generator) -> np.ndarray:
    """A map for each label, (8, 512), each blended with a common one; in half of the draws all labels but 0 share a map."""
    common = _intensity_map(rng)
    own = np.stack([_intensity_map(rng) for _ in range(GROUPS)])
    if rng.random() < 0.5:
        own[2:] = own[1]
    share = rng.random()
    return (1 - share) * common + share * own


def _kernels(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Weights of the random network: kernels of 1 or 3 voxels, drawn from a normal distribution."""
    widths = [1, *[NETWORK_WIDTH] * (NETWORK_LAYERS - 1), 1]
    found = []
    for before, after in itertools.pairwise(widths):
        side = 3 if rng.random() < 0.5 else 1
        found.append(rng.normal(size=(after, before, side, side, side)).astype(np.float32))
    return tuple(found)


def _size_share(rng: np.random.Generator) -> tuple[float, float, float]:
    """Slices up to three voxels thick along one axis (half of the draws), voxels up to two wide (a seventh), or nothing."""
    kind, axis = rng.random(), int(rng.integers(3))
    thickness, width = float(rng.uniform(1, THICKEST)), float(rng.uniform(1, 2))
    if kind < 0.5:
        a, b, c = (1 / thickness if n == axis else 1.0 for n in range(3))
        return a, b, c
    share = 1 / width if kind < 0.64 else 1.0
    return share, share, share


def _unit(value: Tensor, percent: tuple[float, float]) -> Tensor:
    """`value` (I, J, K) brought to 0…1 and clipped."""
    low, high = (float(v) for v in np.percentile(value[::2, ::2, ::2].numpy(), percent))
    return ((value - low) / max(high - low, 1e-6)).clamp_(0, 1)


def _mapped(value: Tensor, classes: Tensor, maps: Tensor) -> Tensor:
    """`value` (I, J, K) of 0…1 through the map of each voxel's label."""
    index = value.mul(ENTRIES - 1).round_().to(torch.int32)
    index += (classes % GROUPS).to(torch.int32) * ENTRIES
    return maps.view(-1).index_select(0, index.view(-1)).view(value.shape)


def _through_network(value: Tensor, draw: AppearanceDraw) -> Tensor:
    """`value` (I, J, K) through the random network, blended with itself; its scale is left to the caller."""
    x = value[None, None] - 0.5
    for n, kernel in enumerate(draw.kernels):
        if kernel.shape[-1] == 3:
            x = F.pad(x, (1, 1, 1, 1, 1, 1), mode="replicate")
        x = F.conv3d(F.leaky_relu(x) if n else x, torch.from_numpy(kernel))
    found = x[0, 0]
    found = found * (torch.linalg.vector_norm(value) / torch.linalg.vector_norm(found).clamp(min=1e-6))
    return torch.lerp(value, found, draw.share)


def _acquired(value: Tensor, draw: AppearanceDraw) -> Tensor:
    """`value` (I, J, K) of 0…1 with a receive field, on a coarser grid, with noise, and back."""
    size = value.shape
    field = F.interpolate(torch.from_numpy(draw.bias)[None, None], size=size, mode="trilinear", align_corners=True)
    x = value * field[0, 0].exp_()
    if not draw.noise_first and draw.size_share == (1.0, 1.0, 1.0):
        return _with_noise(x, draw)
    fewer = [max(1, round(n * share)) for n, share in zip(size, draw.size_share, strict=True)]
    x = F.interpolate(x[None, None], size=fewer, mode="area")
    if draw.noise_first:
        x = _with_noise(x, draw)
    mode = "nearest-exact" if draw.blocks else "trilinear"
    x = F.interpolate(x, size=size, mode=mode)[0, 0]
    return x if draw.noise_first else _with_noise(x, draw)


def _with_noise(x: Tensor, draw: AppearanceDraw) -> Tensor:
    """The magnitude of a signal with normal noise in both of its parts (Rician)."""
    if draw.noise_sd == 0:
        return x
    noise = np.random.default_rng(draw.noise_seed).standard_normal((2, *x.shape), dtype=np.float32)
    real, imaginary = torch.from_numpy(noise).mul_(draw.noise_sd)
    return torch.hypot(x + real, imaginary)
