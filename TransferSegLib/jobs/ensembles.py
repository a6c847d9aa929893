"""The models of the folds in a job's final model: averaged with it where it segments, or their weights averaged into one.

They are the models whose segmentations were scored out-of-fold, made of what the folds have trained by
`jobs.scored_folds`. No case can score an average of them out-of-fold: each was seen by some of them. So the out-of-fold
scores are those of the single models, and test cases alone score the average.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING

from TransferSegLib.core.problems import Problem

if TYPE_CHECKING:
    from torch import Tensor

    from TransferSegLib.networks.staged import StagedNetwork

SINGLE_MODELS = "of the folds' single models, not of the ensemble"
NOT_THEIR_MEAN = "of the folds' single models, not of the mean of their weights"


def networks_of(network: StagedNetwork, states: Mapping[str, Mapping[str, Tensor]]) -> list[StagedNetwork]:
    """Copies of a network with other weights, in evaluation mode, on the processor.

    Args:
        network: The network; its own weights stay.
        states: What each is called → its weights by name.
    """
    made = []
    for state in states.values():
        one = copy.deepcopy(network).to("cpu")
        one.load_state_dict(state)
        made.append(one.eval())
    return made


def about_ensemble(members: int, tests: int) -> Problem:
    """Say what an ensemble is, what it costs and what its scores are of.

    Args:
        members: How many models of folds it has beside the final one.
        tests: How many test cases scored it.
    """
    return Problem(
        "ensemble-kept",
        "The kept model is an ensemble of {count} models and takes {count} times as long to segment; each annotated case was "
        "seen by some of them, so the out-of-fold scores are of the folds' single models{tests:?, and those of the test "
        "cases are the ensemble's|, and the ensemble itself was not scored}",
        {"count": 1 + members, "tests": bool(tests)},
        "note",
    )


def about_mean(models: int, tests: int) -> Problem:
    """Say that the kept model is the mean of those of the folds, and what its scores are of.

    Args:
        models: How many models of folds are averaged in it.
        tests: How many test cases scored it.
    """
    return Problem(
        "mean-kept",
        "The weights of the kept model are the mean of those of the {count} models of the folds: it is one network, and as "
        "quick as one; each annotated case was seen by some of them, so the out-of-fold scores are of the folds' single "
        "models{tests:?, and those of the test cases are of the mean|, and the mean itself was not scored}",
        {"count": models, "tests": bool(tests)},
        "note",
    )
