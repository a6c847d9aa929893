"""What a person may ask of a training, and what is refused."""

from __future__ import annotations

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.training.options import TrainingOptions


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"steps": 5, "epochs": 2}, "--steps and --epochs are both given; give one budget"),
        ({"epochs": 5, "minutes": 2}, "--epochs and --minutes are both given"),
        ({"steps": 0}, "--steps 0: must be a number greater than 0"),
        ({"epochs": -1}, "--epochs -1"),
        ({"minutes": 0.0}, r"--minutes 0\.0"),
        ({"minutes": float("nan")}, "--minutes nan"),
        ({"learning_rate": -1e-3}, r"--learning-rate -0\.001: must be a number greater than 0"),
        ({"batch_size": 0}, "--batch-size 0"),
        ({"patch_size": (16, 0, 16)}, "every side must be at least 1 voxel"),
        (
            {"patch_size": (4000, 4000, 4000)},
            "--patch-size 4000 4000 4000: a patch of so many voxels fits into no memory",
        ),
        ({"batch_size": 100_000}, "--batch-size 100000: more than 1,024"),
        ({"steps": 10**20}, "--steps 1000.*: more than 1,000,000,000, which no computer gets through"),
        ({"minutes": float("inf")}, "--minutes inf"),
        ({"learning_rate": float("inf")}, "--learning-rate inf"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainingOptions(**options)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_random_generator_takes_is_refused_in_a_sentence(seed):
    with pytest.raises(InputError, match=f"--seed {seed}: must be a whole number from 0"):
        TrainingOptions(seed=seed)


def test_options_survive_their_json():
    options = TrainingOptions(epochs=3, patch_size=(16, 24, 16), lr_schedule="plateau", deterministic=True)
    assert from_json(TrainingOptions, to_json(options), "options") == options


def test_nothing_chosen_leaves_the_choice_to_the_job():
    options = TrainingOptions()
    assert (options.steps, options.batch_size, options.patch_size, options.learning_rate) == (None,) * 4
