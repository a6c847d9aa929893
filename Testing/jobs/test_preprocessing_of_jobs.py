"""The preprocessing that a person chooses at `pretrain`: on the card, in the training, in what is segmented later."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.template import TemplateSpace
from TransferSegLib.cases.volumes import read_grid, read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardNetwork, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.preprocessing_words import intensities_in_words, preprocessing_in_words
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, read_job
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.exports.bundle import export_bundle
from TransferSegLib.training.options import TrainingOptions

NETWORK = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
QUICK = TrainingOptions(steps=2, deterministic=True)
CHOSEN = PreprocessingOptions("zoetmulder2022", histogram_match=True, spacing="8")


@pytest.fixture(scope="module")
def job(tmp_path_factory, phantoms) -> Path:
    data = phantoms("t1w", 3)
    spec = JobSpec(3, "pretrain", str(data), (StrategyChoice("scratch"),), network=NETWORK, training=QUICK, folds=0,
                   preprocessing=CHOSEN)  # fmt: skip
    folder = JobFolder.create(tmp_path_factory.mktemp("preprocessing") / "job", spec)
    run_job(folder.path)
    return folder.path


def test_the_choices_are_on_the_card_and_a_resumed_job_finds_the_same_landmarks(job, tmp_path):
    card = read_card(job / "model")
    preprocessing = card.preprocessing
    assert (preprocessing.crop, preprocessing.spacing_mm) == ("empty-slices", (8, 8, 8))
    assert (preprocessing.clip_percentiles, preprocessing.extremes) == ((1, 99), (0, 1))
    assert preprocessing.landmarks is not None and preprocessing.landmarks[-1] == 100
    context = JobContext.read(read_job(job))
    assert context.card.preprocessing == preprocessing
    case = context.training_cases[0]
    store = PreparedCases(tmp_path, job, preprocessing, context.task)
    # What is left out at the top is still left out when the case is read from the store.
    assert store.get(case).box == prepare_case(case, preprocessing).box is not None
    assert np.array_equal(store.get(case).image, prepare_case(case, preprocessing).image)


def test_it_is_shown_in_words_and_with_its_units(job, capsys):
    assert main(["sources", "show", str(job / "model")]) == 0
    shown = capsys.readouterr().out
    words = "histogram matched to the training images', clipped at percentiles 1 and 99, lowest and highest value to 0 and 1"
    assert "8×8×8 mm" in shown and f"{words}; without the slices at top and bottom that hold nothing" in shown
    card = read_card(job / "model")
    for preprocessing, words in (
        (Preprocessing(None, "ct", (-1000, 1000)), "ct, -1000 to 1000 HU to 0…1"),
        (Preprocessing(None, "ct", (-9, 20.5), mean=3.0, sd=2.0), "ct, -9 to 20.5 HU standardised"),
        (Preprocessing(None, "z-score", extremes=(0, 1)), "z-score, then lowest and highest value to 0 and 1"),
        (Preprocessing(None, "sd", n4=True), "N4, sd"),
    ):
        assert intensities_in_words(preprocessing, card.channels) == words
    assert preprocessing_in_words(Preprocessing((1, 1, 2.5), "sd"), ("MR",)) == "sd; voxels: 1×1×2.5 mm"
    assert preprocessing_in_words(Preprocessing(None, "sd"), ("MR",)) == "sd; voxels: as in the image"
    assert preprocessing_in_words(Preprocessing((None, None, None), "sd"), ("MR",)) == "sd; voxels: as in the image"
    slices = Preprocessing((1, 1.5, None), "sd")
    assert preprocessing_in_words(slices, ("MR",)) == "sd; voxels: 1×1.5 mm, along superior as in the image"


def test_a_template_that_is_not_there_is_refused_before_a_job_is_made(phantoms, tmp_path, capsys):
    wrong = ["--network", "monai-unet", "--template", str(tmp_path / "mni.nii"), "--out", str(tmp_path / "job")]
    assert main(["pretrain", "--data", str(phantoms("t1w", 3)), *wrong]) == 2
    assert f"--template {tmp_path / 'mni.nii'}: no such file; check the path." in capsys.readouterr().err
    assert not (tmp_path / "job").exists()


def test_a_segmentation_comes_back_on_the_images_own_grid(job, phantoms, tmp_path):
    image = read_case_set(phantoms("t1w", 3)).cases[0].images[0]
    assert main(["segment", "--model", str(job), "--images", str(image), "--out", str(tmp_path)]) == 0
    found = next(path for path in tmp_path.glob("*.nii.gz"))
    prepared = prepare_case(read_case_set(phantoms("t1w", 3)).cases[0], read_card(job / "model").preprocessing)
    assert read_labels(found).grid.same_as(prepared.grid)


def test_a_model_that_is_adapted_keeps_its_preprocessing(phantoms):
    with pytest.raises(InputError, match="`adapt` prepares images as the source model does"):
        JobSpec(3, "adapt", str(phantoms("t1w", 3)), (StrategyChoice("open"),), "open", source="/model",
                preprocessing=CHOSEN)  # fmt: skip


def test_a_template_goes_with_the_model_wherever_it_goes(phantoms, tmp_path, monkeypatch):
    cases = read_case_set(phantoms("t1w", 3)).cases
    template = tmp_path / "mni.nii.gz"
    shutil.copy(cases[2].images[0], template)
    # The registration has tests of its own.
    shown = TemplateSpace(read_grid(template), np.eye(4))
    monkeypatch.setattr("TransferSegLib.cases.template.template_space", lambda *given: shown)
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))
    chosen = PreprocessingOptions(template=str(template))
    spec = JobSpec(3, "pretrain", str(phantoms("t1w", 3)), (StrategyChoice("scratch"),), network=NETWORK, training=QUICK,
                   folds=0, preprocessing=chosen)  # fmt: skip
    folder = JobFolder.create(tmp_path / "job", spec).path
    run_job(folder)
    template.unlink()
    card = read_card(folder / "model")
    assert card.preprocessing.template == "template.nii.gz" and card.preprocessing.spacing_mm is None
    assert (folder / "model" / "template.nii.gz").is_file()
    assert main(["sources", "add", str(folder / "model"), "--name", "kept"]) == 0
    image = str(cases[0].images[0])
    assert main(["segment", "--model", "kept", "--images", image, "--out", str(tmp_path / "out")]) == 0
    found = read_labels(next((tmp_path / "out").glob("*.nii.gz")))
    assert found.grid.same_as(read_grid(cases[0].images[0]))
    kept = {"keep": "direct", "source": str(find_source("kept").folder), "training": QUICK, "folds": 0}
    context = JobContext.read(JobSpec(3, "adapt", str(phantoms("t1w", 3)), (StrategyChoice("direct"),), **kept))
    assert Path(context.card.preprocessing.template) == find_source("kept").folder / "template.nii.gz"
    assert prepare_case(cases[0], context.card.preprocessing).space is not None
    with pytest.raises(InputError, match="brings images to the space of a template"):
        export_bundle(find_source("kept"), tmp_path / "bundle")


@pytest.mark.parametrize("name", ["/etc/passwd", "../template.nii.gz", "template.nii.gz/..", "other.nii"])
def test_a_card_names_no_template_but_a_file_of_its_own_folder(job, tmp_path, name):
    card = json.loads((job / "model" / "card.json").read_text(encoding="utf-8"))
    card["preprocessing"]["template"] = name
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(InputError, match="the template must be a file `template"):
        read_card(tmp_path)


def test_a_template_that_is_a_link_out_of_the_models_folder_is_not_followed(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "secret.nii").write_text("")
    (tmp_path / "model" / "template.nii").symlink_to(tmp_path / "secret.nii")
    with pytest.raises(InputError, match="is a link to a file outside the model's folder"):
        Preprocessing(None, template="template.nii").in_folder(tmp_path / "model")


def test_smoothing_is_kept_on_the_card_and_done_in_the_job_and_in_segment(phantoms, tmp_path):
    data, spec = phantoms("t1w", 3), {"network": NETWORK, "folds": 0}
    rough, smooth = tmp_path / "rough", tmp_path / "smooth"
    for folder, training in ((rough, QUICK), (smooth, replace(QUICK, smoothing_mm=6.0))):
        made = JobSpec(3, "pretrain", str(data), (StrategyChoice("scratch"),), training=training, **spec)
        run_job(JobFolder.create(folder, made).path)
    assert [read_card(folder / "model").smoothing_mm for folder in (rough, smooth)] == [0, 6]
    case = read_case_set(data).cases[0]
    out = {}
    for name, folder, flags in (("rough", rough, []), ("kept", smooth, []), ("asked", rough, ["--smoothing-mm", "6"])):
        images = ["--images", str(case.images[0]), "--out", str(tmp_path / name)]
        assert main(["segment", "--model", str(folder), *images, *flags]) == 0
        out[name] = read_labels(next((tmp_path / name).glob("*.nii.gz")))
    # The weights of both jobs are the same.
    expected = smoothed(out["rough"].array, out["rough"].grid.spacing_mm, 6.0)
    assert np.array_equal(out["kept"].array, expected) and np.array_equal(out["asked"].array, expected)
    assert not np.array_equal(out["rough"].array, expected)
