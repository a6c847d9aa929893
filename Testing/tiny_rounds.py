"""Jobs that recommend one of three strategies, of tiny heads."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.jobs.choices import TrainedFold, trained_fold
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

THREE = (
    StrategyChoice("direct"),
    StrategyChoice("open"),
    StrategyChoice("conservative", {"part": "decoder"}),
    StrategyChoice("conservative", {"part": "head"}),
)


def spec_of(cases: Path, source: Path, strategies=THREE, **fields) -> JobSpec:
    training = fields.pop("training", TrainingOptions(steps=20, deterministic=True, augment="none"))
    return JobSpec(3, "adapt", str(cases), strategies, "auto", source=str(source), training=training, **fields)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def trainings_of(job: JobFolder) -> dict[str, TrainedFold]:
    names = [path.stem.removeprefix("trained.") for path in (job.state / "results").glob("trained.*.json")]
    return {name: trained_fold(job, name) for name in names}
