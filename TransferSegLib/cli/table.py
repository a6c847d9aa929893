"""The result of a job on the terminal: the comparison table, the verdict, and where the report is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status

TITLES = {"out_of_fold": "Scores on cases that the models did not see", "test": "Scores on the separate test cases"}
SEEN = "Scores of a cross-validation, on cases that the source model has seen"


def print_result(job: JobFolder, as_json: bool) -> None:
    """Print the scores of a finished job, the verdict and the path of its report; or all of it as one JSON object."""
    status = job_status(job.path)
    scores = _read_scores(job)
    if as_json:
        paths = {name: str(path) for name, path in (("model", job.model), ("report", job.report)) if path.exists()}
        result = {"job": str(job.path), "state": status.state, "verdict": status.verdict, "warnings": status.warnings}
        print(json_text({**result, **paths, "scores": scores}, indent=2))
        return
    for part, title in TITLES.items():
        comparison = (scores or {}).get(part)
        if comparison:
            if part == "out_of_fold" and (scores or {})["verdict"]["kind"] == "seen by the source":
                title = SEEN
            print(f"{title}:\n\n{comparison_table(comparison)}\n")
    if status.verdict:
        print(f"{status.verdict}\n")
    if status.warnings:
        print(f"{status.warnings} warning{'s' if status.warnings > 1 else ''}: see the report.")
    if job.report.exists():
        print(f"Report: {job.report}")


def comparison_table(comparison: Mapping[str, Any], named: bool = True) -> str:
    """The table of one comparison of `scores.json`: a line a strategy, named unless `named` is False, the best marked `*`.

    Dice and HD95 are means over cases of the mean over labels, with the 95 % interval of Dice where there is one; then the
    mean Dice of each label, and the paired difference in Dice from the source model as it is, on the labels that it has.
    """
    strategies = comparison["strategies"]
    labels = [label["label_name"] for label in strategies[0]["labels"][:-1]]
    if len(labels) < 2:
        labels = []
    intervals = any(s["labels"][-1]["metrics"]["dice"]["low"] is not None for s in strategies)
    header = ["", "strategy", "cases", "Dice (95 % interval)" if intervals else "Dice", *labels, "HD95 mm", "missed"]
    if comparison["baseline"]:
        shared = strategies[0].get("shared")
        header.append(f"Dice against {comparison['baseline']}{' on ' + shared['label_name'] if shared else ''}")
    rows = [header]
    for strategy in strategies:
        *each, overall = strategy["labels"]
        row = ["*" if strategy["strategy"] == comparison["best"] else "", strategy["strategy"], str(overall["cases"])]
        row.append(_with_interval(overall["metrics"]["dice"], ".3f"))
        row += [_number(label["metrics"]["dice"]["mean"], ".3f") for label in each] if labels else []
        row += [_number(overall["metrics"]["hd95_mm"]["mean"], ".1f"), str(overall["misses"])]
        if comparison["baseline"]:
            against = (strategy.get("shared") or overall)["against_baseline"]
            row.append(_with_interval(against["dice"], "+.3f") if against else "")
        rows.append(row)
    return _aligned(rows, left=2) if named else _aligned([row[2:] for row in rows], left=0)


def _with_interval(statistics: Mapping[str, Any], form: str) -> str:
    mean = _number(statistics["mean"], form)
    if statistics["low"] is None or statistics["high"] is None:
        return mean
    return f"{mean} ({_number(statistics['low'], form)} to {_number(statistics['high'], form)})"


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


def _read_scores(job: JobFolder) -> dict[str, Any] | None:
    if not job.scores_json.exists():
        return None
    scores = read_json(job.scores_json)
    if not isinstance(scores, dict):
        raise InputError(
            "file-without-scores",
            "{path}: holds no scores; resume the job, it writes them again.",
            path=job.scores_json,
        )
    # A job may come from elsewhere. This refuses what no job writes, and names the field.
    from_json(Summary, {name: value for name, value in scores.items() if name != "made_by"}, str(job.scores_json))
    return scores
