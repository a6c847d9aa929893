"""What cases are chosen by: the volume of a label, or features of image and labels."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.case_set import Case

# The intensities that describe an image: percentiles that noise and a bright vessel hardly move.
PERCENTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class CaseMeasure:
    """What a case is chosen by.

    Attributes:
        name: The case.
        volume_ml: The volume of the label, or of several labels together.
        features: (F,), see `measure_case`; empty where they were not asked for.
    """

    name: str
    volume_ml: float
    features: tuple[float, ...] = ()


def measure_case(case: Case, values: Collection[int], all_values: Collection[int], with_features: bool) -> CaseMeasure:
    """Measure a case.

    Its features are, for each channel, percentiles of the intensities; the size of a voxel along each axis; and for each
    label of the data set its volume and where its centre lies in the image, as a share of the image's sides.

    Args:
        case: An annotated case.
        values: The values of the labels whose volume counts.
        all_values: The values of all labels of the data set.
        with_features: Whether its features are measured, for which its images are read.

    Raises:
        VolumeError: A file cannot be read.
    """
    assert case.label is not None
    images = [read_volume(path) for path in case.images] if with_features else []
    labels = read_labels(case.label, case.renumbered, images[0].grid if images else None)
    found, voxel_ml = labels.array, labels.grid.voxel_ml
    volume_ml = float(np.isin(found, sorted(values)).sum() * voxel_ml)
    if not with_features:
        return CaseMeasure(case.name, volume_ml)
    features: list[float] = []
    for image in images:
        features += [float(value) for value in np.percentile(image.array, PERCENTILES)]
    features += labels.grid.spacing_mm
    for value in sorted(all_values):
        places = np.argwhere(found == value)
        centre = places.mean(axis=0) / found.shape if len(places) else np.full(3, 0.5)
        features += [len(places) * voxel_ml, *(float(share) for share in centre)]
    return CaseMeasure(case.name, volume_ml, tuple(features))


def alike(features: np.ndarray, groups: int, seed: int) -> list[int]:
    """Put cases with like features into groups (k-means++, Arthur and Vassilvitskii 2007).

    Every feature is scaled to a standard deviation of 1; one that is the same in all cases says nothing and is left out.

    Args:
        features: (N, F), a row a case.
        groups: The number of groups; some may stay empty.
        seed: Decides the beginning.

    Returns:
        The number of each case's group, from 0.
    """
    # SciPy takes a while to import, and only this needs it.
    from scipy.cluster.vq import kmeans2

    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if scaled.shape[1] == 0 or len(scaled) <= groups:
        return [n % groups for n in range(len(scaled))]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="One of the clusters is empty")
        _centres, found = kmeans2(scaled, groups, minit="++", seed=seed, iter=50)
    return [int(n) for n in found]
