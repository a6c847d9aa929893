"""nnU-Net's networks (Isensee 2021; Isensee 2024, "nnU-Net Revisited" for the residual encoder), from its own package.

The package is `dynamic-network-architectures`. nnU-Net plans depth, kernels, strides and feature maps for each data set; the
defaults here are those that it plans for patches of 3D MR images with near isotropic voxels, a level shallower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks.axes import OURS, Axes
from TransferSegLib.networks.sliced import across_slices, fold, unfold
from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument

# By the number of dimensions.
CONVOLUTIONS: Mapping[int, type[nn.Module]] = {2: nn.Conv2d, 3: nn.Conv3d}
NORMS: Mapping[str, Mapping[int, type[nn.Module]]] = {
    "instance": {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d},
    "batch": {2: nn.BatchNorm2d, 3: nn.BatchNorm3d},
}
ACTIVATIONS = {"leakyrelu": nn.LeakyReLU, "relu": nn.ReLU}
# The package keeps each layer of a block once by its name and once in the order of the forward pass.
ALIASES = ("conv", "norm", "nonlin", "dropout")


class _NnUNet(StagedNetwork):
    """What both networks have in common; `net` keeps nnU-Net's own state-dict keys, each tensor under one of them.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        features_per_stage: Feature maps of each level.
        kernel_sizes: The kernels of each level, a number or one an axis; a network of slices has two axes.
        strides: The strides of each level, likewise.
        n_per_stage: How many convolutions, or residual blocks, each level of the encoder has.
        n_conv_per_stage_decoder: How many convolutions each level of the decoder has.
        conv_bias: Whether convolutions have a bias.
        norm: `instance` or `batch`.
        nonlin: `leakyrelu` or `relu`.
        deep_supervision: Whether training compares deeper levels with the labels, too.
        axes: The axes that it knows, see `networks.axes`; kernels and strides are along them.
        plane: The plane of a network of slices, in its own axes, see `SlicedNetwork`; None for a network of volumes.
    """

    architecture: str
    per_stage: str  # the package's name for the number of convolutions, or blocks, of each level

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features_per_stage: Sequence[int],
        kernel_sizes: Sequence[int | Sequence[int]] | None,
        strides: Sequence[int | Sequence[int]] | None,
        n_per_stage: int | Sequence[int],
        n_conv_per_stage_decoder: int | Sequence[int],
        conv_bias: bool,
        norm: str,
        nonlin: str,
        deep_supervision: bool,
        axes: str,
        plane: str | None,
    ) -> None:
        super().__init__()
        if norm not in NORMS or nonlin not in ACTIVATIONS:
            raise WrongArgument(
                "network-norm-or-nonlin",
                "`norm` is one of {norms}, `nonlin` one of {activations}",
                norms=tuple(NORMS),
                activations=tuple(ACTIVATIONS),
            )
        self.axes = Axes(axes)
        self._across = None if plane is None else across_slices(plane)
        dimensions = 3 if self._across is None else 2
        depth = len(features_per_stage)
        strides = strides or [1, *[2] * (depth - 1)]
        self.net: Any = getattr(_package(), self.architecture)(
            input_channels=in_channels,
            n_stages=depth,
            features_per_stage=list(features_per_stage),
            conv_op=CONVOLUTIONS[dimensions],
            kernel_sizes=list(kernel_sizes or [3] * depth),
            strides=list(strides),
            num_classes=out_channels,
            n_conv_per_stage_decoder=n_conv_per_stage_decoder,
            conv_bias=conv_bias,
            norm_op=NORMS[norm][dimensions],
            norm_op_kwargs={"eps": 1e-5, "affine": True},
            nonlin=ACTIVATIONS[nonlin],
            nonlin_kwargs={"inplace": True},
            deep_supervision=deep_supervision,
            **{self.per_stage: n_per_stage},
        )
        self.net.apply(self.net.initialize)
        for module in self.net.modules():
            for alias in ALIASES if "all_modules" in module._modules else ():
                module._modules.pop(alias, None)
        del self.net.decoder.encoder
        steps = [int(n) for n in np.prod([np.broadcast_to(stride, dimensions) for stride in strides], axis=0)]
        if self._across is not None:
            steps.insert(self._across, 1)
            self.slice_axis = self.axes.order[self._across]
        self.divisor = self.axes.sizes_from_network((steps[0], steps[1], steps[2]))

    def stages(self) -> tuple[Stage, ...]:
        last = len(self.net.encoder.stages) - 1
        stem = ("net.encoder.stem",) if hasattr(self.net.encoder, "stem") else ()
        return (
            Stage("encoder.0", (*stem, "net.encoder.stages.0")),
            *(Stage(f"encoder.{n}", (f"net.encoder.stages.{n}",)) for n in range(1, last)),
            Stage("bottleneck", (f"net.encoder.stages.{last}",)),
            *(Stage(f"decoder.{n}", (f"net.decoder.transpconvs.{n}", f"net.decoder.stages.{n}")) for n in range(last)),
            Stage("head", tuple(f"net.decoder.seg_layers.{n}" for n in range(last))),
        )

    def counts(self, name: str) -> bool:
        deeper = ".seg_layers." in name and not name.endswith(f".{len(self.net.decoder.seg_layers) - 1}")
        return ".skip." not in name and not deeper

    @classmethod
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """nnU-Net's checkpoints, without the names under which tensors are listed a second time."""
        return {
            name: value
            for name, value in state.items()
            if "decoder.encoder." not in name and name.split(".")[-2] not in ALIASES
        }

    def encode(self, x: Tensor) -> Features:
        x = self.axes.to_network(x)
        across = self._across
        if across is None:
            levels = self.net.encoder(x)
        else:
            levels = [unfold(maps, across, x.shape[2 + across]) for maps in self.net.encoder(fold(x, across))]
        return Features(levels[-1], tuple(levels[:-1]))

    def decode(self, features: Features) -> Tensor:
        return self._volumes(self.net.decoder.seg_layers[-1](self._levels(features)[-1]), features)

    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        if not self.net.decoder.deep_supervision:
            return (self.decode(features),)
        levels = zip(self.net.decoder.seg_layers, self._levels(features), strict=True)
        return [self._volumes(head(level), features) for head, level in levels][::-1]

    def _volumes(self, logits: Tensor, features: Features) -> Tensor:
        """Bring logits in the network's axes, or of its slices, to ours."""
        if self._across is not None:
            logits = unfold(logits, self._across, features.bottleneck.shape[2 + self._across])
        return self.axes.from_network(logits)

    def _levels(self, features: Features) -> list[Tensor]:
        """What the decoder makes at each level, the input's size last; of slices where it is a network of them."""
        decoder, levels = self.net.decoder, []
        x, *skips = features.bottleneck, *reversed(features.skips)
        if self._across is not None:
            x, *skips = (fold(maps, self._across) for maps in (x, *skips))
        for up, block, skip in zip(decoder.transpconvs, decoder.stages, skips, strict=True):
            x = block(torch.cat([up(x), skip], dim=1))
            levels.append(x)
        return levels


class PlainConvUNet(_NnUNet):
    """nnU-Net's plain U-Net."""

    architecture, per_stage = "PlainConvUNet", "n_conv_per_stage"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features_per_stage: Sequence[int] = (32, 64, 128, 256, 320),
        kernel_sizes: Sequence[int | Sequence[int]] | None = None,
        strides: Sequence[int | Sequence[int]] | None = None,
        n_conv_per_stage: int | Sequence[int] = 2,
        n_conv_per_stage_decoder: int | Sequence[int] = 2,
        conv_bias: bool = True,
        norm: str = "instance",
        nonlin: str = "leakyrelu",
        deep_supervision: bool = True,
        axes: str = OURS,
        plane: str | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            features_per_stage,
            kernel_sizes,
            strides,
            n_conv_per_stage,
            n_conv_per_stage_decoder,
            conv_bias,
            norm,
            nonlin,
            deep_supervision,
            axes,
            plane,
        )


class ResidualEncoderUNet(_NnUNet):
    """nnU-Net's U-Net with a residual encoder."""

    architecture, per_stage = "ResidualEncoderUNet", "n_blocks_per_stage"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features_per_stage: Sequence[int] = (32, 64, 128, 256, 320),
        kernel_sizes: Sequence[int | Sequence[int]] | None = None,
        strides: Sequence[int | Sequence[int]] | None = None,
        n_blocks_per_stage: int | Sequence[int] = (1, 3, 4, 6, 6),
        n_conv_per_stage_decoder: int | Sequence[int] = 1,
        conv_bias: bool = True,
        norm: str = "instance",
        nonlin: str = "leakyrelu",
        deep_supervision: bool = True,
        axes: str = OURS,
        plane: str | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            features_per_stage,
            kernel_sizes,
            strides,
            n_blocks_per_stage,
            n_conv_per_stage_decoder,
            conv_bias,
            norm,
            nonlin,
            deep_supervision,
            axes,
            plane,
        )


def _package() -> Any:
    try:
        from dynamic_network_architectures.architectures import unet
    except ImportError:
        raise InputError(
            "nnunet-not-installed",
            "nnU-Net's networks are in a package that is not installed; install it with `{command}`.",
            command="pip install --no-deps dynamic-network-architectures",
        ) from None
    return unet
