from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from tiny_networks import TINY

from TransferSegLib.evaluation.figures.style import style
from TransferSegLib.evaluation.representation.activations import draw_blocks
from TransferSegLib.evaluation.representation.analysis import Analysis, Training, analyse, count_looks, too_few_points
from TransferSegLib.evaluation.representation.drawing import draw_figures
from TransferSegLib.evaluation.representation.writing import write_analysis
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork


def state(seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return build("mecheter2023", 1, 3, TINY["mecheter2023"]).state_dict()


def between(first: dict, second: dict, share: float) -> dict[str, torch.Tensor]:
    return {
        name: torch.lerp(first[name], second[name], share) if first[name].is_floating_point() else first[name]
        for name in first
    }


def training(name: str, condition: str, origin: str, start: int, end: int, moved: float) -> Training:
    first, last = state(start), between(state(start), state(end), moved)
    states = {0: first, 5: between(first, last, 0.5), 10: last}
    return Training(
        name,
        condition,
        "",
        origin,
        lambda: build("mecheter2023", 1, 3, TINY["mecheter2023"]),
        {step: lambda found=found: found for step, found in states.items()},
        10,
    )


@pytest.fixture(scope="module")
def found() -> Analysis:
    """Two trainings that moved a tenth of the way from the source to other weights, and two from scratch that went it all."""
    rng = np.random.default_rng(0)
    blocks = draw_blocks([rng.normal(size=(1, 20, 20, 20)).astype(np.float32)], (16, 16, 16), 4)
    trainings = [
        training("open, fold 1", "open", "source", 0, 1, 0.1),
        training("open, fold 2", "open", "source", 0, 2, 0.1),
        training("scratch, fold 1", "scratch", "scratch", 3, 4, 1.0),
        training("scratch, fold 2", "scratch", "scratch", 3, 5, 1.0),
    ]
    return analyse(trainings, {"": blocks}, points=64)


def test_a_course_ends_where_it_is_like_itself_and_comes_nearer_step_by_step(found):
    for course in found.courses:
        assert [moment.step for moment in course.moments] == [0, 5, 10]
        start, half, end = ({s.layer: s.rsim for s in moment.layers} for moment in course.moments)
        assert all(value == pytest.approx(1.0, abs=1e-5) for value in end.values())
        assert np.mean(list(start.values())) < np.mean(list(half.values())) < 1


def test_what_moved_little_was_reused(found):
    (reuse,) = found.reuse
    assert reuse.condition == "open" and reuse.layers[0].count == (2, 2)
    assert np.mean([layer.reuse for layer in reuse.layers]) > 0.2
    (advice,) = found.advice
    assert advice.condition == "open" and advice.problem.sentence.startswith("`open`: ")


def test_each_two_networks_are_compared_once(found):
    assert [pair.conditions for pair in found.pairs] == [
        ("open", "open"),
        *[("open", "scratch")] * 4,
        ("scratch", "scratch"),
    ]
    same, apart = (np.mean([s.rsim for s in found.pairs[n].layers]) for n in (0, 1))
    assert same > apart


def test_networks_that_see_other_blocks_are_no_pair_and_still_tell_what_was_reused():
    rng = np.random.default_rng(0)
    small, large = (rng.normal(size=(1, n, n, n)).astype(np.float32) for n in (20, 28))
    blocks = {"2 mm": draw_blocks([small], (16, 16, 16), 4), "1 mm": draw_blocks([large], (24, 24, 24), 4)}
    trainings = [
        replace(training("open", "open", "source", 0, 1, 0.1), view="2 mm"),
        replace(training("scratch 1", "scratch", "scratch", 3, 4, 1.0), view="1 mm"),
        replace(training("scratch 2", "scratch", "scratch", 3, 5, 1.0), view="1 mm"),
    ]
    looks: list[None] = []
    seen = analyse(trainings, blocks, ("rsim", "reuse"), points=64, on_look=lambda: looks.append(None))
    assert [pair.trainings for pair in seen.pairs] == [("scratch 1", "scratch 2")]
    assert len(looks) == count_looks(trainings, ("rsim", "reuse")) == 3 * 3 + 1
    assert seen.reuse[0].layers[0].count == (1, 2) and seen.advice[0].encoder is not None
    assert seen.points == 4 * 64


def test_filters_that_moved_a_tenth_of_the_way_changed_less(found):
    changes = {change.condition: {s.stage: s.mean for s in change.stages} for change in found.changes}
    assert all(0 < changes["open"][stage] < changes["scratch"][stage] for stage in changes["open"])


def test_parts_that_were_not_asked_for_are_left_out():
    rng = np.random.default_rng(0)
    blocks = draw_blocks([rng.normal(size=(1, 24, 24, 24)).astype(np.float32)], (16, 16, 16), 4)
    trainings = [training("open", "open", "source", 0, 1, 0.1), training("scratch", "scratch", "scratch", 3, 4, 1.0)]
    looks: list[None] = []
    reuse = analyse(trainings, {"": blocks}, ("reuse",), points=32, on_look=lambda: looks.append(None))
    assert len(looks) == count_looks(trainings, ("reuse",)) == 2
    assert [len(course.moments) for course in reuse.courses] == [1, 1]
    assert reuse.reuse and not reuse.pairs and not reuse.changes
    filters = analyse(trainings, {"": blocks}, ("filters",), points=32, on_look=lambda: looks.append(None))
    assert len(looks) - 2 == count_looks(trainings, ("filters",)) == 2
    assert filters.changes and filters.pictures[0].maps and not filters.courses and not filters.advice


def test_a_frozen_layer_counts_as_no_reuse():
    first = state(0)
    last = between(first, state(1), 0.1) | {n: v for n, v in first.items() if n.startswith(("encoder", "bottleneck"))}
    frozen = Training(
        "part", "part", "", "source", lambda: build("mecheter2023", 1, 3, TINY["mecheter2023"]),
        {0: lambda: first, 1: lambda: last}, 1,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    blocks = draw_blocks([rng.normal(size=(1, 24, 24, 24)).astype(np.float32)], (16, 16, 16), 4)
    found = analyse([frozen, training("s", "scratch", "scratch", 3, 4, 1.0)], {"": blocks}, ("reuse",), points=64)
    assert [layer.layer for layer in found.reuse[0].layers] == ["decoder.0", "decoder.1", "decoder.2", "head"]
    assert not found.advice


def test_a_layer_with_too_few_points_is_named_and_says_nothing_of_reuse():
    def network(seed: int) -> StagedNetwork:
        torch.manual_seed(seed)
        return build("mecheter2023", 1, 3, {"channels": (2, 2, 16, 16)})

    def moved(condition: str, start: int, end: int) -> Training:
        first, last = (network(seed).state_dict() for seed in (start, end))
        origin = "scratch" if condition == "scratch" else "source"
        return Training(condition, condition, "", origin, lambda: network(0), {0: lambda: first, 1: lambda: last}, 1)

    rng = np.random.default_rng(0)
    # The deepest map of a block of 16 voxels has 8 voxels, and 16 channels: two blocks have no more points than channels.
    blocks = draw_blocks([rng.normal(size=(1, 24, 24, 24)).astype(np.float32)], (16, 16, 16), 2)
    found = analyse([moved("open", 0, 1), moved("scratch", 2, 3)], {"": blocks}, ("reuse",), points=256)
    few = too_few_points(found.courses)
    assert "bottleneck" in few and "encoder.0" not in few
    assert found.reuse[0].layers[0].layer == "encoder.0"
    assert not {layer.layer for layer in found.reuse[0].layers} & set(few)
    # For that it is no frozen layer.
    assert not any(course.frozen for course in found.courses)


def test_memory_bounds_the_points(monkeypatch):
    monkeypatch.setattr("TransferSegLib.evaluation.representation.analysis.KEPT_BYTES", 20_000)
    rng = np.random.default_rng(0)
    blocks = draw_blocks([rng.normal(size=(1, 24, 24, 24)).astype(np.float32)], (16, 16, 16), 4)
    found = analyse([training("open", "open", "source", 0, 1, 0.1)], {"": blocks}, points=512)
    channels = 2 + 2 + 4 + 4 + 2 + 2 + 2 + 3
    assert found.points == 4 * (20_000 // (4 * 4 * channels))


def test_the_files_hold_the_same_numbers_and_the_page_says_the_advice(found, tmp_path):
    report = write_analysis(tmp_path / "out", found, "What <networks> represent", [("Seed", "0")], ["No `test` cases."])
    page = report.read_text(encoding="utf-8")
    assert "What &lt;networks&gt; represent" in page and "No <code>test</code> cases." in page
    assert "src=" not in page.replace('src="data:', "") and "<script" not in page
    with (tmp_path / "out" / "reuse.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["reuse"]) for row in rows] == pytest.approx([r.reuse for r in found.reuse[0].layers], abs=1e-5)
    with (tmp_path / "out" / "movement.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 4 * 3 * 8
    said = json.loads((tmp_path / "out" / "analysis.json").read_text(encoding="utf-8"))
    assert said["advice"][0]["sentence"] == found.advice[0].problem.sentence
    drawn = {path.stem for path in (tmp_path / "out" / "figures").glob("*.svg")}
    assert drawn == {path.stem for path in (tmp_path / "out" / "figures").glob("*.png")}
    assert drawn == {
        "movement-rsim", "movement-cka", "reuse", "pairs", "filter-change",
        *(f"{kind}-{n}" for kind in ("filters", "maps", "layers") for n in (0, 1)),
    }  # fmt: skip


def test_an_analysis_of_nothing_draws_nothing():
    assert draw_figures(Analysis()) == {}


def test_no_text_of_a_figure_lies_outside_of_it(found):
    with style():
        for name, figure in draw_figures(found).items():
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            width, height = canvas.get_width_height()
            for text in figure.findobj(Text):
                box = text.get_window_extent(canvas.get_renderer())
                inside = box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1
                assert inside or not text.get_text() or not text.get_visible(), (name, text.get_text())
