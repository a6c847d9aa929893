"""Registration by elastix (Klein et al., IEEE Trans Med Imaging 2010;29:196), which Mecheter et al. 2020 and 2023 used.

The papers name no settings, so elastix's own are taken: mutual information, adaptive stochastic gradient descent, and for the
B-spline the bending energy beside it. Voxels, levels and control points are those of `registration`, and the weight of the
bending energy is that of `free_form`. With elastix's own weight, 1, it overfits: on a small head phantom that was turned and
not bent, the median error grew from the 0.7 mm that the rigid transform left to 5.6 mm; here to 2.2 mm, with voxels of 5 mm.

itk-elastix is an extra (`transferseg[elastix]`). Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from TransferSegLib.cases.free_form import BENDING
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import LPS_TO_RAS, Grid

INSTALL = "pip install 'transferseg[elastix]'"
# The names that elastix gives its own settings of each stage.
PARAMETER_MAPS = {"rigid": "rigid", "b-spline": "bspline"}
# The weight of the bending energy in 1/mm², where that of `free_form` is in 1/(10 mm)².
BENDING_PER_MM2 = 100 * BENDING
# With two, itk-elastix 0.25 ended in a segmentation fault in the B-spline. Cases run side by side anyhow.
THREADS = 1


def require_elastix() -> Any:
    """Import ITK with elastix.

    Raises:
        InputError: It is not installed.
    """
    try:
        itk: Any = importlib.import_module("itk")
        itk.ElastixRegistrationMethod  # noqa: B018 an ITK without elastix has none
    except (ImportError, AttributeError):
        raise InputError(
            "elastix-missing",
            "{option}: itk-elastix is not installed; install it by `{command}`.",
            option="--with elastix",
            command=INSTALL,
        ) from None
    return itk


def elastix_register(
    fixed: Volume,
    moving: Volume,
    mask: np.ndarray | None,
    start: np.ndarray,
    stages: Sequence[str],
    levels: Sequence[int],
    control_mm: float,
    seed: int,
    stage_done: Callable[[], None],
) -> tuple[np.ndarray, Any | None]:
    """Find where the points of the fixed image lie in the moving one.

    Args:
        fixed: The image whose grid is kept, with cubic voxels.
        moving: The image that is brought to it.
        mask: (I, J, K) bool, where the fixed image is compared; None for everywhere.
        start: (4, 4), where to begin: takes points of the fixed image to the moving one, RAS in mm.
        stages: Of `PARAMETER_MAPS`, one after the other; a B-spline is the last.
        levels: How many times the voxel a voxel is on each level, from coarse to fine.
        control_mm: The distance of the B-spline's control points.
        seed: What the samples are drawn from.
        stage_done: Called after each stage.

    Returns:
        (4, 4): the rigid part, RAS in mm; and SimpleITK's B-spline transform that a point goes through before it,
        None where there is no such stage.

    Raises:
        InputError: elastix is not installed.
        RuntimeError: elastix came to no end.
    """
    itk = require_elastix()
    linear, bent = start, None
    fixed_image = _image(itk, fixed.array.astype(np.float32), fixed.grid)
    where = {} if mask is None else {"fixed_mask": _image(itk, mask.astype(np.uint8), fixed.grid)}
    for stage in stages:
        # The moving image lies where it was brought before. So each stage begins at nothing, and finds what is added.
        placed = Grid(moving.grid.size, np.linalg.solve(linear, moving.grid.affine))
        settings = _settings(itk, stage, levels, control_mm, seed)
        _, found = itk.elastix_registration_method(
            fixed_image, _image(itk, moving.array.astype(np.float32), placed), parameter_object=settings,
            number_of_threads=THREADS, log_to_console=False, **where,
        )  # fmt: skip
        values = {key: found.GetParameter(0, key) for key in found.GetParameterMap(0)}
        if stage == "b-spline":
            bent = _b_spline(values)
        else:
            linear = linear @ _rigid(values)
        stage_done()
    return linear, bent


def _settings(itk: Any, stage: str, levels: Sequence[int], control_mm: float, seed: int) -> Any:
    """Elastix's own settings of a stage, with these levels."""
    settings = itk.ParameterObject.New()
    chosen = settings.GetDefaultParameterMap(PARAMETER_MAPS[stage], len(levels), control_mm)
    # A value for each axis on each level.
    schedule = [str(level) for level in levels for _ in range(3)]
    chosen["FixedImagePyramidSchedule"] = chosen["MovingImagePyramidSchedule"] = schedule
    chosen["AutomaticTransformInitialization"] = ["false"]
    # An eroded mask would leave out the border between body and air, without which a head was not found.
    chosen["ErodeMask"] = ["false"]
    if stage == "b-spline":
        chosen["Metric1Weight"] = [str(BENDING_PER_MM2)]
    chosen["RandomSeed"] = [str(seed + 1)]
    chosen["WriteResultImage"] = ["false"]
    settings.AddParameterMap(chosen)
    return settings


def _image(itk: Any, array: np.ndarray, grid: Grid) -> Any:
    image = itk.image_from_array(np.ascontiguousarray(array.T))
    spacing, direction, origin = grid.to_lps()
    image.SetSpacing([float(s) for s in spacing])
    image.SetOrigin([float(o) for o in origin])
    image.SetDirection(itk.matrix_from_array(np.ascontiguousarray(direction, float)))
    return image


def _rigid(values: dict[str, Sequence[str]]) -> np.ndarray:
    """(4, 4) in RAS, of what elastix says of its rigid transform."""
    import SimpleITK as sitk

    transform = sitk.Euler3DTransform()
    transform.SetCenter([float(v) for v in values["CenterOfRotationPoint"]])
    transform.SetParameters([float(v) for v in values["TransformParameters"]])
    lps = np.eye(4)
    lps[:3, :3] = np.array(transform.GetMatrix()).reshape(3, 3)
    lps[:3, 3] = transform.TransformPoint((0.0, 0.0, 0.0))
    return LPS_TO_RAS @ lps @ LPS_TO_RAS


def _b_spline(values: dict[str, Sequence[str]]) -> Any:
    """SimpleITK's transform, of what elastix says of its B-spline."""
    import SimpleITK as sitk

    size = [int(v) for v in values["GridSize"]]
    # Elastix writes one column of the direction after the other.
    direction = np.array([float(v) for v in values["GridDirection"]]).reshape(3, 3).T
    displacement = np.array([float(v) for v in values["TransformParameters"]]).reshape(3, *size[::-1])
    images = [sitk.GetImageFromArray(part) for part in displacement]
    for image in images:
        image.SetSpacing([float(v) for v in values["GridSpacing"]])
        image.SetOrigin([float(v) for v in values["GridOrigin"]])
        image.SetDirection(direction.ravel().tolist())
    return sitk.BSplineTransform(images, 3)
