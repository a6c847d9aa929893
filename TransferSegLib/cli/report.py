"""`transferseg report`: write a job's report anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status

EXAMPLES = """\
examples:
  transferseg report job            writes job/report.html anew and prints its path
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `report`."""
    parser = commands.add_parser(
        "report",
        help="write a job's report.html anew",
        description=(
            "Write report.html anew from the job's folder, and print its path. The data set and the source model must still\n"
            "be where they were, for the pictures and the table of labels."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", type=Path, metavar="JOB", help="the job's folder")
    parser.set_defaults(run=report)


def report(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    job = JobFolder(arguments.job)
    spec = job.read_spec()
    from TransferSegLib.jobs.reporting import write_job_report

    try:
        write_job_report(job.path)
    except InputError:
        if job.load_result("report") is None and job_status(job.path).resumable:
            raise InputError(
                "job-without-results",
                "{path}: has no results yet, and nothing works on it; `{command}` goes on with it.",
                path=job.path,
                command=resume_command(job.path),
            ) from None
        gone = [path for path in (spec.target, spec.source) if path is not None and not Path(path).exists()]
        if gone:
            raise InputError(
                "report-input-gone",
                "{path}: is not there any more, and the report shows what is in it; put it back, then run this again "
                "({report} is as it was).",
                path=gone[0],
                report=job.report.name,
            ) from None
        raise
    except OSError as error:
        raise JobError(
            "report-not-written",
            "{path}: cannot be written ({reason}); make the folder writable or make room in it, then run this again.",
            path=job.report,
            reason=error.strerror,
        ) from None
    print(job.report)
    return 0
