"""The error of a network whose own arguments cannot be, or do not go together."""

from __future__ import annotations

from TransferSegLib.core.errors import InputError


class WrongArgument(InputError):
    """A network cannot be built with an argument; the sentence names the argument, `networks.registry.build` the network."""


def blocks_do_not_match(up: int, down: int) -> WrongArgument:
    """The error of a SegResNet whose decoder does not have one level fewer than its encoder.

    Args:
        up: The levels that `blocks_up` names.
        down: The levels that `blocks_down` names.
    """
    return WrongArgument(
        "network-blocks-up",
        "`blocks_up` has {up} {up:~level|levels}, and `blocks_down` with {down} needs {needed}",
        up=up,
        down=down,
        needed=down - 1,
    )
