"""`results.csv`: the scores of a study, a row for each cell, test case and label. All that follows reads this alone.

Its columns are `cell`, the factors, `case`, `label` (its name), a column for each metric by the metric's name (empty where
it does not apply), `missed` (1 where exactly one of reference and segmentation is empty, else 0), and of the cell's training
`steps`, `seconds`, `step_s`, `converged_step` and `slice_s`. Where lesions are detected, the rows of their label have the
counts of the case, a column for each pair of cut-offs (see `lesion_column`).
"""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.declarations import as_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import as_cell, from_cell
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.studies.grid import FACTORS, Level, study_options

if TYPE_CHECKING:
    from TransferSegLib.evaluation.representation.analysis import Analysis

# What is known of the training of a cell: the steps it took, its seconds in all, the seconds of a step, the step from which
# on it was within 0.5 % of its best validation Dice, and the seconds that segmenting an axial slice then took.
TRAINING_COLUMNS = ("steps", "seconds", "step_s", "converged_step", "slice_s")
# Whether the label was missed entirely, or found where there is none.
MISSED = "missed"
# What is counted of the lesions of a case, at each pair of cut-offs.
LESION_COUNTS = ("lesions", "detected", "false_alarms")
_WHOLE_FACTORS = ("size", "draw", "fold", "seed")


@dataclass(frozen=True)
class ResultRow:
    """The scores of one label in one test case by the final model of one cell.

    Attributes:
        cell: The name of the cell.
        factors: Name of a factor → its level; here `size` is always a number of cases, 0 where
            nothing is trained, and `network` always a name.
        case: The name of the case.
        label: The name of the label.
        values: Name of a metric, `MISSED`, or name of a `lesion_column` → its value; None where it does not apply.
        training: Of `TRAINING_COLUMNS` those that are known; None for the others.
    """

    cell: str
    factors: Mapping[str, Level | None] = field(hash=False)
    case: str
    label: str
    values: Mapping[str, float | None] = field(hash=False)
    training: Mapping[str, float | None] = field(default_factory=dict, hash=False)

    def __getitem__(self, name: str) -> Any:
        """The value of a column."""
        if name in ("cell", "case", "label"):
            return getattr(self, name)
        for part in (self.factors, self.values, self.training):
            if name in part:
                return part[name]
        return None


@dataclass(frozen=True)
class Results:
    """The rows of a study, and questions that one asks them. All answers keep the order of the rows.

    Attributes:
        rows: The rows.
        analyses: What the networks of all the study's cells represent, where a paper asks for it (`PaperStudy.look`); parts
            of the rows are without it. Its trainings have the names of their cells.
        not_looked_into: Why there are no `analyses`, where a paper asks for them and they failed.

    Example:
        >>> few = results.where(strategy="open", size=[2, 4])          # doctest: +SKIP
        >>> few.mean("dice", by=("size", "label"))                     # doctest: +SKIP
        {(2, "bone"): 0.61, (4, "bone"): 0.7}
    """

    rows: tuple[ResultRow, ...]
    analyses: tuple[Analysis, ...] = ()
    not_looked_into: Problem | None = None

    def __iter__(self) -> Iterator[ResultRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, **columns: Any) -> Results:
        """The rows whose columns have a value, or one of a list of values.

        Args:
            columns: Name of a column → its value, or a list, tuple or set of values.
        """

        def fits(row: ResultRow, name: str, wanted: Any) -> bool:
            return row[name] in wanted if isinstance(wanted, (list, tuple, set, frozenset)) else row[name] == wanted

        return Results(tuple(row for row in self.rows if all(fits(row, *item) for item in columns.items())))

    def levels(self, column: str) -> tuple[Any, ...]:
        """The values of a column, each once: numbers in their order, texts as they come."""
        found = list(dict.fromkeys(row[column] for row in self.rows if row[column] is not None))
        return tuple(sorted(found) if all(isinstance(level, (int, float)) for level in found) else found)

    def values(self, metric: str) -> list[float]:
        """The values of a metric, where it applies."""
        return [value for row in self.rows if (value := row[metric]) is not None]

    def groups(self, by: str | Sequence[str]) -> dict[Any, Results]:
        """The rows grouped: value of a column (a tuple for several columns) → the rows that have it.

        Args:
            by: The column, or the columns.
        """
        groups: dict[Any, list[ResultRow]] = {}
        for row in self.rows:
            key = row[by] if isinstance(by, str) else tuple(row[name] for name in by)
            groups.setdefault(key, []).append(row)
        return {key: Results(tuple(rows)) for key, rows in groups.items()}

    def mean(self, metric: str, by: str | Sequence[str] | None = None) -> Any:
        """The mean of a metric, where it applies; None where it applies to no row.

        Args:
            metric: The metric's name, or one of `TRAINING_COLUMNS`.
            by: The columns to group by; None for all rows together.

        Returns:
            The mean; with `by` a dictionary with the mean of each group.
        """
        return self._of(metric, by, statistics.fmean, 1)

    def sd(self, metric: str, by: str | Sequence[str] | None = None) -> Any:
        """The standard deviation (n - 1), as `mean`; None for fewer than two values."""
        return self._of(metric, by, statistics.stdev, 2)

    def per_case(self, metric: str) -> dict[str, float]:
        """Name of a case → the mean of a metric over its rows, for comparing case by case."""
        return {case: mean for case, mean in self.mean(metric, by="case").items() if mean is not None}

    def per_cell(self) -> Results:
        """One row of each cell, for what is known of its training."""
        return Results(tuple({row.cell: row for row in reversed(self.rows)}.values())[::-1])

    def _of(self, metric: str, by: Any, function: Callable[[Sequence[float]], float], fewest: int) -> Any:
        if by is None:
            found = self.values(metric)
            return function(found) if len(found) >= fewest else None
        return {key: group._of(metric, None, function, fewest) for key, group in self.groups(by).items()}


def lesion_column(kind: str, overlap_cutoff: float, volume_cutoff_ml: float) -> str:
    """The column with a count of lesions at a pair of cut-offs, as `detected_20pct_1ml`.

    Args:
        kind: One of `LESION_COUNTS`.
        overlap_cutoff: The share of a lesion above which it is detected, 0 to 1.
        volume_cutoff_ml: The volume below which a lesion is not counted.
    """
    return f"{kind}_{100 * overlap_cutoff:g}pct_{volume_cutoff_ml:g}ml"


def _is_lesion_column(name: str) -> bool:
    return re.fullmatch(rf"({'|'.join(LESION_COUNTS)})_[0-9.]+pct_[0-9.e-]+ml", name) is not None


def write_results(path: Path, rows: Iterable[ResultRow]) -> None:
    """Write `results.csv`; the file is replaced as a whole.

    Args:
        path: The file.
        rows: What is written. The factors are those of all rows.
    """
    rows = list(rows)
    options = list(dict.fromkeys(name for row in rows for name in row.factors if name not in FACTORS))
    factors = [*FACTORS, *options]
    counts = dict.fromkeys(name for row in rows for name in row.values if _is_lesion_column(name))
    numbers = [*METRICS, MISSED, *counts]
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["cell", *factors, "case", "label", *numbers, *TRAINING_COLUMNS])
        for row in rows:
            levels = [_cell(row.factors.get(name)) for name in factors]
            values = [_cell(row.values.get(name)) for name in numbers]
            training = [_cell(row.training.get(name)) for name in TRAINING_COLUMNS]
            writer.writerow([row.cell, *levels, as_cell(row.case), as_cell(row.label), *values, *training])


def read_results(path: Path) -> Results:
    """Read what `write_results` wrote, also before a metric or a factor existed.

    Raises:
        InputError: The file cannot be read, or one of its lines is no row of results.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or library_says(error)
        raise InputError(
            "results-unreadable", "{path}: cannot be read ({reason}); check the path.", path=path, reason=reason
        ) from None
    rows = []
    for number, line in enumerate(lines, start=2):
        try:
            rows.append(_row(line))
        except (AttributeError, KeyError, ValueError, TypeError):
            raise InputError(
                "no-result-row",
                "{path}: line {number} is not a row of results; write the file again by `transferseg study report`.",
                path=path,
                number=number,
            ) from None
    return Results(tuple(rows))


def _row(line: Mapping[str, str]) -> ResultRow:
    numbers = (*METRICS, MISSED, *filter(_is_lesion_column, line))
    known = {"cell", "case", "label", *numbers, *TRAINING_COLUMNS}
    return ResultRow(
        line["cell"],
        {name: _level(name, text) for name, text in line.items() if name in FACTORS or name not in known},
        from_cell(line["case"]),
        from_cell(line["label"]),
        {name: _number(line.get(name)) for name in numbers},
        {name: _number(line.get(name)) for name in TRAINING_COLUMNS},
    )


def _level(factor: str, text: str) -> Level | None:
    if text == "":
        return None
    if factor in _WHOLE_FACTORS:
        return int(text)
    option = study_options().get(factor)
    return from_cell(text) if option is None else option.parse(text)


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else as_cell(as_text(value))
