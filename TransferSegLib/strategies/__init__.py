"""How knowledge is carried over, by name. A new strategy is a file that defines a `Strategy` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.errors import InputError
from TransferSegLib.strategies import (
    conservative,
    direct,
    encoder_transfer,
    hybrid,
    multimodal,
    open,
    random_encoder,
    scratch,
)
from TransferSegLib.strategies.plan import Strategy, Transfer, TransferPlan

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


def make_plan(transfer: Transfer, name: str, options: Mapping[str, Any]) -> TransferPlan:
    """The transfer plan of a strategy; its network's parameters move, or not, as the plan says."""
    strategy = find_strategy(name)
    plan = strategy.plan(transfer, strategy.parse_options(options))
    plan.prepare()
    return plan
