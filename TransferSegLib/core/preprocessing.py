"""How a model wants its input: voxel size, intensities, crop. `cases.preprocessing` carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Normalisation = Literal["z-score", "z-score-nonzero", "percentile", "ct", "none"]
Crop = Literal["none", "non-zero"]


@dataclass(frozen=True)
class Intensities:
    """How a model wants the intensities of a channel.

    normalisation: `z-score` over the volume (zero mean, unit variance), `z-score-nonzero` over the voxels not 0, which
    stay 0, `percentile` (0.5–99.5 % to 0…1, clipped), `ct` (clipped to `window_hu`, then `mean`/`sd` if given, else
    0…1), `none`. extremes: after that, what the volume's lowest and highest value are brought to. clip_percentiles: before
    all that, what is beyond these percentiles of the volume (`z-score-nonzero`: of the voxels that count) is set to them.
    """

    normalisation: Normalisation = "z-score"
    window_hu: tuple[float, float] = (-1024.0, 2000.0)
    mean: float | None = None
    sd: float | None = None
    extremes: tuple[float, float] | None = None
    clip_percentiles: tuple[float, float] | None = None


@dataclass(frozen=True)
class Preprocessing:
    """How a model wants its input.

    spacing_mm: voxel size, axes right, anterior, superior; None keeps the case's own. normalisation, window_hu, mean, sd,
    extremes, clip_percentiles: see `Intensities`. channels: where the channels differ, the intensities of each, instead of
    those. crop: `non-zero`, as nnU-Net does it: the image ends at the box of the voxels that are not 0 in some channel,
    beyond which all is background; intensities are those in the box before it is resampled (`none`: after), and
    `z-score-nonzero` counts the voxels that are not 0 in some channel, and the holes among them.
    """

    spacing_mm: tuple[float, float, float] | None
    normalisation: Normalisation = "z-score"
    window_hu: tuple[float, float] = (-1024.0, 2000.0)
    mean: float | None = None
    sd: float | None = None
    extremes: tuple[float, float] | None = None
    channels: tuple[Intensities, ...] = ()
    clip_percentiles: tuple[float, float] | None = None
    crop: Crop = "none"

    def of_channel(self, number: int) -> Intensities:
        """The intensities of a channel, counted from 0; one that the model was not made for is taken as its last."""
        if self.channels:
            return self.channels[min(number, len(self.channels) - 1)]
        return Intensities(self.normalisation, self.window_hu, self.mean, self.sd, self.extremes, self.clip_percentiles)

    def for_channels(self, sources: Sequence[Sequence[int]]) -> Preprocessing:
        """The same where channel t begins from this preprocessing's channels `sources[t]`, the first of which decides."""
        if not self.channels:
            return self
        return replace(
            self, channels=tuple(self.of_channel(begins[0] if begins else n) for n, begins in enumerate(sources))
        )
