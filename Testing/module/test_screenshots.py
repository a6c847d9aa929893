"""The panel in each of its states, drawn into build/screenshots by the script that makes the README's pictures."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "build" / "screenshots"
SIZE = (24, 24, 16)


@pytest.fixture
def script(runtime):
    spec = importlib.util.spec_from_file_location("pictures_script", REPOSITORY / "docs" / "make_module_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pixels(name: str) -> np.ndarray:
    return np.asarray(Image.open(OUT / f"{name}.png").convert("RGB"))


def size(name: str) -> np.ndarray:
    """Height and width of a picture."""
    return np.array(Image.open(OUT / f"{name}.png").size[::-1])


def test_in_every_state_everything_is_seen_and_read(panel, script, place):
    for old in OUT.glob("*.png"):
        old.unlink()
    faults = script.draw_all(panel, OUT, place, SIZE, steps=2, source="tiny")
    assert [f"{state}: {fault}" for state, found in faults.items() for fault in found] == []
    states = [
        "empty",
        "cases",
        "cases-labels",
        "cases-error",
        "advanced",
        "compare",
        "running",
        "log",
        "go-back",
        "cancelled",
        "failed",
    ]
    states += [
        "source",
        "trying",
        "strategy",
        "results",
        "case",
        "apply",
        "apply-several",
        "rounds",
        "ranking",
        "editor",
        "next",
        "channels",
        "download",
    ]
    drawn = {state: pixels(state) for state in states}
    for state, light in drawn.items():
        height_and_width = np.array(light.shape[:2])
        assert (size(f"{state}-2x") == 2 * height_and_width).all(), state
        assert abs(size(f"{state}-125") / height_and_width - 1.25).max() < 0.01, state
        assert tuple(size(f"{state}-screen")) == (script.HEIGHT, script.WIDTH)
        assert np.median(pixels(f"{state}-dark")) < 80 < 200 < np.median(light), state
    # Two states that look the same were not reached.
    assert len({light.tobytes() for light in drawn.values()}) == len(states)
    for picture in ("slice-reference", "slice-source", "slice-adapted", "slice-outlines", "3d-reference", "3d-adapted"):
        image = pixels(picture).astype(int)
        assert (image.max(-1) - image.min(-1) > 40).sum() > 200, f"{picture} shows no segment in colour"


def test_what_cannot_be_seen_or_read_is_told(runtime):
    import qt
    from SlicerRuntime import layout

    window = qt.QWidget()
    window.setObjectName("window")
    window.resize(200, 100)
    places = {
        "whole": (0, 0, 200, 20),
        "short": (0, 30, 20, 20),
        "over": (10, 35, 20, 20),
        "outside": (190, 80, 50, 10),
    }
    for name, place in places.items():
        label = qt.QLabel("text that is long" if name == "short" else "", window)
        label.setObjectName(name)
        label.setGeometry(*place)
    window.show()
    found = layout.faults(window)
    assert len(found) == 3
    assert "the text of short is cut off" in found[-1] and "short and over overlap" in "\n".join(found)
    assert "outside reaches out of window" in found[0]
