"""Registration: where each point of one image lies in another image of the same patient, or in a template.

The transform is found in stages, each of which begins at the one before: rigid (Euler angles and a shift), affine, B-spline
(Mecheter et al. 2020, §II-C: "rigid Euler transformation followed by the non-rigid B-spline transformation"). Every stage
maximises the mutual information of both images (Mattes et al., IEEE Trans Med Imaging 2003;22:120), from coarse to fine. The
papers name Elastix for it and no settings. Here SimpleITK finds the linear transform, and `free_form` the B-spline, because
SimpleITK's has no bending energy and overfits. Where itk-elastix is installed, `elastix` can find both.

How what the papers leave open was settled: both images are brought to `working_mm` (2 mm, isotropic), because an image's own
voxels say nothing about how exact a registration can be. The B-spline's control points are 40 mm apart: fine enough for how a
neck or a jaw moves between two scanners, too coarse to make one patient's head into another's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.elastix import elastix_register
from TransferSegLib.cases.free_form import Lattice, free_form
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid
from TransferSegLib.core.library_words import library_says

Stage = Literal["rigid", "affine", "b-spline"]
Tool = Literal["simpleitk", "elastix"]
Report = Callable[[float], None]

# From so many voxels, drawn at random, the mutual information is estimated on each level of a linear transform.
SAMPLES = 30_000
BINS = 40
MOST_STEPS = 60
# How many times the working voxel a voxel is on the B-spline's levels, and its steps on each.
BENT_LEVELS = (4, 2, 1.5)
BENT_STEPS = 40
# What is tried first, about each axis: people lie differently, but not upside down.
FIRST_ANGLES_DEG = (-20.0, 0.0, 20.0)
FIRST_VOXEL_MM = 8.0
# So many of the first guesses are followed.
FOLLOWED = 3
# Intensities beyond these percentiles are clipped: a bright vessel or a metal clip would take all bins for itself.
CLIPPED_PERCENTILES = (0.5, 99.5)
# So many voxels are resampled at a time: their coordinates take 24 bytes each.
PART_VOXELS = 2**22


@dataclass(frozen=True)
class RegistrationSettings:
    """How two images are registered.

    Attributes:
        stages: The kinds of transform, one after the other; the first is `rigid`.
        working_mm: The voxels at which both images are compared, or those of the images where these are coarser.
        levels: How many times the working voxel a voxel is on each level of a linear transform, from coarse to fine.
        control_mm: The distance of the B-spline's control points.
        seed: What the samples for the mutual information are drawn from.
        threads: The threads that it may take; 0 for all.
        tool: What registers. elastix has no affine stage here, and takes one thread; see `elastix`.
    """

    stages: tuple[Stage, ...] = ("rigid", "b-spline")
    working_mm: float = 2.0
    levels: tuple[int, ...] = (4, 2, 1)
    control_mm: float = 40.0
    seed: int = 0
    threads: int = 0
    tool: Tool = "simpleitk"


@dataclass(frozen=True, eq=False)
class Registration:
    """What was found.

    Attributes:
        transform: SimpleITK's: takes a point of the fixed image to the moving one, LPS in mm.
        linear: (4, 4): its rigid or affine part, RAS in mm.
        linear_only: Whether `linear` is all of it.
    """

    transform: Any
    linear: np.ndarray
    linear_only: bool

    @classmethod
    def from_linear(cls, placed: np.ndarray) -> Registration:
        """Make one of a matrix (4, 4) that takes points of the fixed image to the moving one, RAS in mm."""
        return cls(_itk_affine(LPS_TO_RAS @ placed @ LPS_TO_RAS), placed, True)

    @property
    def rotation_deg(self) -> float:
        """The angle by which the linear part turns."""
        turn = _nearest_rotation(self.linear[:3, :3])
        return float(np.degrees(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))))

    def without_bending(self) -> Registration:
        """The rigid or affine transform that the B-spline was added to."""
        if self.linear_only:
            return self
        return Registration(self.transform.GetNthTransform(0), self.linear, True)

    def points(self, points_mm: np.ndarray) -> np.ndarray:
        """Take points (N, 3) of the fixed image, RAS in mm, to the moving one."""
        lps = points_mm * (-1, -1, 1)
        moved = np.array([self.transform.TransformPoint(point) for point in lps.tolist()])
        return moved.reshape(-1, 3) * (-1, -1, 1)


def register(
    fixed: Volume,
    moving: Volume,
    settings: RegistrationSettings | None = None,
    fixed_mask: np.ndarray | None = None,
    moving_mask: np.ndarray | None = None,
    report: Report | None = None,
) -> Registration:
    """Find where the points of the fixed image lie in the moving one.

    Args:
        fixed: The image whose grid is kept.
        moving: The image that is brought to it.
        settings: How; None for a rigid and a B-spline stage.
        fixed_mask: (I, J, K) bool, where the fixed image is compared; None for everywhere.
        moving_mask: (I, J, K) bool, what in the moving image is the body; it tells only where to begin.
        report: Called with the share (0…1) that is done.

    Returns:
        The registration.

    Raises:
        InputError: An image has one value everywhere, too little of them lies over each other for a comparison, or elastix
            is wanted and not installed.
    """
    settings = settings or RegistrationSettings()
    finest_mm = min(*fixed.grid.spacing_mm, *moving.grid.spacing_mm)
    settings = replace(settings, working_mm=max(settings.working_mm, finest_mm))
    one, other = _working(fixed, settings.working_mm), _working(moving, settings.working_mm)
    mask = None if fixed_mask is None else _working_mask(Volume(fixed_mask, fixed.grid), one.grid)
    centres = [
        _centre(Volume(m, v.grid)) if m is not None else None for m, v in ((fixed_mask, fixed), (moving_mask, moving))
    ]
    bent = "b-spline" in settings.stages
    linear_levels = len(settings.levels) * (len(settings.stages) - bent)
    steps = _Steps(linear_levels + bent * len(BENT_LEVELS), report)
    guesses = _first_guesses(one, other, mask, centres[0], centres[1])
    try:
        if settings.tool == "elastix":
            return _by_elastix(one, other, mask, guesses[0], settings, report)
        linear = _linear(one, other, mask, guesses, settings, steps)
    except RuntimeError as error:
        raise InputError(
            "registration-failed",
            "the registration ended at once, because the images hardly overlap or have no contrast ({reason}); check that "
            "both are of one patient.",
            reason=library_says(RuntimeError(str(error).strip().splitlines()[-1]), "SimpleITK"),
        ) from None
    placed = _ras_matrix(linear)
    if not bent:
        return Registration(linear, placed, True)
    levels = []
    for times in BENT_LEVELS:
        level = _working(fixed, times * settings.working_mm)
        where = (
            np.ones(level.grid.size, bool)
            if fixed_mask is None
            else _working_mask(Volume(fixed_mask, fixed.grid), level.grid)
        )
        levels.append((level, _working(moving, times * settings.working_mm), where))
    lattice, control = free_form(levels, placed, settings.control_mm, BENT_STEPS, steps.at_level)
    import SimpleITK as sitk

    # The transform that was added last is the first that a point goes through.
    return Registration(sitk.CompositeTransform([linear, _b_spline(lattice, control)]), placed, False)


def resample(volume: Volume, transform: Any, grid: Grid, outside: float, fine: Sequence[int] = (1, 1, 1)) -> np.ndarray:
    """Bring an image to a grid, with linear interpolation.

    Args:
        volume: The moving image.
        transform: SimpleITK's transform from points of the grid to points of the image; None where they are the same.
        grid: The grid that it is brought to.
        outside: The value of voxels that lie outside the image.
        fine: Into how many parts a voxel is divided along each axis: its value is their mean. Where the grid is coarser than
            the image, the value is then that of all of the voxel, as a scanner would measure it.

    Returns:
        (I, J, K) float32 on the grid.
    """
    result = np.empty(grid.size, np.float32)
    parts = int(np.prod(fine))
    slab = max(1, PART_VOXELS // max(1, grid.size[0] * grid.size[1] * parts))
    for first in range(0, grid.size[2], slab):
        last = min(first + slab, grid.size[2])
        part = grid.part((0, 0, first), (grid.size[0] - 1, grid.size[1] - 1, last - 1))
        values = sampled(volume, transform, _finer(part, fine), outside)
        shape = (part.size[0], fine[0], part.size[1], fine[1], part.size[2], fine[2])
        result[:, :, first:last] = values.reshape(shape).mean(axis=(1, 3, 5))
    return result


def fineness(grid: Grid, of: Grid, most: int = 4) -> tuple[int, int, int]:
    """Say into how many parts each voxel is divided along each axis when an image is brought to a coarser grid.

    Args:
        grid: The grid that the image is brought to.
        of: The image's own grid.
        most: The largest number of parts along an axis.

    Returns:
        A number from 1 for each axis of `grid`.
    """
    finest = min(of.spacing_mm)
    i, j, k = (int(np.clip(round(spacing / finest), 1, most)) for spacing in grid.spacing_mm)
    return i, j, k


def straight_grid(grid: Grid, spacing_mm: float) -> Grid:
    """Make a grid of cubic voxels, with axes at right angles, that covers another grid.

    Args:
        grid: The grid to cover; its axes are followed as far as right angles allow.
        spacing_mm: The side of the voxels in mm.

    Returns:
        The grid, with at least 4 voxels along each axis.
    """
    axes = _nearest_rotation(grid.direction)
    corners = np.array(list(itertools.product(*[(-0.5, n - 0.5) for n in grid.size], [1.0]))) @ grid.affine.T
    along = corners[:, :3] @ axes
    low, high = along.min(axis=0), along.max(axis=0)
    size = np.maximum(np.ceil((high - low) / spacing_mm - 1e-6).astype(int), 4)
    affine = np.eye(4)
    affine[:3, :3] = axes * spacing_mm
    affine[:3, 3] = axes @ ((low + high) / 2 - (size - 1) / 2 * spacing_mm)
    return Grid((int(size[0]), int(size[1]), int(size[2])), affine)


def mutual_information(one: np.ndarray, other: np.ndarray, bins: int = BINS) -> float:
    """Normalised mutual information of two lists of intensities: 2·I(a; b) / (H(a) + H(b)), from 0 (none) to 1.

    Args:
        one: (N,).
        other: (N,).
        bins: The bins of each, between its smallest and its largest value.

    Returns:
        The mutual information; 0 where an image has one value everywhere.
    """
    counts, _, _ = np.histogram2d(one, other, bins=bins)
    joint = counts / max(counts.sum(), 1)
    first, second = _entropy(joint.sum(axis=1)), _entropy(joint.sum(axis=0))
    return 0.0 if first + second == 0 else float(2 * (first + second - _entropy(joint.ravel())) / (first + second))


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


class _Steps:
    """Tells how much of the registration is done: each level of each stage counts the same."""

    def __init__(self, levels: int, report: Report | None) -> None:
        self._levels, self._report, self._done = levels, report, 0

    def at(self, share: float) -> None:
        if self._report is not None:
            self._report(min(1.0, (self._done + share) / self._levels))

    def at_level(self, level: int, share: float) -> None:
        """Of the last levels, those of the B-spline, one has come so far."""
        self._done = self._levels - len(BENT_LEVELS) + level
        self.at(share)

    def next_level(self) -> None:
        self._done += 1
        self.at(0.0)


def _by_elastix(
    one: Volume,
    other: Volume,
    mask: np.ndarray | None,
    guess: np.ndarray,
    settings: RegistrationSettings,
    report: Report | None,
) -> Registration:
    """Let elastix do all stages, from the best guess."""
    import SimpleITK as sitk

    steps = _Steps(len(settings.stages), report)
    placed, bent = elastix_register(
        one, other, mask, guess, settings.stages, settings.levels, settings.control_mm, settings.seed,
        steps.next_level,
    )  # fmt: skip
    linear = Registration.from_linear(placed)
    if bent is None:
        return linear
    return Registration(sitk.CompositeTransform([linear.transform, bent]), placed, False)


def _linear(
    one: Volume,
    other: Volume,
    mask: np.ndarray | None,
    guesses: Sequence[np.ndarray],
    settings: RegistrationSettings,
    steps: _Steps,
) -> Any:
    """Find the rigid, then the affine transform, each from coarse to fine."""
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    if settings.threads:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(settings.threads)
    fixed, moving = _itk_image(one), _itk_image(other)
    itk_mask = None if mask is None else _itk_image(Volume(mask.astype(np.uint8), one.grid))
    centre = _middle(one.grid, mask)
    levels = [
        (sitk.Shrink(sitk.SmoothingRecursiveGaussian(fixed, n * settings.working_mm / 2) if n > 1 else fixed, [n] * 3),
         sitk.SmoothingRecursiveGaussian(moving, n * settings.working_mm / 2) if n > 1 else moving,
         None if itk_mask is None else sitk.Shrink(itk_mask, [n] * 3))
        for n in settings.levels
    ]  # fmt: skip
    best: Any = None
    for guess in guesses:
        euler = _euler(guess, centre)
        value = _optimised(levels[0], euler, settings, None)
        if best is None or value < best[0]:
            best = (value, euler)
    steps.next_level()
    linear = best[1]
    for level in levels[1:]:
        _optimised(level, linear, settings, steps)
        steps.next_level()
    if "affine" in settings.stages:
        turned, linear = linear, sitk.AffineTransform(3)
        linear.SetMatrix(turned.GetMatrix())
        linear.SetCenter(turned.GetCenter())
        linear.SetTranslation(turned.GetTranslation())
        for level in levels:
            _optimised(level, linear, settings, steps)
            steps.next_level()
    return linear


def _optimised(
    level: tuple[Any, Any, Any],
    transform: Any,
    settings: RegistrationSettings,
    steps: _Steps | None,
) -> float:
    """Optimise a linear transform in place on one level; return minus the mutual information."""
    import SimpleITK as sitk

    fixed, moving, mask = level
    method = sitk.ImageRegistrationMethod()
    if settings.threads:
        method.SetNumberOfThreads(settings.threads)
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(
        min(1.0, SAMPLES / np.prod(fixed.GetSize())), settings.seed + 1
    )  # 0 would be the time of the day
    if mask is not None:
        method.SetMetricFixedMask(mask)
    method.SetInterpolator(sitk.sitkLinear)
    # Gradient descent without conjugate directions stopped 1.7 mm away where this came to 0.4 mm.
    method.SetOptimizerAsConjugateGradientLineSearch(1.0, MOST_STEPS, 1e-5, 8)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, inPlace=True)
    if steps is not None:
        method.AddCommand(
            sitk.sitkIterationEvent, lambda: steps.at(min(1.0, method.GetOptimizerIteration() / MOST_STEPS))
        )
    method.Execute(fixed, moving)
    return float(method.GetMetricValue())


def _first_guesses(
    one: Volume, other: Volume, mask: np.ndarray | None, one_centre: np.ndarray | None, other_centre: np.ndarray | None
) -> list[np.ndarray]:
    """The most promising of some placements (4, 4), RAS, at `FIRST_VOXEL_MM`: where to begin decides what is found.

    The images lie as the scanners say, or their middles lie over each other, or those of the bodies; each also turned.
    """
    grid = straight_grid(one.grid, FIRST_VOXEL_MM)
    fixed = sampled(smoothed(one, FIRST_VOXEL_MM), None, grid, np.nan)
    moving = smoothed(other, FIRST_VOXEL_MM)
    inside = np.isfinite(fixed)
    if mask is not None:
        inside &= sampled(Volume(mask.astype(np.float32), one.grid), None, grid, 0.0) > 0.5
    points = np.argwhere(inside)
    values = fixed[inside]
    mm = points @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    middle = _middle_mm(one.grid) if one_centre is None else one_centre
    shifts = [np.zeros(3), _middle_mm(other.grid) - _middle_mm(one.grid)]
    if one_centre is not None and other_centre is not None:
        shifts.append(other_centre - one_centre)
    to_voxel = np.linalg.inv(other.grid.affine)
    tried: list[tuple[float, np.ndarray]] = []
    for shift, *angles in itertools.product(shifts, *[FIRST_ANGLES_DEG] * 3):
        if np.count_nonzero(angles) > 1:
            continue
        placed = np.eye(4)
        placed[:3, :3] = rotation(angles)
        placed[:3, 3] = middle + shift - placed[:3, :3] @ middle
        through = to_voxel @ placed
        voxels = mm @ through[:3, :3].T + through[:3, 3]
        found = ndimage.map_coordinates(moving.array, voxels.T, order=1, cval=np.nan)
        there = np.isfinite(found)
        share = there.mean()
        # What lies outside counts as unlike: else a small overlap would look best.
        tried.append((float(share * mutual_information(values[there], found[there])) if share > 0.2 else 0.0, placed))
    tried.sort(key=lambda item: -item[0])
    return [placed for _, placed in tried[:FOLLOWED]]


def rotation(angles_deg: Sequence[float]) -> np.ndarray:
    """Return the rotation (3, 3) about the axes right, anterior and superior, in this order, by angles in degrees."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.radians(angles_deg)):
        a, b = (n for n in range(3) if n != axis)
        turn = np.eye(3)
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    return matrix


def _nearest_rotation(matrix: np.ndarray) -> np.ndarray:
    """The orthonormal matrix nearest to one (3, 3)."""
    u, _, v = np.linalg.svd(matrix)
    return u @ v


def _b_spline(lattice: Lattice, control: np.ndarray) -> Any:
    """SimpleITK's B-spline transform, from the displacement (I, J, K, 3) of the control points in mm, RAS."""
    import SimpleITK as sitk

    lps = control * (-1, -1, 1)
    return sitk.BSplineTransform([_itk_image(Volume(lps[..., n], lattice.control_grid)) for n in range(3)], 3)


def _euler(placed: np.ndarray, centre_lps: np.ndarray) -> Any:
    """SimpleITK's rigid transform about a point, from (4, 4) in RAS."""
    import SimpleITK as sitk

    lps = LPS_TO_RAS @ placed @ LPS_TO_RAS
    euler = sitk.Euler3DTransform()
    euler.SetCenter(centre_lps.tolist())
    euler.SetMatrix(_nearest_rotation(lps[:3, :3]).ravel().tolist(), 1e-6)
    euler.SetTranslation((lps[:3, :3] @ centre_lps + lps[:3, 3] - centre_lps).tolist())
    return euler


def _ras_matrix(linear: Any) -> np.ndarray:
    """(4, 4) in RAS, from SimpleITK's linear transform."""
    matrix, centre = np.array(linear.GetMatrix()).reshape(3, 3), np.array(linear.GetCenter())
    lps = np.eye(4)
    lps[:3, :3] = matrix
    lps[:3, 3] = centre + np.array(linear.GetTranslation()) - matrix @ centre
    return LPS_TO_RAS @ lps @ LPS_TO_RAS


def _middle_mm(grid: Grid) -> np.ndarray:
    return grid.affine[:3, :3] @ ((np.array(grid.size) - 1) / 2) + grid.affine[:3, 3]


def _middle(grid: Grid, mask: np.ndarray | None) -> np.ndarray:
    """The middle of the mask, or of the grid, LPS in mm: what a rotation turns about."""
    ras = _middle_mm(grid) if mask is None else _centre(Volume(mask, grid))
    return (ras if ras is not None else _middle_mm(grid)) * (-1, -1, 1)


def _centre(mask: Volume) -> np.ndarray | None:
    """The centre of mass of a mask, RAS in mm; None where it is empty."""
    if not mask.array.any():
        return None
    return mask.grid.affine[:3, :3] @ np.array(ndimage.center_of_mass(mask.array)) + mask.grid.affine[:3, 3]


def _working(volume: Volume, spacing_mm: float) -> Volume:
    """An image at the working voxels, clipped, between 0 and 1.

    Raises:
        InputError: It has one value everywhere.
    """
    low, high = np.percentile(volume.array, CLIPPED_PERCENTILES)
    if not high > low:
        low, high = float(volume.array.min()), float(volume.array.max())
    if not high > low:
        raise InputError(
            "registration-constant",
            "an image has the value {value:g} everywhere, so there is nothing to register; export it again.",
            value=low,
        )
    scaled = (np.clip(volume.array, low, high) - low) / (high - low)
    smooth = smoothed(Volume(scaled.astype(np.float32), volume.grid), spacing_mm)
    grid = straight_grid(volume.grid, spacing_mm)
    # Beyond the edges the outermost voxel goes on: the straight grid is a little larger.
    return Volume(sampled(smooth, None, grid, None), grid)


def _working_mask(mask: Volume, grid: Grid) -> np.ndarray:
    return sampled(Volume(mask.array.astype(np.float32), mask.grid), None, grid, 0.0) > 0.5


def smoothed(volume: Volume, spacing_mm: float) -> Volume:
    """Smooth an image, so that it can be sampled at a larger voxel size.

    Args:
        volume: The image.
        spacing_mm: The voxel size in mm that it is to be sampled at.

    Returns:
        The image on its own grid, by a Gaussian whose width follows from the two voxel sizes along each axis.
    """
    ratios = spacing_mm / np.array(volume.grid.spacing_mm)
    sigmas = 0.4 * np.sqrt(np.maximum(ratios**2 - 1, 0))
    return Volume(ndimage.gaussian_filter(volume.array, sigmas, mode="nearest"), volume.grid)


def _finer(grid: Grid, parts: Sequence[int]) -> Grid:
    """A grid with each voxel divided into parts along each axis."""
    scale = np.diag([1 / parts[0], 1 / parts[1], 1 / parts[2], 1.0])
    scale[:3, 3] = [(1 / n - 1) / 2 for n in parts]
    size = tuple(n * m for n, m in zip(grid.size, parts, strict=True))
    return Grid((size[0], size[1], size[2]), grid.affine @ scale)


def sampled(volume: Volume, transform: Any, grid: Grid, outside: float | None) -> np.ndarray:
    """Sample an image at the voxels of a grid, by linear interpolation.

    Args:
        volume: The image.
        transform: The SimpleITK transform from the points of `grid` to those of the image; None for the same points.
        grid: Where it is sampled.
        outside: The value beyond the image. None continues its outermost voxels where there is no transform, and is 0 with
            one.

    Returns:
        (I, J, K) float32 on `grid`.
    """
    array = volume.array.astype(np.float32, copy=False)
    if transform is None:
        matrix = np.linalg.solve(volume.grid.affine, grid.affine)
        mode, cval = ("nearest", 0.0) if outside is None else ("constant", outside)
        return ndimage.affine_transform(array, matrix, output_shape=grid.size, order=1, mode=mode, cval=cval)
    import SimpleITK as sitk

    # In voxels, with what takes them to mm as part of the transform: so axes need not be at right angles.
    image = sitk.GetImageFromArray(array.T)
    to_mm, to_voxel = _itk_affine(LPS_TO_RAS @ grid.affine), _itk_affine(np.linalg.inv(LPS_TO_RAS @ volume.grid.affine))
    reach = sitk.Resample(
        image, grid.size, sitk.CompositeTransform([to_voxel, transform, to_mm]), sitk.sitkLinear, (0.0, 0.0, 0.0),
        (1.0, 1.0, 1.0), np.eye(3).ravel().tolist(), float(outside or 0.0), sitk.sitkFloat32,
    )  # fmt: skip
    return sitk.GetArrayFromImage(reach).T


def _itk_affine(matrix: np.ndarray) -> Any:
    import SimpleITK as sitk

    affine = sitk.AffineTransform(3)
    affine.SetMatrix(matrix[:3, :3].ravel().tolist())
    affine.SetTranslation(matrix[:3, 3].tolist())
    return affine


def _itk_image(volume: Volume) -> Any:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array.T))
    spacing, direction, origin = volume.grid.to_lps()
    image.SetSpacing(spacing)
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin(origin)
    return image
