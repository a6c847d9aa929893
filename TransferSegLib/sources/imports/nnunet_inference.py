"""How nnU-Net itself prepares images for a model and runs it, by the model's plans and checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from TransferSegLib.cases.nnunet_resampling import MOST_ANISOTROPY
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import AXES, AsNnunet
from TransferSegLib.core.problems import Problem
from TransferSegLib.networks.axes import OURS, Axes
from TransferSegLib.networks.wrong_argument import WrongArgument
from TransferSegLib.sources.imports.importer import FILE_ORDER
from TransferSegLib.sources.imports.nnunet_network import NetworkAxes

# What plans may name to resample images and outputs, and the keyword arguments with which it resamples images as
# `interpolation` says, and outputs linearly. The last two functions resample nothing.
SPLINES, TORCH = "resample_data_or_seg_to_shape", ("resample_torch_fornnunet", "resample_torch_simple")
RESAMPLING = (SPLINES, *TORCH)
NO_RESAMPLING = ("no_resampling_hack", "no_resampling_data_or_seg_to_shape")
# Readers that bring every image to one orientation; all others leave the voxels in the order of the file.
REORIENTING = ("NibabelIOWithReorient", "SimpleITKIOWithReorient")
# The settings of `resample_data_or_seg_to_shape` and `resample_torch_fornnunet` where plans do not have them.
_THRESHOLD = "separate_z_anisotropy_threshold"
_SPLINE_SETTINGS = {"order": 3, "order_z": 0, "force_separate_z": False, _THRESHOLD: MOST_ANISOTROPY}
_TORCH_SETTINGS = {
    "mode": "linear",
    "aniso_axis_mode": "nearest-exact",
    "force_separate_z": None,
    _THRESHOLD: MOST_ANISOTROPY,
}


def orientation_of(plans: Mapping[str, Any], chosen: str | None) -> str:
    """The order and the directions of the axes in which a network is shown the voxels of a file.

    Args:
        plans: What `plans.json` says, untrusted.
        chosen: What the person says: `file`, or three letters such as `LPS`.

    Returns:
        `file`, or the letters.

    Raises:
        InputError: What the person says is no orientation.
    """
    if chosen is None:
        reader = plans.get("image_reader_writer")
        return FILE_ORDER if isinstance(reader, str) and reader not in REORIENTING else OURS
    if chosen.lower() == FILE_ORDER:
        return FILE_ORDER
    try:
        return Axes(chosen.upper()).name
    except WrongArgument:
        raise InputError(
            "orientation-not-known",
            "{option} {value}: is no orientation; give three letters of R or L, A or P, S or I, such as RAS or LPS, or "
            "`file` for the axes of each file.",
            option="--orientation",
            value=chosen[:40],
        ) from None


def note_on_orientation(plans: Mapping[str, Any], orientation: str, chosen: bool) -> Problem:
    """Say which orientation the images have that a model is shown, and how that is known.

    Args:
        plans: What `plans.json` says, untrusted.
        orientation: `file`, or three letters such as `LPS`.
        chosen: Whether a person chose it at the import.
    """
    reader = str(plans.get("image_reader_writer") or "")[:40]
    if chosen and orientation != FILE_ORDER:
        return Problem(
            "nnunet-orientation-chosen",
            "Images are shown to it with the axes {orientation}, as was said at the import.",
            {"orientation": orientation},
            "note",
        )
    if orientation == FILE_ORDER:
        by = "" if chosen else reader
        return Problem(
            "nnunet-order-of-file",
            "nnU-Net shows it the voxels in the order of the file{by:? ({by})|}, and so does `segment`. "
            "Which orientation its training images had is not recorded, so jobs, and `segment "
            "--no-as-nnunet`, show it right, anterior, superior; if you know it, import it with "
            "--orientation.",
            {"by": by},
            "note",
        )
    if reader:
        return Problem(
            "nnunet-orientation-of-reader",
            "nnU-Net shows it images with the axes right, anterior, superior ({reader}).",
            {"reader": reader},
            "note",
        )
    return Problem(
        "nnunet-orientation-not-recorded",
        "nnU-Net does not record how its images were oriented; taken as right, anterior, superior.",
        severity="note",
    )


def as_nnunet_of(
    configuration: Mapping[str, Any], mirroring: Any, axes: NetworkAxes, orientation: str
) -> AsNnunet | None:
    """Read how nnU-Net runs a model.

    Args:
        configuration: The settings of its configuration, untrusted.
        mirroring: `inference_allowed_mirroring_axes` of its checkpoint, untrusted: axes of the network's kernels.
        axes: Which axis of the network each axis of a file is.
        orientation: See `orientation_of`.

    Returns:
        The settings; None where it resamples in a way that is not known here.
    """
    turned = Axes(OURS if orientation == FILE_ORDER else orientation)
    allowed = mirroring if isinstance(mirroring, (list, tuple)) else ()
    first = 3 - axes.dimensions  # the kernels of slices have no axis across them
    names = {AXES[turned.order[ours]] for ours, theirs in enumerate(axes.order) if theirs - first in allowed}
    mirror = tuple(axis for axis in AXES if axis in names)
    order = tuple(AXES[turned.order[axes.order.index(theirs)]] for theirs in range(3))
    in_file_order = orientation == FILE_ORDER
    if configuration.get("resampling_fn_data") in NO_RESAMPLING:
        if configuration.get("resampling_fn_probabilities") not in NO_RESAMPLING:
            return None
        return AsNnunet(mirror, file_order=in_file_order, order=order)
    image, logits = (_resampling(configuration, f"resampling_fn_{what}") for what in ("data", "probabilities"))
    if not any(name.startswith("resampling_fn") for name in configuration):  # of the first versions
        image, logits = ("cubic", True), ("linear", True)
    if image is None or logits is None or logits[0] != "linear" or image[1] != logits[1]:
        return None
    by_torch = configuration.get("resampling_fn_probabilities") == TORCH[0]
    return AsNnunet(mirror, image[0], image[1], in_file_order, order, logits_in_half=not by_torch)


def _resampling(configuration: Mapping[str, Any], name: str) -> tuple[Literal["cubic", "linear"], bool] | None:
    """How a function of the plans interpolates, and whether slices apart; None where it is not known here."""
    function = configuration.get(name, SPLINES)
    settings = configuration.get(f"{name}_kwargs")
    given = dict(settings) if isinstance(settings, Mapping) else {}
    known = _SPLINE_SETTINGS if function == SPLINES else _TORCH_SETTINGS
    if function not in (SPLINES, TORCH[0]) or given.get("is_seg", False):
        return None
    values = known | {key: value for key, value in given.items() if key in known}
    apart = values["force_separate_z"]
    if apart not in (None, False) or values[_THRESHOLD] != MOST_ANISOTROPY:
        return None
    if function == TORCH[0]:
        usual = all(values[key] == _TORCH_SETTINGS[key] for key in ("mode", "aniso_axis_mode"))
        return ("linear", apart is None) if usual else None
    if apart is None and values["order_z"] != 0:
        return None
    order = values["order"]
    return None if order not in (1, 3) else ("cubic" if order == 3 else "linear", apart is None)
