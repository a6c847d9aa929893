"""The preprocessing steps, in the order in which they are done. A new one is a file here, and its name in `_FILES`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from TransferSegLib.core.declarations import option_field
from TransferSegLib.core.preprocessing_steps.step import Step

_FILES = ("n4",)

C = TypeVar("C", bound=type)


def _load(file: str) -> Step:
    return importlib.import_module(f"{__name__}.{file}").STEP


STEPS: Mapping[str, Step] = {step.name: step for step in map(_load, _FILES)}


def with_step_fields(cls: C) -> C:
    """Give a class, which is yet to become a dataclass, a field for each step: its option's value on a card."""
    for step in STEPS.values():
        cls.__annotations__[step.name] = step.type if step.off is False else step.type | None
        setattr(cls, step.name, step.off)
    return cls


def with_step_options(cls: C) -> C:
    """Give a class, which is yet to become a dataclass, a field for each step's option; None where nobody chose it."""
    for step in STEPS.values():
        cls.__annotations__[step.name] = step.type | None
        setattr(cls, step.name, option_field(step.option))
    return cls


def chosen_steps(settings: Any) -> list[tuple[Step, Any]]:
    """The steps that are done where the fields of `with_step_fields` are these, each with its option's value."""
    return [(step, value) for step in STEPS.values() if (value := getattr(settings, step.name)) is not step.off]


def after_steps(image: np.ndarray, spacing_mm: tuple[float, float, float], settings: Any) -> np.ndarray:
    """Do the chosen steps, one after the other.

    Args:
        image: (I, J, K) float32.
        spacing_mm: The image's voxel size.
        settings: See `chosen_steps`.

    Returns:
        (I, J, K) float32; the image itself without a step.
    """
    for step, value in chosen_steps(settings):
        image = step.apply(image, spacing_mm, value)
    return image
