"""The models of the folds that are averaged with a job's final model.

They are the models whose segmentations were scored out-of-fold, made of what the folds have trained by
`jobs.scored_folds`. No case can score the ensemble out-of-fold: each was seen by some of its models. So the out-of-fold
scores are those of the single models, and test cases alone score the ensemble.
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
