"""Lesion detection as CSV: a row for each case and pair of cut-offs; an empty cell is not applicable."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from TransferSegLib.core.files import replacing
from TransferSegLib.core.texts import as_cell
from TransferSegLib.evaluation.lesions.detection import LesionRow
from TransferSegLib.evaluation.lesions.options import Connectivity

COLUMNS = (
    "case", "connectivity", "overlap_cutoff", "volume_cutoff_ml",
    "lesions", "detected", "false_alarms", "precision", "recall", "f1",
)  # fmt: skip


def write_lesions(path: Path, rows: Iterable[LesionRow], connectivity: Connectivity, of_job: bool = False) -> None:
    """Write lesion detection.

    Args:
        path: The file, which is replaced as a whole.
        rows: The detection in each case.
        connectivity: Which neighbouring voxels counted as one lesion.
        of_job: Whether a row begins with strategy and fold.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(["strategy", "fold"] if of_job else []), *COLUMNS])
        for row in rows:
            place = [as_cell(row.strategy), as_cell(row.fold)] if of_job else []
            for scores in row.scores:
                values = [getattr(scores, column) for column in COLUMNS[2:]]
                cells = ["" if value is None else f"{value:.6g}" for value in values]
                writer.writerow([*place, as_cell(row.case), connectivity, *cells])
