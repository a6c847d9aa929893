"""Memory that runs out: PyTorch says it in several ways, and callers want to hear one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from TransferSegLib.core.memory import available_bytes


class OutOfMemory(RuntimeError):
    """Something does not fit into the memory of the device; less of it at a time may."""


# The words of CUDA and MPS, of PyTorch's allocator (Linux, Windows), of cuDNN and cuBLAS, and of oneDNN.
_NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "alloc_failed",
    "could not create a memory object",
)


@contextlib.contextmanager
def memory_watch() -> Iterator[None]:
    """Turn the several ways in which PyTorch says that memory ran out into one.

    Raises:
        OutOfMemory: Memory ran out within the block.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemory(str(error)) from None
    except RuntimeError as error:
        text = str(error).lower()
        if any(words in text for words in _NO_MEMORY):
            raise OutOfMemory(str(error)) from None
        raise


def free_unused(device: str) -> None:
    """Give memory that PyTorch keeps for later back to the device, so that a smaller try finds it."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def must_be_free(needed: int) -> None:
    """Say that memory is short before it is taken: Linux promises more than there is, and ends who uses it.

    Args:
        needed: Bytes of the computer's memory.

    Raises:
        OutOfMemory: They are not free.
    """
    free = available_bytes()
    if free is not None and needed > free:
        raise OutOfMemory(f"{needed} bytes are needed, {free} are free")
