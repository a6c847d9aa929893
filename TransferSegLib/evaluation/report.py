"""report.html: one self-contained page that says what was compared, what came out and how it was made.

Nothing is loaded from anywhere: pictures are inline, there is no script. All text that comes from files is escaped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from TransferSegLib.core.card import COLORS
from TransferSegLib.core.case_set import natural_order
from TransferSegLib.evaluation.charts import Column, Curve, Line, dot_plot, key_mark, line_chart, overlay_picture
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD, Comparison, LabelSummary
from TransferSegLib.evaluation.overlays import Overlay, overlay_cases, overlay_slice
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.statistics import Paired, Statistics
from TransferSegLib.evaluation.summary import Summary

__all__ = ["Curve", "Overlay", "ReportInputs", "Table", "overlay_cases", "overlay_slice", "write_report"]

# With more cases than this the table of cases is folded up.
MOST_CASES_OPEN = 20
# A table of more text than this (in bytes of the page) is folded up as well.
LONGEST_TABLE_OPEN = 4000


@dataclass(frozen=True)
class Table:
    """A table at the end of the report, such as the label map or what became of each weight."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ReportInputs:
    """All that the report shows. `summary` is `summarise(rows)`; texts are plain, `code` in backticks.

    `colours` are those of label values in the pictures, 0–255; a label without one gets one.
    """

    title: str
    rows: Sequence[ScoreRow]
    summary: Summary
    curves: Sequence[Curve] = ()
    overlays: Sequence[Overlay] = ()
    settings: Sequence[tuple[str, str]] = ()
    findings: Sequence[str] = ()
    notes: Sequence[str] = ()
    tables: Sequence[Table] = ()
    colours: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)


def write_report(path: Path, inputs: ReportInputs) -> None:
    """Write the page, to a temporary name first."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(report_html(inputs), encoding="utf-8")
    os.replace(temporary, path)


def report_html(inputs: ReportInputs) -> str:
    """The page as text."""
    summary = inputs.summary
    out_of_fold = [row for row in inputs.rows if row.fold != TEST_FOLD]
    test = [row for row in inputs.rows if row.fold == TEST_FOLD]
    colours = {name: n for n, name in enumerate(dict.fromkeys(row.strategy for row in inputs.rows))}
    parts = [
        f"<h1>{_text(inputs.title)}</h1>",
        f'<p class="verdict {summary.verdict.kind.replace(" ", "-")}">{_text(summary.verdict.sentence)}</p>',
    ]
    if summary.out_of_fold:
        about = "Every case was segmented by a model that did not see it in training (out of fold)."
        if summary.verdict.kind == "seen by the source":
            about = "Every case was segmented out of fold, but the source model was trained on cases that were scored."
        parts.append(_comparison("Comparison", about, summary.out_of_fold, out_of_fold, summary.tolerance_mm))
    if summary.test:
        about = "Cases set aside from the start, segmented by the final models, which were trained on all other cases."
        parts.append(_comparison("Separate test cases", about, summary.test, test, summary.tolerance_mm))
    if inputs.findings:
        parts.append(_section("Findings", _list(inputs.findings), "warnings"))
    if inputs.overlays:
        parts.append(_section("What it looks like", _overlays(inputs.overlays, inputs.rows, inputs.colours)))
    if inputs.curves:
        parts.append(_section("Learning curves", _curves(inputs.curves, colours)))
    if inputs.settings:
        lines = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in inputs.settings)
        parts.append(_section("What was run", f'<table class="settings"><tbody>{lines}</tbody></table>'))
    if inputs.notes:
        parts.append(_section("Notes", _list(inputs.notes)))
    parts += [_section(table.title, _plain_table(table)) for table in inputs.tables]
    parts.append(_section("How to read this", _list(_explanations(summary.tolerance_mm))))
    return _PAGE.format(title=escape(inputs.title), style=_STYLE, body="\n".join(parts))


def _comparison(title: str, about: str, comparison: Comparison, rows: Sequence[ScoreRow], tolerance_mm: float) -> str:
    per_case = _PerCase(rows)
    charts = [
        dot_plot("Dice (more is better)", per_case.cases, per_case.columns(comparison, "dice"), 1.0, 2),
        dot_plot("HD95 in mm (less is better)", per_case.cases, per_case.columns(comparison, "hd95_mm"), None, 1),
    ]
    caption = (
        "A dot is a case (mean over labels), a thin line joins the same case under each strategy, a cross is a case with a "
        "structure that was missed or falsely found. The bar beside the dots is the mean, its line the 95 % interval."
    )
    content = (
        f'<p>{about}</p><div class="charts">{"".join(charts)}</div><p class="caption">{caption}</p>'
        f"{_label_table(comparison, tolerance_mm)}{_case_table(comparison, per_case)}"
    )
    return _section(title, content)


class _PerCase:
    """Scores of each strategy and case, as the mean over labels."""

    def __init__(self, rows: Sequence[ScoreRow]) -> None:
        self.cases = sorted({row.case for row in rows}, key=natural_order)
        self._rows: dict[tuple[str, str], list[ScoreRow]] = {}
        for row in rows:
            self._rows.setdefault((row.strategy, row.case), []).append(row)

    def value(self, strategy: str, case: str, metric: str) -> float | None:
        values = [row.scores[metric] for row in self._rows.get((strategy, case), [])]
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if known else None

    def misses(self, strategy: str, case: str) -> str:
        """What was missed and what was found where there is none, in words; "" where all is as it should be."""
        found = [row.scores for row in self._rows.get((strategy, case), []) if row.scores.missed]
        said = {
            "missed": any(s["reference_ml"] for s in found),
            "falsely found": any(not s["reference_ml"] for s in found),
        }
        return " and ".join(words for words, is_so in said.items() if is_so)

    def columns(self, comparison: Comparison, metric: str) -> list[Column]:
        return [
            Column(
                s.strategy,
                [self.value(s.strategy, case, metric) for case in self.cases],
                [self.misses(s.strategy, case) for case in self.cases],
                s.overall.metrics[metric],
            )
            for s in comparison.strategies
        ]


def _label_table(comparison: Comparison, tolerance_mm: float) -> str:
    against_source = comparison.baseline is not None
    head = ["Label", "Strategy", "Dice", "HD95 mm", "ASSD mm", f"Surface Dice ({tolerance_mm:g} mm)", "Missed"]
    if against_source:
        head.append(f"Dice against <code>{comparison.baseline}</code>")
    lines = []
    # One label is its own mean.
    first = comparison.strategies[0].labels
    wanted = range(len(first)) if len(first) > 2 else range(1)
    for index in wanted:
        for number, strategy in enumerate(comparison.strategies):
            label = strategy.labels[index]
            best = max((s.labels[index].metrics["dice"].mean or 0.0) for s in comparison.strategies)
            mean = label.metrics["dice"].mean
            cells = [
                _with_interval(label.metrics["dice"], 3, bold=mean is not None and mean == best),
                _with_interval(label.metrics["hd95_mm"], 2),
                _mean(label.metrics["assd_mm"], 2),
                _mean(label.metrics["surface_dice"], 3),
                _missed(label),
            ]
            if against_source:
                cells.append(_paired(label.against_baseline))
            name = f'<th rowspan="{len(comparison.strategies)}" scope="rowgroup">{_text(label.label_name)}</th>'
            lines.append(
                f"<tr{' class=first' if number == 0 else ''}>{name if number == 0 else ''}"
                f'<th scope="row"><code>{escape(strategy.strategy)}</code></th>'
                + "".join(f"<td>{cell}</td>" for cell in cells)
                + "</tr>"
            )
    headings = "".join(f'<th scope="col">{heading}</th>' for heading in head)
    return (
        f'<div class="wide"><table class="labels"><thead><tr>{headings}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{_unknown_to_source(comparison)}"
    )


def _unknown_to_source(comparison: Comparison) -> str:
    """What the means of the source model as it is do not say."""
    names = comparison.unknown_to_source
    if not names or not any(s.strategy == BASELINE for s in comparison.strategies):
        return ""
    them, count = ("it", "this label counts") if len(names) == 1 else ("them", "these labels count")
    text = (
        f"The source model has no {' and no '.join(f'`{name}`' for name in names)}, so `{BASELINE}` cannot find {them}: its "
        f"Dice of 0 there, and in the mean over labels, says nothing of what it is worth, and {count} in no difference from "
        "it."
    )
    return f'<p class="caption">{_text(text)}</p>'


def _case_table(comparison: Comparison, per_case: _PerCase) -> str:
    names = [s.strategy for s in comparison.strategies]
    head = "".join(f'<th scope="col"><code>{escape(name)}</code></th>' for name in names)
    lines = []
    for case in per_case.cases:
        dices = [per_case.value(name, case, "dice") for name in names]
        best = max((d for d in dices if d is not None), default=None)
        cells = []
        for name, dice in zip(names, dices, strict=True):
            hd95 = per_case.value(name, case, "hd95_mm")
            if dice is None or hd95 is None:
                cells.append("<td>n/a</td>")
                continue
            shown = f"<b>{dice:.3f}</b>" if dice == best else f"{dice:.3f}"
            misses = per_case.misses(name, case)
            miss = f" <span class=miss>{misses}</span>" if misses else ""
            cells.append(f"<td>{shown} <span class=interval>{hd95:.1f} mm</span>{miss}</td>")
        lines.append(f'<tr><th scope="row">{escape(case)}</th>{"".join(cells)}</tr>')
    state = " open" if len(per_case.cases) <= MOST_CASES_OPEN else ""
    return (
        f"<details{state}><summary>Case by case: Dice and HD95 (mean over labels), {len(per_case.cases)} cases</summary>"
        f'<div class="wide"><table class="cases"><thead><tr><th scope="col">Case</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def _overlays(
    overlays: Sequence[Overlay], rows: Sequence[ScoreRow], colours: Mapping[int, tuple[int, int, int]]
) -> str:
    per_case = _PerCase(rows)
    names = {row.label: row.label_name for row in sorted(rows, key=lambda row: row.label)}
    css = {
        value: "rgb({} {} {})".format(*colours.get(value, COLORS[number % len(COLORS)]))
        for number, value in enumerate(names)
    }
    figures = []
    for overlay in overlays:
        dice = per_case.value(overlay.strategy, overlay.case, "dice")
        score = "" if dice is None else f", Dice {dice:.3f}"
        figures.append(
            f"<figure>{overlay_picture(overlay, css)}<figcaption><b>{escape(overlay.kind.capitalize())}</b> case of "
            f"<code>{escape(overlay.strategy)}</code>: {escape(overlay.case)}{score}</figcaption></figure>"
        )
    labels = "".join(
        f'<span class="entry"><span class="swatch" style="background:{css[value]}"></span> {escape(name)}</span>'
        for value, name in names.items()
    )
    how = "Filled: the reference. Line: what was segmented. The patient’s right is on the left."
    key = f'<p class="caption">{labels} {how}</p>'
    return f'<div class="overlays">{"".join(figures)}</div>{key}'


def _curves(curves: Sequence[Curve], colours: Mapping[str, int]) -> str:
    def lines(points: Sequence[tuple[Curve, Sequence[tuple[float, float]]]]) -> list[Line]:
        return [Line(f"{c.strategy}, {_fold(c.fold)}", colours.get(c.strategy, 0), p) for c, p in points]

    charts = [
        line_chart("Training loss", "step", lines([(c, list(zip(c.steps, c.loss, strict=True))) for c in curves])),
        line_chart("Dice on validation cases", "step", lines([(c, list(c.dice or ())) for c in curves]), upper=1.0),
    ]
    key = "".join(
        f'<span class="entry">{key_mark(colours.get(name, 0))} <code>{escape(name)}</code></span>'
        for name in dict.fromkeys(curve.strategy for curve in curves)
    )
    return (
        f'<div class="charts">{"".join(charts)}</div>'
        f'<p class="caption">{key} One line a training run: each fold, and the final model.</p>'
    )


def _fold(fold: str) -> str:
    # Counted from 1, as while the job runs; the files count from 0.
    return f"fold {int(fold) + 1}" if fold.isdigit() else fold


def _plain_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in table.columns)
    lines = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    content = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    if len(lines) < LONGEST_TABLE_OPEN:
        return content
    return f"<details><summary>{len(table.rows)} rows</summary>{content}</details>"


def _explanations(tolerance_mm: float) -> list[str]:
    return [
        "Dice: overlap of the segmented and the reference volume, 0 none, 1 identical.",
        "HD95: 95 % of the surface lies nearer than this to the other surface, the worse of the two directions, in mm with "
        "the case's voxel spacing. ASSD: the mean distance between the surfaces.",
        f"Surface Dice: share of both surfaces within {tolerance_mm:g} mm of each other.",
        "A structure that is there and was missed, or was found where there is none, has Dice 0 and as HD95 the diagonal "
        "of the image, and counts in every mean. Nothing there and nothing found is not applicable and counts in none of the "
        "columns of a strategy.",
        "A difference between two strategies, and the means of both in the sentence on top, are over the same cases: where "
        "only one of the two found something that is not there, the other, which rightly found nothing, has Dice 1.",
        "Intervals: 95 %, bootstrap over cases (given from four cases on). p: exact sign-flip test of the paired "
        "differences; with five cases or fewer it cannot reach 0.05 however large the difference. The p in the table is "
        "of that one comparison; the sentence on top corrects for the number of strategies.",
    ]


def _with_interval(statistics: Statistics, decimals: int, bold: bool = False) -> str:
    if statistics.mean is None:
        return "n/a"
    mean = f"{statistics.mean:.{decimals}f}"
    shown = f"<b>{mean}</b>" if bold else mean
    if statistics.low is None or statistics.high is None:
        return shown
    return f"{shown} <span class=interval>{statistics.low:.{decimals}f}–{statistics.high:.{decimals}f}</span>"


def _mean(statistics: Statistics, decimals: int) -> str:
    return "n/a" if statistics.mean is None else f"{statistics.mean:.{decimals}f}"


def _missed(label: LabelSummary) -> str:
    return f"<span class=miss>{label.misses}</span>" if label.misses else "0"


def _paired(against: Mapping[str, Paired] | None) -> str:
    if against is None:
        return "–"
    difference = against["dice"]
    if difference.mean is None or difference.p is None:
        return "n/a"
    interval = ""
    if difference.low is not None and difference.high is not None:
        interval = f" <span class=interval>{_signed(difference.low)} to {_signed(difference.high)}</span>"
    p = f"p = {difference.p:.2g}" if difference.p >= 0.001 else "p < 0.001"
    return f"{_signed(difference.mean)}{interval} <span class=interval>{p}, {difference.better}/{difference.n} better</span>"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _section(title: str, content: str, kind: str = "") -> str:
    return f'<section class="{kind}"><h2>{_text(title)}</h2>{content}</section>'


def _list(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(text)}</li>" for text in texts) + "</ul>"


def _text(text: str) -> str:
    """Escaped, with `code` in backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


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

# Strategy colours: Okabe and Ito's, safe for the colour-blind, darkened or lightened for the background they lie on.
_STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --panel: #f4f5f7; --ink: #1c2024; --soft: #5b6470; --line: #d9dde3;
  --good: #00694e; --bad: #b03a00; --unsure: #5b6470;
  --s0: #5b6470; --s1: #0072b2; --s2: #d55e00; --s3: #008a63; --s4: #b5518f; --s5: #8a6d00; --s6: #2a93cf; --s7: #3b3b8f; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --panel: #1f2226; --ink: #e8eaed; --soft: #a3abb5;
  --line: #363b42; --good: #35c99a; --bad: #ff8f52; --unsure: #a3abb5;
  --s0: #a3abb5; --s1: #56a9e0; --s2: #ff8a3d; --s3: #2cc596; --s4: #e08fc0; --s5: #e0b93a; --s6: #8fd0f7; --s7: #a5a5f5; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
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
.chart text { fill: var(--ink); font-size: 12px; }
.chart .title { font-size: 14px; font-weight: 600; }
.chart .tick { text-anchor: end; fill: var(--soft); }
.chart .name { text-anchor: middle; }
.chart .value { font-weight: 600; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .case polyline { fill: none; stroke: var(--soft); stroke-width: 1; opacity: 0.3; }
.chart .case:hover polyline { stroke-width: 2.5; opacity: 1; }
.chart .case circle { fill-opacity: 0.75; }
.chart .case:hover circle { stroke: var(--ink); stroke-width: 1.5; }
.chart .cross { fill: none; stroke-width: 2.2; }
.chart line.interval { stroke-width: 2.5; }
.chart .mean { stroke-width: 3.5; }
.chart .curve { fill: none; stroke-width: 1.6; opacity: 0.85; }
.key line { stroke-width: 2.5; }
.entry { margin-right: 16px; white-space: nowrap; }
.overlays { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 400px)); gap: 16px; }
figure { margin: 0; }
.overlay { display: block; width: 100%; height: 380px; background: #000; }
.overlay path { fill: none; vector-effect: non-scaling-stroke; }
.overlay .reference { fill-opacity: 0.4; shape-rendering: crispEdges; }
.overlay .halo { stroke: #000; stroke-width: 2.6; opacity: 0.4; }
.overlay .prediction { stroke-width: 1.7; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; border: 1px solid var(--soft); }
.wide { overflow-x: auto; margin-top: 12px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px 4px 0; vertical-align: baseline; }
thead th { border-bottom: 1px solid var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; }
tbody th { font-weight: 500; }
tr.first > * { border-top: 1px solid var(--line); }
.cases tr:hover { background: var(--panel); }
.labels td, .cases td { white-space: nowrap; }
.settings th { color: var(--soft); font-weight: 400; }
.settings td { overflow-wrap: anywhere; }
details { margin-top: 16px; }
summary { cursor: pointer; }
@media print { main { max-width: none; } details > *:not(summary) { display: block; } }
"""
