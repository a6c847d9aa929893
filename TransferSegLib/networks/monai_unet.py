"""MONAI's UNet (Hossain 2023 §3.2.1), of volumes and of slices, as staged networks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from monai.networks.nets import UNet
from torch import Tensor, nn
from typing_extensions import override

from TransferSegLib.networks.sliced import SlicedNetwork
from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

Norm = str | Sequence[Any]


class _Nested(StagedNetwork):
    """What both have in common: MONAI's nested blocks, taken apart. `net` keeps MONAI's own state-dict keys."""

    def take_apart(self, net: UNet) -> None:
        """Find the levels in MONAI's nested network, where a block is Sequential(down, SkipConnection(inner block), up)."""
        self.net = net
        down, up = [], []
        block: nn.Module = self.net.model
        path = "net.model"
        while isinstance(block, nn.Sequential) and len(block) == 3 and hasattr(block[1], "submodule"):
            down.append(f"{path}.0")
            up.append(f"{path}.2")
            block, path = block[1].get_submodule("submodule"), f"{path}.1.submodule"
        self._down, self._bottom, self._up = down, path, up[::-1]

    def stages(self) -> tuple[Stage, ...]:
        return (
            *(Stage(f"encoder.{n}", (name,)) for n, name in enumerate(self._down)),
            Stage("bottleneck", (self._bottom,)),
            *(Stage(f"decoder.{n}", (name,)) for n, name in enumerate(self._up[:-1])),
            Stage("head", (self._up[-1],)),
        )

    def counts(self, name: str) -> bool:
        return not name.endswith(".residual")

    def go_down(self, x: Tensor) -> Features:
        """Run the levels on the way down and the bottleneck; images, or slices, to feature maps."""
        skips = []
        for name in self._down:
            x = self.get_submodule(name)(x)
            skips.append(x)
        return Features(self.get_submodule(self._bottom)(x), tuple(skips))

    def go_up(self, features: Features, stages: int) -> Features:
        """Run the next `stages` levels on the way up; what is left to decode afterwards."""
        # Each stage takes one skip: as many stages as skips are still to come.
        x, left = features.bottleneck, list(features.skips)
        for name in self._up[len(self._up) - len(left) :][:stages]:
            x = self.get_submodule(name)(torch.cat([left.pop(), x], dim=1))
        return Features(x, tuple(left))


class MonaiUNet(_Nested):
    """`monai.networks.nets.UNet` of three dimensions.

    Hossain 2023 §3.2.1 has five levels, 16 to 256 maps, two residual units and batch normalisation:
    `monai-unet:channels=16-32-64-128-256:strides=2-2-2-2:norm=BATCH`. Four levels and instance normalisation are the
    defaults because batches are small here, and volumes often no larger than 64 voxels.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps of each level, the first level first.
        strides: Those between the levels, one fewer than `channels`; each a number, or one an axis.
        num_res_units: As MONAI's, and so are `norm`, `dropout`, `act` and `bias`.
    """

    # Measured on 4 and 8 cases: docs/strategies.md.
    learning_rate = 3e-3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (16, 32, 64, 128),
        strides: Sequence[int | Sequence[int]] = (2, 2, 2),
        num_res_units: int = 2,
        norm: Norm = "INSTANCE",
        dropout: float = 0.0,
        act: Norm = "PRELU",
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.take_apart(_unet(3, in_channels, out_channels, channels, strides, num_res_units, norm, dropout, act, bias))
        a, b, c = _steps(strides[: len(channels) - 1], 3)
        self.divisor = (a, b, c)

    @override
    def encode(self, x: Tensor) -> Features:
        return self.go_down(x)

    @override
    def decode(self, features: Features) -> Tensor:
        return self.go_up(features, len(features.skips)).bottleneck

    @override
    def decode_some(self, features: Features, stages: int) -> Features:
        return self.go_up(features, stages)


class MonaiUNet2D(SlicedNetwork, _Nested):
    """`monai.networks.nets.UNet` of two dimensions, which takes a volume slice by slice.

    Its arguments are those of `MonaiUNet`, and `plane`, the plane of the slices (see `SlicedNetwork`).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (16, 32, 64, 128, 256),
        strides: Sequence[int | Sequence[int]] = (2, 2, 2, 2),
        num_res_units: int = 2,
        norm: Norm = "INSTANCE",
        dropout: float = 0.0,
        act: Norm = "PRELU",
        bias: bool = True,
        plane: str = "axial",
    ) -> None:
        super().__init__(plane, math.lcm(*_steps(strides[: len(channels) - 1], 2)))
        self.take_apart(_unet(2, in_channels, out_channels, channels, strides, num_res_units, norm, dropout, act, bias))

    @override
    def encode_slices(self, x: Tensor) -> Features:
        return self.go_down(x)

    @override
    def decode_slices(self, features: Features) -> Tensor:
        return self.go_up(features, len(features.skips)).bottleneck


def _unet(
    dimensions: int,
    in_channels: int,
    out_channels: int,
    channels: Sequence[int],
    strides: Sequence[int | Sequence[int]],
    num_res_units: int,
    norm: Norm,
    dropout: float,
    act: Norm,
    bias: bool,
) -> UNet:
    return UNet(
        spatial_dims=dimensions,
        in_channels=in_channels,
        out_channels=out_channels,
        channels=tuple(channels),
        strides=tuple(strides),  # type: ignore[arg-type]
        num_res_units=num_res_units,
        norm=norm,  # type: ignore[arg-type]
        dropout=dropout,
        act=act,  # type: ignore[arg-type]
        bias=bias,
    )


def _steps(strides: Sequence[int | Sequence[int]], dimensions: int) -> list[int]:
    """For each axis, what the side of an image must be a multiple of."""
    return [int(n) for n in np.prod([np.broadcast_to(stride, dimensions) for stride in strides], axis=0)]
