"""SegNet (Badrinarayanan 2017), the 2D network of Mecheter 2020 (§III-A and fig. 2).

The extracting path has 13 convolutions of 3×3 in five blocks, each with batch normalisation and ReLU, and a max pooling after
each block. The expanding path mirrors it and unpools by the indices of the pooling. Weights are drawn by He's normal rule.

The paper leaves some things open. Chosen here:

- The feature maps are those of SegNet, which are VGG-16's.
- The last of the 13 convolutions on the way up gives the classes.
- Dropout (0.7) is applied to the deepest feature map, where the network has most parameters. It is the first thing that the
  expanding path does, so that it is active while that path alone is tuned (§III-B), and never in a frozen one.
- The fifth block is the bottleneck.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.sliced import SlicedNetwork
from TransferSegLib.networks.staged import Features, Stage


class Block(nn.Sequential):
    """3×3 convolutions with batch normalisation and ReLU: (N, widths[0], i, j) → (N, widths[-1], i, j)."""

    def __init__(self, *widths: int) -> None:
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
        super().__init__(*layers)


class SegNet(SlicedNetwork):
    """The network of Mecheter 2020.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps of each block.
        layers: Convolutions of each block.
        dropout: The share of the deepest feature maps that is dropped.
        plane: The plane of the slices, see `SlicedNetwork`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (64, 128, 256, 512, 512),
        layers: Sequence[int] = (2, 2, 3, 3, 3),
        dropout: float = 0.7,
        plane: str = "axial",
    ) -> None:
        super().__init__(plane, 2 ** len(channels))
        before = (in_channels, *channels[:-1])
        down = [Block(a, *[b] * n) for a, b, n in zip(before, channels, layers, strict=True)]
        # On the way up a block ends with the width of the one above it, whose pooling is undone next; the last convolution
        # of the uppermost block is the head.
        up = [
            Block(b, *[b] * (n - 1), *([a] if level else []))
            for level, (a, b, n) in enumerate(zip(before, channels, layers, strict=True))
        ]
        self.encoder = nn.ModuleList(down)
        self.decoder = nn.ModuleList(up[::-1])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Conv2d(channels[0], out_channels, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    @override
    def stages(self) -> tuple[Stage, ...]:
        last = len(self.encoder) - 1
        return (
            *(Stage(f"encoder.{n}", (f"encoder.{n}",)) for n in range(last)),
            Stage("bottleneck", (f"encoder.{last}",)),
            Stage("decoder.0", ("dropout", "decoder.0")),
            *(Stage(f"decoder.{n}", (f"decoder.{n}",)) for n in range(1, last + 1)),
            Stage("head", ("head",)),
        )

    @override
    def encode_slices(self, x: Tensor) -> Features:
        indices = []
        for block in self.encoder:
            x, kept = F.max_pool2d(block(x), 2, return_indices=True)
            indices.append(kept)
        return Features(x, indices=tuple(indices))

    @override
    def decode_slices(self, features: Features) -> Tensor:
        x = self.dropout(features.bottleneck)
        for block, kept in zip(self.decoder, reversed(features.indices), strict=True):
            x = block(F.max_unpool2d(x, kept, (2, 2)))
        return self.head(x)
