from __future__ import annotations

import pytest

from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice


@pytest.fixture
def spec() -> JobSpec:
    return JobSpec(3, "compare", "/cases", (StrategyChoice("direct"), StrategyChoice("open")), source="/model")


@pytest.fixture
def job(tmp_path, spec) -> JobFolder:
    """A job in a folder with a space and letters that are not ASCII."""
    return JobFolder.create(tmp_path / "Knie Müller 膝", spec)
