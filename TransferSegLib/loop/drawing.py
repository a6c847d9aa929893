"""The cases that all rounds are compared on, drawn at random: which may be drawn, and what is missing of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from TransferSegLib.core.problems import Problem
from TransferSegLib.loop.folder import SHARED_CASES, Loop, LoopFolder
from TransferSegLib.loop.predictions import is_changed, prediction_of


def may_be_drawn(folder: LoopFolder, loop: Loop, cases: Iterable[str]) -> list[str]:
    """Of these cases those that may be drawn for all rounds to be compared on, by name.

    They are not drawn, annotated or put aside yet, and no prediction was written for them, at which somebody may have looked.
    """
    taken = {*loop.by_case, *loop.flagged, *loop.shared}
    return sorted(
        name
        for name in cases
        if name not in taken and prediction_of(folder, name) is None and not is_changed(folder, name)
    )


def draw_missing(folder: LoopFolder, loop: Loop, cases: Iterable[str]) -> Loop:
    """Draw, of scans that came since, what is missing of the cases that all rounds share.

    Once a round has begun that shares some, more would be in none of the comparisons with it, so that no more are drawn.

    Args:
        folder: The loop's folder.
        loop: The loop.
        cases: The names of all its scans.

    Returns:
        The loop, with what was drawn.

    Raises:
        InputError: The loop cannot be used.
        JobError: The disk refuses it.
    """
    if not _may_draw_more(folder, loop) or not may_be_drawn(folder, loop, cases):
        return loop

    def change(now: Loop) -> Loop:
        if not _may_draw_more(folder, now):
            return now
        left = may_be_drawn(folder, now, cases)
        order = np.random.default_rng((now.seed, len(now.shared), len(left), 5)).permutation(len(left))
        drawn = [left[n] for n in order[: SHARED_CASES - len(now.shared)]]
        return replace(now, shared=(*now.shared, *drawn))

    return folder.change(change)


def _may_draw_more(folder: LoopFolder, loop: Loop) -> bool:
    return len(loop.shared) < SHARED_CASES and not (loop.shared and folder.rounds())


def few_shared(folder: LoopFolder, loop: Loop) -> Problem | None:
    """Say that the rounds are compared on fewer drawn cases than they should be; None where there are enough."""
    if len(loop.shared) >= SHARED_CASES:
        return None
    facts = {"count": len(loop.shared), "wanted": SHARED_CASES, "path": loop.images}
    if not _may_draw_more(folder, loop):
        return Problem(
            "loop-few-shared",
            "The rounds are compared on {count} {count:~case|cases} alone, because no more could be drawn before the first "
            "round; a difference between rounds may be chance.",
            facts,
            "note",
        )
    return Problem(
        "loop-few-drawn",
        "{count} of the {wanted} cases that the rounds are compared on {count:~is|are} drawn: there were no more scans "
        "without an annotation or a prediction. Add scans to {path}, and `{command}` draws the others.",
        {**facts, "command": folder.command("next")},
        "note",
    )
