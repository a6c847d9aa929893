"""Augmentation of a patch: drawing is kept apart from applying, so that a patch can be made again.

The spatial part cuts the patch out of the whole image, rotated and scaled, in one interpolation. The intensity part follows.
The levels are `none`, `light` (good from four cases on), `strong` (very few cases) and `contrast` (for source models that
must survive a change of scanner or sequence).

The parts of the papers may come in place of a level or beside one, joined by `+`, as in `flips+turns+noise`:

- `flips`, `turns`, `shifts`, `noise`: Karimi 2021 (§2.2) names flips, rotations by multiples of 90°, random shifts and
  Gaussian noise, and no ranges. Here each axis is flipped with chance 1/2. Turns are about axes whose plane has voxels of
  equal sides, each by 0 to 3 quarters; of a 2D network only those within a slice. A shift is a whole number of voxels along
  each axis, at most an eighth of the patch. The noise's standard deviation is drawn up to a tenth of the channel's own.
- `translation`: Hossain 2023 (§3.3.4): with chance 1/2 by up to 10 voxels along each axis, through MONAI's `RandAffined`.
  Here by whole voxels, so that nothing is interpolated; of a 2D network within its slices.

Shifts and translation move the patch over the image: new tissue comes in, and beyond the image's edge its last voxels are
repeated. Those of a 2D network move it within its slices, so that a pass over all slices still has each of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from TransferSegLib.core.labels import FIRST_OPEN
from TransferSegLib.training.appearance import apply_appearance, draw_appearance

SLABS = 16
PARTS = ("flips", "turns", "shifts", "noise", "translation")
# The largest shift, as a share of the patch's side.
SHIFT_SHARE = 1 / 8
# The largest standard deviation of `noise`, as a share of the channel's own.
NOISE_SHARE = 0.1
TRANSLATION_CHANCE, TRANSLATION_VOXELS = 0.5, 10
# Sides of voxels that differ by less than this share are equal to `turns`: those that were resampled to equal sides differ
# by what a whole number of voxels makes of the image, in one of 20 voxels by up to a fortieth.
EQUAL_SIDES = 0.05


@dataclass(frozen=True)
class Level:
    """The ranges that one level draws from.

    Attributes:
        spatial: A patch's chance to be rotated and scaled.
        rotation_deg: The largest rotation, about a random axis.
        scale: The largest change of size along each axis, as a fraction.
        gamma: A channel's chance of a gamma curve.
        gamma_range: The smallest and largest exponent.
        contrast: The largest change of contrast, as a fraction, and of brightness, in standard deviations.
        noise: A channel's chance of noise.
        noise_sd: The noise's largest standard deviation, in normalised intensities.
        bias: A channel's chance of a bias field.
        bias_size: The largest logarithm of the bias field.
        blur: A channel's chance to be blurred.
        appearance: A channel's chance of a new appearance, in place of the other intensity parts.
    """

    spatial: float
    rotation_deg: float
    scale: float
    gamma: float
    gamma_range: tuple[float, float]
    contrast: float
    noise: float
    noise_sd: float
    bias: float
    bias_size: float
    blur: float
    appearance: float = 0.0


LEVELS: Mapping[str, Level] = {
    "none": Level(0, 0, 0, 0, (1, 1), 0, 0, 0, 0, 0, 0),
    "light": Level(0.8, 12, 0.12, 0.3, (0.7, 1.5), 0.15, 0.3, 0.12, 0.3, 0.25, 0.1),
    "strong": Level(0.95, 25, 0.25, 0.5, (0.5, 2.0), 0.3, 0.5, 0.25, 0.5, 0.4, 0.3),
    "contrast": Level(0.9, 15, 0.2, 0.3, (0.7, 1.5), 0.15, 0.3, 0.12, 0.3, 0.25, 0.1, appearance=0.8),
}


@dataclass(frozen=True)
class SpatialDraw:
    """A rotation and a scale.

    Attributes:
        matrix: (3, 3), an offset from the patch's centre in mm → an offset in the image in mm.
    """

    matrix: np.ndarray


@dataclass(frozen=True)
class IntensityDraw:
    """A change of intensities.

    Attributes:
        gamma: The exponent of the gamma curve; None without one.
        factor: What intensities are multiplied by.
        offset: What is then added, in standard deviations.
        noise_sd: The noise's standard deviation; 0 is no noise.
        noise_seed: Decides the noise.
        bias: (4, 4, 4) knots of the bias field's logarithm; None without one.
        blur_sd: The standard deviation of the blur, in voxels; 0 is no blur.
    """

    gamma: float | None
    factor: float
    offset: float
    noise_sd: float
    noise_seed: int
    bias: np.ndarray | None
    blur_sd: float


@dataclass(frozen=True)
class PlacingDraw:
    """Where a patch is cut, and how its axes are laid.

    Attributes:
        offset: What is added to the patch's centre, in voxels.
        order: Which axis of the image each axis of the patch is.
        flips: Which axes of the patch then run backwards.
    """

    offset: tuple[int, int, int]
    order: tuple[int, int, int]
    flips: tuple[bool, bool, bool]


@dataclass(frozen=True)
class Augmentation:
    """Cuts patches out of prepared images, augmented at one level, by parts of their own, or both.

    Attributes:
        level: The ranges that are drawn from.
        parts: Names among `PARTS`.
        slice_axis: The axis across the slices of a 2D network, which no turn lays into them and along which nothing is
            shifted; None for a 3D network.
    """

    level: Level
    parts: frozenset[str] = frozenset()
    slice_axis: int | None = None

    @classmethod
    def named(cls, name: str, slice_axis: int | None = None) -> Augmentation:
        """The augmentation of a name: a level, parts joined by `+`, or a level and parts.

        Args:
            name: As `strong` or `light+flips`, with one level at most.
            slice_axis: The axis across the slices of a 2D network.
        """
        words = name.split("+")
        level = next((word for word in words if word in LEVELS), "none")
        return cls(LEVELS[level], frozenset(words) & frozenset(PARTS), slice_axis)

    def patch(
        self,
        image: np.ndarray,
        classes: np.ndarray,
        centre: tuple[float, float, float],
        size: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cut a patch, augmented.

        Args:
            image: (C, I, J, K).
            classes: (I, J, K).
            centre: The patch's centre, in voxels.
            size: In voxels.
            spacing_mm: The image's voxel size.
            rng: Draws what is random.

        Returns:
            The patch's image (C, I, J, K) and classes (I, J, K).
        """
        if not self.parts:
            return self._cut(image, classes, centre, size, spacing_mm, rng)
        placing = self.draw_placing(size, spacing_mm, rng)
        moved = tuple(middle + shift for middle, shift in zip(centre, placing.offset, strict=True))
        # Cut in the order of the image's axes, then laid in the patch's.
        sides = tuple(size[placing.order.index(axis)] for axis in range(3))
        picked, label = self._cut(image, classes, moved, sides, spacing_mm, rng)  # type: ignore[arg-type]
        picked, label = laid(picked, placing), laid(label, placing)
        return (np.stack([_noisy(channel, rng) for channel in picked]) if "noise" in self.parts else picked), label

    def _cut(
        self,
        image: np.ndarray,
        classes: np.ndarray,
        centre: tuple[float, float, float],
        size: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cut a patch, augmented at the level alone."""
        spatial = self.draw_spatial(rng)
        if spatial is None:
            picked, label = cut(image, classes, centre, size)
        else:
            picked, label = cut_rotated(image, classes, centre, size, spacing_mm, spatial)
        return np.stack([self._recoloured(channel, label, rng) for channel in picked]), label

    def draw_placing(
        self, size: tuple[int, int, int], spacing_mm: tuple[float, float, float], rng: np.random.Generator
    ) -> PlacingDraw:
        """Draw shift, translation, turns and flips; the number of draws does not depend on what is used.

        Args:
            size: The patch's, in voxels.
            spacing_mm: The image's voxel size.
            rng: Draws what is random.
        """
        reach = [int(side * SHIFT_SHARE) for side in size]
        shift = [int(rng.integers(-most, most + 1)) for most in reach]
        chance = rng.random()
        translation = rng.integers(-TRANSLATION_VOXELS, TRANSLATION_VOXELS + 1, size=3)
        quarters, flipped = rng.integers(4, size=3), rng.random(3) < 0.5
        offset = np.zeros(3, int)
        if "shifts" in self.parts:
            offset += shift
        if "translation" in self.parts and chance < TRANSLATION_CHANCE:
            if self.slice_axis is not None:  # slices stay themselves, also beside the image's last one
                translation[self.slice_axis] = 0
            offset += translation
        if self.slice_axis is not None:
            offset[self.slice_axis] = 0
        order, flips = [0, 1, 2], [False, False, False]
        for about, count in enumerate(quarters):
            a, b = (axis for axis in range(3) if axis != about)
            equal = abs(spacing_mm[a] / spacing_mm[b] - 1) < EQUAL_SIDES
            if "turns" not in self.parts or not equal or self.slice_axis in (a, b):
                continue
            for _ in range(count):  # a quarter: one axis takes the place of the other, which runs backwards
                order[a], order[b] = order[b], order[a]
                flips[a], flips[b] = not flips[b], flips[a]
        if "flips" in self.parts:
            flips = [one != bool(other) for one, other in zip(flips, flipped, strict=True)]
        i, j, k = (int(voxels) for voxels in offset)
        return PlacingDraw((i, j, k), (order[0], order[1], order[2]), (flips[0], flips[1], flips[2]))

    def _recoloured(self, channel: np.ndarray, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        draw = self.draw_intensity(rng)
        if rng.random() < self.level.appearance:
            # A voxel of no known class looks as background does.
            return apply_appearance(channel, np.where(classes < FIRST_OPEN, classes, 0), draw_appearance(rng))
        return apply_intensity(channel, draw)

    def draw_spatial(self, rng: np.random.Generator) -> SpatialDraw | None:
        """Draw a rotation about a random axis and a scale for each axis; None where this patch has neither."""
        chance, angle, axis, scales = rng.random(), rng.uniform(-1, 1), rng.normal(size=3), rng.uniform(-1, 1, size=3)
        if chance >= self.level.spatial:
            return None
        axis = axis / max(float(np.linalg.norm(axis)), 1e-9)
        x, y, z = axis
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        radians = np.deg2rad(self.level.rotation_deg) * angle
        rotation = np.eye(3) + np.sin(radians) * cross + (1 - np.cos(radians)) * (cross @ cross)
        return SpatialDraw(rotation @ np.diag(np.exp(np.log1p(self.level.scale) * scales)))

    def draw_intensity(self, rng: np.random.Generator) -> IntensityDraw:
        """Draw a change of intensities for one channel; the number of draws does not depend on what is used."""
        level = self.level
        chance = rng.random(5)
        low, high = level.gamma_range
        gamma = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        factor, offset = rng.uniform(-1, 1, size=2)
        noise_sd, blur_sd = float(rng.uniform(0, level.noise_sd)), float(rng.uniform(0.3, 1.0))
        seed = int(rng.integers(2**31))
        bias = rng.uniform(-level.bias_size, level.bias_size, size=(4, 4, 4)).astype(np.float32)
        changed = chance[1] < 0.5
        return IntensityDraw(
            gamma=gamma if chance[0] < level.gamma else None,
            factor=1 + level.contrast * float(factor) if changed else 1.0,
            offset=level.contrast * float(offset) if changed else 0.0,
            noise_sd=noise_sd if chance[2] < level.noise else 0.0,
            noise_seed=seed,
            bias=bias if chance[3] < level.bias else None,
            blur_sd=blur_sd if chance[4] < level.blur else 0.0,
        )


def laid(array: np.ndarray, draw: PlacingDraw) -> np.ndarray:
    """Permute and flip the axes of a patch as they were drawn.

    Args:
        array: (…, I, J, K).
        draw: The order of the axes, and which of them run backwards.

    Returns:
        A contiguous array with these axes.
    """
    lead = array.ndim - 3
    array = array.transpose(*range(lead), *(lead + axis for axis in draw.order))
    backwards = tuple(lead + axis for axis, flipped in enumerate(draw.flips) if flipped)
    return np.ascontiguousarray(np.flip(array, backwards))


def _noisy(channel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of a drawn strength to a channel (I, J, K)."""
    sd = rng.uniform(0, NOISE_SHARE) * float(channel.std())
    noise = rng.standard_normal(channel.shape, dtype=np.float32)
    noisy: np.ndarray = channel + noise * np.float32(sd)
    return noisy


def cut(
    image: np.ndarray, classes: np.ndarray, centre: tuple[float, float, float], size: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a patch as it is; beyond the image's edge its last voxels are repeated.

    Args:
        image: (C, I, J, K).
        classes: (I, J, K).
        centre: The patch's centre, in voxels.
        size: In voxels.

    Returns:
        The patch's image and classes.
    """
    picks = []
    for middle, side, n in zip(centre, size, classes.shape, strict=True):
        start = round(middle - (side - 1) / 2)
        picks.append(np.clip(np.arange(start, start + side), 0, n - 1))
    index = np.ix_(*picks)
    return np.stack([np.asarray(channel[index], dtype=np.float32) for channel in image]), np.asarray(classes[index])


def cut_rotated(
    image: np.ndarray,
    classes: np.ndarray,
    centre: tuple[float, float, float],
    size: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    draw: SpatialDraw,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a patch, rotated and scaled about its centre: linear interpolation for the image, nearest for the classes.

    Args:
        image: (C, I, J, K).
        classes: (I, J, K).
        centre: The patch's centre, in voxels.
        size: In voxels.
        spacing_mm: The image's voxel size.
        draw: The rotation and the scale.

    Returns:
        The patch's image and classes.
    """
    spacing = np.array(spacing_mm)
    matrix = draw.matrix * spacing[None, :] / spacing[:, None]
    half = (np.array(size) - 1) / 2
    reach = np.abs(matrix) @ half + 1
    low = np.floor(np.clip(np.array(centre) - reach, 0, np.array(classes.shape) - 1)).astype(int)
    high = np.ceil(np.clip(np.array(centre) + reach, 0, np.array(classes.shape) - 1)).astype(int) + 1
    window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    extent = np.maximum(high - low - 1, 1)
    # grid_sample wants -1…1 over the window's voxel centres, with the axes in reverse order.
    scaled = matrix / extent[:, None] * 2 * half[None, :]
    shift = (np.array(centre) - low) / extent * 2 - 1
    theta = np.concatenate([scaled, shift[:, None]], axis=1)[::-1, [2, 1, 0, 3]]
    with torch.no_grad():
        wanted = torch.tensor(theta.copy(), dtype=torch.float32)[None]
        grid = _grid_of_one(wanted, size) if 1 in size else F.affine_grid(wanted, [1, 1, *size], align_corners=True)
        picked = _sampled(np.array(image[(slice(None), *window)], dtype=np.float32), grid, "bilinear")
        chosen = _sampled(np.array(classes[window], dtype=np.float32)[None], grid, "nearest")[0]
    return picked, chosen.astype(np.uint8)


def _grid_of_one(theta: torch.Tensor, size: tuple[int, int, int]) -> torch.Tensor:
    """As `affine_grid`, which warns of patches with one voxel along an axis: that voxel is in the middle."""
    sides = [torch.zeros(1) if n == 1 else torch.linspace(-1, 1, n) for n in size]
    i, j, k = torch.meshgrid(*sides, indexing="ij")
    return torch.stack([k, j, i, torch.ones_like(i)], dim=-1)[None] @ theta[0].T


def _sampled(source: np.ndarray, grid: torch.Tensor, mode: str) -> np.ndarray:
    """(C, …) at the grid (1, I, J, K, 3), in slabs, because PyTorch shares out the members of a batch among the cores."""
    slabs = math.gcd(grid.shape[1], SLABS)
    whole = torch.from_numpy(source)[None].expand(slabs, *[-1] * 4)
    parts = grid.reshape(slabs, -1, *grid.shape[2:])
    found = F.grid_sample(whole, parts, mode=mode, padding_mode="border", align_corners=True)
    return found.transpose(0, 1).reshape(len(source), *grid.shape[1:4]).numpy()


def apply_intensity(channel: np.ndarray, draw: IntensityDraw) -> np.ndarray:
    """Change the intensities of one channel of a patch.

    Args:
        channel: (I, J, K), normalised.
        draw: What was drawn for it.

    Returns:
        (I, J, K).
    """
    if draw.bias is not None:
        knots = torch.from_numpy(draw.bias)[None, None]
        field = F.interpolate(knots, size=channel.shape, mode="trilinear", align_corners=True)[0, 0].numpy()
        low = channel.min()
        channel = low + (channel - low) * np.exp(field)
    if draw.gamma is not None:
        low, high = float(channel.min()), float(channel.max())
        if high > low:
            channel = np.power((channel - low) / (high - low), np.float32(draw.gamma)) * (high - low) + low
    if draw.factor != 1.0 or draw.offset != 0.0:
        channel = channel * np.float32(draw.factor) + np.float32(draw.offset)
    if draw.blur_sd > 0:
        channel = _blur(channel, draw.blur_sd)
    if draw.noise_sd > 0:
        noise = np.random.default_rng(draw.noise_seed).standard_normal(channel.shape, dtype=np.float32)
        channel = channel + noise * np.float32(draw.noise_sd)
    return channel.astype(np.float32, copy=False)


def _blur(channel: np.ndarray, sd: float) -> np.ndarray:
    """A three-tap approximation of a Gaussian along each axis, edges repeated."""
    side = float(np.exp(-0.5 / sd**2))
    weights = np.array([side, 1, side], dtype=np.float32) / np.float32(1 + 2 * side)
    for axis in range(3):
        padded = np.pad(channel, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        parts = [np.take(padded, range(n, n + channel.shape[axis]), axis) for n in range(3)]
        channel = parts[0] * weights[0] + parts[1] * weights[1] + parts[2] * weights[2]
    return channel
