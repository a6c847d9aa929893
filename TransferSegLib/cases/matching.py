"""The landmarks of a training set's histograms, for a card that brings other images to them; see `cases.landmarks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from TransferSegLib.cases.dicom import split_choice
from TransferSegLib.cases.landmarks import common_landmarks, landmarks_of
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.preprocessing_steps import chosen_steps


def with_landmarks(preprocessing: Preprocessing, cases: Sequence[Case], ct: Sequence[bool]) -> Preprocessing:
    """Add the landmarks of the training cases to a preprocessing, for each channel that is no CT.

    They are taken from the images as `prepare_case` hands them to the normalisation, after the steps on their own grid and at
    the model's spacing, so that an image that is prepared later is compared with its like. Every image is read for it, in a
    process once.

    Args:
        preprocessing: The preprocessing of a new model.
        cases: The training cases.
        ct: For each channel, whether it shows CT.

    Raises:
        InputError: A case cannot be read, or no image of a channel has any contrast.
    """
    own = [preprocessing.of_channel(n) for n in range(len(ct))]
    plain = replace(preprocessing, channels=tuple(_steps_alone(one) for one in own))
    each = [_landmarks(case.name, case.images, _stamps(case, plain), plain) for case in cases]
    try:
        found = tuple(
            replace(one, landmarks=None if is_ct else common_landmarks([case[n] for case in each]))
            for n, (one, is_ct) in enumerate(zip(own, ct, strict=True))
        )
    except ValueError:
        raise InputError(
            "no-landmarks",
            "{option}: the {count:,} training {count:~image has|images have} one value everywhere, so there is no "
            "histogram to match; look at the images.",
            option="--histogram-match",
            count=len(cases),
        ) from None
    if len(set(found)) == 1:
        return replace(preprocessing, landmarks=found[0].landmarks, channels=())
    return replace(preprocessing, channels=found)


def _steps_alone(one: Intensities) -> Intensities:
    return Intensities("none", **{step.name: value for step, value in chosen_steps(one)})


@lru_cache(maxsize=4096)
def _landmarks(
    name: str, images: tuple[Path, ...], stamps: tuple[int, ...], preprocessing: Preprocessing
) -> tuple[np.ndarray, ...]:
    """The landmarks of each image of a case; they are found again where a stamp says that a file has changed."""
    return tuple(landmarks_of(channel) for channel in prepare_case(Case(name, images, None), preprocessing).image)


def _stamps(case: Case, preprocessing: Preprocessing) -> tuple[int, ...]:
    """When the files that a case is prepared from were written; 0 for one that is not there."""
    files = [split_choice(path)[0] for path in case.images]
    files += [Path(preprocessing.template)] if preprocessing.template else []
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
