"""Autofocus (Qin 2018, "Autofocus Layer for Semantic Segmentation"; Karimi 2021 §2.2), 3D.

It has eight convolutions at the input's resolution, the last six in three residual blocks. In an autofocus layer one kernel
is used with several dilations in parallel. Each result has its own batch normalisation, and a small attention network
weighs them voxel by voxel. The parameters have the names of the authors' published code, whose state dicts are a prefix
away.

The papers leave some things open. Chosen here:

- Karimi does not say which of the six networks of Qin 2018 is meant: the default is AFN4 (autofocus in the last four
  layers), `autofocus` makes the others.
- Qin's convolutions use no padding and give a smaller image than they get: here zeros are padded, so that logits have the
  input's size.
- Karimi speaks of its encoder and decoder, which it does not have: here the encoder ends with the first residual block, the
  second is the bottleneck, the third the decoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument

DILATION = 2


class ResidualBlock(nn.Module):
    """Two convolutions, plain or autofocus: (B, widths[0], I, J, K) → (B, widths[2], I, J, K).

    focused: how many of the two, the last ones, are autofocus layers.
    """

    def __init__(self, widths: tuple[int, int, int], focused: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.dilations, self.focused = tuple(dilations), focused
        # The authors call the attention `convatt1`, `convatt2` where one layer has it, else `convatt11` to `convatt22`.
        self.attention = {1: {2: "convatt"}, 2: {1: "convatt1", 2: "convatt2"}}.get(focused, {})
        for n in (1, 2):
            before, after = widths[n - 1 : n + 1]
            self.add_module(f"conv{n}", nn.Conv3d(before, after, 3, padding=DILATION, dilation=DILATION))
            if n in self.attention:
                self.add_module(f"bn_list{n}", nn.ModuleList(nn.BatchNorm3d(after) for _ in dilations))
                self.add_module(f"{self.attention[n]}1", nn.Conv3d(before, max(before // 2, 1), 3, padding=1))
                self.add_module(f"{self.attention[n]}2", nn.Conv3d(max(before // 2, 1), len(dilations), 1))
            else:
                self.add_module(f"bn{n}", nn.BatchNorm3d(after))
        if widths[0] != widths[2]:
            self.downsample = nn.Sequential(nn.Conv3d(widths[0], widths[2], 1), nn.BatchNorm3d(widths[2]))
        else:
            self.downsample = nn.Sequential()

    @override
    def forward(self, x: Tensor) -> Tensor:
        residual = self.downsample(x)
        return F.relu(self._layer(2, F.relu(self._layer(1, x))) + residual)

    def _layer(self, n: int, x: Tensor) -> Tensor:
        convolution = self.get_submodule(f"conv{n}")
        if n not in self.attention:
            return self.get_submodule(f"bn{n}")(convolution(x))
        # As in the authors' code attention teaches the layers before it nothing.
        gates = F.relu(self.get_submodule(f"{self.attention[n]}1")(x.detach()))
        weights = torch.softmax(self.get_submodule(f"{self.attention[n]}2")(gates), dim=1)
        norms = list(self.get_submodule(f"bn_list{n}").children())
        out = norms[0](convolution(x)) * weights[:, :1]
        for branch, dilation in enumerate(self.dilations[1:], start=1):
            maps = F.conv3d(x, cast(Tensor, convolution.weight), padding=dilation, dilation=dilation)
            out = out + norms[branch](maps) * weights[:, branch : branch + 1]
        return out


class Autofocus(StagedNetwork):
    """The network of Qin 2018.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps after each of the eight convolutions.
        autofocus: How many convolutions, the last ones, are autofocus layers (1 to 6: AFN1 to AFN6; 0: none, the authors'
            baseline).
        dilations: Those of an autofocus layer, the smallest first.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (30, 30, 40, 40, 40, 40, 50, 50),
        autofocus: int = 4,
        dilations: Sequence[int] = (2, 6, 10, 14),
    ) -> None:
        super().__init__()
        if not 0 <= autofocus <= 6 or len(channels) != 8 or dilations[0] != DILATION:
            raise WrongArgument(
                "network-autofocus",
                "`autofocus` is 0 to 6, `channels` has 8 numbers, and `dilations` begin with {dilation}; given are "
                "{autofocus}, {channels} and {first}",
                dilation=DILATION,
                autofocus=autofocus,
                channels=len(channels),
                first=dilations[0],
            )
        self.conv1 = nn.Conv3d(in_channels, channels[0], 3, padding=1)
        self.bn1 = nn.BatchNorm3d(channels[0])
        self.conv2 = nn.Conv3d(channels[0], channels[1], 3, padding=1)
        self.bn2 = nn.BatchNorm3d(channels[1])
        self.layers = nn.ModuleList()
        for n in range(3):
            a, b, c = channels[1 + 2 * n : 4 + 2 * n]
            focused = min(max(autofocus - 2 * (2 - n), 0), 2)
            self.layers.append(ResidualBlock((a, b, c), focused, dilations))
        self.fc = nn.Conv3d(channels[-1], out_channels, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.normal_(module.weight, 0, 0.01)

    @override
    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("encoder.0", ("conv1", "bn1", "conv2", "bn2")),
            Stage("encoder.1", ("layers.0",)),
            Stage("bottleneck", ("layers.1",)),
            Stage("decoder.0", ("layers.2",)),
            Stage("head", ("fc",)),
        )

    @override
    def counts(self, name: str) -> bool:
        return ".downsample." not in name and ".convatt" not in name

    @override
    def encode(self, x: Tensor) -> Features:
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return Features(self.layers[1](self.layers[0](x)))

    @override
    def decode(self, features: Features) -> Tensor:
        return self.fc(self.layers[2](features.bottleneck))
