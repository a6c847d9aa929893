"""MONAI's SegResNetDS as a staged network: the residual network of Auto3DSeg and of CT-FM.

It is the network of Myronenko 2018, "3D MRI brain tumor segmentation using autoencoder regularization", without its
auto-encoder, with deep supervision and with kernels that follow the voxel size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monai.networks.nets.segresnet_ds import SegResNetDS as MonaiSegResNetDS
from torch import Tensor
from typing_extensions import override

from TransferSegLib.networks.axes import OURS, Axes
from TransferSegLib.networks.staged import Features, Stage, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument, blocks_do_not_match


class SegResNetDS(StagedNetwork):
    """`monai.networks.nets.SegResNetDS`.

    `net` keeps MONAI's own state-dict keys. Arguments that are not listed are MONAI's.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        dsdepth: How many levels of the decoder have a head. The last one's decides; training looks at all of them.
        resolution: The voxel size in mm along the network's axes, by which the first levels have flat kernels until voxels
            are about as thick as wide; None has the same kernels along all axes.
        axes: The axes that it knows, see `networks.axes`: images are turned to them and what it finds is turned
            back. `resolution` is along them.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        init_filters: int = 32,
        act: str | Sequence[Any] = "relu",
        norm: str | Sequence[Any] = "batch",
        blocks_down: Sequence[int] = (1, 2, 2, 4),
        blocks_up: Sequence[int] | None = None,
        dsdepth: int = 1,
        upsample_mode: str = "deconv",
        resolution: Sequence[float] | None = None,
        axes: str = OURS,
    ) -> None:
        super().__init__()
        levels = len(blocks_down) - 1
        if levels < 1:
            raise WrongArgument("network-one-level", "`blocks_down` has one level and needs two or more")
        if blocks_up is not None and len(blocks_up) != levels:
            raise blocks_do_not_match(len(blocks_up), len(blocks_down))
        if resolution is not None and len(resolution) != 3:
            raise WrongArgument(
                "network-resolution",
                "`resolution` has {count} {count:~number|numbers} and needs three",
                count=len(resolution),
            )
        self.axes = Axes(axes)
        self.net = MonaiSegResNetDS(
            spatial_dims=3,
            init_filters=init_filters,
            in_channels=in_channels,
            out_channels=out_channels,
            act=act,  # type: ignore[arg-type]
            norm=norm,  # type: ignore[arg-type]
            blocks_down=tuple(blocks_down),
            blocks_up=None if blocks_up is None else tuple(blocks_up),
            dsdepth=dsdepth,
            upsample_mode=upsample_mode,
            resolution=None if resolution is None else tuple(resolution),
        )
        # Levels without a head have an identity in its place.
        self.heads = min(self.net.dsdepth, levels)
        a, b, c = (int(side) for side in self.net.shape_factor())
        self.divisor = self.axes.sizes_from_network((a, b, c))

    @override
    def stages(self) -> tuple[Stage, ...]:
        last = len(self.net.encoder.layers) - 1
        levels = range(len(self.net.up_layers))
        return (
            Stage("encoder.0", ("net.encoder.conv_init", "net.encoder.layers.0")),
            *(Stage(f"encoder.{n}", (f"net.encoder.layers.{n}",)) for n in range(1, last)),
            Stage("bottleneck", (f"net.encoder.layers.{last}",)),
            *(Stage(f"decoder.{n}", (f"net.up_layers.{n}.upsample", f"net.up_layers.{n}.blocks")) for n in levels),
            Stage("head", tuple(f"net.up_layers.{n}.head" for n in levels)),
        )

    @override
    def counts(self, name: str) -> bool:
        return not name.endswith(".head") or name == f"net.up_layers.{len(self.net.up_layers) - 1}.head"

    @override
    def encode(self, x: Tensor) -> Features:
        *skips, bottleneck = self.net.encoder(self.axes.to_network(x))
        return Features(bottleneck, tuple(skips))

    @override
    def decode(self, features: Features) -> Tensor:
        return self._scores(len(self.net.up_layers) - 1, self._levels(features)[-1])

    @override
    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        levels = list(enumerate(self._levels(features)))
        return [self._scores(n, x) for n, x in reversed(levels[-self.heads :])]

    def _levels(self, features: Features) -> list[Tensor]:
        """What the decoder makes at each level, the smallest first."""
        x, levels = features.bottleneck, []
        for level, skip in zip(self.net.up_layers, reversed(features.skips), strict=True):
            x = level["blocks"](level["upsample"](x) + skip)  # type: ignore[index]
            levels.append(x)
        return levels

    def _scores(self, level: int, x: Tensor) -> Tensor:
        return self.axes.from_network(self.net.up_layers[level]["head"](x))  # type: ignore[index]
