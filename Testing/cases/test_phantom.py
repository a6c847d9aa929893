"""The digital head: what a seed fixes, what each modality shows, and that the labels are exact."""

from __future__ import annotations

import errno
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases import nifti
from TransferSegLib.cases.phantom.anatomy import Anatomy, Tissue, head_phantom
from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.phantom.imaging import image
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.errors import InputError, JobError

SMALL = (48, 48, 24)


@pytest.fixture(scope="module")
def head() -> Anatomy:
    return head_phantom(3, (96, 96, 48), lesions=True)


@pytest.fixture(scope="module")
def scans(head: Anatomy) -> dict[str, np.ndarray]:
    return {m: image(head, m, np.random.default_rng(0)) for m in ("t1w", "t2w", "ct")}


def pure(anatomy: Anatomy, tissue: Tissue) -> np.ndarray:
    """Voxels (I, J, K) of which all eight fine voxels are `tissue`."""
    i, j, k = anatomy.labels.shape
    return (anatomy.tissues == tissue).reshape(i, 2, j, 2, k, 2).all(axis=(1, 3, 5))


def medians(anatomy: Anatomy, scan: np.ndarray) -> dict[Tissue, float]:
    return {t: float(np.median(scan[pure(anatomy, t)])) for t in Tissue if pure(anatomy, t).any()}


def test_a_seed_is_one_head_and_one_image() -> None:
    a, b = head_phantom(7, SMALL), head_phantom(7, SMALL)
    assert np.array_equal(a.tissues, b.tissues)
    assert np.array_equal(a.labels, b.labels)
    first, second = (image(a, "t1w", np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, second)


def test_two_seeds_are_two_heads() -> None:
    a, b = head_phantom(1, SMALL), head_phantom(2, SMALL)
    assert (a.tissues != b.tissues).mean() > 0.05


def test_a_seed_is_the_same_head_on_a_finer_grid() -> None:
    coarse, fine = head_phantom(4, SMALL), head_phantom(4, (96, 96, 48))
    assert (fine.labels[::2, ::2, ::2] == coarse.labels).mean() > 0.93


def test_lesions_are_added_to_the_same_head_in_white_matter_only() -> None:
    without, with_lesions = head_phantom(6, SMALL), head_phantom(6, SMALL, lesions=True)
    changed = without.tissues != with_lesions.tissues
    assert changed.any()
    assert set(np.unique(without.tissues[changed])) == {Tissue.WHITE_MATTER}
    assert set(np.unique(with_lesions.tissues[changed])) == {Tissue.LESION}


@pytest.mark.parametrize("seed", range(6))
def test_every_head_with_lesions_has_between_a_third_and_forty_ml_of_them(seed: int) -> None:
    anatomy = head_phantom(seed, (64, 64, 32), lesions=True)
    volume_ml = (anatomy.labels == 4).sum() * anatomy.grid.voxel_ml
    assert 0.3 < volume_ml < 40


@pytest.mark.parametrize("size", [(40, 52, 18), (33, 47, 21), (24, 64, 9)])
def test_any_grid_covers_the_whole_head_and_every_voxel_has_a_label(size: tuple[int, int, int]) -> None:
    anatomy = head_phantom(2, size)
    assert anatomy.labels.shape == anatomy.grid.size == size
    assert set(np.unique(anatomy.labels)) == {1, 2, 3}
    assert np.allclose(np.array(size) * anatomy.grid.spacing_mm, (192, 240, 180))
    inside_ml = (anatomy.labels > 1).sum() * anatomy.grid.voxel_ml
    assert 2500 < inside_ml < 4500
    for scan in (image(anatomy, m, np.random.default_rng(0)) for m in ("t1w", "ct")):
        assert scan.shape == size
        assert scan.dtype == np.float32
        assert np.isfinite(scan).all()


@pytest.mark.parametrize("seed", range(8))
def test_the_head_ends_within_the_field_of_view_except_at_the_neck(seed: int) -> None:
    head = head_phantom(seed, (64, 64, 32)).labels > 1
    assert not head[[0, -1]].any()
    assert not head[:, [0, -1]].any()
    assert not head[:, :, -1].any()
    assert head[:, :, 0].any()


def test_a_grid_too_coarse_for_a_head_is_refused() -> None:
    with pytest.raises(InputError, match="too coarse"):
        head_phantom(0, (96, 96, 4))


def test_a_label_is_what_most_of_its_fine_voxels_are(head: Anatomy) -> None:
    groups = {1: [Tissue.AIR], 3: [Tissue.CORTICAL_BONE, Tissue.MARROW], 4: [Tissue.LESION]}
    i, j, k = head.labels.shape
    votes = {
        v: np.isin(head.tissues, tissues).reshape(i, 2, j, 2, k, 2).sum(axis=(1, 3, 5)) for v, tissues in groups.items()
    }
    votes[2] = 8 - votes[1] - votes[3] - votes[4]
    chosen = np.select([head.labels == v for v in votes], list(votes.values()))
    assert np.array_equal(chosen, np.maximum.reduce(list(votes.values())))


@pytest.mark.parametrize("seed", range(5))
def test_a_head_has_the_volumes_of_an_adult(seed: int) -> None:
    anatomy = head_phantom(seed, (96, 96, 48))
    voxel_ml = anatomy.grid.voxel_ml / 8
    ml = {t: float((anatomy.tissues == t).sum()) * voxel_ml for t in Tissue}
    assert 1000 < ml[Tissue.GREY_MATTER] + ml[Tissue.WHITE_MATTER] < 1600
    assert 350 < ml[Tissue.GREY_MATTER] < 900
    assert 100 < ml[Tissue.CSF] < 600
    assert 8 < ml[Tissue.VITREOUS] < 16
    assert 350 < ml[Tissue.CORTICAL_BONE] + ml[Tissue.MARROW] < 900
    assert ml[Tissue.MARROW] > 60


@pytest.mark.parametrize("seed", range(5))
def test_the_skull_closes_around_the_brain_above_its_base(seed: int) -> None:
    anatomy = head_phantom(seed, (96, 96, 48))
    brain = (anatomy.tissues == Tissue.GREY_MATTER) | (anatomy.tissues == Tissue.WHITE_MATTER)
    bone = (anatomy.tissues == Tissue.CORTICAL_BONE) | (anatomy.tissues == Tissue.MARROW)
    z_mm = anatomy.grid.origin_mm[2] + anatomy.grid.spacing_mm[2] * (np.arange(bone.shape[2]) - 0.5) / 2
    checked = 0
    for k in np.nonzero((z_mm > 15) & (z_mm < 60))[0]:
        regions, _ = ndimage.label(~bone[:, :, k])
        assert regions[0, 0] not in np.unique(regions[brain[:, :, k]])
        checked += 1
    assert checked > 10


def test_air_fills_sinuses_that_do_not_reach_the_air_around_the_head(head: Anatomy) -> None:
    regions, _ = ndimage.label(head.tissues == Tissue.AIR)
    inside = (regions > 0) & (regions != regions[0, 0, -1])
    assert inside.sum() * head.grid.voxel_ml / 8 > 5


def test_t1w_shows_fat_over_white_over_grey_over_fluid_and_no_cortical_bone(head: Anatomy, scans) -> None:
    seen = medians(head, scans["t1w"])
    order = [Tissue.FAT, Tissue.WHITE_MATTER, Tissue.GREY_MATTER, Tissue.CSF]
    assert all(seen[a] > 1.2 * seen[b] for a, b in pairwise(order))
    assert seen[Tissue.MARROW] > 2 * seen[Tissue.GREY_MATTER] > 6 * seen[Tissue.CORTICAL_BONE]
    assert seen[Tissue.LESION] < seen[Tissue.WHITE_MATTER]


def test_t2w_shows_fluid_over_grey_over_white_and_a_bright_lesion(head: Anatomy, scans) -> None:
    seen = medians(head, scans["t2w"])
    order = [Tissue.CSF, Tissue.LESION, Tissue.GREY_MATTER, Tissue.WHITE_MATTER, Tissue.CORTICAL_BONE]
    assert all(seen[a] > 1.2 * seen[b] for a, b in pairwise(order))
    assert seen[Tissue.FAT] > seen[Tissue.WHITE_MATTER]


@pytest.mark.parametrize("modality", ["t1w", "t2w"])
def test_cortical_bone_and_air_cannot_be_told_apart_by_mr_intensity(head: Anatomy, scans, modality: str) -> None:
    seen = medians(head, scans[modality])
    assert abs(seen[Tissue.CORTICAL_BONE] - seen[Tissue.AIR]) < 0.1 * seen[Tissue.WHITE_MATTER]


@pytest.mark.parametrize("modality", ["t1w", "t2w"])
def test_mr_is_a_magnitude_whose_noise_in_air_is_rayleigh(head: Anatomy, scans, modality: str) -> None:
    scan = scans[modality]
    assert scan.min() >= 0
    air = scan[pure(head, Tissue.AIR)]
    assert air.mean() / air.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.03)


def test_ct_numbers_are_those_of_the_tissues(head: Anatomy, scans) -> None:
    seen = medians(head, scans["ct"])
    ranges = {
        Tissue.AIR: (-1010, -990),
        Tissue.FAT: (-120, -70),
        Tissue.CSF: (0, 20),
        Tissue.WHITE_MATTER: (20, 40),
        Tissue.GREY_MATTER: (30, 50),
        Tissue.MUSCLE: (40, 70),
        Tissue.MARROW: (400, 700),
        Tissue.CORTICAL_BONE: (1000, 1800),
    }
    for tissue, (low, high) in ranges.items():
        assert low < seen[tissue] < high, tissue.name


def test_thresholds_on_ct_find_the_labels(head: Anatomy, scans) -> None:
    """Above 600 HU is bone and below -500 HU air, as Mecheter et al. 2023 label CT."""
    ct = scans["ct"]
    assert (head.labels[ct > 600] == 3).mean() > 0.95
    assert (head.labels[ct < -500] == 1).mean() > 0.99
    assert (ct[head.labels == 1] < -500).mean() > 0.98
    assert (ct[head.labels == 3] > 600).mean() > 0.70


def test_every_modality_writes_the_same_heads_and_they_read_back(tmp_path) -> None:
    for modality in ("t1w", "ct"):
        write_phantoms(tmp_path / modality, modality, 2, seed=11, size=SMALL, lesions=True)
    for name in ("phantom_000.nii.gz", "phantom_001.nii.gz"):
        labels = [read_labels(tmp_path / m / "labelsTr" / name) for m in ("t1w", "ct")]
        assert np.array_equal(labels[0].array, labels[1].array)
        assert not labels[0].grid.differences(labels[1].grid)
    expected = head_phantom((11, 1), SMALL, lesions=True)
    assert np.array_equal(labels[0].array, expected.labels)
    assert not labels[0].grid.differences(expected.grid)
    assert (read_volume(tmp_path / "ct" / "imagesTr" / name).array[expected.labels == 1] < -300).mean() > 0.95


def test_the_written_folder_is_a_case_set(tmp_path) -> None:
    folder = write_phantoms(tmp_path / "p", "t2w", 3, seed=0, size=(24, 24, 12))
    cases = read_case_set(folder)
    assert [c.name for c in cases.cases] == ["phantom_000", "phantom_001", "phantom_002"]
    assert dict(cases.labels) == {1: "air", 2: "soft tissue", 3: "bone"}
    assert cases.modality == "t2w"
    assert "CC0" in json.loads((folder / "dataset.json").read_text(encoding="utf-8"))["licence"]


@pytest.mark.parametrize("part", ["labelsTr/phantom_001.nii.gz", "dataset.json"])
def test_a_full_disk_leaves_nothing_in_the_way_of_the_next_attempt(tmp_path, monkeypatch, part) -> None:
    full, whole = OSError(errno.ENOSPC, "No space left on device"), nifti.write_voxels

    def write_voxels(path, array, place) -> None:
        whole(path, array, place)
        if path.parent.name == Path(part).parent.name and (path.parent / "phantom_000.nii.gz").exists():
            raise full

    def write_text(self, *args, **kwargs) -> int:
        raise full

    monkeypatch.setattr(nifti, "write_voxels", write_voxels)
    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(JobError, match="the disk is full; free space and run it again"):
        write_phantoms(tmp_path / "p", "t2w", 2, seed=0, size=(24, 24, 12))
    assert list((tmp_path / "p").iterdir()) == []


def test_a_folder_in_use_an_unknown_modality_and_no_cases_are_refused(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="already holds"):
        write_phantoms(tmp_path, "t1w", 1, seed=0)
    with pytest.raises(InputError, match="unknown modality `pet`"):
        write_phantoms(tmp_path / "a", "pet", 1, seed=0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="count"):
        write_phantoms(tmp_path / "b", "t1w", 0, seed=0)
