"""The models of the folds that are kept beside a job's final model and averaged with it.

They are the models whose segmentations were scored out-of-fold. Until the final model is stored they lie in `state/members`;
then in the model's own folder. No case can score the ensemble out-of-fold: each was seen by some of its models. So the
out-of-fold scores are those of the single models, and test cases alone score the ensemble.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

if TYPE_CHECKING:
    from torch import Tensor

    from TransferSegLib.networks.staged import StagedNetwork

SINGLE_MODELS = "of the folds' single models, not of the ensemble"


@dataclass(frozen=True)
class Members:
    """The models of a strategy's folds.

    Attributes:
        job: The job.
        called: The strategy, with its learning rate where several are tried.
    """

    job: JobFolder
    called: StrategyChoice

    def save(self, fold: int, state: Mapping[str, Tensor]) -> None:
        """Keep the model of a fold.

        Args:
            fold: Its number, counted from 0.
            state: Its weights by name, with which its cases were segmented.

        Raises:
            JobError: They cannot be written.
        """
        from TransferSegLib.sources.untrusted.weights import save_weights

        folder = self.job.members / self.called.slug
        with explain_write_errors(folder, self.job.path):
            folder.mkdir(parents=True, exist_ok=True)
            save_weights(folder / f"fold{fold}.safetensors", {k: v.detach().to("cpu") for k, v in state.items()})

    def load(self) -> dict[str, dict[str, Tensor]]:
        """What each is called, such as `fold0` → its weights; none where none are kept.

        Raises:
            InputError: A file is damaged.
        """
        from TransferSegLib.sources.untrusted.weights import load_weights

        folder = self.job.members / self.called.slug
        paths = sorted(folder.glob("fold*.safetensors"), key=lambda path: int(path.stem.removeprefix("fold")))
        return {path.stem: load_weights(path) for path in paths}


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
