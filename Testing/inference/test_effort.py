"""How often networks run over an image is known before they do."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import AsNnunet, InferenceSettings
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.inference.effort import Effort, effort_as_nnunet
from TransferSegLib.inference.nnunet_windows import nnunet_windows


def card(how: AsNnunet | None, members: int = 0, arguments: dict[str, str] | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        inference=replace(InferenceSettings(), as_nnunet=how),
        preprocessing=Preprocessing(spacing_mm=(1.0, 1.0, 2.0)),
        patch_size=(32, 32, 16),
        members=("fold",) * members,
        network=SimpleNamespace(arguments=arguments or {}),
        first_stage=None,
    )


@pytest.mark.parametrize("size", [(64, 64, 40), (20, 33, 16), (200, 31, 8)])
def test_the_windows_are_as_many_as_are_run(size):
    found = effort_as_nnunet(card(AsNnunet()), Grid.from_spacing(size, (1, 1, 2)))
    padded = [max(pair) for pair in zip(size, (32, 32, 16), strict=True)]
    assert found == Effort(len(nnunet_windows(padded, (32, 32, 16), None, ())), 1, 1)


def test_mirrored_copies_and_folds_multiply_and_the_image_is_counted_at_the_model_s_voxel_size():
    how = AsNnunet(mirror=("right", "anterior", "superior"))
    found = effort_as_nnunet(card(how, members=4), Grid.from_spacing((32, 64, 16), (1, 0.5, 2)))
    assert found == Effort(1, 8, 5) and found.runs == 40
    # Shown in the order of a sagittal file, its first axis is the one from left to right.
    turned = Grid((64, 33, 16), np.array([[0, 0, 2, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], float))
    assert effort_as_nnunet(card(AsNnunet(file_order=True)), turned).windows == 6
    assert effort_as_nnunet(card(AsNnunet()), turned).windows == 3
    assert effort_as_nnunet(card(None), Grid.from_spacing((32, 32, 16), (1, 1, 2))) is None


def test_of_a_network_of_slices_each_slice_has_windows_of_its_own():
    how = AsNnunet(order=("right", "superior", "anterior"))
    found = effort_as_nnunet(card(how, arguments={"plane": "sagittal"}), Grid.from_spacing((7, 48, 16), (1, 1, 2)))
    assert found == Effort(len(nnunet_windows((7, 48, 16), (1, 32, 16), 0, ())), 1, 1) == Effort(14, 1, 1)
