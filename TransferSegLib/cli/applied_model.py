"""A model as `segment` applies it: one model, or one in parts whose segmentations are laid over each other."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from TransferSegLib.cli.flags import DEVICE
from TransferSegLib.core.card import CardLabel, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings, inference_options
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import find_in_parts, find_source
from TransferSegLib.sources.folder import SourceFolder

if TYPE_CHECKING:
    import numpy as np

    from TransferSegLib.cases.first_stage import Found
    from TransferSegLib.cases.preprocessing import PreparedCase
    from TransferSegLib.core.case_set import Case
    from TransferSegLib.inference.segment import Segmentation


@dataclass(frozen=True)
class AppliedModel:
    """What is applied.

    Attributes:
        card: What the whole is. Of a model in parts its labels are those of all parts, with the values 1, 2, 3…
        parts: The model, or the parts in the order in which they are laid over each other.
    """

    card: ModelCard
    parts: tuple[SourceFolder, ...]

    @classmethod
    def find(cls, name: str) -> AppliedModel:
        """Find a model, one in parts, or a job's.

        Raises:
            InputError: There is none, it segments nothing, or its parts do not belong together.
        """
        whole = find_in_parts(name)
        parts = tuple(find_source(part.name) for part in whole.parts) if whole else (find_source(name),)
        for part in parts:
            if part.card.task != "segmentation":
                raise InputError(
                    "model-segments-nothing",
                    "{option} {model}: was trained for {task} and segments nothing; adapt it to your cases with "
                    "`{strategy}` first.",
                    option="--model",
                    model=name,
                    task=part.card.task,
                    strategy="encoder-transfer",
                )
        if whole is None:
            return cls(parts[0].card, parts)
        first = parts[0].card
        if any(part.card.channels != first.channels or part.card.regions for part in parts):
            raise InputError(
                "parts-do-not-belong-together",
                "{option} {model}: its parts take different images, or have labels that overlap, so they cannot be applied "
                "as one; give one of {parts:`}.",
                option="--model",
                model=name,
                parts=[part.card.name for part in parts],
            )
        codes = {label.name: label.terminology for part in parts for label in part.card.labels}
        names = dict.fromkeys([*(label for label in whole.labels if label in codes), *codes])
        labels = tuple(CardLabel(n, label, terminology=codes[label]) for n, label in enumerate(names, 1))
        card = replace(first, name=whole.name, title=whole.title, labels=labels, scores=(), weights_sha256=None)
        return cls(card, parts)

    def must_be_one(self, option: str) -> None:
        """Refuse an option that one model alone can follow.

        Raises:
            InputError: This is a model in parts.
        """
        if len(self.parts) > 1:
            raise InputError(
                "option-of-one-model",
                "{option}: a model in parts cannot follow this; give one of its parts, {parts:`}, or leave it out.",
                option=option,
                parts=[part.card.name for part in self.parts],
            )


def settings_for(card: ModelCard, arguments: argparse.Namespace) -> InferenceSettings:
    """How a model segments: as its card says, but for what a person chose.

    Raises:
        InputError: A choice cannot be followed.
    """
    settings = inference_options(vars(arguments).items()).inference_settings(card.inference, card.label_names)
    if arguments.as_nnunet and settings.as_nnunet is None:
        raise InputError(
            "model-not-run-as-nnunet",
            "{option}: the card of `{model}` does not say how nnU-Net runs it; import the model from nnU-Net's own folder "
            "again, or leave the option out.",
            option="--as-nnunet",
            model=card.name,
        )
    return replace(settings, as_nnunet=None) if arguments.as_nnunet is False else settings


class Applier:
    """Segments cases with a model, or with all parts of one."""

    def __init__(self, model: AppliedModel, arguments: argparse.Namespace, warn: Callable[[Problem], None]) -> None:
        """Load the networks.

        Args:
            model: What is applied.
            arguments: What `segment` was told: device, ensemble, smoothing, copies, components.
            warn: Is told what is done differently after memory ran out, and what is changed in a case's labels.
        """
        self.model = model
        self._parts = [_Part(source, arguments, warn) for source in model.parts]
        names = ["", *model.card.label_names]
        self._class_of = [[0, *map(names.index, source.card.label_names)] for source in model.parts]

    def __call__(
        self, case: Case, probabilities: bool = False, uncertainty: bool = False
    ) -> tuple[PreparedCase, np.ndarray, Segmentation]:
        """Segment a case.

        Args:
            case: The case.
            probabilities: Whether probabilities are wanted; of one model alone.
            uncertainty: Whether the uncertainty is wanted; of one model alone.

        Returns:
            The prepared case, the classes (I, J, K) of the whole's card, smoothed and with its components chosen, and what
            the last part found.
        """
        import numpy as np

        prepared, merged, found = self._parts[0](case, probabilities, uncertainty)
        if len(self._parts) > 1:
            merged = np.asarray(self._class_of[0], np.uint16)[merged]
        for part, class_of in zip(self._parts[1:], self._class_of[1:], strict=True):
            _, classes, found = part(case, probabilities, uncertainty)
            there = classes > 0
            merged[there] = np.asarray(class_of, np.uint16)[classes[there]]
        return prepared, merged, found


class _Part:
    """One model with its network, ready to segment."""

    def __init__(self, source: SourceFolder, arguments: argparse.Namespace, warn: Callable[[Problem], None]) -> None:
        from TransferSegLib.inference.segmenter import Segmenter
        from TransferSegLib.networks.execution import likely_execution, pick_device
        from TransferSegLib.sources.loading import load_members, load_source

        card = source.card
        self._card, self._preprocessing = card, card.preprocessing.in_folder(source.folder)
        self._warn = warn
        execution = likely_execution(pick_device(arguments.device or DEVICE.default))
        self._settings = settings_for(card, arguments)
        if card.precision is not None:
            execution = replace(execution, precision=card.precision)
        elif (self._settings.as_nnunet is not None or self._settings.float32_on_cpu) and execution.device == "cpu":
            execution = replace(execution, precision="float32")  # nnU-Net and MONAI use half precision on GPUs alone
        self._smoothing_mm = card.smoothing_mm if arguments.smoothing_mm is None else arguments.smoothing_mm
        network, _ = load_source(source)
        members: Sequence = [] if arguments.ensemble == "none" else load_members(source)
        first = source.first_stage
        # Only what the second stage finds is smoothed.
        unsmoothed = argparse.Namespace(**{**vars(arguments), "smoothing_mm": 0.0})
        self._first = None if first is None else _Part(first, unsmoothed, warn)
        self._segment = Segmenter(network, card.patch_size, execution, warn, settings=self._settings, members=members)

    def __call__(
        self, case: Case, probabilities: bool, uncertainty: bool
    ) -> tuple[PreparedCase, np.ndarray, Segmentation]:
        from TransferSegLib.cases.preprocessing import prepare_case
        from TransferSegLib.inference.components import cleaned, told_of_cleaning
        from TransferSegLib.inference.smoothing import smoothed

        settings, before = self._settings, self._found_before(case)
        prepared = prepare_case(
            case, self._preprocessing, as_nnunet=settings.as_nnunet, file_order=settings.file_order, found=before
        )
        found = self._segment(prepared, probabilities, uncertainty)
        classes = smoothed(found.classes, prepared.grid.spacing_mm, self._smoothing_mm)
        names = self._card.label_names
        kept = cleaned(classes, names, settings)
        for problem in told_of_cleaning(case.name, classes, kept, names, prepared.grid.spacing_mm):
            self._warn(problem)
        return prepared, kept, found

    def _found_before(self, case: Case) -> Found | None:
        """Run the first stage of a cascade over a case; None for all other models."""
        import numpy as np

        from TransferSegLib.cases.first_stage import Found

        card = self._card.first_stage
        if self._first is None or card is None:
            return None
        _, classes, _ = self._first(case, probabilities=False, uncertainty=False)
        return Found(np.array([0, *(label.value for label in card.labels)])[classes], card.values)
