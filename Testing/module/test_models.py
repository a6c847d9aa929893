"""The source models in the panel: what each is for, and how others come in."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
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


def test_each_line_of_the_list_says_what_its_model_is_for(panel):
    combo = panel.ui.sourceModelComboBox
    lines = {combo.itemData(n): combo.itemText(n) for n in range(combo.count)}
    assert lines["hippocampus-t1w"].endswith(
        " · T1-weighted MR, brain (hippocampus) · Anterior, Posterior · CC-BY-SA-4.0 (as its training data) · Dice 0.88"
    )
    assert lines["monai-whole-body-ct-3mm"].startswith("To download: 104 structures of the whole body on CT, 3 mm")
    assert lines["monai-whole-body-ct-3mm"].endswith(" · CT, whole body · 104 structures · Apache-2.0")
    view = combo.view()
    widest = max(view.fontMetrics().horizontalAdvance(text) for text in lines.values())
    assert min(widest, 960) < view.minimumWidth <= 1000


def test_a_sentence_about_a_model_that_is_not_there_ends_with_another_choice(panel):
    panel.parameters.source = "gone"
    panel.refresh()
    assert "“gone” is not on this computer" in panel.ui.modelStatusLabel.text
    panel.parameters.source = "tiny"
    panel.refresh()
    assert panel.ui.modelStatusLabel.text == ""


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
    assert "“tiny”" in said and str(place / "models" / "tiny") in said
    assert "tensors loaded" in said and "100 % of the network's values" in said
    assert panel.ui.modelStatusLabel.isVisibleTo(panel.ui.sourceModelContents)
    assert (place / "models" / "tiny" / "card.json").is_file()
    page = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert "`card.json` in the same folder" in page and "`.ckpt`" in page


def test_what_became_of_a_model_s_weights_is_said_in_the_person_s_language(scene, monkeypatch):
    from TransferSegGui import words
    from TransferSegGui.source_section import kept_text

    from TransferSegLib.core.problems import Problem
    from TransferSegLib.sources.mapping import MappedTensor, MappingReport

    entries = (MappedTensor("a", "loaded", ""), MappedTensor("b", "unused", "2×3 in the weights"))
    notes = (
        Problem(
            "weights-twice",
            "The file has weights in `{taken}` and {others:`}.",
            {"taken": "a", "others": ["b"]},
            "note",
        ),
        Problem(
            "no-spacing", "Images keep their own voxel size ({option} gives one).", {"option": "--spacing"}, "note"
        ),
        Problem("nnunet-order-of-file", "as `segment --no-as-nnunet` does", {"by": "SimpleITKIO"}, "note"),
    )
    facts = {"name": "knee", "title": "Knee", "folder": "/models/knee", "notes": [note.sentence for note in notes]}
    facts["findings"] = [note.to_json() for note in notes]
    output = json.dumps({**facts, "card": {}, "weights": MappingReport(entries, 0.5).summary()})
    german = {
        "{count} {count:~tensor|tensors} loaded": "{count} {count:~Tensor|Tensoren} geladen",
        "{count} of the file not used": "{count} der Datei nicht verwendet",
        "The file has weights in `{taken}` and {others:`}.": "Die Datei hat Gewichte in `{taken}` und {others:`}.",
        "{parts}: {share} of the network's values come from the source.": "{parts}: {share} der Werte von der Quelle.",
    }
    monkeypatch.setattr(words, "translate", lambda context, text: german.get(text, text))
    assert kept_text(output).splitlines() == [
        "“knee” (Knee) is now in /models/knee.",
        "1 Tensor geladen, 1 der Datei nicht verwendet: 50 % der Werte von der Quelle.",
        "Die Datei hat Gewichte in “a” und “b”.",
        "Images keep their own voxel size (“--spacing” on the command line gives one).",
        "nnU-Net shows it the voxels in the order of the file (SimpleITKIO), and so does Apply. Which orientation its "
        "training images had is not recorded, so jobs show it right, anterior, superior.",
    ]
    assert len(kept_text(json.dumps({**facts, "card": {}, "weights": None})).splitlines()) == 4


def test_a_checkpoint_without_a_card_is_refused_in_words(panel, tmp_path, monkeypatch):
    import qt

    from TransferSegLib.core.errors import InputError

    (tmp_path / "best.pth").write_bytes(b"weights")
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: "")
    with pytest.raises(InputError, match=r"best\.pth: bare weights need a card .* put a card\.json beside them"):
        panel.source_section.add(tmp_path / "best.pth")


def test_no_card_is_asked_for_of_a_file_that_holds_no_weights(panel, tmp_path, monkeypatch):
    import qt

    from TransferSegLib.core.errors import InputError

    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: pytest.fail("a card was asked for"))
    (tmp_path / "best.pth").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    with pytest.raises(InputError, match="is a Git LFS pointer"):
        panel.source_section.add(tmp_path / "best.pth")
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 cut off")
    from TransferSegGui.dependencies import packages_of_model

    assert packages_of_model(tmp_path / "cut.zip") == ()


def test_a_chosen_checkpoint_of_a_bundle_or_of_a_fold_is_the_one_that_is_imported(panel, tmp_path, monkeypatch):
    import qt

    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: pytest.fail("a card was asked for"))
    from TransferSegGui.source_section import model_of

    asked = []
    monkeypatch.setattr(panel.source_section, "_run", lambda arguments, *_: asked.append((arguments, _[1])))
    for mark, part in (
        ("bundle/configs/metadata.json", "bundle/models/other.pt"),
        ("nnunet/plans.json", "nnunet/fold_1/checkpoint_final.pth"),
    ):
        for file in (mark, part):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_bytes(b"PK")
        panel.source_section.add(model_of(tmp_path / part))
    assert [arguments for arguments, _ in asked] == [
        ["import", str(tmp_path / "bundle" / "models" / "other.pt")],
        ["import", str(tmp_path / "nnunet" / "fold_1" / "checkpoint_final.pth")],
    ]
    assert asked[1][1][0].startswith("dynamic-network-architectures")
    assert model_of(tmp_path / "alone" / "best.pth") == tmp_path / "alone" / "best.pth"


def test_the_licence_is_the_first_that_is_said_of_a_model_and_the_address_is_short(scene, tiny):
    from TransferSegGui.offers import card_html, download_html

    from TransferSegLib.sources.catalogue import find_source
    from TransferSegLib.sources.downloads import list_downloads

    for entry in list_downloads():
        names = re.findall("<i>(.*?)</i>", download_html(entry))
        assert names[:2] == ["Licence", "Size"] and all(name[0].isupper() for name in names)
        address = re.search("<i>From</i></td><td>(.*?)<", download_html(entry))[1]
        assert len(address) < 120 and address.endswith(entry.files()[0].url.rpartition("/")[2])
    assert re.findall("<i>(.*?)</i>", card_html(find_source(tiny)))[0] == "Licence"


def test_a_model_s_page_says_what_is_done_with_the_labels_that_it_finds(scene, tiny):
    from TransferSegGui.offers import card_html

    from TransferSegLib.sources.catalogue import find_source

    model = find_source(tiny)
    assert "Changes labels" not in card_html(model)
    name = model.card.label_names[0]
    inference = replace(model.card.inference, largest_component=(name,), fill_holes=(name,))
    page = card_html(replace(model, card=replace(model.card, inference=inference)))
    said = re.search("<i>Changes labels</i></td><td>(.*?)</td>", page)[1]
    assert said.startswith(
        f"Of “{name}” the largest piece alone is kept: where an image has several, the others are removed."
    )
    assert said.endswith(f"Holes in “{name}” are filled.")


def test_long_names_of_models_and_jobs_are_shortened_and_tell_the_whole(panel, heads):
    import qt
    from all_steps import take_all_steps

    heads(2)
    panel.ui.addFromSceneButton.click()
    take_all_steps(panel.create_job())
    panel.run_section.list_again()
    for combo in (panel.ui.sourceModelComboBox, panel.ui.jobsComboBox):
        assert combo.elideMode == qt.Qt.ElideRight.value
        assert all(combo.itemData(n, qt.Qt.ToolTipRole) for n in range(combo.count)) and combo.count
    assert panel.ui.jobsComboBox.itemData(0, qt.Qt.ToolTipRole) == panel.ui.jobsComboBox.itemText(0)
