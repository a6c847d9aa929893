"""From a prepared case to a segmentation on the case's own grid."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from monai.networks.layers import AffineTransform
from torch import Tensor
from torch.nn import functional as F

from TransferSegLib.cases.preprocessing import PreparedCase, restore
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.memory import GIB, available_bytes
from TransferSegLib.inference.windows import PLAIN, SLAB_BYTES, Size, Slab, logit_slabs
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork

# So many voxels of a label's probabilities are interpolated at a time.
PIECE_VOXELS = 2**21
# How far a mean may lie above the larger of two 32-bit numbers, as a share.
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A case's segmentation, on its own grid.

    Attributes:
        classes: (I, J, K) uint8, int16 where there are more than 256 classes; 0 is background.
        probabilities: (classes, I, J, K) float32, or None where they were not asked for.
        uncertainty: (I, J, K) float32, 1 minus the probability of the class that a voxel has, or of its label where several
            classes are one label: the mean share that copies and networks give to all others. 0 is certain; n classes have
            1 - 1/n at most. None where it was not asked for.
        averaged: Whether it is of several copies or networks.
        in_float32: Whether some of it had to be computed in float32, because it was not finite in the precision that was
            chosen.
    """

    classes: np.ndarray
    probabilities: np.ndarray | None = None
    uncertainty: np.ndarray | None = None
    averaged: bool = False
    in_float32: bool = False


def segment(
    network: StagedNetwork,
    case: PreparedCase,
    patch_size: Size,
    execution: ExecutionConfig,
    probabilities: bool = False,
    on_window: Callable[[], None] = lambda: None,
    together: int | None = None,
    settings: InferenceSettings = PLAIN,
    members: Sequence[StagedNetwork] = (),
    uncertainty: bool = False,
    label_of: np.ndarray | None = None,
    record: Callable[[Slab], None] | None = None,
    known: Sequence[np.ndarray] = (),
) -> Segmentation:
    """Segment a prepared case, window by window, and bring the result to the case's own grid.

    The probabilities are interpolated to the case's own spacing, and the classes are decided there, slab by slab. With the
    resampling `monai` (see `Preprocessing`), classes are decided before, and each voxel gets the nearest one's.

    Args:
        network: The network, on the device of `execution`.
        case: The case.
        patch_size: The windows, in voxels, as in training.
        execution: How the network is run.
        probabilities: Whether the probabilities are returned as well.
        on_window: Called before every group of windows; may raise to stop.
        together: How many windows are run at once, see `logit_slabs`.
        settings: Which copies of the image are averaged.
        members: Further networks, which are averaged with it.
        uncertainty: Whether the uncertainty of each voxel is returned as well.
        label_of: (classes,), the label that each class is translated into, whose uncertainty is meant; None where each is its
            own.
        record: Gets each slab before it is averaged with `known`.
        known: What further networks found in the case with the same settings, (classes, I, J, K) of `case.image` each, which
            is averaged with what is found.

    Raises:
        InputError: The probabilities do not fit into the memory of this computer.
        FloatingPointError: What the network gives is not finite, so no class is the most probable.
    """
    with torch.inference_mode():
        image = torch.from_numpy(np.array(case.image))
        i, j, k = image.shape[1:]
        own, averaged, in_float32 = _OwnGrid(case, (i, j, k), probabilities, uncertainty, label_of), False, False
        for slab in logit_slabs(network, image, patch_size, execution, on_window, together, settings, members):
            if record is not None:
                record(slab)
            if known:
                slab = _averaged(slab, known, 1 + len(members))
            own.add(slab)
            averaged, in_float32 = slab.are_probabilities, slab.in_float32
        return replace(own.segmentation(), averaged=averaged, in_float32=in_float32)


def _averaged(slab: Slab, known: Sequence[np.ndarray], networks: int) -> Slab:
    """The mean of a slab, which is of so many networks, and what others found, in place."""
    values = slab.logits
    if not slab.are_probabilities:
        _softmax(values, slab.axis)
    values *= networks
    for one in known:
        planes = np.array(
            one[(slice(None),) * (1 + slab.axis) + (slice(slab.begin, slab.begin + values.shape[1 + slab.axis]),)]
        )
        values += torch.from_numpy(planes)
    values /= networks + len(known)
    return replace(slab, are_probabilities=True)


def window_classes(
    network: StagedNetwork,
    image: Tensor,
    patch_size: Size,
    execution: ExecutionConfig,
    settings: InferenceSettings = PLAIN,
) -> np.ndarray:
    """The class with the largest logit at each voxel of an image, (C, I, J, K) → (I, J, K); see `logit_slabs`."""
    with torch.inference_mode():
        classes = torch.empty(0)
        for slab in logit_slabs(network, image, patch_size, execution, settings=settings):
            if not classes.numel():
                classes = torch.empty(image.shape[1:], dtype=_class_type(slab.logits.shape[0]))
            classes.narrow(slab.axis, slab.begin, slab.logits.shape[1 + slab.axis]).copy_(_largest(slab.logits)[0])
        return classes.numpy()


class _OwnGrid:
    """The classes, probabilities and uncertainty of a case at its own voxel size, filled slab by slab."""

    def __init__(
        self, case: PreparedCase, size: Size, probabilities: bool, uncertainty: bool, label_of: np.ndarray | None
    ) -> None:
        self.case, self.size, self.wanted = case, size, probabilities
        # Where the nearest voxel counts on the way back, all is decided before.
        self.own = case.own_size if case.places is None else size
        self.best = torch.zeros(0)
        self.full: Tensor | None = None
        self.doubt: Tensor | None = torch.zeros(self.own) if uncertainty else None
        self.label_of = None if label_of is None else torch.from_numpy(label_of.astype(np.int64))
        # How many planes are decided, and the probabilities of the plane before the next slab, (classes, 1, …, …).
        self.decided, self.plane_before = 0, torch.zeros(0)

    def segmentation(self) -> Segmentation:
        classes = restore(self._at_own_voxels(self.best).numpy(), self.case)
        full = None if self.full is None else restore(self._at_own_voxels(self.full).numpy(), self.case)
        doubt = None
        if self.doubt is not None:
            # As the probability of a background is restored: what was cropped away is certain.
            doubt = 1 - restore(1 - self._at_own_voxels(self.doubt).numpy()[None], self.case)[0]
        return Segmentation(classes, full, doubt)

    def _at_own_voxels(self, values: Tensor) -> Tensor:
        """Values (…, I, J, K) of the prepared image as the case's own voxels get them."""
        places = self.case.places
        if places is None:
            return values
        for axis, (n, wanted) in enumerate(zip(self.size, self.case.own_size, strict=True)):
            nearest = _nearest(n, wanted, places.steps[axis], places.offsets[axis])
            values = values.index_select(values.ndim - 3 + axis, nearest)
        return values

    def add(self, slab: Slab) -> None:
        """Decide what follows from the next slab, which it overwrites."""
        logits, axis, begin = slab.logits, slab.axis, slab.begin
        classes = logits.shape[0]
        if not self.best.numel():
            self.best = torch.zeros(self.own, dtype=_class_type(classes))
            if self.wanted:
                self._must_fit(classes)
                self.full = torch.empty(classes, *self.own)
        if self.own == self.size and not self.wanted:  # nothing is to be interpolated
            planes = logits.shape[1 + axis]
            best, highest = _largest(logits)
            self.best.narrow(axis, begin, planes).copy_(best)
            if self.doubt is not None:
                doubt = _doubt(logits, best, highest, slab.are_probabilities, self.label_of)
                self.doubt.narrow(axis, begin, planes).copy_(doubt)
            return
        if not slab.are_probabilities:
            _softmax(logits, axis)
        if tuple(logits.shape[1:]) == self.size:  # all of the image
            self._decide(
                slice(0, self.own[0]), 0, logits.__getitem__, classes, functools.partial(_trilinear, size=self.own)
            )
        else:
            self._interpolate(logits.movedim(1 + axis, 1), axis, begin)

    def _interpolate(self, planes: Tensor, axis: int, begin: int) -> None:
        """Bring a slab of probabilities to the case's own voxels, a few planes at a time; as trilinear interpolation.

        Args:
            planes: (classes, P, …, …), the axis of the slab first.
            axis: That axis.
            begin: The place of the first plane in the image.
        """
        low, high, share = _neighbours(self.size[axis], self.own[axis])
        end = begin + planes.shape[1]
        ready = int((high < end).sum())
        sides = tuple(n for other, n in enumerate(self.own) if other != axis)
        step = max(1, PIECE_VOXELS // math.prod(sides))
        for first in range(self.decided, ready, step):
            piece = slice(first, min(first + step, ready))
            nearest = slice(int(low[first]), int(high[piece][-1]) + 1)
            places = low[piece] - nearest.start, high[piece] - nearest.start, share[piece, None, None]
            near = functools.partial(self._planes, planes, begin, nearest)
            self._decide(piece, axis, near, planes.shape[0], functools.partial(_between, places=places, size=sides))
        self.decided = ready
        self.plane_before = planes[:, -1:].clone()

    def _planes(self, planes: Tensor, begin: int, wanted: slice, number: int) -> Tensor:
        """Planes of a class's probabilities, (P, …, …): of the slab, and the one before it."""
        found = planes[number, max(0, wanted.start - begin) : wanted.stop - begin]
        return torch.cat([self.plane_before[number], found]) if wanted.start < begin else found

    def _decide(
        self,
        planes: slice,
        axis: int,
        nearby: Callable[[int], Tensor],
        classes: int,
        interpolate: Callable[[Tensor], Tensor],
    ) -> None:
        """Set the classes, and keep the probabilities, of some planes of the case's own grid along an axis.

        Args:
            planes: The planes.
            axis: The axis.
            nearby: Class → the probabilities of it that they depend on.
            classes: How many classes there are.
            interpolate: Brings these to the case's own voxels.
        """
        best = self.best.movedim(axis, 0)[planes]
        highest, lowest = torch.empty(0), -1.0
        for number in range(classes):
            near = nearby(number)
            # No voxel has more than the largest of those it lies between: most labels are nowhere near.
            if not self.wanted and float(near.max()) * (1 + ROUNDING) <= lowest:
                continue
            value = interpolate(near)
            if self.full is not None:
                self.full[number].movedim(axis, 0)[planes] = value
            if number:
                best.masked_fill_(value > highest, number)
                torch.maximum(highest, value, out=highest)
            else:
                highest = value.clone()
            lowest = float(highest.min())
        if self.doubt is not None:
            if self.label_of is not None:
                labels = self.label_of[:classes].tolist()
                own = self.label_of[best.long()]
                for number, label in enumerate(labels):
                    same = (own == label) & (best != number)
                    if labels.count(label) > 1 and same.any():
                        highest += interpolate(nearby(number)) * same
            self.doubt.movedim(axis, 0)[planes] = (1 - highest).clamp_(0, 1)

    def _must_fit(self, classes: int) -> None:
        """Refuse probabilities that do not fit, as they are and once more in the order of the file's axes."""
        needed, free = 8 * classes * math.prod(self.case.grid.size), available_bytes()
        if free is not None and needed > free:
            raise InputError(
                "probabilities-too-large",
                "case `{case}`: the probabilities of {count} {count:~label|labels} take {needed:.0f} GiB of memory, and "
                "{free:.1f} GiB are free; crop the image, or leave out the probabilities.",
                case=self.case.name,
                count=classes - 1,
                needed=needed / GIB,
                free=free / GIB,
            )


def _nearest(n: int, wanted: int, step: float, offset: float) -> Tensor:
    """For each of `wanted` voxels along an axis the nearest of n others, of which the m-th lies at `step·m + offset`.

    By MONAI's own layer, with which `Spacing` goes back: half-way between two voxels, it is rounding that decides.
    """
    layer = AffineTransform(
        normalized=False, mode="nearest", padding_mode="border", align_corners=False, reverse_indexing=True
    )
    numbers = torch.arange(n, dtype=torch.float32)[None, None, :, None, None]
    theta = torch.diag(torch.tensor([1 / step, 1.0, 1.0, 1.0], dtype=torch.float64))
    theta[0, 3] = -offset / step
    found: Tensor = layer(numbers, theta=theta.float(), spatial_size=(wanted, 1, 1))
    return found.flatten().long()


def _class_type(classes: int) -> torch.dtype:
    return torch.uint8 if classes <= 256 else torch.int16


def _largest(scores: Tensor) -> tuple[Tensor, Tensor]:
    """The class with the largest score, and that score, (classes, I, J, K) → (I, J, K); faster than argmax over that axis."""
    best = torch.zeros(scores.shape[1:], dtype=_class_type(scores.shape[0]))
    highest = scores[0].clone()
    for number in range(1, scores.shape[0]):
        better = scores[number] > highest
        best.masked_fill_(better, number)
        torch.maximum(highest, scores[number], out=highest)
    return best, highest


def _doubt(scores: Tensor, best: Tensor, highest: Tensor, are_probabilities: bool, label_of: Tensor | None) -> Tensor:
    """What the probability of each voxel's label lacks to 1, (I, J, K).

    Args:
        scores: Logits or probabilities, (classes, I, J, K).
        best: The class with the largest of each voxel.
        highest: That score.
        are_probabilities: Whether the scores are probabilities.
        label_of: The label that each class is translated into; None where each is its own.
    """
    if label_of is None and are_probabilities:
        return (1 - highest).clamp_(0, 1)
    labels = list(range(scores.shape[0])) if label_of is None else label_of[: scores.shape[0]].tolist()
    own = best if label_of is None else label_of[best.long()]
    total, sure = torch.zeros(best.shape), torch.zeros(best.shape)
    for number, label in enumerate(labels):
        part = scores[number] if are_probabilities else torch.exp(scores[number] - highest)
        total += part
        if label_of is not None:
            sure += part * (own == label)
    if label_of is None:
        return 1 - 1 / total
    return (1 - (sure if are_probabilities else sure / total)).clamp_(0, 1)


def _softmax(logits: Tensor, axis: int) -> None:
    """Turn logits (classes, I, J, K) into probabilities, in place; large ones plane by plane along an axis."""
    parts = [logits] if 4 * logits.numel() <= SLAB_BYTES else logits.unbind(1 + axis)
    for part in parts:
        part.copy_(torch.softmax(part, dim=0))


def _trilinear(values: Tensor, size: Size) -> Tensor:
    """Interpolate values (I, J, K) to another size, with the outer edges kept in place."""
    if tuple(values.shape) == size:
        return values
    return F.interpolate(values[None, None], size=size, mode="trilinear", align_corners=False)[0, 0]


def _between(planes: Tensor, places: tuple[Tensor, Tensor, Tensor], size: tuple[int, ...]) -> Tensor:
    """Interpolate along three axes one after the other, as `_trilinear` does.

    Args:
        planes: (P, …, …).
        places: For each plane wanted, between which two it lies, and the share of the second; the last as (N, 1, 1).
        size: The wanted size of a plane.

    Returns:
        (N, *size).
    """
    low, high, share = places
    if tuple(planes.shape[1:]) != size:
        planes = F.interpolate(planes[None], size=size, mode="bilinear", align_corners=False)[0]
    return planes.index_select(0, low).mul_(1 - share).add_(planes.index_select(0, high).mul_(share))


def _neighbours(planes: int, wanted: int) -> tuple[Tensor, Tensor, Tensor]:
    """Between which planes each of `wanted` ones lies as PyTorch interpolates them, and the share of the second."""
    shares = F.interpolate(torch.eye(planes)[None], size=wanted, mode="linear", align_corners=False)[0]
    low = (shares > 0).int().argmax(dim=0)
    return low, (low + 1).clamp(max=planes - 1), 1 - shares.gather(0, low[None])[0]
