"""Codes on cards, as DICOM files and Slicer's segments have them."""

from __future__ import annotations

import pytest

from TransferSegLib.core.card import read_card
from TransferSegLib.core.terminology import GENERIC, Code, terminology_of
from TransferSegLib.sources.catalogue import bundled_folder

LIVER = {"category": "SCT^123037004^Anatomical Structure", "type": "SCT^10200004^Liver"}


def test_an_entry_is_written_as_slicer_writes_it_on_a_segment():
    found = terminology_of({**LIVER, "modifier": "SCT^7771000^Left"})
    assert found.slicer_text == ("~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~SCT^7771000^Left~~^^~^^")


def test_a_region_and_its_side_stand_where_slicer_has_them():
    found = terminology_of({**LIVER, "region": "SCT^39607008^Lung", "region_modifier": "SCT^24028007^Right"})
    assert found.slicer_text.endswith("~SCT^10200004^Liver~^^~~SCT^39607008^Lung~SCT^24028007^Right")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"category": LIVER["category"]},
        {**LIVER, "type": "Liver"},
        {**LIVER, "type": "SCT^^Liver"},
        {**LIVER, "type": "SCT^10200004^Liver^more"},
        {**LIVER, "type": "SCT^10200004^Liver~"},
        {**LIVER, "type": "SCT^10200004^" + "x" * 65},
        {**LIVER, "category": "SCT^10200004\x07^Liver"},
    ],
)
def test_what_is_no_code_is_the_generic_one_of_a_tissue(entry):
    assert terminology_of(entry) is GENERIC
    assert GENERIC.type == Code("SCT", "85756007", "Tissue")


def test_every_label_of_a_model_that_ships_has_codes():
    cards = [read_card(folder) for folder in bundled_folder().iterdir() if (folder / "card.json").exists()]
    labels = [label for card in cards for label in card.labels]
    assert len(labels) >= 10
    assert [label.name for label in labels if terminology_of(label.terminology) is GENERIC] == []
