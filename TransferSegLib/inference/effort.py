"""How often the networks of a model run over an image that it segments, from its card and the image's grid alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from TransferSegLib.cases.extent import prepared_grid
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import AXES

# Of the windows of nnU-Net, the step from one to the next as a share of their side, at most.
STEP = 0.5


@dataclass(frozen=True)
class Effort:
    """How often a network runs over an image.

    Attributes:
        windows: The number of windows; a network of slices takes each of single slices.
        copies: How many copies of each are averaged, the window itself and mirrored ones.
        networks: How many networks are averaged.
        before: How often the networks of a cascade's first stage run.
    """

    windows: int
    copies: int
    networks: int
    before: int = 0

    @property
    def runs(self) -> int:
        """How often a network runs over a window."""
        return self.windows * self.copies * self.networks + self.before


def effort_as_nnunet(card: ModelCard, grid: Grid) -> Effort | None:
    """How often the networks of a model run over an image as nnU-Net runs them.

    Args:
        card: The model's card.
        grid: The grid of the image; voxels around what it shows may be cut off, so that there are fewer windows.

    Returns:
        That; None where the model is not run as nnU-Net runs it.
    """
    how = card.inference.as_nnunet
    if how is None:
        return None
    file_order = how.file_order or card.inference.file_order
    size, _spacing_mm = prepared_grid(grid, card.preprocessing, as_nnunet=how, file_order=file_order)
    # The first axis of a network of slices is the one across them.
    across = AXES.index(how.order[0]) if "plane" in card.network.arguments else None
    windows = math.prod(
        n if axis == across else math.ceil((max(n, side) - side) / (side * STEP)) + 1
        for axis, (n, side) in enumerate(zip(size, card.patch_size, strict=True))
    )
    first = None if card.first_stage is None else effort_as_nnunet(card.first_stage, grid)
    return Effort(windows, 2 ** len(how.mirror), 1 + len(card.members), first.runs if first else 0)
