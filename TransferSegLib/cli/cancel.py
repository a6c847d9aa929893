"""`transferseg cancel`: ask a job's worker to stop."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import stop
from TransferSegLib.jobs.status import job_status

# A worker follows the request within 5 s; it then keeps the model that it has.
WAIT_S = 10.0

EXAMPLES = """\
examples:
  transferseg cancel job            ask it to stop; it keeps the best model so far
  transferseg cancel job --force    and end it if it has not stopped after 10 s
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "cancel",
        help="stop a running job in good order",
        description="Ask the worker of a job to stop in good order, and wait up to 10 s for it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--force", action="store_true", help="end a worker that does not follow")
    parser.set_defaults(run=cancel)


def cancel(arguments: argparse.Namespace) -> int:
    job = JobFolder(arguments.job)
    state = job_status(job.path).state
    if state != "running":
        print(f"{job.path}: is not running ({state}).")
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
        print(f"{job.path}: stopped; go on with it by `{resume_command(job.path)}`.")
    return 0
