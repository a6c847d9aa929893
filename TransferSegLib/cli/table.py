"""The result of a job on the terminal: the comparison table, the verdict, and where the report is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import MOST_ITEMS, Problem
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.evaluation.comparison import Comparison
from TransferSegLib.evaluation.lesions.columns import LESION_COLUMNS
from TransferSegLib.evaluation.lesions.summary import LesionSummary, StrategyDetection
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.statistics import Paired, Statistics
from TransferSegLib.evaluation.summary import Summary, kept_below_source
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.source_offer import told_after_verdict, told_of_job
from TransferSegLib.jobs.status import job_status

OUT_OF_FOLD = "Scores on cases that the models did not see"
SEEN = "Scores of a cross-validation, on cases that the source model has seen"
TEST = "Scores on the separate test cases"
# So many labels have a column each; of more, only some have.
MOST_LABELS = 12


def print_result(job: JobFolder, as_json: bool) -> None:
    """Print the scores of a finished job, the verdict and the path of its report.

    Args:
        job: The job.
        as_json: Whether to print one JSON object with all of it.

    Raises:
        InputError: `scores.json` is not as a job writes it.
    """
    status = job_status(job.path)
    scores, summary = _read_scores(job)
    is_below = status.below_source or _below_source(scores, summary)
    below, after = told_of_job(job, is_below), told_after_verdict(job, is_below)
    if as_json:
        paths = {name: str(path) for name, path in (("model", job.model), ("report", job.report)) if path.exists()}
        result = {"job": str(job.path), "state": status.state, "verdict": status.verdict, "warnings": status.warnings}
        told = [problem.sentence for problem in below]
        said = {"below_source": told, "after_verdict": [problem.sentence for problem in after]}
        print(json_text({**result, **said, **paths, "scores": scores}, indent=2))
        return
    if summary is not None:
        seen = summary.verdict.kind == "seen by the source"
        for comparison, title in ((summary.out_of_fold, SEEN if seen else OUT_OF_FOLD), (summary.test, TEST)):
            if comparison is not None:
                print(f"{title}:\n\n{comparison_table(comparison)}\n")
        if summary.lesions is not None:
            found = summary.lesions.out_of_fold or summary.lesions.test
            print(f"Detection of lesions ({summary.lesions.label}):\n\n{lesion_table(summary.lesions, found)}\n")
    if below:
        print("\n".join(problem.sentence for problem in below) + "\n")
    if status.verdict:
        print("\n".join([status.verdict, *(problem.sentence for problem in after)]) + "\n")
    if summary is not None and summary.choices:
        print("\n".join(f"{made.problem.sentence}." for made in summary.choices) + "\n")
    if status.warnings:
        print(f"{status.warnings} warning{'s' if status.warnings > 1 else ''}: see the report.")
    if job.report.exists():
        print(f"Report: {job.report}")


def comparison_table(comparison: Comparison, named: bool = True, in_file: bool = True) -> str:
    """The scores of a comparison as text, a line a strategy.

    The columns are the metrics that `METRICS` shows everywhere, as means over cases of the mean over labels. After the first,
    with its 95 % interval where there is one, come its means of each label. The last column is its difference from the source
    model as it is, on the labels that this has. Of many labels, those six are shown that have the lowest means.

    Args:
        comparison: The strategies on the same cases.
        named: Whether the strategies are named, and the best is marked `*`.
        in_file: Whether there is a CSV file with all scores.

    Returns:
        The table, without a newline at its end.
    """
    ranked_by, *others = main_metrics()
    strategies = comparison.strategies
    shown = _shown_labels(comparison, ranked_by.name)
    names = [strategies[0].labels[n].label_name for n in shown]
    intervals = any(s.overall.statistics(ranked_by.name).low is not None for s in strategies)
    first = f"{ranked_by.title} (95 % interval)" if intervals else ranked_by.title
    header = ["", "strategy", "cases", first, *names, *(metric.heading() for metric in others), "missed"]
    if comparison.baseline:
        shared = strategies[0].shared
        on_shared = f" on {shared.label_name}" if shared else ""
        header.append(f"{ranked_by.title} against {comparison.baseline}{on_shared}")
    rows = [header]
    for strategy in strategies:
        overall = strategy.overall
        row = ["*" if strategy.strategy == comparison.best else "", strategy.strategy, str(overall.cases)]
        row.append(_with_interval(overall.statistics(ranked_by.name), f".{ranked_by.digits}f"))
        if names:
            means = [strategy.labels[n].statistics(ranked_by.name).mean for n in shown]
            row += [_number(mean, f".{ranked_by.digits}f") for mean in means]
        row += [_number(overall.statistics(metric.name).mean, f".{metric.digits}f") for metric in others]
        row.append(str(overall.misses))
        if comparison.baseline:
            against = strategy.comparable.against_baseline
            row.append(_with_interval(against[ranked_by.name], f"+.{ranked_by.digits}f") if against else "")
        rows.append(row)
    table = _aligned(rows, left=2) if named else _aligned([row[2:] for row in rows], left=0)
    labels = len(strategies[0].labels) - 1
    if labels <= MOST_LABELS:
        return table
    rest = "the CSV file has all" if in_file else "--out writes all to a CSV file"
    return f"{table}\n\nOf {labels} labels, the {len(shown)} of the lowest {ranked_by.title} are shown; {rest}."


def lesion_table(lesions: LesionSummary, found: Sequence[StrategyDetection], named: bool = True) -> str:
    """The detection of lesions as text, a line a strategy and pair of cut-offs.

    Args:
        lesions: What a lesion is, and the unit of volumes.
        found: The strategies on the same cases.
        named: Whether the strategies are named.

    Returns:
        The table, without a newline at its end.
    """
    rows = [["strategy", *(column.title for column in LESION_COLUMNS)]]
    for strategy in found:
        for detection in strategy.detections:
            cells = [column.text(detection, lesions.volume_unit) for column in LESION_COLUMNS]
            rows.append([strategy.strategy, *cells])
    return _aligned(rows if named else [row[1:] for row in rows], left=1 if named else 0)


def _shown_labels(comparison: Comparison, metric: str) -> list[int]:
    """Which labels have a column: none where there is one, and of many those that some strategy segments worst."""
    count = len(comparison.strategies[0].labels) - 1
    if count <= MOST_LABELS:
        return list(range(count)) if count > 1 else []

    def lowest(n: int) -> float:
        means = [strategy.labels[n].statistics(metric).mean for strategy in comparison.strategies]
        return min((mean for mean in means if mean is not None), default=math.inf)

    return sorted(sorted(range(count), key=lowest)[:MOST_ITEMS])


def _with_interval(found: Statistics | Paired, form: str) -> str:
    mean = _number(found.mean, form)
    if found.low is None or found.high is None:
        return mean
    return f"{mean} ({_number(found.low, form)} to {_number(found.high, form)})"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form).replace("-", "−")


def _aligned(rows: Sequence[Sequence[str]], left: int) -> str:
    """Columns side by side with a line under the first row, the first `left` of them flush left, the others right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(w) if n < left else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(rows[0]), "  ".join("─" * width for width in widths), *map(line, rows[1:])])


def _below_source(scores: dict[str, Any] | None, summary: Summary | None) -> Problem | None:
    """The sentence that the kept model is below the source model, of a job that ended before its events had it."""
    made_by = (scores or {}).get("made_by")
    if summary is None or not isinstance(made_by, dict):
        return None
    below = kept_below_source(summary, str(made_by.get("kept")))
    return None if below is None else below.problem


def _read_scores(job: JobFolder) -> tuple[dict[str, Any] | None, Summary | None]:
    """`scores.json` as it is, and checked: a job may come from elsewhere."""
    if not job.scores_json.exists():
        return None, None
    scores = read_json(job.scores_json)
    if not isinstance(scores, dict):
        raise InputError(
            "no-scores-in-file", "{path}: holds no scores; resume the job, it writes them again.", path=job.scores_json
        )
    summary = {name: value for name, value in scores.items() if name != "made_by"}
    return scores, from_json(Summary, summary, str(job.scores_json))
