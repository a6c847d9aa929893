"""The optimisers that a recipe names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from TransferSegLib.training.recipes import Recipe

# The second decay rate of Adam (Mecheter 2020 §III-A, as everywhere else).
BETA_2 = 0.999


def make_optimizer(recipe: Recipe, groups: Sequence[dict[str, Any]]) -> torch.optim.Optimizer:
    """Make the optimiser of a training.

    Adam adds the weight decay to the gradient, as the papers' Keras and PyTorch do; AdamW takes it off the weights.

    Args:
        recipe: The recipe: `optimizer`, `momentum` and `weight_decay`.
        groups: Parameters with their learning rate, as torch takes them.
    """
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, momentum=recipe.momentum, weight_decay=recipe.weight_decay)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, betas=(recipe.momentum, BETA_2), weight_decay=recipe.weight_decay)
