"""Pairs of images by their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.from_other.pairs import pairs_by_name, patient_of
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid


def folder_of(folder: Path, *names: str) -> Path:
    for name in names:
        write_volume(folder / f"{name}.nii.gz", np.zeros((2, 2, 2)), Grid.from_spacing((2, 2, 2), (1, 1, 1)))
    return folder


def named(tmp_path: Path, mr: tuple[str, ...], ct: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    pairs, problems = pairs_by_name(folder_of(tmp_path / "mr", *mr), folder_of(tmp_path / "ct", *ct))
    return {pair.name: pair.moving.name for pair in pairs}, [problem.sentence for problem in problems]


def test_images_of_one_name_belong_together_and_others_are_told(tmp_path):
    pairs, told = named(tmp_path, ("p1", "p2", "p3"), ("p2", "p1", "p9"))
    assert pairs == {"p1": "p1", "p2": "p2"}
    assert len(told) == 2 and "`p3`" in told[0] and "`p9`" in told[1]


def test_words_that_say_what_an_image_shows_are_no_part_of_the_patient(tmp_path):
    pairs, told = named(tmp_path, ("sub-01_T1w", "sub-02_T1w"), ("sub-01_CT", "Sub-02_ct"))
    assert pairs == {"sub-01_T1w": "sub-01_CT", "sub-02_T1w": "Sub-02_ct"} and not told
    assert patient_of("P7_t2w_0000") == patient_of("p7-CT") != patient_of("p8-CT")


def test_two_images_that_may_both_be_the_partner_are_refused(tmp_path):
    with pytest.raises(InputError, match="pairs are not clear"):
        named(tmp_path, ("p1_T1w",), ("p1_CT", "p1_ct_image"))


def test_folders_without_any_pair_are_refused_with_their_names(tmp_path):
    with pytest.raises(InputError, match="`anna` and `bert`"):
        named(tmp_path, ("anna",), ("bert",))
