"""What the person chose, kept in the scene."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from TransferSegLib.core.declarations import Option, declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.training.options import BUDGET, TrainingOptions
from TransferSegLib.training.recipes import RECIPES, Recipe
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES, conservative, open

MINUTES, STEPS, EPOCHS = "minutes", "steps", "epochs"
# The unit of a budget that the recipe names; the number beside it then counts for nothing.
AS_RECIPE = "recipe"
AUTOMATIC_FOLDS = -1
# What is chosen before the person chooses, as the library does.
USUAL = TrainingOptions()
OPEN, CONSERVATIVE = (module.STRATEGY.name for module in (open, conservative))
# Whose settings they are in `Parameters.options`: beside the names of strategies, those of every training.
TRAINING = "training"
# And those of the detection of lesions.
LESIONS = "lesions"
# The setting that decides what the others of a recipe are.
RECIPE = "recipe"
LESION_SETTINGS = declared_options(LesionOptions)
# The budget and the device have fields of their own.
SETTINGS = tuple(o for o in declared_options(TrainingOptions) if o.group != "budget" and o.name != "device")

if TYPE_CHECKING:

    class _ParameterNode:
        """What Slicer's `parameterNodeWrapper` adds to the class."""

        parameterNode: slicer.vtkMRMLScriptedModuleNode

        def __init__(self, parameterNode: slicer.vtkMRMLScriptedModuleNode) -> None: ...

        def connectGui(self, gui: Any) -> Any: ...

        def disconnectGui(self, tag: Any) -> None: ...

else:
    _ParameterNode = object


@parameterNodeWrapper
class Parameters(_ParameterNode):
    """The module's parameter node. The cases are in the same node, see `targets.TargetCases`.

    Attributes:
        openStep: The name of the step that is open; empty where all are closed.
        source: The name or the folder of the source model.
        strategy: The strategy's name, where one is run, or `auto`: the one that is recommended.
        compare: Whether several strategies are compared.
        compared: The names of the ticked strategies, with commas.
        options: JSON, for each strategy's name, for `training` and for `lesions` the values that were chosen: {name: value}.
        sourceData: The folder of the source model's own cases; empty where none is chosen.
        budget: How many minutes, steps or epochs.
        budgetUnit: `minutes` of all trainings together, or `steps` or `epochs` of each training; `recipe` leaves number and
            unit to the recipe.
        device: What the networks run on.
        folds: How many folds; -1 leaves it to the job, 0 trains the final model alone.
        labelMap: JSON, target label to source label, "new" or null; only what was changed by hand.
        job: The folder of the job that is shown.
        jobCases: JSON, for each job's identity the key in the table of each numbered case.
        jobPredictions: JSON, for each job's identity the numbered cases whose annotations began as predictions.
        drawnCases: JSON, the keys of the cases that were drawn at random to be annotated without a prediction in sight.
        showCurves: Whether curves of the loss are drawn while a job runs.
        sideBySide: Whether a case is shown side by side, in views of its own; else as outlines in all views.
        modelName: The name under which the adapted model is saved.
        tryVolume: The volume that the source model is tried on.
        tryQuick: Whether a model of nnU-Net's segments with one network, without mirrored copies.
        applyVolume: The volume that the adapted model is applied to.
        applyOutput: The segmentation that gets the result; None for a new one.
        applySeveral: Whether it is applied to several volumes.
        applyVolumes: These volumes.
        applyUncertainty: Whether a map of the uncertainty is made as well.
    """

    openStep: str = "source"
    source: str = ""
    strategy: str = AUTO
    compare: bool = False
    compared: str = ",".join((BASELINE, CONSERVATIVE, OPEN))
    options: str = "{}"
    sourceData: str = ""
    budget: Annotated[int, WithinRange(1, 1000000)] = 10
    budgetUnit: str = MINUTES
    device: str = USUAL.device
    folds: Annotated[int, WithinRange(AUTOMATIC_FOLDS, 50)] = AUTOMATIC_FOLDS
    labelMap: str = "{}"
    job: str = ""
    jobCases: str = "{}"
    jobPredictions: str = "{}"
    drawnCases: str = "[]"
    showCurves: bool = True
    sideBySide: bool = True
    modelName: str = ""
    tryVolume: slicer.vtkMRMLScalarVolumeNode
    tryQuick: bool = False
    applyVolume: slicer.vtkMRMLScalarVolumeNode
    applyOutput: slicer.vtkMRMLSegmentationNode
    applySeveral: bool = False
    applyVolumes: list[slicer.vtkMRMLScalarVolumeNode]
    applyUncertainty: bool = False


def parameters_of(node: slicer.vtkMRMLScriptedModuleNode) -> Parameters:
    """The parameters in a node, also in one of a scene that version 0.1.0 saved."""
    of_before = {name: node.GetParameter(name) for name in _OPTIONS_OF_0_1 if node.HasParameter(name)}
    parameters = Parameters(node)
    if of_before:
        parameters.options = json.dumps(_options_of_0_1(of_before))
        for name in of_before:
            node.UnsetParameter(name)
    return parameters


def chosen_strategies(parameters: Parameters) -> list[StrategyChoice]:
    """The strategies with the options that apply to them, `direct` first where several are compared.

    `auto` stands alone where one is to be recommended.
    """
    if parameters.strategy == AUTO and not parameters.compare:
        return [StrategyChoice(AUTO)]
    names = parameters.compared.split(",") if parameters.compare else [parameters.strategy]
    # A scene may be of a later version, or damaged.
    return [StrategyChoice(name, options_for(parameters, name)) for name in names if name in STRATEGIES]


def source_data(parameters: Parameters) -> str:
    """The data set of the source's own cases; "" where no chosen strategy takes them: their field is hidden then."""
    known = (STRATEGIES[choice.name] for choice in chosen_strategies(parameters) if choice.name in STRATEGIES)
    return parameters.sourceData if any(strategy.needs_source_data for strategy in known) else ""


def options_for(parameters: Parameters, strategy: str) -> dict[str, Any]:
    """The options of a strategy: what was chosen, and the defaults of the others."""
    options = STRATEGIES[strategy].options
    return STRATEGIES[strategy].parse_options(chosen_options(parameters, strategy, options))


def training_settings(parameters: Parameters) -> dict[str, Any]:
    """The settings of the training that were chosen, by name."""
    return chosen_options(parameters, TRAINING, SETTINGS)


def shown_settings(parameters: Parameters) -> dict[str, Any]:
    """The settings of the training as they hold: what was chosen, and the others as the chosen recipe has them."""
    chosen = training_settings(parameters)
    try:
        settings = TrainingOptions(**chosen)
    except InputError:
        return chosen
    return {option.name: getattr(settings, option.name) for option in SETTINGS}


def training_options(parameters: Parameters) -> TrainingOptions:
    """Budget, device and the settings of the training.

    Raises:
        InputError: The settings do not go together.
    """
    unit, budget = parameters.budgetUnit, parameters.budget
    return TrainingOptions(
        minutes=float(budget) if unit == MINUTES else None,
        epochs=budget if unit == EPOCHS else None,
        steps=budget if unit not in (MINUTES, EPOCHS, AS_RECIPE) else None,
        device=parameters.device,
        **training_settings(parameters),
    )


def lesion_options(parameters: Parameters) -> LesionOptions | None:
    """Which label's components are lesions; None where the person named none."""
    return LesionOptions.of(chosen_options(parameters, LESIONS, LESION_SETTINGS))


def chosen_options(parameters: Parameters, of: str, options: Sequence[Option]) -> dict[str, Any]:
    """The values that were chosen, of a strategy's options or of the training's settings.

    Args:
        parameters: The parameters.
        of: The strategy's name, `TRAINING` or `LESIONS`.
        options: The options that there are. Values of others, and values that are wrong, are left out: a scene may be of
            another version.

    Returns:
        Name → value. Of options with the same group there is one at most.
    """
    stored, groups = _object(parameters.options).get(of), set()
    found = {}
    for option in options:
        if not isinstance(stored, dict) or stored.get(option.name) is None or option.group in groups:
            continue
        try:
            found[option.name] = option.parse(stored[option.name])
        except InputError:
            continue
        if option.group:
            groups.add(option.group)
    return found


def choose_option(parameters: Parameters, of: str, option: Option, value: Any, options: Sequence[Option]) -> None:
    """Store the value of an option in the parameter node.

    The other options of its group are removed, because only one of a group may be given. With another recipe what was changed
    of the one before is removed, so that its settings are those of its paper, and so is its budget where it has one.

    Args:
        parameters: The parameter node.
        of: The strategy whose option it is, or `TRAINING` or `LESIONS`.
        option: The option.
        value: Its value; None removes it.
        options: All options of the strategy or the training.
    """
    chosen = chosen_options(parameters, of, options)
    rivals = {other.name for other in options if option.group and other.group == option.group}
    chosen = {name: kept for name, kept in chosen.items() if name != option.name and name not in rivals}
    if of == TRAINING and option.name == RECIPE:
        of_recipe = {field.name for field in declared_options(Recipe)}
        chosen = {name: kept for name, kept in chosen.items() if name not in of_recipe}
        if any(name in BUDGET for name in RECIPES[value or USUAL.recipe].values):
            parameters.budgetUnit = AS_RECIPE
        elif parameters.budgetUnit == AS_RECIPE:
            parameters.budgetUnit = MINUTES
    if value is not None:
        chosen[option.name] = value
    parameters.options = json.dumps({**_object(parameters.options), of: chosen})


def label_map(parameters: Parameters, names: Sequence[str]) -> dict[str, Any]:
    """The changes that the person made to the matching of labels, for labels that are still there."""
    return {name: value for name, value in _object(parameters.labelMap).items() if name in names}


def remember_cases(parameters: Parameters, job: str, keys: dict[str, str]) -> None:
    """Store which numbered case of a job is which case of the table.

    Args:
        parameters: The parameter node.
        job: The job's identity.
        keys: Name of each numbered case → its key in the table.
    """
    parameters.jobCases = json.dumps({**_object(parameters.jobCases), job: keys})


def remember_predictions(parameters: Parameters, job: str, cases: Sequence[str]) -> None:
    """Store which numbered cases of a job began as predictions.

    Args:
        parameters: The parameter node.
        job: The job's identity.
        cases: The names of these cases in the job.
    """
    parameters.jobPredictions = json.dumps({**_object(parameters.jobPredictions), job: list(cases)})


def remembered_predictions(parameters: Parameters, job: str) -> list[str]:
    """The numbered cases of a job that began as predictions."""
    return _object(parameters.jobPredictions).get(job, [])


def remembered_cases(parameters: Parameters, job: str) -> dict[str, str]:
    """Name of each numbered case of a job → its key in the table; empty where this scene does not know the job."""
    return _object(parameters.jobCases).get(job, {})


# Parameters of version 0.1.0, each with the strategy (or the training) whose option it was, and the option's name.
_OPTIONS_OF_0_1 = {
    "layers": (CONSERVATIVE, "layers"),
    "part": (CONSERVATIVE, "part"),
    "fusion": ("hybrid", "fusion"),
    "augment": (TRAINING, "augment"),
    "learningRule": (TRAINING, "lr_schedule"),
    "seed": (TRAINING, "seed"),
    "deterministic": (TRAINING, "deterministic"),
}


def _options_of_0_1(given: dict[str, str]) -> dict[str, dict[str, Any]]:
    """`Parameters.options` from the parameters in which version 0.1.0 kept them, as texts."""
    if given.get("part"):  # a part took the place of a number of layers, and was empty where it did not
        given = {name: text for name, text in given.items() if name != "layers"}
    elif given.get("layers", "").isdecimal():  # which counted the output layer
        given = {**given, "layers": str(int(given["layers"]) - 1)}
    found: dict[str, dict[str, Any]] = {}
    for name, text in given.items():
        of, option = _OPTIONS_OF_0_1[name]
        if text:
            found.setdefault(of, {})[option] = text
    if "hybrid" in found:  # whose decoder always began with the source's weights
        found["hybrid"]["decoder"] = "source"
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
