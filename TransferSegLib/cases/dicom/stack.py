"""Frames that are put together to a volume: which belong to it, in which order, and where they lie.

Slices are sorted by their positions along the direction that they are stacked in, never by their numbers. Those of a tilted
gantry are stacked along a direction that is not at a right angle to them, and stay where their headers say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.dicom.chosen import Choice
from TransferSegLib.cases.dicom.dimensions import dimensions
from TransferSegLib.cases.dicom.frames import TELLING, Frame, image_type
from TransferSegLib.cases.dicom.line import beside_mm, may_lie_beside_mm
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.problems import Problem

# Frames closer than this share of a pixel have one position; directions and spacings closer than these are equal.
_SAME_PLACE = 0.02
_SAME_DIRECTION = 2e-3
_SAME_SPACING = 1e-3
# How far a slice may lie above or below its even place, as a share of the distance of slices.
_UNEVEN = 0.1


def stack(frames: Sequence[Frame], where: Path, choice: Choice) -> tuple[list[Frame], Grid]:
    """Put frames together to one volume.

    Args:
        frames: All frames of a series; one or more.
        where: The folder or the file that they are of.
        choice: What the person chose of them.

    Returns:
        The frames of the volume, in order, and its grid.

    Raises:
        VolumeError: They do not belong together, lie unevenly, several of them have one position, or only some say how
            their numbers are scaled.
    """
    if len(frames) == 1 and where == frames[0].path:
        raise VolumeError("one-slice", where, "is one slice", "give the folder with all slices of its series")
    _no_file_twice(frames)
    chosen = _chosen(frames, where, choice)
    try:
        ordered, grid = _one_volume(chosen, where, choice.apart)
    except VolumeError as error:
        _must_be_one_stack(chosen, where, error)
        raise
    _must_be_scaled_alike(ordered)
    return ordered, grid


def _one_volume(frames: Sequence[Frame], where: Path, apart: bool) -> tuple[list[Frame], Grid]:
    _must_belong_together(frames)
    normal = np.cross(frames[0].axes[:, 0], frames[0].axes[:, 1])
    ordered = sorted(frames, key=lambda frame: float(frame.position_mm @ normal))
    _one_a_position(ordered, normal, where)
    return ordered, _grid(ordered, apart)


def _must_be_one_stack(frames: Sequence[Frame], where: Path, error: VolumeError) -> None:
    """Offer the stacks of frames that are no one volume: each has an orientation and a place of its own."""
    stacks = _in_order(_values(frames, "StackID"))
    if len(stacks) < 2 or "" in stacks or error.problem.code == "several-frames-a-position":
        return
    raise VolumeError(
        "several-stacks",
        where,
        "has {count} stacks ({stacks})",
        "choose one, as in {example}",
        count=len(stacks),
        stacks=stacks,
        example=f"{where.name}#StackID={stacks[0]}",
    ) from None


def _no_file_twice(frames: Sequence[Frame]) -> None:
    files: dict[tuple[str, ...], Path] = {}
    for frame in frames:
        # With its position: some programs give all slices one UID when they take out names.
        uid = (str(frame.header.data.get("SOPInstanceUID") or frame.path), *(f"{mm:.3f}" for mm in frame.position_mm))
        if files.setdefault(uid, frame.path) != frame.path:
            raise VolumeError(
                "slice-twice",
                frame.path,
                "is the same slice as {other}",
                "remove one of the two",
                other=files[uid].name,
            )


def _chosen(frames: Sequence[Frame], where: Path, choice: Choice) -> list[Frame]:
    chosen = list(frames)
    for attribute, value in choice.values.items():
        name = _telling(attribute, chosen, where)
        values = _values(chosen, name)
        found = [frame for frame, own in zip(chosen, values, strict=True) if _equal(own, value)]
        if not found:
            raise VolumeError(
                "no-such-frames",
                where,
                "has no frames of {attribute} {value}{there:?, but of {values}|}",
                "choose one that is there",
                attribute=name,
                value=value,
                there=any(values),
                values=_in_order(values),
            )
        chosen = found
    return chosen


def _telling(attribute: str, frames: Sequence[Frame], where: Path) -> str:
    wanted = attribute.strip().lower()
    for name, keywords in TELLING.items():
        if wanted in (name.lower(), *(keyword.lower() for keyword in keywords)):
            return name
    own = list(dimensions(frames))
    for name in own:
        if wanted == name.lower():
            return name
    raise VolumeError(
        "unknown-attribute",
        where,
        "frames cannot be chosen by {attribute}",
        "use one of {known}",
        attribute=attribute,
        known=[*TELLING, *own],
    )


def _must_belong_together(frames: Sequence[Frame]) -> None:
    _refuse_others(
        frames,
        [("LOCALIZER" in image_type(frame)) for frame in frames],
        lambda one, usual: _localizer() if one else None,
    )
    _refuse_others(
        frames,
        [frame.size for frame in frames],
        lambda one, usual: Problem(
            "slice-of-other-size",
            "has {own} voxels where the others have {usual}",
            {"own": times(one), "usual": times(usual)},
        ),
    )
    _refuse_others(
        frames,
        _alike([frame.axes.ravel() for frame in frames], _SAME_DIRECTION),
        lambda one, usual: Problem(
            "slice-turned",
            "is turned by {degrees:.3g}° against the others, as a localizer is",
            {"degrees": _degrees(frames[one].axes, frames[usual].axes)},
        ),
    )
    _refuse_others(
        frames,
        _alike([np.log(frame.spacing_mm) for frame in frames], _SAME_SPACING),
        lambda one, usual: Problem(
            "slice-of-other-spacing",
            "has a spacing of {own} mm where the others have {usual} mm",
            {"own": times(frames[one].spacing_mm), "usual": times(frames[usual].spacing_mm)},
        ),
    )


def _localizer() -> Problem:
    return Problem("slice-localizer", "is a localizer (a scout picture)")


def _refuse_others(
    frames: Sequence[Frame], kinds: Sequence[Hashable], say: Callable[[Any, Any], Problem | None]
) -> None:
    """Refuse frames that are unlike most others."""
    usual = Counter(kinds).most_common(1)[0][0]
    others = [n for n, kind in enumerate(kinds) if kind != usual]
    what = say(kinds[others[0]], usual) if others else None
    if what is not None:
        raise VolumeError(
            "slice-of-another-kind",
            frames[others[0]].path,
            "{frame:?frame {frame} |}{what}{more:?, as {more} more|}",
            "take it out, or export the series without it",
            frame=frames[others[0]].frame_number,
            what=what,
            more=len(others) - 1,
        )


def _alike(values: Sequence[np.ndarray], tolerance: float) -> list[int]:
    """For each value, the place of the first that it equals."""
    found: list[int] = []
    kinds: list[int] = []
    for value in values:
        kind = next((n for n in kinds if np.abs(values[n] - value).max() <= tolerance), len(found))
        if kind == len(found):
            kinds.append(kind)
        found.append(kind)
    return found


def _degrees(one: np.ndarray, two: np.ndarray) -> float:
    """The angle of the rotation that takes one pair of directions to another."""
    whole = [np.column_stack([axes, np.cross(axes[:, 0], axes[:, 1])]) for axes in (one, two)]
    cosine = (np.trace(whole[0].T @ whole[1]) - 1) / 2
    return math.degrees(math.acos(min(1.0, max(-1.0, float(cosine)))))


def _one_a_position(ordered: Sequence[Frame], normal: np.ndarray, where: Path) -> None:
    heights = np.array([float(frame.position_mm @ normal) for frame in ordered])
    place = np.concatenate([[0], np.cumsum(np.diff(heights) > _SAME_PLACE * min(ordered[0].spacing_mm))]).tolist()
    counts = Counter(place)
    most = max(counts.values())
    if most == 1:
        return
    names = [name for name in TELLING if len(set(_values(ordered, name))) > 1]
    of_file = [name for name in dimensions(ordered) if len(set(_values(ordered, name))) > 1]
    alone = next((name for name in [*names, *of_file] if _tells_apart(_values(ordered, name), place, most)), None)
    within = [name for name in names if _differs_within(_values(ordered, name), place)]
    within = within or [name for name in of_file if _differs_within(_values(ordered, name), place)]
    if alone is None and (not within or len(set(counts.values())) > 1):  # one slice more here and there
        two = next(n for n in range(1, len(place)) if place[n] == place[n - 1])
        raise _two_at_one_position(ordered[two - 1], ordered[two], names)
    if alone is None:
        whole = [f"{name}={value}" for name in within for value in _whole_volumes(_values(ordered, name), place)]
        raise VolumeError(
            "one-position",
            where,
            "{count} frames share one position and differ in {within}; no single one of these tells them "
            "apart{whole:?, but {whole} {whole:~is|are each} one volume|}",
            "{whole:?choose {whole:~that|one of these}, as in {example}, or |}export each volume as a series of its own",
            count=most,
            within=within,
            whole=whole,
            example=f"{where.name}#{whole[0]}" if whole else "",
        )
    values = _in_order(_values(ordered, alone))
    raise VolumeError(
        "several-frames-a-position",
        where,
        "{count} frames share one position; they differ in {attribute} ({values})",
        "choose one, as in {example}",
        count=most,
        attribute=alone,
        values=values,
        example=f"{where.name}#{alone}={values[0]}",
    )


def _two_at_one_position(one: Frame, two: Frame, names: Sequence[str]) -> VolumeError:
    differ = [name for name in names if len(set(_values([one, two], name))) > 1]
    if one.path == two.path:
        return VolumeError(
            "frames-at-one-position",
            one.path,
            "frames {one} and {two} lie at one position{differ:? and differ in {differ}|, and nothing tells them apart}",
            "export each volume as a series of its own",
            one=min(one.frame_number, two.frame_number),
            two=max(one.frame_number, two.frame_number),
            differ=differ,
        )
    return VolumeError(
        "two-at-one-position",
        two.path,
        "{frame:?frame {frame} |}lies at the position of {other}{differ:? and differs from it in {differ}|}",
        "remove one of the two, or export the series again",
        frame=two.frame_number,
        other=_name(one),
        differ=differ,
    )


def _whole_volumes(values: Sequence[str], place: Sequence[int]) -> list[str]:
    """The values of which there is just one frame at each position."""
    return [
        value
        for value in _in_order(values)
        if value and sorted(at for at, own in zip(place, values, strict=True) if own == value) == sorted(set(place))
    ]


def _tells_apart(values: Sequence[str], place: Sequence[int], most: int) -> bool:
    """Whether frames of one value never share a position, and there are no more values than that takes."""
    return "" not in values and len(set(values)) == most and len(set(zip(values, place, strict=True))) == len(values)


def _differs_within(values: Sequence[str], place: Sequence[int]) -> bool:
    return len(set(zip(values, place, strict=True))) > len(set(place))


def _values(frames: Sequence[Frame], name: str) -> list[str]:
    """What an attribute is in each frame, as a text; "" where it is missing."""
    if name == "ImageType":
        words = [image_type(frame) for frame in frames]
        common = set.intersection(*(set(one) for one in words)) if words else set()
        return ["+".join(word for word in one if word not in common) or "+".join(one) for one in words]
    if name not in TELLING:
        return dimensions(frames)[name]
    return [_text(frame.get(*TELLING[name])) for frame in frames]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        return "+".join(_text(one) for one in value)
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)


def _equal(own: str, wanted: str) -> bool:
    return _text(wanted.strip()).lower() == own.lower()


def _in_order(values: Sequence[str]) -> list[str]:
    def key(text: str) -> tuple[float, str]:
        try:
            return float(text), ""
        except ValueError:
            return math.inf, text

    return sorted(set(values), key=key)


def _grid(ordered: Sequence[Frame], apart: bool) -> Grid:
    """Where the slices lie; where gaps between them are meant, as if each had the usual distance from the one before."""
    first = ordered[0]
    positions = np.array([frame.position_mm for frame in ordered])
    if len(ordered) == 1:
        normal = np.cross(first.axes[:, 0], first.axes[:, 1])
        step = normal * _thickness(first)
    else:
        _must_be_even(ordered, positions, apart)
        # Not at right angles by force: slices of a tilted gantry would slide out of place.
        step = (positions[-1] - positions[0]) / (len(ordered) - 1)
        if apart:
            step *= np.median(np.linalg.norm(np.diff(positions, axis=0), axis=1)) / np.linalg.norm(step)
    distance = float(np.linalg.norm(step))
    direction = np.column_stack([first.axes, step / distance])
    x, y, z = (float(value) for value in first.position_mm)
    return Grid.from_lps((*first.size, len(ordered)), (*first.spacing_mm, distance), direction, (x, y, z))


def _thickness(frame: Frame) -> float:
    """How thick the only slice is, in mm."""
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        try:
            thickness = abs(float(frame.get(keyword)))
        except (TypeError, ValueError):
            continue
        if math.isfinite(thickness) and thickness > 0:
            return thickness
    raise VolumeError(
        "slice-without-thickness",
        frame.path,
        "is one slice, and SliceThickness is missing",
        "give the folder with all slices of the series",
    )


def _must_be_even(ordered: Sequence[Frame], positions: np.ndarray, apart: bool) -> None:
    normal = np.cross(ordered[0].axes[:, 0], ordered[0].axes[:, 1])
    heights = positions @ normal
    off_mm = float(np.abs(heights - np.linspace(heights[0], heights[-1], len(ordered))).max())
    way = positions[-1] - positions[0]
    where = ordered[0].path.parent if len({frame.path for frame in ordered}) > 1 else ordered[0].path
    if not apart and off_mm > _UNEVEN * np.linalg.norm(way) / (len(ordered) - 1):
        distances = np.linalg.norm(np.diff(positions, axis=0), axis=1)
        widest = int(distances.argmax())
        raise VolumeError(
            "uneven-slices",
            where,
            "its DICOM slices are not evenly spaced (off by {off_mm:.3g} mm), one may be missing: {before} and {after} "
            "are {widest_mm:.3g} mm apart, others {usual_mm:.3g} mm",
            "export the whole series again, or resample it; if the gaps are meant, choose `{example}`, and they are read as "
            "slices at one distance",
            example=f"{where.name}#Slices=apart",
            off_mm=off_mm,
            before=_name(ordered[widest]),
            after=_name(ordered[widest + 1]),
            widest_mm=float(distances[widest]),
            usual_mm=float(np.median(distances)),
        )
    beside = float(beside_mm(ordered, positions[0], way).max())
    if beside > may_lie_beside_mm(ordered[0]):
        steps = np.diff(positions - np.outer(heights, normal), axis=0)
        odd = int(np.linalg.norm(steps - np.median(steps, axis=0), axis=1).argmax())
        raise VolumeError(
            "slices-shifted-sideways",
            where,
            "its DICOM slices do not lie in one straight line: from {before} to {after} they are shifted sideways, by "
            "{beside_mm:.3g} mm ({share:.2g} of a pixel)",
            "export the whole series again, or resample it",
            before=_name(ordered[odd]),
            after=_name(ordered[odd + 1]),
            beside_mm=beside,
            share=beside / min(ordered[0].spacing_mm),
        )


def _must_be_scaled_alike(ordered: Sequence[Frame]) -> None:
    """Refuse numbers of several scales, where not all slices say which is theirs."""
    for attribute, usual in (("RescaleSlope", 1.0), ("RescaleIntercept", 0.0)):
        said = [frame.says(attribute) for frame in ordered]
        values = [frame.slope if attribute == "RescaleSlope" else frame.intercept for frame in ordered]
        telling = next((n for n, value in enumerate(values) if value != usual), None)
        if telling is not None and not all(said):
            raise VolumeError(
                "slice-without-scaling",
                ordered[said.index(False)].path,
                "{frame:?frame {frame} |}lacks {attribute}, which is {value:g} in {other}{more:?; {more} more "
                "{more:~lacks|lack} it, too|}",
                "export the series again from its source",
                frame=ordered[said.index(False)].frame_number,
                attribute=attribute,
                more=said.count(False) - 1,
                value=values[telling],
                other=_name(ordered[telling]),
            )
    units = [_text(frame.get("Units")) for frame in ordered]
    if len(set(units) - {""}) > 1:
        unknown = Problem("units-unknown", "unknown units")
        _refuse_others(
            ordered,
            units,
            lambda one, usual: Problem(
                "slice-of-other-units",
                "has intensities in {own} where the others have {usual}",
                {"own": one or unknown, "usual": usual or unknown},
            ),
        )


def _name(frame: Frame) -> Problem:
    """A slice as a sentence names it: by its number in a file of many, else by its file."""
    if frame.frame_number:
        return Problem("slice-called-by-number", "frame {number}", {"number": frame.frame_number})
    return Problem("slice-called-by-file", "{file}", {"file": frame.path.name})
