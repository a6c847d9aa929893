"""The colours and dashes of a network's stages: the encoder in blue, deeper ones darker; the decoder in orange, dashed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from TransferSegLib.core.palette import DECODER, ENCODER, OTHER_STAGES, Rgb, hexadecimal

_LIGHT_TO_DARK: dict[str, tuple[Rgb, Rgb]] = {
    "encoder": ENCODER,
    "decoder": DECODER,
    "other": (OTHER_STAGES, OTHER_STAGES),
}
_BOTTLENECK = ("bottleneck", "source", "fusion")


def stage_looks(stages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Name of each stage → `color` and `linestyle` for matplotlib.

    Args:
        stages: `encoder.0` …, `bottleneck`, `decoder.0` …, `head`, in forward order.
    """
    families = {stage: _family(stage) for stage in stages}
    looks = {}
    for stage, family in families.items():
        alike = [name for name, other in families.items() if other == family]
        first, last = _LIGHT_TO_DARK[family]
        share = alike.index(stage) / max(1, len(alike) - 1)
        red, green, blue = (round(a + share * (b - a)) for a, b in zip(first, last, strict=True))
        style = {"encoder": "solid", "decoder": (0, (4.5, 1.5)), "other": (0, (1.0, 1.5))}[family]
        looks[stage] = {"color": hexadecimal((red, green, blue)), "linestyle": style}
    return looks


def _family(stage: str) -> str:
    part = stage.split(".")[0]
    if part == "encoder" or part in _BOTTLENECK:
        return "encoder"
    return part if part == "decoder" else "other"
