"""`transferseg resume`: go on with a job that was stopped, killed or failed."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.running import run
from TransferSegLib.jobs.folder import JobFolder

EXAMPLES = """\
examples:
  transferseg resume job

Finished trainings are kept. An unfinished one goes on from its newest checkpoint, and ends with the same weights.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `resume`."""
    parser = commands.add_parser(
        "resume",
        help="go on with a job that was stopped, killed or failed",
        description="Go on with a job where it was cancelled, killed, or failed for a reason that no longer exists.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=resume)


def resume(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    job = JobFolder(arguments.job)
    job.read_spec()
    if not job.is_locked():
        job.clear_cancel()
    return run(job.path, arguments.json)
