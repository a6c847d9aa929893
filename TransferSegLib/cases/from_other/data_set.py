"""A data set of many cases that get their labels from another image: made, resumed, and with failures put apart."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from TransferSegLib.cases.from_other.one_case import Making, Place, is_done, label_again, make_case, record_path
from TransferSegLib.cases.from_other.one_case import inputs_of as registered_inputs
from TransferSegLib.cases.from_other.pairs import Pair
from TransferSegLib.cases.from_other.processes import each_in_process
from TransferSegLib.cases.from_other.records import CaseRecord, digest_of, read_record
from TransferSegLib.cases.registration_quality import failings
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing, retry_while_held
from TransferSegLib.core.problems import Problem

FLAGGED = "flagged"
# More of the body without labels than this is worth a word.
MOST_UNKNOWN = 0.02


@dataclass(frozen=True)
class MadeCase:
    """What became of a case.

    Attributes:
        record: What was made; None where it could not be.
        place: Where it is.
        failings: What says that its registration failed; nothing where it seems right.
        is_kept: Whether it is in the data set: not flagged, or accepted by the person.
        is_new: Whether it was made now, and not before.
        error: Why it could not be made.
    """

    name: str
    record: CaseRecord | None
    place: Place
    failings: tuple[Problem, ...] = ()
    is_kept: bool = False
    is_new: bool = True
    error: Problem | None = None


@dataclass(frozen=True)
class DataSetPlan:
    """What is made, and where.

    Attributes:
        out: The folder of the data set.
        name: Its name.
        making: How cases are made.
        channels: The names of its channels.
        labels: Value → name.
        accepted: Cases that are kept though they were flagged: the person has looked at them.
        workers: How many cases are made at a time; 0 for one a core.
    """

    out: Path
    name: str
    making: Making
    channels: tuple[str, ...]
    labels: dict[int, str]
    accepted: frozenset[str] = frozenset()
    workers: int = 0


def make_data_set(
    pairs: Sequence[Pair], plan: DataSetPlan, progress: Callable[[float], None] | None = None
) -> tuple[MadeCase, ...]:
    """Make the cases that are not made yet, put those apart whose registration failed, and write `dataset.json`.

    Args:
        pairs: The images.
        plan: What is made of them, and where.
        progress: Called with the share that is done.

    Returns:
        What became of each case, in the order of the pairs.

    Raises:
        InputError: A case is accepted that is none.
        JobError: A file cannot be written.
    """
    unknown = sorted(plan.accepted - {pair.name for pair in pairs})
    if unknown:
        raise InputError(
            "accepted-unknown",
            "{option} {names:…`}: no such case; the cases are {cases:…`}.",
            option="--accept",
            names=unknown,
            cases=[pair.name for pair in pairs],
        )
    todo = [pair for pair in pairs if not is_done(pair, plan.making, plan.out, place_of(plan.out, pair.name))]
    again = [pair for pair in todo if _only_labels(pair, plan)]
    anew = [pair for pair in todo if pair not in again]
    for pair in again:
        label_again(place_of(plan.out, pair.name), plan.making, plan.out)
    cores = os.cpu_count() or 1
    workers = max(1, min(plan.workers or cores, len(anew)))
    threads = max(1, cores // workers)
    making = replace(plan.making, registration=replace(plan.making.registration, threads=threads))
    errors: dict[str, Problem] = {}
    for pair in anew:  # what is there of them is of other files or settings
        record_path(plan.out, pair.name).unlink(missing_ok=True)
        for folder in _folders(plan.out):
            for path in Place(folder, pair.name).files:
                path.unlink(missing_ok=True)
    for number, result in each_in_process(make_case, [(pair, making, plan.out) for pair in anew], workers, progress):
        if isinstance(result, Problem):
            errors[anew[number].name] = result
        else:  # at once: who stops in between finds it in its place
            _settle(anew[number].name, plan)
    made = tuple(
        MadeCase(pair.name, None, Place(plan.out, pair.name), error=errors[pair.name])
        if pair.name in errors
        else replace(_settle(pair.name, plan), is_new=pair in anew)
        for pair in pairs
    )
    _write_list(plan, sum(case.is_kept for case in made) + len(earlier_cases(pairs, plan.out)))
    _drop_empty(plan.out / "made")
    return made


def place_of(out: Path, name: str) -> Place:
    """Find where the files of a case are.

    Args:
        out: The data set's folder.
        name: The case.

    Returns:
        The place in the data set, or apart from it where the case is left out. Where the case is in neither, `out` itself,
        where it is made.
    """
    places = [Place(folder, name) for folder in _folders(out)]
    return next((place for place in places if place.image.exists()), Place(out, name))


def _drop_empty(folder: Path) -> None:
    """Remove a folder and those in it that hold nothing; a file that is still in one keeps it."""
    for path in sorted((folder, *folder.rglob("*")), reverse=True):
        with contextlib.suppress(OSError):
            path.rmdir()


def _folders(out: Path) -> tuple[Path, ...]:
    """Where the files of a case may be: just made, in the data set, or apart."""
    return out / "made", out, out / FLAGGED


def _only_labels(pair: Pair, plan: DataSetPlan) -> bool:
    """Whether a case was registered already, and only its thresholds are others."""
    record = read_record(record_path(plan.out, pair.name))
    place = place_of(plan.out, pair.name)
    return (
        plan.making.classes is not None
        and record is not None
        and record.inputs == registered_inputs(pair, plan.making)
        and record.labels != digest_of([], plan.making.classes)
        and place.image.exists()
        and place.moved.exists()
    )


def _settle(name: str, plan: DataSetPlan) -> MadeCase:
    """Move a case to where it belongs."""
    record = read_record(record_path(plan.out, name))
    assert record is not None
    found = tuple(failings(record.quality))
    is_kept = not found or name in plan.accepted
    here, there = place_of(plan.out, name), Place(plan.out if is_kept else plan.out / FLAGGED, name)
    if here != there:
        # The image last: by it the case is found where a move was interrupted.
        for source, target in zip(here.files[::-1], there.files[::-1], strict=True):
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                retry_while_held(partial(source.replace, target))
    return MadeCase(name, record, there, found, is_kept)


def earlier_cases(pairs: Sequence[Pair], out: Path) -> list[str]:
    """The cases in a data set that an earlier run made of other pairs: they stay."""
    names = {pair.name for pair in pairs}
    records = sorted(path.stem for path in (out / "records").glob("*.json"))
    return [name for name in records if name not in names and Place(out, name).image.exists()]


def _write_list(plan: DataSetPlan, kept: int) -> None:
    """Write `dataset.json` in nnU-Net's layout, which names channels and labels."""
    (plan.out / "imagesTr").mkdir(parents=True, exist_ok=True)
    description = {
        "name": plan.name,
        "channel_names": {str(n): channel for n, channel in enumerate(plan.channels)},
        "labels": {"background": 0} | {name: value for value, name in sorted(plan.labels.items())},
        "numTraining": kept,
        "file_ending": ".nii.gz",
    }
    with replacing(plan.out / "dataset.json") as temporary:
        temporary.write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def worth_a_word(case: MadeCase) -> list[Problem]:
    """What the person is told of a case."""
    if case.error is not None:
        return [
            Problem(
                "case-not-made",
                "case `{case}` could not be made: {reason}.",
                {"case": case.name, "reason": case.error},
                "warning",
                case=case.name,
            )
        ]
    assert case.record is not None
    told = []
    if case.failings and not case.is_kept:
        told.append(
            Problem(
                "registration-flagged",
                "case `{case}`: its registration seems to have failed ({failings:;}), so it was left out; look at {picture}, "
                "and keep it with {option} {case} if it is right.",
                {
                    "case": case.name,
                    "failings": case.failings,
                    "picture": f"overlays/{case.name}.png",
                    "option": "--accept",
                },
                "warning",
                case=case.name,
            )
        )
    if case.record.unknown > MOST_UNKNOWN and case.is_kept:
        told.append(
            Problem(
                "labels-unknown-within",
                "case `{case}`: {share:.0%} of the body are not in the other image and have the value 0; crop the image, or "
                "leave the case out if that is much.",
                {"case": case.name, "share": case.record.unknown},
                "note",
                case=case.name,
            )
        )
    return told
