"""report.html: one self-contained page that says what was compared, what came out and how it was made.

Nothing is loaded from anywhere: figures are inside the page, and there is no script. All text from files is escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from matplotlib.figure import Figure

from TransferSegLib.core import palette
from TransferSegLib.core.files import replacing
from TransferSegLib.core.palette import Rgb
from TransferSegLib.core.problems import MOST_ITEMS, render
from TransferSegLib.core.texts import counted
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD, Comparison, LabelSummary, and_words, color_numbers
from TransferSegLib.evaluation.figures.dots import dot_plot
from TransferSegLib.evaluation.figures.slices import covering_labels, slice_picture
from TransferSegLib.evaluation.figures.style import inline_svg, write_figure
from TransferSegLib.evaluation.lesions.detection import LesionRow
from TransferSegLib.evaluation.metrics import METRICS, compared_metrics, main_metrics
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.overlays import Overlay
from TransferSegLib.evaluation.page import Table, bullets, marked, page, plain_table, section
from TransferSegLib.evaluation.report_parts.gallery import gallery_figure, gallery_html
from TransferSegLib.evaluation.report_parts.lesions import lesion_figures, lesion_section
from TransferSegLib.evaluation.report_parts.per_case import PerCase
from TransferSegLib.evaluation.report_parts.spread import spread_figures, spread_html
from TransferSegLib.evaluation.report_parts.training import Curve, training_figures, training_sections
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.statistics import Paired, Statistics
from TransferSegLib.evaluation.summary import Summary

_RANKED_BY = main_metrics()[0].name
# With more cases than this the table of cases is folded up.
MOST_CASES_OPEN = 20


@dataclass(frozen=True)
class ReportInputs:
    """All that the report shows. Texts are plain, with `code` in backticks.

    Attributes:
        title: The title of the page.
        rows: The scores.
        summary: `summarise(rows)`.
        curves: The learning curves.
        overlays: The slices to show.
        settings: (name, value) of what was run.
        findings: What the checks of the cases found, and warnings of the run.
        notes: What each strategy trained.
        tables: Tables at the end.
        colours: Label value → colour in the pictures; a label without one gets one.
        lesions: The detection of lesions in each case.
        hidden: The labels that the model's card keeps out of 3D views; they are not filled in pictures.
        source: The name of the source model; empty where there is none.
        source_scored: That the source model was scored otherwise than it segments by itself; empty where it was not.
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
    colours: Mapping[int, Rgb] = field(default_factory=dict)
    lesions: Sequence[LesionRow] = ()
    hidden: Collection[int] = ()
    source: str = ""
    source_scored: str = ""


def write_report(path: Path, inputs: ReportInputs, figures_folder: Path | None = None) -> None:
    """Write the page, and where asked its figures as SVG and PNG files.

    Args:
        path: The page, which is replaced as a whole.
        inputs: What it shows.
        figures_folder: The folder of the figures' files.
    """
    figures = draw_figures(inputs)
    with replacing(path) as temporary:
        temporary.write_text(report_html(inputs, figures), encoding="utf-8")
    if figures_folder is not None:
        for name, figure in figures.items():
            write_figure(figure, figures_folder, name)


def draw_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures of the report by name: `dice`, `test-dice`, `loss`, `validation-dice`, `best-case` and the like."""
    figures: dict[str, Figure | None] = {}
    for prefix, comparison, test in (("", inputs.summary.out_of_fold, False), ("test-", inputs.summary.test, True)):
        if comparison is not None:
            per_case = PerCase([row for row in inputs.rows if (row.fold == TEST_FOLD) == test])
            for metric in main_metrics():
                figures[f"{prefix}{_slug(metric)}"] = _dots(metric, comparison, per_case)
            figures |= spread_figures(comparison, per_case, prefix)
    numbers = color_numbers([row.strategy for row in inputs.rows] + [curve.strategy for curve in inputs.curves])
    figures |= lesion_figures(inputs.lesions, inputs.summary.lesions, numbers)
    figures |= training_figures(inputs.curves, numbers)
    colours = _label_colours(inputs)
    covering = _covering(inputs)
    for overlay in inputs.overlays:
        figures[f"{overlay.kind}-case"] = slice_picture(overlay, colours, covering)
    figures["gallery"] = gallery_figure(inputs.overlays, PerCase(inputs.rows), inputs.rows, colours, covering)
    return {name: figure for name, figure in figures.items() if figure is not None}


def report_html(inputs: ReportInputs, figures: Mapping[str, Figure] | None = None) -> str:
    """Write the report as one self-contained HTML page.

    Args:
        inputs: What is reported.
        figures: Name → figure; None to draw them here.
    """
    figures = draw_figures(inputs) if figures is None else figures
    summary = inputs.summary
    out_of_fold = [row for row in inputs.rows if row.fold != TEST_FOLD]
    test = [row for row in inputs.rows if row.fold == TEST_FOLD]
    parts = [
        f"<h1>{marked(inputs.title)}</h1>",
        *_below_source(inputs),
        f'<p class="verdict {summary.verdict.kind.replace(" ", "-")}">{marked(summary.verdict.sentence)}</p>',
    ]
    if inputs.source_scored and summary.against_source is None:
        parts.append(f"<p>{marked(inputs.source_scored)}</p>")
    if summary.out_of_fold:
        about = "Every case was segmented by a model that did not see it in training (out of fold)."
        if summary.verdict.kind == "seen by the source":
            about = "Every case was segmented out of fold, but the source model was trained on cases that were scored."
        charts = _charts(figures, "")
        spread = spread_html(figures)
        parts.append(
            _comparison("Comparison", about, summary.out_of_fold, out_of_fold, summary.tolerance_mm, charts, spread)
        )
    if summary.test:
        about = "Cases set aside from the start, segmented by the final models, which were trained on all other cases."
        charts = _charts(figures, "test-")
        spread = spread_html(figures, "test-")
        parts.append(
            _comparison("Separate test cases", about, summary.test, test, summary.tolerance_mm, charts, spread)
        )
    parts += lesion_section(summary.lesions, figures)
    if inputs.findings:
        parts.append(section("Findings", bullets(inputs.findings), "warnings"))
    if inputs.overlays:
        parts.append(section("What it looks like", _overlays(inputs, figures)))
    parts += training_sections(inputs.curves, summary.training, figures)
    if inputs.settings:
        lines = "".join(f"<tr><th>{marked(name)}</th><td>{marked(value)}</td></tr>" for name, value in inputs.settings)
        parts.append(section("What was run", f'<table class="settings"><tbody>{lines}</tbody></table>'))
    if inputs.notes:
        parts.append(section("Notes", bullets(inputs.notes)))
    parts += [section(table.title, plain_table(table)) for table in inputs.tables]
    parts.append(section("How to read this", bullets(_explanations(summary.tolerance_mm))))
    return page(inputs.title, parts)


def _below_source(inputs: ReportInputs) -> list[str]:
    """What is said first where the kept model is below the source model."""
    below = inputs.summary.against_source
    if below is None:
        return []
    said = [below.problem.sentence]
    if inputs.source:
        said.append(f"Use the source model, `{inputs.source}`, instead, unless the pictures say otherwise.")
        said += [inputs.source_scored] if inputs.source_scored else []
    kind = "worse" if below.kind != "no better" else "unclear"
    return [f'<p class="verdict {kind}">{marked(" ".join(said))}</p>']


def _slug(metric: Metric) -> str:
    return metric.name.replace("_", "-")


def _title(metric: Metric) -> str:
    """The title of a chart, `HD95 in mm (less is better)`."""
    unit = f" in {metric.unit}" if metric.unit else ""
    better = {"higher": " (more is better)", "lower": " (less is better)", None: ""}[metric.direction]
    return f"{metric.title}{unit}{better}"


def _dots(metric: Metric, comparison: Comparison, per_case: PerCase) -> Figure | None:
    upper = metric.perfect if metric.higher_is_better else None
    columns = per_case.columns(comparison, metric.name)
    return dot_plot(_title(metric), per_case.cases, columns, upper, max(metric.digits - 1, 1))


def _charts(figures: Mapping[str, Figure], prefix: str) -> str:
    names = {f"{prefix}{_slug(metric)}": _title(metric) for metric in main_metrics()}
    return "".join(inline_svg(figures[name], name, title) for name, title in names.items() if name in figures)


def _covering(inputs: ReportInputs) -> frozenset[int]:
    return covering_labels([overlay.reference2d for overlay in inputs.overlays], inputs.hidden)


def _label_colours(inputs: ReportInputs) -> dict[int, Rgb]:
    values = sorted({row.label for row in inputs.rows})
    free = palette.LABELS
    return {value: inputs.colours.get(value, free[n % len(free)]) for n, value in enumerate(values)}


def _comparison(
    title: str,
    about: str,
    comparison: Comparison,
    rows: Sequence[ScoreRow],
    tolerance_mm: float,
    charts: str,
    spread: str,
) -> str:
    caption = (
        "A dot is a case (mean over labels), a thin line joins the same case under each strategy, a cross is a case with a "
        "structure that was missed or falsely found. The bar beside the dots is the mean, its line the 95 % interval."
    )
    content = (
        f'<p>{about}</p><div class="charts">{charts}</div><p class="caption">{caption}</p>'
        f"{_label_table(comparison, tolerance_mm)}{spread}{_case_table(comparison, PerCase(rows))}"
    )
    return section(title, content)


def _label_table(comparison: Comparison, tolerance_mm: float) -> str:
    against_source = comparison.baseline is not None
    metrics = compared_metrics()
    head = ["Label", "Strategy", *(escape(metric.heading(tolerance_mm)) for metric in metrics), "Missed"]
    if against_source:
        head.append(f"{METRICS[_RANKED_BY].title} against <code>{comparison.baseline}</code>")
    lines = []
    # One label is its own mean.
    first = comparison.strategies[0].labels
    wanted = range(len(first)) if len(first) > 2 else range(1)
    for index in wanted:
        for number, strategy in enumerate(comparison.strategies):
            label = strategy.labels[index]
            best = max((s.labels[index].statistics(_RANKED_BY).mean or 0.0) for s in comparison.strategies)
            cells = []
            for metric in metrics:
                found = label.statistics(metric.name)
                bold = metric.name == _RANKED_BY and found.mean == best
                cells.append(_value(metric, found, with_interval=metric.shown == "everywhere", bold=bold))
            cells.append(_missed(label))
            if against_source:
                cells.append(_paired(label.against_baseline))
            name = f'<th rowspan="{len(comparison.strategies)}" scope="rowgroup">{marked(label.label_name)}</th>'
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
    """The note on labels that the source model does not have: its Dice of 0 there says nothing."""
    names = comparison.unknown_to_source
    if not names or not any(s.strategy == BASELINE for s in comparison.strategies):
        return ""
    them, count = ("it", "this label counts") if len(names) == 1 else ("them", "these labels count")
    which = " and no ".join(f"`{name}`" for name in names)
    if len(names) > MOST_ITEMS:
        which = render("{names:…`} ({count} of your labels)", {"names": names, "count": len(names)})
    text = (
        f"The source model has no {which}, so `{BASELINE}` cannot find {them}: its "
        f"Dice of 0 there, and in the mean over labels, says nothing of what it is worth, and {count} in no difference from "
        "it."
    )
    return f'<p class="caption">{marked(text)}</p>'


def _case_table(comparison: Comparison, per_case: PerCase) -> str:
    names = [s.strategy for s in comparison.strategies]
    head = "".join(f'<th scope="col"><code>{escape(name)}</code></th>' for name in names)
    lines = []
    ranked_by, *others = main_metrics()
    for case in per_case.cases:
        values = [per_case.value(name, case, ranked_by.name) for name in names]
        best = max((value for value in values if value is not None), default=None)
        cells = []
        for name, value in zip(names, values, strict=True):
            if value is None:
                cells.append("<td>n/a</td>")
                continue
            text = ranked_by.text(value)
            shown = f"<b>{text}</b>" if value == best else text
            for metric in others:
                of_case = per_case.value(name, case, metric.name)
                unit = f" {metric.unit}" if metric.unit and of_case is not None else ""
                shown += f" <span class=interval>{metric.text(of_case)}{escape(unit)}</span>"
            misses = per_case.misses(name, case)
            miss = f" <span class=miss>{misses}</span>" if misses else ""
            cells.append(f"<td>{shown}{miss}</td>")
        lines.append(f'<tr><th scope="row">{escape(case)}</th>{"".join(cells)}</tr>')
    titles = escape(and_words([metric.title for metric in main_metrics()]))
    state = " open" if len(per_case.cases) <= MOST_CASES_OPEN else ""
    number = counted(len(per_case.cases), "case", "cases")
    return (
        f"<details{state}><summary>Case by case: {titles} (mean over labels), {number}</summary>"
        f'<div class="wide"><table class="cases"><thead><tr><th scope="col">Case</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def _overlays(inputs: ReportInputs, figures: Mapping[str, Figure]) -> str:
    per_case = PerCase(inputs.rows)
    names = {row.label: row.label_name for row in inputs.rows}
    pictures = []
    for overlay in inputs.overlays:
        dice = per_case.value(overlay.strategy, overlay.case, _RANKED_BY)
        score = "" if dice is None else f", {METRICS[_RANKED_BY].title} {METRICS[_RANKED_BY].text(dice)}"
        seen = f"{overlay.case}: slice with the reference and the outline of {overlay.strategy}"
        picture = inline_svg(
            figures[f"{overlay.kind}-case"], f"{overlay.kind}-case", seen, "overlay", follow_page=False
        )
        pictures.append(
            f"<figure>{picture}<figcaption><b>{escape(overlay.kind.capitalize())}</b> case of "
            f"<code>{escape(overlay.strategy)}</code>: {escape(overlay.case)}{score}</figcaption></figure>"
        )
    labels = "".join(
        f'<span class="entry"><span class="swatch" style="background:{palette.hexadecimal(color)}"></span> '
        f"{escape(names[value])}</span>"
        for value, color in _label_colours(inputs).items()
    )
    covering = _covering(inputs)
    dotted = [escape(names[value]) for value in _label_colours(inputs) if value in covering]
    dots = f" Dotted: the reference of {and_words(dotted)}, which would cover the image." if dotted else ""
    how = f"Filled: the reference. Line: what was segmented.{dots} The patient’s right is on the left."
    content = f'<div class="overlays">{"".join(pictures)}</div><p class="caption">{labels} {how}</p>'
    return content + gallery_html(figures)


def _explanations(tolerance_mm: float) -> list[str]:
    return [
        *(f"{m.title}: {m.explanation.format(tolerance_mm=tolerance_mm)}" for m in compared_metrics()),
        "A structure that is there and was missed, or was found where there is none, has Dice 0 and as HD95 the diagonal "
        "of the image, and counts in every mean. Nothing there and nothing found is not applicable and counts in none of the "
        "columns of a strategy.",
        "A difference between two strategies, and the means of both in the sentence on top, are over the same cases: where "
        "only one of the two found something that is not there, the other, which rightly found nothing, has Dice 1.",
        "Means are over cases, with the standard deviation (n − 1) behind ±.",
        "Intervals: 95 %, bootstrap over cases (given from four cases on). p: exact sign-flip test of the paired "
        "differences; with five cases or fewer it cannot reach 0.05 however large the difference. The p in the table is "
        "of that one comparison; the sentence on top corrects for the number of strategies.",
    ]


def _value(metric: Metric, statistics: Statistics, with_interval: bool, bold: bool) -> str:
    """The mean of a metric with its standard deviation, where asked with its interval."""
    if statistics.mean is None:
        return "n/a"
    values = (statistics.mean, statistics.low, statistics.high)
    mean, low, high = (metric.text(value) for value in values)
    shown = f"<b>{mean}</b>" if bold else mean
    if statistics.sd is not None:
        shown += f" ± {metric.text(statistics.sd)}"
    if not with_interval or statistics.low is None or statistics.high is None:
        return shown
    return f"{shown} <span class=interval>{low}–{high}</span>"


def _missed(label: LabelSummary) -> str:
    return f"<span class=miss>{label.misses}</span>" if label.misses else "0"


def _paired(against: Mapping[str, Paired] | None) -> str:
    if against is None:
        return "–"
    difference = against[_RANKED_BY]
    if difference.mean is None or difference.p is None:
        return "n/a"
    interval = ""
    if difference.low is not None and difference.high is not None:
        interval = f" <span class=interval>{_signed(difference.low)} to {_signed(difference.high)}</span>"
    p = f"p = {difference.p:.2g}" if difference.p >= 0.001 else "p < 0.001"
    return f"{_signed(difference.mean)}{interval} <span class=interval>{p}, {difference.better}/{difference.n} better</span>"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
