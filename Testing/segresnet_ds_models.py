"""Models of Auto3DSeg and CT-FM as their programs write them, and those programs' own ways to segment, in MONAI's classes.

`auto3dseg_segmentation` does what SlicerMONAIAuto3DSeg's script does, with one difference: the box of the foreground is taken
from the image as it was turned. The script takes it from the image before that and crops the turned one with it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from monai.inferers import SlidingWindowInferer, SlidingWindowInfererAdapt
from monai.networks.nets.segresnet_ds import SegResNetDS
from monai.transforms import (
    Compose,
    CropForeground,
    EnsureType,
    Invert,
    Lambda,
    LoadImage,
    NormalizeIntensity,
    Orientation,
    ScaleIntensityRange,
    Spacing,
    Transform,
)
from scipy import ndimage

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.inference.components import cleaned
from TransferSegLib.inference.segment import segment
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

TILTED = np.array([[0.96, -0.2, 0.19], [0.22, 0.97, -0.1], [-0.16, 0.14, 0.977]])


def write_image(
    path: Path, size: Sequence[int], spacing: Sequence[float], seed: int, ct: bool = True, tilted: bool = True
) -> np.ndarray:
    """Write a made-up image with a body, an organ and a lesion in it, whose axes run to the left and the back.

    Returns:
        What is what: 1 for the organ, 2 for the lesion in it.
    """
    generator = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in size], indexing="ij"))

    def ball(centre: Sequence[float], radius: Sequence[float]) -> np.ndarray:
        there = (grid - np.array(centre)[:, None, None, None]) / np.array(radius)[:, None, None, None]
        return (there**2).sum(0) < 1

    body, organ, lesion = (
        ball((0.1, -0.1, 0.0), (0.8, 0.7, 0.9)),
        ball((0.1, 0.0, 0.1), (0.5, 0.45, 0.6)),
        ball((0.25, 0.1, 0.2), (0.22, 0.2, 0.3)),
    )
    values = [-1000.0, 20.0, 110.0, 190.0] if ct else [0.0, 200.0, 420.0, 700.0]
    image = np.select([lesion, organ, body], values[:0:-1], values[0])
    noise = generator.standard_normal(tuple(size)) * (15 if ct else 30)
    image = image + np.where(body, noise, noise / 2 if ct else 0)
    orthogonal, _ = np.linalg.qr(TILTED if tilted else np.eye(3))
    affine = np.eye(4)
    affine[:3, :3] = orthogonal * np.sign(np.diag(orthogonal)) @ np.diag(np.array(spacing) * (-1, -1, 1))
    affine[:3, 3] = (40, -25, 70)
    nibabel.save(nibabel.Nifti1Image(image.astype(np.float32), affine), path)
    return np.select([lesion, organ], [2, 1], 0).astype(np.uint8)


def auto3dseg_config(**changes: Any) -> dict[str, Any]:
    """A configuration with the entries of Auto3DSeg's `hyper_parameters.yaml` that an import looks at."""
    return {
        "modality": "ct",
        "input_channels": 1,
        "output_classes": 3,
        "class_names": ["organ", "lesion"],
        "class_index": None,
        "sigmoid": False,
        "orientation_ras": True,
        "crop_foreground": True,
        "resample": True,
        "resample_resolution": [1.5, 1.5, 1.5],
        "normalize_mode": "range",
        "intensity_bounds": [-150.0, 250.0],
        "roi_size": [32, 32, 32],
        "extra_modalities": {},
        "anisotropic_scales": False,
        "network": {
            "_target_": "SegResNetDS",
            "init_filters": 8,
            "blocks_down": [1, 1, 1],
            "norm": "INSTANCE_NVFUSER",
            "in_channels": 1,
            "out_channels": 3,
            "dsdepth": 2,
        },
    } | changes


def network_of(config: Mapping[str, Any]) -> SegResNetDS:
    """MONAI's network of a configuration; without a GPU, NVFuser's normalisation is PyTorch's."""
    arguments = {name: value for name, value in config["network"].items() if name != "_target_"}
    return SegResNetDS(**{**arguments, "norm": str(arguments["norm"]).replace("_NVFUSER", "")})


def write_auto3dseg(folder: Path, network: torch.nn.Module, config: Mapping[str, Any], labels: str | None = "") -> None:
    """Write a model's folder; `labels` is the text of labels.csv, empty for one that fits, None for none."""
    folder.mkdir(parents=True)
    content = {"state_dict": network.state_dict(), "config": dict(config), "epoch": 7, "best_metric": np.float64(0.9)}
    torch.save(content, folder / "model.pt")
    if labels is not None:
        (folder / "labels.csv").write_text(labels or LABELS_CSV, encoding="utf-8")


_COLUMNS = ("CodingSchemeDesignator", "CodeValue", "CodeMeaning")
LABELS_CSV = "\n".join(
    [
        ",".join(
            [
                "LabelValue",
                "Name",
                *(f"SegmentedPropertyCategoryCodeSequence.{c}" for c in _COLUMNS),
                *(f"SegmentedPropertyTypeCodeSequence.{c}" for c in _COLUMNS),
                *(f"SegmentedPropertyTypeModifierCodeSequence.{c}" for c in _COLUMNS),
            ]
        ),
        '2,Lesion,SCT,49755003,Morphologically Altered Structure,SCT,86049000,"Neoplasm, Primary",,,',
        "1,Left kidney,SCT,123037004,Anatomical Structure,SCT,64033007,Kidney,SCT,7771000,Left",
        "",
    ]
)


def _normalisations(mode: str, bounds: Sequence[float] | None) -> list[Transform]:
    if mode in ("range", "ct"):
        assert bounds is not None
        return [ScaleIntensityRange(bounds[0], bounds[1], -1, 1, clip=False), Lambda(torch.sigmoid)]
    if mode in ("meanstd", "mri"):
        return [NormalizeIntensity(nonzero=True, channel_wise=True)]
    assert mode == "none"
    return []


def auto3dseg_preparation(config: Mapping[str, Any]) -> Compose:
    """The transforms of the script, for one image or for several that are its channels."""
    pixdim = config["resample_resolution"]
    painted = config["sigmoid"] and config["network"]["out_channels"] > 1
    turning = [Orientation(axcodes="RAS", labels=None)] if config["orientation_ras"] else []
    crop = CropForeground(margin=10, allow_smaller=True)
    spacing = Spacing(
        pixdim,
        mode="bilinear",
        dtype=torch.float32,
        min_pixdim=np.array(pixdim) * 0.75,
        max_pixdim=np.array(pixdim) * 1.25,
    )
    normalising = _normalisations(config["normalize_mode"], config["intensity_bounds"])
    steps = [*turning, crop, spacing, *normalising] if painted else [*turning, _CropByRaw(normalising, crop), spacing]
    return Compose(
        [LoadImage(ensure_channel_first=True, image_only=True), EnsureType(dtype=torch.float32), *steps],
        map_items=False,
    )


class _CropByRaw(CropForeground):
    """Normalises, and crops to the foreground of what was there before."""

    def __init__(self, normalising: Sequence[Transform], crop: CropForeground) -> None:
        super().__init__(margin=crop.margin, allow_smaller=crop.allow_smaller)
        self.normalising = normalising

    def __call__(self, img, *rest, **more):  # type: ignore[no-untyped-def, override]
        start, end = self.compute_bounding_box(img)
        for step in self.normalising:
            img = step(img)
        return self.crop_pad(img=img, box_start=start, box_end=end)


@torch.no_grad()
def auto3dseg_segmentation(network: SegResNetDS, config: Mapping[str, Any], images: Sequence[Path]) -> np.ndarray:
    """Segment as SlicerMONAIAuto3DSeg does: the labels on the image's own grid."""
    transform = auto3dseg_preparation(config)
    image = transform([str(path) for path in images] if len(images) > 1 else str(images[0]))
    inferer = SlidingWindowInfererAdapt(
        roi_size=config["roi_size"], sw_batch_size=1, overlap=0.625, mode="gaussian", cache_roi_weight_map=False
    )
    logits = inferer(inputs=image[None].as_tensor(), network=network.eval())[0]
    found = torch.sigmoid(logits) >= 0.5 if config["sigmoid"] else logits.argmax(0, keepdim=True)
    inverted = []
    for channel in found:
        turned = copy.deepcopy(image)  # the way back takes its steps out of the image
        turned.data = channel[None].float()
        inverted.append(Invert(transform, nearest_interp=True)(turned)[0].as_tensor())
    seg = torch.stack(inverted)
    if not config["sigmoid"]:
        return seg[0].numpy().astype(np.uint8)
    painted = 2 * seg.bool().any(0).to(torch.uint8)
    painted[seg[1:].bool().any(0)] = 1
    painted[seg[2:].bool().any(0)] = 3
    return painted.numpy()


CTFM_CONFIG = {
    "spatial_dims": 3,
    "in_channels": 1,
    "out_channels": 3,
    "init_filters": 8,
    "blocks_down": [1, 1, 1],
    "dsdepth": 2,
}


def ctfm_preparation() -> Compose:
    """The transforms of CT-FM's whole-body model."""
    return Compose(
        [
            LoadImage(ensure_channel_first=True, image_only=True),
            EnsureType(),
            Orientation(axcodes="SPL", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
            ScaleIntensityRange(a_min=-1024, a_max=2048, b_min=0, b_max=1, clip=True),
            CropForeground(),
        ]
    )


@torch.no_grad()
def ctfm_segmentation(network: SegResNetDS, image: Path, window: Sequence[int]) -> np.ndarray:
    """Segment as CT-FM's users do, with windows of another size: the labels on the image's own grid."""
    transform = ctfm_preparation()
    prepared = transform(str(image))
    inferer = SlidingWindowInferer(roi_size=window, sw_batch_size=2, overlap=0.625, mode="gaussian")
    found = torch.softmax(inferer(prepared[None].as_tensor(), network.eval())[0], 0).argmax(0, keepdim=True)
    prepared.data = torch.from_numpy(_largest_components(found[0].numpy()))[None].float()
    return Invert(transform, nearest_interp=True)(prepared)[0].numpy().astype(np.uint8)


def _largest_components(classes: np.ndarray) -> np.ndarray:
    """What MONAI's `KeepLargestConnectedComponent` does, which needs scikit-image."""
    found = np.zeros_like(classes)
    for value in np.unique(classes[classes > 0]):
        parts, _ = ndimage.label(classes == value, np.ones((3, 3, 3)))
        found[parts == 1 + np.bincount(parts.ravel())[1:].argmax()] = value
    return found


def trained(network: SegResNetDS, image: torch.Tensor, classes: torch.Tensor, regions: bool = False) -> SegResNetDS:
    """Train a network for some steps on one image until it finds what is there.

    Args:
        network: The network.
        image: (C, I, J, K), prepared.
        classes: (I, J, K); for regions (R, I, J, K) of 0 and 1.
        regions: Whether each output is decided by itself.
    """
    torch.manual_seed(1)
    factor = network.shape_factor()
    size = [n // f * f for n, f in zip(image.shape[1:], factor, strict=True)]
    corner = tuple(slice(0, n) for n in size)
    shown, wanted = image[(slice(None), *corner)][None], classes[(..., *corner)][None]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    network.train()
    for _ in range(25):
        outputs = network(shown)
        final = outputs[0] if isinstance(outputs, list) else outputs
        if regions:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(final, wanted.float())
        else:
            loss = torch.nn.functional.cross_entropy(final, wanted.long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def imported(path, **options):
    return read_model(path, ImportOptions(**options))


def refused(path) -> str:
    with pytest.raises(InputError) as error:
        imported(path)
    return str(error.value)


def ours(result, images, patch_size=None) -> np.ndarray:
    card = result.card
    network = build(card.network.name, len(card.channels), card.outputs, card.network.arguments)
    network.load_state_dict(result.state)
    network.regions = card.class_regions
    case = prepare_case(Case("c", tuple(images), None), card.preprocessing, file_order=card.inference.file_order)
    found = segment(
        network, case, patch_size or card.patch_size, fixed_execution("cpu", 2), settings=card.inference
    ).classes
    found = cleaned(found, card.label_names, card.inference)
    return np.array([0, *(label.value for label in card.labels)])[found]


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the voxels labelled by either that have one label."""
    either = (one > 0) | (other > 0)
    return float((one == other)[either].mean())
