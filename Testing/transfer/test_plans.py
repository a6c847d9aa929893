"""Every strategy on every network: what is carried over, what is trained, and that all else stays bit for bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from tiny_networks import TINY, patch_of
from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.hybrid import FUSIONS
from TransferSegLib.networks.low_rank import merged
from TransferSegLib.networks.staged import convolutions, leaves
from TransferSegLib.sources.mapping import variable_axes
from TransferSegLib.training.frozen import STATISTICS_BATCHES
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.objectives import Segmentation
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.unlabelled import objective_without_labels, without_labels
from TransferSegLib.transfer.plan import Transfer, TransferPlan
from TransferSegLib.transfer.strategies import STRATEGIES, find_strategy, make_plan

SIZE = (16, 16, 16)
# Batch normalisation wherever there is a choice: its running statistics are what a careless freeze lets drift.
BATCH = {"monai-unet": {"norm": "BATCH"}, "mecheter2023": {"norm": "batch"}, "nnunet-plain": {"norm": "batch"}}
NETWORKS = {name: CardNetwork(name, arguments | BATCH.get(name, {})) for name, arguments in TINY.items()}
UNET = NETWORKS["monai-unet"]
NETWORKS["hybrid"] = CardNetwork("hybrid", {"network": UNET.name, "arguments": UNET.arguments, "fusion": "concatenate"})
CHOICES: list[tuple[str, dict]] = [
    ("direct", {}),
    ("test-time", {}),
    ("open", {}),
    *(("conservative", {"layers": n}) for n in (0, 2, 5)),
    *(("conservative", {"part": part}) for part in ("head", "decoder", "encoder", "encoder+head", "norm")),
    ("lora", {"rank": 2}),
    *(("hybrid", {"fusion": fusion}) for fusion in FUSIONS),
    ("hybrid", {"decoder": "new"}),
    ("multimodal", {}),
    ("self-training", {}),
    ("encoder-transfer", {}),
    ("random-encoder", {}),
    ("scratch", {}),
]
SAME = LabelTask(("a", "b"), (1, 2), {1: 1, 2: 2}, ((0,), (1,), (2,)))
# The source's `b` is not wanted, `c` is new.
OTHER = LabelTask(("a", "c"), (1, 3), {1: 1, 3: 2}, ((0,), (1,), ()))

# V-Net's size cannot be chosen: its 45 million parameters would take longer than all others together.
SMALL = [name for name in NETWORKS if name != "vnet"]
# Their normalisation has no weights.
WITHOUT_NORM = ("monai-unet-2d", "karimi2021")


def pairwise(networks: Sequence[str], choices: Sequence[tuple[Any, ...]], each: int) -> Any:
    """Pairs of a network and a choice: all choices on the first network, `each` on every other, in turn.

    So every network and every choice is there. The pairs that are left out run with `--full-product`.
    """
    pairs = []
    for n, network in enumerate(networks):
        chosen = {(n + k * len(choices) // each) % len(choices) for k in range(each)}
        for m, choice in enumerate(choices):
            marks = () if n == 0 or m in chosen else (pytest.mark.full_product,)
            options = [str(o) for part in choice for o in (part.values() if isinstance(part, dict) else (part,))]
            pairs.append(pytest.param(network, *choice, marks=marks, id=":".join([network, *options])))
    return pairs


every_network = pytest.mark.parametrize("network", SMALL)
every_pair = pytest.mark.parametrize(
    ("network", "strategy", "options"),
    [
        pair
        for pair in pairwise(list(NETWORKS), CHOICES, 3)
        if pair.values[0] not in WITHOUT_NORM or pair.values[2] != {"part": "norm"}
    ],
)
CARRYING = ("open", "conservative", "multimodal", "self-training", "lora")
# What the source lacks cannot be learned from images alone.
WITHOUT_LABELS = ("test-time",)
# The smallest networks have no more than five convolutions before their output layer.
FEW: dict[str, dict] = {"conservative": {"layers": 3}}
every_carrying = pytest.mark.parametrize(("network", "strategy"), pairwise(SMALL, [(s,) for s in CARRYING], 1))
every_decoder = pytest.mark.parametrize(
    ("network", "fusion", "decoder"), pairwise(SMALL, [(f, d) for f in FUSIONS for d in ("source", "new")], 1)
)


def transfer(network: str, task: LabelTask = SAME, channels=((0,),), seed: int = 0) -> Transfer:
    """A source of one channel and labels a and b, its weights and running statistics like those of a trained model."""
    card = ModelCard(
        format=1,
        name="source",
        title="",
        description="",
        modality="t1w",
        body_part="head",
        labels=(CardLabel(1, "a"), CardLabel(2, "b")),
        channels=("T1",),
        network=NETWORKS[network],
        preprocessing=Preprocessing(None),
        patch_size=SIZE,
        trained_on="",
        licence="",
        citation="",
    )
    torch.manual_seed(11)
    state = build(card.network.name, 1, 3, card.network.arguments).state_dict()
    for name, value in state.items():
        if value.ndim > 1 and value.is_floating_point():
            value *= 1 + 0.1 * torch.rand_like(value)
        elif value.is_floating_point():
            value += 0.1 * torch.rand_like(value)
        elif name.endswith("num_batches_tracked"):
            value += 5
    return Transfer(card, state, task, channels, seed)


def cases(size: tuple[int, int, int] = SIZE, channels: int = 1, count: int = 2) -> list[PreparedCase]:
    rng = np.random.default_rng(5)
    made = []
    for n in range(count):
        classes = np.zeros(size, np.uint8)
        classes[4:9, 3 + n : 9, :10] = 1
        classes[9:13, 4:12, :9] = 2
        image = rng.normal(classes[None], 0.3, (channels, *size)).astype(np.float32)
        made.append(PreparedCase(f"case-{n}", image, classes, Grid.from_spacing(size, (1, 1, 1)), (1.0, 1.0, 1.0)))
    return made


def train(plan: TransferPlan, steps: int = 2, channels: int = 1) -> nn.Module:
    size = patch_of(plan.network)
    settings = RunSettings(steps, 2, size, ExecutionConfig("cpu"), seed=0)
    seen = cases(size, channels)
    if plan.teach == "pseudo-labels":
        seen += [without_labels(case) for case in seen]
    objective = Segmentation if plan.teach == "labels" else objective_without_labels(plan.teach)
    return Training(plan, seen, TrainingOptions(augment="none"), settings, objective=objective).run()


def own_keys(module: nn.Module) -> list[str]:
    """Of the tensors that a module holds itself, but for tables that nothing ever changes."""
    return [key for key in module.state_dict() if "." not in key and key != "relative_position_index"]


def snapshot(network: nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in network.state_dict().items()}


def nudge(network: nn.Module) -> None:
    """No parameter exactly 0, where weight decay and many gradients would leave it."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            shift = torch.rand(parameter.shape, generator=generator) - 0.5
            parameter += 0.002 * (shift + shift.sign())


def layers_to_train(plan: TransferPlan, strategy: str, options: dict) -> set[str]:
    """The layers that the papers train, found by the network's stages and not by the plan."""
    network = plan.network
    named = [(stage, name) for stage, name, _ in leaves(network)]
    if strategy == "direct":
        return set()
    if strategy in ("test-time", "open", "multimodal", "self-training", "encoder-transfer", "scratch"):
        return {name for _, name in named}
    if strategy == "hybrid":
        return {name for stage, name in named if not stage.startswith("source.")}
    if strategy == "lora":
        return {name for stage, name in named if stage == "head" or name.endswith(".low_rank")}
    if options.get("part") == "norm":
        norms = (nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm3d, nn.GroupNorm, nn.LayerNorm)
        return {name for _, name, module in leaves(network) if isinstance(module, norms) and module.weight is not None}
    if strategy == "random-encoder" or options.get("part") == "decoder":
        return {name for stage, name in named if stage.startswith(("decoder", "head"))}
    if options.get("part") == "head":
        return {name for stage, name in named if stage == "head"}
    if options.get("part") == "encoder+head":
        return {name for stage, name in named if not stage.startswith("decoder")}
    if options.get("part") == "encoder":
        return {name for stage, name in named if not stage.startswith(("decoder", "head"))}
    first = convolutions(network)[-1 - options["layers"]][1]
    order = [name for _, name in named]
    return set(order[order.index(first) :])


@every_pair
def test_exactly_what_the_plan_says_is_trained_and_all_else_is_bit_identical(network, strategy, options):
    plan = make_plan(transfer(network), strategy, options)
    trained = layers_to_train(plan, strategy, options)
    assert set(plan.trainable) == trained
    if strategy == "direct":
        assert not plan.parameter_groups()
        return
    nudge(plan.network)
    before = snapshot(plan.network)
    after = train(plan).state_dict()
    if plan.teach == "consistency":
        # Outputs of a coarser grid are taught by labels alone, and no segmentation has a part of them.
        trained -= {"net.decoder.seg_layers.0"}
    for _, name, module in leaves(plan.network):
        parameters = {key for key, _ in module.named_parameters(recurse=False)}
        for key in own_keys(module):
            same = torch.equal(before[f"{name}.{key}"], after[f"{name}.{key}"])
            # Batch statistics are no parameters, but belong to their layer: they follow it. Those of random layers that are
            # frozen are measured before the training.
            measured = strategy == "random-encoder" and key not in parameters
            assert same == (name not in trained and not measured), f"{name}.{key}"
            assert key in parameters or key in ("running_mean", "running_var", "num_batches_tracked")
        if "num_batches_tracked" in module.state_dict():
            counted = int(after[f"{name}.num_batches_tracked"]) - int(before[f"{name}.num_batches_tracked"])
            assert counted == (2 if name in trained else STATISTICS_BATCHES if strategy == "random-encoder" else 0)


@every_pair
def test_the_frozen_prefix_builds_no_graph_and_what_follows_it_does(network, strategy, options):
    plan = make_plan(transfer(network), strategy, options)
    plan.training_mode()
    graph: dict[str, list[bool]] = {}
    for stage, _, module in leaves(plan.network):
        module.register_forward_hook(
            lambda module, args, output, stage=stage: graph.setdefault(stage, []).append(output.requires_grad)
        )
    logits = plan.network(torch.randn(2, 1, *patch_of(plan.network)))
    for stage in plan.frozen_prefix:
        assert not any(graph[stage])
    following = [s.name for s in plan.network.stages()][len(plan.frozen_prefix) :]
    assert bool(following) == (strategy != "direct")
    if following:
        assert graph[following[0]][-1]
    assert logits.requires_grad == bool(following)


@every_pair
def test_the_numbers_of_the_description_add_up(network, strategy, options):
    plan = make_plan(transfer(network), strategy, options)
    description = plan.description()
    parameters = dict(plan.network.named_parameters())
    assert description["parameters"] == sum(p.numel() for p in parameters.values())
    assert description["parameters_trained"] == sum(p.numel() for p in parameters.values() if p.requires_grad)
    assert description["parameters_trained"] == sum(p.numel() for g in plan.parameter_groups() for p in g["params"])
    holders = {name.rpartition(".")[0] for name in parameters}
    assert {*description["layers_trained"], *description["layers_frozen"]} == holders
    assert len(description["layers_trained"]) + len(description["layers_frozen"]) == len(holders)
    assert description["convolutions"] == len(convolutions(plan.network))
    if "layers" in options:
        assert description["convolutions_trained"] == options["layers"] + 1
    stages = [s.name for s in plan.network.stages()]
    assert description["frozen_prefix"] == stages[: len(description["frozen_prefix"])]
    if strategy == "direct":
        assert description["frozen_prefix"] == stages
        assert "nothing is trained" in description["sentence"]
    else:
        assert description["sentence"].startswith(
            f"{description['convolutions_trained']} of {description['convolutions']} convolutions"
        )


@pytest.mark.parametrize(
    ("network", "options", "prefix"),
    [
        ("mecheter2023", {"layers": 0}, 7),
        ("mecheter2023", {"layers": 3}, 6),
        ("mecheter2023", {"layers": 9}, 4),
        ("mecheter2023", {"layers": 10}, 3),
        ("mecheter2023", {"layers": 18}, 1),
        ("monai-unet", {"part": "head"}, 2),
        ("ratlesnetv2", {"part": "decoder"}, 4),
        ("ratlesnetv2", {"part": "encoder+head"}, 0),
        ("hybrid", {"part": "decoder"}, 5),
    ],
)
def test_the_frozen_prefix_ends_before_the_first_trained_layer(network, options, prefix):
    assert len(make_plan(transfer(network), "conservative", options).frozen_prefix) == prefix


@every_carrying
def test_the_same_labels_and_channels_begin_as_the_source_bit_for_bit(network, strategy):
    given = transfer(network)
    plan = make_plan(given, strategy, FEW.get(strategy, {}))
    own = plan.network.state_dict()
    assert all(torch.equal(own[key], value) for key, value in given.state.items())
    assert plan.mapping.share == 1
    assert not plan.notes


@every_carrying
def test_shared_labels_carry_their_rows_and_new_ones_are_drawn(network, strategy):
    given = transfer(network, OTHER)
    plan = make_plan(given, strategy, FEW.get(strategy, {}))
    card = given.card.network
    axes = variable_axes(card.name, card.arguments, "classes")
    assert axes
    drawn = given.new_network().state_dict()
    for key, value in merged(plan.network.state_dict()).items():
        shared = tuple(slice(0, 2) if axis in axes.get(key, ()) else slice(None) for axis in range(value.ndim))
        torch.testing.assert_close(value[shared], given.state[key][shared], rtol=1e-6, atol=0)
        new = torch.ones(value.shape, dtype=torch.bool)
        new[shared] = False
        assert torch.equal(value[new], drawn[key][new])
    assert plan.network(torch.zeros(2, 1, *patch_of(plan.network))).shape[1] == 3
    assert plan.mapping.share < 1


@every_network
def test_a_new_layer_is_trained_with_any_part_and_a_note_says_so(network):
    assert not make_plan(transfer(network, OTHER), "conservative", {"part": "decoder"}).notes
    given = transfer(network)
    key = next(iter(given.state))
    del given.state[key]
    plan = make_plan(given, "conservative", {"part": "head"})
    layer = key.rpartition(".")[0]
    assert layer in plan.trainable
    assert plan.notes == (f"also trained, because new, wholly or for a new label: {layer}.",)


def test_rows_of_a_new_label_are_trained_however_few_layers_are_asked_for():
    # MONAI's head has two convolutions as wide as the classes; here only the last one is trained.
    assert not make_plan(transfer("monai-unet"), "conservative", {"layers": 0}).notes
    plan = make_plan(transfer("monai-unet", OTHER), "conservative", {"layers": 0})
    axes = variable_axes("monai-unet", plan.network_card.arguments, "classes")
    assert {name.rpartition(".")[0] for name in axes} <= set(plan.trainable)
    assert "because new, wholly or for a new label" in plan.notes[0]


@every_network
def test_direct_keeps_the_sources_labels_when_others_are_wanted(network):
    given = transfer(network, OTHER)
    plan = make_plan(given, "direct", {})
    assert plan.predicts_source_labels
    own = plan.network.state_dict()
    assert own.keys() == given.state.keys()
    assert all(torch.equal(own[key], value) for key, value in given.state.items())
    assert not any(p.requires_grad for p in plan.network.parameters())


def test_images_alone_teach_no_label_that_the_source_lacks():
    sentence = "strategy `test-time`: uses no labels, so it cannot learn the label `c`, which the source model lacks"
    with pytest.raises(InputError, match=sentence):
        make_plan(transfer("monai-unet", OTHER), "test-time", {})
    merged = LabelTask(("a + b",), (1,), {1: 1, 2: 1}, ((0,), (1, 2)))
    plan = make_plan(transfer("monai-unet", merged), "test-time", {})
    assert plan.network(torch.zeros(1, 1, *SIZE)).shape[1] == 3  # it keeps the source's labels


@every_network
def test_a_second_channel_begins_so_that_a_repeated_image_gives_what_it_gave(network):
    given = transfer(network, channels=((0,), ()))
    source = make_plan(transfer(network), "direct", {}).network.eval().double()
    x = torch.randn(1, 1, *patch_of(source)).double()
    for strategy in ("direct", "open"):
        extended = make_plan(given, strategy, {}).network.eval().double()
        with torch.no_grad():
            torch.testing.assert_close(extended(x.repeat(1, 2, 1, 1, 1)), source(x), rtol=1e-3, atol=1e-4)
    train(make_plan(given, "hybrid", {}), steps=1, channels=2)


@every_network
def test_encoder_transfer_keeps_the_encoder_and_draws_the_rest(network):
    given = transfer(network, OTHER)
    plan = make_plan(given, "encoder-transfer", {})
    drawn = given.new_network().state_dict()
    own = plan.network.state_dict()
    seen = set()
    for stage, name, module in leaves(plan.network):
        before_decoder = not stage.startswith(("decoder", "head"))
        seen.add(before_decoder)
        for key in own_keys(module):
            expected = given.state if before_decoder else drawn
            assert torch.equal(own[f"{name}.{key}"], expected[f"{name}.{key}"])
    assert seen == {True, False}
    statuses = {entry.name: entry.status for entry in plan.mapping.entries}
    for stage, name, module in leaves(plan.network):
        for key in own_keys(module):
            carried = not stage.startswith(("decoder", "head"))
            assert statuses[f"{name}.{key}"] == ("loaded" if carried else "new")


@pytest.mark.parametrize(("network", "strategy"), pairwise(SMALL, [("random-encoder",), ("scratch",)], 1))
def test_a_network_drawn_anew_follows_the_seed_and_not_the_source(network, strategy):
    first, again, other = (
        snapshot(make_plan(transfer(network, seed=seed), strategy, {}).network) for seed in (0, 0, 1)
    )
    source = transfer(network).state
    assert all(torch.equal(first[key], again[key]) for key in first)
    kernels = [key for key, value in first.items() if value.ndim >= 4]
    assert kernels
    for key in kernels:
        if not key.startswith("fusion."):  # begins as the average, whatever the seed
            assert not torch.equal(first[key], other[key])
        assert not torch.equal(first[key], source[key])


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_making_a_plan_leaves_the_random_numbers_and_the_source_as_they_were(strategy):
    given = transfer("monai-unet", SAME if strategy in WITHOUT_LABELS else OTHER)
    before = {key: value.clone() for key, value in given.state.items()}
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    plan = make_plan(given, strategy, FEW.get(strategy, {}))
    assert torch.equal(torch.rand(1), expected)
    if STRATEGIES[strategy].trains:
        train(plan, steps=1)
    assert all(torch.equal(before[key], value) for key, value in given.state.items())


@every_decoder
def test_a_hybrid_begins_with_the_sources_encoder_a_new_encoder_and_the_decoder_that_was_chosen(
    network, fusion, decoder
):
    given = transfer(network)
    plan = make_plan(given, "hybrid", {"fusion": fusion, "decoder": decoder})
    own = plan.network.state_dict()
    for stage, name, module in leaves(given.new_network()):
        encoder = not stage.startswith(("decoder", "head"))
        for key in own_keys(module):
            value = module.state_dict()[key]
            source = given.state[f"{name}.{key}"]
            assert (f"adapted.{name}.{key}" in own) == encoder
            if encoder:
                assert torch.equal(own[f"adapted.{name}.{key}"], source)
                if value.ndim >= 4:
                    assert not torch.equal(own[f"dedicated.{name}.{key}"], source)
            elif decoder == "source":
                assert torch.equal(own[f"dedicated.{name}.{key}"], source)
            elif value.ndim >= 4:
                assert not torch.equal(own[f"dedicated.{name}.{key}"], source)
    rebuilt = build(plan.network_card.name, 1, 3, plan.network_card.arguments)
    rebuilt.load_state_dict(own)


@pytest.mark.parametrize(
    ("network", "fusion", "decoder"), pairwise(SMALL, [("multiply", "source"), ("concatenate", "new")], 1)
)
def test_the_report_of_a_hybrid_counts_what_is_new_as_new_and_all_else_as_the_sources(network, fusion, decoder):
    plan = make_plan(transfer(network), "hybrid", {"fusion": fusion, "decoder": decoder})
    own = {name: tensor for name, tensor in plan.network.state_dict().items() if tensor.is_floating_point()}
    statuses = {entry.name: entry.status for entry in plan.mapping.entries}
    assert statuses.keys() == plan.network.state_dict().keys()
    new = {
        f"{name}.{key}"
        for stage, name, module in leaves(plan.network)
        for key in own_keys(module)
        if stage.split(".")[0]
        in ("encoder", "bottleneck", "fusion", *(("decoder", "head") if decoder == "new" else ()))
    }
    assert {name for name in own if statuses[name] == "new"} == new & own.keys()
    share = 1 - sum(tensor.numel() for name, tensor in own.items() if name in new) / sum(
        t.numel() for t in own.values()
    )
    assert plan.mapping.share == pytest.approx(share)
    assert " new: " in plan.mapping.sentence() and "100 %" not in plan.mapping.sentence()
    assert not any("adapted" in stage for stage in plan.frozen_prefix)


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_a_model_that_is_a_hybrid_already_can_be_adapted_again(strategy):
    first = make_plan(transfer("monai-unet"), "hybrid", {"fusion": "multiply"})
    train(first, steps=1)
    given = transfer("monai-unet", OTHER)
    card = given.card
    object.__setattr__(card, "network", first.network_card)
    task = SAME if strategy in WITHOUT_LABELS else OTHER
    second = make_plan(Transfer(card, snapshot(first.network), task, ((0,),)), strategy, FEW.get(strategy, {}))
    if STRATEGIES[strategy].trains:
        train(second, steps=1)
    assert second.network(torch.randn(2, 1, *SIZE)).shape == (2, 3, *SIZE)


def test_the_carried_optimiser_has_one_group_a_rate_and_a_chosen_rate_replaces_them():
    plan = make_plan(transfer("monai-unet"), "open", {})
    assert {group["lr"] for group in plan.parameter_groups()} == set(plan.trainable.values())
    assert [group["lr"] for group in plan.parameter_groups(1e-5)] == [1e-5]


# In MONAI's head also the first convolution and its normalisation.
AS_WIDE_AS_CLASSES = {"net.model.2.0.conv", "net.model.2.0.adn.N", "net.model.2.1.conv.unit0.conv"}


@pytest.mark.parametrize(
    ("strategy", "options", "new"),
    [
        ("open", {}, AS_WIDE_AS_CLASSES),
        ("conservative", {"layers": 0}, AS_WIDE_AS_CLASSES),
        ("lora", {}, AS_WIDE_AS_CLASSES),
        ("direct", {}, set()),
        ("scratch", {}, set()),
    ],
)
def test_layers_that_are_new_or_have_rows_of_a_new_label_learn_faster_where_that_is_asked_for(strategy, options, new):
    plan = make_plan(transfer("monai-unet", OTHER), strategy, options)
    assert set(plan.new_layers) == new
    assert plan.carries == (strategy not in ("direct", "scratch"))
    rates = {id(p): group["lr"] for group in plan.parameter_groups(1e-3, 10) for p in group["params"]}
    assert {name for name, p in plan.network.named_parameters() if rates.get(id(p)) == pytest.approx(1e-2)} == {
        key for key, _ in plan.network.named_parameters() if key.rpartition(".")[0] in new
    }
    assert len(rates) == sum(len(group["params"]) for group in plan.parameter_groups())
    assert not make_plan(transfer("monai-unet"), strategy, options).new_layers


def test_only_multimodal_mixes_the_source_cases_in():
    for name, strategy in STRATEGIES.items():
        plan = make_plan(transfer("monai-unet"), name, FEW.get(name, {}))
        assert plan.data == ("source+target" if strategy.needs_source_data else "target")
        assert strategy.needs_source_data == (name == "multimodal")
        assert strategy.trains == (name != "direct") == bool(plan.trainable)
        assert plan.strategy == name
        assert strategy.needs_unlabelled == (plan.teach != "labels")
        assert strategy.keeps_labels == plan.predicts_source_labels


def test_the_loss_falls_when_every_layer_is_trained():
    plan = make_plan(transfer("monai-unet"), "open", {})
    settings = RunSettings(12, 2, SIZE, ExecutionConfig("cpu"), seed=0)
    training = Training(plan, cases(), TrainingOptions(augment="none", learning_rate=0.01), settings)
    training.run()
    losses = training.progress.losses
    assert math.isfinite(sum(losses))
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("strategy", "options", "sentence"),
    [
        ("open", {"layers": 3}, "strategy `open` has no option `layers`; it takes none"),
        ("conservative", {"depth": 3}, "has no option `depth`; it takes layers, part"),
        ("conservative", {"layers": -1}, "must be a whole number from 0"),
        ("conservative", {"layers": "six"}, "option `layers`: must be a whole number from 0, not `six`"),
        ("conservative", {"layers": 2.5}, "must be a whole number from 0, not `2.5`"),
        ("conservative", {"part": "tail"}, "must be one of head, decoder, encoder, encoder\\+head, norm, not `tail`"),
        ("hybrid", {"fusion": "sum"}, "must be one of multiply, concatenate, average, maximum, not `sum`"),
    ],
)
def test_an_option_that_a_strategy_does_not_take_is_refused_in_a_sentence(strategy, options, sentence):
    with pytest.raises(InputError, match=sentence):
        find_strategy(strategy).parse_options(options)


def test_too_many_layers_and_two_ways_of_saying_which_are_refused_in_a_sentence():
    # 9 + 3 + 9 convolutions (Mecheter 2023 §3.3.3) and the output layer: all of them, and one too many.
    assert len(make_plan(transfer("mecheter2023"), "conservative", {"layers": 21}).frozen_prefix) == 0
    wanted = "layers=22, but network `mecheter2023` has 21 convolutions before its output layer; choose 0 to 21"
    with pytest.raises(InputError, match=wanted):
        make_plan(transfer("mecheter2023"), "conservative", {"layers": 22})
    with pytest.raises(InputError, match="options `layers` and `part` are both given"):
        make_plan(transfer("mecheter2023"), "conservative", {"layers": 3, "part": "head"})
    with pytest.raises(InputError, match="strategy `adapter` is not known; choose one of direct"):
        find_strategy("adapter")


@pytest.mark.parametrize("network", WITHOUT_NORM)
def test_normalisation_without_weights_cannot_be_all_that_is_trained(network):
    wanted = (
        f"part=norm, but the normalisation of network `{network}` has no weights that could be trained; choose another"
    )
    with pytest.raises(InputError, match=wanted):
        make_plan(transfer(network), "conservative", {"part": "norm"})


def test_running_statistics_follow_the_target_where_normalisation_alone_is_trained():
    plan = make_plan(transfer("monai-unet"), "conservative", {"part": "norm"})
    before = snapshot(plan.network)
    after = train(plan).state_dict()
    changed = {key.rpartition(".")[2] for key, value in after.items() if not torch.equal(value, before[key])}
    assert changed == {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}


@every_network
def test_a_model_trained_with_adapters_is_a_plain_network_that_gives_the_same(network):
    given = transfer(network, OTHER)
    plan = make_plan(given, "lora", {"rank": 3})
    described = plan.description()
    trained = train(plan, steps=1)
    x = torch.randn(2, 1, *patch_of(plan.network))
    with torch.no_grad():
        with_adapters = trained(x)
    plain = merged(trained.state_dict())
    finished = plan.finish()
    assert finished.description() == described
    rebuilt = build(plan.network_card.name, 1, 3, plan.network_card.arguments)
    own = finished.network.state_dict()
    assert all(torch.equal(own[key], value) for key, value in plain.items())
    rebuilt.load_state_dict(own)
    assert {type(module) for module in finished.network.modules()} == {type(module) for module in rebuilt.modules()}
    with torch.no_grad():
        torch.testing.assert_close(rebuilt.eval()(x), with_adapters)
    carried = given.carried_network()[0].state_dict()
    changed = {key for key, value in own.items() if not torch.equal(value, carried[key])}
    adapted = {name.removesuffix(".low_rank") + ".weight" for name in plan.trainable if name.endswith(".low_rank")}
    assert adapted & changed
    assert {key for key in changed - adapted if key.rpartition(".")[0] not in plan.trainable} == set()


def test_a_training_with_adapters_goes_on_from_a_checkpoint_to_the_same_weights():
    options, settings = TrainingOptions(augment="none"), RunSettings(3, 2, SIZE, ExecutionConfig("cpu"), seed=0)
    whole = merged(train(make_plan(transfer("monai-unet"), "lora", {}), steps=3).state_dict())
    stopped = Training(make_plan(transfer("monai-unet"), "lora", {}), cases(), options, settings)
    stopped.run(lambda progress: False)
    resumed = Training(make_plan(transfer("monai-unet"), "lora", {}), cases(), options, settings)
    resumed.restore(stopped.state())
    found = merged(resumed.run().state_dict())
    assert all(torch.equal(found[key], value) for key, value in whole.items())
    assert resumed.weights().keys() == build(UNET.name, 1, 3, UNET.arguments).state_dict().keys()


def test_options_come_as_text_or_numbers_and_defaults_are_filled_in():
    assert find_strategy("conservative").parse_options({"layers": "3"}) == {"layers": 3}
    assert find_strategy("conservative").parse_options({}) == {"layers": 6}
    assert find_strategy("conservative").parse_options({"part": "head"}) == {"part": "head"}
    assert find_strategy("hybrid").parse_options({}) == {"fusion": "multiply", "decoder": "source"}


def test_every_strategy_says_what_it_is_and_where_it_comes_from():
    for name, strategy in STRATEGIES.items():
        assert strategy.name == name
        assert strategy.title and strategy.paper
        assert strategy.when.endswith(".")


def test_weights_of_another_architecture_are_refused_in_a_sentence():
    given = transfer("monai-unet")
    alien = {f"other.{key}": value for key, value in given.state.items()} | {"more": torch.zeros(1)}
    wrong = {key: torch.zeros(7) for key in alien}
    with pytest.raises(InputError, match="choose weights that were made with this network"):
        make_plan(Transfer(given.card, wrong, SAME, ((0,),)), "open", {})


def test_every_strategy_is_among_those_that_are_tested():
    assert {name for name, _ in CHOICES} == set(STRATEGIES)


@pytest.mark.parametrize(("part", "active"), [("decoder", True), ("encoder+head", False)])
def test_the_dropout_of_segnet_is_active_exactly_while_its_decoder_is_tuned(part, active):
    plan = make_plan(transfer("segnet"), "conservative", {"part": part})
    plan.training_mode()
    network = plan.network
    with torch.no_grad():
        features = network.encode(torch.randn(2, 1, *patch_of(network)))
        torch.manual_seed(0)
        first = network.decode(features)
        # Batch normalisation gives the same numbers of the same batch; what differs is what dropout drew.
        assert torch.equal(network.decode(features), first) != active
        assert torch.equal(network.eval().decode(features), network.decode(features))


def test_a_random_encoder_that_is_frozen_passes_on_the_spread_of_its_images():
    plan = make_plan(transfer("hrnet"), "random-encoder", {})
    size = patch_of(plan.network)
    images = torch.from_numpy(np.stack([case.image for case in cases(size)]))
    with torch.no_grad():
        assert plan.network.eval().encode(images).bottleneck.std() < 0.05
    train(plan, steps=1)
    with torch.no_grad():
        found = plan.network.eval().encode(images).bottleneck
    # By a second way: what the layers give where they normalise by the batch itself.
    for _, name, module in leaves(plan.network):
        module.train(name not in plan.trainable)
    with torch.no_grad():
        by_batch = plan.network.encode(images).bottleneck
    assert found.std() == pytest.approx(float(by_batch.std()), rel=0.5) and found.std() > 0.5


def test_a_random_encoder_has_the_same_statistics_after_a_resumption():
    plans = [make_plan(transfer("segnet"), "random-encoder", {}) for _ in range(2)]
    whole = train(plans[0], steps=2).state_dict()
    size = patch_of(plans[1].network)
    settings = RunSettings(2, 2, size, ExecutionConfig("cpu"), seed=0)
    options = TrainingOptions(augment="none")
    stopped = Training(plans[1], cases(size), options, settings)
    stopped.run(lambda progress: False)
    resumed = Training(make_plan(transfer("segnet"), "random-encoder", {}), cases(size), options, settings)
    resumed.restore(stopped.state())
    found = resumed.run().state_dict()
    assert all(torch.equal(found[key], value) for key, value in whole.items())
