"""Where the body is in an image: its largest piece, without the bed of the scanner and what else lies around."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.registration import sampled, smoothed, straight_grid
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid

# Voxels at which the body is looked for: its outline need not be exact.
BODY_VOXEL_MM = 3.0
# What is thinner than twice this is no body: plates of a bed, cables, a mask.
THIN_MM = 6.0
# Between air and tissue, in HU.
TISSUE_ABOVE_HU = -500.0


def ct_body(ct: Volume, margin_mm: float = 4.0) -> np.ndarray:
    """Find the body in a CT image: the largest piece that is no air, without the bed.

    Args:
        ct: The image, in HU.
        margin_mm: How far around the body the mask reaches.

    Returns:
        (I, J, K) bool on the image's grid, cavities included; all False where there is only air.
    """
    grid = straight_grid(ct.grid, BODY_VOXEL_MM)
    hounsfield = sampled(smoothed(ct, BODY_VOXEL_MM), None, grid, None)
    return _on(_body(hounsfield > TISSUE_ABOVE_HU, grid, margin_mm), grid, ct.grid)


def mr_body(mr: Volume, margin_mm: float = 4.0) -> np.ndarray:
    """Find the body in an MR image: the largest piece that is brighter than the background.

    Args:
        mr: The image.
        margin_mm: How far around the body the mask reaches.

    Returns:
        (I, J, K) bool on the image's grid, cavities included.
    """
    grid = straight_grid(mr.grid, BODY_VOXEL_MM)
    signal = sampled(smoothed(mr, BODY_VOXEL_MM), None, grid, None)
    signal = np.minimum(signal, np.percentile(signal, 99))
    # Otsu's threshold lies between dark and bright tissue; half of it lies between the background and dark tissue.
    low = float(signal.min())
    return _on(_body(signal > low + (_otsu(signal) - low) / 2, grid, margin_mm), grid, mr.grid)


def _body(tissue: np.ndarray, grid: Grid, margin_mm: float) -> np.ndarray:
    """The largest piece of a mask on a straight grid, with its cavities and a margin."""
    thin = max(1, round(THIN_MM / 2 / grid.spacing_mm[0]))
    core = ndimage.binary_erosion(tissue, iterations=thin, border_value=1)
    pieces, count = ndimage.label(core)
    if not count:
        return np.zeros_like(tissue)
    sizes = np.bincount(pieces.ravel())[1:]
    body = pieces == 1 + int(sizes.argmax())
    # What was taken off its surface comes back, ears and nose too; a plate that touches it comes only so far.
    body = ndimage.binary_dilation(body, iterations=2 * thin, mask=tissue)
    order, _ = grid.axes_to_ras()
    slices = np.moveaxis(body, order[2], 0)
    for plane in slices:
        ndimage.binary_fill_holes(plane, output=plane)
    margin = round(margin_mm / grid.spacing_mm[0])
    return ndimage.binary_dilation(body, iterations=margin) if margin else body


def _on(mask: np.ndarray, grid: Grid, wanted: Grid) -> np.ndarray:
    return sampled(Volume(mask.astype(np.float32), grid), None, wanted, None) > 0.5


def _otsu(values: np.ndarray) -> float:
    """Otsu's threshold (IEEE Trans Syst Man Cybern 1979;9:62): it makes the variance between both classes largest.

    Where all values are one, it is that value.
    """
    if values.min() == values.max():
        return float(values.min())
    counts, edges = np.histogram(values, 256)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(middles[int(np.nanargmax(between))])
