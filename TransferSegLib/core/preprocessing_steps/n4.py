"""N4 bias field correction of MR (Tustison et al., IEEE TMI 2010), by SimpleITK.

The field is found on a coarser grid of about 4 mm, within what is brighter than Otsu's threshold, with the filter's own
settings (four levels of 50 iterations, 4 control points), and divided out at the image's own voxels. One thread makes the
same field on every machine.
"""

from __future__ import annotations

import numpy as np

from TransferSegLib.core.declarations import Option
from TransferSegLib.core.otsu import otsu_threshold
from TransferSegLib.core.preprocessing_steps.step import Step
from TransferSegLib.core.problems import Problem

# The field is smooth: so many mm are fine enough to find it. Along each axis at least so many voxels stay.
COARSE_MM = 4.0
FEWEST_VOXELS = 8
LEVELS, ITERATIONS = 4, 50


def without_bias_field(image: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Divide the bias field out of an image.

    Args:
        image: (I, J, K) float32. N4 works on logarithms: voxels of 0 and less tell it nothing.
        spacing_mm: The image's voxel size.

    Returns:
        (I, J, K) float32. An image with fewer than 8 voxels along an axis, or without contrast, is returned as it is.
    """
    import SimpleITK as sitk

    body = image > max(otsu_threshold(image), 0.0)
    if min(image.shape) < FEWEST_VOXELS or not body.any() or image[body].min() == image[body].max():
        return image
    whole = _to_itk(image, spacing_mm)
    factors = [
        max(1, min(round(COARSE_MM / mm), n // FEWEST_VOXELS)) for n, mm in zip(image.shape, spacing_mm, strict=True)
    ]
    coarse, mask = (sitk.Shrink(one, factors) for one in (whole, _to_itk(body.astype(np.uint8), spacing_mm)))
    corrector = sitk.N4BiasFieldCorrectionImageFilter()
    corrector.SetNumberOfThreads(1)
    corrector.SetNumberOfWorkUnits(1)
    corrector.SetMaximumNumberOfIterations([ITERATIONS] * LEVELS)
    corrector.Execute(coarse, mask)
    field = np.exp(sitk.GetArrayFromImage(corrector.GetLogBiasFieldAsImage(whole)).T)
    return (image / field).astype(np.float32)


def _to_itk(array: np.ndarray, spacing_mm: tuple[float, float, float]) -> object:
    import SimpleITK as sitk

    made = sitk.GetImageFromArray(np.ascontiguousarray(array.T))
    made.SetSpacing(spacing_mm)
    return made


STEP = Step(
    Option(
        "n4",
        "yes/no",
        "Bias field correction (N4)",
        "Whether the bias field of MR is taken out by N4 before all else, which takes seconds for each image.",
    ),
    apply=lambda image, spacing_mm, _: without_bias_field(image, spacing_mm),
    words="N4",
    monai=Problem("card-corrects-bias-field", "takes out the bias field by N4"),
    for_ct=False,
)
