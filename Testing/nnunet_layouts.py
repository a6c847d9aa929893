"""The layouts of nnU-Net models that differ in how they are read or run, and made-up scans for each of them.

`make_nnunet_models.py` has nnU-Net itself plan, train and apply a network of each; what it left is in `data/nnunet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nibabel
import numpy as np
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform
from scipy.ndimage import gaussian_filter

DATA = Path(__file__).with_name("data") / "nnunet"
CUBE, PLANE = (3, 3, 3), (1, 3, 3)
HALVED = ((1, 1, 1), (2, 2, 2), (2, 2, 2))
NO_MIRRORING = "nnUNetTrainer_4000epochs_NoMirroring"
LABELS = {"background": 0, "right organ": 1, "left organ": 2, "lesion": 3}
REGIONS = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "rim": [3]}


@dataclass(frozen=True)
class Layout:
    """A model that nnU-Net plans and trains.

    Attributes:
        about: What of it other models do not have, in words.
        planner: nnU-Net's planner, which decides the architecture.
        reader: nnU-Net's reader of images.
        trainer: nnU-Net's trainer; the one without mirroring allows no mirrored copies.
        channels: The channels' names, by which nnU-Net chooses each normalisation.
        labels: Names → values, or → the values of a region.
        axes: How the axes of the training files run, as letters.
        scan_axes: The same of the scan that it is applied to.
        shown: The axes that its publisher turns a scan to before nnU-Net reads it; "" where nobody does.
        voxel_mm: The voxels of its images, right, anterior, superior.
        size: The size of its images, in voxels.
        body_in_zeros: Whether there is 0 around the body.
        spacing, patch_size, kernel_sizes, strides: As its plans have them, in the order of nnU-Net's axes.
        folds: The folds that are trained.
        configuration: The configuration's name.
        first_spacing: Of a cascade, the voxels of its first stage, which is `3d_lowres` and else like it; empty for none.
        old: Whether a version of nnU-Net before 2.2 plans and trains it.
        entry: The catalogue's name of a model of this layout; "" where it has none.
    """

    about: str
    planner: str = "ExperimentPlanner"
    reader: str = "SimpleITKIO"
    trainer: str = "nnUNetTrainer"
    channels: tuple[str, ...] = ("CT",)
    labels: dict[str, int | list[int]] = field(default_factory=lambda: dict(LABELS))
    axes: str = "LPS"
    scan_axes: str = "LPS"
    shown: str = ""
    voxel_mm: tuple[float, float, float] = (1.5, 1.6, 1.9)
    size: tuple[int, int, int] = (26, 24, 20)
    body_in_zeros: bool = False
    spacing: tuple[float, ...] = (1.8, 1.7, 1.6)
    patch_size: tuple[int, ...] = (16, 16, 16)
    kernel_sizes: tuple[tuple[int, ...], ...] = (CUBE,) * 3
    strides: tuple[tuple[int, ...], ...] = HALVED
    folds: tuple[int, ...] = (0,)
    configuration: str = "3d_fullres"
    first_spacing: tuple[float, ...] = ()
    old: bool = False
    entry: str = ""

    @property
    def is_ct(self) -> bool:
        return self.channels[0] == "CT"

    @property
    def has_regions(self) -> bool:
        return any(isinstance(value, list) for value in self.labels.values())

    @property
    def of_slices(self) -> bool:
        return len(self.spacing) == 2

    @property
    def is_cascade(self) -> bool:
        return bool(self.first_spacing)


LAYOUTS = {
    "plain": Layout("plain encoder, CT, axes of the file"),
    "residual": Layout(
        "residual encoder, z-score, SimpleITKIOWithReorient",
        planner="nnUNetPlannerResEncM",
        reader="SimpleITKIOWithReorient",
        trainer=NO_MIRRORING,
        channels=("MRI",),
        scan_axes="ASL",
    ),
    "thick-slices": Layout(
        "plain encoder, sagittal slices of 4 mm, transposed axes, z-score in the mask",
        channels=("T1",),
        voxel_mm=(4.4, 1.5, 1.6),
        size=(14, 28, 26),
        body_in_zeros=True,
        spacing=(4.0, 1.7, 1.6),
        patch_size=(8, 16, 16),
        kernel_sizes=(PLANE, CUBE, CUBE),
        strides=((1, 1, 1), (1, 2, 2), (2, 2, 2)),
    ),
    "lps": Layout(
        "plain encoder, z-score, two folds, its publisher turns scans to LPS",
        trainer=NO_MIRRORING,
        channels=("MRI",),
        scan_axes="RAS",
        shown="LPS",
        folds=(0, 1),
        entry="mrsegmentator",
    ),
    "before-2.2": Layout(
        "plain encoder, CT, plans of nnU-Net 2.1, NibabelIOWithReorient",
        reader="NibabelIOWithReorient",
        trainer=NO_MIRRORING,
        scan_axes="PIL",
        old=True,
        entry="totalsegmentator-total-3mm",
    ),
    "residual-before-2.2": Layout(
        "residual encoder, z-score, plans of nnU-Net 2.1, axes of the file",
        planner="ResEncUNetPlanner",
        channels=("MRI",),
        old=True,
    ),
    "channels": Layout("plain encoder, two channels, CT and z-score", channels=("CT", "T2"), reader="NibabelIO"),
    "regions": Layout(
        "residual encoder, two channels, z-score in the mask, regions, NibabelIOWithReorient",
        planner="nnUNetPlannerResEncM",
        reader="NibabelIOWithReorient",
        channels=("T1", "FLAIR"),
        labels=REGIONS,
        scan_axes="LPI",
        body_in_zeros=True,
    ),
    "lowres": Layout("plain encoder, CT, `3d_lowres`", reader="NibabelIO", configuration="3d_lowres"),
    "slices": Layout(
        "plain encoder, CT, `2d`, axial slices of 3.5 mm",
        voxel_mm=(1.5, 1.6, 3.5),
        size=(26, 24, 12),
        spacing=(1.7, 1.6),
        patch_size=(16, 16),
        kernel_sizes=((3, 3),) * 3,
        strides=((1, 1), (2, 2), (2, 2)),
        configuration="2d",
    ),
    "cascade": Layout(
        "plain encoder, CT, `3d_cascade_fullres` after `3d_lowres`",
        configuration="3d_cascade_fullres",
        first_spacing=(2.6, 2.4, 2.3),
    ),
    "cascade-regions": Layout(
        "residual encoder, two channels, regions, `3d_cascade_fullres` after `3d_lowres`, thick slices",
        planner="nnUNetPlannerResEncM",
        reader="NibabelIOWithReorient",
        channels=("T1", "FLAIR"),
        labels=REGIONS,
        scan_axes="LPI",
        voxel_mm=(1.5, 1.6, 5.2),
        size=(26, 24, 12),
        body_in_zeros=True,
        spacing=(4.9, 1.4, 1.5),
        patch_size=(8, 16, 16),
        kernel_sizes=(PLANE, CUBE, CUBE),
        strides=((1, 1, 1), (1, 2, 2), (2, 2, 2)),
        configuration="3d_cascade_fullres",
        first_spacing=(4.9, 2.3, 2.4),
    ),
}


def write_case(layout: Layout, images: Sequence[Path], labels: Path | None, seed: int, axes: str) -> None:
    """Write a made-up scan of a body that is tilted, one file a channel, with two like organs and a lesion in the right one.

    Args:
        layout: Says its size, voxels, channels and background.
        images: The channels' files.
        labels: Where to write what is what; None for nowhere.
        seed: Of its noise and of where things are.
        axes: How the files' axes run.
    """
    generator = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in layout.size], indexing="ij"))

    def ball(centre: Sequence[float], radius: Sequence[float]) -> np.ndarray:
        moved = np.array(centre) + generator.uniform(-0.06, 0.06, 3)
        return (((grid - moved[:, None, None, None]) / np.array(radius)[:, None, None, None]) ** 2).sum(0) < 1

    body, spine = ball((0.05, 0, 0), (0.85, 0.8, 0.9)), ball((0, -0.55, 0), (0.18, 0.18, 0.9))
    right, left = ball((0.42, 0.1, 0.1), (0.32, 0.4, 0.5)), ball((-0.4, 0.1, 0.1), (0.32, 0.4, 0.5))
    lesion = ball((0.45, 0.15, 0.25), (0.2, 0.25, 0.3))
    parts = (lesion, right, left, spine, body)
    affine = np.eye(4)
    affine[:3, :3] = _tilt(0.15) @ np.diag(layout.voxel_mm)
    affine[:3, 3] = (-20, 13, 40)
    for number, path in enumerate(images):
        ct = layout.channels[number] == "CT"
        values = [150, 90, 90, 400, 30] if ct else [[700, 420, 420, 150, 250], [300, 500, 500, 120, 220]][number % 2]
        image = np.select(parts, values, -900 if ct else 12)
        noise = gaussian_filter(generator.standard_normal(layout.size), 0.6) * (45 if ct else 80)
        image = np.where(body, image + noise, 0 if layout.body_in_zeros else image + noise / 8)
        _save(np.round(image).astype(np.int16), affine, path, axes)
    if labels is not None:
        _save(np.select(parts, [3, 1, 2, 0, 0], 0).astype(np.uint8), affine, labels, axes)


def turned(image: nibabel.Nifti1Image, axes: str) -> nibabel.Nifti1Image:
    """The same image with its voxels in another order."""
    return image.as_reoriented(ornt_transform(io_orientation(image.affine), axcodes2ornt(axes)))


def _tilt(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _save(voxels: np.ndarray, affine: np.ndarray, path: Path, axes: str) -> None:
    image = turned(nibabel.Nifti1Image(voxels, affine), axes)
    image.set_sform(image.affine, 1)
    image.set_qform(image.affine, 1)
    nibabel.save(image, path)
