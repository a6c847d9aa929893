"""`transferseg run`: the worker of a job, in this process."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.running import print_estimate, run

EXAMPLES = """\
examples:
  transferseg run job
  transferseg run job --json > result.json
  transferseg run job --dry-run            what it would train, and about how long that takes here

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
    parser.add_argument("--dry-run", action="store_true", help="measure what it would take, and stop")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return print_estimate(arguments.job, arguments.json) if arguments.dry_run else run(arguments.job, arguments.json)
