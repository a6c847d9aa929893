"""MONAI's SwinUNETR as a staged network.

It is the network of Hatamizadeh 2022, "Swin UNETR: Swin Transformers for Semantic Segmentation of Brain Tumors in MRI
Images".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from monai.networks.nets.swin_unetr import SwinUNETR as MonaiSwinUNETR
from torch import Tensor
from torch.overrides import TorchFunctionMode
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork


class _NumbersOnCpu(TorchFunctionMode):
    """MONAI reads the numbers of a `linspace` while it builds, which the meta device does not have."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return func(*args, **(kwargs or {}) | ({"device": "cpu"} if func is torch.linspace else {}))


class SwinUNETR(StagedNetwork):
    """`monai.networks.nets.SwinUNETR`, all arguments as MONAI's; `net` keeps MONAI's own state-dict keys."""

    divisor = (32, 32, 32)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        feature_size: int = 24,
        depths: Sequence[int] = (2, 2, 2, 2),
        num_heads: Sequence[int] = (3, 6, 12, 24),
        window_size: int | Sequence[int] = 7,
        qkv_bias: bool = True,
        mlp_ratio: float = 4.0,
        norm_name: str | Sequence[Any] = "instance",
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        dropout_path_rate: float = 0.0,
        normalize: bool = True,
        patch_norm: bool = False,
        use_checkpoint: bool = False,
        downsample: str = "merging",
        use_v2: bool = False,
    ) -> None:
        super().__init__()
        with _NumbersOnCpu():
            self.net = MonaiSwinUNETR(
                in_channels,
                out_channels,
                feature_size=feature_size,
                depths=depths,
                num_heads=num_heads,
                window_size=window_size,
                qkv_bias=qkv_bias,
                mlp_ratio=mlp_ratio,
                norm_name=norm_name,  # type: ignore[arg-type]
                drop_rate=drop_rate,
                attn_drop_rate=attn_drop_rate,
                dropout_path_rate=dropout_path_rate,
                normalize=normalize,
                patch_norm=patch_norm,
                use_checkpoint=use_checkpoint,
                downsample=downsample,
                use_v2=use_v2,
            )

    @override
    def stages(self) -> tuple[Stage, ...]:
        def layers(level: int) -> tuple[str, ...]:
            name = f"net.swinViT.layers{level}"
            return (f"{name}c", name) if self.net.swinViT.use_v2 else (name,)

        return (
            Stage("encoder.0", ("net.encoder1", "net.swinViT.patch_embed", "net.swinViT.pos_drop", "net.encoder2")),
            Stage("encoder.1", (*layers(1), "net.encoder3")),
            Stage("encoder.2", (*layers(2), "net.encoder4")),
            Stage("encoder.3", layers(3)),
            Stage("bottleneck", (*layers(4), "net.encoder10")),
            *(Stage(f"decoder.{n}", (f"net.decoder{5 - n}",)) for n in range(5)),
            Stage("head", ("net.out",)),
        )

    @override
    def counts(self, name: str) -> bool:
        return ".conv3." not in name

    @override
    def encode(self, x: Tensor) -> Features:
        net, swin = self.net, self.net.swinViT
        skips = [net.encoder1(x)]
        hidden = swin.pos_drop(swin.patch_embed(x))
        for level in range(1, 5):
            out = swin.proj_out(hidden, net.normalize)
            # The fourth map goes to the decoder as it is.
            skips.append(net.get_submodule(f"encoder{level + 1}")(out) if level < 4 else out)
            if swin.use_v2:
                hidden = swin.get_submodule(f"layers{level}c.0")(hidden.contiguous())
            hidden = swin.get_submodule(f"layers{level}.0")(hidden.contiguous())
        return Features(net.encoder10(swin.proj_out(hidden, net.normalize)), tuple(skips))

    @override
    def decode(self, features: Features) -> Tensor:
        x = features.bottleneck
        for n, skip in enumerate(reversed(features.skips)):
            x = self.net.get_submodule(f"decoder{5 - n}")(x, skip)
        return self.net.out(x)
