"""The one interface through which every architecture is seen: stages in forward order, and the layers in each.

"The last 6 convolutions", "the decoder" and "the frozen prefix" are then the same few lines for every network, and a new
architecture is one file that states its stages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class Features:
    """What an encoder hands to a decoder.

    `bottleneck` (B, C, i, j, k) is the deepest feature map, `skips` the maps of the encoder's stages, first stage first
    (empty where the network has no skip connections), `indices` the positions that max pooling kept, for unpooling.
    """

    bottleneck: Tensor
    skips: tuple[Tensor, ...] = ()
    indices: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A part of a network: `encoder.0` …, `bottleneck`, `decoder.0` …, `head`; `modules` by their names in the network."""

    name: str
    modules: tuple[str, ...]

    @property
    def part(self) -> str:
        """`encoder`, `bottleneck`, `decoder` or `head`; of a hybrid also `source`, its frozen encoder, and `fusion`."""
        return self.name.split(".")[0]


class StagedNetwork(nn.Module):
    """A segmentation network in two halves: (B, C, I, J, K) → `Features` → logits (B, classes, I, J, K).

    `divisor` is what each side of the input must be a multiple of (1 where any size works); `slice_axis` is the spatial axis
    (0, 1 or 2) across which a 2D network takes the volume slice by slice, None for a 3D network. `whole_images`: where an
    image is smaller than the patch, it is segmented as it is; others see it padded to the patch, as in training.
    """

    divisor: tuple[int, int, int] = (1, 1, 1)
    slice_axis: int | None = None
    whole_images: bool = False

    def encode(self, x: Tensor) -> Features:
        """Everything up to and including the bottleneck."""
        raise NotImplementedError

    def decode(self, features: Features) -> Tensor:
        """Decoder and head: logits at the input's size."""
        raise NotImplementedError

    def decode_some(self, features: Features, stages: int) -> Features:
        """What is left to decode after the first `stages` stages of the decoder; `decode` goes on from there.

        A network that does not offer it begins at the bottleneck again.
        """
        return features

    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        """The logits that training compares with the labels, the final ones first.

        More than one where the network is deeply supervised: (B, classes, …) each, at the input's size or smaller.
        """
        return (self.decode(features),)

    def stages(self) -> tuple[Stage, ...]:
        """The stages in forward order; every parameter belongs to exactly one."""
        raise NotImplementedError

    def counts(self, name: str) -> bool:
        """Whether the convolution of this name counts when "the last n convolutions" are counted.

        Projections on a shortcut, the gates of attention blocks and the heads of deep supervision do not: they belong to the
        layer they serve.
        """
        return True

    @classmethod
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights that were published for this architecture, by this network's own names and layouts."""
        return dict(state)

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def forward_supervised(self, x: Tensor | Features) -> Sequence[Tensor]:
        """As `forward`, for training, from images or from their features: see `decode_supervised`."""
        return self.decode_supervised(x if isinstance(x, Features) else self.encode(x))


def leaves(network: StagedNetwork) -> Iterator[tuple[str, str, nn.Module]]:
    """(stage, module name, module) of every module that holds parameters itself or has no children, in forward order."""
    modules = dict(network.named_modules())
    for stage in network.stages():
        for top in stage.modules:
            for name, module in modules[top].named_modules(prefix=top):
                if next(module.children(), None) is None or next(module.parameters(recurse=False), None) is not None:
                    yield stage.name, name, module


def convolutions(network: StagedNetwork) -> list[tuple[str, str, nn.Module]]:
    """(stage, name, module) of the convolutions that count, in forward order."""
    return [
        (stage, name, module)
        for stage, name, module in leaves(network)
        if isinstance(module, CONVOLUTIONS) and network.counts(name)
    ]


def whole_patch(size: tuple[int, int, int], divisor: tuple[int, int, int]) -> tuple[int, int, int]:
    """`size` in voxels, each side rounded up to what the network can take, more than one voxel left at the bottleneck."""
    a, b, c = (max(d, -(-side // d) * d) for side, d in zip(size, divisor, strict=True))
    # A single voxel has no spread to normalise by.
    return (2 * a, 2 * b, 2 * c) if (a, b, c) == divisor else (a, b, c)
