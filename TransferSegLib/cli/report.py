"""`transferseg report`: write a job's report again."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.errors import JobError
from TransferSegLib.jobs.folder import JobFolder

EXAMPLES = """\
examples:
  transferseg report job            writes job/report.html again and prints its path
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "report",
        help="write a job's report.html again",
        description="Write report.html again from what is in the job's folder, and print its path.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.set_defaults(run=report)


def report(arguments: argparse.Namespace) -> int:
    job = JobFolder(arguments.job)
    job.read_spec()
    from TransferSegLib.jobs.reporting import write_job_report

    try:
        write_job_report(job.path)
    except OSError as error:
        raise JobError(
            f"{job.report}: cannot be written ({error.strerror}); make the folder writable or make room in it,"
            " then run this again."
        ) from None
    print(job.report)
    return 0
