"""Write the tables of recipes.md from the recipes themselves: `make tables`.

A table stands between two markers, `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from TransferSegLib.core.declarations import declared_options, value_text
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.recipes import RECIPES, Recipe
from TransferSegLib.training.recipes.table import HEADS, recipe_rows

PAGE = Path(__file__).with_name("recipes.md")


def tables() -> dict[str, str]:
    """Name of a table → the table in Markdown."""
    made = {"recipes": _all_recipes()}
    for name, recipe in RECIPES.items():
        if recipe.says:
            rows = [(r.what, r.paper, r.here, r.differs) for r in recipe_rows(TrainingOptions(recipe=name))]
            made[name] = _table(HEADS, rows)
    return made


def _all_recipes() -> str:
    """A row for each setting of a recipe, a column for each recipe; in brackets what holds from scratch."""
    rows = []
    for option in (
        *(o for o in declared_options(TrainingOptions) if o.name in ("steps", "epochs")),
        *declared_options(Recipe),
    ):
        cells = []
        for name in RECIPES:
            options = TrainingOptions(recipe=name)
            here = getattr(options, option.name)
            scratch = getattr(options.for_training(carried=False), option.name)
            cell = value_text(option, here)
            cells.append(cell if scratch == here else f"{cell} ({value_text(option, scratch)})")
        rows.append((f"`{option.flag}`", *cells))
    return _table(("flag", *(f"`{name}`" for name in RECIPES)), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("| --- ", "|---").replace("|--- |", "|---|")


def page_text() -> str:
    """The page with its tables as they have to be."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in tables().items():
        begin, end = f"<!-- table: {name} -->\n", "<!-- end of table -->"
        text, count = re.subn(rf"(?s){begin}.*?{end}", lambda _found, b=begin, m=made, e=end: f"{b}{m}{e}", text)
        assert count == 1, name
    return text


def write() -> None:
    """Write the page."""
    PAGE.write_text(page_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
