"""Options that the library declares are fields of the panel, and what is chosen in them goes into the job and the scene."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

SCENES = Path(__file__).resolve().parents[1] / "data" / "version-0.1.0"


@pytest.fixture
def made_up(monkeypatch):
    """A strategy with an option of each kind that none of the library's has, registered before the panel is opened."""
    from TransferSegLib.core.declarations import Option
    from TransferSegLib.transfer import strategies

    made_up = replace(
        strategies.STRATEGIES["open"],
        name="made-up",
        title="Made up",
        options=(
            Option("share", "number", "Share", "How much is kept.", default=0.25, least=0, most=1, unit="mm"),
            Option("twice", "yes/no", "Twice", "Whether it is done twice.", default=False),
            Option("word", "text", "Word", "Any word.", pattern="[a-z]+", examples="small letters"),
            Option("often", "whole number", "How often", "How often it is done.", least=1),
        ),
    )
    monkeypatch.setitem(strategies.STRATEGIES, "made-up", made_up)
    return made_up


def choose(panel, strategy: str) -> None:
    panel.parameters.strategy = strategy
    panel.refresh()


def test_a_strategy_s_options_are_fields_with_tooltips_and_go_into_the_job(made_up, panel, heads):
    import qt
    from all_steps import take_all_steps

    section, around = panel.strategy_section, panel.ui.strategyContents
    share, twice = section.field("made-up", "share"), section.field("made-up", "twice")
    assert not share.widget.isVisibleTo(around)
    choose(panel, "made-up")
    assert share.widget.isVisibleTo(around) and share.label.isVisibleTo(around)
    assert isinstance(share.widget, qt.QDoubleSpinBox) and isinstance(twice.widget, qt.QCheckBox)
    assert (share.widget.minimum, share.widget.maximum, share.widget.value) == (0, 1, 0.25)
    assert share.widget.suffix == " mm" and share.label.text == "Share:"
    assert share.widget.toolTip == "How much is kept." and twice.widget.toolTip == "Whether it is done twice."
    share.widget.setValue(0.75)
    twice.widget.click()
    heads(2)
    panel.ui.addFromSceneButton.click()
    spec = json.loads((take_all_steps(panel.create_job()) / "job.json").read_text(encoding="utf-8"))
    assert spec["strategies"][-1] == {"name": "made-up", "options": {"share": 0.75, "twice": True}}


def test_an_option_without_a_default_can_be_left_out_again(made_up, panel):
    from TransferSegGui.parameters import chosen_strategies

    choose(panel, "made-up")
    often = panel.strategy_section.field("made-up", "often").widget
    assert often.text == "not chosen"
    often.setValue(4)
    panel.refresh()
    assert chosen_strategies(panel.parameters)[0].options["often"] == 4
    often.setValue(often.minimum)
    panel.refresh()
    assert "often" not in chosen_strategies(panel.parameters)[0].options


def test_a_text_is_taken_when_it_is_what_the_option_asks_for(made_up, panel):
    from TransferSegGui.parameters import chosen_strategies, training_options

    choose(panel, "made-up")
    word = panel.strategy_section.field("made-up", "word").widget
    size = panel.strategy_section.field("training", "patch_size").widget
    for line, text in ((word, "hello"), (size, "16 16 8"), (word, "12 %"), (size, "16 large")):
        line.setText(text)
        line.editingFinished.emit()
    assert chosen_strategies(panel.parameters)[0].options["word"] == "hello"
    assert training_options(panel.parameters).patch_size == (16, 16, 8)
    assert "must be small letters" in word.toolTip and "must be 3 whole numbers from 0" in size.toolTip


def test_one_option_takes_the_place_of_another(panel):
    from TransferSegGui.parameters import chosen_strategies

    choose(panel, "conservative")
    layers = panel.strategy_section.field("conservative", "layers")
    part = panel.strategy_section.field("conservative", "part")
    layers.widget.setValue(3)
    assert chosen_strategies(panel.parameters)[0].key == "conservative:layers=3"
    part.widget.setCurrentIndex(part.widget.findData("decoder"))
    part.widget.activated.emit(part.widget.currentIndex)
    panel.refresh()
    assert chosen_strategies(panel.parameters)[0].key == "conservative:part=decoder"
    assert not layers.widget.enabled and "Part of the network" in layers.widget.toolTip
    part.widget.setCurrentIndex(0)
    part.widget.activated.emit(0)
    panel.refresh()
    assert chosen_strategies(panel.parameters)[0].key == "conservative:layers=6"
    assert layers.widget.enabled


def test_settings_of_the_training_go_into_the_job_and_the_scene(panel, runtime, scene, tmp_path):
    from TransferSegGui.parameters import training_options

    fields = {name: panel.strategy_section.field("training", name).widget for name in ("seed", "learning_rate")}
    assert fields["learning_rate"].placeholderText == "chosen by the job"
    fields["seed"].setValue(5)
    fields["learning_rate"].setText("0.002, 1e-4")
    fields["learning_rate"].editingFinished.emit()
    for _round in range(2):
        training = training_options(panel.parameters)
        assert (training.seed, training.learning_rate, training.augment) == (5, (0.002, 1e-4), "light")
        assert scene.util.saveScene(str(tmp_path / "scene.mrml"))
        scene.util.loadScene(str(tmp_path / "scene.mrml"))
        runtime.process_events(20)
    assert fields["seed"].value == 5


def test_a_label_named_as_lesions_goes_into_the_job_with_its_cutoffs(panel, scene):
    from TransferSegGui.parameters import lesion_options

    fields = {name: panel.strategy_section.field("lesions", name) for name in ("lesions", "lesion_volume")}
    assert lesion_options(panel.parameters) is None
    assert fields["lesion_volume"].widget.isHidden(), "without a label there is nothing to cut off"
    for name, text in (("lesions", "stroke"), ("lesion_volume", "0, 50 mm3")):
        fields[name].widget.setText(text)
        fields[name].widget.editingFinished.emit()
    panel.refresh()
    chosen = lesion_options(panel.parameters)
    assert (chosen.lesions, chosen.volume_cutoffs_ml, chosen.overlap_cutoffs) == ("stroke", (0, 0.05), (0, 0.2))
    assert not fields["lesion_volume"].widget.isHidden()
    fields["lesion_volume"].widget.setText("50")
    fields["lesion_volume"].widget.editingFinished.emit()
    assert "must be volumes such as" in fields["lesion_volume"].widget.toolTip
    assert lesion_options(panel.parameters).volume_cutoffs_ml == (0, 0.05)


@pytest.mark.parametrize("damaged", ["no json", "[]", '{"open": 3, "conservative": {"layers": "many", "gone": 1}}'])
def test_options_of_a_damaged_scene_are_the_defaults(panel, damaged):
    from TransferSegGui.parameters import chosen_strategies

    panel.parameters.options = damaged
    choose(panel, "conservative")
    assert chosen_strategies(panel.parameters)[0].key == "conservative:layers=6"


@pytest.mark.parametrize("trained", ["layers", "part"])
def test_a_scene_of_version_0_1_0_keeps_what_was_chosen(panel, runtime, scene, trained):
    """The two scenes were saved by version 0.1.0; only in the second one a part of the network was chosen.

    That version counted the output layer among the last layers, of which 3 were chosen.
    """
    from TransferSegGui.parameters import chosen_strategies, training_options

    from TransferSegLib.training.options import TrainingOptions

    scene.util.loadScene(str(SCENES / f"scene-with-{trained}.mrml"))
    runtime.process_events(20)
    chosen = [choice.key for choice in chosen_strategies(panel.parameters)]
    last = {"layers": "conservative:layers=2", "part": "conservative:part=decoder"}[trained]
    assert chosen == ["direct", last, "hybrid:decoder=source:fusion=average"]
    assert training_options(panel.parameters) == TrainingOptions(
        steps=25, augment="strong", lr_schedule="plateau", seed=7, deterministic=True
    )
    parameters = panel.parameters
    assert (parameters.source, parameters.folds, parameters.modelName) == ("head-t1w", 3, "knees")
    assert json.loads(parameters.labelMap) == {"air": "new"}
    section = panel.strategy_section
    assert section.field("hybrid", "fusion").widget.currentText == "averaged"
    assert section.field("training", "seed").widget.value == 7


def test_the_settings_that_are_shown_are_those_of_the_chosen_recipe(panel):
    from TransferSegGui.parameters import training_options

    from TransferSegLib.training.options import TrainingOptions

    def choose_recipe(name: str) -> None:
        box = panel.strategy_section.field("training", "recipe").widget
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex)
        panel.refresh()

    def shown(name: str):
        widget = panel.strategy_section.field("training", name).widget
        return widget.currentData if hasattr(widget, "currentData") else widget.value

    assert (shown("recipe"), shown("loss"), shown("weight_decay")) == ("default", "dice-ce", 1e-5)
    choose_recipe("zoetmulder2022")
    assert (shown("loss"), shown("batch_size"), shown("weight_decay")) == ("ce-median-frequency", 32, 2e-4)
    assert panel.strategy_section.field("training", "learning_rate").widget.text == "0.0001"
    averaging = panel.strategy_section.field("training", "weight_averaging").widget
    assert (averaging.value, averaging.text) == (0, "off")
    size = panel.strategy_section.field("training", "patch_size").widget
    assert size.text == "0x0x1"
    size.editingFinished.emit()  # went through, and changed nothing
    assert training_options(panel.parameters) == TrainingOptions(recipe="zoetmulder2022")
    panel.strategy_section.field("training", "weight_decay").widget.setValue(0.5)
    panel.refresh()
    assert training_options(panel.parameters) == TrainingOptions(recipe="zoetmulder2022", weight_decay=0.5)
    # Another recipe is taken as its paper has it, and what no recipe has a say in stays.
    panel.strategy_section.field("training", "seed").widget.setValue(3)
    choose_recipe("hossain2023")
    assert (shown("weight_decay"), shown("loss")) == (1e-5, "dice-sample-class")
    assert training_options(panel.parameters) == TrainingOptions(recipe="hossain2023", seed=3)


@pytest.mark.parametrize(
    ("recipe", "unit", "epochs", "steps"),
    [("zoetmulder2022", "recipe", 30, None), ("hossain2023", "recipe", None, 4620), ("karimi2021", "steps", None, 2)],
)
def test_a_recipe_that_names_a_budget_brings_it_and_another_number_can_be_given(panel, recipe, unit, epochs, steps):
    from TransferSegGui.parameters import training_options

    ui, box = panel.ui, panel.strategy_section.field("training", "recipe").widget

    def choose(chosen, value: str) -> None:
        chosen.setCurrentIndex(chosen.findData(value))
        chosen.activated.emit(chosen.currentIndex)
        panel.refresh()

    panel.parameters.budgetUnit, panel.parameters.budget = "steps", 2
    choose(box, recipe)
    options = training_options(panel.parameters)
    assert (options.epochs, options.steps, options.minutes) == (epochs, steps, None)
    assert ui.budgetUnitComboBox.currentData == unit
    assert ui.budgetSpinBox.enabled == (unit != "recipe")
    choose(ui.budgetUnitComboBox, "epochs")
    options = training_options(panel.parameters)
    assert (options.epochs, options.steps, options.minutes) == (2, None, None) and ui.budgetSpinBox.enabled
    choose(ui.budgetUnitComboBox, "recipe")
    choose(box, "default")  # which names none
    assert ui.budgetUnitComboBox.currentData == "minutes" and ui.budgetSpinBox.enabled


def test_the_budget_of_a_recipe_may_be_in_epochs(panel):
    from TransferSegGui.parameters import training_options

    panel.parameters.budgetUnit, panel.parameters.budget = "epochs", 7
    panel.refresh()
    assert panel.ui.budgetUnitComboBox.currentText == "epochs, each training"
    options = training_options(panel.parameters)
    assert (options.epochs, options.steps, options.minutes) == (7, None, None)
