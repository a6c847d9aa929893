"""From a prepared case to a segmentation on the case's own grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from monai.inferers.utils import sliding_window_inference
from torch import Tensor
from torch.nn import functional as F

from TransferSegLib.cases.preprocessing import PreparedCase, restore
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork, whole_patch

# The part of a window that overlaps with the next, and how many windows are run at once: measured in benchmarks/inference.py.
OVERLAP = 0.25
WINDOWS_TOGETHER = 4


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A case's segmentation, on its own grid.

    Attributes:
        classes: (I, J, K) uint8, 0 is background.
        probabilities: (classes, I, J, K) float32, or None where they were not asked for.
    """

    classes: np.ndarray
    probabilities: np.ndarray | None = None


def segment(
    network: StagedNetwork,
    case: PreparedCase,
    patch_size: tuple[int, int, int],
    execution: ExecutionConfig,
    probabilities: bool = False,
    on_window: Callable[[], None] = lambda: None,
) -> Segmentation:
    """Segment a prepared case, window by window, and bring the result to the case's own grid.

    The probabilities are interpolated to the case's own spacing, and the classes are decided there.

    Args:
        network: The network, on the device of `execution`.
        case: The case.
        patch_size: The windows, in voxels, as in training.
        execution: How the network is run.
        probabilities: Whether the probabilities are returned as well.
        on_window: Called before every group of windows; may raise to stop.

    Raises:
        FloatingPointError: What the network gives is not finite, so no class is the most probable.
    """
    with torch.inference_mode():
        logits = window_logits(network, torch.from_numpy(np.array(case.image)), patch_size, execution, on_window)
        own = case.own_size
        if tuple(logits.shape[1:]) == own and not probabilities:
            return Segmentation(restore(_largest(logits), case))
        softmax = torch.softmax(logits, dim=0)
        if tuple(softmax.shape[1:]) == own:
            return Segmentation(restore(_largest(softmax), case), restore(softmax.numpy(), case))
        if probabilities:
            full = F.interpolate(softmax[None], size=own, mode="trilinear", align_corners=False)[0]
            return Segmentation(restore(_largest(full), case), restore(full.numpy(), case))
        # One class at a time: a CT of 512×512×600 with many labels would not fit into memory at once.
        best = torch.zeros(own, dtype=torch.uint8)
        highest = F.interpolate(softmax[None, :1], size=own, mode="trilinear", align_corners=False)[0, 0]
        for number in range(1, softmax.shape[0]):
            value = F.interpolate(softmax[None, number : number + 1], size=own, mode="trilinear", align_corners=False)
            better = value[0, 0] > highest
            best[better] = number
            torch.maximum(highest, value[0, 0], out=highest)
        return Segmentation(restore(best.numpy(), case))


def window_logits(
    network: StagedNetwork,
    image: Tensor,
    patch_size: tuple[int, int, int],
    execution: ExecutionConfig,
    on_window: Callable[[], None] = lambda: None,
) -> Tensor:
    """Run a network over an image, window by window; windows are blended with Gaussian weights.

    Args:
        network: The network, on the device of `execution`.
        image: (C, I, J, K).
        patch_size: The windows, in voxels; an image that is smaller is padded with its edge voxels.
        execution: How the network is run.
        on_window: Called before every group of windows; may raise to stop.

    Returns:
        The logits, (classes, I, J, K) float32 on the CPU.

    Raises:
        FloatingPointError: They are not finite.
    """
    i, j, k = size = tuple(image.shape[1:])
    if network.whole_images:
        a, b, c = patch_size
        patch_size = (min(a, i), min(b, j), min(c, k))
    patch_size = whole_patch(patch_size, network.divisor)
    padding: list[int] = []
    for n, side in zip(reversed(size), reversed(patch_size), strict=True):
        missing = max(0, side - n)
        padding += [missing // 2, missing - missing // 2]
    padded = F.pad(image[None], padding, mode="replicate") if any(padding) else image[None]

    def run(windows: Tensor) -> Tensor:
        on_window()
        # One window alone takes PyTorch's slow CPU convolution; two take the fast one (slices are many already).
        alone = windows.shape[0] == 1 and execution.device == "cpu" and network.slice_axis is None
        batch = windows.repeat(2, 1, 1, 1, 1) if alone else windows
        with execution.autocast():
            logits = network(execution.to_device(batch)).float()
        if execution.precision == "float16" and not _all_finite(logits):  # whose largest number is 65504
            logits = network(execution.to_device(batch))
        if not _all_finite(logits):
            raise FloatingPointError("the network gives values that are not finite")
        return logits[: windows.shape[0]]

    network.eval()
    if tuple(padded.shape[2:]) == tuple(patch_size):
        logits = run(padded)[0].cpu()
    else:
        blended = sliding_window_inference(
            padded,
            roi_size=patch_size,
            sw_batch_size=WINDOWS_TOGETHER,
            predictor=run,
            # Slices know nothing of their neighbours: seeing one twice adds nothing.
            overlap=[0.0 if axis == network.slice_axis else OVERLAP for axis in range(3)],
            mode="gaussian",
            sw_device=execution.device,
            device="cpu",
        )
        logits = torch.as_tensor(blended)[0]
    begin = [padding[2 * (2 - axis)] for axis in range(3)]
    window = tuple(slice(b, b + n) for b, n in zip(begin, size, strict=True))
    return logits[(slice(None), *window)]


def _all_finite(values: Tensor) -> bool:
    # `isfinite` would need another tensor of this size.
    lowest, highest = torch.aminmax(values.detach())
    return math.isfinite(lowest) and math.isfinite(highest)


def _largest(scores: Tensor) -> np.ndarray:
    """The class with the largest score, (classes, I, J, K) → (I, J, K) uint8; faster than argmax over a strided axis."""
    best = torch.zeros(scores.shape[1:], dtype=torch.uint8)
    highest = scores[0].clone()
    for number in range(1, scores.shape[0]):
        better = scores[number] > highest
        best.masked_fill_(better, number)
        torch.maximum(highest, scores[number], out=highest)
    return best.numpy()
