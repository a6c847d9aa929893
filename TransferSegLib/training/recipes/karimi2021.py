"""Karimi et al. 2021, Artif. Intell. Med. 116, §2.1 and 2.2: blocks from random places, minus Dice."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe, Statement

RECIPE = NamedRecipe(
    "karimi2021",
    "Karimi 2021: random blocks, minus Dice",
    "Karimi et al., Artificial Intelligence in Medicine 2021",
    values={
        "learning_rate": 5e-5,
        "lr_schedule": "plateau-steps",
        "lr_factor": 0.9,
        "lr_patience": 2000,
        "patience": 0,
        "optimizer": "adam",
        "weight_decay": 0.0,
        "loss": "neg-dice",
        "background": False,
        "batch_size": 1,
        "patch_size": (96, 96, 96),
        "sampling": "random",
        "augment": "flips+turns+shifts+noise",
        "weight_averaging": 0.0,
        "adapted_share": 1.0,
        "gradient_clip": 0.0,
        "early_stopping": False,
        "keep_features": False,
    },
    from_scratch={"learning_rate": 1e-4},
    says=(
        Statement("learning_rate", "1e-4 from scratch, half of that to fine-tune (§2.2)"),
        Statement(
            "lr_schedule",
            "lower after every 2000 iterations if the loss did not decrease (§2.2)",
            "it did where their mean is lower than the lowest before by more than 0.1 %",
        ),
        Statement("lr_factor", "0.90 (§2.2)"),
        Statement("lr_patience", "2000 iterations (§2.2)"),
        Statement("patience", "not said", "never"),
        Statement("optimizer", "Adam (§2.2)"),
        Statement("momentum", "not said", "0.9, the default of Adam"),
        Statement("weight_decay", "not said", "none is spoken of"),
        Statement(
            "loss",
            "the negative of the Dice similarity coefficient (§2.2)",
            "each label's over the whole batch, and their mean; blocks without a label teach nothing of it",
        ),
        Statement("background", "not said", "not counted: the paper segments one organ or lesion"),
        Statement("batch_size", "not said; the network filled the memory of the GPU (§2.2)", "1"),
        Statement(
            "patch_size",
            "96×96×96 (§2.2)",
            "never larger than the largest case, which would fill patches with repeated edges",
        ),
        Statement("patches_per_epoch", "not said; blocks are drawn at random, and iterations are counted (§2.2)", "1"),
        Statement("sampling", "random image locations (§2.2)"),
        Statement(
            "augment",
            "random shifts, flip, rotation by integer multiples of π/2, Gaussian noise (§2.2)",
            "how much noise is not said: up to a tenth of the image's standard deviation; turns only where voxels have equal "
            "sides",
        ),
        Statement("weight_averaging", "not said", "none is spoken of"),
        Statement("adapted_share", "not said", "the weights at the end of the training"),
        Statement("gradient_clip", "not said", "none is spoken of"),
        Statement(
            "early_stopping",
            "trainings go on after the epoch of convergence, within 0.5 % of the best validation Dice (§3.6)",
            "cases to validate on choose the kept weights, and end nothing",
        ),
        Statement("keep_features", "not said", "every step has patches of its own"),
        Statement("steps", "not said", "the budget of the job"),
        Statement("first weights", "He normal (§2.2)", "other networks have their own", "He normal in `karimi2021`"),
        Statement(
            "windows at test",
            "24 voxels of overlap between adjacent blocks (§2.2)",
            "",
            "a quarter of the window, which is 24 of 96 voxels",
        ),
        Statement(
            "preprocessing",
            "isotropic voxels of 0.8 to 2 mm; CT from -1000…1000 HU to 0…1, MR divided by its standard deviation (§2.1)",
            "which voxel size a data set gets is not said: equal sides of the median voxel's volume",
            "`--preprocessing karimi2021` at `pretrain`, taken with the recipe",
        ),
    ),
)
