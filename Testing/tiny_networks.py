"""Every network of the registry with arguments that make it small, and the smallest patch that it takes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from TransferSegLib.networks.staged import StagedNetwork

TINY: dict[str, dict[str, Any]] = {
    "monai-unet": {"channels": (4, 8), "strides": (2,)},
    "monai-unet-2d": {"channels": (4, 8), "strides": (2,)},
    "mecheter2023": {"channels": (2, 2, 4, 4)},
    "ratlesnetv2": {"filters": 4},
    "segnet": {"channels": (2, 4, 4), "layers": (2, 1, 1)},
    "zoetmulder2022": {"channels": (2, 2, 2, 2), "blocks": (1, 1, 1, 1), "decoder_channels": (4, 4, 2, 2, 2)},
    "dynunet": {"filters": (2, 4, 4, 4)},
    "unetr": {"img_size": (32, 16, 16), "feature_size": 4, "hidden_size": 8, "mlp_dim": 8, "num_heads": 2},
    "karimi2021": {"channels": 2, "levels": 3},
    "vnet": {},
    "unetplusplus": {"features": (2, 2, 2, 4, 4, 2)},
    "hrnet": {"width": 2, "streams": 3, "blocks": 1},
    "tiramisu": {"layers": (2, 2, 2), "growth": 2, "first": 4},
    "autofocus": {"channels": (2, 2, 2, 4, 4, 4, 4, 6), "dilations": (2, 4)},
    "segresnet": {"init_filters": 8, "blocks_down": (1, 1, 1), "blocks_up": (1, 1)},
    "segresnet-ds": {"init_filters": 4, "blocks_down": (1, 1, 1), "dsdepth": 2},
    "swinunetr": {"feature_size": 12, "depths": (1, 1, 1, 1), "num_heads": (1, 1, 2, 2), "window_size": 2},
    "nnunet-plain": {"features_per_stage": (2, 4, 4)},
    "nnunet-resenc": {"features_per_stage": (2, 4, 4), "n_blocks_per_stage": (1, 1, 2)},
}
if find_spec("dynamic_network_architectures") is None:
    TINY = {name: arguments for name, arguments in TINY.items() if not name.startswith("nnunet-")}


def patch_of(network: StagedNetwork) -> tuple[int, int, int]:
    """A patch that leaves more than one voxel at the bottleneck, and no more of it than needed."""
    a, b, c = (1 if n == network.slice_axis else max(16, side) for n, side in enumerate(network.divisor))
    return (2 * a, b, c) if network.divisor[0] >= 16 else (a, b, c)
