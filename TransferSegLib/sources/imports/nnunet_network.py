"""The network of a nnU-Net v2 model, and its weights, brought from nnU-Net's order of axes to ours.

A configuration `2d` is a network of slices. Its kernels, strides, spacing and patch leave out the axis across the slices,
which is the first of nnU-Net's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from TransferSegLib.core.card import CardNetwork, check_arguments
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

NETWORKS = {
    "PlainConvUNet": ("nnunet-plain", "n_conv_per_stage"),
    "ResidualEncoderUNet": ("nnunet-resenc", "n_blocks_per_stage"),
}
# What nnU-Net's trainer builds in every network, and so do ours.
FIXED: Mapping[str, tuple[Any, ...]] = {
    "norm_op_kwargs": ({"eps": 1e-5, "affine": True},),
    "nonlin_kwargs": ({"inplace": True},),
    "nonlin_first": (False,),
    "stem_channels": (None,),
    "bottleneck_channels": (None,),
    "deep_supervision": (True, False),
}


NORMS = {"InstanceNorm": "instance", "BatchNorm": "batch"}
ACTIVATIONS = {"LeakyReLU": "leakyrelu", "ReLU": "relu"}
# No image can be halved this often.
MOST_LEVELS = 64
# The planes of slices by the axis across them, as `networks.sliced` names them.
PLANES = ("sagittal", "coronal", "axial")
# How many slices a patch of a training has, and how many are segmented at once.
SLICES = 4


@dataclass(frozen=True)
class NetworkAxes:
    """Which axis of a network each of ours is.

    Attributes:
        order: For each of our axes I, J, K the network's axis.
        across: Our axis across the slices of a 2D configuration, which is the network's first; None for a 3D one.
    """

    order: tuple[int, int, int]
    across: int | None = None

    @property
    def dimensions(self) -> int:
        """How many axes the network's kernels have."""
        return 3 if self.across is None else 2

    @property
    def plane(self) -> str | None:
        """The plane of the slices, as our networks name it; None for a 3D configuration."""
        return None if self.across is None else PLANES[self.across]

    @property
    def of_kernels(self) -> tuple[int, ...]:
        """For each of our axes that kernels have the axis of the network's kernels."""
        return self.order if self.across is None else tuple(axis - 1 for axis in self.order if axis)

    def in_our_order(self, values: Sequence[T], across: T) -> tuple[T, T, T]:
        """Reorder values that the network has for each axis of its kernels.

        Args:
            values: The values in the network's order, three or, of a 2D configuration, two.
            across: The value for the axis across the slices of a 2D configuration.

        Returns:
            The values for our axes right, anterior, superior.
        """
        found = [values[axis] for axis in self.of_kernels]
        if self.across is not None:
            found.insert(self.across, across)
        return found[0], found[1], found[2]


def network_axes(plans: Mapping[str, Any], configuration: Mapping[str, Any], path: Path) -> NetworkAxes:
    """Find which axis of a network each of ours is.

    Args:
        plans: What `plans.json` says, untrusted.
        configuration: The settings of the configuration, untrusted. One whose patch has two sides is of slices.
        path: `plans.json`, for the error.

    Raises:
        InputError: The plans have no order of three axes.
    """
    order = plans.get("transpose_forward", [0, 1, 2])
    if not isinstance(order, list) or order not in [list(axes) for axes in permutations(range(3))]:
        raise InputError(
            "nnunet-axes",
            "{path}: `transpose_forward` is {order}, not an order of three axes; fetch it again.",
            path=path,
            order=repr(order),
        )
    # The network's axis t is the stored array's order[t], which counts z, y, x.
    i, j, k = (order.index(2 - axis) for axis in range(3))
    patch = configuration.get("patch_size")
    of_slices = isinstance(patch, list) and len(patch) == 2
    return NetworkAxes((i, j, k), (i, j, k).index(0) if of_slices else None)


def our_weights(
    state: Mapping[str, Tensor],
    axes: NetworkAxes,
    network: CardNetwork,
    channels: int,
    regions: Sequence[Region],
) -> Mapping[str, Tensor]:
    """The weights as our network has them: its axes in our order, without dropout, and with an output for the background.

    Args:
        state: The weights of a checkpoint.
        axes: The network's axes.
        network: Our network.
        channels: How many images it takes.
        regions: The regions that its outputs are; none where they are labels and the background.

    Returns:
        The weights by our network's names.
    """
    turned = _turned(without_dropout(state), axes)
    if not regions:
        return turned
    from TransferSegLib.sources.imports.monai_bundle.decision import with_background

    # Ours has an output for the background, that nothing looks at.
    return with_background(network, channels, turned, len(regions))


def read_network(configuration: Mapping[str, Any], axes: NetworkAxes, where: str) -> CardNetwork:
    """Read the architecture of a configuration, in the plans of nnU-Net 2.2 and later or of those before.

    Args:
        configuration: Its settings, untrusted.
        axes: The network's axes.
        where: Names the configuration in an error.

    Raises:
        InputError: It is of a kind that is not known, or not complete.
    """
    architecture = configuration.get("architecture")
    if isinstance(architecture, dict):
        kind, given = (
            str(architecture.get("network_class_name", "")).rpartition(".")[2],
            architecture.get("arch_kwargs"),
        )
        if not isinstance(given, dict):
            raise InputError(
                "nnunet-incomplete-architecture",
                "{where}: has no `arch_kwargs`; the model is not complete.",
                where=where,
            )
        given = dict(given)
    else:
        kind, given = str(configuration.get("UNet_class_name", "")), _old_plans(configuration, axes.dimensions, where)
    if kind not in NETWORKS:
        raise InputError(
            "nnunet-network-not-known",
            "{where}: network `{network}` is not known; {known} can be imported.",
            where=where,
            network=kind[:80],
            known=list(NETWORKS),
        )
    ours, per_stage = NETWORKS[kind]
    dimensions = axes.dimensions
    if not (convolution := str(given.pop("conv_op", f"Conv{dimensions}d"))).endswith(f"Conv{dimensions}d"):
        raise InputError(
            "nnunet-other-dimensions",
            "{where}: its convolutions are `{convolution}`, and its patches have {dimensions} sides; the model is not "
            "complete.",
            where=where,
            convolution=convolution[:80],
            dimensions=dimensions,
        )
    for name in ("dropout_op", "dropout_op_kwargs", "n_stages"):
        given.pop(name, None)  # dropout does nothing in use, and the number of stages is that of their features
    arguments: dict[str, Any] = {
        "norm": NORMS.get(str(given.pop("norm_op", "")).rpartition(".")[2].removesuffix(f"{dimensions}d")),
        "nonlin": ACTIVATIONS.get(str(given.pop("nonlin", "")).rpartition(".")[2]),
    }
    for name, allowed in FIXED.items():
        if name in given and given.pop(name) not in allowed:
            raise InputError(
                "nnunet-unusual-setting",
                "{where}: `{name}` is not as nnU-Net's own trainers set it; the model cannot be imported.",
                where=where,
                name=name,
            )
    for name in ("features_per_stage", "n_conv_per_stage_decoder", per_stage, "conv_bias"):
        arguments[name] = given.pop(name, False if name == "conv_bias" else None)
    for name in ("kernel_sizes", "strides"):
        levels = given.pop(name, None)
        if not isinstance(levels, list) or not all(
            isinstance(n, int) or (isinstance(n, list) and len(n) == dimensions) for n in levels
        ):
            raise InputError(
                "nnunet-levels-not-usable",
                "{where}: `{name}` is not a list with one number or {dimensions} a level; the model is not complete.",
                where=where,
                name=name,
                dimensions=dimensions,
            )
        arguments[name] = [n if isinstance(n, int) else [n[axis] for axis in axes.of_kernels] for n in levels]
    if axes.plane is not None:
        arguments["plane"] = axes.plane
    missing = [name for name, value in arguments.items() if value is None]
    if missing or given:
        if missing:
            raise InputError(
                "nnunet-argument-missing",
                "{where}: `{argument}` is missing or not supported; the model cannot be imported.",
                where=where,
                argument=missing[0],
            )
        raise InputError(
            "nnunet-argument-not-known",
            "{where}: `{argument}` is not known; the model cannot be imported.",
            where=where,
            argument=sorted(given)[0],
        )
    check_arguments(arguments, where, "plans")
    return CardNetwork(ours, arguments)


def _old_plans(configuration: Mapping[str, Any], dimensions: int, where: str) -> dict[str, Any]:
    """Translate plans of nnU-Net before 2.2, TotalSegmentator's among them, to those since."""
    try:
        kind, blocks = configuration["UNet_class_name"], configuration["n_conv_per_stage_encoder"]
        base, most = int(configuration["UNet_base_num_features"]), int(configuration["unet_max_num_features"])
        if len(blocks) > MOST_LEVELS:
            raise InputError(
                "nnunet-too-many-levels",
                "{where}: describes {count:,} levels, at most {most} are read; fetch it again.",
                where=where,
                count=len(blocks),
                most=MOST_LEVELS,
            )
        return {
            "features_per_stage": [min(base * 2**n, most) for n in range(len(blocks))],
            "kernel_sizes": configuration["conv_kernel_sizes"],
            "strides": configuration["pool_op_kernel_sizes"],
            "n_conv_per_stage" if kind == "PlainConvUNet" else "n_blocks_per_stage": blocks,
            "n_conv_per_stage_decoder": configuration["n_conv_per_stage_decoder"],
            "conv_bias": True,
            "norm_op": f"InstanceNorm{dimensions}d",
            "nonlin": "LeakyReLU",
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            "nnunet-plans-not-known",
            "{where}: describes no network that is known ({reason}); the model is not complete.",
            where=where,
            reason=_lacks(error) if isinstance(error, KeyError) else library_says(error),
        ) from None


def _lacks(error: KeyError) -> Problem:
    return Problem("nnunet-plans-lack", "`{key}` is missing", {"key": str(error.args[0])[:80]})


def _turned(state: Mapping[str, Tensor], axes: NetworkAxes) -> dict[str, Tensor]:
    """Bring kernels (out, in, …) from the network's order of axes to ours."""
    order = [0, 1, *(2 + axis for axis in axes.of_kernels)]
    return {name: t.permute(order).contiguous() if t.ndim == len(order) else t for name, t in state.items()}


def without_dropout(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Count the layers of each block as if it had no dropout, which comes before the normalisation and has no weights."""
    found = {name: re.fullmatch(r"(.*\.all_modules)\.(\d+)\.(.+)", name) for name in state}
    layers: dict[str, set[int]] = {}
    for match in found.values():
        if match:
            layers.setdefault(match[1], set()).add(int(match[2]))
    counted = {block: {layer: n for n, layer in enumerate(sorted(numbers))} for block, numbers in layers.items()}
    return {
        f"{m[1]}.{counted[m[1]][int(m[2])]}.{m[3]}" if (m := found[name]) else name: tensor
        for name, tensor in state.items()
    }
