"""Which rows of a study are what in Zoetmulder 2022, and how lesions are counted there."""

from __future__ import annotations

from collections.abc import Mapping

from TransferSegLib.studies.claims import Sample
from TransferSegLib.studies.entries import sample
from TransferSegLib.studies.papers.zoetmulder2022.grid import ANATOMY, NATURAL, STROKE, T1W, SourceTask
from TransferSegLib.studies.results import ResultRow, Results, lesion_column

DOMAINS: Mapping[str, str] = {T1W: "T1 MR", NATURAL: "natural images"}


def full_title(one: SourceTask) -> str:
    """A source model in a sentence or a legend: `Segmentation, T1 MR`."""
    return f"{one.title}, {DOMAINS[one.domain]}" if one.domain in DOMAINS else one.title


def with_lesions(results: Results) -> Results:
    """The rows of the label whose lesions are counted, or of all labels where none are."""
    counted = Results(tuple(row for row in results if _counts(row)))
    return counted if len(counted) else results


def of_target(results: Results, target: str) -> Results:
    """The rows that a target is scored by: all labels of the brain's anatomy, and the lesion alone of the others."""
    some = results.where(target=target)
    return some if target == ANATOMY else with_lesions(some)


def with_largest_sets(results: Results) -> Results:
    """The rows of the largest fine-tuning set."""
    sizes = results.levels("size")
    return results.where(size=sizes[-1]) if sizes else results


def one_draw(results: Results) -> Results:
    """The rows of one fine-tuning set of the largest size, as §4.4 counts stroke lesions."""
    some = with_largest_sets(results)
    draws = some.levels("draw")
    return some.where(draw=draws[0]) if draws else some


def score(results: Results, target: str, one: SourceTask, metric: str) -> Sample:
    """The score of each case, over all sizes and draws."""
    return sample(of_target(results, target).where(source=one.name), full_title(one), metric)


def cutoffs(results: Results) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The cut-offs that lesions were counted at: overlaps from 0 to 1, and volumes in mL."""
    names = {name for row in results for name in row.values if name.startswith("lesions_")}
    parts = [name.removeprefix("lesions_").removesuffix("ml").split("pct_") for name in names]
    return tuple(sorted({float(o) / 100 for o, _ in parts})), tuple(sorted({float(v) for _, v in parts}))


def detection(results: Results, overlap: float, volume_ml: float) -> dict[str, float]:
    """Name of a case → the share of its lesions that were detected; cases without a lesion that large are left out."""
    found = {}
    for case, rows in results.groups("case").items():
        lesions = sum(rows.values(lesion_column("lesions", overlap, volume_ml)))
        if lesions:
            found[case] = sum(rows.values(lesion_column("detected", overlap, volume_ml))) / lesions
    return found


def detected_share(results: Results, overlap: float, volume_ml: float) -> float | None:
    """The share of all lesions of all cases that were detected; None where there is none so large."""
    lesions = sum(results.values(lesion_column("lesions", overlap, volume_ml)))
    return sum(results.values(lesion_column("detected", overlap, volume_ml))) / lesions if lesions else None


def detected(results: Results, target: str, one: SourceTask, overlap: float) -> Sample:
    """The share of lesions of any volume that was detected in each case: of stroke by one network, of MS by all."""
    some = with_lesions(results.where(target=target, source=one.name))
    least = min(cutoffs(some)[1], default=0.0)
    return Sample(full_title(one), detection(one_draw(some) if target == STROKE else some, overlap, least))


def _counts(row: ResultRow) -> bool:
    return any(name.startswith("lesions_") and value is not None for name, value in row.values.items())
