"""A recipe: how a training is done, apart from what is carried over. Its fields are declared here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from TransferSegLib.core.declarations import NOT_GIVEN, Option, declared_options, option_field


@dataclass(frozen=True)
class Recipe:
    """How a training is done. A field that is not given has its option's default."""

    learning_rate: float | tuple[float, ...] | None = option_field(
        Option(
            "learning_rate",
            "numbers",
            "Learning rate",
            "The learning rate of every layer that is trained, in place of the strategy's own. Of several, the one with the "
            "best scores is chosen: on the validation cases, or out-of-fold.",
            above=0,
        ),
        filled_in=True,
    )
    new_layers_factor: float = option_field(
        Option(
            "new_layers_factor",
            "number",
            "New layers learn faster by",
            "What the learning rate is multiplied by for new layers: those that the source model does not have, or not for "
            "every label. Layers that were carried over keep it.",
            default=1.0,
            above=0,
            most=1000,
        ),
        filled_in=True,
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
                "half": "falls once, after half of the training",
                "plateau": "falls when nothing is gained",
                "plateau-steps": "falls when nothing is gained, looked at after so many steps",
                "constant": "stays as it is",
            },
            earlier_names=("learning_rule",),
        ),
        filled_in=True,
    )
    lr_factor: float | None = option_field(
        Option(
            "lr_factor",
            "number",
            "Learning rate falls by",
            "What the learning rate is multiplied by each time it falls. Not given, it is as in the recipe for the recipe's "
            "own schedule, else 0.95 (`step`), 0.1 (`half`), 0.75 (`plateau`) or 0.9 (`plateau-steps`).",
            above=0,
            most=1,
        ),
        filled_in=True,
    )
    lr_patience: int | None = option_field(
        Option(
            "lr_patience",
            "whole number",
            "Learning rate waits for",
            "For `plateau`, how many epochs without gain in the loss to wait (not given: 5); for `plateau-steps`, how "
            "many steps lie between two checks (2000).",
            least=1,
            most=10**9,
        ),
        filled_in=True,
    )
    patience: int | None = option_field(
        Option(
            "patience",
            "whole number",
            "Ends without gain after",
            "A training ends before its budget after so many epochs without gain in the training loss; 0 is never (not "
            "given: 10 with `plateau`, else never).",
            least=0,
            most=10**9,
            unit="epochs",
            zero="never",
        ),
        filled_in=True,
    )
    optimizer: str = option_field(
        Option(
            "optimizer",
            "choice",
            "Optimiser",
            "The method that turns gradients into steps.",
            default="adam",
            choices={"adam": "Adam", "adamw": "AdamW", "sgd": "SGD with momentum"},
        ),
        filled_in=True,
    )
    momentum: float = option_field(
        Option(
            "momentum",
            "number",
            "Momentum",
            "For SGD, the share of the previous step that is kept; for Adam, its first decay rate (beta 1).",
            default=0.9,
            least=0,
            most=0.9999,
        ),
        filled_in=True,
    )
    weight_decay: float = option_field(
        Option(
            "weight_decay",
            "number",
            "Weight decay",
            "How strongly large weights are penalised; 0 is not at all.",
            default=1e-5,
            least=0,
            most=1,
            zero="none",
        ),
        filled_in=True,
    )
    source_penalty: float = option_field(
        Option(
            "source_penalty",
            "number",
            "Pull towards the source",
            "How strongly weights that were carried over are pulled back to the source's during training (L2-SP); 0 is not "
            "at all.",
            default=0.0,
            least=0,
            most=1000,
            zero="none",
        ),
        filled_in=True,
    )
    loss: str = option_field(
        Option(
            "loss",
            "choice",
            "Loss",
            "The loss that the training minimises.",
            default="dice-ce",
            choices={
                "dice-ce": "Dice and cross-entropy",
                "ce": "cross-entropy",
                "ce-median-frequency": "cross-entropy, rare classes weighted up (median frequency)",
                "dice-sample-class": "Dice of each patch and class",
                "neg-dice": "minus Dice of each class",
            },
        ),
        filled_in=True,
    )
    background: bool = option_field(
        Option(
            "background",
            "yes/no",
            "The background counts in Dice",
            "Whether the Dice part of the loss counts the background as a class. Cross-entropy always counts it.",
            default=False,
        ),
        filled_in=True,
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
        ),
        filled_in=True,
    )
    patch_size: tuple[int, int, int] | None = option_field(
        Option(
            "patch_size",
            "whole numbers",
            "Patch size",
            "The size of the patches that are cut out of the images; 0 is the whole image along an axis.",
            least=0,
            unit="voxels",
            items=("I", "J", "K"),
            zero="whole",
        ),
        filled_in=True,
    )
    patches_per_epoch: int = option_field(
        Option(
            "patches_per_epoch",
            "whole number",
            "Patches of a case in an epoch",
            "How many patches of each case are in an epoch; 0 is as many as cover the case, overlapping by half. For a 2D "
            "network, 0 is all slices.",
            default=1,
            least=0,
            most=10**6,
            zero="as many as cover it",
        ),
        filled_in=True,
    )
    sampling: str = option_field(
        Option(
            "sampling",
            "choice",
            "Patches from",
            "Where patches are cut out of the images.",
            default="foreground",
            choices={
                "foreground": "labels: two of three are centred on a label",
                "random": "anywhere",
                "grid": "a grid: all that cover a case, overlapping by half, or all slices",
            },
        ),
        filled_in=True,
    )
    augment: str = option_field(
        Option(
            "augment",
            "choice",
            "Augmentation",
            "How patches are changed at random, so that the model copes with more than it has seen. Give a level, parts that "
            "a paper names, or several joined by `+`.",
            default="light",
            choices={
                "none": "none",
                "light": "light: small turns, shifts and changes of size",
                "strong": "strong: larger ones, and changes of brightness",
                "contrast": "contrast: tissues in the brightness of other scanners",
                "flips": "flips along each axis; left and right change places",
                "turns": "turns by quarters where voxels have equal sides",
                "shifts": "shifts by up to an eighth of the patch",
                "noise": "Gaussian noise",
                "translation": "translation by up to 10 voxels, of every second patch",
            },
            several=True,
        ),
        filled_in=True,
    )
    weight_averaging: float = option_field(
        Option(
            "weight_averaging",
            "number",
            "Weight averaging",
            "The model has the moving average of the weights over the steps. This is the share of the average that each step "
            "keeps; 0 is no averaging: the model has the last weights.",
            default=0.99,
            least=0,
            most=0.9999,
            zero="off",
        ),
        filled_in=True,
    )
    adapted_share: float | None = option_field(
        Option(
            "adapted_share",
            "number",
            "Share of the adapted weights",
            "The share of the adapted weights in the model, for all that was carried over: 1 is the adapted weights, 0 those "
            "that the training began with (the source's, or those of the job that it continues). Not given, the job chooses "
            "the share by its scores.",
            least=0,
            most=1,
        ),
        filled_in=True,
    )
    gradient_clip: float = option_field(
        Option(
            "gradient_clip",
            "number",
            "Longest gradient",
            "The largest norm of the gradients: larger gradients are scaled down to it; 0 leaves all as they are.",
            default=12.0,
            least=0,
            most=10**6,
            zero="off",
        ),
        filled_in=True,
    )
    early_stopping: bool = option_field(
        Option(
            "early_stopping",
            "yes/no",
            "Ends where validation gains nothing",
            "Whether a training with validation cases ends early, after some validations without gain. The weights of the "
            "best validation are kept in any case.",
            default=True,
        ),
        filled_in=True,
    )
    validation_patience: int = option_field(
        Option(
            "validation_patience",
            "whole number",
            "Validations without gain",
            "After how many validations without gain a training ends.",
            default=6,
            least=1,
            most=10_000,
            unit="validations",
        ),
        filled_in=True,
    )
    validation_looks: int = option_field(
        Option(
            "validation_looks",
            "whole number",
            "Validations",
            "How many times a training is scored on the validation cases: evenly spread, the last time at its end. Each time "
            "takes as long as segmenting them.",
            default=20,
            least=1,
            most=10_000,
            unit="validations",
        ),
        filled_in=True,
    )
    keep_features: bool = option_field(
        Option(
            "keep_features",
            "yes/no",
            "A frozen encoder's features are kept",
            "Whether a frozen encoder computes the features of at most 48 batches once, and they are used again and again, "
            "which is faster. `no` takes new patches in every step.",
            default=True,
        ),
        filled_in=True,
    )

    def __post_init__(self) -> None:
        self.fill_in({})

    def fill_in(self, values: Mapping[str, Any]) -> None:
        """Give every field that was not given its value in `values`, else its option's default."""
        for option in declared_options(Recipe):
            if getattr(self, option.name) is NOT_GIVEN:
                object.__setattr__(self, option.name, values.get(option.name, option.default))


@dataclass(frozen=True)
class Statement:
    """What a paper says about one thing of its training, and what becomes of it here.

    Attributes:
        about: The name of a recipe's field or of a budget (`steps`, `epochs`); else the thing in words.
        paper: What the paper says, with its section; "not said" where it leaves the thing open.
        why: Why it is otherwise here, or how an open thing was settled; empty where it is as in the paper.
        here: What is done here, where `about` is no field.
    """

    about: str
    paper: str
    why: str = ""
    here: str = ""


@dataclass(frozen=True)
class NamedRecipe:
    """The recipe of a paper, as data.

    Attributes:
        name: Its name in files and on the command line.
        title: Its name for the panel.
        paper: The paper; empty for `default`.
        values: The values of fields and of the budget that differ from the defaults: name → value.
        from_scratch: Those of them that are others where no weights are carried over: name → value.
        says: What the paper says of its training, and what becomes of it here.
    """

    name: str
    title: str
    paper: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    from_scratch: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[Statement, ...] = ()
