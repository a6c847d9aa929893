"""A zip on a server that holds several models: they are listed, and one is chosen by its name."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from foreign_models import write_bundle

from TransferSegLib.cli import main
from TransferSegLib.sources.catalogue import find_source, user_folder


@pytest.fixture
def content(tmp_path) -> bytes:
    """A zip with two bundles."""
    for name in ("liver", "spleen"):
        write_bundle(tmp_path / "zipped" / "models" / name, names=("background", name))
    shutil.make_archive(str(tmp_path / "models"), "zip", tmp_path / "zipped")
    return (tmp_path / "models.zip").read_bytes()


@pytest.fixture
def organs(server, content):
    """An institute's own list, with this zip under the name `organs`."""
    entry = {
        "name": "organs",
        "title": "Two organs",
        "modality": "ct",
        "body_part": "abdomen",
        "labels": ["liver", "spleen"],
        "url": f"https://localhost:{server.port}/whole",
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "CC0",
        "licence_page": "https://localhost/licence",
        "citation": "nobody",
        "layout": "monai-bundle",
    }
    user_folder().mkdir(parents=True)
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": [entry]}))
    return server


def test_several_models_in_a_download_are_listed_and_one_is_chosen_by_its_name(organs, capsys):
    assert main(["sources", "download", "organs"]) == 2
    printed = capsys.readouterr().err
    assert "holds 2 models: `models/liver`, `models/spleen`; choose one, for example with --folder" in printed
    assert not (user_folder() / "organs").exists()
    assert main(["sources", "download", "organs", "--folder", "spleen"]) == 0
    assert find_source("organs").card.label_names == ("spleen",)


def test_a_name_that_no_model_in_the_download_has_lists_those_there_are(organs, capsys):
    assert main(["sources", "download", "organs", "--folder", "kidney"]) == 2
    assert "holds no model `kidney`; there are `models/liver`, `models/spleen`" in capsys.readouterr().err
