"""A model of regions in a MONAI bundle: an output a region, each decided by itself, then painted into one label map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.sources.mapping import variable_axes

if TYPE_CHECKING:
    from torch import Tensor


def are_exported(card: ModelCard) -> bool:
    """Whether a model's labels are regions that overlap; a single one is as a label."""
    return len(card.regions) > 1


def has_spare_output(card: ModelCard) -> bool:
    """Whether the bundle's network has an output before those of the regions, which nothing looks at.

    Networks for regions have one here. It is left out where no layer reads the network's own scores.

    Args:
        card: The model's card.
    """
    axes = variable_axes(card.network.name, card.network.arguments, "classes")
    return any(along != (0,) for along in axes.values())


def outputs(card: ModelCard) -> int:
    """How many outputs the network of the bundle has."""
    return len(card.labels) if are_exported(card) and not has_spare_output(card) else card.outputs


def as_exported(card: ModelCard, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of the network of the bundle.

    Args:
        card: The model's card.
        state: The weights by name, as they are here.
    """
    if outputs(card) == card.outputs:
        return dict(state)
    axes = variable_axes(card.network.name, card.network.arguments, "classes")
    return {name: value[1:] if name in axes else value for name, value in state.items()}


def deciding(card: ModelCard, back: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write how the outputs become a label map, as MONAI's transforms.

    Args:
        card: The model's card.
        back: The transform that goes back to the image's own voxels.
    """
    label_map, spare = "torch.zeros_like(x[:1])", int(has_spare_output(card))
    for region in card.class_regions:
        place = region.number - 1 + spare
        label_map = f"torch.where(x[{place}:{place + 1}] > 0, {region.number}, {label_map})"
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
