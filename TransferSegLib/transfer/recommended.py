"""What a job chooses among where the person leaves the strategy to it: `--strategy auto`, «Recommended» in the panel.

It is no strategy itself. A job that recommends names the strategies that it may try, keeps the one that its scores recommend,
and tells why (`jobs.rounds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.labels import LabelTask

AUTO = "auto"
TITLE = "Recommended"
WHEN = (
    "When you do not want to choose: several ways of training are tried on your cases for a short time, the better ones for "
    "longer, and the best is kept; or the source model as it is, where none is better on cases that it has not seen."
)

# A strategy and its options, in the order of their merit: where time is short, the last are left out first.
Candidate = tuple[str, Mapping[str, Any]]
_LIKELIEST: tuple[Candidate, ...] = (("open", {}),)
_OF_SEGMENTATION: tuple[Candidate, ...] = (
    ("lora", {"rank": 8}),
    ("conservative", {"part": "norm"}),
    ("conservative", {"part": "decoder"}),
)
# What a source model that copes with the target gains in Dice by models half-way to what a strategy learns from 4 cases: the
# mean over five shifts of the hippocampus and a second draw of one of them (docs/benchmarks.md). The single gains of `lora`
# were -0.001 to +0.013, of `open` -0.005 to +0.012; the decoder alone gained nothing.
USUAL_GAIN = 0.0
_USUAL_GAINS: Mapping[str, float] = {"lora": 0.004, "open": 0.0025}
# Where scans may be trained with without their labels: a person has asked for it, so they come early.
_OF_UNLABELLED: tuple[Candidate, ...] = (("self-training", {}), ("test-time", {}))
# Where the source model knows none of the labels, or segments nothing.
_OF_ENCODER: tuple[Candidate, ...] = (("encoder-transfer", {}), ("scratch", {}))


def candidates(source: ModelCard, use_unlabelled: bool = False) -> tuple[Candidate, ...]:
    """The strategies that a job which recommends may try, in the order of their merit.

    Args:
        source: The source model's card. One that segments nothing has only an encoder to carry over.
        use_unlabelled: Whether scans may be trained with without their labels.

    Returns:
        `direct` first, where the source model segments.
    """
    if source.task != "segmentation":
        return _OF_ENCODER
    asked_for = _OF_UNLABELLED if use_unlabelled else ()
    return (("direct", {}), *_LIKELIEST, *asked_for, *_OF_SEGMENTATION, *_OF_ENCODER)


def usual_gain(strategy: str) -> float:
    """What a source model that copes with the target usually gains in Dice by a strategy; 0 where that was not measured.

    Args:
        strategy: The strategy's name.
    """
    return _USUAL_GAINS.get(strategy, USUAL_GAIN)


def suits(strategy: str, source: ModelCard, task: LabelTask) -> bool:
    """Whether a strategy is worth the time of trying it.

    A decoder that is drawn anew, or a whole network, is worth it only where the source model knows none of the labels: what
    it knows of them is otherwise thrown away.

    Args:
        strategy: The strategy's name.
        source: The source model's card.
        task: The labels that are segmented, and what they begin from.
    """
    begins_anew = strategy in [name for name, _ in _OF_ENCODER]
    return not begins_anew or source.task != "segmentation" or not any(task.source_classes[1:])
