"""MONAI's DynUNet with deep supervision (Hossain 2023 §3.2.2) as a staged network.

The thesis names batch normalisation, transposed convolutions and deep supervision. It leaves the rest open. Chosen here:

- Kernels are 3×3×3; levels and feature maps are as in its 3D UNet (§3.2.1).
- As in nnU-Net, every level but the deepest two has an output of its own for deep supervision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from monai.networks.nets.dynunet import DynUNet as MonaiDynUNet
from torch import Tensor, nn
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class DynUNet(StagedNetwork):
    """`monai.networks.nets.DynUNet`.

    `net` keeps MONAI's own state-dict keys, each tensor under one of them. Arguments that are not listed are MONAI's.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        filters: Feature maps of each level.
        kernel_size: The kernels of each level, a number or one an axis.
        strides: The strides of each level, a number or one an axis.
        deep_supervision: Whether training compares deeper levels with the labels, too.
        deep_supr_num: How many outputs there are beside the final one; None: one a level but for the deepest two.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        filters: Sequence[int] = (16, 32, 64, 128, 256),
        kernel_size: Sequence[int | Sequence[int]] | None = None,
        strides: Sequence[int | Sequence[int]] | None = None,
        norm_name: str | Sequence[Any] = "batch",
        act_name: str | Sequence[Any] = ("leakyrelu", {"inplace": True, "negative_slope": 0.01}),
        dropout: float | None = None,
        deep_supervision: bool = True,
        deep_supr_num: int | None = None,
        res_block: bool = False,
        trans_bias: bool = False,
    ) -> None:
        super().__init__()
        strides = strides or (1, *[2] * (len(filters) - 1))
        depth = len(strides)
        self.net = MonaiDynUNet(
            spatial_dims=3,
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size or [3] * depth,
            strides=strides,
            upsample_kernel_size=strides[1:],
            filters=filters,
            dropout=dropout,
            norm_name=norm_name,  # type: ignore[arg-type]
            act_name=act_name,  # type: ignore[arg-type]
            deep_supervision=deep_supervision,
            deep_supr_num=max(depth - 3, 1) if deep_supr_num is None else deep_supr_num,
            res_block=res_block,
            trans_bias=trans_bias,
        )
        # The same blocks once more, nested for TorchScript; every tensor would be listed twice.
        del self.net.skip_layers
        self.supervised = deep_supervision
        a, b, c = (int(n) for n in np.prod([np.broadcast_to(stride, 3) for stride in strides], axis=0))
        self.divisor = (a, b, c)

    @override
    def stages(self) -> tuple[Stage, ...]:
        deeper = ("net.deep_supervision_heads",) if self.supervised else ()
        return (
            Stage("encoder.0", ("net.input_block",)),
            *(Stage(f"encoder.{n + 1}", (f"net.downsamples.{n}",)) for n in range(len(self.net.downsamples))),
            Stage("bottleneck", ("net.bottleneck",)),
            *(Stage(f"decoder.{n}", (f"net.upsamples.{n}",)) for n in range(len(self.net.upsamples))),
            Stage("head", (*deeper, "net.output_block")),
        )

    @override
    def counts(self, name: str) -> bool:
        return ".conv3." not in name and ".deep_supervision_heads." not in name

    @classmethod
    @override
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: value for name, value in state.items() if "skip_layers." not in name}

    @override
    def encode(self, x: Tensor) -> Features:
        skips = []
        for block in (self.net.input_block, *self.net.downsamples):
            x = block(x)
            skips.append(x)
        return Features(self.net.bottleneck(x), tuple(skips))

    @override
    def decode(self, features: Features) -> Tensor:
        return self.net.output_block(self._levels(features)[0])

    @override
    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        levels = self._levels(features)
        heads: list[nn.Module] = list(self.net.deep_supervision_heads) if self.supervised else []
        return [head(level) for head, level in zip([self.net.output_block, *heads], levels, strict=False)]

    def _levels(self, features: Features) -> list[Tensor]:
        """What the decoder makes at each level, the input's size first."""
        x, levels = features.bottleneck, []
        for up, skip in zip(self.net.upsamples, reversed(features.skips), strict=True):
            x = up(x, skip)
            levels.append(x)
        return levels[::-1]
