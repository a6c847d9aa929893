"""Zoetmulder et al. 2022: which source task and which domain help the segmentation of T1-weighted heads.

Tables 1 and 2 and figures 3 to 5. The encoder begins with the source model's weights, the decoder is new (§4.3). Where the
paper leaves something open: how the source models were trained is in appendices 9.2 and 9.3, which are not at hand; here as
the targets are, with the losses of §4.1. What an empty slice counts as, and whether the background is a class of the mIOU, is
not said: see `evaluation.metrics.overlap`.
"""

from __future__ import annotations

from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable
from TransferSegLib.studies.papers.zoetmulder2022.claims import CLAIMS
from TransferSegLib.studies.papers.zoetmulder2022.figures import (
    figure_3_detection,
    figure_3_dice,
    figure_4,
    figure_5_anatomy,
    figure_5_stroke,
)
from TransferSegLib.studies.papers.zoetmulder2022.grid import GRID, QUICK
from TransferSegLib.studies.papers.zoetmulder2022.tables import (
    ms_detection_table,
    stroke_detection_table,
    stroke_table,
    table_1,
    table_2,
)

PAPER = PaperStudy(
    name="zoetmulder2022",
    title="Which source task and domain help: segmentation, self-supervision, classification; T1 MR, natural images",
    paper="Zoetmulder et al., Domain- and task-specific transfer learning for medical segmentation tasks, Computer Methods "
    "and Programs in Biomedicine 2022",
    grid=GRID,
    quick=QUICK,
    tables=(
        PaperTable("Table 1", table_1),
        PaperTable("Table 2", table_2),
        PaperTable("Figure 3, top", stroke_table),
        PaperTable("Figure 3, bottom", stroke_detection_table),
        PaperTable("Figure 4", ms_detection_table),
    ),
    figures=(
        PaperFigure(
            "figure-3-dice",
            "Figure 3, top",
            "Dice of stroke lesions per slice over the fine-tuning set size: the mean over cases and draws, and its 95 % "
            "interval over cases.",
            figure_3_dice,
        ),
        PaperFigure(
            "figure-3-detection",
            "Figure 3, bottom",
            "The share of stroke lesions that one network with the largest fine-tuning set detected, over the volume from "
            "which on lesions count.",
            figure_3_detection,
        ),
        PaperFigure("figure-4", "Figure 4", "The share of MS lesions that was detected, likewise.", figure_4),
        PaperFigure(
            "figure-5-stroke",
            "Figure 5, stroke",
            "Test cases with the best, the middle and the worst Dice: image, reference, and what networks of five source "
            "models found.",
            figure_5_stroke,
            follow_page=False,
        ),
        PaperFigure(
            "figure-5-anatomy",
            "Figure 5, anatomy",
            "The same of brain anatomy.",
            figure_5_anatomy,
            follow_page=False,
        ),
    ),
    claims=CLAIMS,
    differs=(
        "Without data of your own, CT heads stand for natural images and ten times as many of them for ImageNet "
        "(`--quick`: twice as many): they look different from the targets, but they are heads. `--data natural=FOLDER` "
        "takes PNG or JPEG files, and `--source imagenet=MODEL` what `transferseg sources import` made of torchvision's "
        "ResNet-50.",
        "FSL made the paper's annotations of tissues and structures; here they are the labels of the data set `t1w`. "
        "Classification learns which of them a slice has.",
        "Dice and IOU are averaged over the slices of a case and then over cases, as a case is the unit of every interval "
        "and test; the paper averages over all slices of the test set alike.",
        "Made-up heads have the same lesions for stroke and MS; the paper's three targets are told apart by their data.",
        "The MNI template is given by `template` under `preprocessing`, see docs/preprocessing.md; without it cases keep "
        "their own space.",
    ),
)
