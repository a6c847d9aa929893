"""Analyses in one file, to be read again: their numbers as JSON, and the pixels of their pictures as arrays beside it.

The file is an NPZ archive. Nothing in it is executed when it is read.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.representation.analysis import Analysis, Pictures
from TransferSegLib.evaluation.representation.filters import Tile
from TransferSegLib.evaluation.representation.similarity import LayerMatrix

_JSON = "json"


def save_analyses(path: Path, analyses: Sequence[Analysis]) -> None:
    """Write analyses into a file; it is replaced as a whole.

    Args:
        path: The file, `NAME.npz`.
        analyses: What is written.

    Raises:
        OSError: It cannot be written.
    """
    arrays: dict[str, np.ndarray] = {}

    def kept(array: np.ndarray) -> str:
        name = f"a{len(arrays)}"
        arrays[name] = np.asarray(array)
        return name

    def tiles(some: Sequence[Tile]) -> list[dict[str, Any]]:
        return [{**vars(tile), "start": kept(tile.start), "end": kept(tile.end)} for tile in some]

    def matrix(one: LayerMatrix | None) -> dict[str, Any] | None:
        return None if one is None else {**vars(one), "rsim": kept(one.rsim), "cka": kept(one.cka)}

    said = [
        {
            "numbers": to_json(replace(one, pictures=())),
            "pictures": [
                {**vars(p), "filters": tiles(p.filters), "maps": tiles(p.maps), "matrix": matrix(p.matrix)}
                for p in one.pictures
            ],
        }
        for one in analyses
    ]
    text = json.dumps(said, default=lambda number: number.item())
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **{_JSON: np.frombuffer(text.encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]


def load_analyses(path: Path) -> tuple[Analysis, ...] | None:
    """Read what `save_analyses` wrote; None where there is no such file, or it is damaged or of another version.

    Args:
        path: The file.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            said = json.loads(stored[_JSON].tobytes())
            return tuple(_analysis(one, stored) for one in said)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, InputError):
        return None


def _analysis(said: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Analysis:
    def tiles(some: Sequence[Mapping[str, Any]]) -> tuple[Tile, ...]:
        return tuple(Tile(**{**one, "start": arrays[one["start"]], "end": arrays[one["end"]]}) for one in some)

    def matrix(one: Mapping[str, Any] | None) -> LayerMatrix | None:
        if one is None:
            return None
        return LayerMatrix(tuple(one["rows"]), tuple(one["columns"]), arrays[one["rsim"]], arrays[one["cka"]])

    pictures = tuple(
        Pictures(p["condition"], p["training"], tiles(p["filters"]), tiles(p["maps"]), matrix(p["matrix"]))
        for p in said["pictures"]
    )
    return replace(from_json(Analysis, said["numbers"], "analysis"), pictures=pictures)
