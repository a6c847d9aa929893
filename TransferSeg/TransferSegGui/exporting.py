"""Target cases as a data set on disk that a job reads: numbered files, and nothing that says whose they are."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.segmentations import sample_segments
from TransferSegGui.targets import TargetCase
from TransferSegGui.volumes import world_volume
from TransferSegLib.cases.case_set import Case, CaseSet
from TransferSegLib.cases.grid import Grid
from TransferSegLib.cases.volumes import read_labels, read_volume, suffix_of, write_labels, write_volume
from TransferSegLib.errors import InputError
from TransferSegLib.sources.card import ModelCard

DATA_SET = "cases.json"


def job_name(number: int) -> str:
    """The name under which the case of row `number`, counted from 0, is known in a job."""
    return f"case_{number + 1:03d}"


def label_values(cases: Sequence[TargetCase]) -> dict[str, int]:
    """The value of each label name in a job: 1, 2, 3… in the order in which the cases bring them."""
    names = dict.fromkeys(name for case in cases if case.role != "unlabelled" for name in case.label_names)
    return {name: value for value, name in enumerate(names, start=1)}


def channel_names(cases: Sequence[TargetCase], card: ModelCard | None) -> tuple[str, ...]:
    """The source model's names for the channels where the numbers agree, else image 1, image 2…"""
    count = max((len(case.images) for case in cases), default=1)
    if card is not None and len(card.channels) == count:
        return tuple(card.channels)
    return tuple(f"image {n + 1}" for n in range(count)) if count > 1 else ("image",)


def described(cases: Sequence[TargetCase], card: ModelCard | None) -> CaseSet:
    """The cases as the library sees them, before any file is written: enough to match labels and channels."""
    values = label_values(cases)
    return CaseSet(
        "Target cases",
        Path("the list of cases"),
        tuple(Case(job_name(n), (), None, case.role) for n, case in enumerate(cases)),
        {value: name for name, value in values.items()},
        channel_names(cases, card),
    )


class Exporter:
    """Writes cases once and keeps the files until a volume, a segmentation or a transform changes.

    `folder` belongs to it alone. Files of a folder are read and written anew as nodes are, so that no text of a header
    goes along. `write` makes a data set of links to what was written, so that a check, a plan and a job cost one export
    together.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, tuple[Any, list[Path]]] = {}

    def export(self, case: TargetCase, values: dict[str, int]) -> list[Path]:
        """The files of a case, images first and then its label file if it has one, written where they are not yet.

        Raises `InputError` for what cannot be exported, overlapping segments for one.
        """
        stamp = _stamp(case, values)
        known = self._written.get(case.key)
        if known and known[0] == stamp and all(path.exists() for path in known[1]):
            return known[1]
        place = self.folder / f"case-{case.key}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        files = [self._image(image, place / f"image-{n}") for n, image in enumerate(case.images)]
        if case.segmentation is not None and case.role != "unlabelled":
            files.append(self._labels(case, values, place / "labels"))
        self._written[case.key] = (stamp, files)
        return files

    def write(self, out: Path, cases: Sequence[TargetCase], card: ModelCard | None) -> Path:
        """Make the data set of all cases in the new folder `out` and return the path of its list."""
        values = label_values(cases)
        files = [self.export(case, values) for case in cases]
        shutil.rmtree(out, ignore_errors=True)
        (out / "images").mkdir(parents=True)
        (out / "labels").mkdir()
        lists: dict[str, list[dict[str, Any]]] = {"training": [], "testing": []}
        for number, (case, own) in enumerate(zip(cases, files, strict=True)):
            name, count = job_name(number), len(case.images)
            images = []
            for channel, path in enumerate(own[:count]):
                ending = f"_{channel:04d}" if count > 1 else ""
                images.append(f"images/{name}{ending}{suffix_of(path)}")
                _link(path, out / images[-1])
            entry: dict[str, Any] = {"image": images if count > 1 else images[0]}
            if len(own) > count:
                entry["label"] = f"labels/{name}{suffix_of(own[-1])}"
                _link(own[-1], out / entry["label"])
            lists["testing" if case.role == "test" else "training"].append(entry)
        content = {
            "name": "Target cases",
            "modality": {str(n): name for n, name in enumerate(channel_names(cases, card))},
            **({"labels": {str(value): name for name, value in values.items()}} if values else {}),
            **lists,
        }
        (out / DATA_SET).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return out / DATA_SET

    def _image(self, image: slicer.vtkMRMLVolumeNode | Path, place: Path) -> Path:
        # A file is read and written anew, never copied: its header may name the patient.
        volume = read_volume(image) if isinstance(image, Path) else world_volume(image)
        return _written_volume(place, volume.array, volume.grid)

    def _labels(self, case: TargetCase, values: dict[str, int], place: Path) -> Path:
        if not isinstance(case.segmentation, Path):
            labels = sample_segments(case.segmentation, case.images[0], values)
            return _written_labels(place, labels.array, labels.grid)
        renumbered = {old: values[name] for old, name in case.labels.items()}
        labels = read_labels(case.segmentation)
        if all(old == new for old, new in renumbered.items()):
            return _written_labels(place, labels.array, labels.grid)
        highest = int(labels.array.max(initial=0))
        table = np.arange(max(highest, *renumbered) + 1)
        table[list(renumbered)] = list(renumbered.values())
        return _written_labels(place, table[labels.array], labels.grid)


def _stamp(case: TargetCase, values: dict[str, int]) -> Any:
    """Changes whenever the files of a case would."""
    parts: list[Any] = [case.role == "unlabelled"]
    for thing in (*case.images, case.segmentation):
        if isinstance(thing, Path):
            try:
                stat = thing.stat()
            except OSError:
                raise InputError(
                    _("{file}: no such file; put it back, or take the case out of the list.").format(file=thing)
                ) from None
            parts.append((str(thing), stat.st_size, stat.st_mtime_ns))
        elif thing is not None:
            parts.append((thing.GetID(), *_times(thing)))
    return (*parts, {name: values.get(name) for name in case.label_names})


def _times(node: slicer.vtkMRMLTransformableNode) -> tuple[int, ...]:
    times = []
    parent = node.GetParentTransformNode()
    if parent is not None:
        times.append(parent.GetTransformToWorldMTime())
    if isinstance(node, slicer.vtkMRMLSegmentationNode):
        segmentation = node.GetSegmentation()
        times.append(segmentation.GetMTime())
        for n in range(segmentation.GetNumberOfSegments()):
            segment = segmentation.GetNthSegment(n)
            data = segment.GetRepresentation(segmentation.GetSourceRepresentationName())
            times += [segment.GetMTime(), data.GetMTime() if data else 0]
    elif node.GetImageData() is not None:
        matrix = vtk.vtkMatrix4x4()
        node.GetIJKToRASMatrix(matrix)
        times += [node.GetImageData().GetMTime(), hash(slicer.util.arrayFromVTKMatrix(matrix).tobytes())]
    return tuple(times)


def _written_volume(place: Path, array: np.ndarray, grid: Grid) -> Path:
    path = place.with_name(place.name + _ending(grid))
    write_volume(path, array, grid, compress=False)  # the person waits for it
    return path


def _written_labels(place: Path, array: np.ndarray, grid: Grid) -> Path:
    path = place.with_name(place.name + _ending(grid))
    write_labels(path, array, grid)
    return path


def _ending(grid: Grid) -> str:
    # NRRD keeps the grid in double precision; axes that are not at right angles go into NIfTI only.
    right_angles = np.allclose(grid.direction.T @ grid.direction, np.eye(3), atol=1e-4)
    return ".nrrd" if right_angles else ".nii.gz"


def _link(path: Path, target: Path) -> None:
    """The same file under another name where the disk can do that, else a copy."""
    try:
        os.link(path.resolve(), target)
    except OSError:
        shutil.copyfile(path, target)
