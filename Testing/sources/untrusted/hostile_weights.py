"""Weights files that were made to do harm."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from hostile_models import Touches, Words, saved, with_weights


def pickled_checkpoint(folder: Path, victim: Path, zipped: bool = True) -> Words:
    return with_weights(folder, saved({"state_dict": {"a": torch.zeros(2)}, "x": Touches(victim)}, zipped))


def bare_pickle(folder: Path, victim: Path) -> Words:
    return with_weights(folder, pickle.dumps(Touches(victim), protocol=2))


def pickled_numpy(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Touches(victim)], dtype=object), allow_pickle=True)
    return with_weights(folder, buffer.getvalue())


def pickled_numpy_archive(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, weights=np.array([Touches(victim)], dtype=object))
    return with_weights(folder, buffer.getvalue())


def pickled_numpy_inside_a_checkpoint(folder: Path, victim: Path) -> Words:
    return with_weights(folder, saved({"a": torch.zeros(2), "n": np.array([Touches(victim)], dtype=object)}))


def huge_numpy_scalar_inside_a_checkpoint(folder: Path, victim: Path) -> Words:
    class Void:
        def __reduce__(self):
            return np._core.multiarray.scalar, (np.dtype("V2000000000"),)

    return with_weights(folder, saved({"a": torch.zeros(2), "n": Void()}))


def torchscript(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), buffer)
    return with_weights(folder, buffer.getvalue())


def expanded_tensor(folder: Path, victim: Path) -> Words:
    return with_weights(folder, saved({"a": torch.zeros(1).expand(10**12)}))


def tensor_beyond_its_storage(folder: Path, victim: Path) -> Words:
    content = saved({"a": torch.zeros(3)}, zipped=False)
    return with_weights(folder, content.replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85"))


def safetensors_of_absurd_size(folder: Path, victim: Path) -> Words:
    header = json.dumps({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}).encode()
    return with_weights(folder, struct.pack("<Q", len(header)) + header + bytes(16), "weights.safetensors")


def safetensors_with_an_absurd_header(folder: Path, victim: Path) -> Words:
    return with_weights(folder, struct.pack("<Q", 2**62) + b"{}", "weights.safetensors")


def compressed_weights(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(20 * 1024**2))
    return with_weights(folder, buffer.getvalue())


def legacy_pickled_checkpoint(folder: Path, victim: Path) -> Words:
    return pickled_checkpoint(folder, victim, zipped=False)


CORPUS: list[Callable[[Path, Path], Words]] = [
    pickled_checkpoint,
    legacy_pickled_checkpoint,
    bare_pickle,
    pickled_numpy,
    pickled_numpy_archive,
    pickled_numpy_inside_a_checkpoint,
    huge_numpy_scalar_inside_a_checkpoint,
    torchscript,
    expanded_tensor,
    tensor_beyond_its_storage,
    safetensors_of_absurd_size,
    safetensors_with_an_absurd_header,
    compressed_weights,
]
