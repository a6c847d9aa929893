"""Each layout of the catalogue: built as its publisher packs it, downloaded from a server, imported, and applied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_models import nnunet_plans, write_bundle, write_nnunet
from monai.networks.nets.segresnet_ds import SegResNetDS
from safetensors.torch import save_file
from segresnet_ds_models import CTFM_CONFIG, auto3dseg_config, network_of, write_auto3dseg

from TransferSegLib.cases import volumes
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.sources import downloads
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.downloads import Download, find_download
from TransferSegLib.sources.fetching import download_model
from TransferSegLib.sources.loading import load_source
from TransferSegLib.sources.structures import codes_of


@pytest.fixture
def content() -> bytes:
    """What the server has where a test gives it nothing else."""
    return b""


@pytest.fixture
def published(server, tmp_path, monkeypatch) -> Callable[[str, Path], Download]:
    """published(name, path): the catalogue's entry of this name, whose file is on the server: the path, or a zip of it."""
    downloads.list_all()  # as the catalogue is, before this server counts as a publisher
    monkeypatch.setattr(downloads, "PUBLISHERS", (f"https://localhost:{server.port}/",))

    def make(name: str, folder: Path) -> Download:
        entry = find_download(name)
        assert entry is not None and entry.obstacle is None
        file = folder if folder.is_file() else Path(shutil.make_archive(str(tmp_path / name), "zip", folder))
        server.content = file.read_bytes()
        url = f"https://localhost:{server.port}/{name}{file.suffix}"
        return replace(entry, url=url, sha256=None, sha1=None, size_bytes=None)

    return make


def applied(model: str, tmp_path: Path) -> np.ndarray:
    image = tmp_path / "image.nii.gz"
    voxels = torch.rand(24, 20, 16, generator=torch.Generator().manual_seed(0)).numpy()
    volumes.write_volume(image, voxels.astype(np.float32), Grid((24, 20, 16), np.diag([3.0, 3.0, 3.0, 1.0])))
    out = tmp_path / f"out {model}"
    assert main(["segment", "--model", model, "--images", str(image), "--out", str(out)]) == 0
    return read_labels(out / "image.nii.gz").array


def test_a_model_of_totalsegmentator_comes_as_its_release_has_it(published, tmp_path):
    pytest.importorskip("dynamic_network_architectures")
    release = tmp_path / "release"
    theirs = write_nnunet(release / "Dataset297_x" / "nnUNetTrainer_4000epochs_NoMirroring__nnUNetPlans__3d_fullres")
    source = download_model(published("totalsegmentator-total-3mm", release))
    assert (source.card.licence, source.card.commercial_use) == ("Apache-2.0", True)
    assert source.card.made_by["orientation"] == "RAS"
    assert source.card.citation.startswith("Wasserthal et al., TotalSegmentator")
    ours, report = load_source(source)
    assert report.share == 1.0
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        theirs_of_it = theirs(x.permute(0, 1, 4, 3, 2)).permute(0, 1, 4, 3, 2)
        assert torch.allclose(ours(x), theirs_of_it, atol=1e-4)
    assert applied("totalsegmentator-total-3mm", tmp_path).shape == (24, 20, 16)


@pytest.mark.parametrize(
    ("name", "network"),
    [("totalsegmentator-total-v3-3mm", "nnunet-plain"), ("totalsegmentator-total-v3-small-3mm", "nnunet-resenc")],
)
def test_of_a_release_with_two_trainings_each_entry_takes_its_own(name, network, published, tmp_path):
    pytest.importorskip("dynamic_network_architectures")
    release = tmp_path / "release" / "Dataset836_x"
    for plans, of_kind in (("nnUNetPlans", "PlainConvUNet"), ("nnUNetResEncUNetLPlans_8", "ResidualEncoderUNet")):
        folder = release / f"nnUNetTrainer_4000epochs_NoMirroring__{plans}__3d_fullres"
        write_nnunet(folder, nnunet_plans(of_kind), kind=of_kind)
    source = download_model(published(name, release.parent))
    assert source.card.network.name == network
    assert source.card.licence == "not stated"


def test_a_bundle_of_monais_zoo_comes_with_the_catalogues_words(published, tmp_path):
    write_bundle(tmp_path / "release" / "spleen_ct_segmentation")
    source = download_model(published("monai-spleen-ct", tmp_path / "release"))
    assert source.card.title == "Spleen on CT (MONAI model zoo)" and source.card.body_part == "abdomen"
    assert applied("monai-spleen-ct", tmp_path).shape == (24, 20, 16)


def test_a_model_of_auto3dseg_comes_with_its_own_labels_and_the_catalogues_licence(published, tmp_path):
    config = auto3dseg_config()
    write_auto3dseg(tmp_path / "release" / "aorta-v1.1.0", network_of(config), config)
    source = download_model(published("auto3dseg-aorta-v1.1.0", tmp_path / "release"))
    assert (source.card.licence, source.card.commercial_use) == ("CC BY 4.0", True)
    assert source.card.label_names == ("Left kidney", "Lesion")
    assert applied("auto3dseg-aorta-v1.1.0", tmp_path).shape == (24, 20, 16)


def test_a_model_of_ct_fm_gets_the_names_of_its_labels_from_the_catalogue(published, tmp_path):
    network = SegResNetDS(**CTFM_CONFIG).train()
    with torch.no_grad():
        network(torch.rand(2, 1, 16, 16, 16))  # so that its normalisation has seen something
    file = tmp_path / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, file)
    entry = published("ctfm-whole-body-ct", file)
    assert entry.labels[0] == "spleen" and len(entry.labels) == 117
    outputs = CTFM_CONFIG["out_channels"] - 1
    source = download_model(replace(entry, labels=entry.labels[:outputs]))
    assert source.card.label_names == entry.labels[:outputs]
    assert source.card.labels[0].terminology == codes_of("spleen")
    assert source.card.licence == "not stated"


def test_the_parts_of_a_model_are_applied_as_one(server, tmp_path, monkeypatch):
    pytest.importorskip("dynamic_network_architectures")
    entry = find_download("totalsegmentator-headneck-muscles")
    assert entry is not None
    parts = []
    for n, part in enumerate(entry.parts):
        torch.manual_seed(n)
        folder = tmp_path / part.name
        write_nnunet(folder / "Dataset_x" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
        archive = Path(shutil.make_archive(str(tmp_path / part.name), "zip", folder))
        parts.append(replace(part, url=archive.as_uri(), sha256=digest(archive), size_bytes=archive.stat().st_size))
    download_model(replace(entry, parts=tuple(parts)))
    each = [applied(f"{entry.name}-{part.name}", tmp_path) for part in parts]
    whole = applied(entry.name, tmp_path)
    # Both made-up parts have the same labels, so the later one lies over the earlier one, value for value.
    names = find_source(f"{entry.name}-{parts[0].name}").card.label_names
    assert (whole == np.where(each[1] > 0, each[1], each[0])).all() and len(names) >= 1


def digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
