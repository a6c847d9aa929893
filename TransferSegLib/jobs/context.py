"""What a job is about: the target's cases and the source model together, its checks and the plans of its strategies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.card import ModelCard, Task
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.model import card_for_new, shows_ct, training_cases
from TransferSegLib.jobs.spec import BEST, JobSpec, StrategyChoice
from TransferSegLib.jobs.target import Fold, make_folds
from TransferSegLib.networks.staged import leaves
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.training.objectives import MakeObjective, objective_for
from TransferSegLib.transfer.channels import channel_sources, in_order_of
from TransferSegLib.transfer.checks import check_cases
from TransferSegLib.transfer.labels import label_task
from TransferSegLib.transfer.plan import Transfer, TransferPlan
from TransferSegLib.transfer.strategies import STRATEGIES, check_source, make_plan


def describe_plans(spec: JobSpec) -> list[dict[str, Any]]:
    """The plan of each strategy of a job that is not started: numbers, and as `text` what the person reads."""
    context = JobContext.read(spec)
    described = []
    for choice, plan in context.plans(spec):
        facts = plan.description()
        lines = [f"{choice.key}: {facts['sentence']}"]
        lines += [f"  {note}" for note in facts["notes"]]
        if plan.mapping is not None:
            lines += [f"  {line}" for line in plan.mapping.lines()]
        if facts["layers_trained"]:
            lines.append(f"  moves: {', '.join(_moving(plan))}")
        described.append({**facts, "key": choice.key, "text": "\n".join(lines)})
    return described


def _moving(plan: TransferPlan) -> list[str]:
    """What moves, in few words: `everything`, whole stages, and of other stages the layers."""
    stages: dict[str, list[str]] = {}
    for stage, name, module in leaves(plan.network):
        if next(module.parameters(recurse=False), None) is not None:
            stages.setdefault(stage, []).append(name)
    whole = [stage for stage, layers in stages.items() if plan.trainable.keys() >= set(layers)]
    if len(whole) == len(stages):
        return ["everything"]
    moving = [
        [stage] if stage in whole else [n for n in layers if n in plan.trainable] for stage, layers in stages.items()
    ]
    return list(itertools.chain.from_iterable(moving))


def check_job(spec: JobSpec) -> list[Problem]:
    """What the checks find in the cases of a job that is not started.

    Raises the `InputError` with which the job would be refused before it trains.
    """
    context = JobContext.read(spec)
    for choice in spec.strategies:
        check_source(choice.name, context.card)
    found = findings(spec, context.target, context.known_card(spec), spec.label_map)
    refuse_errors(found)
    context.folds(spec)
    if needs_source_data(spec):
        data, _ = context.source_data(spec)
        of_source = findings(spec, data, context.card, None, apart_from=context.target)
        refuse_errors(of_source)
        found += of_source
    return found


def findings(
    spec: JobSpec,
    cases: CaseSet,
    card: ModelCard | None,
    label_map: Mapping[str, Any] | None,
    on_progress: Callable[[int, int], None] | None = None,
    apart_from: CaseSet | None = None,
    digests: dict[str, Digests] | None = None,
) -> list[Problem]:
    # Auto-encoding asks for no annotations.
    without = {"no-annotated-case"} if spec.task == "autoencoding" else set()
    return [f for f in check_cases(cases, card, on_progress, label_map, apart_from, digests) if f.code not in without]


def refuse_errors(found: Sequence[Problem]) -> None:
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        first = errors[0]
        where = f"case `{first.case}`: " if first.case else ""
        more = f" (and {len(errors) - 1} more, see `transferseg cases check`)" if len(errors) > 1 else ""
        raise InputError(f"{where}{first.message}; {first.advice.rstrip('.')}{more}.")


def needs_source_data(spec: JobSpec) -> bool:
    return any(STRATEGIES[choice.name].needs_source_data for choice in spec.strategies)


@dataclass(frozen=True, eq=False)
class JobContext:
    """What is adapted to what: the target's cases and labels, and the source's card and weights (none for `pretrain`).

    learns: what is taught; the source may have been taught something else.
    """

    target: CaseSet
    card: ModelCard
    state: Mapping[str, torch.Tensor]
    task: LabelTask
    channels: tuple[tuple[int, ...], ...]
    learns: Task = "segmentation"

    @classmethod
    def read(cls, spec: JobSpec) -> JobContext:
        target = read_case_set(Path(spec.target))
        if spec.network is not None:
            unlabelled = spec.task == "autoencoding"
            if unlabelled:
                target = images_alone(target)
            card = card_for_new(spec.network, target, spec.training.patch_size, spec.task)
            task = NO_LABELS if unlabelled else label_task(target, None, spec.label_map)
            return cls(target, card, {}, task, tuple(() for _ in target.channels), spec.task)
        assert spec.source is not None
        source = find_source(Path(spec.source))
        state = load_state(source)
        task = label_task(target, source.card, spec.label_map)
        channels = channel_sources(target, source.card)
        card = replace(source.card, preprocessing=_preparation(source.card, target, channels))
        return cls(target, card, state, task, channels)

    def transfer(self, seed: int) -> Transfer:
        outputs = None if self.learns == "segmentation" else self.card.outputs
        return Transfer(self.card, self.state, self.task, self.channels, seed, outputs)

    def plans(self, spec: JobSpec) -> Iterator[tuple[StrategyChoice, TransferPlan]]:
        """The plan of each strategy, one at a time; an `InputError` where its options do not fit the network."""
        for choice in spec.strategies:
            yield choice, make_plan(self.transfer(spec.training.seed), choice.name, choice.options)

    def objective(self, seed: int) -> MakeObjective:
        """What a training is to teach, its own random draws from `seed`."""
        return objective_for(self.learns, len(self.target.channels), len(self.task.names), seed)

    @property
    def training_cases(self) -> list[Case]:
        return training_cases(self.target, self.learns)

    @property
    def tests(self) -> list[Case]:
        """The cases set aside for a test, with a reference."""
        segments = self.learns == "segmentation"
        return [c for c in self.target.cases if segments and c.role == "test" and c.label is not None]

    def known_card(self, spec: JobSpec) -> ModelCard | None:
        """The card that the target's cases are checked against; none where the model is yet to be made."""
        return None if spec.kind == "pretrain" else self.card

    def folds(self, spec: JobSpec) -> tuple[Fold, ...]:
        """The job's folds; an `InputError` where it cannot be split so, or nothing would tell the strategies apart."""
        annotated = [case.name for case in self.training_cases]
        folds = make_folds(annotated, spec.folds if self.learns == "segmentation" else 0, spec.training.seed)
        if spec.keep == BEST and not folds and not self.tests and len(spec.strategies) > 1:
            todo = "give --folds 2 or more" if len(annotated) > 1 else "annotate at least one more case"
            raise InputError(
                f"strategies can only be compared on cases that the models did not see; {todo}, "
                "or give test cases with labels."
            )
        return folds

    def source_data(self, spec: JobSpec) -> tuple[CaseSet, dict[int, int]]:
        """The source's own cases, with the target's channels, and, of each value in their label files, the target's class."""
        assert spec.source_data is not None
        data = in_order_of(self.target, read_case_set(Path(spec.source_data)))
        known = label_task(data, self.card, None)
        classes = {
            value: target
            for value, own in known.target_classes.items()
            for target, begins in enumerate(self.task.source_classes)
            if target and set(begins) & set(known.source_classes[own])
        }
        if not classes:
            raise InputError(
                f"{data.root}: none of its labels ({', '.join(data.labels.values())}) is one of the source model's "
                f"that the target's labels begin from; name them as the model does ({', '.join(self.card.label_names)})."
            )
        return data, classes

    @property
    def labels(self) -> dict[int, str]:
        """The adapted model's values in segmentations, and their names."""
        return dict(zip(self.task.values, self.task.names, strict=True))


def _preparation(card: ModelCard, target: CaseSet, channels: Sequence[Sequence[int]]) -> Preprocessing:
    """The source's preprocessing of the target's channels; one that is new and no CT is not put through a window for CT."""
    preprocessing = card.preprocessing.for_channels(channels)
    own = tuple(
        Intensities()
        if not begins and preprocessing.of_channel(n).normalisation == "ct" and not shows_ct(target, n, target.cases[0])
        else preprocessing.of_channel(n)
        for n, begins in enumerate(channels)
    )
    return preprocessing if len(set(own)) == 1 else replace(preprocessing, channels=own)


NO_LABELS = LabelTask((), (), {}, ((),))


def images_alone(target: CaseSet) -> CaseSet:
    """The same cases without their labels, all but the test cases to be trained on."""
    cases = tuple(replace(c, label=None, role="train") for c in target.cases if c.role != "test")
    return replace(target, cases=cases, labels={})
