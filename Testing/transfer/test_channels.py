"""Which channels belong together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.transfer.channels import channel_sources, in_order_of


def cases(*channels: str) -> CaseSet:
    images = tuple(Path(f"{name}.nii.gz") for name in channels)
    return CaseSet("set", Path(), (Case("a", images, None),), {1: "bone"}, channels)


def card(*channels: str) -> ModelCard:
    return ModelCard(2, "head", "", "", "mr", "", (CardLabel(1, "bone"),), channels, CardNetwork("monai-unet"),
                     Preprocessing(None), (16, 16, 16), "", "", "")  # fmt: skip


@pytest.mark.parametrize(
    ("target", "source", "begins"),
    [
        (("FLAIR", "T1"), ("T1", "T2"), ((), (0,))),
        (("T2", "T1"), ("T1", "T2"), ((1,), (0,))),
        (("T1-weighted", "t2w"), ("T2", "T1"), ((1,), (0,))),
        (("T1", "FLAIR"), ("T1",), ((0,), ())),
        (("T2",), ("T1",), ((0,),)),
        (("image", "image2"), ("T1", "T2"), ((0,), (1,))),
        (("image 1", "image 2"), ("image", "image2"), ((0,), (1,))),
        (("T1", "T1"), ("T2", "T1"), ((0,), (1,))),
    ],
)
def test_a_channel_begins_from_the_one_of_its_name_and_never_from_that_of_another_that_is_there(target, source, begins):
    assert channel_sources(cases(*target), card(*source)) == begins


def test_the_sources_cases_come_in_the_order_of_the_targets_channels():
    data = in_order_of(cases("T2", "T1"), cases("T1", "T2"))
    assert data.channels == ("T2", "T1")
    assert [path.name for path in data.cases[0].images] == ["T2.nii.gz", "T1.nii.gz"]
    for same in (cases("image", "image 1"), cases("T2w", "t1")):
        assert in_order_of(cases("T2", "T1"), same) == same
    assert in_order_of(cases("T2"), cases("T1")) == cases("T1")


def test_a_case_that_lacks_an_image_is_left_as_it_is_for_the_checks():
    short = replace(cases("T1", "T2"), cases=(Case("a", (Path("T1.nii.gz"),), None),))
    assert in_order_of(cases("T2", "T1"), short).cases == short.cases


@pytest.mark.parametrize("channels", [("T1", "FLAIR"), ("T1",), ("T1", "T2", "FLAIR")])
def test_source_cases_of_other_channels_are_refused(channels):
    with pytest.raises(InputError, match="use cases with the same channels"):
        in_order_of(cases("T2", "T1"), cases(*channels))
