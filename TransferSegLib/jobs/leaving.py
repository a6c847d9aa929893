"""The models that a job leaves behind: finished ones, one of which is chosen, and that of a job that stops."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import Cancelled
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.files import explained, resume_command
from TransferSegLib.jobs.folder import DIGESTS, SOURCE_DIGESTS, JobFolder
from TransferSegLib.jobs.model import adapted_card
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.split import digests_in
from TransferSegLib.sources.folder import save_source
from TransferSegLib.transfer.plan import TransferPlan
from TransferSegLib.transfer.strategies import make_plan


@dataclass(frozen=True)
class Made:
    """A model, and how it was made: from how many cases in how many steps, with which patches."""

    choice: StrategyChoice
    plan: TransferPlan
    cases: int
    steps: int
    patch_size: tuple[int, int, int]


class Models:
    """Writes the models of a job, as source models with cards."""

    def __init__(self, job: JobFolder, spec: JobSpec, context: JobContext) -> None:
        self.job, self.spec, self.context = job, spec, context
        # What was trained last, for a model where the job is stopped.
        self.latest: Made | None = None
        # The source's own cases, by name, that are trained on where a strategy mixes them in.
        self.source_cases: Sequence[str] = ()

    def keep(self, made: Made) -> None:
        """Make a finished model that of the job."""
        self._save(self.job.model, made, finished=True)

    def keep_candidate(self, made: Made) -> None:
        """Put a finished model where it waits while it is not known which of them is kept."""
        self._save(self._candidate(made.choice), made, finished=True)

    def choose_candidate(self, choice: StrategyChoice) -> bool:
        """Make the model of a strategy that waits that of the job; False where none waits."""
        if not self._candidate(choice).exists():
            return False
        with explained(self.job.model, self.job.path):
            shutil.copytree(self._candidate(choice), self.job.model, dirs_exist_ok=True)
        return True

    def leave(self) -> None:
        """Follow the request to stop: what was trained last becomes a model that can be used; raises `Cancelled`.

        Before anything was trained that is the source model as it is. A model of an earlier stop is replaced by one that was
        trained since, a finished one stays.
        """
        made, there = self.latest, (self.job.model / "card.json").exists()
        if made is None and not there:
            if not self.context.state:
                raise Cancelled(f"cancelled before training began; `{resume_command(self.job.path)}` starts it.")
            plan = make_plan(self.context.transfer(self.spec.training.seed), "direct", {})
            made = Made(StrategyChoice("direct"), plan, 0, 0, self.context.card.patch_size)
        if made is not None and not (there and read_card(self.job.model).finished):
            self._save(self.job.model, made, finished=False)
        raise Cancelled(
            f"cancelled; the model so far is in {self.job.model}, `{resume_command(self.job.path)}` goes on."
        )

    def _seen(self, plan: TransferPlan) -> set[str]:
        """The digests of the images whose labels a model of this job may have been taught."""
        if self.spec.task == "autoencoding":
            return set()
        own = digests_in(self.job, DIGESTS)
        found = [own[case.name] for case in self.context.training_cases if case.name in own]
        if plan.data == "source+target":
            mixed_in = digests_in(self.job, SOURCE_DIGESTS)
            found += [mixed_in[name] for name in self.source_cases if name in mixed_in]
        return {digest for one in found for digest in one.images if digest}

    def _candidate(self, choice: StrategyChoice) -> Path:
        return self.job.state / "models" / choice.slug

    def _save(self, folder: Path, made: Made, finished: bool) -> None:
        card = adapted_card(
            self.context.card,
            self.context.task,
            self.context.target,
            made.plan,
            made.choice,
            cases=made.cases,
            steps=made.steps,
            patch_size=made.patch_size,
            spec=self.spec,
            finished=finished,
            seen=self._seen(made.plan),
        )
        state = {k: v.detach().to("cpu").contiguous() for k, v in made.plan.network.state_dict().items()}
        with explained(folder, self.job.path):
            save_source(folder, card, state)
