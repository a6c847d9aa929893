"""What is wrong or odd with the cases of a data set, found before a job spends an hour on them.

An error would make the job impossible or its result wrong; a warning is worth a look, the job may run; a note informs.
Every file is read once, and needs numpy and SimpleITK only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from TransferSegLib.cases.digests import Digests, voxel_digest
from TransferSegLib.cases.mirrored import Centres, label_centres, mirrored_axes
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import Case, CaseSet, natural_order
from TransferSegLib.core.grid import Grid
from TransferSegLib.transfer.channels import are_strangers, channel_modality, channel_sources
from TransferSegLib.transfer.labels import taken_by_value, unknown_to_source

Severity = Literal["error", "warning", "note"]

# Air and lung lie below −200 HU, fat and the noise of soft tissue below −20 HU; MR intensities are not negative,
# and stay above −20 when somebody has standardised them.
_AIR_HU, _NEGATIVE_HU = -200.0, -20.0
_CT_SHARE, _NEGATIVE_SHARE = 0.01, 0.001
_FAR_SPACING = 2.0
# Of more cases that one finding is about, so many are named.
_MOST_NAMED = 5
_AXES = ("left–right", "posterior–anterior", "inferior–superior")


SEEN_BY_SOURCE = "seen-by-source"
# An image of so few whole numbers is no scan, and most likely labels.
_FEW_VALUES = 16
# A label that so many of the annotated cases have was forgotten where it is missing, or so it seems.
_NEARLY_ALL = 0.66


@dataclass(frozen=True)
class Finding:
    """One observation: the case it is about (None: the whole data set), what was found, and what to do."""

    case: str | None
    severity: Severity
    code: str
    message: str
    advice: str


@dataclass(frozen=True, eq=False)
class _Image:
    grid: Grid
    digest: str
    low: float
    high: float
    below_air: float
    below_zero: float
    few: tuple[int, ...]  # the values of one that has few, and whole ones from 0 on, as segmentations have

    @property
    def finite(self) -> bool:
        return bool(np.isfinite([self.low, self.high]).all())

    @property
    def constant(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, eq=False)
class _Label:
    grid: Grid
    digest: str
    values: frozenset[int]
    centres: Centres


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one pass over a case's files left: None for a file that cannot be used."""

    case: Case
    images: tuple[_Image | None, ...]
    label: _Label | None

    @property
    def usable(self) -> Iterator[tuple[Path, _Image]]:
        return ((p, i) for p, i in zip(self.case.images, self.images, strict=True) if i is not None)

    @property
    def digests(self) -> Digests:
        images = tuple(image.digest if image else "" for image in self.images)
        return Digests(images, self.label.digest if self.label else "")

    @property
    def first(self) -> _Image | None:
        return self.images[0]


def check_cases(
    case_set: CaseSet,
    card: ModelCard | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    label_map: Mapping[str, Any] | None = None,
    apart_from: CaseSet | None = None,
    digests: dict[str, Digests] | None = None,
) -> list[Finding]:
    """Check every case, and the cases against each other and against the source model's card.

    `label_map` is that of `labels.label_task`, to say which labels are matched without being named by anyone.
    `apart_from`: cases that a model is to be scored on, and that must not be among these, on which it is trained.
    `digests` is filled with those of each case, by its name.
    The findings are in the order of the cases' names, those about the whole set last. `on_progress(done, total)` is called
    after each case.
    """
    reader = _Reader(case_set.root)
    scored = [replace(c, label=None) for c in apart_from.cases if c.label is not None] if apart_from else []
    looked_at = []
    for case in (*case_set.cases, *scored):
        looked_at.append(reader.look_at(case))
        if on_progress:
            on_progress(len(looked_at), len(case_set.cases) + len(scored))
    seen, others = looked_at[: len(case_set.cases)], looked_at[len(case_set.cases) :]
    findings = reader.findings
    if digests is not None:
        digests |= {one.case.name: one.digests for one in seen}
    for one in seen:
        findings += _channels(one, case_set)
        findings += _same_channels(one)
        findings += _labels_for_images(one)
        findings += _grids(one)
        findings += _intensities(one, case_set, card)
        findings += _label_values(one, case_set)
        findings += _spacing(one, card)
    findings += _axes(seen)
    findings += _mirrored(seen, {finding.case for finding in findings if finding.code == "axes-differ"})
    findings += _duplicates(seen)
    findings += _seen_elsewhere(seen, others)
    findings += _seen_by_source(seen, card)
    findings += _annotations(seen, case_set)
    findings += _model_channels(case_set, card)
    findings += _model_labels(case_set, card, label_map)
    findings += _unknown_labels(case_set, card, label_map)
    place = {name: n for n, name in enumerate(sorted((case.name for case in case_set.cases), key=natural_order))}
    return sorted(findings, key=lambda f: place.get(f.case or "", len(place)))


def together(findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
    """The findings with whom they are about, in words before a sentence; one that is said of several cases comes once."""
    cases: dict[Finding, list[str]] = {}
    for finding in findings:
        cases.setdefault(replace(finding, case=None), []).extend([finding.case] if finding.case else [])
    return [(_about(names), finding) for finding, names in cases.items()]


def _about(cases: list[str]) -> str:
    if len(cases) < 2:
        return "".join(f"case `{name}`: " for name in cases)
    named = ", ".join(f"`{name}`" for name in cases[:_MOST_NAMED])
    return f"{len(cases)} cases ({named}{', …' * (len(cases) > _MOST_NAMED)}): "


class _Reader:
    """Reads each file once, even where cases share it, and keeps what the checks need of it."""

    def __init__(self, root: Path) -> None:
        self.findings: list[Finding] = []
        self._root = root
        self._images: dict[Path, _Image | VolumeError] = {}
        self._labels: dict[Path, _Label | VolumeError] = {}

    def look_at(self, case: Case) -> _Seen:
        images = tuple(self._image(case, path) for path in case.images)
        return _Seen(case, images, None if case.label is None else self._label(case, case.label))

    def _image(self, case: Case, path: Path) -> _Image | None:
        if path not in self._images:
            try:
                self._images[path] = _image_facts(path)
            except VolumeError as error:
                self._images[path] = error
        image = self._images[path]
        if isinstance(image, VolumeError):
            self._report(case, "image", image)
            return None
        return image

    def _label(self, case: Case, path: Path) -> _Label | None:
        if path not in self._labels:
            try:
                self._labels[path] = _label_facts(path)
            except VolumeError as error:
                self._labels[path] = error
        label = self._labels[path]
        if isinstance(label, VolumeError):
            self._report(case, "segmentation", label)
            return None
        return label

    def _report(self, case: Case, what: str, error: VolumeError) -> None:
        path = error.path.relative_to(self._root) if error.path.is_relative_to(self._root) else error.path
        self.findings.append(Finding(case.name, "error", error.code, f"{what} {path}: {error.found}", error.advice))


def _image_facts(path: Path) -> _Image:
    volume = read_volume(path)
    array = volume.array
    low, high = float(array.min()), float(array.max())
    some_negative = low < _NEGATIVE_HU
    return _Image(
        grid=volume.grid,
        digest=voxel_digest(array),
        low=low,
        high=high,
        below_air=float(np.mean(array < _AIR_HU)) if some_negative else 0.0,
        below_zero=float(np.mean(array < _NEGATIVE_HU)) if some_negative else 0.0,
        few=_few_values(array) if low == 0 < high < 256 else (),
    )


def _few_values(array: np.ndarray) -> tuple[int, ...]:
    """The values of an array of 0 to 255 that has no more than `_FEW_VALUES` and only whole ones; else none."""
    counts = np.zeros(256, np.int64)
    for plane in array.T:
        whole = plane.astype(np.uint8)
        if (whole != plane).any():
            return ()
        counts += np.bincount(whole.ravel(order="K"), minlength=256)
    values = np.flatnonzero(counts)
    return tuple(values.tolist()) if len(values) <= _FEW_VALUES else ()


def _label_facts(path: Path) -> _Label:
    volume = read_labels(path)
    array = volume.array
    if array.dtype == np.uint8:  # counting, plane by plane, is many times faster than sorting and takes no memory
        values = np.flatnonzero(sum(np.bincount(plane.ravel(order="K"), minlength=256) for plane in array.T))
    else:
        values = np.unique(array)
    return _Label(volume.grid, voxel_digest(array), frozenset(values.tolist()), label_centres(volume))


def _channels(seen: _Seen, case_set: CaseSet) -> Iterator[Finding]:
    found, wanted = len(seen.case.images), len(case_set.channels)
    if found != wanted:
        yield Finding(
            seen.case.name,
            "error",
            "channels",
            f"{found} image{'s' * (found != 1)} where the data set has {wanted} channel{'s' * (wanted != 1)}"
            f" ({', '.join(case_set.channels)})",
            "add the missing channel" if found < wanted else "remove the extra channel",
        )


def resample_advice(what: str, to: str, same_size: bool) -> str:
    """What to do with labels on another grid; of one size they may lie voxel on voxel, and only a header be wrong."""
    resample = f"resample {what} to {to} with nearest neighbour"
    if not same_size:
        return resample
    return f"if {what} was drawn on {to}, its header is wrong: give it the header of {to}; else {resample}"


def _grids(seen: _Seen) -> Iterator[Finding]:
    usable = list(seen.usable)
    if not usable:
        return
    first_path, first = usable[0]
    for path, image in usable[1:]:
        differences = first.grid.differences(image.grid, of=(first_path.name, path.name))
        if differences:
            yield Finding(
                seen.case.name,
                "error",
                "channel-grids",
                f"channels {first_path.name} and {path.name} are on different grids: {'; '.join(differences)}",
                "resample them to one grid",
            )
    if seen.label is None:
        return
    differences = first.grid.differences(seen.label.grid, of=("the image", "the segmentation"))
    if differences:
        yield Finding(
            seen.case.name,
            "error",
            "label-grid",
            f"image and segmentation are on different grids: {'; '.join(differences)}",
            resample_advice("the segmentation", "the image", first.grid.size == seen.label.grid.size),
        )


def _intensities(seen: _Seen, case_set: CaseSet, card: ModelCard | None) -> Iterator[Finding]:
    for path, image in seen.usable:
        name = seen.case.name
        channel = seen.case.images.index(path)
        if not image.finite:
            yield Finding(
                name,
                "error",
                "not-finite",
                f"image {path.name} has values that are NaN, infinite or too large for 32 bits",
                "replace them, by 0 if they lie outside the body",
            )
        elif image.constant:
            yield Finding(
                name,
                "error",
                "constant",
                f"image {path.name} is {image.low:g} everywhere",
                "export it again, or leave the case out",
            )
        else:
            yield from _modality(name, path, image, _meant(channel, case_set, card), card)


def _meant(channel: int, case_set: CaseSet, card: ModelCard | None) -> str | None:
    """The modality that a channel of the cases is meant to be of, None where nobody says."""
    if channel >= len(case_set.channels):
        return None
    if card is None:
        return channel_modality(channel, case_set.channels, case_set.modality)
    begins = channel_sources(case_set, card)[channel]
    return channel_modality(begins[0], card.channels, card.modality) if begins else None


def _modality(name: str, path: Path, image: _Image, meant: str | None, card: ModelCard | None) -> Iterator[Finding]:
    if not meant:
        return
    by = f"the source model `{card.name}` is for" if card else "the data set says"
    values = f"image {path.name} has intensities from {image.low:g} to {image.high:g}"
    if meant.casefold() == "ct" and image.below_zero < _NEGATIVE_SHARE:
        other = "choose a source model for its own modality: the window of one for CT would flatten it"
        yield Finding(
            name,
            "warning",
            "not-like-ct",
            f"{values}, which are not Hounsfield units as of CT, and {by} {meant}",
            f"if it is CT, rescale it to Hounsfield units; if it is not, {other if card else 'correct the data set'}",
        )
    if meant.casefold() != "ct" and image.below_air >= _CT_SHARE:
        yield Finding(
            name,
            "warning",
            "looks-like-ct",
            f"{values}, which look like CT, and {by} {meant}",
            "check the modality, or start from a model for CT",
        )


def _label_values(seen: _Seen, case_set: CaseSet) -> Iterator[Finding]:
    if seen.label is None:
        return
    negative = sorted(value for value in seen.label.values if value < 0)
    if negative:
        yield Finding(
            seen.case.name,
            "error",
            "unlisted-label",
            f"the segmentation has {_counted('value', negative)} below 0",
            "write 0 for what is no label, and number the labels from 1",
        )
    unlisted = sorted(seen.label.values - {0, *negative, *case_set.labels})
    if unlisted:
        yield Finding(
            seen.case.name,
            "error",
            "unlisted-label",
            f"the segmentation has {_counted('value', unlisted)} that the list of labels lacks",
            "add them to the list, or correct the segmentation",
        )
    if not seen.label.values - {0}:
        yield Finding(
            seen.case.name,
            "warning",
            "empty-label",
            "the segmentation is empty",
            "keep it if there is nothing to segment, otherwise annotate the case or list it as unlabelled",
        )


def _spacing(seen: _Seen, card: ModelCard | None) -> Iterator[Finding]:
    if card is None or card.preprocessing.spacing_mm is None or seen.first is None:
        return
    grid = seen.first.grid
    spacing = [grid.spacing_mm[axis] for axis in grid.axes_to_ras()[0]]
    factors = [max(s / t, t / s) for s, t in zip(spacing, card.preprocessing.spacing_mm, strict=True)]
    if max(factors) > _FAR_SPACING * 1.01:
        yield Finding(
            seen.case.name,
            "warning",
            "spacing-far",
            f"voxels of {_times(spacing)} mm are up to {max(factors):.2g} times off the"
            f" {_times(card.preprocessing.spacing_mm)} mm of the source model `{card.name}`",
            "expect less of it, or start from a model made for such voxels",
        )


def _axes(seen: list[_Seen]) -> Iterator[Finding]:
    letters = {one.case.name: _axis_letters(one.first.grid) for one in seen if one.first is not None}
    if len(set(letters.values())) < 2:
        return
    usual, count = Counter(letters.values()).most_common(1)[0]
    for name, own in letters.items():
        if own != usual:
            yield Finding(
                name,
                "warning",
                "axes-differ",
                f"its axes run {own}, those of {count} of {len(letters)} cases {usual}",
                "look at it beside another case: if it is mirrored or upside down, its header is wrong",
            )


def _mirrored(seen: list[_Seen], told: set[str | None]) -> Iterator[Finding]:
    labelled = [(one.case.name, one.label) for one in seen if one.label is not None]
    if not labelled:
        return
    voxel_mm = float(np.median([max(label.grid.spacing_mm) for _, label in labelled]))
    for (name, _), axes in zip(
        labelled, mirrored_axes([label.centres for _, label in labelled], voxel_mm), strict=True
    ):
        if axes and name not in told:
            side = ", unless it shows the other side of the body" if 0 in axes else ""
            yield Finding(
                name,
                "warning",
                "mirrored",
                f"its labels lie mirrored {' and '.join(_AXES[axis] for axis in axes)} to those of the other cases,"
                " though its header does not say so",
                "look at it beside another case: if its image is mirrored too, export it again; if only its labels are,"
                f" or two of them are exchanged, correct them{side}",
            )


def _same_channels(seen: _Seen) -> Iterator[Finding]:
    digests = [image.digest for _, image in seen.usable if not image.constant]
    if len(set(digests)) < len(digests):
        yield Finding(
            seen.case.name,
            "warning",
            "duplicate-channel",
            "two of its channels are the same image",
            "give each channel its own image",
        )


def _labels_for_images(seen: _Seen) -> Iterator[Finding]:
    for path, image in seen.usable:
        if image.few:
            alone = seen.case.label is None
            yield Finding(
                seen.case.name,
                "warning",
                "labels-for-image",
                f"its image {path.name} has only the values {_listed(map(str, image.few))}, as segmentations have",
                "if it is the segmentation of another case, name it as that case's image, or that and `_seg`"
                if alone
                else "check that image and segmentation are not exchanged",
            )
            return


def _duplicates(seen: list[_Seen]) -> Iterator[Finding]:
    images: dict[str, _Seen] = {}
    labels: dict[str, _Seen] = {}
    for one in seen:
        digests = [image.digest for _, image in one.usable if not image.constant]
        twins = {twin.case.name: twin for twin in (images.setdefault(d, one) for d in digests) if twin is not one}
        for name, twin in twins.items():
            scored = one.label is not None and twin.label is not None
            yield Finding(
                one.case.name,
                "error" if scored else "warning",
                "duplicate-image",
                f"has the same image as case `{name}`",
                "remove one of the two" + ", or a model is scored on an image that it was trained on" * scored,
            )
        if one.label is not None and one.label.values - {0}:
            twin = labels.setdefault(one.label.digest, one)
            # Whether an image that cannot be read is another one is not known.
            readable = all(image is not None for both in (one, twin) for image in both.images)
            if twin is not one and twin.case.name not in twins and readable:
                yield Finding(
                    one.case.name,
                    "warning",
                    "duplicate-label",
                    f"has the same segmentation as case `{twin.case.name}`, of another image",
                    "check which of the two it belongs to",
                )


def _seen_elsewhere(seen: list[_Seen], others: list[_Seen]) -> Iterator[Finding]:
    scored = {image.digest: other.case.name for other in others for _, image in other.usable if not image.constant}
    for one in seen:
        if one.case.label is not None and one.case.role == "train":
            for name in dict.fromkeys(scored[image.digest] for _, image in one.usable if image.digest in scored):
                yield Finding(
                    one.case.name,
                    "error",
                    "duplicate-image",
                    f"of the source's cases, has the same image as case `{name}` of the target",
                    "remove it from the source's cases, or a model is scored on an image that it was trained on",
                )


def _seen_by_source(seen: list[_Seen], card: ModelCard | None) -> Iterator[Finding]:
    known = set(card.seen) if card else set()
    for one in seen:
        if one.case.label is not None and known.intersection(one.digests.images):
            yield Finding(
                one.case.name,
                "warning",
                SEEN_BY_SOURCE,
                "the source model was trained on this very image, so that all scores on it are too good",
                "start from a model that has not seen it, or score on other cases (role test)",
            )


def _annotations(seen: list[_Seen], case_set: CaseSet) -> Iterator[Finding]:
    annotated = [one for one in seen if one.case.role == "train" and one.case.label is not None]
    if not annotated:
        yield Finding(
            None, "error", "no-annotated-case", "no case to train on has a segmentation", "annotate at least one case"
        )
        return
    readable = [one.label for one in annotated if one.label is not None]
    if readable and not any(label.values - {0} for label in readable):
        yield Finding(
            None,
            "error",
            "nothing-annotated",
            f"the segmentation is empty in {'all of ' * (len(readable) > 1)}{_counted('annotated case', readable, False)}",
            "annotate what is to be segmented, or check that these are the right files",
        )
        return
    drawn = [label for label in readable if label.values - {0}]
    for value, name in case_set.labels.items():
        count = sum(value in label.values for label in readable)
        if count < len(drawn) and count >= max(2, _NEARLY_ALL * len(drawn)):
            for one in annotated:
                if one.label is not None and one.label.values - {0} and value not in one.label.values:
                    yield Finding(
                        one.case.name,
                        "warning",
                        "missing-label",
                        f"has no `{name}` ({value}), which {count} of {_counted('annotated case', drawn, False)} have",
                        "annotate it, unless it is really not there",
                    )
        if readable and count < 2:
            yield Finding(
                None,
                "warning",
                "rare-label",
                f"label `{name}` ({value}) occurs in {count or 'none'} of {_counted('annotated case', readable, False)}",
                "annotate it in two cases or more: it cannot be scored on a case that was not trained on",
            )


def _model_channels(case_set: CaseSet, card: ModelCard | None) -> Iterator[Finding]:
    if card is None:
        return
    have = (
        f"the cases have {_counted('channel', case_set.channels)}, the source model `{card.name}`"
        f" {_counted('channel', card.channels)}"
    )
    if are_strangers(case_set, card):
        begins = [
            f"`{name}` begins from {f'its `{card.channels[sources[0]]}`' if sources else 'the mean of all of its'}"
            for name, sources in zip(case_set.channels, channel_sources(case_set, card), strict=True)
        ]
        yield Finding(
            None,
            "warning",
            "model-channels",
            f"{have}: {', '.join(begins)}",
            "where two of them are the same, give the cases' channel the source model's name for it",
        )
    elif len(card.channels) != len(case_set.channels):
        yield Finding(
            None,
            "note",
            "model-channels",
            have,
            "its first layer will be fitted to the cases; the job's report says how",
        )


def _model_labels(case_set: CaseSet, card: ModelCard | None, label_map: Mapping[str, Any] | None) -> Iterator[Finding]:
    taken = {} if card is None else taken_by_value(case_set, card, label_map)
    if card is None or not taken:
        return
    pairs = [f"label {value} is taken to be `{name}`" for value, name in taken.items()]
    words = f"{', '.join(pairs)}, because the source model `{card.name}` has {'it' if len(taken) == 1 else 'them'} by"
    # Where the model knows fewer labels, the same numbers hardly mean the same.
    more = len(case_set.labels) > len(card.labels)
    counts = f"; it has {_counted('label', card.labels, False)}, the cases {len(case_set.labels)}" if more else ""
    yield Finding(
        None,
        "warning" if more else "note",
        "labels-by-value",
        f"{words} {'this value' if len(taken) == 1 else 'these values'}{counts}",
        "give the labels' names in labels.json, or a --label-map",
    )


def _unknown_labels(
    case_set: CaseSet, card: ModelCard | None, label_map: Mapping[str, Any] | None
) -> Iterator[Finding]:
    # An encoder segments nothing, so that nobody expects it to know a label.
    if card is None or card.task != "segmentation" or taken_by_value(case_set, card, label_map):
        return
    unknown = unknown_to_source(case_set, card, label_map)
    if not unknown:
        return
    theirs = _listed(card.label_names)
    one = len(unknown) == 1
    same = "it is the same structure under another name" if one else "they are the same structures under other names"
    alone = "find it, and it is" if one else "find them, and they are"
    if len(unknown) == len(case_set.labels):
        which = "your label" if one else "none of your labels"
        message = f"{which} ({_listed(unknown.values())}) is {'not ' * one}one of the source model's ({theirs})"
    else:
        lacking = " and no ".join(f"`{name}`" for name in unknown.values())
        message = f"the source model `{card.name}` has no {lacking}, it has {theirs}"
    yield Finding(
        None,
        "warning",
        "unknown-labels",
        message,
        f"if {same}, say so with --label-map; otherwise the source model cannot {alone} learned from your cases alone",
    )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:6]) + ", …" * (len(names) > 6)


def _counted(noun: str, things: Iterable, listed: bool = True) -> str:
    things = list(things)
    count = f"{len(things)} {noun}{'s' * (len(things) != 1)}"
    return f"{count} ({_listed(map(str, things))})" if listed else count


def _times(values: Iterable[float]) -> str:
    """Three digits that count, and no powers of ten."""
    return "×".join(np.format_float_positional(v, 3, fractional=False, trim="-") for v in values)


def _axis_letters(grid: Grid) -> str:
    order, flips = grid.axes_to_ras()
    towards = ["LPI"[world] if flips[world] else "RAS"[world] for world in range(3)]
    return "".join(towards[order.index(axis)] for axis in range(3))
