import re
import warnings
from html.parser import HTMLParser
from itertools import combinations

import numpy as np
import pytest
from made_scores import made_scores
from matplotlib.colors import to_hex
from matplotlib.text import Text

from TransferSegLib.core.grid import Grid
from TransferSegLib.core.palette import LABELS, hexadecimal, strategy_color
from TransferSegLib.evaluation.comparison import color_numbers
from TransferSegLib.evaluation.figures.curves import Line, line_chart
from TransferSegLib.evaluation.figures.dots import Column, dot_plot
from TransferSegLib.evaluation.figures.slices import grey_window, outline, slice_picture
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.evaluation.metrics.metric import Metric, diagonal
from TransferSegLib.evaluation.overlays import overlay_cases, overlay_slice
from TransferSegLib.evaluation.page import Table
from TransferSegLib.evaluation.report import ReportInputs, draw_figures, report_html, write_report
from TransferSegLib.evaluation.report_parts.training import Curve
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
from TransferSegLib.evaluation.statistics import describe
from TransferSegLib.evaluation.summary import summarise

VOID = {"meta"}


def scores(dice, missed=False):
    hd = 200.0 if missed else 2.0
    return made_scores(dice, dice, dice, dice, hd, hd, hd, dice, 10.0, 11.0, missed=missed)


def rows(strategy, dices, fold="0", labels=((1, "bone"), (2, "air"))):
    return [
        ScoreRow(f"case-{n}", value, name, scores(d, d == 0), strategy, fold)
        for n, d in enumerate(dices)
        for value, name in labels
    ]


def inputs(**more):
    table = [*rows("direct", [0.1, 0.0, 0.2, 0.1]), *rows("open", [0.8, 0.7, 0.9, 0.85])]
    return ReportInputs("Heads", more.pop("rows", table), summarise(more.pop("summed", table)), **more)


class Page(HTMLParser):
    """Checks that every element that is opened is closed, and keeps the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.tags = [], "", []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_verdict_stands_on_top_and_the_picture_before_the_table():
    html = report_html(inputs())
    assert html.index("<h1>") < html.index('class="verdict too-few-cases"') < html.index('class="chart"')
    assert html.index('class="chart"') < html.index('class="labels"')
    assert "<code>open</code> has the highest mean Dice" in html


def test_the_page_is_well_formed_and_loads_nothing():
    image = np.random.default_rng(0).normal(size=(20, 24, 12))
    labels = np.zeros(image.shape, np.uint8)
    labels[4:9, 6:12, 3:8] = 1
    overlay = overlay_slice("open", "case-0", "best", image, labels, labels, Grid.from_spacing(image.shape, (1, 1, 2)))
    html = report_html(
        inputs(
            overlays=[overlay],
            curves=[Curve("open", "0", [0, 10], [1.0, 0.5], [(10, 0.7)])],
            settings=[("Seed", "0")],
            findings=["note: one"],
            notes=["all parameters move"],
            tables=[Table("Label map", ("target", "source"), [("bone", "`bone`")])],
        )
    )
    page = Page(html)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        for name in ("href", "src", "xlink:href"):
            assert attributes.get(name, "data:").startswith(("data:", "#"))
    assert not re.search(r"https?://|url\((?!#)|@import", html)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', html)
    assert used and {one or two for one, two in used} <= set(ids)
    for heading in ("Comparison", "Findings", "What it looks like", "Learning curves", "What was run", "Label map"):
        assert f"<h2>{heading}</h2>" in html


def test_names_and_texts_are_escaped_wherever_they_appear():
    bad = "<script>x</script>&\"'"
    table = [ScoreRow(bad, 1, bad, scores(d), s, "0") for s, d in (("direct", 0.1), (bad, 0.9)) for _ in range(1)]
    image = np.arange(60.0).reshape(5, 4, 3)
    mask = (image > 20).astype(np.uint8)
    overlay = overlay_slice(bad, bad, bad, image, mask, mask, Grid.from_spacing((5, 4, 3), (1, 1, 1)))
    html = report_html(
        ReportInputs(
            bad, table, summarise(table), [Curve(bad, bad, [0, 1], [1, 2])], [overlay], [(bad, bad)], [bad], [bad],
            [Table(bad, [bad], [[bad]])],
        )
    )  # fmt: skip
    assert "<script" not in html
    assert "x</script>" in Page(html).text


def test_the_table_names_misses_intervals_and_the_difference_from_the_source_model():
    text = Page(report_html(inputs())).text
    assert "+0.71" in text  # 0.8125 - 0.1
    assert "p = 0.12, 4/4 better" in text
    assert "200.00 mm missed" in text
    assert "0.100 ± 0.082" in text, "the mean and the standard deviation of 0.1, 0, 0.2 and 0.1"
    assert "mean over labels" in text


def test_a_single_label_is_not_shown_twice_as_its_own_mean():
    table = rows("open", [0.8, 0.7], labels=((1, "bone"),))
    html = report_html(ReportInputs("x", table, summarise(table)))
    assert html.count('scope="rowgroup"') == 1


def test_separate_test_cases_have_a_section_of_their_own():
    table = [*rows("open", [0.8, 0.7]), *rows("open", [0.5], fold="test")]
    html = report_html(ReportInputs("x", table, summarise(table)))
    assert html.index("<h2>Comparison</h2>") < html.index("<h2>Separate test cases</h2>")


def test_without_any_score_there_is_still_a_page_that_says_so():
    assert "No annotated case was scored" in report_html(ReportInputs("x", [], summarise([])))


def test_the_page_is_written_whole(tmp_path):
    write_report(tmp_path / "report.html", inputs())
    assert (tmp_path / "report.html").read_text(encoding="utf-8").endswith("</html>\n")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_figures_are_written_beside_the_page_the_same_bytes_each_time(tmp_path, files_of_figures):
    more = {"curves": [Curve("open", "0", [0, 10], [1.0, 0.5])]}
    for folder in ("first", "second"):
        write_report(tmp_path / "report.html", inputs(**more), tmp_path / folder)
    names = {f"{name}.{kind}" for name in ("dice", "hd95-mm", "loss") for kind in ("png", "svg")}
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert {p.name for p in (tmp_path / "first").iterdir()} == names


def test_a_new_metric_is_in_the_charts_and_tables_of_the_report(monkeypatch):
    metric = Metric("miles", "Miles", "mi", "lower", 2, "How far it is.", lambda pair: 1.0, diagonal, 0.0)
    monkeypatch.setitem(METRICS, "miles", metric)
    table = [ScoreRow("a", 1, "bone", made_scores(*[0.5] * 10, miles=7.125), s, "0") for s in ("direct", "open")]
    old = [ScoreRow("b", 1, "bone", LabelScores({"dice": 0.5}), s, "0") for s in ("direct", "open")]
    html = report_html(ReportInputs("x", [*table, *old], summarise([*table, *old])))
    text = Page(html).text
    assert "Miles in mi (less is better)" in text and "Miles: How far it is." in text
    assert "Dice, HD95 and Miles (mean over labels)" in text
    assert '<th scope="col">Miles mi</th>' in html and "7.12 mi" in text
    assert "0.500 n/a n/a" in text, "of before the metric existed"


def test_best_median_and_worst_case_are_chosen_by_the_mean_over_labels_and_only_once():
    table = rows("open", [0.5, 0.9, 0.1, 0.7, 0.6])
    assert overlay_cases(table, "open") == {"best": "case-1", "median": "case-4", "worst": "case-2"}
    assert overlay_cases(rows("open", [0.5, 0.9]), "open") == {"best": "case-1", "worst": "case-0"}
    assert overlay_cases(rows("open", [0.5]), "open") == {"best": "case-0"}
    assert overlay_cases(table, "scratch") == {}


def head(affine_signs=(1, 1, 1), spacing=(1.0, 1.0, 3.0)):
    """A volume whose intensity peaks at the patient's right front, with a label in the fourth axial slice."""
    image = np.zeros((40, 50, 8))
    labels = np.zeros(image.shape, np.uint8)
    labels[18:22, 23:27, 3] = 1
    image[22, 27, 3] = 1.0  # towards right and front of the label in RAS+
    grid = Grid(image.shape, np.diag([*(s * a for s, a in zip(affine_signs, spacing, strict=True)), 1.0]))
    flipped = [np.flip(a, [n for n in range(3) if affine_signs[n] < 0]).copy() for a in (image, labels)]
    return *flipped, grid


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_the_slice_shows_right_on_the_left_and_front_on_top_however_the_axes_run(signs):
    image, labels, grid = head(signs)
    shown = overlay_slice("open", "a", "best", image, labels, labels, grid)
    assert shown.reference2d.any()
    (row,), (column,) = np.nonzero(shown.image2d)
    rows_, columns = np.nonzero(shown.reference2d)
    assert row < rows_.min(), "front is on top"
    assert column < columns.min(), "the patient's right is on the left"


def test_the_slice_lies_across_the_thick_axis_and_its_pixels_keep_their_proportions():
    image, labels, grid = head(spacing=(4.0, 1.0, 2.0))
    shown = overlay_slice("open", "a", "best", image, labels, labels, grid)
    assert shown.spacing_mm == (2.0, 1.0)  # sagittal: rows along the body, columns front to back


def test_a_case_without_any_label_shows_its_middle():
    image, labels, grid = head()
    shown = overlay_slice("open", "a", "best", image, labels * 0, labels * 0, grid)
    assert shown.image2d.shape == (50, 40)


def test_the_outline_runs_along_the_edges_between_pixels_and_not_along_the_border_of_the_picture():
    labels = np.zeros((3, 4), bool)
    labels[1, 1:3] = True
    lines = outline(labels).vertices.reshape(-1, 2, 2).tolist()
    assert lines == [[[1, 1], [3, 1]], [[1, 2], [3, 2]], [[1, 1], [1, 2]], [[3, 1], [3, 2]]]
    assert len(outline(np.ones((3, 3), bool)).vertices) == 0


def test_intensities_are_shown_between_their_extreme_percentiles():
    low, high = grey_window(np.array([[0.0, 50.0], [100.0, np.nan]]))
    assert (low, high) == (pytest.approx(0), pytest.approx(99.25))
    assert grey_window(np.ones((2, 2)))[1] > 1


def test_distances_that_span_orders_of_magnitude_get_a_logarithmic_scale():
    def ticks(values):
        column = Column("open", values, [""] * len(values), describe(values))
        figure = dot_plot("HD95", [str(n) for n in range(len(values))], [column], None, 1)
        return [float(text.get_text()) for text in figure.axes[0].get_yticklabels()]

    assert ticks([1.5, 200.0]) == [1, 2, 5, 10, 20, 50, 100, 200]
    assert ticks([1.5, 8.0])[0] == 0
    assert ticks([0.0, 0.0])[0] == 0


def test_cases_are_listed_as_people_count():
    table = [ScoreRow(f"c{n}", 1, "bone", scores(0.5), "open", "0") for n in (10, 2, 1)]
    html = report_html(inputs(rows=table, summed=table))
    listed = html[html.index("Case by case") :]
    assert re.findall(r'<th scope="row">(c\d+)</th>', listed) == ["c1", "c2", "c10"]


def test_a_short_training_has_only_whole_steps_on_its_axis():
    axes = line_chart("Loss", "step", [Line("open", "open", 0, [(1, 0.5), (2, 0.3)])]).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "2"]
    assert axes.get_xlabel() == "step"


def test_what_the_source_model_cannot_find_is_said_below_the_table_and_compared_with_nothing():
    table = [*rows("direct", [0.5, 0.6]), *rows("open", [0.8, 0.7])]
    html = report_html(ReportInputs("x", table, summarise(table, unknown_to_source=[2])))
    assert "The source model has no <code>air</code>, so <code>direct</code> cannot find it" in html
    assert html.count("2/2 better") == 1
    none = report_html(ReportInputs("x", table, summarise(table, unknown_to_source=[1, 2])))
    assert "these labels count in no difference" in none
    assert "Dice against" not in none
    assert "The source model has no" not in report_html(ReportInputs("x", table, summarise(table)))


def test_folds_are_counted_from_1_as_while_the_job_runs():
    html = report_html(inputs(curves=[Curve("open", "0", [0, 10], [1.0, 0.5]), Curve("open", "final", [0, 9], [1, 2])]))
    assert "<title>open, fold 1</title>" in html
    assert "<title>open, final</title>" in html


def test_each_label_has_its_colour_so_that_swapped_labels_are_seen():
    image = np.random.default_rng(0).normal(size=(20, 24, 12))
    labels = np.zeros(image.shape, np.uint8)
    labels[4:9, 6:12, 3:8] = 1
    swapped = np.where(labels == 1, 2, 0)
    overlay = overlay_slice("open", "case-0", "best", image, labels, swapped, Grid.from_spacing(image.shape, (1, 1, 2)))
    axes = slice_picture(overlay, {1: (1, 2, 3), 2: LABELS[1]}).axes[0]
    filled = axes.images[1].get_array()
    assert {tuple(pixel) for pixel in filled[overlay.reference2d == 1]} == {(1, 2, 3, 102)}
    assert not filled[overlay.reference2d != 1].any()
    assert [to_hex(patch.get_edgecolor()) for patch in axes.patches] == ["#000000", hexadecimal(LABELS[1])]
    html = report_html(inputs(overlays=[overlay], colours={1: (1, 2, 3)}))
    assert 'style="background:#010203"></span> bone' in html
    assert 'style="background:#56b4e9"></span> air' in html


def test_a_dice_of_0_lies_apart_from_the_names_below():
    figure = dot_plot("Dice", ["a"], [Column("open", [0.0], ["falsely found"], describe([0.0]))], 1.0, 2)
    axes = figure.axes[0]
    svg = inline_svg(figure, "dice", "Dice")
    assert "<title>a, open: 0.00 (falsely found)</title>" in svg
    (cross,) = [line for line in axes.lines if line.get_marker() == "x"]
    lowest = axes.transData.transform((0.5, cross.get_ydata()[0]))[1] - cross.get_markersize() / 2 * figure.dpi / 72
    (name,) = [text for text in axes.texts if text.get_text() == "open"]
    assert (lowest - name.get_window_extent().y0) / figure.dpi * 96 >= 20, (
        "pixels from the cross to the line of the name"
    )


def test_figures_follow_the_page_and_a_dollar_sign_is_one():
    column = Column("$a$ open", [0.5, 0.6], ["", ""], describe([0.5, 0.6]))
    svg = inline_svg(dot_plot("Costs $5$", ["$x$", "y"], [column], 1.0, 2), "dice", "Dice")
    assert "Costs $5$" in svg and "$x$, $a$ open: 0.50" in svg
    assert "var(--s1)" in svg and "var(--ink)" in svg and "#1c2024" not in svg
    assert svg.count('<g class="group">') == 2, "the line and the dots of a case lie together"


LONG = ("direct", "conservative:layers=6", "hybrid:fusion=multiply", "multimodal", "encoder-transfer:part=decoder",
        "random-encoder:part=encoder+head", "scratch", "open")  # fmt: skip


@pytest.mark.parametrize("cases", [3, 200])
def test_no_text_of_a_figure_is_cut_off_or_lies_over_another(cases):
    values = list(np.linspace(0.5, 1.0, cases))
    columns = [Column(name, values, [""] * cases, describe(values)) for name in LONG]
    lines = [Line(name, name, n, [(0, 1.0), (10, 0.5)]) for n, name in enumerate(LONG)]
    dots = dot_plot("HD95 in mm", [f"case-{n}" for n in range(cases)], columns, None, 1)
    for figure in (dots, line_chart("Training loss", "step", lines)):
        figure.draw_without_rendering()  # puts the texts in their places
        texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
        boxes = [text.get_window_extent() for text in texts]
        whole = figure.bbox.padded(0.5)
        for text, box in zip(texts, boxes, strict=True):
            assert whole.contains(box.x0, box.y0) and whole.contains(box.x1, box.y1), text.get_text()
        for first, second in combinations(zip(texts, boxes, strict=True), 2):
            width = min(first[1].x1, second[1].x1) - max(first[1].x0, second[1].x0)
            height = min(first[1].y1, second[1].y1) - max(first[1].y0, second[1].y0)
            # Lines of one name may touch.
            assert width <= 1 or height <= 3, (first[0].get_text(), second[0].get_text())


def test_a_strategy_has_one_colour_in_the_comparison_and_among_the_learning_curves():
    curves = [Curve("open", "0", [0, 10], [1.0, 0.5])]
    figures = draw_figures(inputs(curves=curves))
    (line,) = figures["loss"].axes[0].lines
    dots = [mark for mark in figures["dice"].axes[0].lines if mark.get_marker() == "o"]
    assert {mark.get_color() for mark in dots} == {hexadecimal(strategy_color(n)) for n in (0, 1)}
    assert line.get_color() == hexadecimal(strategy_color(1))
    assert color_numbers(["scratch", "open", "scratch"]) == {"direct": 0, "scratch": 1, "open": 2}
    assert len({strategy_color(n) for n in range(8)}) == 8 and strategy_color(8) == strategy_color(1)


def test_names_that_xml_has_no_place_for_are_drawn():
    column = Column("open\uffff\x0b", [0.5], [""], describe([0.5]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # glyphs that the font does not have
        svg = inline_svg(dot_plot("Dice", ["a\ufffe\x00"], [column], 1.0, 2), "dice", "Dice")
    assert "open\ufffd\\u000b" in svg and "a\ufffd\\u0000" in svg
