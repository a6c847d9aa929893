"""Runs a scripted Slicer module, unchanged, without Slicer: real MRML and logic, real Qt, small stand-ins for the rest.

Real, from PyPI's `slicer-core`: the scene, nodes, segmentation, volumes, terminology, tables, plots, subject hierarchy,
displayable managers and `slicer.util`. Real, from PySide6: every Qt widget and the `.ui` file. Stand-ins: `qMRML*` and `ctk*`
widgets (`widgets`), PythonQt's habits (`pythonqt`), the application (`application`, `modules`, `io`, `views`), and in
`standins/` ScriptedLoadableModule, parameterNodeWrapper, i18n, packaging, SampleData and SegmentStatistics.

With `SLICER_SOURCE` naming a checkout of Slicer's sources, its own Base/Python/slicer takes the place of the first four, and
its own SegmentStatistics that of the last.

In a test:

    import SlicerRuntime

    slicer = SlicerRuntime.start()                      # once a process; later calls return the same
    widget = SlicerRuntime.load_module("TransferSeg/TransferSeg.py")    # the module's widget, set up and entered
    widget.ui.startButton.click()
    SlicerRuntime.wait_until(lambda: widget.ui.progressBar.value == 100, seconds=30)
    assert SlicerRuntime.take_errors() == []            # exceptions in slots and observers, which Slicer only prints
    SlicerRuntime.unload_module("TransferSeg")          # cleanup(), as when Slicer closes

`slicer.app.testingEnabled()` is true, so pop-ups answer themselves as in Slicer's `--testing`; set
`slicer.app._testing = False` to drive them. `PythonSlicer` is on PATH and is a launcher with a child, as Slicer's.
`SlicerRuntime.pictures` draws views, charts and panels into files. Qt runs offscreen.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TURNS_AT_LEAST = 8
_errors: list[str] = []
_started: Any = None


def uses_slicer_source() -> bool:
    """Whether Slicer's own Python files are used where they can be."""
    return bool(os.environ.get("SLICER_SOURCE"))


def start() -> Any:
    """The module `slicer`, with an application, a scene and views; made at the first call."""
    global _started
    if _started is not None:
        return _started
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from SlicerRuntime import pythonqt

    pythonqt.install()
    sys.excepthook = _excepthook

    import slicer
    import slicer.util

    _own_python(slicer)

    from SlicerRuntime import widgets

    pythonqt.QUiLoader.stand_ins = widgets.install(slicer, _add_module)

    from SlicerRuntime import application, modules

    folder = application.new_folder()
    application.put_python_slicer_on_path(folder)
    slicer.app = application.Application(folder)
    slicer.mrmlScene = slicer.app.mrmlScene()
    slicer.selfTests = {}
    modules.install(slicer.app.applicationLogic(), slicer.mrmlScene)
    slicer.app.layoutManager()
    _started = slicer
    return slicer


def load_module(path: str | os.PathLike[str]) -> Any:
    """The widget of the scripted module in this file, set up and entered, as when a person chooses it in Slicer."""
    from SlicerRuntime import modules

    start()
    parent = modules.load_scripted(Path(path).resolve()).widgetRepresentation()
    parent.enter()
    return parent.self()


def unload_module(name: str) -> None:
    """The end of a module, as when Slicer closes."""
    from SlicerRuntime import modules

    modules.unload_scripted(name)
    process_events()


def process_events(milliseconds: int = 0) -> None:
    """Let Qt work for this long, and for some turns at least: what is done in turns takes more of them on a slow computer."""
    end, turns = time.monotonic() + milliseconds / 1000, TURNS_AT_LEAST if milliseconds else 1
    while True:
        start().app.processEvents()
        turns -= 1
        if turns <= 0 and time.monotonic() >= end:
            return
        time.sleep(0.005 if time.monotonic() < end else 0)


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Let Qt work until the condition holds, and return what it gave; a `TimeoutError` when it never does.

    A turn counts for a second at most, so that a computer that was asleep, or busy with others, is not taken for a failure.
    """
    waited, last = 0.0, time.monotonic()
    while True:
        process_events()
        if found := condition():
            return found
        time.sleep(0.005)
        now = time.monotonic()
        waited, last = waited + min(now - last, 1.0), now
        if waited > seconds:
            raise TimeoutError(f"not within {seconds} s")


def take_errors() -> list[str]:
    """The exceptions since the last call that were raised in slots, timers and observers."""
    found = list(_errors)
    _errors.clear()
    return found


def clear_scene() -> None:
    """An empty scene, as File > Close Scene leaves it."""
    start().mrmlScene.Clear(0)
    process_events()


def _own_python(slicer: Any) -> None:
    """Where `slicer.i18n` and the others are found: Slicer's own files, or the stand-ins for them."""
    source = os.environ.get("SLICER_SOURCE")
    if source:
        folder = Path(source) / "Base" / "Python" / "slicer"
        if not folder.is_dir():
            raise RuntimeError(f"SLICER_SOURCE={source}: holds no Base/Python/slicer.")
        slicer.__path__.append(str(folder))
        sys.path.append(str(Path(source) / "Modules" / "Scripted" / "SegmentStatistics"))
        for kit in ("vtkSegmentationCorePython", "vtkITK"):  # PyPI's slicer-core has the classes of all kits in one
            sys.modules.setdefault(kit, slicer)
    slicer.__path__.append(str(HERE / "standins" / "slicer"))
    sys.path.append(str(HERE / "standins"))


def _add_module(name: str) -> Any:
    from types import ModuleType

    return sys.modules.setdefault(name, ModuleType(name))


def _excepthook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    _errors.append("".join(traceback.format_exception(kind, error, trace)))
    sys.__excepthook__(kind, error, trace)
