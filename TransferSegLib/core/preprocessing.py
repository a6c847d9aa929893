"""How a model wants its input: voxel size, intensities, crop.

`cases.preprocessing` carries it out, `cases.normalisation` the part about intensities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing_steps import with_step_fields

Normalisation = Literal[
    "z-score", "z-score-nonzero", "percentile", "ct", "none", "sd", "local-contrast", "ct-sigmoid", "z-score-nonzero-tanh",
    "sigmoid-sd",
]  # fmt: skip
# The normalisations that take Hounsfield units.
OF_CT = ("ct", "ct-sigmoid")
# Of the voxels above an image's mean; the landmarks of its histogram are the intensities at these percentiles.
LANDMARK_PERCENTILES = (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99)
Crop = Literal["none", "non-zero", "empty-slices", "foreground", "foreground-resampled", "foreground-prepared"]
# Crops of what was resampled; they know where its voxels lie.
CROPS_AFTERWARDS = ("foreground-resampled", "foreground-prepared")
Resampling = Literal["edges", "monai"]
# The voxel size that a model wants along each axis; None keeps the image's own.
WantedSpacing = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
@with_step_fields
class Intensities:
    """How a model wants the intensities of a channel.

    Each step of `core.preprocessing_steps` is an attribute, too. Steps come first, on the image's own grid.

    Attributes:
        normalisation: `z-score`: to zero mean and unit variance over the volume; `z-score-nonzero`: over the voxels that are
            not 0, and 0 stays 0; `percentile`: from the 0.5th to the 99.5th percentile to 0…1, clipped; `ct`: clipped to
            `window_hu`, then standardised by `mean` and `sd` where given, else to 0…1; `none`: as they are; `sd`:
            divided by the standard deviation of the volume; `local-contrast`: slice by slice, each voxel against its
            neighbours, see `cases.normalisation.local_contrast`; `ct-sigmoid`: `window_hu` to -1…1, then its sigmoid;
            `z-score-nonzero-tanh`: as `z-score-nonzero`, then 3·tanh(x/3); `sigmoid-sd`: the sigmoid of what lies above the
            volume's lowest value, in standard deviations.
        window_hu: The lowest and the highest Hounsfield unit, for `ct` and `ct-sigmoid`.
        mean: For `ct`.
        sd: For `ct`.
        extremes: What the volume's lowest and highest value are brought to after the normalisation.
        clip_percentiles: Before the normalisation, values beyond these two percentiles are set to them: of the volume, or
            for `z-score-nonzero` of the voxels that count.
        landmarks: The landmarks of the source's histogram that an image's are brought to after the steps and before all
            else, see `cases.landmarks`; None leaves the histogram as it is.
    """

    normalisation: Normalisation = "z-score"
    window_hu: tuple[float, float] = (-1024.0, 2000.0)
    mean: float | None = None
    sd: float | None = None
    extremes: tuple[float, float] | None = None
    clip_percentiles: tuple[float, float] | None = None
    landmarks: tuple[float, ...] | None = None


@dataclass(frozen=True)
@with_step_fields
class Preprocessing:
    """How a model wants its input; each step is an attribute, as of `Intensities`.

    Attributes:
        spacing_mm: The voxel size, axes right, anterior, superior; None keeps the case's own. A side that is None is the
            case's own, as the distance of slices is to a model of slices.
        normalisation: See `Intensities`.
        window_hu: See `Intensities`.
        mean: See `Intensities`.
        sd: See `Intensities`.
        extremes: See `Intensities`.
        channels: The intensities of each channel, where they differ; then the ones above are not used.
        clip_percentiles: See `Intensities`.
        crop: `none`: the whole image; it is resampled, then normalised. `non-zero`: as nnU-Net does it. The image is cropped
            to the box of the voxels that are not 0 in some channel, and `crop_margin` voxels around it, and all outside is
            background. It is normalised, then resampled, and `z-score-nonzero` counts the voxels that are not 0 in some
            channel and the holes among them.
            `empty-slices`: the axial slices without content at the top and at the bottom are left out, see
            `cases.content`, and are background; then as `none`. `foreground`: the image is cropped to the box of the voxels
            that are above `foreground_above` in some channel, and `crop_margin` voxels around it; then as `none`.
            `foreground-resampled`: so is the resampled image, before it is normalised; `foreground-prepared`: so is the
            resampled and normalised image. These two take the resampling `monai`, or none.
        landmarks: See `Intensities`.
        template: The template image whose space each case is brought to by an affine registration, see `cases.template`;
            then `spacing_mm` None is the template's. On a card, the name of a file beside it; elsewhere a whole path.
        resampling: `edges`: the outer edges of the volume stay in place, a larger voxel is the mean of what it covers, and
            probabilities are interpolated on the way back. `monai`: voxels lie where MONAI's `Spacing` puts them, see
            `cases.monai_spacing`, values are interpolated between the nearest voxels whatever their size, and each voxel of
            the case gets the class of the nearest one on the way back, or that of the interpolated probabilities.
        interpolated_back: With the resampling `monai`, whether probabilities are interpolated on the way back.
        resampled_in_float64: With the resampling `monai`, whether images are resampled in 64 bits, as MONAI does where
            nothing else is asked of it. Its rounding decides what beside a body is 0.
        spacing_tolerance: By which share a voxel's side may differ from `spacing_mm` and is left as it is.
        foreground_above: For the crops to a foreground, in the values that the image has then.
        crop_margin: For the crops to a foreground and to what is not 0, in voxels that the image has then.
        normalised_first: Whether intensities are normalised over the whole image, before it is cropped and resampled; for
            the crops `none`, `foreground` and `foreground-prepared`.
        slices_last: Whether the network is shown thick slices across its last axis, whatever their direction: those of the
            heart's short axis are oblique. The two axes within them keep their order, see `cases.extent.axes_shown`.
    """

    spacing_mm: WantedSpacing | None
    normalisation: Normalisation = "z-score"
    window_hu: tuple[float, float] = (-1024.0, 2000.0)
    mean: float | None = None
    sd: float | None = None
    extremes: tuple[float, float] | None = None
    channels: tuple[Intensities, ...] = ()
    clip_percentiles: tuple[float, float] | None = None
    crop: Crop = "none"
    landmarks: tuple[float, ...] | None = None
    template: str | None = None
    resampling: Resampling = "edges"
    spacing_tolerance: float = 0.01
    foreground_above: float = 0.0
    crop_margin: int = 0
    normalised_first: bool = False
    interpolated_back: bool = False
    resampled_in_float64: bool = False
    slices_last: bool = False

    def in_folder(self, folder: Path) -> Preprocessing:
        """Return the preprocessing of a model in a folder, with the whole path of its template.

        Raises:
            InputError: The template is a link out of the model's folder.
        """
        if self.template is None:
            return self
        path = folder.absolute() / self.template
        if path.resolve().parent != folder.resolve():
            raise InputError(
                "template-out-of-model",
                "{path}: is a link to a file outside the model's folder; put the file itself there.",
                path=path,
            )
        return replace(self, template=str(path))

    def spacing_for(self, own_mm: Sequence[float]) -> tuple[float, float, float]:
        """Return the voxel size in mm that an image gets which has voxels of `own_mm`; both in the order of `spacing_mm`."""
        wanted = self.spacing_mm or (None, None, None)
        a, b, c = (own if side is None else side for own, side in zip(own_mm, wanted, strict=True))
        return a, b, c

    def of_channel(self, number: int) -> Intensities:
        """Return the intensities of a channel, counted from 0; one beyond the model's own is treated as its last."""
        if self.channels:
            return self.channels[min(number, len(self.channels) - 1)]
        return Intensities(**{field.name: getattr(self, field.name) for field in fields(Intensities)})

    def for_channels(self, sources: Sequence[Sequence[int]]) -> Preprocessing:
        """Return the preprocessing of a model whose channel t begins from the channels `sources[t]` of this one.

        The first of these decides; a new channel is treated as the one at its own place.
        """
        if not self.channels:
            return self
        return replace(
            self, channels=tuple(self.of_channel(begins[0] if begins else n) for n, begins in enumerate(sources))
        )
