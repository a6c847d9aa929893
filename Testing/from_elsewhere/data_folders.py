"""Folders of small cases as other people keep them, for the tests of readers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.grid import Grid

SIZE = (6, 7, 8)
GRID = Grid.from_spacing(SIZE, (1.0, 1.0, 2.0))
LABELS = {"0": "background", "1": "bone"}


def write_image(path: Path, seed: int) -> Path:
    """An image that no other seed has; an ending in capitals is written as the same in small letters."""
    return _written(path, lambda small: write_volume(small, np.random.default_rng(seed).uniform(0, 9, SIZE), GRID))


def write_label(path: Path, seed: int) -> Path:
    """A segmentation that no other seed has."""
    values = np.zeros(SIZE, np.uint8)
    values[1 + seed % 5, 1 + seed // 5, 2:5] = 1
    return _written(path, lambda small: write_labels(small, values, GRID))


def write_cases(root: Path, pairs: Iterable[tuple[str, str]]) -> None:
    """An image and its segmentation for each pair of paths relative to a folder."""
    for seed, (image, label) in enumerate(pairs):
        write_image(root / image, seed)
        write_label(root / label, seed)


def write_json(path: Path, data: Any, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(data, ensure_ascii=False).encode(encoding))
    return path


def _written(path: Path, write: Any) -> Path:
    small = path.with_name(
        f"written{''.join(path.suffixes[-2:] if '.nii' in path.name.lower() else [path.suffix]).lower()}"
    )
    write(small)
    small.rename(path)
    return path
