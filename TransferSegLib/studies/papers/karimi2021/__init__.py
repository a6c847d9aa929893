"""Karimi et al. 2021: when transfer learning helps, and what training does to filters and representations.

Tables 2 to 9 and figures 3 to 11. Where the paper leaves something open: table 5's caption says that the source is "the
other four CT datasets", its text Liver-CT; figure 7 has Pancreas and Spleen CT. Here they are one data set, `ct-organs`.
§3.7 reads RSIM(R.I., R.I.) < RSIM(R.I., T.L.) as "more similar", though RSIM is 1 where two layers are the same (equation
1); here more is more alike.
"""

from __future__ import annotations

from TransferSegLib.studies.paper import PaperStudy, PaperTable
from TransferSegLib.studies.papers.karimi2021.claims import CLAIMS
from TransferSegLib.studies.papers.karimi2021.figures import FIGURES
from TransferSegLib.studies.papers.karimi2021.grid import GRID, QUICK
from TransferSegLib.studies.papers.karimi2021.looking import look
from TransferSegLib.studies.papers.karimi2021.tables import (
    parts_table,
    table_2,
    table_3,
    table_4,
    table_5,
    table_6,
    table_7,
    table_8,
    table_9,
)

PAPER = PaperStudy(
    name="karimi2021",
    title="Transfer learning against random initialisation; what it does to filters and representations",
    paper="Karimi et al., Transfer learning in medical image segmentation: New insights from analysis of the dynamics of "
    "model parameters and learned representations, Artificial Intelligence in Medicine 2021",
    grid=GRID,
    quick=QUICK,
    tables=(
        PaperTable("Table 2", table_2),
        PaperTable("Table 3", table_3),
        PaperTable("Table 4", table_4),
        PaperTable("Table 5", table_5),
        PaperTable("Table 6", table_6),
        PaperTable("Table 7", table_7),
        PaperTable("Table 8", table_8, of_networks=True),
        PaperTable("Table 9", table_9, of_networks=True),
        PaperTable("Figure 11", parts_table),
    ),
    figures=FIGURES,
    claims=CLAIMS,
    differs=(
        "Four of the sixteen data sets of the paper's table 1 are in-house of one hospital and not shared. Without data of "
        "your own, heads stand for all of them, with lesions for TSC and BRATS: source and target then have the same labels, "
        "and differ in modality and heads alone.",
        "Curves are of validation cases, which also tell convergence; the paper shows its test cases.",
        "The source of table 5 and of figure 7's second transfer is one data set, `ct-organs`; the paper names others in its "
        "caption, its text and its figure.",
        "RSIM of pairs is read as equation 1 defines it: more is more alike. §3.7 of the paper reads it the other way round.",
        "Six layers are shown in tables 8 and 9: the first three stages of the encoder and the last three of the decoder; "
        "figures show all stages.",
    ),
    look=look,
)
