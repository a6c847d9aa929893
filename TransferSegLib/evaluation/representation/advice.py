"""What feature reuse suggests to train next, and where it cannot tell (Karimi 2021 §3.7).

In the paper, the decoder could stay as it came from the source where its three layers had a mean reuse of 0.61 (table 9,
liver MRI → CT) and 0.50 (cortical plate, newborns → younger fetuses), and could not at 0.22 (hippocampus → younger fetuses).
`REUSED` and `NEW` lie between these numbers; nobody knows more of where the border is. The paper has no such experiment for
the encoder; the same numbers are used there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.representation.reuse import Reuse, feature_reuse
from TransferSegLib.transfer.plan import ENCODER

REUSED, NEW = 0.45, 0.25
# An RSIM that is not further than this above what chance gives says nothing.
ABOVE_CHANCE = 0.1

Verdict = Literal["reused", "new", "unclear"]
_STRATEGY: Mapping[tuple[Verdict, Verdict], str] = {
    ("new", "reused"): "conservative:part=encoder+head",
    ("reused", "new"): "conservative:part=decoder",
    ("reused", "reused"): "conservative:part=head",
}


@dataclass(frozen=True)
class Advice:
    """What to try after a training that began with the source's weights.

    Attributes:
        condition: The trainings that it follows from.
        strategy: The key of the strategy to try; None where the numbers cannot tell, or speak against the source.
        encoder: The feature reuse of the encoder, bottleneck included: the mean over its layers; None without it.
        decoder: That of the decoder without the head.
        problem: The advice in a sentence, with its numbers.
    """

    condition: str
    strategy: str | None
    encoder: Reuse | None
    decoder: Reuse | None
    problem: Problem


def advise(
    condition: str,
    transferred: Sequence[Mapping[str, float]],
    scratch: Sequence[Mapping[str, float]],
    chance: Mapping[str, float],
) -> Advice:
    """Say what the reuse in encoder and decoder suggests.

    Args:
        condition: The trainings that began with the source's weights, in words.
        transferred: For each of them, stage → RSIM of its start and its convergence.
        scratch: The same of trainings that began at random, on the same cases.
        chance: Stage → what RSIM would be if nothing were shared.
    """
    if not scratch:
        return _cannot(
            condition,
            Problem(
                "reuse-needs-scratch",
                "reuse is a difference from trainings that began at random, and there is none on the same cases; run "
                "`scratch` as well",
                {},
                "note",
            ),
        )
    parts = [_part(networks) for networks in (transferred, scratch)]
    found = {reuse.layer: reuse for reuse in feature_reuse(*parts)}
    encoder, decoder = found.get("encoder"), found.get("decoder")
    if encoder is None or decoder is None:
        return _cannot(
            condition,
            Problem("reuse-without-parts", "they say nothing of an encoder and a decoder both", {}, "note"),
        )
    by_chance = _part([chance])[0]
    numbers = Problem(
        "reuse-numbers",
        "feature reuse {encoder:.2f}{encoder_range} in the encoder and {decoder:.2f}{decoder_range} in the decoder, from "
        "{transferred} {transferred:~training|trainings} that began with the source's weights and {scratch} from scratch"
        "{single:?: with so few, another seed may say something else|}",
        {
            "encoder": encoder.reuse,
            "encoder_range": _range(encoder),
            "decoder": decoder.reuse,
            "decoder_range": _range(decoder),
            "transferred": encoder.count[0],
            "scratch": encoder.count[1],
            "single": min(encoder.count) < 2,
        },
        "note",
    )
    low = [name for name, reuse in found.items() if name in by_chance and _is_chance(reuse, by_chance[name])]
    if low:
        reason = Problem(
            "reuse-is-chance",
            "RSIM is hardly above chance in the {parts}; sample more blocks ({numbers})",
            {"parts": low, "numbers": numbers},
            "note",
        )
        return _cannot(condition, reason, encoder, decoder)
    verdicts = _verdict(encoder), _verdict(decoder)
    if "unclear" in verdicts:
        reason = Problem(
            "reuse-between",
            "{numbers}; the paper knows of a part that could stay as it was at {reused} and of one that could not at {new}",
            {"numbers": numbers, "reused": "0.50", "new": "0.22"},
            "note",
        )
        return _cannot(condition, reason, encoder, decoder)
    if verdicts == ("new", "new"):
        problem = Problem(
            "advice-nothing-reused",
            "`{condition}`: neither encoder nor decoder was reused, so train everything, and see whether `scratch` is as "
            "good ({numbers}).",
            {"condition": condition, "numbers": numbers},
            "note",
        )
        return Advice(condition, None, encoder, decoder, problem)
    strategy = _STRATEGY[verdicts]
    problem = Problem(
        "advice-try",
        "`{condition}`: the encoder {encoder:?was reused|changed}, the decoder {decoder:?was reused|changed}: try "
        "`{strategy}` ({numbers}).",
        {
            "condition": condition,
            "encoder": verdicts[0] == "reused",
            "decoder": verdicts[1] == "reused",
            "strategy": strategy,
            "numbers": numbers,
        },
        "note",
    )
    return Advice(condition, strategy, encoder, decoder, problem)


def _cannot(condition: str, reason: Problem, encoder: Reuse | None = None, decoder: Reuse | None = None) -> Advice:
    problem = Problem(
        "advice-cannot-tell",
        "`{condition}`: these numbers cannot tell what to train next ({reason}).",
        {"condition": condition, "reason": reason},
        "note",
    )
    return Advice(condition, None, encoder, decoder, problem)


def _part(networks: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """For each network, `encoder` and `decoder` → the mean over their layers."""
    found = []
    for network in networks:
        values: dict[str, list[float]] = {}
        for layer, value in network.items():
            part = layer.split(".")[0]
            if part in ENCODER or part == "decoder":
                values.setdefault("encoder" if part in ENCODER else part, []).append(value)
        found.append({part: float(np.mean(of_part)) for part, of_part in values.items()})
    return found


def _is_chance(reuse: Reuse, chance: float) -> bool:
    return max(reuse.transferred, reuse.scratch) < chance + ABOVE_CHANCE


def _verdict(reuse: Reuse) -> Verdict:
    low = reuse.reuse if reuse.low is None else reuse.low
    high = reuse.reuse if reuse.high is None else reuse.high
    if reuse.reuse >= REUSED and low >= NEW:
        return "reused"
    return "new" if reuse.reuse <= NEW and high <= REUSED else "unclear"


def _range(reuse: Reuse) -> str:
    return "" if reuse.low is None or reuse.high is None else f" ({reuse.low:.2f} to {reuse.high:.2f})"
