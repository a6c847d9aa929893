"""Checks of the files of a data set: each case by itself, and compared with the other cases.

An error makes a job impossible or its result wrong. A warning is worth a look, but the job may run. A note informs.
Checks against a source model are in `transfer.checks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from TransferSegLib.cases.annotation import slices_annotated
from TransferSegLib.cases.extent import extent_problem
from TransferSegLib.cases.facts import CaseFacts, ImageFacts, LabelFacts
from TransferSegLib.cases.mirrored import mirrored_axes
from TransferSegLib.cases.readers.parts import channel_modality
from TransferSegLib.core.case_set import CaseSet, natural_order
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.problems import Problem

_CT_SHARE, _NEGATIVE_SHARE = 0.01, 0.001
# A label that so many of the annotated cases have was forgotten where it is missing, or so it seems.
_NEARLY_ALL = 0.66

THE_IMAGE = Problem("the-image", "the image")
THE_SEGMENTATION = Problem("the-segmentation", "the segmentation")
# Of the body: right, anterior, superior.
AXES = (
    Problem("left-right", "left–right"),
    Problem("posterior-anterior", "posterior–anterior"),
    Problem("inferior-superior", "inferior–superior"),
)


def check_files(case_set: CaseSet, facts: Sequence[CaseFacts], scored: Sequence[CaseFacts] = ()) -> list[Problem]:
    """Check the files of every case, and the cases against each other.

    Args:
        case_set: The data set.
        facts: What its files are, see `facts.read_facts`.
        scored: Cases of another data set that a model is to be scored on, and that must not be among these.

    Returns:
        What was found, in the order of the cases' names; what is about the whole data set comes last.
    """
    found: list[Problem] = list(case_set.remarks)
    for one in facts:
        found += dict.fromkeys(_without_partner(problem, one, case_set) for problem in one.problems)
        found += _extent(one)
        found += _channels(one, case_set)
        found += _same_channels(one)
        found += _same_image(one)
        found += _labels_for_images(one)
        found += _grids(one)
        found += _intensities(one)
        found += _label_values(one, case_set)
        found += _partly_annotated(one, case_set)
    found += _axes(facts)
    found += _mirrored(facts, case_set, {problem.case for problem in found if problem.code == "axes-differ"})
    found += _duplicates(facts, case_set)
    found += _also_scored(facts, scored)
    found += _annotations(facts, case_set)
    return in_order(found, case_set)


def check_modality(case_set: CaseSet, facts: Sequence[CaseFacts]) -> list[Problem]:
    """Check whether images look like what the data set says that they show.

    Args:
        case_set: The data set; it names its channels and perhaps their modality.
        facts: What was read of each case's files.

    Returns:
        A problem for each image that looks like another modality.
    """
    meant = [channel_modality(n, case_set.channels, case_set.modality) for n in range(len(case_set.channels))]
    says = [
        Problem("data-set-says", "the data set says {modality}", {"modality": one}) if one else None for one in meant
    ]
    return unlike_modality(facts, says, Problem("correct-data-set", "correct the data set"))


def unlike_modality(facts: Iterable[CaseFacts], meant: Sequence[Problem | None], otherwise: Problem) -> list[Problem]:
    """Find images that are CT and should not be, or the other way round, by their intensities.

    Args:
        facts: What the files are.
        meant: For each channel, who says which `modality` (a field of this name) its images are of; None if nobody does.
        otherwise: What to do where an image that should be CT is none.

    Returns:
        A warning for each such image.
    """
    return [
        problem
        for one in facts
        for channel, (path, image) in enumerate(zip(one.case.images, one.images, strict=True))
        if image is not None and image.finite and not image.constant and channel < len(meant)
        for problem in _modality(one.case.name, one.called(path), image, meant[channel], otherwise)
    ]


def in_order(problems: Iterable[Problem], case_set: CaseSet) -> list[Problem]:
    """Sort problems by the names of their cases; those of the whole data set come last.

    Args:
        problems: What was found.
        case_set: The data set whose cases they name.
    """
    place = {name: n for n, name in enumerate(sorted((case.name for case in case_set.cases), key=natural_order))}
    return sorted(problems, key=lambda problem: place.get(problem.case or "", len(place)))


def resample_advice(what: str | Problem, to: str | Problem, same_size: bool) -> Problem:
    """The advice for labels that lie on another grid than they should.

    Args:
        what: What lies on the wrong grid.
        to: What has the right grid.
        same_size: Whether both grids have as many voxels along each axis. Then only a header may be wrong.
    """
    return Problem(
        "resample-labels",
        "{same_size:?if {what} was drawn on {to}, its header is wrong: give it the header of {to}; else |}"
        "resample {what} to {to} with nearest neighbour",
        {"what": what, "to": to, "same_size": same_size},
    )


def _without_partner(problem: Problem, facts: CaseFacts, case_set: CaseSet) -> Problem:
    """Where no list names the files, a file that is missing is one that another file asks for by its name."""
    if problem.code != "missing-file" or case_set.is_listed or facts.case.label is None:
        return problem
    case, label = facts.case, facts.case.label
    if not problem.fields["path"].fields["is_label"]:
        if any(path.exists() for path in case.images):  # a channel alone is missing
            return problem
        folder = case.images[0].parent
        alone = [
            other.name
            for other in case_set.cases
            if (other.label is None or not other.label.exists()) and other.images[0].parent == folder
        ]
        return Problem(
            "segmentation-without-image",
            "no image has the name of the segmentation {label} ({image} is not there){some:?; {count} "
            "{count:~image has|images have} no segmentation: {alone:…`}|}",
            {
                "label": facts.called(label),
                "image": facts.called(case.images[0]),
                "some": bool(alone),
                "count": len(alone),
                "alone": alone,
            },
            "error",
            "name the segmentation as its image, or move it away",
            case.name,
        )
    return Problem(
        "image-without-segmentation",
        "no segmentation has the name of the image {image} ({label} is not there)",
        {"label": facts.called(label), "image": facts.called(case.images[0])},
        "error",
        "name its segmentation so, or move the image away",
        case.name,
    )


def _extent(facts: CaseFacts) -> Iterator[Problem]:
    problem = None if facts.grid is None else extent_problem(facts.grid)
    if problem is not None:
        yield replace(problem, case=facts.case.name)


def _channels(facts: CaseFacts, case_set: CaseSet) -> Iterator[Problem]:
    found, wanted = len(facts.case.images), len(case_set.channels)
    if found != wanted:
        yield Problem(
            "channels",
            "{found} {found:~image|images} where the data set has {wanted} {wanted:~channel|channels} ({channels})",
            {"found": found, "wanted": wanted, "channels": case_set.channels, "lacks": found < wanted},
            "error",
            "{lacks:?add the missing channel|remove the extra channel}",
            facts.case.name,
        )


def _grids(facts: CaseFacts) -> Iterator[Problem]:
    usable = list(facts.usable)
    if not usable:
        return
    first_path, first = usable[0]
    for path, image in usable[1:]:
        differences = first.grid.differences(image.grid, of=(facts.called(first_path), facts.called(path)))
        if differences:
            yield Problem(
                "channel-grids",
                "channels {first} and {second} are on different grids: {differences:;}",
                {"first": facts.called(first_path), "second": facts.called(path), "differences": differences},
                "error",
                "resample them to one grid",
                facts.case.name,
            )
    if facts.label is None:
        return
    label = facts.label
    differences = first.grid.differences(label.grid, of=(THE_IMAGE, THE_SEGMENTATION), drawn=label.drawn)
    if differences:
        same_size = first.grid.size == facts.label.grid.size
        yield Problem(
            "label-grid",
            "image and segmentation are on different grids: {differences:;}",
            {"differences": differences, "resample": resample_advice(THE_SEGMENTATION, THE_IMAGE, same_size)},
            "error",
            "{resample}",
            facts.case.name,
        )


def _intensities(facts: CaseFacts) -> Iterator[Problem]:
    for path, image in facts.usable:
        if not image.finite:
            yield Problem(
                "not-finite",
                "image {file} has values that are NaN, infinite or too large for 32 bits",
                {"file": facts.called(path)},
                "error",
                "replace them, by 0 if they lie outside the body",
                facts.case.name,
            )
        elif image.constant:
            yield Problem(
                "constant",
                "image {file} is {value:g} everywhere",
                {"file": facts.called(path), "value": image.low},
                "error",
                "export it again, or leave the case out",
                facts.case.name,
            )


def _modality(case: str, file: str, image: ImageFacts, meant: Problem | None, otherwise: Problem) -> Iterator[Problem]:
    if meant is None:
        return
    should_be_ct = meant.fields["modality"].casefold() == "ct"
    fields = {"file": file, "low": image.low, "high": image.high, "meant": meant, "otherwise": otherwise}
    if should_be_ct and image.share_negative < _NEGATIVE_SHARE:
        yield Problem(
            "not-like-ct",
            "image {file} has intensities from {low:g} to {high:g}, which are not Hounsfield units as of CT, and {meant}",
            fields,
            "warning",
            "if it is CT, rescale it to Hounsfield units; if it is not, {otherwise}",
            case,
        )
    if not should_be_ct and image.share_of_air >= _CT_SHARE:
        yield Problem(
            "looks-like-ct",
            "image {file} has intensities from {low:g} to {high:g}, which look like CT, and {meant}",
            fields,
            "warning",
            "check the modality, or start from a model for CT",
            case,
        )


def _label_values(facts: CaseFacts, case_set: CaseSet) -> Iterator[Problem]:
    if facts.label is None:
        return
    negative = sorted(value for value in facts.label.values if value < 0)
    if negative:
        yield Problem(
            "negative-label",
            "the segmentation has {count} {count:~value|values} ({values:…}) below 0",
            {"count": len(negative), "values": negative},
            "error",
            "write 0 for what is no label, and number the labels from 1",
            facts.case.name,
        )
    unlisted = sorted(_without_background(facts.label, case_set) - {*negative, *case_set.labels})
    if unlisted:
        yield Problem(
            "unlisted-label",
            "the segmentation has {count} {count:~value|values} ({values:…}) that the list of labels lacks",
            {"count": len(unlisted), "values": unlisted},
            "error",
            "add them to the list, or correct the segmentation",
            facts.case.name,
        )
    if not _without_background(facts.label, case_set):
        yield Problem(
            "empty-label",
            "the segmentation is empty",
            {},
            "warning",
            "keep it if there is nothing to segment, otherwise annotate the case or list it as unlabelled",
            facts.case.name,
        )


def _without_background(label: LabelFacts, case_set: CaseSet) -> frozenset[int]:
    """The values of a segmentation that are labels, or should be: not those of background, and of what nobody annotated."""
    return label.values - {0, case_set.ignore}


def _partly_annotated(facts: CaseFacts, case_set: CaseSet) -> Iterator[Problem]:
    """Check what a case says of what is annotated in it."""
    case = facts.case
    drawn = [] if facts.label is None else [v for v in case.not_annotated if v in facts.label.values]
    if drawn:
        yield Problem(
            "not-annotated-label-drawn",
            "{labels:…`} {several:?are|is} said not to be annotated, and the segmentation has {several:?them|it}",
            {"labels": [case_set.labels[value] for value in drawn], "several": len(drawn) > 1},
            "warning",
            "if {several:?they are|it is} annotated in full, take {several:?them|it} out of `not_annotated`; else what is "
            "drawn is learned, and {several:?they are|it is} not scored in this case",
            case.name,
        )
    if case.annotated_slices is not None and facts.grid is not None:
        try:
            slices_annotated(case.name, case.annotated_slices, facts.grid)
        except InputError as error:
            yield replace(error.problem, case=case.name, severity="error")


def _axes(facts: Sequence[CaseFacts]) -> Iterator[Problem]:
    letters = {one.case.name: _axis_letters(one.grid) for one in facts if one.grid is not None}
    if len(set(letters.values())) < 2:
        return
    usual, count = Counter(letters.values()).most_common(1)[0]
    for name, own in letters.items():
        if own != usual:
            yield Problem(
                "axes-differ",
                "its axes run {axes}, those of {count} of {cases} cases {usual}",
                {"axes": own, "count": count, "cases": len(letters), "usual": usual},
                "warning",
                "look at it beside another case: if it is mirrored or upside down, its header is wrong",
                name,
            )


def _axis_letters(grid: Grid) -> str:
    order, flips = grid.axes_to_ras()
    towards = ["LPI"[world] if flips[world] else "RAS"[world] for world in range(3)]
    return "".join(towards[order.index(axis)] for axis in range(3))


def _mirrored(facts: Sequence[CaseFacts], case_set: CaseSet, known: set[str | None]) -> Iterator[Problem]:
    labelled = [(one.case.name, one.label) for one in facts if one.label is not None]
    if not labelled:
        return
    voxel_mm = float(np.median([max(label.grid.spacing_mm) for _, label in labelled]))
    # What nobody annotated lies anywhere, and so does the part of a structure on some slices.
    whole = [one.case.annotated_slices is None for one in facts if one.label is not None]
    centres = [
        {value: centre for value, centre in label.centres.items() if is_whole and value != case_set.ignore}
        for is_whole, (_, label) in zip(whole, labelled, strict=True)
    ]
    mirrored = mirrored_axes(centres, voxel_mm)
    for (name, _), axes in zip(labelled, mirrored, strict=True):
        if axes and name not in known:
            yield Problem(
                "mirrored",
                "its labels lie mirrored {axes} to those of the other cases, though its header does not say so",
                {"axes": [AXES[axis] for axis in axes], "sides": 0 in axes},
                "warning",
                "look at it beside another case: if its image is mirrored too, export it again; if only its labels are,"
                " or two of them are exchanged, correct them{sides:?, unless it shows the other side of the body|}",
                name,
            )


def _same_channels(facts: CaseFacts) -> Iterator[Problem]:
    digests = [image.digest for _, image in facts.usable if not image.constant]
    if len(set(digests)) < len(digests):
        yield Problem(
            "duplicate-channel",
            "two of its channels are the same image",
            {},
            "warning",
            "give each channel its own image",
            facts.case.name,
        )


def _same_image(facts: CaseFacts) -> Iterator[Problem]:
    if facts.same_image is not None and facts.case.label is not None:
        yield Problem(
            "label-is-image",
            "its segmentation {label} is {same_file:?the file of|a copy of} its image {image}",
            {
                "label": facts.called(facts.case.label),
                "image": facts.called(facts.same_image),
                "same_file": facts.case.label == facts.same_image,
            },
            "error",
            "give the segmentation, or the image, that belongs there",
            facts.case.name,
        )


def _labels_for_images(facts: CaseFacts) -> Iterator[Problem]:
    for path, image in facts.usable:
        if image.few_values and facts.same_image is None:
            yield Problem(
                "labels-for-image",
                "its image {file} has only the values {values:…}, as segmentations have",
                {"file": facts.called(path), "values": image.few_values, "alone": facts.case.label is None},
                "warning",
                "{alone:?if it is the segmentation of another case, name it as that case's image, or that and `_seg`"
                "|check that image and segmentation are not exchanged}",
                facts.case.name,
            )
            return


def _duplicates(facts: Sequence[CaseFacts], case_set: CaseSet) -> Iterator[Problem]:
    images: dict[str, CaseFacts] = {}
    labels: dict[str, CaseFacts] = {}
    for one in facts:
        digests = [image.digest for _, image in one.usable if not image.constant]
        twins = {twin.case.name: twin for twin in (images.setdefault(d, one) for d in digests) if twin is not one}
        for name, twin in twins.items():
            scored = one.label is not None and twin.label is not None
            yield Problem(
                "duplicate-image",
                "has the same image as case `{other}`",
                {"other": name, "scored": scored},
                "error" if scored else "warning",
                "remove one of the two{scored:?, or a model is scored on an image that it was trained on|}",
                one.case.name,
            )
        if one.label is not None and _without_background(one.label, case_set):
            twin = labels.setdefault(one.label.digest, one)
            # Whether an image that cannot be read is another one is not known.
            readable = all(image is not None for both in (one, twin) for image in both.images)
            if twin is not one and twin.case.name not in twins and readable:
                yield Problem(
                    "duplicate-label",
                    "has the same segmentation as case `{other}`, of another image",
                    {"other": twin.case.name},
                    "warning",
                    "check which of the two it belongs to",
                    one.case.name,
                )


def _also_scored(facts: Sequence[CaseFacts], scored: Sequence[CaseFacts]) -> Iterator[Problem]:
    names = {image.digest: other.case.name for other in scored for _, image in other.usable if not image.constant}
    for one in facts:
        if one.case.label is not None and one.case.role == "train":
            for name in dict.fromkeys(names[image.digest] for _, image in one.usable if image.digest in names):
                yield Problem(
                    "duplicate-image-of-target",
                    "of the source's cases, has the same image as case `{other}` of the target",
                    {"other": name},
                    "error",
                    "remove it from the source's cases, or a model is scored on an image that it was trained on",
                    one.case.name,
                )


def unlabelled_cases(case_set: CaseSet) -> Iterator[Problem]:
    """Name the cases that have no segmentation, where others have one."""
    names = [case.name for case in case_set.cases if case.label is None]
    if names and len(names) < len(case_set.cases):
        yield Problem(
            "cases-unlabelled",
            "{count} {count:~case has|cases have} no segmentation: {names:…`}",
            {"count": len(names), "names": sorted(names, key=natural_order)},
            "note",
            "{count:~it is|they are} segmented and not trained on; if {count:~it was|they were} annotated, look at the names "
            "of the files",
        )


def _annotations(facts: Sequence[CaseFacts], case_set: CaseSet) -> Iterator[Problem]:
    annotated = [one for one in facts if one.case.role == "train" and one.case.label is not None]
    if not annotated:
        yield Problem(
            "no-annotated-case",
            "no case to train on has a segmentation",
            {},
            "error",
            "annotate at least one case",
        )
        return
    readable = [one.label for one in annotated if one.label is not None]
    if readable and not any(_without_background(label, case_set) for label in readable):
        yield Problem(
            "nothing-annotated",
            "the segmentation is empty in {several:?all of |}{count} annotated {count:~case|cases}",
            {"count": len(readable), "several": len(readable) > 1},
            "error",
            "annotate what is to be segmented, or check that these are the right files",
        )
        return
    for value, name in case_set.labels.items():
        meant = [one.label for one in annotated if one.label is not None and value not in one.case.not_annotated]
        drawn = [label for label in meant if _without_background(label, case_set)]
        count = sum(value in label.values for label in meant)
        if count < len(drawn) and count >= max(2, _NEARLY_ALL * len(drawn)):
            for one in annotated:
                if one.label in drawn and one.label is not None and value not in one.label.values:
                    yield Problem(
                        "missing-label",
                        "has no `{label}` ({value}), which {count} of {cases} annotated {cases:~case|cases} have",
                        {"label": name, "value": value, "count": count, "cases": len(drawn)},
                        "warning",
                        "annotate it, unless it is really not there",
                        one.case.name,
                    )
        if meant and count < 2:
            yield Problem(
                "rare-label",
                "label `{label}` ({value}) occurs in {count:?{count}|none} of {cases} annotated {cases:~case|cases}",
                {"label": name, "value": value, "count": count, "cases": len(meant)},
                "warning",
                "annotate it in two cases or more: it cannot be scored on a case that was not trained on",
            )
