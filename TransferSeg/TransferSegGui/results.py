"""What a finished job leaves: verdict, scores, segmentations and the adapted model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.evaluation.comparison import BASELINE, Comparison, LabelSummary
from TransferSegLib.evaluation.lesions.summary import StrategyDetection
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.transfer.recommended import AUTO

SOURCE = BASELINE


@dataclass(frozen=True)
class Results:
    """A finished job.

    Attributes:
        job: Its folder.
        summary: The verdict and the comparisons of the strategies.
        kept: The key of the strategy whose model was kept.
        card: The card of that model.
        scores: The mean of `metric` over labels for each (strategy, case); None where nothing was to be found.
        segmented: The names of all cases that were segmented, in order.
        identity: What tells the job from all others, also when its folder is renamed.
    """

    job: JobFolder
    summary: Summary
    kept: str
    card: ModelCard
    scores: Mapping[tuple[str, str], float | None]
    segmented: tuple[str, ...]
    identity: str

    @property
    def metric(self) -> Metric:
        """The metric by which strategies are ranked."""
        return main_metrics()[0]

    @property
    def comparison(self) -> Comparison | None:
        """The scores that the verdict is about: out-of-fold where there are some, else on the test cases."""
        return self.summary.out_of_fold or self.summary.test

    @property
    def detection(self) -> tuple[StrategyDetection, ...]:
        """The detection of lesions in the same cases, a strategy each; none where the job does not score it."""
        lesions = self.summary.lesions
        return () if lesions is None else lesions.out_of_fold or lesions.test

    @property
    def strategies(self) -> list[str]:
        """The keys of the strategies that were compared, in order."""
        return [s.strategy for s in self.comparison.strategies] if self.comparison else []

    @property
    def adapted(self) -> str:
        """The strategy whose segmentations are shown beside the source model's: the kept one, else the best that trains."""
        if self.kept != SOURCE or self.comparison is None:
            return self.kept
        trained = [s for s in self.comparison.strategies if s.strategy != SOURCE]
        best = max(trained, key=lambda s: s.overall.statistics(self.metric.name).mean or 0.0, default=None)
        return best.strategy if best else self.kept

    @property
    def began_as(self) -> str:
        """What events call the strategy that `adapted` began as: where one is recommended, the one that was chosen."""
        made = self.summary.recommendation
        if self.kept != AUTO or made is None:
            return self.adapted
        return made.chosen

    @property
    def scored_cases(self) -> list[str]:
        """The cases that were scored, in order."""
        return list(dict.fromkeys(case for _, case in self.scores))

    def segmentation(self, strategy: str, case: str) -> Path | None:
        """The file with a strategy's segmentation of a case; None where there is none."""
        path = self.job.segmentations / StrategyChoice.parse(strategy).slug / f"{case}.nii.gz"
        return path if path.is_file() else None

    def uncertainty(self, case: str) -> Path | None:
        """The file with the kept model's uncertainty of a case; None where the job wrote none."""
        path = self.job.uncertainty / StrategyChoice.parse(self.kept).slug / f"{case}.nii.gz"
        return path if path.is_file() else None


def load_results(folder: Path) -> Results:
    """Read a finished job.

    Args:
        folder: The job's folder.

    Raises:
        InputError: A file of the job is missing or damaged.
    """
    job = JobFolder(folder)
    job.read_spec()
    scores = read_json(job.scores_json)
    made_by = scores.pop("made_by", {}) if isinstance(scores, dict) else None
    if not isinstance(made_by, dict):
        raise InputError(
            "job-scores-damaged", "{path}: its scores are damaged; resume the job, it writes them again.", path=folder
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
        _means_of_cases(job, main_metrics()[0]),
        tuple(sorted(segmented)),
        job.identity,
    )


def label_rows(comparison: Comparison) -> list[tuple[str, LabelSummary]]:
    """(strategy, label) in the order of the table; where there is one label its mean is not repeated."""
    return [
        (strategy.strategy, label)
        for strategy in comparison.strategies
        for label in (strategy.labels if len(strategy.labels) > 2 else strategy.labels[:1])
    ]


def _means_of_cases(job: JobFolder, metric: Metric) -> dict[tuple[str, str], float | None]:
    """A metric's mean over labels for each (strategy, case); None where it applies to none."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in read_scores(job.scores_csv):
        values, value = found.setdefault((row.strategy, row.case), []), row.scores.values.get(metric.name)
        if value is not None:
            values.append(value)
    return {key: sum(values) / len(values) if values else None for key, values in found.items()}
