"""The models that a job writes: the candidates, the one that is kept, and the unfinished one of a stopped job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from torch import Tensor

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.card import CardIntensities, read_card
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import Cancelled
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.evaluation.choice import STEPS_SHARE, Choice
from TransferSegLib.jobs.cards import adapted_card
from TransferSegLib.jobs.choices import CHOSEN, chosen_of
from TransferSegLib.jobs.conditions import load_conditions, precision_on_card
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.contrast_of_source import keeps_contrast, with_inherited_contrast
from TransferSegLib.jobs.files import explain_write_errors, resume_command
from TransferSegLib.jobs.folder import DIGESTS, SOURCE_DIGESTS, JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.kept_source import kept_source_card, kept_source_members
from TransferSegLib.jobs.plans import Plans
from TransferSegLib.jobs.rates import chosen_rate
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_digests
from TransferSegLib.sources.folder import copy_source, save_source
from TransferSegLib.transfer.plan import TransferPlan


@dataclass(frozen=True)
class TrainedModel:
    """A model and how it was made.

    Attributes:
        choice: The strategy.
        plan: The strategy's plan, whose network has the weights.
        cases: How many cases it was trained on.
        steps: How many steps it was trained for; 0 where the strategy trains nothing.
        windows: The windows in which it segments, in voxels.
        learning_rate: Of several learning rates the one that was chosen; None where there was nothing to choose.
        share: The share of the adapted weights in the network's; None where nothing of the source's was trained.
        inference: How it segments; None is as the job's source model does.
        members: The weights of further models, by what each is called, that are averaged with it.
        chosen_as: What its strategy is called in what was chosen by scores; None is its own name.
        intensities: Those of the images that it was trained on, for each channel; empty where they are not known.
        mean_of: The number of models of folds whose weights are averaged in it; 0 where it was trained.
    """

    choice: StrategyChoice
    plan: TransferPlan
    cases: int
    steps: int
    windows: tuple[int, int, int]
    learning_rate: float | None = None
    share: float | None = None
    inference: InferenceSettings | None = None
    members: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    chosen_as: StrategyChoice | None = None
    intensities: tuple[CardIntensities, ...] = ()
    mean_of: int = 0


class JobModels:
    """Stores the models of a job, as source models with cards.

    Attributes:
        latest: Makes the model of what was trained last, see `stopped_model`, which is stored when the job is stopped.
    """

    def __init__(self, job: JobFolder, context: JobContext, plans: Plans) -> None:
        """Make the store of a job's models; nothing is written yet."""
        self.job, self.context, self.plans = job, context, plans
        self.latest: Callable[[], TrainedModel] | None = None

    def keep(self, model: TrainedModel) -> None:
        """Store a finished model as the job's."""
        self._save(self.job.model, model, finished=True)

    def keep_candidate(self, model: TrainedModel) -> None:
        """Store a finished model as a candidate until the best strategy is known."""
        self._save(self._candidate(model.choice), model, finished=True)

    def choose_candidate(self, choice: StrategyChoice) -> bool:
        """Make a strategy's candidate the job's model; False where it has none."""
        if not self._candidate(choice).exists():
            return False
        with explain_write_errors(self.job.model, self.job.path):
            copy_source(self._candidate(choice), self.job.model)
        return True

    def stop_if_asked(self) -> None:
        """Follow a request to stop, where there is one.

        Raises:
            Cancelled: There is one; see `stop`.
        """
        if self.job.cancel_requested():
            self.stop()

    def stop(self) -> NoReturn:
        """Store what was trained last as the job's model, and end the job.

        Before anything was trained that is the source model as it is. A model of an earlier stop is replaced by one that was
        trained since; a finished one stays.

        Raises:
            Cancelled: Always.
        """
        latest, stored = self.latest, (self.job.model / "card.json").exists()
        command = resume_command(self.job.path)
        if latest is None and not stored:
            if not self.context.state:
                raise Cancelled(
                    "cancelled-before-training",
                    "cancelled before training began; `{command}` starts it.",
                    command=command,
                )
            direct = StrategyChoice("direct")
            untrained = TrainedModel(direct, self.plans.make(direct, None), 0, 0, self.context.card.patch_size)
            self._save(self.job.model, untrained, finished=False)
        elif latest is not None and not (stored and read_card(self.job.model).finished):
            self._save(self.job.model, latest(), finished=False)
        kept = read_card(self.job.model)
        raise Cancelled(
            "cancelled",
            "cancelled; the model so far is in {path}{uncompared:?, was not compared with the source model, and may be "
            "worse|}; `{command}` goes on.",
            path=self.job.model,
            uncompared=not kept.finished and not kept.is_source_as_it_is and self.context.whole is not None,
            command=command,
        )

    def seen(self, plan: TransferPlan, fold: Fold | None) -> set[str]:
        """The digests of the images whose labels a model of this job may have been taught, or was chosen by.

        Those that the parent's model had seen, which it began from, are among them.

        Args:
            plan: Its plan.
            fold: The fold that it is of; None for the final one.
        """
        if self.context.spec.task == "autoencoding":
            return set()
        before: set[str] = set()
        if self.context.parent is not None and plan.mapping is not None:
            before = set(self.context.parent.seen(None if fold is None else fold.number))
        taught = self.context.training_cases if plan.teach != "consistency" or self._labels_decide else []
        if fold is not None:
            taught = [case for case in taught if case.name in fold.train]
        found = self._digests([*taught, *self.context.validation])
        if plan.data == "source+target":
            mixed_in = stored_digests(self.job, SOURCE_DIGESTS)
            found += [mixed_in[c.name] for c in self.context.source_data.training_cases if c.name in mixed_in]
        return before | {digest for one in found for digest in one.images if digest}

    @property
    def _labels_decide(self) -> bool:
        """Whether labels have a part in a model that is taught by images alone.

        That is so where they choose its share of the adapted weights, its learning rate, what is done with its output, or
        that it is the one that is kept.
        """
        spec = self.context.spec
        chooses = spec.training.adapted_share is None or spec.training.post_processing != "none"
        return chooses or bool(spec.training.learning_rates) or spec.kept is None

    def _seen_without_labels(self, plan: TransferPlan) -> set[str]:
        """The digests of the images that a final model of this job learned from without their labels."""
        images = self.context.images_for(plan)
        own = [*self.context.training_cases, *images] if plan.teach == "consistency" else images
        return {digest for one in self._digests(own) for digest in one.images if digest}

    def _digests(self, cases: Sequence[Case]) -> list[Digests]:
        own = stored_digests(self.job, DIGESTS)
        return [own[case.name] for case in cases if case.name in own]

    def _choices(self, choice: StrategyChoice) -> tuple[Choice, ...]:
        found = (chosen_of(self.job, what, choice) for what in CHOSEN)
        made = tuple(one for one in found if one is not None)
        early = any(one.what == STEPS_SHARE and one.chosen != one.default for one in made)
        return tuple(one for one in made if one.what == STEPS_SHARE) if early else made

    def _candidate(self, choice: StrategyChoice) -> Path:
        return self.job.state / "models" / choice.slug

    def _inherits_contrast(self, model: TrainedModel) -> bool:
        """Whether a trained model began with all weights of one that counts as of any contrast."""
        context = self.context
        if model.plan.mapping is None or not keeps_contrast(model.choice):
            return False
        if context.parent is None or context.parent.kept_source:
            return context.card.any_contrast
        return with_inherited_contrast(context.parent.card, context.card).any_contrast

    def _save(self, folder: Path, model: TrainedModel, finished: bool) -> None:
        is_source = model.plan.predicts_source_labels and not model.plan.trainable
        card = adapted_card(
            kept_source_card(self.context, model.inference) if is_source else self.context.card,
            self.context.task,
            self.context.target,
            model.plan,
            model.choice,
            cases=model.cases,
            steps=model.steps,
            patch_size=model.windows,
            spec=self.context.spec,
            finished=finished,
            seen=self.seen(model.plan, None),
            seen_without_labels=self._seen_without_labels(model.plan),
            images=len(self.context.images_for(model.plan)),
            rate=None if model.learning_rate is None else chosen_rate(self.job, model.choice),
            share=model.share,
            choices=() if model.share is None else self._choices(model.chosen_as or model.choice),
            inference=None if is_source else model.inference,
            recommendation=stored_recommendation(self.job) if finished else None,
            precision=precision_on_card(
                load_conditions(self.job), self.context.spec.training.deterministic, self.context.card.precision
            ),
            intensities=model.intensities,
        )
        if self.context.spec.kind != "pretrain" and model.plan.trainable:
            # Trained on random contrasts itself, or begun from a model that was.
            contrast = card.any_contrast or self._inherits_contrast(model)
            card = replace(card, made_by={**card.made_by, "any_contrast": contrast})
        if model.mean_of:
            card = replace(card, made_by={**card.made_by, "mean_of_folds": model.mean_of})
        if self.context.parent is not None and model.plan.trainable:
            card = replace(card, made_by={**card.made_by, "parent_sha256": self.context.parent.card.weights_sha256})
        state = {k: v.detach().to("cpu").contiguous() for k, v in model.plan.network.state_dict().items()}
        members = kept_source_members(self.context) if is_source else model.members
        with explain_write_errors(folder, self.job.path):
            save_source(folder, card, state, members)
