"""Photographs as a source: networks that are trained on them, and models of scans that begin from these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.card import CardNetwork, read_card
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


def write(path: Path, pixels: np.ndarray) -> Path:
    """Write rows of pixels (J, I), or (J, I, colours), as uint8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(pixels.astype(np.uint8), isVector=pixels.ndim == 3), str(path))
    return path


def photo(seed: int, size=(32, 40)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3))


@pytest.mark.parametrize("task", ["classification", "autoencoding", "segmentation"])
def test_a_2d_network_is_trained_on_pictures_of_any_size(tmp_path, task):
    data = tmp_path / "data"
    for n in range(3):
        pixels = photo(n, (32, 32 + 8 * n))
        if task == "segmentation":
            write(data / "images" / f"{n}.png", pixels)
            write(data / "labels" / f"{n}.png", pixels[..., 0] > 128)
        else:
            write(data / "ab"[n % 2] / f"{n}.png", pixels)
    network = CardNetwork("segnet", {"channels": [2, 4], "layers": [1, 1]})
    spec = JobSpec(3, "pretrain", str(data), (StrategyChoice("scratch"),), network=network, task=task,
                   training=TrainingOptions(steps=2, deterministic=True), folds=0)  # fmt: skip
    run_job(JobFolder.create(tmp_path / "job", spec).path)
    card = read_card(tmp_path / "job" / "model")
    assert (card.task, card.channels, card.modality) == (task, ("grey",), "photo")
    assert card.preprocessing.spacing_mm is None
    assert card.patch_size[2] == 1


def test_an_encoder_of_photographs_starts_a_model_of_scans_at_their_own_voxel_size(tmp_path):
    for n in range(4):
        write(tmp_path / "data" / "ab"[n % 2] / f"{n}.png", photo(n))
        grid = Grid.from_spacing((32, 32, 4), (0.9, 0.9, 5.0))
        scan = np.random.default_rng(n).gamma(3, 20, grid.size)
        write_volume(tmp_path / "scans" / "images" / f"{n}.nii.gz", scan, grid)
        write_labels(tmp_path / "scans" / "labels" / f"{n}.nii.gz", (scan > 60).astype(np.uint8), grid)
    network = CardNetwork("segnet", {"channels": [2, 4], "layers": [1, 1]})
    quick = TrainingOptions(steps=2, deterministic=True)
    first = JobSpec(3, "pretrain", str(tmp_path / "data"), (StrategyChoice("scratch"),), network=network,
                    task="classification", training=quick, folds=0)  # fmt: skip
    run_job(JobFolder.create(tmp_path / "first", first).path)
    second = JobSpec(3, "adapt", str(tmp_path / "scans"), (StrategyChoice("encoder-transfer"),), "encoder-transfer",
                     source=str(tmp_path / "first" / "model"), training=quick, folds=0)  # fmt: skip
    run_job(JobFolder.create(tmp_path / "second", second).path)
    card = read_card(tmp_path / "second" / "model")
    assert (card.task, card.modality, card.preprocessing) == ("segmentation", "mr", Preprocessing(None))
