"""Stops the building of a network without end, which a few numbers on a stranger's card can describe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch.nn.modules import module as modules

from TransferSegLib.core.errors import InputError

# Modules and parameters. nnU-Net's large residual encoder has 972, an HRNet of six streams in its widest form 1863.
MOST_PARTS = 5000


@contextmanager
def bounded(name: str) -> Iterator[None]:
    """Limit the size of the network that is built inside the `with` block.

    Args:
        name: The architecture's name, for the error.

    Raises:
        InputError: The network has more than `MOST_PARTS` layers and weights. It is raised while the network is built.
    """
    parts, thread = 0, threading.get_ident()

    def count(*registered: Any) -> None:
        nonlocal parts
        parts += threading.get_ident() == thread
        if parts > MOST_PARTS:
            raise InputError(
                "network-too-large",
                "network `{name}` would have more than {most:,} layers and weights, which none that can be "
                "used has; give it fewer levels, layers or blocks.",
                name=name,
                most=MOST_PARTS,
            )

    hooks = (
        modules.register_module_module_registration_hook(count),
        modules.register_module_parameter_registration_hook(count),
    )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
