"""The excitation-based encoder-decoder of Mecheter 2023 (§3.3 and fig. 1), in 3D.

There are nine convolutions in the encoder, three in the bottleneck and nine in the decoder. Channel and spatial squeeze and
excitation follow each three of them. Three poolings and three unpoolings change the size; there are no skip connections.
Weights are drawn by Glorot's uniform rule (§3.5).

The paper leaves some things open. Chosen here:

- Feature maps are doubled with each pooling; kernels are 3×3×3.
- Normalisation and ReLU follow each convolution; instance normalisation, because batches hold two patches.
- Pooling takes the maximum and unpooling uses its indices, as in the authors' earlier SegNet (Mecheter 2020).
- The last, "fully connected" layer (§4.2) is a 1×1×1 convolution, which makes 22 convolutions.
- The two excitations are added (concurrent scSE, Roy 2018), channels squeezed to half.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument


class SqueezeExcitation(nn.Module):
    """Channel (cSE) and spatial (sSE) squeeze and excitation, added: (B, C, I, J, K) → the same shape."""

    def __init__(self, channels: int, reduction: int = 2) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.squeeze = nn.Linear(channels, hidden)
        self.excite = nn.Linear(hidden, channels)
        self.spatial = nn.Conv3d(channels, 1, kernel_size=1)

    @override
    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean(dim=(2, 3, 4))
        channel = torch.sigmoid(self.excite(F.relu(self.squeeze(pooled))))[:, :, None, None, None]
        return x * (channel + torch.sigmoid(self.spatial(x)))


class TripleConvolution(nn.Sequential):
    """Three 3×3×3 convolutions with normalisation and ReLU, then squeeze and excitation."""

    def __init__(self, in_channels: int, out_channels: int, last_channels: int, norm: str) -> None:
        layers: list[nn.Module] = []
        sizes = (in_channels, out_channels, out_channels, last_channels)
        for before, after in itertools.pairwise(sizes):
            layers += [nn.Conv3d(before, after, 3, padding=1), _norm(norm, after), nn.ReLU(inplace=True)]
        super().__init__(*layers, SqueezeExcitation(last_channels))


class Mecheter2023(StagedNetwork):
    """The excitation-based encoder-decoder of Mecheter 2023.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps of the encoder's three stages and of the bottleneck.
        norm: `instance` or `batch`.
    """

    divisor = (8, 8, 8)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (16, 32, 64, 128),
        norm: str = "instance",
    ) -> None:
        super().__init__()
        a, b, c, d = channels
        self.encoder = nn.ModuleList(
            [
                TripleConvolution(in_channels, a, a, norm),
                TripleConvolution(a, b, b, norm),
                TripleConvolution(b, c, c, norm),
            ]
        )
        # Unpooling needs as many maps as were pooled: each stage ends with the width of the one below it.
        self.bottleneck = TripleConvolution(c, d, c, norm)
        self.decoder = nn.ModuleList(
            [
                TripleConvolution(c, c, b, norm),
                TripleConvolution(b, b, a, norm),
                TripleConvolution(a, a, a, norm),
            ]
        )
        self.head = nn.Conv3d(a, out_channels, kernel_size=1)
        for module in self.modules():
            if isinstance(module, (nn.Conv3d, nn.Linear)):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    @override
    def stages(self) -> tuple[Stage, ...]:
        return (
            *(Stage(f"encoder.{n}", (f"encoder.{n}",)) for n in range(3)),
            Stage("bottleneck", ("bottleneck",)),
            *(Stage(f"decoder.{n}", (f"decoder.{n}",)) for n in range(3)),
            Stage("head", ("head",)),
        )

    @override
    def counts(self, name: str) -> bool:
        return not name.endswith(".spatial")

    @override
    def encode(self, x: Tensor) -> Features:
        indices = []
        for stage in self.encoder:
            x, kept = F.max_pool3d(stage(x), 2, return_indices=True)
            indices.append(kept)
        return Features(self.bottleneck(x), indices=tuple(indices))

    @override
    def decode(self, features: Features) -> Tensor:
        return self.head(self.decode_some(features, len(features.indices)).bottleneck)

    @override
    def decode_some(self, features: Features, stages: int) -> Features:
        # Each stage takes one set of indices: as many stages as sets are still to come.
        x, left = features.bottleneck, list(features.indices)
        for stage in self.decoder[len(self.decoder) - len(left) :][:stages]:
            x = stage(F.max_unpool3d(x, left.pop(), (2, 2, 2)))
        return Features(x, indices=tuple(left))


def _norm(name: str, channels: int) -> nn.Module:
    if name == "instance":
        return nn.InstanceNorm3d(channels, affine=True)
    if name == "batch":
        return nn.BatchNorm3d(channels)
    raise WrongArgument("network-norm", "norm `{norm}` is neither `instance` nor `batch`", norm=name)
