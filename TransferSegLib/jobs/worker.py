"""The worker: runs a job from its folder, leaves model, segmentations and scores there, and can go on after a kill.

The work is a list of units, each a training with the segmentations and scores that follow from it. A finished unit leaves a
result in the folder and is never done again; the unit at work leaves checkpoints.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from pathlib import Path

from TransferSegLib.core.errors import Cancelled, JobError, TransferSegError
from TransferSegLib.core.files import FULL
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import Event, EventLog
from TransferSegLib.jobs.files import explained, resume_command
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.runner import JobRunner, Outcome, use_deterministic_algorithms
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.networks.execution import pick_device


def run_job(
    folder: Path,
    listener: Callable[[Event], None] | None = None,
    context: JobContext | None = None,
    prepared: Path | None = None,
    with_report: bool = True,
) -> None:
    """Run a job to its end, or go on with it where it stopped.

    Args:
        folder: The job's folder.
        listener: Receives every event as it is written.
        context: What the job adapts to what, where the caller has read it already.
        prepared: A folder of prepared cases that several jobs share; None for the job's own, which is deleted at its end.
        with_report: Whether the report is written, which takes a second or more; it can be written later, too.

    Raises:
        InputError: The input is wrong, or another worker has the job.
        JobError: The job failed and can be resumed.
        Cancelled: The job was asked to stop. Each of the three is also the last event.
    """
    job = JobFolder(folder)
    spec = job.read_spec()
    with job.lock(), EventLog(job.events, listener) as log:
        try:
            log.write("started", title=spec.title, job=spec.kind)
            outcome = _run(job, spec, log, context, prepared, with_report)
            verdict, below = outcome.summary.verdict, outcome.summary.against_source
            said = {} if verdict.problem is None else {"problem": verdict.problem.to_json()}
            said |= {} if below is None else {"below_source": below.problem.to_json()}
            log.write("done", verdict=verdict.sentence, warnings=outcome.warnings, **said)
        except Cancelled as error:
            job.clear_cancel()
            log.tell("cancelled", error.problem)
            raise
        except TransferSegError as error:
            with contextlib.suppress(TransferSegError, OSError):  # The first sentence counts.
                log.tell("failed", error.problem)
            raise
        except Exception as error:
            with contextlib.suppress(OSError), job.log.open("a", encoding="utf-8") as file:
                file.write(traceback.format_exc())
            failure = _failure(job, error)
            with contextlib.suppress(TransferSegError, OSError):
                log.tell("failed", failure.problem)
            raise failure from error


def _failure(job: JobFolder, error: Exception) -> JobError:
    """The sentence for an error that nobody expected where it happened."""
    if isinstance(error, OSError) and error.errno in FULL:  # such as of a listener that prints to the same disk
        return explained(error, Path(error.filename or job.path), job.path)
    if isinstance(error, MemoryError):
        return JobError(
            "job-out-of-memory",
            "{path}: memory of this computer ran out; close other programs, then `{command}`.",
            path=job.path,
            command=resume_command(job.path),
        )
    return JobError(
        "unexpected-error",
        "{path}: the job failed ({kind}: {reason}); the details are in {log}, `{command}` goes on with it.",
        path=job.path,
        kind=type(error).__name__,
        reason=str(error),
        log=job.log,
        command=resume_command(job.path),
    )


def _run(
    job: JobFolder, spec: JobSpec, log: EventLog, context: JobContext | None, prepared: Path | None, with_report: bool
) -> Outcome:
    device = pick_device(spec.training.device)
    if spec.training.deterministic:
        use_deterministic_algorithms(device)
    log.phase(Problem("phase-reading", "Reading the cases", severity="note"))
    if context is None or context.spec != spec:
        context = JobContext.read(spec)
    context.check_plans()
    return JobRunner(job, context, log, device, prepared, with_report).run()
