"""HRNet (Wang 2020, "Deep High-Resolution Representation Learning for Visual Recognition"; Karimi 2021 §2.2), in 3D.

One stream at high resolution runs through the whole network. Each stage adds a stream at half the lowest resolution, so
stage i has i streams. At its end every stream takes from every other. The logits come from all streams of the last stage,
brought to the highest resolution and put side by side (HRNetV2). All streams but the lowest are the skip connections, the
lowest is the bottleneck.

Karimi leaves the size open. Chosen here:

- HRNet-W18, with its "small" number of blocks.
- Basic residual blocks in the first stage, too.
- One strided convolution before the first stage and not two, for structures of a few millimetres.
- Trilinear upsampling.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class BasicBlock(nn.Module):
    """Two 3×3×3 convolutions and the input added: (B, C, I, J, K) → the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*_convolved(width, width), nn.ReLU(inplace=True), *_convolved(width, width))

    @override
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class Exchange(nn.Module):
    """Residual blocks in every stream, then every stream takes from every other: lists of maps, highest resolution first."""

    def __init__(self, width: int, streams: int, blocks: int) -> None:
        super().__init__()
        widths = [width * 2**n for n in range(streams)]
        self.streams = nn.ModuleList(nn.Sequential(*(BasicBlock(w) for _ in range(blocks))) for w in widths)
        # paths[to][from]: strided convolutions on the way down, one of 1×1×1 on the way up, before the upsampling.
        self.paths = nn.ModuleList(
            nn.ModuleList(_path(widths, source, target) for source in range(streams)) for target in range(streams)
        )

    @override
    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        maps = [stream(x) for stream, x in zip(self.streams, maps, strict=True)]
        return [F.relu(self._taken(n, maps)) for n in range(len(maps))]

    def _taken(self, target: int, maps: list[Tensor]) -> Tensor:
        maps_of_target = maps[target]
        taken = maps_of_target
        for source, x in enumerate(maps):
            if source != target:
                taken = taken + _resized(self.paths[target].get_submodule(str(source))(x), maps_of_target)
        return taken


class HRNet(StagedNetwork):
    """The network of Wang 2020, in 3D.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        width: Feature maps of the highest resolution (18, 32, 48 in the paper), doubled from stream to stream.
        streams: How many streams there are at the end.
        blocks: Residual blocks of each stream in each stage.
    """

    def __init__(self, in_channels: int, out_channels: int, width: int = 18, streams: int = 4, blocks: int = 2) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            *_convolved(in_channels, width, stride=2),
            nn.ReLU(inplace=True),
            *_convolved(width, width),
            nn.ReLU(inplace=True),
        )
        self.exchanges = nn.ModuleList(Exchange(width, n, blocks) for n in range(1, streams + 1))
        self.lower = nn.ModuleList(
            nn.Sequential(*_convolved(width * 2**n, width * 2 ** (n + 1), stride=2), nn.ReLU(inplace=True))
            for n in range(streams - 1)
        )
        total = width * (2**streams - 1)
        self.fuse = nn.Sequential(*_convolved(total, total, kernel_size=1), nn.ReLU(inplace=True))
        self.head = nn.Conv3d(total, out_channels, 1)
        side = 2**streams
        self.divisor = (side, side, side)

    @override
    def stages(self) -> tuple[Stage, ...]:
        last = len(self.exchanges) - 1
        return (
            Stage("encoder.0", ("stem", "exchanges.0")),
            *(Stage(f"encoder.{n}", (f"lower.{n - 1}", f"exchanges.{n}")) for n in range(1, last)),
            Stage("bottleneck", (f"lower.{last - 1}", f"exchanges.{last}")),
            Stage("decoder.0", ("fuse",)),
            Stage("head", ("head",)),
        )

    @override
    def encode(self, x: Tensor) -> Features:
        maps = self.exchanges[0]([self.stem(x)])
        for lower, exchange in zip(self.lower, list(self.exchanges)[1:], strict=True):
            maps = exchange([*maps, lower(maps[-1])])
        return Features(maps[-1], tuple(maps[:-1]))

    @override
    def decode(self, features: Features) -> Tensor:
        highest = features.skips[0]
        maps = [_resized(x, highest) for x in (*features.skips, features.bottleneck)]
        logits = self.head(self.fuse(torch.cat(maps, dim=1)))
        return F.interpolate(logits, scale_factor=2, mode="trilinear", align_corners=False)


def _convolved(before: int, after: int, kernel_size: int = 3, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    convolution = nn.Conv3d(before, after, kernel_size, stride=stride, padding=kernel_size // 2, bias=False)
    return convolution, nn.BatchNorm3d(after)


def _path(widths: list[int], source: int, target: int) -> nn.Sequential:
    if source >= target:
        return nn.Sequential(*(_convolved(widths[source], widths[target], kernel_size=1) if source > target else ()))
    layers: list[nn.Module] = []
    for n in range(source, target):
        last = n + 1 == target
        layers += _convolved(widths[source], widths[target if last else source], stride=2)
        layers += [] if last else [nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    if x.shape[2:] == like.shape[2:]:
        return x
    return F.interpolate(x, like.shape[2:], mode="trilinear", align_corners=False)
