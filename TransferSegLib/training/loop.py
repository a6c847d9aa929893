"""The training loop. It knows plans, and no strategy by name.

Everything random is a function of (seed, step), so a training that was killed and resumed from a checkpoint ends with the
weights of one that was not, bit for bit on a CPU.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import math
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.problems import Problem
from TransferSegLib.networks.execution import ExecutionConfig, Precision, fixed_execution, likely_execution, measure
from TransferSegLib.networks.low_rank import merged
from TransferSegLib.networks.memory import OutOfMemory, free_unused, memory_watch
from TransferSegLib.networks.staged import Features, StagedNetwork, smaller_patch
from TransferSegLib.training.augmentation import Augmentation
from TransferSegLib.training.epochs import Size, patch_for, patches_in_epoch, steps_per_epoch
from TransferSegLib.training.frozen import FrozenEncoder, encode, encoder_is_frozen, measure_statistics
from TransferSegLib.training.objectives import MakeObjective, Segmentation
from TransferSegLib.training.optimizers import make_optimizer
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.patches import PairedSampler, PatchSampler
from TransferSegLib.training.schedule import Plateau, Waiting, factor, rule_of
from TransferSegLib.training.source_penalty import SourcePenalty
from TransferSegLib.transfer.plan import TransferPlan

DEFAULT_BATCH = 2
DEFAULT_STEPS = {"cpu": 400, "mps": 600, "cuda": 1500}
# Without cases to validate on, a fold sets some of its own apart only where it has this many.
VALIDATION_FROM = 24
VALIDATION_SHARE = 1 / 8
# With a Dice below this hardly anything is learned yet: a network from scratch marks a few places by chance, and then
# nothing at all for many steps, before it begins to find the labels. No training ends because of that.
LEARNED_DICE = 0.1
# Where a moment must do, so many steps are timed at most, and no more after so long.
MOST_TIMED, LONG_S = 4, 1.0


@dataclass(frozen=True)
class RunSettings:
    """The settings of a training, chosen or measured at its start and kept in the job.

    Attributes:
        steps: How many steps the budget has, over which the learning rate falls.
        batch_size: Patches in a step.
        patch_size: In voxels.
        execution: How the network is run on this machine.
        seed: Decides all random draws of the training.
        step_s: Seconds that a step was measured to take; None where nothing was measured.
        ends: After which step the training ends; None after the budget. Up to there it is the training that takes all steps.
    """

    steps: int
    batch_size: int
    patch_size: tuple[int, int, int]
    execution: ExecutionConfig
    seed: int
    step_s: float | None = None
    ends: int | None = None

    @property
    def last(self) -> int:
        """The last step of the training, unless it ends earlier because nothing is gained any more."""
        return self.steps if self.ends is None else self.ends


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        step: How many steps are done.
        losses: The loss of each step.
        validation: (step, mean Dice on the validation cases), where there are such cases.
        seconds: How long the steps have taken, on the clock, without the looks at validation cases; None
            where a part of them was not timed.
        check_seconds: `seconds` at each of `validation`, where they are known.
    """

    step: int = 0
    losses: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    # Two trainings are the same whatever the clock said.
    seconds: float | None = field(default=0.0, compare=False)
    check_seconds: list[float] = field(default_factory=list, compare=False)


def smaller(settings: RunSettings, divisor: tuple[int, int, int]) -> RunSettings | None:
    """The next smaller settings after memory ran out: half the batch, then half the longest side of the patches.

    Args:
        settings: Those that do not fit into memory.
        divisor: What each side of a patch must be a multiple of, in voxels.

    Returns:
        The settings to try next; None where there are no smaller ones.
    """
    if settings.batch_size > 1:
        return replace(settings, batch_size=settings.batch_size // 2)
    if settings.execution.copies > 1:
        return replace(settings, execution=replace(settings.execution, copies=1))
    patch = smaller_patch(settings.patch_size, divisor)
    return None if patch is None else replace(settings, patch_size=patch)


def split_validation(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split a fold's training cases into those that are trained on and those that early stopping looks at.

    Returns:
        The names of both; there are none of the second kind where the cases are few.
    """
    if len(names) < VALIDATION_FROM:
        return list(names), []
    every = round(1 / VALIDATION_SHARE)
    return [n for i, n in enumerate(names) if i % every], [n for i, n in enumerate(names) if i % every == 0]


def configure_run(
    plan: TransferPlan,
    cases: Sequence[PreparedCase],
    options: TrainingOptions,
    patch_size: tuple[int, int, int],
    device: str,
    note: Callable[..., Any] = lambda **fields: None,
    objective: MakeObjective = Segmentation,
    on_smaller: Callable[[RunSettings], None] = lambda settings: None,
    trained_on: int | None = None,
    precision: Precision | None = None,
) -> RunSettings:
    """Choose batch, patch, execution and number of steps: as the options say, else as measured on this machine.

    Where a measured step does not fit into memory, the batch is halved, then the patches.

    Args:
        plan: The plan of the training.
        cases: The cases that it is trained on.
        options: The training settings.
        patch_size: The patches where the options name none, in voxels.
        device: The device to compute on.
        note: Receives what was measured of each way to run the network.
        objective: What the training teaches.
        on_smaller: Receives the smaller settings that are tried next after memory ran out.
        trained_on: How many cases the training has, where `cases` are only some of them.
        precision: The only precision to measure; None for all that the device has.

    Raises:
        OutOfMemory: Not even a step with one small patch fits into memory.
    """
    sizes = case_sizes(cases)
    size = patch_for(options, patch_size, sizes, plan.network)
    batch = options.batch_size or DEFAULT_BATCH
    settings = RunSettings(0, batch, size, fixed_execution(device, batch), options.seed)
    while not options.deterministic:
        try:
            execution, step_s = _measured(plan, cases, options, settings, note, objective, precision)
        except OutOfMemory:
            reduced = smaller(settings, plan.network.divisor)
            if reduced is None:
                raise
        else:
            settings = replace(settings, execution=execution, step_s=step_s)
            break
        settings = reduced
        on_smaller(settings)
        free_unused(device)
    patches = patches_in_epoch(options, sizes, settings.patch_size, plan.network.slice_axis)
    patches = patches * (trained_on or len(sizes)) // len(sizes)
    return replace(settings, steps=steps_for(options, patches, settings.batch_size, settings.step_s, device))


def time_step(
    plan: TransferPlan,
    cases: Sequence[PreparedCase],
    options: TrainingOptions,
    patch_size: tuple[int, int, int],
    device: str,
    objective: MakeObjective = Segmentation,
) -> tuple[RunSettings, int]:
    """Time a training step in a moment, without looking for the fastest way to run the network as `configure_run` does.

    Args:
        plan: The plan of the training.
        cases: Some of the cases that it is trained on.
        options: The training settings.
        patch_size: The patches where the options name none, in voxels.
        device: The device to compute on.
        objective: What the training teaches.

    Returns:
        The settings with `step_s`, their `steps` left at 0; and how many patches an epoch of these cases has.

    Raises:
        OutOfMemory: The step does not fit into memory.
    """
    sizes = case_sizes(cases)
    patch = patch_for(options, patch_size, sizes, plan.network)
    batch = options.batch_size or DEFAULT_BATCH
    execution = fixed_execution(device, batch) if options.deterministic else likely_execution(device)
    settings = RunSettings(0, batch, patch, execution, options.seed)
    one_step = _one_step(plan, cases, options, settings, objective)
    twin = execution.place(copy.deepcopy(plan.network))
    step_s = float("inf")
    with torch.random.fork_rng(devices=[]), memory_watch():
        began_s = time.perf_counter()
        for _ in range(MOST_TIMED):  # the first also warms up
            start_s = time.perf_counter()
            one_step(twin, execution)
            step_s = min(step_s, time.perf_counter() - start_s)
            if time.perf_counter() - began_s > LONG_S:
                break
    return replace(settings, step_s=step_s), patches_in_epoch(options, sizes, patch, plan.network.slice_axis)


def _sampler(
    cases: Sequence[PreparedCase], plan: TransferPlan, options: TrainingOptions, settings: RunSettings
) -> PatchSampler | PairedSampler:
    """The sampler of a training's patches."""
    across = plan.network.slice_axis
    augmentation = Augmentation.named(options.augment, across)
    sampler = PairedSampler if plan.teach == "pseudo-labels" else PatchSampler
    return sampler(cases, settings.patch_size, augmentation, settings.seed, options.sampling, across)


def _measured(
    plan: TransferPlan,
    cases: Sequence[PreparedCase],
    options: TrainingOptions,
    settings: RunSettings,
    note: Callable[..., Any],
    objective: MakeObjective,
    precision: Precision | None,
) -> tuple[ExecutionConfig, float]:
    """The fastest way to run the network, and the seconds of a step with batch and patches of `settings`."""
    one_step = _one_step(plan, cases, options, settings, objective)
    return measure(settings.execution.device, settings.batch_size, plan.network, one_step, note, precision)


def _one_step(
    plan: TransferPlan,
    cases: Sequence[PreparedCase],
    options: TrainingOptions,
    settings: RunSettings,
    objective: MakeObjective,
) -> Callable[[nn.Module, ExecutionConfig], float]:
    """A function that takes the first training step of a copy of the network, and returns its loss: NaN if it blows up."""
    sampler = _sampler(cases, plan, options, settings)
    images, classes = (torch.from_numpy(a) for a in sampler.batch(0, settings.batch_size))
    takes_features = objective(plan.network, options).takes_features
    keep_features = _keeps_features(options) and takes_features and encoder_is_frozen(plan)
    seen: dict[ExecutionConfig, tuple[Features, Tensor]] = {}

    def one_step(network: nn.Module, execution: ExecutionConfig) -> float:
        twin = _Step(replace(plan, network=network), execution, options, objective)  # type: ignore[arg-type]
        batch = execution.training_batch(images, classes)
        if keep_features and execution not in seen:
            seen[execution] = encode(twin.plan, execution, batch[0]), batch[1]
        given, labels = seen[execution] if keep_features else batch
        try:
            return twin.run(given, labels, 1.0)
        except NotFinite:
            return math.nan

    return one_step


def case_sizes(cases: Sequence[PreparedCase]) -> list[Size]:
    """The size of each prepared case, in voxels."""
    return [(i, j, k) for i, j, k in (case.image.shape[1:] for case in cases)]


def steps_for(options: TrainingOptions, patches: int, batch_size: int, step_s: float | None, device: str) -> int:
    """The budget of a training in steps.

    Minutes become steps by what was measured at the start, so that a resumed job has the same budget.

    Args:
        options: The training settings.
        patches: How many patches an epoch has.
        batch_size: Patches in a step.
        step_s: Seconds that a step was measured to take; None where nothing was measured.
        device: The device that is computed on.
    """
    if options.steps is not None:
        return options.steps
    if options.epochs is not None:
        return options.epochs * steps_per_epoch(patches, batch_size)
    if options.minutes is not None and step_s is not None:
        # Cutting and augmenting the patches comes on top of what the network takes.
        return max(1, int(options.minutes * 60 / (1.25 * step_s)))
    return DEFAULT_STEPS[torch.device(device).type]


def _keeps_features(options: TrainingOptions) -> bool:
    """Whether a frozen encoder may see a few batches again and again: not where patches have to cover the cases."""
    return options.keep_features and options.patches_per_epoch == 1 and options.sampling != "grid"


class _Step:
    """Network, objective and optimiser; one training step at a time."""

    def __init__(
        self, plan: TransferPlan, execution: ExecutionConfig, options: TrainingOptions, objective: MakeObjective
    ) -> None:
        self.plan, self.execution = plan, execution
        self.objective = objective(plan.network, options)
        groups = plan.parameter_groups(options.first_rate, options.new_layers_factor)
        for module in self.objective.modules():
            rate = max(group["lr"] for group in groups)
            groups.append({"params": list(module.parameters()), "lr": rate})
        self.optimizer = make_optimizer(options, groups)
        self.gradient_clip = options.gradient_clip
        self.penalty = SourcePenalty(plan, options.source_penalty)
        self.learning_rates = [group["lr"] for group in self.optimizer.param_groups]
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.scaler = torch.amp.GradScaler(enabled=execution.precision == "float16")

    def run(self, given: Tensor | Features, classes: Tensor, scale: float) -> float:
        """Take one training step.

        Args:
            given: Images (B, C, I, J, K), or their features.
            classes: (B, 1, I, J, K).
            scale: What every learning rate is multiplied by.

        Returns:
            The loss before the step.

        Raises:
            NotFinite: The gradients that are clipped are finite, and their norm is not.
        """
        self.plan.training_mode()
        for group, rate in zip(self.optimizer.param_groups, self.learning_rates, strict=True):
            group["lr"] = rate * scale
        loss = self.objective.loss(self.plan.network, given, classes, self.execution.autocast)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        self.penalty.add_gradient()
        if self.gradient_clip:
            norm = float(nn.utils.clip_grad_norm_(self.parameters, self.gradient_clip))
            # Finite gradients are all 0 now, and the step would be none, without a word. Those that are not finite spoil the
            # weights, which is found; in float16 GradScaler skips such a step, and scales the next one down.
            if not math.isfinite(norm) and self._has_finite_gradients():
                raise NotFinite("gradients-not-finite", "the norm of the gradients is {norm}", norm=str(norm))
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.objective.update()
        return float(loss.detach())

    def _has_finite_gradients(self) -> bool:
        return all(bool(torch.isfinite(p.grad).all()) for p in self.parameters if p.grad is not None)


class Training:
    """One training of one plan: `run` takes it to the end, or to wherever `on_step` stops it.

    After `run`, the plan's network has the averaged weights: those that were best on the validation cases, where there are
    such cases, else the last.

    Attributes:
        plan: The plan.
        settings: The settings of the training.
        options: The training settings as the person chose them.
        validate: Gives a network's mean Dice on the validation cases; None without such cases.
        sampler: Draws the patches.
        average: The averaged weights.
        progress: Where the training stands.
        finished: Whether it ends before its budget, because nothing is gained any more.
    """

    def __init__(
        self,
        plan: TransferPlan,
        cases: Sequence[PreparedCase],
        options: TrainingOptions,
        settings: RunSettings,
        validate: Callable[[StagedNetwork], float] | None = None,
        objective: MakeObjective = Segmentation,
    ) -> None:
        """Make the training and move the network to its device; no step is taken yet.

        Args:
            plan: The plan; its network is trained in place.
            cases: The cases that it is trained on.
            options: The training settings.
            settings: What was chosen or measured at the start.
            validate: Gives a network's mean Dice on the validation cases; None without such cases.
            objective: What the training teaches.

        Raises:
            InputError: There is no case.
        """
        if options.learning_rates:
            raise ValueError("one of several learning rates must be chosen before a training")
        if not cases:
            raise InputError("no-case-to-train-on", "there is no annotated case to train on; annotate at least one.")
        self.plan, self.settings, self.options, self.validate = plan, settings, options, validate
        settings.execution.place(plan.network)
        self.step = _Step(plan, settings.execution, options, objective)
        self.step.objective.begin(cases)
        self.sampler = _sampler(cases, plan, options, settings)
        if plan.frozen_is_random:
            measure_statistics(plan, settings.execution, self._batch)
        self.frozen: FrozenEncoder | None = None
        if _keeps_features(options) and self.step.objective.takes_features and encoder_is_frozen(plan):
            self.frozen = FrozenEncoder(plan, settings.execution, self._batch)
        sizes, slice_axis = case_sizes(cases), plan.network.slice_axis
        patches = patches_in_epoch(options, sizes, settings.patch_size, slice_axis)
        self.per_epoch = steps_per_epoch(patches, settings.batch_size)
        average = functools.partial(_average, most=options.weight_averaging)
        self.average = AveragedModel(plan.network, multi_avg_fn=average)
        self.step.objective.follow(self.average.module, settings.steps)
        self.progress = Progress()
        self.rule = rule_of(options)
        by_steps = options.lr_schedule == "plateau-steps"
        self.period = self.rule.patience if by_steps else self.per_epoch
        self.plateau = Plateau(self.rule.factor, 1 if by_steps else max(1, self.rule.patience))
        self.waiting = Waiting()
        self.best: dict[str, Tensor] | None = None
        self.finished = False

    def run(
        self,
        on_step: Callable[[Progress], bool] = lambda progress: True,
    ) -> nn.Module:
        """Train to the end of the budget.

        Args:
            on_step: Called after each step; ends the training by returning False.

        Returns:
            The plan's network with the averaged weights, in evaluation mode.

        Raises:
            OutOfMemory: A step does not fit into memory.
            NotFinite: The loss, the gradients, the weights or what the network gives are not finite numbers.
        """
        scale = factor(self.options, self.settings.steps, self.per_epoch)
        progress = self.progress
        with contextlib.closing(self._batches()) as batches, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*single channel prediction.*")
            while progress.step < self.settings.last and not self.finished:
                torch.manual_seed(self.settings.seed * 1_000_003 + progress.step)
                began = time.perf_counter()
                with memory_watch():
                    loss = self._take(*next(batches), scale(progress.step) * self.plateau.scale)
                if not math.isfinite(loss):
                    raise self._not_finite(Problem("loss-is-not-a-number", "the loss is {loss}", {"loss": str(loss)}))
                self.average.update_parameters(self.plan.network)
                if progress.seconds is not None:
                    progress.seconds += time.perf_counter() - began
                progress.losses.append(loss)
                progress.step += 1
                self._watch_loss()
                if self.validate is not None and (self.finished or self._is_time_to_look()):
                    with memory_watch():
                        self._check(self.validate)
                if not on_step(progress):
                    break
        self._require_finite_weights()
        self.plan.network.load_state_dict(self.best or self.average.module.state_dict())
        self._require_finite_output()
        return self.plan.network.eval()

    def _take(self, given: Tensor | Features, classes: Tensor, scale: float) -> float:
        try:
            return self.step.run(given, classes, scale)
        except NotFinite as error:
            raise self._not_finite(error.problem) from None

    def _is_time_to_look(self) -> bool:
        """Whether the validation cases are looked at after this step: looks are evenly spread, and one is after the last."""
        steps, step = self.settings.steps, self.progress.step
        looks = min(self.options.validation_looks, steps)
        return step * looks // steps > (step - 1) * looks // steps

    def _watch_loss(self) -> None:
        """After a period, let the learning rate fall where nothing was gained; after an epoch, end where the recipe does."""
        losses, step = self.progress.losses, self.progress.step
        if self.options.lr_schedule.startswith("plateau") and step % self.period == 0:
            self.plateau.note(sum(losses[-self.period :]) / self.period)
        if self.rule.end and step % self.per_epoch == 0:
            self.waiting.note(sum(losses[-self.per_epoch :]) / self.per_epoch)
            self.finished = self.waiting.waited >= self.rule.end or self.finished

    def _require_finite_weights(self) -> None:
        """Look at the averaged weights and running statistics: the last update may have spoilt them, after its finite loss.

        Once a weight is not finite its average is not either, so this also holds for the network that is trained.

        Raises:
            NotFinite: Some are not finite.
        """
        for tensor in self.average.module.state_dict().values():
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                raise self._not_finite(Problem("weights-not-finite", "the weights are not finite"))

    def _require_finite_output(self) -> None:
        """Run the network that is kept on a batch: finite weights can be so large that what they give is not.

        Raises:
            NotFinite: The loss on the batch is not finite.
        """
        network = self.plan.network.eval()
        given, classes = self.frozen(0) if self.frozen is not None and self.frozen.cycle else self._batch(0)
        with torch.no_grad(), memory_watch():
            loss = float(self.step.objective.loss(network, given, classes, self.settings.execution.autocast))
        if not math.isfinite(loss):
            found = Problem("trained-loss-not-finite", "the trained network's loss is {loss}", {"loss": str(loss)})
            raise self._not_finite(found)

    def _not_finite(self, found: Problem) -> NotFinite:
        steps = self.progress.step
        return NotFinite(
            "not-finite-after-steps", "{found} after {steps} {steps:~step|steps}", found=found, steps=steps
        )

    def _batches(self) -> Generator[tuple[Tensor | Features, Tensor], None, None]:
        """What the network sees in each step, from the next one on."""
        steps = range(self.progress.step, self.settings.last)
        if self.frozen is not None and self.frozen.cycle:
            yield from map(self.frozen, steps)
            return
        if torch.device(self.settings.execution.device).type == "cpu":
            # Beside convolutions that keep every core busy, a thread that cuts patches costs more than it saves.
            yield from map(self._batch, steps)
            return
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self._batch, steps.start)
            for step in steps:
                batch = ahead.result()
                if step + 1 < steps.stop:
                    ahead = pool.submit(self._batch, step + 1)
                yield batch

    def _batch(self, step: int) -> tuple[Tensor, Tensor]:
        images, classes = self.sampler.batch(step, self.settings.batch_size)
        return self.settings.execution.training_batch(torch.from_numpy(images), torch.from_numpy(classes))

    def _check(self, validate: Callable[[StagedNetwork], float]) -> None:
        self._require_finite_weights()
        dice = validate(cast(StagedNetwork, self.average.module.eval()))
        seen = [d for _, d in self.progress.validation]
        self.progress.validation.append((self.progress.step, dice))
        if self.progress.seconds is not None:
            self.progress.check_seconds.append(self.progress.seconds)
        if not seen or dice > max(seen):
            self.best = copy.deepcopy(self.average.module.state_dict())
        else:
            best_at = max(range(len(seen)), key=lambda n: seen[n])
            waited = len(seen) - best_at
            ends = self.options.early_stopping and waited >= self.options.validation_patience
            self.finished = self.finished or (ends and seen[best_at] >= LEARNED_DICE)

    def weights(self) -> Mapping[str, Tensor]:
        """The weights that would be kept if the training ended now without validation cases, by the plain network's names.

        Raises:
            NotFinite: They are not finite.
        """
        self._require_finite_weights()
        return merged(self.average.module.state_dict())

    def state(self) -> dict[str, Any]:
        """Everything that a checkpoint needs: tensors, numbers and lists only.

        Raises:
            NotFinite: The weights are not finite, so the checkpoint before is the one to keep.
        """
        self._require_finite_weights()
        return {
            "network": self.plan.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.step.optimizer.state_dict(),
            "scaler": self.step.scaler.state_dict(),
            "objective": self.step.objective.state(),
            "plateau": self.plateau.state(),
            "waiting": self.waiting.state(),
            "step": self.progress.step,
            "losses": list(self.progress.losses),
            "validation": [list(point) for point in self.progress.validation],
            "seconds": self.progress.seconds,
            "check_seconds": list(self.progress.check_seconds),
            "best": self.best,
            "finished": self.finished,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.plan.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.step.optimizer.load_state_dict(state["optimizer"])
        self.step.scaler.load_state_dict(state["scaler"])
        self.step.objective.restore(state["objective"])
        self.plateau.restore(state["plateau"])
        # Checkpoints of version 0.1.0 had one count for both.
        self.waiting.restore(state.get("waiting", state["plateau"][:2]))
        self.progress = Progress(
            state["step"],
            list(state["losses"]),
            [(int(s), float(d)) for s, d in state["validation"]],
            state.get("seconds"),  # checkpoints of before the clock was stored have none
            list(state.get("check_seconds", ())),
        )
        self.best, self.finished = state["best"], state["finished"]


def _average(averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int, most: float) -> None:
    """The newest weights count 1 - decay; the decay grows to `most` in the first steps of a training."""
    decay = min(most, (1 + int(count)) / (10 + int(count)))
    torch._foreach_lerp_(list(averaged), list(current), 1 - decay)
