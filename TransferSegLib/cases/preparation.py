"""From a case's own grid and intensities to what a network takes, and the way back.

Axes are brought to the order right–anterior–superior (permuted and flipped, never rotated), the grid is resampled to
the model's spacing with the volume's edges kept, intensities are normalised per channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Normalisation = Literal["z-score", "z-score-nonzero", "percentile", "ct"]


@dataclass(frozen=True)
class Preparation:
    """How a model wants its input.

    spacing_mm: voxel size, axes right, anterior, superior; None keeps the case's own.
    normalisation: `z-score` over the volume (zero mean, unit variance), `z-score-nonzero` over the voxels not 0,
    `percentile` (0.5–99.5 % to 0…1, clipped), `ct` (clipped to `window_hu`, then `mean`/`sd` if given, else 0…1).
    """

    spacing_mm: tuple[float, float, float] | None
    normalisation: Normalisation = "z-score"
    window_hu: tuple[float, float] = (-1024.0, 2000.0)
    mean: float | None = None
    sd: float | None = None
