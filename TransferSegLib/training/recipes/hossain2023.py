"""Hossain 2023, master's thesis, NTNU, §3.3 and 4.1: fine-tuning RatLesNetV2 on whole volumes, and MONAI from scratch."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe, Statement

RECIPE = NamedRecipe(
    "hossain2023",
    "Hossain 2023: whole volumes, Dice",
    "Hossain, master's thesis, NTNU 2023",
    values={
        "learning_rate": 1e-4,
        "lr_schedule": "step",
        "lr_factor": 0.95,
        "patience": 0,
        "optimizer": "adam",
        "weight_decay": 1e-5,
        "loss": "dice-sample-class",
        "background": True,
        "batch_size": 1,
        "patch_size": (0, 0, 0),
        "patches_per_epoch": 1,
        "sampling": "random",
        "augment": "none",
        "weight_averaging": 0.0,
        "adapted_share": 1.0,
        "gradient_clip": 0.0,
        "keep_features": False,
        "steps": 4620,
    },
    from_scratch={"learning_rate": 1e-3, "weight_decay": 1e-3, "steps": 23_100},
    says=(
        Statement("learning_rate", "1e-4 to fine-tune, 1e-3 from scratch (§4.1)"),
        Statement("lr_schedule", "StepLR, lower after every epoch (§3.3.3)"),
        Statement("lr_factor", "0.95 (§3.3.3)"),
        Statement(
            "patience",
            "early stopping on a validation set, the best weights kept; the patience is not said (§3.3.3)",
            "the training loss ends nothing; cases of the role `validation` do, after 6 validations without gain",
        ),
        Statement("optimizer", "Adam (§3.3.2)"),
        Statement("momentum", "not said", "0.9, the default of Adam"),
        Statement(
            "weight_decay",
            "1e-5 to fine-tune; from scratch 1e-3 in one sentence of §4.1 and 1e-4 in another",
            "from scratch 1e-3, the first of the two; `--weight-decay 1e-4` is the other",
        ),
        Statement("loss", "Dice of each sample and class, epsilon 1e-5 (§3.3.1, eq. 3.1)"),
        Statement("background", "both output channels, lesion and background (§3.2.4, 3.3.1)"),
        Statement("batch_size", "1 (§4.1)"),
        Statement("patch_size", "volumes of 256×256×32 voxels (§3.2.4)", "whole volumes, of whatever size"),
        Statement("patches_per_epoch", "each volume once: 231 volumes in 100 epochs are 23,100 iterations (§4.1)"),
        Statement("sampling", "whole volumes, so there is nothing to choose (§3.2.4)"),
        Statement(
            "augment",
            "with and without: translation by up to 10 voxels, probability 0.5 (§3.3.4)",
            "without, which did better with 40 cases; with 8 cases `--augment translation` did (tables 4.2 and 4.3)",
        ),
        Statement("weight_averaging", "not said", "none is spoken of"),
        Statement("adapted_share", "not said", "the weights at the end of the training"),
        Statement("gradient_clip", "not said", "none is spoken of"),
        Statement(
            "early_stopping",
            "ends where the validation metric gains nothing for some epochs, how many is not said; the best state is kept "
            "(§3.3.3)",
            "six validations, where there are cases to validate on",
        ),
        Statement(
            "validation_looks",
            "each epoch, as it seems: its best state is kept (§3.3.3)",
            "20, as each takes as long as segmenting the validation cases; `--validation-looks 578` is each epoch of 8 "
            "volumes",
        ),
        Statement("keep_features", "not said", "every step has patches of its own"),
        Statement(
            "steps",
            "4,620 to fine-tune, that is 578, 289, 193, 145 or 116 epochs of 8, 16, 24, 32 or 40 volumes; 23,100 from "
            "scratch (§4.1)",
        ),
        Statement(
            "preprocessing",
            '"normalization", no more is said of the mice (§3.1.1); the rats\' scans have mean 0 and variance 1 (§3.1)',
            "the rats' for both, as the model begins from theirs",
            "`--preprocessing hossain2023` at `pretrain`, taken with the recipe",
        ),
    ),
)
