"""Makes `data/nnunet`: of each layout a small model that nnU-Net trained, a scan, and the labels that nnU-Net finds in it.

    OLD/bin/python Testing/make_nnunet_models.py train before-2.2 residual-before-2.2
    NEW/bin/python Testing/make_nnunet_models.py train plain residual thick-slices lps channels regions lowres slices \
        cascade cascade-regions
    NEW/bin/python Testing/make_nnunet_models.py apply

OLD is an environment with nnunetv2 2.1, NEW one with 2.8, each with the torch that it needs. nnU-Net plans, prepares, trains
and applies; given are only the sizes, so that all of it takes seconds: levels, features, patch and spacing. The archive of a
model holds what nnU-Net's own export puts into it, but for the picture of its progress; the optimiser's momentum is 0, so
that the archive is half as large.
"""

from __future__ import annotations

import copy
import json
import multiprocessing.context
import multiprocessing.dummy
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

WORK = Path(tempfile.mkdtemp(prefix="transferseg-layouts-"))
for room in ("raw", "preprocessed", "results"):
    os.environ[f"nnUNet_{room}"] = str(WORK / room)
os.environ |= {"nnUNet_def_n_proc": "1", "nnUNet_compile": "f"}
# Threads in place of processes, each of which would import everything again.
multiprocessing.context.SpawnContext.Pool = lambda self, workers: multiprocessing.dummy.Pool(workers)

import nibabel  # noqa: E402
import nnunetv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from batchgenerators.dataloading.single_threaded_augmenter import SingleThreadedAugmenter  # noqa: E402
from nnunet_layouts import DATA, LAYOUTS, Layout, turned, write_case  # noqa: E402
from nnunetv2.experiment_planning.plan_and_preprocess_api import (  # noqa: E402
    extract_fingerprints,
    plan_experiments,
    preprocess,
)
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor  # noqa: E402
from nnunetv2.training.lr_scheduler import polylr  # noqa: E402
from nnunetv2.utilities.find_class_by_name import recursive_find_python_class  # noqa: E402

# nnU-Net splits them into five folds.
CASES = 5
EPOCHS, ITERATIONS, RATE = 2, 100, 0.02
FEATURES = [4, 8, 8]
DESCRIPTIONS = ("plans.json", "dataset.json", "dataset_fingerprint.json")
PLANS, FIRST_STAGE = "small", "3d_lowres"


class Schedule(torch.optim.lr_scheduler.LRScheduler):
    """PyTorch's, with the third argument that nnU-Net before 2.5 gives, and that PyTorch no longer takes."""

    def __init__(self, optimizer: torch.optim.Optimizer, last_epoch: int = -1, verbose: object = None) -> None:
        super().__init__(optimizer, last_epoch)


polylr.PolyLRScheduler.__bases__ = (Schedule,)
# nnU-Net before 2.2 ends what makes batches in other processes, and there are none.
SingleThreadedAugmenter._finish = lambda self: None


def main() -> int:
    torch.set_num_threads(1)
    step, names = sys.argv[1], sys.argv[2:]
    try:
        for name in names or LAYOUTS:
            {"train": train, "apply": apply}[step](name, LAYOUTS[name])
    finally:
        shutil.rmtree(WORK)
    return 0


def train(name: str, layout: Layout) -> None:
    """Have nnU-Net plan and train a layout's model on made-up cases, and pack it."""
    torch.manual_seed(0)
    number = 920 + list(LAYOUTS).index(name)
    dataset = f"Dataset{number}_Made"
    write_data_set(layout, WORK / "raw" / dataset)
    os.environ.update(nnUNet_n_proc_DA="1")
    extract_fingerprints([number], num_processes=1)
    plan_experiments([number], layout.planner, overwrite_plans_name=PLANS)
    path = WORK / "preprocessed" / dataset / f"{PLANS}.json"
    plans = json.loads(path.read_text(encoding="utf-8"))
    configuration = plans["configurations"]["2d" if layout.of_slices else "3d_fullres"]
    assert ("architecture" in configuration) != layout.old, f"{name}: is of another version of nnU-Net"
    make_small(configuration, layout)
    plans["configurations"] = {layout.configuration: configuration}
    if layout.is_cascade:
        first = copy.deepcopy(configuration) | {"spacing": layout.first_spacing, "next_stage": layout.configuration}
        first["data_identifier"] = f"{PLANS}_{FIRST_STAGE}"
        configuration["previous_stage"] = FIRST_STAGE
        plans["configurations"][FIRST_STAGE] = first
    path.write_text(json.dumps(plans), encoding="utf-8")
    preprocess([number], PLANS, list(plans["configurations"]), [1] * len(plans["configurations"]))
    os.environ.update(
        nnUNet_n_proc_DA="0"
    )  # batches are made in this process; nnU-Net prepares no images with 0 of them
    described = json.loads((path.parent / "dataset.json").read_text(encoding="utf-8"))
    if layout.is_cascade:
        # The second stage learns from what the first found. So that this takes one training, it saw all cases.
        train_folds(layout, plans, described, FIRST_STAGE, ["all"])
    train_folds(layout, plans, described, layout.configuration, layout.folds)
    models = list((WORK / "results" / dataset).glob("*__*__*"))
    # MRSegmentator packs the model's folder itself, TotalSegmentator and nnU-Net's export that of the data set.
    pack(models, models[0] if layout.shown else WORK / "results", DATA / name / "model.zip")


def train_folds(
    layout: Layout, plans: dict[str, Any], described: dict[str, Any], configuration: str, folds: Iterable[int | str]
) -> None:
    """Train the networks of some folds; that of a first stage segments the cases for the second."""
    trainers = os.path.join(nnunetv2.__path__[0], "training", "nnUNetTrainer")
    kind = recursive_find_python_class(trainers, layout.trainer, "nnunetv2.training.nnUNetTrainer")
    for fold in folds:
        trainer = kind(
            plans=plans | {"continue_training": False},
            configuration=configuration,
            fold=fold,
            dataset_json=described,
            device=torch.device("cpu"),
        )
        trainer.initial_lr = RATE
        trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.num_val_iterations_per_epoch = (
            EPOCHS,
            ITERATIONS * (3 if layout.of_slices else 1),
            1,
        )
        trainer.run_training()
        if configuration == FIRST_STAGE and layout.is_cascade:
            trainer.perform_actual_validation()


def make_small(configuration: dict[str, Any], layout: Layout) -> None:
    """Give the planned configuration the sizes of the layout."""
    configuration |= {"spacing": layout.spacing, "patch_size": layout.patch_size}
    configuration["batch_size"] = 16 if layout.of_slices else 2
    configuration["data_identifier"] = f"{PLANS}_{layout.configuration}"
    if "architecture" in configuration:
        arguments = configuration["architecture"]["arch_kwargs"]
        arguments |= {"kernel_sizes": layout.kernel_sizes, "strides": layout.strides}
        arguments |= {"n_stages": len(FEATURES), "features_per_stage": FEATURES}
    else:
        arguments = configuration
        arguments |= {"conv_kernel_sizes": layout.kernel_sizes, "pool_op_kernel_sizes": layout.strides}
        arguments |= {"UNet_base_num_features": FEATURES[0], "unet_max_num_features": FEATURES[-1]}
        arguments["num_pool_per_axis"] = [
            sum(level[axis] > 1 for level in layout.strides) for axis in range(len(layout.spacing))
        ]
    for count in ("n_blocks_per_stage", "n_conv_per_stage", "n_conv_per_stage_encoder", "n_conv_per_stage_decoder"):
        if count in arguments:
            arguments[count] = [1] * (len(FEATURES) - count.endswith("decoder"))


def write_data_set(layout: Layout, folder: Path) -> None:
    """Write training cases as nnU-Net has them."""
    for room in ("imagesTr", "labelsTr"):
        (folder / room).mkdir(parents=True, exist_ok=True)
    for case in range(CASES):
        images = [folder / "imagesTr" / f"case{case}_{n:04}.nii.gz" for n in range(len(layout.channels))]
        write_case(layout, images, folder / "labelsTr" / f"case{case}.nii.gz", seed=case, axes=layout.axes)
    about: dict[str, Any] = {
        "channel_names": {str(n): channel for n, channel in enumerate(layout.channels)},
        "labels": layout.labels,
        "numTraining": CASES,
        "file_ending": ".nii.gz",
        "overwrite_image_reader_writer": layout.reader,
    }
    if layout.has_regions:
        about["regions_class_order"] = [1, 2, 3]
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")


def pack(models: Iterable[Path], root: Path, out: Path) -> None:
    """Write what is read of models into an archive, under their paths below `root`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (model / name for model in models for name in DESCRIPTIONS):
            archive.write(path, path.relative_to(root))
        for checkpoint in (path for model in models for path in sorted(model.glob("fold_*/checkpoint_final.pth"))):
            content = torch.load(checkpoint, map_location="cpu", weights_only=False)
            for state in content["optimizer_state"]["state"].values():
                state["momentum_buffer"].zero_()
            torch.save(content, small := checkpoint.with_name("small.pth"))
            archive.write(small, checkpoint.relative_to(root))


def apply(name: str, layout: Layout) -> None:
    """Have nnU-Net segment a scan with a layout's model, and write scan and labels with the axes of the scan's file."""
    out, work = DATA / name, WORK / name
    shutil.unpack_archive(out / "model.zip", work)
    images = [out / f"scan_{n:04}.nii.gz" for n in range(len(layout.channels))]
    write_case(layout, images, None, seed=100, axes=layout.scan_axes)
    given = []
    for image in images:
        scan = nibabel.load(image)
        nibabel.save(turned(scan, layout.shown) if layout.shown else scan, work / image.name)
        given.append(str(work / image.name))
    if layout.is_cascade:
        predict(work, FIRST_STAGE, given, work / "first" / "scan")
    predict(work, layout.configuration, given, work / "found", work / "first" if layout.is_cascade else None)
    found = nibabel.load(work / "found.nii.gz")
    labels = nibabel.Nifti1Image(np.asarray(found.dataobj).astype(np.uint8), found.affine)
    nibabel.save(turned(labels, layout.scan_axes), out / "labels.nii.gz")
    counts = np.bincount(np.asarray(labels.dataobj).ravel(), minlength=4)
    print(f"{name}: {counts.tolist()} voxels of background and labels", flush=True)


def predict(work: Path, configuration: str, given: Sequence[str], out: Path, first: Path | None = None) -> None:
    """Have nnU-Net segment an image; for a cascade's second stage, with the folder of what the first found."""
    plans = [path for path in work.rglob("plans.json") if path.parent.name.endswith(f"__{configuration}")]
    out.parent.mkdir(exist_ok=True)
    predictor = nnUNetPredictor(perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
    model = plans[0].parent if plans else work  # MRSegmentator's archive has no folder of this name
    predictor.initialize_from_trained_model_folder(str(model), ("all",) if (model / "fold_all").is_dir() else None)
    predictor.predict_from_files_sequential(
        [[*given]], [str(out)], folder_with_segs_from_prev_stage=first and str(first)
    )


if __name__ == "__main__":
    sys.exit(main())
