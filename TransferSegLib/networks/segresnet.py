"""MONAI's SegResNet as a staged network.

It is the network of Myronenko 2018, "3D MRI brain tumor segmentation using autoencoder regularization", without its
auto-encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monai.networks.nets.segresnet import SegResNet as MonaiSegResNet
from torch import Tensor
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import blocks_do_not_match


class SegResNet(StagedNetwork):
    """`monai.networks.nets.SegResNet`, all arguments as MONAI's; `net` keeps MONAI's own state-dict keys."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        init_filters: int = 16,
        blocks_down: Sequence[int] = (1, 2, 2, 4),
        blocks_up: Sequence[int] = (1, 1, 1),
        dropout_prob: float | None = None,
        act: str | Sequence[Any] = ("RELU", {"inplace": True}),
        norm: str | Sequence[Any] = ("GROUP", {"num_groups": 8}),
        upsample_mode: str = "nontrainable",
    ) -> None:
        super().__init__()
        if len(blocks_up) != len(blocks_down) - 1:
            raise blocks_do_not_match(len(blocks_up), len(blocks_down))
        self.net = MonaiSegResNet(
            spatial_dims=3,
            init_filters=init_filters,
            in_channels=in_channels,
            out_channels=out_channels,
            dropout_prob=dropout_prob,
            act=act,  # type: ignore[arg-type]
            norm=norm,  # type: ignore[arg-type]
            blocks_down=tuple(blocks_down),
            blocks_up=tuple(blocks_up),
            upsample_mode=upsample_mode,
        )
        side = 2 ** len(blocks_up)
        self.divisor = (side, side, side)

    @override
    def stages(self) -> tuple[Stage, ...]:
        last = len(self.net.down_layers) - 1
        first = ("net.convInit", *(["net.dropout"] if self.net.dropout_prob is not None else []))
        return (
            Stage("encoder.0", (*first, "net.down_layers.0")),
            *(Stage(f"encoder.{n}", (f"net.down_layers.{n}",)) for n in range(1, last)),
            Stage("bottleneck", (f"net.down_layers.{last}",)),
            *(Stage(f"decoder.{n}", (f"net.up_samples.{n}", f"net.up_layers.{n}")) for n in range(last)),
            Stage("head", ("net.conv_final",)),
        )

    @override
    def encode(self, x: Tensor) -> Features:
        bottleneck, levels = self.net.encode(x)
        return Features(bottleneck, tuple(levels[:-1]))

    @override
    def decode(self, features: Features) -> Tensor:
        return self.net.decode(features.bottleneck, [features.bottleneck, *reversed(features.skips)])
