"""How knowledge is carried over, by name. A new strategy is a file that defines a `Strategy` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan
from TransferSegLib.transfer.strategies import (
    conservative,
    direct,
    encoder_transfer,
    hybrid,
    multimodal,
    open,
    random_encoder,
    scratch,
)

STRATEGIES: Mapping[str, Strategy] = {
    module.STRATEGY.name: module.STRATEGY
    for module in (direct, open, conservative, hybrid, multimodal, encoder_transfer, random_encoder, scratch)
}


def find_strategy(name: str) -> Strategy:
    """The strategy of this name; raises `InputError`."""
    if name not in STRATEGIES:
        raise InputError(f"strategy `{name}` is not known; choose one of {', '.join(STRATEGIES)}.")
    return STRATEGIES[name]


def parse_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The checked options of a strategy, defaults filled in; raises `InputError`."""
    return find_strategy(name).parse_options(options)


def check_source(name: str, card: ModelCard) -> None:
    """`InputError` when the strategy cannot start from a source model that was taught something else than to segment."""
    if card.task != "segmentation" and find_strategy(name).needs_segmentation:
        able = [s.name for s in STRATEGIES.values() if not s.needs_segmentation]
        raise InputError(
            f"strategy `{name}`: the source model `{card.name}` was trained for {card.task} and segments nothing; choose "
            f"{', '.join(able[:-1])} or {able[-1]}."
        )


def make_plan(transfer: Transfer, name: str, options: Mapping[str, Any]) -> TransferPlan:
    """The transfer plan of a strategy; its network's parameters move, or not, as the plan says."""
    strategy = find_strategy(name)
    check_source(name, transfer.card)
    plan = strategy.plan(transfer, strategy.parse_options(options))
    plan.prepare()
    return plan
