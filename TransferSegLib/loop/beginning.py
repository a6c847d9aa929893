"""Beginning a loop: its scans, what is annotated already, what labels are called, and the cases that are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.digests import digests_of
from TransferSegLib.cases.label_list import LABELS_FILE, label_list
from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cases.readers.parts import label_regions, named_labels
from TransferSegLib.cases.volumes import read_labels, suffix_of, write_labels
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.cascades import refuse_cascade
from TransferSegLib.core.case_set import Case, CaseSet, ignored_value
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.core.regions import Region
from TransferSegLib.loop.folder import (
    LOOP_FORMAT,
    SHARED_CASES,
    Annotation,
    Loop,
    LoopFolder,
    annotated_cases,
    keep_label,
)
from TransferSegLib.loop.labels_beside import labels_beside
from TransferSegLib.sources.folder import SourceFolder, file_sha256
from TransferSegLib.transfer.labels import label_task


@dataclass(frozen=True)
class Begun:
    """A loop that was begun.

    Attributes:
        loop: The loop, with the cases that are shared by all rounds.
        problems: What is to be said of its labels, and of segmentations beside the scans that are not taken along.
    """

    loop: Loop
    problems: tuple[Problem, ...] = ()


def init_loop(
    folder: Path,
    source: SourceFolder,
    images: Path,
    target: Path | None = None,
    seed: int = 0,
    label_map: Mapping[str, Any] | None = None,
) -> Begun:
    """Begin a loop.

    Args:
        folder: Its folder, new or empty.
        source: The source model.
        images: The folder with the scans; a `labels.json` in it names the labels that will be annotated.
        target: A data set with cases that are annotated already: their segmentations are copied, and its labels are used.
        seed: Decides which cases are drawn.
        label_map: Which of the labels go to which of the source model's, as a job has it; None where names tell.

    Returns:
        The loop, and what is to be said of its labels.

    Raises:
        InputError: The folder is taken, the scans or the data set cannot be used, two cases have one name, or the label map
            names a label that is not there.
        JobError: The disk refuses it.
    """
    loop = LoopFolder(folder)
    if loop.loop_json.exists() or (loop.path.exists() and (not loop.path.is_dir() or any(loop.path.iterdir()))):
        raise InputError(
            "loop-folder-taken", "{path}: is not empty; choose a new or an empty folder for the loop.", path=loop.path
        )
    card = source.card
    refuse_cascade(card)
    if card.task != "segmentation":
        raise InputError(
            "loop-without-segmentation",
            "`{model}`: was trained for {task} and segments nothing, so no loop can begin from it; choose a model that "
            "segments.",
            model=card.name,
            task=card.task,
        )
    scans = {case.name: case for case in cases_from_images([images], len(card.channels))}
    came = [] if target is None else annotated_cases(target)
    if target is not None:
        _refuse_two_of_a_name(scans, came, images, target)
    named = _labels(card, images, target, label_map)
    problems = _new_labels(card, named, label_map, loop)
    problems += labels_beside(Path(images), scans.values(), {case.name for case in came})
    left = sorted(set(scans) - {case.name for case in came})
    drawn = np.random.default_rng(seed).permutation(len(left))[:SHARED_CASES]
    made = Loop(
        LOOP_FORMAT,
        str(source.folder.absolute()),
        str(card.weights_sha256),
        str(Path(images).expanduser().absolute()),
        None if target is None else str(Path(target).expanduser().absolute()),
        seed,
        tuple(left[n] for n in drawn),
        label_map=label_map,
    )
    listed = label_list(named.labels, named.regions)
    regions = {named.labels[one.number]: one for one in named.regions}
    if regions and label_regions(listed, str(loop.labels_json)) != regions:
        raise InputError(
            "loop-with-regions",
            "{path}: its regions are painted in an order of their own (`regions_class_order`), which a loop does not keep; "
            "give a data set in which the larger region is painted first.",
            path=named.where,
        )
    annotations = [_keep_case(loop, case) for case in came]
    loop.write(loop.labels_json, json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    made = replace(made, annotations=tuple(annotations))
    loop.write(loop.loop_json, json.dumps(to_json(made), indent=2, ensure_ascii=False) + "\n")
    return Begun(made, tuple(problems))


@dataclass(frozen=True)
class _Labels:
    """What the labels of a loop are.

    Attributes:
        labels: Value → name, `ignore` among them.
        regions: The regions that they are; none where each voxel has one label.
        where: The data set, the folder or the model that says so.
    """

    labels: dict[int, str]
    regions: tuple[Region, ...]
    where: Path


def _labels(card: ModelCard, images: Path, target: Path | None, label_map: Mapping[str, Any] | None) -> _Labels:
    """The labels of a loop: those of the target, else those that a list beside the scans names, else the source model's.

    Raises:
        InputError: The list cannot be read, or there is none and a label map names labels of the person's own.
    """
    own = {label.value: label.name for label in card.labels}
    if target is not None:
        given = read_case_set(target)
        if given.named:
            return _Labels(given.labels_and_ignored, given.regions, target)
        return _Labels({value: own.get(value, name) for value, name in given.labels.items()}, given.regions, target)
    beside = named_labels(images)
    if beside.names:
        return _Labels(dict(beside.names), tuple(beside.regions), images)
    if label_map is not None:
        raise InputError(
            "loop-map-without-labels",
            "{option}: nothing says yet what the values of your labels are called; write it into {path}, like "
            '{{"1": "liver"}}, or give annotated cases by {target}.',
            option="--label-map",
            path=images / LABELS_FILE,
            target="--target",
        )
    return _Labels(own, tuple(card.regions), images)


def _new_labels(
    card: ModelCard, named: _Labels, label_map: Mapping[str, Any] | None, loop: LoopFolder
) -> list[Problem]:
    """Say which of the loop's labels the source model has not, so that they begin from nothing.

    Raises:
        InputError: The label map names what is not there, or the labels cannot be matched.
    """
    ignore = ignored_value(named.labels)
    labels = {value: name for value, name in named.labels.items() if value != ignore}
    cases = CaseSet(loop.path.name, named.where, (), labels, ignore=ignore, regions=named.regions)
    new = label_task(cases, card, label_map).new_names
    if not new:
        return []
    return [
        Problem(
            "loop-new-labels",
            "The source model `{model}` has no {new:~label|labels} {new:…`}; it has {known:…`}. {new:~It is|They are} "
            "learned anew from what you annotate, and no prediction is written before the first round. If only the "
            "{new:~name is another|names are others}, begin another loop with {option}, or give the model's in {path}.",
            {
                "model": card.name,
                "new": new,
                "known": card.label_names,
                "option": "--label-map FILE",
                "path": loop.labels_json,
            },
            "warning",
        )
    ]


def _refuse_two_of_a_name(scans: Mapping[str, Case], came: list[Case], images: Path, target: Path) -> None:
    """Refuse a data set with a case that is called as a scan and shows something else; a copy of the scan is the same case.

    Raises:
        InputError: There is one, or an image cannot be read.
    """
    both = sorted(case.name for case in came if case.name in scans and not _is_copy(scans[case.name], case))
    if both:
        raise InputError(
            "loop-names-twice",
            "{path}: its {both:~case|cases} {both:…`} {both:~is|are} called like {both:~a scan|scans} in {images}, and "
            "{both:~has another image|have other images}; rename {both:~it|them} in one of the two.",
            path=target,
            both=both,
            images=images,
        )


def _is_copy(scan: Case, case: Case) -> bool:
    """Whether two cases have the same images: the same files, copies of them, or other files with the same voxels."""
    if len(scan.images) != len(case.images):
        return False
    pairs = list(zip(scan.images, case.images, strict=True))
    if all(one.resolve() == other.resolve() for one, other in pairs):
        return True
    if all(one.is_file() and other.is_file() and file_sha256(one) == file_sha256(other) for one, other in pairs):
        return True
    return digests_of(replace(scan, label=None)).images == digests_of(replace(case, label=None)).images


def _keep_case(folder: LoopFolder, case: Case) -> Annotation:
    """Copy the segmentation of a case of the target into the loop, with what was declared of it.

    What is no plain file, such as a folder with a DICOM segmentation, becomes one with the values of the data set.

    Raises:
        InputError: The segmentation cannot be read.
        JobError: The disk refuses it.
    """
    import tempfile

    assert case.label is not None and case.role != "unlabelled"
    if case.label.is_file() and suffix_of(case.label) is not None:
        kept = keep_label(folder, case.name, case.label, "target")
    else:
        volume = read_labels(case.label, case.renumbered, case.images[0])
        with tempfile.TemporaryDirectory() as made:
            file = Path(made) / "label.nii.gz"
            write_labels(file, volume.array, volume.grid)
            kept = keep_label(folder, case.name, file, "target")
    return replace(kept, role=case.role, not_annotated=case.not_annotated, annotated_slices=case.annotated_slices)
