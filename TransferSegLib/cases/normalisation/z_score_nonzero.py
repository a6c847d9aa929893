"""`z-score-nonzero`: to zero mean and unit variance over the voxels that are not 0, which is where a body is; 0 stays 0."""

from __future__ import annotations

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.cases.normalisation.z_score import standardise

_MONAI = {"_target_": "NormalizeIntensityd", "nonzero": True, "channel_wise": True}

NORMALISER = Normaliser(standardise, nonzero_only=True, monai=lambda settings: [_MONAI])
