"""What a trained model is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.texts import as_name
from TransferSegLib.jobs.cards import _adapted_title, card_for_new

HEAD = ModelCard(2, "head-t1w", "Head on MR", "", "mr", "head", (CardLabel(1, "Bone"), CardLabel(2, "air")), ("MR",),
                 CardNetwork("monai-unet"), Preprocessing(None), (16, 16, 16), "", "", "")  # fmt: skip


def test_a_model_is_titled_by_what_it_was_adapted_from_once_or_by_labels_of_its_own():
    once = _adapted_title(HEAD, [CardLabel(1, "bone")], "ct", "8 cases")
    assert once == "Head on MR, adapted to 8 cases of CT"
    for before in (once, "Head on MR, adapted"):  # as version 0.1.0 titled it
        again = _adapted_title(replace(HEAD, title=before), [CardLabel(1, "bone")], "mr", "1 case")
        assert again == "Head on MR, adapted to 1 case"
    others = _adapted_title(HEAD, [CardLabel(1, "bone"), CardLabel(2, "core")], "t2w", "8 cases")
    assert others == "bone, core (adapted from head-t1w to 8 cases of T2W)"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Schädel Köpfe-segmentation", "Schadel-Kopfe-segmentation"),
        ("Füße", "Fusse"),
        ("../a b.", "a-b"),
        ("膝", "model"),
        ("膝 MR", "MR"),
    ],
)
def test_names_are_in_plain_letters(text, name):
    assert as_name(text, "model") == name


def test_options_of_a_network_that_build_nothing_are_refused_before_it_is_built():
    with pytest.raises(InputError, match="argument `channels` must be at least 1; correct the network's options"):
        card_for_new(CardNetwork("monai-unet", {"channels": [8, 0], "strides": [2]}), None, None)
