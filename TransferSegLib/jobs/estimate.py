"""What a job would do and about how long it would take on this computer, before it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.jobs.context import JobContext, describe_plans
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.jobs.target import make_folds
from TransferSegLib.jobs.worker import SEGMENT_S
from TransferSegLib.networks.execution import pick_device
from TransferSegLib.training.loop import OutOfMemory, configure_run
from TransferSegLib.transfer.strategies import STRATEGIES, make_plan

# Python, PyTorch and MONAI take this long to load, and the report as long to write.
BEFORE_AND_AFTER_S = 10.0


def estimate(spec: JobSpec) -> dict[str, Any]:
    """`plans` as `describe_plans`, `seconds` for the whole job (None where memory ran out), `device`, `folds`.

    A step of each strategy is measured on the first annotated case, which takes a few seconds a strategy.
    """
    context = JobContext.read(spec)
    annotated = context.training_cases
    device = pick_device(spec.training.device)
    wanted = spec.folds if spec.task == "segmentation" else 0
    folds = make_folds([c.name for c in annotated], wanted, spec.training.seed)
    case = prepare_case(annotated[0], context.card.preprocessing, context.task)
    training_s: dict[str, float] = {}
    try:
        for choice in spec.strategies:
            if STRATEGIES[choice.name].trains:
                plan = make_plan(context.transfer(spec.training.seed), choice.name, choice.options)
                objective = context.objective(spec.training.seed)
                settings = configure_run(
                    plan, [case], spec.training, context.card.patch_size, device, objective=objective
                )
                training_s[choice.key] = settings.steps * 1.25 * (settings.step_s or 0.0)
    except OutOfMemory:
        seconds = None
    else:
        seconds = _whole_job_s(spec, training_s, len(folds), len(context.target.cases))
    return {"plans": describe_plans(spec), "seconds": seconds, "device": device, "folds": len(folds)}


def sentence(estimated: Mapping[str, Any]) -> str:
    """One sentence: what each strategy trains, and about how long the job takes."""
    plans: Sequence[Mapping[str, Any]] = estimated["plans"]
    told = [plan for plan in plans if plan["parameters_trained"]] or plans
    parts = [plan["sentence"].split(";")[0].rstrip(".") for plan in told]
    if len(told) > 1:
        parts = [f"{plan['key']}: {part}" for plan, part in zip(told, parts, strict=True)]
    text = "; ".join(parts)
    if estimated["seconds"] is not None:
        text += f"{'; all together' if len(told) > 1 else ','} {_about(estimated['seconds'])} on this computer"
    return f"{text}."


def _whole_job_s(spec: JobSpec, training_s: Mapping[str, float], folds: int, cases: int) -> float:
    segmenting = SEGMENT_S * cases * (len(spec.strategies) + 1)
    if spec.training.minutes is not None and training_s:
        return spec.training.minutes * 60 + segmenting + BEFORE_AND_AFTER_S
    in_folds = folds * sum(training_s.values())
    kept = training_s.get(spec.keep, max(training_s.values(), default=0.0))
    finals = kept if folds or spec.kept else sum(training_s.values())
    return in_folds + finals + segmenting + BEFORE_AND_AFTER_S


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(10, round(seconds, -1)):.0f} seconds"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} minutes"
    if seconds < 36000:
        return f"about {seconds / 3600:.1f} hours"
    return f"about {seconds / 3600:.0f} hours"
