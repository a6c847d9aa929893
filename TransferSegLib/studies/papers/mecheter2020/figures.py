"""Figures 4 and 5 of Mecheter 2020."""

from __future__ import annotations

from typing import TYPE_CHECKING

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.papers.mecheter2020.grid import PROPOSED
from TransferSegLib.studies.papers.mecheter2020.tables import of_source, tuned
from TransferSegLib.studies.pictures import study_gallery
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_4(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices of T1-weighted heads as their own model segments them."""
    return study_gallery("T1-weighted heads", folder, {"Segnet": of_source(results, PROPOSED)})


def figure_5(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices of T2-weighted heads as the model as it is, and its tuned decoder, segment them."""
    ways = tuned(results)
    shown = ("Transfer learning", "Finetune: Decoder")
    return study_gallery("T2-weighted heads by transfer learning", folder, {w: ways[w] for w in shown if w in ways})
