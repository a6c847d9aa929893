"""Work that the panel does in steps, done without a panel."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

Result = TypeVar("Result")


def take_all_steps(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps of a work, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
