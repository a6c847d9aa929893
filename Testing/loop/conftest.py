"""A loop that has just begun, on scans of heads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.sources.catalogue import find_source


@pytest.fixture(scope="module")
def heads(phantoms, tmp_path_factory) -> tuple[Path, dict[str, Path]]:
    """A folder of scans, and by name the segmentation that a person would draw."""
    cases = read_case_set(phantoms("t2w", 6)).cases
    folder = tmp_path_factory.mktemp("scans")
    for case in cases:
        shutil.copy(case.images[0], folder / f"{case.name}.nii.gz")
    return folder, {case.name: case.label for case in cases}


@pytest.fixture
def loop(tmp_path, tiny_source, heads) -> LoopFolder:
    folder = LoopFolder(tmp_path / "loop")
    init_loop(folder.path, find_source(tiny_source), heads[0], seed=1)
    return folder
