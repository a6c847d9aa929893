"""What the strategies of a job would train, before the job is started."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from TransferSegLib.core.records import to_json
from TransferSegLib.core.texts import counted
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.recipe_of_job import recipe_of_job
from TransferSegLib.jobs.recommended import SHARES
from TransferSegLib.jobs.round_budget import options_of_round, trainings_in
from TransferSegLib.networks.low_rank import LowRank
from TransferSegLib.networks.staged import leaves
from TransferSegLib.training.recipes.table import Row, recipe_fields, table_text
from TransferSegLib.transfer.plan import TransferPlan
from TransferSegLib.transfer.strategies import STRATEGIES


def describe_plans(context: JobContext) -> list[dict[str, Any]]:
    """The plan of each strategy of a job that is not started.

    Returns:
        For each strategy, what `TransferPlan.description` gives, its `key`, as `text` what the person reads, and as `recipe`
        how it would be trained: the recipe's name, what was changed of it, all settings, and the table against its paper.
        A strategy that trains nothing has no recipe.

    Raises:
        InputError: A strategy cannot be planned.
    """
    described = []
    for choice in context.tried:
        plan = context.outline(choice)
        facts = plan.description()
        lines = [f"{choice.key}: {facts['sentence']}"]
        lines += [f"  {note}" for note in facts["notes"]]
        if plan.mapping is not None:
            lines += [f"  {line}" for line in plan.mapping.lines()]
        if facts["layers_trained"]:
            lines.append(f"  trained: {', '.join(_trained(plan))}")
        described.append({**facts, "key": choice.key, "text": "\n".join(lines), "recipe": _recipe(context, plan)})
    return described


def rounds_text(context: JobContext) -> str:
    """The rounds in which a job tries its strategies before it recommends one, as text; empty for other jobs.

    Raises:
        InputError: The cases cannot be split into the folds that were asked for.
    """
    if not context.spec.recommends:
        return ""
    trained = [choice.key for choice in context.tried if STRATEGIES[choice.name].trains]
    folds = len(context.folds())
    if not folds:
        return f"Without folds nothing can be compared: {trained[0]} is trained on all cases, and kept."
    lines = [f"The best of {', '.join(trained)} is recommended, or the source model as it is, after these rounds:"]
    shown = 0
    for number, share in SHARES.items():
        count = trainings_in(number, len(trained), folds)
        if count:
            shown += 1
            lines.append(
                f"  round {shown}: {counted(count // folds, 'strategy', 'strategies')} in {folds} folds, "
                f"{share:.0%} of the steps of a training in full{_of_steps(context, share)}"
            )
    lines[-1] += ", or all of them where the source model does not cope"
    minutes = context.spec.training.minutes
    if minutes is not None:
        lines.append(f"  all together, and the final model, in {minutes:g} {'minute' if minutes == 1 else 'minutes'}")
    return "\n".join(lines)


def _of_steps(context: JobContext, share: float) -> str:
    """How many steps or epochs a share of those that were given is, in brackets; empty where none were given."""
    options = context.spec.training
    if options.steps is None and options.epochs is None:
        return ""
    part = options_of_round(options, share, "cpu")
    if options.epochs is not None:
        return f" ({part.epochs} of {counted(options.epochs, 'epoch', 'epochs')})"
    return f" ({part.steps} of {counted(options.steps or 0, 'step', 'steps')})"


def recipe_tables(plans: Sequence[Mapping[str, Any]]) -> str:
    """The tables of the recipe against its paper, as text; empty where the recipe is no paper's.

    Args:
        plans: What `describe_plans` gave. Strategies that are trained alike share a table.
    """
    alike: dict[str, list[str]] = {}
    for plan in plans:
        if plan["recipe"] and plan["recipe"]["table"]:
            text = table_text([Row(**row) for row in plan["recipe"]["table"]])
            alike.setdefault(f"{plan['recipe']['paper']}\n\n{text}", []).append(plan["key"])
    return "\n\n".join(f"Recipe of {', '.join(keys)}: {text}" for text, keys in alike.items())


def _recipe(context: JobContext, plan: TransferPlan) -> dict[str, Any] | None:
    if not plan.trainable:
        return None
    carried = plan.mapping is not None
    options = context.spec.training.for_training(carried)
    # The context's preprocessing is that of the target's channels.
    source = None if context.source_card is None else replace(context.source_card, channels=context.target.channels)
    return {
        "name": options.recipe,
        "paper": options.named.paper,
        "changed": list(options.changed or ()),
        "settings": recipe_fields(options),
        "table": [to_json(row) for row in recipe_of_job(context.spec, carried, source)],
    }


def _trained(plan: TransferPlan) -> list[str]:
    """What is trained, in few words: `everything`, whole stages, and of other stages the layers; adapters are counted."""
    stages: dict[str, list[str]] = {}
    adapters = 0
    for stage, name, module in leaves(plan.network):
        if isinstance(module, LowRank):
            adapters += 1
        elif next(module.parameters(recurse=False), None) is not None:
            stages.setdefault(stage, []).append(name)
    whole = [stage for stage, layers in stages.items() if plan.trainable.keys() >= set(layers)]
    if len(whole) == len(stages):
        return ["everything"]
    trained = [
        [stage] if stage in whole else [n for n in layers if n in plan.trainable] for stage, layers in stages.items()
    ]
    changes = [f"a change of low rank of {counted(adapters, 'layer', 'layers')}"] if adapters else []
    return [*changes, *itertools.chain.from_iterable(trained)]
