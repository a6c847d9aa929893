"""What describes a network without end is given up while it is built, not when it is done."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules import module as modules

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.networks.bounds import MOST_PARTS

# Each argument that says how often something is repeated.
ENDLESS: list[tuple[str, dict[str, Any]]] = [
    ("monai-unet", {"channels": [1, 1], "strides": [2], "num_res_units": 8000}),
    ("monai-unet-2d", {"channels": [1, 1], "strides": [2], "num_res_units": 8000}),
    ("hrnet", {"width": 1, "streams": 200, "blocks": 4000}),
    ("hrnet", {"width": 1, "streams": 24, "blocks": 50}),
    ("hrnet", {"width": 1, "streams": 8000, "blocks": 1}),
    ("hrnet", {"width": 1, "streams": 2, "blocks": 8000}),
    ("swinunetr", {"depths": [2000, 2, 2, 2]}),
    ("zoetmulder2022", {"channels": [1, 1, 1, 1], "blocks": [3000, 4, 6, 3]}),
    ("segnet", {"channels": [1, 1], "layers": [8000, 1]}),
    ("segresnet", {"blocks_down": [5000, 1], "blocks_up": [1]}),
    ("segresnet", {"blocks_down": [1, 1], "blocks_up": [5000]}),
    ("karimi2021", {"channels": 1, "levels": 60}),
    ("tiramisu", {"layers": [2000, 1], "growth": 1, "first": 1}),
    ("dynunet", {"filters": [1] * 64, "strides": [1] * 64}),
    ("hybrid", {"network": "hrnet", "arguments": {"width": 1, "streams": 24, "blocks": 50}}),
]
ENDLESS_NNUNET: list[tuple[str, dict[str, Any]]] = [
    ("nnunet-plain", {"features_per_stage": [1, 1], "n_conv_per_stage": 8000}),
    ("nnunet-plain", {"features_per_stage": [1, 1], "n_conv_per_stage_decoder": 8000}),
    ("nnunet-resenc", {"features_per_stage": [1, 1], "n_blocks_per_stage": [8000, 1]}),
]


def parts_of(name: str, arguments: dict[str, Any]) -> tuple[int, str]:
    """(modules and parameters that were made, the sentence it ended with)."""
    made = 0

    def count(*registered: Any) -> None:
        nonlocal made
        made += 1

    hooks = (
        modules.register_module_module_registration_hook(count),
        modules.register_module_parameter_registration_hook(count),
    )
    message = ""
    try:
        with torch.device("meta"):
            build(name, 1, 2, arguments)
    except InputError as error:
        message = str(error)
    finally:
        for hook in hooks:
            hook.remove()
    return made, message


def assert_given_up(name: str, arguments: dict[str, Any]) -> None:
    made, message = parts_of(name, arguments)
    assert made == MOST_PARTS + 1
    assert f"network `{name}` would have more than 5,000 layers and weights" in message
    assert message.endswith("give it fewer levels, layers or blocks.")


@pytest.mark.parametrize(("name", "arguments"), ENDLESS)
def test_a_network_without_end_is_given_up_when_it_has_more_parts_than_any(name, arguments):
    assert_given_up(name, arguments)


@pytest.mark.parametrize(("name", "arguments"), ENDLESS_NNUNET)
def test_a_network_of_nnunets_without_end_is_given_up_too(name, arguments):
    pytest.importorskip("dynamic_network_architectures", reason="dynamic-network-architectures is not installed")
    assert_given_up(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("swinunetr", {"feature_size": 48, "depths": [2, 2, 18, 2]}),
        ("hrnet", {"width": 48, "streams": 5, "blocks": 4}),
        ("unetr", {}),
        ("zoetmulder2022", {"blocks": [3, 8, 36, 3]}),  # a ResNet-152
    ],
)
def test_the_largest_networks_in_use_stay_far_below(name, arguments):
    made, message = parts_of(name, arguments)
    assert not message
    assert made < MOST_PARTS / 2


def test_what_others_make_meanwhile_is_not_counted_and_nothing_is_afterwards():
    from TransferSegLib.networks.bounds import bounded

    def make() -> None:
        nn.ModuleList(nn.Identity() for _ in range(MOST_PARTS + 1))

    with bounded("mine"):
        other = threading.Thread(target=make)
        other.start()
        other.join()
        nn.Linear(1, 1)
    make()
    with pytest.raises(InputError, match="network `mine` would have more than"), bounded("mine"):
        make()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("monai-unet", {"depth": 4}, r"it has no argument `depth`; known are channels, strides"),
        ("monai-unet", {"channels": ["a", 2]}, r"argument `channels`\[0\]: expected a whole number, found a text"),
        ("monai-unet", {"strides": 2}, r"argument `strides`: expected a (whole number|list), found a number"),
        ("unetr", {"num_heads": "many"}, r"argument `num_heads`: expected a whole number, found a text"),
        ("hrnet", {"blocks": None}, r"argument `blocks`: expected a whole number, found nothing"),
        ("dynunet", {"filters": [4, None]}, r"argument `filters`\[1\]: expected a whole number, found nothing"),
        ("hybrid", {}, r"its argument `network` is missing"),
        ("monai-unet", {"dropout": 0.1, "norm": ["localresponse", {}]}, r"argument `norm` is not one that"),
        ("mecheter2023", {"channels": [1] * 7}, r"argument `channels` is not one that"),
        ("segresnet", {"init_filters": 8, "act": ["relu", {"x": 1}]}, r"argument `act` is not one that"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named_without_pythons_words(name, arguments, message):
    with pytest.raises(InputError, match=rf"`{name}` cannot be built with .*{message}"):
        build(name, 1, 2, arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "code", "says"),
    [
        ("segresnet", {"blocks_down": [1, 2], "blocks_up": [1, 1]}, "network-blocks-up", "with 2 needs 1"),
        ("segresnet-ds", {"blocks_down": [1]}, "network-one-level", "needs two or more"),
        ("segresnet-ds", {"resolution": [1.0]}, "network-resolution", "has 1 number and needs three"),
        ("segresnet-ds", {"axes": "XYZ"}, "network-axes", "axes `XYZ` are not three of"),
        ("mecheter2023", {"norm": "group"}, "network-norm", "neither `instance` nor `batch`"),
        ("autofocus", {"autofocus": 7}, "network-autofocus", "given are 7, 8 and 2"),
        ("hybrid", {"network": "monai-unet", "fusion": "add"}, "network-fusion", "`add` is not one of multiply"),
        ("zoetmulder2022", {"plane": "oblique"}, "network-plane", "`oblique` is not one of sagittal, coronal, axial"),
        ("unetr", {"hidden_size": 10, "num_heads": 3}, "library-says", "MONAI says: hidden_size should be divisible"),
    ],
)
def test_why_a_network_cannot_be_built_is_a_problem_and_another_library_s_words_are_called_so(
    name, arguments, code, says
):
    with pytest.raises(InputError) as refused:
        build(name, 1, 2, arguments)
    reason = refused.value.problem.fields["reason"]
    assert refused.value.code == "network-not-built" and reason.code == code
    assert says in str(refused.value)
