"""Mecheter et al. 2020, IEEE, §II-B and III: the training of SegNet on slices."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe, Statement

RECIPE = NamedRecipe(
    "mecheter2020",
    "Mecheter 2020: slices, cross-entropy",
    "Mecheter et al., IEEE 2020",
    values={
        "learning_rate": 1e-4,
        "lr_schedule": "plateau",
        "lr_factor": 0.1,
        "lr_patience": 10,
        "patience": 0,
        "optimizer": "adam",
        "momentum": 0.9,
        "weight_decay": 0.0,
        "loss": "ce",
        "batch_size": 10,
        "patch_size": (0, 0, 1),
        "patches_per_epoch": 0,
        "sampling": "grid",
        "augment": "none",
        "weight_averaging": 0.0,
        "adapted_share": 1.0,
        "gradient_clip": 0.0,
        "early_stopping": False,
        "keep_features": False,
        "epochs": 30,
    },
    from_scratch={"learning_rate": 1e-3, "epochs": 300},
    says=(
        Statement("learning_rate", "1e-4 to fine-tune (§III-B), 0.001 from scratch (§III-A)"),
        Statement(
            "lr_schedule",
            "lower when the training loss does not improve for more than 10 epochs (§III-A)",
            "a gain is more than 0.1 %",
        ),
        Statement(
            "lr_factor", "not said", "the default of Keras's ReduceLROnPlateau, with which it was built (§III-C)"
        ),
        Statement("lr_patience", "10 epochs (§III-A)"),
        Statement("patience", "not said", "the number of epochs is fixed"),
        Statement("optimizer", "Adam (§III-A)"),
        Statement("momentum", "beta 1 0.9, beta 2 0.999 (§III-A)"),
        Statement("weight_decay", "not said", "none is spoken of"),
        Statement("loss", "multi-class cross-entropy (§III-A)"),
        Statement(
            "batch_size",
            "10 slices (§III-A)",
            "a 2D network's patches are slices; a 3D network's are the thinnest slabs that it takes",
        ),
        Statement(
            "patch_size",
            "slices of 256×256, cropped from 512×512 (§II-B)",
            "whole slices, as large as the largest case's",
        ),
        Statement("patches_per_epoch", "all slices (§II-B, III-A)"),
        Statement("sampling", "all slices that are left (§II-B)"),
        Statement("augment", "not said", "none is spoken of"),
        Statement("weight_averaging", "not said", "none is spoken of"),
        Statement("adapted_share", "not said", "the weights at the end of the training"),
        Statement("gradient_clip", "not said", "none is spoken of"),
        Statement(
            "early_stopping",
            "30 epochs to fine-tune, 300 from scratch (§III-A and B); no validation cases are spoken of",
            "where there are such, they choose the kept weights, and end nothing",
        ),
        Statement("keep_features", "not said", "every step has patches of its own"),
        Statement("epochs", "30 to fine-tune (§III-B), 300 from scratch (§III-A)"),
        Statement("first weights", "He normal (§III-A)", "other networks have their own", "He normal in `segnet`"),
        Statement(
            "dropout",
            "0.7 (§III-A); where is not said",
            "before the decoder; other networks have their own",
            "0.7 in `segnet`",
        ),
        Statement("folds", "two (§III-A)", "folds are the job's, beside its recipe", "`--folds 2`"),
        Statement(
            "preprocessing",
            "slices cropped to 256×256, local contrast normalisation, the first and last slices discarded (§II-B)",
            "slices to leave out are found by their content; the others keep their background",
            "`--preprocessing mecheter2020` at `pretrain`, taken with the recipe",
        ),
    ),
)
