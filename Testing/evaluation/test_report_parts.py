"""What a report shows beside the scores: spread and volumes, lesions, times, and a gallery."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_scores import made_scores

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.convergence import TrainingTime, training_time
from TransferSegLib.evaluation.figures.agreement import Volumes, agreement_plot
from TransferSegLib.evaluation.figures.boxes import BoxGroup, box_plot
from TransferSegLib.evaluation.figures.curves import Line, line_chart
from TransferSegLib.evaluation.figures.histogram import histogram
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.lesions.detection import Lesion, LesionRow, LesionScores
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.evaluation.lesions.summary import summarise_lesions
from TransferSegLib.evaluation.overlays import overlay_slice
from TransferSegLib.evaluation.report import ReportInputs, draw_figures, report_html
from TransferSegLib.evaluation.report_parts.lesions import lesion_figures, lesion_section
from TransferSegLib.evaluation.report_parts.training import (
    NO_VALIDATION,
    Curve,
    duration,
    time_table,
    training_figures,
    training_sections,
)
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import summarise

STRATEGIES = ("direct", "open")


def rows(cases: int, labels=((1, "bone"), (2, "air"))) -> list[ScoreRow]:
    return [
        ScoreRow(
            f"c{n}",
            value,
            name,
            made_scores(*[0.5 + 0.01 * n + 0.1 * (strategy == "open")] * 8, 10.0, 11.0 + n),
            strategy,
            "0",
        )
        for strategy in STRATEGIES
        for n in range(cases)
        for value, name in labels
    ]


def figures_of(table: list[ScoreRow], **more) -> dict:
    return draw_figures(ReportInputs("x", table, summarise(table), **more))


def test_limits_of_agreement_are_bias_and_1_96_standard_deviations():
    volumes = Volumes("open", 1, ("a", "b", "c"), (10.0, 20.0, 30.0), (11.0, 23.0, 32.0))
    # differences 1, 3, 2: mean 2, standard deviation 1
    assert volumes.bias == 2
    assert volumes.limits == (pytest.approx(2 - 1.96), pytest.approx(2 + 1.96))
    assert volumes.means.tolist() == [10.5, 21.5, 31.0]
    svg = inline_svg(agreement_plot("Volume of bone", [volumes], "mL"), "v", "volumes")
    assert "<title>b, open: +3 mL at 21.5 mL</title>" in svg
    assert "<title>bias: +2 mL</title>" in svg and "<title>upper limit: +3.96 mL</title>" in svg


def test_one_case_has_a_bias_and_no_limits():
    one = Volumes("open", 1, ("a",), (10.0,), (11.0,))
    assert (one.bias, one.limits) == (1.0, None)
    assert agreement_plot("Volume", [one], "mL") is not None
    assert agreement_plot("Volume", [Volumes("open", 1, (), (), ())], "mL") is None


def test_a_box_says_its_median_and_quartiles():
    group = BoxGroup("bone", [[0.1, 0.2, 0.3, 0.4, 0.5], []])
    figure = box_plot("Dice", ["direct", "open"], [0, 1], [group], 1.0, 3)
    svg = inline_svg(figure, "b", "boxes")
    assert "bone, direct: median 0.300, quartiles 0.200 to 0.400, 5 cases" in svg
    assert "bone, open" not in svg, "no case, no box"
    assert box_plot("Dice", ["direct"], [0], [BoxGroup("bone", [[]])], 1.0, 3) is None


def test_boxes_and_volumes_are_drawn_from_five_cases_on():
    names = {"boxes-dice", "boxes-hd95-mm", "volumes-1", "volumes-2"}
    assert names <= set(figures_of(rows(5)))
    assert not names & set(figures_of(rows(4)))
    table = rows(5)
    html = report_html(ReportInputs("x", table, summarise(table)))
    assert "Spread over the cases, and volumes" in html and "Bland–Altman" in html


def test_of_many_labels_the_mean_has_boxes_and_the_first_have_volumes():
    figures = figures_of(rows(5, tuple((n, f"label {n}") for n in range(1, 9))))
    assert sorted(name for name in figures if name.startswith("volumes-")) == ["volumes-1", "volumes-2", "volumes-3"]
    assert [text.get_text() for text in figures["boxes-dice"].axes[0].get_xticklabels()] == ["mean over labels"]


def test_a_staircase_holds_a_share_up_to_the_volume_of_the_lesion():
    figure = line_chart(
        "Lesions", "mL", [Line("open", "open", 1, [(0, 0.5), (2.5, 1.0)])], 1.0, whole=False, stairs=True
    )
    (line,) = figure.axes[0].lines
    assert line.get_drawstyle() == "steps-pre"
    assert 0.5 in [float(text.get_text()) for text in figure.axes[0].get_xticklabels()], "ticks between whole numbers"


def lesion_rows(fold: str = "0") -> list[LesionRow]:
    found = LesionScores(0.2, 0.1, 4, 3, 1)
    return [LesionRow("a", (found,), (Lesion(0.2, 1.0), Lesion(0.3, 0.0)), name, fold) for name in STRATEGIES]


def test_the_detection_of_lesions_has_a_table_and_a_curve_for_each_overlap():
    options = LesionOptions("stroke", "20 %", "100 mm3", "8")
    summary = summarise_lesions([*lesion_rows(), *lesion_rows("test")], options, "stroke", "test")
    figures = lesion_figures(lesion_rows(), summary, {"direct": 0, "open": 1})
    assert list(figures) == ["lesions-20"]
    line = figures["lesions-20"].axes[0].lines[0]
    assert [(round(x), y) for x, y in zip(*line.get_data(), strict=True)] == [(0, 0.5), (200, 0.5), (300, 0.0)]
    (html,) = lesion_section(summary, figures)
    text = re.sub("<[^>]+>", " ", html)
    assert "Out of fold" in text and "Separate test cases" in text and "100 mm³" in text and "3 of 4" in text
    assert "within an axial slice" in text
    assert lesion_section(None, {}) == []


def test_the_times_of_trainings_are_means_and_their_sum():
    times = [
        TrainingTime("open", "0", 100, 50.0, 0.5, 60, 30.0),
        TrainingTime("open", "1", 100, 70.0, 0.7, 80, 56.0),
        TrainingTime("open", "test", 70, 42.0, 0.6),
        TrainingTime("scratch", "0", 100),
    ]
    assert list(time_table(times).rows) == [
        ("`open`", "2 folds", "0.6 s", "100", "2 min 0 s", "70", "43 s"),
        ("`open`", "final model", "0.6 s", "70", "42 s", "not known", "not known"),
        ("`scratch`", "1 fold", "not known", "100", "not known", "not known", "not known"),
    ]
    assert [duration(s) for s in (0.123, 59.94, 60, 3725)] == ["0.123 s", "59.9 s", "1 min 0 s", "1 h 2 min"]


def test_dice_is_drawn_over_steps_and_over_time():
    curve = Curve("open", "0", [0, 10], [1.0, 0.5], [(10, 0.2), (20, 0.7)], [60.0, 420.0])
    figures = training_figures([curve], {"open": 1})
    assert figures["validation-dice"].axes[0].lines[0].get_xdata().tolist() == [10, 20]
    over_time = figures["validation-dice-time"].axes[0]
    assert over_time.lines[0].get_xdata().tolist() == [1, 7]
    assert over_time.get_xlabel() == "minutes"
    html = " ".join(training_sections([curve], [training_time("open", "0", 20, 420.0, curve.dice)], figures))
    assert "validation-dice-time" in html and "Training time" in html and "has the role" not in html


def test_without_validation_cases_the_report_says_so_and_what_to_do():
    curve = Curve("open", "0", [0, 10], [1.0, 0.5])
    figures = {name: figure for name, figure in training_figures([curve], {"open": 1}).items() if figure}
    assert list(figures) == ["loss"]
    html = " ".join(training_sections([curve], [training_time("open", "0", 20, 9.0, [])], figures))
    assert NO_VALIDATION.replace("`validation`", "<code>validation</code>") in html


def test_the_gallery_shows_what_every_strategy_segmented_of_a_case():
    image = np.random.default_rng(0).normal(size=(20, 24, 12))
    labels = np.zeros(image.shape, np.uint8)
    labels[4:9, 6:12, 3:8] = 1
    other = np.roll(labels, 5, axis=0)
    grid = Grid.from_spacing(image.shape, (1, 1, 2))
    overlay = overlay_slice("open", "c0", "best", image, labels, labels, grid, {"direct": other})
    assert set(overlay.segmented2d) == {"open", "direct"}
    assert (overlay.segmented2d["open"] == overlay.prediction2d).all()
    table = rows(2)
    inputs = ReportInputs("x", table, summarise(table), overlays=[overlay])
    figures = draw_figures(inputs)
    texts = [text.get_text() for text in figures["gallery"].texts]
    assert texts[1:5] == ["Image", "Reference", "direct", "open"], "in the order of the job"
    assert {"c0 (best)", "Dice 0.500", "Dice 0.600"} <= set(texts)
    assert len(figures["gallery"].axes) == 4
    assert 'class="chart gallery"' in report_html(inputs, figures)
    alone = overlay_slice("open", "c0", "best", image, labels, labels, grid)
    assert "gallery" not in draw_figures(ReportInputs("x", table, summarise(table), overlays=[alone]))


def test_a_histogram_says_how_many_cases_a_bin_has():
    svg = inline_svg(
        histogram("Volumes", "mL", np.array([0.0, 1.0, 2.0]), [3, 1], [("2 cases", [1, 1])]), "h", "volumes"
    )
    assert "<title>0 to 1: 3 cases</title>" in svg and "<title>1 to 2: 1 case</title>" in svg
    assert "2 cases" in svg
