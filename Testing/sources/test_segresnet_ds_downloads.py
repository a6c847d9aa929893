"""Models of Auto3DSeg and CT-FM from a server: downloaded, imported, applied to a scan and adapted to another label."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import ssl
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from monai.networks.nets.segresnet_ds import SegResNetDS
from safetensors.torch import save_file
from segresnet_ds_models import CTFM_CONFIG, auto3dseg_config, network_of, write_auto3dseg, write_image

from TransferSegLib.cli import main
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.downloads import Download, find_download
from TransferSegLib.sources.fetching import download_source
from TransferSegLib.sources.imports import ctfm as importer


@pytest.fixture
def published(certificate, tmp_path, monkeypatch) -> Iterator[tuple[Path, str]]:
    """A folder, and the address under which a server on localhost hands out its files, by https."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    folder = tmp_path / "published"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield folder, f"https://localhost:{listening.server_address[1]}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def listed(name: str, file: Path, address: str, **changes: object) -> Download:
    """The entry of the list of models, with the file that the server has."""
    known = find_download(name)
    assert known is not None
    content = file.read_bytes()
    made = replace(
        known,
        url=f"{address}/{file.name}",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        mirrors=(),
        **changes,  # type: ignore[arg-type]
    )
    assert made.obstacle is None
    return made


def auto3dseg(folder: Path, address: str) -> Download:
    config = auto3dseg_config(class_names=["aorta"], network={**auto3dseg_config()["network"], "out_channels": 2})
    text = "LabelValue,Name\n1,Aorta\n"
    torch.manual_seed(2)
    write_auto3dseg(folder / "aorta-v1.1.0", network_of(config), config, text)
    with zipfile.ZipFile(folder / "aorta-v1.1.0.zip", "w") as archive:
        for file in (folder / "aorta-v1.1.0").iterdir():
            archive.write(file, file.name)
    return listed("auto3dseg-aorta-v1.1.0", folder / "aorta-v1.1.0.zip", address)


def ctfm(folder: Path, address: str) -> Download:
    torch.manual_seed(2)
    network = SegResNetDS(**CTFM_CONFIG)
    # Of a batch normalisation that was trained.
    for name, tensor in network.state_dict().items():
        if name.endswith("running_mean"):
            tensor += 0.01
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors"
    )
    return listed("ctfm-whole-body-ct", folder / "model.safetensors", address, labels=("spleen", "liver"))


@pytest.mark.parametrize("publish", [auto3dseg, ctfm])
def test_a_model_is_downloaded_applied_to_a_scan_and_adapted_for_ten_steps(
    publish, published, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(importer, "WINDOW", (16, 32, 32))  # CT-FM's own takes minutes on a processor
    entry = publish(*published)
    source = download_source(entry)
    assert source.card.made_by["downloaded_from"] == entry.url
    assert source.card.label_names == (("Aorta",) if publish is auto3dseg else ("spleen", "liver"))
    assert source.card.inference.largest_component == (() if publish is auto3dseg else ("spleen", "liver"))
    cases = tmp_path / "cases"
    for kind in ("imagesTr", "labelsTr"):
        (cases / kind).mkdir(parents=True)
    for n in range(2):
        image = cases / "imagesTr" / f"case{n}.nii.gz"
        labels = write_image(image, (30, 28, 14), (1.4, 1.4, 2.6), seed=n)
        nibabel.save(nibabel.Nifti1Image(labels, nibabel.load(image).affine), cases / "labelsTr" / image.name)
    about = {"labels": {"0": "background", "1": "kidney", "2": "cyst"}, "modality": {"0": "CT"}}
    about |= {
        "training": [{"image": f"imagesTr/case{n}.nii.gz", "label": f"labelsTr/case{n}.nii.gz"} for n in range(2)]
    }
    (cases / "dataset.json").write_text(json.dumps(about))
    given = str(cases / "imagesTr" / "case0.nii.gz")
    assert main(["segment", "--images", given, "--model", entry.name, "--out", str(tmp_path / "out")]) == 0
    (found,) = (tmp_path / "out").glob("*.nii.gz")
    theirs = nibabel.load(given)
    assert nibabel.load(found).shape == theirs.shape
    assert np.allclose(nibabel.load(found).affine, theirs.affine, atol=1e-4)
    asked = [
        "adapt",
        "--source",
        entry.name,
        "--target",
        str(cases),
        "--out",
        str(tmp_path / "job"),
        "--strategy",
        "open",
    ]
    settings = ["--steps", "10", "--patch-size", "16", "16", "16", "--folds", "0", "--deterministic"]
    assert main([*asked, *settings]) in (0, 1), capsys.readouterr().err
    adapted = find_source(tmp_path / "job")
    assert adapted.card.label_names == ("kidney", "cyst")
    assert adapted.card.network.name == "segresnet-ds"
    assert adapted.card.preprocessing == source.card.preprocessing
    assert (adapted.card.inference.overlap, adapted.card.inference.padding) == (0.25, "zero")
    assert main(["segment", "--images", given, "--model", str(tmp_path / "job"), "--out", str(tmp_path / "after")]) == 0
