"""What a person may ask of a training, and what is refused."""

from __future__ import annotations

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.training.options import TrainingOptions


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"steps": 5, "epochs": 2}, "options `--steps` and `--epochs` are both given; give one of them"),
        ({"epochs": 5, "minutes": 2}, "`--epochs` and `--minutes` are both given"),
        ({"steps": 0}, "option `--steps`: must be a whole number from 1 to 1,000,000,000, not `0`"),
        ({"epochs": -1}, "`--epochs`: .*, not `-1`"),
        ({"minutes": 0.0}, r"`--minutes`: .*, not `0\.0`"),
        ({"minutes": float("nan")}, "`--minutes`: .*, not `nan`"),
        (
            {"learning_rate": -1e-3},
            r"option `--learning-rate`: must be a number greater than 0, or several with commas between, not `-0\.001`",
        ),
        ({"batch_size": 0}, "`--batch-size`: .*, not `0`"),
        ({"patch_size": (16, -1, 16)}, "option `--patch-size`: must be 3 whole numbers from 0, not `16 -1 16`"),
        (
            {"patch_size": (4000, 4000, 4000)},
            "--patch-size 4000 4000 4000: a patch of so many voxels does not fit into memory",
        ),
        ({"batch_size": 100_000}, "`--batch-size`: must be a whole number from 1 to 1,024, not `100000`"),
        ({"steps": 10**20}, "`--steps`: .* to 1,000,000,000, not `1000"),
        ({"lr_factor": 0.5}, "--lr-factor: has no effect with --lr-schedule cosine; leave it out, or choose another"),
        ({"lr_schedule": "step", "lr_patience": 2}, "--lr-patience: has no effect with --lr-schedule step"),
        ({"loss": "ce", "background": True}, "--background: has no effect with --loss ce"),
        ({"minutes": float("inf")}, "`--minutes`: .*, not `inf`"),
        ({"learning_rate": float("inf")}, "`--learning-rate`: .*, not `inf`"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainingOptions(**options)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_random_generator_takes_is_refused_in_a_sentence(seed):
    with pytest.raises(InputError, match=f"`--seed`: must be a whole number from 0 to 4,294,967,295, not `{seed}`"):
        TrainingOptions(seed=seed)


def test_what_comes_with_a_recipe_may_be_of_no_use_to_what_a_person_changed():
    options = TrainingOptions(recipe="mecheter2023", lr_schedule="cosine")
    assert (options.lr_factor, options.changed) == (None, ("lr_schedule",))
    assert TrainingOptions(recipe="hossain2023", loss="ce").background


def test_options_survive_their_json():
    options = TrainingOptions(epochs=3, patch_size=(16, 24, 16), lr_schedule="plateau", deterministic=True)
    assert from_json(TrainingOptions, to_json(options), "options") == options


def test_nothing_chosen_leaves_the_choice_to_the_job():
    options = TrainingOptions()
    assert (options.steps, options.batch_size, options.patch_size, options.learning_rate) == (None,) * 4
