"""The mean probabilities, or logits, of windows over copies of the image and over several networks.

A copy of a window shows the image shifted by a voxel, or mirrored. What a network finds in it is shifted or mirrored back.
A shifted copy does not show one plane of its window; there the window as it is counts for it. At the edge of the image its
outermost voxels are repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from TransferSegLib.core.inference_settings import View

Window = tuple[slice, ...]
AS_IT_IS = View()


def cut(image: Tensor, window: Window, view: View = AS_IT_IS) -> Tensor:
    """A copy of a window of an image.

    Args:
        image: (C, I, J, K).
        window: The part of the image.
        view: How it is shown.

    Returns:
        (C, *window).
    """
    part = shifted(image, view.shift, window) if any(view.shift) else image[(slice(None), *window)]
    return part.flip([1 + axis for axis in view.mirrored]) if view.mirrored else part


def shifted(images: Tensor, voxels: Sequence[int], window: Window | None = None) -> Tensor:
    """Move images by whole voxels; beyond the edge, its last voxels are repeated.

    Args:
        images: (…, I, J, K).
        voxels: Along I, J and K.
        window: The part of the moved images that is returned; None for all of it.

    Returns:
        (…, *window).
    """
    wanted = [slice(0, size) for size in images.shape[-3:]] if window is None else window
    for axis, (along, by) in zip((-3, -2, -1), zip(wanted, voxels, strict=True), strict=True):
        places = torch.arange(along.start, along.stop, device=images.device) - by
        images = images.index_select(axis, places.clamp_(0, images.shape[axis] - 1))
    return images


def mean_over_copies(
    runs: Sequence[Callable[[Tensor], Tensor]],
    image: Tensor,
    windows: Sequence[Window],
    views: Sequence[View],
    together: int,
    of_logits: bool = False,
) -> Tensor:
    """The mean probabilities of windows over all networks and views.

    Args:
        runs: For each network, what turns windows (N, C, I, J, K) into logits (N, classes, I, J, K).
        image: (C, I, J, K).
        windows: Parts of the image, all of one size.
        views: How each is shown, as it is first.
        together: How many windows are run at once.
        of_logits: Whether it is the mean of the logits.

    Returns:
        (N, classes, I, J, K) float32, on the device of the logits.
    """
    items = [(n, view) for n in range(len(windows)) for view in views]
    mean = plain = torch.empty(0)
    for run in runs:
        for begin in range(0, len(items), together):
            group = items[begin : begin + together]
            logits = run(torch.stack([cut(image, windows[n], view) for n, view in group]))
            for (n, view), found in zip(group, logits, strict=True):
                probabilities = found.float() if of_logits else torch.softmax(found.float(), dim=0)
                if not mean.numel():
                    mean = probabilities.new_zeros(len(windows), *probabilities.shape)
                if view == views[0]:
                    plain = probabilities
                mean[n] += _as_shown(probabilities, view, plain)
    return mean.div_(len(runs) * len(views))


def _as_shown(probabilities: Tensor, view: View, plain: Tensor) -> Tensor:
    """Bring the probabilities (classes, I, J, K) of a copy back; where it does not show the window, `plain` counts."""
    if view.mirrored:
        probabilities = probabilities.flip([1 + axis for axis in view.mirrored])
    if not any(view.shift):
        return probabilities
    back = plain.clone()
    sizes = probabilities.shape[1:]
    here = tuple(slice(max(0, -s), n - max(0, s)) for n, s in zip(sizes, view.shift, strict=True))
    there = tuple(slice(max(0, s), n + min(0, s)) for n, s in zip(sizes, view.shift, strict=True))
    back[(slice(None), *here)] = probabilities[(slice(None), *there)]
    return back
