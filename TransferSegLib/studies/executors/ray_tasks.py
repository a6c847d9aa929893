"""Runs a study's jobs as Ray tasks, on this computer or on a cluster whose machines share the study's folder.

A job's lock keeps it from being run twice at the same time. Where a worker or a machine dies, Ray begins its task again,
and the job goes on from its newest checkpoint.
"""

from __future__ import annotations

import importlib
import logging
import math
import socket
from collections.abc import Sequence
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.studies.executors import MOST_ATTEMPTS, Where
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
    cpus, gpus = (float(ray.cluster_resources().get(kind, 0)) for kind in ("CPU", "GPU"))
    needs = {"num_gpus": 1, "num_cpus": 1} if gpus else {"num_cpus": max(1, math.floor(cpus / (where.workers or cpus)))}
    progress.parallel = max(1, int(gpus or cpus // needs["num_cpus"]))
    remote = ray.remote(max_retries=MOST_ATTEMPTS - 1, **needs)(run_task)
    waiting = {remote.remote(task, folder): task for task in tasks}
    while waiting:
        if progress.stopping:
            for reference, task in waiting.items():
                ask_to_stop(task)
                if task.name not in progress.running:
                    ray.cancel(reference)
        ended, _ = ray.wait(list(waiting), timeout=LOOK_EVERY_S)
        for reference in ended:
            progress.end(_ending(ray, reference, waiting.pop(reference)))
        for task in waiting.values():
            share = done_share(task)
            if share > 0:
                progress.begin(task)
                progress.update(task, share)


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
    local = {} if where.address else {"num_cpus": where.workers, "include_dashboard": False}
    try:
        ray.init(address=where.address, log_to_driver=False, logging_level=logging.ERROR, **local)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _not_reached(where, " ".join(str(error).split())[:200].rstrip(".")) from None


def _not_reached(where: Where, reason: str) -> InputError:
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
