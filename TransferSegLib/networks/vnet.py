"""MONAI's V-Net (Milletari 2016), which Karimi 2021 §2.2 uses in some experiments, as a staged network."""

from __future__ import annotations

import math

from monai.networks.blocks.convolutions import Convolution
from monai.networks.nets.vnet import VNet as MonaiVNet
from torch import Tensor
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

DOWN = ("down_tr32", "down_tr64", "down_tr128", "down_tr256")
UP = ("up_tr256", "up_tr128", "up_tr64", "up_tr32")


class VNet(StagedNetwork):
    """`monai.networks.nets.VNet`, all arguments as MONAI's; `net` keeps MONAI's own state-dict keys.

    The input is repeated to the 16 feature maps of the first stage and added to them. MONAI takes 1, 2, 4, 8 or 16 channels
    only. Here the repeated input is cut to 16 maps, so that any number works.
    """

    divisor = (16, 16, 16)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        act: str = "elu",
        dropout_prob_down: float | None = 0.5,
        dropout_prob_up: tuple[float | None, float] = (0.5, 0.5),
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.net = MonaiVNet(
            spatial_dims=3,
            in_channels=1,
            out_channels=out_channels,
            act=act,
            dropout_prob_down=dropout_prob_down,
            dropout_prob_up=tuple(dropout_prob_up),
            bias=bias,
        )
        if in_channels != 1:
            self.net.in_tr.conv_block = Convolution(
                3, in_channels, self.net.in_tr.out_channels, kernel_size=5, act=None, norm="BATCH", bias=bias
            )

    @override
    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("encoder.0", ("net.in_tr",)),
            *(Stage(f"encoder.{n + 1}", (f"net.{name}",)) for n, name in enumerate(DOWN[:-1])),
            Stage("bottleneck", (f"net.{DOWN[-1]}",)),
            *(Stage(f"decoder.{n}", (f"net.{name}",)) for n, name in enumerate(UP)),
            Stage("head", ("net.out_tr",)),
        )

    @override
    def encode(self, x: Tensor) -> Features:
        first = self.net.in_tr
        repeated = x.repeat(1, math.ceil(first.out_channels / x.shape[1]), 1, 1, 1)[:, : first.out_channels]
        x = first.act_function(first.conv_block(x) + repeated)
        skips = [x]
        for name in DOWN:
            x = self.net.get_submodule(name)(x)
            skips.append(x)
        return Features(x, tuple(skips[:-1]))

    @override
    def decode(self, features: Features) -> Tensor:
        x = features.bottleneck
        for name, skip in zip(UP, reversed(features.skips), strict=True):
            x = self.net.get_submodule(name)(x, skip)
        return self.net.out_tr(x)
