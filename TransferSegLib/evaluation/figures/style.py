"""How figures look, and the two ways they leave: as SVG inside a page, and as files.

A figure is a function in a file of its own: data in, a `matplotlib` `Figure` out, made by `new_figure`.

Example:
    >>> figure, axes = new_figure("Dice (more is better)", width_px=620, height_px=340)
    >>> axes.plot([0, 1], [0.5, 0.8])
    >>> write_figure(figure, folder, "dice")
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from TransferSegLib.core.files import replacing
from TransferSegLib.core.palette import LIGHT, STRATEGIES, hexadecimal, strategy_color
from TransferSegLib.core.texts import one_line

INK, SOFT, LINE, GROUND = LIGHT.ink, LIGHT.soft, LIGHT.line, LIGHT.ground
# Colour is never the only cue: each strategy has dashes of its own, as lengths of ink and gap in points.
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (),
    (5.25, 2.25),
    (1.5, 1.5),
    (6.75, 2.25, 1.5, 2.25),
    (3.0, 3.0),
    (9.0, 2.25),
    (0.75, 2.25),
)
PX = 0.75  # points; sizes are given in the pixels of the page
MARGIN_PX = 12  # around a figure with a title as a file; in the page, the title begins where the text does
DPI = 192  # of files with pixels: sharp when shown at twice the size
RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, so text is as wide on every machine
    "font.size": 12 * PX,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is one
    "axes.titlesize": 14 * PX,
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": SOFT,
    "image.composite_image": False,
    "lines.scale_dashes": False,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "transferseg",
}
# What the page says in its own colours, so that figures follow it into dark mode.
_VARIABLES = {hexadecimal(color): f"--s{n}" for n, color in enumerate(STRATEGIES)} | {
    INK: "--ink",
    SOFT: "--soft",
    LINE: "--line",
}
_MARK = "mark|"
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"


@contextmanager
def style() -> Iterator[None]:
    """The settings of matplotlib under which figures are made and written."""
    with matplotlib.rc_context(RC):
        yield


def new_figure(
    title: str, width_px: float, height_px: float, margins_px: tuple[float, float, float, float] = (52, 8, 34, 60)
) -> tuple[Figure, Axes]:
    """An empty figure with one pair of axes: no frame, lines across at the ticks of y, the title on the left.

    Args:
        title: The title; a figure has one, for it is also seen alone.
        width_px: The width.
        height_px: The height.
        margins_px: Left, right, top and bottom of the axes.

    Returns:
        The figure and its axes.
    """
    left, right, top, bottom = margins_px
    figure = titled_figure(title, width_px, height_px)
    axes = figure.add_axes(
        (left / width_px, bottom / height_px, 1 - (left + right) / width_px, 1 - (top + bottom) / height_px)
    )
    without_frame(axes)
    return figure, axes


def titled_figure(title: str, width_px: float, height_px: float) -> Figure:
    """An empty figure with its title on the left.

    Args:
        title: The title; a figure has one, for it is also seen alone.
        width_px: The width.
        height_px: The height.
    """
    figure = Figure(figsize=(width_px * PX / 72, height_px * PX / 72), facecolor=GROUND)
    figure.text(0, 1 - 4 / height_px, shown(title), va="top", size=14 * PX, weight="bold")
    return figure


def without_frame(axes: Axes) -> None:
    """Draw no frame and no ticks around axes, and lines across at the ticks of y."""
    axes.patch.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, which="both", pad=6 * PX)
    axes.grid(axis="y", color=LINE, linewidth=1 * PX)
    axes.set_axisbelow(True)


def legend_below(
    figure: Figure,
    keys: Sequence[Artist],
    left: float,
    columns: int,
    key_length: float | None = None,
    between: float = 1.5,
) -> None:
    """Name what a figure shows, at its bottom.

    Args:
        figure: The figure.
        keys: A sample of each thing, with its name.
        left: Where the legend begins, as a part of the figure's width.
        columns: How many keys there are in a row.
        key_length: The length of a sample, in letters; None for the usual one.
        between: The space between two columns, in letters.
    """
    figure.legend(
        handles=keys,
        loc="lower left",
        bbox_to_anchor=(left, 0),
        ncols=columns,
        frameon=False,
        handlelength=key_length,
        borderpad=0,
        columnspacing=between,
    )


def color_of(number: int) -> str:
    """The colour of a strategy, by its number in `color_numbers`."""
    return hexadecimal(strategy_color(number))


def dashes_of(number: int) -> Any:
    """The dashes of a strategy's lines, as `linestyle` of matplotlib."""
    dashes = DASHES[number % len(DASHES)]
    return (0, dashes) if dashes else "solid"


def explain(artist: Artist, text: str, group: str = "") -> None:
    """Give a part of a figure a tooltip, which the page shows under the mouse.

    Args:
        artist: The part.
        text: The tooltip.
        group: Parts of one group are highlighted together.
    """
    artist.set_gid(f"{_MARK}{group}|{shown(text)}")


def write_figure(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Write a figure as `name.png` and `name.svg`, the same bytes for the same figure, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = (folder / f"{name}.{ending}" for ending in ("png", "svg"))
    write_png(figure, png)
    with style(), replacing(svg) as temporary:
        temporary.write_bytes(_svg(figure, _with_margin(figure)))
    return png, svg


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure as a picture, the same bytes for the same figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with style(), replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI, metadata={"Software": None}, bbox_inches=_with_margin(figure))


def inline_svg(figure: Figure, name: str, label: str, css_class: str = "chart", follow_page: bool = True) -> str:
    """A figure as an element of a page.

    Args:
        figure: The figure.
        name: What tells the ids inside it from those of the page's other figures.
        label: What is seen, for who does not see it.
        css_class: The class of the element.
        follow_page: Whether the page's colours take the place of the figure's, so that it follows the page into dark mode.

    Returns:
        The `<svg>` element.
    """
    with style():
        # The page lies behind it.
        figure.patch.set_visible(not follow_page)
        root = ElementTree.fromstring(_svg(figure))
        figure.patch.set_visible(True)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if _LINK in element.attrib:
            element.set("href", element.attrib.pop(_LINK))
        for key in ("style", "d"):
            if key in element.attrib:
                element.set(key, _shortened(element.attrib[key], follow_page))
    sheet = root.find("defs")
    if sheet is not None and sheet.find("style") is not None:  # it would hold for the whole page
        root.remove(sheet)
        root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    image = root.find(".//image")
    # What lies lowest is smooth, as in a viewer; what lies over it keeps its pixels.
    if image is not None and not follow_page:
        image.attrib.pop("style", None)
    _title_marks(root)
    _keep_used_ids(root, name)
    for unused in ("width", "height", "version"):
        root.attrib.pop(unused, None)
    root.attrib.update({"class": css_class, "role": "img", "aria-label": shown(label)})
    return re.sub(r">\s+<", "><", ElementTree.tostring(root, encoding="unicode"))


def _with_margin(figure: Figure) -> Bbox | None:
    """The figure with room around it, in inches; None for one without a title, which a picture fills."""
    if not figure.texts:
        return None
    width, height = figure.get_size_inches()
    margin = MARGIN_PX * PX / 72
    return Bbox.from_extents(-margin, -margin, width + margin, height + margin)


def _svg(figure: Figure, part: Bbox | None = None) -> bytes:
    buffer = io.BytesIO()
    # Without a date, a file is the same each time.
    about = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=about, bbox_inches=part)
    return buffer.getvalue()


def _shortened(text: str, follow_page: bool) -> str:
    """A style or path with two decimals, which is enough for the eye, and where asked the page's colours."""
    text = re.sub(r"(\.\d\d)\d+", r"\1", text).replace("\n", "")
    # Outlines of pixels are thousands of lines across or down.
    text = re.sub(r"M (\S+) (\S+) +L (\S+) \2(?: +|$)", r"M\1 \2H\3", text)
    text = re.sub(r"M (\S+) (\S+) +L \1 (\S+)(?: +|$)", r"M\1 \2V\3", text)
    if not follow_page:
        return text
    return re.sub(
        r"(fill|stroke): (#[0-9a-f]{6})",
        lambda found: f"{found[1]}: var({_VARIABLES[found[2]]})" if found[2] in _VARIABLES else found[0],
        text,
    )


def _title_marks(root: ElementTree.Element) -> None:
    """Turn the marks of `explain` into `<title>` elements; put neighbours of one group into a `<g class="group">`."""
    for parent in list(root.iter()):
        children: list[ElementTree.Element] = []
        group, box = "", None
        for child in list(parent):
            mark = child.get("id", "")
            name, _, text = mark.removeprefix(_MARK).partition("|") if mark.startswith(_MARK) else ("", "", "")
            if text:
                del child.attrib["id"]
                ElementTree.SubElement(child, "title").text = text
            if name and name == group and box is not None:
                box.append(child)
                continue
            group, box = name, None
            if name:
                box = ElementTree.Element("g", {"class": "group"})
                box.append(child)
            children.append(child if box is None else box)
        parent[:] = children


def _keep_used_ids(root: ElementTree.Element, name: str) -> None:
    """Ids that something in the figure refers to, made different from those of other figures; the rest go."""
    values = [value for element in root.iter() for value in element.attrib.values()]
    used = {found for value in values for found in re.findall(r"url\(#([^)]+)\)|^#(.+)", value) for found in found}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id" and value not in used:
                del element.attrib[key]
            elif key == "id":
                element.set(key, f"{name}-{value}")
            elif key == "href" and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))


def shown(text: str) -> str:
    """A text on one line, without the two characters that XML has no place for."""
    return re.sub("[\ufffe\uffff]", "\ufffd", one_line(text))


def cut(text: str, letters: int) -> str:
    """Shorten a text to one line of at most `letters` characters."""
    text = shown(text)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def nice_ticks(low: float, high: float, count: int = 5, cover: bool = False) -> list[float]:
    """List round values for the ticks of an axis.

    Args:
        low: Where the axis begins.
        high: Where it ends.
        count: About how many ticks there should be.
        cover: Whether the last tick must not be below `high`.
    """
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9) if cover else math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def scale_y(axes: Axes, values: Sequence[float], upper: float | None, room_px: float = 0.0) -> None:
    """Set the scale and the ticks of y.

    Args:
        axes: The axes.
        values: All values that are drawn.
        upper: The end of the scale (1 for Dice), which then begins at 0 unless all values are in its upper half. Without one
            the scale fits the values, and is logarithmic where they span more than a factor of 30, as distances with misses
            do. Zeros have no place on that; they are drawn at its lower end by `on_scale`.
        room_px: The room between the lowest tick and the end of the axes, so that a mark there touches nothing.
    """
    height_px = axes.get_window_extent().height / axes.figure.dpi * 72 / PX
    positive = [v for v in values if v > 0]
    share = room_px / (height_px - room_px)
    if upper is None and positive and max(positive) > 30 * min(positive):
        low = max(min(positive), max(positive) / 1e4)
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(max(positive))) + 1)
        ticks = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        first = max(t for t in ticks if t <= low * (1 + 1e-9))
        last = min(t for t in ticks if t >= max(positive) * (1 - 1e-9))
        ticks = [t for t in ticks if first <= t <= last]
        axes.set_yscale("log")
        axes.set_ylim(first / (last / first) ** share, last)
    else:
        low = min(values) if upper is not None and min(values) > upper / 2 else min(0.0, *values)
        ticks = nice_ticks(low, max(*values, upper or 0.0) or 1.0, cover=True)
        axes.set_ylim(ticks[0] - share * (ticks[-1] - ticks[0]), ticks[-1])
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


def on_scale(axes: Axes, value: float) -> float:
    """Where to draw a value: at the lowest tick if the scale is logarithmic and the value lies below that tick."""
    return max(value, float(axes.get_yticks()[0])) if axes.get_yscale() == "log" else value
