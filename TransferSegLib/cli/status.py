"""`transferseg status`: print the state of a job."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.progress import progress_line
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.source_offer import told_after_verdict, told_of_job
from TransferSegLib.jobs.status import job_status

EXAMPLES = """\
examples:
  transferseg status job
  transferseg status job --json
"""
# The codes of the sentences that begin with the state; before others it is printed.
NAMES_STATE = frozenset(
    ("job-running", "job-done", "job-failed", "job-cancelled", "cancelled", "cancelled-before-training")
)


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `status`."""
    parser = commands.add_parser(
        "status",
        help="print the state of a job",
        description="Print the state of a job: waiting, running, done, failed, cancelled or interrupted.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.add_argument("--json", action="store_true", help="print the state as JSON")
    parser.set_defaults(run=status)


def status(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    found = job_status(arguments.job)
    if arguments.json:
        print(json_text(found, indent=2))
        return 0
    says_state = found.problem.code in NAMES_STATE
    print(found.message[:1].upper() + found.message[1:] if says_state else f"{found.state}: {found.message}")
    if found.state != "waiting":
        print(progress_line(found.fraction, found.seconds_left, found.phase))
    for problem in told_of_job(JobFolder(arguments.job), found.below_source):
        print(problem.sentence)
    if found.verdict:
        print(found.verdict)
        for problem in told_after_verdict(JobFolder(arguments.job), found.below_source):
            print(problem.sentence)
    return 0
