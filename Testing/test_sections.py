"""What a section of the panel may touch: its own widgets, and no other section."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

MODULE = Path(__file__).resolve().parents[1] / "TransferSeg"
FILES = [MODULE / "TransferSeg.py", *sorted((MODULE / "TransferSegGui").glob("*.py"))]
SECTIONS = {path.stem for path in FILES if path.stem.endswith("_section")} | {"annotated_labels"}
# They put the sections together, and the job that is made of what all of them say.
MAKERS = {"TransferSeg", "next_job"}


def widgets(source: str) -> set[str]:
    """The widgets that a file takes from the panel by name: each X of `self.ui.X`, `module.ui.X` and `ui.X`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            found |= {node.attr} if name == "ui" else set()
    return found


def users(sources: dict[str, str]) -> dict[str, list[str]]:
    """The files that use a widget, for each widget."""
    found = defaultdict(list)
    for name, source in sorted(sources.items()):
        for widget in widgets(source):
            found[widget].append(name)
    return dict(found)


def test_each_widget_belongs_to_one_file():
    found = users({path.stem: path.read_text(encoding="utf-8") for path in FILES})
    assert len(found) > 100
    assert {widget: files for widget, files in found.items() if len(files) > 1} == {}


def test_a_widget_of_two_files_is_found_however_it_is_reached():
    sources = {
        "one": "self.ui.startButton.click()",
        "two": "def connect(self):\n    ui = self.ui\n    ui.startButton.hide(); ui.stopButton.hide()",
        "three": "lambda: self.module.ui.startButton",
    }
    assert users(sources) == {"startButton": ["one", "three", "two"], "stopButton": ["two"]}


def test_no_section_imports_another():
    for path in FILES:
        if path.stem in MAKERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                named = {(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)}
                assert not named & SECTIONS, f"{path.name} imports {named & SECTIONS}"
