"""What a job recommends, as its results have it."""

from __future__ import annotations

from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.jobs.folder import JobFolder

RECOMMENDATION = "recommendation"


def stored_recommendation(job: JobFolder) -> Recommendation | None:
    """What a job recommends; None where it recommends nothing, or not yet."""
    stored = job.load_result(RECOMMENDATION)
    return None if stored is None else from_json(Recommendation, stored, RECOMMENDATION)
