"""The training settings that a person may choose. What is left at None is chosen by the job and written down in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from TransferSegLib.core.card import MOST_VOXELS
from TransferSegLib.core.declarations import NOT_GIVEN, Option, check_options, declared_options, option_field
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceOptions
from TransferSegLib.training.recipes import RECIPES, NamedRecipe, Recipe

BUDGET = ("steps", "epochs", "minutes")
# Of augmentation, what each stands for all of it: one at most is named.
AUGMENT_LEVELS = ("none", "light", "strong", "contrast")
# A recipe's numbers for its own schedule. They mean something else to another, which has its own: an epoch is no step.
OF_SCHEDULE = ("lr_factor", "lr_patience")


@dataclass(frozen=True)
class RunOptions:
    """The settings of a training beside its recipe's fields: which recipe, how long, where, and from which seed."""

    recipe: str = option_field(
        Option(
            "recipe",
            "choice",
            "Recipe",
            "How a training is done: that of a paper, or the usual one; each of its settings can be changed by itself.",
            default="default",
            choices={recipe.name: recipe.title for recipe in RECIPES.values()},
        )
    )
    steps: int | None = option_field(
        Option(
            "steps",
            "whole number",
            "Steps",
            "How many steps each training takes. Where a strategy is recommended, a training of the first round takes a "
            "tenth of them, one of the second four tenths, or all where the source model does not cope with the cases.",
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
            "How often each training goes through all cases. Where a strategy is recommended, each round takes a part of "
            "that, as of the steps.",
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
            "How long all trainings of the job take together. With the strategy `auto`, how long the whole job takes, with "
            "everything that it tries, its scores and its report.",
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
    deterministic: bool = option_field(
        Option(
            "deterministic",
            "yes/no",
            "The same weights from every run",
            "Whether every run of the job ends with the same weights. Training is then slower on a GPU.",
            default=False,
        )
    )
    use_unlabelled: bool = option_field(
        Option(
            "use_unlabelled",
            "yes/no",
            "Train with unlabelled scans",
            "Whether strategies may train with scans without their labels: the scans that are to be segmented and, in a "
            "fold, the images of the cases that it leaves out. Cases to test or validate on are never among them.",
            default=False,
        )
    )
    uncertainty: bool = option_field(
        Option(
            "uncertainty",
            "yes/no",
            "Uncertainty of unlabelled scans",
            "Whether the uncertainty of the kept model is written for each scan without labels that the job segments, as an "
            "image beside the segmentation. It is how far averaged copies and models disagree. Of a single one it is what "
            "the model itself says, which is often too little.",
            default=False,
        )
    )
    smoothing_mm: float | None = option_field(
        Option(
            "smoothing_mm",
            "number",
            "Segmentations smoothed by",
            "The width of the Gaussian that smooths segmentations, class against class, without a look at the image (so no "
            "CRF). The model keeps it. Not given, it is the source model's; 0 turns it off.",
            least=0,
            most=50,
            unit="mm",
            help_applied="The width of the Gaussian that smooths the segmentation. Not given, it is the model's; 0 turns it "
            "off.",
        )
    )
    fold_looks: int = option_field(
        Option(
            "fold_looks",
            "whole number",
            "Scorings of a fold before its end",
            "How many times before its end the model of a fold is scored on the cases that the fold leaves out. By these "
            "scores the job chooses after how many steps its models end; 0 takes all steps. Each time takes as long as "
            "segmenting these cases.",
            default=0,
            least=0,
            most=100,
            zero="off",
        )
    )
    snapshots: int | None = option_field(
        Option(
            "snapshots",
            "whole number",
            "Snapshots of each training",
            "How many times each training stores its weights for `analyse`: at its start, at its end, and evenly in between.",
            least=2,
            most=10_000,
        )
    )


@dataclass(frozen=True)
class TrainingOptions(Recipe, InferenceOptions, RunOptions):
    """The training settings: a recipe whose fields have the named recipe's values, or those that a person chose.

    At most one of `steps`, `epochs` and `minutes` is the budget. The first two are those of each training (a fold, or the
    final model); `minutes` are those of all the trainings of a job together, and where a strategy is
    recommended (`auto`) those of the whole job. Where none is given, the named recipe's holds.

    Attributes:
        changed: The names of the recipe's fields and budget that were given, and not left to the named recipe.

    Raises:
        InputError: A value is beyond its limits, or two values do not go together.
    """

    changed: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_options((_option("recipe"),), {"recipe": self.recipe}, lambda option: option.flag)
        given = self._given()
        other = self.lr_schedule is not NOT_GIVEN and self.other_schedule
        self.fill_in({n: v for n, v in self.named.values.items() if not other or n not in OF_SCHEDULE})
        if self.changed is not None:
            given = {*self.changed, *(n for n in given if getattr(self, n) != self._of_recipe(n))}
        object.__setattr__(self, "changed", tuple(sorted(given)))
        if all(getattr(self, name) is None for name in BUDGET):
            for name in BUDGET:
                object.__setattr__(self, name, self.named.values.get(name))
        options = declared_options(TrainingOptions)
        values = {option.name: getattr(self, option.name) for option in options}
        check_options(
            options, {n: value for n, value in values.items() if value is not None}, lambda option: option.flag
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
        levels = [word for word in self.augment.split("+") if word in AUGMENT_LEVELS]
        if len(levels) > 1:
            raise InputError(
                "augmentation-of-two-levels",
                "{option} {name}: has the levels {levels:`}; give one of them, beside the others.",
                option="--augment",
                name=self.augment,
                levels=levels,
            )
        self._refuse_without_effect()
        if self.patch_size is not None and math.prod(self.patch_size) > MOST_VOXELS:
            raise InputError(
                "patch-beyond-memory",
                "{option} {value}: a patch of so many voxels does not fit into memory; choose a smaller one.",
                option="--patch-size",
                value=" ".join(map(str, self.patch_size)),
            )

    @property
    def named(self) -> NamedRecipe:
        """The recipe that the settings name."""
        return RECIPES[self.recipe]

    @property
    def other_schedule(self) -> bool:
        """Whether the learning rate changes by another schedule than the named recipe's."""
        return self.lr_schedule != self.named.values.get("lr_schedule", _option("lr_schedule").default)

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """The learning rates of which one is to be chosen; none where there is nothing to choose."""
        rates = self.learning_rate
        return rates if isinstance(rates, tuple) and len(rates) > 1 else ()

    @property
    def first_rate(self) -> float | None:
        """The learning rate of all layers, the first where one is yet to be chosen; None is the strategy's own."""
        return self.learning_rate[0] if isinstance(self.learning_rate, tuple) else self.learning_rate

    def for_training(self, carried: bool) -> TrainingOptions:
        """The settings of one training: a paper may train otherwise from scratch. What a person chose stays.

        Args:
            carried: Whether the network begins with weights of a source model.
        """
        if carried or not self.named.from_scratch:
            return self
        chosen = set(self.changed or ())
        others = {name: value for name, value in self.named.from_scratch.items() if name not in chosen}
        if chosen.intersection(BUDGET):
            others = {name: value for name, value in others.items() if name not in BUDGET}
        settings = replace(self, **others)
        object.__setattr__(settings, "changed", self.changed)  # The recipe has changed these, and no person.
        return settings

    def _refuse_without_effect(self) -> None:
        """Refuse what a person gave and nothing would look at; what comes with the recipe is left aside in silence."""
        rate, loss = f"--lr-schedule {self.lr_schedule}", f"--loss {self.loss}"
        idle = {
            "lr_factor": rate if self.lr_schedule in ("cosine", "constant") else "",
            "lr_patience": rate if not self.lr_schedule.startswith("plateau") else "",
            "validation_patience": "" if self.early_stopping else "--no-early-stopping",
            "background": loss if self.loss.startswith("ce") and self.background else "",
        }
        if self.fold_looks and not self.early_stopping:
            raise InputError(
                "setting-without-effect",
                "{option}: has no effect with {other_option}; leave it out, or choose another.",
                option=_option("fold_looks").flag,
                other_option="--no-early-stopping",
            )
        for name, other in idle.items():
            if other and name in (self.changed or ()) and getattr(self, name) is not None:
                raise InputError(
                    "setting-without-effect",
                    "{option}: has no effect with {other_option}; leave it out, or choose another.",
                    option=_option(name).flag,
                    other_option=other,
                )

    def _given(self) -> set[str]:
        """The names of the recipe's fields and budget that the caller gave."""
        fields = {o.name for o in declared_options(Recipe) if getattr(self, o.name) is not NOT_GIVEN}
        return fields | {name for name in BUDGET if getattr(self, name) is not None}

    def _of_recipe(self, name: str) -> object:
        """The named recipe's value of a field or budget, beside the schedule that was chosen."""
        if name in OF_SCHEDULE and self.other_schedule:
            return None
        return self.named.values.get(name, _option(name).default)


def _option(name: str) -> Option:
    return next(option for option in declared_options(TrainingOptions) if option.name == name)
