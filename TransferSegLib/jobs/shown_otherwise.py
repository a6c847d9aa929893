"""What a job, and whatever foresees one, says where it shows images to the source model otherwise than `segment` does."""

from __future__ import annotations

from TransferSegLib.cases.volumes import read_grid
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.context import JobContext


def shown_otherwise(context: JobContext) -> list[Problem]:
    """Say in what the source model as it is differs in a job from what `segment` does with it.

    Args:
        context: The cases and the source model.

    Raises:
        InputError: The header of an image cannot be read.
    """
    if context.whole is None:
        return []
    own = context.whole.inference
    if own.as_nnunet is not None:
        return [_not_as_nnunet()]
    if not own.file_order:
        return []
    grids = {case.name: read_grid(case.images[0]) for case in context.target.cases}
    turned = [name for name, grid in grids.items() if not grid.is_ras]
    return [_not_in_file_order(turned)] if turned else []


def _not_as_nnunet() -> Problem:
    return Problem(
        "job-not-as-nnunet",
        "Every strategy, the source model as it is too, prepares images and segments as all models do here, not as nnU-Net "
        "does; `{command}` with the source model does as nnU-Net, so it may find something else",
        {"command": "segment"},
        "note",
    )


def _not_in_file_order(turned: list[str]) -> Problem:
    return Problem(
        "job-not-in-file-order",
        "Every strategy, the source model as it is too, sees images with the axes right, anterior, superior; `{command}` "
        "with the source model shows it the axes of the file, which are others in {count} {count:~case|cases}, so it may "
        "find something else there",
        {"command": "segment", "count": len(turned)},
        "note",
    )
