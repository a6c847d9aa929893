"""Every fault here was met by somebody: each file of tests names their public report, or says that there is none.

No public report found: this is about the tests themselves.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
REPORT = re.compile(r"\b[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+#[0-9]+\b|\bNo public report found\b")


def docstrings(file: Path) -> str:
    """What a file of tests and its tests say of themselves."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = [tree, *(node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef)))]
    return "\n".join(ast.get_docstring(node) or "" for node in said)


@pytest.mark.parametrize("file", [str(path.relative_to(FOLDER)) for path in sorted(FOLDER.rglob("test_*.py"))])
def test_each_file_names_a_public_report_or_says_that_there_is_none(file: str) -> None:
    assert REPORT.search(docstrings(FOLDER / file)), f"{file}: name a report as owner/repo#number in a docstring"


def test_the_panel_s_tests_are_among_them() -> None:
    assert any(FOLDER.joinpath("panel").glob("test_*.py"))
