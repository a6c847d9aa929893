"""The columns in which tables show the detection of lesions: on the terminal, in the report and in the panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from TransferSegLib.evaluation.lesions.summary import Detection


@dataclass(frozen=True)
class LesionColumn:
    """One column.

    Attributes:
        title: Its heading.
        text: Writes its cell: the detection at a pair of cut-offs, and the unit of volumes.
    """

    title: str
    text: Callable[[Detection, str], str]


def volume_text(volume_ml: float, unit: str) -> str:
    """A volume in the unit that cut-offs were given in, `1 mL` or `50 mm³`."""
    return f"{volume_ml * (1000 if unit == 'mm³' else 1):.4g} {unit}"


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


LESION_COLUMNS = (
    LesionColumn("overlap above", lambda found, unit: f"{100 * found.overlap_cutoff:.3g} %"),
    LesionColumn("volume from", lambda found, unit: volume_text(found.volume_cutoff_ml, unit)),
    LesionColumn("detected", lambda found, unit: f"{found.detected} of {found.lesions}"),
    LesionColumn("recall", lambda found, unit: _share(found.recall)),
    LesionColumn("precision", lambda found, unit: _share(found.precision)),
    LesionColumn("F1", lambda found, unit: _share(found.f1)),
    LesionColumn("false alarms a case", lambda found, unit: f"{found.false_alarms_per_case:.2f}"),
)
