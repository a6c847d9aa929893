"""The application, and the sample module of these tests, loaded and unloaded for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
import SlicerRuntime

SAMPLE = Path(__file__).parent / "sample" / "RuntimeSample.py"


@pytest.fixture
def slicer():
    slicer = SlicerRuntime.start()
    SlicerRuntime.clear_scene()
    SlicerRuntime.take_errors()
    yield slicer
    assert SlicerRuntime.take_errors() == []


@pytest.fixture
def sample(slicer):
    yield SlicerRuntime.load_module(SAMPLE)
    SlicerRuntime.unload_module("RuntimeSample")


@pytest.fixture
def volume(slicer):
    import numpy as np

    return slicer.util.addVolumeFromArray(np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6), name="volume")
