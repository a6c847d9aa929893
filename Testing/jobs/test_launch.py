"""Workers as processes of their own: started, followed, stopped. A small script stands in for the Python with torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_events import write_training

from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import NICENESS, Watcher, launch, stop
from TransferSegLib.jobs.status import job_status

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a script with a first line")

# What the worker does after it has taken the lock; `job`, `log` and `time` are there.
WORKERS = {
    "finishes": "log.write('phase', text='Working'); log.write('done', verdict='fine')",
    "follows a request to stop": """
while not job.cancel_requested():
    time.sleep(0.02)
log.write('cancelled', message='Stopped.')
""",
    "does not listen": "time.sleep(60)",
    "does not listen, with a child, and ignores being terminated": """
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(['sleep', '60'])
(job.path / 'child').write_text(str(child.pid))
log.write('phase', text='ready')
time.sleep(60)
""",
    "tells its folder": "(job.path / 'folder').write_text(str(Path.cwd()))",
    "imports for long": "",
    "dies": "import os; print('Segmentation fault', flush=True); os._exit(139)",
}
SCRIPT = """#!{python}
import sys, time
from pathlib import Path
if {long!r}:
    time.sleep(60)
assert sys.argv[1:4] == ['-m', 'TransferSegLib', 'run'], sys.argv
sys.path.insert(0, '')
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
job = JobFolder(Path(sys.argv[4]))
with job.lock(), EventLog(job.events) as log:
    log.write('started')
    exec({work!r})
"""


@pytest.fixture
def python(tmp_path):
    """Makes a stand-in for the interpreter, in a folder with a space."""

    def make(does: str) -> str:
        script = tmp_path / "my python é"
        script.write_text(
            SCRIPT.format(python=sys.executable, long="long" in does, work=WORKERS[does]), encoding="utf-8"
        )
        script.chmod(0o755)
        return str(script)

    return make


def follow(watcher: Watcher, until: str, timeout_s: float = 60.0) -> list[dict]:
    """Poll until an event of the kind `until` comes."""
    events: list[dict] = []
    end = time.monotonic() + timeout_s
    while until not in [event["kind"] for event in events]:
        assert time.monotonic() < end, events
        time.sleep(0.02)
        events += watcher.poll()
    return events


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to look does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        if Path("/proc").is_dir():
            return False
        return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0
    return state != "Z"


def test_a_launched_worker_is_followed_to_its_end(job, python):
    process = launch(job.path, python("finishes"))
    watcher = Watcher(job.path, process)
    assert [event["kind"] for event in follow(watcher, "done")] == ["started", "phase", "done"]
    assert watcher.ended and process.wait(60) == 0
    assert watcher.poll() == []


def test_a_launched_worker_is_said_to_run_before_it_has_taken_the_lock_and_no_longer_than_it_lives(job, python):
    write_training(job, 3)
    process = launch(job.path, python("imports for long"))
    other = JobFolder(job.path)  # as in the next Slicer, which did not launch it
    assert not other.is_locked() and other.is_running()
    status = job_status(job.path)
    assert (status.state, status.phase, status.resumable) == ("running", "", False)
    watcher = Watcher(job.path)
    watcher.poll()
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its exit code is left for who started it
    assert not other.is_running()
    assert [event["kind"] for event in watcher.poll()] == ["failed"]
    assert process.wait(60) == -signal.SIGKILL


def test_a_launched_worker_that_has_ended_is_not_waited_for(job, python):
    launch(job.path, python("finishes")).wait(60)
    assert not job.is_running() and job_status(job.path).state == "done"


def test_a_worker_outlives_the_session_of_who_launched_it(job, python):
    process = launch(job.path, python("does not listen"))
    assert os.getsid(process.pid) == process.pid
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    group = Path(f"/proc/{process.pid}/autogroup")  # Linux may share the cores out among sessions first
    assert not group.exists() or group.read_text().split()[-1] == str(NICENESS)
    stop(job.path, 0, process)


def test_a_worker_that_dies_without_a_word_is_noticed_once(job, python):
    process = launch(job.path, python("dies"))
    watcher = Watcher(job.path, process)
    last = follow(watcher, "failed")[-1]
    assert "ended without a message" in last["message"] and "Segmentation fault" in last["message"]
    assert watcher.ended and watcher.poll() == []


def test_the_end_of_an_earlier_run_is_not_taken_for_the_new_ones(job, python):
    launch(job.path, python("finishes")).wait(60)
    watcher = Watcher(job.path, launch(job.path, python("dies")))
    assert [event["kind"] for event in follow(watcher, "failed")] == ["started", "failed"]


def test_a_watcher_that_comes_late_sees_all_and_notices_a_death(job, python):
    process = launch(job.path, python("does not listen"))
    follow(Watcher(job.path, process), "started")
    late = Watcher(job.path)
    assert [event["kind"] for event in late.poll()] == ["started"]
    process.kill()
    process.wait()
    assert [event["kind"] for event in follow(late, "failed")] == ["failed"]


def test_a_worker_that_listens_is_stopped_in_good_order(job, python):
    process = launch(job.path, python("follows a request to stop"))
    watcher = Watcher(job.path, process)
    follow(watcher, "started")
    stop(job.path, 60, process)
    assert process.returncode == 0
    assert watcher.poll()[-1]["kind"] == "cancelled"
    assert not job.cancel_file.exists()


def test_a_worker_can_be_stopped_before_it_has_begun(job, python):
    process = launch(job.path, python("follows a request to stop"))
    stop(job.path, 60, process)
    assert process.poll() == 0


def test_a_worker_that_does_not_listen_is_ended_by_its_lock_alone(job, python):
    process = launch(job.path, python("does not listen"))
    follow(Watcher(job.path, process), "started")
    stop(job.path, 0)
    assert not job.is_locked() and process.wait(60) < 0


def test_a_stubborn_worker_is_killed_with_its_children(job, python, monkeypatch):
    monkeypatch.setattr("TransferSegLib.jobs.launch.TERMINATE_S", 0.3)
    process = launch(job.path, python("does not listen, with a child, and ignores being terminated"))
    follow(Watcher(job.path, process), "phase")
    child = int((job.path / "child").read_text(encoding="utf-8"))
    assert is_alive(child)
    stop(job.path, 0, process)
    end = time.monotonic() + 60
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(child)


def test_stopping_a_job_that_does_not_run_leaves_no_request_behind(job):
    stop(job.path)
    assert not job.cancel_file.exists()


def test_a_worker_does_not_import_from_the_job_folder(job, python):
    """`python -m` looks in the working folder first, and a job folder may come from elsewhere."""
    launch(job.path, python("tells its folder")).wait(60)
    assert Path((job.path / "folder").read_text(encoding="utf-8")) not in [job.path, *job.path.parents]


def test_a_python_that_is_not_there_is_a_sentence(job):
    with pytest.raises(InputError, match="cannot be started"):
        launch(job.path, "/no/such/python")


def test_a_worker_that_died_is_not_reported_before_all_it_wrote_is_read(job):
    write_training(job, 50)
    with EventLog(job.events) as log:
        log.write("done", verdict="better", warnings=0)
    watcher = Watcher(job.path, None, 1000)
    watcher._seen_alive = True
    kinds = []
    for _ in range(100):
        kinds += [event["kind"] for event in watcher.poll()]
    assert kinds.count("failed") == 0 and kinds[-1] == "done"
