"""The networks of Zoetmulder 2022 (§3.3 and fig. 1), in 2D: encoder, decoder, discriminator and fully connected block.

The encoder (§3.3.1) is a ResNet-50 with a transposed convolution of stride two in place of its fully connected layers. It
makes a latent space of 16×16×4 from a slice of 256×256. The decoder (§3.3.2) has two convolutions, then four times a
transposed convolution and a convolution, 3×3, with leaky ReLU of slope 0.2. The discriminator (§3.3.3) and the fully
connected block (§3.3.4) serve the source tasks.

The paper leaves some things open. Chosen here:

- The decoder's feature maps are halved with every doubling of the side; the discriminator's are doubled.
- Decoder and discriminator have no normalisation, for none is named.
- A grey image is not made into three channels: the first convolution has as many as the images have.
- The discriminator's "first convolutions" of kernel five and stride one are two, the fewest that the plural means; its
  strided convolutions keep their kernel. It sees an image or its reconstruction, one at a time.
- Slices of other sizes than 256×256 have a latent space of another size, which is averaged to 16×16 before the fully
  connected block.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import torch
from monai.networks.nets.resnet import ResNet
from torch import Tensor, nn
from typing_extensions import override

from TransferSegLib.networks.sliced import SlicedNetwork
from TransferSegLib.networks.staged import Features, Stage

LATENT_CHANNELS = 4
LATENT_SIDE = 16
SLOPE = 0.2


class Zoetmulder2022(SlicedNetwork):
    """The encoder and decoder of Zoetmulder 2022.

    The names of `encoder` are torchvision's, so that its ImageNet weights of ResNet-50 load.

    Args:
        in_channels: The number of images that it takes.
        out_channels: The number of classes, background included.
        channels: Feature maps of the ResNet's four stages, before their widening by four.
        blocks: The bottleneck blocks in each of them.
        decoder_channels: Feature maps of the decoder's five levels, the deepest first.
        plane: The plane of the slices, see `SlicedNetwork`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (64, 128, 256, 512),
        blocks: Sequence[int] = (3, 4, 6, 3),
        decoder_channels: Sequence[int] = (256, 128, 64, 32, 16),
        plane: str = "axial",
    ) -> None:
        super().__init__(plane, 32)
        self.encoder = ResNet(
            "bottleneck",
            list(blocks),
            list(channels),
            spatial_dims=2,
            n_input_channels=in_channels,
            conv1_t_stride=2,
            feed_forward=False,
            bias_downsample=False,
        )
        self.latent = nn.Sequential(_transposed(4 * channels[-1], LATENT_CHANNELS), nn.ReLU(inplace=True))
        deepest, last = decoder_channels[0], len(decoder_channels) - 1
        levels = [nn.Sequential(*_convolved(LATENT_CHANNELS, deepest), *_convolved(deepest, deepest))]
        for level, (before, after) in enumerate(itertools.pairwise(decoder_channels), start=1):
            up = (_transposed(before, after), nn.LeakyReLU(SLOPE, inplace=True))
            # The convolution of the last level is the head.
            levels.append(nn.Sequential(*up, *(_convolved(after, after) if level < last else ())))
        self.decoder = nn.ModuleList(levels)
        self.head = nn.Conv2d(decoder_channels[-1], out_channels, 3, padding=1)

    @override
    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("encoder.0", ("encoder.conv1", "encoder.bn1", "encoder.act", "encoder.maxpool")),
            *(Stage(f"encoder.{n}", (f"encoder.layer{n}",)) for n in range(1, 4)),
            Stage("bottleneck", ("encoder.layer4", "latent")),
            *(Stage(f"decoder.{n}", (f"decoder.{n}",)) for n in range(len(self.decoder))),
            Stage("head", ("head",)),
        )

    @override
    def counts(self, name: str) -> bool:
        return ".downsample." not in name

    @classmethod
    def adopt(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Take weights of torchvision's ResNet-50, as trained on ImageNet: its layers become the encoder."""
        if "layer4.0.conv1.weight" not in state:
            return dict(state)
        return {f"encoder.{name}": value for name, value in state.items() if not name.startswith("fc.")}

    @override
    def encode_slices(self, x: Tensor) -> Features:
        net = self.encoder
        x = net.maxpool(net.act(net.bn1(net.conv1(x))))
        return Features(self.latent(net.layer4(net.layer3(net.layer2(net.layer1(x))))))

    @override
    def decode_slices(self, features: Features) -> Tensor:
        x = features.bottleneck
        for level in self.decoder:
            x = level(x)
        return self.head(x)


class Discriminator(nn.Sequential):
    """Tells images from reconstructions (§3.3.3): slices (N, C, I, J) → logits of "an image" (N, 1, i, j), a patch each."""

    def __init__(self, in_channels: int, channels: Sequence[int] = (32, 64, 128, 256)) -> None:
        a, b, c, d = channels
        super().__init__(
            nn.Conv2d(in_channels, a, 5, padding=2),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(a, a, 5, padding=2),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(a, b, 5, stride=4, padding=2),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(b, c, 5, stride=4, padding=2),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(c, d, 4, padding=2),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(d, 1, 4, padding=2),
        )


class ClassificationHead(nn.Module):
    """The fully connected block (§3.3.4): latent maps of slices (N, C, i, j), averaged to side×side → logits (N, classes).

    The paper's last layer has 16 outputs and a soft-max. Its loss is binary, class by class, and takes logits.
    """

    def __init__(
        self, classes: int = 16, in_channels: int = LATENT_CHANNELS, hidden: int = 2048, side: int = LATENT_SIDE
    ) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(side)
        self.hidden = nn.Linear(in_channels * side**2, hidden)
        self.head = nn.Linear(hidden, classes)

    @override
    def forward(self, latent: Tensor) -> Tensor:
        return self.head(torch.relu(self.hidden(self.pool(latent).flatten(1))))


def _convolved(before: int, after: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(before, after, 3, padding=1), nn.LeakyReLU(SLOPE, inplace=True)


def _transposed(before: int, after: int) -> nn.Module:
    return nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1)
