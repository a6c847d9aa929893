"""The peer: a fine-tuning loop as MONAI's tutorials write it, with the same network, patch and batch.

CacheDataset, dictionary transforms, DataLoader, Adam, DiceCELoss, float32, PyTorch's default memory format, no averaging of
weights. It starts from the weights of a source model of ours, and leaves a model of ours, so that one code segments and
scores both. Where the labels are not the source's, weights of another shape are left as they were drawn, as MONAI's
`copy_model_state` does: the output layer is new.

    python benchmarks/plain_monai.py --source MODEL --target datalist.json --steps 300 --out FOLDER
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from monai.data import CacheDataset, DataLoader, MetaTensor, load_decathlon_datalist
from monai.losses import DiceCELoss
from monai.networks import copy_model_state
from monai.networks.nets import UNet
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    LoadImaged,
    NormalizeIntensityd,
    Orientationd,
    RandAdjustContrastd,
    RandAffined,
    RandGaussianNoised,
    RandScaleIntensityd,
    RandShiftIntensityd,
    RandSpatialCropd,
    Spacingd,
    SpatialPadd,
)
from monai.utils import set_determinism

PATCH = (48, 64, 48)
BATCH = 2
LEARNING_RATE = 1e-3
BOTH = ("image", "label")

warnings.filterwarnings("ignore", module="monai")


def unet(classes: int) -> UNet:
    """MONAI's 3D UNet with 1.19 M parameters, for one channel."""
    return UNet(
        spatial_dims=3,
        in_channels=1,
        out_channels=classes,
        channels=(16, 32, 64, 128),
        strides=(2, 2, 2),
        num_res_units=2,
    )


def transforms() -> Compose:
    """Those before the first random one are computed once and cached."""
    modes = ("bilinear", "nearest")
    return Compose(
        [
            LoadImaged(BOTH),
            EnsureChannelFirstd(BOTH),
            Orientationd(BOTH, axcodes="RAS", labels=None),
            Spacingd(BOTH, pixdim=(1.0, 1.0, 1.0), mode=modes),
            NormalizeIntensityd("image"),
            SpatialPadd(BOTH, PATCH, mode="edge"),
            RandSpatialCropd(BOTH, PATCH, random_size=False),
            RandAffined(
                BOTH,
                prob=0.8,
                rotate_range=(0.2, 0.2, 0.2),
                scale_range=(0.1, 0.1, 0.1),
                mode=modes,
                padding_mode="border",
            ),
            RandAdjustContrastd("image", prob=0.3, gamma=(0.7, 1.5)),
            RandScaleIntensityd("image", factors=0.15, prob=0.5),
            RandShiftIntensityd("image", offsets=0.15, prob=0.5),
            RandGaussianNoised("image", prob=0.3, std=0.1),
        ]
    )


def batches(datalist: Path) -> Iterator[tuple[MetaTensor, MetaTensor]]:
    """Images and labels (B, 1, I, J, K), epoch after epoch without end."""
    cases = load_decathlon_datalist(datalist, is_segmentation=True, data_list_key="training")
    dataset = CacheDataset(cases, transforms(), progress=False)
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True, num_workers=0)
    for _ in itertools.count():
        for batch in loader:
            yield batch["image"], batch["label"]


class Loop:
    """Network, loss and optimiser."""

    def __init__(self, network: UNet) -> None:
        self.network = network.train()
        self.loss = DiceCELoss(to_onehot_y=True, softmax=True)
        self.optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)

    def step(self, image: torch.Tensor, label: torch.Tensor) -> float:
        """One training step; the loss before it."""
        self.optimizer.zero_grad()
        loss = self.loss(self.network(image), label)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def train(network: UNet, datalist: Path, steps: int, until: float = 0.0) -> int:
    """Train for `steps` and on until the clock (seconds since 1970) says `until`; the steps that were done."""
    loop, done = Loop(network), 0
    for image, label in batches(datalist):
        loop.step(image, label)
        done += 1
        if done >= steps and time.time() >= until:
            break
    return done


def main() -> None:
    from TransferSegLib.core.card import CardLabel
    from TransferSegLib.sources.catalogue import find_source
    from TransferSegLib.sources.folder import save_source
    from TransferSegLib.sources.loading import load_state

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="a source model of the network `monai-unet`")
    parser.add_argument("--target", type=Path, required=True, help="a MONAI datalist")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--until", type=float, default=0.0, help="train on until then, seconds since 1970")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="the model's folder")
    given = parser.parse_args()
    set_determinism(given.seed)
    source = find_source(given.source)
    named = json.loads(given.target.read_text(encoding="utf-8"))["labels"]
    labels = tuple(CardLabel(int(value), name) for value, name in named.items() if int(value))
    # Our network holds MONAI's under the name `net`.
    weights = {name.removeprefix("net."): value for name, value in load_state(source).items()}
    network, card = unet(len(labels) + 1), source.card
    if tuple(label.name for label in labels) == card.label_names:
        network.load_state_dict(weights)
    else:
        copy_model_state(network, weights)
        card = replace(card, labels=labels)
    steps = train(network, given.target, given.steps, given.until)
    state: dict[str, Any] = {f"net.{name}": value.contiguous() for name, value in network.state_dict().items()}
    save_source(given.out, card, state)
    print(steps)


if __name__ == "__main__":
    main()
