"""What the commands print on stderr beside their results, and the exit codes that have no error of their own."""

from __future__ import annotations

import contextlib
import json
import os
import sys

from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import one_line, visible
from TransferSegLib.sources.folder import SourceFolder

UNEXPECTED = 3
CANCELLED = 4
# Where this environment variable is `json`, the problem that ends a command follows its sentence on stderr, as one line.
PROBLEMS_VARIABLE = "TRANSFERSEG_PROBLEMS"


def say(sentence: str) -> None:
    """Print a sentence on stderr, with the program's name before it."""
    _print(f"transferseg: {one_line(sentence)}")


def say_problem(problem: Problem) -> None:
    """Print the problem that ends a command: its sentence, then for programs that ask for it the problem as JSON."""
    say(problem.sentence)
    if os.environ.get(PROBLEMS_VARIABLE) == "json":
        _print(visible(json.dumps(problem.to_json(), ensure_ascii=False)))


def _print(line: str) -> None:
    with contextlib.suppress(OSError):  # A log on a full disk must not hide the exit code.
        print(line, file=sys.stderr, flush=True)


def say_of_model(model: SourceFolder) -> None:
    """Warn on stderr of a model that may be worse than its source model, and say how to use that one."""
    from TransferSegLib.jobs.source_offer import told_of_model

    for problem in told_of_model(model):
        say(f"warning: {problem.sentence}" if problem.severity == "warning" else problem.sentence)
