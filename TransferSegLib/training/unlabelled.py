"""Trainings with images without labels: which cases they see, and what they are taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.training.consistency import Consistency
from TransferSegLib.training.objectives import MakeObjective
from TransferSegLib.training.self_training import SelfTraining
from TransferSegLib.transfer.plan import Teach

_OBJECTIVES: Mapping[Teach, MakeObjective] = {"consistency": Consistency, "pseudo-labels": SelfTraining}


def objective_without_labels(teach: Teach) -> MakeObjective:
    """The objective of a plan that is taught by more or less than labels.

    Args:
        teach: `TransferPlan.teach`, not `labels`.
    """
    return _OBJECTIVES[teach]


def without_labels(case: PreparedCase) -> PreparedCase:
    """The same case, its labels left out so that nothing can learn from them."""
    return replace(case, classes=None, own_classes=None)


def seen_in_training(
    teach: Teach, labelled: Sequence[PreparedCase], images: Sequence[PreparedCase]
) -> list[PreparedCase]:
    """The cases of a training, as it sees them.

    Args:
        teach: `TransferPlan.teach`.
        labelled: The cases whose labels it may learn from.
        images: The cases that it may see as images alone.

    Returns:
        The labelled cases, where labels are learned from; without labels where not; and the images where it learns from them.
    """
    if teach == "labels":
        return list(labelled)
    own = list(labelled) if teach == "pseudo-labels" else [without_labels(case) for case in labelled]
    return [*own, *(without_labels(case) for case in images)]
