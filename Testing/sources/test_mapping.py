from __future__ import annotations

import copy
import json

import pytest
import torch
from rounding import assert_same
from torch import nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.sources.mapping import map_weights, variable_axes


class Tiny(nn.Module):
    """An input convolution, then a tail as MONAI's UNet has it: to the classes (transposed), then from class to class."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv3d(channels, 4, 3, padding=1)
        self.norm = nn.BatchNorm3d(4)
        self.up = nn.ConvTranspose3d(4, classes, 1)
        self.up_norm = nn.BatchNorm3d(classes)
        self.last = nn.Conv3d(classes, classes, 1)

    def forward(self, x):
        return self.last(self.up_norm(self.up(self.norm(self.first(x)))))


CHANNEL_AXES = {"first.weight": (1,)}
CLASS_AXES = {"up.weight": (1,), "up.bias": (0,), "last.weight": (0, 1), "last.bias": (0,)}
CLASS_AXES |= {f"up_norm.{name}": (0,) for name in ("weight", "bias", "running_mean", "running_var")}


def identity(count: int) -> tuple[tuple[int, ...], ...]:
    return tuple((n,) for n in range(count))


def tiny(channels: int = 1, classes: int = 3, seed: int = 0) -> Tiny:
    torch.manual_seed(seed)
    network = Tiny(channels, classes)
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.rand_like(value) + (0.5 if name.endswith("var") else -0.5))
    return network.eval()


def transfer(source, target, classes=None, channels=None, **options):
    return map_weights(
        target,
        source.state_dict() if isinstance(source, nn.Module) else source,
        class_axes=CLASS_AXES,
        channel_axes=CHANNEL_AXES,
        source_classes=identity(target.last.out_channels) if classes is None else classes,
        source_channels=identity(target.first.in_channels) if channels is None else channels,
        **options,
    )


def statuses(report) -> dict[str, str]:
    return {entry.name: entry.status for entry in report.entries}


def test_axes_that_follow_classes_and_channels_are_found_by_building_twice():
    arguments = {"channels": [4, 8], "strides": [2], "norm": "BATCH"}
    head = "net.model.2"
    classes = variable_axes("monai-unet", arguments, "classes")
    assert classes == {
        f"{head}.0.conv.weight": (1,),
        f"{head}.0.conv.bias": (0,),
        f"{head}.0.adn.N.weight": (0,),
        f"{head}.0.adn.N.bias": (0,),
        f"{head}.0.adn.N.running_mean": (0,),
        f"{head}.0.adn.N.running_var": (0,),
        f"{head}.1.conv.unit0.conv.weight": (0, 1),
        f"{head}.1.conv.unit0.conv.bias": (0,),
    }
    channels = variable_axes("monai-unet", arguments, "channels")
    assert channels == {"net.model.0.conv.unit0.conv.weight": (1,), "net.model.0.residual.weight": (1,)}


def test_the_same_network_is_loaded_whole():
    source, target = tiny(seed=1), tiny(seed=2)
    report = transfer(source, target, minimum_share=1.0)
    assert set(statuses(report).values()) == {"loaded"}
    assert report.share == 1.0
    assert all(torch.equal(value, source.state_dict()[name]) for name, value in target.state_dict().items())
    assert (
        report.sentence()
        == f"{len(source.state_dict())} tensors loaded: 100 % of the network's values come from the source."
    )
    assert report.lines() == [report.sentence()]


def test_permuted_classes_give_permuted_outputs():
    source, target = tiny(seed=1), tiny(seed=2)
    report = transfer(source, target, classes=((0,), (2,), (1,)))
    x = torch.randn(1, 1, 4, 4, 4)
    assert_same(target(x), source(x)[:, [0, 2, 1]])
    assert report.share == 1.0
    how = {entry.name: entry.how for entry in report.entries}
    assert how["up.bias"] == "classes rearranged: class 1 begins as the source's 2, class 2 begins as the source's 1"


def test_fewer_classes_take_the_rows_of_those_that_stay():
    source, target = tiny(seed=1), tiny(classes=2, seed=2)
    report = transfer(source, target, classes=((0,), (2,)))
    assert torch.equal(target.up.weight, source.up.weight[:, [0, 2]])
    assert torch.equal(target.up_norm.running_var, source.up_norm.running_var[[0, 2]])
    assert torch.equal(target.last.weight, source.last.weight[[0, 2]][:, [0, 2]])
    assert statuses(report)["last.weight"] == "adapted"
    how = {entry.name: entry.how for entry in report.entries}
    assert how["up.weight"] == "reduced from 3 to 2 classes: class 1 begins as the source's 2, the source's 1 left out"


def test_merged_classes_take_the_mean_of_their_rows_and_read_as_much_as_before():
    source, target = tiny(seed=1), tiny(classes=2, seed=2)
    report = transfer(source, target, classes=((0,), (1, 2)))
    assert torch.allclose(target.up.bias, torch.stack([source.up.bias[0], source.up.bias[1:].mean()]))
    assert torch.allclose(target.up_norm.weight[1], source.up_norm.weight[1:].mean())
    rows = torch.stack([source.last.weight[0], source.last.weight[1:].mean(0)])
    columns = torch.stack([rows[:, 0], rows[:, 1:].sum(1)], dim=1)
    assert torch.allclose(target.last.weight, columns)
    assert "class 1 begins as the mean of the source's 1 and 2" in report.lines()[1]


def test_a_split_class_gives_both_its_rows_and_shares_its_columns():
    source, target = tiny(classes=2, seed=1), tiny(classes=3, seed=2)
    transfer(source, target, classes=((0,), (1,), (1,)))
    x = torch.randn(1, 1, 4, 4, 4)
    assert_same(target(x), source(x)[:, [0, 1, 1]])


def test_a_new_class_keeps_its_initial_rows_and_columns_and_is_not_counted_as_carried():
    source, target = tiny(seed=1), tiny(classes=4, seed=2)
    before = copy.deepcopy(target)
    report = transfer(source, target, classes=((0,), (1,), (), (2,)))
    old = [0, 1, 3]
    assert torch.equal(target.last.weight[old][:, old], source.last.weight)
    assert torch.equal(target.last.weight[2], before.last.weight[2])
    assert torch.equal(target.last.weight[:, 2], before.last.weight[:, 2])
    assert torch.equal(target.up.weight[:, 2], before.up.weight[:, 2])
    assert torch.equal(target.up_norm.running_var[2], before.up_norm.running_var[2])
    total = sum(value.numel() for value in target.state_dict().values() if value.is_floating_point())
    new = 4 + 1 + 4 + (16 - 9) + 1
    assert report.share == pytest.approx(1 - new / total)
    how = {entry.name: entry.how for entry in report.entries}
    assert how["last.bias"] == "extended from 3 to 4 classes: class 2 is new, class 3 begins as the source's 2"


def test_classes_are_called_by_their_names_where_these_are_known():
    names = (("background", "bone", "lesion", "air"), ("background", "bone", "air"))
    report = transfer(tiny(), tiny(classes=4), classes=((0,), (1,), (), (1, 2)), class_names=names)
    assert {entry.name: entry.how for entry in report.entries}["last.bias"] == (
        "extended from 3 to 4 classes: class `lesion` is new, class `air` begins as the mean of the source's `bone` and `air`"
    )
    report = transfer(tiny(), tiny(classes=2), classes=((0,), (2,)), class_names=(("background", "air"), names[1]))
    assert {entry.name: entry.how for entry in report.entries}["last.bias"] == (
        "reduced from 3 to 2 classes: class `air` begins as the source's `air`, the source's `bone` left out"
    )


def test_classes_that_are_all_new_leave_the_head_new():
    source, target = tiny(seed=1), tiny(classes=2, seed=2)
    before = copy.deepcopy(target)
    report = transfer(source, target, classes=((), ()))
    assert statuses(report)["last.weight"] == "new"
    assert torch.equal(target.last.weight, before.last.weight)


@pytest.mark.parametrize("sources", [((0,), ()), ((0,), (0,)), ((), ())])
def test_an_added_channel_with_the_same_image_gives_the_sources_response(sources):
    source, target = tiny(seed=1), tiny(channels=2, seed=2)
    report = transfer(source, target, channels=sources)
    x = torch.randn(1, 1, 4, 4, 4)
    assert_same(target(torch.cat([x, x], dim=1)), source(x))
    assert report.share == 1.0


def test_an_added_channel_is_described():
    report = transfer(tiny(seed=1), tiny(channels=2, seed=2), channels=((0,), ()))
    assert report.lines()[1].split(": ", 1)[1] == (
        "extended from 1 to 2 input channels: channel 2 begins as the mean of the source's, scaled to keep the response"
    )


def test_a_channel_left_out_counts_as_zero():
    source, target = tiny(channels=3, seed=1), tiny(channels=2, seed=2)
    transfer(source, target, channels=((2,), (0,)))
    x = torch.randn(1, 2, 4, 4, 4)
    full = torch.stack([x[:, 1], torch.zeros_like(x[:, 0]), x[:, 0]], dim=1)
    assert_same(target(x), source(full))


def test_a_fourth_channel_begins_as_the_mean_of_three():
    source, target = tiny(channels=3, seed=1), tiny(channels=4, seed=2)
    transfer(source, target, channels=((0,), (1,), (2,), ()))
    assert torch.allclose(target.first.weight[:, 3], source.first.weight.mean(1) * 0.75)
    assert torch.allclose(target.first.weight.sum(1), source.first.weight.sum(1), atol=1e-6)


def test_merged_channels_see_their_common_image_as_before():
    source, target = tiny(channels=2, seed=1), tiny(seed=2)
    transfer(source, target, channels=((0, 1),))
    x = torch.randn(1, 1, 4, 4, 4)
    assert_same(target(x), source(torch.cat([x, x], dim=1)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_converted_and_said_so(dtype):
    source, target = tiny(seed=1), tiny(seed=2)
    state = {k: v.to(dtype) if v.is_floating_point() else v for k, v in source.state_dict().items()}
    report = transfer(state, target)
    assert target.first.weight.dtype == torch.float32
    assert torch.equal(target.first.weight, state["first.weight"].float())
    assert statuses(report)["first.weight"] == "loaded"
    assert f"tensors: converted from {str(dtype)[6:]} to float32" in report.lines()[1]


def test_counters_and_buffers_that_the_file_lacks_stay_and_are_reported():
    source, target = tiny(seed=1), tiny(seed=2)
    state = {k: v for k, v in source.state_dict().items() if "num_batches" not in k and k != "norm.running_mean"}
    before = target.norm.running_mean.clone()
    report = transfer(state, target)
    assert torch.equal(target.norm.running_mean, before)
    assert statuses(report)["norm.num_batches_tracked"] == "new"
    assert report.share < 1


def test_tensors_of_the_file_that_are_not_used_are_listed():
    source, target = tiny(seed=1), tiny(seed=2)
    report = transfer({**source.state_dict(), "extra.weight": torch.zeros(2, 3)}, target)
    assert report.lines()[-1] == "  unused  extra.weight: 2×3 in the weights"
    assert "1 of the file not used" in report.sentence()


def test_too_little_in_common_is_refused_and_changes_nothing():
    target = tiny(seed=2)
    before = copy.deepcopy(target.state_dict())
    state = {"first.weight": torch.zeros(4, 1, 5, 5, 5), "last.bias": torch.zeros(3)}
    with pytest.raises(
        InputError, match=r"only 1\.\d % .* 50 % are needed \(`first.weight`: 4×1×5×5×5 in the weights, 4×1×3×3×3"
    ):
        transfer(state, target)
    assert all(torch.equal(before[name], value) for name, value in target.state_dict().items())


def test_a_source_class_that_the_weights_lack_is_an_input_error():
    with pytest.raises(InputError, match="source class 3 is asked for, but the weights have 3"):
        transfer(tiny(seed=1), tiny(seed=2), classes=((0,), (1,), (3,)))


def test_the_report_can_be_written_as_json():
    report = transfer(tiny(seed=1), tiny(channels=2, seed=2), channels=((0,), ()))
    data = json.loads(json.dumps(report.to_json()))
    assert data["entries"][0]["name"] == "first.weight"
    assert data["entries"][0]["status"] == "adapted"
    assert data["share"] == 1.0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("monai-unet", {"channels": [4, 8], "strides": [2]}),
        ("mecheter2023", {"channels": [2, 4, 4, 8]}),
        ("ratlesnetv2", {"filters": 4}),
    ],
)
def test_every_network_takes_swapped_classes_and_another_channel_from_its_own_kind(name, arguments):
    source = build(name, 1, 3, arguments).eval()
    target = build(name, 2, 3, arguments).eval()
    map_weights(
        target,
        source.state_dict(),
        class_axes=variable_axes(name, arguments, "classes"),
        channel_axes=variable_axes(name, arguments, "channels"),
        source_classes=((0,), (2,), (1,)),
        source_channels=((0,), ()),
        minimum_share=1.0,
    )
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        assert torch.allclose(target(torch.cat([x, x], dim=1)), source(x)[:, [0, 2, 1]], atol=1e-4)


def test_kernels_of_slices_become_kernels_of_volumes_that_give_what_the_slice_gave():
    from monai.networks.nets import UNet

    torch.manual_seed(0)
    layers = {"channels": (4, 8), "strides": (2,), "num_res_units": 2, "norm": "batch"}
    flat = UNet(spatial_dims=2, in_channels=1, out_channels=2, **layers).eval()
    deep = build("monai-unet", 1, 2, {"channels": [4, 8], "strides": [2], "num_res_units": 2, "norm": "batch"}).eval()
    identities = {"class_axes": {}, "channel_axes": {}, "source_classes": identity(2), "source_channels": identity(1)}
    report = map_weights(deep, flat.state_dict(), minimum_share=1.0, **identities)
    assert any("inflated from slices to volumes: repeated 3 times" in entry.how for entry in report.entries)
    x = torch.randn(1, 1, 16, 16)
    with torch.no_grad():
        volume = deep(x[..., None].expand(-1, -1, -1, -1, 32))
        # Far from the ends, where the padding is, every slice is the same.
        assert torch.allclose(volume[..., 16], flat(x), atol=1e-4)


def test_kernels_of_volumes_are_refused_for_slices_by_name():
    source = nn.Sequential(nn.Conv3d(1, 2, 3), nn.Conv3d(2, 2, 3))
    target = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3))
    with pytest.raises(InputError, match="a kernel of volumes does not become one of slices"):
        map_weights(
            target,
            source.state_dict(),
            class_axes={},
            channel_axes={},
            source_classes=identity(2),
            source_channels=identity(1),
        )


@pytest.mark.parametrize(
    ("before", "after", "words", "new"),
    [
        (nn.BatchNorm3d, lambda n: nn.InstanceNorm3d(n, affine=True), "learned after batch normalisation", set()),
        (lambda n: nn.InstanceNorm3d(n, affine=True), nn.BatchNorm3d, "learned after another", {"1.running_mean"}),
        (lambda n: nn.GroupNorm(2, n), nn.BatchNorm3d, "learned after another", {"1.running_var"}),
        (nn.BatchNorm3d, lambda n: nn.GroupNorm(2, n), "learned after batch normalisation", set()),
    ],
)
def test_another_kind_of_normalisation_takes_scale_and_shift_and_says_so(before, after, words, new):
    source = nn.Sequential(nn.Conv3d(1, 4, 3), before(4))
    target = nn.Sequential(nn.Conv3d(1, 4, 3), after(4))
    nn.init.constant_(source[1].weight, 3.0)
    report = map_weights(
        target,
        source.state_dict(),
        class_axes={},
        channel_axes={},
        source_classes=identity(4),
        source_channels=identity(1),
    )
    by_name = {entry.name: entry for entry in report.entries}
    assert by_name["1.weight"].status == "adapted"
    assert words in by_name["1.weight"].how
    assert (target[1].weight == 3).all()
    assert all(by_name[name].how == "the source normalises without running statistics" for name in new)
