"""`transferseg report`: write a job's report again."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status

EXAMPLES = """\
examples:
  transferseg report job            writes job/report.html again and prints its path
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "report",
        help="write a job's report.html again",
        description=(
            "Write report.html again from the job's folder and print its path; the data set and the source model must lie\n"
            "where they lay, for the pictures and the table of labels."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.set_defaults(run=report)


def report(arguments: argparse.Namespace) -> int:
    job = JobFolder(arguments.job)
    spec = job.read_spec()
    from TransferSegLib.jobs.reporting import write_job_report

    try:
        write_job_report(job.path)
    except InputError:
        if job.load_result("report") is None and job_status(job.path).resumable:
            todo = f"`{resume_command(job.path)}` goes on with it"
            raise InputError(f"{job.path}: has no results yet, and nothing works on it; {todo}.") from None
        gone = [path for path in (spec.target, spec.source) if path is not None and not Path(path).exists()]
        if gone:
            raise InputError(
                f"{gone[0]}: is not there any more, and the report shows what is in it; put it back, then run this again"
                f" ({job.report.name} is as it was)."
            ) from None
        raise
    except OSError as error:
        raise JobError(
            f"{job.report}: cannot be written ({error.strerror}); make the folder writable or make room in it,"
            " then run this again."
        ) from None
    print(job.report)
    return 0
