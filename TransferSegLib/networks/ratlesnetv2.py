"""RatLesNetV2 (Valverde et al. 2020, "RatLesNetv2: a fully convolutional network for rodent brain lesion segmentation",
fig. 1; used for transfer by Hossain 2023 §3.2.4).

Residual blocks on three levels with max pooling between them, 1×1×1 "bottleneck" convolutions that bring the width back
down before each trilinear upsampling, and skip connections by concatenation. Every convolution but the first is preceded
by ReLU and batch normalisation, in this order. The parameters have the names of the authors' published state dicts.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

LEVELS = 3


class PreActivated(nn.Module):
    """One or more convolutions, each after ReLU and batch normalisation; `residual` adds the block's input to its output.

    `widths` are the feature maps before, between and after the convolutions: (B, widths[0], …) → (B, widths[-1], …).
    """

    def __init__(self, *widths: int, kernel_size: int, residual: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            convolution = nn.Conv3d(before, after, kernel_size, padding=kernel_size // 2)
            layers += [nn.ReLU(), nn.BatchNorm3d(before), convolution]
        self.seq = nn.Sequential(*layers)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        return x + self.seq(x) if self.residual else self.seq(x)


class RatLesNetV2(StagedNetwork):
    """filters: feature maps of every level (32 in the paper). Any input size works, and a small image is not padded: the
    published networks then lose most of what they find."""

    whole_images = True

    def __init__(self, in_channels: int, out_channels: int, filters: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(in_channels, filters, kernel_size=1)
        for n in range(LEVELS):
            self.add_module(f"block{n + 1}", _residual(filters))
        self.bottleneck1 = _projection(filters, filters)
        for n in range(LEVELS):
            self.add_module(f"block{n + 1 + LEVELS}", _residual(2 * filters))
            last = n + 1 == LEVELS
            self.add_module(f"bottleneck{n + 2}", _projection(2 * filters, out_channels if last else filters))

    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("encoder.0", ("conv1", "block1")),
            Stage("encoder.1", ("block2",)),
            Stage("encoder.2", ("block3",)),
            Stage("bottleneck", ("bottleneck1",)),
            Stage("decoder.0", ("block4", "bottleneck2")),
            Stage("decoder.1", ("block5", "bottleneck3")),
            Stage("decoder.2", ("block6",)),
            Stage("head", ("bottleneck4",)),
        )

    def encode(self, x: Tensor) -> Features:
        x = self.conv1(x)
        skips = []
        for n in range(LEVELS):
            skips.append(self.get_submodule(f"block{n + 1}")(x))
            x = F.max_pool3d(skips[-1], 2, ceil_mode=True)
        return Features(self.bottleneck1(x), tuple(skips))

    def decode(self, features: Features) -> Tensor:
        x = features.bottleneck
        for n, skip in enumerate(reversed(features.skips)):
            # Upsampled to the skip's size, not by two: with odd sides pooling had rounded up.
            x = torch.cat([F.interpolate(x, skip.shape[2:], mode="trilinear"), skip], dim=1)
            x = self.get_submodule(f"bottleneck{n + 2}")(self.get_submodule(f"block{n + 1 + LEVELS}")(x))
        return x


def _residual(width: int) -> PreActivated:
    return PreActivated(width, width, width, kernel_size=3, residual=True)


def _projection(before: int, after: int) -> PreActivated:
    return PreActivated(before, after, kernel_size=1, residual=False)
