"""What a person must know of a model before they use it: that it may be worse than the model that it was adapted from."""

from __future__ import annotations

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.problems import Problem


def model_warnings(card: ModelCard) -> tuple[Problem, ...]:
    """What must be said of a model wherever it is listed, used or given away.

    Args:
        card: The model's card, which is all that is left of its job once the model is saved or exported.

    Returns:
        That its job was stopped before its end, and that it came out below its source model; mostly nothing.
    """
    below = card.below_source
    return (*([_of_stopped_job(card)] if is_of_stopped_job(card) else []), *([] if below is None else [below]))


def is_of_stopped_job(card: ModelCard) -> bool:
    """Whether the job that made a model was stopped, or the last one that kept it as it was."""
    return not card.finished or _was_stopped(card)


def _was_stopped(card: ModelCard) -> bool:
    return card.made_by.get("finished") is False


def _of_stopped_job(card: ModelCard) -> Problem:
    return Problem(
        "model-of-stopped-job",
        "The model `{model}` is of a job that was stopped before its end{uncompared:?; it was not compared with its source "
        "model, `{source}`, and may be worse|}; `{command}` finishes the job.",
        {
            "model": card.name,
            "uncompared": _was_stopped(card) and "source" in card.made_by,
            "source": str(card.made_by.get("source", "")),
            "command": "transferseg resume JOB",
        },
        "warning",
    )
