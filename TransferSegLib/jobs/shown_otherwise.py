"""What a job, and whatever foresees one, says where it shows images to the source model otherwise than `segment` does."""

from __future__ import annotations

from TransferSegLib.cases.extent import axes_shown
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
    found = [] if own.as_nnunet is None else [_not_as_nnunet()]
    in_file_order = own.file_order if own.as_nnunet is None else own.as_nnunet.file_order
    if in_file_order and (turned := _turned(context)):
        found.append(_not_in_file_order(turned, context.card.preprocessing.slices_last))
    return found


def _turned(context: JobContext) -> list[str]:
    """The cases whose axes are shown in another order or direction than the file has them."""
    slices_last = context.card.preprocessing.slices_last
    grids = {case.name: read_grid(case.images[0]) for case in context.target.cases}
    as_in_file = axes_shown(next(iter(grids.values())), file_order=True) if grids else None
    return [name for name, grid in grids.items() if axes_shown(grid, slices_last=slices_last) != as_in_file]


def _not_as_nnunet() -> Problem:
    return Problem(
        "job-not-as-nnunet",
        "Every strategy, the source model as it is too, prepares images and segments as all models do here, not as nnU-Net "
        "does; `{command}` with the source model does as nnU-Net, so it may find something else",
        {"command": "segment"},
        "note",
    )


def _not_in_file_order(turned: list[str], slices_last: bool) -> Problem:
    return Problem(
        "job-not-in-file-order",
        "Every strategy, the source model as it is too, sees images with the axes right, anterior, superior{slices:?, thick "
        "slices across the last one|}; `{command}` with the source model shows it the axes of the file, which are others in "
        "{count} {count:~case|cases}, so it may find something else there",
        {"command": "segment", "count": len(turned), "slices": slices_last},
        "note",
    )
