"""A unit of a job's work, one training and the segmentations and scores that follow from it: what it is, and what it knows.

`unit_training` trains it, `unit_scoring` segments and scores with it, `unit_run` does one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor

from TransferSegLib.core.card import CardIntensities
from TransferSegLib.core.errors import JobError, NotFinite
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.conditions import Conditions, load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import EventLog, Progress
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.models import JobModels
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.jobs.plans import Plans
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.rates import with_rate
from TransferSegLib.jobs.recommended import in_round, scored_with
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.networks.execution import ExecutionConfig, Precision, likely_execution
from TransferSegLib.training.loop import Progress as LearningCurve
from TransferSegLib.training.loop import RunSettings
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.plan import TransferPlan

# The code of the error of a training that blew up.
NOT_FINITE = "loss-not-finite"


@dataclass(frozen=True)
class Unit:
    """One training and what is scored with it.

    Attributes:
        choice: The strategy.
        fold: The fold; None for the final model, which is trained on all annotated cases.
        rate: Of several learning rates the one that is tried; None for the unit itself, see `jobs.rates`.
        round: The round in which a job that recommends a strategy tries it; None for the unit itself, see `jobs.rounds`.
        scored_as: What the strategy is called in scores, where that is not its own key.
        share: The share of the adapted weights that it is scored with, as a text; empty where it has one of its own, as
            `jobs.unit_blending` says.
        steps: With a share, after which share of its steps the model ends, as a text; empty for what was chosen for the fold.
    """

    choice: StrategyChoice
    fold: Fold | None
    rate: float | None = None
    round: int | None = None
    scored_as: StrategyChoice | None = None
    share: str = ""
    steps: str = ""

    @property
    def called(self) -> StrategyChoice:
        """What the strategy is called in the unit's files and events."""
        if self.scored_as is not None:
            return self.scored_as
        if self.round is not None:
            return in_round(self.choice, self.round, self.share)
        if self.share:
            return scored_with(self.choice, self.share, self.steps)
        return self.choice if self.rate is None else with_rate(self.choice, self.rate)

    @property
    def is_trial(self) -> bool:
        """Whether it is yet to be seen if the job's scores have those of this unit."""
        return self.scored_as is None and (self.rate is not None or self.round is not None or bool(self.share))

    @property
    def part(self) -> str:
        """The end of the unit's name: `fold0`… or `final`."""
        return "final" if self.fold is None else f"fold{self.fold.number}"

    @property
    def name(self) -> str:
        """The unit's name in files and events."""
        return f"{self.called.slug}.{self.part}"

    @property
    def trained_as(self) -> StrategyChoice:
        """What the strategy is called in the files that its training leaves; it may be scored with several shares."""
        return replace(self, share="", steps="", scored_as=None).called

    @property
    def training(self) -> str:
        """The name of the training whose model is scored; the unit's own, but where `share` says with what it is scored."""
        return f"{self.trained_as.slug}.{self.part}"

    @property
    def share_as(self) -> StrategyChoice:
        """What the strategy is called where the share of the adapted weights is chosen."""
        return self.scored_as or self.choice

    @property
    def fold_name(self) -> str:
        """The fold as scores have it: its number, or `test` for the final model."""
        return "test" if self.fold is None else str(self.fold.number)

    @property
    def title(self) -> Problem:
        """The unit in words."""
        if self.fold is None:
            shown = self.called if self.scored_as is None else self.choice
            return Problem("unit-final", "{strategy}, final model", {"strategy": shown.key}, "note")
        if self.round is not None:
            fields = {"strategy": self.choice.key, "round": self.round, "fold": self.fold.number + 1}
            return Problem("unit-round", "round {round}: {strategy}, fold {fold}", fields, "note")
        fields = {"strategy": self.trained_as.key, "fold": self.fold.number + 1}
        return Problem("unit-fold", "{strategy}, fold {fold}", fields, "note")

    def segmenting(self, context: JobContext) -> int:
        """How many cases are segmented in this unit, about."""
        if self.fold is None:
            return len(context.tests) + len(context.unlabelled) if self.rate is None else 0
        return len(self.fold.held_out)


@dataclass(frozen=True, eq=False)
class JobRun:
    """What all units of a run share.

    Attributes:
        job: The job's folder.
        context: What the job adapts to what.
        options: The training settings; the minutes are those of one training.
        device: The device that is computed on.
        log: The events.
        progress: The progress of the whole job.
        prepared: The target's cases as the network sees them.
        prepared_source: The source's own cases as the network sees them; None where no strategy is trained with them.
        plans: The strategies' plans.
        models: The models that the job leaves.
        kept: The strategy whose model is kept; None until the scores decide.
    """

    job: JobFolder
    context: JobContext
    options: TrainingOptions
    device: str
    log: EventLog
    progress: Progress
    prepared: PreparedCases
    prepared_source: PreparedCases | None
    plans: Plans
    models: JobModels
    kept: StrategyChoice | None

    @property
    def conditions(self) -> Conditions:
        """The conditions under which all strategies segment, as the job has them now."""
        found = load_conditions(self.job)
        assert found is not None, "they are decided before the first unit"
        return found

    def segmenting(self, precision: Precision | None = None) -> ExecutionConfig:
        """How images are segmented: alike for every strategy, so that the same weights give the same segmentation.

        Args:
            precision: The precision; None for that of the job.
        """
        execution = likely_execution(self.device, self.options.deterministic)
        return replace(execution, precision=precision or self.conditions.precision)

    def network_dice(self, source_labels: bool, precision: Precision | None = None) -> NetworkDice:
        """What measures the Dice of a network on prepared cases, in the windows of the job.

        Args:
            source_labels: Whether the network predicts the source's labels.
            precision: The precision; None for that of the job.
        """
        context, execution = self.context, self.segmenting(precision)
        return NetworkDice(
            context.task, self.conditions.windows, execution, source_labels, context.card.inference.padding
        )


@dataclass(frozen=True, eq=False)
class Trained:
    """What a unit segments with.

    Attributes:
        plan: Its plan, whose network has the weights.
        settings: The settings of its training; None without one.
        curve: The curve of its losses.
        rate: The learning rate of all layers; None for the plan's own.
        beginning: The weights that the training began with, by name; empty where there is nothing to blend with them.
        share: The share of the adapted weights in the network's; None where nothing of the source's was trained.
        early: Whether the weights are those of a step before the end of the budget, because folds chose so.
        intensities: Those of the images that a final model was trained on, for each channel.
        mean_of: The number of models of folds whose weights are averaged in it; 0 where it was trained.
    """

    plan: TransferPlan
    settings: RunSettings | None
    curve: LearningCurve
    rate: float | None = None
    beginning: Mapping[str, Tensor] = field(default_factory=dict)
    share: float | None = None
    early: bool = False
    intensities: tuple[CardIntensities, ...] = ()
    mean_of: int = 0


def not_finite(unit: Unit, plan: TransferPlan, rate: float | None, error: NotFinite) -> JobError:
    """The error of a training whose loss, weights or segmentations are not finite numbers.

    Args:
        unit: The unit.
        plan: Its plan.
        rate: The learning rate of all layers; None for the plan's own.
        error: What was found, and after how many steps.
    """
    return JobError(
        "loss-not-finite",
        "{unit}: {reason}; start again with a lower {option} than {rate:g}.",
        unit=unit.title,
        reason=error,
        option="--learning-rate",
        rate=max(plan.trainable.values()) if rate is None else rate,
    )
