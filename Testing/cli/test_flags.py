"""What a flag's text means."""

from __future__ import annotations

import pytest

from TransferSegLib.networks.choice import network_choice


@pytest.mark.parametrize("one", ["2", "2-"])
def test_a_list_of_one_number_may_be_written_as_the_number(one):
    assert network_choice(f"monai-unet:channels=4-8:strides={one}").arguments == {"channels": [4, 8], "strides": [2]}


def test_a_number_stays_one_where_the_network_takes_a_number_as_well():
    arguments = network_choice("swinunetr:window_size=7:feature_size=12").arguments
    assert arguments == {"window_size": 7, "feature_size": 12}
