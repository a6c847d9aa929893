"""The landmarks of a training set's histograms, for a card that brings other images to them; see `cases.landmarks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.cases.landmarks import common_landmarks, landmarks_of
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def with_landmarks(preprocessing: Preprocessing, cases: Sequence[Case], ct: Sequence[bool]) -> Preprocessing:
    """Add the landmarks of the training cases to a preprocessing, for each channel that is no CT.

    They are taken from the images as `prepare_case` hands them to the normalisation, with the bias field taken out and at the
    model's spacing, so that an image that is prepared later is compared with its like. Every image is read once for it.

    Args:
        preprocessing: The preprocessing of a new model.
        cases: The training cases.
        ct: For each channel, whether it shows CT.

    Raises:
        InputError: A case cannot be read, or no image of a channel has any contrast.
    """
    own = [preprocessing.of_channel(n) for n in range(len(ct))]
    plain = replace(preprocessing, channels=tuple(Intensities("none", n4=one.n4) for one in own))
    each = [[landmarks_of(channel) for channel in prepare_case(case, plain).image] for case in cases]
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
