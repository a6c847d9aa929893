"""What the readers share: names of cases, labels and modalities, and putting together a case set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unicodedata import normalize

from TransferSegLib.cases.dicom import is_drawn, is_volume
from TransferSegLib.cases.facts import label_facts
from TransferSegLib.cases.readers.loose_slices import refuse_loose_slices
from TransferSegLib.cases.readers.remarks import files_not_used, names_alike
from TransferSegLib.cases.readers.segment_names import by_segment_names, labels_without_names
from TransferSegLib.cases.volumes import stem_of, suffix_of
from TransferSegLib.core.case_set import IGNORED, AnnotatedSlices, Case, CaseSet, without_ignored
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.core.regions import Region, read_regions
from TransferSegLib.core.texts import is_plain

_LABEL = re.compile(r"(?P<case>.+)[-_. ](seg|segmentation|labels?|mask|gt|dseg)$", re.IGNORECASE)
_CHANNEL = re.compile(r"(?P<case>.+)_(?P<channel>\d{4})$")


def volumes_in(folder: Path) -> list[Path]:
    """List the images of a folder by name: files that hold a volume, and folders (each with a DICOM series)."""
    if not folder.is_dir():
        return []
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith(".") and p.name != "__MACOSX" and (p.is_dir() or _holds_a_volume(p))
    )


def _holds_a_volume(file: Path) -> bool:
    """Whether a file holds a volume by its ending, or a DICOM file, whatever its name, by its kind."""
    ending = suffix_of(file)
    return is_volume(file) or is_drawn(file) if ending in (None, ".dcm") else True


def is_segments(file: Path) -> bool:
    """Say whether a file holds segments that somebody drew, and so no image: Slicer's, or those of a DICOM object."""
    ending = suffix_of(file)
    return ending == ".seg.nrrd" or (ending in (None, ".dcm") and file.is_file() and is_drawn(file))


def channel_of(image: Path) -> tuple[str, int] | None:
    """Return case and channel of a file that is named as by nnU-Net, `case_0000.nii.gz`; None for another name."""
    match = _CHANNEL.match(stem_of(image))
    return (match["case"], int(match["channel"])) if match else None


def labels_by_case(files: Iterable[Path], cases: Collection[str]) -> dict[str, Path]:
    """Find out which case each label file belongs to.

    Args:
        files: The label files.
        cases: The names of the cases that have images.

    Returns:
        Case → its label file: one that is named like the case, or `case_seg`…; a file that is like no case, under its own
        name. Where only the spelling differs (`P1` and `p1`), a label belongs to the one case that it can mean.

    Raises:
        InputError: A case has two label files.
    """
    labels: dict[str, Path] = {}
    for file in sorted(files):
        name = _case_of_labels(file, cases) or stem_of(file)
        if name in labels:
            raise InputError(
                "two-label-files",
                "{path}: case `{case}` has the labels {other} already; rename or remove one of the two.",
                path=file,
                case=name,
                other=labels[name],
            )
        labels[name] = file
    for case, name in _paired_by_spelling(set(cases) - labels.keys(), labels.keys() - set(cases)):
        labels[case] = labels.pop(name)
    return labels


def spelling(name: str) -> str:
    """A name without what computers spell otherwise: capitals, and accents, which macOS stores apart from their letters."""
    return normalize("NFC", name.casefold())


def _paired_by_spelling(cases: Iterable[str], labels: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a case without a label and a label without a case that are one name in another spelling."""
    alike: dict[str, tuple[list[str], list[str]]] = {}
    for side, names in enumerate((cases, labels)):
        for name in names:
            alike.setdefault(spelling(name), ([], []))[side].append(name)
    return [(own[0], other[0]) for own, other in alike.values() if len(own) == len(other) == 1]


def without_labels(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Divide the files of a folder into images, and labels beside them: `x_seg` beside `x` or `x_0000`."""
    names = {stem_of(file) for file in files} | {number[0] for file in files if (number := channel_of(file))}
    segmented = [
        file for file in files if _LABEL.match(stem_of(file)) and _case_of_labels(file, names - {stem_of(file)})
    ]
    return [file for file in files if file not in segmented], segmented


def _case_of_labels(file: Path, cases: Collection[str]) -> str | None:
    """The case that a label file belongs to: `case`, `case_0000`, `case_seg`, `case-label`…; None for another name."""
    name = stem_of(file)
    shorter = match["case"] if (match := _LABEL.match(name)) else name
    found = (name, shorter, *(number["case"] for one in (name, shorter) if (number := _CHANNEL.match(one))))
    if match and match[2].lower() == "dseg":  # BIDS: `sub-01_dseg` is of `sub-01_T1w`, where it has no other image
        of_subject = [case for case in cases if case.startswith(f"{shorter}_") and not _LABEL.match(case)]
        found += tuple(of_subject) if len(of_subject) == 1 else ()
    return next((case for case in found if case in cases), None)


def by_case(images: Iterable[Path], channels: int | None = None) -> dict[str, tuple[Path, ...]]:
    """Group images by case: `case_0000`, `case_0001`… are the channels of one case, in whichever folders they lie.

    Where a channel 0 of one name lies in several folders, these are cases, named by their folders.

    Where some images have no such number, or no number is 0 (`patient_0001` is a patient), each image is a case under its
    whole name.

    Args:
        images: The images.
        channels: How many channels a case has, where it is known. With one, each image is a case, unless all numbers are 0.

    Returns:
        Case → its images, in the order of the channels.

    Raises:
        InputError: Two images are of one channel, or a channel is missing between others.
    """
    images = list(images)
    numbered = [(*number, image) for image in images if (number := channel_of(image))]
    numbers = {channel for _, channel, _ in numbered}
    if len(numbered) < len(images) or 0 not in numbers or (channels == 1 and numbers != {0}):
        return each_a_case(images)
    cases: dict[str, tuple[Path, ...]] = {}
    for name, channel, image in _by_folder(sorted(numbered)):
        before = cases.get(name, ())
        if channel < len(before):
            raise InputError(
                "two-images-of-channel",
                "{path}: case `{case}` has channel {channel} already, {other}; rename or remove one of the two.",
                path=image,
                case=name,
                channel=channel,
                other=before[channel],
            )
        if channel > len(before):
            raise missing_channel(image, name, len(before))
        cases[name] = (*before, image)
    return cases


def _by_folder(numbered: Sequence[tuple[str, int, Path]]) -> list[tuple[str, int, Path]]:
    """Name cases by their folders where several have one name, each with channel 0 in another folder.

    Args:
        numbered: Case, channel and path of each image, in order. The channels of a case lie in one folder, or in folders of
            their own: only what is there several times is of several cases.
    """
    first = Counter(name for name, channel, _ in numbered if channel == 0)
    keys = [(name, image.parent if first[name] > 1 else None) for name, _, image in numbered]
    cases = {key: image for key, (_, _, image) in zip(keys, numbered, strict=True)}
    names = dict(zip(cases, told_apart([(name, image) for (name, _), image in cases.items()]), strict=True))
    return sorted((names[key], channel, image) for key, (_, channel, image) in zip(keys, numbered, strict=True))


def missing_channel(image: Path, case: str, channel: int) -> InputError:
    """Make the error for a case that lacks a channel before one of its images: `case_0001` without `case_0000`.

    Args:
        image: An image of the case, for the error.
        case: The case.
        channel: The number of the channel that is missing, from 0.
    """
    return InputError(
        "missing-channel",
        "{path}: case `{case}` has no `{case}_{channel:04}` before this image; add the "
        "missing channel, or, if the numbers are not of channels, rename the images or "
        "list them in a table (.csv).",
        path=image,
        case=case,
        channel=channel,
    )


def each_a_case(images: Iterable[Path]) -> dict[str, tuple[Path, ...]]:
    """Make a case of each image, under its name.

    Raises:
        InputError: Two images have one name, and lie in one folder.
    """
    cases: dict[str, tuple[Path, ...]] = {}
    images = sorted(images)
    for name, image in zip(told_apart([(stem_of(image), image) for image in images]), images, strict=True):
        if name in cases:
            raise InputError(
                "two-images-of-case",
                "{path}: case `{case}` has the image {other} already; rename or remove one of the two.",
                path=image,
                case=name,
                other=cases[name][0],
            )
        cases[name] = (image,)
    return cases


@dataclass(frozen=True)
class LabelList:
    """A list of labels.

    Attributes:
        names: Value → name; None: no list names them, and the values are looked up in the files.
        regions: The regions that they are, see `CaseSet.regions`.
    """

    names: dict[int, str] | None = None
    regions: tuple[Region, ...] = ()

    @classmethod
    def of(cls, labels: Any, where: str, order: Any = None) -> LabelList:
        """Read the labels of a data set and the regions that they are; see `label_names` and `label_regions`.

        Args:
            labels: The parsed JSON of `labels`.
            where: Names the file in an error.
            order: The parsed JSON of nnU-Net's `regions_class_order`, where there is one.
        """
        regions = label_regions(labels, where, order)
        return cls(label_names(labels, where, regions), tuple(regions.values()))


def named_labels(folder: Path) -> LabelList:
    """Read the folder's `labels.json`, where there is one."""
    file = folder / "labels.json"
    return LabelList.of(read_json(file), str(file)) if file.is_file() else LabelList()


def _with_lists_beside_labels(root: Path, cases: Iterable[Case], listed: LabelList) -> tuple[LabelList, list[Problem]]:
    """Take the names of labels from a `labels.json` in the label files' own folder, where the data set lists none.

    Args:
        root: The folder of the data set, whose own list is read already.
        cases: Its cases.
        listed: That list.

    Returns:
        The list to use, and what is to be said of lists that are not used.
    """
    folders = sorted({case.label.parent for case in cases if case.label is not None} - {root})
    found: dict[Path, LabelList] = {}
    problems = []
    for folder in folders:
        file = folder / "labels.json"
        try:
            own = named_labels(folder)
        except InputError as error:
            problems.append(
                Problem(
                    "label-list-not-read",
                    "{path}: lies beside label files, and was not read ({reason})",
                    {"path": file, "reason": error.problem},
                    "warning",
                )
            )
            continue
        if own.names is not None:
            found[file] = own
    if listed.names is None and found:
        listed = next(iter(found.values()))
    others = [path for path, own in found.items() if own != listed]
    if others:
        problems.append(
            Problem(
                "label-list-not-used",
                "{path}: names the values of the label files beside it otherwise than the data set does, whose names are "
                "used ({labels:…})",
                {"path": others[0], "labels": [f"{value} {name}" for value, name in (listed.names or {}).items()]},
                "warning",
                "make the lists agree, or move it away",
            )
        )
    return listed, problems


def label_regions(labels: Any, where: str, order: Any = None) -> dict[str, Region]:
    """Read the regions that labels are: `{"whole": [1, 2], "core": [2]}`.

    Args:
        labels: The parsed JSON. Lists of one value each are no regions, as in nnU-Net.
        where: Names the file in an error.
        order: nnU-Net's `regions_class_order`; None where there is none.

    Returns:
        Name → region, in the order in which they are painted; nothing where each voxel has one label.

    Raises:
        InputError: The regions do not tell the values apart.
    """
    entries = labels.items() if isinstance(labels, Mapping) else ()
    if not any(isinstance(entry, list) and len(entry) > 1 for _, entry in entries):
        return {}
    named: dict[str, list[int]] = {}
    for name, entry in entries:
        values = entry if isinstance(entry, list) else [entry]
        if not values or not all(_whole(value) and int(value) >= 0 for value in values):
            raise InputError(
                "region-values",
                "{where}: region `{label}` is no list of whole numbers; correct the file.",
                where=where,
                label=name,
            )
        if name.casefold() != IGNORED and [int(value) for value in values] != [0]:
            named[name] = [int(value) for value in values]
    painted = [int(value) for value in order] if isinstance(order, list) and all(map(_whole, order)) else None
    return read_regions(named, painted, where)


def label_names(labels: Any, where: str, regions: Mapping[str, Region] | None = None) -> dict[int, str]:
    """Read the names of labels.

    Args:
        labels: The parsed JSON: `{"1": "liver"}` (Decathlon) or `{"liver": 1}` (nnU-Net).
        where: Names the file in an error.
        regions: What `label_regions` has found in it.

    Returns:
        Value → name, without the background; with `ignore`, which `case_set` takes out.

    Raises:
        InputError: It is no such list, or has two labels of one name or value.
    """
    if not isinstance(labels, Mapping) or not labels:
        raise InputError(
            "labels-not-an-object",
            "{where}: `labels` must be an object of names and values; correct the file.",
            where=where,
        )
    named: dict[int, str] = {}
    for key, entry in labels.items():
        if isinstance(entry, list):
            entry = regions[key].number if regions and key in regions else entry[0] if len(entry) == 1 else None
        value, name = (key, entry) if _whole(key) else (entry, key)
        if not _whole(value) or not isinstance(name, str) or int(value) < 0:
            raise InputError(
                "label-without-value",
                "{where}: label `{label}` lacks a name or a whole number for its value; correct the file.",
                where=where,
                label=key,
            )
        if not is_plain(name):
            raise InputError(
                "label-name-hidden",
                "{where}: the name of label {value} has control characters; write it as it is to be read.",
                where=where,
                value=value,
            )
        if int(value) in named:
            raise InputError(
                "value-given-twice",
                "{where}: value {value} is given to two labels; correct the file.",
                where=where,
                value=value,
            )
        if int(value) != 0:
            named[int(value)] = name
    if len(set(named.values())) < len(named):
        raise InputError("data-set-label-twice", "{where}: two labels have the same name; rename one.", where=where)
    return dict(sorted(named.items()))


def labels_in_files(cases: Iterable[Case]) -> dict[int, str]:
    """Look up which values the label files have; the checks do not read them a second time.

    Files that cannot be read, and values below 0, are left to the checks.

    Returns:
        Value → a name made of it.
    """
    values: set[int] = set()
    for case in cases:
        if case.label is not None:
            try:
                values |= label_facts(case.label, case.renumbered).values
            except InputError:
                continue
    return {value: f"label {value}" for value in sorted(values) if value > 0}


def modality_of(words: Iterable[str]) -> str | None:
    """Return `ct`, `t1w`, `t2w`, `flair` or `mri` when the name of the first channel says so."""
    word = re.sub(r"[^a-z0-9]", "", next(iter(words), "").lower())
    for known, names in {
        "ct": ("ct", "cbct", "computedtomography"),
        "t1w": ("t1", "t1w", "t1weighted", "mprage"),
        "t2w": ("t2", "t2w", "t2weighted"),
        "flair": ("flair",),
        "mri": ("mr", "mri"),
    }.items():
        if word in names:
            return known
    return None


def channel_modality(number: int, channels: Sequence[str], modality: str | None) -> str | None:
    """Say what a channel shows.

    Args:
        number: The channel, counted from 0.
        channels: The names of all channels.
        modality: What the data set says that its images show; it counts for the first channel only.

    Returns:
        The modality of the data set or, without one, what the channel's name says; None where neither is known.
    """
    return modality if modality and number == 0 else modality_of([channels[number]])


def told_apart(named: Sequence[tuple[str, Path]]) -> list[str]:
    """Give cases of one name names of their own: `s001` and `s002` for `s001/ct.nii.gz` and `s002/ct.nii.gz`.

    Args:
        named: The name of each case, and its first image.

    Returns:
        The names. One that several cases had begins with what tells their folders apart, and is that alone where all cases
        had the same name. Cases of one name in one folder keep it.
    """
    names = [name for name, _ in named]
    counts = Counter(names)
    for name in [name for name, count in counts.items() if count > 1]:
        places = [n for n, other in enumerate(names) if other == name]
        folders = [named[n][1].parent.parts for n in places]
        varying = {level for level, parts in enumerate(zip_longest(*folders)) if len(set(parts)) > 1}
        for n, parts in zip(places, folders, strict=True):
            differing = [part for level, part in enumerate(parts) if level in varying]
            names[n] = "_".join([*differing, *([name] if len(counts) > 1 or not differing else [])])
    return names


def case_set(
    name: str,
    root: Path,
    cases: Iterable[Case],
    listed: LabelList,
    *,
    remarks: Iterable[Problem] = (),
    is_choice: bool = False,
    not_annotated: Mapping[tuple[Path, ...], Sequence[str]] | None = None,
    **rest: Any,
) -> CaseSet:
    """Put together a case set.

    Args:
        name: Its name.
        root: Its folder.
        cases: Its cases.
        listed: Its labels.
        remarks: What the reader has to say of it.
        is_choice: Whether its list may choose some of the images in its folders.
        not_annotated: The images of a case → the names (or values) of the labels that nobody annotated in it.
        rest: Other attributes of `CaseSet`.

    Returns:
        The case set.

    Raises:
        InputError: There is no case, or two have one name, or the files disagree about the labels, or a label that is said
            not to be annotated is none of the data set's.
    """
    cases = tuple(cases)
    if not cases:
        for folder in sorted(root.glob("images*")):
            refuse_loose_slices(folder)
        raise InputError(
            "no-cases", "{path}: no cases found; check that this is the data set's folder or list.", path=root
        )
    names = told_apart([(case.name, case.images[0]) for case in cases])
    cases = tuple(replace(case, name=name) for case, name in zip(cases, names, strict=True))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            "case-twice",
            "{path}: case `{case}` is listed twice; give each case a name of its own.",
            path=root,
            case=twice[0],
        )
    listed, differing = _with_lists_beside_labels(root, cases, listed)
    labels, named = listed.names, listed.names is not None
    cases, segments = by_segment_names(cases, labels)
    nameless = [] if labels else list(labels_without_names(cases))
    if labels is None:
        labels = {value: segments.get(value, name) for value, name in labels_in_files(cases).items()}
        named = bool(labels) and labels.keys() <= segments.keys()
    labels, ignore = without_ignored(labels)
    if not_annotated:
        lacks = {images: _values_of(names, labels, root) for images, names in not_annotated.items()}
        cases = tuple(replace(case, not_annotated=lacks.get(case.images, ())) for case in cases)
    left = files_not_used(root, cases, "note" if is_choice else "warning")
    alike = names_alike([case.name for case in cases], spelling)
    remarks = (*remarks, *differing, *nameless, *alike, *left)
    return CaseSet(
        name, root, cases, labels, named=named, remarks=remarks, ignore=ignore, regions=listed.regions, **rest
    )


def _values_of(names: Sequence[str], labels: Mapping[int, str], root: Path) -> tuple[int, ...]:
    """The values of labels that are given by their names or values."""
    values = {name: value for value, name in labels.items()} | {str(value): value for value in labels}
    unknown = next((name for name in names if name not in values), None)
    if unknown is not None:
        raise InputError(
            "not-annotated-label",
            "{path}: the data set has no label `{label}`, of which a case says that it is not annotated; it has {labels:…`}; "
            "correct the name, or add the label to the list of labels.",
            path=root,
            label=unknown,
            labels=list(labels.values()),
        )
    return tuple(sorted({values[name] for name in names}))


def annotated_slices(text: str, where: str) -> AnnotatedSlices:
    """Read which slices of a case are annotated.

    Args:
        text: Such as `axial`, or `axial: 10, 20, 30-35`; slices are counted from 0.
        where: Names the file and the case in an error.

    Returns:
        The direction of the slices, and their numbers, where they are named.

    Raises:
        InputError: The text says nothing of the kind.
    """
    found = AnnotatedSlices.parse(text)
    if found is None:
        raise InputError(
            "annotated-slices",
            "{where}: `{text}` does not say which slices are annotated; write `axial` (or coronal, sagittal) for those that "
            "have a label, or `axial: 10, 20, 30-35`.",
            where=where,
            text=text,
        )
    return found


def words(values: Any, where: str, field: str) -> tuple[str, ...]:
    """Read the names of channels.

    Args:
        values: The parsed JSON: a list, an object with numbered keys, or one text for a single channel.
        where: Names the file in an error.
        field: Names the field in an error.

    Returns:
        The names, in order.

    Raises:
        InputError: It is something else.
    """
    if isinstance(values, str):
        values = [values]
    if isinstance(values, Mapping):
        values = [values[key] for key in sorted(values, key=lambda k: int(k) if _whole(k) else 0)]
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise InputError(
            "channel-names",
            "{where}: `{field}` must list a name for each channel; correct the file.",
            where=where,
            field=field,
        )
    return tuple(values)


def text(data: Mapping[str, Any], field: str) -> str | None:
    """Return a text among parsed JSON, stripped; None where the field is absent, empty or no text."""
    value = data.get(field)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _whole(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value) is not None)
