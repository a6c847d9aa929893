"""A study that is run once, for the tests that look at what it leaves."""

from __future__ import annotations

import pytest
from tiny_studies import run_here, tiny

from TransferSegLib.studies.folder import StudyFolder


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> StudyFolder:
    folder = StudyFolder(tmp_path_factory.mktemp("studies") / "study")
    end = run_here(folder, tiny())
    assert (end.cells, end.done, end.failed) == (2, 2, ())
    return folder
