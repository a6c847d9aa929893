"""MONAI's 3D UNet (Hossain 2023 §3.2.1) as a staged network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.nets import UNet
from torch import Tensor, nn

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class MonaiUNet(StagedNetwork):
    """`monai.networks.nets.UNet`, its nested blocks taken apart into stages; `net` keeps MONAI's own state-dict keys.

    channels: feature maps a level, first level first; strides: between the levels, one fewer than `channels`;
    num_res_units, norm, dropout: as MONAI's. Hossain 2023 §3.2.1 has five levels, 16 to 256 maps, two residual units
    and batch normalisation: `monai-unet:channels=16-32-64-128-256:strides=2-2-2-2:norm=BATCH`. Four levels and instance
    normalisation are the defaults because batches are small here, and volumes often no larger than 64 voxels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (16, 32, 64, 128),
        strides: Sequence[int] = (2, 2, 2),
        num_res_units: int = 2,
        norm: str = "INSTANCE",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.net = UNet(
            spatial_dims=3,
            in_channels=in_channels,
            out_channels=out_channels,
            channels=tuple(channels),
            strides=tuple(strides),
            num_res_units=num_res_units,
            norm=norm,
            dropout=dropout,
        )
        factor = 1
        for stride in strides:
            factor *= int(stride)
        self.divisor = (factor, factor, factor)
        # MONAI nests: block = Sequential(down, SkipConnection(inner block), up).
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

    def encode(self, x: Tensor) -> Features:
        skips = []
        for name in self._down:
            x = self.get_submodule(name)(x)
            skips.append(x)
        return Features(self.get_submodule(self._bottom)(x), tuple(skips))

    def decode(self, features: Features) -> Tensor:
        return self.decode_some(features, len(features.skips)).bottleneck

    def decode_some(self, features: Features, stages: int) -> Features:
        # Each stage takes one skip: as many stages as skips are still to come.
        x, left = features.bottleneck, list(features.skips)
        for name in self._up[len(self._up) - len(left) :][:stages]:
            x = self.get_submodule(name)(torch.cat([left.pop(), x], dim=1))
        return Features(x, tuple(left))
