"""The recipes of the papers: their numbers, what a person changes of them, and that each trains and goes on bit for bit."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.options import BUDGET, TrainingOptions
from TransferSegLib.training.recipes import RECIPES, Recipe
from TransferSegLib.training.schedule import rule_of
from TransferSegLib.transfer.plan import TransferPlan, trainable_everywhere

PAPERS = [name for name in RECIPES if name != "default"]
FIELDS = [option.name for option in declared_options(Recipe)]
SIZE = (16, 16, 16)


def test_there_is_a_recipe_for_each_paper_and_the_usual_one():
    assert list(RECIPES) == [
        "default",
        "mecheter2023",
        "mecheter2020",
        "zoetmulder2022",
        "hossain2023",
        "karimi2021",
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_recipe_sets_is_a_setting_with_a_value_that_is_allowed(name):
    recipe = RECIPES[name]
    options = {option.name: option for option in declared_options(TrainingOptions)}
    for field, value in {**recipe.values, **recipe.from_scratch}.items():
        assert field in (*FIELDS, *BUDGET)
        assert options[field].parse(value) == value
        assert recipe.from_scratch.get(field) != recipe.values.get(field)


@pytest.mark.parametrize("name", PAPERS)
def test_of_every_value_of_a_paper_it_is_said_where_it_comes_from(name):
    recipe = RECIPES[name]
    said = {statement.about: statement for statement in recipe.says}
    assert set(recipe.values) <= set(said)
    for statement in recipe.says:
        assert "§" in statement.paper or statement.why, statement.about
        assert (statement.about in (*FIELDS, *BUDGET)) != bool(statement.here), statement.about


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mecheter2023", (1e-4, 5e-4, "plateau", 0.75, 2, "ce", 200, None)),
        ("mecheter2020", (1e-4, 0.0, "plateau", 0.1, 10, "ce", 30, None)),
        ("zoetmulder2022", (1e-4, 2e-4, "half", 0.1, 32, "ce-median-frequency", 30, None)),
        ("hossain2023", (1e-4, 1e-5, "step", 0.95, 1, "dice-sample-class", None, 4620)),
        ("karimi2021", (5e-5, 0.0, "plateau-steps", 0.9, 1, "neg-dice", None, None)),
    ],
)
def test_the_numbers_are_those_of_the_papers(name, expected):
    o = TrainingOptions(recipe=name)
    found = (o.learning_rate, o.weight_decay, o.lr_schedule, o.lr_factor, o.batch_size, o.loss, o.epochs, o.steps)
    assert found == expected
    assert o.changed == ()


@pytest.mark.parametrize(
    ("name", "rate", "decay", "epochs", "steps"),
    [
        ("mecheter2020", 1e-3, 0.0, 300, None),
        ("hossain2023", 1e-3, 1e-3, None, 23_100),
        ("karimi2021", 1e-4, 0.0, None, None),
        ("mecheter2023", 1e-4, 5e-4, 200, None),
    ],
)
def test_from_scratch_a_paper_may_train_otherwise(name, rate, decay, epochs, steps):
    o = TrainingOptions(recipe=name).for_training(carried=False)
    assert (o.learning_rate, o.weight_decay, o.epochs, o.steps) == (rate, decay, epochs, steps)
    assert TrainingOptions(recipe=name).for_training(carried=True) == TrainingOptions(recipe=name)


def test_what_a_person_chose_holds_from_scratch_too_even_where_it_is_the_recipes_own_value():
    o = TrainingOptions(recipe="hossain2023", learning_rate=1e-4, minutes=3.0).for_training(carried=False)
    assert (o.learning_rate, o.weight_decay) == (1e-4, 1e-3)
    assert (o.steps, o.epochs, o.minutes) == (None, None, 3.0)


def test_a_job_remembers_the_recipe_its_values_and_what_was_changed():
    options = TrainingOptions(recipe="zoetmulder2022", weight_decay=1e-3, epochs=5)
    written = to_json(options)
    assert written["recipe"] == "zoetmulder2022"
    assert (written["loss"], written["weight_decay"]) == ("ce-median-frequency", 1e-3)
    assert written["changed"] == ["epochs", "weight_decay"]
    assert from_json(TrainingOptions, written, "options") == options


def test_a_job_written_by_hand_needs_the_name_and_what_is_changed_alone():
    options = from_json(TrainingOptions, {"recipe": "hossain2023", "weight_decay": 1e-4}, "options")
    assert (options.loss, options.weight_decay, options.changed) == ("dice-sample-class", 1e-4, ("weight_decay",))


def test_a_job_of_before_the_recipes_is_the_usual_one():
    written = {"steps": None, "epochs": None, "minutes": 2.0, "device": "auto", "seed": 7, "learning_rate": None,
               "lr_schedule": "plateau", "batch_size": None, "patch_size": None, "augment": "light",
               "deterministic": False}  # fmt: skip
    read = from_json(TrainingOptions, written, "options")
    usual = TrainingOptions(minutes=2.0, seed=7, lr_schedule="plateau")
    assert all(getattr(read, name) == getattr(usual, name) for name in (*FIELDS, *BUDGET, "recipe", "seed"))


@pytest.mark.parametrize(
    ("recipe", "schedule", "expected"),
    [
        ("mecheter2023", "plateau-steps", (0.9, 2000)),  # and not every 5 steps
        ("karimi2021", "plateau", (0.75, 5)),  # and not after 2000 epochs
        ("hossain2023", "half", (0.1, 0)),
        ("zoetmulder2022", "step", (0.95, 0)),
        ("mecheter2020", "plateau", (0.1, 10)),  # its own
    ],
)
def test_another_schedule_comes_with_numbers_of_its_own(recipe, schedule, expected):
    options = TrainingOptions(recipe=recipe, lr_schedule=schedule)
    rule = rule_of(options)
    assert (rule.factor, rule.patience) == expected
    assert options.changed == ("lr_schedule",)
    assert from_json(TrainingOptions, to_json(options), "options") == options
    scratch = options.for_training(carried=False)
    assert (rule_of(scratch), scratch.changed) == (rule, options.changed)
    given = TrainingOptions(recipe=recipe, lr_schedule=schedule, lr_factor=0.5)
    assert (rule_of(given).factor, given.changed) == (0.5, ("lr_factor", "lr_schedule"))


def test_an_unknown_recipe_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"option `--recipe`: must be one of default, mecheter2023, .*, not `nnunet`"):
        TrainingOptions(recipe="nnunet")


def test_the_usual_recipe_is_what_it_was_before_there_were_any():
    o = TrainingOptions()
    assert (o.optimizer, o.momentum, o.weight_decay, o.gradient_clip, o.weight_averaging) == (
        "adam",
        0.9,
        1e-5,
        12.0,
        0.99,
    )
    assert (o.loss, o.background, o.lr_schedule, o.augment, o.patches_per_epoch) == (
        "dice-ce",
        False,
        "cosine",
        "light",
        1,
    )
    assert (o.learning_rate, o.batch_size, o.patch_size, o.lr_factor, o.patience) == (None,) * 5


def make_training(options: TrainingOptions) -> Training:
    torch.manual_seed(1)
    arguments = {"channels": (4, 8), "strides": (2,), "norm": "BATCH"}
    network = build("monai-unet", 1, 3, arguments)
    plan = TransferPlan("by hand", network, CardNetwork("monai-unet", arguments), trainable_everywhere(network, 1e-2))
    plan.prepare()
    rng, cases = np.random.default_rng(0), []
    for n in range(2):
        classes = np.zeros(SIZE, np.uint8)
        classes[4:9, 3 + n : 10, 4:10] = 1
        classes[9:13, 4:12, 5:9] = 2
        image = rng.normal(classes[None], 0.3).astype(np.float32)
        cases.append(PreparedCase(f"c{n}", image, classes, Grid.from_spacing(SIZE, (1, 1, 1)), (1.0, 1.0, 1.0)))
    return Training(plan, cases, options, RunSettings(4, 2, (8, 8, 8), ExecutionConfig("cpu"), seed=3))


# Each recipe, and of every field a value that no recipe has.
TRAINED = {
    **{name: {"recipe": name} for name in RECIPES},
    "sgd": {"optimizer": "sgd", "momentum": 0.5, "learning_rate": 1e-2},
    "adamw": {"optimizer": "adamw", "gradient_clip": 0.0, "weight_averaging": 0.5},
    "plateau-steps": {"recipe": "karimi2021", "lr_patience": 1},
    "patience": {"lr_schedule": "constant", "patience": 1, "learning_rate": 1e-7},
}


@pytest.mark.parametrize("name", TRAINED)
def test_every_recipe_trains_and_goes_on_bit_for_bit(name):
    def make() -> Training:
        return make_training(TrainingOptions(**TRAINED[name]))

    whole = make()
    before = copy.deepcopy(whole.plan.network.state_dict())
    whole.run()
    file, first, second = io.BytesIO(), make(), make()

    def stop(progress) -> bool:
        if progress.step == 2:
            torch.save(first.state(), file)
        return progress.step < 2

    first.run(stop)
    file.seek(0)
    second.restore(torch.load(file, weights_only=True))
    second.run()
    after, resumed = whole.plan.network.state_dict(), second.plan.network.state_dict()
    assert all(torch.equal(after[key], resumed[key]) for key in after)
    assert whole.progress == second.progress
    assert any(not torch.equal(after[key], before[key]) for key in after)
