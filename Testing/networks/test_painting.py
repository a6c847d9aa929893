"""The scores of regions as scores of classes, and heads that become those of the other kind."""

from __future__ import annotations

import pytest
import torch

from TransferSegLib.core.regions import Region
from TransferSegLib.networks import build
from TransferSegLib.networks.painting import painted
from TransferSegLib.sources.mapping import variable_axes
from TransferSegLib.sources.region_heads import head_for_regions

# Whole, core and enhancing part as classes 2, 3 and 1.
NESTED = (Region(2, (1, 2, 3)), Region(3, (1, 3)), Region(1, (1,)))


def as_nnunet_paints(logits: torch.Tensor) -> torch.Tensor:
    """(R + 1, …): nnU-Net's `convert_probabilities_to_segmentation`: one region over the other where above 0.5."""
    found = torch.zeros(logits.shape[1:], dtype=torch.int64)
    for region in NESTED:
        found[torch.sigmoid(logits[region.number]) > 0.5] = region.number
    return found


def test_the_largest_score_is_the_region_that_nnu_net_paints_last():
    logits = 3 * torch.randn(5, 4, 6, 5, 4, generator=torch.Generator().manual_seed(0))
    scores = painted(logits, NESTED)
    for one, of_class in zip(logits, scores, strict=True):
        assert torch.equal(of_class.argmax(0), as_nnunet_paints(one))
    assert set(scores.argmax(1).unique().tolist()) == {0, 1, 2, 3}
    assert ((scores > 0).sum(1) == 1).all()


def test_labels_of_which_each_voxel_has_one_stay_as_they_are():
    logits = torch.randn(1, 4, 2, 2, 2)
    assert painted(logits, ()) is logits


def test_a_network_of_regions_gives_scores_of_classes_and_trains_on_those_of_regions():
    network = build("mecheter2023", 1, 4, {"channels": (2, 2, 4, 4)}).eval()
    image = torch.randn(1, 1, 32, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = network(image)
        network.regions = NESTED
        assert torch.equal(network(image), painted(plain, NESTED))
        assert torch.equal(network.forward_supervised(image)[0], plain)


@pytest.mark.parametrize("name", ["mecheter2023", "dynunet"])
def test_heads_become_those_of_the_other_kind_and_the_report_can_say_so(name):
    arguments = {"mecheter2023": {"channels": (2, 2, 4, 4)}, "dynunet": {"filters": (2, 4, 4, 4)}}[name]
    axes = variable_axes(name, arguments, "classes")
    torch.manual_seed(0)
    network = build(name, 1, 4, arguments).eval()
    image = torch.randn(1, 1, 32, 32, 32)

    def scores(state):
        network.load_state_dict(dict(state))
        with torch.no_grad():
            return network.forward_supervised(image)[0].double()

    state = {name: value.clone() for name, value in network.state_dict().items()}
    before = scores(state)
    for_regions, how = head_for_regions(state, axes, (), NESTED)
    assert how and set(how) == set(axes) and all("log-odds" in words for words in how.values())
    assert torch.allclose(scores(for_regions)[:, 1:], before[:, 1:] - before[:, :1], atol=1e-4)
    for_labels, how = head_for_regions(state, axes, NESTED, ())
    found = scores(for_labels)
    assert all("summed" in words for words in how.values()) and not found[:, 0].abs().max() > 1e-4
    assert torch.allclose(found[:, 1], before[:, 1:].sum(1), atol=1e-4)
    assert torch.allclose(found[:, 2], before[:, 2], atol=1e-4)
    assert head_for_regions(state, axes, NESTED, NESTED) == (state, {}) == head_for_regions(state, axes, (), ())


def test_where_each_region_lies_in_the_one_before_the_largest_sum_is_what_was_painted_last():
    # Scores that fall from the whole to its parts, as those of regions that lie in each other.
    drawn = torch.randn(1000, 3, generator=torch.Generator().manual_seed(1)).sort(1, descending=True).values
    logits = torch.zeros(1000, 4)
    logits[:, [2, 3, 1]] = drawn
    sums = torch.stack([torch.zeros(1000), logits[:, 1:].sum(1), logits[:, 2], logits[:, 2] + logits[:, 3]], dim=1)
    assert torch.equal(sums.argmax(1), painted(logits, NESTED).argmax(1))
