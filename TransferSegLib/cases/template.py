"""Template space: a case laid over a template image by an affine registration, and the way back.

Zoetmulder 2022 (§3.2) brings all scans to the space of the MNI-ICBM 152 template. Here a person gives the template. How the
scans were registered is not said: here as `registration` does it, a rigid transform first and then an affine one. One thread
makes the same result on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from TransferSegLib.cases.body import mr_body
from TransferSegLib.cases.registration import RegistrationSettings, register
from TransferSegLib.cases.volumes import Volume, read_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

SETTINGS = RegistrationSettings(("rigid", "affine"), threads=1)
# How far around the template's body both are compared: its border to the air says much.
AROUND_MM = 12.0
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
        """Bring an image of the case to the template's grid.

        Args:
            array: (I, J, K).
            grid: The image's own grid.

        Returns:
            (I, J, K) on the template's grid; outside the image it has the image's lowest value.
        """
        steps = np.linalg.inv(grid.affine) @ self.to_case @ self.grid.affine
        return _resampled(array, steps, self.grid.size, float(array.min()))

    def classes_on_template(self, classes: np.ndarray, grid: Grid) -> np.ndarray:
        """Bring classes of the case to the template's grid.

        Args:
            classes: (I, J, K).
            grid: Their own grid.

        Returns:
            (I, J, K) on the template's grid; outside the case is background.
        """
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
    fixed, around = _read_template(template, template.stat().st_mtime_ns if template.exists() else 0)
    to_case = _registered(image, fixed, around)
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
def _read_template(path: Path, stamp: int) -> tuple[Volume, np.ndarray]:
    """The template, and (I, J, K) bool where it is compared."""
    template = read_volume(path)
    return template, mr_body(template, AROUND_MM)


def _registered(image: Volume, template: Volume, around: np.ndarray) -> np.ndarray | None:
    """(4, 4), template → image in mm, RAS; None where the registration comes to nothing."""
    try:
        return register(template, image, SETTINGS, around, mr_body(image)).linear
    except InputError:  # too few voxels overlap, or an image has one value everywhere
        return None


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
