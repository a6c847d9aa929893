"""Lets the threads of OpenMP sleep when they wait for long, so that a computer can do other things beside a training."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

# Each says how threads wait: the first to every OpenMP, the second to GNU's (PyTorch for Linux), the others to Intel's and
# LLVM's (Windows, macOS, conda).
VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")
# How long a thread waits in a loop before it sleeps: turns of GNU's loop, about 0.1 to 0.3 ms, and milliseconds.
# Measured on a Xeon with two cores, a step of one job alone and the time of two jobs at once divided by that of one:
# 300,000 turns (GNU's default) 0.118 s and 3.3; 10,000 0.118 s and 2.2; 3,000 0.131 s and 1.6; none 0.158 s and 1.35.
SHORT_WAIT = {"GOMP_SPINCOUNT": "5000", "KMP_BLOCKTIME": "1"}


def let_threads_sleep(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set how OpenMP's threads wait, unless the person has set something of it.

    The threads of a network meet some hundred times in a step, and the first waits for the others: by default in a loop that
    keeps a core busy for milliseconds. Where another program computes, the thread that is waited for does not get that core,
    and two trainings on two cores then take three to ten times as long as one. A thread that sleeps at once has to be woken
    each time, which makes a training alone a third slower. So threads wait for a moment, and then they sleep. Results stay
    the same: as many threads do the same work.

    The libraries read this when they are loaded, so it is called before torch is imported.

    Args:
        environment: The variables of this process, which its children inherit.
    """
    if not any(name in environment for name in VARIABLES):
        environment.update(SHORT_WAIT)
