"""A recipe against its paper: what the paper says, what is done here, and where and why the two differ."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from TransferSegLib.core.declarations import Option, as_text, declared_options, value_text
from TransferSegLib.training.options import OF_SCHEDULE, TrainingOptions
from TransferSegLib.training.schedule import RULES

HEADS = ("Setting", "Paper", "Here", "Differs, why")
WIDTHS = (22, 36, 20, 36)
# What the recipes' statements about preprocessing are about: no field, because a model's card decides.
PREPROCESSING = "preprocessing"


@dataclass(frozen=True)
class Row:
    """One thing of a training.

    Attributes:
        what: Its title.
        paper: What the paper says, with its section.
        here: What is done here.
        differs: Why it is otherwise than in the paper, or how it was settled what the paper leaves open; empty where it is as
            the paper says.
    """

    what: str
    paper: str
    here: str
    differs: str


@dataclass(frozen=True)
class Images:
    """How the images of a training are prepared, where that is not as its recipe has it.

    Attributes:
        here: What is done.
        differs: Why.
    """

    here: str
    differs: str


def recipe_rows(options: TrainingOptions, images: Images | None = None) -> tuple[Row, ...]:
    """The table of the recipe that a training names, with what was changed of it; empty for `default`.

    Args:
        options: The settings of one training (see `TrainingOptions.for_training`).
        images: How its images are prepared, where that is not as the recipe has it.
    """
    declared = {option.name: option for option in declared_options(TrainingOptions)}
    rows = []
    for statement in options.named.says:
        option = declared.get(statement.about)
        if statement.about == PREPROCESSING and images is not None:
            rows.append(Row(_capital(statement.about), statement.paper, images.here, images.differs))
            continue
        if option is None:
            rows.append(Row(_capital(statement.about), statement.paper, statement.here, statement.why))
            continue
        differs = statement.why
        if statement.about in (options.changed or ()) or (option.group and _other_budget(options)):
            differs = f"chosen by {option.flag}" if not option.group else "chosen for this job"
        elif statement.about in OF_SCHEDULE and options.other_schedule:
            differs = f"follows from `{declared['lr_schedule'].flag} {options.lr_schedule}`"
        rows.append(Row(option.title, statement.paper, _here(options, option), differs))
    return tuple(rows)


def recipe_fields(options: TrainingOptions) -> dict[str, Any]:
    """All settings of a training by name, as JSON has them."""
    found = {option.name: getattr(options, option.name) for option in declared_options(TrainingOptions)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def table_text(rows: Sequence[Row]) -> str:
    """The table as text, its cells wrapped."""
    cells = [HEADS, tuple("-" * width for width in WIDTHS), *((r.what, r.paper, r.here, r.differs) for r in rows)]
    lines = []
    for row in cells:
        wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, WIDTHS, strict=True)]
        for n in range(max(map(len, wrapped))):
            parts = [
                (cell[n] if n < len(cell) else "").ljust(width) for cell, width in zip(wrapped, WIDTHS, strict=True)
            ]
            lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def _here(options: TrainingOptions, option: Option) -> str:
    if option.group and _other_budget(options):
        return next(
            f"{as_text(value)} {name.removesuffix('s') if value == 1 else name}"
            for name in ("steps", "epochs", "minutes")
            if (value := getattr(options, name))
        )
    value = getattr(options, option.name)
    if value is None and option.name in OF_SCHEDULE:
        rule = RULES[options.lr_schedule]
        value = (rule.factor if rule.factor < 1 else None) if option.name == "lr_factor" else rule.patience or None
    return value_text(option, value)


def _other_budget(options: TrainingOptions) -> bool:
    """Whether the budget is one that the person gave, in place of the recipe's."""
    return bool({"steps", "epochs", "minutes"} & set(options.changed or ()))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
