"""Low-rank adapters: a layer keeps its weight, and what is learned is added to it as the product of two thin matrices.

Hu et al. 2022, "LoRA: Low-rank adaptation of large language models" (ICLR), §4.1: W + BA, where B begins at 0. A kernel of a
convolution counts as a matrix whose rows are its first axis (Yeh et al. 2024, "Navigating text-to-image customization: from
LyCORIS fine-tuning to model evaluation", ICLR, §3.1, LoCon: a thin convolution followed by one of 1×1×1). The matrices are
multiplied and added to the weight before the layer runs, so that a step costs what one of full fine-tuning costs, whatever
the kind of layer. Nothing scales the product: the scale of Hu et al., α/r, would be 1 with any rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from TransferSegLib.networks.staged import CONVOLUTIONS

# The layers that take an adapter.
ADAPTED = (*CONVOLUTIONS, nn.Linear)
# The adapter's name in its layer.
NAME = "low_rank"
_ADAPTED_CLASSES: dict[type[nn.Module], type[nn.Module]] = {}


class LowRank(nn.Module):
    """What is added to the weight of the layer that holds it: `up` (rows, rank) times `down` (rank, columns)."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        """Make the adapter of a weight, with a rank of at most the weight's smaller side; what it adds is 0 at first."""
        super().__init__()
        rows, columns = weight.shape[0], weight[0].numel()
        rank = min(rank, rows, columns)
        self.up = nn.Parameter(weight.new_zeros(rows, rank))
        self.down = nn.Parameter(weight.new_empty(rank, columns))
        nn.init.kaiming_uniform_(self.down, a=5**0.5)  # as loralib does

    def added(self, weight: Tensor) -> Tensor:
        """The weight with what was learned, in the weight's own precision and memory format."""
        with torch.autocast(weight.device.type, enabled=False):
            return weight + (self.up @ self.down).view(weight.shape)


def add_adapters(network: nn.Module, layers: Iterable[str], rank: int, seed: int) -> list[str]:
    """Give layers of a network an adapter each, in place; what the network computes stays, bit for bit.

    Such a layer has its own parameters under their own names, and a child `low_rank`. Whoever reads its `weight` gets the
    weight with what was learned.

    Args:
        network: The network.
        layers: The names of some of its convolutions and fully connected layers.
        rank: The rank of what is learned; a smaller layer has its own.
        seed: The seed that the adapters are drawn from.

    Returns:
        The names of the adapters.
    """
    names = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name in layers:
            layer = network.get_submodule(name)
            layer.add_module(NAME, LowRank(layer.get_parameter("weight"), rank))
            layer.__class__ = _adapted_class(type(layer))
            names.append(f"{name}.{NAME}")
    return names


def merge_adapters(network: nn.Module) -> bool:
    """Add what adapters learned to the weights of their layers, in place, and take the adapters away.

    Returns:
        Whether there were any.
    """
    adapted = [module for module in network.modules() if NAME in module._modules]
    for layer in adapted:
        with torch.no_grad():
            layer._parameters["weight"].copy_(layer.weight)  # type: ignore[union-attr, arg-type]
        layer.__class__ = type(layer).__mro__[1]
        del layer._modules[NAME]
    return bool(adapted)


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a network with adapters, as they are after `merge_adapters`; other weights as they are."""
    plain = {name: value for name, value in state.items() if f".{NAME}." not in f".{name}"}
    for name, up in state.items():
        layer, found, part = name.rpartition(f"{NAME}.")
        if found and part == "up":
            weight = state[f"{layer}weight"]
            plain[f"{layer}weight"] = weight + (up @ state[f"{layer}{NAME}.down"]).view(weight.shape)
    return plain


def _adapted_class(plain: type[nn.Module]) -> type[nn.Module]:
    """A subclass of a layer's class whose `weight` is the parameter with what the adapter adds; one for all its layers."""
    if plain in _ADAPTED_CLASSES:
        return _ADAPTED_CLASSES[plain]

    def weight(layer: nn.Module) -> Tensor:
        adapter = layer._modules[NAME]
        assert isinstance(adapter, LowRank)
        return adapter.added(layer._parameters["weight"])  # type: ignore[arg-type]

    _ADAPTED_CLASSES[plain] = type(f"LowRank{plain.__name__}", (plain,), {"weight": property(weight)})
    return _ADAPTED_CLASSES[plain]
