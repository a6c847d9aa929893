"""A model of slices from nnU-Net is adapted as all models are, with the patch of its card."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from foreign_models import plans_of_slices, write_nnunet
from safetensors.torch import load_file

from TransferSegLib.cases.extent import prepared_grid
from TransferSegLib.cases.volumes import read_labels, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source

pytest.importorskip("dynamic_network_architectures")

# Thicker slices than the model was trained on, fewer of them than the patch of its card has, and pixels of another size.
SIZE, SPACING_MM = (22, 18, 3), (1.1, 1.0, 6.0)


def write_target(folder: Path) -> Path:
    """Two annotated cases in nnU-Net's layout, whose label is what is bright."""
    grid = Grid.from_spacing(SIZE, SPACING_MM)
    for kind in ("imagesTr", "labelsTr"):
        (folder / kind).mkdir(parents=True)
    for case in range(2):
        label = np.zeros(SIZE, np.uint8)
        label[6 + case : 15, 5:13] = 1
        image = 40 + 80 * label + np.random.default_rng(case).normal(0, 10, SIZE)
        write_volume(folder / "imagesTr" / f"case{case}_0000.nii.gz", image.astype(np.float32), grid)
        write_labels(folder / "labelsTr" / f"case{case}.nii.gz", label, grid)
    about = {"channel_names": {"0": "CT"}, "labels": {"background": 0, "cyst": 1}, "numTraining": 2}
    (folder / "dataset.json").write_text(json.dumps(about | {"file_ending": ".nii.gz"}), encoding="utf-8")
    return folder


def test_its_kernels_move_and_the_adapted_model_keeps_the_distance_of_slices(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))
    write_nnunet(tmp_path / "model", plans_of_slices(), configuration="2d")
    source, _ = import_source(tmp_path / "model", ImportOptions(orientation="RAS"))
    target = write_target(tmp_path / "target")
    asked = ["adapt", "--source", source.card.name, "--target", str(target), "--out", str(tmp_path / "job")]
    settings = ["--strategy", "open", "--steps", "10", "--folds", "0", "--deterministic"]
    assert main([*asked, *settings]) in (0, 1), capsys.readouterr().err
    adapted = find_source(tmp_path / "job")
    assert adapted.card.label_names == ("cyst",)
    assert adapted.card.preprocessing.spacing_mm == (0.75, 1.5, None) and adapted.card.patch_size == (24, 16, 4)
    begun, ended = (load_file(one.folder / "weights.safetensors") for one in (source, adapted))
    kernels = [key for key, tensor in begun.items() if tensor.ndim == 4 and ended[key].shape == tensor.shape]
    moved = [float((ended[key] - begun[key]).norm() / begun[key].norm()) for key in kernels]
    assert len(moved) > 3 and 0 < float(np.median(moved)) < 0.5
    image = target / "imagesTr" / "case0_0000.nii.gz"
    assert (
        main(["segment", "--model", str(tmp_path / "job"), "--images", str(image), "--out", str(tmp_path / "out")]) == 0
    )
    (file,) = (tmp_path / "out").glob("*.nii.gz")
    assert read_labels(file).array.shape == SIZE
    said = capsys.readouterr()
    assert main(["sources", "show", str(source.folder)]) == 0
    said = capsys.readouterr().out
    assert "voxels       0.75×1.5 mm, along superior as in the image" in said


def test_a_job_shows_a_network_of_slices_those_of_an_oblique_stack(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))
    write_nnunet(tmp_path / "model", plans_of_slices(), configuration="2d")
    source, _ = import_source(tmp_path / "model", ImportOptions(orientation="file"))
    preprocessing = source.card.preprocessing
    assert preprocessing.slices_last and preprocessing.spacing_mm == (0.75, 1.5, None)
    # A short axis of the heart: no axis of the body is across its slices.
    normal = np.array([0.55, -0.70, 0.45]) / np.linalg.norm([0.55, -0.70, 0.45])
    within = np.cross(normal, [0.0, 0.0, 1.0]) / np.linalg.norm(np.cross(normal, [0.0, 0.0, 1.0]))
    affine = np.eye(4)
    affine[:3, :3] = np.stack([1.25 * within, 1.25 * np.cross(normal, within), 8 * normal], 1)
    size, spacing = prepared_grid(Grid((216, 256, 10), affine), preprocessing)
    assert size[2] == 10 and spacing[2] == pytest.approx(8)
