"""The losses of segmentation, by the names that a recipe has for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from monai.losses import DiceCELoss, DiceLoss
from torch import Tensor
from torch.nn import functional as F
from torch.nn.modules.loss import _Loss

from TransferSegLib.cases.preprocessing import PreparedCase
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


def segmentation_loss(recipe: Recipe, weights: Tensor | None = None) -> _Loss:
    """The loss that a recipe names, a function of logits (B, classes, I, J, K) and classes (B, 1, I, J, K).

    Args:
        recipe: Its `loss`, and whether the `background` counts in Dice.
        weights: The weight of each class (classes,), for `ce-median-frequency`.
    """
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
    a 3D network's are whole cases.

    Args:
        cases: The cases that are trained on.
        slice_axis: The axis across the slices of a 2D network; None for a 3D network.

    Returns:
        (classes,) up to the last class that a case has; 1 for one before it that none has, because it is never asked for.
    """
    classes = 1 + max(0 if case.classes is None else int(np.max(case.classes)) for case in cases)
    held, beside = np.zeros(classes), np.zeros(classes)
    for case in cases:
        whole = np.zeros(case.image.shape[1:], np.uint8) if case.classes is None else np.asarray(case.classes)
        for image in [whole] if slice_axis is None else np.moveaxis(whole, slice_axis, 0):
            counts = np.bincount(image.ravel(), minlength=classes)
            held += counts
            beside += image.size * (counts > 0)
    there = held > 0
    frequencies = held[there] / beside[there]
    weights = np.ones(classes)
    weights[there] = np.median(frequencies) / frequencies
    return torch.tensor(weights, dtype=torch.float32)
