"""A segment that encloses all others, such as the air around a head, is not shown in 3D views."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard, read_card
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.jobs.cards import adapted_card
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.sources.catalogue import bundled_folder

HEAD = ModelCard(2, "head", "Head", "", "mr", "head", (CardLabel(1, "air", in_3d=False), CardLabel(2, "bone")), ("MR",),
                 CardNetwork("monai-unet"), Preprocessing(None), (16, 16, 16), "", "", "")  # fmt: skip


@pytest.mark.parametrize("model", ["head-t1w", "head-robust"])
def test_the_air_of_a_head_model_is_in_slices_and_not_in_3d_views(scene, volume, model):
    """An opaque skin hides what is inside it: Slicer/Slicer#6506."""
    from TransferSegGui.segmentations import add_segmentation, card_styles
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.cases.volumes import Volume

    image = volume()
    labels = np.zeros((11, 9, 7), np.uint8)
    labels[2:5], labels[5:8], labels[8:10] = 1, 2, 3
    styles = card_styles(read_card(bundled_folder() / model), {})
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "found", image)
    shown = {styles[n].name: node.GetDisplayNode().GetSegmentVisibility3D(f"label-{n}") for n in (1, 2, 3)}
    assert shown == {"air": False, "soft tissue": True, "bone": True}
    assert node.GetDisplayNode().GetSegmentVisibility2DFill("label-1")


def test_a_persons_own_segment_that_is_shown_does_not_put_the_models_air_into_3d_views(scene):
    """Slicer shows each new segment in 3D, whether the person wants that or not: SlicerRt/SlicerRT#258."""
    from TransferSegGui.segmentations import Style, card_styles

    looks = card_styles(HEAD, {"air": Style("air", (1, 0, 0)), "bone": Style("bone", (0, 1, 0), in_3d=False)})
    assert [(look.color, look.in_3d) for look in looks.values()] == [((1, 0, 0), False), ((0, 1, 0), False)]


@pytest.mark.parametrize(("name", "in_3d"), [("Air", False), ("head", True)])
def test_an_adapted_model_hides_a_label_only_while_it_has_that_name(name, in_3d):
    """A label that merely begins from the weights of another is a new one. No public report found."""
    task = LabelTask((name,), (1,), {1: 1}, ((0,), (1,)))
    spec = JobSpec(3, "adapt", "/cases", (StrategyChoice("open"),), "open", source="/source")
    plan = SimpleNamespace(teach="labels", predicts_source_labels=False, mapping=object(), network_card=HEAD.network)
    target = SimpleNamespace(modality=None, channels=("MR",), licence=None)
    card = adapted_card(HEAD, task, target, plan, spec.strategies[0], cases=2, steps=1, patch_size=(16, 16, 16), spec=spec,
                        finished=True)  # fmt: skip
    assert [(label.name, label.in_3d) for label in card.labels] == [(name, in_3d)]
