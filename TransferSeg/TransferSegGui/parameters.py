"""What the person chose, kept in the scene."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import STRATEGIES, conservative, hybrid, open

MINUTES, STEPS = "minutes", "steps"
AUTOMATIC_FOLDS = -1
# What is chosen before the person chooses, as the library does.
USUAL = TrainingOptions()
OPEN, CONSERVATIVE, HYBRID = (module.STRATEGY.name for module in (open, conservative, hybrid))


@parameterNodeWrapper
class Parameters:
    """The module's parameter node; the cases are in the same node, see `targets.TargetCases`.

    source: name or folder of the source model. compared: names of the ticked strategies, with commas. part: of the network
    that `conservative` trains, "" for the last `layers` convolutions. labelMap: JSON, target label to source label, "new" or
    null, only what was changed by hand. job: folder of the job that is shown; jobCases: JSON, for each job's identity the
    key in the table of each numbered case.
    """

    source: str = ""
    strategy: str = OPEN
    compare: bool = False
    compared: str = ",".join((BASELINE, CONSERVATIVE, OPEN))
    layers: Annotated[int, WithinRange(1, 200)] = STRATEGIES[CONSERVATIVE].parse_options({})["layers"]
    part: str = ""
    fusion: str = STRATEGIES[HYBRID].parse_options({})["fusion"]
    sourceData: str = ""
    budget: Annotated[int, WithinRange(1, 1000000)] = 10
    budgetUnit: str = MINUTES
    device: str = USUAL.device
    folds: Annotated[int, WithinRange(AUTOMATIC_FOLDS, 50)] = AUTOMATIC_FOLDS
    seed: Annotated[int, WithinRange(0, 1000000)] = USUAL.seed
    augment: str = USUAL.augment
    learningRule: str = USUAL.lr_schedule
    deterministic: bool = USUAL.deterministic
    labelMap: str = "{}"
    job: str = ""
    jobCases: str = "{}"
    showCurves: bool = True
    sideBySide: bool = True
    modelName: str = ""
    applyVolume: slicer.vtkMRMLScalarVolumeNode
    applySeveral: bool = False
    applyVolumes: list[slicer.vtkMRMLScalarVolumeNode]


def chosen_strategies(parameters: Parameters) -> list[StrategyChoice]:
    """The strategies with the options that apply to them, `direct` first where several are compared."""
    names = parameters.compared.split(",") if parameters.compare else [parameters.strategy]
    # A scene may be of a later version, or damaged.
    return [StrategyChoice(name, options_for(parameters, name)) for name in names if name in STRATEGIES]


def options_for(parameters: Parameters, strategy: str) -> dict[str, Any]:
    """The options of a strategy as chosen."""
    chosen = {"part": parameters.part} if parameters.part else {"layers": parameters.layers}
    chosen["fusion"] = parameters.fusion
    known = {option.name for option in STRATEGIES[strategy].options}
    return {name: value for name, value in chosen.items() if name in known}


def training_options(parameters: Parameters) -> TrainingOptions:
    """Budget, device and advanced settings."""
    in_minutes = parameters.budgetUnit == MINUTES
    return TrainingOptions(
        minutes=float(parameters.budget) if in_minutes else None,
        steps=None if in_minutes else parameters.budget,
        device=parameters.device,
        seed=parameters.seed,
        augment=parameters.augment,
        lr_schedule=parameters.learningRule,
        deterministic=parameters.deterministic,
    )


def label_map(parameters: Parameters, names: Sequence[str]) -> dict[str, Any]:
    """The changes made by hand, for labels that are still there."""
    return {name: value for name, value in _object(parameters.labelMap).items() if name in names}


def remember_cases(parameters: Parameters, job: str, keys: dict[str, str]) -> None:
    """Keep which numbered case of a job is which case of the table."""
    parameters.jobCases = json.dumps({**_object(parameters.jobCases), job: keys})


def remembered_cases(parameters: Parameters, job: str) -> dict[str, str]:
    """Key in the table of each numbered case of a job, as far as this scene knows."""
    return _object(parameters.jobCases).get(job, {})


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
