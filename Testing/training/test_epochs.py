"""What an epoch is: patches that cover a case, all slices of a 2D network, and the steps that follow."""

from __future__ import annotations

import pytest
from tiny_networks import TINY

from TransferSegLib.networks import build
from TransferSegLib.training.epochs import covering_starts, patch_for, patches_in_epoch, steps_per_epoch
from TransferSegLib.training.loop import steps_for
from TransferSegLib.training.options import TrainingOptions


def network(name: str, **arguments):
    return build(name, 1, 2, {**TINY[name], **arguments})


def test_the_patches_of_mecheter_2023_cover_a_volume_in_three_by_three():
    starts = covering_starts((256, 256, 48), (128, 128, 48), None)
    assert starts == ((0, 64, 128), (0, 64, 128), (0,))


@pytest.mark.parametrize(
    ("size", "patch", "axis", "expected"),
    [
        ((10, 4, 4), (4, 4, 4), None, (0, 2, 4, 6)),
        ((11, 4, 4), (4, 4, 4), None, (0, 2, 4, 5, 7)),
        ((3, 4, 4), (4, 4, 4), None, (0,)),
        ((5, 4, 4), (1, 4, 4), 0, (0, 1, 2, 3, 4)),
        ((5, 4, 4), (2, 4, 4), 0, (0, 2, 3)),
        ((5, 4, 4), (1, 4, 4), None, (0, 1, 2, 3, 4)),
    ],
)
def test_the_places_of_patches_leave_no_voxel_out(size, patch, axis, expected):
    starts = covering_starts(size, patch, axis)[0]
    assert starts == expected
    covered = {n + k for n in starts for k in range(patch[0])}
    assert covered >= set(range(size[0]))


@pytest.mark.parametrize(("scans", "steps"), [(10, 1500), (50, 7500), (100, 15000)])
def test_thirty_epochs_of_zoetmulder_2022_are_about_as_many_steps_as_in_the_paper(scans, steps):
    # The template has 182×218×182 voxels, and 29 axial slices of a stroke scan are dropped (§3.2).
    options = TrainingOptions(recipe="zoetmulder2022")
    sizes = [(182, 218, 153)] * scans
    sliced = network("segnet")
    patch = patch_for(options, (96, 96, 8), sizes, sliced)
    assert patch[2] == 1
    patches = patches_in_epoch(options, sizes, patch, sliced.slice_axis)
    assert patches == 153 * scans
    assert steps_for(options, patches, 32, None, "cpu") == pytest.approx(steps, rel=0.05)


def test_hossain_2023_has_its_steps_and_a_volume_in_each():
    options = TrainingOptions(recipe="hossain2023")
    sizes = [(40, 33, 20)] * 8
    patch = patch_for(options, (16, 16, 16), sizes, network("monai-unet"))
    patches = patches_in_epoch(options, sizes, patch, None)
    assert steps_for(options, patches, 1, None, "cpu") == 4620
    assert steps_per_epoch(patches, 1) == 8
    assert all(side >= extent for side, extent in zip(patch, sizes[0], strict=True))


def test_an_epoch_of_mecheter_2023_is_nine_patches_a_patient():
    options = TrainingOptions(recipe="mecheter2023")
    sizes = [(256, 256, 48)] * 8
    patch = patch_for(options, (48, 64, 48), sizes, network("mecheter2023"))
    assert patch == (128, 128, 48)
    patches = patches_in_epoch(options, sizes, patch, None)
    assert patches == 72
    assert steps_for(options, patches, 2, None, "cpu") == 200 * 36


def test_a_recipes_patch_is_no_larger_than_the_cases_and_a_persons_is_as_given():
    net = network("monai-unet")
    assert patch_for(TrainingOptions(recipe="karimi2021"), (8, 8, 8), [(32, 20, 200)], net) == (32, 20, 96)
    assert patch_for(TrainingOptions(patch_size=(96, 96, 96)), (8, 8, 8), [(32, 20, 200)], net) == (96, 96, 96)
    assert patch_for(TrainingOptions(), (8, 8, 8), [(4, 4, 4)], net) == (8, 8, 8)
    assert patch_for(TrainingOptions(patch_size=(0, 8, 0)), (8, 8, 8), [(12, 4, 4), (4, 4, 30)], net) == (12, 8, 30)


@pytest.mark.parametrize(
    ("plane", "expected"), [("axial", (32, 48, 1)), ("coronal", (32, 1, 40)), ("sagittal", (1, 48, 40))]
)
def test_slices_are_those_of_the_network_whoever_asks_for_them(plane, expected):
    for options in (TrainingOptions(recipe="mecheter2020"), TrainingOptions(patch_size=(0, 0, 1))):
        assert patch_for(options, (8, 8, 8), [(32, 48, 40)], network("segnet", plane=plane)) == expected


def test_so_many_patches_of_each_case_are_so_many():
    options = TrainingOptions(patches_per_epoch=5)
    assert patches_in_epoch(options, [(9, 9, 9), (90, 90, 90)], (8, 8, 8), None) == 10
    assert steps_per_epoch(10, 4) == 3
