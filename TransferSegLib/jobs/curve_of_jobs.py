"""How good finished jobs were over the number of their cases. It loads no PyTorch."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.case_curve import CaseCurve, case_curve
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD
from TransferSegLib.evaluation.scores import dice_by_case
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_changes import changed_labels, label_digests
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import StrategyChoice

# Means over fewer cases that jobs share are not compared.
FEWEST_SHARED = 3


def kept_strategy(job: JobFolder) -> StrategyChoice:
    """The strategy whose model a finished job kept.

    Raises:
        InputError: The job has not finished.
    """
    about = job.load_result("report")
    if not isinstance(about, dict) or "kept" not in about:
        raise InputError("advise-job-unfinished", "{path}: has no scores yet; let the job finish.", path=job.path)
    return StrategyChoice.parse(str(about["kept"]))


def curve_of_jobs(
    jobs: Sequence[JobFolder],
    seen: Collection[str] = (),
    common: bool = False,
    called: Sequence[Mapping[str, str]] | None = None,
) -> CaseCurve | None:
    """The Dice over the number of cases that fold models were trained on; more cases are added to all of the largest job.

    Args:
        jobs: The jobs.
        seen: What cases are called that are left out, as those that the source model was trained on.
        common: Whether only cases that all jobs have scored count, against the same annotation. Else a job whose further
            cases are harder looks worse.
        called: For each job, name of a case → what it is called in all of them; cases that are not there are left out. None
            where they have the same names in all.
    """
    measured: list[tuple[float, dict[str, float]]] = []
    labels: list[dict[str, str]] = []
    largest = 0
    for number, job in enumerate(jobs):
        kept = kept_strategy(job).key
        results = [r for r in unit_results(job, job.read_spec()) if r.strategy == kept and r.fold != TEST_FOLD]
        count = sum(len(dice_by_case(result.rows)) for result in results)
        # A fold of `auto` may have the source model as it is, which was trained on none of these cases.
        scores = [dice_by_case(result.rows) for result in results if result.settings is not None]
        if scores and len(results) > 1 and kept != BASELINE:
            trained_on = statistics.fmean(count - len(one) for one in scores)
            values = {case: value for one in scores for case, value in one.items()}
            if called is not None:
                names = called[number]
                values = {names[case]: value for case, value in values.items() if case in names}
            values = {case: value for case, value in values.items() if case not in seen}
            if values:
                measured.append((trained_on, values))
                labels.append(label_digests(job, None if called is None else called[number]))
                largest = max(largest, count)
    shared = None
    if common and measured:
        shared = set.intersection(*(set(values) for _, values in measured)) - changed_labels(labels)
    found: dict[float, list[float]] = {}
    for trained_on, values in measured:
        kept_values = [value for case, value in values.items() if shared is None or case in shared]
        found.setdefault(trained_on, []).extend(kept_values)
    curve = case_curve(found, now=largest)
    return None if curve is None else replace(curve, shared=None if shared is None else len(shared))


def fair_curve_of_jobs(
    jobs: Sequence[JobFolder], seen: Collection[str] = (), called: Sequence[Mapping[str, str]] | None = None
) -> CaseCurve | None:
    """The curve over the cases that all jobs have scored, where these are enough; else over all that each has scored.

    The arguments are those of `curve_of_jobs`; `CaseCurve.shared` says which of the two it is.
    """
    curve = curve_of_jobs(jobs, seen, common=True, called=called)
    enough = curve is not None and (curve.shared or 0) >= FEWEST_SHARED
    return curve if enough else curve_of_jobs(jobs, seen, called=called)
