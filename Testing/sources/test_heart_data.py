"""How the pictures of the heart become cases, on made-up pictures that are named as those of the repository are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.errors import InputError

RECIPE = Path(__file__).resolve().parents[2] / "Resources" / "heart_data.py"
SIZE = (16, 12)  # rows, columns


@pytest.fixture
def heart():
    """The recipe, which is no part of the library, as a module."""
    spec = importlib.util.spec_from_file_location("heart_data", RECIPE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def put(clone: Path, part: str, patient: str, place: int, phase: int, side: int) -> None:
    """A picture whose value is its place, and a label: a square of `side` pixels whose corner is in row 3, column 1."""
    import SimpleITK as sitk

    name = f"{patient}-IM-0001-{20 * place + phase + 1:04d}.dcm.png"
    label = np.zeros(SIZE, np.uint8)
    label[3 : 3 + side, 1 : 1 + side] = 255
    for kind, picture in (("Images", np.full(SIZE, 10 + place, np.uint8)), ("Labels", label)):
        folder = clone / "Data" / part / kind / "Some_Part"
        folder.mkdir(parents=True, exist_ok=True)
        image = sitk.GetImageFromArray(np.repeat(picture[..., None], 3, axis=2), isVector=True)
        sitk.WriteImage(image, str(folder / name))


def put_all(clone: Path, skipped: int | None = None) -> None:
    for part, patient in (("Train", "SC-N-1"), ("Train", "SC-HF-1"), ("Test", "SC-N-2")):
        for place in (2, 3, 4):
            put(clone, part, patient, place, phase=6, side=4)
            if place != skipped:
                put(clone, part, patient, place, phase=19, side=5)


def pin(heart, clone: Path, monkeypatch) -> None:
    """Let the made-up pictures be those that the recipe asks for."""
    pictures = sorted((clone / "Data").glob("*/Images/*/*.png"))
    monkeypatch.setattr(heart, "SHA256", heart.digest(clone, pictures))


def test_pictures_become_two_stacks_a_patient_with_the_larger_ventricle_as_end_diastole(heart, tmp_path, monkeypatch):
    put_all(tmp_path / "clone")
    pin(heart, tmp_path / "clone", monkeypatch)
    cases = read_case_set(heart.write_heart(tmp_path / "clone", tmp_path / "cases")).cases
    roles = {case.name: case.role for case in cases}
    assert [name for name, role in roles.items() if role == "test"] == ["patient-03-ed", "patient-03-es"]
    assert list(roles) == [f"patient-{n:02d}-{phase}" for n in (1, 2, 3) for phase in ("ed", "es")]
    for case, side in zip(cases, (5, 4) * 3, strict=True):
        image, label = read_volume(case.images[0]), read_labels(case.label)
        assert label.array.sum() == 3 * side**2
        assert image.array[0, 0].tolist() == [12, 13, 14]  # from the base on
        assert image.grid.spacing_mm == pytest.approx((1.37, 1.37, 8))


def test_columns_run_to_the_left_rows_to_the_back_and_slices_downwards(heart, tmp_path, monkeypatch):
    put_all(tmp_path / "clone")
    pin(heart, tmp_path / "clone", monkeypatch)
    case = read_case_set(heart.write_heart(tmp_path / "clone", tmp_path / "cases")).cases[0]
    label = read_labels(case.label)
    assert label.array.shape == (SIZE[1], SIZE[0], 3)
    assert np.argwhere(label.array)[0].tolist() == [1, 3, 0]  # column, row, slice
    assert label.grid.axes_to_ras() == ((0, 1, 2), (True, True, True))


def test_other_pictures_than_those_of_the_commit_are_refused(heart, tmp_path, monkeypatch):
    put_all(tmp_path / "clone")
    with pytest.raises(InputError, match="18 pictures of SegNetCMR, and not those of commit 1f41bb8bf653") as refused:
        heart.write_heart(tmp_path / "clone", tmp_path / "cases")
    assert refused.value.problem.code == "other-pictures"
    pin(heart, tmp_path / "clone", monkeypatch)
    label = next((tmp_path / "clone" / "Data" / "Train" / "Labels").rglob("*.png"))
    label.write_bytes(label.read_bytes() + b"\0")
    with pytest.raises(InputError, match="not those of commit"):
        heart.write_heart(tmp_path / "clone", tmp_path / "cases")
    assert not (tmp_path / "cases").exists()


def test_a_stack_that_lacks_a_slice_is_refused(heart, tmp_path, monkeypatch):
    put_all(tmp_path / "clone", skipped=3)
    pin(heart, tmp_path / "clone", monkeypatch)
    with pytest.raises(InputError, match=r"patient-01-ed: has the slices 2, 4, with a gap"):
        heart.write_heart(tmp_path / "clone", tmp_path / "cases")
