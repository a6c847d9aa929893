"""Mecheter et al. 2023: from T1-weighted to T2-weighted heads, layer by layer and with two encoders.

Tables 3 to 9 and figures 5 to 8. The paper's folds (§3.5, "three folds cross validation") are settled as follows. It has 14
patients with T2-weighted scans, 8 to train, 3 to validate and 3 to test (Table 2), and does not say which of them a fold
tests; that the folds of one layer agree to the third digit (Table 4, FC) suggests that all test the same three. Here each
fold tests a third of the patients and two of the others validate, so that every patient is scored once by a model that has
not seen it, and a claim rests on all of them. The intervals of tables 6 to 9 are over voxels in the paper (±0.0007 is that
of some two million); voxels of one head are not independent, so here they are over patients.
"""

from __future__ import annotations

from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable
from TransferSegLib.studies.papers.mecheter2023.claims import CLAIMS
from TransferSegLib.studies.papers.mecheter2023.figures import figure_5, figure_6, figure_7, figure_8
from TransferSegLib.studies.papers.mecheter2023.grid import GRID, QUICK
from TransferSegLib.studies.papers.mecheter2023.tables import table_3, table_4, table_5, table_9, tables_6_to_8

PAPER = PaperStudy(
    name="mecheter2023",
    title="From T1-weighted to T2-weighted heads: how many layers, and two encoders",
    paper="Mecheter et al., Transfer learning from T1-weighted to T2-weighted magnetic resonance sequences for brain image "
    "segmentation, CAAI Transactions on Intelligence Technology 2023",
    grid=GRID,
    quick=QUICK,
    tables=(
        PaperTable("Table 3", table_3),
        PaperTable("Table 4", table_4),
        PaperTable("Table 5", table_5),
        PaperTable("Tables 6 to 8", tables_6_to_8),
        PaperTable("Table 9", table_9),
    ),
    figures=(
        PaperFigure(
            "figure-5",
            "Figure 5",
            "Dice of each tissue over the convolutions that are tuned, a line for each number of training patients. "
            "Bars: 95 % interval over patients.",
            figure_5,
        ),
        PaperFigure(
            "figure-6",
            "Figure 6",
            "Test cases with the best, the middle and the worst Dice: image, reference, and what each approach found.",
            figure_6,
            follow_page=False,
        ),
        PaperFigure(
            "figure-7",
            "Figure 7",
            "Seconds until a training was within 0.5 % of its best Dice on the validation patients; a dot is a fold.",
            figure_7,
        ),
        PaperFigure(
            "figure-8",
            "Figure 8",
            "T2-weighted test cases, segmented by the model of T1-weighted heads and by that of both sequences.",
            figure_8,
            follow_page=False,
        ),
    ),
    claims=CLAIMS,
    differs=(
        "Folds: each tests a third of the patients, so every patient counts once. The paper does not say which "
        "patients a fold tests; it has three to test (Table 2).",
        "Intervals are over patients, not over voxels as the paper's ±0.0007, which take the voxels of one head for "
        "independent.",
        "Tables 6 to 8 show, of the numbers of layers and of the aggregations, those with the best Dice here, as the "
        "paper does with its own.",
        "Convergence is the step from which on the Dice on the validation patients was within 0.5 % of its best; the "
        "paper does not define it.",
        "Table 9: the model of both sequences is trained once a fold of the T2-weighted scans. These are scored by all of "
        "them, T1-weighted scans by that of the first fold alone, as they have no folds.",
        "The grid of learning rates that the paper searched is not said: the recipe's rate is taken for all.",
    ),
)
