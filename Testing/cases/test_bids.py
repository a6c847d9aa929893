"""A BIDS folder is read as it is, or refused with the files that are not clear and how to write a table."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

GRID, COARSE = Grid.from_spacing((16, 14, 12), (1, 1, 1)), Grid.from_spacing((16, 14, 6), (1, 1, 2))


def image(path: Path, grid: Grid = GRID) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_volume(
        path, np.random.default_rng(zlib.crc32(path.name.encode())).normal(size=grid.size).astype(np.float32), grid
    )
    return path


def label(path: Path, grid: Grid = GRID) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.zeros(grid.size, np.uint8)
    size = 2 + zlib.crc32(path.name.encode()) % 5  # each file's own, so that no two are one segmentation
    values[2 : 2 + size, 2:6, 2:5], values[8:12, 2:6, 2:5] = 1, 2
    write_labels(path, values, grid)
    return path


def described(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    (root / "dataset_description.json").write_text('{"Name": "made", "BIDSVersion": "1.9.0"}', encoding="utf-8")
    return root


def read(root: Path) -> dict[str, tuple[list[str], str | None, str]]:
    """Case → its images, its label and its role, by the ends of their paths."""
    return files_of(read_case_set(root))


def files_of(found: CaseSet) -> dict[str, tuple[list[str], str | None, str]]:
    return {
        case.name: ([path.name for path in case.images], case.label and case.label.name, case.role)
        for case in found.cases
    }


def refused(root: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_case_set(root)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_images_are_paired_with_segmentations_in_derivatives_and_their_table_names_the_labels(tmp_path, capsys):
    root = described(tmp_path / "bids")
    for subject in ("sub-01", "sub-02", "sub-03"):
        image(root / subject / "ses-a" / "anat" / f"{subject}_ses-a_T1w.nii.gz")
        if subject != "sub-03":
            label(root / "derivatives" / "manual" / subject / "ses-a" / "anat" / f"{subject}_ses-a_desc-x_dseg.nii.gz")
    table = root / "derivatives" / "manual" / "dseg.tsv"
    table.write_text(
        "index\tname\tabbreviation\n0\tbackground\tbg\n1\tleft lobe\tL\n2\tright lobe\tR\n", encoding="utf-8"
    )
    found = read_case_set(root)
    assert files_of(found) == {
        "sub-01_ses-a": (["sub-01_ses-a_T1w.nii.gz"], "sub-01_ses-a_desc-x_dseg.nii.gz", "train"),
        "sub-02_ses-a": (["sub-02_ses-a_T1w.nii.gz"], "sub-02_ses-a_desc-x_dseg.nii.gz", "train"),
        "sub-03_ses-a": (["sub-03_ses-a_T1w.nii.gz"], None, "unlabelled"),
    }
    assert (found.labels, found.channels) == ({1: "left lobe", 2: "right lobe"}, ("T1w",))
    assert main(["cases", "check", str(root)]) == 0
    capsys.readouterr()


def test_images_on_the_grid_of_the_segmentation_are_channels_and_others_are_named(tmp_path):
    for subject in ("sub-01", "sub-02"):
        anat = tmp_path / subject / "anat"
        for suffix, grid in (("T1w", GRID), ("FLAIR", GRID), ("T2w", COARSE)):
            image(anat / f"{subject}_{suffix}.nii.gz", grid)
        label(anat / f"{subject}_dseg.nii.gz")
    found = read_case_set(tmp_path)
    assert found.channels == ("FLAIR", "T1w")
    assert files_of(found)["sub-01"][0] == ["sub-01_FLAIR.nii.gz", "sub-01_T1w.nii.gz"]
    (left,) = [remark for remark in found.remarks if remark.code == "files-not-used"]
    assert "sub-01/anat/sub-01_T2w.nii.gz" in left.sentence


def test_a_segmentation_is_of_the_image_with_its_run_its_space_and_its_suffix(tmp_path):
    anat = tmp_path / "sub-01" / "ses-1" / "anat"
    for run in ("1", "2"):
        image(anat / f"sub-01_ses-1_run-{run}_T1w.nii.gz")
    image(anat / "sub-01_ses-1_space-MNI_desc-preproc_T1w.nii.gz", COARSE)
    label(anat / "sub-01_ses-1_run-2_space-orig_dseg.nii.gz")
    label(tmp_path / "sub-02" / "anat" / "sub-02_space-MNI_desc-aseg_dseg.nii.gz", COARSE)
    image(tmp_path / "sub-02" / "anat" / "sub-02_T1w.nii.gz")
    image(tmp_path / "sub-02" / "anat" / "sub-02_space-MNI_T1w.nii.gz", COARSE)
    image(tmp_path / "sub-03" / "anat" / "sub-03_T1w.nii.gz")
    image(tmp_path / "sub-03" / "anat" / "sub-03_T2w.nii.gz")
    label(tmp_path / "sub-03" / "anat" / "sub-03_T1w_dseg.nii.gz")
    assert read(tmp_path) == {
        "sub-01_ses-1": (["sub-01_ses-1_run-2_T1w.nii.gz"], "sub-01_ses-1_run-2_space-orig_dseg.nii.gz", "train"),
        "sub-02": (["sub-02_space-MNI_T1w.nii.gz"], "sub-02_space-MNI_desc-aseg_dseg.nii.gz", "train"),
        "sub-03": (["sub-03_T1w.nii.gz"], "sub-03_T1w_dseg.nii.gz", "train"),
    }


def test_masks_of_one_label_are_segmentations_where_there_is_no_dseg_and_a_brain_mask_is_none(tmp_path):
    name = "sub-r1_ses-1_space-MNI152NLin2009aSym"
    anat = tmp_path / "sub-r1" / "ses-1" / "anat"
    image(anat / f"{name}_T1w.nii.gz")
    label(anat / f"{name}_label-lesion_desc-T1lesion_mask.nii.gz")
    label(anat / f"{name}_desc-brain_mask.nii.gz")
    found = read_case_set(tmp_path)
    assert files_of(found) == {
        "sub-r1_ses-1": ([f"{name}_T1w.nii.gz"], f"{name}_label-lesion_desc-T1lesion_mask.nii.gz", "train")
    }
    assert found.labels == {1: "lesion"}


def test_each_run_with_a_segmentation_of_its_own_is_a_case(tmp_path):
    for run in ("1", "2"):
        image(tmp_path / "sub-01" / "anat" / f"sub-01_run-{run}_T1w.nii.gz")
        label(tmp_path / "derivatives" / "labels" / "sub-01" / "anat" / f"sub-01_run-{run}_dseg.nii.gz")
    assert set(read(tmp_path)) == {"sub-01_run-1", "sub-01_run-2"}


def test_what_is_not_clear_is_named_with_how_to_say_it(tmp_path):
    anat = tmp_path / "sub-01" / "anat"
    image(anat / "sub-01_T1w.nii.gz")
    label(anat / "sub-01_desc-aseg_dseg.nii.gz")
    label(anat / "sub-01_desc-aparcaseg_dseg.nii.gz")
    said = refused(tmp_path)
    assert "2 files may be meant here: `sub-01/anat/sub-01_desc-aparcaseg_dseg.nii.gz`" in said
    assert "write a table (.csv) beside the folder, with the columns case,image,label" in said
    (anat / "sub-01_desc-aparcaseg_dseg.nii.gz").unlink()
    image(anat / "sub-01_acq-a_T1w.nii.gz").rename(anat / "sub-01_run-1_T1w.nii.gz")
    (anat / "sub-01_T1w.nii.gz").rename(anat / "sub-01_run-2_T1w.nii.gz")
    assert "2 files may be meant here: `sub-01/anat/sub-01_run-1_T1w.nii.gz`" in refused(tmp_path)


def test_a_segmentation_without_an_image_and_cases_without_a_shared_kind_are_refused(tmp_path):
    image(tmp_path / "sub-01" / "anat" / "sub-01_T1w.nii.gz")
    label(tmp_path / "sub-01" / "anat" / "sub-01_space-MNI_dseg.nii.gz")
    assert "sub-01_space-MNI_dseg.nii.gz: no image has the entities of this segmentation" in refused(tmp_path)
    (tmp_path / "sub-01" / "anat" / "sub-01_space-MNI_dseg.nii.gz").rename(
        tmp_path / "sub-01" / "anat" / "sub-01_dseg.nii.gz"
    )
    image(tmp_path / "sub-02" / "anat" / "sub-02_T2w.nii.gz")
    label(tmp_path / "sub-02" / "anat" / "sub-02_dseg.nii.gz")
    assert "no kind of image (T1w, FLAIR, …) is there for every case" in refused(tmp_path)


def test_sessions_without_a_segmentation_and_with_two_images_of_a_kind_are_left_out_and_named(tmp_path):
    image(tmp_path / "sub-01" / "anat" / "sub-01_T1w.nii.gz")
    label(tmp_path / "sub-01" / "anat" / "sub-01_dseg.nii.gz")
    for run in ("1", "2"):
        image(tmp_path / "sub-02" / "anat" / f"sub-02_run-{run}_T1w.nii.gz")
    found = read_case_set(tmp_path)
    assert set(files_of(found)) == {"sub-01"}
    (left,) = [remark for remark in found.remarks if remark.code == "bids-session-left-out"]
    assert "1 session without a segmentation has not exactly one image for each of `T1w`" in left.sentence


def test_a_table_of_labels_that_is_none_is_refused(tmp_path):
    image(tmp_path / "sub-01" / "anat" / "sub-01_T1w.nii.gz")
    label(tmp_path / "sub-01" / "anat" / "sub-01_dseg.nii.gz")
    (tmp_path / "dseg.tsv").write_text("value\tname\n1\tlobe\n", encoding="utf-8")
    assert "dseg.tsv: must have the columns `index` (a whole number) and `name`" in refused(tmp_path)


def test_a_folder_of_images_alone_is_unlabelled_cases(tmp_path):
    root = described(tmp_path / "bids")
    for subject in ("sub-01", "sub-02"):
        image(root / subject / "anat" / f"{subject}_T1w.nii.gz")
    assert {role for _, _, role in read(root).values()} == {"unlabelled"}
