"""The network of Karimi 2021 (§2.2 and fig. 1), 3D: like a V-Net, with dense connections between the levels of its encoder.

Every level of the encoder takes the image and the feature maps of every level above it. All are brought down to its size by
strided convolutions and put side by side. They go through a residual block of four convolutions "with short and long skip
connections". The result goes on to the next levels, and to the decoder's level of the same size.

All kernels are 3×3×3 and followed by ReLU; there is no normalisation. Filters are drawn by He's normal rule with deviation
√(2/n), where n is "the number of connections to the convolutional filter from the previous layer" (§2.2): voxels of the
kernel times maps that come in. Transposed convolutions are drawn in the same way.

The paper says two things about the size. §2.2 lists feature maps of 14, 28, 56, 112 and 224: five levels. §3.7 counts 33
convolutions in the encoder and 18 in the decoder: four levels, 14 to 112. Four are the default here, as in the author's own
code for his later papers; `levels=5` gives the fifth.

The paper leaves open what follows each concatenation. Here a convolution follows it, and then the decoder's residual blocks
work as the encoder's do. A last convolution gives the classes.
"""

from __future__ import annotations

import itertools
from typing import Literal

import torch
from torch import Tensor, nn
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class ResidualBlock(nn.Module):
    """Four convolutions with ReLU; the input is added after two (short skip), and with that sum again after four (long)."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Sequential(_convolution(channels, channels, dropout), _convolution(channels, channels, dropout))
        self.second = nn.Sequential(
            _convolution(channels, channels, dropout), _convolution(channels, channels, dropout)
        )

    @override
    def forward(self, x: Tensor) -> Tensor:
        half = self.first(x) + x
        return self.second(half) + half + x


class EncoderLevel(nn.Module):
    """A level of the encoder.

    It takes the image and the maps of all levels above it, each halved in size as often as this level needs, side by side;
    a residual block follows.
    """

    def __init__(self, in_channels: int, channels: int, level: int, dropout: float) -> None:
        super().__init__()
        image = [_convolution(in_channels, channels, dropout, stride=min(level, 1) + 1)]
        image += [_convolution(channels, channels, dropout, stride=2) for _ in range(level - 1)]
        self.image = nn.Sequential(*image)
        widths = [channels * 2**above for above in range(level)]
        self.above = nn.ModuleList(
            nn.Sequential(*(_convolution(width, width, dropout, stride=2) for _ in range(level - above)))
            for above, width in enumerate(widths)
        )
        self.block = ResidualBlock(channels + sum(widths), dropout)

    @override
    def forward(self, image: Tensor, above: list[Tensor]) -> Tensor:
        maps = [path(x) for path, x in zip(self.above, above, strict=True)]
        return self.block(torch.cat([self.image(image), *maps], dim=1))


class DecoderLevel(nn.Module):
    """A level of the decoder: transposed convolution, the encoder's maps of that size beside it, a convolution, a block."""

    def __init__(self, before: int, skip: int, after: int, dropout: float) -> None:
        super().__init__()
        up = nn.ConvTranspose3d(before, before // 2, 3, stride=2, padding=1, output_padding=1)
        self.up = nn.Sequential(up, nn.ReLU(inplace=True), nn.Dropout(dropout))
        self.merge = _convolution(before // 2 + skip, after, dropout)
        self.block = ResidualBlock(after, dropout)

    @override
    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.block(self.merge(torch.cat([skip, self.up(x)], dim=1)))


class Karimi2021(StagedNetwork):
    """The network of Karimi 2021.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps of the first level, doubled from one to the next.
        levels: 4 or 5, see above.
        dropout: The share of values that is dropped after each convolution.
    """

    def __init__(
        self, in_channels: int, out_channels: int, channels: int = 14, levels: int = 4, dropout: float = 0.0
    ) -> None:
        super().__init__()
        widths = [channels * 2**level for level in range(levels)]
        self.encoder = nn.ModuleList(EncoderLevel(in_channels, channels, level, dropout) for level in range(levels))
        # The deepest level of the decoder keeps the bottleneck's width; from there on it is halved.
        up = [widths[-1], *widths[:0:-1]]
        skips = widths[-2::-1]
        self.decoder = nn.ModuleList(
            DecoderLevel(before, skip, after, dropout)
            for (before, after), skip in zip(itertools.pairwise(up), skips, strict=True)
        )
        self.head = nn.Conv3d(up[-1], out_channels, 3, padding=1)
        side = 2 ** (levels - 1)
        self.divisor = (side, side, side)
        for module in self.modules():
            if isinstance(module, (nn.Conv3d, nn.ConvTranspose3d)):
                # torch counts what comes in along a weight's second axis, which in a transposed one is what goes out.
                mode: Literal["fan_in", "fan_out"] = "fan_out" if isinstance(module, nn.ConvTranspose3d) else "fan_in"
                nn.init.kaiming_normal_(module.weight, mode=mode, nonlinearity="relu")
                nn.init.constant_(module.bias, 0.001)  # type: ignore[arg-type]

    @override
    def stages(self) -> tuple[Stage, ...]:
        last = len(self.encoder) - 1
        return (
            *(Stage(f"encoder.{n}", (f"encoder.{n}",)) for n in range(last)),
            Stage("bottleneck", (f"encoder.{last}",)),
            *(Stage(f"decoder.{n}", (f"decoder.{n}",)) for n in range(last)),
            Stage("head", ("head",)),
        )

    @override
    def encode(self, x: Tensor) -> Features:
        maps: list[Tensor] = []
        for level in self.encoder:
            maps.append(level(x, maps))
        return Features(maps[-1], tuple(maps[:-1]))

    @override
    def decode(self, features: Features) -> Tensor:
        x = features.bottleneck
        for level, skip in zip(self.decoder, reversed(features.skips), strict=True):
            x = level(x, skip)
        return self.head(x)


def _convolution(before: int, after: int, dropout: float, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(before, after, 3, stride=stride, padding=1), nn.ReLU(inplace=True), nn.Dropout(dropout)
    )
