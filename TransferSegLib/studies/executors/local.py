"""Runs a study's jobs on this computer: one by one in this process, or several at a time in processes of their own."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Any

from TransferSegLib.core.problems import Problem
from TransferSegLib.studies.executors.executor import MOST_ATTEMPTS, Where
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import Task
from TransferSegLib.studies.progress import StudyProgress
from TransferSegLib.studies.work import TaskEnd, ask_to_stop, done_share, run_task

LOOK_EVERY_S = 0.5


def run(tasks: Sequence[Task], folder: StudyFolder, progress: StudyProgress, where: Where) -> None:
    """Run tasks on this computer; see `Executor`. One at a time where the number of workers is left open."""
    if (where.workers or 1) > 1 and len(tasks) > 1:
        _Pool(tasks, folder, progress, min(where.workers or 1, len(tasks))).run()
        return
    for task in tasks:
        if progress.stopping:
            return
        progress.begin(task)
        progress.end(run_task(task, folder, _listener(task, progress)))


def _listener(task: Task, progress: StudyProgress) -> Callable[[dict[str, Any]], None]:
    def listen(event: dict[str, Any]) -> None:
        if event["kind"] == "progress":
            progress.update(task, float(event["fraction"]))

    return listen


class _Pool:
    """Tasks and the processes that run them, each a pool of one: when it is killed, only its own task is gone on with."""

    def __init__(self, tasks: Sequence[Task], folder: StudyFolder, progress: StudyProgress, workers: int) -> None:
        self._waiting = list(tasks)
        self._attempts = dict.fromkeys((task.name for task in tasks), 0)
        self._folder, self._progress = folder, progress
        self._threads = max(1, (os.cpu_count() or 1) // workers)
        self._gpus = gpus_of(workers, visible_gpus())
        self._free = [(self._new_process(slot), slot) for slot in range(workers)]
        self._at_work: dict[Future[TaskEnd], tuple[Task, ProcessPoolExecutor, int]] = {}

    def run(self) -> None:
        self._progress.parallel = len(self._free)
        try:
            while self._waiting or self._at_work:
                if self._progress.stopping:
                    self._waiting.clear()
                    for task, _, _ in self._at_work.values():
                        ask_to_stop(task)
                while self._waiting and self._free:
                    self._submit(self._waiting.pop(0), *self._free.pop())
                self._look()
        finally:
            at_work = [process for _, process, _ in self._at_work.values()]
            for process in (*(process for process, _ in self._free), *at_work):
                process.shutdown(wait=False, cancel_futures=True)
            self._progress.parallel = 1

    def _submit(self, task: Task, process: ProcessPoolExecutor, slot: int) -> None:
        self._attempts[task.name] += 1
        self._at_work[process.submit(run_task, task, self._folder)] = (task, process, slot)
        self._progress.begin(task)

    def _look(self) -> None:
        """Wait a moment for tasks to end."""
        done, _ = concurrent.futures.wait(self._at_work, LOOK_EVERY_S, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            task, process, slot = self._at_work.pop(future)
            try:
                self._progress.end(future.result())
                self._free.append((process, slot))
            except BrokenProcessPool:  # it was killed, perhaps by the system because memory ran out
                process.shutdown(wait=False)
                self._free.append((self._new_process(slot), slot))
                if self._attempts[task.name] < MOST_ATTEMPTS:
                    self._waiting.insert(0, task)
                else:
                    self._progress.end(TaskEnd(task.name, "failed", process_died(task)))
        for task, _, _ in self._at_work.values():
            self._progress.update(task, done_share(task))

    def _new_process(self, slot: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, _context(), _begin_process, (self._threads, self._gpus[slot]))


def visible_gpus() -> list[str]:
    """The GPUs of this computer that this program may use, as `CUDA_VISIBLE_DEVICES` names them."""
    import torch

    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return chosen.split(",")[:count] if chosen else [str(number) for number in range(count)]


def gpus_of(workers: int, gpus: Sequence[str]) -> list[str | None]:
    """Share the GPUs out among workers.

    Args:
        workers: The number of workers.
        gpus: The GPUs, as `CUDA_VISIBLE_DEVICES` names them.

    Returns:
        The GPU of each worker, in turn; None where there is at most one, so that there is nothing to choose.
    """
    return [gpus[slot % len(gpus)] if len(gpus) > 1 else None for slot in range(workers)]


def process_died(task: Task) -> Problem:
    """The sentence for a task whose process was killed again and again."""
    return Problem(
        "study-process-died",
        "its process ended without a word {times} times, as when memory runs out; run fewer jobs at a time, then resume.",
        {"times": MOST_ATTEMPTS, "task": task.name},
    )


def _context() -> BaseContext:
    """How processes are made: on Linux forked from one that has imported torch already, and has done nothing else."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["TransferSegLib.jobs.worker", "TransferSegLib.jobs.runner"])
    return context


def _begin_process(threads: int, gpu: str | None) -> None:
    """Set up a process of the pool: Ctrl-C is the first process's, which asks this one to stop in good order."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    import torch

    torch.set_num_threads(threads)


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it ended: its job is gone on with by `resume`."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
