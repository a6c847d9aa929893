"""Write the tables of strategies.md from what is declared, then those of recipes.md: `make tables`.

A table stands between two markers, `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from TransferSegLib.core.declarations import Option, as_text, declared_options
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import STRATEGIES

PAGE = Path(__file__).with_name("strategies.md")


def tables() -> dict[str, str]:
    """Name of a table → the table in Markdown."""
    strategies = [(f"`{s.name}`", s.title, s.encoder, s.decoder, s.head, s.paper) for s in STRATEGIES.values()]
    options = [(f"`{s.name}`", f"`{o.name}`", *facts(o)) for s in STRATEGIES.values() for o in s.options]
    settings = [(f"`{o.flag}`", f"`{o.name}`", *facts(o)) for o in declared_options(TrainingOptions)]
    return {
        "strategies": table(("strategy", "title", "encoder", "decoder", "head", "from"), strategies),
        "options": table(("strategy", "option", "values", "default", "what it does"), options),
        "settings": table(("flag", "in `job.json`", "values", "default", "what it does"), settings),
    }


def facts(option: Option) -> tuple[str, str, str]:
    """What an option's values are, its default, and what it does."""
    values = option.expected.message if option.kind != "choice" else ", ".join(f"`{name}`" for name in option.choices)
    unit = f", in {option.unit}" if option.unit else ""
    default = "–" if option.default is None else as_text(option.default)
    return f"{values}{unit}", default, option.help


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
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


if __name__ == "__main__":
    import make_recipe_tables

    PAGE.write_text(page_text(), encoding="utf-8")
    make_recipe_tables.write()
