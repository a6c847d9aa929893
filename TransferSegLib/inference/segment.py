"""From a prepared case to a segmentation on the case's own grid."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from monai.networks.layers import AffineTransform
from torch import Tensor
from torch.nn import functional as F

from TransferSegLib.cases.monai_spacing import Places
from TransferSegLib.cases.nnunet_resampling import nearest
from TransferSegLib.cases.preprocessing import PreparedCase, restore
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import AsNnunet, InferenceSettings
from TransferSegLib.core.memory import GIB, available_bytes
from TransferSegLib.core.regions import Region
from TransferSegLib.inference.windows import MOST_IN_HALF, PLAIN, SLAB_BYTES, Size, Slab, logit_slabs
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.painting import painted
from TransferSegLib.networks.staged import StagedNetwork

# So many voxels of a label's probabilities are interpolated at a time.
PIECE_VOXELS = 2**21
# How far a mean may lie above the larger of two 32-bit numbers, as a share.
ROUNDING = 1e-6
# How far from half-way between two voxels axes that are not quite parallel may decide, in voxels.
HALF_WAY = 1e-3


# For each wanted voxel along an axis, the two that it lies between, and the share of the second.
Neighbours = tuple[Tensor, Tensor, Tensor]


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
) -> Segmentation:
    """Segment a prepared case, window by window, and bring the result to the case's own grid.

    The probabilities are interpolated to the case's own spacing, and the classes are decided there, slab by slab. With the
    resampling `monai` (see `Preprocessing`), classes are decided before, and each voxel gets the nearest one's, unless its
    probabilities are interpolated, too. As nnU-Net
    does it (`settings.as_nnunet`), it is the logits that are averaged and interpolated.

    Args:
        network: The network, on the device of `execution`.
        case: The case.
        patch_size: The windows, in voxels, as in training.
        execution: How the network is run.
        probabilities: Whether the probabilities are returned as well.
        on_window: Called before every group of windows; may raise to stop.
        together: How many windows are run at once, see `logit_slabs`.
        settings: Which copies of the image are averaged. Where they are as nnU-Net's, so must the case have been prepared.
        members: Further networks, which are averaged with it.
        uncertainty: Whether the uncertainty of each voxel is returned as well.
        label_of: (classes,), the label that each class is translated into, whose uncertainty is meant; None where each is its
            own.

    Raises:
        InputError: The probabilities do not fit into the memory of this computer.
        NotFinite: What the network gives is not finite, so no class is the most probable.
    """
    with torch.inference_mode():
        image = torch.from_numpy(np.array(case.image))
        i, j, k = image.shape[1:]
        as_nnunet = settings.as_nnunet
        regions = network.regions if as_nnunet else ()
        own = _OwnGrid(case, (i, j, k), probabilities, uncertainty, label_of, as_nnunet, regions)
        averaged = in_float32 = False
        for slab in logit_slabs(network, image, patch_size, execution, on_window, together, settings, members):
            own.add(slab)
            averaged, in_float32 = slab.averaged, slab.in_float32
        return replace(own.segmentation(), averaged=averaged, in_float32=in_float32)


def window_classes(
    network: StagedNetwork,
    image: Tensor,
    patch_size: Size,
    execution: ExecutionConfig,
    settings: InferenceSettings = PLAIN,
) -> np.ndarray:
    """Segment an image with sliding windows, at the network's own voxel size; see `logit_slabs`.

    Args:
        network: The network, in evaluation mode.
        image: (C, I, J, K), prepared.
        patch_size: The size of the windows in voxels.
        execution: The device and the precision.
        settings: How windows overlap and are averaged.

    Returns:
        (I, J, K): the class with the largest logit at each voxel.
    """
    with torch.inference_mode():
        classes = torch.empty(0)
        for slab in logit_slabs(network, image, patch_size, execution, settings=settings):
            if not classes.numel():
                classes = torch.empty(image.shape[1:], dtype=_class_type(slab.logits.shape[0]))
            classes.narrow(slab.axis, slab.begin, slab.logits.shape[1 + slab.axis]).copy_(_largest(slab.logits)[0])
        return classes.numpy()


class _OwnGrid:
    """The classes, probabilities and uncertainty of a case at its own voxel size, filled slab by slab.

    Args:
        case: The case.
        size: The size of its image.
        probabilities: Whether they are asked for.
        uncertainty: Whether it is asked for.
        label_of: See `segment`.
        as_nnunet: How nnU-Net does it, which interpolates logits and not probabilities; None where it is not done so.
        regions: The regions whose scores the slabs have, see `networks.painting`; none where they have those of classes.
    """

    def __init__(
        self,
        case: PreparedCase,
        size: Size,
        probabilities: bool,
        uncertainty: bool,
        label_of: np.ndarray | None,
        as_nnunet: AsNnunet | None,
        regions: Sequence[Region],
    ) -> None:
        self.case, self.size, self.wanted = case, size, probabilities
        self.of_logits, self.regions, self.apart = as_nnunet is not None, regions, case.back_apart
        self.in_half = as_nnunet is not None and as_nnunet.logits_in_half
        # Where the nearest voxel counts on the way back, all is decided before.
        self.between = _between_places(case, size)
        self.own = case.own_size if case.places is None or self.between else size
        self.best = torch.zeros(0)
        self.full: Tensor | None = None
        self.doubt: Tensor | None = torch.zeros(self.own) if uncertainty else None
        self.label_of = None if label_of is None else torch.from_numpy(label_of.astype(np.int64))
        # How many planes are decided, and the probabilities of the plane before the next slab, (classes, 1, …, …).
        self.decided, self.plane_before = 0, torch.zeros(0)

    def segmentation(self) -> Segmentation:
        classes = restore(self._at_own_voxels(self.best).numpy(), self.case)
        if self.full is not None and self.of_logits:
            _softmax(self.full, 0)
        full = None if self.full is None else restore(self._at_own_voxels(self.full).numpy(), self.case)
        doubt = None
        if self.doubt is not None:
            # As the probability of a background is restored: what was cropped away is certain.
            doubt = 1 - restore(1 - self._at_own_voxels(self.doubt).numpy()[None], self.case)[0]
        return Segmentation(classes, full, doubt)

    def _at_own_voxels(self, values: Tensor) -> Tensor:
        """Values (…, I, J, K) of the prepared image as the case's own voxels get them."""
        places = self.case.places
        if places is None or self.between:
            return values
        if places.in_float64 and (found := _nearest_askew(values, places, self.case.own_size)) is not None:
            return found
        for axis, (n, wanted) in enumerate(zip(self.size, self.case.own_size, strict=True)):
            nearest = _nearest(n, wanted, places.steps[axis], places.offsets[axis], places.in_float64)
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
        if self.own == self.size and not self.wanted and not self.between:  # nothing is to be interpolated
            planes = logits.shape[1 + axis]
            scores = painted(logits[None], self.regions)[0]
            best, highest = _largest(scores)
            self.best.narrow(axis, begin, planes).copy_(best)
            if self.doubt is not None:
                scores, highest = scores.float(), highest.float()
                doubt = _doubt(scores, best, highest, slab.are_probabilities, self.label_of)
                self.doubt.narrow(axis, begin, planes).copy_(doubt)
            return
        if not slab.are_probabilities and not self.of_logits:
            _softmax(logits, axis)
        if tuple(logits.shape[1:]) == self.size:  # all of the image
            interpolate = functools.partial(_trilinear, size=self.own, apart=self.apart, between=self.between)
            self._decide(slice(0, self.own[0]), 0, lambda number: logits[number].float(), classes, interpolate)
        else:
            self._interpolate(logits.movedim(1 + axis, 1), axis, begin)

    def _interpolate(self, planes: Tensor, axis: int, begin: int) -> None:
        """Bring a slab of probabilities, or logits, to the case's own voxels, a few planes at a time; as `_trilinear` does.

        Args:
            planes: (classes, P, …, …), the axis of the slab first.
            axis: That axis.
            begin: The place of the first plane in the image.
        """
        low, high, share = (
            self.between[axis] if self.between else _neighbours(self.size[axis], self.own[axis], axis == self.apart)
        )
        others = [one for other, one in enumerate(self.between) if other != axis]
        apart = None if self.apart in (None, axis) else self.apart - (self.apart > axis)
        end = begin + planes.shape[1]
        ready = int((high < end).sum())
        sides = tuple(n for other, n in enumerate(self.own) if other != axis)
        step = max(1, PIECE_VOXELS // math.prod(sides))
        for first in range(self.decided, ready, step):
            piece = slice(first, min(first + step, ready))
            nearest = slice(int(low[first]), int(high[piece][-1]) + 1)
            places = low[piece] - nearest.start, high[piece] - nearest.start, share[piece, None, None]
            near = functools.partial(self._planes, planes, begin, nearest)
            interpolate = functools.partial(_between, places=places, size=sides, apart=apart, others=others)
            self._decide(piece, axis, near, planes.shape[0], interpolate)
        self.decided = ready
        self.plane_before = planes[:, -1:].clone()

    def _planes(self, planes: Tensor, begin: int, wanted: slice, number: int) -> Tensor:
        """Planes of a class's probabilities, (P, …, …): of the slab, and the one before it."""
        found = planes[number, max(0, wanted.start - begin) : wanted.stop - begin]
        return (torch.cat([self.plane_before[number], found]) if wanted.start < begin else found).float()

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
        highest, total, lowest = torch.empty(0), torch.empty(0), -math.inf

        def too_low(near: Tensor) -> bool:
            # No voxel has more than the largest of those it lies between: most labels are nowhere near.
            most = float(near.max())
            return not self.wanted and not total.numel() and most + ROUNDING * abs(most) <= lowest

        if self.in_half:
            interpolate = functools.partial(_in_half, interpolate)
        for number, value in self._scores(classes, nearby, interpolate, too_low):
            if self.full is not None:
                self.full[number].movedim(axis, 0)[planes] = value
            if not highest.numel():
                highest = value.clone()
                best.fill_(number)
                if self.of_logits and self.doubt is not None:
                    total = torch.ones_like(highest)
            else:
                # Of equal scores the first class wins; of regions what is painted first, and the background before all: a
                # region whose own score is 0 is not painted.
                best.masked_fill_(value >= highest if self.regions else value > highest, number)
                before, highest = highest, torch.maximum(highest, value)
                if total.numel():
                    total.mul_(torch.exp_(before.sub_(highest))).add_(torch.exp(value - highest))
            lowest = float(highest.min())
        if self.doubt is not None:

            def probability(score: Tensor) -> Tensor:
                return torch.exp(score - highest).div_(total) if self.of_logits else score

            certain = probability(highest).clone()
            if self.label_of is not None:
                labels = self.label_of[:classes].tolist()
                own = self.label_of[best.long()]
                for number, label in enumerate(labels):
                    same = (own == label) & (best != number)
                    if labels.count(label) > 1 and same.any():
                        certain += probability(interpolate(nearby(number))) * same
            self.doubt.movedim(axis, 0)[planes] = (1 - certain).clamp_(0, 1)

    def _scores(
        self,
        classes: int,
        nearby: Callable[[int], Tensor],
        interpolate: Callable[[Tensor], Tensor],
        too_low: Callable[[Tensor], bool],
    ) -> Iterator[tuple[int, Tensor]]:
        """The interpolated scores of one class after the other, but for those that are nowhere the largest.

        Those of regions are painted as `networks.painting` does, with the memory of one class.
        """
        if not self.regions:
            for number in range(classes):
                near = nearby(number)
                if not too_low(near):
                    yield number, interpolate(near)
            return
        over: Tensor | None = None
        for region in reversed(self.regions):
            value = interpolate(nearby(region.number))
            yield region.number, value if over is None else torch.minimum(value, -over)
            over = value if over is None else torch.maximum(over, value)
        assert over is not None
        yield 0, -over

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


def _nearest_askew(values: Tensor, places: Places, wanted: Size) -> Tensor | None:
    """Give each of `wanted` voxels the nearest one's value, where axes that are not quite parallel decide which that is.

    In the file of a tilted image the axes are rounded, and so are not exactly at right angles. That counts for voxels that
    lie half-way between two.

    Args:
        values: (…, I, J, K).
        places: Where they lie among those that are wanted.
        wanted: How many voxels are wanted along each axis.

    Returns:
        (…, *wanted); None where no voxel lies half-way.
    """
    back = np.linalg.inv(np.array(places.matrix))
    if not np.abs(back[:3, :3] - np.diag(np.diag(back)[:3])).any():
        return None
    last = np.array(values.shape[-3:]) - 1
    ends = [np.arange(n) * back[axis, axis] + back[axis, 3] for axis, n in enumerate(wanted)]
    if all((np.abs(np.abs(place - np.floor(place)) - 0.5) > HALF_WAY).all() for place in ends):
        return None
    found = torch.empty(*values.shape[:-3], *wanted, dtype=values.dtype)
    lines, slices = np.arange(wanted[1])[:, None], np.arange(wanted[2])[None, :]
    for plane in range(wanted[0]):
        indices: list[Tensor] = []
        for row, most in zip(back[:3], last, strict=True):
            place = np.rint(row[0] * plane + row[1] * lines + row[2] * slices + row[3])
            indices.append(torch.from_numpy(np.clip(place, 0, most).astype(np.int64)))
        i, j, k = indices
        found[..., plane, :, :] = values[..., i, j, k]
    return found


def _nearest(n: int, wanted: int, step: float, offset: float, in_float64: bool = False) -> Tensor:
    """For each of `wanted` voxels along an axis the nearest of n others, of which the m-th lies at `step·m + offset`.

    By MONAI's own layer, with which `Spacing` goes back: half-way between two voxels, it is rounding that decides.
    """
    layer = AffineTransform(
        normalized=False, mode="nearest", padding_mode="border", align_corners=False, reverse_indexing=True
    )
    kind = torch.float64 if in_float64 else torch.float32
    numbers = torch.arange(n, dtype=kind)[None, None, :, None, None]
    theta = torch.diag(torch.tensor([1 / step, 1.0, 1.0, 1.0], dtype=torch.float64))
    theta[0, 3] = -offset / step
    found: Tensor = layer(numbers, theta=theta.to(kind), spatial_size=(wanted, 1, 1))
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


def _in_half(interpolate: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """Interpolate values, and round them to 16 bits where these can hold them."""
    found = interpolate(values)
    return found.half().float() if float(values.abs().max()) <= MOST_IN_HALF else found


def _trilinear(values: Tensor, size: Size, apart: int | None = None, between: Sequence[Neighbours] = ()) -> Tensor:
    """Interpolate values (I, J, K) to another size.

    The outer edges are kept in place, or each new voxel lies between those of `between` along each axis; `apart`, it is the
    nearest slice's.
    """
    if between:
        return _mixed(values, between)
    if tuple(values.shape) == size:
        return values
    sides = [n if axis == apart else wanted for axis, (n, wanted) in enumerate(zip(values.shape, size, strict=True))]
    values = F.interpolate(values[None, None], size=sides, mode="trilinear", align_corners=False)[0, 0]
    return values if apart is None else _repeated(values, apart, size[apart])


def _between(
    planes: Tensor,
    places: Neighbours,
    size: tuple[int, ...],
    apart: int | None = None,
    others: Sequence[Neighbours] = (),
) -> Tensor:
    """Interpolate along three axes one after the other, as `_trilinear` does.

    Args:
        planes: (P, …, …).
        places: For each plane wanted, between which two it lies, and the share of the second; the last as (N, 1, 1).
        size: The wanted size of a plane.
        apart: The axis of a plane, 0 or 1, along which it is the nearest that counts.
        others: The same as `places` along the two axes of a plane; without it their outer edges are kept in place.

    Returns:
        (N, *size).
    """
    low, high, share = places
    if others:
        planes = _mixed(planes, others)
    elif tuple(planes.shape[1:]) != size:
        between = [
            n if axis == apart else wanted for axis, (n, wanted) in enumerate(zip(planes.shape[1:], size, strict=True))
        ]
        planes = F.interpolate(planes[None], size=between, mode="bilinear", align_corners=False)[0]
        planes = planes if apart is None else _repeated(planes, 1 + apart, size[apart])
    return planes.index_select(0, low).mul_(1 - share).add_(planes.index_select(0, high).mul_(share))


def _between_places(case: PreparedCase, size: Size) -> list[Neighbours]:
    """Between which voxels of the prepared image each of the case's own lies, along each axis.

    Args:
        case: The case.
        size: The size of its image.

    Returns:
        For each axis what `_neighbours` returns; none where that is not asked for, or each voxel is one of the image's own.
    """
    places = case.places
    if places is None or not places.interpolated_back:
        return []
    found = []
    for n, wanted, step, offset in zip(size, case.own_size, places.steps, places.offsets, strict=True):
        place = ((torch.arange(wanted, dtype=torch.float64) - offset) / step).clamp(0, n - 1)
        low = place.long()
        found.append((low, (low + 1).clamp(max=n - 1), (place - low).float()))
    alike = size == case.own_size and all(not share.any() for _, _, share in found)
    return [] if alike else found


def _mixed(values: Tensor, between: Sequence[Neighbours]) -> Tensor:
    """Interpolate values (…, I, J, K) along their last axes, each with its own neighbours."""
    for axis, (low, high, share) in enumerate(between, start=values.ndim - len(between)):
        share = share.reshape(-1, *[1] * (values.ndim - 1 - axis))
        values = values.index_select(axis, low).mul_(1 - share).add_(values.index_select(axis, high).mul_(share))
    return values


def _repeated(values: Tensor, axis: int, wanted: int) -> Tensor:
    """Values of which each along an axis is repeated, or left out, so that there are `wanted`."""
    return values.index_select(axis, torch.from_numpy(nearest(values.shape[axis], wanted)))


def _neighbours(planes: int, wanted: int, alone: bool) -> Neighbours:
    """Between which planes each of `wanted` ones lies as PyTorch interpolates them, and the share of the second.

    Args:
        planes: How many there are.
        wanted: How many are wanted.
        alone: Whether the nearest plane alone counts.
    """
    if alone:
        low = torch.from_numpy(nearest(planes, wanted))
        return low, low, torch.zeros(wanted)
    shares = F.interpolate(torch.eye(planes)[None], size=wanted, mode="linear", align_corners=False)[0]
    low = (shares > 0).int().argmax(dim=0)
    return low, (low + 1).clamp(max=planes - 1), 1 - shares.gather(0, low[None])[0]
