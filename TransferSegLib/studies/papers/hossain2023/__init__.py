"""Hossain 2023: stroke lesions of mice from a model of rats, with partial and full fine-tuning and few cases.

Tables 4.1 to 4.3 and figures 3.1 and 4.1 to 4.6. Where the thesis leaves something open: the model of rats (RatLesNetV2)
and the scans that it was trained on are not public, so the study trains one on a data set of its own, or takes a person's.
All trainings by transfer take as many steps whatever their number of cases (§4.1), and those from scratch five times as
many; the recipe has both. Augmentation is translation alone (§3.3.4).
"""

from __future__ import annotations

from TransferSegLib.studies.paper import PaperStudy, PaperTable
from TransferSegLib.studies.papers.hossain2023.claims import CLAIMS
from TransferSegLib.studies.papers.hossain2023.grid import GRID, QUICK
from TransferSegLib.studies.papers.hossain2023.tables import table_4_1, table_4_2, table_4_3

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
    figures=(),
    claims=CLAIMS,
    differs=(
        "The scans of rats are private and the mice's were not at hand: without data of your own, heads with lesions "
        "stand for "
        "both, those of the rats in thicker slices. They have other labels beside the lesion, whose scores alone are "
        "shown.",
        "Training samples are drawn at random, smaller ones out of larger ones. The thesis draws as many from each of "
        "eight bins "
        "of lesion size (§3.1.2): `transferseg cases select` does that, and its sets can be the `train` of a study's "
        "data.",
        "HD95 counts a lesion that was missed with the diagonal of the image; MedPy, which the thesis used, refuses "
        "empty masks.",
    ),
)
