"""Where a study's jobs are run: several processes, or Ray. A process that is killed costs its job no more than time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from tiny_studies import events_of, tiny

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.studies.executors import ray_tasks
from TransferSegLib.studies.executors.executor import Where
from TransferSegLib.studies.executors.local import gpus_of
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, read_study
from TransferSegLib.studies.results import read_results
from TransferSegLib.studies.run import StudyEnd, begin_study, run_study

# One is long enough to be met at work, the other leaves its worker to it: each worker more imports torch for seconds.
LONG = tiny(
    (
        "- {strategy: [direct, open], source: heads, target: t2w, size: 1}",
        "- {strategy: open, source: heads, target: t2w, size: 1, steps: 120}\n"
        "- {strategy: direct, source: heads, target: t2w, size: 1}",
    )
)


@pytest.fixture
def ray_ends():
    yield
    if (ray := sys.modules.get("ray")) is not None:
        ray.shutdown()


def prepared_study(finished: StudyFolder, path) -> StudyFolder:
    """A study of two cells whose source model is there already."""
    folder = StudyFolder(path)
    begin_study(LONG, folder)
    shutil.copytree(finished.path / "shared", folder.path / "shared")
    return folder


def run_and_kill_one(folder: StudyFolder, where: Where) -> tuple[StudyEnd, str]:
    """Run a study, and kill the process of the first cell that trains; the end, and the name of that cell."""
    killed: list[str] = []

    def kill() -> None:
        names = [cell.name for cell in cells(read_study(folder.study_yaml))]
        while not killed:
            for name in names:
                job = folder.cell(name)
                if not killed and (job / "events.jsonl").is_file() and events_of(job, "metric"):
                    os.kill(read_json(job / "state" / "worker.json")["pid"], signal.SIGKILL)
                    killed.append(name)
            time.sleep(0.02)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    end = run_study(folder, where, lambda fraction, left, text: None)
    assert killed
    return end, killed[0]


@pytest.mark.parametrize("executor", ["local", "ray"])
def test_where_one_of_two_workers_is_killed_the_study_completes_and_no_cell_is_done_twice(
    executor, finished, tmp_path, ray_ends
):
    folder = prepared_study(finished, tmp_path / "study")
    end, killed = run_and_kill_one(folder, Where(executor, workers=2))
    assert (end.cells, end.done, end.failed) == (2, 2, ())
    for cell in cells(LONG):
        job = folder.cell(cell.name)
        assert events_of(job, "done") == 1
        assert events_of(job, "started") == (2 if cell.name == killed else 1)
    assert read_results(folder.results_csv).levels("strategy") == ("open", "direct")
    assert read_results(folder.results_csv).where(strategy="open").levels("steps") == (120,)


PARENT = """
import multiprocessing, time
from TransferSegLib.studies.executors.local import end_with_parent

def work():
    end_with_parent()
    print("begun", flush=True)
    time.sleep(60)
    print("still there", flush=True)

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=work)
    child.start()
    child.join()
"""


def test_a_process_of_the_pool_ends_with_the_study_however_that_ends(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "begun\n"
        parent.kill()
        assert parent.stdout.read() == ""  # The child has the other end, too, and closes it as it ends.


def test_without_ray_it_is_said_how_to_install_it(finished, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"Ray is not installed; install it by `pip install 'transferseg\[ray\]'`"):
        ray_tasks.run([], finished, None, Where("ray"))


@pytest.mark.parametrize("address", ["127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_told_at_once(address, finished, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(InputError, match=f"--address {address}: Ray cannot be reached"):
        ray_tasks.run([], finished, None, Where("ray", address=address))


def test_a_job_asks_ray_for_a_gpu_or_for_its_share_of_the_cores():
    assert ray_tasks.needs_of([8], 0, None) == ({"num_cpus": 1}, 8)
    assert ray_tasks.needs_of([8], 0, 3) == ({"num_cpus": 2}, 3)
    assert ray_tasks.needs_of([2], 0, 5) == ({"num_cpus": 1}, 2)
    assert ray_tasks.needs_of([16], 4, None) == ({"num_cpus": 1, "num_gpus": 1}, 4)
    assert ray_tasks.needs_of([16], 4, 2) == ({"num_cpus": 1, "num_gpus": 1}, 2)
    assert ray_tasks.needs_of([16], 4, 6) == ({"num_cpus": 1, "num_gpus": 0.5}, 6)


def test_a_job_asks_for_no_more_cores_than_one_machine_of_a_cluster_has():
    assert ray_tasks.needs_of([4, 4, 4], 0, 2) == ({"num_cpus": 4}, 2)
    assert ray_tasks.needs_of([4, 4, 4], 0, 4) == ({"num_cpus": 2}, 4)
    assert ray_tasks.needs_of([16, 16], 0, 1) == ({"num_cpus": 16}, 1)
    assert ray_tasks.needs_of([0, 2], 0, None) == ({"num_cpus": 1}, 2)


class FakeRay:
    """A Ray on this computer that runs nothing, and remembers what it was asked for."""

    def __init__(self, cores: int) -> None:
        self.cpus, self.asked = cores, {}

    def is_initialized(self) -> bool:
        return False

    def init(self, num_cpus: int | None, **others: object) -> None:
        self.cpus = num_cpus or self.cpus

    def nodes(self) -> list[dict]:
        return [{"Alive": True, "Resources": {"CPU": float(self.cpus)}}, {"Alive": False, "Resources": {"CPU": 99.0}}]

    def remote(self, **needs: float):
        self.asked = needs
        return lambda function: function


@pytest.mark.parametrize(("workers", "cores", "each"), [(4, 16, 4), (None, 16, 1), (5, 2, 1)])
def test_ray_on_this_computer_has_all_its_cores_and_each_job_its_share(workers, cores, each, finished, monkeypatch):
    ray, progress = FakeRay(cores), SimpleNamespace(stopping=False, parallel=1)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    ray_tasks.run([], finished, progress, Where("ray", workers=workers))
    assert ray.asked["num_cpus"] == each
    assert progress.parallel == (workers or cores)


def test_each_worker_has_a_gpu_of_its_own_where_there_are_several():
    assert gpus_of(3, ["0", "1"]) == ["0", "1", "0"]
    assert gpus_of(2, ["GPU-a", "GPU-b", "GPU-c"]) == ["GPU-a", "GPU-b"]
    assert gpus_of(2, ["0"]) == gpus_of(2, []) == [None, None]
