"""Self-training: labels where there are some, and elsewhere what the averaged model finds and two copies agree on.

The teacher is the average of the weights over the training (mean teacher, Tarvainen & Valpola, NeurIPS 2017). It sees a patch
as it is, and again shifted by up to two voxels. Where both give the same class, it is the pseudo-label; all other voxels
leave the loss. No copy has a new appearance: a source model that does not bear it finds background there, and what it rightly
found would no longer count. The network that is trained sees the patch as it is, or now and then in a new appearance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.inference.copies import shifted
from TransferSegLib.networks.painting import painted
from TransferSegLib.networks.staged import Features, StagedNetwork
from TransferSegLib.training.consistency import new_appearances, step_generator
from TransferSegLib.training.objectives import Objective, Segmentation
from TransferSegLib.training.recipes import Recipe

# The share of a training in which only labels count, and the share of it after which pseudo-labels count in full.
LABELS_ALONE, IN_FULL = 0.25, 0.5
MOST_SHIFT = 2
# The chance that a channel of a patch without labels is learned from in a new appearance.
APPEARANCE_CHANCE = 0.25


class SelfTraining(Objective):
    """The recipe's loss where there are labels, plus the loss of pseudo-labels where there are none.

    Attributes:
        labelled: The loss of patches with labels.
        teacher: The averaged network that pseudo-labels come from; None before `follow`.
        steps: How many steps the training takes; None before `follow`: pseudo-labels then count in full.
        done: How many steps were taken.
    """

    def __init__(self, network: StagedNetwork, recipe: Recipe) -> None:
        """Make the loss of patches with labels."""
        self.labelled = Segmentation(network, recipe)
        self.slice_axis = network.slice_axis
        self.teacher: nn.Module | None = None
        self.steps: int | None = None
        self.done = 0

    def begin(self, cases: Sequence[PreparedCase]) -> None:
        """Take from the annotated cases what their loss needs."""
        self.labelled.begin([case for case in cases if case.classes is not None])

    def follow(self, average: nn.Module, steps: int) -> None:
        """Let the averaged network be the teacher."""
        self.teacher, self.steps = average, steps

    @property
    def share(self) -> float:
        """What the loss of pseudo-labels is multiplied by in this step, from 0 to 1."""
        if self.steps is None:
            return 1.0
        return float(np.clip((self.done / self.steps - LABELS_ALONE) / (IN_FULL - LABELS_ALONE), 0, 1))

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch, see `Objective.loss`; patches without labels have classes below 0."""
        assert isinstance(images, Tensor)
        unknown = (classes < 0).flatten(1).any(1)
        rng = step_generator()
        share = self.share
        views = images
        if share and bool(unknown.any()):
            views = images.clone()
            views[unknown] = new_appearances(images[unknown], rng, APPEARANCE_CHANCE)
        elif not bool(unknown.all()):
            views, classes, unknown = images[~unknown], classes[~unknown], unknown[~unknown]
        with autocast():
            levels = [level.float() for level in network.forward_supervised(views)]
        found = levels[0].sum() * 0
        if not bool(unknown.all()):
            known = [level[~unknown] for level in levels]
            found = found + self.labelled.criterion(known, classes[~unknown].to(torch.uint8))
        if share and bool(unknown.any()):
            wanted, trusted = self.pseudo_labels(network, images[unknown], rng, autocast)
            scores = painted(levels[0][unknown], network.regions)
            found = found + share * loss_where_trusted(scores, wanted, trusted)
        return found

    def pseudo_labels(
        self, network: StagedNetwork, images: Tensor, rng: np.random.Generator, autocast: Callable[[], Any]
    ) -> tuple[Tensor, Tensor]:
        """What the teacher finds in patches, and where its two copies agree.

        Args:
            network: The network that is trained, which teaches itself before `follow`.
            images: (B, C, I, J, K).
            rng: Draws the shift.
            autocast: Makes the context in which the network is run.

        Returns:
            The classes (B, I, J, K), and whether they are trusted (B, I, J, K).
        """
        teacher = network if self.teacher is None else self.teacher
        shift = [int(n) for n in rng.integers(-MOST_SHIFT, MOST_SHIFT + 1, 3)]
        if self.slice_axis is not None:
            shift[self.slice_axis] = 0
        copies = torch.cat([images, shifted(images, shift)])
        was_training = teacher.training
        teacher.eval()
        with torch.no_grad(), autocast():
            logits = teacher(copies)
        teacher.train(was_training)
        plain, other = logits.float().softmax(dim=1).chunk(2)
        other = shifted(other, [-n for n in shift])
        return (plain + other).argmax(1), plain.argmax(1) == other.argmax(1)

    def update(self) -> None:
        """Count the step."""
        self.done += 1

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs: see `Objective.state`."""
        return {"done": self.done}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.done = int(state["done"])


def loss_where_trusted(logits: Tensor, wanted: Tensor, trusted: Tensor) -> Tensor:
    """Cross-entropy and soft Dice of the labels, over trusted voxels alone; 0 where none is trusted.

    Args:
        logits: (B, classes, I, J, K).
        wanted: The pseudo-labels, (B, I, J, K).
        trusted: Whether a voxel counts, (B, I, J, K).

    Returns:
        A single number.
    """
    count = trusted.sum().clamp(min=1)
    entropy = (F.cross_entropy(logits, wanted, reduction="none") * trusted).sum() / count
    inside = trusted[:, None].float()
    found = logits.softmax(dim=1)[:, 1:] * inside
    asked = torch.stack([wanted == n for n in range(1, logits.shape[1])], dim=1).float() * inside
    axes = (0, 2, 3, 4)
    both = found.sum(axes) + asked.sum(axes)
    there = asked.sum(axes) > 0
    dice = 2 * (found * asked).sum(axes) / both.clamp(min=1e-5)
    return entropy + ((1 - dice) * there).sum() / there.sum().clamp(min=1)
