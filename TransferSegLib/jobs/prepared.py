"""The cases of a job as the network sees them, each prepared once and kept in the job's folder."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

import numpy as np

from TransferSegLib.cases.dicom import split_choice
from TransferSegLib.cases.monai_spacing import Places
from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.cases.template import TemplateSpace
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.jobs.files import explain_write_errors, resume_command, write_json

# Whatever a damaged file, or one that somebody else wrote, makes numpy and the parser say.
_DAMAGED = (InputError, OSError, ValueError, TypeError, LookupError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class _Files:
    """The files that hold one prepared case."""

    image: Path
    classes: Path
    own_classes: Path
    facts: Path


class PreparedCases:
    """Prepares cases on demand and keeps them in a folder, memory-mapped: 400 cases need no more memory than one.

    A case is prepared anew when one of its files has changed, or the preprocessing or the labels have.
    """

    def __init__(self, folder: Path, job: Path, preprocessing: Preprocessing, task: LabelTask) -> None:
        """Make the store; nothing is read or written yet.

        Args:
            folder: Where the prepared cases are kept.
            job: The job's folder, for the command in an error.
            preprocessing: How the network wants its input.
            task: The class of each value in the label files.
        """
        self.folder, self.job, self.preprocessing, self.task = folder, job, preprocessing, task

    def get(self, case: Case) -> PreparedCase:
        """The prepared case, its arrays memory-mapped.

        Raises:
            InputError: The case's files cannot be read.
            JobError: The prepared case cannot be written, or memory runs out.
        """
        return self._kept_or_prepared(case, lambda files: _read(case.name, files))

    def reference(self, case: Case) -> np.ndarray:
        """The classes in a labelled case's label file, (I, J, K) uint8 on the case's own grid, as kept when it was prepared.

        Raises:
            InputError: The case's files cannot be read.
            JobError: The prepared case cannot be written, or memory runs out.
        """
        return self._kept_or_prepared(case, _read_own_classes)

    def has(self, case: Case) -> bool:
        """Whether the case was prepared from its files as they are now."""
        return self._files(case).facts.is_file()

    def _kept_or_prepared(self, case: Case, read: Callable[[_Files], Any]) -> Any:
        files = self._files(case)
        try:
            try:
                return read(files)
            except _DAMAGED:
                self._write(prepare_case(case, self.preprocessing, self.task), files)
                return read(files)
        except MemoryError:
            raise JobError(
                "prepared-case-does-not-fit",
                "case `{case}`: memory of this computer ran out while it was prepared or read; close other programs, then "
                "`{command}`, or start a new job without this case.",
                case=case.name,
                command=resume_command(self.job),
            ) from None

    def _write(self, prepared: PreparedCase, files: _Files) -> None:
        self._save(files.image, lambda file: _write_npy(file, prepared.image))
        classes, own_classes = prepared.classes, prepared.own_classes
        if classes is not None and own_classes is not None:
            self._save(files.classes, lambda file: _write_npy(file, classes))
            # Read for scoring alone, so it may be small on the disk instead of memory-mapped.
            self._save(files.own_classes, lambda file: np.savez_compressed(file, classes=own_classes))
        # Written last: where it is, the others are whole.
        write_json(
            files.facts,
            {
                "size": list(prepared.grid.size),
                "affine": prepared.grid.affine.tolist(),
                "spacing_mm": list(prepared.spacing_mm),
                "box": prepared.box,
                "labelled": prepared.classes is not None,
                "slices_last": prepared.slices_last,
                "open_classes": [[number, list(classes)] for number, classes in prepared.open_classes.items()],
                "places": None if prepared.places is None else to_json(prepared.places),
                "space": None if prepared.space is None else _space_to_json(prepared.space),
            },
            self.job,
        )

    def _save(self, path: Path, save: Callable[[IO[bytes]], None]) -> None:
        with explain_write_errors(path, self.job):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary, temporary.open("wb") as file:
                save(file)

    def _files(self, case: Case) -> _Files:
        """The files of a case; their names change with its own files and with how these are prepared."""
        stamps = []
        for path in (*case.images, *([case.label] if case.label else [])):
            try:
                stat = split_choice(path)[0].stat()  # a part of a file changes with the file
            except OSError as error:
                raise InputError(
                    "case-file-gone",
                    "case `{case}`: {path} cannot be read ({reason}); put it back, then resume the job.",
                    case=case.name,
                    path=path,
                    reason=error.strerror,
                ) from None
            stamps.append([str(path), stat.st_size, stat.st_mtime_ns])
        stamps += [list(case.renumbered)] if case.renumbered else []
        if case.not_annotated or case.annotated_slices is not None:
            stamps.append([list(case.not_annotated), to_json(case.annotated_slices)])
        if self.preprocessing.template is not None:
            template = Path(self.preprocessing.template)
            stamps.append([str(template), template.stat().st_mtime_ns if template.exists() else 0])
        text = repr([stamps, to_json(self.preprocessing), to_json(self.task)])
        key = hashlib.sha256(text.encode()).hexdigest()[:24]
        return _Files(
            self.folder / f"{key}.image.npy",
            self.folder / f"{key}.classes.npy",
            self.folder / f"{key}.own.npz",
            self.folder / f"{key}.json",
        )


def _space_to_json(space: TemplateSpace) -> dict[str, Any]:
    grid = {"size": list(space.grid.size), "affine": space.grid.affine.tolist()}
    return {**grid, "to_case": space.to_case.tolist()}


def _space_from_json(known: Any) -> TemplateSpace | None:
    if known is None:
        return None
    i, j, k = known["size"]
    grid = Grid((i, j, k), np.array(known["affine"], dtype=float))
    return TemplateSpace(grid, np.array(known["to_case"], dtype=float))


def _write_npy(file: IO[bytes], array: np.ndarray) -> None:
    """Write an array in numpy's format; an error says why the disk refuses, which that of `np.save` does not."""
    write_only = cast(IO[bytes], SimpleNamespace(write=file.write))  # numpy would take over a file
    np.lib.format.write_array(write_only, np.ascontiguousarray(array), allow_pickle=False)


def _read(name: str, files: _Files) -> PreparedCase:
    """A case from its files; any of `_DAMAGED` where they are not there, or damaged."""
    known: Mapping[str, Any] = read_json(files.facts)
    size, spacing, box = known["size"], known["spacing_mm"], known["box"]
    prepared = PreparedCase(
        name,
        np.load(files.image, mmap_mode="r"),
        np.load(files.classes, mmap_mode="r") if known["labelled"] else None,
        Grid((size[0], size[1], size[2]), np.array(known["affine"], dtype=float)),
        (spacing[0], spacing[1], spacing[2]),
        None if box is None else (tuple(box[0]), tuple(box[1]), tuple(box[2])),
        space=_space_from_json(known.get("space")),
        places=from_json(Places, known["places"], str(files.facts)) if known.get("places") else None,
        open_classes={int(number): tuple(classes) for number, classes in known.get("open_classes", [])},
        slices_last=bool(known.get("slices_last")),
    )
    shapes = {array.shape[-3:] for array in (prepared.image, prepared.classes) if array is not None}
    if prepared.image.ndim != 4 or prepared.image.dtype.kind != "f" or len(shapes) != 1:
        raise ValueError(f"{files.image}: is no image with its labels")
    return prepared


def _read_own_classes(files: _Files) -> np.ndarray:
    """The classes on the case's own grid; any of `_DAMAGED` where they are not there, or damaged."""
    size = tuple(read_json(files.facts)["size"])
    with np.load(files.own_classes) as stored:
        classes: np.ndarray = stored["classes"]
    if classes.shape != size or classes.dtype != np.uint8:
        raise ValueError(f"{files.own_classes}: does not hold the classes of this case")
    return classes
