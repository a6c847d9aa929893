"""What a flag's text means."""

from __future__ import annotations

import pytest

from TransferSegLib.networks.choice import network_choice, network_text


@pytest.mark.parametrize("one", ["2", "2-"])
def test_a_list_of_one_number_may_be_written_as_the_number(one):
    assert network_choice(f"monai-unet:channels=4-8:strides={one}").arguments == {"channels": [4, 8], "strides": [2]}


def test_a_number_stays_one_where_the_network_takes_a_number_as_well():
    arguments = network_choice("swinunetr:window_size=7:feature_size=12").arguments
    assert arguments == {"window_size": 7, "feature_size": 12}


@pytest.mark.parametrize(
    "text",
    [
        "karimi2021",
        "monai-unet:channels=4-8:strides=2-:dropout=0.5:norm=batch",
        "dynunet:filters=4-8-16:strides=1x1x1-2x2x1-2x2x2:deep_supervision=false",
    ],
)
def test_a_network_is_written_as_it_is_read(text):
    network = network_choice(text)
    assert network_text(network) == text and network_choice(network_text(network)) == network
