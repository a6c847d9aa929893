"""The predictions that were written to be corrected, and whether somebody has begun to."""

from __future__ import annotations

from dataclasses import dataclass

from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.sources.folder import file_sha256


@dataclass(frozen=True)
class Prediction:
    """What is known of a prediction that was written to be corrected.

    Attributes:
        model_sha256: The SHA-256 of the weights of the model that made it.
        sha256: The SHA-256 of the file.
    """

    model_sha256: str
    sha256: str


def prediction_of(folder: LoopFolder, case: str) -> Prediction | None:
    """What is known of the prediction that was written for a case; None where none was.

    Raises:
        InputError: The record holds something else.
    """
    path = folder.predictions / f"{case}.json"
    return from_json(Prediction, read_json(path), str(path)) if path.is_file() else None


def is_changed(folder: LoopFolder, case: str) -> bool:
    """Tell whether somebody has changed the prediction of a case in the folder `to-correct`.

    Args:
        folder: The loop's folder.
        case: The case's name.

    Returns:
        True where the file is there and is not the one that was written; so also for a file that no `next` wrote.
    """
    file = folder.to_correct / f"{case}.nii.gz"
    known = prediction_of(folder, case)
    return file.is_file() and (known is None or file_sha256(file) != known.sha256)
