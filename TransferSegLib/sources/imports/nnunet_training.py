"""Compares a nnU-Net model's plans.json and dataset.json with those of its training, which its checkpoint holds as well.

Files of another data set, or of other plans, often load without an error. The spacing, the intensities or the labels' names
are then those of somebody else's model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

# What decides how an image is prepared; the rest is for training, or shows when the weights are put into their network.
OF_PLANS = ("plans_name", "transpose_forward")
OF_CONFIGURATION = ("spacing", "normalization_schemes", "use_mask_for_norm")


def check_plans(
    plans: Mapping[str, Any],
    settings: Mapping[str, Any],
    trained_plans: Mapping[str, Any],
    trained_settings: Mapping[str, Any],
    path: Path,
) -> None:
    """Check that plans are those that a model was trained with, as far as the preparation of images goes.

    Args:
        plans: What `plans.json` says.
        settings: Its settings of the configuration, with what they inherit.
        trained_plans: The plans in the checkpoint, untrusted.
        trained_settings: Their settings of the configuration; empty if they have none.
        path: `plans.json`, for the error.

    Raises:
        InputError: They differ. What only one of them has is not compared.
    """
    pairs = [(name, plans.get(name), trained_plans.get(name)) for name in OF_PLANS]
    pairs += [(name, settings.get(name), trained_settings.get(name)) for name in OF_CONFIGURATION]
    for name, here, trained in pairs:
        if here is not None and trained is not None and not _equal(here, trained):
            raise InputError(
                "nnunet-other-plans",
                "{path}: `{name}` is {here}, and the checkpoint was trained with {trained}, so the two are not of one "
                "training; put the plans.json of the checkpoint's training there.",
                path=path,
                name=name,
                here=str(here)[:80],
                trained=str(trained)[:80],
            )


def compare_names(
    what: Literal["labels", "channels"], here: Sequence[str], trained: Sequence[str], same_data_set: bool, path: Path
) -> Problem | None:
    """Compare the names of labels or channels in `dataset.json` with those of the training.

    Args:
        what: What is named.
        here: The names in `dataset.json`, in the network's order.
        trained: Those in the checkpoint.
        same_data_set: Whether the rest of `dataset.json` is that of the training.
        path: `dataset.json`, for the error.

    Returns:
        A note where they were renamed in the data set of the training; None where they are the same.

    Raises:
        InputError: They are of another data set, or in another order.
    """
    if tuple(here) == tuple(trained):
        return None
    if len(here) == len(trained) and {*here} != {*trained} and same_data_set:
        n = next(n for n in range(len(here)) if here[n] != trained[n])
        return Problem(
            "nnunet-renamed",
            "Its {labels:?labels|channels} were renamed after the training: `{trained}` is `{here}` now, for one.",
            {"labels": what == "labels", "trained": trained[n][:80], "here": here[n][:80]},
            "note",
        )
    raise InputError(
        "nnunet-other-data-set",
        "{path}: its {labels:?labels|channels} are {here:…}, and the checkpoint was trained on {trained:…}; put the "
        "dataset.json of the checkpoint's training there.",
        path=path,
        labels=what == "labels",
        here=[name[:40] for name in here],
        trained=[name[:40] for name in trained],
    )


def is_same_data_set(dataset: Mapping[str, Any], trained: Mapping[str, Any]) -> bool:
    """Tell whether two `dataset.json` are of one data set, as far as its name and its number of cases say.

    Args:
        dataset: The parsed file beside the model.
        trained: The one that the checkpoint holds.
    """
    return all(dataset.get(name) == trained.get(name) for name in ("name", "numTraining", "file_ending"))


def _equal(here: Any, trained: Any) -> bool:
    """Whether two values, or flat lists, are the same but for the last digits of numbers; deeper ones are not compared."""
    if isinstance(here, (list, tuple)) and isinstance(trained, (list, tuple)):
        return len(here) == len(trained) and all(_equal_values(*pair) for pair in zip(here, trained, strict=True))
    return _equal_values(here, trained)


def _equal_values(here: Any, trained: Any) -> bool:
    if isinstance(here, (int, float)) and isinstance(trained, (int, float)):
        return here == trained or math.isclose(here, trained, rel_tol=1e-5)
    return not isinstance(here, str) or not isinstance(trained, str) or here == trained
