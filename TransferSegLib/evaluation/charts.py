"""The report's pictures as inline SVG, drawn without any plotting package.

Colours are the CSS variables of the page (`--s0` … `--s7` for strategies, see `report`), so that a picture follows the
page into dark mode. Every mark is told apart by place, shape or name too, never by colour alone.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from TransferSegLib.evaluation.overlays import Overlay
from TransferSegLib.evaluation.statistics import Statistics

COLOURS = 8
# Between the lowest value and the end of the plot, so that a mark there touches nothing.
ROOM_BELOW = 10


@dataclass(frozen=True)
class Curve:
    """What one training run logged: at `steps` the `loss`, and (step, validation Dice) where that was measured."""

    strategy: str
    fold: str
    steps: Sequence[int]
    loss: Sequence[float]
    dice: Sequence[tuple[int, float]] | None = None


@dataclass(frozen=True)
class Column:
    """One strategy of a dot plot: a value a case (None: not applicable), what was missed in it in words, and the mean."""

    name: str
    values: Sequence[float | None]
    missed: Sequence[str]
    statistics: Statistics


@dataclass(frozen=True)
class Line:
    """One line of a line chart: points (x, y), drawn in the colour of strategy number `colour`."""

    name: str
    colour: int
    points: Sequence[tuple[float, float]]


def dot_plot(title: str, cases: Sequence[str], columns: Sequence[Column], upper: float | None, decimals: int) -> str:
    """A dot for each case and strategy, a line through the dots of one case, and beside them mean and interval.

    `upper` is the end of the scale (1 for Dice), which begins at 0 unless all values are in its upper half. Without one the
    scale fits the values, and is logarithmic where they span more than a factor of 30, as distances with misses do.
    """
    width, height, left, right, top, bottom = 620, 340, 52, 8, 34, 60
    known = [v for column in columns for v in column.values if v is not None]
    if not known:
        return ""
    scale, ticks = _scale(known, upper, height - bottom - ROOM_BELOW, top)
    step = (width - left - right) / len(columns)
    parts = [_frame(title, width, height, left, right, ticks, scale)]
    for number, column in enumerate(columns):
        middle = left + step * (number + 0.5)
        parts.append(_names(column.name, middle, height - bottom + 18, step))
    for index, case in enumerate(cases):
        points = [
            (
                left + step * (number + 0.4 + 0.05 * (index % 5 - 2) / 2),
                scale(value),
                number,
                value,
                column.missed[index],
            )
            for number, column in enumerate(columns)
            if (value := column.values[index]) is not None
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)
        marks = "".join(
            f"<g>{_cross(x, y, number) if missed else _dot(x, y, number)}<title>{escape(case)}, "
            f"{escape(columns[number].name)}: {value:.{decimals}f}{f' ({missed})' if missed else ''}</title></g>"
            for x, y, number, value, missed in points
        )
        parts.append(f'<g class="case"><polyline points="{line}"/>{marks}</g>')
    for number, column in enumerate(columns):
        parts.append(_mean(left + step * (number + 0.62), column.statistics, scale, number, decimals))
    return _svg("".join(parts), width, height, title)


def line_chart(title: str, x_title: str, lines: Sequence[Line], upper: float | None = None) -> str:
    """Lines over a common x axis from 0; the scale of y as in `dot_plot`."""
    width, height, left, right, top, bottom = 620, 300, 52, 12, 34, 44
    lines = [line for line in lines if line.points]
    if not lines:
        return ""
    scale, ticks = _scale([y for line in lines for _, y in line.points], upper, height - bottom, top)
    last = max(x for line in lines for x, _ in line.points) or 1
    parts = [_frame(title, width, height, left, right, ticks, scale)]
    for tick in _nice(0, last, 5):
        if abs(tick - round(tick)) > 1e-9:  # half a step is none
            continue
        x = left + (width - left - right) * tick / last
        parts.append(f'<text x="{x:.1f}" y="{height - bottom + 16}" class="name">{tick:g}</text>')
    parts.append(f'<text x="{(width + left) / 2}" y="{height - 8}" class="name">{escape(x_title)}</text>')
    for line in lines:
        points = " ".join(
            f"{left + (width - left - right) * x / last:.1f},{scale(y):.1f}" for x, y in _thinned(line.points)
        )
        colour = line.colour % COLOURS
        parts.append(
            f'<polyline points="{points}" class="curve" style="stroke:var(--s{colour});stroke-dasharray:{_dashes(colour)}">'
            f"<title>{escape(line.name)}</title></polyline>"
        )
    return _svg("".join(parts), width, height, title)


def key_mark(colour: int) -> str:
    """The sample of a line that stands before its name in a legend."""
    style = f"stroke:var(--s{colour % COLOURS});stroke-dasharray:{_dashes(colour % COLOURS)}"
    return (
        f'<svg class="key" width="30" height="8" aria-hidden="true"><line x2="30" y1="4" y2="4" style="{style}"/></svg>'
    )


def overlay_picture(overlay: Overlay, colours: Mapping[int, str]) -> str:
    """The slice with the reference filled and the prediction outlined, pixel by pixel, each label in its colour."""
    rows, columns = overlay.image2d.shape
    height_mm, width_mm = rows * overlay.spacing_mm[0], columns * overlay.spacing_mm[1]
    size = f"scale({overlay.spacing_mm[1]:.6g} {overlay.spacing_mm[0]:.6g})"
    image = (
        f'<image width="{columns}" height="{rows}" preserveAspectRatio="none" transform="{size}" '
        f'href="data:image/png;base64,{base64.b64encode(grey_png(overlay.image2d)).decode()}"/>'
    )
    fills, lines = [], []
    for value, colour in colours.items():
        if (reference := overlay.reference2d == value).any():
            path = f'transform="{size}" d="{area(reference)}"'
            fills.append(f'<path class="reference" style="fill:{colour}" {path}/>')
        if (prediction := overlay.prediction2d == value).any():
            path = f'transform="{size}" d="{outline(prediction)}"'
            lines.append(f'<path class="halo" {path}/><path class="prediction" style="stroke:{colour}" {path}/>')
    title = f"{overlay.case}: slice with the reference and the outline of {overlay.strategy}"
    return (
        f'<svg viewBox="0 0 {width_mm:.6g} {height_mm:.6g}" class="overlay" role="img" aria-label="{escape(title)}">'
        f"{image}{''.join(fills)}{''.join(lines)}</svg>"
    )


def area(mask2d: np.ndarray) -> str:
    """SVG path, in pixels, around the pixels (rows, columns) that are set: a rectangle for each run in a row."""
    path = []
    for row, line in enumerate(mask2d):
        change = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
        path += [f"M{a} {row}h{b - a}v1h{a - b}z" for a, b in zip(change[::2], change[1::2], strict=True)]
    return "".join(path)


def outline(labels2d: np.ndarray) -> str:
    """SVG path, in pixels, of all edges between pixels of different labels (rows, columns).

    The border of the picture is no edge: it may cut through a structure.
    """
    padded = np.pad(labels2d, 1, mode="edge")
    path = []
    for edges, command in ((padded[:-1, 1:-1] != padded[1:, 1:-1], "h"), (padded[1:-1, :-1] != padded[1:-1, 1:], "v")):
        lines = edges if command == "h" else edges.T
        for place, line in enumerate(lines):
            change = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
            for start, stop in zip(change[::2], change[1::2], strict=True):
                x, y = (start, place) if command == "h" else (place, start)
                path.append(f"M{x} {y}{command}{stop - start}")
    return "".join(path)


def grey_png(image2d: np.ndarray) -> bytes:
    """An 8-bit grey PNG of an image (rows, columns), from its 0.5th to its 99.5th percentile."""
    values = np.nan_to_num(np.asarray(image2d, dtype=np.float64), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, (0.5, 99.5))
    grey = np.clip((values - low) * (255.0 / max(high - low, 1e-12)), 0, 255).astype(np.uint8)
    rows, columns = grey.shape
    data = zlib.compress(np.insert(grey, 0, 0, axis=1).tobytes(), 9)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _scale(
    values: Sequence[float], upper: float | None, bottom: float, top: float
) -> tuple[Callable[[float], float], list[float]]:
    """(value to y, ticks)."""
    positive = [v for v in values if v > 0]
    if upper is None and positive and max(positive) > 30 * min(positive):
        # Zeros have no place on a logarithmic scale; they are drawn at its lower end.
        low = max(min(positive), max(positive) / 1e4)
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(max(positive))) + 1)
        ticks = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        first = max(t for t in ticks if t <= low * (1 + 1e-9))
        last = min(t for t in ticks if t >= max(positive) * (1 - 1e-9))
        ticks = [t for t in ticks if first <= t <= last]
        span = math.log(last / first)
        return lambda v: bottom - (bottom - top) * math.log(max(v, first) / first) / span, ticks
    low = min(values) if upper is not None and min(values) > upper / 2 else min(0.0, *values)
    ticks = _nice(low, upper or max(*values, 1e-9), 5, cover=True)
    first, last = ticks[0], ticks[-1]
    return lambda v: bottom - (bottom - top) * (v - first) / (last - first), ticks


def _nice(low: float, high: float, count: int, cover: bool = False) -> list[float]:
    """Round values from `low` to `high`; with `cover` the last is not below `high`."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = (
        math.floor(low / step + 1e-9),
        (math.ceil if cover else math.floor)(high / step + (-1e-9 if cover else 1e-9)),
    )
    return [n * step for n in range(first, last + 1)]


def _frame(
    title: str, width: int, height: int, left: int, right: int, ticks: Sequence[float], scale: Callable[[float], float]
) -> str:
    parts = [f'<text x="0" y="16" class="title">{escape(title)}</text>']
    for tick in ticks:
        y = scale(tick)
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" class="tick">{tick:g}</text>')
    return "".join(parts)


def _svg(content: str, width: int, height: int, title: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" class="chart" role="img" aria-label="{escape(title)}">{content}</svg>'


def _names(name: str, x: float, y: float, room: float) -> str:
    """The name of a strategy under its dots; its options on lines of their own, cut to the room there is."""
    letters = max(4, int(room / 6.5))
    lines = name.replace(":", "\n").replace(",", "\n").split("\n")[:3]
    cut = [line if len(line) <= letters else line[: letters - 1] + "…" for line in lines]
    spans = "".join(f'<tspan x="{x:.1f}" dy="{14 if n else 0}">{escape(line)}</tspan>' for n, line in enumerate(cut))
    return f'<text y="{y}" class="name">{spans}<title>{escape(name)}</title></text>'


def _dot(x: float, y: float, number: int) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:var(--s{number % COLOURS})"/>'


def _cross(x: float, y: float, number: int) -> str:
    path = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
    return f'<path d="{path}" class="cross" style="stroke:var(--s{number % COLOURS})"/>'


def _mean(x: float, statistics: Statistics, scale: Callable[[float], float], number: int, decimals: int) -> str:
    if statistics.mean is None:
        return ""
    style = f'style="stroke:var(--s{number % COLOURS})"'
    y = scale(statistics.mean)
    interval = ""
    if statistics.low is not None and statistics.high is not None:
        interval = (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{scale(statistics.low):.1f}" y2="{scale(statistics.high):.1f}" '
            f'class="interval" {style}/>'
        )
    return (
        f'{interval}<line x1="{x - 7:.1f}" x2="{x + 7:.1f}" y1="{y:.1f}" y2="{y:.1f}" class="mean" {style}/>'
        f'<text x="{x + 11:.1f}" y="{y + 4:.1f}" class="value">{statistics.mean:.{decimals}f}</text>'
    )


def _dashes(colour: int) -> str:
    return ("none", "none", "7 3", "2 2", "9 3 2 3", "4 4", "12 3", "1 3")[colour]


def _thinned(points: Sequence[tuple[float, float]], most: int = 300) -> list[tuple[float, float]]:
    """At most `most` points, each the mean of its neighbours, so that a long run stays a small file."""
    if len(points) <= most:
        return list(points)
    groups = np.array_split(np.asarray(points, dtype=float), most)
    return [(float(x), float(y)) for x, y in (group.mean(axis=0) for group in groups)]
