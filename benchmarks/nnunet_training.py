"""A small network that nnU-Net itself plans and trains; run by the Python of an environment with nnunetv2.

    python benchmarks/nnunet_training.py '{"folder": …, "dataset": "Dataset901_Name", "planner": …, …}'

peers.py writes the data set and gives the settings, see `Trained` there. What nnU-Net plans is kept, but for the sizes: a
small patch in small batches, three levels, and a spacing to which images must be resampled.
"""

import json
import os
import sys
from pathlib import Path

asked = json.loads(sys.argv[1])
folder = Path(asked["folder"])
for name in ("raw", "preprocessed", "results"):
    os.environ[f"nnUNet_{name}"] = str(folder / name)
os.environ |= {"nnUNet_n_proc_DA": "1", "nnUNet_def_n_proc": "1", "nnUNet_compile": "f"}

import torch  # noqa: E402
from nnunetv2.experiment_planning.plan_and_preprocess_api import (  # noqa: E402
    extract_fingerprints,
    plan_experiments,
    preprocess,
)
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer  # noqa: E402

PLANS = "small"
# Slices are small: nnU-Net takes more of them at once.
BATCH = {"3d_fullres": 2, "2d": 16}


def main() -> None:
    torch.set_num_threads(asked["threads"])
    torch.manual_seed(0)
    number = int(asked["dataset"][len("Dataset") :][:3])
    extract_fingerprints([number], num_processes=1)
    plan_experiments([number], asked["planner"], overwrite_plans_name=PLANS)
    path = folder / "preprocessed" / asked["dataset"] / f"{PLANS}.json"
    plans = json.loads(path.read_text(encoding="utf-8"))
    name = asked["configuration"]
    configuration = plans["configurations"][name]
    plans["configurations"] = {name: configuration}
    configuration |= {"spacing": asked["spacing"], "patch_size": asked["patch_size"], "batch_size": BATCH[name]}
    arguments = configuration["architecture"]["arch_kwargs"]
    arguments |= {"kernel_sizes": asked["kernel_sizes"], "strides": asked["strides"]}
    arguments |= {"n_stages": 3, "features_per_stage": [16, 32, 64]}
    for count in ("n_blocks_per_stage", "n_conv_per_stage", "n_conv_per_stage_decoder"):
        if count in arguments:
            arguments[count] = arguments[count][: 2 if count.endswith("decoder") else 3]
    path.write_text(json.dumps(plans), encoding="utf-8")
    preprocess([number], PLANS, [name], [1])
    os.environ.update(nnUNet_n_proc_DA="0")  # patches are made in this process
    dataset = json.loads((path.parent / "dataset.json").read_text(encoding="utf-8"))
    trainer = nnUNetTrainer(
        plans=plans | {"continue_training": False},
        configuration=name,
        fold=0,
        dataset_json=dataset,
        device=torch.device("cpu"),
    )
    trainer.num_epochs, trainer.num_iterations_per_epoch = asked["epochs"], asked["iterations"]
    trainer.num_val_iterations_per_epoch = 1
    trainer.run_training()


if __name__ == "__main__":
    main()
