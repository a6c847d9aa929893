"""With the resampling `monai` and the crop `foreground`, images come and segmentations go as by MONAI's transforms."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
import torch
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
)
from torch import Tensor, nn

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.inference.segment import segment
from TransferSegLib.inference.windows import logit_slabs
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.networks.staged import StagedNetwork

CPU = fixed_execution("cpu", 2)
TASK = LabelTask(("a", "b"), (1, 2), {1: 1, 2: 2}, ((0,), (), ()))
TILTED = np.array([[0.96, -0.2, 0.19], [0.22, 0.97, -0.1], [-0.16, 0.14, 0.977]])


def write(folder, spacing, size=(31, 27, 17), flips=(-1, -1, 1), order=(0, 1, 2)):
    """A CT-like image with a body that is off its centre: the path, and the path of a segmentation on it."""
    generator = np.random.default_rng(7)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in size], indexing="ij"))
    centre = np.array([0.15, -0.2, 0.1])[:, None, None, None]
    body = (((grid - centre) / 0.6) ** 2).sum(0) < 1
    image = np.where(body, 40, -900) + 60 * generator.standard_normal(size)
    image = np.where(body, image, np.minimum(image, -100)).astype(np.float32)
    orthogonal, _ = np.linalg.qr(TILTED)
    orthogonal *= np.sign(np.diag(orthogonal))
    affine = np.eye(4)
    affine[:3, :3] = orthogonal[:, list(order)] @ np.diag(np.array(spacing) * np.array(flips))
    affine[:3, 3] = (12, -30, 55)
    nibabel.save(nibabel.Nifti1Image(image, affine), folder / "image.nii.gz")
    labels = (body + (image > 60) * body).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(labels, affine), folder / "label.nii.gz")
    return folder / "image.nii.gz", folder / "label.nii.gz"


def monais(pixdim, tolerance: float, *before, crop=True, margin=2) -> Compose:
    """The transforms as Auto3DSeg has them."""
    return Compose(
        [
            LoadImage(ensure_channel_first=True, image_only=True),
            EnsureType(dtype=torch.float32),
            Orientation(axcodes="RAS", labels=None),
            *([CropForeground(margin=margin, allow_smaller=True)] if crop else []),
            *before,
            Spacing(
                pixdim,
                mode="bilinear",
                dtype=torch.float32,
                min_pixdim=np.array(pixdim) * (1 - tolerance),
                max_pixdim=np.array(pixdim) * (1 + tolerance),
            ),
        ]
    )


FOREGROUND = {"resampling": "monai", "crop": "foreground", "crop_margin": 2, "normalised_first": True}
# Finer, coarser, half-way between voxels, one axis within the tolerance, and none at all.
WANTED = [
    ((1.0, 1.0, 2.0), (0.7, 0.9, 1.1)),
    ((0.8, 1.3, 3.0), (1.9, 2.0, 1.6)),
    ((1.5, 1.5, 1.5), (3.0, 3.0, 3.0)),
    ((1.0, 0.75, 4.0), (1.0, 1.0, 1.5)),
    ((1.0, 1.0, 1.2), (1.0, 1.0, 1.0)),
]


@pytest.mark.parametrize(("own", "wanted"), WANTED)
def test_an_image_is_cropped_and_resampled_as_by_monais_transforms(tmp_path, own, wanted):
    path, label = write(tmp_path, own)
    theirs = monais(wanted, 0.25, Lambda(lambda x: x))(path)
    ours = prepare_case(
        Case("c", (path,), label),
        Preprocessing(wanted, "none", spacing_tolerance=0.25, **FOREGROUND),
        TASK,
    )
    assert ours.image.shape == tuple(theirs.shape)
    np.testing.assert_allclose(ours.image, theirs.numpy(), rtol=1e-4, atol=0.05)
    assert ours.spacing_mm == pytest.approx(theirs.pixdim.tolist(), rel=1e-5)
    assert ours.classes is not None
    assert ours.classes.shape == ours.image.shape[1:]


@pytest.mark.parametrize(("order", "flips"), [((0, 1, 2), (1, 1, 1)), ((2, 0, 1), (-1, 1, -1))])
def test_the_axes_of_the_file_change_nothing_of_that(tmp_path, order, flips):
    path, _ = write(tmp_path, (1.0, 1.4, 2.0), flips=flips, order=order)
    theirs = monais((1.2, 1.2, 1.2), 0.25)(path)
    preprocessing = Preprocessing((1.2, 1.2, 1.2), "none", spacing_tolerance=0.25, **FOREGROUND)
    ours = prepare_case(Case("c", (path,), None), preprocessing)
    assert ours.image.shape == tuple(theirs.shape)
    np.testing.assert_allclose(ours.image, theirs.numpy(), rtol=1e-4, atol=0.05)


NORMALISED = {
    "ct-sigmoid": [ScaleIntensityRange(-160, 240, -1, 1, clip=False), Lambda(torch.sigmoid)],
    "z-score-nonzero": [NormalizeIntensity(nonzero=True, channel_wise=True)],
    "z-score-nonzero-tanh": [
        NormalizeIntensity(nonzero=True, channel_wise=True),
        Lambda(lambda x: 3 * torch.tanh(x / 3)),
    ],
    "sigmoid-sd": [Lambda(lambda x: torch.sigmoid((x - x.min()) / x.std()))],
}


@pytest.mark.parametrize("name", NORMALISED)
@pytest.mark.parametrize("first", [True, False])
def test_intensities_are_those_of_auto3dsegs_transforms(tmp_path, name, first):
    path, _ = write(tmp_path, (1.0, 1.4, 2.0))
    steps = NORMALISED[name]
    theirs = monais((1.2, 1.2, 1.2), 0.25, *(steps if first else []), crop=False)(path)
    for step in [] if first else steps:
        theirs = step(theirs)
    preprocessing = Preprocessing(
        (1.2, 1.2, 1.2),
        name,
        (-160.0, 240.0),
        spacing_tolerance=0.25,
        resampling="monai",
        normalised_first=first,
    )
    ours = prepare_case(Case("c", (path,), None), preprocessing)
    np.testing.assert_allclose(ours.image, theirs.numpy(), rtol=1e-4, atol=2e-5)


class Bright(StagedNetwork):
    """Finds what is above 0 and what is above 60, voxel by voxel."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([-x, x.clamp(max=30), 2 * x - 90], dim=1)


@pytest.mark.parametrize(("own", "wanted"), WANTED)
def test_classes_come_back_to_the_cases_voxels_as_monai_inverts_its_transforms(tmp_path, own, wanted):
    path, _ = write(tmp_path, own)
    transform = monais(wanted, 0.25)
    image = transform(path)
    image.data = Bright()(image[None])[0].argmax(0, keepdim=True).float()
    theirs = Invert(transform, nearest_interp=True)(image)[0].numpy()
    case = prepare_case(Case("c", (path,), None), Preprocessing(wanted, "none", spacing_tolerance=0.25, **FOREGROUND))
    ours = segment(Bright(), case, (16, 16, 16), CPU, probabilities=True, uncertainty=True)
    assert np.array_equal(ours.classes, theirs)
    assert set(np.unique(theirs)) == {0, 1, 2}
    assert np.array_equal(ours.probabilities.argmax(0), theirs)
    assert ours.uncertainty.shape == theirs.shape


def test_an_image_without_foreground_is_not_cropped(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.full((6, 7, 8), -5, np.float32), np.eye(4)), tmp_path / "a.nii.gz")
    case = prepare_case(Case("c", (tmp_path / "a.nii.gz",), None), Preprocessing(None, "none", **FOREGROUND))
    assert case.image.shape == (1, 6, 7, 8)
    assert case.box is None


@pytest.mark.parametrize("size", [(5, 8, 3), (20, 7, 19)])
def test_an_image_smaller_than_the_window_is_surrounded_by_zeros_where_the_model_says_so(size):
    seen: list[Tensor] = []

    class Watching(StagedNetwork):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x.clone())
            return x.repeat(1, 2, 1, 1, 1)

    image = torch.rand(1, *size) + 1
    slabs = list(logit_slabs(Watching(), image, (8, 8, 8), CPU, settings=InferenceSettings(padding="zero")))
    assert sum(slab.logits.shape[1 + slab.axis] for slab in slabs) == size[slabs[0].axis]
    inside = [min(8, n) for n in size]
    assert all(int((window == 0).sum()) == 8**3 - int(np.prod(inside)) for batch in seen for window in batch)


def test_windows_overlap_by_as_much_as_the_model_says():
    seen: set[float] = set()

    class Counting(StagedNetwork):
        def forward(self, x: Tensor) -> Tensor:
            seen.update(x[:, 0, 0, 0, 0].tolist())
            return x.repeat(1, 2, 1, 1, 1)

    def windows(overlap: float) -> int:
        seen.clear()
        for _ in logit_slabs(
            Counting(), torch.rand(1, 32, 8, 8), (8, 8, 8), CPU, settings=InferenceSettings(overlap=overlap)
        ):
            pass
        return len(seen)

    assert (windows(0.0), windows(0.25), windows(0.625)) == (4, 5, 9)
