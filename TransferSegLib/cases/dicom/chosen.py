"""What a person chooses of several: `FOLDER#SeriesInstanceUID`, `FILE.dcm#EchoNumber=2`, or both, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

_SLICES, _APART = "Slices", "apart"


@dataclass(frozen=True)
class Choice:
    """What stands behind a path.

    Attributes:
        series: The SeriesInstanceUID; None where none is chosen.
        values: Attribute → its value in the frames that are wanted.
        apart: Whether its slices are meant to have gaps between them (`Slices=apart`).
    """

    series: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    apart: bool = False


def split_choice(path: Path) -> tuple[Path, Choice]:
    """Divide a path into the file or folder itself, and what is chosen of it.

    Args:
        path: As the person wrote it. A `#` that belongs to a name that exists is no choice.

    Returns:
        The file or folder, and the choice.
    """
    name, *chosen = path.name.split("#")
    if not chosen or not name or path.exists():
        return path, Choice()
    whole = next((n for n in range(len(chosen), 0, -1) if _beside(path, name, chosen[:n]).exists()), 0)
    values = dict(one.split("=", 1) for one in chosen[whole:] if "=" in one)
    series = [one for one in chosen[whole:] if "=" not in one]
    apart = values.get(_SLICES, "").strip().lower() == _APART
    values = {attribute: value for attribute, value in values.items() if not (apart and attribute == _SLICES)}
    return _beside(path, name, chosen[:whole]), Choice(series[-1] if series else None, values, apart)


def _beside(path: Path, name: str, more: list[str]) -> Path:
    return path.with_name("#".join([name, *more]))
