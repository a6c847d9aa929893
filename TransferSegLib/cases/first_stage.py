"""What the first stage of a cascade found in a case, as inputs of the second.

So do nnU-Net's `DefaultPreprocessor.run_case_npy` and `convert_labelmap_to_one_hot`. The labels are brought to the second
stage's voxels as nnU-Net resamples segmentations (`resample_data_or_seg_to_shape` with `is_seg`), and each label is a channel
of its own after those of the images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.cases.nnunet_resampling import resized_labels
from TransferSegLib.core.inference_settings import AXES, AsNnunet


@dataclass(frozen=True, eq=False)
class Found:
    """What a first stage found.

    Attributes:
        labels: (I, J, K), the value of each voxel's label on the case's own grid; 0 is background.
        values: The values that it may find, in the order of the second network's inputs.
    """

    labels: np.ndarray
    values: tuple[int, ...]


def as_inputs(
    labels: np.ndarray, values: Sequence[int], size: Sequence[int], apart: int | None, as_nnunet: AsNnunet | None
) -> np.ndarray:
    """The inputs of a network that say where each label was found.

    Args:
        labels: (I, J, K), what was found in the part of the case that the network is shown, with the axes that it is shown.
        values: The values of the labels.
        size: The size of the prepared image.
        apart: The axis across which slices are resampled by themselves; None for none.
        as_nnunet: How nnU-Net prepares images; None where it is done as for all other models.

    Returns:
        (values, *size) float32, 1 where the label is and 0 elsewhere.
    """
    order = range(3) if as_nnunet is None else [AXES.index(axis) for axis in as_nnunet.order]
    resized = resized_labels(labels, size, apart, tuple(order))
    return np.stack([resized == value for value in values]).astype(np.float32)
