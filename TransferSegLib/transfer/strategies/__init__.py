"""The strategies, by name. A new one is a file here that defines a `STRATEGY`, and its name in `_FILES`."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.cascades import refuse_cascade
from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan

# In the order in which a person is shown them.
_FILES = (
    "direct",
    "test_time",
    "open",
    "conservative",
    "lora",
    "hybrid",
    "multimodal",
    "self_training",
    "encoder_transfer",
    "random_encoder",
    "scratch",
)


def _load(file: str) -> Strategy:
    return importlib.import_module(f"{__name__}.{file}").STRATEGY


def by_name(strategies: Iterable[Strategy]) -> dict[str, Strategy]:
    """Make a registry of strategies, and check that their options can share the command line's flags.

    Args:
        strategies: The strategies, in the order in which a person is shown them.

    Returns:
        Name → strategy.

    Raises:
        ValueError: Two strategies have one name, or two options have one name and are of different kinds.
    """
    found: dict[str, Strategy] = {}
    options: dict[str, tuple[str, Option]] = {}
    for strategy in strategies:
        if strategy.name in found:
            raise ValueError(f"two strategies are called `{strategy.name}`; give one of them another name.")
        found[strategy.name] = strategy
        for option in strategy.options:
            other_strategy, other = options.setdefault(option.name, (strategy.name, option))
            if (option.kind, len(option.items)) != (other.kind, len(other.items)):
                raise ValueError(
                    f"option `{option.name}` is {_kind(other)} for strategy `{other_strategy}` and {_kind(option)} for "
                    f"`{strategy.name}`, and both share the flag {option.flag}; give one of them another name."
                )
    return found


def _kind(option: Option) -> str:
    return f"{len(option.items)} {option.kind}" if option.items else f"of kind {option.kind}"


STRATEGIES: Mapping[str, Strategy] = by_name(map(_load, _FILES))


def find_strategy(name: str, beside: Sequence[str] = ()) -> Strategy:
    """The strategy of this name.

    Args:
        name: The name.
        beside: What else may be named where the name was given, for the error.

    Raises:
        InputError: There is none; the error names the nearest one and all.
    """
    if name not in STRATEGIES:
        known = (*beside, *STRATEGIES)
        near = difflib.get_close_matches(name.lower(), known, n=1)
        raise InputError(
            "unknown-strategy",
            "strategy `{strategy}` is not known{near:?, `{nearest}` is near|}; choose one of {strategies}.",
            strategy=name,
            near=bool(near),
            nearest="".join(near),
            strategies=known,
        )
    return STRATEGIES[name]


def check_source(name: str, card: ModelCard) -> None:
    """Refuse a strategy that needs a source model that segments, where the source model was taught something else.

    Args:
        name: The strategy.
        card: The source model's card.

    Raises:
        InputError: The strategy cannot start from this source model, or is not known; none starts from a cascade.
    """
    refuse_cascade(card)
    if card.task != "segmentation" and find_strategy(name).needs_segmentation:
        raise InputError(
            "strategy-needs-segmentation",
            "strategy `{strategy}`: the source model `{source}` was trained for {task} and segments nothing; "
            "choose one of {strategies}.",
            strategy=name,
            source=card.name,
            task=card.task,
            strategies=tuple(s.name for s in STRATEGIES.values() if not s.needs_segmentation),
        )


def make_plan(transfer: Transfer, name: str, options: Mapping[str, Any]) -> TransferPlan:
    """Make the transfer plan of a strategy; in its network, exactly the layers that the plan names are trainable.

    Args:
        transfer: The source model, and what the target asks for.
        name: The strategy's name.
        options: Name of an option → value, unchecked.

    Returns:
        The plan.

    Raises:
        InputError: There is no such strategy or option, or it does not go with the source model.
    """
    strategy = find_strategy(name)
    check_source(name, transfer.card)
    plan = strategy.plan(transfer, strategy.parse_options(options))
    plan.prepare()
    return plan


def strategies_schema() -> dict[str, Any]:
    """The JSON schema of a job's list of strategies."""
    return {"type": "array", "items": {"anyOf": [strategy.schema() for strategy in STRATEGIES.values()]}}
