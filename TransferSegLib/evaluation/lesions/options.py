"""What a lesion is and when it counts as detected, declared once for the command line, a job's file and the panel.

Nothing heavy is loaded with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from TransferSegLib.core.declarations import Option, check_options, declared_options, option_field

Connectivity = Literal[26, 8]
"""26: neighbours in 3D, corners included. 8: neighbours within an axial slice; components are joined through the slices."""

_NUMBERS = r"[0-9]{1,9}(\.[0-9]{1,9})?( *, *[0-9]{1,9}(\.[0-9]{1,9})?){0,9}"
_CUBIC_MM = ("mm³", "mm3", "mm^3")


@dataclass(frozen=True)
class LesionOptions:
    """Which label's connected components are lesions, and the cut-offs of their detection.

    Attributes:
        lesions: The name or value of the label.
        lesion_overlap: The cut-offs of the overlap, in per cent.
        lesion_volume: The cut-offs of the volume, with their unit.
        lesion_connectivity: `26` or `8`, see `Connectivity`.

    Raises:
        InputError: A value is of another form.
    """

    lesions: str | None = option_field(
        Option(
            "lesions",
            "text",
            "Lesions are",
            "The name or value of a label. Each of its connected components is a lesion, and how many lesions are detected "
            "is scored.",
            examples="a label's name or value",
        )
    )
    lesion_overlap: str = option_field(
        Option(
            "lesion_overlap",
            "text",
            "Overlap cut-offs",
            "A lesion counts as detected when more than this share of its voxels was segmented. Give one cut-off or several.",
            default="0, 20 %",
            pattern=rf"{_NUMBERS} *%",
            examples="numbers in per cent such as `0, 20 %`",
        )
    )
    lesion_volume: str = option_field(
        Option(
            "lesion_volume",
            "text",
            "Volume cut-offs",
            "Lesions and false alarms that are smaller than this are not counted. Give one cut-off or several, in mL or mm³.",
            default="0, 1, 2 mL",
            pattern=rf"{_NUMBERS} *(m[lL]|mm³|mm3|mm\^3)",
            examples="volumes such as `0, 1, 2 mL` or `0, 10 mm3`",
        )
    )
    lesion_connectivity: str = option_field(
        Option(
            "lesion_connectivity",
            "choice",
            "One lesion is",
            "Which voxels belong to one lesion.",
            default="26",
            choices={
                "26": "voxels that touch in 3D, also at a corner",
                "8": "voxels that touch within an axial slice, joined through the slices where they overlap",
            },
            earlier_names=("connectivity",),
        )
    )

    def __post_init__(self) -> None:
        options = declared_options(LesionOptions)
        given = {option.name: getattr(self, option.name) for option in options}
        check_options(
            options, {n: value for n, value in given.items() if value is not None}, lambda option: option.flag
        )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> LesionOptions | None:
        """The options that were given by name; None where no label is, for then nothing is scored."""
        known = {o.name: given[o.name] for o in declared_options(LesionOptions) if given.get(o.name) is not None}
        return cls(**known) if known.get("lesions") else None

    @property
    def overlap_cutoffs(self) -> tuple[float, ...]:
        """Shares of a lesion, 0 to 1."""
        return tuple(sorted({number / 100 for number in _numbers(self.lesion_overlap.rstrip("% "))}))

    @property
    def volume_unit(self) -> Literal["mL", "mm³"]:
        """The unit in which volume cut-offs are given, and shown."""
        return "mm³" if self.lesion_volume.endswith(_CUBIC_MM) else "mL"

    @property
    def volume_cutoffs_ml(self) -> tuple[float, ...]:
        """Volumes in mL, whatever their unit was."""
        factor = 1000 if self.volume_unit == "mm³" else 1
        text = re.sub(r"(m[lL]|mm³|mm3|mm\^3)$", "", self.lesion_volume)
        return tuple(sorted({number / factor for number in _numbers(text)}))

    @property
    def connectivity(self) -> Connectivity:
        """Which voxels are neighbours in one lesion."""
        return 8 if self.lesion_connectivity == "8" else 26


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
