"""Runs a study's jobs as Ray tasks, on this computer or on a cluster whose machines share the study's folder.

A job's lock keeps it from being run twice at the same time. Where a worker or a machine dies, Ray begins its task again,
and the job goes on from its newest checkpoint.
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import socket
from collections.abc import Sequence
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.studies.executors.executor import MOST_ATTEMPTS, Where
from TransferSegLib.studies.executors.local import process_died
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import Task
from TransferSegLib.studies.progress import StudyProgress
from TransferSegLib.studies.work import TaskEnd, ask_to_stop, done_share, run_task

LOOK_EVERY_S = 1.0
# How long a cluster may take to answer.
CONNECT_S = 5.0
INSTALL = "pip install 'transferseg[ray]'"


def run(tasks: Sequence[Task], folder: StudyFolder, progress: StudyProgress, where: Where) -> None:
    """Run tasks with Ray; see `Executor`. A GPU each where the cluster has GPUs, else a processor core each."""
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError:
        raise InputError(
            "ray-missing", "{option}: Ray is not installed; install it by `{command}`.", option="--executor ray",
            command=INSTALL,
        ) from None  # fmt: skip
    _connect(ray, where)
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    needs, progress.parallel = needs_of(
        [int(machine.get("CPU", 0)) for machine in machines],
        sum(float(machine.get("GPU", 0)) for machine in machines),
        where.workers,
    )
    remote = ray.remote(max_retries=MOST_ATTEMPTS - 1, **needs)(run_task)
    most = where.workers or len(tasks)
    left = list(tasks)
    waiting: dict[Any, Task] = {}
    while left or waiting:
        if progress.stopping:
            left.clear()
            for reference, task in waiting.items():
                ask_to_stop(task)
                if task.name not in progress.running:
                    ray.cancel(reference)
        while left and len(waiting) < most:
            task = left.pop(0)
            waiting[remote.remote(task, folder)] = task
        ended, _ = ray.wait(list(waiting), timeout=LOOK_EVERY_S) if waiting else ([], [])
        for reference in ended:
            progress.end(_ending(ray, reference, waiting.pop(reference)))
        for task in waiting.values():
            share = done_share(task)
            if share > 0:
                progress.begin(task)
                progress.update(task, share)


def needs_of(cpus: Sequence[int], gpus: float, workers: int | None) -> tuple[dict[str, float], int]:
    """What a job asks of Ray, and about how many jobs then run at the same time.

    Args:
        cpus: The processor cores of each machine of the cluster.
        gpus: The GPUs of all machines together.
        workers: How many jobs run at the same time at most; None for one a GPU, or one a core where there is no GPU.

    Returns:
        A GPU for each job, of which several jobs get equal parts where there are more of them than GPUs. Without GPUs, whole
        cores: as many as each job can have on one machine while all run at the same time.
    """
    if not gpus:
        wanted = workers or sum(cpus)
        fitting = [n for n in range(1, max(cpus, default=1) + 1) if _jobs_with(n, cpus) >= wanted]
        cores = max(fitting, default=1)
        return {"num_cpus": cores}, max(1, min(wanted, _jobs_with(cores, cpus)))
    a_gpu = math.ceil((workers or 1) / gpus)
    return {"num_cpus": 1, "num_gpus": 1 / a_gpu}, int(min(workers or gpus, gpus * a_gpu))


def _jobs_with(cores: int, cpus: Sequence[int]) -> int:
    """How many jobs with so many cores each run at the same time, given each machine's cores."""
    return sum(machine // cores for machine in cpus)


def _connect(ray: Any, where: Where) -> None:
    if ray.is_initialized():
        return
    host, colon, port = (where.address or "").rpartition(":")
    if colon and port.isdecimal() and "/" not in host:
        # Ray itself would try for minutes.
        try:
            socket.create_connection((host, int(port)), CONNECT_S).close()
        except OSError as error:
            raise _not_reached(where, error.strerror or str(error)) from None
    # Ray counts this computer's cores itself; more jobs than that run at the same time where a person asks for them.
    more = where.workers if (where.workers or 0) > (os.cpu_count() or 1) else None
    local = {} if where.address else {"num_cpus": more, "include_dashboard": False}
    try:
        ray.init(address=where.address, log_to_driver=False, logging_level=logging.ERROR, **local)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _not_reached(where, library_says(error, "Ray")) from None


def _not_reached(where: Where, reason: str | Problem) -> InputError:
    return InputError(
        "ray-not-reached",
        "{option}: Ray cannot be reached ({reason}); check the address, and that Ray is started there.",
        option=f"--address {where.address}" if where.address else "--executor ray",
        reason=reason,
    )


def _ending(ray: Any, reference: Any, task: Task) -> TaskEnd:
    try:
        end: TaskEnd = ray.get(reference)
    except ray.exceptions.TaskCancelledError:
        return TaskEnd(task.name, "cancelled")
    except ray.exceptions.RayError:
        return TaskEnd(task.name, "failed", process_died(task))
    return end
