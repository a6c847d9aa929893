"""Each layout of models: from a server, imported, applied to a scan, adapted to other labels for ten steps, applied again.

The models of nnU-Net are those that nnU-Net itself trained (`make_nnunet_models.py`), with the labels that nnU-Net itself
finds in the scan beside them. Those of other programs are written by their own classes, with weights that nobody trained.
docs/models.md has the table of what is run here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from foreign_models import BUNDLE_NETWORKS, SPLEEN_PREPROCESSING, UNET, write_bundle
from monai.networks.nets.segresnet_ds import SegResNetDS
from nnunet_layouts import DATA, LAYOUTS, Layout, write_case
from safetensors.torch import load_file, save_file
from segresnet_ds_models import CTFM_CONFIG, agreement, auto3dseg_config, network_of, write_auto3dseg

from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import ModelCard
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.downloads import Download, find_download
from TransferSegLib.sources.fetching import download_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.imports import ctfm as importer
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source

SAME = 0.999


@dataclass(frozen=True)
class Published:
    """A model that is written to be published.

    Attributes:
        write: write(folder) leaves the model's file in an empty folder, and returns it.
        entry: The catalogue's name of a model of this layout; "" where only an institute's own list has such models.
        network: What it becomes.
        scan: Like what it was trained on.
        axes: The axes that its network sees.
        changes: What of the catalogue's entry is other in a model so small.
    """

    write: Callable[[Path], Path]
    entry: str
    network: str
    scan: Layout
    axes: str = "RAS"
    changes: tuple[tuple[str, Any], ...] = ()


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def bundle(definition: dict[str, Any], preprocessing: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    def write(folder: Path) -> Path:
        write_bundle(folder / "release" / "zoo", definition, preprocessing, **more)
        return zipped(folder / "release")

    return write


def auto3dseg(**changes: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        torch.manual_seed(2)
        config = auto3dseg_config(**changes)
        write_auto3dseg(folder / "release", network_of(config), config)
        return zipped(folder / "release")

    return write


def ctfm(folder: Path) -> Path:
    torch.manual_seed(2)
    network = SegResNetDS(**CTFM_CONFIG)
    # Of a batch normalisation that was trained.
    for name, tensor in network.state_dict().items():
        if name.endswith("running_mean"):
            tensor += 0.01
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    return folder / "model.safetensors"


def nnunet(name: str) -> Published:
    layout = LAYOUTS[name]
    network = "nnunet-resenc" if "Res" in layout.planner else "nnunet-plain"
    axes = layout.shown or ("RAS" if layout.reader.endswith("Reorient") else "file")

    def write(folder: Path) -> Path:
        return Path(shutil.copy(DATA / name / "model.zip", folder))

    # An archive of a cascade holds its first stage as well.
    trainer = f"{layout.trainer}__small__{layout.configuration}"
    return Published(write, layout.entry, network, layout, axes, (("folder", trainer),) if layout.is_cascade else ())


CT, MR = Layout("CT", size=(24, 22, 16)), Layout("MR", channels=("T1",), size=(24, 22, 16), body_in_zeros=True)
TUMOR = ("Tumor core", "Whole tumor", "Enhancing tumor")
MR_BUNDLE = [*SPLEEN_PREPROCESSING[:2], {"_target_": "NormalizeIntensityd", "keys": "@image_key", "nonzero": True}]
SLICES = {"inferer": {"_target_": "SliceInferer", "roi_size": [32, 32], "spatial_dim": 2}}
MODELS = {
    **{f"nnunet-{name}": nnunet(name) for name in LAYOUTS},
    "bundle-unet": Published(bundle(UNET), "monai-spleen-ct", "monai-unet", CT),
    "bundle-segresnet": Published(bundle(BUNDLE_NETWORKS["SegResNet"]), "monai-whole-body-ct", "segresnet", CT),
    "bundle-dynunet": Published(
        bundle({**BUNDLE_NETWORKS["DynUNet"], "spatial_dims": 3, "out_channels": 2}),
        "monai-abdomen-ct-children",
        "dynunet",
        CT,
    ),
    "bundle-swin-unetr": Published(bundle(BUNDLE_NETWORKS["SwinUNETR"]), "monai-abdomen-ct-swin", "swinunetr", CT),
    "bundle-slices": Published(
        bundle(
            {**UNET, "spatial_dims": 2}, [*SPLEEN_PREPROCESSING[:2], {**MR_BUNDLE[2], "nonzero": False}], config=SLICES
        ),
        "monai-ventricles-mr",
        "monai-unet-2d",
        MR,
        "file",
    ),
    "bundle-regions": Published(
        bundle(
            {**BUNDLE_NETWORKS["SegResNet"], "in_channels": 4, "out_channels": 3},
            [*MR_BUNDLE[:2], {**MR_BUNDLE[2], "channel_wise": True}],
            names=TUMOR,
            channels=("T1c", "T1", "T2", "FLAIR"),
            sigmoid=True,
        ),
        "monai-brain-tumor-mr",
        "segresnet",
        replace(MR, channels=("T1c", "T1", "T2", "FLAIR")),
        "file",
    ),
    "auto3dseg": Published(auto3dseg(class_names=["aorta", "lesion"]), "auto3dseg-aorta-v1.1.0", "segresnet-ds", CT),
    "ctfm": Published(ctfm, "ctfm-whole-body-ct", "segresnet-ds", CT, "SPL", (("labels", ("spleen", "liver")),)),
}


def listed(published: Published, file: Path, address: str, own_list: Path) -> Download:
    """The entry of the catalogue, or of an institute's own list, with the file that the server has."""
    content = file.read_bytes()
    where = {"url": f"{address}/{file.name}", "sha256": hashlib.sha256(content).hexdigest()}
    if not published.entry:
        entry = {"name": "own-model", "title": "Own model", "labels": [], "layout": "nnunet", **where}
        entry |= {
            "modality": "mr",
            "body_part": "knee",
            "licence": "CC0",
            "citation": "nobody",
            **dict(published.changes),
        }
        own_list.write_text(json.dumps({"format": 1, "entries": [entry]}), encoding="utf-8")
        found = find_download("own-model")
        assert found is not None and found.obstacle is None
        return found
    known = find_download(published.entry)
    assert known is not None
    changes = {**where, "size_bytes": len(content), "sha1": None, "mirrors": (), **dict(published.changes)}
    found = replace(known, **changes)
    assert found.obstacle is None
    return found


def write_target(folder: Path, layout: Layout, channels: tuple[str, ...]) -> Path:
    """Two annotated cases with other labels than any model's, in nnU-Net's layout."""
    for kind in ("imagesTr", "labelsTr"):
        (folder / kind).mkdir(parents=True)
    for case in range(2):
        images = [folder / "imagesTr" / f"case{case}_{n:04}.nii.gz" for n in range(len(channels))]
        write_case(layout, images, folder / "labelsTr" / f"case{case}.nii.gz", case, layout.axes)
    about = {"channel_names": {str(n): name for n, name in enumerate(channels)}, "numTraining": 2}
    about |= {"labels": {"background": 0, "right lobe": 1, "left lobe": 2, "cyst": 3}, "file_ending": ".nii.gz"}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def applied(model: str, images: Path, out: Path) -> np.ndarray:
    """The labels that `segment` writes for the only case in a folder."""
    assert main(["segment", "--model", model, "--images", str(images), "--out", str(out), "--device", "cpu"]) == 0
    (file,) = out.glob("*.nii.gz")
    scan = nibabel.load(next(images.glob("*.nii.gz")))
    assert np.allclose(nibabel.load(file).affine, scan.affine, atol=1e-4)
    found = read_labels(file).array
    assert found.shape == scan.shape
    return found


def scan_of(name: str, published: Published, folder: Path) -> Path:
    """A folder with a scan: the one that nnU-Net segmented, else a made-up one."""
    folder.mkdir()
    made = DATA / name.removeprefix("nnunet-")
    if made.is_dir():
        for channel in made.glob("scan_*.nii.gz"):
            shutil.copy(channel, folder)
    else:
        channels = [folder / f"scan_{n:04}.nii.gz" for n in range(len(published.scan.channels))]
        write_case(published.scan, channels, None, seed=100, axes="LPS")
    return folder


def axes_of(card: ModelCard) -> str:
    by_file = card.inference.file_order or (
        card.inference.as_nnunet is not None and card.inference.as_nnunet.file_order
    )
    return "file" if by_file else str(card.network.arguments.get("axes", "RAS"))


# A Swin UNETR takes half a minute.
SLOW = ("bundle-swin-unetr",)


CASCADES = [name for name in MODELS if MODELS[name].scan.is_cascade]
OTHERS = [
    pytest.param(name, marks=[pytest.mark.full_product] if name in SLOW else [])
    for name in MODELS
    if name not in CASCADES
]


@pytest.fixture
def downloaded(folder_server, tmp_path, monkeypatch) -> Callable[[str], tuple[SourceFolder, Path]]:
    """downloaded(name): a model from the server, taken in and applied to a scan; the model, and the scan's folder."""
    monkeypatch.setattr(importer, "WINDOW", (16, 32, 32))  # CT-FM's own takes minutes on a processor
    monkeypatch.setenv("TRANSFERSEG_CATALOGUE", str(tmp_path / "list.json"))

    def make(name: str) -> tuple[SourceFolder, Path]:
        published, (folder, address) = MODELS[name], folder_server
        source = download_source(listed(published, published.write(folder), address, tmp_path / "list.json"))
        assert source.card.made_by["downloaded_from"].startswith(address)
        assert (source.card.network.name, axes_of(source.card)) == (published.network, published.axes)
        images = scan_of(name, published, tmp_path / "scan")
        found = applied(source.card.name, images, tmp_path / "before")
        if name.startswith("nnunet-"):
            theirs = read_labels(DATA / name.removeprefix("nnunet-") / "labels.nii.gz").array
            assert (theirs > 0).sum() > 100 and agreement(found, theirs) >= SAME
        return source, images

    return make


@pytest.mark.parametrize("name", CASCADES)
def test_a_cascade_is_downloaded_with_both_stages_applied_to_a_scan_and_not_adapted(name, downloaded, tmp_path, capsys):
    source, _ = downloaded(name)
    assert source.card.first_stage is not None and source.card.inputs == len(source.card.channels) + 3
    assert (source.folder / "first-stage" / "weights.safetensors").is_file()
    target = write_target(tmp_path / "target", MODELS[name].scan, source.card.channels)
    asked = ["adapt", "--source", source.card.name, "--target", str(target), "--out", str(tmp_path / "job")]
    assert main([*asked, "--strategy", "open", "--steps", "10"]) == 2
    assert "is a cascade of two networks, which can be applied and not adapted" in capsys.readouterr().err


@pytest.mark.parametrize("name", OTHERS)
def test_a_model_is_downloaded_applied_to_a_scan_and_adapted_for_ten_steps(name, downloaded, tmp_path, capsys):
    published = MODELS[name]
    source, images = downloaded(name)
    target = write_target(tmp_path / "target", published.scan, source.card.channels)
    asked = ["adapt", "--source", source.card.name, "--target", str(target), "--out", str(tmp_path / "job")]
    side = "32" if published.network == "swinunetr" else "16"
    settings = [
        "--strategy",
        "open",
        "--steps",
        "10",
        "--patch-size",
        side,
        side,
        side,
        "--folds",
        "0",
        "--batch-size",
        "1",
    ]
    assert main([*asked, *settings, "--deterministic"]) in (0, 1), capsys.readouterr().err
    adapted = find_source(tmp_path / "job")
    assert adapted.card.label_names == ("right lobe", "left lobe", "cyst") and not adapted.card.regions
    assert adapted.card.network.name == published.network
    assert adapted.card.network.arguments.get("axes") == source.card.network.arguments.get("axes")
    assert adapted.card.preprocessing == source.card.preprocessing
    begun, ended = (load_file(one.folder / "weights.safetensors") for one in (source, adapted))
    kernels = [key for key, tensor in begun.items() if tensor.ndim > 3 and ended[key].shape == tensor.shape]
    moved = [float((ended[key] - begun[key]).norm() / begun[key].norm()) for key in kernels]
    assert len(moved) > 3 and 0 < float(np.median(moved)) < 0.5  # trained, from where the source model was
    assert set(np.unique(applied(str(tmp_path / "job"), images, tmp_path / "after"))) <= {0, 1, 2, 3}


@pytest.mark.parametrize(("name", "other"), [("lps", "RAS"), ("before-2.2", "LPS"), ("residual", "file")])
def test_a_model_that_is_shown_other_axes_finds_other_labels(name, other, tmp_path):
    """So what is held above to nnU-Net's labels would be seen if a scan were turned otherwise.

    Models that are run with mirrored copies find the same in a mirrored scan; these are not.
    """
    source, _ = import_source(DATA / name / "model.zip", ImportOptions(orientation=other))
    images = scan_of(f"nnunet-{name}", nnunet(name), tmp_path / "scan")
    theirs = read_labels(DATA / name / "labels.nii.gz").array
    assert agreement(applied(source.card.name, images, tmp_path / "out"), theirs) < 0.95
