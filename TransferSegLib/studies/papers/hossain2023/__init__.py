"""Hossain 2023: stroke lesions of mice from a model of rats, with partial and full fine-tuning and few cases.

Tables 4.1 to 4.3 and figures 3.1 and 4.1 to 4.6. Where the thesis leaves something open: the scans that its model of
rats (RatLesNetV2) was trained on are not public, and which of RatLesNetV2's published networks it began from, if any,
is not said; so the study trains one on a data set of its own, or takes a given one
(`--source model-of-rats=ratlesnetv2-heterogeneous-1`). All trainings by transfer take as many steps whatever their number
of cases (§4.1), and those from scratch five times as many; the recipe has both. Augmentation is translation alone
(§3.3.4).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable
from TransferSegLib.studies.papers.hossain2023.claims import CLAIMS
from TransferSegLib.studies.papers.hossain2023.figures import (
    figure_3_1,
    figure_4_1,
    figure_4_3,
    figure_4_6,
    progress_of,
    progress_of_unet,
)
from TransferSegLib.studies.papers.hossain2023.grid import FULL, GRID, PARTIAL, QUICK
from TransferSegLib.studies.papers.hossain2023.tables import table_4_1, table_4_2, table_4_3

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _progress(name: str, number: str, of: str, draw: Callable[..., Figure | None]) -> tuple[PaperFigure, PaperFigure]:
    """The two halves of a figure of a training's progress."""
    return (
        PaperFigure(f"figure-{name}-loss", f"{number}, loss", f"Training loss of {of}.", partial(draw, "loss")),
        PaperFigure(
            f"figure-{name}-dice", f"{number}, Dice", f"Dice on validation cases of {of}.", partial(draw, "dice")
        ),
    )


PAPER = PaperStudy(
    name="hossain2023",
    title="Lesions of mice from a model of rats: partial and full fine-tuning with few cases",
    paper="Hossain, Transfer learning for brain lesion segmentation in 3D pre-clinical magnetic resonance images, master's "
    "thesis 2023",
    grid=GRID,
    quick=QUICK,
    tables=(
        PaperTable("Table 4.1", table_4_1),
        PaperTable("Table 4.2", table_4_2),
        PaperTable("Table 4.3", table_4_3),
    ),
    figures=(
        PaperFigure(
            "figure-3-1",
            "Figure 3.1",
            "How large the lesions of all cases to train on are, in the bins that training samples are drawn from, "
            "and how many of each bin every sample takes.",
            figure_3_1,
        ),
        PaperFigure(
            "figure-4-1",
            "Figure 4.1",
            "Test cases with the best, the middle and the worst Dice, by the UNet from scratch.",
            figure_4_1,
            follow_page=False,
        ),
        *_progress("4-2", "Figure 4.2", "the UNet from scratch, without augmentation", progress_of_unet),
        PaperFigure(
            "figure-4-3",
            "Figure 4.3",
            "The same by partial fine-tuning with the largest training sample, without and with augmentation.",
            figure_4_3,
            follow_page=False,
        ),
        *_progress("4-4", "Figure 4.4", "partial fine-tuning, largest sample", partial(progress_of, PARTIAL)),
        *_progress("4-5", "Figure 4.5", "full fine-tuning, largest sample", partial(progress_of, FULL)),
        PaperFigure(
            "figure-4-6",
            "Figure 4.6",
            "The same by full fine-tuning.",
            figure_4_6,
            follow_page=False,
        ),
    ),
    claims=CLAIMS,
    differs=(
        "The scans of rats are private and the mice's were not at hand, and which model of rats the thesis began from is "
        "not known (RatLesNetV2's published ones are in the catalogue): without data of your own, heads with lesions "
        "stand for both, those of the rats in thicker slices. They have other labels beside the lesion, whose scores "
        "alone are shown.",
        "Training samples are drawn from eight bins of the lesion's volume, as in §3.1.2. Here a larger sample "
        "contains the smaller one; the thesis does not say whether its own do.",
        "HD95 counts a lesion that was missed with the diagonal of the image; MedPy, which the thesis used, refuses "
        "empty masks.",
    ),
)
