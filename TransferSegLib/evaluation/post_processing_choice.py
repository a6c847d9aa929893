"""Whether keeping a label's largest component, or filling its holes, gains on cases that the models did not see.

Few cases say little. So a label is left as it is unless the gain is enough: as if there were four more cases, in each of
which it lost `PRIOR_LOSS` Dice (`evaluation.choice`). There is a choice for every label, so more is asked for than
of a single one. Of 4 cases it must gain 0.01 on average, of 20 cases 0.002.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.choice import choose
from TransferSegLib.evaluation.metrics.overlap import dice_of_counts
from TransferSegLib.inference.components import cleaned

PRIOR_LOSS = 0.01
AS_IT_IS, LARGEST, FILLED, BOTH = CANDIDATES = ("as it is", "largest component", "holes filled", "both")


@dataclass(frozen=True)
class LabelChoice:
    """What was chosen for a label.

    Attributes:
        label: Its name.
        chosen: One of `CANDIDATES`.
        cases: How many cases decided: those in which the label is, or was found.
        dice: The mean Dice over them with each candidate, in the order of `CANDIDATES`; none where no case decided.
    """

    label: str
    chosen: str
    cases: int
    dice: tuple[float, ...]

    @property
    def problem(self) -> Problem:
        """The choice in a sentence."""
        return Problem(
            "post-processing-chosen",
            "`{label}`: {largest:?of what is found, the largest component alone is kept|}{both:? and |}{filled:?holes are "
            "filled|}, which took the mean Dice of {count} {count:~case|cases} that the models did not see, by which it was "
            "chosen, from {before:.3f} to {after:.3f}",
            {
                "label": self.label,
                "largest": self.chosen in (LARGEST, BOTH),
                "filled": self.chosen in (FILLED, BOTH),
                "both": self.chosen == BOTH,
                "count": self.cases,
                "before": self.dice[0],
                "after": self.dice[CANDIDATES.index(self.chosen)],
            },
            "note",
        )


def settings_with(settings: InferenceSettings, choices: Sequence[LabelChoice]) -> InferenceSettings:
    """The settings with what was chosen for each label, beside what they have already."""
    largest = [one.label for one in choices if one.chosen in (LARGEST, BOTH)]
    filled = [one.label for one in choices if one.chosen in (FILLED, BOTH)]
    return InferenceSettings(
        settings.copies,
        settings.mirror,
        tuple(dict.fromkeys((*settings.largest_component, *largest))),
        tuple(dict.fromkeys((*settings.fill_holes, *filled))),
    )


def dice_of_candidates(classes: np.ndarray, reference: np.ndarray, outside: int = 0) -> tuple[float, ...]:
    """The Dice of a label that was found with each candidate.

    Args:
        classes: A box with all of what was found, (I, J, K): 1 is the label, another number another one, 0 background.
        reference: (I, J, K) bool: where the label is in this box.
        outside: How many of its voxels lie outside of the box.
    """
    scores = []
    own = ("label",)
    for settings in (
        InferenceSettings(),
        InferenceSettings(largest_component=own),
        InferenceSettings(fill_holes=own),
        InferenceSettings(largest_component=own, fill_holes=own),
    ):
        mask = cleaned(classes, own, settings) == 1
        common, found = int(np.count_nonzero(mask & reference)), int(np.count_nonzero(mask))
        scores.append(dice_of_counts(common, found, int(np.count_nonzero(reference)) + outside) or 0.0)
    return tuple(scores)


def choose_for_label(name: str, scores: Sequence[tuple[float, ...]]) -> LabelChoice:
    """Choose for a label by the Dice of the cases that the models did not see.

    Args:
        name: The label's name.
        scores: For each case, the Dice with each of `CANDIDATES`.
    """
    if not scores:
        return LabelChoice(name, AS_IT_IS, 0, ())
    means = np.mean(scores, axis=0)
    of_candidates = dict(zip(CANDIDATES, zip(*scores, strict=True), strict=True))
    chosen = choose(CANDIDATES, [of_candidates], AS_IT_IS, prior_loss=PRIOR_LOSS)  # of equal ones the first does least
    return LabelChoice(name, chosen, len(scores), tuple(float(mean) for mean in means))
