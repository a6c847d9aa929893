"""Whether keeping a label's largest component, or filling its holes, gains on cases that the models did not see.

Few cases say little. So a label is left as it is unless the gain is enough: as if there were four more cases, in each of
which it lost `PRIOR_LOSS` Dice (`evaluation.choice`). There is a choice for every label, so more is asked for than
of a single one. Of 4 cases it must gain 0.01 on average, of 20 cases 0.002.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.choice import choose
from TransferSegLib.evaluation.metrics.overlap import dice_of_counts
from TransferSegLib.inference.components import cleaned

PRIOR_LOSS = 0.01
# For each case of a fold, the Dice of a label with each of `CANDIDATES`.
CaseDice = Sequence[tuple[float, ...]]
AS_IT_IS, LARGEST, FILLED, BOTH = CANDIDATES = ("as it is", "largest component", "holes filled", "both")


@dataclass(frozen=True)
class LabelChoice:
    """What was chosen for a label.

    Attributes:
        label: Its name.
        chosen: One of `CANDIDATES`.
        cases: How many cases decided: those in which the label is, or was found.
        dice: The mean Dice over them with each candidate, in the order of `CANDIDATES`; none where no case decided.
        of_folds: For each fold what the cases of the other folds chose, with which its cases are scored.
        nested: The mean Dice over the cases that decided, each with what the other folds' cases chose; None where none did.
    """

    label: str
    chosen: str
    cases: int
    dice: tuple[float, ...]
    of_folds: tuple[str, ...] = ()
    nested: float | None = None

    @property
    def changes(self) -> bool:
        """Whether the label is changed, in the final model or in what a fold is scored with."""
        return any(one != AS_IT_IS for one in (self.chosen, *self.of_folds))

    @property
    def problem(self) -> Problem:
        """The choice in a sentence."""
        return Problem(
            "post-processing-chosen",
            "`{label}`: {nothing:?what is found stays as it is|{largest:?of what is found, the largest component alone is "
            "kept|}{both:? and |}{filled:?holes are filled|}}, chosen by {count} {count:~case|cases} that the models did not "
            "see; with what the other folds' cases chose for each of them, their mean Dice is {nested:.3f} in place of "
            "{before:.3f}",
            {
                "label": self.label,
                "nothing": self.chosen == AS_IT_IS,
                "largest": self.chosen in (LARGEST, BOTH),
                "filled": self.chosen in (FILLED, BOTH),
                "both": self.chosen == BOTH,
                "count": self.cases,
                "before": self.dice[0],
                "nested": self.nested,
            },
            "note",
        )


def settings_with(settings: InferenceSettings, choices: Sequence[LabelChoice]) -> InferenceSettings:
    """The settings with what was chosen for each label, beside what they have already.

    Args:
        settings: How the model segments so far.
        choices: What was chosen for each label.

    Returns:
        The settings with these labels added; what they had stays.
    """
    largest = [one.label for one in choices if one.chosen in (LARGEST, BOTH)]
    filled = [one.label for one in choices if one.chosen in (FILLED, BOTH)]
    return replace(
        settings,
        largest_component=tuple(dict.fromkeys((*settings.largest_component, *largest))),
        fill_holes=tuple(dict.fromkeys((*settings.fill_holes, *filled))),
    )


def dice_of_candidates(
    classes: np.ndarray, reference: np.ndarray, outside: int = 0, known: np.ndarray | None = None
) -> tuple[float, ...]:
    """The Dice of a label that was found with each candidate.

    Args:
        classes: A box with all of what was found, (I, J, K): 1 is the label, another number another one, 0 background.
        reference: (I, J, K) bool: where the label is in this box.
        outside: How many of its voxels lie outside of the box.
        known: (I, J, K) bool: where in this box it is known what is right; None for everywhere.

    Returns:
        The Dice as it was found, with the largest component alone, with holes filled, and with both.
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
        mask = mask if known is None else mask & known
        common, found = int(np.count_nonzero(mask & reference)), int(np.count_nonzero(mask))
        scores.append(dice_of_counts(common, found, int(np.count_nonzero(reference)) + outside) or 0.0)
    return tuple(scores)


def choose_for_label(
    name: str, for_all: Sequence[CaseDice], for_folds: Sequence[Sequence[CaseDice]] | None = None
) -> LabelChoice:
    """Choose for a label by the Dice of the cases that the models did not see: by all, and for each fold by the others.

    Args:
        name: The label's name.
        for_all: For each fold, the Dice of its cases, segmented as the final model does.
        for_folds: For each fold the same of all folds, segmented as this fold's model does: with what was chosen for it
            before, by the others alone. None where all models segment alike.
    """
    for_folds = [for_all] * len(for_all) if for_folds is None else for_folds
    # Of equal ones the first does least.
    of_folds = tuple(
        choose(
            CANDIDATES,
            [_by_candidate(other) for m, other in enumerate(all_of_them) if m != n],
            AS_IT_IS,
            prior_loss=PRIOR_LOSS,
        )
        for n, all_of_them in enumerate(for_folds)
    )
    own = [all_of_them[n] for n, all_of_them in enumerate(for_folds)]
    scores = [case for fold in own for case in fold]
    if not scores:
        return LabelChoice(name, AS_IT_IS, 0, (), (AS_IT_IS,) * len(own))
    means = tuple(float(mean) for mean in np.mean(scores, axis=0))
    chosen = choose(CANDIDATES, [_by_candidate(fold) for fold in for_all], AS_IT_IS, prior_loss=PRIOR_LOSS)
    nested = [dice for fold, one in zip(own, of_folds, strict=True) for dice in _by_candidate(fold)[one]]
    return LabelChoice(name, chosen, len(scores), means, of_folds, statistics.fmean(nested))


def _by_candidate(fold: CaseDice) -> dict[str, list[float]]:
    return {one: [case[n] for case in fold] for n, one in enumerate(CANDIDATES)}
