"""Phantoms on disk: a data set in the folder layout of the Medical Segmentation Decathlon."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES, head_phantom
from TransferSegLib.cases.phantom.imaging import PhantomModality, check_modality, image
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.errors import InputError


def write_phantoms(
    out: Path,
    modality: PhantomModality,
    count: int,
    seed: int,
    size: tuple[int, int, int] = (96, 96, 48),
    lesions: bool = False,
) -> Path:
    """Write `count` heads, imaged with `modality`, into the folder `out` and return it.

    Case n is the head of the seed (`seed`, n): the same heads in every modality, on one grid, so they are registered.
    Images hold whole numbers (arbitrary units, or HU). Raises `InputError` for an unknown modality, no cases, or a
    folder that already holds something or cannot be written.
    """
    check_modality(modality)
    out = Path(out)
    if count < 1 or seed < 0:
        raise InputError(f"phantom: count {count} and seed {seed}; give a count of 1 or more and a seed of 0 or more.")
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(f"{out}: already holds something; choose a new or an empty folder.")
        for folder in ("imagesTr", "labelsTr"):
            (out / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); choose another folder.") from None
    names = [f"phantom_{n:03d}.nii.gz" for n in range(count)]
    for n, name in enumerate(names):
        anatomy = head_phantom((seed, n), size, lesions)
        scan = image(anatomy, modality, np.random.default_rng((seed, n, *modality.encode())))
        write_volume(out / "imagesTr" / name, np.rint(scan), anatomy.grid)
        write_labels(out / "labelsTr" / name, anatomy.labels, anatomy.grid)
    labels = {"0": "background"} | {str(v): n for v, n in LABEL_NAMES.items() if lesions or n != "lesion"}
    description = {
        "name": f"Digital head phantom, {modality}",
        "description": f"Simulated heads, seed {seed}; made by TransferSeg.",
        "licence": "CC0-1.0 (synthetic)",
        "tensorImageSize": "3D",
        "modality": {"0": modality},
        "labels": labels,
        "numTraining": count,
        "numTest": 0,
        "training": [{"image": f"./imagesTr/{n}", "label": f"./labelsTr/{n}"} for n in names],
        "test": [],
    }
    (out / "dataset.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return out
