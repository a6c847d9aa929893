"""The cases and the source model of a job, read once and passed to all code that needs them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.card import CardLabel, ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings, usual_copies
from TransferSegLib.core.labels import IGNORE, LabelTask
from TransferSegLib.core.preprocessing import OF_CT, Intensities, Preprocessing
from TransferSegLib.jobs.cards import card_for_new, list_training_cases, shows_ct
from TransferSegLib.jobs.contrast_of_source import with_inherited_contrast
from TransferSegLib.jobs.folds import Fold, make_folds
from TransferSegLib.jobs.formats import has_usual_copies
from TransferSegLib.jobs.parent import Parent
from TransferSegLib.jobs.phantom_cases import PhantomCases, check_phantom, modality_of_heads
from TransferSegLib.jobs.spec import BEST, JobSpec, StrategyChoice, recommended_strategies
from TransferSegLib.jobs.target import read_target
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.loading import load_state
from TransferSegLib.training.objectives import MakeObjective, objective_for
from TransferSegLib.training.unlabelled import objective_without_labels
from TransferSegLib.transfer.channels import channel_sources, in_order_of
from TransferSegLib.transfer.labels import label_task
from TransferSegLib.transfer.plan import Transfer, TransferPlan
from TransferSegLib.transfer.recommended import suits
from TransferSegLib.transfer.strategies import STRATEGIES, make_plan

NO_LABELS = LabelTask((), (), {}, ((),))


@dataclass(frozen=True)
class SourceData:
    """The source model's own cases, for strategies that are trained with them.

    Attributes:
        cases: All of them, their images in the order of the target's channels.
        classes: The value in their label files → the class of the target that begins from the same label.
    """

    cases: CaseSet
    classes: Mapping[int, int]

    @property
    def training_cases(self) -> list[Case]:
        """The annotated cases, without the test cases."""
        return [case for case in self.cases.cases if case.label is not None and case.role == "train"]


@dataclass(frozen=True, eq=False)
class JobContext:
    """The cases, the source model and the matched labels of a job, read once by `JobContext.read(spec)`.

    Attributes:
        spec: What the job is asked to do.
        target: The cases that the model is adapted to; for `pretrain`, trained on.
        card: The source model's card, its preprocessing as the target's channels need it; for `pretrain`, that of the new
            network.
        state: The source model's weights by name; none for `pretrain`.
        task: The labels that the job's model segments, and what they begin from.
        channels: For each channel of the target, the source's channels that it begins from; () is a new one.
        parent: The job whose models take the source model's place; None for none.
        whole: The source model's card as it is by itself: with its members, and as nnU-Net runs it, which no job does. Its
            preprocessing is as the target's channels need it. None for `pretrain`.
    """

    spec: JobSpec
    target: CaseSet
    card: ModelCard
    state: Mapping[str, torch.Tensor]
    task: LabelTask
    channels: tuple[tuple[int, ...], ...]
    parent: Parent | None = None
    whole: ModelCard | None = None

    @classmethod
    def read(cls, spec: JobSpec, source: SourceFolder | None = None) -> JobContext:
        """Read the cases, the source model's card and its weights.

        Args:
            spec: What the job is asked to do.
            source: The source model, where the caller has found it already.

        Raises:
            InputError: One of them cannot be read, or they do not go together.
        """
        if spec.network is not None:
            target = read_target(spec)
            without_labels = spec.task == "autoencoding"
            if without_labels:
                target = _images_alone(target)
            chosen = spec.training.patch_size if "patch_size" in (spec.training.changed or ()) else None
            patch_size = chosen if chosen is not None and all(chosen) else None
            chosen_preprocessing = spec.preprocessing.after(spec.training.recipe)
            card = card_for_new(spec.network, target, patch_size, spec.task, chosen_preprocessing)
            task = NO_LABELS if without_labels else label_task(target, None, spec.label_map)
            copies = usual_copies("contrast" in spec.training.augment.split("+"))
            inference = _inference(spec, InferenceSettings(copies), task.names)
            card = replace(card, smoothing_mm=spec.training.smoothing_mm or 0.0, inference=inference)
            context = cls(spec, target, card, {}, task, tuple(() for _ in target.channels))
            _ = context.lesion_value  # refuses a label that is not there
            return context
        if source is None:
            assert spec.source is not None
            source = find_source(Path(spec.source))
        preprocessing = source.card.preprocessing.in_folder(source.folder)
        card = with_inherited_contrast(replace(source.card, preprocessing=preprocessing))
        parent = None if spec.parent is None else Parent.read(Path(spec.parent), card, spec.parent_cases)
        return replace(cls.beginning_at(spec, card, load_state(source)), parent=parent)

    @classmethod
    def beginning_at(cls, spec: JobSpec, source: ModelCard, state: Mapping[str, torch.Tensor]) -> JobContext:
        """Read the cases of a job that begins from a model.

        Cases of which none has a label are taken to have the model's, where no strategy needs to be taught any.

        Args:
            spec: What the job is asked to do.
            source: The model's card.
            state: Its weights by name; on torch's meta device where they are yet to be trained.

        Raises:
            InputError: The cases cannot be read, or do not go with the model.
        """
        target = read_target(spec)
        if not target.labels and not spec.learns_labels:
            target = replace(target, labels={label.value: label.name for label in source.labels}, named=True)
        task = label_task(target, source, spec.label_map)
        channels = channel_sources(target, source)
        card = whole = replace(source, preprocessing=_preprocessing(source, target, channels))
        if spec.training.smoothing_mm is not None:
            card = replace(card, smoothing_mm=spec.training.smoothing_mm)
        keeps = any(STRATEGIES[choice.name].keeps_labels for choice in spec.strategies)
        names = (*task.names, *(card.label_names if keeps else ()))
        card = replace(card, inference=_inference(spec, card.inference, names))
        context = cls(spec, target, card, state, task, channels, whole=whole)
        _ = context.lesion_value  # refuses a label that is not there
        return context

    @property
    def transfer(self) -> Transfer:
        """What a strategy is given that begins from the source model."""
        outputs = None if self.spec.task == "segmentation" else self.card.outputs
        return Transfer(self.card, self.state, self.task, self.channels, self.spec.training.seed, outputs)

    def _transfer(self, choice: StrategyChoice, fold: int | None) -> Transfer:
        """What a strategy is given in a fold, by number, or for the final model.

        The source model as it is stays what it is. A strategy that keeps the source's labels begins from the source, unless
        the parent's model has them, too.
        """
        strategy = STRATEGIES[choice.name]
        beginning = None if self.parent is None or not strategy.trains else self.parent.beginning(fold)
        if beginning is None or (strategy.keeps_labels and not beginning.keeps_labels):
            return self.transfer
        assert self.parent is not None
        before = with_inherited_contrast(self.parent.card, self.card)
        channels = channel_sources(self.target, before)
        if beginning.keeps_labels:
            return replace(self.transfer, state=beginning.state, source_channels=channels)
        own = {name: (n,) for n, name in enumerate(beginning.labels, start=1)}
        task = replace(self.task, source_classes=((0,), *(own.get(name, ()) for name in self.task.names)))
        labels = tuple(CardLabel(n, name) for n, name in enumerate(beginning.labels, start=1))
        card = replace(before, preprocessing=self.card.preprocessing, labels=labels)
        return Transfer(card, beginning.state, task, channels, self.spec.training.seed)

    def plan(self, choice: StrategyChoice, fold: int | None = None) -> TransferPlan:
        """A strategy's plan, with a network of its own that has weights.

        Args:
            choice: The strategy.
            fold: The number of the fold that it is for; None for the final model. It matters where there is a parent.

        Raises:
            InputError: The strategy cannot start from this source model, or its options do not fit the network.
        """
        return self._planned(choice, self._transfer(choice, fold))

    def _planned(self, choice: StrategyChoice, transfer: Transfer) -> TransferPlan:
        now = self.spec.meaning(choice)
        plan = make_plan(transfer, now.name, now.options)
        if now.options == choice.options:
            return plan
        note = f"in this job of an earlier version, {choice.key} is what is called {now.key} now."
        return replace(plan, notes=(*plan.notes, note))

    def outline(self, choice: StrategyChoice) -> TransferPlan:
        """A strategy's plan with a network on torch's meta device: its layers, without memory for their weights.

        It is made once, and whoever asks again is given the same one, which nobody changes.

        Raises:
            InputError: As `plan` does.
        """
        if choice.key not in self._outlines:
            transfer = self._transfer(choice, None)  # whose weights are read, and have memory
            with torch.device("meta"):
                self._outlines[choice.key] = self._planned(choice, transfer)
        return self._outlines[choice.key]

    @functools.cached_property
    def _outlines(self) -> dict[str, TransferPlan]:
        return {}

    def check_plans(self) -> None:
        """Refuse what cannot be planned, or would have no effect on any training, before anything is computed.

        Raises:
            InputError: As `plan` does, for one of the job's strategies, or none is left to try; or a setting has no effect.
        """
        if self.needs_source_data and self.spec.source_data is None:
            check_phantom(self.card, self.task)
        plans = [self.outline(choice) for choice in self.tried]
        for plan in plans:
            images = self.shown_cases if plan.teach == "consistency" else self.unlabelled
            if plan.teach != "labels" and not images:
                raise InputError(
                    "no-scan-to-teach-itself-on",
                    "{root}: strategy `{strategy}` learns from scans without labels, and there is none; add the scans that "
                    "are to be segmented, or choose another strategy.",
                    root=self.target.root,
                    strategy=plan.strategy,
                )
        training = self.spec.training
        changed = training.changed or ()
        factor, penalty, share = training.new_layers_factor, training.source_penalty, training.adapted_share
        idle = [f"--source-penalty {penalty:g}"] if "source_penalty" in changed and penalty else []
        # 1 is what every training ends with.
        idle += [f"--adapted-share {share:g}"] if "adapted_share" in changed and share not in (None, 1) else []
        if idle and not any(plan.carries for plan in plans):
            raise InputError(
                "no-carried-layers",
                "{option}: has no effect, because no strategy of the job trains layers with weights of a source model; leave "
                "it out.",
                option=idle[0],
            )
        if "new_layers_factor" in changed and factor != 1 and not any(plan.new_layers for plan in plans):
            raise InputError(
                "no-new-layers",
                "{option}: has no effect, because no strategy of the job trains layers that are new beside a source "
                "model's; leave it out.",
                option=f"--new-layers-factor {factor:g}",
            )

    @functools.cached_property
    def tried(self) -> tuple[StrategyChoice, ...]:
        """The strategies that the job runs: its own, or of a job that recommends one those that it tries.

        These can be planned: a network whose normalisation has nothing to train is no reason to refuse. Unless a person
        named them, they also suit the labels.

        Raises:
            InputError: None that trains is left.
        """
        if not self.spec.recommends:
            return self.spec.strategies
        found, refused = [], None
        # In whatever order: that of earlier versions was another one.
        usual = recommended_strategies(self.card, self.spec.training)
        by_default = {choice.key for choice in self.spec.strategies} == {choice.key for choice in usual}
        for choice in self.spec.strategies:
            if by_default and not suits(choice.name, self.card, self.task):
                continue
            try:
                plan = self.outline(choice)
            except InputError as error:
                refused = error
            else:
                if plan.teach != "pseudo-labels" or self.unlabelled:
                    found.append(choice)
        if not any(STRATEGIES[choice.name].trains for choice in found):
            raise refused or InputError(
                "nothing-to-recommend",
                "field `strategies`: none of them suits the source model and your labels; name the strategy that you want.",
            )
        return tuple(found)

    def objective(self, plan: TransferPlan, seed: int) -> MakeObjective:
        """Say what a training teaches.

        Args:
            plan: The training's plan.
            seed: Decides the objective's own random draws.

        Returns:
            A function that makes the objective.
        """
        if plan.teach != "labels":
            return objective_without_labels(plan.teach)
        return objective_for(self.spec.task, len(self.target.channels), len(self.task.names), seed)

    @functools.cached_property
    def training_cases(self) -> list[Case]:
        """The cases that are trained on: the annotated ones, for auto-encoding all.

        Raises:
            InputError: There is none, and a strategy of the job needs labels.
        """
        if self.spec.kind != "pretrain" and not self.spec.learns_labels:
            return [case for case in self.target.cases if case.role == "train" and case.label is not None]
        return list_training_cases(self.target, self.spec.task)

    @property
    def shown_cases(self) -> list[Case]:
        """The cases that say what the images are like: those that are trained on; where none is annotated, all others."""
        return self.training_cases or self.unlabelled

    @property
    def validation(self) -> list[Case]:
        """The cases that are validated on; none where the job trains something else than a segmentation."""
        segments = self.spec.task == "segmentation"
        return [c for c in self.target.cases if segments and c.role == "validation" and c.label is not None]

    @property
    def tests(self) -> list[Case]:
        """The test cases with labels; none where the job trains something else than a segmentation."""
        segments = self.spec.task == "segmentation"
        return [c for c in self.target.cases if segments and c.role == "test" and c.label is not None]

    @property
    def unlabelled(self) -> list[Case]:
        """The cases without a reference, which are segmented."""
        return [c for c in self.target.cases if self.spec.task == "segmentation" and c.label is None]

    @property
    def images_to_learn_from(self) -> list[Case]:
        """The cases without a reference that a strategy of the job trains with."""
        return self.unlabelled if self.learns_from_images else []

    def images_for(self, plan: TransferPlan, names: Collection[str] | None = None) -> list[Case]:
        """The cases that a training of a plan sees as images alone.

        Args:
            plan: The plan.
            names: The annotated cases that it may learn the labels of; None for all.
        """
        if plan.teach == "labels":
            return []
        left_out = [] if names is None else [case for case in self.training_cases if case.name not in names]
        return [*left_out, *self.unlabelled]

    @property
    def learns_from_images(self) -> bool:
        """Whether a strategy of the job trains with scans without their labels."""
        return any(STRATEGIES[choice.name].needs_unlabelled for choice in self.spec.strategies)

    @property
    def source_card(self) -> ModelCard | None:
        """The card that the target's cases are checked against; None where the model is yet to be made."""
        return None if self.spec.kind == "pretrain" else self.card

    @property
    def labels(self) -> dict[int, str]:
        """The values that segmentations have → their labels' names."""
        return dict(zip(self.task.values, self.task.names, strict=True))

    @functools.cached_property
    def lesion_value(self) -> int | None:
        """The value of the label whose components are lesions; None where the job scores no lesions.

        Raises:
            InputError: The job segments no such label.
        """
        if self.spec.lesions is None:
            return None
        wanted = self.spec.lesions.lesions
        found = next((value for value, name in self.labels.items() if wanted in (name, str(value))), None)
        if found is None:
            raise InputError(
                "lesions-label",
                "{option} {label}: the job segments no such label; it has {labels:…`}.",
                option="--lesions",
                label=wanted,
                labels=list(self.labels.values()),
            )
        return found

    @property
    def is_ensemble(self) -> bool:
        """Whether the models of the folds are kept beside the final one and averaged with it."""
        return self.spec.training.ensemble == "folds"

    def folds(self, digests: Mapping[str, Digests] | None = None) -> tuple[Fold, ...]:
        """The job's folds, as they are drawn when it begins.

        Args:
            digests: Those of the cases' files by name. With a parent they tell, with the names, which case is one of its own.

        Raises:
            InputError: The cases cannot be split so, or nothing would tell the strategies apart.
        """
        annotated = [case.name for case in self.training_cases]
        wanted = self.spec.folds if self.spec.task == "segmentation" else 0
        if self.parent is not None and self.parent.folds:
            folds = self.parent.go_on_with_folds(annotated, digests or {}, wanted, self.spec.training.seed)
        else:
            folds = make_folds(annotated, wanted, self.spec.training.seed)
        if self.spec.training.learning_rates and not folds and not self.validation:
            raise InputError(
                "nothing-to-choose-rate-on",
                "{option}: of several learning rates one is chosen on cases that the models did not see; give {validation} "
                "or folds, or a single learning rate.",
                option="--learning-rate",
                validation="--validation N",
            )
        if self.is_ensemble and not folds:
            raise InputError(
                "nothing-to-ensemble",
                "{option}: there are no folds whose models could be averaged; give {folds}, or leave {option} out.",
                option="--ensemble folds",
                folds="--folds 2 or more",
            )
        nothing = not folds and not self.tests and not self.validation
        if self.spec.keep == BEST and nothing and len(self.spec.strategies) > 1:
            if len(annotated) > 1:
                raise InputError(
                    "nothing-to-compare-on",
                    "strategies can only be compared on cases that the models did not see; give {option}, {validation}, or "
                    "test cases with labels.",
                    option="--folds 2 or more",
                    validation="--validation N",
                )
            raise InputError(
                "nothing-to-compare-on-with-one-case",
                "strategies can only be compared on cases that the models did not see; annotate at least one more case, or "
                "give test cases with labels.",
            )
        return folds

    @property
    def needs_source_data(self) -> bool:
        """Whether one of the job's strategies is trained with the source's own cases."""
        return any(STRATEGIES[choice.name].needs_source_data for choice in self.spec.strategies)

    @functools.cached_property
    def _phantoms(self) -> PhantomCases:
        """Digital heads in place of the source's own cases, made when they are first asked for."""
        check_phantom(self.card, self.task)
        modality = modality_of_heads(self.card)
        assert modality is not None
        return PhantomCases(modality, len(self.training_cases), self.spec.training.seed)

    @functools.cached_property
    def source_data(self) -> SourceData:
        """The source's own cases, read when they are first asked for.

        Raises:
            InputError: They cannot be read, or the target shares no label with them.
        """
        given = self.spec.source_data
        data = in_order_of(self.target, self._phantoms.cases if given is None else read_case_set(Path(given)))
        if any(case.not_annotated for case in data.cases):
            raise InputError(
                "source-data-not-annotated",
                "{root}: labels are not annotated in some of its cases, and those of the source must be annotated in full; "
                "leave these cases out.",
                root=data.root,
            )
        known = label_task(data, self.card, None)
        classes = {
            value: target
            for value, own in known.target_classes.items()
            for target, begins in enumerate(self.task.source_classes)
            if target and set(begins) & set(known.source_classes[own])
        }
        if not classes:
            raise InputError(
                "source-data-shares-no-label",
                "{root}: none of its labels ({labels:…}) is one of the source model's that the target's labels begin from; "
                "name them as the model does ({model_labels:…}).",
                root=data.root,
                labels=list(data.labels.values()),
                model_labels=self.card.label_names,
            )
        if data.ignore is not None:
            classes[data.ignore] = IGNORE
        return SourceData(data, classes)


def _preprocessing(card: ModelCard, target: CaseSet, channels: Sequence[Sequence[int]]) -> Preprocessing:
    """The source's preprocessing of the target's channels; one that is new and no CT is not put through a window for CT."""
    preprocessing = card.preprocessing.for_channels(channels)
    own = tuple(
        Intensities()
        if not begins
        and preprocessing.of_channel(n).normalisation in OF_CT
        and not shows_ct(target, n, target.cases[0])
        else preprocessing.of_channel(n)
        for n, begins in enumerate(channels)
    )
    return preprocessing if len(set(own)) == 1 else replace(preprocessing, channels=own)


def _inference(spec: JobSpec, of_model: InferenceSettings, names: Collection[str]) -> InferenceSettings:
    """How a job segments: never as nnU-Net does, because all strategies segment alike, and none trains as nnU-Net does.

    Args:
        spec: What the job is asked to do.
        of_model: How the model that it begins from segments.
        names: The labels that are segmented.

    Raises:
        InputError: It shall be mirrored along an axis along which a label has a side.
    """
    of_model = replace(of_model, as_nnunet=None)
    usual = of_model.in_jobs() if has_usual_copies(spec.format) else of_model
    return spec.training.inference_settings(usual, names)


def _images_alone(target: CaseSet) -> CaseSet:
    """The same cases without their labels, all but those to validate or test on to be trained on."""
    cases = tuple(replace(c, label=None, role="train") for c in target.cases if c.role in ("train", "unlabelled"))
    return replace(target, cases=cases, labels={})
