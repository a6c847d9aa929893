"""Where imported models are kept in these tests, and a server to download from."""

from __future__ import annotations

from pathlib import Path

import pytest
from https_server import certificate, folder_server, server

__all__ = ["certificate", "folder_server", "server"]


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing that a test imports reaches the person's own folder."""
    folder = tmp_path / "own models"
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(folder))
    return folder
