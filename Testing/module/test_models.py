"""The source models in the panel: what each is for, and how others come in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_each_model_in_the_list_says_in_its_tooltip_what_it_is_for(panel):
    import qt

    from TransferSegLib.sources.catalogue import find_source
    from TransferSegLib.sources.downloads import list_downloads

    combo = panel.ui.sourceModelComboBox
    tips = {combo.itemData(n): combo.itemData(n, qt.Qt.ToolTipRole) for n in range(combo.count)}
    card = find_source("hippocampus-t1w").card
    for fact in (card.title, *card.label_names, card.modality, card.body_part, card.licence, "Dice"):
        assert fact in tips["hippocampus-t1w"], fact
    for entry in list_downloads():
        assert entry.licence in tips[entry.name]
    assert "tiny" in combo.toolTip


def test_a_checkpoint_comes_in_with_its_card_and_says_what_became_of_the_tensors(
    panel, place, tiny, runtime, monkeypatch
):
    import qt

    own = place / "checkpoint"
    own.mkdir()
    shutil.copy(place / "models" / tiny / "card.json", own)
    shutil.copy(place / "models" / tiny / "weights.safetensors", own / "best.safetensors")
    asked = []

    def choose(_parent, _title, _folder, kinds):
        asked.append(kinds)
        return str(own / "best.safetensors")

    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", choose)
    shutil.rmtree(place / "models" / tiny)
    panel.ui.addModelButton.click()
    assert all(f"*{ending}" in asked[0] for ending in (".pt", ".pth", ".ckpt", ".safetensors", ".zip"))
    runtime.wait_until(lambda: panel.source_section._adding is None, 60)
    said = panel.ui.modelStatusLabel.text
    assert "imported `tiny`" in said and "tensors loaded" in said and "100 % of the network's values" in said
    assert panel.ui.modelStatusLabel.isVisibleTo(panel.ui.sourceModelSection)
    assert (place / "models" / "tiny" / "card.json").is_file()
    page = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert "`card.json` in the same folder" in page and "`.ckpt`" in page


def test_a_checkpoint_without_a_card_is_refused_in_words(panel, tmp_path, monkeypatch):
    import qt

    from TransferSegLib.errors import InputError

    (tmp_path / "best.pth").write_bytes(b"weights")
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: "")
    with pytest.raises(InputError, match=r"best\.pth: bare weights need a card .* put a card\.json beside them"):
        panel.source_section.add(tmp_path / "best.pth")


def test_a_checkpoint_of_a_bundle_or_of_nnunet_stands_for_the_whole(scene, tmp_path):
    from TransferSegGui.source_section import model_of

    for mark in ("bundle/configs/metadata.json", "nnunet/plans.json"):
        (tmp_path / mark).parent.mkdir(parents=True)
        (tmp_path / mark).touch()
    assert model_of(tmp_path / "bundle" / "models" / "model.pt") == tmp_path / "bundle"
    assert model_of(tmp_path / "nnunet" / "fold_0" / "checkpoint_final.pth") == tmp_path / "nnunet"
    assert model_of(tmp_path / "alone" / "best.pth") == tmp_path / "alone" / "best.pth"
