"""How a 2D network takes volumes: slice by slice, the slices of a patch being images of the batch."""

from __future__ import annotations

from torch import Tensor
from typing_extensions import override

from TransferSegLib.networks.staged import Features, StagedNetwork
from TransferSegLib.networks.wrong_argument import WrongArgument

# Plane of the slices → the axis across them, in a volume whose axes go to the right, the front and the top.
PLANES = {"sagittal": 0, "coronal": 1, "axial": 2}


def across_slices(plane: str) -> int:
    """The axis across the slices of a plane.

    Raises:
        WrongArgument: It is none of `PLANES`.
    """
    if plane not in PLANES:
        raise WrongArgument(
            "network-plane", "plane `{plane}` is not one of {planes}", plane=plane, planes=tuple(PLANES)
        )
    return PLANES[plane]


def fold(x: Tensor, axis: int) -> Tensor:
    """Turn volumes into a batch of their slices across one axis.

    Args:
        x: (B, C, I, J, K).
        axis: 0, 1 or 2.

    Returns:
        The slices; (B·K, C, I, J) where `axis` is 2.
    """
    return x.movedim(2 + axis, 1).flatten(0, 1)


def unfold(slices: Tensor, axis: int, count: int) -> Tensor:
    """Turn slices back into volumes: the inverse of `fold`.

    Args:
        slices: The slices, (B·K, C, I, J) where `axis` is 2.
        axis: 0, 1 or 2.
        count: The number of slices of each volume.

    Returns:
        (B, C, I, J, K).
    """
    return slices.unflatten(0, (-1, count)).movedim(1, 2 + axis)


class SlicedNetwork(StagedNetwork):
    """A 2D network seen as all others are; a subclass writes `encode_slices` and `decode_slices`.

    Slices know nothing of each other, so a patch of a single one is as good as a thick one. Feature maps come out with the
    slices as one of their axes, (B, C, i, j, K), so that strategies see what they see of a 3D network.

    Args:
        plane: `axial` (slices across K), `coronal` (J) or `sagittal` (I).
        side: What the sides of a slice must be a multiple of.
    """

    slice_axis: int

    def __init__(self, plane: str, side: int) -> None:
        super().__init__()
        self.slice_axis = across_slices(plane)
        a, b, c = (1 if axis == self.slice_axis else side for axis in range(3))
        self.divisor = (a, b, c)

    def encode_slices(self, x: Tensor) -> Features:
        """Encode slices (N, C, i, j): feature maps (N, …, …, …)."""
        raise NotImplementedError

    def decode_slices(self, features: Features) -> Tensor:
        """Decode feature maps of slices: logits (N, classes, i, j)."""
        raise NotImplementedError

    @override
    def encode(self, x: Tensor) -> Features:
        axis = self.slice_axis
        features, count = self.encode_slices(fold(x, axis)), x.shape[2 + axis]
        return Features(
            unfold(features.bottleneck, axis, count),
            tuple(unfold(maps, axis, count) for maps in features.skips),
            tuple(unfold(kept, axis, count) for kept in features.indices),
        )

    @override
    def decode(self, features: Features) -> Tensor:
        axis = self.slice_axis
        slices = Features(
            fold(features.bottleneck, axis),
            tuple(fold(maps, axis) for maps in features.skips),
            tuple(fold(kept, axis) for kept in features.indices),
        )
        return unfold(self.decode_slices(slices), axis, features.bottleneck.shape[2 + axis])
