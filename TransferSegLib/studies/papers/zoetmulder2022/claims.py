"""What Zoetmulder 2022 claims, and how each claim is judged."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.studies.claims import (
    Claim,
    Claimed,
    Judgement,
    Sample,
    judge_all,
    judge_best,
    judge_difference,
)
from TransferSegLib.studies.papers.zoetmulder2022.grid import (
    ANATOMY,
    BEST_EQUAL,
    EQUAL,
    MS,
    SLICE_DICE,
    SLICE_IOU,
    SOURCES,
    STROKE,
    UNEQUAL,
    WHOLE_IMAGENET,
    SourceTask,
)
from TransferSegLib.studies.papers.zoetmulder2022.rows import cutoffs, detected, score
from TransferSegLib.studies.results import Results

# The two source models that are taken for their domain's best in §5.1: segmentation of T1 MR, auto-encoding of photographs.
BEST_UNEQUAL = UNEQUAL[1]
# Of lesions that are detected: a share below this counts for nothing.
NEGLIGIBLE_SHARE = 0.02


def _best(results: Results, best: SourceTask, others: Sequence[SourceTask], target: str, metric: str) -> Judgement:
    of = f"{'mIOU' if metric == SLICE_IOU else 'Dice'} per slice"
    samples = [score(results, target, one, metric) for one in others if one is not best]
    return judge_best(score(results, target, best, metric), samples, of)


def _stroke_equal(results: Results) -> Judgement:
    return _best(results, BEST_EQUAL, EQUAL, STROKE, SLICE_DICE)


def _stroke_unequal(results: Results) -> Judgement:
    return _best(results, BEST_UNEQUAL, UNEQUAL, STROKE, SLICE_DICE)


def _stroke_all(results: Results) -> Judgement:
    return _best(results, BEST_EQUAL, [one for one in SOURCES if one is not WHOLE_IMAGENET], STROKE, SLICE_DICE)


def _stroke_imagenet(results: Results) -> Judgement:
    return _against_imagenet(results, STROKE, SLICE_DICE, "more")


def _stroke_classification(results: Results) -> Judgement:
    parts = []
    for domain in (EQUAL, UNEQUAL):
        last = score(results, STROKE, domain[2], SLICE_DICE)
        for one in domain[:2]:
            parts.append(judge_difference(last, score(results, STROKE, one, SLICE_DICE), "less", "Dice per slice"))
    return judge_all(parts)


def _anatomy(results: Results) -> Judgement:
    return _best(results, BEST_EQUAL, SOURCES, ANATOMY, SLICE_IOU)


def _ms_imagenet(results: Results) -> Judgement:
    return _against_imagenet(results, MS, SLICE_DICE, "less")


def _against_imagenet(results: Results, target: str, metric: str, claimed: Claimed) -> Judgement:
    samples = [score(results, target, one, metric) for one in (BEST_EQUAL, WHOLE_IMAGENET)]
    return judge_difference(samples[0], samples[1], claimed, "Dice per slice")


def _overlaps(results: Results, target: str) -> tuple[float, float]:
    """The smallest and the largest overlap cut-off; 0 and 20 % in the paper."""
    found = cutoffs(results.where(target=target))[0] or (0.0, 0.2)
    return found[0], found[-1]


def _stroke_detection(results: Results) -> Judgement:
    overlap = _overlaps(results, STROKE)[1]
    samples = [detected(results, STROKE, one, overlap) for one in EQUAL]
    of = f"share of lesions detected above {100 * overlap:g} % overlap"
    return _judge_detection(samples[0], samples[1:], of)


def _ms_detection(results: Results) -> Judgement:
    parts = []
    for overlap in dict.fromkeys(_overlaps(results, MS)):
        samples = [detected(results, MS, one, overlap) for one in EQUAL]
        of = f"share of lesions detected above {100 * overlap:g} % overlap"
        parts.append(_judge_detection(samples[1], [samples[0], samples[2]], of))
    return judge_all(parts)


def _judge_detection(best: Sample, others: Sequence[Sample], of: str) -> Judgement:
    return judge_best(best, others, of, negligible=NEGLIGIBLE_SHARE, digits=2)


def _imagenet_detects_more(results: Results) -> Judgement:
    parts = []
    for target, which in ((STROKE, "stroke"), (MS, "MS")):
        overlap = _overlaps(results, target)[1]
        first, second = (detected(results, target, one, overlap) for one in (WHOLE_IMAGENET, BEST_EQUAL))
        of = f"share of {which} lesions detected above {100 * overlap:g} % overlap"
        parts.append(judge_difference(first, second, "more", of, negligible=NEGLIGIBLE_SHARE, digits=2))
    return judge_all(parts)


CLAIMS = (
    Claim(
        "segmentation-is-best-for-stroke-in-the-equal-domain",
        "Of the source tasks in the equal domain (T1 MR), segmentation gives the highest Dice of stroke lesions.",
        "§5.1, figure 3a",
        _stroke_equal,
    ),
    Claim(
        "self-supervision-is-best-for-stroke-in-the-unequal-domain",
        "Of the source tasks in the unequal domain (natural images), self-supervision gives the highest Dice of stroke "
        "lesions.",
        "§5.1, figure 3b",
        _stroke_unequal,
    ),
    Claim(
        "equal-segmentation-is-best-for-stroke",
        "Segmentation in the equal domain gives a higher Dice of stroke lesions than all other source models of as many "
        "images.",
        "§5.1, figure 3",
        _stroke_all,
    ),
    Claim(
        "equal-segmentation-beats-imagenet-for-stroke",
        "It gives a higher Dice of stroke lesions than all of ImageNet, which has ten times as many images.",
        "§5.1, figure 3c",
        _stroke_imagenet,
    ),
    Claim(
        "classification-is-worst-for-stroke",
        "Models that learned classification consistently have a low Dice of stroke lesions: lower than the other two source "
        "tasks of their domain.",
        "§5.1, figure 3",
        _stroke_classification,
    ),
    Claim(
        "equal-segmentation-is-best-for-anatomy",
        "Segmentation in the equal domain gives the highest mIOU of brain anatomy (0.62; 0.52 to 0.59 for the others, "
        "ImageNet among them).",
        "§5.2, table 1",
        _anatomy,
    ),
    Claim(
        "imagenet-is-slightly-better-for-ms",
        "For MS lesions all of ImageNet gives a slightly higher Dice (0.17; 0.16 with segmentation in the equal domain).",
        "§5.3, table 2",
        _ms_imagenet,
    ),
    Claim(
        "equal-segmentation-detects-most-stroke-lesions",
        "In the equal domain, segmentation detects more stroke lesions than the other source tasks where 20 % of a lesion "
        "have to be found.",
        "§5.1, figure 3a",
        _stroke_detection,
    ),
    Claim(
        "self-supervision-detects-most-ms-lesions",
        "In the equal domain, self-supervision detects the most MS lesions, whatever the overlap cut-off.",
        "§5.3, figure 4a",
        _ms_detection,
    ),
    Claim(
        "imagenet-detects-more-lesions",
        "All of ImageNet detects more lesions than segmentation in the equal domain: of stroke above 20 % overlap, and of "
        "MS.",
        "§5.1 and 5.3, figures 3c and 4c",
        _imagenet_detects_more,
    ),
)
