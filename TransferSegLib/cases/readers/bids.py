"""A BIDS data set: folders `sub-…`, images in `anat`, segmentations beside them or in `derivatives`.

A segmentation is a file `…_dseg`, or `…_mask` with an entity `label-…`. It belongs to the image that has all of its entities
(`sub`, `ses`, `acq`, `run`, `space`). A `…_dseg.tsv` with the columns `index` and `name` names the labels.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.cases.readers.parts import LabelList, case_set, named_labels
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, stem_of, suffix_of
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_text

# Files beside images that are none, by the end of their names.
_NO_IMAGES = ("dseg", "mask", "probseg")
# Entities that say which of several derivatives a file is, and not what it is of.
_OF_LABELS = ("desc", "label", "atlas", "seg", "res", "den")
# Names of the space of the image itself.
_OWN_SPACE = ("orig", "individual", "native", "scanner")


@dataclass(frozen=True, eq=False)
class _File:
    """A file, with what its name says: the entities, the suffix, and the suffix of the image that it is of."""

    path: Path
    entities: Mapping[str, str]
    suffix: str
    of: str

    @classmethod
    def named(cls, path: Path) -> _File:
        *words, suffix = stem_of(path).split("_")
        pairs = {key: value for key, dash, value in (word.partition("-") for word in words) if dash}
        if pairs.get("space") in (*_OWN_SPACE, suffix):
            del pairs["space"]
        return cls(path, pairs, suffix, next((word for word in words if "-" not in word), ""))

    @property
    def session(self) -> str:
        """The name of a case that has one label a session."""
        return "_".join(f"{key}-{self.entities[key]}" for key in ("sub", "ses") if key in self.entities)

    @property
    def is_label(self) -> bool:
        return self.suffix == "dseg" or (self.suffix == "mask" and "label" in self.entities)

    def is_of(self, image: _File) -> bool:
        """Whether this segmentation may be of an image."""
        own = {key: value for key, value in self.entities.items() if key not in _OF_LABELS}
        spaces = {own.pop("space", "").replace(image.suffix, ""), image.entities.get("space", "")}
        return len(spaces) == 1 and own.items() <= image.entities.items() and self.of in ("", image.suffix)


def claims(path: Path) -> bool:
    """Say whether it is a folder of BIDS: with `dataset_description.json` and folders `sub-…`, or with `sub-…/…/anat`."""
    subjects = [folder for folder in path.glob("sub-*") if folder.is_dir()]
    described = (path / "dataset_description.json").is_file()
    return bool(subjects) and (described or any(_anatomies(folder) for folder in subjects))


def read(path: Path) -> CaseSet:
    """Read the folder; a session without a segmentation is an unlabelled case.

    Raises:
        InputError: It is not clear which file belongs to which; the sentence names them, and how to say it.
    """
    files = [_File.named(file) for file in _volumes(path)]
    labels = [file for file in files if file.is_label]
    images = [file for file in files if file.suffix not in _NO_IMAGES]
    if any(file.suffix == "dseg" for file in labels):
        labels = [file for file in labels if file.suffix == "dseg"]
    found = {label: _images_of(label, images, path) for label in labels}
    channels = _channels(found, images, path)
    cases = [
        Case(name, tuple(found[label][channel].path for channel in channels), label.path, "train")
        for name, label in _named(labels, path).items()
    ]
    taken = {image.session for of_label in found.values() for image in of_label.values()}
    others, left = _without_labels([image for image in images if image.session not in taken], channels)
    listed = named_labels(path)
    if listed.names is None:
        listed = _listed(labels, path)
    return case_set(
        path.resolve().name,
        path,
        [*cases, *others],
        listed,
        remarks=left,
        is_choice=True,
        is_listed=False,
        channels=tuple(channels),
    )


def _anatomies(subject: Path) -> list[Path]:
    return [*subject.glob("anat"), *subject.glob("ses-*/anat")]


def _volumes(root: Path) -> list[Path]:
    """The volumes of all subjects, raw and in derivatives."""
    subjects = [*root.glob("sub-*"), *root.glob("derivatives/sub-*"), *root.glob("derivatives/*/sub-*")]
    inside = (file for subject in sorted(subjects) for file in sorted(subject.rglob("sub-*")))
    return [file for file in inside if file.is_file() and suffix_of(file) not in (None, ".dcm")]


def _images_of(label: _File, images: Sequence[_File], root: Path) -> dict[str, _File]:
    """The images that a segmentation may be of, by their suffix: of several, the one beside it, or of the shortest name."""
    found: dict[str, list[_File]] = defaultdict(list)
    for image in images:
        if label.is_of(image):
            found[image.suffix].append(image)
    chosen = {}
    for suffix, several in found.items():

        def rank(image: _File) -> tuple[bool, int]:
            return image.path.parent != label.path.parent, len(image.entities)

        several.sort(key=rank)
        if len(several) > 1 and rank(several[0]) == rank(several[1]):
            raise _not_clear(root, label.path, several)
        chosen[suffix] = several[0]
    if not chosen:
        raise InputError(
            "bids-label-without-image",
            "{path}: no image has the entities of this segmentation; {advice}.",
            path=label.path,
            advice=_advice(),
        )
    return chosen


def _channels(found: Mapping[_File, Mapping[str, _File]], images: Sequence[_File], root: Path) -> list[str]:
    """The suffixes of the images that become channels: those that each segmentation has, on its grid."""
    if not found:
        of_all: dict[str, set[str]] = defaultdict(set)
        for image in images:
            of_all[image.session].add(image.suffix)
        shared = set.intersection(*of_all.values()) if of_all else set()
    else:
        shared = set.intersection(*(set(of_label) for of_label in found.values()))
        on_grid = {suffix for suffix in shared if all(_same_grid(label, one[suffix]) for label, one in found.items())}
        shared = on_grid or shared
    if not shared:
        raise InputError(
            "bids-no-shared-image",
            "{path}: no kind of image (T1w, FLAIR, …) is there for every case; {advice}.",
            path=root,
            advice=_advice(),
        )
    order = [image.suffix for image in images if image.suffix in shared]
    return sorted(shared, key=order.index)


def _same_grid(label: _File, image: _File) -> bool:
    try:
        return not read_grid(label.path).differences(read_grid(image.path), of=("", ""))
    except VolumeError:
        return True  # the checks say what is wrong with it


def _named(labels: Sequence[_File], root: Path) -> dict[str, _File]:
    """The segmentations by the names of their cases: subject and session, and what tells several of these apart."""
    by_session: dict[str, list[_File]] = defaultdict(list)
    for label in labels:
        by_session[label.session].append(label)
    named = {}
    for session, several in by_session.items():
        if len(several) == 1:
            named[session] = several[0]
            continue
        for label in several:
            more = [f"{key}-{value}" for key, value in label.entities.items() if key in ("acq", "run", "task")]
            name = "_".join([session, *more, *([label.of] if label.of else [])])
            if name in named or not (more or label.of):
                raise _not_clear(root, several[0].path, several)
            named[name] = label
    return named


def _without_labels(images: Iterable[_File], channels: Sequence[str]) -> tuple[list[Case], list[Problem]]:
    """The cases of sessions without a segmentation, and what is to be said of those that are left out."""
    by_session: dict[str, list[_File]] = defaultdict(list)
    for image in images:
        if image.suffix in channels and "space" not in image.entities and "desc" not in image.entities:
            by_session[image.session].append(image)
    cases, left = [], []
    for session, several in by_session.items():
        of_suffix = {image.suffix: image.path for image in several}
        if len(several) == len(of_suffix) == len(channels):
            cases.append(Case(session, tuple(of_suffix[channel] for channel in channels), None, "unlabelled"))
        else:
            left.append(session)
    if not left:
        return cases, []
    remark = Problem(
        "bids-session-left-out",
        "{count} {count:~session|sessions} without a segmentation {count:~has|have} not exactly one image for each of "
        "{channels:`}, so {count:~it is|they are} left out: {names:…`}",
        {"count": len(left), "names": left, "channels": list(channels)},
        "warning",
        "a table (.csv) with the columns case,image,label can name the images to take",
    )
    return cases, [remark]


def _listed(labels: Sequence[_File], root: Path) -> LabelList:
    """The names of the labels: of a table beside the segmentations or above them, or of the entity of masks."""
    masks = {label.entities["label"] for label in labels if label.suffix == "mask"}
    if masks:
        return LabelList({1: masks.pop()}) if len(masks) == 1 else LabelList()
    for label in labels[:1]:
        above = [folder for folder in label.path.parents if folder == root or root in folder.parents]
        for table in (table for folder in above for table in sorted(folder.glob("*dseg.tsv"))):
            if _File.named(table).entities.items() <= label.entities.items():
                return _table(table)
    return LabelList()


def _table(path: Path) -> LabelList:
    rows = list(csv.DictReader(read_text(path).splitlines(), delimiter="\t"))
    try:
        names = {row["name"].strip(): int(row["index"]) for row in rows}
    except (KeyError, ValueError, AttributeError):
        raise InputError(
            "bids-table-of-labels",
            "{path}: must have the columns `index` (a whole number) and `name`, with tabs between them; correct it.",
            path=path,
        ) from None
    return LabelList.of({"background": 0, **{name: value for name, value in names.items() if value}}, str(path))


def _not_clear(root: Path, path: Path, several: Sequence[_File]) -> InputError:
    return InputError(
        "bids-not-clear",
        "{path}: {count} files may be meant here: {files:…`}; {advice}.",
        path=path,
        count=len(several),
        files=[file.path.relative_to(root).as_posix() for file in several],
        advice=_advice(),
    )


def _advice() -> Problem:
    return Problem(
        "bids-write-a-table",
        "write a table (.csv) beside the folder, with the columns case,image,label (image2… for more channels) and a row for "
        "each case, and give that",
    )
