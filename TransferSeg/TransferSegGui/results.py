"""What a finished job leaves: verdict, scores, segmentations and the adapted model."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slicer.i18n import tr as _

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.core.texts import from_cell
from TransferSegLib.evaluation.comparison import BASELINE, Comparison, LabelSummary
from TransferSegLib.evaluation.disagreement import Proposal
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

SOURCE = BASELINE
# Results of so many segmentations and scores are read and shown within some ten milliseconds.
SMALL_FILES, SMALL_BYTES = 100, 25_000


@dataclass(frozen=True)
class Results:
    """A finished job. `kept` is the key of the strategy whose model was kept; `dice` the mean Dice over labels of each
    (strategy, case), None where nothing was to be found; `segmented` the names of all cases that were segmented;
    `proposals` the cases to annotate next, the most useful first; `identity` that of the job."""

    job: JobFolder
    summary: Summary
    kept: str
    card: ModelCard
    dice: Mapping[tuple[str, str], float | None]
    segmented: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    identity: str

    @property
    def comparison(self) -> Comparison | None:
        """The scores that the verdict is about: out-of-fold where there are some, else on the test cases."""
        return self.summary.out_of_fold or self.summary.test

    @property
    def strategies(self) -> list[str]:
        return [s.strategy for s in self.comparison.strategies] if self.comparison else []

    @property
    def adapted(self) -> str:
        """The strategy whose segmentations are shown beside the source model's: the kept one, else the best that trains."""
        if self.kept != SOURCE or self.comparison is None:
            return self.kept
        trained = [s for s in self.comparison.strategies if s.strategy != SOURCE]
        best = max(trained, key=lambda s: s.overall.metrics["dice"].mean or 0.0, default=None)
        return best.strategy if best else self.kept

    @property
    def scored_cases(self) -> list[str]:
        """The cases that were scored, in order."""
        return list(dict.fromkeys(case for _, case in self.dice))

    def segmentation(self, strategy: str, case: str) -> Path | None:
        """The file with a strategy's segmentation of a case."""
        path = self.job.segmentations / StrategyChoice.parse(strategy).slug / f"{case}.nii.gz"
        return path if path.is_file() else None


def is_large(job: JobFolder) -> bool:
    """Whether the results of a job take longer to read and to show than a click may take."""
    with contextlib.suppress(OSError):
        if job.scores_csv.stat().st_size > SMALL_BYTES:
            return True
    return sum(len(files) for _folder, _folders, files in os.walk(job.segmentations)) > SMALL_FILES


def load_results(folder: Path) -> Results:
    """Read a finished job; an `InputError` says what is missing."""
    job = JobFolder(folder)
    job.read_spec()
    scores = read_json(job.scores_json)
    listed = read_json(job.proposals) if job.proposals.is_file() else []
    made_by = scores.pop("made_by", {}) if isinstance(scores, dict) else None
    if not isinstance(made_by, dict) or not isinstance(listed, list):
        raise InputError(
            _("{folder}: its scores are damaged; resume the job, it writes them again.").format(folder=folder)
        )
    summary = from_json(Summary, scores, str(job.scores_json))
    # Hundreds of names: a listing is many times faster than paths made of them.
    folders = [p for p in job.segmentations.iterdir() if p.is_dir()] if job.segmentations.is_dir() else []
    names = {name for folder in folders for name in os.listdir(folder) if name.endswith(".nii.gz")}
    segmented = {name.removesuffix(".nii.gz") for name in names}
    return Results(
        job,
        summary,
        str(made_by.get("kept", SOURCE)),
        read_card(job.model),
        _case_dice(job),
        tuple(sorted(segmented)),
        tuple(from_json(Proposal, entry, str(job.proposals)) for entry in listed),
        job.identity,
    )


def label_rows(comparison: Comparison) -> list[tuple[str, LabelSummary]]:
    """(strategy, label) in the order of the table; where there is one label its mean is not repeated."""
    return [
        (strategy.strategy, label)
        for strategy in comparison.strategies
        for label in (strategy.labels if len(strategy.labels) > 2 else strategy.labels[:1])
    ]


def _case_dice(job: JobFolder) -> dict[tuple[str, str], float | None]:
    found: dict[tuple[str, str], list[float]] = {}
    try:
        with job.scores_csv.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                values = found.setdefault((row["strategy"], from_cell(row["case"])), [])
                if row["dice"]:
                    values.append(float(row["dice"]))
    except (OSError, KeyError, ValueError):
        raise InputError(
            _("{file}: cannot be read; resume the job, it writes its scores again.").format(file=job.scores_csv)
        ) from None
    return {key: sum(values) / len(values) if values else None for key, values in found.items()}
