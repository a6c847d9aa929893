"""Two encoders and one decoder: the network of hybrid transfer learning (Mecheter 2023 §3.3.3, fig. 4).

The adapted encoder carries the source domain's features, the dedicated encoder those of the target domain. Their outputs are
fused and passed to a single decoder.

The paper leaves some things open. Chosen here:

- Where the base network has skip connections, each pair of them is fused in the same way.
- Unpooling uses the indices of the adapted encoder, with which the decoder was trained.
- Concatenation is brought back to the decoder's width by a 1×1×1 convolution that begins as the average.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument

# Builds a network from its name, its numbers of channels and of classes, and its arguments.
Build = Callable[[str, int, int, Mapping[str, Any] | None], StagedNetwork]
FUSIONS = ("multiply", "concatenate", "average", "maximum")


class Concatenation(nn.Module):
    """Two maps (B, C, I, J, K) side by side, then 2C → C by a 1×1×1 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv3d(2 * channels, channels, kernel_size=1)
        with torch.no_grad():
            eye = torch.eye(channels) / 2
            self.mix.weight.copy_(torch.cat([eye, eye], dim=1)[:, :, None, None, None])
            nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    @override
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.mix(torch.cat([a, b], dim=1))


class Hybrid(StagedNetwork):
    """Two encoders and one decoder, each as in a base network.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        network: The base network, by its name in the registry.
        arguments: The base network's own arguments.
        fusion: How the two encoders' feature maps are combined, one of `FUSIONS`.
        build: Builds the base networks.

    Attributes:
        adapted: The source's network without its decoder.
        dedicated: A whole base network, for the target.
        fusion: What combines the feature maps, for `concatenate` alone.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        network: str,
        arguments: Mapping[str, Any] | None = None,
        fusion: str = "multiply",
        *,
        build: Build,
    ) -> None:
        super().__init__()
        if fusion not in FUSIONS:
            raise WrongArgument(
                "network-fusion", "fusion `{fusion}` is not one of {fusions}", fusion=fusion, fusions=tuple(FUSIONS)
            )
        self.fusion_name = fusion
        self.adapted = build(network, in_channels, out_channels, arguments)
        self.dedicated = build(network, in_channels, out_channels, arguments)
        self.divisor, self.slice_axis = self.dedicated.divisor, self.dedicated.slice_axis
        self.whole_images, self.axes = self.dedicated.whole_images, self.dedicated.axes
        for stage in self.adapted.stages():
            if stage.part in ("decoder", "head"):
                for name in stage.modules:
                    self.adapted.set_submodule(name, nn.Identity())
        self.fusion = nn.ModuleList()
        if fusion == "concatenate":
            with torch.device("meta"):
                twin = build(network, in_channels, out_channels, arguments).eval()
                size = tuple(2 * side for side in self.divisor)
                features = twin.encode(torch.empty(1, in_channels, *size))
            for tensor in (features.bottleneck, *features.skips):
                self.fusion.append(Concatenation(tensor.shape[1]))

    @override
    def stages(self) -> tuple[Stage, ...]:
        def within(prefix: str, stage: Stage, name: str) -> Stage:
            return Stage(name, tuple(f"{prefix}.{module}" for module in stage.modules))

        stages = self.dedicated.stages()
        encoder = [s for s in stages if s.part not in ("decoder", "head")]
        decoder = [s for s in stages if s.part in ("decoder", "head")]
        # Where the base network is a hybrid itself, its own two encoders and their fusion are one encoder here.
        inner = [s.name if s.part in ("encoder", "bottleneck") else f"encoder.{s.name}" for s in encoder]
        return (
            *(within("adapted", s, f"source.{s.name}") for s in encoder),
            *(within("dedicated", s, name) for s, name in zip(encoder, inner, strict=True)),
            *([Stage("fusion", ("fusion",))] if len(self.fusion) else []),
            *(within("dedicated", s, s.name) for s in decoder),
        )

    @override
    def counts(self, name: str) -> bool:
        prefix, _, rest = name.partition(".")
        return prefix != "fusion" and self.dedicated.counts(rest)

    @override
    def encode(self, x: Tensor) -> Features:
        old, new = self.adapted.encode(x), self.dedicated.encode(x)
        pairs = zip((old.bottleneck, *old.skips), (new.bottleneck, *new.skips), strict=True)
        fused = [self._fuse(n, a, b) for n, (a, b) in enumerate(pairs)]
        return Features(fused[0], tuple(fused[1:]), old.indices)

    @override
    def decode(self, features: Features) -> Tensor:
        return self.dedicated.decode(features)

    @override
    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        return self.dedicated.decode_supervised(features)

    def _fuse(self, n: int, a: Tensor, b: Tensor) -> Tensor:
        if self.fusion_name == "multiply":
            return a * b
        if self.fusion_name == "average":
            return (a + b) / 2
        if self.fusion_name == "maximum":
            return torch.maximum(a, b)
        return self.fusion[n](a, b)
