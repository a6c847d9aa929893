"""Voxel sizes in µm or m that are written as mm: the case is named with its voxels, and the others are done.

MIC-DKFZ/nnUNet#2675 (`_ArrayMemoryError` while an image is resampled) and MIC-DKFZ/nnUNet#538 (a wrong spacing that is found
only after the segmentation).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.cases import extent
from TransferSegLib.cases.extent import LARGEST_MM, extent_problem, prepared_size_problem
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Preprocessing

SIZE = (24, 24, 16)
AT_2_MM = Preprocessing((2.0, 2.0, 2.0))


@pytest.fixture
def heads(tmp_path):
    """heads(factor): three cases, the voxel size of the second multiplied by the factor."""

    def make(factor: float):
        rng = np.random.default_rng(0)
        for n in range(3):
            times = factor if n == 1 else 1
            grid = Grid.from_spacing(SIZE, (4.0 * times, 5.0 * times, 7.5 * times))
            image, label = rng.normal(size=SIZE), np.zeros(SIZE, np.uint8)
            label[6:18, 6:18, 4:12] = n + 1 if n < 2 else 3
            label[8:12, 8:12, 5:9] = 1
            for folder in ("images", "labels"):
                (tmp_path / "data" / folder).mkdir(parents=True, exist_ok=True)
            write_volume(tmp_path / "data" / "images" / f"c{n}.nii.gz", image, grid)
            write_labels(tmp_path / "data" / "labels" / f"c{n}.nii.gz", label, grid)
        return tmp_path / "data"

    return make


@pytest.fixture
def model(tmp_path, tiny_source):
    """The tiny model, at voxels of 2 mm."""
    folder = shutil.copytree(tiny_source, tmp_path / "model")
    card = json.loads((folder / "card.json").read_text())
    card["preprocessing"]["spacing_mm"] = [2.0, 2.0, 2.0]
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.mark.parametrize("factor", [1000, 100])
def test_micrometres_for_millimetres_name_the_case_and_the_others_are_segmented(heads, model, tmp_path, capsys, factor):
    out = tmp_path / "out"
    code = main(["segment", "--model", str(model), "--images", str(heads(factor) / "images"), "--out", str(out)])
    said = capsys.readouterr().err
    assert code == 1
    assert sorted(path.name for path in out.glob("*.nii.gz")) == ["c0.nii.gz", "c2.nii.gz"]
    voxels = "×".join(f"{side * factor:g}" for side in (4, 5, 7.5))
    assert f"case `c1`: voxels of {voxels} mm make an image of" in said
    assert "µm may have been written as mm" in said and "Traceback" not in said


def test_nothing_is_segmented_where_no_case_can_be_prepared(heads, model, tmp_path, capsys):
    image = str(heads(1000) / "images" / "c1.nii.gz")
    assert main(["segment", "--model", str(model), "--images", image, "--out", str(tmp_path / "out")]) == 2
    assert "case `c1`: voxels of 4000×5000×7500 mm" in capsys.readouterr().err


@pytest.mark.parametrize("with_source", [False, True])
def test_the_check_has_an_error_with_the_voxel_size(heads, model, capsys, with_source):
    source = ["--source", str(model)] if with_source else []
    assert main(["cases", "check", str(heads(1000)), "--json", *source]) == 2
    errors = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["severity"] == "error"]
    assert [(one["code"], one["case"]) for one in errors] == [("huge-extent", "c1")]
    assert "4000×5000×7500 mm" in errors[0]["message"] and "96×120×120 m" in errors[0]["message"]


def test_a_job_is_refused_before_it_trains(heads, model, tmp_path, capsys):
    data, out = str(heads(1000)), str(tmp_path / "job")
    asked = ["adapt", "--source", str(model), "--target", data, "--out", out, "--strategy", "open", "--steps", "2"]
    assert main(asked) == 2
    assert "case `c1`: voxels of 4000×5000×7500 mm" in capsys.readouterr().err


@pytest.mark.parametrize("factor", [0.001, 0.01])
def test_metres_for_millimetres_are_an_error_and_no_segmentation_of_one_voxel(heads, model, tmp_path, capsys, factor):
    data = heads(factor)
    assert main(["cases", "check", str(data), "--source", str(model)]) == 2
    assert "less than one voxel of the model's 2×2×2 mm" in capsys.readouterr().out
    code = main(["segment", "--model", str(model), "--images", str(data / "images"), "--out", str(tmp_path / "out")])
    assert (code, "case `c1`: voxels of" in capsys.readouterr().err) == (1, True)


def test_a_model_for_tiny_voxels_names_what_the_image_would_become(tmp_path):
    path = tmp_path / "image.nii.gz"
    write_volume(
        path, np.random.default_rng(0).normal(size=(64, 64, 40)), Grid.from_spacing((64, 64, 40), (1.0, 1.0, 2.0))
    )
    case = Case("histology", (path,), None)
    with pytest.raises(
        InputError, match=r"case `histology`: resampled from 1×1×2 mm to the model's 0\.01×.* has 6400×6400×8000 voxels"
    ):
        prepare_case(case, Preprocessing((0.01, 0.01, 0.01)))


def test_what_fits_depends_on_the_memory_that_is_free(monkeypatch):
    trunk = Grid.from_spacing((512, 512, 1000), (0.8, 0.8, 1.0))
    assert prepared_size_problem(trunk, AT_2_MM, 1) is None
    monkeypatch.setattr(extent, "available_bytes", lambda: 100 * 2**20)
    problem = prepared_size_problem(trunk, AT_2_MM, 2)
    assert (
        problem is not None
        and "from 0.8×0.8×1 mm to the model's 2×2×2 mm, the image has 205×205×500" in problem.message
    )
    monkeypatch.setattr(extent, "available_bytes", lambda: None)
    assert prepared_size_problem(trunk, AT_2_MM, 2) is None


def test_what_monais_resampling_needs_in_between_counts(monkeypatch):
    grid = Grid.from_spacing((100, 100, 100), (2.0, 2.0, 4.0))
    single = replace(AT_2_MM, resampling="monai")
    double = replace(single, resampled_in_float64=True)
    new, old = 100 * 100 * 199, 100**3
    for preprocessing, needed in ((single, 20 * new + 4 * old), (double, 36 * new + 8 * old)):
        monkeypatch.setattr(extent, "available_bytes", lambda free=needed: free)
        assert prepared_size_problem(grid, preprocessing, 1) is None
        monkeypatch.setattr(extent, "available_bytes", lambda free=needed: free - 1)
        assert prepared_size_problem(grid, preprocessing, 1) is not None
    # What has the wanted voxels is left as it is.
    monkeypatch.setattr(extent, "available_bytes", lambda: 4 * 100**3)
    assert prepared_size_problem(Grid.from_spacing((100, 100, 100), (2.0, 2.0, 2.0)), double, 1) is None


@pytest.mark.parametrize(
    ("size", "spacing_mm"),
    [
        ((512, 512, 2000), (1.5, 1.5, 1.0)),  # a whole body of 2 m
        ((512, 512, 1), (0.5, 0.5, 5.0)),  # a slice
        ((600, 600, 600), (0.01, 0.01, 0.01)),  # a biopsy
        ((8, 8, 8), (10.0, 10.0, 10.0)),
        ((1, 1, 1), (0.1, 0.1, 0.1)),
    ],
)
def test_images_as_there_are_pass(size, spacing_mm):
    grid = Grid.from_spacing(size, spacing_mm)
    assert extent_problem(grid) is None and prepared_size_problem(grid, AT_2_MM, 1) is None


def test_the_limit_is_that_of_the_longest_side():
    just = (LARGEST_MM / 100, 1.0, 1.0)
    assert extent_problem(Grid.from_spacing((100, 10, 10), just)) is None
    assert extent_problem(Grid.from_spacing((101, 10, 10), just)) is not None


def test_memory_that_runs_out_while_a_case_is_prepared_is_a_sentence(heads, monkeypatch):
    from TransferSegLib.cases import preprocessing

    def full(*arguments):
        raise MemoryError

    monkeypatch.setattr(preprocessing, "_resample", full)
    with pytest.raises(InputError, match="case `x`: memory of this computer ran out while it was prepared"):
        prepare_case(Case("x", (heads(1) / "images" / "c0.nii.gz",), None), AT_2_MM)
