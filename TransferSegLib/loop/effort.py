"""How often networks run where scans are ranked, from the model's card and the scans' grids alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.cases.extent import prepared_grid
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.grid import Grid

# Of more scans than this, so many are drawn for a look in each round, which takes a second or more for each.
MOST_LOOKED_AT = 40
# Of one network, so many shifted copies of an image at least tell how sure it is.
FEWEST_COPIES = 3


def most_runs(card: ModelCard, grids: Sequence[Grid], with_members: bool = True) -> int:
    """How often the networks of a model run at most, over windows, where scans are ranked by it.

    Args:
        card: The model's card.
        grids: The grids of the scans that nobody has annotated; of more than are looked at, the largest count.
        with_members: Whether all networks of an ensemble are asked.
    """
    runs = sorted((_runs_of(card, grid, with_members) for grid in grids), reverse=True)
    return sum(runs[:MOST_LOOKED_AT])


def _runs_of(card: ModelCard, grid: Grid, with_members: bool) -> int:
    own = card.inference
    file_order = own.file_order or (own.as_nnunet is not None and own.as_nnunet.file_order)
    settings = replace(own, as_nnunet=None).in_jobs()
    size, _spacing_mm = prepared_grid(grid, card.preprocessing, file_order=file_order)
    windows = math.prod(
        1 if n <= side else math.ceil((n - side) / max(1, int(side * (1 - settings.overlap)))) + 1
        for n, side in zip(size, card.patch_size, strict=True)
    )
    networks = 1 + len(card.members) if with_members else 1
    if networks == 1:
        settings = replace(settings, copies=max(FEWEST_COPIES, settings.copies))
    return windows * len(settings.views(windows=windows)) * networks
