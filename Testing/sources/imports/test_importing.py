"""Importers are a registry: what is in it is recognised, read, and named where nothing is recognised."""

from __future__ import annotations

import importlib
import sys
import types

import pytest
from foreign_models import write_bundle

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports import IMPORTERS, importing
from TransferSegLib.sources.imports.importer import Importer, ImportOptions
from TransferSegLib.sources.imports.importing import read_model


def test_every_line_of_the_registry_names_an_importer():
    for module in IMPORTERS:
        assert isinstance(importlib.import_module(module).IMPORTER, Importer)


def test_a_new_importer_needs_a_module_and_a_line(tmp_path, monkeypatch):
    write_bundle(tmp_path / "bundle")
    bundle = read_model(tmp_path / "bundle", ImportOptions())
    made_up = types.ModuleType("made_up")
    made_up.IMPORTER = Importer(  # type: ignore[attr-defined]
        "models with knee.txt", lambda path, options: (path / "knee.txt").is_file(), lambda path, options: bundle
    )
    monkeypatch.setitem(sys.modules, "made_up", made_up)
    monkeypatch.setattr(importing, "IMPORTERS", (*IMPORTERS, "made_up"))
    (tmp_path / "knee").mkdir()
    with pytest.raises(InputError, match=r"knee: holds no model that can be imported \(.*models with knee\.txt\)"):
        read_model(tmp_path / "knee", ImportOptions())
    (tmp_path / "knee" / "knee.txt").write_text("")
    assert read_model(tmp_path / "knee", ImportOptions()) is bundle


def test_an_error_in_an_archive_names_the_archive_and_not_where_it_was_unpacked(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("configs/inference.json", "{}")
        opened.writestr("models/README.md", "")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / "a.zip", ImportOptions())
    assert caught.value.problem.code == "bundle-without-metadata"
    assert caught.value.problem.fields["path"] == str(tmp_path / "a.zip" / "configs" / "metadata.json")
