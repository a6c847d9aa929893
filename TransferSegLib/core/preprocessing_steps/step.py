"""What a preprocessing step declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from TransferSegLib.core.declarations import Option, value_text
from TransferSegLib.core.problems import Problem

_TYPES: dict[str, Any] = {
    "yes/no": bool,
    "whole number": int,
    "number": float,
    "choice": str,
    "text": str,
    "whole numbers": tuple[int, ...],
}


@dataclass(frozen=True)
class Step:
    """Something that is done to the image of a channel on its own grid, before it is resampled and normalised.

    Attributes:
        option: What a person chooses at `pretrain`, of any kind but `numbers`. The card keeps the value under the option's
            name. The option has no default: where nobody chooses, the step is left out.
        apply: Takes the image (I, J, K) float32, its voxel size in mm along these axes and the option's value, and returns
            the image, of the same shape and type. It must not change what it was given.
        words: What it does, as the line about a model's intensities says it; `{value}` is the option's value with its unit.
        monai: Takes the option's value and returns the MONAI transforms that do the same, without their `keys`, for an
            exported bundle. Where MONAI has none: why the model is not exported, as a clause that begins with a verb.
        for_ct: Whether channels of CT, whose values have a unit, take the step, too.
    """

    option: Option
    apply: Callable[[np.ndarray, tuple[float, float, float], Any], np.ndarray]
    words: str
    monai: Callable[[Any], list[dict[str, Any]]] | Problem
    for_ct: bool = True

    @property
    def name(self) -> str:
        """Its name on cards and in jobs."""
        return self.option.name

    @property
    def type(self) -> Any:
        """The type of the option's value."""
        return _TYPES[self.option.kind]

    @property
    def off(self) -> bool | None:
        """The value on a card of a model without the step."""
        return False if self.option.kind == "yes/no" else None

    def in_words(self, value: Any) -> str:
        """What it does with a value of its option."""
        return self.words.format(value=value_text(self.option, value))
