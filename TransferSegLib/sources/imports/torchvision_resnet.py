"""Imports the weights of torchvision's ResNet-50 (or -101, -152) from a file, as an encoder: no card is needed.

Zoetmulder 2022 (§4.2) starts from a ResNet-50 that was trained on the whole of ImageNet. The file is the one that torchvision
distributes (`resnet50-….pth`), or any with its names. Its layers become the encoder of the network `zoetmulder2022`, its
classifier is left out, and the latent layer and the decoder are new. The first convolution takes one grey channel in place of
three: its weights are summed over the colours, so that it sees a grey image as it saw a grey photograph.

Images are brought to mean 0 and variance 1, each by itself, where ImageNet's training subtracted the mean of all photographs:
those of MR have no common one. They keep their own voxel size, for a photograph's pixels have none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import CARD_FORMAT, CardNetwork, ModelCard
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions
from TransferSegLib.sources.untrusted.weights import load_checkpoint, tensor_names

if TYPE_CHECKING:
    from torch import Tensor

# What ResNets with bottleneck blocks have, and those with other blocks or other programs' names lack.
_NEEDED = {"conv1.weight", "bn1.weight", "layer1.0.downsample.0.weight", "layer4.0.conv3.weight"}
# The paper's slices (§3.3.2).
_PATCH = (256, 256, 1)


def _recognises(path: Path, options: ImportOptions) -> bool:
    return options.card is None and path.is_file() and set(tensor_names(path)) >= _NEEDED


def _read(path: Path, options: ImportOptions) -> Imported:
    from TransferSegLib.sources.imports.checkpoint import fit_checkpoint

    state, _ = load_checkpoint(path)
    card = ModelCard(
        format=CARD_FORMAT,
        name=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "resnet",
        title="ResNet of torchvision, an encoder trained on photographs",
        description="An encoder for slices; adapt it with the strategy `encoder-transfer` (Zoetmulder 2022 §4.2).",
        modality="photo",
        body_part="",
        labels=(),
        channels=("grey",),
        network=CardNetwork("zoetmulder2022", _arguments(state)),
        preprocessing=Preprocessing(options.spacing_mm, "z-score"),
        patch_size=_PATCH,
        trained_on="photographs; ImageNet, where the file is torchvision's",
        licence="as the file's source says (torchvision: BSD-3-Clause; ImageNet: for research)",
        citation="He et al., Deep residual learning for image recognition, CVPR 2016",
        commercial_use=None,
        task="classification",
    )
    return fit_checkpoint(path, card, str(path))


def _arguments(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """The network's arguments as the weights have them; what is wrong with them is found when they are fitted."""
    arguments: dict[str, list[int]] = {"blocks": [], "channels": []}
    for layer in range(1, 5):
        blocks = {name.split(".")[1] for name in state if name.startswith(f"layer{layer}.")}
        first = state.get(f"layer{layer}.0.conv1.weight")
        arguments["blocks"].append(len(blocks))
        arguments["channels"].append(int(first.shape[0]) if first is not None and first.ndim else 0)
    return dict(arguments)


IMPORTER = Importer("torchvision's ResNet-50 (its names in a file of weights)", _recognises, _read)
