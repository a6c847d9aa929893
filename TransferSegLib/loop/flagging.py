"""Putting a case of a loop aside, such as a scan that cannot be read or that nobody should learn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.texts import one_line
from TransferSegLib.loop.drawing import may_be_drawn
from TransferSegLib.loop.folder import Loop, LoopFolder


@dataclass(frozen=True)
class Flagged:
    """A case that was put aside.

    Attributes:
        case: Its name.
        reason: Why, in the person's words; may be empty.
        instead: The case that was drawn in its place, where it was one of those that all rounds share; None else, and where
            no scan is left to draw.
    """

    case: str
    reason: str
    instead: str | None


def flag(path: Path, case: str, reason: str = "") -> Flagged:
    """Put a case aside: it is not asked for any more. Where it was drawn at random, another one is drawn in its place.

    An annotation that is accepted later takes it back.

    Args:
        path: The loop's folder.
        case: The name of the case.
        reason: Why, for the person who looks at the loop later.

    Raises:
        InputError: The loop cannot be used, has no such case, or the case is annotated.
        JobError: The disk refuses it.
    """
    folder, instead = LoopFolder(path), None

    def change(loop: Loop) -> Loop:
        nonlocal instead
        if case in loop.by_case:
            raise InputError(
                "loop-flag-annotated",
                "case `{case}`: is annotated, so rounds learn from it; accept another segmentation, or leave it.",
                case=case,
            )
        cases = folder.cases(loop, len(folder.source(loop).card.channels))
        if case not in cases and case not in loop.shared:
            raise InputError(
                "loop-flag-unknown",
                "case `{case}`: there is no such scan in {path}; check the name.",
                case=case,
                path=loop.images,
            )
        flagged, shared = {**loop.flagged, case: one_line(reason)}, loop.shared
        if case in shared:
            if left := may_be_drawn(folder, replace(loop, flagged=flagged), cases):
                instead = left[int(np.random.default_rng([loop.seed, len(flagged)]).integers(len(left)))]
            shared = tuple(
                name for one in shared for name in ((instead,) if one == case else (one,)) if name is not None
            )
        return replace(loop, shared=shared, flagged=flagged)

    changed = folder.change(change)
    return Flagged(case, changed.flagged[case], instead)
