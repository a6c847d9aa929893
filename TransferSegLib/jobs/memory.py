"""How much memory this process needed at most."""

from __future__ import annotations

import sys


def peak_memory_mb() -> float | None:
    """Peak resident memory in MiB; None on Windows, whose Python does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
