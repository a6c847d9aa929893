from __future__ import annotations

import pytest

from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture
def spec() -> JobSpec:
    return JobSpec(3, "compare", "/cases", (StrategyChoice("direct"), StrategyChoice("open")), source="/model")


@pytest.fixture
def job(tmp_path, spec) -> JobFolder:
    """A job in a folder with a space and letters that are not ASCII."""
    return JobFolder.create(tmp_path / "Knie Müller 膝", spec)


@pytest.fixture(scope="session")
def compare_spec(tiny_source, phantoms) -> JobSpec:
    return JobSpec(
        3,
        "compare",
        str(phantoms("t2w", 3)),
        tuple(map(StrategyChoice.parse, ("direct", "conservative:layers=3", "open"))),
        source=str(tiny_source),
        folds=3,
        training=TrainingOptions(steps=4, deterministic=True),
        lesions=LesionOptions("bone", "10 %", "0, 2 mL", "8"),
    )
