"""Write phantoms to disk as a data set in the folder layout of the Medical Segmentation Decathlon."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES, head_phantom
from TransferSegLib.cases.phantom.imaging import PhantomModality, check_modality, image
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import FULL, replacing


def write_phantoms(
    out: Path,
    modality: PhantomModality,
    count: int,
    seed: int,
    size: tuple[int, int, int] = (96, 96, 48),
    lesions: bool = False,
    drawn: int | None = None,
) -> Path:
    """Write a data set of head phantoms: images, labels and `dataset.json`.

    Case n of a seed is the same head in every modality, on the same grid. So two data sets of one seed are registered.
    Images hold whole numbers: HU for CT, arbitrary units for MR.

    Args:
        out: The folder to write, new or empty.
        modality: What the images show: `t1w`, `t2w` or `ct`.
        count: The number of cases, 1 or more.
        seed: 0 or more. Case n is the head of the seed (`seed`, n).
        size: The number of voxels (I, J, K) of each image. They always cover 192 × 240 × 180 mm.
        lesions: Whether the white matter has lesions, with a label of their own.
        drawn: How many heads are made; all others are copies of the first, which is enough to plan with. None makes all.

    Returns:
        The folder.

    Raises:
        InputError: The modality is not known, `count` or `seed` is too small, or the folder is not empty or cannot be
            written.
        JobError: Writing failed, for example because the disk is full. What was written is removed.
    """
    check_modality(modality)
    out = Path(out)
    if count < 1 or seed < 0:
        raise InputError(
            "phantom-count-or-seed",
            "phantom: count {count} and seed {seed}; give a count of 1 or more and a seed of 0 or more.",
            count=count,
            seed=seed,
        )
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(
                "folder-not-empty", "{folder}: already holds something; choose a new or an empty folder.", folder=out
            )
        for folder in ("imagesTr", "labelsTr"):
            (out / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "cannot-write-folder",
            "{folder}: cannot be written ({reason}); choose another folder.",
            folder=out,
            reason=error.strerror,
        ) from None
    names = [f"phantom_{n:03d}.nii.gz" for n in range(count)]
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
    with _all_or_nothing(out):
        for n, name in enumerate(names):
            if drawn is not None and n >= drawn:
                for folder in ("imagesTr", "labelsTr"):
                    _copy(out / folder / names[0], out / folder / name)
                continue
            anatomy = head_phantom((seed, n), size, lesions)
            scan = image(anatomy, modality, np.random.default_rng((seed, n, *modality.encode())))
            write_volume(out / "imagesTr" / name, np.rint(scan), anatomy.grid)
            write_labels(out / "labelsTr" / name, anatomy.labels, anatomy.grid)
        with replacing(out / "dataset.json") as temporary:
            temporary.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return out


def _copy(file: Path, copy: Path) -> None:
    """A second name for a file, which takes no room, or a copy where the disk knows no second names."""
    try:
        copy.hardlink_to(file)
    except (OSError, NotImplementedError):
        shutil.copyfile(file, copy)


@contextmanager
def _all_or_nothing(out: Path) -> Iterator[None]:
    """Remove what was written when writing fails: half a data set is of no use, and blocks the next attempt."""
    try:
        yield
    except (OSError, JobError) as error:
        for folder in ("imagesTr", "labelsTr"):
            shutil.rmtree(out / folder, ignore_errors=True)
        (out / "dataset.json").unlink(missing_ok=True)
        if isinstance(error, JobError):
            raise
        raise JobError(
            "phantom-interrupted",
            "{folder}: {full:?the disk is full; free space|cannot be written ({reason}); make it writable} and run it again.",
            folder=out,
            full=error.errno in FULL,
            reason=error.strerror,
        ) from None
