"""What a job works on: the target's cases, checked, with their labels settled, each prepared once and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.records import read_json, to_json
from TransferSegLib.jobs.files import write_atomic, write_json

# Leave-one-out up to this many cases, this many folds beyond.
MOST_FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """The cases, by name, that a fold trains on, and those that its model is scored on because it did not see them."""

    number: int
    train: tuple[str, ...]
    held_out: tuple[str, ...]


def make_folds(names: Sequence[str], folds: int | None, seed: int) -> tuple[Fold, ...]:
    """Split cases into folds; None chooses leave-one-out up to five cases and five folds beyond; 0 is no folds.

    Raises `InputError` when there are fewer cases than folds.
    """
    if folds == 0 or (folds is None and len(names) < 2):
        return ()
    count = min(MOST_FOLDS, len(names)) if folds is None else folds
    if count > len(names):
        there = f"are only {len(names)} annotated cases; choose at most {len(names)}, or"
        if len(names) == 1:
            there = "is only 1 annotated case; choose"
        raise InputError(f"--folds {count}: there {there} 0 for no cross-validation.")
    order = [names[n] for n in np.random.default_rng(seed).permutation(len(names))]
    return tuple(
        Fold(n, tuple(c for c in names if c not in order[n::count]), tuple(c for c in names if c in order[n::count]))
        for n in range(count)
    )


class PreparedCases:
    """Prepares cases on demand and keeps them, memory-mapped, in a folder: 400 cases need no more memory than one."""

    def __init__(self, folder: Path, job: Path, preprocessing: Preprocessing, task: LabelTask) -> None:
        self.folder, self.job, self.preprocessing, self.task = folder, job, preprocessing, task

    def get(self, case: Case) -> PreparedCase:
        """The prepared case, from the folder when it is there whole; `InputError` when the case's files cannot be read."""
        key = self._key(case)
        paths = [self.folder / f"{key}.{part}" for part in ("image.npy", "classes.npy", "json")]
        try:
            return self._kept(case.name, *paths)
        except (InputError, OSError, ValueError, TypeError, LookupError, EOFError):
            self._keep(prepare_case(case, self.preprocessing, self.task), *paths)
            return self._kept(case.name, *paths)

    def has(self, case: Case) -> bool:
        """Whether the case was prepared from its files as they are now."""
        return (self.folder / f"{self._key(case)}.json").is_file()

    def _keep(self, prepared: PreparedCase, image: Path, classes: Path, facts: Path) -> None:
        write_atomic(image, _npy(prepared.image), self.job)
        if prepared.classes is not None:
            write_atomic(classes, _npy(prepared.classes), self.job)
        # Written last: where it is, the others are whole.
        write_json(
            facts,
            {
                "size": list(prepared.grid.size),
                "affine": prepared.grid.affine.tolist(),
                "spacing_mm": list(prepared.spacing_mm),
                "box": prepared.box,
                "labelled": prepared.classes is not None,
            },
            self.job,
        )

    def _kept(self, name: str, image: Path, classes: Path, facts: Path) -> PreparedCase:
        """What is in the folder; any of several errors where it is not there, or damaged."""
        known = read_json(facts)
        size, spacing, box = known["size"], known["spacing_mm"], known["box"]
        prepared = PreparedCase(
            name,
            np.load(image, mmap_mode="r"),
            np.load(classes, mmap_mode="r") if known["labelled"] else None,
            Grid((size[0], size[1], size[2]), np.array(known["affine"], dtype=float)),
            (spacing[0], spacing[1], spacing[2]),
            None if box is None else (tuple(box[0]), tuple(box[1]), tuple(box[2])),
        )
        shapes = {array.shape[-3:] for array in (prepared.image, prepared.classes) if array is not None}
        if prepared.image.ndim != 4 or prepared.image.dtype.kind != "f" or len(shapes) != 1:
            raise ValueError(f"{image}: is no image with its labels")
        return prepared

    def _key(self, case: Case) -> str:
        """Changes with the files and with how they are prepared, so that a stale preprocessing is never used."""
        stamps = []
        for path in (*case.images, *([case.label] if case.label else [])):
            try:
                stat = path.stat()
            except OSError as error:
                raise InputError(
                    f"case `{case.name}`: {path} cannot be read ({error.strerror}); put it back, then resume the job."
                ) from None
            stamps.append([str(path), stat.st_size, stat.st_mtime_ns])
        text = repr([stamps, to_json(self.preprocessing), to_json(self.task)])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def _npy(array: np.ndarray) -> bytes:
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array))
    return buffer.getvalue()
