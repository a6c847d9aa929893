"""The command `transferseg`. Each command is a module here with `add_parser`; adding a file adds a command."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import itertools
import os
import pkgutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, cast

from TransferSegLib import __version__
from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.core.texts import one_line, visible

if TYPE_CHECKING:
    from TransferSegLib.core.card import ModelCard

UNEXPECTED = 3
CANCELLED = 4

EXAMPLES = """\
examples:
  transferseg demo                                      everything at once, on made-up heads
  transferseg sources list                              the models one can start from
  transferseg cases check my-cases --source head-t1w    is my data set fit for it?
  transferseg compare --source head-t1w --target my-cases \\
      --strategies direct,conservative:layers=6,open --folds 4 --out job
  transferseg segment --model job --images new-scans --out segmentations

exit codes: 0 done, 1 finished with warnings, 2 wrong input or command, 3 the job failed, 4 cancelled
"""


class Parser(argparse.ArgumentParser):
    """argparse, with its errors as our one sentence; an option that there is not is named, and the one that is near."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **named})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._subparsers is None:  # else what follows is a command's
            for word in itertools.takewhile(lambda word: word != "--", args or ()):
                name = word.partition("=")[0]
                if name.startswith("--") and name not in self._option_string_actions:
                    near = difflib.get_close_matches(name, self._option_string_actions, n=1)
                    self.error(f"{name}: no such option{f', {near[0]} is near' if near else ''}")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what a person did wrong is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    arguments = argparse.Namespace()
    try:
        _parser().parse_args(argv, arguments)
        with contextlib.redirect_stdout(cast(TextIO, _Visible(sys.stdout))):
            code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except TransferSegError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say("cancelled.")
        return CANCELLED
    except BrokenPipeError:  # The reader (head, less) has enough; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        where = _write_traceback(getattr(arguments, "job", None))
        say(f"unexpected error ({type(error).__name__}: {' '.join(str(error).split())}); the traceback is in {where}.")
        return UNEXPECTED


def say_if_stopped(card: ModelCard) -> None:
    """A sentence on stderr where a model is of a job that was stopped: it may be little more than what it began with."""
    if not card.finished:
        say(
            f"the model `{card.name}` is of a job that was stopped before its end; `transferseg resume JOB` finishes it."
        )


def say(sentence: str) -> None:
    """A sentence on stderr, with the program's name before it."""
    print(f"transferseg: {one_line(sentence)}", file=sys.stderr, flush=True)


class _Visible:
    """A stream that shows what would move the cursor of a terminal, whoever wrote it, and passes on all else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(visible(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _parser() -> Parser:
    parser = Parser(
        prog="transferseg",
        description="Adapt a pretrained segmentation model to your own scans, and see whether it got better.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"transferseg {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        command = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(command, "add_parser"):
            command.add_parser(commands)
    return parser


def _write_traceback(job: Path | None) -> Path:
    """Into the job's log where there is one, else a file of its own."""
    text = f"{time.strftime('%Y-%m-%d %H:%M:%S')} TransferSeg {__version__}: {' '.join(sys.argv)}\n"
    text += traceback.format_exc()
    if job is not None:
        log = Path(job) / "worker.log"
        with contextlib.suppress(OSError), open(log, "a", encoding="utf-8") as file:
            file.write(text)
            return log
    descriptor, name = tempfile.mkstemp(prefix="transferseg-", suffix=".log")
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)
