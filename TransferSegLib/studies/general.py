"""The tables and figures of a study that repeats no paper: every metric by the factors that the study varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.declarations import as_text
from TransferSegLib.evaluation.metrics import METRICS, compared_metrics, main_metrics
from TransferSegLib.studies.entries import capitalised, labels_of
from TransferSegLib.studies.grid import Study
from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Column, Entry, Row, Table, with_best

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What a training is repeated over: averaged in each case, and no row of its own.
REPEATED = ("draw", "fold", "seed")
# What changes no result.
IDLE = ("snapshots",)
ALL_LABELS = "all labels"
# The levels of these factors say what they are.
SELF_EXPLAINING = ("strategy", "target", "source", "network")


def general_paper(study: Study) -> PaperStudy:
    """A study in place of a paper's: a table for each metric, and a figure of that by which strategies are ranked.

    Args:
        study: The study.
    """
    tables = tuple(PaperTable(metric.title, _table_of(metric.name)) for metric in compared_metrics())
    ranked_by = main_metrics()[0]
    said = f"{ranked_by.title} on the test cases, the mean over cases, draws, folds and seeds."
    figure = PaperFigure("scores", "Figure", said, lambda folder, results: draw_scores(results))
    return PaperStudy("general", study.title, "", study, study, tables, (figure,), ())


def varied(results: Results) -> tuple[str, ...]:
    """The factors that rows differ in, without those that a training is repeated over; `strategy` where there is none.

    The source is none of them where each strategy has but one.
    """
    factors = dict.fromkeys(name for row in results for name in row.factors if name not in (*REPEATED, *IDLE))
    if all(len(rows.levels("source")) == 1 for rows in results.groups("strategy").values()):
        factors.pop("source", None)
    levels = {name: {row.factors.get(name) for row in results} for name in factors}
    if "size" in levels:
        levels["size"].discard(0)  # of models that are not trained, which belong to every size
    return tuple(name for name in factors if len(levels[name]) > 1) or ("strategy",)


def score_table(results: Results, metric: str) -> Table:
    """A table of one metric: a row for each combination of levels, a column for each label and one for their mean.

    Args:
        results: The rows of a study.
        metric: The name of the metric.
    """
    about = METRICS[metric]
    labels = labels_of(results)
    names = [*labels, ALL_LABELS] if len(labels) > 1 else list(labels)
    columns = tuple(
        Column(capitalised(str(name)), "", about.digits, about.direction, "sd" if len(results) else "")
        for name in names
    )
    factors, texts = varied(results), level_texts(results)
    rows = []
    for levels, group in results.groups(factors).items():
        entries = [Entry.of(group.where(label=label).per_case(metric)) for label in labels]
        entries += [Entry.of(group.per_case(metric))] if len(labels) > 1 else []
        rows.append(Row(tuple(texts.get(level) or level_text(level) for level in levels), tuple(entries)))
    notes = [f"{about.explanation.format(tolerance_mm=1.0)} ± is the standard deviation over cases."]
    repeated = [name for name in REPEATED if len(results.levels(name)) > 1]
    if repeated:
        notes.append(f"A case's value is the mean over {' and '.join(f'{name}s' for name in repeated)}.")
    title = f"{about.heading()} by {', '.join(factors)}"
    return with_best(Table(metric, "", title, tuple(map(capitalised, factors)), columns, tuple(rows), tuple(notes)))


def draw_scores(results: Results, metric: str = main_metrics()[0].name) -> Figure | None:
    """Draw a metric: lines over the number of training cases where that is varied, else a bar for each combination.

    A model that is not trained is a level line over all numbers of cases.

    Args:
        results: The rows of a study.
        metric: The name of the metric.
    """
    from TransferSegLib.evaluation.figures.bars import Bar, bar_chart
    from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels

    about, factors, texts = METRICS[metric], varied(results), level_texts(results)
    sizes = [size for size in results.levels("size") if size]
    if "size" not in factors or len(sizes) < 2:
        groups = results.groups(factors)
        bars = [
            Bar(way_name(factors, levels, texts), list(rows.per_case(metric).values()))
            for levels, rows in groups.items()
        ]
        return bar_chart(f"{about.title} on the test cases", about.heading(), bars, about.digits)
    others = [factor for factor in factors if factor != "size"] or ["strategy"]

    def panel(title: str, rows: Results) -> Panel:
        traces = []
        for levels, group in rows.groups(others).items():
            name = way_name(others, levels, texts)
            if group.levels("size") == (0,):
                mean = Entry.of(group.per_case(metric)).mean
                traces.append(Trace(name, [] if mean is None else [Spot(0, mean)], level=True))
                continue
            found = [Entry.of(group.where(size=size).per_case(metric)) for size in sizes]
            spots = [Spot(n, e.mean, e.low, e.high) for n, e in enumerate(found) if e.mean is not None]
            traces.append(Trace(name, spots))
        return Panel(capitalised(title), traces)

    labels = labels_of(results)
    panels = [panel(str(label), results.where(label=label)) for label in labels]
    panels += [panel(ALL_LABELS, results)] if len(labels) > 1 else []
    title = f"{about.title} over the number of training cases"
    upper = 1.0 if about.direction == "higher" and about.perfect == 1.0 else None
    ticks = [str(size) for size in sizes]
    return line_panels(title, panels, ticks, "training cases", about.heading(), upper=upper, digits=about.digits)


def level_text(level: Any) -> str:
    """A level as tables show it."""
    return "–" if level is None else as_text(level)


def level_texts(results: Results) -> dict[Any, str]:
    """Networks by their names alone, without arguments, where that tells them apart."""
    networks = [str(network) for network in results.levels("network") if network is not None]
    names = [network.split(":")[0] for network in networks]
    return dict(zip(networks, names, strict=True)) if len(set(names)) == len(names) else {}


def way_name(factors: Sequence[str], levels: Sequence[Any], texts: Mapping[Any, str]) -> str:
    """A way of training in words, such as `open, size 4`: its levels, with the factor's name where a level is a bare number.

    Args:
        factors: The names of the factors.
        levels: The level of each.
        texts: Shorter words for some levels, see `level_texts`.
    """
    words = []
    for factor, level in zip(factors, levels, strict=True):
        if level is None or (factor, level) == ("size", 0):
            continue
        text = texts.get(level) or level_text(level)
        words.append(text if factor in SELF_EXPLAINING else f"{factor} {text}")
    return ", ".join(words)


def _table_of(metric: str) -> Any:
    return lambda results: [score_table(results, metric)] if results.values(metric) else []
