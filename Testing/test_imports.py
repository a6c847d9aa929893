"""Who may import whom, and what must be quick to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
LIBRARY = REPOSITORY / "TransferSegLib"
# A part imports from its own row and the rows under it.
ROWS = (
    {"cli"},
    {"jobs"},
    {"strategies", "training", "inference", "evaluation"},
    {"networks", "sources", "cases"},
    {"errors", "records", "files", "steps", "texts"},
)
HEAVY = ("torch", "monai", "matplotlib", "nibabel")


def imported(path: Path) -> list[tuple[str, bool]]:
    """The modules that a file imports, and whether as soon as it is itself imported."""
    found: list[tuple[str, bool]] = []

    def walk(node: ast.AST, at_once: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: a relative import"
                found.append((child.module or "", at_once))
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            walk(child, at_once and not inside and not typing_only)

    walk(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def row(part: str) -> int:
    return next(n for n, parts in enumerate(ROWS) if part in parts)


FILES = sorted(path for path in LIBRARY.rglob("*.py") if path.parent != LIBRARY)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_point_one_way(path):
    mine = path.relative_to(LIBRARY).parts[0]
    for module, _ in imported(path):
        top, *rest = module.split(".")
        if top == "TransferSegLib" and rest and rest[0] != mine:
            assert row(rest[0]) >= row(mine), f"{mine} imports {module}"


def test_every_part_has_its_row():
    parts = {path.stem for path in LIBRARY.iterdir() if path.is_dir() or path.suffix == ".py"}
    parts -= {"__init__", "__main__", "__pycache__", "resources"}
    assert parts == set().union(*ROWS)


def test_the_library_knows_nothing_of_slicer():
    for path in LIBRARY.rglob("*.py"):
        for module, _ in imported(path):
            assert module.split(".")[0] not in ("slicer", "qt", "ctk", "vtk", "TransferSeg"), f"{path}: {module}"


def test_the_slicer_module_imports_no_torch():
    for path in (REPOSITORY / "TransferSeg").rglob("*.py"):
        for module, _ in imported(path):
            assert module.split(".")[0] not in ("torch", "monai"), f"{path}: {module}"


@pytest.mark.parametrize(
    "module",
    [
        "TransferSegLib.cli",
        "TransferSegLib.cases.readers",
        "TransferSegLib.cases.checks",
        "TransferSegLib.sources.catalogue",
        "TransferSegLib.strategies",
        "TransferSegLib.jobs.launch",
        "TransferSegLib.jobs.status",
        "TransferSegLib.evaluation.metrics",
        "TransferSegLib.evaluation.summary",
    ],
)
def test_what_a_bare_python_needs_loads_nothing_heavy(module):
    script = f"import sys, {module}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


def test_the_command_line_starts_without_anything_heavy():
    script = "import sys\nfrom TransferSegLib.cli import main\ncode = main(['run', 'nothing'])\n"
    script += f"print(code, *[name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.stdout.strip() == "2", run.stderr
