"""A model of regions in a MONAI bundle: an output a region, each decided by itself, then painted into one label map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.mapping import variable_axes

if TYPE_CHECKING:
    from torch import Tensor


def are_exported(card: ModelCard) -> bool:
    """Whether a model's labels are regions that overlap; a single one is as a label."""
    return len(card.regions) > 1


def without_first_output(card: ModelCard, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a network for regions without its first output, which nothing looks at.

    Args:
        card: The model's card.
        state: The weights by name.

    Raises:
        InputError: Layers of the network read its outputs, so that none can be taken away.
    """
    axes = variable_axes(card.network.name, card.network.arguments, "classes")
    if any(along != (0,) for name, along in axes.items() if name in state):
        raise InputError(
            "export-outputs-are-read",
            "`{name}`: layers of its network `{network}` read the scores of the background, which regions have none of in a "
            "bundle; it cannot be exported, segment with it here.",
            name=card.name,
            network=card.network.name,
        )
    return {name: value[1:] if name in axes else value for name, value in state.items()}


def deciding(card: ModelCard, back: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write how the outputs become a label map, as MONAI's transforms.

    Args:
        card: The model's card.
        back: The transform that goes back to the image's own voxels.
    """
    label_map = "torch.zeros_like(x[:1])"
    for region in card.class_regions:
        label_map = f"torch.where(x[{region.number - 1}:{region.number}] > 0, {region.number}, {label_map})"
    return [
        {"_target_": "Activationsd", "keys": "pred", "sigmoid": True},
        dict(back),
        {"_target_": "AsDiscreted", "keys": "pred", "threshold": 0.5},
        {"_target_": "Lambdad", "keys": "pred", "func": f"$lambda x: {label_map}"},
    ]


def in_words(card: ModelCard) -> str:
    """What whoever runs the bundle has to know of its regions: sentences."""
    order = ", ".join(card.label_names[region.number - 1] for region in card.class_regions)
    return (
        "Its labels are regions that overlap: each output is decided by itself (a sigmoid above 0.5), and they are painted "
        f"one over the other, in this order: {order}. Where images are resampled, MONAI takes the region's own probability "
        "back to the image's voxels and TransferSeg that of what is seen of it, so some voxels at borders may come out "
        "otherwise."
    )
