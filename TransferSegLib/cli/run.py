"""`transferseg run`: the worker of a job, in this process."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.running import run

EXAMPLES = """\
examples:
  transferseg run job
  transferseg run job --json > result.json

A job that was stopped or killed goes on by `transferseg resume job`.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "run",
        help="run a job that was written by another program",
        description="Run the job in a folder, with its progress on stderr and its result on stdout.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=lambda arguments: run(arguments.job, arguments.json))
