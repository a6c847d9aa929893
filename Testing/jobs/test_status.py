"""How a job stands, from its files alone."""

from __future__ import annotations

import pytest
from made_events import write_training

from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.status import job_status


def write(job, *events) -> None:
    with EventLog(job.events) as log:
        for kind, fields in events:
            log.write(kind, **fields)


STARTED = ("started", {})
PROGRESS = ("progress", {"fraction": 0.25, "seconds_left": 80.0, "text": "fold 1"})
PHASE = ("phase", {"text": "Training: open, fold 1 of 4"})


def test_a_new_job_waits(job):
    status = job_status(job.path)
    assert (status.state, status.fraction, status.resumable) == ("waiting", 0, True)
    assert "transferseg resume" in status.message


def test_a_job_whose_lock_is_held_runs(job):
    with job.lock():
        write(job, STARTED, PHASE, PROGRESS)
        status = job_status(job.path)
    assert (status.state, status.phase) == ("running", "Training: open, fold 1 of 4")
    assert (status.fraction, status.seconds_left, status.resumable) == (0.25, 80.0, False)


def test_a_job_whose_worker_vanished_is_interrupted(job):
    write(job, STARTED, PROGRESS)
    status = job_status(job.path)
    assert (status.state, status.fraction, status.seconds_left) == ("interrupted", 0.25, None)
    assert status.resumable and "transferseg resume" in status.message


def test_a_job_that_was_killed_before_its_first_whole_event_is_not_said_to_have_failed(job):
    job.events.write_bytes(b'{"kind": "star')
    assert job_status(job.path).state == "waiting"


@pytest.mark.parametrize(
    ("kind", "message", "resumable"),
    [("done", "Done.", False), ("failed", "The disk is full.", True), ("cancelled", "The disk is full.", True)],
)
def test_the_last_word_counts(job, kind, message, resumable):
    write(job, STARTED, (kind, {"message": "The disk is full."}))
    status = job_status(job.path)
    assert (status.state, status.message, status.resumable) == (kind, message, resumable)


def test_a_done_job_tells_its_verdict_and_warnings(job):
    write(job, STARTED, PROGRESS, ("done", {"verdict": "`open` won.", "warnings": 2}))
    status = job_status(job.path)
    assert (status.fraction, status.verdict, status.warnings) == (1.0, "`open` won.", 2)


def test_a_resumed_job_is_not_judged_by_its_earlier_run(job):
    write(job, STARTED, ("failed", {"message": "x"}), STARTED)
    assert job_status(job.path).state == "interrupted"


def test_events_with_values_of_other_kinds_do_no_harm(job):
    write(
        job, STARTED, ("phase", {"text": 3}), ("progress", {"fraction": "x"}), ("done", {"verdict": [], "warnings": {}})
    )
    status = job_status(job.path)
    assert (status.state, status.phase, status.verdict, status.warnings) == ("done", "", None, 0)


def test_a_folder_without_a_job_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a job folder"):
        job_status(tmp_path)


def test_a_status_is_read_from_the_end_of_long_events(job):
    write(job, STARTED)
    write_training(job, 3000)
    whole = job_status(job.path)
    assert job_status(job.path, 5000) == whole and whole.state == "interrupted" and whole.fraction == 1.0
