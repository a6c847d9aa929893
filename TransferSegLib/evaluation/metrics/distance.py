"""Metrics of the distances between the surfaces of two masks, in mm: HD95, HD, ASSD and surface Dice (see `surface`)."""

from __future__ import annotations

from TransferSegLib.evaluation.metrics.metric import Metric, diagonal

HD95 = Metric(
    "hd95_mm",
    "HD95",
    "mm",
    "lower",
    2,
    "95 % of the surface lies nearer than this to the other surface, the worse of the two directions, in mm with the "
    "case's voxel spacing.",
    lambda pair: pair.distances.hd95_mm,
    worst=diagonal,
    perfect=0.0,
)
HD = Metric(
    "hd_mm",
    "HD",
    "mm",
    "lower",
    1,
    "The largest distance of a surface to the other, in either direction.",
    lambda pair: pair.distances.hd_mm,
    worst=diagonal,
    perfect=0.0,
    shown="files",
)
ASSD = Metric(
    "assd_mm",
    "ASSD",
    "mm",
    "lower",
    2,
    "The mean distance between the surfaces.",
    lambda pair: pair.distances.assd_mm,
    worst=diagonal,
    perfect=0.0,
    shown="report",
)
SURFACE_DICE = Metric(
    "surface_dice",
    "Surface Dice",
    "",
    "higher",
    3,
    "Share of both surfaces within {tolerance_mm:g} mm of each other.",
    lambda pair: pair.distances.surface_dice(pair.tolerance_mm),
    has_tolerance=True,
    shown="report",
)
