"""What to annotate next: first the cases that all rounds share, then those that are unlike what is annotated."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.readers import must_have_channels
from TransferSegLib.cases.volumes import read_grid, read_volume, write_labels
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.evaluation.next_cases import Candidate, rank_cases
from TransferSegLib.loop.drawing import draw_missing, few_shared
from TransferSegLib.loop.effort import MOST_LOOKED_AT
from TransferSegLib.loop.folder import LoopFolder, not_written
from TransferSegLib.loop.model import LoopModel
from TransferSegLib.loop.predictions import Prediction, is_changed, prediction_of
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.sources.folder import file_sha256

DEFAULT_COUNT = 3
# The code of what is said of a case whose scan cannot be read.
UNREAD = "next-unread"


@dataclass(frozen=True)
class NextCase:
    """A case to annotate.

    Attributes:
        case: Its name.
        images: Its images.
        prediction: The file with the prediction to correct; None where it is to be drawn without one.
        reason: Why it is there, in words.
        disagreement: How much models disagree on it, or how unsure the one model is, 0 to 1, which does not count for the
            order; None where it is not known.
        spread: How far it is from what is annotated, over the median distance between scans; None as before.
    """

    case: str
    images: tuple[str, ...]
    prediction: str | None
    reason: Problem
    disagreement: float | None = None
    spread: float | None = None


@dataclass(frozen=True)
class Chosen:
    """What `next_cases` found.

    Attributes:
        cases: The cases, the first to annotate first.
        problems: What else is to be said, such as scans that could not be read.
    """

    cases: tuple[NextCase, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """A look as it is kept, so that a killed command goes on where it was."""

    features: tuple[float, ...]
    disagreement: float | None


def next_cases(
    path: Path,
    count: int = DEFAULT_COUNT,
    device: str = "auto",
    on_case: Callable[[int, int, str], None] = lambda done, total, case: None,
) -> Chosen:
    """Say which cases to annotate next, and write the predictions to correct.

    A prediction that somebody has changed is never written over; its case is the first. A scan that cannot be read is left
    out, named among the problems, and remembered for `loop status`.

    Args:
        path: The loop's folder.
        count: How many cases.
        device: What the model runs on.
        on_case: Called before each scan that is looked at: how many were, how many there are, and its name.

    Raises:
        InputError: The loop, its model or the folder of its scans cannot be used.
        JobError: A file cannot be written.
    """
    folder = LoopFolder(path)
    loop = folder.read()
    channels = len(folder.source(loop).card.channels)
    cases = folder.cases(loop, channels)
    loop = draw_missing(folder, loop, cases)
    few = [one] if (one := few_shared(folder, loop)) is not None else []
    shared = [name for name in loop.shared_left if name in cases]
    asked = {name: case for name, case in cases.items() if name not in {**loop.by_case, **loop.flagged}}
    unread = _unread(asked, shared, channels)
    looked = {*shared, *unread}
    cases = {name: case for name, case in cases.items() if name not in unread}
    shared = [name for name in shared if name not in unread]
    if shared:
        folder.remember_unread(looked, {name: one.sentence for name, one in unread.items()})
        reason = Problem(
            "next-shared",
            "Drawn at random, for all rounds to be compared on: annotate it without a prediction in sight.",
            severity="note",
        )
        drawn = tuple(NextCase(name, _images(cases[name]), None, reason) for name in shared[:count])
        return Chosen(drawn, (*unread.values(), *few))
    begun = [name for name in sorted(cases) if name not in {*loop.by_case, *loop.flagged} and is_changed(folder, name)]
    found = [_begun(folder, cases[name]) for name in begun[:count]]
    others = sorted(set(cases) - set(loop.by_case) - set(begun) - set(loop.flagged))
    problems = [*unread.values(), *few]
    if len(found) < count and others:
        model = LoopModel.of_loop(folder, loop, list(cases.values()), device)
        annotated = [one.case for one in loop.annotations if one.role == "train" and one.case in cases]

        def noted(done: int, total: int, case: str) -> None:
            looked.add(case)
            on_case(done, total, case)

        more, said = _rank(folder, loop.seed, cases, annotated, others, count - len(found), model, noted)
        found += more
        problems += said
        unread |= {one.case: one for one in said if one.code == UNREAD and one.case is not None}
    folder.remember_unread(looked, {name: one.sentence for name, one in unread.items()})
    if not found and not others and not unread:
        problems.append(
            Problem(
                "next-none-left",
                "Every scan is annotated: add scans to {path}, or go on with `{command}`.",
                {"path": loop.images, "command": folder.command("adapt")},
                "note",
            )
        )
    return Chosen(tuple(found), tuple(problems))


def rank_scans(
    model: LoopModel,
    out: Path,
    count: int = DEFAULT_COUNT,
    seed: int = 0,
    on_case: Callable[[int, int, str], None] = lambda done, total, case: None,
) -> Chosen:
    """Say which scans of the model's data set to annotate next, outside of a loop's folder, and write predictions to correct.

    Args:
        model: The model; the scans are those of its data set.
        out: A new or empty folder for the predictions, in `to-correct`, and what was found in the scans.
        count: How many scans.
        seed: Decides which are looked at where there are too many.
        on_case: Called before each scan that is looked at: how many were, how many there are, and its name.

    Raises:
        InputError: Nothing is left to annotate.
        JobError: A file cannot be written.
    """
    cases = {case.name: case for case in model.context.target.cases}
    # As in a loop: what validates or tests a model does not steer what is annotated for it.
    annotated = [name for name, case in cases.items() if case.label is not None and case.role == "train"]
    others = sorted(name for name, case in cases.items() if case.label is None)
    if not others:
        raise InputError(
            "rank-nothing-left",
            "{path}: every scan is annotated; add scans without a segmentation.",
            path=model.context.spec.target,
        )
    found, problems = _rank(LoopFolder(out), seed, cases, annotated, others, count, model, on_case)
    return Chosen(tuple(found), tuple(problems))


def _rank(
    folder: LoopFolder,
    seed: int,
    cases: dict[str, Case],
    annotated: Sequence[str],
    others: Sequence[str],
    count: int,
    model: LoopModel,
    on_case: Callable[[int, int, str], None],
) -> tuple[list[NextCase], list[Problem]]:
    """Look at scans, rank them and write the predictions of the first ones."""
    problems: list[Problem] = []
    if len(others) > MOST_LOOKED_AT:
        drawn = np.random.default_rng((seed, model.round, 4)).permutation(len(others))[:MOST_LOOKED_AT]
        problems.append(
            Problem(
                "next-some-looked-at",
                "Of {count} scans without annotation {looked} were drawn at random and looked at.",
                {"count": len(others), "looked": MOST_LOOKED_AT},
                "note",
            )
        )
        others = sorted(others[n] for n in drawn)
    if not model.segments:
        problems.append(
            Problem(
                "next-without-prediction",
                "The model by now does not segment {labels:…`}, so there is no prediction to correct, and the scans are "
                "chosen to spread; annotate some, and adapt.",
                {"labels": model.context.task.new_names},
                "note",
            )
        )
    total, seen, gone = len(others) + len(annotated), {}, []
    for n, name in enumerate([*others, *annotated]):
        on_case(n, total, name)
        try:
            seen[name] = _looked(folder, cases[name], model, name in others)
        except InputError as error:
            gone.append(_cannot_be_read(name, error))
        except (NotFinite, OutOfMemory) as error:
            memory = isinstance(error, OutOfMemory)
            gone.append(
                Problem(
                    "next-not-looked-at",
                    "Case `{name}` was left out: {memory:?memory ran out|the model gives values that are not finite}.",
                    {"name": name, "memory": memory},
                    "warning",
                    case=name,
                )
            )
    candidates = [Candidate(name, seen[name].features, seen[name].disagreement) for name in others if name in seen]
    known = [seen[name].features for name in annotated if name in seen]
    ranked = rank_cases(candidates, known, count, model.doubt_by)
    found = []
    for one in ranked:
        prediction = _offer(folder, cases[one.case], model) if model.segments else None
        images = _images(cases[one.case])
        found.append(NextCase(one.case, images, prediction, one.reason, one.disagreement, one.spread))
    return found, [*problems, *gone]


def _unread(cases: Mapping[str, Case], drawn: Sequence[str], channels: int) -> dict[str, Problem]:
    """The cases that cannot be looked at, as is seen without the model, each with what to say of it.

    Args:
        cases: Name → case.
        drawn: The names of those that are drawn, whose images are read whole; they are asked for without a look at them.
        channels: How many images the model takes.
    """
    found = {}
    for name, case in cases.items():
        try:
            must_have_channels(case, channels)
            for image in case.images if name in drawn else ():
                read_volume(image)
        except InputError as error:
            found[name] = _cannot_be_read(name, error)
    return found


def _cannot_be_read(name: str, error: InputError) -> Problem:
    return Problem(
        "next-unread",
        "Case `{name}` was left out: {reason}.",
        {"name": name, "reason": error},
        "warning",
        case=name,
    )


def _looked(folder: LoopFolder, case: Case, model: LoopModel, whole: bool) -> _Seen:
    """A look at a scan, from before where the same model has looked at the same file."""
    stamp = "-".join(f"{p.stat().st_size:x}{p.stat().st_mtime_ns:x}" for p in case.images if p.exists())
    stamp += "-file" if model.file_order else ""
    kept = folder.looks / f"{model.sha256[:16]}-{'w' if whole else 'f'}" / f"{case.name}.json"
    try:
        stored = read_json(kept)
        if stored["stamp"] == stamp:
            return from_json(_Seen, stored["look"], str(kept))
    except (InputError, KeyError, TypeError):
        pass
    look = model.look(case, whole)
    seen = _Seen(look.features, look.disagreement)
    folder.write(kept, json.dumps({"stamp": stamp, "look": to_json(seen)}) + "\n")
    if look.values is not None:
        _write(folder.looks / kept.parent.name / f"{case.name}.nii.gz", look.values, case)
    return seen


def _offer(folder: LoopFolder, case: Case, model: LoopModel) -> str:
    """Write the prediction of a case to `to-correct`, unless it is there or somebody corrects it, and note what it is."""
    to_correct, record = folder.to_correct / f"{case.name}.nii.gz", folder.predictions / f"{case.name}.json"
    own = folder.predictions / f"{case.name}.nii.gz"
    known = prediction_of(folder, case.name)
    if known is not None and known.model_sha256 == model.sha256 and to_correct.is_file() and own.is_file():
        return str(to_correct)
    made = folder.looks / f"{model.sha256[:16]}-w" / f"{case.name}.nii.gz"
    if not made.is_file():
        values = model.look(case).values
        assert values is not None
        _write(made, values, case)
    content = made.read_bytes()
    if is_changed(folder, case.name):  # begun to correct while the scans were looked at
        return str(to_correct)
    for path in (own, to_correct):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(content)
        except OSError as error:
            raise not_written(path, error) from error
        if path == own:
            made_by = Prediction(model.sha256, file_sha256(own))
            folder.write(record, json.dumps(to_json(made_by)) + "\n")
    return str(to_correct)


def _begun(folder: LoopFolder, case: Case) -> NextCase:
    reason = Problem(
        "next-begun",
        "Somebody has begun to correct it: finish it, and accept it by `{command}`.",
        {"command": f"{folder.command('accept')} {shlex.quote(case.name)}"},
        "note",
    )
    return NextCase(case.name, _images(case), str(folder.to_correct / f"{case.name}.nii.gz"), reason)


def _images(case: Case) -> tuple[str, ...]:
    return tuple(map(str, case.images))


def _write(path: Path, values: Any, case: Case) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(path, error) from error
    write_labels(path, values, read_grid(case.images[0]), like=case.images[0])
