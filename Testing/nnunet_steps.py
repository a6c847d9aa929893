"""nnU-Net v2's own steps from a volume to its labels, done anew with numpy, SciPy and PyTorch.

`DefaultPreprocessor.run_case_npy`, `nnUNetPredictor.predict_sliding_window_return_logits` and
`convert_predicted_logits_to_segmentation_with_correct_shape`, one image at a time, one window at a time.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from scipy.ndimage import binary_fill_holes, gaussian_filter, map_coordinates, zoom

PATCH = (8, 16, 24)


def resize(image, size, order):
    """`skimage.transform.resize` with `mode="edge"` and without anti-aliasing, on one image or slice."""
    factors = [wanted / n for n, wanted in zip(image.shape, size, strict=True)]
    return zoom(image, factors, order=order, mode="nearest", grid_mode=True).clip(image.min(), image.max())


def resample(image, size, order, current, new):
    """`resample_data_or_seg_to_shape` of one channel (z, y, x), with `force_separate_z` None and `order_z` 0."""
    if image.shape == tuple(size):
        return image
    return separated(image, size, current, new, lambda part, wanted: resize(part, wanted, order))


def separated(image, size, current, new, resize_one):
    """A volume resized by a function, slice by slice where its voxels are long before or after."""
    lowest_resolution = next((mm for mm in (current, new) if max(mm) / min(mm) > 3), None)
    if lowest_resolution is None or sorted(lowest_resolution)[-1] == sorted(lowest_resolution)[-2]:
        return resize_one(image, size)
    axis = int(np.argmax(lowest_resolution))
    planes = [resize_one(plane, tuple(np.delete(size, axis))) for plane in np.moveaxis(image, axis, 0)]
    n, wanted = len(planes), size[axis]
    places = n / wanted * (np.arange(wanted) + 0.5) - 0.5
    picks = map_coordinates(np.arange(n, dtype=float), [places], order=0, mode="nearest").astype(int)
    return np.moveaxis(np.stack([planes[pick] for pick in picks]), 0, axis)


def resize_labels(labels, size):
    """`resize_segmentation` of batchgenerators with order 1, on one volume or slice."""
    found = np.zeros(size, labels.dtype)
    for value in np.unique(labels):
        found[resize((labels == value).astype(float), size, 1) >= 0.5] = value
    return found


def resample_labels(labels, size, current, new):
    """`resample_data_or_seg_to_shape` of labels (z, y, x), with `is_seg`, `force_separate_z` None and `order_z` 0."""
    if labels.shape == tuple(size):
        return labels
    return separated(labels, size, current, new, resize_labels)


def importance(patch):
    middle = np.zeros(patch)
    middle[tuple(n // 2 for n in patch)] = 1
    weights = gaussian_filter(middle, [n / 8 for n in patch], 0, mode="constant", cval=0)
    weights = torch.from_numpy(weights / weights.max() * 10).half()
    weights[weights == 0] = weights[weights > 0].min()
    return weights


def starts(n, side):
    if side == 1:  # `_internal_get_sliding_window_slicers` goes through all slices of a 2D configuration
        return list(range(n))
    count = int(np.ceil((n - side) / (side * 0.5))) + 1
    step = (n - side) / (count - 1) if count > 1 else 0
    return [int(np.round(step * place)) for place in range(count)]


def windowed(networks, image, mirror, dtype, patch=PATCH):
    """Mean logits over folds and mirrored windows, added up as numbers of a type, (C, z, y, x) → (outputs, z, y, x)."""
    missing = [max(0, side - n) for n, side in zip(image.shape[1:], patch, strict=True)]
    before = [n // 2 for n in missing]
    padded = np.pad(image, [(0, 0), *((b, n - b) for b, n in zip(before, missing, strict=True))])
    weights, total = importance(patch).to(dtype), None
    for network in networks:
        sums, counts = None, torch.zeros(padded.shape[1:], dtype=dtype)
        for corner in itertools.product(*(starts(n, side) for n, side in zip(padded.shape[1:], patch, strict=True))):
            at = tuple(slice(first, first + side) for first, side in zip(corner, patch, strict=True))
            x = torch.from_numpy(np.ascontiguousarray(padded[(slice(None), *at)]))[None]
            sets = [some for count in range(len(mirror) + 1) for some in itertools.combinations(mirror, count)]
            with torch.no_grad():
                flipped = [network(x.flip([2 + a for a in s])).flip([2 + a for a in s]) for s in sets]
            if sums is None:
                sums = torch.zeros(flipped[0].shape[1], *padded.shape[1:], dtype=dtype)
            sums[(slice(None), *at)] += torch.stack(flipped).mean(dim=0)[0] * weights
            counts[at] += weights
        total = sums / counts if total is None else total + sums / counts
    shown = tuple(slice(b, b + n) for b, n in zip(before, image.shape[1:], strict=True))
    return (total[(slice(None), *shown)] / len(networks)).numpy()


def nnunet_segmentation(
    networks,
    volume,
    spacing,
    mirror,
    decide=lambda logits: logits.argmax(0),
    order=(0, 1, 2),
    wanted=(3.0, 1.5, 0.75),
    dtype=torch.half,
    patch=PATCH,
    first=None,
):
    """What nnU-Net finds in a volume (x, y, z) of the file's order: (x, y, z), and the logits in the cropped volume.

    `wanted` of two sides keeps the distance of slices, as `run_case_npy` does for a 2D configuration. `first` is what a
    cascade's first stage found in the volume, and the labels that it may find.
    """
    stored = volume.transpose(2, 1, 0).transpose(order).astype(np.float32)
    own = [spacing[::-1][axis] for axis in order]
    wanted = [*own[: 3 - len(wanted)], *wanted]
    box = tuple(slice(along.min(), along.max() + 1) for along in np.nonzero(stored))
    crop = (np.clip(stored[box], -150, 300) - 40) / 90
    size = [round(mm / to * n) for n, mm, to in zip(crop.shape, own, wanted, strict=True)]
    prepared = resample(crop.astype(float), size, 3, own, wanted).astype(np.float32)
    channels = [prepared]
    if first is not None:
        before, values = first
        inside = binary_fill_holes(stored != 0)[box]
        labels = before.transpose(2, 1, 0).transpose(order)[box].astype(np.int16)
        labels[(labels == 0) & ~inside] = -1  # `crop_to_nonzero`
        labels = resample_labels(labels, size, own, wanted)
        channels += [(labels == value).astype(np.float32) for value in values]
    found = windowed(networks, np.stack(channels), mirror, dtype, patch)
    logits = np.stack([resample(one.astype(float), crop.shape, 1, wanted, own) for one in found]).astype(found.dtype)
    whole = np.zeros(stored.shape, int)
    whole[box] = decide(logits)
    return whole.transpose(np.argsort(order)).transpose(2, 1, 0), logits


def scan(size, seed=0):
    """A volume (x, y, z) of Hounsfield units that is 0 around an off-centre box."""
    volume = np.zeros(size, np.float32)
    inner = tuple(slice(1 + n // 8, n - 2) for n in size)
    shape = volume[inner].shape
    volume[inner] = 60 + 4000 * gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2)
    return volume


def agreement(ours, theirs):
    """The share of the voxels labelled by either that have one label."""
    either = (ours > 0) | (theirs > 0)
    assert either.mean() > 0.05
    return float((ours == theirs)[either].mean())
