"""The layout of one's own comes back with a saved scene in the next Slicer, where nobody has opened the module yet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="slicer-core and PySide6 are not installed (pip install -e .[slicer])")
pytest.importorskip("PySide6", reason="slicer-core and PySide6 are not installed (pip install -e .[slicer])")

TESTING = Path(__file__).resolve().parents[1]
PROGRAM = """
import json, sys
sys.path[:0] = [{testing!r}, {module!r}]
import SlicerRuntime
from SlicerRuntime import modules
slicer = SlicerRuntime.start()
modules.load_scripted(__import__("pathlib").Path({module!r}, "TransferSeg.py"))
slicer.app.startupCompleted.emit()
from TransferSegGui.showing import LAYOUT_ID
manager, scene = slicer.app.layoutManager(), {scene!r}
if sys.argv[1] == "save":
    manager.setLayout(LAYOUT_ID)
    assert slicer.util.saveScene(scene)
else:
    slicer.util.loadScene(scene)
    SlicerRuntime.process_events(50)
views = manager.layoutLogic().GetViewNodes()
tags = [views.GetItemAsObject(n).GetSingletonTag() for n in range(views.GetNumberOfItems())]
print(json.dumps([manager.layout == LAYOUT_ID, sorted(tags)]))
"""


def test_a_scene_saved_side_by_side_shows_its_views_in_the_next_slicer(tmp_path):
    program = tmp_path / "program.py"
    module, scene = TESTING.parent / "TransferSeg", tmp_path / "scene.mrb"
    program.write_text(PROGRAM.format(testing=str(TESTING), module=str(module), scene=str(scene)), encoding="utf-8")
    for what in ("save", "load"):
        ran = subprocess.run([sys.executable, str(program), what], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert "Can't find layout" not in ran.stdout + ran.stderr
        in_use, tags = json.loads(ran.stdout.splitlines()[-1])
        assert in_use and tags == [f"TransferSeg{n}" for n in (1, 1, 2, 2, 3, 3)]
