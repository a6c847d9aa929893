"""A progress bar that begins again at 0 after Resume, as if all that was trained were lost (hiyouga/EasyR1#319)."""

from __future__ import annotations

from typing import Any

import pytest

from TransferSegLib.core.errors import Cancelled
from TransferSegLib.jobs import folder
from TransferSegLib.jobs.events import EventLog, read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture
def spec(tiny_source, phantoms) -> JobSpec:
    return JobSpec(
        2,
        "adapt",
        str(phantoms("t2w", 2)),
        (StrategyChoice("open"),),
        keep="open",
        source=str(tiny_source),
        folds=0,
        training=TrainingOptions(steps=20, deterministic=True),
    )


def fractions(job: JobFolder) -> list[float]:
    return [event["fraction"] for event in read_events(job.events)[0] if event["kind"] == "progress"]


def test_a_job_that_was_cancelled_goes_on_from_the_fraction_that_it_had(tmp_path, spec, monkeypatch):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    job = JobFolder.create(tmp_path / "job", spec)

    def cancel(event: dict[str, Any]) -> None:
        if event["kind"] == "progress" and event["fraction"] > 0.3:
            job.request_cancel()

    with pytest.raises(Cancelled):
        run_job(job.path, cancel)
    before = job_status(job.path).fraction
    assert 0.3 < before < 1
    count = len(fractions(job))
    run_job(job.path)
    after = fractions(job)[count:]
    assert after[0] >= before and after == sorted(after) and after[-1] == 1


def test_what_was_said_after_the_last_checkpoint_is_done_again_and_not_counted(tmp_path, spec):
    from TransferSegLib.jobs.events import kept_fraction

    job = JobFolder.create(tmp_path / "job", spec)
    lines = [(10.0, 0.1), (20.0, 0.42), (30.0, 0.6)]
    job.events.write_text("".join(f'{{"kind": "progress", "time": {t}, "fraction": {f}}}\n' for t, f in lines))
    assert [kept_fraction(job.events, when) for when in (5.0, 25.0, 40.0)] == [0.0, 0.42, 0.6]


def test_a_job_that_reads_its_cases_again_stands_where_it_stood(tmp_path, spec):
    job = JobFolder.create(tmp_path / "job", spec)
    with job.lock(), EventLog(job.events) as log:
        log.write("started", title="", job="adapt")
        log.write("progress", fraction=0.42, seconds_left=60.0)
        log.write("cancelled", message="Cancelled.")
        log.write("started", title="", job="adapt")
        status = job_status(job.path)
    assert (status.state, status.fraction, status.seconds_left) == ("running", 0.42, None)
