"""Each sentence that a person reads is a code and a template in the library, and one code has one template."""

from __future__ import annotations

import ast
import runpy
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LIBRARY = REPOSITORY / "TransferSegLib"
PANEL = REPOSITORY / "TransferSeg"
# These make problems of what they are given.
MAKERS = {"core/problems.py", "core/errors.py", "cases/volume_error.py"}
ROOMS = sorted(path.name for path in LIBRARY.iterdir() if path.is_dir() and list(path.glob("*.py")))


def error_classes() -> dict[str, int]:
    """The error classes of the library and `Problem`, by name: at which argument of each the template stands."""
    found = {"TransferSegError": 1, "Problem": 1}
    classes = [
        node
        for path in LIBRARY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    for _ in classes:
        for node in classes:
            if any(isinstance(base, ast.Name) and base.id in found for base in node.bases):
                found[node.name] = 1
    return {**found, "VolumeError": 2}


ERRORS = error_classes()


def literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def maker(node: ast.AST) -> Iterator[tuple[str, tuple[int, int]]]:
    """A function that hands its `code` and `template` on to a problem, and where it takes these.

    One without an underscore may be called from any file.
    """
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args]
        if {"code", "template"} <= set(names):
            yield node.name, (names.index("code"), names.index("template"))


MAKERS_EVERYWHERE = {
    name: ats
    for path in LIBRARY.rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    for name, ats in maker(node)
    if not name.startswith("_")
}


def problems_in(path: Path) -> Iterator[tuple[str, str | None, str | None]]:
    """Where a problem or an error is made in a file, with its code and its template, or None where that is not literal."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    errors = {name: (0, at) for name, at in ERRORS.items()} | MAKERS_EVERYWHERE
    errors |= {name: ats for node in nodes for name, ats in maker(node)}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors:
            given = [node.args[at] if at < len(node.args) else None for at in errors[node.func.id]]
            if [ast.unparse(one) if one else "" for one in given] != ["code", "template"]:
                code, template = (literal(one) if one else None for one in given)
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno}", code, template


def files(room: str) -> list[Path]:
    return [p for p in sorted((LIBRARY / room).rglob("*.py")) if p.relative_to(LIBRARY).as_posix() not in MAKERS]


@pytest.mark.parametrize("room", ROOMS)
def test_each_error_has_a_literal_code_and_template(room):
    offenders = [place for path in files(room) for place, code, text in problems_in(path) if None in (code, text)]
    assert not offenders, "\n".join(offenders)


def test_one_code_has_one_template():
    templates: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    # The panel acts by codes, so its own are none of the library's.
    for path in (*(path for room in ROOMS for path in files(room)), *sorted(PANEL.rglob("*.py"))):
        for place, code, text in problems_in(path):
            if code is not None and text is not None:
                templates[code][text].append(place)
    several = {code: dict(texts) for code, texts in templates.items() if len(texts) > 1}
    assert not several, "\n".join(f"{code}: {texts}" for code, texts in several.items())


def test_codes_are_words_with_hyphens():
    codes = {code for room in ROOMS for path in files(room) for _, code, _ in problems_in(path) if code is not None}
    assert codes
    assert not [code for code in codes if not code.replace("-", "").isalnum() or code != code.lower()]


def test_translators_see_each_of_them():
    script = runpy.run_path(str(REPOSITORY / "docs" / "make_translation_templates.py"))
    listed = {text for template in script["templates"]() for text in template.texts}
    written = {text for room in ROOMS for path in files(room) for _, _, text in problems_in(path) if text}
    # What follows the path of a file that cannot be read is listed with it.
    assert not {text for text in written if not {text, f"{{path}}: {text}"} & listed}
