"""Where patches of scans without labels are centred: on what the source model finds in them, as it is.

A small organ in a large scan is hardly ever in a patch that is drawn at random. Annotated cases have their labels to centre
patches on; the others have the source model's segmentation, which is made once a job. Nothing learns from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.files import replacing
from TransferSegLib.inference.segment import window_classes
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import JobRun
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.networks.memory import OutOfMemory, memory_watch
from TransferSegLib.transfer.plan import TransferPlan


def with_source_foreground(run: JobRun, cases: Sequence[PreparedCase]) -> list[PreparedCase]:
    """Add to cases without labels what the source model finds in their images, in the job's labels.

    Args:
        run: The job's run, which keeps what was found, so that a resumed training draws the same patches.
        cases: The cases of a training; those with labels stay as they are.

    Returns:
        The cases, in their order. Where the source model cannot be run as it is, they stay as they are.

    Raises:
        Cancelled: The job was asked to stop.
        JobError: What was found cannot be written.
    """
    if all(case.classes is not None for case in cases):
        return list(cases)
    try:
        plan = run.plans.make(StrategyChoice("direct"), None)
    except InputError:  # it lacks a channel of the target, for example
        return list(cases)
    return [case if case.classes is not None else replace(case, likely=_found(run, plan, case)) for case in cases]


def _found(run: JobRun, plan: TransferPlan, case: PreparedCase) -> np.ndarray:
    """The classes that the source model finds in a case, (I, J, K) uint8, from the job's folder where they are there."""
    path = _file(run, case.name)
    kept = _read(path)
    if kept is not None and kept.shape == case.image.shape[1:] and kept.dtype == np.uint8:
        return kept
    run.models.stop_if_asked()
    # Windows and precision of the job are chosen by what its trainings measure, which comes later.
    execution = replace(likely_execution(run.device, run.options.deterministic), precision="float32")
    network = execution.place(plan.network).eval()
    try:
        with memory_watch():
            image = torch.from_numpy(np.array(case.image))
            found = run.context.task.from_source(
                window_classes(network, image, run.context.card.patch_size, execution)  # type: ignore[arg-type]
            )
    except (OutOfMemory, NotFinite):  # nothing is known of it, and its patches come from anywhere
        found = np.zeros(case.image.shape[1:], np.uint8)
    finally:
        plan.network.to("cpu")
    with explain_write_errors(path, run.job.path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.save(file, found)
    return found


def _read(path: Path) -> np.ndarray | None:
    try:
        found: np.ndarray = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return None
    return found


def _file(run: JobRun, name: str) -> Path:
    return run.job.state / "foreground" / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.npy"
