"""Pictures as cases: what their pixels become, where they lie, and the layouts of their folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing


def write(path: Path, pixels: np.ndarray) -> Path:
    """Write rows of pixels (J, I), or (J, I, colours), as uint8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(pixels.astype(np.uint8), isVector=pixels.ndim == 3), str(path))
    return path


def photo(seed: int, size=(32, 40)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3))


def test_colours_become_grey_and_a_pixel_a_millimetre(tmp_path):
    pixels = np.zeros((2, 3, 3))
    pixels[0, 0], pixels[0, 1], pixels[0, 2], pixels[1, 2] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    volume = read_volume(write(tmp_path / "a.png", pixels))
    assert volume.array.shape == (3, 2, 1)
    assert volume.array[:, :, 0].T.ravel().tolist() == pytest.approx([76.245, 149.685, 29.07, 0, 0, 255], abs=1e-3)
    assert volume.grid.spacing_mm == (1, 1, 1)
    assert volume.grid.same_as(read_grid(tmp_path / "a.png"))
    assert volume.array.dtype == np.float32


def test_transparency_is_left_out_and_grey_stays_grey(tmp_path):
    grey = np.arange(12).reshape(3, 4)
    with_alpha = np.dstack([grey, grey, grey, np.full_like(grey, 7)])
    for pixels in (grey, with_alpha):
        assert np.allclose(read_volume(write(tmp_path / "a.png", pixels)).array[:, :, 0].T, grey, atol=1e-5)
    assert np.abs(read_volume(write(tmp_path / "a.jpg", np.full((8, 8), 90))).array - 90).max() <= 1
    with pytest.raises(InputError, match=r"is a grey PNG with transparency, which .*; write it without transparency"):
        read_volume(write(tmp_path / "b.png", np.dstack([grey, grey])))


def test_the_top_of_a_picture_is_the_front(tmp_path):
    pixels = np.zeros((5, 4))
    pixels[0, 1] = 200  # in the top row
    case = read_case_set(write(tmp_path / "set" / "a.png", pixels).parent).cases[0]
    prepared = prepare_case(case, Preprocessing(None, "none")).image[0]
    assert np.argwhere(prepared).tolist() == [[1, 4, 0]]  # the axes run to the right, the front and the top


def test_images_and_labels_of_equal_names_are_cases(tmp_path):
    write(tmp_path / "images" / "a.jpg", photo(0))
    write(tmp_path / "images" / "b.png", photo(1))
    labels = np.zeros((32, 40))
    labels[3:9, 5:20] = 2
    write(tmp_path / "labels" / "a.png", labels)
    (tmp_path / "labels.json").write_text('{"chair": 1, "table": 2}')
    found = read_case_set(tmp_path)
    assert (found.channels, found.modality, dict(found.labels)) == (("grey",), "photo", {1: "chair", 2: "table"})
    assert [(case.name, case.role) for case in found.cases] == [("a", "train"), ("b", "unlabelled")]
    task = LabelTask(("chair", "table"), (1, 2), {1: 1, 2: 2}, ((0,), (), ()))
    prepared = prepare_case(found.cases[0], Preprocessing(None), task)
    assert prepared.image.shape == (1, 40, 32, 1)
    assert np.array_equal(prepared.own_classes[:, :, 0].T, labels)


def test_a_folder_for_each_class_says_what_each_picture_shows(tmp_path):
    for name, count in (("cat", 2), ("ant", 1)):
        for n in range(count):
            write(tmp_path / name / f"{n}.jpg", photo(n))
    found = read_case_set(tmp_path)
    assert dict(found.labels) == {1: "ant", 2: "cat"}
    assert len({case.name for case in found.cases}) == 3
    values = [np.unique(read_labels(case.label).array).tolist() for case in found.cases]
    assert values == [[1], [2], [2]]
    assert all(read_labels(case.label).grid.same_as(read_grid(case.images[0])) for case in found.cases)


def test_pictures_alone_are_cases_without_labels(tmp_path):
    for n in range(2):
        write(tmp_path / f"{n}.png", photo(n))
    found = read_case_set(tmp_path)
    assert [(case.name, case.label) for case in found.cases] == [("0", None), ("1", None)]


def test_pictures_beside_volumes_are_no_cases(tmp_path):
    write_volume(tmp_path / "scan.nii.gz", np.zeros((4, 4, 4)), Grid.from_spacing((4, 4, 4), (1, 1, 1)))
    write(tmp_path / "preview.png", photo(0))
    assert [case.name for case in read_case_set(tmp_path).cases] == ["scan"]


@pytest.mark.parametrize(
    ("name", "pixels", "words"),
    [("a.png", photo(0), "should be the number of its label"), ("a.jpg", photo(0)[..., 0], "changes the values")],
)
def test_labels_with_colours_or_losses_are_refused(tmp_path, name, pixels, words):
    with pytest.raises(InputError, match=words):
        read_labels(write(tmp_path / name, pixels))


def test_what_is_no_picture_is_called_so(tmp_path):
    (tmp_path / "a.png").write_bytes(b"<html>not found</html>")
    for read in (read_volume, read_grid, read_labels):
        with pytest.raises(InputError, match=r"a\.png: "):
            read(tmp_path / "a.png")
    for name in ("b.png", "b.jpg"):
        cut = write(tmp_path / name, photo(0)).read_bytes()
        (tmp_path / name).write_bytes(cut[: len(cut) // 2])
        with pytest.raises(InputError, match=r"b\.\w+: is no picture, or is damaged; copy it again"):
            read_volume(tmp_path / name)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("TransferSegLib.cases.pictures.MOST_PIXELS", 1000)
    with pytest.raises(InputError, match="has 40 × 32 pixels, more than 1,000 in all; make it smaller"):
        read_volume(write(tmp_path / "a.png", photo(0)))


def test_labels_without_their_picture_are_named(tmp_path):
    write(tmp_path / "images" / "a.png", photo(0))
    write(tmp_path / "labels" / "b.png", np.zeros((4, 4)))
    with pytest.raises(InputError, match="1 file of labels has no picture of the same name in `images`: b"):
        read_case_set(tmp_path)


def test_more_classes_than_a_model_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("TransferSegLib.cases.readers.pictures.MOST_LABELS", 1)
    for name in "ab":
        write(tmp_path / name / "0.png", photo(0))
    with pytest.raises(InputError, match="a folder for each of 2 classes, and a model here tells 1 at most apart"):
        read_case_set(tmp_path)
