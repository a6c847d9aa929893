"""`none`: intensities stay as they are."""

from __future__ import annotations

from TransferSegLib.cases.normalisation.normaliser import Normaliser

NORMALISER = Normaliser(lambda image, values, settings: image, of_whole_image=False, monai=lambda settings: [])
