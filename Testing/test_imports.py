"""Who may import whom, and what must be quick to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
LIBRARY = REPOSITORY / "TransferSegLib"
# A room imports from itself and from the rooms before it, one place a room.
ROOMS = (
    "core",
    "cases",
    "networks",
    "sources",
    "transfer",
    "inference",
    "training",
    "evaluation",
    "jobs",
    "loop",
    "studies",
    "cli",
)
HEAVY = ("torch", "monai", "matplotlib", "nibabel", "pydicom")


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


FILES = sorted(path for path in LIBRARY.rglob("*.py") if path.parent != LIBRARY)


def module_name(path: Path, root: Path = REPOSITORY) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported_files(path: Path, known: set[str]) -> set[str]:
    """The files among the known ones that a file imports, wherever in it: at once, lazily, for types, or by their names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found |= {inner if inner in known else node.module} & known
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            found |= {node.value} & known  # a registry loads it when it is asked for
        elif isinstance(node, ast.Call) and "import_module(f'{__name__}." in ast.unparse(node):
            # The files beside it, whose names alone are listed.
            beside = module_name(path, REPOSITORY if path.is_relative_to(LIBRARY) else REPOSITORY / "TransferSeg") + "."
            found |= {name for name in known if name.startswith(beside) and "." not in name.removeprefix(beside)}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_point_one_way(path):
    mine = path.relative_to(LIBRARY).parts[0]
    for module in {name for name, _ in imported(path)} | imported_files(path, set(map(module_name, FILES))):
        top, *rest = module.split(".")
        if top == "TransferSegLib" and rest and rest[0] != mine:
            assert ROOMS.index(rest[0]) < ROOMS.index(mine), f"{mine} imports {module}"


def test_a_file_that_is_imported_by_its_name_alone_counts(tmp_path):
    file = tmp_path / "registry.py"
    file.write_text(
        'NAMES = {"a": ("somewhere.a", "A"), "b": "elsewhere"}\ndef load():\n    return import_module(NAMES["a"][0])\n',
        encoding="utf-8",
    )
    assert imported_files(file, {"somewhere.a", "somewhere.b", "a"}) == {"somewhere.a"}


def test_every_room_has_its_place():
    parts = {path.stem for path in LIBRARY.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert parts - {"__init__", "__main__", "__pycache__", "resources"} == set(ROOMS)


@pytest.mark.parametrize("root", [REPOSITORY, REPOSITORY / "TransferSeg"], ids=["library", "module"])
def test_no_two_files_import_each_other_in_a_circle(root):
    folder = LIBRARY if root == REPOSITORY else root
    paths = {module_name(path, root): path for path in folder.rglob("*.py")}
    imports = {name: imported_files(path, set(paths)) - {name} for name, path in paths.items()}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a circle: {' -> '.join([*trail[trail.index(name) :], name])}"
        if name not in done:
            for other in sorted(imports[name]):
                walk(other, (*trail, name))
            done.add(name)

    for name in sorted(paths):
        walk(name, ())


def test_the_library_knows_nothing_of_slicer():
    for path in LIBRARY.rglob("*.py"):
        for module, _ in imported(path):
            assert module.split(".")[0] not in ("slicer", "qt", "ctk", "vtk", "TransferSeg"), f"{path}: {module}"


def test_the_slicer_module_imports_no_torch():
    for path in (REPOSITORY / "TransferSeg").rglob("*.py"):
        for module, _ in imported(path):
            assert module.split(".")[0] not in ("torch", "monai"), f"{path}: {module}"


# What must answer at once, and where nothing is installed; beside them, all that the Slicer module imports.
LIGHT = (
    *(module_name(path) for path in FILES if path.relative_to(LIBRARY).parts[0] in ("core", "cases")),
    "TransferSegLib.cli",
    "TransferSegLib.sources.catalogue",
    "TransferSegLib.transfer.checks",
    "TransferSegLib.transfer.strategies",
    "TransferSegLib.training.options",
    "TransferSegLib.evaluation.metrics",
    "TransferSegLib.evaluation.scores",
    "TransferSegLib.evaluation.summary",
    "TransferSegLib.jobs.launch",
    "TransferSegLib.jobs.results",
    "TransferSegLib.jobs.spec",
    "TransferSegLib.jobs.status",
    "TransferSegLib.studies.folder",
    "TransferSegLib.studies.grid",
    "TransferSegLib.studies.paper",
    "TransferSegLib.studies.papers",
    "TransferSegLib.studies.results",
)


def test_what_a_bare_python_needs_loads_nothing_heavy():
    known = {module_name(path) for path in LIBRARY.rglob("*.py")}
    panel = set().union(*(imported_files(path, known) for path in (REPOSITORY / "TransferSeg").rglob("*.py")))
    assert len(panel) > 10
    script = f"""import importlib, sys
for module in {sorted({*LIGHT, *panel})}:
    importlib.import_module(module)
    heavy = [name for name in {HEAVY} if name in sys.modules]
    assert not heavy, f"{{module}} loads {{heavy}}"
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stderr


def test_the_command_line_starts_without_anything_heavy():
    script = "import sys\nfrom TransferSegLib.cli import main\ncode = main(['run', 'nothing'])\n"
    script += f"print(code, *[name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.stdout.strip() == "2", run.stderr
