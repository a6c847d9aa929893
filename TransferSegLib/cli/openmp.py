"""Lets the threads of OpenMP sleep while they wait, so that a computer can do other things beside a training."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

# Each says how threads wait: the first to every OpenMP, the others to GNU's (PyTorch for Linux) or to Intel's and LLVM's
# (Windows, macOS, conda).
VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")


def let_threads_sleep(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set how OpenMP's threads wait, unless the person has set something of it.

    The threads of a network meet some hundred times in a step, and the first waits for the others: by default in a loop that
    keeps a core busy for milliseconds. Where another program computes, the thread that is waited for does not get that core.
    Two trainings on two cores then take ten times as long as one. Results stay the same: as many threads do the same work.

    The libraries read this when they are loaded, so it is called before torch is imported.

    Args:
        environment: The variables of this process, which its children inherit.
    """
    if not any(name in environment for name in VARIABLES):
        environment["OMP_WAIT_POLICY"] = "PASSIVE"
