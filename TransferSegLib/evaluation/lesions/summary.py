"""Lesion detection added up over the cases of a strategy, as `scores.json`, the report and the tables show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.evaluation.lesions.detection import Lesion, LesionRow, LesionScores
from TransferSegLib.evaluation.lesions.options import LesionOptions


@dataclass(frozen=True)
class Detection:
    """The detection of lesions by one strategy at one pair of cut-offs, over all cases.

    Counts are added up over the cases, so every lesion counts alike, as in the paper's accuracy.

    Attributes:
        overlap_cutoff: A lesion is detected when more than this share of its voxels was segmented.
        volume_cutoff_ml: Smaller lesions, and smaller false alarms, are not counted.
        lesions: The number of lesions.
        detected: The number of those that were detected.
        false_alarms: The number of segmented components that lie on no lesion.
        false_alarms_per_case: The same over the number of cases.
        precision: See `LesionScores`; None where it does not apply.
        recall: Detected lesions over lesions, the paper's lesion detection accuracy.
        f1: The harmonic mean of both.
    """

    overlap_cutoff: float
    volume_cutoff_ml: float
    lesions: int
    detected: int
    false_alarms: int
    false_alarms_per_case: float
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class StrategyDetection:
    """The detection of lesions by one strategy.

    Attributes:
        strategy: The key of the strategy.
        cases: The number of cases.
        detections: At each pair of cut-offs, all volumes of the first overlap first.
    """

    strategy: str
    cases: int
    detections: tuple[Detection, ...]


@dataclass(frozen=True)
class LesionSummary:
    """The detection of lesions in a job.

    Attributes:
        label: The name of the label whose components are lesions.
        connectivity: 26 or 8, see `Connectivity`.
        volume_unit: The unit in which volumes are shown.
        out_of_fold: On the cases that the models did not see, a strategy each.
        test: On the separate test cases.
    """

    label: str
    connectivity: int
    volume_unit: Literal["mL", "mm³"]
    out_of_fold: tuple[StrategyDetection, ...] = ()
    test: tuple[StrategyDetection, ...] = ()


def summarise_lesions(rows: Sequence[LesionRow], options: LesionOptions, label: str, test_fold: str) -> LesionSummary:
    """Add up the detection of lesions in a job.

    Args:
        rows: The detection in each case, of all strategies.
        options: What a lesion is and when it is detected.
        label: The name of the label.
        test_fold: The fold of the separate test cases.
    """
    of_folds = [row for row in rows if row.fold != test_fold]
    of_tests = [row for row in rows if row.fold == test_fold]
    return LesionSummary(
        label, options.connectivity, options.volume_unit, _of_strategies(of_folds), _of_strategies(of_tests)
    )


def detection_curve(lesions: Iterable[Lesion], overlap_cutoff: float) -> list[tuple[float, float]]:
    """The share of lesions that were detected, over the volume cut-off (Zoetmulder 2022, figures 3 and 4).

    The paper draws three cut-offs. As every lesion is known, the share is exact for all: it changes where a cut-off passes a
    lesion's volume.

    Args:
        lesions: The lesions of all cases.
        overlap_cutoff: A lesion is detected when more than this share of its voxels was segmented.

    Returns:
        (volume cut-off in mL, share of the lesions of this volume or more that were detected), for the cut-off 0 and the
        volume of each lesion, ascending. Empty without lesions.
    """
    ranked = sorted(lesions, key=lambda lesion: -lesion.volume_ml)
    points: dict[float, float] = {}
    detected = 0
    for count, lesion in enumerate(ranked, start=1):
        detected += lesion.overlap > overlap_cutoff
        points[lesion.volume_ml] = detected / count  # the last of several of one volume counts them all
    if points:
        points[0.0] = detected / len(ranked)
    return sorted(points.items())


def _of_strategies(rows: Sequence[LesionRow]) -> tuple[StrategyDetection, ...]:
    found: dict[str, list[LesionRow]] = {}
    for row in rows:
        found.setdefault(row.strategy, []).append(row)
    return tuple(StrategyDetection(name, len(cases), _added_up(cases)) for name, cases in found.items())


def _added_up(cases: Sequence[LesionRow]) -> tuple[Detection, ...]:
    added = []
    for same in zip(*(case.scores for case in cases), strict=True):
        total = LesionScores(
            same[0].overlap_cutoff,
            same[0].volume_cutoff_ml,
            sum(scores.lesions for scores in same),
            sum(scores.detected for scores in same),
            sum(scores.false_alarms for scores in same),
        )
        added.append(
            Detection(
                total.overlap_cutoff,
                total.volume_cutoff_ml,
                total.lesions,
                total.detected,
                total.false_alarms,
                total.false_alarms / len(same),
                total.precision,
                total.recall,
                total.f1,
            )
        )
    return tuple(added)
