"""The losses of segmentation, by the names that a recipe has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from monai.losses import DiceCELoss, DiceLoss
from torch import Tensor
from torch.nn import functional as F
from torch.nn.modules.loss import _Loss

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE
from TransferSegLib.core.regions import Region
from TransferSegLib.training.recipes import Recipe

# The small number in the denominator of Hossain 2023 eq. 3.1; nothing is added to the numerator.
EPSILON = 1e-5


class CrossEntropy(_Loss):
    """Cross-entropy, voxel by voxel.

    Attributes:
        weights: The weight of the first classes (classes or fewer,), the others' being 1; None where all count alike.
    """

    weights: Tensor | None

    def __init__(self, weights: Tensor | None = None) -> None:
        """Keep the weights; they follow the logits to their device."""
        super().__init__()
        self.register_buffer("weights", weights)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        """The mean over all voxels, each with the weight of its class, divided by the sum of these weights.

        Args:
            logits: (B, classes, I, J, K).
            classes: (B, 1, I, J, K).

        Returns:
            A single number.
        """
        weights = self.weights
        if weights is not None:
            weights = F.pad(weights.to(logits), (0, logits.shape[1] - len(weights)), value=1.0)
        return F.cross_entropy(logits, classes[:, 0].long(), weights)


class NegativeDice(DiceLoss):
    """Minus the Dice of each class over the whole batch, and their mean (Karimi 2021 §2.2)."""

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        """The loss, from -1 to 0.

        Args:
            logits: (B, classes, I, J, K).
            classes: (B, 1, I, J, K).
        """
        return super().forward(logits, classes) - 1


class PartlyAnnotated(_Loss):
    """The loss of a recipe where not all is annotated: the marginal loss of Shi et al. (Medical Image Analysis 70, 2021).

    A voxel whose class is not known is of one of several classes, so its probability is the sum of theirs: what may be the
    background or a kidney is right where the model finds either. So Fang and Yan (IEEE TMI 39, 2020) merge labels
    that are not annotated with the background. A voxel of which nothing is known leaves the loss. In Dice, a class
    counts over the voxels of which it is known whether they are of it; where it has none of these and others are open, it is
    left out.

    Attributes:
        may_be: (256, 256), bool: for each number in arrays of classes, the classes that such a voxel may have.
        whole: The recipe's own loss, of batches in which all is known.
    """

    weights: Tensor | None
    may_be: Tensor

    def __init__(self, recipe: Recipe, weights: Tensor | None, opened: Mapping[int, tuple[int, ...]]) -> None:
        """Make the loss; see `segmentation_loss` for the arguments."""
        super().__init__()
        self.recipe = recipe
        self.whole = segmentation_loss(recipe, weights)
        self.register_buffer("weights", weights)
        may_be = torch.eye(IGNORE + 1, dtype=torch.bool)
        for number, classes in opened.items():
            may_be[number] = not classes
            may_be[number, list(classes)] = True
        self.register_buffer("may_be", may_be)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        """The loss of a batch; 0 where nothing is known of it.

        Args:
            logits: (B, classes, I, J, K).
            classes: (B, 1, I, J, K), with the numbers of what is not known.
        """
        if not bool((classes >= FIRST_OPEN).any()):
            return self.whole(logits, classes)
        count = logits.shape[1]
        may_be = self.may_be.to(logits.device)[classes[:, 0].long(), :count].movedim(-1, 1)
        surprise = -logits.log_softmax(1).masked_fill(~may_be, -torch.inf).logsumexp(1)
        loss = logits.sum() * 0
        if self.recipe.loss in ("ce", "ce-median-frequency", "dice-ce"):
            loss = loss + self._cross_entropy(surprise, may_be)
        if self.recipe.loss not in ("ce", "ce-median-frequency"):
            loss = loss + self._dice(logits, surprise, may_be)
        return loss

    def _cross_entropy(self, surprise: Tensor, may_be: Tensor) -> Tensor:
        """The mean of `surprise` (B, I, J, K) over voxels of which something is known, by the weight of their first class."""
        counts = (~may_be.all(1)).to(surprise)
        if self.weights is not None and self.recipe.loss == "ce-median-frequency":
            weights = F.pad(self.weights.to(surprise), (0, may_be.shape[1] - len(self.weights)), value=1.0)
            counts = counts * weights[may_be.to(torch.uint8).argmax(1)]
        return (surprise * counts).sum() / counts.sum().clamp(min=EPSILON)

    def _dice(self, logits: Tensor, surprise: Tensor, may_be: Tensor) -> Tensor:
        """The recipe's Dice loss, over what is known of each class."""
        single = may_be.sum(1, keepdim=True) == 1
        known, wanted = single | ~may_be, single & may_be
        found = logits.softmax(1)
        # Background and what is not annotated are one class where they cannot be told apart.
        merged = may_be[:, 0] & ~may_be.all(1)
        first = torch.zeros_like(may_be)
        first[:, 0] = True
        found = torch.where(first & merged[:, None], (-surprise).exp()[:, None], found)
        known, wanted = known | (first & merged[:, None]), wanted | (first & merged[:, None])
        found = found * known
        if not self.recipe.background:
            found, known, wanted = found[:, 1:], known[:, 1:], wanted[:, 1:]
        axes = (2, 3, 4) if self.recipe.loss == "dice-sample-class" else (0, 2, 3, 4)
        more = 1e-5 if self.recipe.loss == "dice-ce" else 0.0
        both = found.sum(axes) + wanted.sum(axes)
        dice = (2 * (found * wanted).sum(axes) + more) / (both + EPSILON)
        counts = wanted.sum(axes).bool() | ~(~known).sum(axes).bool()
        mean = (dice * counts).sum() / counts.sum().clamp(min=1)
        return -mean if self.recipe.loss == "neg-dice" else counts.any().to(mean) - mean


class RegionLoss(_Loss):
    """The loss of a recipe for regions: each output is right or wrong by itself.

    Cross-entropy is that of each region and voxel (binary), and Dice that of each region, as in nnU-Net. The background is no
    output, and no class has a weight. Voxels that nobody annotated leave the loss.

    Attributes:
        lies_in: (256, R + 1), bool: for each class, the outputs whose region it lies in.
    """

    lies_in: Tensor

    def __init__(self, recipe: Recipe, regions: Sequence[Region]) -> None:
        """Make the loss; see `segmentation_loss` for the arguments."""
        super().__init__()
        self.recipe = recipe
        lies_in = torch.zeros(IGNORE + 1, len(regions) + 1, dtype=torch.bool)
        for region in regions:
            lies_in[list(region.covers), region.number] = True
        self.register_buffer("lies_in", lies_in)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        """The loss of a batch; 0 where nothing is known of it.

        Args:
            logits: (B, R + 1, I, J, K).
            classes: (B, 1, I, J, K), what each voxel is painted as.
        """
        scores = logits[:, 1:]
        known = (classes != IGNORE).to(scores)
        wanted = self.lies_in.to(logits.device)[classes[:, 0].long()].movedim(-1, 1)[:, 1:].to(scores)
        loss = logits.sum() * 0
        if self.recipe.loss in ("ce", "ce-median-frequency", "dice-ce"):
            each = F.binary_cross_entropy_with_logits(scores, wanted, reduction="none") * known
            loss = loss + each.sum() / (known.sum() * scores.shape[1]).clamp(min=1)
        if self.recipe.loss not in ("ce", "ce-median-frequency"):
            axes = (2, 3, 4) if self.recipe.loss == "dice-sample-class" else (0, 2, 3, 4)
            more = 1e-5 if self.recipe.loss == "dice-ce" else 0.0
            found = scores.sigmoid() * known
            dice = (2 * (found * wanted).sum(axes) + more) / (found.sum(axes) + wanted.sum(axes) + EPSILON)
            # Where nothing is known there is no Dice, and its best value stands for it.
            some = known.any().to(dice)
            loss = loss - dice.mean() * some if self.recipe.loss == "neg-dice" else loss + (1 - dice.mean()) * some
        return loss


def segmentation_loss(
    recipe: Recipe,
    weights: Tensor | None = None,
    opened: Mapping[int, tuple[int, ...]] | None = None,
    regions: Sequence[Region] = (),
) -> _Loss:
    """The loss that a recipe names, a function of logits (B, classes, I, J, K) and classes (B, 1, I, J, K).

    Args:
        recipe: Its `loss`, and whether the `background` counts in Dice.
        weights: The weight of each class (classes,), for `ce-median-frequency`.
        opened: What is not known of the cases, see `PreparedCase.open_classes`; none where all is annotated.
        regions: The regions that the outputs are; none where each voxel has one label.
    """
    if regions:
        return RegionLoss(recipe, regions)
    if opened:
        return PartlyAnnotated(recipe, weights, opened)
    if recipe.loss == "ce":
        return CrossEntropy()
    if recipe.loss == "ce-median-frequency":
        return CrossEntropy(weights)
    if recipe.loss == "dice-ce":
        return DiceCELoss(to_onehot_y=True, softmax=True, include_background=recipe.background, batch=True)
    kind, batch = (DiceLoss, False) if recipe.loss == "dice-sample-class" else (NegativeDice, True)
    return kind(
        to_onehot_y=True,
        softmax=True,
        include_background=recipe.background,
        batch=batch,
        smooth_nr=0.0,
        smooth_dr=EPSILON,
    )


def median_frequency_weights(cases: Sequence[PreparedCase], slice_axis: int | None) -> Tensor:
    """The weight of each class: the median of all classes' frequencies, divided by its own.

    A class's frequency is its voxels divided by all voxels of the images that it is in (Eigen & Fergus, ICCV 2015, §6.3.2,
    which SegNet §3.1 and so Zoetmulder 2022 §4.1.1 take over). The paper's images are slices; so are a 2D network's here, and
    a 3D network's are whole cases. What nobody annotated is no voxel of an image; what may be the background or a label that
    was not annotated counts as background.

    Args:
        cases: The cases that are trained on.
        slice_axis: The axis across the slices of a 2D network; None for a 3D network.

    Returns:
        (classes,) up to the last class that a case has; 1 for one before it that none has, because it is never asked for.
    """
    classes = 1 + max(0 if case.classes is None else _highest_class(case.classes) for case in cases)
    held, beside = np.zeros(classes), np.zeros(classes)
    for case in cases:
        whole = np.zeros(case.image.shape[1:], np.uint8) if case.classes is None else np.asarray(case.classes)
        for image in [whole] if slice_axis is None else np.moveaxis(whole, slice_axis, 0):
            counts = np.bincount(image.ravel(), minlength=classes)
            counts[0] += counts[FIRST_OPEN:IGNORE].sum()
            counts = counts[:classes]
            held += counts
            beside += counts.sum() * (counts > 0)
    there = held > 0
    frequencies = held[there] / beside[there]
    weights = np.ones(classes)
    weights[there] = np.median(frequencies) / frequencies
    return torch.tensor(weights, dtype=torch.float32)


def _highest_class(classes: np.ndarray) -> int:
    array = np.asarray(classes)
    return int(np.max(array, where=array < FIRST_OPEN, initial=0))
