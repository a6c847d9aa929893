"""The one interface through which every architecture is seen: stages in forward order, and the layers in each.

"The last 6 convolutions", "the decoder" and "the frozen prefix" are then the same few lines for every network, and a new
architecture is one file that states its stages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from TransferSegLib.core.regions import Region
from TransferSegLib.networks.axes import OURS, Axes
from TransferSegLib.networks.painting import painted

# Below this the deepest maps of a network come down to a single voxel, which cannot be normalised.
SMALLEST_SIDE = 16

CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class Features:
    """What an encoder hands to a decoder.

    Attributes:
        bottleneck: The deepest feature map, (B, C, i, j, k).
        skips: The feature maps of the encoder's stages, the first stage first; empty where the network has no skip
            connections.
        indices: The positions that max pooling kept, for unpooling.
    """

    bottleneck: Tensor
    skips: tuple[Tensor, ...] = ()
    indices: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A part of a network.

    Attributes:
        name: `encoder.0` …, `bottleneck`, `decoder.0` …, `head`.
        modules: Its modules, by their names in the network.
    """

    name: str
    modules: tuple[str, ...]

    @property
    def part(self) -> str:
        """`encoder`, `bottleneck`, `decoder` or `head`; in a hybrid also `source`, its frozen encoder, and `fusion`."""
        return self.name.split(".")[0]


class StagedNetwork(nn.Module):
    """A segmentation network in two halves: images (B, C, I, J, K) → `Features` → logits (B, classes, I, J, K).

    Every network's constructor takes `in_channels` and `out_channels`, the number of images and of classes (background
    included), and then arguments of its own.

    Attributes:
        divisor: What each side of the input must be a multiple of, in voxels (1 where any size works).
        slice_axis: The spatial axis (0, 1 or 2) across which a 2D network takes the volume slice by slice; None for a 3D
            network.
        whole_images: Whether an image smaller than the patch is segmented as it is; others are padded to the patch, as in
            training.
        regions: The regions that its outputs are, by classes, in the order in which they are painted; none where each voxel
            has one label. `forward` then gives scores of classes, see `networks.painting`, and `forward_supervised` those of
            the regions.
        learning_rate: That of its layers, with Adam and where nobody chose one.
        axes: The axes that it knows; it turns its input to them and its output back, see `networks.axes`.
    """

    divisor: tuple[int, int, int] = (1, 1, 1)
    slice_axis: int | None = None
    whole_images: bool = False
    regions: tuple[Region, ...] = ()
    learning_rate: float = 1e-3
    axes: Axes = Axes(OURS)

    def encode(self, x: Tensor) -> Features:
        """Run everything up to and including the bottleneck on images (B, C, I, J, K)."""
        raise NotImplementedError

    def decode(self, features: Features) -> Tensor:
        """Run decoder and head: logits (B, classes, I, J, K) at the input's size."""
        raise NotImplementedError

    def decode_some(self, features: Features, stages: int) -> Features:
        """Run the first `stages` stages of the decoder.

        A network may leave this out; `decode` then begins at the bottleneck again.

        Args:
            features: What the encoder gave.
            stages: How many stages to run.

        Returns:
            What `decode` goes on from.
        """
        return features

    def decode_supervised(self, features: Features) -> Sequence[Tensor]:
        """Run decoder and heads for training.

        Args:
            features: What `encode` gave.

        Returns:
            The logits that training compares with the labels, (B, classes, …) each. The final ones come first, at the input's
            size. Only a deeply supervised network has more, at smaller sizes.
        """
        return (self.decode(features),)

    def stages(self) -> tuple[Stage, ...]:
        """List the stages in forward order; every parameter belongs to exactly one."""
        raise NotImplementedError

    def counts(self, name: str) -> bool:
        """Whether the convolution of this name counts when "the last n convolutions" are counted.

        Projections on a shortcut, the gates of attention blocks and the heads of deep supervision do not count: they belong
        to the layer that they serve.
        """
        return True

    @classmethod
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rename and reshape weights that were published for this architecture to this network's own names and layouts.

        Args:
            state: The published weights by their own names.

        Returns:
            The weights by this network's names; those that it does not know keep theirs.
        """
        return dict(state)

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, C, I, J, K) → logits (B, classes, I, J, K)."""
        return painted(self.decode(self.encode(x)), self.regions)

    def forward_supervised(self, x: Tensor | Features) -> Sequence[Tensor]:
        """Run the network for training.

        Args:
            x: Images, (B, C, I, J, K), or their features.

        Returns:
            The logits, as `decode_supervised` gives them.
        """
        return self.decode_supervised(x if isinstance(x, Features) else self.encode(x))


def leaves(network: StagedNetwork) -> Iterator[tuple[str, str, nn.Module]]:
    """List every module that holds parameters itself or has no children: (stage, module name, module), in forward order."""
    modules = dict(network.named_modules())
    for stage in network.stages():
        for top in stage.modules:
            for name, module in modules[top].named_modules(prefix=top):
                if next(module.children(), None) is None or next(module.parameters(recurse=False), None) is not None:
                    yield stage.name, name, module


def convolutions(network: StagedNetwork) -> list[tuple[str, str, nn.Module]]:
    """List the convolutions that count (see `StagedNetwork.counts`): (stage, name, module), in forward order."""
    return [
        (stage, name, module)
        for stage, name, module in leaves(network)
        if isinstance(module, CONVOLUTIONS) and network.counts(name)
    ]


def whole_patch(size: tuple[int, int, int], divisor: tuple[int, int, int]) -> tuple[int, int, int]:
    """Round a patch's sides up to what a network can take.

    Args:
        size: The wanted patch, in voxels.
        divisor: What each side must be a multiple of.

    Returns:
        The patch, in voxels, with more than one voxel left at the bottleneck.
    """
    a, b, c = (max(d, -(-side // d) * d) for side, d in zip(size, divisor, strict=True))
    # A single voxel has no spread to normalise by.
    return (2 * a, 2 * b, 2 * c) if (a, b, c) == divisor else (a, b, c)


def smaller_patch(size: tuple[int, int, int], divisor: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """Halve the longest side of a patch that does not fit into memory.

    Args:
        size: The patch, in voxels.
        divisor: What each side must be a multiple of.

    Returns:
        The smaller patch, in voxels; None where it would be too small for a network.
    """
    longest = max(range(3), key=lambda axis: size[axis])
    side = size[longest] // 2 // divisor[longest] * divisor[longest]
    if side < max(2 * divisor[longest], SMALLEST_SIDE):
        return None
    a, b, c = (side if axis == longest else size[axis] for axis in range(3))
    return a, b, c
