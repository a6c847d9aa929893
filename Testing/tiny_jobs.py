"""Jobs on tiny heads that end within seconds, and what is asked of them afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

# A report takes longer than a tiny training, and most tests look at something else.
run_without_report = partial(run_job, with_report=False)


class Killed(BaseException):
    """Ends a worker as a kill would: nothing of it catches this, nothing is tidied up."""


def adapt_spec(source: Path, target: Path, strategy: str, **fields: Any) -> JobSpec:
    choice = StrategyChoice.parse(strategy)
    training = fields.pop("training", TrainingOptions(steps=4, deterministic=True))
    strategies = (StrategyChoice("direct"), choice) if choice.key != "direct" else (choice,)
    return JobSpec(
        3, "adapt", str(target), strategies, keep=choice.key, source=str(source), training=training, **fields
    )


def run(folder: Path, spec: JobSpec, listener: Callable[[dict[str, Any]], None] | None = None) -> JobFolder:
    job = JobFolder.create(folder, spec) if not (folder / "job.json").exists() else JobFolder(folder)
    run_job(folder, listener)
    return job


def weights(job: JobFolder) -> dict[str, np.ndarray]:
    return load_file(job.model / "weights.safetensors")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)
