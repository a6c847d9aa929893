"""UNet++ (Zhou 2018; Karimi 2021 §2.2) in 3D: MONAI's BasicUNetPlusPlus as a staged network.

It has nested skip connections. Node (i, j) is at level i of the encoder. It takes every node to its left at its own level,
and the one below it.

As Karimi says, it includes deep supervision. Each of the four nodes of the uppermost level has logits of its own, all at the
size of the input. Training compares all of them with the labels. The last one is the segmentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from monai.networks.nets.basic_unetplusplus import BasicUNetPlusPlus
from torch import Tensor
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

DEPTH = 4


class UNetPlusPlus(StagedNetwork):
    """`monai.networks.nets.BasicUNetPlusPlus`; `net` keeps MONAI's own state-dict keys.

    Arguments that are not listed are MONAI's.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        features: Feature maps of the five levels, and after the last upsampling.
        deep_supervision: Whether training compares all four nodes of the uppermost level with the labels.
    """

    divisor = (2**DEPTH, 2**DEPTH, 2**DEPTH)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features: Sequence[int] = (16, 32, 64, 128, 256, 16),
        deep_supervision: bool = True,
        act: str | Sequence[Any] = ("LeakyReLU", {"negative_slope": 0.1, "inplace": True}),
        norm: str | Sequence[Any] = ("instance", {"affine": True}),
        bias: bool = True,
        dropout: float = 0.0,
        upsample: str = "deconv",
    ) -> None:
        super().__init__()
        self.supervised = deep_supervision
        self.net = BasicUNetPlusPlus(
            spatial_dims=3,
            in_channels=in_channels,
            out_channels=out_channels,
            features=features,
            act=act,  # type: ignore[arg-type]
            norm=norm,  # type: ignore[arg-type]
            bias=bias,
            dropout=dropout,
            upsample=upsample,
        )

    @override
    def stages(self) -> tuple[Stage, ...]:
        def column(j: int) -> tuple[str, ...]:
            return tuple(f"net.upcat_{i}_{j}" for i in reversed(range(DEPTH - j + 1)))

        return (
            *(Stage(f"encoder.{i}", (f"net.conv_{i}_0",)) for i in range(DEPTH)),
            Stage("bottleneck", (f"net.conv_{DEPTH}_0",)),
            *(Stage(f"decoder.{j - 1}", column(j)) for j in range(1, DEPTH + 1)),
            Stage("head", tuple(f"net.final_conv_0_{j}" for j in range(1, DEPTH + 1))),
        )

    @override
    def counts(self, name: str) -> bool:
        return "final_conv" not in name or name.endswith(f"final_conv_0_{DEPTH}")

    @override
    def encode(self, x: Tensor) -> Features:
        levels = []
        for i in range(DEPTH + 1):
            x = self.net.get_submodule(f"conv_{i}_0")(x)
            levels.append(x)
        return Features(x, tuple(levels[:-1]))

    @override
    def decode(self, features: Features) -> Tensor:
        return self.net.final_conv_0_4(self._uppermost(features)[-1])

    @override
    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        nodes = self._uppermost(features)
        wanted = range(DEPTH, 0, -1) if self.supervised else (DEPTH,)
        return [self.net.get_submodule(f"final_conv_0_{j}")(nodes[j - 1]) for j in wanted]

    def _uppermost(self, features: Features) -> list[Tensor]:
        """The nodes (0, 1) to (0, 4)."""
        rows = [[maps] for maps in (*features.skips, features.bottleneck)]
        for j in range(1, DEPTH + 1):
            for i in reversed(range(DEPTH - j + 1)):
                # Node (i, j) needs (i + 1, j - 1): the newest of the row below in this order is already (i + 1, j).
                node = self.net.get_submodule(f"upcat_{i}_{j}")(rows[i + 1][j - 1], torch.cat(rows[i], dim=1))
                rows[i].append(node)
        return rows[0][1:]
