"""What a study came to, in a few lines: the Dice of each strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from TransferSegLib.evaluation.metrics import METRICS, main_metrics
from TransferSegLib.studies.entries import with_most_cases
from TransferSegLib.studies.general import REPEATED, level_text, varied
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
    """

    levels: Mapping[str, Any]
    cases: int
    mean: float | None
    sd: float | None
    missed: int | None


def score_lines(results: Results) -> list[ScoreLine]:
    """The scores of each strategy; each target apart, or the first other factor that varies, where these are few lines.

    Where sizes vary and are no lines of their own, the scores are those with the most cases to train on: strategies that were
    run with other sizes could not be compared otherwise.

    Args:
        results: The rows of a study.
    """
    metric = main_metrics()[0].name
    others = sorted((name for name in varied(results) if name not in ("strategy", *REPEATED)), key="target".__ne__)
    factors = ["strategy", *others[:1]]
    if len(results.groups(factors)) > MOST_LINES:
        factors = ["strategy"]
    found = []
    for levels, rows in (results if "size" in factors else with_most_cases(results)).groups(factors).items():
        entry, missed = Entry.of(rows.per_case(metric)), rows.values(MISSED)
        count = int(sum(missed)) if missed else None
        named = dict(zip(factors, levels, strict=True))
        found.append(ScoreLine(named, len(rows.levels("case")), entry.mean, entry.sd, count))
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
    names = [", ".join(filter(None, (_level(*level) for level in line.levels.items()))) for line in lines]
    most = "" if "size" in lines[0].levels or "size" not in varied(results) else ", with the most cases to train on"
    text = [f"{about.title} on the test cases{most}, mean ± standard deviation over cases:"]
    for name, line in zip(names, lines, strict=True):
        mean = "–" if line.mean is None else f"{line.mean:.{about.digits}f}"
        sd = "" if line.sd is None else f" ± {line.sd:.{about.digits}f}"
        missed = f", {line.missed} missed" if line.missed else ""
        cases = "1 case" if line.cases == 1 else f"{line.cases} cases"
        text.append(f"  {name:<{max(map(len, names))}}  {mean}{sd}  ({cases}{missed})")
    if hidden:
        text.append(f"  and {hidden} more, which score lower")
    return "\n".join(text)


def _rank(line: ScoreLine) -> float:
    return -line.mean if line.mean is not None else float("inf")


def _level(factor: str, level: Any) -> str:
    if (factor, level) == ("size", 0):
        return ""
    return (
        level_text(level) if factor in ("strategy", "target", "source", "network") else f"{factor} {level_text(level)}"
    )
