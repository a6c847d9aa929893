"""Running a job from the command line: in this process, with a bar, stopped by a signal, its result printed at the end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.cli.flags import job_folder
from TransferSegLib.cli.printing import CANCELLED, say
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.cli.signals import how_to_stop_at_once, on_stop_signals
from TransferSegLib.cli.table import print_result
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import is_about_input, warns_of_input
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.jobs.status import job_status
from TransferSegLib.sources.folder import SourceFolder

if TYPE_CHECKING:
    from TransferSegLib.jobs.context import JobContext


def start(arguments: argparse.Namespace, spec: JobSpec, source: SourceFolder | None = None) -> int:
    """Make the job's folder and run the job, or with `--dry-run` print its plans.

    Args:
        arguments: What `add_job_flags` read.
        spec: The job.
        source: The source model, where it has been found already.

    Returns:
        The exit code.

    Raises:
        InputError: The job cannot be planned, or its input is wrong; no folder is left then.
        JobError: The job failed.
    """
    from TransferSegLib.jobs.context import JobContext

    if getattr(arguments, "dry_run", False):
        return print_plans(JobContext.read(spec, source), arguments.json)
    folder = job_folder(arguments)
    _must_hold_no_job(folder, spec)
    context = JobContext.read(spec, source)
    context.check_plans()
    job = JobFolder.create(folder, spec)
    try:
        return run(job.path, arguments.json, context)
    except InputError:
        job.discard_unbegun()
        raise


def _must_hold_no_job(folder: Path, spec: JobSpec) -> None:
    """Refuse the folder of a job that is finished or runs, before anything is read that takes a while.

    Raises:
        InputError: It is one. What else is there is for `JobFolder.create` to say.
    """
    job, state = JobFolder(folder), None
    if job.job_json.is_file():
        with contextlib.suppress(InputError):
            state = job_status(job.path).state
    if state == "done":
        raise InputError(
            "job-folder-finished",
            "{path}: the job there is finished, and `{command}` shows it; choose another folder for a new "
            "one{adapts:?, and give `{parent}` with it to go on from the finished one|}.",
            path=job.path,
            command=f"transferseg run {shlex.quote(str(job.path))}",
            adapts=spec.kind != "pretrain",
            parent=f"--parent {shlex.quote(str(job.path))}",
        )
    if state == "running":
        raise InputError(
            "job-folder-running",
            "{path}: the job there is running; follow it by `{command}`, and choose another folder for a new one.",
            path=job.path,
            command=f"transferseg status {shlex.quote(str(job.path))}",
        )


def run(folder: Path, as_json: bool, context: JobContext | None = None) -> int:
    """Run a job to its end and print its result; a job that is done is only shown.

    Args:
        folder: The job's folder.
        as_json: Whether the result is printed as JSON.
        context: What the job adapts to what, where it has been read already.

    Returns:
        The exit code: 0, or 1 where the job warned of what it was given, see `warns_of_input`.
    """
    job = JobFolder(folder)
    if job_status(folder).state == "done":
        print_result(job, as_json)
        return int(warns_of_input(job))
    if job.is_locked():
        with job.lock():  # says who runs it, before anything that takes a while
            pass
    from TransferSegLib.jobs.worker import run_job

    printer = ProgressPrinter()
    try:
        with stop_on_interrupt(job):
            run_job(job.path, printer, context)
    except JobError as error:
        if str(job.log) in error.problem.fields.values():
            raise
        raise JobError("job-failed-with-log", "{reason}. Its log: {log}", reason=error, log=job.log) from error
    finally:
        printer.close()
    print_result(job, as_json)
    return int(warns_of_input(job))


def print_plans(context: JobContext, as_json: bool) -> int:
    """Print what each strategy would train and what the checks find, without training.

    Args:
        context: The job's cases and source model.
        as_json: Whether the plans are printed as JSON.

    Returns:
        The exit code: 0, or 1 where the checks warn of what the job is given.

    Raises:
        InputError: The job would be refused.
    """
    from TransferSegLib.jobs.checking import check_job
    from TransferSegLib.jobs.dry_run import describe_plans, recipe_tables, rounds_text
    from TransferSegLib.jobs.estimate import estimate

    context.check_plans()
    found = check_job(context)
    short: Problem | None = None
    plans: Sequence[Mapping[str, Any]]
    if context.spec.recommends and context.spec.training.minutes is not None:  # they may be too few to compare anything
        made = estimate(context)
        plans, short = made.plans, made.problem if made.short_s is not None else None
    else:
        plans = describe_plans(context)
    if as_json:
        print(json.dumps(plans, ensure_ascii=False, indent=2))
        if short is not None:
            say(short.sentence)
    else:
        rounds = rounds_text(context) if short is None else short.sentence
        print("\n\n".join(part for part in (rounds, *(plan["text"] for plan in plans), recipe_tables(plans)) if part))
    printer = ProgressPrinter()
    for finding in found:
        printer({"kind": "finding", **finding.to_json()})
    printer.close()
    return int(is_about_input(found))


def print_estimate(folder: Path, as_json: bool) -> int:
    """Print what a job would train and about how long that takes.

    Args:
        folder: The job's folder.
        as_json: Whether to print it as JSON, with the plans, in place of a sentence.

    Returns:
        The exit code.
    """
    from TransferSegLib.jobs.context import JobContext
    from TransferSegLib.jobs.estimate import estimate

    found = estimate(JobContext.read(JobFolder(folder).read_spec()))
    print(json.dumps(found.to_json(), ensure_ascii=False, indent=2) if as_json else found.problem.sentence)
    return 0


@contextlib.contextmanager
def stop_on_interrupt(job: JobFolder) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM ask the job to stop and keep what it has, and the second one end the program at once.

    A job that this process does not run (yet) is not asked to stop: the signal ends the program.
    """
    asked = False

    def interrupted(number: int) -> None:
        nonlocal asked
        if not job.is_run_here():
            raise KeyboardInterrupt
        # `launch.stop` sends SIGTERM to a worker that did not follow its request.
        if asked or (number == signal.SIGTERM and job.cancel_requested()):
            job.clear_cancel()
            os._exit(CANCELLED)
        asked = True
        job.request_cancel()
        say(how_to_stop_at_once(number))

    with on_stop_signals(interrupted):
        yield
