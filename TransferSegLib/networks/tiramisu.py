"""Tiramisu (Jégou 2017, "The One Hundred Layers Tiramisu"; Karimi 2021 §2.2): a fully convolutional DenseNet, in 3D.

In a dense block, each layer takes the block's input and what all layers before it made. Transitions down are a 1×1×1
convolution and max pooling; transitions up are transposed convolutions. On the way up, a block passes on only what its own
layers made.

Karimi does not say which of its sizes is used. Chosen here is the smallest, FC-DenseNet56, with four layers of 12 maps a
block. As in the paper, the first convolution gives 48 maps, and dropout of 0.2 follows every layer. There are four
transitions down and not five, so that a patch of 48×64×48 voxels does not end at one voxel.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class DenseBlock(nn.ModuleList):
    """A dense block: (B, C, I, J, K) → the maps that its layers make, `layers`·`growth` of them."""

    def __init__(self, in_channels: int, growth: int, layers: int, dropout: float) -> None:
        super().__init__(
            nn.Sequential(*_layer(in_channels + n * growth, growth, 3), nn.Dropout(dropout)) for n in range(layers)
        )

    @override
    def forward(self, x: Tensor) -> Tensor:
        made: list[Tensor] = []
        for layer in self:
            made.append(layer(torch.cat([x, *made], dim=1)))
        return torch.cat(made, dim=1)


class Tiramisu(StagedNetwork):
    """The network of Jégou 2017, in 3D.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        layers: The layers of each dense block on the way down, and, last, of the bottleneck's.
        growth: The feature maps that each layer makes.
        first: The feature maps of the first convolution.
        dropout: The share of feature maps that is dropped after each layer.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        layers: Sequence[int] = (4, 4, 4, 4, 4),
        growth: int = 12,
        first: int = 48,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        *down, bottom = layers
        self.first = nn.Conv3d(in_channels, first, 3, padding=1)
        self.down, self.narrow = nn.ModuleList(), nn.ModuleList()
        width, skips = first, []
        for n in down:
            self.down.append(DenseBlock(width, growth, n, dropout))
            width += n * growth
            self.narrow.append(nn.Sequential(*_layer(width, width, 1), nn.Dropout(dropout)))
            skips.append(width)
        self.bottleneck = DenseBlock(width, growth, bottom, dropout)
        self.widen, self.up = nn.ModuleList(), nn.ModuleList()
        made = bottom * growth
        for n, skip in zip(reversed(down), reversed(skips), strict=True):
            self.widen.append(nn.ConvTranspose3d(made, made, 3, stride=2, padding=1, output_padding=1))
            self.up.append(DenseBlock(made + skip, growth, n, dropout))
            width, made = made + skip, n * growth
        # The last block passes on all it has.
        self.head = nn.Conv3d(width + made, out_channels, 1)
        side = 2 ** len(down)
        self.divisor = (side, side, side)
        for module in self.modules():
            if isinstance(module, (nn.Conv3d, nn.ConvTranspose3d)):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")

    @override
    def stages(self) -> tuple[Stage, ...]:
        first = ("first",)
        return (
            *(
                Stage(f"encoder.{n}", (*(() if n else first), f"down.{n}", f"narrow.{n}"))
                for n in range(len(self.down))
            ),
            Stage("bottleneck", ("bottleneck",)),
            *(Stage(f"decoder.{n}", (f"widen.{n}", f"up.{n}")) for n in range(len(self.up))),
            Stage("head", ("head",)),
        )

    @override
    def encode(self, x: Tensor) -> Features:
        x, skips = self.first(x), []
        for block, narrow in zip(self.down, self.narrow, strict=True):
            x = torch.cat([x, block(x)], dim=1)
            skips.append(x)
            x = F.max_pool3d(narrow(x), 2)
        return Features(self.bottleneck(x), tuple(skips))

    @override
    def decode(self, features: Features) -> Tensor:
        made = x = features.bottleneck
        for widen, block, skip in zip(self.widen, self.up, reversed(features.skips), strict=True):
            x = torch.cat([widen(made), skip], dim=1)
            made = block(x)
        return self.head(torch.cat([x, made], dim=1))


def _layer(before: int, after: int, kernel_size: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv3d(before, after, kernel_size, padding=kernel_size // 2)
    return nn.BatchNorm3d(before), nn.ReLU(inplace=True), convolution
