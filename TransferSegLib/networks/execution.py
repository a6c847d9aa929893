"""Finds how a network is run fastest on this machine.

The settings change the time of a step and not its result. They are measured for a second or two at the start of a job,
chosen, and written into the job, so that a job that is resumed gives the same numbers.
"""

from __future__ import annotations

import contextlib
import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks.memory import OutOfMemory, memory_watch

Precision = Literal["float32", "bfloat16", "float16"]

# Relative difference of the loss, against float32, up to which a setting counts as keeping the result.
LOSS_TOLERANCE = 0.02
# Cosine of the first step's changes of the weights, with a setting and in plain float32. A step of Adam follows the signs of
# the gradient, of which rounding turns a few; a wrong gradient has a cosine near 0.
LEAST_COSINE = 0.5
MEASURE_LIMIT_S = 2.0


@dataclass(frozen=True)
class ExecutionConfig:
    """How a network is run: the settings that change the time of a step and not its result.

    Attributes:
        device: Where it runs, as PyTorch names it.
        precision: The number format of the convolutions; weights stay float32.
        channels_last: Whether tensors are in the channels-last memory format.
        copies: How often a batch is repeated. PyTorch's CPU convolutions are slower on a batch of one than on two, and the
            mean loss is the same.
        threads: How many threads PyTorch uses on the CPU.
    """

    device: str
    precision: Precision = "float32"
    channels_last: bool = False
    copies: int = 1
    threads: int = 1

    def place(self, network: nn.Module) -> nn.Module:
        """Move a network to the device, in the memory format."""
        network.to(self.device)
        for module in network.modules():
            if isinstance(module, (nn.InstanceNorm2d, nn.InstanceNorm3d)):
                _hook(module, _right_gradient)
        if self.channels_last:
            for module in network.modules():
                if isinstance(module, (nn.Conv3d, nn.ConvTranspose3d)):
                    module.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
                elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
                elif isinstance(module, nn.InstanceNorm3d):
                    _hook(module, _keep_format)
        return network

    def to_device(self, batch: Tensor) -> Tensor:
        """Move a batch (B, C, I, J, K) to the device, in the memory format."""
        if self.channels_last and batch.ndim == 5:
            return batch.to(self.device, memory_format=torch.channels_last_3d)
        return batch.to(self.device)

    def training_batch(self, images: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Move a batch to the device, repeated `copies` times.

        Args:
            images: (B, C, I, J, K).
            classes: (B, 1, I, J, K).

        Returns:
            Both on the device, with B · `copies` members.
        """
        if self.copies > 1:
            images, classes = (batch.repeat(self.copies, 1, 1, 1, 1) for batch in (images, classes))
        return self.to_device(images), classes.to(self.device)

    @contextlib.contextmanager
    def autocast(self) -> Iterator[None]:
        """Compute convolutions in the chosen precision inside the block."""
        kind = torch.device(self.device).type
        if self.precision == "float32":
            yield
        else:
            with torch.autocast(kind, dtype=getattr(torch, self.precision)):
                yield


def pick_device(wanted: str) -> str:
    """Resolve a device name; `auto` is the GPU if there is one, else the CPU.

    Args:
        wanted: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    Returns:
        The device's name for PyTorch, such as `cuda:0`.

    Raises:
        InputError: This machine does not have the device, or the name is not one of these.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "cpu"
    kind, _, number = wanted.partition(":")
    if kind == "cpu" and not number:
        return "cpu"
    if kind == "cuda" and (not number or number.isdigit()):
        index = int(number or 0)
        if index < torch.cuda.device_count():
            return f"cuda:{index}"
        found = torch.cuda.device_count()
        raise InputError(
            "no-such-cuda-device",
            "{option}: PyTorch sees {found} CUDA {found:~device|devices}; choose another, or `cpu`, or "
            "install a CUDA build of PyTorch.",
            found=found,
            option=f"--device {wanted}",
        )
    if wanted == "mps":
        if torch.backends.mps.is_available():
            return "mps"
        raise InputError(
            "no-metal-device",
            "{option}: this machine has no Metal device that PyTorch can use; choose `cpu`.",
            option="--device mps",
        )
    raise InputError("no-such-device", "{option}: choose auto, cpu, cuda, cuda:N or mps.", option=f"--device {wanted}")


def fixed_execution(device: str, batch_size: int) -> ExecutionConfig:
    """Return the configuration of a deterministic job: float32, and nothing is measured.

    Args:
        device: PyTorch's name of the device.
        batch_size: The number of patches in a step.
    """
    return ExecutionConfig(
        device, "float32", False, 2 if device == "cpu" and batch_size == 1 else 1, torch.get_num_threads()
    )


def likely_execution(device: str, deterministic: bool = False) -> ExecutionConfig:
    """Return the configuration that is fastest on most machines of this kind.

    It is for segmenting alone, where measuring would take longer than it saves.

    Args:
        device: The device's name for PyTorch.
        deterministic: Whether every run must give the same output.
    """
    if deterministic:
        return fixed_execution(device, 2)
    return candidates(device, 2)[0]


def candidates(device: str, batch_size: int) -> list[ExecutionConfig]:
    """List the configurations worth measuring on a device: the likeliest first, plain float32 last.

    Args:
        device: PyTorch's name of the device.
        batch_size: The number of patches in a step.

    Returns:
        The configurations, in the order in which they are measured.
    """
    base = ExecutionConfig(device, threads=torch.get_num_threads())
    kind = torch.device(device).type
    if kind == "cpu":
        copies = (2, 1) if batch_size == 1 else (1,)
        half: tuple[Precision, ...] = ("bfloat16",) if _cpu_has_bfloat16() else ()
        return [
            replace(base, precision=p, channels_last=last, copies=n)
            for p in (*half, "float32")
            for last in (True, False)
            for n in copies
        ]
    if kind == "cuda":
        precision: Precision = "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
        return [replace(base, precision=precision, channels_last=last) for last in (False, True)] + [base]
    return [base]


def measure(
    device: str,
    batch_size: int,
    network: nn.Module,
    step: Callable[[nn.Module, ExecutionConfig], float],
    note: Callable[..., Any] = lambda **fields: None,
    precision: Precision | None = None,
) -> tuple[ExecutionConfig, float]:
    """Measure which setting is fastest.

    Args:
        device: Where the network runs.
        batch_size: How many patches a batch has.
        network: The network; it stays as it is.
        step: Runs one whole training step of a copy of the network with a setting, and returns its loss.
        note: Is called with what was measured of each setting.
        precision: The only precision to measure, beside plain float32; None for all that the device has.

    Returns:
        The fastest setting that keeps the result, and the seconds of a step with it.

    Raises:
        OutOfMemory: A step does not fit into memory.
    """
    *others, plain = candidates(device, batch_size)
    options = [*(option for option in others if precision in (None, option.precision)), plain]

    def first_step(option: ExecutionConfig) -> tuple[nn.Module, float]:
        twin = option.place(copy.deepcopy(network))
        # Dropout draws the same every time, or a setting would be turned down by chance.
        torch.manual_seed(0)
        return twin, step(twin, option)

    def measured(option: ExecutionConfig) -> tuple[bool, list[float]]:
        """Whether the first step keeps the result, and the seconds of one or two more."""
        twin, loss = first_step(option)
        kept = option == plain or (
            abs(loss - reference) <= LOSS_TOLERANCE * max(abs(reference), 1e-6)
            and _same_way(_change(twin, network), right)
        )
        times: list[float] = []
        while len(times) < 2 and (not times or time.perf_counter() - start_s <= MEASURE_LIMIT_S):
            start = time.perf_counter()
            step(twin, option)
            times.append(time.perf_counter() - start)
        return kept, times

    with torch.random.fork_rng(devices=[]):
        with memory_watch():
            reference_twin, reference = first_step(plain)
        right = _change(reference_twin, network)
        del reference_twin
        best, best_s, start_s = plain, float("inf"), time.perf_counter()
        for option in options:
            if time.perf_counter() - start_s > MEASURE_LIMIT_S and best_s < float("inf"):
                break
            try:
                with memory_watch():
                    kept, times = measured(option)
            except OutOfMemory:  # The plain one fits, and others may.
                if option == plain and best_s == float("inf"):
                    raise
                continue
            note(
                precision=option.precision,
                channels_last=option.channels_last,
                copies=option.copies,
                step_s=round(min(times), 4),
                keeps_result=kept,
            )
            if kept and min(times) < best_s:
                best, best_s = option, min(times)
    return best, best_s


def _change(twin: nn.Module, network: nn.Module) -> Tensor:
    """By how much a step changed the weights: one vector, on the CPU."""
    parts = [
        (new.detach().cpu() - old.detach().cpu()).flatten()
        for new, old in zip(twin.parameters(), network.parameters(), strict=True)
    ]
    return torch.cat(parts) if parts else torch.zeros(0)


def _same_way(change: Tensor, right: Tensor) -> bool:
    """Whether two changes of the weights point the same way; false where one is not finite, or is none beside one."""
    if not (change.any() and right.any()):
        return not (change.any() or right.any())
    lengths = float(change.norm() * right.norm())
    return float(change @ right) >= LEAST_COSINE * lengths if math.isfinite(lengths) else False


def _hook(module: nn.Module, function: Callable[[Any, tuple[Tensor, ...], Tensor], Tensor]) -> None:
    """Call a function after each run of a module, once also where it is asked for twice."""
    if function not in module._forward_hooks.values():
        module.register_forward_hook(function)


def _right_gradient(module: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
    """Give PyTorch's instance normalisation its gradient in the order of its output.

    With a batch of one and a gradient in channels-last, what it passes on is wrong, without a word (PyTorch 2.13, CPU): the
    gradient's memory is read in the order of the output. Trainings with batches of one learned nothing.
    """
    if found.requires_grad:
        found.register_hook(torch.Tensor.contiguous)
    return found


def _keep_format(module: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
    """PyTorch's instance normalisation leaves channels-last behind, and the next convolution pays for the way back."""
    if given[0].is_contiguous(memory_format=torch.channels_last_3d):
        return found.contiguous(memory_format=torch.channels_last_3d)
    return found


def _cpu_has_bfloat16() -> bool:
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and (
            torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        )
    except (AttributeError, RuntimeError):
        return False
