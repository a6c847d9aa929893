"""The job folder: making it, one worker, and what survives a kill, a torn file and a full disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.jobs import folder
from TransferSegLib.jobs.folder import JobFolder

REPOSITORY = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from TransferSegLib.jobs.folder import JobFolder
with JobFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(job):
    """Another process that runs the job."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(job.path)], cwd=REPOSITORY, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def refuse_to_write(monkeypatch, number: int) -> None:
    def fsync(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_new_job_holds_its_specification(job, spec):
    assert job.read_spec() == spec


def test_a_job_stays_itself_where_it_is_moved_and_a_later_one_in_its_place_is_another(job, spec):
    before, elsewhere = job.identity, job.path.with_name("elsewhere")
    job.path.rename(elsewhere)
    assert JobFolder(elsewhere).identity == before
    time.sleep(0.02)
    assert JobFolder.create(job.path, spec).identity != before
    job.job_json.unlink()
    with pytest.raises(InputError, match="was the job moved"):
        _ = job.identity


def test_a_folder_that_holds_a_job_is_refused_and_resume_is_offered(job, spec):
    with pytest.raises(InputError, match="transferseg resume"):
        JobFolder.create(job.path, spec)


def test_a_folder_that_holds_something_else_is_refused(tmp_path, spec):
    (tmp_path / "thesis.doc").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        JobFolder.create(tmp_path, spec)
    with pytest.raises(InputError, match="is a file"):
        JobFolder.create(tmp_path / "thesis.doc", spec)
    with pytest.raises(InputError, match="cannot be written"):
        JobFolder.create(tmp_path / "thesis.doc" / "job", spec)


def test_an_empty_folder_becomes_a_job(tmp_path, spec):
    (tmp_path / "empty").mkdir()
    assert JobFolder.create(tmp_path / "empty", spec).job_json.is_file()


def test_a_job_that_cannot_be_made_leaves_the_folder_to_be_used_again(tmp_path, spec, monkeypatch):
    with monkeypatch.context() as patch:
        refuse_to_write(patch, errno.ENOSPC)
        with pytest.raises(InputError, match="disk is full"):
            JobFolder.create(tmp_path / "job", spec)
    assert JobFolder.create(tmp_path / "job", spec).read_spec() == spec


def test_a_second_worker_is_refused_and_told_who_the_first_is(job, holder):
    assert job.is_locked()
    with pytest.raises(InputError, match=f"process {holder.pid} on "), job.lock():
        pass


def test_a_killed_worker_frees_the_job(job, holder):
    holder.kill()
    holder.wait()
    assert not job.is_locked()
    with job.lock():
        assert job.is_locked()
        assert job.worker().pid == os.getpid()


def test_looking_at_the_lock_does_not_keep_a_worker_out(job):
    with job.lock():
        pass
    looking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from TransferSegLib.jobs.folder import JobFolder\n"
            "job = JobFolder(Path(sys.argv[1])); print('on', flush=True)\nwhile True: job.is_locked()",
            str(job.path),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    try:
        looking.stdout.readline()
        for _ in range(20):
            with job.lock():
                pass
    finally:
        looking.kill()
        looking.wait()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("name", ["events.jsonl", "model", "state/checkpoints"])
def test_a_job_folder_with_a_link_is_not_run(job, tmp_path, name):
    target = tmp_path / "elsewhere"
    target.mkdir()
    (job.path / name).symlink_to(target)
    with pytest.raises(InputError, match="is a link"), job.lock():
        pass


def test_a_killed_workers_half_written_files_are_swept(job):
    left = job.state / ".a.00000001.pt.99.tmp"
    left.write_bytes(b"half")
    with job.lock():
        assert not left.exists()


def test_a_request_to_stop_is_seen_within_a_moment_and_can_be_cleared(job):
    assert not job.cancel_requested()
    JobFolder(job.path).request_cancel()
    time.sleep(0.25)
    assert job.cancel_requested()
    job.clear_cancel()
    assert not job.cancel_requested()


def test_looking_for_a_request_at_every_step_costs_nothing(job, monkeypatch):
    looks = []
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 60.0)  # however slow the computer is
    monkeypatch.setattr(Path, "exists", lambda path: looks.append(path) or False)
    for _ in range(1000):
        job.cancel_requested()
    assert len(looks) == 1


def test_results_are_kept_and_a_torn_one_is_not_there(job):
    job.save_result("open.fold0", {"dice": np.float32(0.5), "hd95_mm": float("nan"), "path": Path("a")})
    assert job.load_result("open.fold0") == {"dice": 0.5, "hd95_mm": None, "path": "a"}
    torn = next((job.state / "results").iterdir())
    torn.write_bytes(torn.read_bytes()[:9])
    assert job.load_result("open.fold0") is None
    assert job.load_result("open.fold1") is None


def test_a_units_name_cannot_leave_the_folder(job):
    for name in ("../x", "a/b", "", ".hidden"):
        with pytest.raises(ValueError, match="unit name"):
            job.save_result(name, {})


def checkpoints(job: JobFolder) -> list[Path]:
    return sorted((job.state / "checkpoints").iterdir())


def test_the_two_newest_checkpoints_are_kept(job):
    import torch

    for step in range(4):
        job.save_checkpoint("open.fold0", {"step": step, "weights": {"w": torch.full((3,), float(step))}})
    assert len(checkpoints(job)) == 2
    assert job.load_checkpoint("open.fold0")["step"] == 3
    assert job.load_checkpoint("open.fold") is None
    job.drop_checkpoints("open.fold0")
    assert checkpoints(job) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_checkpoint_falls_back_to_the_older(job, damage):
    import torch

    for step in (1, 2):
        job.save_checkpoint("a", {"step": step, "w": torch.arange(1000.0)})
    newest = checkpoints(job)[-1]
    data = bytearray(newest.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    newest.write_bytes({"cut": data[: len(data) // 2], "flipped": data, "empty": b""}[damage])
    assert job.load_checkpoint("a")["step"] == 1


def test_a_checkpoint_that_would_run_something_runs_nothing(job, tmp_path):
    import torch

    class Hostile:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    (job.state / "checkpoints").mkdir()
    torch.save({"x": Hostile()}, job.state / "checkpoints" / "a.00000001.pt")
    with pytest.raises(JobError, match="something else than a checkpoint"):
        job.load_checkpoint("a")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full; free space, then `transferseg resume"),
        (errno.EROFS, "not allowed.*make the folder writable, then `transferseg resume"),
        (errno.EIO, "writing failed.*check the disk, then `transferseg resume"),
    ],
)
def test_a_disk_that_refuses_is_a_sentence_and_the_older_files_stay(job, monkeypatch, number, words):
    job.save_result("a", 1)
    job.save_checkpoint("a", {"step": 1})
    refuse_to_write(monkeypatch, number)
    with pytest.raises(JobError, match=words):
        job.save_result("a", 2)
    with pytest.raises(JobError, match=words):
        job.save_checkpoint("a", {"step": 2})
    assert job.load_result("a") == 1
    assert job.load_checkpoint("a") == {"step": 1}
    assert not list(job.path.rglob("*.tmp*"))
