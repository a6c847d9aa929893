"""The formats of data sets: each is a file of this package and a line in `FORMATS`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from TransferSegLib.cases.dicom import folders_with_images, holds_series, is_dicom, split_choice
from TransferSegLib.cases.readers import datalist, images, pictures
from TransferSegLib.cases.readers.loose_slices import refuse_loose_slices
from TransferSegLib.cases.readers.parts import by_case, is_segments, volumes_in, without_labels
from TransferSegLib.cases.readers.remarks import is_other_image
from TransferSegLib.cases.volumes import SUFFIXES, stem_of, suffix_of
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

# The first that claims the path reads it: nnU-Net before Decathlon, whose `dataset.json` is more general. `images` comes
# last, after a look for a data set inside the folder.
FORMATS = tuple(
    import_module(f"{__name__}.{file}")
    for file in ("nnunet", "decathlon", "datalist", "pictures", "folders", "bids", "table")
)

# Of a UID so many characters at its end are kept in the name of a file, or more where they are needed.
_SHORT_END = 6


def read_case_set(path: Path) -> CaseSet:
    """Read a data set in any of the known formats.

    Files that the data set lists and that are missing or damaged are left to the checks.

    Raises:
        InputError: The path is no data set, or its list cannot be understood.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no-such-path", "{path}: no such file or folder; check the path.", path=path)
    for form in FORMATS:
        if form.claims(path):
            return form.read(path)
    inside = _data_sets_in(path)
    certain = [entry for entry in inside if not datalist.claims(entry)]
    if len(certain) == 1 or (inside and not images.claims(path)):
        raise InputError(
            "data-set-inside",
            "{path}: not a data set, but it holds {inside:~one; give {inside}|{count}; give one of them: {inside:…}}.",
            path=path,
            inside=inside,
            count=len(inside),
        )
    if images.claims(path):
        return _with_data_set_around(images.read(path))
    if pictures.holds_pictures(path):
        return pictures.read(path)
    if beside := images.folders_beside(path):
        raise InputError(
            "folder-beside-images",
            "{path}: has images and the folder `{folder}` beside them, which may be theirs; move "
            "it elsewhere, or put the images into a folder `images` and their labels into `labels`.",
            path=path,
            folder=beside[0].name,
        )
    refuse_loose_slices(path)
    raise InputError(
        "no-data-set",
        "{path}: not a data set; give a folder with `dataset.json` (Decathlon, nnU-Net), with "
        "`images` and `labels`, or with images and their labels (`x` and `x_seg`), a BIDS folder (`sub-…/anat`), a MONAI "
        "datalist (.json), a table (.csv) with the columns case,image,label, or a folder of pictures (PNG, JPEG).",
        path=path,
    )


def _with_data_set_around(read: CaseSet) -> CaseSet:
    """Where a folder has images alone and the one above it is a data set, as with its `images`, say so."""
    folder = read.root.resolve()
    around = folder.parent
    is_data_set = (around / "dataset.json").is_file() or (around / "images").is_dir()
    if read.labels or not is_data_set or not folder.name.startswith(("images", "labels")):
        return read
    remark = Problem(
        "data-set-around",
        "these are images alone, and the folder above them, {parent}, is a data set",
        {"parent": around},
        "note",
        "give {parent} to have its segmentations, too",
    )
    return replace(read, remarks=(*read.remarks, remark))


def _data_sets_in(folder: Path) -> list[Path]:
    """The data sets inside a folder that is none itself; of its JSON files those with a list of cases."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")] if folder.is_dir() else []
    return [
        entry
        for entry in sorted(entries)
        if (datalist.lists_cases(entry) if datalist.claims(entry) else any(form.claims(entry) for form in FORMATS))
    ]


def cases_from_images(paths: Sequence[Path], channels: int) -> tuple[Case, ...]:
    """Make unlabelled cases of images that are to be segmented.

    Args:
        paths: Images, folders of images, or folders with one DICOM series each.
        channels: How many images make a case. The files of a case with several are named `case_0000`, `case_0001`…; with
            one, each image is a case, named without its `_0000` where all have it.

    Returns:
        The cases.

    Raises:
        InputError: A path holds no image, or every case has another number of channels.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        place, _choice = split_choice(path)
        if not place.exists():
            raise InputError("no-such-path", "{path}: no such file or folder; check the path.", path=path)
        if place.is_file() and suffix_of(place) is None and not is_dicom(place):
            raise InputError(
                "image-ending",
                "{path}: is not an image by its ending; use one of {endings}.",
                path=path,
                endings=SUFFIXES,
            )
        found.extend(_images_in(path) if path.is_dir() else [path])  # a path with a choice is no folder
    files_by_case = _named_by_folder(_by_case(found, channels))
    cases = tuple(Case(name, files, None, "unlabelled") for name, files in files_by_case.items())
    if all(len(case.images) != channels for case in cases):
        must_have_channels(cases[0], channels)
    return cases


def _by_case(found: Sequence[Path], channels: int) -> dict[str, tuple[Path, ...]]:
    """Group by case as `by_case`; folders of DICOM need no channel in their names where files beside them have one."""
    files = by_case([path for path in found if path.is_file()], channels)
    series = by_case([path for path in found if not path.is_file()], channels)
    if files.keys() & series.keys():
        return by_case(found, channels)
    return dict(sorted((files | series).items(), key=lambda item: item[1]))


def _named_by_folder(cases: dict[str, tuple[Path, ...]]) -> dict[str, tuple[Path, ...]]:
    """Name what is chosen of a folder, `FOLDER#UID`, by the folder; several of one folder also by the end of their UIDs."""
    chosen: dict[str, dict[str, str]] = {}
    for name, (path, *_) in cases.items():
        choice = path.name.removeprefix(split_choice(path)[0].name)
        if choice and name.endswith(choice):
            chosen.setdefault(name.removesuffix(choice), {})[name] = choice
    names = {name: name for name in cases}
    for short, choices in chosen.items():
        ends = [f"{short}_{end}" for end in _ends(list(choices.values()))]
        for own in ([short], ends):
            if len(own) == len(choices) and not set(own) & set(names.values()):
                names |= dict(zip(choices, own, strict=True))
                break
    return {names[name]: files for name, files in cases.items()}


def _ends(choices: Sequence[str]) -> list[str]:
    """The ends of some choices, as short as tells them apart, without what makes trouble in the names of files."""
    texts = [re.sub(r"[^\w]+", "-", choice).strip("-") for choice in choices]
    lengths = range(_SHORT_END, max(map(len, texts)))
    short = next((n for n in lengths if len({text[-n:] for text in texts}) == len(texts)), max(map(len, texts)))
    return [text[-short:].strip("-") for text in texts]


def must_have_channels(case: Case, channels: int) -> None:
    """Refuse a case that has not an image for each channel of the model.

    Raises:
        InputError: It has more, or fewer.
    """
    if len(case.images) != channels:
        raise InputError(
            "wrong-number-of-images",
            "case `{case}`: {count} {count:~image|images} where the model takes {channels}; name them "
            "`case_0000`, `case_0001`… in the order of the model's channels.",
            case=case.name,
            count=len(case.images),
            channels=channels,
        )


def left_out(folders: Iterable[Path]) -> list[Problem]:
    """Say which files and folders beside images to segment may be images, too, and are not read.

    These are images in formats of other programs and, beside images, folders that may hold a DICOM series.
    """
    names: list[str] = []
    for folder in filter(Path.is_dir, folders):
        read = _images_in(folder)
        if folder not in read:
            entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
            names += [str(entry) for entry in entries if entry not in read and _may_be_image(entry)]
    if not names:
        return []
    return [
        Problem(
            "images-left-out",
            "{count} {count:~file or folder|files or folders} beside the images may be {count:~an image|images} and "
            "{count:~was|were} not read: {names:…`}; convert files to .nii.gz, and give folders of DICOM by themselves.",
            {"count": len(names), "names": names},
            "warning",
        )
    ]


def _may_be_image(entry: Path) -> bool:
    if not entry.is_dir():
        return is_other_image(entry) or suffix_of(entry) == ".dcm"
    inside = [file for file in entry.iterdir() if not file.name.startswith(".")]
    like_slices = bool(inside) and all(file.is_file() and suffix_of(file) in (None, ".dcm") for file in inside)
    return like_slices or any(map(holds_series, folders_with_images(entry)))


def _images_in(folder: Path) -> list[Path]:
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    found = volumes_in(folder)
    images = [entry for entry in found if entry.is_file() and not is_segments(entry)]
    folders = [entry for entry in found if entry.is_dir() and not entry.name.startswith("labels")]
    series = [entry for entry in folders if holds_series(entry)]
    slices = [entry for entry in entries if entry.is_file() and entry not in found and is_dicom(entry)]
    if images and all(suffix_of(image) in (None, ".dcm") for image in images):  # DICOM files of several frames
        images = [] if slices or (len(images) == 1 and not series) else images
    if images:
        images = without_labels(images)[0]
        names = {stem_of(image) for image in images}
        return [*images, *(entry for entry in series if stem_of(entry) not in names)]
    if slices:
        return [folder, *series]
    apart = [entry for entry in folders if entry.name.startswith("images")]
    if series and not apart:
        return folders
    deeper = apart or folders_with_images(folder)
    if not deeper and any(entry.is_file() and not is_segments(entry) for entry in entries):
        return [folder]  # reading it says what it is not
    raise InputError(
        "no-images",
        "{path}: no images in this folder; give the {count:~folder|folders} they lie in ({deeper:?{deeper:…}|imagesTr, "
        "images…}).",
        path=folder,
        deeper=[place.as_posix() for place in deeper],
        count=len(deeper) or 1,
    )
