"""What the first stage of a cascade found, as inputs of the second.

So do nnU-Net's `DefaultPreprocessor.run_case_npy` and `convert_labelmap_to_one_hot`. The labels are brought to the second
stage's voxels as nnU-Net resamples segmentations (`resample_data_or_seg_to_shape` with `is_seg`), and each label is a channel
of its own after those of the images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from TransferSegLib.cases.extent import axes_shown
from TransferSegLib.cases.nnunet_resampling import axis_apart, resized_labels
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.inference_settings import AXES, AsNnunet
from TransferSegLib.core.preprocessing import Preprocessing


def with_found(
    case: PreparedCase, found: np.ndarray, values: Sequence[int], preprocessing: Preprocessing, as_nnunet: AsNnunet
) -> PreparedCase:
    """Add what a first stage found to the images of a prepared case.

    Args:
        case: The case, prepared for the second stage.
        found: (I, J, K), the value of each voxel's label on the case's own grid; 0 is background.
        values: The values that the first stage may find, in the order of the network's inputs.
        preprocessing: How the second stage wants its input.
        as_nnunet: How nnU-Net prepares images for it.

    Returns:
        The case, its image with a further channel for each value, 1 where the label is and 0 elsewhere.
    """
    order, flips = axes_shown(case.grid, case.file_order, case.slices_last)
    turned = np.flip(found.transpose(order), tuple(axis for axis, flipped in enumerate(flips) if flipped))
    turned = turned[tuple(slice(*ends) for ends in case.box or ())]
    apart = None
    if as_nnunet.slices_apart and preprocessing.spacing_mm is not None:
        own_mm = [case.grid.spacing_mm[axis] for axis in order]
        apart = axis_apart(own_mm, preprocessing.spacing_for(own_mm))
    theirs = [AXES.index(axis) for axis in as_nnunet.order]
    labels = resized_labels(turned, case.image.shape[1:], apart, theirs)
    one_hot = np.stack([labels == value for value in values]).astype(np.float32)
    return replace(case, image=np.concatenate([case.image, one_hot]))
