"""Write TransferSegGui/library_texts.py: the library's texts that the panel shows, for Slicer's translation tools.

Those tools (Qt's lupdate) look for calls of `translate` and `_` in the module's files. The library knows no Slicer, so its
templates, titles and help texts are listed in a file of their own, which the panel never imports. Templates of problems and
errors that the module itself makes are listed there, too: the panel translates all problems in one place.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
LIBRARY = REPOSITORY / "TransferSegLib"
MODULE = REPOSITORY / "TransferSeg"
FILE = REPOSITORY / "TransferSeg" / "TransferSegGui" / "library_texts.py"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Files of commands that the panel does not run: what they say stays English.
NOT_IN_THE_PANEL = tuple(
    f"TransferSegLib/{path}"
    for path in (
        "cases/dicom_segmentation.py",
        "cases/elastix.py",
        "cases/from_other/",
        "cases/registration",
        "cases/selection/",
        "cli/analyse.py",
        "cli/cases_from.py",
        "cli/demo.py",
        "cli/evaluate.py",
        "cli/report.py",
        "cli/select_cases.py",
        "cli/study.py",
        "evaluation/representation/",
        "evaluation/segment_statistics.py",
        "studies/",
    )
)
# Arguments of problems and errors that are templates, beside the second one.
TEMPLATES = ("template", "advice_template", "advice")
# Calls with such a name make a problem or an error, whatever their template looks like.
MAKERS = ("Problem", "Error", "Cancelled", "clause")
HEAD = '''"""The library's texts that the panel shows, for Slicer's translation tools; `words.library_text` translates them.

Written by docs/make_translation_templates.py, and imported by nothing.
"""

from slicer.i18n import translate


def texts() -> tuple[str, ...]:
    """All texts, in the person's language."""
    return (
'''


@dataclass(frozen=True)
class Template:
    """A problem or an error as the library writes it.

    Attributes:
        code: Its code.
        texts: Its template, and that of its advice where it has one.
        where: The file and the line.
    """

    code: str
    texts: tuple[str, ...]
    where: str


def templates() -> list[Template]:
    """The problems and errors of the library and the module, in the order of their files."""
    found = []
    for path in [*sorted(LIBRARY.rglob("*.py")), *sorted(MODULE.rglob("*.py"))]:
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        calls.sort(key=lambda call: (call.lineno, call.col_offset))
        found += [template for template in (_template(call, path) for call in calls) if template is not None]
    return found


def declared() -> Iterator[str]:
    """The titles of metrics; titles and help texts of strategies, of their options, of training settings and of lesions."""
    sys.path.insert(0, str(REPOSITORY))
    from TransferSegLib.core.declarations import declared_options
    from TransferSegLib.evaluation.lesions.options import LesionOptions
    from TransferSegLib.evaluation.metrics import METRICS
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.recommended import TITLE, WHEN
    from TransferSegLib.transfer.strategies import STRATEGIES

    yield from (TITLE, WHEN)
    yield from (metric.title for metric in METRICS.values())
    options = [*declared_options(TrainingOptions), *declared_options(LesionOptions)]
    for strategy in STRATEGIES.values():
        yield from (strategy.title, strategy.when)
        options += strategy.options
    for option in options:
        yield from (option.title, option.help, option.unit, option.zero, *option.choices.values())


def file_text() -> str:
    """The file as it should be."""
    shown = [template for template in templates() if not template.where.startswith(NOT_IN_THE_PANEL)]
    texts = [text for template in shown for text in template.texts]
    unique = dict.fromkeys(text for text in (*texts, *declared()) if re.search(r"[^\W\d_]", re.sub(r"{\w*}", "", text)))
    return (
        HEAD + "".join(f'        translate("TransferSeg.library", {_literal(text)}),\n' for text in unique) + "    )\n"
    )


def _template(call: ast.Call, path: Path) -> Template | None:
    """The template that a call makes: `InputError("code", "template")`, `Problem("code", "template")` and the like."""
    values = [node.value if isinstance(node, ast.Constant) else None for node in call.args]
    function = ast.unparse(call.func)
    makes_one = function.endswith(MAKERS)
    if function.endswith("VolumeError"):  # its path comes second, and its template follows the path and a colon
        values = [values[0], *(f"{{path}}: {text}" if text else None for text in values[2:3]), *values[3:]]
    for n, (code, text) in enumerate(itertools.pairwise(values)):
        if not (isinstance(code, str) and CODE.fullmatch(code) and isinstance(text, str)):
            continue
        if makes_one or ("-" in code and _is_template(text)):
            advice = [value for value in values[n + 2 :] if isinstance(value, str) and _is_template(value)]
            named = [k.value.value for k in call.keywords if k.arg in TEMPLATES and isinstance(k.value, ast.Constant)]
            where = f"{path.relative_to(REPOSITORY)}:{call.lineno}"
            return Template(code, (text, *advice, *(str(value) for value in named if value)), where)
    return None


def _is_template(text: str) -> bool:
    return bool(re.search(r"\s|{", text))


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    FILE.write_text(file_text(), encoding="utf-8")
