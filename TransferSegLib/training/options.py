"""The training settings that a person may choose. What is left at None is chosen by the job and written down in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from TransferSegLib.core.card import MOST_VOXELS
from TransferSegLib.core.declarations import Option, check_options, declared_options, option_field
from TransferSegLib.core.errors import InputError


@dataclass(frozen=True)
class TrainingOptions:
    """The training settings, each declared by its option.

    At most one of `steps`, `epochs` and `minutes` is the budget. The first two are those of each training (a fold, or the
    final model); `minutes` are those of all the trainings of a job together.

    Raises:
        InputError: A value is beyond its limits, or two values do not go together.
    """

    steps: int | None = option_field(
        Option(
            "steps",
            "whole number",
            "Steps",
            "How many steps each training takes.",
            least=1,
            most=10**9,
            group="budget",
        )
    )
    epochs: int | None = option_field(
        Option(
            "epochs",
            "whole number",
            "Epochs",
            "How often each training goes through all cases.",
            least=1,
            most=10**9,
            group="budget",
        )
    )
    minutes: float | None = option_field(
        Option(
            "minutes",
            "number",
            "Minutes",
            "How long all trainings of the job take together.",
            above=0,
            unit="min",
            group="budget",
        )
    )
    device: str = option_field(
        Option(
            "device",
            "text",
            "Device",
            "What the networks run on; `auto` is the fastest device of this computer.",
            default="auto",
            pattern="auto|cpu|mps|cuda(:[0-9]+)?",
            examples="auto, cpu, cuda, cuda:1 or mps",
        )
    )
    seed: int = option_field(
        Option(
            "seed",
            "whole number",
            "Random seed",
            "The number that all random draws follow from: folds, new weights, patches and augmentation.",
            default=0,
            least=0,
            most=2**32 - 1,
        )
    )
    learning_rate: float | None = option_field(
        Option(
            "learning_rate",
            "number",
            "Learning rate",
            "The learning rate of every layer that is trained, in place of the strategy's own.",
            above=0,
        )
    )
    lr_schedule: str = option_field(
        Option(
            "lr_schedule",
            "choice",
            "Learning rate over time",
            "How the learning rate changes while a training runs.",
            default="cosine",
            choices={
                "cosine": "falls smoothly to zero (cosine)",
                "step": "falls a little each epoch",
                "plateau": "falls when nothing is gained",
                "constant": "stays as it is",
            },
            earlier_names=("learning_rule",),
        )
    )
    batch_size: int | None = option_field(
        Option(
            "batch_size",
            "whole number",
            "Batch size",
            "How many patches the network sees in one step.",
            least=1,
            most=1024,
            unit="patches",
        )
    )
    patch_size: tuple[int, int, int] | None = option_field(
        Option(
            "patch_size",
            "whole numbers",
            "Patch size",
            "The size of the patches that are cut out of the images.",
            least=1,
            unit="voxels",
            items=("I", "J", "K"),
        )
    )
    augment: str = option_field(
        Option(
            "augment",
            "choice",
            "Augmentation",
            "How strongly the patches are changed at random, so that the model copes with more than it has seen.",
            default="light",
            choices={
                "none": "none",
                "light": "light: small turns, shifts and changes of size",
                "strong": "strong: larger ones, and changes of brightness",
                "contrast": "contrast: tissues in the brightness of other scanners",
            },
        )
    )
    deterministic: bool = option_field(
        Option(
            "deterministic",
            "yes/no",
            "The same weights from every run",
            "Whether every run of the job ends with the same weights; training is then slower on a GPU.",
            default=False,
        )
    )
    snapshots: int | None = option_field(
        Option(
            "snapshots",
            "whole number",
            "Snapshots of each training",
            "How many times each training keeps its weights for `analyse`: at its begin, at its end, and evenly between.",
            least=2,
            most=10_000,
        )
    )

    def __post_init__(self) -> None:
        options = declared_options(TrainingOptions)
        given = {option.name: getattr(self, option.name) for option in options}
        check_options(
            options, {n: value for n, value in given.items() if value is not None}, lambda option: option.flag
        )
        if self.deterministic and self.minutes is not None:
            raise InputError(
                "deterministic-minutes",
                "{option} and {other_option}: how many steps fit into a time differs from run to run; "
                "give {steps_option} or {epochs_option}.",
                option="--deterministic",
                other_option="--minutes",
                steps_option="--steps",
                epochs_option="--epochs",
            )
        if self.patch_size is not None and math.prod(self.patch_size) > MOST_VOXELS:
            raise InputError(
                "patch-beyond-memory",
                "{option} {value}: a patch of so many voxels does not fit into memory; choose a smaller one.",
                option="--patch-size",
                value=" ".join(map(str, self.patch_size)),
            )
