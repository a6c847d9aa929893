"""Lists what a network can run on in this computer, for the person who chooses."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import torch

GIB = 1024**3


@dataclass(frozen=True)
class Device:
    """Something that a network can run on.

    Attributes:
        name: As `--device` takes it.
        title: What the hardware is called.
        memory_gb: All the memory that it has, in GiB; None if unknown.
    """

    name: str
    title: str
    memory_gb: float | None


def list_devices() -> list[Device]:
    """List the devices of this computer, first the one that `auto` takes."""
    found = [
        Device(f"cuda:{n}", torch.cuda.get_device_name(n), torch.cuda.get_device_properties(n).total_memory / GIB)
        for n in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU", _main_memory_gb()))
    processor = Device("cpu", f"{_processor()}, {os.cpu_count() or 1} cores", _main_memory_gb())
    return [*found, processor] if torch.cuda.device_count() else [processor, *found]


def _processor() -> str:
    try:
        match = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        match = None
    return match[1].strip() if match else platform.processor() or platform.machine()


def _main_memory_gb() -> float | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    except (AttributeError, ValueError, OSError):  # Windows
        return None
