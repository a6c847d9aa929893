"""What the strategies of a job would train, before the job is started."""

from __future__ import annotations

import itertools
from typing import Any

from TransferSegLib.jobs.context import JobContext
from TransferSegLib.networks.staged import leaves
from TransferSegLib.transfer.plan import TransferPlan


def describe_plans(context: JobContext) -> list[dict[str, Any]]:
    """The plan of each strategy of a job that is not started.

    Returns:
        For each strategy, what `TransferPlan.description` gives, its `key`, and as `text` what the person reads.

    Raises:
        InputError: A strategy cannot be planned.
    """
    described = []
    for choice in context.spec.strategies:
        plan = context.outline(choice)
        facts = plan.description()
        lines = [f"{choice.key}: {facts['sentence']}"]
        lines += [f"  {note}" for note in facts["notes"]]
        if plan.mapping is not None:
            lines += [f"  {line}" for line in plan.mapping.lines()]
        if facts["layers_trained"]:
            lines.append(f"  trained: {', '.join(_trained(plan))}")
        described.append({**facts, "key": choice.key, "text": "\n".join(lines)})
    return described


def _trained(plan: TransferPlan) -> list[str]:
    """What is trained, in few words: `everything`, whole stages, and of other stages the layers."""
    stages: dict[str, list[str]] = {}
    for stage, name, module in leaves(plan.network):
        if next(module.parameters(recurse=False), None) is not None:
            stages.setdefault(stage, []).append(name)
    whole = [stage for stage, layers in stages.items() if plan.trainable.keys() >= set(layers)]
    if len(whole) == len(stages):
        return ["everything"]
    trained = [
        [stage] if stage in whole else [n for n in layers if n in plan.trainable] for stage, layers in stages.items()
    ]
    return list(itertools.chain.from_iterable(trained))
