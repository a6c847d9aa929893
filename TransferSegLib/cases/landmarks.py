"""Landmarks of a histogram, and images brought to those of others (Nyúl, Udupa and Zhang, IEEE TMI 2000, §II).

The intensities of MR have no unit. Of an image, eleven landmarks are taken: percentile 1, the deciles and percentile 99 of
what lies above the image's mean, which is where the body is. A source model's landmarks are the mean of those of its training
images, each stretched to 0…100. An image is brought to them piece by piece, by straight lines from landmark to landmark; what
lies beyond the outermost ones continues their lines.

Open in the paper: the outer percentiles (it tries several; 1 and 99 here) and the number of landmarks (deciles, as in Shah et
al., Medical Image Analysis 2011).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from TransferSegLib.core.preprocessing import LANDMARK_PERCENTILES

# The standard scale goes from 0 to here.
SCALE = 100.0


def landmarks_of(image: np.ndarray) -> np.ndarray:
    """The landmarks of an image (any shape), (11,) float64 in the image's own unit."""
    body = image[image > image.mean(dtype=np.float64)]
    return np.percentile(body if body.size else image, LANDMARK_PERCENTILES).astype(np.float64)


def common_landmarks(each: Iterable[np.ndarray]) -> tuple[float, ...]:
    """The landmarks of a training set: the mean of its images' landmarks, each stretched to 0…100.

    Args:
        each: The landmarks of each image; those of an image without contrast are left out.

    Returns:
        Eleven rising numbers, the first 0 and the last 100.

    Raises:
        ValueError: No image has contrast.
    """
    stretched = [(own - own[0]) / (own[-1] - own[0]) * SCALE for own in each if own[-1] > own[0]]
    if not stretched:
        raise ValueError("no image has contrast")
    return tuple(float(value) for value in np.mean(stretched, axis=0))


def brought_to(image: np.ndarray, landmarks: Sequence[float]) -> np.ndarray:
    """Bring an image's landmarks to given ones.

    Args:
        image: (I, J, K) float32.
        landmarks: Eleven rising numbers.

    Returns:
        (I, J, K) float32; an image without contrast is returned as it is.
    """
    own, wanted = landmarks_of(image), np.asarray(landmarks, np.float64)
    kept = np.flatnonzero(np.diff(own, prepend=-np.inf) > 0)  # no two landmarks at one intensity
    own, wanted = own[kept], wanted[kept]
    if len(own) < 2:
        return image
    result = np.interp(image, own, wanted)
    below, above = (wanted[1] - wanted[0]) / (own[1] - own[0]), (wanted[-1] - wanted[-2]) / (own[-1] - own[-2])
    result += np.minimum(image - own[0], 0) * below + np.maximum(image - own[-1], 0) * above
    return result.astype(np.float32)
