"""Maps a source model's weights into a network with other channels or other classes, and reports every tensor.

No tensor is skipped silently. The report says whether each tensor of the network is loaded, adapted (and how) or new. It
lists all other tensors of the file as not used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor, nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.core.texts import share_text
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.untrusted.weights import align_names, find_prefixes

Axes = Mapping[str, tuple[int, ...]]
Sources = tuple[tuple[int, ...], ...]
NORMALISATIONS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class MappedTensor:
    """What became of one tensor.

    Attributes:
        name: The tensor's name in the network; of an unused one, in the file.
        status: `loaded` as it was, `adapted`, `new` (its initial values stay) or, of the file, `unused`.
        how: How it was adapted, or why it is new or unused.
    """

    name: str
    status: Literal["loaded", "adapted", "new", "unused"]
    how: str = ""


@dataclass(frozen=True)
class MappingReport:
    """What became of every tensor of a network and of a weights file.

    Attributes:
        entries: The network's tensors in its order, then those of the file that were not used.
        share: The share (0…1) of the network's values, trainable or running statistics, that come from the weights.
        prefix: What was taken off the beginning of their names in the file.
        fresh: Name of an adapted tensor that has new values, too → which of its values these are, bool of its shape.
    """

    entries: tuple[MappedTensor, ...]
    share: float
    prefix: str = ""
    fresh: Mapping[str, Tensor] = field(default_factory=dict, compare=False, repr=False)

    @property
    def new_layers(self) -> tuple[str, ...]:
        """The layers with a tensor that is new, or has new values for a new label, in the network's order."""
        drawn = [e.name for e in self.entries if e.status == "new" or (e.status == "adapted" and e.name in self.fresh)]
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in drawn))

    def to_json(self) -> dict[str, Any]:
        """Return {"share": …, "prefix": …, "entries": [{"name", "status", "how"}, …]}."""
        return {"entries": to_json(self.entries), "share": self.share, "prefix": self.prefix}

    @property
    def problem(self) -> Problem:
        """The report in one sentence, as data."""
        counts = Counter(entry.status for entry in self.entries)
        parts = [
            Problem("tensors-loaded", "{count} {count:~tensor|tensors} loaded", {"count": counts["loaded"]}, "note")
        ]
        if counts["adapted"]:
            parts.append(Problem("tensors-adapted", "{count} adapted", {"count": counts["adapted"]}, "note"))
        if counts["new"]:
            parts.append(Problem("tensors-new", "{count} new", {"count": counts["new"]}, "note"))
        if counts["unused"]:
            parts.append(Problem("tensors-unused", "{count} of the file not used", {"count": counts["unused"]}, "note"))
        fields = {"parts": parts, "share": share_text(self.share)}
        return Problem(
            "weights-carried-over", "{parts}: {share} of the network's values come from the source.", fields, "note"
        )

    def sentence(self) -> str:
        """Return the report in one line."""
        return self.problem.sentence

    def summary(self) -> dict[str, Any]:
        """Return the report as JSON, with its sentence in English (`sentence`) and as data (`problem`)."""
        return {**self.to_json(), "sentence": self.sentence(), "problem": self.problem.to_json()}

    def only(self, modules: tuple[str, ...], network: nn.Module) -> MappingReport:
        """Return the report for a network that keeps only some of the loaded modules; all other weights are drawn anew.

        Args:
            modules: The names of the modules that keep the loaded weights.
            network: The network.

        Returns:
            The report, in which every tensor of the other modules is `new`, with the share that is left.
        """
        sizes = {name: tensor.numel() for name, tensor in network.state_dict().items()}
        kept = {name for name in sizes if any(name.startswith(f"{module}.") for module in modules)}
        entries = tuple(
            e if e.name in kept or e.status == "unused" else MappedTensor(e.name, "new", "drawn anew by the strategy")
            for e in self.entries
        )
        carried = sum(sizes[e.name] for e in entries if e.name in kept and e.status != "new")
        return MappingReport(entries, carried / max(1, sum(sizes.values())), self.prefix, self.fresh)

    def within(self, network: nn.Module, origins: Mapping[str, str], new: str) -> MappingReport:
        """Return the report for a larger network, which holds the one reported on.

        Args:
            network: The larger network.
            origins: Name of a tensor of the larger network → its name in the one reported on, each once.
            new: Why all other tensors are new.
        """
        mine = {entry.name: entry for entry in self.entries if entry.status != "unused"}
        tensors = network.state_dict()
        entries = tuple(
            replace(mine[origins[name]], name=name) if name in origins else MappedTensor(name, "new", new)
            for name in tensors
        )
        sizes = {name: tensor.numel() for name, tensor in tensors.items() if tensor.is_floating_point()}
        placed = sum(size for name, size in sizes.items() if name in origins)
        unused = tuple(entry for entry in self.entries if entry.status == "unused")
        fresh = {name: self.fresh[origin] for name, origin in origins.items() if origin in self.fresh}
        share = self.share * placed / max(1, sum(sizes.values()))
        return MappingReport(entries + unused, share, self.prefix, fresh)

    def with_words(self, words: Mapping[str, str]) -> MappingReport:
        """Return the report with what was done to tensors of the file beforehand.

        Args:
            words: Name of a tensor → what was done; one that stays new is not told.
        """
        entries = tuple(
            replace(e, status="adapted", how=f"{words[e.name]}{e.how and f'; {e.how}'}")
            if e.name in words and e.status in ("loaded", "adapted")
            else e
            for e in self.entries
        )
        return replace(self, entries=entries)

    def lines(self) -> list[str]:
        """Return the sentence, then a line for each tensor that was not simply loaded (one for all converted alike)."""
        alike = Counter(e.how for e in self.entries if e.status == "loaded" and e.how)
        many = {how: count for how, count in alike.items() if count > 1}
        shown = [e for e in self.entries if e.status != "loaded" or (e.how and e.how not in many)]
        converted = [f"  loaded  {count} tensors: {how}" for how, count in many.items()]
        named = [f"  names   `{self.prefix}` taken off their beginning"] if self.prefix else []
        return [self.sentence(), *named, *converted, *(f"  {e.status:8}{e.name}: {e.how}" for e in shown)]


def variable_axes(
    name: str, arguments: Mapping[str, Any], which: Literal["classes", "channels"]
) -> dict[str, tuple[int, ...]]:
    """Find the axes of each tensor of a network that follow its number of output classes, or of input channels.

    The architecture is built twice, with one more the second time, on the meta device: neither memory nor time goes into
    weights. What was found is kept, so that asking again costs nothing.

    Args:
        name: The architecture.
        arguments: Its own arguments.
        which: What varies.

    Returns:
        Name of a tensor → its axes; tensors without such an axis are left out.

    Raises:
        InputError: The architecture cannot be built with these arguments.
    """
    return dict(_variable_axes(name, json.dumps(to_json(arguments), sort_keys=True), which))


@cache
def _variable_axes(name: str, arguments_json: str, which: str) -> dict[str, tuple[int, ...]]:
    arguments = json.loads(arguments_json)

    def shapes(count: int) -> dict[str, torch.Size]:
        with torch.device("meta"):
            network = build(name, count, 1, arguments) if which == "channels" else build(name, 1, count, arguments)
        return {key: tensor.shape for key, tensor in network.state_dict().items()}

    # An architecture may leave a projection out where two widths happen to agree; nobody makes layers this wide.
    one, other = shapes(61), shapes(62)
    return {
        key: tuple(axis for axis, (a, b) in enumerate(zip(one[key], other[key], strict=True)) if a != b)
        for key in one
        if key in other and one[key] != other[key]
    }


def map_weights(
    network: nn.Module,
    state: Mapping[str, Tensor],
    *,
    class_axes: Axes,
    channel_axes: Axes,
    source_classes: Sources,
    source_channels: Sources,
    minimum_share: float = 0.5,
    class_names: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> MappingReport:
    """Load weights into a network, in place, and report what became of each tensor.

    Columns of a weight, which read a channel, are scaled so that the expected response stays the source's: one source
    channel's weight is shared out among the channels that begin from it. An image repeated in every new channel then gives
    exactly what it gave before. A source channel that is left out counts as 0, its mean after normalisation.

    Args:
        network: Where the weights go; untouched when there is an error.
        state: The weights by name.
        class_axes: Name of a tensor → its axes that follow the number of output classes (see `variable_axes`).
        channel_axes: The same for the number of input channels.
        source_classes: For each class, the source's classes that it begins from. Of several, it begins as their mean. Of
            none, it stays as initialised, in the rows that compute it and in the columns that read it.
        source_channels: For each input channel, the source's channels that it begins from. Of several, it begins as their
            mean. Of none, it begins as the mean of all, after Cui et al. in Mecheter 2023 §2.
        minimum_share: The share (0…1) of the network's values that must come from the weights.
        class_names: What the network's classes are called, and the source's, background included; the report numbers classes
            without a name.

    Returns:
        What became of each tensor.

    Raises:
        InputError: Less than the minimum share would come from the weights, or a source class or channel is asked for that
            they do not have.
    """
    tensors = network.state_dict()
    # A plan that is only looked at has its network on the meta device, made the default: tables here are named the CPU's.
    prefix, _ = find_prefixes(state, tensors)
    state = named_for(network, state)
    entries: list[MappedTensor] = []
    values: dict[str, Tensor] = {}
    fresh: dict[str, Tensor] = {}
    carried, total = 0, 0
    for name, target in tensors.items():
        if name in state:
            tables = [(axis, "class", source_classes) for axis in class_axes.get(name, ())]
            tables += [(axis, "channel", source_channels) for axis in channel_axes.get(name, ())]
            module = network.get_submodule(name.rpartition(".")[0])
            source, first = _inflated(state[name], target, module)
            words = [first, _other_normalisation(name, module, state)]
            entry, value, new = _map_tensor(
                name, target, source, tables, isinstance(module, TRANSPOSED), list(filter(None, words)), class_names
            )
        else:
            entry, value, new = MappedTensor(name, "new", _why_absent(name, state)), None, None
        entries.append(entry)
        if value is not None:
            values[name] = value
        if value is not None and new is not None and bool(new.any()):
            fresh[name] = new
        if target.is_floating_point():
            carried += 0 if new is None else int((~new).sum())
            total += target.numel()
    for name in sorted(state.keys() - tensors.keys()):
        entries.append(MappedTensor(name, "unused", f"{_shape(state[name])} in the weights"))
    report = MappingReport(tuple(entries), carried / total if total else 1.0, prefix, fresh)
    if report.share < minimum_share:
        example = next(entry for entry in entries if entry.status in ("new", "adapted"))
        raise InputError(
            "too-few-weights",
            "only {share} of the network's values are in the weights and {needed} are needed (`{name}`: "
            "{how}); choose weights that were made with this network.",
            share=share_text(report.share),
            needed=share_text(minimum_share),
            name=example.name,
            how=example.how,
        )
    with torch.no_grad():
        for name, value in values.items():
            tensors[name].copy_(value)
    return report


def _map_tensor(
    name: str,
    target: Tensor,
    source: Tensor,
    tables: list[tuple[int, str, Sources]],
    transposed: bool,
    words: list[str],
    class_names: tuple[Sequence[str], Sequence[str]],
) -> tuple[MappedTensor, Tensor | None, Tensor | None]:
    """Map one tensor.

    Args:
        name: The tensor's name in the network.
        target: The network's tensor.
        source: The weights' tensor.
        tables: For each axis that follows classes or channels: (axis, `class` or `channel`, the sources).
        transposed: Whether the tensor is a transposed convolution's, whose first axis reads.
        words: What was done to `source` already; what is done here is added.
        class_names: See `map_weights`.

    Returns:
        What became of it, its values, and which of them are new and not the source's; None twice when all of it stays new.
    """
    shapes = f"{_shape(source)} in the weights, {_shape(target)} in the network"
    if source.ndim == 5 and target.ndim == 4:
        shapes += " (a kernel of volumes does not become one of slices)"
    if source.is_floating_point() != target.is_floating_point():
        shapes += f" ({_dtype(source)} does not become {_dtype(target)})"
    mismatch = MappedTensor(name, "new", shapes), None, None
    if source.ndim != target.ndim or source.is_floating_point() != target.is_floating_point():
        return mismatch
    value = source
    new = torch.zeros(target.shape, dtype=torch.bool, device="cpu")
    for axis, what, sources in tables:
        count = source.shape[axis]
        if sources == tuple((n,) for n in range(count)):
            continue
        if target.shape[axis] != len(sources):
            return mismatch
        _check_sources(name, what, sources, count)
        reads = target.ndim > 1 and axis == (0 if transposed else 1)
        table = _table(tuple(s or tuple(range(count)) for s in sources) if what == "channel" else sources, count, reads)
        value = torch.tensordot(table, value.double(), dims=([1], [axis])).movedim(0, axis)
        absent = torch.tensor([what == "class" and not s for s in sources], device="cpu")
        new |= absent.reshape([-1 if n == axis else 1 for n in range(target.ndim)])
        text = _words(what, sources, count, reads, class_names if what == "class" else ((), ()))
        if text not in words:
            words.append(text)
    if value.shape != target.shape:
        return mismatch
    if target.numel() and bool(new.all()):
        return MappedTensor(name, "new", "; ".join(words)), None, None
    if not words:
        converted = f"converted from {_dtype(source)} to {_dtype(target)}" if source.dtype != target.dtype else ""
        return MappedTensor(name, "loaded", converted), value.to(target.dtype), new
    drawn = torch.zeros_like(target, device="cpu") if target.is_meta else target.cpu()
    value = torch.where(new, drawn, value.to(target.dtype))
    return MappedTensor(name, "adapted", "; ".join(words)), value, new


def named_for(network: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename weights to the names of the network's own tensors.

    Prefixes of wrappers are taken off. Names and layouts of published weights that the network knows are converted.

    Args:
        network: The network.
        state: The weights by the names that they have in their file.

    Returns:
        The weights by the network's names. Weights that the network does not know keep their names.

    Raises:
        InputError: The weights have another layout than the network can convert.
    """
    named = align_names(state, network.state_dict())
    if not isinstance(network, StagedNetwork):
        return named
    try:
        return network.adopt(named)
    except (IndexError, RuntimeError, ValueError) as error:
        raise InputError(
            "weights-laid-out-otherwise",
            "the weights are not laid out as this network's are ({reason}); choose others.",
            reason=library_says(error, "PyTorch"),
        ) from None


def _inflated(source: Tensor, target: Tensor, module: nn.Module) -> tuple[Tensor, str]:
    """Turn a kernel of slices (out, in, i, j) into one of volumes (out, in, i, j, k), and say how; keep other tensors.

    It is repeated along k and shared out, so that a volume of equal slices gives what a slice gave (Carreira and Zisserman
    2017, "Quo vadis, action recognition?", §2.4).
    """
    if not isinstance(module, (nn.Conv3d, nn.ConvTranspose3d)) or (source.ndim, target.ndim) != (4, 5):
        return source, ""
    depth = target.shape[4]
    # In a transposed convolution only every stride-th tap meets in a voxel, and those share among themselves.
    stride = int(module.stride[2]) if isinstance(module, nn.ConvTranspose3d) else 1
    taps = [len(range(tap % stride, depth, stride)) for tap in range(depth)]
    meeting = torch.tensor(taps, dtype=source.dtype, device="cpu")
    return source[
        ..., None
    ] / meeting, f"inflated from slices to volumes: repeated {depth} times across them and shared out"


def _other_normalisation(name: str, module: nn.Module, state: Mapping[str, Tensor]) -> str:
    """Say by what kind of layer a normalisation's scale or shift was learned, where it was another than the network's."""
    own_statistics = getattr(module, "running_mean", None) is not None
    if not isinstance(module, NORMALISATIONS) or not name.endswith((".weight", ".bias")):
        return ""
    statistics = f"{name.rpartition('.')[0]}.running_mean" in state
    if statistics == own_statistics:
        return ""
    return (
        "learned after batch normalisation, used after another" if statistics else "learned after another normalisation"
    )


def _why_absent(name: str, state: Mapping[str, Tensor]) -> str:
    prefix, _, last = name.rpartition(".")
    if last in ("running_mean", "running_var", "num_batches_tracked") and f"{prefix}.weight" in state:
        return "the source normalises without running statistics"
    return "not in the weights"


def _table(sources: Sources, count: int, reads: bool) -> Tensor:
    """Return (targets, sources): how much of each source row or column goes into each target's."""
    table = torch.zeros(len(sources), count, dtype=torch.float64, device="cpu")
    for row, wanted in zip(table, sources, strict=True):
        if wanted:
            row[list(wanted)] = 1 / len(wanted)
    return table / table.sum(dim=0).where(table.sum(dim=0) > 0, 1.0) if reads else table


def _check_sources(name: str, what: str, sources: Sources, count: int) -> None:
    asked = next((source for wanted in sources for source in wanted if not 0 <= source < count), None)
    if asked is not None and what == "class":
        raise InputError(
            "no-such-source-class",
            "source class {number} is asked for, but the weights have {count} (`{name}`, counted from 0); check the source "
            "model's card and the label map.",
            number=asked,
            count=count,
            name=name,
        )
    if asked is not None:
        raise InputError(
            "no-such-source-channel",
            "source channel {number} is asked for, but the weights have {count} (`{name}`, counted from 0); check the source "
            "model's card and the label map.",
            number=asked,
            count=count,
            name=name,
        )


def _words(what: str, sources: Sources, count: int, reads: bool, names: tuple[Sequence[str], Sequence[str]]) -> str:
    # Classes are counted from 0, the background; channels from 1, as people do.
    first = 0 if what == "class" else 1

    def called(number: int, names: Sequence[str]) -> str:
        return f"`{names[number]}`" if number < len(names) else str(number + first)

    own, of_source = names
    plural = "classes" if what == "class" else "input channels"
    size = len(sources)
    change = "rearranged" if size == count else f"{'extended' if size > count else 'reduced'} from {count} to {size}"
    parts = []
    for n, wanted in enumerate(sources):
        if not wanted:
            beginning = "is new" if what == "class" else "begins as the mean of the source's"
        elif len(wanted) > 1:
            beginning = f"begins as the mean of the source's {_and([called(s, of_source) for s in wanted])}"
        elif wanted != (n,):
            beginning = f"begins as the source's {called(wanted[0], of_source)}"
        else:
            continue
        parts.append(f"{what} {called(n, own)} {beginning}")
    used = {s for wanted in sources for s in wanted}
    all_used = what == "channel" and () in sources
    if not all_used and (left := [called(s, of_source) for s in range(count) if s not in used]):
        parts.append(f"the source's {_and(left)} left out")
    if reads and (all_used or any(len(w) > 1 for w in sources) or sum(map(len, sources)) > len(used)):
        parts.append("scaled to keep the response")
    start = f"{change} {plural}" if size != count else f"{plural} {change}"
    return f"{start}: {', '.join(parts)}"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
