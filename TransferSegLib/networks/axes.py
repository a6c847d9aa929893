"""The axes of networks that were trained on images whose axes run otherwise: to a network and back.

Images here have the axes right, anterior, superior. A network that knows others turns its input, by whole axes and never by
interpolation, and turns its output back. So patches, mirrored copies and slices mean the same for every network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from TransferSegLib.networks.wrong_argument import WrongArgument

if TYPE_CHECKING:
    from torch import Tensor

N = TypeVar("N")
# The two directions of each of our axes; the first is the one in which the axis runs.
DIRECTIONS = (("R", "L"), ("A", "P"), ("S", "I"))
OURS = "RAS"


class Axes:
    """The axes that a network knows.

    Attributes:
        name: The direction in which each runs, as MONAI's `Orientation` names them: `SPL` is superior, posterior, left.
        order: For each axis of the network, which of ours it is.
        flipped: Which of our axes run the other way there.
    """

    def __init__(self, name: str) -> None:
        """Read the name of some axes.

        Raises:
            WrongArgument: It is no three directions that belong to different axes.
        """
        found = [(ours, letter != pair[0]) for letter in name for ours, pair in enumerate(DIRECTIONS) if letter in pair]
        if len(name) != 3 or sorted(ours for ours, _ in found) != [0, 1, 2]:
            raise WrongArgument(
                "network-axes",
                "axes `{axes}` are not three of R or L, A or P, S or I, as in RAS or SPL",
                axes=name[:20],
            )
        self.name = name
        self.order = tuple(ours for ours, _ in found)
        self.flipped = tuple(sorted(ours for ours, other in found if other))

    def to_network(self, x: Tensor) -> Tensor:
        """Turn (B, C, I, J, K) with our axes to the network's."""
        if self.name == OURS:
            return x
        lead = x.ndim - 3
        turned = x.flip([lead + axis for axis in self.flipped]) if self.flipped else x
        return turned.permute(*range(lead), *(lead + axis for axis in self.order))

    def from_network(self, x: Tensor) -> Tensor:
        """Turn (B, C, …) with the network's axes to ours: the inverse of `to_network`."""
        if self.name == OURS:
            return x
        lead = x.ndim - 3
        turned = x.permute(*range(lead), *(lead + self.order.index(axis) for axis in range(3)))
        return turned.flip([lead + axis for axis in self.flipped]) if self.flipped else turned

    def sizes_from_network(self, sizes: tuple[N, N, N]) -> tuple[N, N, N]:
        """What stands for each of the network's axes, such as a window's sides or a spacing, in the order of ours."""
        a, b, c = (sizes[self.order.index(axis)] for axis in range(3))
        return a, b, c
