"""What version 0.1.0 left in a job's folder, as this version reads it."""

from __future__ import annotations

from typing import Any


def job_of_this_format(data: Any) -> Any:
    """Convert the parsed `job.json` of format 1 (version 0.1.0) to format 2; return any other value as it is.

    In `training`, format 1 called `lr_schedule` `learning_rule`, with the same meaning. If a later format gives a strategy's
    option another meaning, convert it here.
    """
    if not isinstance(data, dict) or data.get("format") != 1:
        return data
    data = {**data, "format": 2}
    if isinstance(data.get("training"), dict):
        data["training"] = _renamed(data["training"], "learning_rule", "lr_schedule")
    return data


def settings_of_this_format(stored: Any) -> Any:
    """The settings of a training in a job of version 0.1.0, which called `speed` what is `execution` now."""
    return _renamed(stored, "speed", "execution") if isinstance(stored, dict) else stored


def _renamed(fields: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in fields.items()}
