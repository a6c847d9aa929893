"""How a network is run changes the time of a step and not its result."""

from __future__ import annotations

import copy
import math
from types import SimpleNamespace

import pytest
import torch
from monai.losses import DiceCELoss
from torch import nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.networks import execution as execution
from TransferSegLib.networks.execution import (
    ExecutionConfig,
    candidates,
    fixed_execution,
    likely_execution,
    measure,
    pick_device,
)

FAST = ExecutionConfig("cpu", "bfloat16")
MIDDLE = ExecutionConfig("cpu", channels_last=True)
PLAIN = ExecutionConfig("cpu")


def test_a_machine_without_a_gpu_is_used_as_it_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == "cpu"
    assert pick_device("cpu") == "cpu"


def test_a_named_gpu_is_taken_when_it_is_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [pick_device(name) for name in ("auto", "cuda", "cuda:1")] == ["cuda:0", "cuda:0", "cuda:1"]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("cuda", "PyTorch sees 0 CUDA devices; choose another"),
        ("cuda:7", "--device cuda:7: PyTorch sees 0 CUDA devices"),
        ("mps", "no Metal device"),
        ("tpu", "choose auto, cpu, cuda, cuda:N or mps"),
        ("cuda:first", "choose auto, cpu, cuda, cuda:N or mps"),
        ("cpu:3", "choose auto, cpu, cuda, cuda:N or mps"),
        ("", "choose auto"),
    ],
)
def test_a_device_that_is_not_there_is_refused_in_a_sentence(monkeypatch, wanted, sentence):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(InputError, match=sentence):
        pick_device(wanted)


def measured(monkeypatch, losses: dict[ExecutionConfig, float], seconds: dict[ExecutionConfig, float]):
    """`measure` on a clock that only the steps move."""
    clock = SimpleNamespace(now=0.0)
    noted = []

    def step(network: nn.Module, option: ExecutionConfig) -> float:
        clock.now += seconds[option]
        return losses[option]

    monkeypatch.setattr(execution, "candidates", lambda device, batch_size: list(losses))
    monkeypatch.setattr(execution, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    best, best_s = measure("cpu", 2, nn.Conv3d(1, 1, 1), step, lambda **fields: noted.append(fields))
    return best, best_s, noted


def test_the_fastest_setting_that_keeps_the_loss_is_taken(monkeypatch):
    seconds = {FAST: 0.01, MIDDLE: 0.02, PLAIN: 0.04}
    best, best_s, noted = measured(monkeypatch, {FAST: 1.001, MIDDLE: 1.0, PLAIN: 1.0}, seconds)
    assert (best, best_s) == (FAST, pytest.approx(0.01))
    assert [n["keeps_result"] for n in noted] == [True, True, True]
    assert noted[0] == {
        "precision": "bfloat16",
        "channels_last": False,
        "copies": 1,
        "step_s": 0.01,
        "keeps_result": True,
    }


@pytest.mark.parametrize("loss", [1.03, 0.97, math.nan, math.inf])
def test_a_setting_that_changes_the_loss_is_never_taken_however_fast(monkeypatch, loss):
    seconds = {FAST: 0.001, MIDDLE: 0.02, PLAIN: 0.04}
    best, _, noted = measured(monkeypatch, {FAST: loss, MIDDLE: 1.0, PLAIN: 1.0}, seconds)
    assert best == MIDDLE
    assert not noted[0]["keeps_result"]


def test_measuring_ends_in_time_on_a_slow_machine(monkeypatch):
    seconds = dict.fromkeys((FAST, MIDDLE, PLAIN), 30.0)
    best, best_s, noted = measured(monkeypatch, {FAST: 1.0, MIDDLE: 1.0, PLAIN: 1.0}, seconds)
    assert (best, best_s, len(noted)) == (FAST, 30.0, 1)


def test_plain_settings_are_kept_with_a_finite_time_when_the_loss_is_not_a_number(monkeypatch):
    seconds = {FAST: 0.001, PLAIN: 0.04}
    best, best_s, _ = measured(monkeypatch, {FAST: math.nan, PLAIN: math.nan}, seconds)
    assert (best, best_s) == (PLAIN, pytest.approx(0.04))


def test_measuring_leaves_the_network_and_the_random_numbers_as_they_were():
    network = nn.Sequential(nn.Conv3d(1, 1, 1), nn.Dropout(0.5))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    kept = []

    def step(twin: nn.Module, option: ExecutionConfig) -> float:
        with torch.no_grad():
            loss = float(twin(torch.ones(1, 1, 8, 8, 8)).mean())
            twin[0].weight.zero_()
        return loss

    measure("cpu", 2, network, step, lambda **fields: kept.append(fields))
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert torch.equal(torch.rand(1), expected)
    # Dropout draws the same in each of the first steps, so a setting is not turned down by chance.
    assert all(fields["keeps_result"] for fields in kept)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_plain_float32_is_always_among_what_is_measured(batch_size):
    options = candidates("cpu", batch_size)
    last = options[-1]
    assert (last.precision, last.channels_last, last.copies) == ("float32", False, 1)
    assert {o.copies for o in options} == ({1, 2} if batch_size == 1 else {1})
    assert len(set(options)) == len(options)


def test_a_setting_that_changes_the_weights_otherwise_is_not_taken_though_its_loss_is_right():
    def step(twin: nn.Module, option: ExecutionConfig) -> float:
        with torch.no_grad():
            twin.weight += 1.0 if option == option_of["float32"] else torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1, 1)
        return 1.0

    option_of = {option.precision: option for option in execution.candidates("cpu", 2) if not option.channels_last}
    noted: list[dict] = []
    best, _ = measure("cpu", 2, nn.Conv3d(1, 2, 1), step, lambda **fields: noted.append(fields))
    assert best == option_of["float32"]
    assert [n["keeps_result"] for n in noted] == [False] * (len(noted) - 1) + [True]


def test_a_setting_whose_step_changes_nothing_is_not_taken_though_its_loss_is_right():
    def step(twin: nn.Module, option: ExecutionConfig) -> float:
        with torch.no_grad():
            twin.weight += option.precision == "float32"
        return 1.0

    noted: list[dict] = []
    best, _ = measure("cpu", 2, nn.Conv3d(1, 2, 1), step, lambda **fields: noted.append(fields), "bfloat16")
    assert best.precision == "float32" and noted[-1]["keeps_result"]
    assert not any(n["keeps_result"] for n in noted if n["precision"] == "bfloat16")
    assert execution._same_way(torch.zeros(2), torch.zeros(2)) and not execution._same_way(
        torch.zeros(2), torch.ones(2)
    )


@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("network", ["monai-unet", "dynunet"])
def test_every_setting_gives_the_gradient_of_the_plain_one(network, batch_size):
    # PyTorch's instance normalisation passed a wrong gradient on, for a batch of one in channels-last.
    torch.manual_seed(0)
    arguments = {
        "monai-unet": {"channels": (4, 8), "strides": (2,)},
        "dynunet": {"filters": (4, 8, 8), "deep_supervision": False},
    }
    made = build(network, 1, 3, arguments[network])
    image, classes = torch.randn(batch_size, 1, 16, 16, 16), torch.randint(0, 3, (batch_size, 1, 16, 16, 16))

    def gradient(option: ExecutionConfig) -> torch.Tensor:
        twin = option.place(copy.deepcopy(made))
        images, targets = option.training_batch(image, classes)
        with option.autocast():
            found = twin(images)
        nn.functional.cross_entropy(found.float(), targets[:, 0]).backward()
        return torch.cat([p.grad.flatten() for p in twin.parameters()])

    options = execution.candidates("cpu", batch_size)
    right = gradient(options[-1])
    for option in options:
        assert float(nn.functional.cosine_similarity(gradient(option), right, dim=0)) > 0.95, option


def test_a_deterministic_job_measures_nothing():
    assert fixed_execution("cpu", 1).copies == 2
    assert fixed_execution("cpu", 4).copies == 1
    assert likely_execution("cpu", deterministic=True).precision == "float32"


def test_a_batch_of_one_run_twice_gives_the_same_gradient():
    torch.manual_seed(0)
    network = build("monai-unet", 1, 3, {"channels": (4, 8), "strides": (2,)})
    criterion = DiceCELoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)
    image, classes = torch.randn(1, 1, 8, 8, 8), torch.randint(0, 3, (1, 1, 8, 8, 8))

    def gradient(copies: int) -> torch.Tensor:
        network.zero_grad()
        criterion(network(image.repeat(copies, 1, 1, 1, 1)), classes.repeat(copies, 1, 1, 1, 1)).backward()
        return torch.cat([p.grad.flatten() for p in network.parameters()])

    torch.testing.assert_close(gradient(1), gradient(2), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("precision", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_the_precision_is_that_of_the_convolutions_and_not_of_the_weights(precision, expected):
    network = nn.Conv3d(1, 2, 3)
    with ExecutionConfig("cpu", precision).autocast():
        assert network(torch.randn(1, 1, 4, 4, 4)).dtype == expected
    assert network(torch.randn(1, 1, 4, 4, 4)).dtype == torch.float32
    assert network.weight.dtype == torch.float32


def test_the_memory_format_does_not_change_the_result():
    torch.manual_seed(0)
    network = build("mecheter2023", 1, 2, {"channels": (2, 2, 4, 4)}).eval()
    x = torch.randn(2, 1, 16, 16, 16)
    option = ExecutionConfig("cpu", channels_last=True)
    with torch.no_grad():
        plain = network(x)
        option.place(network)
        assert network.encoder[1][0].weight.is_contiguous(memory_format=torch.channels_last_3d)
        torch.testing.assert_close(network(option.to_device(x)), plain, rtol=1e-3, atol=1e-4)
