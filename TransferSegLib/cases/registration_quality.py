"""How well a registration fits, in figures that need no reference, and which of them say that it failed.

The papers register and say nothing of failures. A failed registration gives labels of another place, which nobody sees in
a table of scores. So each case has figures: mutual information (how much of the CT the MR tells), edge agreement (whether the
borders in both run the same way), sharpness (whether it gets worse where the image is moved a little), coverage (how much of
the body both show), and whether the mirrored image fits better. Their limits were set on head phantoms
(`benchmarks/registration.py`): docs/labels-from-ct.md has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.registration import (
    Registration,
    mutual_information,
    resample,
    straight_grid,
)
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.problems import Problem

# Voxels at which the figures are measured.
QUALITY_VOXEL_MM = 3.0
# How far the image is moved to see whether that makes it worse.
NUDGE_MM = 6.0
# Limits. Those of sharpness and of the mirrored image tell most, as they need no scale of their own: each is the mutual
# information compared with itself.
LEAST_SHARPNESS = 0.33
# Coarse voxels blur both images, so a shift of 6 mm costs less: with 5 mm a right registration has 0.33 to 0.37 where it has
# 0.42 to 0.45 with 2 × 2.5 × 3.75 mm. So the limit falls with each mm that a voxel has beyond this.
SHARP_VOXEL_MM = 3.0
SHARPNESS_PER_MM = 0.02
MOST_MIRRORED = 0.9
LEAST_INFORMATION = 0.1
LEAST_EDGES = 0.0
LEAST_COVERAGE = 0.5
MOST_ROTATION_DEG = 45.0
MOST_FOLDED = 0.002


@dataclass(frozen=True)
class Quality:
    """The figures of a registration.

    Attributes:
        mutual_information: Normalised, within the body: 0 (the one tells nothing of the other) to 1.
        edge_agreement: 1 where the borders of the moving image run as those of the fixed one do, 0 as by chance (Haber and
            Modersitzki, MICCAI 2006: normalised gradients).
        sharpness: The share of the mutual information that is lost where the image is moved by 6 mm.
        mirrored: The mutual information of the mirrored image as a share of that of the image, both placed as well as a rigid
            transform can.
        coverage: The share of the fixed image's body that the moving image shows.
        rotation_deg: By how much the image was turned.
        bent_mm: How far the B-spline moves what a rigid transform leaves, 95th percentile within the body.
        folded: The share of the body that the B-spline turns inside out.
        voxel_mm: The mean side of a voxel, of the image whose voxels are coarser.
    """

    mutual_information: float
    edge_agreement: float
    sharpness: float
    mirrored: float
    coverage: float
    rotation_deg: float
    bent_mm: float
    folded: float
    voxel_mm: float = SHARP_VOXEL_MM

    @property
    def least_sharpness(self) -> float:
        """The sharpness that is usual at least with such voxels."""
        return LEAST_SHARPNESS - SHARPNESS_PER_MM * max(0.0, self.voxel_mm - SHARP_VOXEL_MM)


def measure_quality(
    fixed: Volume,
    moving: Volume,
    registration: Registration,
    body: np.ndarray,
    moving_known: np.ndarray | None = None,
    mirrored: float = 0.0,
) -> Quality:
    """Measure how well two registered images fit.

    Args:
        fixed: The image whose grid is kept.
        moving: The image that was brought to it, outside its body as its background.
        registration: What was found.
        body: (I, J, K) bool on the grid of `fixed`: the body.
        moving_known: (I, J, K) bool on the grid of `moving`: where it shows anything; None for everywhere.
        mirrored: See `Quality`.

    Returns:
        The figures.
    """
    grid = straight_grid(fixed.grid, QUALITY_VOXEL_MM)
    one = resample(fixed, None, grid, float(fixed.array.min()), (1, 1, 1))
    inside = resample(Volume(body.astype(np.float32), fixed.grid), None, grid, 0.0) > 0.5
    known = np.ones(moving.grid.size, np.float32) if moving_known is None else moving_known.astype(np.float32)
    covered = resample(Volume(known, moving.grid), registration.transform, grid, 0.0) > 0.5
    background = float(moving.array.min())
    other = resample(moving, registration.transform, grid, background)
    compared = ndimage.binary_dilation(inside, iterations=3) & covered
    coverage = float((covered & inside).sum() / max(1, inside.sum()))
    voxel_mm = max(float(np.mean(volume.grid.spacing_mm)) for volume in (fixed, moving))
    if compared.sum() < 100:
        return Quality(0.0, 0.0, 0.0, mirrored, coverage, registration.rotation_deg, 0.0, 0.0, voxel_mm)
    first, second = _clipped(one, compared), _clipped(other, compared)
    information = mutual_information(first[compared], second[compared])
    return Quality(
        mutual_information=information,
        edge_agreement=edge_agreement(first, second, compared),
        sharpness=_sharpness(first, second, compared, information),
        mirrored=mirrored,
        coverage=coverage,
        rotation_deg=registration.rotation_deg,
        bent_mm=_bent_mm(registration, grid, inside),
        folded=_folded(registration, grid, inside),
        voxel_mm=voxel_mm,
    )


def failings(quality: Quality) -> list[Problem]:
    """Say which figures of a registration speak against it, as clauses of a sentence."""
    found = []
    if quality.coverage < LEAST_COVERAGE:
        found.append(
            Problem(
                "registration-coverage",
                "the other image shows only {share:.0%} of the body",
                {"share": quality.coverage},
                "warning",
            )
        )
    if quality.rotation_deg > MOST_ROTATION_DEG:
        found.append(
            Problem(
                "registration-rotation",
                "one image was turned by {angle:.0f}°",
                {"angle": quality.rotation_deg},
                "warning",
            )
        )
    if quality.mirrored > MOST_MIRRORED:
        found.append(
            Problem(
                "registration-mirrored",
                "its mirror image fits {better:?better|about as well}, as of another patient or with sides exchanged",
                {"better": quality.mirrored > 1},
                "warning",
            )
        )
    if quality.sharpness < quality.least_sharpness:
        found.append(
            Problem(
                "registration-not-sharp",
                "moving it by {nudge_mm:g} mm makes little difference (sharpness {value:.2f}, {limit:.2f} is usual at least)",
                {"nudge_mm": NUDGE_MM, "value": quality.sharpness, "limit": quality.least_sharpness},
                "warning",
            )
        )
    if quality.mutual_information < LEAST_INFORMATION:
        found.append(
            Problem(
                "registration-information",
                "the images tell little of each other (mutual information {value:.2f}, {limit:.2f} is usual at least)",
                {"value": quality.mutual_information, "limit": LEAST_INFORMATION},
                "warning",
            )
        )
    if quality.edge_agreement < LEAST_EDGES:
        found.append(
            Problem(
                "registration-edges",
                "borders do not run alike (edge agreement {value:.2f}, 0 is chance)",
                {"value": quality.edge_agreement},
                "warning",
            )
        )
    if quality.folded > MOST_FOLDED:
        found.append(
            Problem(
                "registration-folded",
                "{share:.1%} of the body were turned inside out",
                {"share": quality.folded},
                "warning",
            )
        )
    return found


def edge_agreement(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """How well the borders in two images run along each other, whatever their contrast.

    The squared cosine of the angle between both gradients, weighted by the strength of both; chance (a third) is taken for 0.

    Args:
        one: (I, J, K), with voxels of equal sides.
        other: The same.
        where: (I, J, K) bool, what counts.

    Returns:
        1 where all borders run alike, 0 as by chance, and less where they avoid each other.
    """
    gradients = [np.stack(np.gradient(ndimage.gaussian_filter(image, 1.0))) for image in (one, other)]
    lengths = [np.sqrt((gradient**2).sum(axis=0)) for gradient in gradients]
    soft = [float(length[where].mean()) + 1e-12 for length in lengths]
    product = (gradients[0] * gradients[1]).sum(axis=0) ** 2
    cosine = product / ((lengths[0] ** 2 + soft[0] ** 2) * (lengths[1] ** 2 + soft[1] ** 2))
    weight = lengths[1] ** 2 / (lengths[1] ** 2 + soft[1] ** 2)
    return float((cosine[where].sum() / weight[where].sum() - 1 / 3) * 1.5)


def _clipped(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    low, high = np.percentile(image[where], (0.5, 99.5))
    return np.clip(image, low, high)


def _sharpness(one: np.ndarray, other: np.ndarray, where: np.ndarray, information: float) -> float:
    voxels = round(NUDGE_MM / QUALITY_VOXEL_MM)
    moved = [
        mutual_information(one[where], np.roll(other, sign * voxels, axis)[where])
        for axis in range(3)
        for sign in (-1, 1)
    ]
    return 0.0 if information == 0 else float(1 - np.mean(moved) / information)


def _bent_mm(registration: Registration, grid: Grid, inside: np.ndarray) -> float:
    """How far the B-spline goes beyond the rigid transform that comes nearest to it."""
    if registration.linear_only:
        return 0.0
    points = np.argwhere(inside)
    points = points[:: max(1, len(points) // 2000)] @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    moved = registration.points(points)
    one, other = points - points.mean(axis=0), moved - moved.mean(axis=0)
    u, _, v = np.linalg.svd(one.T @ other)
    turn = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ v))]) @ v
    return float(np.percentile(np.linalg.norm(one @ turn - other, axis=1), 95))


def _folded(registration: Registration, grid: Grid, inside: np.ndarray) -> float:
    if registration.linear_only:
        return 0.0
    coarse = straight_grid(grid, 4 * QUALITY_VOXEL_MM)
    ijk = np.stack(np.meshgrid(*[np.arange(n) for n in coarse.size], indexing="ij"), -1)
    moved = registration.points((ijk.reshape(-1, 3) @ coarse.affine[:3, :3].T) + coarse.affine[:3, 3])
    moved = moved.reshape(*coarse.size, 3)
    slopes = np.stack([np.stack(np.gradient(moved[..., n]), -1) for n in range(3)], -2)
    volumes = np.linalg.det(slopes) / np.linalg.det(coarse.affine[:3, :3])
    there = resample(Volume(inside.astype(np.float32), grid), None, coarse, 0.0) > 0.5
    return float((volumes[there] <= 0).mean()) if there.any() else 0.0
