"""What a study came to, in a few lines: the Dice of each strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from TransferSegLib.evaluation.metrics import METRICS, main_metrics
from TransferSegLib.studies.general import REPEATED, level_texts, varied, way_name
from TransferSegLib.studies.results import MISSED, Results
from TransferSegLib.studies.tables import Entry

MOST_LINES = 8


@dataclass(frozen=True)
class ScoreLine:
    """The scores of one way of training.

    Attributes:
        levels: Name of a factor → its level: `strategy`, and where few lines come of it one more factor that varies.
        cases: How many test cases it is scored on.
        mean: The mean over these of the metric by which strategies are ranked; None where it applies to no case.
        sd: Its standard deviation over the cases; None for fewer than two.
        missed: How many labels were missed entirely, or found where there is none; None where that is not known.
        size: How many cases it was trained on, where sizes vary: the most of this line.
    """

    levels: Mapping[str, Any]
    cases: int
    mean: float | None
    sd: float | None
    missed: int | None
    size: int | None = None


def score_lines(results: Results) -> list[ScoreLine]:
    """The scores of each strategy; each target apart, or the first other factor that varies, where these are few lines.

    Where sizes vary and are no lines of their own, a line has the scores with its most cases to train on: over other sizes in
    each line, means would say nothing.

    Args:
        results: The rows of a study.
    """
    metric = main_metrics()[0].name
    others = sorted((name for name in varied(results) if name not in ("strategy", *REPEATED)), key="target".__ne__)
    factors = ["strategy", *others[:1]]
    if len(results.groups(factors)) > MOST_LINES:
        factors = ["strategy"]
    found = []
    for levels, every in results.groups(factors).items():
        rows = every.where(size=max(every.levels("size"))) if _averages_no_sizes(results, factors) else every
        entry, missed = Entry.of(rows.per_case(metric)), rows.values(MISSED)
        count = int(sum(missed)) if missed else None
        named = dict(zip(factors, levels, strict=True))
        size = rows.levels("size")[0] if _averages_no_sizes(results, factors) else None
        found.append(ScoreLine(named, len(rows.levels("case")), entry.mean, entry.sd, count, size or None))
    return found


def score_text(results: Results) -> str:
    """The scores of each strategy as lines of text, at most ten; empty without results.

    Args:
        results: The rows of a study.
    """
    about, lines = METRICS[main_metrics()[0].name], score_lines(results)
    if not lines:
        return ""
    lines, hidden = sorted(lines, key=_rank)[:MOST_LINES], max(0, len(lines) - MOST_LINES)
    texts = level_texts(results)
    names = [way_name(list(line.levels), list(line.levels.values()), texts) for line in lines]
    text = [f"{about.title} on the test cases, mean ± standard deviation over cases:"]
    for name, line in zip(names, lines, strict=True):
        mean = "–" if line.mean is None else f"{line.mean:.{about.digits}f}"
        sd = "" if line.sd is None else f" ± {line.sd:.{about.digits}f}"
        missed = f", {line.missed} missed" if line.missed else ""
        cases = "1 case" if line.cases == 1 else f"{line.cases} cases"
        trained = "" if line.size is None else f"; trained on {line.size}"
        text.append(f"  {name:<{max(map(len, names))}}  {mean}{sd}  ({cases}{missed}{trained})")
    if hidden:
        text.append(f"  and {hidden} more, which score lower")
    return "\n".join(text)


def _averages_no_sizes(results: Results, factors: Sequence[str]) -> bool:
    """Whether a line is of one size alone, though no line says which."""
    return "size" not in factors and "size" in varied(results)


def _rank(line: ScoreLine) -> float:
    return -line.mean if line.mean is not None else float("inf")
