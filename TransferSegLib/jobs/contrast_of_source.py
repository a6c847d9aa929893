"""Whether an adapted model counts as of any contrast, as the source model does that it was adapted from.

What a model learned of random contrasts is in its weights, and a training on few cases changes these little. So it is
inherited, however often a model is adapted again, unless a training began with part of the network drawn at random. Cards
say it (`made_by.any_contrast`); for a card of before, the source model that it names is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.sources.catalogue import list_sources
from TransferSegLib.transfer.strategies import STRATEGIES

# A model that was adapted more often than this is not followed back to its first source model.
MOST_STEPS_BACK = 8


def keeps_contrast(choice: StrategyChoice) -> bool:
    """Whether a strategy begins with the source's encoder and decoder, so that what these know of contrasts is kept."""
    strategy = STRATEGIES.get(choice.name)
    if strategy is None:
        return False
    return "new" not in (strategy.encoder, strategy.decoder, choice.options.get("decoder"))


def with_inherited_contrast(card: ModelCard, source: ModelCard | None = None) -> ModelCard:
    """A card that says whether its model counts as of any contrast, also where it was written before cards said so.

    Args:
        card: The model's card.
        source: The card of the model that it was adapted from; None looks it up by its name and weights.
    """
    known = [source] if source is not None else None
    return _inherited(card, known, MOST_STEPS_BACK)


def _inherited(card: ModelCard, known: Sequence[ModelCard] | None, steps_back: int) -> ModelCard:
    made_by = card.made_by
    if card.any_contrast or "any_contrast" in made_by or "source" not in made_by or not steps_back:
        return card
    try:
        kept = keeps_contrast(StrategyChoice.parse(str(made_by.get("strategy"))))
    except InputError:
        return card
    if not kept:
        return card
    name, weights = made_by["source"], made_by.get("source_sha256")
    sources = [one.card for one in list_sources()] if known is None else known
    for source in sources:
        if source.name == name and weights in (None, source.weights_sha256):
            found = _inherited(source, None, steps_back - 1).any_contrast
            return replace(card, made_by={**made_by, "any_contrast": found})
    return card
