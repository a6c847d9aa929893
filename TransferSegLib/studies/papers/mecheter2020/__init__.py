"""Mecheter et al. 2020: SegNet from T1-weighted to T2-weighted heads.

Tables I to III and figures 4 and 5. Where the paper leaves something open: it does not say how the T2-weighted patients
are split; here in two folds, as §III-A says of the T1-weighted ones, and a fold begins from the model of the same fold.
The training of "Segnet [10]" in Table II is that of another paper; here it is SegNet with this program's default recipe.
"""

from __future__ import annotations

from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable
from TransferSegLib.studies.papers.mecheter2020.claims import CLAIMS
from TransferSegLib.studies.papers.mecheter2020.figures import figure_4, figure_5
from TransferSegLib.studies.papers.mecheter2020.grid import GRID, QUICK
from TransferSegLib.studies.papers.mecheter2020.tables import table_1, table_2, table_3

PAPER = PaperStudy(
    name="mecheter2020",
    title="SegNet from T1-weighted to T2-weighted heads: 2 to 8 convolutions, or the decoder",
    paper="Mecheter et al., Brain MR imaging segmentation using transfer learning, IEEE 2020",
    grid=GRID,
    quick=QUICK,
    tables=(PaperTable("Table I", table_1), PaperTable("Table II", table_2), PaperTable("Table III", table_3)),
    figures=(
        PaperFigure(
            "figure-4",
            "Figure 4",
            "T1-weighted test cases with the best, the middle and the worst Dice: image, reference, and what SegNet "
            "found.",
            figure_4,
            follow_page=False,
        ),
        PaperFigure(
            "figure-5",
            "Figure 5",
            "T2-weighted test cases: image, reference, what the model of T1-weighted heads found, and what it found "
            "after its decoder was tuned.",
            figure_5,
            follow_page=False,
        ),
    ),
    claims=CLAIMS,
    differs=(
        "T2-weighted patients are split into two folds, each beginning from the model of T1-weighted heads of the "
        "same fold; the paper does not say how it split them.",
        "The conditional random field of Table II is not repeated: the libraries for one are not kept up. `Segnet + "
        "smoothing` is SimpleITK's Gaussian, class against class, which does not look at the image.",
        "`Segnet` in Table II is the same network with this program's default recipe: the training that the paper "
        "compares with is that of another paper.",
    ),
)
