"""`transferseg cancel`: stop a job that runs."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import stop
from TransferSegLib.jobs.status import job_status

# A worker stops within 5 s of the request, unless it is writing; it keeps the model that it has.
WAIT_S = 10.0

EXAMPLES = """\
examples:
  transferseg cancel job            ask it to stop; the model trained so far is kept
  transferseg cancel job --force    also end it if it has not stopped after 10 s
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `cancel`."""
    parser = commands.add_parser(
        "cancel",
        help="stop a running job, so that it can be resumed",
        description="Ask a job that runs to stop, and wait up to 10 s for it. The model trained so far is kept.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--force", action="store_true", help="end the job if it has not stopped by then")
    parser.set_defaults(run=cancel)


def cancel(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    job = JobFolder(arguments.job)
    state = job_status(job.path).state
    if state != "running":
        print(f"{job.path} is not running ({state}).")
        return 0
    if arguments.force:
        stop(job.path, WAIT_S)
    else:
        job.request_cancel()
        until = time.monotonic() + WAIT_S
        while job.is_locked() and time.monotonic() < until:
            time.sleep(0.1)
    if job.is_locked():
        print(f"{job.path}: was asked to stop and is still finishing; see `transferseg status`, or use --force.")
    else:
        print(f"{job.path}: stopped; to go on with it, run `{resume_command(job.path)}`.")
    return 0
