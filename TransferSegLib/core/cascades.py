"""Cascades: a network at fine voxels that is shown, beside the images, what a first network found at coarse ones.

Such a model (nnU-Net's `3d_cascade_fullres`) is one card, with that of its first stage on it. It is applied as a whole; no
strategy trains two networks, so nothing is adapted from it.
"""

from __future__ import annotations

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem


def cascade_problem(card: ModelCard) -> Problem | None:
    """What to tell whoever wants to begin from a cascade; None for all other models."""
    if card.first_stage is None:
        return None
    return Problem(
        "cascade-not-adapted",
        "`{model}`: is a cascade of two networks, which can be applied and not adapted; start from a model of one network, "
        "such as its first stage `{first}`, imported by itself.",
        {"model": card.name, "first": card.first_stage.name},
    )


def refuse_cascade(card: ModelCard) -> None:
    """Refuse a cascade where a model of one network is needed.

    Raises:
        InputError: The model is a cascade.
    """
    if problem := cascade_problem(card):
        raise InputError.of(problem)
