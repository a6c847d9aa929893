"""The command `transferseg`. A new command is a file here with a function `add_parser`, and its name in `_COMMANDS`."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO, cast

from TransferSegLib import __version__
from TransferSegLib.cli.openmp import let_threads_sleep
from TransferSegLib.cli.parser import Parser
from TransferSegLib.cli.printing import CANCELLED, UNEXPECTED, say, say_problem
from TransferSegLib.cli.signals import interrupt, on_stop_signals
from TransferSegLib.core.case_set import MOST_BYTES_OF_NAME
from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.core.files import FULL
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import visible
from TransferSegLib.sources.catalogue import user_folder

# In the order in which `transferseg --help` lists them.
_COMMANDS = (
    "adapt",
    "advise",
    "analyse",
    "cancel",
    "cases",
    "compare",
    "demo",
    "devices",
    "evaluate",
    "loop",
    "pretrain",
    "rank",
    "report",
    "resume",
    "run",
    "segment",
    "sources",
    "status",
    "study",
)

# The log of unexpected errors begins anew when it is larger.
LARGEST_LOG_BYTES = 1_000_000

EXAMPLES = """\
examples:
  transferseg demo                                      everything at once, on made-up heads
  transferseg sources list                              the models one can start from
  transferseg cases check my-cases --source head-t1w    is my data set fit for it?
  transferseg compare --source head-t1w --target my-cases \\
      --strategies direct,conservative:layers=6,open --folds 4 --out job
  transferseg study mecheter2023 --quick --out study    a paper, repeated on made-up heads
  transferseg segment --model job --images new-scans --out segmentations

exit codes: 0 done, 1 some of it was left out or there is a warning, 2 refused, 3 failed while it ran, 4 cancelled
(a job ends with 1 where it warned of its cases or left a strategy out; warnings about its training are in its report)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    What a person did wrong is one sentence on stderr. Where the environment variable `TRANSFERSEG_PROBLEMS` is `json`, one
    more line follows it: the same problem as data, as `Problem.to_json` gives it.

    Args:
        argv: The command and its arguments; None for those of this process.

    Returns:
        The exit code.
    """
    let_threads_sleep()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    arguments = argparse.Namespace()
    try:
        _parser().parse_args(argv, arguments)
        # Ctrl-C is Python's own KeyboardInterrupt already.
        ended = on_stop_signals(interrupt, (signal.SIGTERM,))
        with ended, contextlib.redirect_stdout(cast(TextIO, _Visible(sys.stdout))):
            code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except TransferSegError as error:
        say_problem(error.problem)
        return error.exit_code
    except KeyboardInterrupt:
        say("cancelled.")
        return CANCELLED
    except BrokenPipeError:  # The reader (head, less) has enough.
        _discard_output()
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            try:
                sys.stdout.flush()
            except OSError:
                _discard_output()
            where = error.filename or "the output of this command"
            say_problem(
                Problem("command-disk-full", "{path}: the disk is full; free space and try again.", {"path": where})
            )
            return UNEXPECTED
        if isinstance(error, MemoryError):
            say_problem(
                Problem(
                    "command-out-of-memory",
                    "memory of this computer ran out; close other programs, then try again.",
                    {},
                )
            )
            return UNEXPECTED
        if (
            isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
        ):  # the longest name of ours is checked before
            say_problem(
                Problem(
                    "path-too-long",
                    "{path}: the name is longer than the {most} bytes that disks take; give a shorter one.",
                    {"path": error.filename, "most": MOST_BYTES_OF_NAME},
                )
            )
            return InputError.exit_code
        fields = {"kind": type(error).__name__, "text": " ".join(str(error).split())}
        log = _write_traceback(getattr(arguments, "job", None))
        if log is None:
            say_problem(Problem("command-broke-here", "unexpected error ({kind}: {text}); its traceback:", fields))
            traceback.print_exc()
            return UNEXPECTED
        fields["log"] = str(log)
        say_problem(Problem("command-broke", "unexpected error ({kind}: {text}); the traceback is in {log}.", fields))
        return UNEXPECTED


def _discard_output() -> None:
    """Discard what stdout still holds: Python would complain of it once more at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # in a test, stdout is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    for name in _COMMANDS:
        importlib.import_module(f"{__name__}.{name}").add_parser(commands)
    return parser


def _write_traceback(job: Path | None) -> Path | None:
    """Append the traceback to the job's log where there is one, else to the person's own; return its path.

    Nothing is left in the folder for temporary files. None where no log can be written.
    """
    text = f"{time.strftime('%Y-%m-%d %H:%M:%S')} TransferSeg {__version__}: {' '.join(sys.argv)}\n"
    text += traceback.format_exc()
    if job is not None:
        log = Path(job) / "worker.log"
        with contextlib.suppress(OSError), open(log, "a", encoding="utf-8") as file:
            file.write(text)
            return log
    own = user_folder() / "errors.log"
    with contextlib.suppress(OSError):
        own.parent.mkdir(parents=True, exist_ok=True)
        grown = own.exists() and own.stat().st_size > LARGEST_LOG_BYTES
        with open(own, "w" if grown else "a", encoding="utf-8") as file:
            file.write(text)
        return own
    return None
