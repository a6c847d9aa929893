"""Template space: a case laid over a template image by an affine registration, and the way back.

Zoetmulder 2022 (§3.2) brings all scans to the space of the MNI-ICBM 152 template. Here a person gives the template. How the
scans were registered is not said: here an affine by mutual information (Mattes et al., 2003), a rigid one first, coarse to
fine, both through SimpleITK. One thread and a regular grid of samples make the same result on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.volumes import Volume, read_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid

# Registered at this voxel size, or coarser.
FINEST_MM = 2.0
HISTOGRAM_BINS = 32
LEVELS = (4, 2, 1)
# Of the template's voxels so many are looked at in a step, so that a case takes seconds whatever its size.
SAMPLES = 20_000
STEP_MM, SHORTEST_STEP_MM, RELAXATION, ITERATIONS = 2.0, 1e-4, 0.7, 300
# An affine that makes heads this much longer or shorter along some axis has failed.
MOST_STRETCH = 1.6


@dataclass(frozen=True, eq=False)
class TemplateSpace:
    """A case's place in the space of a template.

    Attributes:
        grid: The template's grid, on which the case is shown to the network.
        to_case: (4, 4), takes a point of the template to the same point of the case, in mm: right, anterior, superior.
    """

    grid: Grid
    to_case: np.ndarray

    def image_on_template(self, array: np.ndarray, grid: Grid) -> np.ndarray:
        """Bring an image (I, J, K) of the case, on its `grid`, to the template's; outside it has its lowest value."""
        steps = np.linalg.inv(grid.affine) @ self.to_case @ self.grid.affine
        return _resampled(array, steps, self.grid.size, float(array.min()))

    def classes_on_template(self, classes: np.ndarray, grid: Grid) -> np.ndarray:
        """Bring classes (I, J, K) of the case, on its `grid`, to the template's; outside is background."""
        return _classes(classes, np.linalg.inv(grid.affine) @ self.to_case @ self.grid.affine, self.grid.size)

    def on_case(self, array: np.ndarray, grid: Grid) -> np.ndarray:
        """Bring a result on the template's grid to the case's own.

        Args:
            array: Classes (I, J, K) or probabilities (classes, I, J, K).
            grid: The case's own grid.

        Returns:
            The same on `grid`; what lies outside the template is background.
        """
        steps = np.linalg.inv(self.grid.affine) @ np.linalg.inv(self.to_case) @ grid.affine
        if array.ndim == 3:
            return _classes(array, steps, grid.size)
        return np.stack([_resampled(one, steps, grid.size, float(n == 0)) for n, one in enumerate(array)])


def template_space(case: str, image: Volume, template: Path) -> TemplateSpace:
    """Lay a case over a template.

    Args:
        case: The case's name, for an error.
        image: Its first image.
        template: The template's file.

    Raises:
        InputError: The template cannot be read, or the registration fails.
    """
    fixed = _read_template(template, template.stat().st_mtime_ns if template.exists() else 0)
    to_case = _registered(image, fixed)
    stretches = np.linalg.svd(to_case[:3, :3], compute_uv=False) if to_case is not None else np.array([np.inf])
    if to_case is None or stretches.max() > MOST_STRETCH or stretches.min() < 1 / MOST_STRETCH:
        raise InputError(
            "not-laid-over-template",
            "case `{case}`: could not be laid over the template {template}; look whether both show the same part of the body "
            "in the same orientation, or use a model without a template.",
            case=case,
            template=template,
        )
    return TemplateSpace(fixed.grid, to_case)


@lru_cache(maxsize=1)
def _read_template(path: Path, stamp: int) -> Volume:
    return read_volume(path)


def _registered(image: Volume, template: Volume) -> np.ndarray | None:
    """(4, 4), template → image in mm, RAS; None where the registration comes to nothing."""
    import SimpleITK as sitk

    fixed, moving = _to_itk(template), _to_itk(image)
    try:
        start = sitk.CenteredTransformInitializer(
            fixed, moving, sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.MOMENTS
        )
        rigid = sitk.Euler3DTransform(_optimised(fixed, moving, start))
        affine = sitk.AffineTransform(3)
        affine.SetCenter(rigid.GetCenter())
        affine.SetMatrix(rigid.GetMatrix())
        affine.SetTranslation(rigid.GetTranslation())
        affine = sitk.AffineTransform(_optimised(fixed, moving, affine))
    except RuntimeError:  # too few voxels overlap, or the metric is no number
        return None
    linear, centre = np.array(affine.GetMatrix()).reshape(3, 3), np.array(affine.GetCenter())
    found = np.eye(4)
    found[:3, :3] = linear
    found[:3, 3] = np.array(affine.GetTranslation()) + centre - linear @ centre
    return LPS_TO_RAS @ found @ LPS_TO_RAS if np.isfinite(found).all() else None


def _optimised(fixed: Any, moving: Any, start: Any) -> Any:
    import SimpleITK as sitk

    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(HISTOGRAM_BINS)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(min(1.0, SAMPLES / fixed.GetNumberOfPixels()), 1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(STEP_MM, SHORTEST_STEP_MM, ITERATIONS, RELAXATION, 1e-8)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(LEVELS)
    method.SetSmoothingSigmasPerLevel([factor / 2 if factor > 1 else 0 for factor in LEVELS])
    method.SetInitialTransform(start, inPlace=False)
    found = method.Execute(fixed, moving)
    return found.GetNthTransform(0) if isinstance(found, sitk.CompositeTransform) else found


def _to_itk(volume: Volume) -> Any:
    """The volume for SimpleITK, at `FINEST_MM` or coarser."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array.T, np.float32))
    spacing, direction, origin = volume.grid.to_lps()
    image.SetSpacing(spacing)
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin(origin)
    factors = [
        max(1, min(int(FINEST_MM / mm), n // 32))
        for mm, n in zip(volume.grid.spacing_mm, volume.grid.size, strict=True)
    ]
    # Averaged, so that fine noise does not come through.
    return sitk.BinShrink(image, factors) if max(factors) > 1 else image


def _resampled(array: np.ndarray, steps: np.ndarray, size: tuple[int, int, int], outside: float) -> np.ndarray:
    """Sample (I, J, K) linearly where `steps` (4, 4) takes the voxels of an array of `size`; float32."""
    from scipy.ndimage import affine_transform

    found: np.ndarray = affine_transform(
        array.astype(np.float32, copy=False), steps[:3, :3], steps[:3, 3], size, order=1, mode="constant", cval=outside
    )
    return found


def _classes(classes: np.ndarray, steps: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """As `_resampled`, for classes: each voxel gets the class with the largest share in it."""
    winner, most = np.zeros(size, classes.dtype), _resampled(classes == 0, steps, size, 1.0)
    for value in np.unique(classes):
        if value:
            share = _resampled(classes == value, steps, size, 0.0)
            winner[share > most] = value
            np.maximum(most, share, out=most)
    return winner
