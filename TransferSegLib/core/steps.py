"""Work that a generator does in steps, so that whoever asks for it can show progress and stop it in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

Result = TypeVar("Result")


def at_once(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps of a work now, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
