"""The cases that are drawn at random, to be annotated without a prediction in sight: all rounds are compared on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from TransferSegGui import corrections
from TransferSegGui.targets import TargetCase

# So many cases are to be annotated without a prediction in sight before the first round.
SHARED_CASES = 3


class DrawnCases:
    """Draws cases, and remembers which in the parameter node.

    Attributes:
        parameters: The panel's parameters, whose `drawnCases` holds the keys of the cases in the order of drawing.
    """

    def __init__(self, parameters: Any) -> None:
        """Take the panel's parameters."""
        self.parameters = parameters

    @property
    def keys(self) -> list[str]:
        """The keys of all that were ever drawn and not taken off, in order."""
        return list(json.loads(self.parameters.drawnCases))

    def take_off(self, key: str) -> None:
        """Count a case as drawn no more: a prediction of it was in sight."""
        self.parameters.drawnCases = json.dumps([one for one in self.keys if one != key])

    def annotated(self, cases: Sequence[TargetCase]) -> list[TargetCase]:
        """Of these cases those that were drawn and annotated without a prediction."""
        drawn = set(self.keys)
        return [case for case in corrections.drawn(cases) if case.key in drawn]

    def waiting(self, cases: Sequence[TargetCase]) -> list[TargetCase]:
        """Of these cases those that were drawn and wait for their annotations, in the order of drawing."""
        known = {case.key: case for case in unseen(cases)}
        return [known[key] for key in self.keys if key in known]

    def next(self, cases: Sequence[TargetCase], opened: str) -> tuple[TargetCase, int] | None:
        """The next case to annotate without a prediction in sight.

        A case that is skipped stays among those that were drawn: after the last of them the first comes again. Only one that
        was flagged, or of which a prediction is in the scene, has another drawn in its place.

        Args:
            cases: All cases.
            opened: The key of the case that is open; "" for none.

        Returns:
            The case, and which of the drawn ones it is, counted from 1; None where there is none to annotate so.
        """
        done, waiting = len(self.annotated(cases)), self.waiting(cases)
        if done >= SHARED_CASES:
            return None
        keys, order = [case.key for case in waiting], self.keys
        later = order[order.index(opened) + 1 :] if opened in order else order
        after = [case for case in waiting if case.key in later]
        fresh = [c for c in unseen(cases) if c.key not in (*keys, opened) and not corrections.is_begun(c.key)]
        if after:
            chosen = after[0]
        elif done + len(waiting) < SHARED_CASES and fresh:
            chosen = self._draw(fresh)
            waiting.append(chosen)
        elif not waiting or (keys == [opened] and done + len(waiting) < SHARED_CASES):
            return None
        else:
            chosen = waiting[0]
        return chosen, done + [case.key for case in waiting].index(chosen.key) + 1

    def _draw(self, cases: Sequence[TargetCase]) -> TargetCase:
        """One of these cases at random, which is remembered as drawn."""
        drawn = [key for key in self.keys if key not in {case.key for case in cases}]
        generator = np.random.default_rng((len(drawn), *sorted(int(case.key) for case in cases)))
        chosen = cases[int(generator.integers(len(cases)))]
        self.parameters.drawnCases = json.dumps([*drawn, chosen.key])
        return chosen


def unseen(cases: Sequence[TargetCase]) -> list[TargetCase]:
    """The cases that are to be annotated and of which no prediction is in the scene: not by Try, a job, or as a draft."""
    drafts, predicted = corrections.drafts(), corrections.predicted_images()
    return [
        case
        for case in cases
        if case.segmentation is None
        and not case.flagged
        and not corrections.began_as(drafts.get(case.key))
        and case.images[0] not in predicted
    ]
