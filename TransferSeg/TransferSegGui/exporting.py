"""Target cases as a data set on disk that a job reads: numbered files, and nothing that says whose they are."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from TransferSegGui.outside import outside
from TransferSegGui.regions import declared, with_values
from TransferSegGui.segmentations import (
    BINARY,
    renumbered,
    sample_segments,
    sample_slices,
    segments_of,
    values_in,
    voxels_of,
)
from TransferSegGui.targets import TargetCase
from TransferSegGui.volumes import MODALITY, own_grid, world_grid, world_volume
from TransferSegLib.cases.label_list import label_list
from TransferSegLib.cases.readers.parts import modality_of
from TransferSegLib.cases.slabs import slabs, write_in_slabs
from TransferSegLib.cases.volumes import Volume, disk_full, read_grid, read_labels, read_volume, slicer_grid, suffix_of
from TransferSegLib.core.case_set import Case, CaseSet, without_ignored
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import FULL, remove_folder, replacing
from TransferSegLib.core.labels import label_type
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region
from TransferSegLib.core.texts import is_plain

DATA_SET = "cases.json"
# What DICOM says of a volume, on its node or on its item of the subject hierarchy.
DICOM_MODALITY = "DICOM.Modality"
# A segment of which less than this lies outside the image was drawn to its edge, and a little beyond.
LEAST_OUTSIDE = 0.01
# Writes a file; gives its path, and what a person must know of how it lies.
Written = Generator[None, None, tuple[Path, tuple[Problem, ...]]]
Write = Callable[[Path], Written]


def job_name(number: int) -> str:
    """The name under which the case of row `number`, counted from 0, is known in a job."""
    return f"case_{number + 1:03d}"


def label_values(cases: Sequence[TargetCase]) -> dict[str, int]:
    """The value of each label name in a job: 1, 2, 3 and so on, in the order in which the cases bring them."""
    names = dict.fromkeys(name for case in cases if case.role != "unlabelled" for name in case.label_names)
    return {name: value for value, name in enumerate(names, start=1)}


def regions_of(cases: Sequence[TargetCase]) -> dict[str, list[str]]:
    """The regions that the annotated cases declare, by names: files by their data set, segmentations of the scene by theirs.

    Returns:
        Name → the names of what lies in it; none where no labels overlap.

    Raises:
        InputError: Cases do not agree on what lies in a region.
    """
    found: dict[str, list[str]] = {}
    annotated = [case for case in cases if case.role != "unlabelled" and case.segmentation is not None]
    for case in annotated:
        own = case.regions if isinstance(case.segmentation, Path) else declared(case.segmentation)
        for name, covers in own.items():
            if set(found.setdefault(name, list(covers))) != set(covers):
                raise InputError(
                    "regions-differ",
                    "case `{name}`: region `{region}` covers {covers:…`} in it, and {others:…`} in another case; give both "
                    "the same regions.",
                    name=case.name,
                    region=name,
                    covers=list(covers),
                    others=found[name],
                )
    wide = {name for name, covers in found.items() if len(covers) > 1}
    for case in annotated:
        names = [name for name in case.label_names if name in wide]
        if isinstance(case.segmentation, Path) and names and not case.regions:
            raise InputError(
                "regions-not-in-file",
                "case `{name}`: in its file {labels:…`} {labels:~overlaps|overlap} nothing, and in other cases "
                "{labels:~it is a region|they are regions}; list the regions beside the file, too.",
                name=case.name,
                labels=names,
            )
    return found


def channel_names(cases: Sequence[TargetCase]) -> tuple[str, ...]:
    """The names of the channels of a job: what the scene says that they show, else `image 1`, `image 2` and so on.

    What the source model was trained on says nothing of the cases.
    """
    count = max((len(case.images) for case in cases), default=1)
    said = [{_modality(case.images[n]) for case in cases if n < len(case.images)} for n in range(count)]
    known = [next(iter(words)) if len(words) == 1 else "" for words in said]
    numbered = [f"image {n + 1}" for n in range(count)] if count > 1 else ["image"]
    names = tuple(word or name for word, name in zip(known, numbered, strict=True))
    return names if len(set(names)) == count else tuple(numbered)


def _modality(image: slicer.vtkMRMLVolumeNode | Path) -> str:
    """What the scene says that an image shows: sample data `t2w`, DICOM `ct` or `mri`; "" where it says nothing."""
    if isinstance(image, Path):
        return ""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(image)
    of_series = hierarchy.GetItemAttribute(item, DICOM_MODALITY) if item else ""
    words = (image.GetAttribute(MODALITY), image.GetAttribute(DICOM_MODALITY), of_series)
    return modality_of(filter(None, words)) or ""


def described(cases: Sequence[TargetCase]) -> CaseSet:
    """Describe the cases as a data set without files: enough to match labels and channels with the source model's."""
    values = label_values(cases)
    labels, ignore = without_ignored({value: name for name, value in values.items()})
    try:
        regions = with_values(regions_of(cases), values)
    except InputError:  # the export, which every check begins with, says so
        regions = ()
    return CaseSet(
        "Target cases",
        Path("the list of cases"),
        tuple(
            Case(
                job_name(n),
                (),
                None,
                case.role,
                not_annotated=tuple(values[x] for x in case.not_annotated if x in values),
            )
            for n, case in enumerate(cases)
        ),
        labels,
        channel_names(cases),
        ignore=ignore,
        regions=regions,
    )


class Exporter:
    """Writes cases once and keeps the files until a volume, a segmentation or a transform changes.

    Files of a folder are read and written again, as nodes are, so that no text of their headers is copied. Data sets are made
    of links to the written files, so that a check, a plan and a job need one export together. There may be many cases: both
    methods are generators that do a part of the work with each step, so that the caller can show progress and stop.

    Attributes:
        folder: Where the files are kept; it belongs to the exporter alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[tuple[str, str], tuple[Any, Path, tuple[Problem, ...]]] = {}
        self._numbers = itertools.count()

    def export_in_steps(
        self, case: TargetCase, values: dict[str, int], regions: Sequence[Region] = ()
    ) -> Generator[None, None, list[Path]]:
        """Write the files of a case, where they are not up to date.

        Args:
            case: The case.
            values: The value of each label name, see `label_values`.
            regions: The regions that these are; none where segments may not overlap.

        Returns:
            The files: the images, and then the label file if the case has one.

        Raises:
            InputError: The case cannot be exported, for one because its segments overlap.
        """
        unseen = [name for name in case.label_names if not is_plain(name)]
        if unseen:
            raise InputError(
                "segment-name-not-seen",
                "segment `{segment}`: its name has characters that are not seen; rename it.",
                segment=unseen[0],
            )
        files = []
        for n, image in enumerate(case.images):
            stamp, write = partial(_image_stamp, image), partial(_write_image, image)
            files.append((yield from self._up_to_date((case.key, f"image-{n}"), stamp, write)))
        if case.segmentation is not None and case.role != "unlabelled":
            stamp, write = partial(_label_stamp, case, values, regions), partial(_write_labels, case, values, regions)
            files.append((yield from self._up_to_date((case.key, "labels"), stamp, write)))
        return files

    def forget(self) -> None:
        """Delete all files that were written."""
        self._written.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def doubts(self, case: TargetCase) -> list[Problem]:
        """What a person must know of how the images and the segmentation of a case lie, as they were last exported."""
        return [doubt for (key, _part), known in self._written.items() if key == case.key for doubt in known[2]]

    def write_in_steps(self, out: Path, cases: Sequence[TargetCase]) -> Generator[None, None, Path]:
        """Make the data set of all cases in a new folder.

        Args:
            out: The folder; what is there is deleted.
            cases: The cases, in order.

        Returns:
            The path of the data set's list.

        Raises:
            InputError: A case cannot be exported.
            JobError: The disk is full.
        """
        values = label_values(cases)
        regions = with_values(regions_of(cases), values)
        files = []
        for case in cases:
            files.append((yield from self.export_in_steps(case, values, regions)))
        try:
            return (yield from self._list_in_steps(out, cases, files, values, regions))
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(out) from error
            raise

    def _list_in_steps(
        self,
        out: Path,
        cases: Sequence[TargetCase],
        files: Sequence[list[Path]],
        values: dict[str, int],
        regions: Sequence[Region],
    ) -> Generator[None, None, Path]:
        """Make a data set of exported files, a case with each step."""
        remove_folder(out)
        (out / "images").mkdir(parents=True)
        (out / "labels").mkdir()
        lists: dict[str, list[dict[str, Any]]] = {"training": [], "validation": [], "testing": []}
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
                lacking = [name for name in case.not_annotated if name in values]
                entry |= {"not_annotated": lacking} if lacking else {}
                entry |= {"annotated_slices": case.annotated_slices} if case.annotated_slices else {}
            lists[{"validation": "validation", "test": "testing"}.get(case.role, "training")].append(entry)
            yield
        content = {
            "name": "Target cases",
            "modality": {str(n): name for n, name in enumerate(channel_names(cases))},
            **({"labels": label_list({value: name for name, value in values.items()}, regions)} if values else {}),
            **({"regions_class_order": [region.number for region in regions]} if regions else {}),
            **lists,
        }
        with replacing(out / DATA_SET) as temporary:
            temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return out / DATA_SET

    def _up_to_date(self, name: tuple[str, str], stamp: Callable[[], Any], write: Write) -> Generator[None, None, Path]:
        """A file as it is to be now; written again where what it shows was changed while it was written."""
        while True:
            before = stamp()
            known = self._written.get(name)
            if known is not None and known[0] == before and known[1].exists():
                return known[1]
            # Under a new name each time: a check may still be reading what was written before.
            path, doubts = yield from write(self.folder / f"case-{name[0]}" / f"{name[1]}-{next(self._numbers)}")
            self._written[name] = (before, path, doubts)
            if known is not None:
                with contextlib.suppress(OSError):
                    known[1].unlink()


def _write_image(image: slicer.vtkMRMLVolumeNode | Path, place: Path) -> Written:
    # A file is read and written anew, never copied: its header may name the patient.
    if isinstance(image, Path):
        volume = read_volume(image)
        doubts = volume.doubts
    else:
        volume, doubts = world_volume(image), tuple(_placed_otherwise(image))
    yield
    return (yield from _write(place, volume)), doubts


def _write_labels(case: TargetCase, values: dict[str, int], regions: Sequence[Region], place: Path) -> Written:
    if isinstance(case.segmentation, Path):
        read = _labels_in(case.segmentation, case.images[0])
        labels, doubts = _renamed(read, case, values), read.doubts
        yield
    else:
        doubts = yield from _left_out(case)
        labels = yield from _sample(case, values, regions)
        doubts += tuple(_painted_otherwise(case, labels, values, regions))
    return (yield from _write(place, labels, compress=True)), doubts


def _placed_otherwise(image: slicer.vtkMRMLVolumeNode) -> Iterator[Problem]:
    """Say that Slicer laid a volume elsewhere than other programs, and this one's command line, lay its file."""
    stored = image.GetStorageNode()
    path = Path(stored.GetFileName()) if stored is not None and stored.GetFileName() else None
    try:
        slicers = slicer_grid(path) if path is not None and path.is_file() else None
        others = read_grid(path) if path is not None and slicers is not None else None
    except InputError:  # Slicer could read it
        return
    if slicers is None or others is None or others.same_as(slicers) or not own_grid(image).same_as(slicers):
        return  # or the person has moved it since
    yield Problem(
        "slicer-places-otherwise",
        "volume `{volume}`: the header of its file places it twice, and Slicer took the other place than most programs do, "
        "up to {apart_mm:.3g} mm away",
        {"volume": image.GetName(), "apart_mm": others.farthest_mm(slicers)},
        "warning",
        "compare its sides with its original, and write the right place into both, sform and qform",
    )


def _left_out(case: TargetCase) -> Generator[None, None, tuple[Problem, ...]]:
    """Say what of a segmentation lies outside its image, where it would be cut off; some slices with each step.

    Raises:
        InputError: All of it does: it is of another image, or the transform of one of the two is missing.
    """
    image, node = case.images[0], case.segmentation
    if node is None or isinstance(node, Path):
        return ()
    found = yield from outside(node, read_grid(image) if isinstance(image, Path) else world_grid(image))
    if found and all(one.share == 1 for one in found.values()):
        raise InputError(
            "segmentation-outside-volume",
            "segmentation `{segmentation}`: lies {outside_mm:.4g} mm outside volume `{volume}`; choose the segmentation that "
            "was drawn on this volume, or put both under the same transform.",
            segmentation=node.GetName(),
            outside_mm=min(one.nearest_mm for one in found.values()),
            volume=case.name,
        )
    cut = {name: one.share for name, one in found.items() if one.share >= LEAST_OUTSIDE}
    if not cut:
        return ()
    problem = Problem(
        "segments-cut-off",
        "up to {percent:.0f} % of {segments:…`} {segments:~lies|lie} outside the volume and {segments:~is|are} left out",
        {"percent": 100 * max(cut.values()), "segments": list(cut)},
        "warning",
        "check that this segmentation was drawn on this volume",
    )
    return (problem,)


def _labels_in(path: Path, image: slicer.vtkMRMLVolumeNode | Path) -> Volume:
    return read_labels(path, image=image if isinstance(image, Path) else None)


def _painted_otherwise(
    case: TargetCase, labels: Volume, values: dict[str, int], regions: Sequence[Region]
) -> Iterator[Problem]:
    """Say where a region gets voxels that were not drawn in it, because a part of it reaches beyond it."""
    if not regions or not isinstance(case.segmentation, slicer.vtkMRMLSegmentationNode):
        return
    names, own = {value: name for name, value in values.items()}, set(case.label_names)
    more = {}
    for region in regions:
        name = names[region.number]
        if len(region.covers) > 1 and name in own:
            drawn = sample_segments(case.segmentation, labels.grid, {one: int(one == name) for one in own}).array
            more[name] = int((np.isin(labels.array, region.covers) & (drawn == 0)).sum())
    if any(more.values()):
        yield Problem(
            "regions-reach-beyond",
            "parts of {regions:…`} reach up to {count} {count:~voxel|voxels} beyond {regions:~it|them}, and so these voxels "
            "count as {regions:~it|them}, too",
            {"regions": [name for name, count in more.items() if count], "count": max(more.values())},
            "warning",
            "draw them in the larger region, too, or erase them in the smaller one",
        )


def _sample(case: TargetCase, values: dict[str, int], regions: Sequence[Region] = ()) -> Generator[None, None, Volume]:
    """The segmentation of a case as a label map on its image, some slices with each step.

    A person who draws on a CT is not to be held up by the check that follows each stroke.
    """
    image, node = case.images[0], case.segmentation
    grid = read_grid(image) if isinstance(image, Path) else world_grid(image)
    whole = slice(0, grid.size[2])
    surfaces = (
        isinstance(node, slicer.vtkMRMLSegmentationNode) and segments_of(node).GetSourceRepresentationName() != BINARY
    )
    parts = []
    for part in [whole] if surfaces else slabs(grid.size):
        unknown = [name for name in case.label_names if name not in values]
        if unknown:
            raise InputError(
                "segment-came-meanwhile",
                "segment `{segment}`: was added or renamed while the cases were prepared; try again.",
                segment=unknown[0],
            )
        try:
            parts.append(sample_slices(node, grid, values, part, regions))
        except InputError as error:
            if error.problem.code == "segments-overlap":
                sample_slices(node, grid, values, whole)  # which counts all voxels
            raise
        yield
    return Volume(np.concatenate(parts, axis=2), grid)


def _renamed(labels: Volume, case: TargetCase, values: dict[str, int]) -> Volume:
    """The labels of a file with the values that their names have in the job."""
    becomes = {old: values[name] for old, name in case.labels.items()}
    if all(old == new for old, new in becomes.items()):
        return labels
    # What has no name stays as it is: the checks say so.
    becomes = {value: value for value in values_in(labels.array)} | becomes
    dtype = np.dtype(label_type(np.array(list(becomes.values()))))
    return Volume(renumbered(labels.array, becomes, dtype), labels.grid)


def _write(place: Path, volume: Volume, compress: bool = False) -> Generator[None, None, Path]:
    # NRRD keeps the grid in double precision; axes that are not at right angles go into NIfTI only.
    path = place.with_name(place.name + (".nrrd" if volume.grid.right_angles else ".nii"))
    yield from write_in_slabs(path, volume.array, volume.grid, compress)
    return path


def _image_stamp(image: slicer.vtkMRMLVolumeNode | Path) -> Any:
    """Changes whenever the file of an image would."""
    return _file_stamp(image) if isinstance(image, Path) else (*_place_stamp(image), image.GetImageData().GetMTime())


def _label_stamp(case: TargetCase, values: dict[str, int], regions: Sequence[Region]) -> Any:
    """Changes whenever the label file of a case would: with the segments, and with where they and the image lie."""
    named = ({name: values.get(name) for name in case.label_names}, tuple(regions))
    if isinstance(case.segmentation, Path):
        return (*_file_stamp(case.segmentation), named)
    image = case.images[0]
    place = _file_stamp(image) if isinstance(image, Path) else _place_stamp(image)
    return (*place, *_segments_stamp(case.segmentation), named)


def _file_stamp(path: Path) -> tuple[Any, ...]:
    try:
        stat = path.stat()
    except OSError:
        raise InputError(
            "listed-file-gone",
            "{path}: no such file; put it back, or take the case out of the list.",
            path=path,
        ) from None
    return (str(path), stat.st_size, stat.st_mtime_ns)


def _place_stamp(node: slicer.vtkMRMLVolumeNode) -> tuple[Any, ...]:
    grid = own_grid(node)
    return (node.GetID(), _transform_time(node), grid.size, grid.affine.tobytes())


def _segments_stamp(node: slicer.vtkMRMLNode) -> tuple[Any, ...]:
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
        time = voxels_of(node).GetMTime()
        return (*_place_stamp(node), time)
    segmentation = segments_of(node)
    times = [segmentation.GetMTime()] if segmentation.GetNumberOfSegments() else []
    for n in range(segmentation.GetNumberOfSegments()):
        segment = segmentation.GetNthSegment(n)
        data = segment.GetRepresentation(segmentation.GetSourceRepresentationName())
        times += [segment.GetMTime(), data.GetMTime() if data else 0]
    return (node.GetID(), _transform_time(node), *times)


def _transform_time(node: slicer.vtkMRMLTransformableNode) -> int | None:
    parent = node.GetParentTransformNode()
    return None if parent is None else parent.GetTransformToWorldMTime()


def _link(path: Path, target: Path) -> None:
    """The same file under another name where the disk can do that, else a copy."""
    try:
        os.link(path.resolve(), target)
    except OSError:
        shutil.copyfile(path, target)
