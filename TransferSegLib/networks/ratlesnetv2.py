"""RatLesNetV2 (Valverde 2020, fig. 1), which Hossain 2023 (§3.2.4) uses for transfer.

Valverde et al. 2020 is "RatLesNetv2: A Fully Convolutional Network for Rodent Brain Lesion Segmentation".

There are residual blocks on three levels with max pooling between them, and skip connections by concatenation. 1×1×1
"bottleneck" convolutions bring the width back down before each trilinear upsampling. ReLU and then batch normalisation
precede every convolution but the first. The parameters have the names of the authors' published state dicts.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

LEVELS = 3


class PreActivated(nn.Module):
    """One or more convolutions, each after ReLU and batch normalisation: (B, widths[0], …) → (B, widths[-1], …).

    Args:
        *widths: The feature maps before, between and after the convolutions.
        kernel_size: The size of all kernels.
        residual: Whether the block's input is added to its output.
    """

    def __init__(self, *widths: int, kernel_size: int, residual: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            convolution = nn.Conv3d(before, after, kernel_size, padding=kernel_size // 2)
            layers += [nn.ReLU(), nn.BatchNorm3d(before), convolution]
        self.seq = nn.Sequential(*layers)
        self.residual = residual

    @override
    def forward(self, x: Tensor) -> Tensor:
        return x + self.seq(x) if self.residual else self.seq(x)


class RatLesNetV2(StagedNetwork):
    """The network of Valverde 2020.

    Any input size works, and a small image is not padded: the published networks then lose most of what they find.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        filters: Feature maps of every level (32 in the paper).
    """

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

    @override
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

    @override
    def encode(self, x: Tensor) -> Features:
        x = self.conv1(x)
        skips = []
        for n in range(LEVELS):
            skips.append(self.get_submodule(f"block{n + 1}")(x))
            x = F.max_pool3d(skips[-1], 2, ceil_mode=True)
        return Features(self.bottleneck1(x), tuple(skips))

    @override
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
