"""`transferseg run`: run a job in this process."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.running import print_estimate, run

EXAMPLES = """\
examples:
  transferseg run job
  transferseg run job --json > result.json
  transferseg run job --dry-run            what it would train, and about how long that takes here

To go on with a job that was stopped or killed, use `transferseg resume job`.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `run`."""
    parser = commands.add_parser(
        "run",
        help="run a job whose job.json is written already",
        description="Run the job in a folder. Its progress goes to stderr, its result to stdout.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print what would be trained and about how long it takes, without training",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return print_estimate(arguments.job, arguments.json) if arguments.dry_run else run(arguments.job, arguments.json)
