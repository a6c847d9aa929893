"""What earlier versions left in a job's folder, as this version reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

JOB_FORMAT = 4
# Formats 2 and 3 have the fields of format 4. What is meant otherwise: `options_of_this_format`, `has_usual_copies`.
READABLE_FORMATS = (2, 3, JOB_FORMAT)


def job_of_this_format(data: Any) -> Any:
    """Convert the parsed `job.json` of an earlier version: format 1 (version 0.1.0) becomes format 2.

    In `training`, format 1 called `lr_schedule` `learning_rule`, with the same meaning. Formats 1 and 2 mean the same by the
    options of strategies. These are not converted here, because a job's files are named after its strategies as they were
    written: see `options_of_this_format`.

    In format 1 no network had a learning rate of its own, and a job in which nobody chose one trained with 0.001.

    A program writes all settings of `training`. Where it wrote no `adapted_share`, there was none yet, and the model of
    such a job has the adapted weights. Nor were components chosen. Whoever writes a job by hand leaves out what the job is
    to choose.
    """
    if not isinstance(data, dict) or not isinstance(data.get("training"), dict):
        return {**data, "format": 2} if isinstance(data, dict) and data.get("format") == 1 else data
    training = data["training"]
    if data.get("format") == 1:
        data, training = {**data, "format": 2}, _renamed(training, "learning_rule", "lr_schedule")
        if "learning_rate" in training and training["learning_rate"] is None:
            training["learning_rate"] = 0.001
    if {"device", "seed", "deterministic"} <= training.keys():
        training = {"adapted_share": 1.0, "post_processing": "none", **training}
    return {**data, "training": training}


def options_of_this_format(strategy: str, options: Mapping[str, Any], job_format: int) -> dict[str, Any]:
    """What the options of a strategy in a job of an earlier format are called now.

    Before format 3, `layers` of `conservative` counted the output layer, too, and was 6 where it was not given. The decoder
    of `hybrid` always began with the source's weights.

    Args:
        strategy: The strategy's name.
        options: Its options, as the job has them.
        job_format: The job's format.

    Returns:
        The options with the same meaning in `JOB_FORMAT`.
    """
    if job_format >= 3:
        return dict(options)
    if strategy == "conservative" and "part" not in options:
        layers = options.get("layers", 6)
        # What is no whole number is refused as it stands.
        return {**options, "layers": int(layers) - 1 if re.fullmatch("[0-9]{1,9}", str(layers)) else layers}
    return {"decoder": "source", **options} if strategy == "hybrid" else dict(options)


def has_usual_copies(job_format: int) -> bool:
    """Whether a job in which nobody chose copies averages those that are usual now.

    Before format 4 it segments as its source model does, mostly without copies.
    """
    return job_format >= 4


def settings_of_this_format(stored: Any) -> Any:
    """The settings of a training in a job of version 0.1.0, which called `speed` what is `execution` now."""
    return _renamed(stored, "speed", "execution") if isinstance(stored, dict) else stored


def _renamed(fields: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in fields.items()}
