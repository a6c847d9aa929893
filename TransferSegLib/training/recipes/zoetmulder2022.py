"""Zoetmulder et al. 2022, Comput. Methods Programs Biomed. 214, §3.2 and 4: fine-tuning on axial slices."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe, Statement

RECIPE = NamedRecipe(
    "zoetmulder2022",
    "Zoetmulder 2022: slices, weighted cross-entropy",
    "Zoetmulder et al., Computer Methods and Programs in Biomedicine 2022",
    values={
        "learning_rate": 1e-4,
        "lr_schedule": "half",
        "lr_factor": 0.1,
        "patience": 0,
        "optimizer": "adam",
        "weight_decay": 2e-4,
        "loss": "ce-median-frequency",
        "batch_size": 32,
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
    says=(
        Statement("learning_rate", "1e-4 (§4.3)"),
        Statement("lr_schedule", "÷10 after half of the epochs (§4.3)"),
        Statement("lr_factor", "0.1 (§4.3)"),
        Statement("patience", "not said", "the number of epochs is fixed"),
        Statement(
            "optimizer",
            "not said in the paper; its appendices 9.2 and 9.3 are not at hand",
            "Adam, as in the other papers",
        ),
        Statement("momentum", "not said", "0.9, the default of Adam"),
        Statement("weight_decay", "2e-4 (§4.3)"),
        Statement(
            "loss",
            "cross-entropy weighted by class, voxel by voxel (§4.3), the weights after SegNet (§4.1.1)",
            "median frequency, counted in the training cases of each fold",
        ),
        Statement(
            "batch_size",
            "32 slices (§4.3)",
            "a 2D network's patches are slices; a 3D network's are the thinnest slabs that it takes",
        ),
        Statement(
            "patch_size", "axial slices of 256×256 (§3.2, 3.3.2)", "whole slices, as large as the largest case's"
        ),
        Statement("patches_per_epoch", "all axial slices (§4.3)"),
        Statement("sampling", "all axial slices (§4.3)"),
        Statement("augment", "not said", "none is spoken of"),
        Statement("weight_averaging", "not said", "none is spoken of"),
        Statement("adapted_share", "not said", "the weights at the end of the training"),
        Statement("gradient_clip", "not said", "none is spoken of"),
        Statement(
            "early_stopping",
            "not said",
            "cases to validate on choose the kept weights, and end nothing",
        ),
        Statement("keep_features", "not said", "every step has patches of its own"),
        Statement(
            "epochs",
            "30 for stroke lesions, 60 for MS lesions, 300 for brain anatomy (§4.3.1 to 4.3.3)",
            "30; `--epochs 60` and `--epochs 300` are the others",
        ),
        Statement(
            "pre-training",
            "appendices 9.2 and 9.3, which are not at hand",
            "their settings cannot be known",
            "as fine-tuning; the losses of the source tasks are those of §4.1",
        ),
        Statement(
            "preprocessing",
            "the MNI-ICBM 152 template's space; empty slices discarded; percentiles 1 and 99, min-max (§3.2)",
            "a person gives the template (`--template`); slices are found by their content",
            "`--preprocessing zoetmulder2022` at `pretrain`, taken with the recipe",
        ),
    ),
)
