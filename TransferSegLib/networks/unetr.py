"""UNETR (Hatamizadeh 2021) with the settings of Hossain 2023 §3.2.3, as a staged network.

It has twelve transformer blocks over patches of 16×16×16 voxels, a hidden size of 768, a perceptron of 3072, 12 heads,
instance normalisation and residual blocks. The thesis embeds patches by a perceptron. That is the same as the convolution
with kernel and stride 16 used here, with its weights in another layout.

MONAI's network takes images of one size only. Here the position embeddings are learned on a grid of `img_size` and
interpolated to the size of the image. So any multiple of 16 works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monai.networks.nets.unetr import UNETR as MonaiUNETR
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork

PATCH = 16
# The transformer blocks whose outputs go to the decoder, beside the last one.
TAPS = (3, 6, 9)


class UNETR(StagedNetwork):
    """`monai.networks.nets.UNETR`, for images of any size in multiples of 16.

    `net` keeps MONAI's own state-dict keys. Arguments that are not listed are MONAI's.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        img_size: The size in voxels, multiples of 16, of the images whose position embeddings are learned.
    """

    divisor = (PATCH, PATCH, PATCH)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        img_size: int | Sequence[int] = (96, 96, 96),
        feature_size: int = 16,
        hidden_size: int = 768,
        mlp_dim: int = 3072,
        num_heads: int = 12,
        norm_name: str | Sequence[Any] = "instance",
        conv_block: bool = True,
        res_block: bool = True,
        dropout_rate: float = 0.0,
        qkv_bias: bool = False,
    ) -> None:
        super().__init__()
        self.net = MonaiUNETR(
            in_channels,
            out_channels,
            img_size,
            feature_size=feature_size,
            hidden_size=hidden_size,
            mlp_dim=mlp_dim,
            num_heads=num_heads,
            norm_name=norm_name,  # type: ignore[arg-type]
            conv_block=conv_block,
            res_block=res_block,
            dropout_rate=dropout_rate,
            qkv_bias=qkv_bias,
        )
        for block in self.net.vit.blocks:
            # Cross-attention is left out and its normalisation is not: parameters that no image reaches.
            del block.norm_cross_attn

    @override
    def stages(self) -> tuple[Stage, ...]:
        def blocks(first: int, last: int) -> list[str]:
            return [f"net.vit.blocks.{n}" for n in range(first, last + 1)]

        return (
            Stage("encoder.0", ("net.vit.patch_embedding", "net.encoder1")),
            *(
                Stage(f"encoder.{n + 1}", (*blocks(last - 3 + (n > 0), last), f"net.encoder{n + 2}"))
                for n, last in enumerate(TAPS)
            ),
            Stage("bottleneck", (*blocks(10, 11), "net.vit.norm")),
            *(Stage(f"decoder.{n}", (f"net.decoder{5 - n}",)) for n in range(4)),
            Stage("head", ("net.out",)),
        )

    @override
    def counts(self, name: str) -> bool:
        return ".conv3." not in name

    @classmethod
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of MONAI's, also those whose patches were embedded by a perceptron (voxels of a patch, channels last)."""
        adopted = {}
        for name, value in state.items():
            if name.endswith("patch_embeddings.1.weight"):
                value = value.unflatten(1, (PATCH, PATCH, PATCH, -1)).movedim(-1, 1)
            if "cross_attn." not in name:
                adopted[name.replace("patch_embeddings.1.", "patch_embeddings.")] = value
        return adopted

    @override
    def encode(self, x: Tensor) -> Features:
        net, embedding = self.net, self.net.vit.patch_embedding
        tokens = embedding.patch_embeddings(x)
        grid = tokens.shape[2:]
        positions = embedding.position_embeddings.transpose(1, 2).unflatten(2, net.feat_size)
        if tuple(grid) != tuple(net.feat_size):
            positions = F.interpolate(positions.float(), grid, mode="trilinear", align_corners=False)
        hidden = embedding.dropout((tokens + positions).flatten(2).transpose(1, 2))

        def maps(hidden: Tensor) -> Tensor:
            return hidden.transpose(1, 2).unflatten(2, grid)

        skips = [net.encoder1(x)]
        for n, block in enumerate(net.vit.blocks):
            hidden = block(hidden)
            if n in TAPS:
                encoder = net.get_submodule(f"encoder{2 + TAPS.index(n)}")
                skips.append(encoder(maps(hidden).contiguous()))
        return Features(maps(net.vit.norm(hidden)).contiguous(), tuple(skips))

    @override
    def decode(self, features: Features) -> Tensor:
        x = features.bottleneck
        for n, skip in enumerate(reversed(features.skips)):
            x = self.net.get_submodule(f"decoder{5 - n}")(x, skip)
        return self.net.out(x)
