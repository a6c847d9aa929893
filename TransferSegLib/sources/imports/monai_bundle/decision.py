"""Reads how the outputs of a MONAI bundle's network become labels, and makes ours decide as it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import MOST_VALUE, CardNetwork
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region
from TransferSegLib.sources.imports.importer import Imported
from TransferSegLib.sources.imports.monai_bundle.own_regions import OwnRegions
from TransferSegLib.sources.imports.monai_bundle.transforms import (
    HARMLESS,
    IMAGE,
    LABEL,
    as_number,
    is_true,
    items_of,
    transforms_of,
)
from TransferSegLib.sources.untrusted.configs import Config, Keys

if TYPE_CHECKING:
    from torch import Tensor

# After the network: those that change no label, and those by which outputs become labels.
USUAL_AFTER = (*HARMLESS, "Invert", "SaveImage", "SplitDim")
# Each of these lies in the one before.
NESTED = ("whole", "core", "enhanc")
# What can be done with labels here as well, and the arguments with which it is the same.
LARGEST = "KeepLargestConnectedComponent"
AS_HERE = {"independent": True, "connectivity": 3, "num_components": 1, "is_onehot": False}
DECIDING = ("Activations", "AsDiscrete", "MapLabelValue")


@dataclass(frozen=True)
class Decision:
    """How outputs become labels.

    Attributes:
        values: What each output is in segmentations, the background's 0 first.
        begins: The score, before any sigmoid, from which on the one output is the label; None where the largest of several
            outputs is.
        where: What says so.
        regions: The regions that the outputs are, by values, in the order in which they are painted; none for labels.
        interpolated_back: Whether probabilities are interpolated on the way back to the image's own voxels.
        largest: The outputs of which the largest component alone is kept.
    """

    values: tuple[int, ...]
    begins: float | None = None
    where: Keys = ()
    regions: tuple[Region, ...] = ()
    interpolated_back: bool = False
    largest: tuple[int, ...] = ()


def read_decision(
    config: Config, outputs: int, names: list[str], notes: list[Problem], own: OwnRegions | None = None
) -> Decision:
    """Read what the postprocessing makes of the outputs.

    Args:
        config: The bundle's configuration.
        outputs: How many outputs the network has.
        names: Their names.
        notes: What the person should know is added here.
        own: The regions of a bundle that was exported here; None for others.

    Raises:
        InputError: Several outputs are decided each by itself, and it is not known which region lies in which; or nothing
            says how the one output becomes a label; or something else is done before there are labels.
    """
    values = tuple(range(max(outputs, 2)))
    if config.raw("postprocessing") is None:
        if outputs == 1:
            raise InputError(
                "bundle-output-not-explained",
                "{path}: has no `postprocessing`, so nothing says how its one output becomes a label; name "
                "another configuration with {option}.",
                path=config.path,
                option="--config",
            )
        notes.append(
            Problem(
                "bundle-largest-output-taken",
                "It does not say how its outputs become labels; the largest is taken.",
                severity="note",
            )
        )
        return Decision(values)
    # What the outputs are at that point: scores, their sigmoid or softmax, labels, or labels one by one.
    form: str = "scores"
    nested = own.painted if own else _nested(names)
    # Of a bundle of ours, what follows the labels first paints them and numbers them as `own` says.
    paints = own is not None
    begins: float | None = None
    where: Keys = ("postprocessing",)
    interpolated_back = False
    largest: tuple[int, ...] = ()
    # Whether the labels have the values here that they have there.
    followed = True

    def refused(keys: Keys, reason: Problem) -> InputError:
        return InputError(
            "bundle-not-importable",
            "{where}: {reason}; it cannot be imported.",
            where=config.where(keys),
            reason=reason,
        )

    def alone(keys: Keys) -> None:
        if outputs > 1 and not nested:
            raise refused(
                where if form == "sigmoid" else keys,
                Problem(
                    "bundle-regions",
                    "the {outputs} outputs ({names}) are decided each by itself (sigmoid, threshold), so regions overlap, "
                    "and nothing says which lies in which",
                    {"outputs": outputs, "names": ", ".join(names)[:120]},
                ),
            )

    for keys, kind in transforms_of(config, "postprocessing"):
        items = items_of(config, keys)
        if items and set(items) == {LABEL}:
            continue
        if kind == "Invert" and not (items and set(items) <= {LABEL, IMAGE}):
            interpolated_back = _interpolates(config, keys, items, form, notes)
        if kind in USUAL_AFTER or (own is not None and form == "labels" and kind == "MapLabelValue"):
            continue
        if paints and form == "labels" and kind == "Lambda":
            paints = False
            continue
        # Those of regions are left out, as all that is not followed is.
        cleans = kind == LARGEST and form == "labels" and followed and (outputs == 1 or begins is None)
        if cleans and (those := _largest(config, keys, values)):
            largest = tuple(sorted({*largest, *those}))
            continue
        if kind not in DECIDING and form in ("labels", "one by one"):
            notes.append(
                Problem(
                    "bundle-after-labels-left-out",
                    "What it does with its labels afterwards, {kind}, is left out.",
                    {"kind": kind},
                    "note",
                )
            )
            continue
        if kind not in DECIDING:
            raise refused(
                keys,
                Problem(
                    "bundle-transform-before-labels",
                    "what `{kind}` does before the outputs are labels may change what they become",
                    {"kind": kind},
                ),
            )
        if kind == "MapLabelValue":
            mapped = _mapped(config, keys, values) if form == "labels" else None
            if mapped is None:
                notes.append(
                    Problem(
                        "bundle-numbering-left-out",
                        "How it numbers its labels afterwards, {kind}, is left out; they have the outputs' numbers.",
                        {"kind": kind},
                        "note",
                    )
                )
                followed = False
            values = mapped or values
            continue
        given = _for_one(config, keys, _of_prediction(items))
        if kind == "Activations":
            if given("other") is not None:
                raise refused(
                    keys,
                    Problem(
                        "bundle-own-decision",
                        "how the outputs become labels is code of the bundle's own, and none of it is run",
                    ),
                )
            wanted = [name for name in ("sigmoid", "softmax") if is_true(given(name))]
            if wanted and (form != "scores" or len(wanted) > 1 or (wanted == ["softmax"] and outputs == 1)):
                raise refused(
                    keys,
                    Problem(
                        "bundle-activation-without-use",
                        "a {activation} of {outputs} {outputs:~output|outputs}, {form} by then, has no use",
                        {"activation": wanted[0], "outputs": outputs, "form": form},
                    ),
                )
            if wanted:
                form, where = wanted[0], keys
            continue
        if is_true(given("argmax")):
            if outputs == 1 or form in ("labels", "one by one"):
                raise refused(
                    keys, Problem("bundle-largest-of-one", "the largest of one output, or of labels, is none")
                )
            form = "labels"
        if form == "labels" and given("to_onehot") is not None and given("to_onehot") is not False:
            form = "one by one"
        threshold = _threshold(config, keys, given)
        if threshold is not None and form in ("labels", "one by one"):
            # Labels that are 0 and 1 stay so.
            if not 0 < threshold <= 1 or (form == "labels" and max(values) > 1):
                raise refused(
                    keys,
                    Problem(
                        "bundle-threshold-of-labels",
                        "a threshold of {threshold:g} makes other labels of labels",
                        {"threshold": threshold},
                    ),
                )
        elif threshold is not None:
            alone(keys)
            score = threshold
            if form == "sigmoid":
                if not 0 < threshold < 1:
                    raise refused(
                        keys,
                        Problem(
                            "bundle-threshold-decides-nothing",
                            "a threshold of {threshold:g} after a sigmoid decides nothing",
                            {"threshold": threshold},
                        ),
                    )
                score = math.log(threshold / (1 - threshold))
            form, begins, where = "labels", score, keys
        elif form == "sigmoid" and given("rounding") == "torchrounding":
            alone(keys)
            form, begins, where = "labels", 0.0, keys
    if form == "sigmoid":
        alone(where)
        begins = 0.0
        notes.append(
            Problem(
                "bundle-threshold-not-stated",
                "It does not say from which value on its sigmoid is the label; taken as 0.5.",
                severity="note",
            )
        )
    if outputs == 1 and begins is None:
        raise refused(
            where,
            Problem("bundle-decision-missing", "does not say how the one output becomes a label (sigmoid, threshold)"),
        )
    if outputs > 1 and begins is not None:
        if begins != 0:
            raise refused(
                where,
                Problem(
                    "bundle-regions-threshold",
                    "its regions begin at a score of {score:.4g} before any sigmoid, and only 0 is supported",
                    {"score": begins},
                ),
            )
        numbers = own.values if own else tuple(range(1, outputs + 1))
        return Decision((0, *numbers), 0.0, where, nested, interpolated_back)
    return Decision(values, begins, where, (), interpolated_back, largest)


def _of_prediction(items: tuple[str, ...]) -> int:
    """At which of a transform's items what the network gave stands."""
    return next((n for n, item in enumerate(items) if item not in (LABEL, IMAGE)), 0)


def _interpolates(config: Config, keys: Keys, items: tuple[str, ...], form: str, notes: list[Problem]) -> bool:
    """Whether an `Invert` interpolates the probabilities of classes.

    Args:
        config: The bundle's configuration.
        keys: Where the transform stands in it.
        items: What it works on.
        form: What the outputs are by then.
        notes: What the person should know is added here.
    """
    nearest = _for_one(config, keys, _of_prediction(items))("nearest_interp")
    if nearest is None or is_true(nearest):
        return False
    if form in ("labels", "one by one"):
        notes.append(
            Problem(
                "bundle-labels-not-interpolated",
                "Its own program interpolates between the numbers of labels on the way back, so that borders "
                "get fractions, or other labels; here each voxel gets the nearest one's label.",
                severity="note",
            )
        )
        return False
    if form == "scores":
        notes.append(
            Problem(
                "bundle-probabilities-interpolated",
                "It interpolates scores on the way back; here their probabilities are interpolated.",
                severity="note",
            )
        )
    return True


def _largest(config: Config, keys: Keys, values: tuple[int, ...]) -> tuple[int, ...]:
    """The outputs of which the largest component is kept; none where it is done otherwise than here.

    Args:
        config: The bundle's configuration.
        keys: Where the transform stands in it.
        values: What each output is in the labels by then, by which the transform names them.
    """
    try:
        labels = config.value(*keys, "applied_labels", default=None)
        others = {name: config.value(*keys, name, default=None) for name in AS_HERE}
    except InputError:
        return ()
    listed = list(values[1:]) if labels is None else labels if isinstance(labels, list) else [labels]
    usual = all(value in (None, AS_HERE[name]) for name, value in others.items())
    if not usual or not all(type(label) is int and label in values[1:] for label in listed):
        return ()
    return tuple(map(values.index, listed))


def _nested(names: Sequence[str]) -> tuple[Region, ...]:
    """The regions of the outputs where their names say which lies in which, as those of brain tumours do; else none."""
    found = [[n for n, name in enumerate(names, start=1) if word in name.lower()] for word in NESTED]
    if len(names) != len(NESTED) or any(len(places) != 1 for places in found):
        return ()
    order = [places[0] for places in found]
    return tuple(Region(number, tuple(sorted(order[n:]))) for n, number in enumerate(order))


def _for_one(config: Config, keys: Keys, number: int) -> Callable[[str], Any]:
    """Return a function that gives a transform's arguments for the item at `number`; lists have a value for each item."""

    def given(name: str) -> Any:
        value = config.value(*keys, name, default=None)
        return value[min(number, len(value) - 1)] if isinstance(value, list) and value else value

    return given


def _threshold(config: Config, keys: Keys, given: Callable[[str], Any]) -> float | None:
    """Return the value from which on a voxel is 1; older bundles have `threshold_values` and `logit_thresh` for it."""
    for name in ("threshold", "threshold_values"):
        value = given(name)
        if value is None or value is False or str(value).lower() == "false":
            continue
        if isinstance(value, (bool, str)) and is_true(value):
            name, value = "logit_thresh", given("logit_thresh")
            value = 0.5 if value is None else value
        return as_number(config, (*keys, name), value)
    return None


def _mapped(config: Config, keys: Keys, values: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the labels' values after `MapLabelValue`; None where they are no literals, or none that a card can have."""
    try:
        listed = [config.value(*keys, name, default=None) for name in ("orig_labels", "target_labels")]
    except InputError:
        return None
    if not all(isinstance(item, list) for item in listed) or len(listed[0]) != len(listed[1]):
        return None
    if not all(type(value) in (int, float) and value == int(value) for item in listed for value in item):
        return None
    target = {int(one): int(other) for one, other in zip(*listed, strict=True)}
    mapped = tuple(target.get(value, value) for value in values)
    fits = mapped[0] == 0 and len(set(mapped)) == len(mapped) and all(0 < value <= MOST_VALUE for value in mapped[1:])
    return mapped if fits else None


def with_background(
    network: CardNetwork, in_channels: int, state: Mapping[str, Tensor], outputs: int = 1
) -> dict[str, Tensor]:
    """Turn weights of one sigmoid output into those of two classes: softmax of (0, x) is the sigmoid of x.

    Zeros go wherever the background computes or is read, so that its score stays 0 through layers between classes.

    Args:
        network: The network of the weights.
        in_channels: How many images it takes.
        state: The weights by name.
        outputs: How many sigmoid outputs it has; several are regions, which get an output before them that nothing looks at.
    """
    import torch

    from TransferSegLib.sources.mapping import variable_axes
    from TransferSegLib.sources.untrusted.weights import align_names

    axes = variable_axes(network.name, network.arguments, "classes")
    from TransferSegLib.networks import build

    with torch.device("meta"):
        names = build(network.name, in_channels, outputs, network.arguments).state_dict()
    widened = dict(align_names(state, names))
    for name, along in axes.items():
        for axis in along if name in widened else ():
            tensor = widened[name]
            fill = 1.0 if name.endswith("running_var") else 0.0
            widened[name] = torch.cat([torch.full_like(tensor.narrow(axis, 0, 1), fill), tensor], dim=axis)
    return widened


def lowered(imported: Imported, score: float, config: Config, keys: Keys) -> Imported:
    """Take `score` off the label's, so that the label begins at 0, where it is the background's equal.

    The bias that does this, and nothing else, is found by trying.

    Args:
        imported: A model of one label.
        score: Where the label begins.
        config: The bundle's configuration.
        keys: What says so, for errors.

    Raises:
        InputError: There is no such bias.
    """
    import torch

    from TransferSegLib.networks import build
    from TransferSegLib.networks.staged import whole_patch
    from TransferSegLib.sources.mapping import MappedTensor, variable_axes

    card = imported.card
    network = build(card.network.name, len(card.channels), 2, card.network.arguments).eval()
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, len(card.channels), *whole_patch((1, 1, 1), network.divisor), generator=generator)
    wanted = torch.tensor([0.0, -score]).reshape(1, 2, 1, 1, 1)

    def scores(state: Mapping[str, Tensor]) -> Tensor:
        network.load_state_dict(state)
        with torch.inference_mode():
            return network(image)

    axes = variable_axes(card.network.name, card.network.arguments, "classes")
    before = scores(imported.state)
    near = 1e-5 * max(1.0, abs(score), float(before.abs().max()))
    for name in reversed([name for name, along in axes.items() if name.endswith("bias") and along == (0,)]):
        state = {**imported.state, name: imported.state[name] + torch.tensor([0.0, -score])}
        if torch.allclose(scores(state) - before, wanted, rtol=0, atol=near):
            entries = [
                MappedTensor(name, "adapted", f"{entry.how}; lowered by {score:.4g}".lstrip("; "))
                if entry.name == name
                else entry
                for entry in imported.report.entries
            ]
            return replace(imported, state=state, report=replace(imported.report, entries=tuple(entries)))
    raise InputError(
        "bundle-threshold-not-importable",
        "{where}: the label begins at a score of {score:.4g} before any sigmoid, not 0, and the "
        "network's last layer has no bias of its own that would keep it so; it cannot be imported.",
        where=config.where(keys),
        score=score,
    )
