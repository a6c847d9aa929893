"""Mecheter et al. 2023, CAAI Trans. Intell. Technol., §3.2, 3.4 and 3.5: the training of the excitation-based network."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe, Statement

RECIPE = NamedRecipe(
    "mecheter2023",
    "Mecheter 2023: overlapping patches, cross-entropy",
    "Mecheter et al., CAAI Transactions on Intelligence Technology 2023",
    values={
        "learning_rate": 1e-4,
        "lr_schedule": "plateau",
        "lr_factor": 0.75,
        "lr_patience": 5,
        "patience": 10,
        "optimizer": "adam",
        "momentum": 0.9,
        "weight_decay": 5e-4,
        "loss": "ce",
        "batch_size": 2,
        "patch_size": (128, 128, 48),
        "patches_per_epoch": 0,
        "sampling": "grid",
        "augment": "none",
        "weight_averaging": 0.0,
        "adapted_share": 1.0,
        "gradient_clip": 0.0,
        "early_stopping": False,
        "keep_features": False,
        "epochs": 200,
    },
    says=(
        Statement(
            "learning_rate",
            "0.0001 (§3.5); for fine-tuning the best of a grid search, whose grid is not said",
            "the initial rate of §3.5; `--learning-rate 1e-3,1e-4,1e-5` chooses the best of a grid",
        ),
        Statement(
            "lr_schedule",
            "×0.75 when the training accuracy does not improve for five epochs (§3.5)",
            "the training loss is watched: it follows the accuracy and is known in every step; a gain is more than 0.1 %",
        ),
        Statement("lr_factor", "0.75 (§3.5)"),
        Statement("lr_patience", "5 epochs (§3.5)"),
        Statement(
            "patience", "10 epochs without gain in training accuracy (§3.5)", "the training loss is watched, as above"
        ),
        Statement("optimizer", "Adam (§3.5)"),
        Statement("momentum", "momentum decay 0.9 (§3.5)"),
        Statement("weight_decay", "0.0005 (§3.5)"),
        Statement("loss", "not said", "cross-entropy, as for the same authors' network of 2020 (Mecheter 2020 §III-A)"),
        Statement(
            "batch_size",
            "2; 1 for the hybrid with concatenation (§3.5, 4.3)",
            "2 for all; halved where memory runs out",
        ),
        Statement(
            "patch_size",
            "128×128×48 of volumes of 256×256×48 (§3.4)",
            "never larger than the largest case, which would fill patches with repeated edges",
        ),
        Statement(
            "patches_per_epoch",
            "overlapping patches of each volume (§3.4); how far they overlap is not said",
            "overlapping by half: 3×3×1 patches of the paper's volumes",
        ),
        Statement("sampling", "overlapping patches of each volume (§3.4)"),
        Statement("augment", "none but the second sequence (§3.3.4), which is the strategy `multimodal`"),
        Statement("weight_averaging", "not said", "none is spoken of"),
        Statement("adapted_share", "not said", "the weights at the end of the training"),
        Statement("gradient_clip", "not said", "none is spoken of"),
        Statement(
            "early_stopping",
            "200 epochs, or until the training accuracy gains nothing (§3.5); for what the validation cases are is not said",
            "they choose the kept weights, and end nothing",
        ),
        Statement(
            "validation_looks",
            "not said",
            "20, so after every tenth of 200 epochs and at the end; `--validation-looks 200` is each epoch",
        ),
        Statement("keep_features", "not said", "every step has patches of its own"),
        Statement("epochs", "200, or until nothing is gained (§3.5)"),
        Statement(
            "first weights",
            "Glorot uniform (§3.5)",
            "other networks have their own",
            "Glorot uniform in `mecheter2023`",
        ),
        Statement(
            "validation cases",
            "10 patients with T1-w and 3 with T2-w (table 2); what they decide is not said",
            "the best weights on cases of the role `validation` are kept",
            "those that the data set names",
        ),
        Statement("folds", "three to fine-tune (§3.5)", "folds are the job's, beside its recipe", "`--folds 3`"),
        Statement(
            "preprocessing",
            "black and blurry slices at both ends removed, 256×256×48 voxels, local contrast normalisation (§3.2)",
            "slices are found by their content; images get the median voxel size and keep their extent; the formula of the "
            "normalisation is not said: SegNet's is taken",
            "`--preprocessing mecheter2023` at `pretrain`, taken with the recipe",
        ),
    ),
)
