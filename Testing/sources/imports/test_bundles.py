"""MONAI bundles are read as data: layouts, names, texts, licences, references, and what is refused."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from bundle_changes import AS_MONAI, change, counted, imported, refused
from foreign_models import SPLEEN_PREPROCESSING, UNET, write_bundle

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.untrusted.configs import Config


@pytest.mark.parametrize(
    ("key", "expected", "noted"),
    [("channel_def", ("spleen",), False), ("label_def", ("spleen",), False), ("value_range", ("label 1",), True)],
)
def test_names_of_labels_are_found_or_it_is_said_that_there_are_none(tmp_path, key, expected, noted):
    write_bundle(tmp_path / "a")
    path = tmp_path / "a" / "configs" / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    output = metadata["network_data_format"]["outputs"]["pred"]
    output[key] = output.pop("channel_def")
    path.write_text(json.dumps(metadata))
    result = imported(tmp_path / "a")
    assert result.card.label_names == expected
    assert any("does not name all of its labels" in note for note in result.sentences) == noted


@pytest.mark.parametrize(
    ("written", "stands_for"),
    [
        ("$monai.utils.CommonKeys.IMAGE", "image"),
        ("$CommonKeys.LABEL", "label"),
        ("$monai.utils.enums.GridSampleMode.BILINEAR", "bilinear"),
    ],
)
def test_a_name_of_monais_stands_for_its_text_and_nothing_is_run(tmp_path, written, stands_for):
    path = tmp_path / "inference.json"
    path.write_text(json.dumps({"key": written, "other": "@key"}))
    assert Config(path).value("other") == stands_for


@pytest.mark.parametrize(
    "written", ["$monai.utils.CommonKeys.OTHER", "$os.CommonKeys.IMAGE", "$CommonKeys.IMAGE + 'x'"]
)
def test_what_is_no_name_of_monais_is_refused_as_an_expression(tmp_path, written):
    path = tmp_path / "inference.json"
    path.write_text(json.dumps({"key": written}))
    with pytest.raises(InputError, match="would have to be executed"):
        Config(path).value("key")


def test_the_card_says_what_the_bundle_says(tmp_path):
    write_bundle(tmp_path / "spleen_ct")
    card = imported(tmp_path / "spleen_ct").card
    assert (card.name, card.title, card.modality, card.body_part) == (
        "spleen_ct",
        "Spleen CT segmentation",
        "ct",
        "",
    )
    assert card.label_names == ("spleen",)
    assert card.channels == ("CT",)
    assert card.preprocessing == Preprocessing((1.5, 1.5, 2.0), "ct", (-57.0, 164.0), **AS_MONAI)
    assert card.patch_size == (32, 32, 32)
    assert (card.licence, card.commercial_use, card.citation) == ("Apache-2.0", True, "Xia et al. 2018")


def test_signs_in_the_texts_of_metadata_are_signs_and_not_references(tmp_path):
    write_bundle(tmp_path / "a")
    texts = {
        "name": "@ work",
        "description": "$5 million, by A. B. <a@b.org>",
        "data_source": "%-wise",
        "version": "@1",
        "references": ["C. D. <c@d.org>", "$x"],
    }
    change(
        tmp_path / "a",
        "metadata",
        lambda of: (of.update(texts), of["network_data_format"]["inputs"]["image"].update(modality="MR @ 3T")),
    )
    card = imported(tmp_path / "a").card
    assert (card.title, card.trained_on, card.made_by["version"]) == ("@ work", "%-wise", "@1")
    assert card.description.startswith("$5 million, by A. B. <a@b.org>")
    assert (card.citation, card.modality) == ("C. D. <c@d.org>; $x", "mr @ 3t")


def test_a_zip_of_a_bundle_and_a_folder_in_a_folder_import_alike(tmp_path):
    write_bundle(tmp_path / "outer" / "spleen_ct")
    (tmp_path / "outer" / "spleen_ct" / "scripts").mkdir()
    (tmp_path / "outer" / "spleen_ct" / "scripts" / "__init__.py").write_text("raise SystemExit('ran')")
    shutil.make_archive(str(tmp_path / "spleen"), "zip", tmp_path / "outer")
    cards = [imported(path).card for path in (tmp_path / "spleen.zip", tmp_path / "outer")]
    assert cards[0] == cards[1]


def test_yaml_is_read_as_json_is(tmp_path):
    write_bundle(tmp_path / "a")
    expected = imported(tmp_path / "a").card
    path = tmp_path / "a" / "configs" / "inference.json"
    (path.with_suffix(".yaml")).write_text(yaml.safe_dump(json.loads(path.read_text(encoding="utf-8"))))
    path.unlink()
    assert imported(tmp_path / "a").card == expected


def test_an_expression_is_refused_with_its_line_and_what_to_do(tmp_path):
    preprocessing = [{**t, "pixdim": "@pixdim"} if "pixdim" in t else t for t in SPLEEN_PREPROCESSING]
    pixdim = "$[1.5, 1.5, 1.5] if @highres else [3.0, 3.0, 3.0]"
    write_bundle(tmp_path / "a", preprocessing=preprocessing, config={"highres": True, "pixdim": pixdim})
    path = tmp_path / "a" / "configs" / "inference.json"
    line = next(
        n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if '"pixdim": "$' in text
    )
    sentence = refused(tmp_path / "a")
    assert sentence.startswith(f"{path}, line {line}, `pixdim`: `{pixdim}` would have to be executed")
    assert sentence.endswith("import it again, or give the voxel size as --spacing 1.5,1.5,1.5 does.")
    assert imported(tmp_path / "a", spacing_mm=(1.5, 1.5, 1.5)).card.preprocessing.spacing_mm == (1.5, 1.5, 1.5)


def test_a_dollar_before_a_bare_reference_is_a_reference(tmp_path):
    top = {"transforms": SPLEEN_PREPROCESSING, "preprocessing": {"_target_": "Compose", "transforms": "$@transforms"}}
    write_bundle(tmp_path / "a", config={**top, "network_def": {**UNET, "channels": "$@widths"}, "widths": [4, 8, 16]})
    card = imported(tmp_path / "a").card
    assert card.preprocessing.spacing_mm == (1.5, 1.5, 2.0)
    assert card.network.arguments["channels"] == [4, 8, 16]


def test_the_import_prints_what_became_of_each_tensor(tmp_path, capsys):
    write_bundle(tmp_path / "a")
    assert main(["sources", "import", str(tmp_path / "a"), "--json", "--name", "spleen"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["card"]["name"] == "spleen"
    assert printed["weights"]["share"] == 1.0
    assert {entry["status"] for entry in printed["weights"]["entries"]} == {"loaded"}


def test_lines_are_looked_for_only_where_something_is_refused_and_once(tmp_path, monkeypatch):
    write_bundle(tmp_path / "a")
    write_bundle(tmp_path / "b", config={"network_def": {**UNET, "adn_ordering": "DNA"}})
    calls = counted(monkeypatch)
    imported(tmp_path / "a")
    assert not calls
    config = Config(tmp_path / "b" / "configs" / "inference.json")
    assert len({config.where(("network_def", name)) for name in UNET}) == len(UNET)
    assert len(calls) == 1


@pytest.mark.parametrize("keys", [("preprocessing", "transforms", 4, "a_min"), ("network_def", "out_channels")])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_number_beyond_all_is_a_sentence_with_its_line(tmp_path, keys, suffix):
    write_bundle(tmp_path / "a")
    path = tmp_path / "a" / "configs" / "inference.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    holder = config
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = 10**400
    path.unlink()
    path = path.with_suffix(f".{suffix}")
    path.write_text(json.dumps(config, indent=4) if suffix == "json" else yaml.safe_dump(config), encoding="utf-8")
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "0" * 100 in text)
    assert f"inference.{suffix}, line {line}: a whole number of 401 digits" in refused(tmp_path / "a")


def test_what_is_left_out_is_noted_in_print_and_on_the_card(tmp_path, capsys):
    pad = {"_target_": "SpatialPadd", "keys": "image", "spatial_size": [64, 64, 64]}
    fill = {"_target_": "FillHolesd", "keys": "pred"}
    after = [{"_target_": "AsDiscreted", "keys": "pred", "argmax": True}, fill]
    write_bundle(tmp_path / "a", preprocessing=[*SPLEEN_PREPROCESSING, pad], config={"postprocessing": after})
    assert main(["sources", "import", str(tmp_path / "a"), "--name", "mine"]) == 0
    printed, description = capsys.readouterr().out, find_source("mine").card.description
    for words in ("SpatialPad is left out", "FillHoles, is left out"):
        assert words in printed
        assert words in description


def test_the_person_chooses_among_several_weights_and_configurations(tmp_path):
    write_bundle(tmp_path / "a")
    models, configs = tmp_path / "a" / "models", tmp_path / "a" / "configs"
    (models / "model.pt").rename(models / "fine.pt")
    shutil.copy(models / "fine.pt", models / "coarse.pt")
    (models / "model.ts").write_bytes(b"a program")
    assert "holds coarse.pt, fine.pt; choose one with --weights" in refused(tmp_path / "a")
    (configs / "inference.json").rename(configs / "inference_unet.json")
    assert "name one with --config" in refused(tmp_path / "a")
    assert imported(tmp_path / "a", weights="models/fine.pt", config="inference_unet.json").card.label_names == (
        "spleen",
    )


def test_a_licence_without_commercial_use_is_shown_as_such(tmp_path):
    write_bundle(tmp_path / "a")
    (tmp_path / "a" / "LICENSE").write_text("Creative Commons Attribution-NonCommercial 4.0 International")
    assert imported(tmp_path / "a").card.commercial_use is False


def test_a_licence_of_a_line_is_kept_as_it_is(tmp_path):
    write_bundle(tmp_path / "a")
    (tmp_path / "a" / "LICENSE").write_text("CC-BY-SA-4.0 (as its training data)\n")
    card = imported(tmp_path / "a").card
    assert (card.licence, card.commercial_use) == ("CC-BY-SA-4.0 (as its training data)", True)


def test_a_bundle_without_its_metadata_is_told_what_it_lacks(tmp_path):
    write_bundle(tmp_path / "b")
    (tmp_path / "b" / "configs" / "metadata.json").unlink()
    assert "metadata.json: no such file, and without it this is not a MONAI bundle" in refused(tmp_path / "b")


def test_a_bundle_says_which_file_was_read_instead_of_inference_json(tmp_path):
    write_bundle(tmp_path / "b")
    (tmp_path / "b" / "configs" / "inference.json").rename(tmp_path / "b" / "configs" / "train.json")
    assert any("was read from train.json" in note for note in imported(tmp_path / "b").sentences)
