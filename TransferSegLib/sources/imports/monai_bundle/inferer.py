"""Reads how a MONAI bundle runs its network over an image: overlap and blending of windows, what surrounds small images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import MOST_OVERLAP, Blending, InferenceSettings, Padding
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.untrusted.configs import Config

# MONAI's inferers that run windows, and what they do where nothing is said.
WINDOWED = ("SlidingWindowInferer", "SlidingWindowInfererAdapt", "SliceInferer")
DEFAULTS: dict[str, Any] = {
    "overlap": 0.25,
    "mode": "constant",
    "padding_mode": "constant",
    "cval": 0.0,
    "sigma_scale": 0.125,
}
PADDINGS: dict[str, Padding] = {"constant": "zero", "replicate": "edge"}
BLENDINGS: dict[str, Blending] = {"constant": "constant", "gaussian": "gaussian"}


def read_inferer(config: Config, notes: list[Problem]) -> InferenceSettings:
    """Read how windows are run.

    Args:
        config: The bundle's configuration.
        notes: What the person should know is added here: what is done otherwise.
    """
    kind = str(config.raw("inferer", "_target_") or "").rpartition(".")[2]
    usual = InferenceSettings(float32_on_cpu=True)
    if kind not in WINDOWED:
        notes.append(
            Problem(
                "bundle-other-inferer",
                "{kind:?`{kind}` runs its network|Nothing says how its network is run}; here windows overlap "
                "by {overlap:g} and are blended with Gaussian weights.",
                {"kind": kind[:60], "overlap": usual.overlap},
                "note",
            )
        )
        return usual
    given = {name: _given(config, name, default, notes) for name, default in DEFAULTS.items()}
    overlap = given["overlap"]
    if isinstance(overlap, list) and overlap:
        if len({*map(str, overlap)}) > 1:
            notes.append(
                Problem(
                    "bundle-overlap-by-axis",
                    "Its windows overlap by {overlap} along the axes; here by the largest of these.",
                    {"overlap": str(overlap)},
                    "note",
                )
            )
        numbers = [one for one in overlap if _is_number(one)]
        overlap = max(numbers) if len(numbers) == len(overlap) else None
    if not _is_number(overlap) or not 0 <= overlap < 1:
        notes.append(
            Problem(
                "bundle-overlap-no-number",
                "By how much its windows overlap is no number from 0 to 1; taken as {overlap:g}.",
                {"overlap": DEFAULTS["overlap"]},
                "note",
            )
        )
        overlap = DEFAULTS["overlap"]
    if overlap > MOST_OVERLAP:
        notes.append(
            Problem(
                "bundle-overlap-too-large",
                "Its windows overlap by {overlap:g}; here by {most:g}.",
                {"overlap": overlap, "most": MOST_OVERLAP},
                "note",
            )
        )
        overlap = MOST_OVERLAP
    padding, blending = PADDINGS.get(str(given["padding_mode"]).lower()), BLENDINGS.get(str(given["mode"]).lower())
    if padding is None:
        notes.append(
            Problem(
                "bundle-padding-mode",
                "It pads small images by `{mode}`; here their edges are repeated.",
                {"mode": str(given["padding_mode"])[:40]},
                "note",
            )
        )
    elif padding == "zero" and given["cval"] != 0:
        notes.append(
            Problem(
                "bundle-padding-value",
                "It surrounds small images by {value}; here by 0.",
                {"value": str(given["cval"])[:40]},
                "note",
            )
        )
    if blending is None:
        notes.append(
            Problem(
                "bundle-blending-mode",
                "It blends windows by `{mode}`; here with Gaussian weights.",
                {"mode": str(given["mode"])[:40]},
                "note",
            )
        )
    elif blending == "gaussian" and given["sigma_scale"] != DEFAULTS["sigma_scale"]:
        notes.append(
            Problem(
                "bundle-gaussian-width",
                "The width of its Gaussian weights is not {width:g} of a window, as it is here.",
                {"width": DEFAULTS["sigma_scale"]},
                "note",
            )
        )
    return replace(usual, overlap=float(overlap), padding=padding or "edge", blending=blending or "gaussian")


def _given(config: Config, name: str, default: Any, notes: list[Problem]) -> Any:
    try:
        value = config.value("inferer", name, default=None)
    except InputError:
        notes.append(
            Problem(
                "bundle-inferer-executed",
                "`{name}` of its inferer would have to be executed; taken as {value}.",
                {"name": name, "value": default},
                "note",
            )
        )
        return default
    return default if value is None else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
