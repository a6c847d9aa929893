"""How good finished jobs were over the number of their cases. It loads no PyTorch."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence

from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.case_curve import CaseCurve, case_curve
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD
from TransferSegLib.evaluation.scores import dice_by_case
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import StrategyChoice


def kept_strategy(job: JobFolder) -> StrategyChoice:
    """The strategy whose model a finished job kept.

    Raises:
        InputError: The job has not finished.
    """
    about = job.load_result("report")
    if not isinstance(about, dict) or "kept" not in about:
        raise InputError("advise-job-unfinished", "{path}: has no scores yet; let the job finish.", path=job.path)
    return StrategyChoice.parse(str(about["kept"]))


def curve_of_jobs(jobs: Sequence[JobFolder], seen: Collection[str] = (), common: bool = False) -> CaseCurve | None:
    """The Dice over the number of cases that fold models were trained on; more cases are added to all of the largest job.

    Args:
        jobs: The jobs.
        seen: The names of cases that the source model was trained on, which are left out.
        common: Whether only cases that all jobs have scored count. Else a job whose further cases are harder looks worse.
    """
    measured: list[tuple[float, dict[str, float]]] = []
    largest = 0
    for job in jobs:
        kept = kept_strategy(job).key
        results = [r for r in unit_results(job, job.read_spec()) if r.strategy == kept and r.fold != TEST_FOLD]
        count = sum(len(dice_by_case(result.rows)) for result in results)
        # A fold of `auto` may have the source model as it is, which was trained on none of these cases.
        scores = [dice_by_case(result.rows) for result in results if result.settings is not None]
        if scores and len(results) > 1 and kept != BASELINE:
            trained_on = statistics.fmean(count - len(one) for one in scores)
            values = {case: value for one in scores for case, value in one.items() if case not in seen}
            if values:
                measured.append((trained_on, values))
                largest = max(largest, count)
    shared = set.intersection(*(set(values) for _, values in measured)) if common and measured else None
    found: dict[float, list[float]] = {}
    for trained_on, values in measured:
        kept_values = [value for case, value in values.items() if shared is None or case in shared]
        found.setdefault(trained_on, []).extend(kept_values)
    return case_curve(found, now=largest)
