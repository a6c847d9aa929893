"""The preprocessing that a person chooses at `pretrain`: on the card, in the training, in what is segmented later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardNetwork, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, read_job
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

NETWORK = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
QUICK = TrainingOptions(steps=2, deterministic=True)
CHOSEN = PreprocessingOptions("zoetmulder2022", histogram_match=True, spacing="8")


@pytest.fixture(scope="module")
def job(tmp_path_factory, phantoms) -> Path:
    data = phantoms("t1w", 3)
    spec = JobSpec(2, "pretrain", str(data), (StrategyChoice("scratch"),), network=NETWORK, training=QUICK, folds=0,
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


def test_a_segmentation_comes_back_on_the_images_own_grid(job, phantoms, tmp_path):
    image = read_case_set(phantoms("t1w", 3)).cases[0].images[0]
    assert main(["segment", "--model", str(job), "--images", str(image), "--out", str(tmp_path)]) == 0
    found = next(path for path in tmp_path.glob("*.nii.gz"))
    prepared = prepare_case(read_case_set(phantoms("t1w", 3)).cases[0], read_card(job / "model").preprocessing)
    assert read_labels(found).grid.same_as(prepared.grid)


def test_a_model_that_is_adapted_keeps_its_preprocessing(phantoms):
    with pytest.raises(InputError, match="`adapt` prepares images as the source model does"):
        JobSpec(2, "adapt", str(phantoms("t1w", 3)), (StrategyChoice("open"),), "open", source="/model",
                preprocessing=CHOSEN)  # fmt: skip
