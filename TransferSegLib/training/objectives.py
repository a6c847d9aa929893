"""Objectives: the loss of a batch, and the other networks that the loss needs.

Segmentation is what adaptation is about. The other two make source models whose encoder is worth carrying over (Zoetmulder
2022 §4.1): auto-encoding, which needs no labels, and the classification of which labels a slice holds. They reach every
network through its encoder: the classification's block of fully connected layers sits on the bottleneck, and a network
that reconstructs gets no skip connections, for through them the image would pass by the encoder unseen.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.losses import DeepSupervisionLoss
from torch import Tensor, nn
from torch.nn import functional as F

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import Task
from TransferSegLib.core.labels import FIRST_OPEN
from TransferSegLib.networks.sliced import fold
from TransferSegLib.networks.staged import Features, StagedNetwork, whole_patch
from TransferSegLib.networks.zoetmulder2022 import LATENT_CHANNELS, LATENT_SIDE, ClassificationHead, Discriminator
from TransferSegLib.training.losses import median_frequency_weights, segmentation_loss
from TransferSegLib.training.patches import PairedSampler, PatchSampler
from TransferSegLib.training.recipes import Recipe

# Shares of the two losses of auto-encoding (Zoetmulder 2022 §4.1.2).
L1_SHARE, ADVERSARIAL_SHARE = 0.996, 0.004
# Of the discriminator: Adam as in Isola et al., CVPR 2017, §3.3, whose discriminator it is.
DISCRIMINATOR_RATE, DISCRIMINATOR_BETAS = 2e-4, (0.5, 0.999)
# Values of the bottleneck that the first fully connected layer sees: those of the paper's 16×16×4.
POOLED_VALUES = LATENT_CHANNELS * LATENT_SIDE**2
# Patches that are looked at before one says that they are all alike.
TRIED_PATCHES = 32


class Objective:
    """One thing to learn. `loss` is called once a step, `update` after the network's own optimiser has stepped.

    Attributes:
        takes_features: Whether `loss` can begin at the features of a frozen encoder in place of images.
    """

    takes_features = False

    def begin(self, cases: Sequence[PreparedCase]) -> None:
        """Take from the cases that are trained on what the loss needs to know of them."""

    def follow(self, average: nn.Module, steps: int) -> None:
        """Take the averaged network, for an objective that is taught by it.

        Args:
            average: The network with the averaged weights; it is updated in place after each step.
            steps: The number of steps of the training.
        """

    def modules(self) -> list[nn.Module]:
        """Layers beside the network's own that the same optimiser trains; they are no part of the model."""
        return []

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch.

        Args:
            network: The network that is trained.
            images: (B, C, I, J, K), or their features where `takes_features`.
            classes: (B, 1, I, J, K).
            autocast: Makes the context in which the network is run, perhaps with less precision.
        """
        raise NotImplementedError

    def update(self) -> None:
        """Update the networks that compete with this one, such as a discriminator, by one step."""

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs beside the network and its optimiser."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, as `state` gave it."""


MakeObjective = Callable[[StagedNetwork, Recipe], Objective]


class Segmentation(Objective):
    """The recipe's loss of the network's logits against the classes.

    A deeply supervised network's further outputs count 1/2, 1/4…
    """

    takes_features = True

    def __init__(self, network: StagedNetwork, recipe: Recipe) -> None:
        """Make the recipe's loss; a loss with weights of classes has none before `begin`."""
        self.slice_axis, self.recipe, self.regions = network.slice_axis, recipe, network.regions
        self.criterion = DeepSupervisionLoss(segmentation_loss(recipe, regions=network.regions))

    def begin(self, cases: Sequence[PreparedCase]) -> None:
        """Count how frequent each class is, where the loss is weighted by that; ask what is not annotated."""
        weighted = self.recipe.loss == "ce-median-frequency"
        weights = median_frequency_weights(cases, self.slice_axis) if weighted else None
        opened = {number: classes for case in cases for number, classes in case.open_classes.items()}
        if weighted or opened:
            self.criterion = DeepSupervisionLoss(segmentation_loss(self.recipe, weights, opened, self.regions))

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch: see `Objective.loss`."""
        with autocast():
            logits = network.forward_supervised(images)
        loss: Tensor = self.criterion([level.float() for level in logits], classes)
        return loss


class Autoencoding(Objective):
    """The image itself, by L1 and an adversarial loss, 0.996 and 0.004 (Zoetmulder 2022 §4.1.2); labels are not looked at.

    The network has as many output channels as the images have. The discriminator judges slices (§3.3.3): those of a 2D
    network, axial ones otherwise.
    """

    def __init__(self, network: StagedNetwork, recipe: Recipe, channels: int, seed: int) -> None:
        """Make the discriminator for images with `channels` channels, its weights drawn from `seed`."""
        self.axis = 2 if network.slice_axis is None else network.slice_axis
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.discriminator = Discriminator(channels)
        self.discriminator.to(next(network.parameters()).device)
        self.optimizer = torch.optim.Adam(
            self.discriminator.parameters(), lr=DISCRIMINATOR_RATE, betas=DISCRIMINATOR_BETAS
        )
        self.seen: tuple[Tensor, Tensor] | None = None

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch: see `Objective.loss`."""
        assert isinstance(images, Tensor)
        with autocast():
            features = network.encode(images)
            skips = tuple(torch.zeros_like(skip) for skip in features.skips)
            found = network.decode(Features(features.bottleneck, skips, features.indices))
        found = found.float()
        real, made = fold(images, self.axis), fold(found, self.axis)
        self.seen = real, made.detach()
        self.discriminator.requires_grad_(False)
        adversarial = F.softplus(-self.discriminator(made)).mean()
        return L1_SHARE * F.l1_loss(found, images) + ADVERSARIAL_SHARE * adversarial

    def update(self) -> None:
        """Update the discriminator."""
        assert self.seen is not None
        real, made = self.seen
        self.seen = None
        self.discriminator.requires_grad_(True)
        loss = (F.softplus(-self.discriminator(real)).mean() + F.softplus(self.discriminator(made)).mean()) / 2
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs: see `Objective.state`."""
        return {"discriminator": self.discriminator.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.discriminator.load_state_dict(state["discriminator"])
        self.optimizer.load_state_dict(state["optimizer"])


class Classification(Objective):
    """Which of `labels` labels a slice holds, each by binary cross-entropy (Zoetmulder 2022 §4.1.3).

    The bottleneck is pooled within each of its slices and goes through the fully connected block (§3.3.4). In a 2D network
    these are the image's slices; in a 3D network each stands for a slab of several axial slices, and is asked for the
    labels in any of them. The bottleneck is pooled to as many values as the paper's, so that wide ones keep the block small.
    """

    def __init__(self, network: StagedNetwork, recipe: Recipe, channels: int, labels: int, seed: int) -> None:
        """Make the fully connected block for so many channels and labels, its weights drawn from `seed`."""
        self.axis, self.labels = 2 if network.slice_axis is None else network.slice_axis, labels
        self.opened = False
        width = _bottleneck_channels(network, channels)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.block = ClassificationHead(labels, width, side=max(1, math.isqrt(POOLED_VALUES // width)))
        self.block.to(next(network.parameters()).device)

    def begin(self, cases: Sequence[PreparedCase]) -> None:
        """Ask whether something is not annotated."""
        self.opened = any(case.open_classes for case in cases)

    def modules(self) -> list[nn.Module]:
        """The fully connected block."""
        return [self.block]

    def loss(
        self, network: StagedNetwork, images: Tensor | Features, classes: Tensor, autocast: Callable[[], Any]
    ) -> Tensor:
        """The loss of a batch: see `Objective.loss`."""
        assert isinstance(images, Tensor)
        with autocast():
            bottleneck = network.encode(images).bottleneck
        logits = self.block(fold(bottleneck.float(), self.axis))
        wanted = labels_held(classes.to(logits.device), self.axis, bottleneck.shape[2 + self.axis], self.labels)
        if not self.opened:
            return F.binary_cross_entropy_with_logits(logits, wanted)
        open_voxels = (classes >= FIRST_OPEN).to(logits.device, torch.uint8)
        unknown = labels_held(open_voxels, self.axis, bottleneck.shape[2 + self.axis], 1)
        # A label that a slab holds is known; that it holds none is known only where all of it is annotated.
        known = torch.maximum(wanted, 1 - unknown)
        each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        return (each * known).sum() / known.sum().clamp(min=1)

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs: see `Objective.state`."""
        return {"block": self.block.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.block.load_state_dict(state["block"])


def objective_for(task: Task, channels: int, labels: int, seed: int) -> MakeObjective:
    """The objective of a task.

    Args:
        task: What is taught.
        channels: The channels of the images.
        labels: How many labels there are.
        seed: Decides the objective's own random draws.
    """
    if task == "autoencoding":
        return functools.partial(Autoencoding, channels=channels, seed=seed)
    if task == "classification":
        return functools.partial(Classification, channels=channels, labels=labels, seed=seed)
    return Segmentation


def labels_held(classes: Tensor, axis: int, slabs: int, labels: int) -> Tensor:
    """Which labels each slab of slices holds, as far as its annotation says.

    Args:
        classes: (B, 1, I, J, K).
        axis: The axis that the slices are taken across: 0, 1 or 2.
        slabs: How many slabs.
        labels: How many labels; they are numbered from 1.

    Returns:
        (B·slabs, labels): 1 where the slab has a voxel of the label, else 0.
    """
    numbers = torch.arange(1, labels + 1, device=classes.device).view(1, -1, 1, 1, 1)
    plane = [2 + n for n in range(3) if n != axis]
    held = (classes == numbers).float().amax(dim=plane)
    return F.adaptive_max_pool1d(held, slabs).transpose(1, 2).flatten(0, 1)


def all_alike(sampler: PatchSampler | PairedSampler, network: StagedNetwork, labels: int) -> bool:
    """Whether every slab of the first patches holds the same labels, so that there is nothing to classify.

    Args:
        sampler: Draws the patches; `TRIED_PATCHES` of them are looked at.
        network: The network, which sets how thick a slab is.
        labels: The number of labels, background not counted.
    """
    axis = 2 if network.slice_axis is None else network.slice_axis
    slabs = max(1, sampler.patch_size[axis] // network.divisor[axis])
    first: Tensor | None = None
    for n in range(TRIED_PATCHES):
        held = labels_held(torch.from_numpy(sampler.batch(n, 1)[1]), axis, slabs, labels)
        first = held[:1] if first is None else first
        if bool((held != first).any()):
            return False
    return True


def _bottleneck_channels(network: StagedNetwork, channels: int) -> int:
    """Found by encoding the smallest patch of images with `channels` channels."""
    training, device = network.training, next(network.parameters()).device
    patch = torch.zeros((1, channels, *whole_patch((1, 1, 1), network.divisor)), device=device)
    with torch.no_grad():
        found = int(network.eval().encode(patch).bottleneck.shape[1])
    network.train(training)
    return found
