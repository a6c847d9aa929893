"""Which models know a structure: a search through names, labels and what else these are called, and filters.

The command line and the Slicer module ask here. Nothing here needs torch.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from TransferSegLib.core.card import ModelCard
from TransferSegLib.sources.downloads import Download
from TransferSegLib.sources.found_here import FoundModel
from TransferSegLib.sources.in_parts import InParts
from TransferSegLib.sources.structures import structure_of, words_of

Model = ModelCard | InParts | Download | FoundModel
# A modality that a card or entry states → what else it is called. A model of one MR contrast is a model for MR, too.
_MR = ("t1w", "t2w", "flair", "pd", "dwi", "adc", "t1c", "tof")


@dataclass(frozen=True)
class Filter:
    """What somebody looks for.

    Attributes:
        words: Words that must all be found, in what the model is called or in one of its labels; may be empty.
        body_part: Words of the body part; empty for all.
        modality: Such as `ct` or `mr`; empty for all.
        commercial: Whether only models are wanted whose commercial use is allowed.
    """

    words: str = ""
    body_part: str = ""
    modality: str = ""
    commercial: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return not (self.words or self.body_part or self.modality or self.commercial)


@dataclass(frozen=True)
class Hit:
    """A model that was found.

    Attributes:
        model: Its card, or its entry in the list of downloads.
        labels: The labels that the words were found in; empty where they are in what the model is called.
    """

    model: Model
    labels: tuple[str, ...]


def find(models: Iterable[Model], wanted: Filter) -> list[Hit]:
    """Find models, in the order in which they are given.

    A word counts where it is a whole word of a name, a label, or one of a label's synonyms (`structures`). Only where no
    model has all words does the beginning of a word count as well, so that `hip` finds hip bones and no hippocampus.

    Args:
        models: Cards and entries.
        wanted: What to look for.
    """
    left = [model for model in models if _passes(model, wanted)]
    asked = words_of(wanted.words)
    if not asked:
        return [Hit(model, ()) for model in left]
    for matches in (_is_word, _begins_word):
        found = [hit for model in left if (hit := _hit(model, asked, matches)) is not None]
        if found:
            return found
    return []


def nearest(models: Iterable[Model], wanted: Filter) -> tuple[str, ...]:
    """Find what somebody may have meant by words that no model has.

    Args:
        models: Cards and entries.
        wanted: What was looked for, in vain.

    Returns:
        At most three names of models, labels or their synonyms that are near to the words, the nearest first. Each finds a
        model that passes the filter.
    """
    left = [model for model in models if _passes(model, wanted)]
    asked = " ".join(wanted.words.lower().split())
    known: dict[str, str] = {}  # in lower case and without `_` → as it is shown
    for model in left:
        labels = model.label_names if isinstance(model, ModelCard) else model.labels
        for name in (model.name, *(name for label in labels for name in _names_of(label))):
            known.setdefault(name.replace("_", " ").lower(), name.replace("_", " "))
    near = [known[name] for name in difflib.get_close_matches(asked, known, n=12, cutoff=0.75)]
    words = sorted({word for name in known for word in name.split()})
    by_word = [next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.7)), word) for word in asked.split()]
    found = [name for name in [*near, " ".join(by_word)] if find(left, replace(wanted, words=name))]
    # Names with the same words, such as `left kidney` and `kidney left`, are one.
    return tuple({frozenset(words_of(name)): name for name in reversed(found)}.values())[::-1][:3]


def _passes(model: Model, wanted: Filter) -> bool:
    if wanted.commercial and model.commercial_use is not True:
        return False
    if wanted.modality and not _is_modality(model.modality, wanted.modality):
        return False
    return set(words_of(wanted.body_part)) <= set(words_of(model.body_part))


def _is_modality(modality: str, wanted: str) -> bool:
    stated, asked = modality.lower(), wanted.lower()
    return asked == stated or asked in stated.split() or (asked in ("mr", "mri") and stated in ("mr", "mri", *_MR))


def _hit(model: Model, asked: Sequence[str], matches: Callable[[str, frozenset[str]], bool]) -> Hit | None:
    general = frozenset(words_of(" ".join(_called(model))))
    names = model.label_names if isinstance(model, ModelCard) else model.labels
    # What the model is called need not be said of the label again: "femur ct" finds the label of a model for CT.
    left = [word for word in asked if not matches(word, general)]
    of_labels = left or [word for word in asked if any(matches(word, _said_of(name)) for name in names)]
    labels = (
        tuple(name for name in names if all(matches(word, _said_of(name)) for word in of_labels)) if of_labels else ()
    )
    return Hit(model, labels) if labels or not left else None


def _called(model: Model) -> tuple[str, ...]:
    family = model.family if isinstance(model, Download) else model.program if isinstance(model, FoundModel) else ""
    modality = ("mr", "mri") if _is_modality(model.modality, "mr") else ()
    contrasts = _MR if isinstance(model, ModelCard) and model.any_contrast and modality else ()
    return model.name, model.title, family, model.modality, *modality, *contrasts, *_names_of(model.body_part)


@cache
def _said_of(label: str) -> frozenset[str]:
    """The words of a label, and of everything that its structure is called."""
    return frozenset(word for name in _names_of(label) for word in words_of(name))


def _names_of(label: str) -> tuple[str, ...]:
    """A label, and everything that its structure is called."""
    structure = structure_of(label)
    return (label, *structure.names, *structure.synonyms) if structure else (label,)


def _is_word(word: str, known: frozenset[str]) -> bool:
    return word in known


def _begins_word(word: str, known: frozenset[str]) -> bool:
    return any(one.startswith(word) for one in known)
