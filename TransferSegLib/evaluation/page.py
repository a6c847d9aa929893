"""The look of a report: one self-contained HTML page, on a light and a dark ground, and the parts it is made of.

Nothing is loaded from anywhere: figures are inside the page, and there is no script. All text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape

from TransferSegLib.core import palette
from TransferSegLib.core.palette import Rgb

# A table of more text than this (in bytes of the page) is folded up.
LONGEST_TABLE_OPEN = 4000


@dataclass(frozen=True)
class Table:
    """A table of texts, such as the label map or what became of each weight.

    Attributes:
        title: The heading above it.
        columns: The names of the columns.
        rows: A text a column; `code` in backticks.
        about: What must be known to read it, below the heading.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    about: str = ""


def page(title: str, parts: Sequence[str]) -> str:
    """Put the parts of a report into a page.

    Args:
        title: The title of the page, as plain text.
        parts: Its content, elements of HTML.
    """
    return _PAGE.format(title=escape(title), style=_style(), body="\n".join(parts))


def section(title: str, content: str, kind: str = "") -> str:
    """A part of the page under a heading; `content` is HTML, `kind` the class that its looks follow."""
    return f'<section class="{kind}"><h2>{marked(title)}</h2>{content}</section>'


def bullets(texts: Sequence[str]) -> str:
    """A list of texts, `code` in backticks."""
    return "<ul>" + "".join(f"<li>{marked(text)}</li>" for text in texts) + "</ul>"


def marked(text: str) -> str:
    """Escaped, with `code` in backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def plain_table(table: Table) -> str:
    """A table, folded up where it is long."""
    head = "".join(f'<th scope="col">{marked(column)}</th>' for column in table.columns)
    lines = "".join("<tr>" + "".join(f"<td>{marked(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    content = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    about = f'<p class="caption">{marked(table.about)}</p>' if table.about else ""
    if len(lines) < LONGEST_TABLE_OPEN:
        return about + content
    return f"{about}<details><summary>{len(table.rows)} rows</summary>{content}</details>"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """\
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 20px 24px 48px; }
h1 { font-size: 22px; margin: 0 0 12px; }
h2 { font-size: 17px; margin: 32px 0 8px; }
p { margin: 6px 0; max-width: 100ch; }
code { font: 0.93em ui-monospace, Menlo, Consolas, monospace; }
.verdict { font-size: 18px; line-height: 1.45; padding: 14px 18px; background: var(--panel);
  border-left: 5px solid var(--unsure); border-radius: 4px; }
.verdict.better { border-color: var(--good); }
.verdict.worse { border-color: var(--bad); }
.warnings ul { border-left: 5px solid var(--bad); margin: 0; padding: 4px 0 4px 28px; }
li { max-width: 110ch; }
.caption, figcaption, .interval, summary { color: var(--soft); }
.caption, .interval, figcaption { font-size: 13px; }
.interval { white-space: nowrap; }
.miss { color: var(--bad); font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 20px;
  margin-top: 12px; }
.chart { width: 100%; max-width: 760px; height: auto; }
.chart text { font-family: inherit !important; }
.group:hover > g:first-child path { stroke-width: 2 !important; opacity: 1 !important; stroke-opacity: 1 !important; }
.group:hover use { stroke: var(--ink) !important; stroke-width: 1.2 !important; }
.entry { margin-right: 16px; white-space: nowrap; }
.overlays { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 400px)); gap: 16px; }
figure { margin: 0; }
.overlay { display: block; width: 100%; height: 380px; background: #000; }
.gallery { max-width: none; min-width: 720px; }
h3 { font-size: 15px; margin: 18px 0 4px; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; border: 1px solid var(--soft); }
.wide { overflow-x: auto; margin-top: 12px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px 4px 0; vertical-align: baseline; }
thead th { border-bottom: 1px solid var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; }
tbody th { font-weight: 500; }
tr.first > * { border-top: 1px solid var(--line); }
.cases tr:hover { background: var(--panel); }
.labels td, .cases td { white-space: nowrap; }
.claim { padding: 8px 14px; background: var(--panel); border-left: 5px solid var(--unsure); border-radius: 4px; }
.claim.better { border-color: var(--good); }
.claim.worse { border-color: var(--bad); }
.block { margin-bottom: 28px; }
.figures { display: grid; gap: 28px; }
.figures .chart { max-width: 1080px; }
.study caption { text-align: left; font-weight: 600; padding-bottom: 6px; }
.study th, .study td { white-space: nowrap; }
.study thead th[colspan] { border-bottom: 1px solid var(--line); }
.study tr.average > *, .study tr.difference > * { font-style: italic; }
.settings th { color: var(--soft); font-weight: 400; }
.settings td { overflow-wrap: anywhere; }
details { margin-top: 16px; }
summary { cursor: pointer; }
@media print { main { max-width: none; } details > *:not(summary) { display: block; } }
"""


def _style() -> str:
    """The page's style sheet, with its colours on a light and on a dark ground."""
    light, dark = _theme(palette.LIGHT, palette.STRATEGIES), _theme(palette.DARK, palette.STRATEGIES_ON_DARK)
    in_the_dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f":root {{ color-scheme: light dark; {light} }}\n{in_the_dark}\n{_STYLE}"


def _theme(page: palette.PageColors, strategies: Sequence[Rgb]) -> str:
    colors = asdict(page) | {f"s{n}": palette.hexadecimal(color) for n, color in enumerate(strategies)}
    return " ".join(f"--{name}: {color};" for name, color in colors.items())
