"""The training loop: resumed bit for bit, averaged, stopped early, and honest about memory and broken numbers."""

from __future__ import annotations

import copy
import io
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.grid import Grid
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.memory import OutOfMemory, memory_watch
from TransferSegLib.training.epochs import steps_per_epoch
from TransferSegLib.training.loop import (
    RunSettings,
    Training,
    configure_run,
    smaller,
    split_validation,
    steps_for,
)
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.plan import TransferPlan, trainable_everywhere, trainable_in

SIZE = (16, 16, 16)
TINY = {"channels": (4, 8), "strides": (2,)}
UNET = {**TINY, "norm": "BATCH"}
LIGHT = TrainingOptions(augment="light")


def make_plan(name: str = "monai-unet", arguments=None, frozen: bool = False, classes: int = 3) -> TransferPlan:
    torch.manual_seed(2)
    arguments = UNET if arguments is None else arguments
    network = build(name, 1, classes, arguments)
    trainable = trainable_in(network, ("decoder", "head"), 1e-3) if frozen else trainable_everywhere(network, 1e-2)
    plan = TransferPlan("by hand", network, CardNetwork(name, arguments), trainable)
    plan.prepare()
    return plan


def make_cases(count: int = 3) -> list[PreparedCase]:
    rng = np.random.default_rng(0)
    cases = []
    for n in range(count):
        classes = np.zeros(SIZE, np.uint8)
        classes[4:9, 3 + n % 4 : 10, 4:10] = 1
        classes[9:13, 4:12, 5:9] = 2
        image = rng.normal(classes[None], 0.3).astype(np.float32)
        cases.append(PreparedCase(f"c{n}", image, classes, Grid.from_spacing(SIZE, (1, 1, 1)), (1.0, 1.0, 1.0)))
    return cases


def make_training(steps: int = 6, options=LIGHT, plan=None, count=3, batch=2, copies=1, validate=None) -> Training:
    settings = RunSettings(steps, batch, SIZE, ExecutionConfig("cpu", copies=copies), seed=3)
    return Training(plan or make_plan(), make_cases(count), options, settings, validate)


def through_a_file(state: dict) -> dict:
    """What a checkpoint on disk goes through."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def killed_and_resumed(make, at: int) -> tuple[Training, Training]:
    """(trained without a stop, trained to step `at`, thrown away, and gone on in a fresh one)."""
    whole = make()
    whole.run()
    kept: list[dict] = []
    first = make()

    def stop(progress) -> bool:
        if progress.step == at:
            kept.append(through_a_file(first.state()))
        return progress.step < at

    first.run(stop)
    second = make()
    second.restore(kept[0])
    second.run()
    return whole, second


def told_by_the_weights(network: nn.Module) -> float:
    return float(sum(p.detach().double().abs().sum() for p in network.parameters()))


SITUATIONS = {
    "adam": {},
    "one-case": {"count": 1, "batch": 1, "copies": 2},
    "step-rule": {"options": TrainingOptions(augment="strong", lr_schedule="step", learning_rate=1e-3)},
    "plateau": {"options": TrainingOptions(augment="none", lr_schedule="plateau"), "count": 2},
    "validated": {"steps": 10, "validate": told_by_the_weights},
    "validated-falling": {"steps": 10, "validate": lambda network: -told_by_the_weights(network)},
}


@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_resumed_training_ends_bit_for_bit_as_one_that_was_never_stopped(situation, at):
    whole, resumed = killed_and_resumed(lambda: make_training(**SITUATIONS[situation]), at)
    assert same(whole.plan.network.state_dict(), resumed.plan.network.state_dict())
    assert same(whole.average.state_dict(), resumed.average.state_dict())
    assert whole.progress == resumed.progress
    assert whole.plateau.state() == resumed.plateau.state()


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(
    ("network", "arguments"),
    [
        ("monai-unet", {**UNET, "dropout": 0.3}),
        ("mecheter2023", {"channels": (2, 2, 4, 4), "norm": "batch"}),
        ("ratlesnetv2", {"filters": 4}),
    ],
)
def test_resuming_is_exact_for_every_network_dropout_included(network, arguments, frozen):
    whole, resumed = killed_and_resumed(lambda: make_training(4, plan=make_plan(network, arguments, frozen)), at=2)
    assert same(whole.plan.network.state_dict(), resumed.plan.network.state_dict())


def test_resuming_at_the_very_end_changes_nothing():
    whole, resumed = killed_and_resumed(make_training, at=6)
    assert same(whole.plan.network.state_dict(), resumed.plan.network.state_dict())
    assert resumed.progress.step == 6


def test_another_seed_gives_another_result():
    a, b = make_training(), make_training()
    b.settings = replace(b.settings, seed=4)
    b.sampler.seed = 4
    a.run()
    b.run()
    assert not same(a.plan.network.state_dict(), b.plan.network.state_dict())


def test_the_averaged_weights_are_the_ones_left():
    training = make_training()
    last: list[dict] = []
    training.run(lambda progress: last.append(copy.deepcopy(training.plan.network.state_dict())) or True)
    left = training.plan.network.state_dict()
    assert same(left, training.average.module.state_dict())
    kernels = [key for key, value in left.items() if value.ndim == 5]
    assert not any(torch.equal(left[key], last[-1][key]) for key in kernels)
    assert not training.plan.network.training
    # The average written out: the newest weights count 1 - decay.
    name = kernels[0]
    expected = last[0][name].clone()
    for count, state in enumerate(last[1:], start=1):
        expected += (1 - min(0.99, (1 + count) / (10 + count))) * (state[name] - expected)
    torch.testing.assert_close(left[name], expected)


def test_training_ends_where_it_is_asked_to_and_leaves_a_usable_network():
    training = make_training(100)
    network = training.run(lambda progress: progress.step < 2)
    assert training.progress.step == 2
    assert len(training.progress.losses) == 2
    with torch.no_grad():
        assert torch.isfinite(network(torch.zeros(1, 1, *SIZE))).all()


@pytest.mark.parametrize("patience", [6, 2])
def test_early_stopping_keeps_the_best_and_ends_after_its_patience(patience):
    seen: list[dict] = []
    dice = iter([0.1, 0.3, 0.6, 0.5, 0.6, 0.4, *[0.2] * 20])

    def validate(network: nn.Module) -> float:
        assert not network.training
        seen.append(copy.deepcopy(network.state_dict()))
        return next(dice)

    options = replace(LIGHT, validation_patience=patience)
    training = make_training(20, count=1, batch=1, validate=validate, options=options)
    training.run()
    assert [step for step, _ in training.progress.validation] == list(range(1, 3 + patience + 1))
    assert same(training.plan.network.state_dict(), seen[2])
    assert training.finished


@pytest.mark.parametrize(
    ("looks", "steps", "expected"),
    [(3, 7, [3, 5, 7]), (1, 4, [4]), (20, 3, [1, 2, 3]), (4, 8, [2, 4, 6, 8])],
)
def test_validation_cases_are_looked_at_as_often_as_asked_for_and_at_the_end(looks, steps, expected):
    options = replace(LIGHT, validation_looks=looks)
    training = make_training(steps, count=1, batch=1, validate=lambda network: 0.0, options=options)
    training.run()
    assert [step for step, _ in training.progress.validation] == expected


def test_a_training_that_its_loss_ends_is_looked_at_once_more_and_still_ends(monkeypatch):
    dice = iter([0.5, 0.6])
    options = TrainingOptions(augment="none", lr_schedule="plateau")
    training = make_training(200, options, count=1, batch=1, validate=lambda network: next(dice))
    monkeypatch.setattr(training.step, "run", lambda images, classes, scale: 1.0)
    training.run()
    assert training.progress.validation == [(10, 0.5), (11, 0.6)]
    assert training.progress.step == 11 and training.finished


def test_a_training_that_has_found_nothing_yet_goes_on():
    # As measured with a small UNet from scratch and batches of one: by chance first, then nothing, then the labels.
    found = [0.019, 0.012, 0.008, *[0.0] * 9, 0.2, 0.4, 0.5, 0.6, 0.7, 0.7, 0.72, 0.72]
    dice = iter(found)
    training = make_training(20, count=1, batch=1, validate=lambda network: next(dice), options=LIGHT)
    training.run()
    assert training.progress.step == 20 and max(d for _, d in training.progress.validation) == 0.72


def test_without_early_stopping_the_best_is_kept_all_the_same_and_the_budget_is_used():
    dice = iter([0.1, 0.6, *[0.2] * 18])
    seen: list[dict] = []

    def validate(network: nn.Module) -> float:
        seen.append(copy.deepcopy(network.state_dict()))
        return next(dice)

    training = make_training(20, count=1, batch=1, validate=validate, options=replace(LIGHT, early_stopping=False))
    training.run()
    assert training.progress.step == 20 and not training.finished
    assert same(training.plan.network.state_dict(), seen[1])


def test_without_early_stopping_cases_the_whole_budget_is_used():
    training = make_training(7)
    training.run()
    assert training.progress.step == 7
    assert training.progress.validation == []


def test_the_plateau_rule_ends_a_training_that_gains_nothing(monkeypatch):
    options = TrainingOptions(augment="none", lr_schedule="plateau")
    training = make_training(200, options, count=1, batch=1)
    trainable = []

    def run(images, classes, scale: float) -> float:
        trainable.append(scale)
        return 1.0

    monkeypatch.setattr(training.step, "run", run)
    training.run()
    assert training.progress.step == 11
    assert trainable == [1.0] * 6 + [0.75] * 5


def test_the_learning_rate_of_a_step_follows_its_rule():
    training = make_training(4, TrainingOptions(lr_schedule="step", learning_rate=0.01), count=1, batch=1)
    used = []
    training.run(lambda progress: used.append(training.step.optimizer.param_groups[0]["lr"]) or True)
    assert used == pytest.approx([0.01, 0.0095, 0.01 * 0.95**2, 0.01 * 0.95**3])


def test_a_loss_that_is_not_a_number_ends_the_training():
    training = make_training()
    with torch.no_grad():
        next(training.plan.network.parameters()).fill_(math.nan)
    with pytest.raises(NotFinite, match="the loss is nan after 0 steps") as ended:
        training.run()
    found = ended.value.problem.fields["found"]
    assert found.code == "loss-is-not-a-number" and found.fields == {"loss": "nan"}, "JSON has no number for it"


def test_gradients_so_large_that_clipping_makes_them_0_end_the_training_before_a_step_of_nothing():
    training = make_training(2, TrainingOptions(augment="none", gradient_clip=1.0))
    weights = next(training.plan.network.parameters())
    before = weights.detach().clone()
    weights.register_hook(lambda gradient: torch.full_like(gradient, 1e32))
    with pytest.raises(NotFinite, match="the norm of the gradients is inf after 0 steps"):
        training.run()
    assert torch.equal(weights, before) and training.progress.step == 0


def test_a_setting_whose_gradients_are_too_large_is_measured_and_not_kept(monkeypatch):
    options, noted = TrainingOptions(augment="none", steps=1, gradient_clip=1.0), []
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(math.inf))
    configure_run(make_plan(), make_cases(1), options, SIZE, "cpu", lambda **fields: noted.append(fields))
    assert noted and [one["keeps_result"] for one in noted] == [False] * (len(noted) - 1) + [True]


@pytest.mark.parametrize(
    ("rate", "steps", "found"),
    [
        (1e9, 2, "the weights are not finite after 2 steps"),
        (1e9, 3, "the loss is nan after 2 steps"),
        (1e12, 1, "the trained network's loss is nan after 1 step"),
    ],
)
def test_a_learning_rate_that_is_much_too_high_never_leaves_a_network(rate, steps, found):
    training = make_training(steps, TrainingOptions(augment="light", learning_rate=rate), make_plan(arguments=TINY))
    with pytest.raises(NotFinite, match=found):
        training.run()
    if steps > 1:
        with pytest.raises(NotFinite, match="the weights are not finite"):
            training.state()


def test_running_statistics_that_are_not_finite_are_never_left():
    training = make_training(2)

    def spoil(progress) -> bool:
        if progress.step == 2:
            next(b for name, b in training.average.module.named_buffers() if name.endswith("running_var"))[0] = math.inf
        return True

    with pytest.raises(NotFinite, match="the weights are not finite after 2 steps"):
        training.run(spoil)


def test_one_case_without_its_second_label_is_enough():
    cases = make_cases(1)
    cases[0].classes[cases[0].classes == 2] = 0
    settings = RunSettings(3, 1, SIZE, ExecutionConfig("cpu", copies=2), seed=0)
    training = Training(make_plan(), cases, LIGHT, settings)
    training.run()
    assert all(math.isfinite(loss) for loss in training.progress.losses)


def test_no_case_at_all_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="no annotated case to train on; annotate at least one"):
        Training(make_plan(), [], LIGHT, RunSettings(1, 1, SIZE, ExecutionConfig("cpu"), 0))


def test_the_checkpoint_holds_nothing_but_tensors_numbers_and_lists():
    training = make_training(2, validate=told_by_the_weights)
    training.run()

    def check(value) -> None:
        assert type(value) in (dict, list, tuple, str, int, float, bool, type(None)) or isinstance(
            value, (torch.Tensor, dict)
        )
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
            check(inner)

    check(training.state())


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        MemoryError(),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 800000 bytes"),
        RuntimeError("could not create a memory object"),
        RuntimeError("CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_the_ways_of_running_out_of_memory_are_recognised(error):
    with pytest.raises(OutOfMemory), memory_watch():
        raise error


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    with pytest.raises(RuntimeError, match="shape") as caught, memory_watch():
        raise RuntimeError("shape mismatch")
    assert not isinstance(caught.value, OutOfMemory)
    with pytest.raises(KeyError), memory_watch():
        raise KeyError("x")


def test_memory_that_runs_out_in_a_step_ends_the_run_and_says_so(monkeypatch):
    training = make_training()

    def full(*arguments) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(training.step, "run", full)
    with pytest.raises(OutOfMemory):
        training.run()
    assert training.progress.step == 0


def test_less_is_tried_until_nothing_is_left_to_reduce():
    settings = RunSettings(10, 4, (48, 64, 32), ExecutionConfig("cpu", copies=2), 0)
    tried = []
    while settings is not None:
        tried.append((settings.batch_size, settings.execution.copies, settings.patch_size))
        settings = smaller(settings, (8, 8, 8))
    assert tried == [
        (4, 2, (48, 64, 32)),
        (2, 2, (48, 64, 32)),
        (1, 2, (48, 64, 32)),
        (1, 1, (48, 64, 32)),
        (1, 1, (48, 32, 32)),
        (1, 1, (24, 32, 32)),
        (1, 1, (24, 16, 32)),
        (1, 1, (24, 16, 16)),
    ]


@pytest.mark.parametrize(
    ("network", "arguments"),
    [
        ("monai-unet", {"channels": (2, 2, 4, 4), "strides": (2, 2, 2)}),
        ("mecheter2023", {"channels": (2, 2, 4, 4)}),
        ("ratlesnetv2", {"filters": 2}),
    ],
)
def test_the_smallest_patch_that_is_tried_can_still_be_trained(network, arguments):
    plan = make_plan(network, arguments)
    settings = RunSettings(1, 1, (32, 32, 32), ExecutionConfig("cpu"), 0)
    while (less := smaller(settings, plan.network.divisor)) is not None:
        assert math.prod(less.patch_size) < math.prod(settings.patch_size)
        settings = less
    training = Training(plan, make_cases(1), LIGHT, settings)
    training.run()
    assert math.isfinite(training.progress.losses[0])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"steps": 17}, 17),
        ({"epochs": 4}, 12),
        ({"minutes": 2.0}, 192),  # 120 s at 0.5 s a step and a quarter more
        ({"minutes": 1e-6}, 1),
        ({}, 400),
    ],
)
def test_a_budget_becomes_a_number_of_steps(options, expected):
    assert steps_for(TrainingOptions(**options), patches=5, batch_size=2, step_s=0.5, device="cpu") == expected


def test_a_gpu_takes_more_steps_when_nothing_is_said():
    counts = [steps_for(TrainingOptions(), 5, 2, None, device) for device in ("cpu", "mps", "cuda:1")]
    assert counts == sorted(counts)


@pytest.mark.parametrize(("cases", "batch", "steps"), [(1, 1, 1), (1, 8, 1), (5, 2, 3), (400, 2, 200)])
def test_an_epoch_visits_every_case(cases, batch, steps):
    assert steps_per_epoch(cases, batch) == steps


@pytest.mark.parametrize("count", [1, 5, 23, 24, 100])
def test_cases_are_set_aside_for_early_stopping_only_where_there_are_plenty(count):
    names = [f"c{n}" for n in range(count)]
    train, validation = split_validation(names)
    assert sorted(train + validation) == sorted(names)
    assert len(validation) == (0 if count < 24 else math.ceil(count / 8))


def test_settling_rounds_the_patch_up_to_what_the_network_takes():
    plan = make_plan("mecheter2023", {"channels": (2, 2, 4, 4)})
    options = TrainingOptions(steps=5, deterministic=True, patch_size=(13, 16, 3))
    settings = configure_run(plan, make_cases(2), options, (32, 32, 32), "cpu")
    assert settings.patch_size == (16, 16, 8)
    assert (settings.steps, settings.batch_size, settings.seed) == (5, 2, 0)
    assert settings.execution.precision == "float32"


@pytest.mark.parametrize("patch", [(1, 1, 1), (8, 8, 8)])
def test_settling_leaves_more_than_one_voxel_at_the_bottleneck(patch):
    plan = make_plan("mecheter2023", {"channels": (2, 2, 4, 4)})
    options = TrainingOptions(steps=1, deterministic=True, patch_size=patch)
    settings = configure_run(plan, make_cases(2), options, (32, 32, 32), "cpu")
    training = Training(plan, make_cases(2), options, settings)
    training.run()
    assert math.isfinite(training.progress.losses[0])


def test_settling_measures_and_leaves_the_network_as_it_was():
    plan = make_plan()
    before = copy.deepcopy(plan.network.state_dict())
    noted = []
    options = TrainingOptions(minutes=0.5)
    settings = configure_run(plan, make_cases(2), options, SIZE, "cpu", lambda **fields: noted.append(fields))
    assert same(before, plan.network.state_dict())
    assert noted
    assert settings.step_s is not None
    assert settings.steps == steps_for(options, 2, 2, settings.step_s, "cpu")
