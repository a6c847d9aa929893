"""The transfer plan: a strategy makes it from a `Transfer`, and the training loop carries it out.

Nothing here imports torch until a plan is made, so that the Slicer module can list strategies and their options at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from TransferSegLib.core.card import CardNetwork, ModelCard
from TransferSegLib.core.declarations import Option, check_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import Problem

if TYPE_CHECKING:
    from torch import Tensor

    from TransferSegLib.networks.staged import StagedNetwork
    from TransferSegLib.sources.mapping import MappingReport

# The learning rate of layers that were carried over from a source model of any contrast, which needs little change.
GENTLE_RATE = 1e-3
# The parts of a network before its decoder; only a hybrid has `source` and `fusion`.
ENCODER = ("source", "encoder", "bottleneck", "fusion")

Teach = Literal["labels", "consistency", "pseudo-labels"]


@dataclass(frozen=True)
class Strategy:
    """A way of carrying knowledge over from a source model.

    Attributes:
        name: Its name in files and on the command line, in small letters with hyphens.
        title: Its name for a radiologist.
        when: When it fits, in one sentence for a radiologist.
        paper: Where it comes from.
        plan: Makes the transfer plan, from what the job gives and the checked options.
        options: What a person may choose about it.
        encoder: What becomes of the encoder, in a word or two for the documentation.
        decoder: What becomes of the decoder.
        head: What becomes of the output layer.
        trains: Whether anything is trained.
        needs_source_data: Whether it trains with the source's own cases as well.
        needs_segmentation: Whether the source model must be one that segments; else its encoder is enough.
        needs_unlabelled: Whether it trains with scans without their labels, which the job must allow.
        keeps_labels: Whether its network predicts the source's labels, whatever the target's are.
        keeps_network: Whether its network is built as the source's, so that a later job can go on from it.
    """

    name: str
    title: str
    when: str
    paper: str
    plan: Callable[[Transfer, Mapping[str, Any]], TransferPlan]
    options: tuple[Option, ...] = ()
    encoder: str = "trained"
    decoder: str = "trained"
    head: str = "trained"
    trains: bool = True
    needs_source_data: bool = False
    needs_segmentation: bool = True
    needs_unlabelled: bool = False
    keeps_labels: bool = False
    keeps_network: bool = True

    def parse_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Check the options that were given, and fill in the defaults of the others.

        Args:
            options: Name → value, as text or as JSON has it.

        Returns:
            Name → value in the option's kind. An option without a default that was not given is left out.

        Raises:
            InputError: The strategy has no such option, a value is wrong, or two options exclude each other.
        """
        known = {option.name: option for option in self.options}
        for name in options:
            if name not in known:
                raise InputError(
                    "strategy-without-option",
                    "strategy `{strategy}` has no option `{option}`; it takes {known:?{known}|none}.",
                    strategy=self.name,
                    option=name,
                    known=tuple(known),
                )
        try:
            return check_options(self.options, options)
        except InputError as error:
            raise InputError(
                "strategy-option", "strategy `{strategy}`: {reason}.", strategy=self.name, reason=error
            ) from None

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the strategy with its options, as a job has it."""
        options = {
            "type": "object",
            "additionalProperties": False,
            "properties": {option.name: option.schema() for option in self.options},
        }
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"const": self.name, "description": self.when}, "options": options},
            "required": ["name"],
        }


@dataclass(frozen=True)
class Transfer:
    """What a strategy plans from: the source model, and the labels and channels of the target.

    Attributes:
        card: The source model's card.
        state: The source's weights by name; empty where there is no source.
        task: The labels that the target's network segments.
        source_channels: For each channel of the target, the source's channels that it begins from; empty for a new one.
        seed: The seed that new weights are drawn from.
        outputs: The number of output channels of the target's network, where it does not follow from the labels.
    """

    card: ModelCard
    state: Mapping[str, Tensor]
    task: LabelTask
    source_channels: tuple[tuple[int, ...], ...]
    seed: int = 0
    outputs: int | None = None

    @property
    def classes(self) -> int:
        """The number of output channels of the target's network, background included."""
        return self.outputs or len(self.task.names) + 1

    def new_network(self, classes: int | None = None) -> StagedNetwork:
        """Build the source's architecture with new weights, for the target's channels.

        Args:
            classes: The number of the source's classes, to segment its labels; None for the target's.
        """
        import torch

        from TransferSegLib.networks import build

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            network = build(
                self.card.network.name, len(self.source_channels), classes or self.classes, self.card.network.arguments
            )
        network.regions = self.task.regions if classes is None else self.card.class_regions
        return network

    def rate(self, network: StagedNetwork) -> float:
        """The learning rate of layers that begin with the source's weights, where nobody chose one."""
        return GENTLE_RATE if self.card.any_contrast else network.learning_rate

    def carried_network(self) -> tuple[StagedNetwork, MappingReport]:
        """Build the same network with the source's weights, adapted to the target's channels and classes.

        Returns:
            The network, and what became of each tensor of the source.

        Raises:
            InputError: Too little of the source's weights fits the network.
        """
        from TransferSegLib.sources.mapping import map_weights, variable_axes
        from TransferSegLib.sources.region_heads import head_for_regions

        network = self.new_network()
        name, arguments = self.card.network.name, self.card.network.arguments
        class_axes = variable_axes(name, arguments, "classes")
        state, how = head_for_regions(self.state, class_axes, self.card.class_regions, self.task.regions)
        report = map_weights(
            network,
            state,
            class_axes=class_axes,
            channel_axes=variable_axes(name, arguments, "channels"),
            source_classes=self.task.source_classes,
            source_channels=self.source_channels,
            class_names=(("background", *self.task.names), ("background", *self.card.label_names)),
        )
        return network, report.with_words(how)


@dataclass(frozen=True)
class TransferPlan:
    """The network to train, and how.

    Attributes:
        strategy: Name of the strategy that made the plan.
        network: The network with the weights that the training begins with.
        network_card: How to build `network` again.
        trainable: Learning rate of each trainable layer, by module name. All other layers are frozen, their normalisation in
            evaluation mode.
        mapping: What became of the source's weights, tensor by tensor; None where none were carried over.
        data: Whether the source's own cases are mixed in.
        teach: What it is taught by: the `labels` of the cases, the `consistency` of its output on images alone, or
            `pseudo-labels` of images without labels, beside the labels of the annotated cases.
        predicts_source_labels: Whether the network predicts the source's labels (`direct`); its output is then translated.
        frozen_is_random: Whether the frozen layers were drawn at random. Their normalisation then knows nothing of what it
            sees, so the training begins by measuring the statistics of some batches.
        notes: What else a person should know, in sentences.
        described: What `description` gives of a plan that is finished, whose network has other layers than were trained.
    """

    strategy: str
    network: StagedNetwork
    network_card: CardNetwork
    trainable: Mapping[str, float]
    mapping: MappingReport | None = None
    data: Literal["target", "source+target"] = "target"
    teach: Teach = "labels"
    predicts_source_labels: bool = False
    frozen_is_random: bool = False
    notes: tuple[str, ...] = field(default=())
    described: Mapping[str, Any] | None = None

    def finish(self) -> TransferPlan:
        """Make what was trained the plain network of `network_card`, in place: adapters become part of the weights.

        Returns:
            The plan to keep; it describes what was trained.
        """
        from TransferSegLib.networks.low_rank import merge_adapters

        described = self.description()
        return replace(self, described=described) if merge_adapters(self.network) else self

    def prepare(self) -> None:
        """Switch gradients on for the parameters of trainable layers, and off for all others."""
        for name, module in self._leaves:
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(name in self.trainable)

    def training_mode(self) -> None:
        """Set trainable layers to training mode and frozen ones to evaluation mode, so that their running statistics stay."""
        self.network.train()
        for name, module in self._leaves:
            if name not in self.trainable:
                module.training = False  # Of this module alone, because a child of it may be trainable.

    @property
    def new_layers(self) -> tuple[str, ...]:
        """The trained layers that are new, wholly or for a new label, beside carried ones; none where nothing was carried."""
        new = () if self.mapping is None else self.mapping.new_layers
        return tuple(name for name in new if name in self.trainable)

    @property
    def carries(self) -> bool:
        """Whether weights of the source's are trained."""
        from TransferSegLib.networks.low_rank import NAME

        entries = () if self.mapping is None else self.mapping.entries
        layers = {e.name.rpartition(".")[0] for e in entries if e.status in ("loaded", "adapted")}
        return any(name.removesuffix(f".{NAME}") in layers for name in self.trainable)

    def parameter_groups(self, learning_rate: float | None = None, new_factor: float = 1.0) -> list[dict[str, Any]]:
        """Group the trainable parameters by learning rate, as a torch optimiser takes them.

        Args:
            learning_rate: A learning rate for all layers, in place of the plan's.
            new_factor: What the learning rate of `new_layers` is multiplied by.
        """
        new = {*self.new_layers}
        groups: dict[float, list[Any]] = {}
        for name, module in self._leaves:
            if name in self.trainable:
                rate = self.trainable[name] if learning_rate is None else learning_rate
                rate *= new_factor if name in new else 1
                groups.setdefault(rate, []).extend(module.parameters(recurse=False))
        return [{"params": parameters, "lr": rate} for rate, parameters in groups.items() if parameters]

    @property
    def frozen_prefix(self) -> tuple[str, ...]:
        """The names of the stages before the first trainable layer: they run without gradients and keep no activations."""
        from TransferSegLib.networks.staged import leaves

        trained = {stage for stage, name, module in leaves(self.network) if name in self.trainable}
        prefix = []
        for stage in self.network.stages():
            if stage.name in trained:
                break
            prefix.append(stage.name)
        return tuple(prefix)

    def description(self) -> dict[str, Any]:
        """Describe the plan in numbers and one sentence, as JSON: what is trained, and what runs without gradients."""
        from TransferSegLib.networks.low_rank import NAME
        from TransferSegLib.networks.staged import convolutions, leaves

        if self.described is not None:
            return dict(self.described)
        counted = convolutions(self.network)
        trained_convolutions = [n for _, n, _ in counted if not self.trainable.keys().isdisjoint((n, f"{n}.{NAME}"))]
        parameters = {n: sum(p.numel() for p in m.parameters(recurse=False)) for _, n, m in leaves(self.network)}
        trained = sum(count for name, count in parameters.items() if name in self.trainable)
        total = sum(parameters.values())
        counts = {
            "convolutions": len(counted),
            "convolutions_trained": len(trained_convolutions),
            "parameters": total,
            "parameters_trained": trained,
        }
        sentence = trained_in_words(counts).sentence
        if trained and self.frozen_prefix:
            sentence += f"; {', '.join(self.frozen_prefix)} run without gradients"
        return {
            "strategy": self.strategy,
            "sentence": sentence + ".",
            **counts,
            "layers_trained": [name for name, count in parameters.items() if count and name in self.trainable],
            "layers_frozen": [name for name, count in parameters.items() if count and name not in self.trainable],
            "frozen_prefix": list(self.frozen_prefix),
            "data": self.data,
            "teach": self.teach,
            "weights": self.mapping.summary() if self.mapping else None,
            "notes": list(self.notes),
        }

    @functools.cached_property
    def _leaves(self) -> list[tuple[str, Any]]:
        from TransferSegLib.networks.staged import leaves

        return [(name, module) for _, name, module in leaves(self.network)]


def trained_in_words(description: Mapping[str, Any]) -> Problem:
    """Say how much of a network is trained, as a clause.

    Args:
        description: The numbers of `TransferPlan.description`.
    """
    fields = {
        "trained": description["convolutions_trained"],
        "convolutions": description["convolutions"],
        "parameters_trained": _count(description["parameters_trained"]),
        "parameters": _count(description["parameters"]),
    }
    if description["parameters_trained"]:
        return Problem(
            "plan-trains",
            "{trained} of {convolutions} convolutions will be trained, {parameters_trained} of {parameters} parameters",
            fields,
            "note",
        )
    return Problem(
        "plan-trains-nothing",
        "nothing is trained, the source model is used as it is ({parameters} parameters)",
        fields,
        "note",
    )


def trainable_in(network: StagedNetwork, parts: tuple[str, ...], rate: float) -> dict[str, float]:
    """Make every layer of some parts of a network trainable.

    Args:
        network: The network.
        parts: Such as `encoder`, `bottleneck`, `decoder` and `head`.
        rate: The learning rate of these layers.

    Returns:
        Module name of each layer → its learning rate.
    """
    from TransferSegLib.networks.staged import leaves

    return {name: rate for stage, name, _ in leaves(network) if stage.split(".")[0] in parts}


def trainable_everywhere(network: StagedNetwork, rate: float) -> dict[str, float]:
    """Make every layer of a network trainable.

    Args:
        network: The network.
        rate: The learning rate of every layer.

    Returns:
        Module name → learning rate.
    """
    from TransferSegLib.networks.staged import leaves

    return {name: rate for _, name, _ in leaves(network)}


def also_trained(layers: list[str]) -> tuple[str, ...]:
    """The note that says which layers are trained beside those that were asked for, because they are new; none without."""
    return (f"also trained, because new, wholly or for a new label: {', '.join(layers)}.",) if layers else ()


def _count(n: int) -> str:
    return f"{n / 1e6:.2f} M" if n >= 10_000 else str(n)
