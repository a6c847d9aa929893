"""Run a network over an image, window by window, and hand on the logits slab by slab.

The logits of all voxels of a CT at once are too large: 9 GB for 117 labels at 1.5 mm. Windows are run one layer after another
along one axis. A slab is complete, and is handed on, when no later window reaches into it. Each voxel's logits are the
same sum in the same order as in MONAI's `sliding_window_inference`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from monai.data.utils import compute_importance_map, dense_patch_slices
from torch import Tensor
from torch.nn import functional as F

from TransferSegLib.core.errors import NotFinite
from TransferSegLib.core.inference_settings import AXES, OVERLAP, InferenceSettings
from TransferSegLib.inference.copies import Window, cut, mean_over_copies
from TransferSegLib.inference.nnunet_windows import mean_of_networks, nnunet_weights, nnunet_windows
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.memory import must_be_free
from TransferSegLib.networks.painting import painted
from TransferSegLib.networks.staged import StagedNetwork, whole_patch

# How many windows are run at once: measured in benchmarks/inference.py.
WINDOWS_TOGETHER = 4
# Large windows fill the machine with fewer of them: so many voxels are run at once.
VOXELS_TOGETHER = 2 * 128**3
# So many bytes the logits of the windows that are run at once may have; a single window may have more.
LOGITS_BYTES = 2**30
# The standard deviation of a window's Gaussian weights, as a share of its side (nnU-Net's).
SIGMA_SCALE = 0.125
# A slab has so many bytes of logits, or as many as one layer of windows needs.
SLAB_BYTES = 2**28

# In larger images windows run along the axis that makes the thinnest slabs, in others along the first.
LARGE_VOXELS = 2**25
# Logits up to here may be added up in 16 bits: eight of nnU-Net's windows lie over each other at most, with a weight of 10.
MOST_IN_HALF = 800

Size = tuple[int, int, int]
PLAIN = InferenceSettings()
# `InferenceSettings.padding` in PyTorch's words.
PADDING = {"edge": "replicate", "zero": "constant"}


@dataclass(frozen=True, eq=False)
class Slab:
    """The logits of a part of an image, or the mean probabilities of several copies or networks.

    Of a model that is run as nnU-Net does, these are mean logits, and with regions those of the regions.

    Attributes:
        logits: (classes, I, J, K) float32 on the CPU, or float16 as nnU-Net does it: all of the image along two axes, some
            planes along `axis`. The memory is used again for the next slab; until then it may be changed.
        axis: The axis (0, 1 or 2) along which the image is divided.
        begin: The place of the first plane in the image.
        are_probabilities: Whether the numbers are probabilities.
        averaged: Whether they are means over several copies or networks.
        in_float32: Whether up to here some windows were run again in float32, because what they gave in the precision that
            was chosen was not finite.
    """

    logits: Tensor
    axis: int
    begin: int
    are_probabilities: bool = False
    averaged: bool = False
    in_float32: bool = False


def windows_together(patch_size: Size, device: str) -> int:
    """Say how many windows are run as one batch.

    Args:
        patch_size: The size of a window in voxels.
        device: PyTorch's name of the device.

    Returns:
        A number from 1; on a CPU from 2, because PyTorch is slow with a single one.
    """
    together = max(1, min(WINDOWS_TOGETHER, VOXELS_TOGETHER // math.prod(patch_size)))
    # One alone takes PyTorch's slow CPU convolution.
    return max(2, together) if device == "cpu" else together


def logit_slabs(
    network: StagedNetwork,
    image: Tensor,
    patch_size: Size,
    execution: ExecutionConfig,
    on_window: Callable[[], None] = lambda: None,
    together: int | None = None,
    settings: InferenceSettings = PLAIN,
    members: Sequence[StagedNetwork] = (),
) -> Iterator[Slab]:
    """Run a network over an image, window by window; windows are blended with Gaussian weights, or as `settings` say.

    With copies or further networks, the probabilities of each window are averaged over them, and these means are blended.
    That takes the memory of one copy. As nnU-Net does it (`settings.as_nnunet`), windows overlap by half, a smaller image is
    surrounded by 0, and logits are averaged; those of each network are blended by themselves, and all is added up in 16 bits.

    Args:
        network: The network, on the device of `execution`.
        image: (C, I, J, K).
        patch_size: The windows, in voxels; an image that is smaller is padded.
        execution: How the network is run.
        on_window: Called before every group of windows; may raise to stop.
        together: How many windows are run at once; None for what is usually fastest. One alone takes least memory.
        settings: By how much windows overlap, what surrounds a small image, and which copies of the image are averaged.
        members: Further networks of the same kind, which are averaged with it.

    Yields:
        The slabs of the image, in order.

    Raises:
        NotFinite: Logits are not finite.
        OutOfMemory: The logits of a slab do not fit into the memory of this computer.
    """
    size = tuple(image.shape[1:])
    as_nnunet = settings.as_nnunet is not None
    count = together
    if as_nnunet and network.slice_axis is not None:
        # nnU-Net weighs slices alike, as single ones are; so many of them are run at once as whole windows would have.
        count = together or windows_together(patch_size, execution.device) * patch_size[network.slice_axis]
        patch_size = _single_slices(patch_size, network.slice_axis)
    if not as_nnunet or any(side % divisor for side, divisor in zip(patch_size, network.divisor, strict=True)):
        patch_size = _fitted(patch_size, size, network)
    padding: list[int] = []
    flipped = network.axes.flipped
    for axis, (n, side) in reversed(list(enumerate(zip(size, patch_size, strict=True)))):
        missing = max(0, side - n)
        ends = [missing // 2, missing - missing // 2]
        padding += reversed(ends) if axis in flipped else ends
    padding_mode = "constant" if as_nnunet else PADDING[settings.padding]
    padded = F.pad(image[None], padding, mode=padding_mode)[0] if any(padding) else image
    # The part of a padded slab that shows the image.
    shown = tuple(slice(padding[2 * (2 - axis)], padding[2 * (2 - axis)] + n) for axis, n in enumerate(size))
    count = count or windows_together(patch_size, execution.device)

    overlap = _overlap(network, settings.overlap)
    order = (0, 1, 2) if settings.as_nnunet is None else [AXES.index(axis) for axis in settings.as_nnunet.order]
    divided_along = _slab_axis(padded.shape[1:], patch_size, order[0])
    if as_nnunet:
        windows = nnunet_windows(padded.shape[1:], patch_size, network.slice_axis, flipped, order)
        weights = nnunet_weights(patch_size, flipped)
    else:
        windows = _windows(padded.shape[1:], patch_size, overlap, flipped)
        weights = compute_importance_map(
            patch_size, mode=settings.blending, sigma_scale=SIGMA_SCALE, dtype=torch.float32
        )
    # The sort is stable: within a layer they stay in order.
    windows.sort(key=lambda window: window[divided_along].start)
    views = settings.views(network.slice_axis, len(windows))
    averaged = len(views) > 1 or bool(members)
    in_float32 = False
    # Scores of regions are blended as the network gives them, and painted where all windows have spoken; as nnU-Net does it,
    # they are averaged, too, and painted once they are at the case's own voxels.
    regions = () if averaged and not as_nnunet else network.regions
    blended_regions = () if as_nnunet else regions

    def scores_of(network: StagedNetwork, windows: Tensor) -> Tensor:
        return network.decode(network.encode(windows)) if regions else network(windows)

    def run_one(network: StagedNetwork, windows: Tensor, in_company: bool) -> Tensor:
        nonlocal in_float32
        on_window()
        # Slices are many already. Where windows shall run alone, memory is short.
        alone = windows.shape[0] == 1 and execution.device == "cpu" and network.slice_axis is None and in_company
        batch = windows.repeat(2, 1, 1, 1, 1) if alone else windows
        with torch.no_grad(), execution.autocast():
            logits = scores_of(network, execution.to_device(batch))
        if execution.precision != "float32" and not _all_finite(logits):  # the largest number of float16 is 65504
            in_float32 = True
            with torch.no_grad():
                logits = scores_of(network, execution.to_device(batch))
        if not _all_finite(logits):
            raise NotFinite("network-output-not-finite", "the network gives values that are not finite")
        return logits[: windows.shape[0]]

    def run(group: Sequence[Window], at_once: int) -> Tensor:
        if not averaged:
            return run_one(network, torch.stack([cut(padded, window) for window in group]), at_once > 1)
        runs = [partial(run_one, one, in_company=at_once > 1) for one in (network, *members)]
        if not as_nnunet:
            return mean_over_copies(runs, padded, group, views, at_once)
        return torch.cat(
            [mean_over_copies([one], padded, group, views, at_once, of_logits=True) for one in runs], dim=1
        )

    for one in (network, *members):
        one.eval()
    if len(windows) == 1 and not as_nnunet:
        found = painted(run(windows, count).float().cpu(), blended_regions)[0]
        yield Slab(found[(slice(None), *shown)], 0, 0, averaged, averaged, in_float32)
        return
    dtype = torch.float16 if as_nnunet else torch.float32
    for slab in _blended(run, padded, windows, weights, divided_along, count, len(views), execution.device, dtype):
        axis, part = slab.axis, list(shown)
        if (
            slab.logits.shape[1 + axis] < padded.shape[1 + axis]
        ):  # an image that is divided along an axis is not padded there
            part[axis] = slice(None)
        found = slab.logits[(slice(None), *part)]
        if as_nnunet:
            found = mean_of_networks(found, 1 + len(members))
        found = painted(found[None], blended_regions)[0]
        yield Slab(found, axis, slab.begin, averaged and not as_nnunet, averaged, in_float32)


def _blended(
    run: Callable[[Sequence[Window], int], Tensor],
    image: Tensor,
    windows: Sequence[Window],
    here: Tensor,
    axis: int,
    together: int,
    copies: int,
    device: str,
    dtype: torch.dtype,
) -> Iterator[Slab]:
    """Run windows over an image (C, I, J, K) that is no smaller than they are, and blend what is found.

    Args:
        run: Gives for some windows, all of one size, their logits or probabilities (N, classes, I, J, K).
        image: The image.
        windows: The windows, one layer after the other along the axis.
        here: What each voxel of a window counts, float32 on the CPU.
        axis: The axis along which the image is divided.
        together: How many windows are run at once.
        copies: How many copies of each window are run.
        device: The device of what is found.
        dtype: The kind of number in which it is added up, as long as it is large enough.
    """
    size = tuple(image.shape[1:])
    patch_size = tuple(part.stop - part.start for part in windows[0])
    weights, each = here.to(device), dtype.itemsize
    total = length = 0
    begin, sums, counts = 0, torch.empty(0), torch.empty(0)
    done = 0
    while done < len(windows):
        group = windows[done : done + max(1, together // copies)]
        done += len(group)
        logits = run(group, together)
        if not total:
            # From here on, with the sums in memory, there may be room for fewer windows.
            together = max(1, min(together, LOGITS_BYTES * len(group) // (4 * logits.numel())))
            total = size[axis]
            plane = logits.shape[1] * math.prod(size) // total
            length = max(patch_size[axis], min(total, SLAB_BYTES // (each * plane)))
            shape = [length if n == axis else side for n, side in enumerate(size)]
            must_be_free(each * (logits.shape[1] + 1) * math.prod(shape))
            sums, counts = torch.zeros(logits.shape[1], *shape, dtype=dtype), torch.zeros(shape, dtype=dtype)
        if sums.dtype == torch.float16 and _largest(logits) > MOST_IN_HALF:
            sums, counts = sums.float(), counts.float()
        for window, found in zip(group, logits, strict=True):
            start, end = window[axis].start, window[axis].stop
            if end > begin + length:
                yield Slab(_divided(sums, counts, axis, start - begin), axis, begin)
                _move(sums, axis + 1, start - begin)
                _move(counts, axis, start - begin)
                begin = start
            place = tuple(slice(start - begin, end - begin) if n == axis else part for n, part in enumerate(window))
            sums[(slice(None), *place)] += found.float().mul_(weights).cpu()
            counts[place] += here
    yield Slab(_divided(sums, counts, axis, total - begin), axis, begin)


def _largest(values: Tensor) -> float:
    return max(abs(float(end)) for end in torch.aminmax(values))


def _all_finite(values: Tensor) -> bool:
    # `isfinite` would need another tensor of this size.
    lowest, highest = torch.aminmax(values)
    return math.isfinite(lowest) and math.isfinite(highest)


def _slab_axis(size: Sequence[int], patch_size: Size, first: int) -> int:
    """The axis along which an image is divided: the first, for a large image that of the thinnest layers of windows."""
    if math.prod(size) <= LARGE_VOXELS:
        return first
    return min(range(3), key=lambda axis: patch_size[axis] / size[axis])


def count_windows(size: Size, patch_size: Size, network: StagedNetwork) -> int:
    """How many windows an image has in a job, without copies.

    Args:
        size: The image's size in voxels.
        patch_size: That of the windows, as `logit_slabs` is given it.
        network: The network.
    """
    patch_size = _fitted(patch_size, size, network)
    padded = [max(n, side) for n, side in zip(size, patch_size, strict=True)]
    return len(_windows(padded, patch_size, _overlap(network, OVERLAP)))


def _single_slices(patch_size: Size, slice_axis: int) -> Size:
    a, b, c = (1 if axis == slice_axis else side for axis, side in enumerate(patch_size))
    return a, b, c


def _fitted(patch_size: Size, size: Sequence[int], network: StagedNetwork) -> Size:
    """The windows that a network can take; those of one that sees whole images are no larger than the image."""
    if network.whole_images:
        i, j, k = size
        a, b, c = patch_size
        patch_size = (min(a, i), min(b, j), min(c, k))
    return whole_patch(patch_size, network.divisor)


def _overlap(network: StagedNetwork, overlap: float) -> list[float]:
    """The part of a window that overlaps with the next along each axis."""
    # Slices know nothing of their neighbours: seeing one twice adds nothing.
    return [0.0 if axis == network.slice_axis else overlap for axis in range(3)]


def _windows(
    size: Sequence[int], patch_size: Size, overlap: Sequence[float], flipped: Collection[int] = ()
) -> list[Window]:
    """The windows of an image, in MONAI's order.

    The first window lies at an axis's beginning, or at its end where the network sees the axis run the other way.
    """
    steps = [
        side if side == n else max(1, int(side * (1 - part)))
        for n, side, part in zip(size, patch_size, overlap, strict=True)
    ]
    windows = dense_patch_slices(size, patch_size, steps)
    for mirrored in flipped:
        windows = [
            tuple(
                slice(size[n] - part.stop, size[n] - part.start) if n == mirrored else part
                for n, part in enumerate(window)
            )
            for window in windows
        ]
    return list(windows)


def _divided(sums: Tensor, counts: Tensor, axis: int, planes: int) -> Tensor:
    """The first planes of the blended logits: their weighted sums over the sums of the weights."""
    return sums.narrow(axis + 1, 0, planes).div_(counts.narrow(axis, 0, planes))


def _move(values: Tensor, axis: int, planes: int) -> None:
    """Drop the first planes along an axis, move the others to the front, and fill up with zeros."""
    kept = values.shape[axis] - planes
    for n in range(kept):  # one plane after the other, because they may overlap with where they go
        values.select(axis, n).copy_(values.select(axis, n + planes))
    values.narrow(axis, kept, planes).zero_()
