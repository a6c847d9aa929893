"""The catalogue of public models: what each entry must state, its schema, its table, and how models are found in it."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.downloads import (
    LAYOUTS,
    PUBLIC_MODELS,
    broken_downloads,
    facts,
    find_download,
    is_of_publisher,
    list_all,
    list_downloads,
)
from TransferSegLib.sources.fetching import described, download_source
from TransferSegLib.sources.finding import Filter, find
from TransferSegLib.sources.structures import codes_of, structure_of, well_spelt, words_of

REPOSITORY = Path(__file__).resolve().parents[2]
FAMILIES = {"TotalSegmentator", "MRSegmentator", "MONAI model zoo", "MONAI Auto3DSeg", "CT-FM"}


def script(name: str) -> dict:
    return runpy.run_path(str(REPOSITORY / "docs" / name))


def public():
    return [entry for entry in list_all() if entry.family]


def found(words: str = "", **wanted) -> set[str]:
    return {hit.model.name for hit in find(list_all(), Filter(words, **wanted))}


def test_every_entry_of_the_catalogue_can_be_read_and_none_hides_another():
    assert broken_downloads() == []
    stated = json.loads(PUBLIC_MODELS.read_text(encoding="utf-8"))["entries"]
    assert len(stated) == len(public()) == len({entry.name for entry in public()})
    assert {entry.family for entry in public()} == FAMILIES


def test_every_file_is_at_its_publishers_own_address_or_has_a_sum():
    for entry in public():
        if not entry.needs_key:
            for file in entry.files():
                assert file.url.startswith("https://")
                assert is_of_publisher(file.url) or file.sum, file.name


def test_every_entry_states_where_its_licence_stands_and_what_to_cite():
    for entry in public():
        assert entry.licence_page.startswith("https://"), entry.name
        assert entry.citation and entry.modality in ("ct", "mr", "t2w") and entry.body_part
        assert entry.layout in LAYOUTS and entry.layout


def test_how_the_publisher_of_a_nnunet_model_turns_images_is_stated():
    turned = {entry.family: entry.orientation for entry in public() if entry.layout == "nnunet"}
    assert turned == {"TotalSegmentator": "RAS", "MRSegmentator": "LPS"}
    entry = find_download("totalsegmentator-body")
    assert entry is not None and facts(entry)["orientation"] == "its publisher turns images to RAS first"


def test_of_totalsegmentators_models_the_one_that_forbids_commercial_use_says_so():
    forbidden = {entry.name for entry in public() if entry.commercial_use is False}
    assert forbidden == {"totalsegmentator-brain-aneurysm"}
    entry = find_download("totalsegmentator-brain-aneurysm")
    assert entry is not None and "NOT allowed" in facts(entry)["licence"]


def test_a_licence_that_nobody_stated_is_not_made_up():
    entry = find_download("totalsegmentator-total-v3")
    assert entry is not None
    assert (entry.licence, entry.commercial_use) == ("", None)
    assert facts(entry)["licence"] == "not stated; commercial use: unknown"


def test_what_needs_a_key_is_listed_with_the_reason_and_not_downloaded(capsys):
    name, words = "totalsegmentator-tissue-types", "gives it out only for a key"
    entry = find_download(name)
    assert entry is not None and entry not in list_downloads()
    with pytest.raises(InputError, match=words):
        download_source(entry)
    assert main(["sources", "show", name]) == 0
    printed = capsys.readouterr().out
    assert words in printed and "fetches it" not in printed
    assert main(["sources", "download", name]) == 2
    assert words in capsys.readouterr().err
    listed = next(one for one in listed_as_json(capsys)["not_usable_yet"] if one["name"] == name)
    assert words in listed["obstacle"]


def listed_as_json(capsys, *flags: str) -> dict:
    assert main(["sources", "list", "--json", *flags]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_whole_body_at_full_resolution_is_one_entry_of_five_files():
    entry = find_download("totalsegmentator-total")
    assert entry is not None
    assert [part.name for part in entry.parts] == ["organs", "vertebrae", "cardiac", "muscles", "ribs"]
    assert sorted(label for part in entry.parts for label in part.labels) == sorted(entry.labels)
    assert entry.total_bytes == sum(part.size_bytes or 0 for part in entry.parts) == 1_169_624_951
    part = find_download("totalsegmentator-total-muscles")
    assert part is not None and "femur_left" in part.labels and part.url.endswith("1559subj.zip")


def test_a_stated_sum_says_who_states_it():
    entry = find_download("totalsegmentator-total-3mm")
    assert entry is not None
    assert facts(entry)["SHA-256"] == (
        "0baa2c8de2975600eb31801dd5c1825cd2b356f794498659cf3348714c073394, stated by fohofmann/BodyComposition and others"
    )
    assert entry.size_bytes == 135_386_075


def test_only_the_newest_version_of_a_model_is_listed_and_an_older_one_is_known(capsys):
    names = {entry["name"] for entry in listed_as_json(capsys)["to_download"]}
    assert "auto3dseg-lungs-v2.0.1" in names and "auto3dseg-lungs-v1.2.0" not in names
    older = find_download("auto3dseg-lungs-v1.2.0")
    assert older is not None and older.replaced_by == "auto3dseg-lungs-v2.0.1" and older.labels == ()


def test_the_table_in_the_documentation_is_that_of_the_catalogue():
    made = script("make_catalogue.py")
    again = "run python docs/make_catalogue.py --tables"
    assert made["PAGE"].read_text(encoding="utf-8") == made["page_text"](), again


def test_the_lists_that_ship_are_as_the_published_schema_says():
    jsonschema = pytest.importorskip("jsonschema")
    made = script("make_schema.py")
    text = made["CATALOGUE_SCHEMA"].read_text(encoding="utf-8")
    assert text == made["catalogue_schema_text"](), "run python docs/make_schema.py"
    for path in (PUBLIC_MODELS, PUBLIC_MODELS.with_name("downloads.json")):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), json.loads(text))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": 1, "entries": [{"name": "knee"}]}, json.loads(text))


@pytest.mark.parametrize("words", ["femur", "thigh bone", "thighbone", "left femur", "femur ct"])
def test_a_structure_is_found_by_any_of_its_names(words):
    assert {"totalsegmentator-total", "auto3dseg-whole-body-v2.0.1"} <= found(words)
    assert "totalsegmentator-liver-segments" not in found(words)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("heart MRI", "heart-cine-mr"),
        ("cardiac", "heart-cine-mr"),
        ("hippocampus MRI", "hippocampus-t1w"),
        ("head t2w", "head-robust"),
    ],
)
def test_modalities_and_body_parts_are_found_by_what_else_they_are_called(words, name):
    shipped = [find_source(one).card for one in ("heart-cine-mr", "hippocampus-t1w", "head-robust", "head-t1w")]
    hits = [hit.model.name for hit in find([*shipped, *list_all()], Filter(words))]
    assert name in hits and ("head-t1w" not in hits or words != "head t2w")


def test_words_must_be_of_one_label():
    assert "totalsegmentator-total" in found("kidney left")
    assert "totalsegmentator-body" not in found("left femur")
    (hit,) = [hit for hit in find(list_all(), Filter("left kidney")) if hit.model.name == "totalsegmentator-total-mr"]
    assert hit.labels == ("kidney_left",)


def test_a_whole_word_counts_before_the_beginning_of_one():
    cards = [find_source("hippocampus-robust").card, *list_all()]
    assert "hippocampus-robust" not in {hit.model.name for hit in find(cards, Filter("hip"))}
    assert {hit.model.name for hit in find(cards, Filter("hippoc"))} >= {"hippocampus-robust"}


def test_british_and_plural_words_are_the_same():
    assert found("oesophagus") == found("esophagus") != set()
    assert found("kidneys") == found("kidney")
    assert words_of("Vertebrae, haemorrhage of the tumours") == words_of("vertebra hemorrhage tumor")


def test_filters_leave_out_what_is_not_wanted():
    assert "totalsegmentator-total-mr" in found("femur", modality="mr")
    assert "totalsegmentator-total" not in found("femur", modality="mr")
    assert "monai-prostate-t2w" in found(modality="mr")
    assert found("femur", commercial=True) < found("femur")
    assert {find_download(name).body_part for name in found(body_part="abdomen")} >= {"abdomen", "chest and abdomen"}  # type: ignore[union-attr]


def test_what_nobody_segments_is_said_not_to_be_there(capsys):
    assert main(["sources", "list", "--find", "unicorn"]) == 0
    assert capsys.readouterr().out == "No model is like that. `transferseg sources list` shows all.\n"
    assert listed_as_json(capsys, "--find", "unicorn")["nearest"] == []


@pytest.mark.parametrize(
    ("words", "near"),
    [("kidny", "kidney"), ("left kidny", "left kidney"), ("femr ct", "femur ct"), ("kneecp", "kneecap")],
)
def test_words_that_nobody_has_are_answered_with_the_nearest_that_find_a_model(words, near, capsys):
    assert main(["sources", "list", "--find", words]) == 0
    said = capsys.readouterr().out
    assert "Nearest words: `" in said and f"`{near}`" in said
    assert near in listed_as_json(capsys, "--find", words)["nearest"]
    assert found(near) and not found(words)
    assert near not in listed_as_json(capsys, "--find", words, "--modality", "t2w")["nearest"]


@pytest.mark.parametrize(
    ("short", "model", "label"),
    [
        ("LV", "totalsegmentator-heartchambers-highres", "heart_ventricle_left"),
        ("lv", "monai-ventricles-mr", "lv_pool"),
        ("RV", "totalsegmentator-heartchambers-highres", "heart_ventricle_right"),
        ("LA", "totalsegmentator-heartchambers-highres", "heart_atrium_left"),
        ("RA", "totalsegmentator-heartchambers-highres", "heart_atrium_right"),
        ("LVOT", "totalsegmentator-aortic-sinuses", "left_ventricular_outflow_tract"),
        ("IVC", "mrsegmentator", "inferior_vena_cava"),
        ("AA", "totalsegmentator-total", "aorta"),
        ("SMA", "totalsegmentator-renal-arteries", "superior_mesenteric_artery"),
        ("ICA", "totalsegmentator-headneck-bones-vessels", "internal_carotid_artery_left"),
        ("ET", "monai-brain-tumor-mr", "enhancing tumor"),
        ("TZ", "auto3dseg-prostate-v1.0.1", "Transition zone of prostate"),
    ],
)
def test_what_radiologists_shorten_is_found(short, model, label):
    hits = {hit.model.name: hit.labels for hit in find(list_all(), Filter(short))}
    assert label in hits[model]


@pytest.mark.parametrize(
    ("short", "label"),
    [
        ("LV", "left ventricle"),
        ("WM", "white matter"),
        ("GM", "Grey Matter"),
        ("CSF", "CSF"),
        ("GTV", "gross tumour volume"),
    ],
)
def test_what_is_shortened_is_found_in_a_models_own_labels_and_they_get_no_code_by_it(short, label):
    card = replace(find_source("heart-cine-mr").card, name="own", title="", labels=(CardLabel(1, label),))
    assert [hit.labels for hit in find([card], Filter(short))] == [(label,)]
    assert codes_of(label) is None


def test_a_label_that_its_publisher_misspelt_is_found_and_shown_as_it_is_spelt():
    entry = find_download("monai-abdomen-ct-swin")
    assert entry is not None and "Left Kidney" in entry.labels
    assert entry.name in found("left kidney") and entry.name in found("left kideny")
    card = find_source("head-t1w").card
    labels = tuple(CardLabel(n, name) for n, name in enumerate(["Right Kidney", "Left Kideny"], start=1))
    read = replace(card, labels=labels, inference=replace(card.inference, largest_component=("Left Kideny",)))
    assert find([read], Filter("left kidney"))[0].labels == ("Left Kideny",)
    assert codes_of("Left Kideny") == codes_of("Left Kidney") is not None
    kept = described(read, entry, {})
    assert kept.label_names == ("Right Kidney", "Left Kidney") and kept.inference.largest_component == ("Left Kidney",)
    assert well_spelt("LEFT KIDENY") == "LEFT Kidney" and well_spelt("kideny_left") == "kidney_left"


def test_the_list_shows_the_labels_that_were_found(capsys):
    assert main(["sources", "list", "--find", "thigh bone", "--modality", "mr"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("totalsegmentator-total-mr ") and " femur_left, femur_right " in line for line in lines)
    assert not any(line.startswith("totalsegmentator-total ") for line in lines)


def test_models_that_are_here_are_found_and_the_filter_shows_them_alone(capsys):
    assert main(["sources", "list", "--here", "--find", "hippocampus"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert "hippocampus-robust" in names and not any(name.startswith("totalsegmentator") for name in names)


@pytest.mark.parametrize(
    ("label", "type_", "modifier"),
    [
        ("kidney_left", "SCT^64033007^Kidney", "SCT^7771000^Left"),
        ("Right Kidney", "SCT^64033007^Kidney", "SCT^24028007^Right"),
        ("LeftKidney", "SCT^64033007^Kidney", "SCT^7771000^Left"),
        ("heart_atrium_left", "SCT^82471001^Left atrium", None),
        ("rib_right_3", "SCT^25888004^Third rib", "SCT^24028007^Right"),
        ("Left Upper lobe of lung", "SCT^45653009^Upper lobe of lung", "SCT^7771000^Left"),
    ],
)
def test_a_label_has_the_code_of_its_structure_and_of_its_side(label, type_, modifier):
    codes = codes_of(label)
    assert codes is not None
    assert (codes["type"], codes.get("modifier")) == (type_, modifier)


def test_a_cyst_is_coded_with_the_organ_it_is_in():
    codes = codes_of("kidney_cyst_right")
    assert codes == {
        "category": "SCT^49755003^Morphologically Altered Structure",
        "type": "SCT^367643001^Cyst",
        "region": "SCT^64033007^Kidney",
        "region_modifier": "SCT^24028007^Right",
    }


@pytest.mark.parametrize("label", ["pelvis", "spine", "IVC", "hippocampus 2", ""])
def test_a_label_that_is_only_a_synonym_or_unknown_gets_no_code(label):
    assert codes_of(label) is None


def test_most_labels_of_the_whole_body_have_a_code():
    entry = find_download("totalsegmentator-total")
    assert entry is not None
    assert all(structure_of(label) for label in entry.labels)
    assert [label for label in entry.labels if codes_of(label) is None] == []


def test_a_downloaded_card_has_what_the_catalogue_says_and_keeps_its_own_codes():
    entry = find_download("totalsegmentator-cerebral-bleed")
    assert entry is not None
    card = find_source("hippocampus-robust").card
    bleed = CardLabel(9, "intracerebral_hemorrhage")
    made = described(
        card.__class__(**{**card.__dict__, "labels": (*card.labels, bleed)}), entry, {"downloaded_from": "x"}
    )
    assert (made.name, made.licence, made.commercial_use) == (entry.name, "Apache-2.0", True)
    assert made.labels[:-1] == card.labels
    assert made.labels[-1].terminology == codes_of("intracerebral_hemorrhage")
    assert made.description.endswith("Its publisher first crops images to brain; what it finds elsewhere means little.")
    assert made.sample == "" and described(made, replace(entry, sample="CTChest"), {}).sample == "CTChest"
