"""A study as a person writes it in YAML, a grid of jobs, and its cells. Nothing here reads cases or models.

```yaml
title: How many layers to tune, with how many cases
data:
  t1w: {phantom: t1w, cases: 8, seed: 1, test: 2}
  t2w: {path: /data/my-cases, validation: 2, test: 4}
sources:
  heads: {pretrain: {data: [t1w], network: monai-unet, training: {steps: 500}}}
training: {steps: 200}
grids:
- strategy: [direct, conservative:layers=6, open]
  source: heads
  target: t2w
  size: [2, 4, 8]
  draw: [0, 1, 2]
```
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.card import Task
from TransferSegLib.core.declarations import Option, as_text, check_options, declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import RecordError, from_json, read_text, to_json
from TransferSegLib.core.texts import is_plain
from TransferSegLib.core.yaml_text import parse_yaml
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import find_strategy

STUDY_FORMAT = 1
MOST_BYTES = 1024**2
MOST_CELLS = 10_000
# The source of cells that begin from nothing: their network is trained from scratch.
NO_SOURCE = "none"
# The factors of every cell, in the order of their columns. Training options may follow.
FACTORS = ("strategy", "recipe", "source", "network", "target", "size", "draw", "fold", "seed")

Level = str | int | float | bool
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,40}")
LONGEST_NAME = 100
_LONGEST_LEVEL = 40


@dataclass(frozen=True)
class StudyData:
    """A data set of a study, and which of its cases are for what.

    Attributes:
        path: Where it lies; None for phantoms.
        phantom: What made-up heads show, in place of a path: `t1w`, `t2w` or `ct`.
        cases: How many made-up heads there are.
        seed: Their seed.
        voxels: The size of their images.
        lesions: Whether they have lesions.
        train: The cases that are trained on: their names, or how many of those that are left; None for all of these.
        validation: The cases that are validated on, likewise; None for those with this role in the data set.
        test: The cases that are scored, likewise; None for those with this role in the data set.
        folds: In place of `test`, into how many folds the cases are split, of which the factor `fold` names the one that is
            scored.
        split_seed: Decides which cases are drawn where numbers are given.
        draw_by_volume_of: A label. Smaller sets to train on are drawn from bins of its volume, as many from each bin, as in
            Hossain 2023 §3.1.2; `*` stands for all labels together, and None draws them from all cases alike.
        bins: The number of these bins.
        label_map: Which of its labels go to which of the source model's, as a job has it; null drops a label.
    """

    path: str | None = None
    phantom: Literal["t1w", "t2w", "ct"] | None = None
    cases: int = 8
    seed: int = 0
    voxels: tuple[int, int, int] = (48, 48, 24)
    lesions: bool = False
    train: int | tuple[str, ...] | None = None
    validation: int | tuple[str, ...] | None = None
    test: int | tuple[str, ...] | None = None
    folds: int | None = None
    split_seed: int = 0
    draw_by_volume_of: str | None = None
    bins: int = 8
    label_map: Mapping[str, Any] | None = field(default=None, hash=False)

    def at(self, path: Path) -> StudyData:
        """The same of another data set, which lies in `path`."""
        made: dict[str, Any] = {name: _DEFAULTS[name] for name in _OF_PHANTOMS}
        return replace(self, path=str(path), phantom=None, **made)

    def check(self, where: str) -> None:
        """Refuse what does not go together.

        Args:
            where: Names the data set in an error.

        Raises:
            InputError: Two of the fields contradict each other, or a number cannot be.
        """
        if (self.path is None) == (self.phantom is None):
            raise InputError(
                "study-data-from-where",
                "field `{field}`: a data set has a `path` or a `phantom`; give one of them.",
                field=where,
            )
        idle = [name for name in _OF_PHANTOMS if getattr(self, name) != _DEFAULTS[name]]
        if self.path is not None and idle:
            raise InputError(
                "study-not-phantom",
                "field `{field}`: {idle:`} {idle:~is|are} for a `phantom`, and this data set has a `path`; take "
                "{idle:~it|them} out.",
                field=where,
                idle=idle,
            )
        if self.cases < 1 or self.seed < 0 or self.split_seed < 0 or min(self.voxels) < 8:
            raise InputError(
                "study-phantom",
                "field `{field}`: a phantom has 1 or more `cases`, seeds from 0 and 8 or more `voxels` a side; correct it.",
                field=where,
            )
        if self.bins < 1:
            raise InputError("study-bins", "field `{field}`: `bins` is 1 or more; correct it.", field=where)
        if self.folds is not None and (self.folds < 2 or self.test is not None):
            raise InputError(
                "study-folds",
                "field `{field}`: `folds` is 2 or more, and takes the place of `test`; correct it.",
                field=where,
            )
        if self.train == ():
            raise InputError(
                "study-train-empty",
                "field `{field}`: the list is empty; name a case, or leave it out.",
                field=f"{where}.train",
            )
        for name in ("train", "validation", "test"):
            value = getattr(self, name)
            if isinstance(value, int) and value < (1 if name == "train" else 0):
                raise InputError(
                    "study-split-number",
                    "field `{field}`: {found} is no number of cases; correct it.",
                    field=f"{where}.{name}",
                    found=value,
                )


# What is said of made-up heads alone.
_OF_PHANTOMS = ("cases", "seed", "voxels", "lesions")
_DEFAULTS = {one.name: one.default for one in fields(StudyData)}


@dataclass(frozen=True)
class Pretraining:
    """A source model that the study trains itself, once for all cells that begin from it.

    Attributes:
        data: The names of the study's data sets whose training cases it learns from; several are pooled.
        network: The network, with its arguments as `--network` takes them; None for the cell's factor `network`.
        task: What it learns: `segmentation`, or a task that makes an encoder alone.
        size: How many training cases of each data set; None for all.
        training: Training options of its own, beside those of the study.
        preprocessing: Choices for the preprocessing of its own, beside those of the study.
        follows: Factors of the cell that it has in common with it, such as `seed` or `recipe`. A model is trained for each
            level of these.
    """

    data: tuple[str, ...]
    network: str | None = None
    task: Task = "segmentation"
    size: int | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudySource:
    """What cells begin from: a model that is there, or one that the study trains.

    Attributes:
        model: The name or the folder of a source model, or a job's folder.
        pretrain: How the study trains one, in place of `model`.
    """

    model: str | None = None
    pretrain: Pretraining | None = None


@dataclass(frozen=True)
class Cell:
    """One job of a study.

    Attributes:
        name: The name of its folder: what tells the cell from the others of its study, then a digest of all that the study
            says of it, so a cell whose settings were changed is another cell.
        factors: Name of a factor → level: `FACTORS`, and the training options that the grids vary. `size` is None for all
            cases, `network` None where the source model decides, and `fold` None without folds. Where nothing is trained,
            there is one cell for all sizes and draws, with `size` None and `draw` 0.
        grid: The number of the grid that it is of, the first one where several have it; from 0.
    """

    name: str
    factors: Mapping[str, Level | None] = field(hash=False)
    grid: int = 0

    @property
    def strategy(self) -> StrategyChoice:
        """The strategy with its options."""
        return StrategyChoice.parse(str(self.factors["strategy"]))

    @property
    def trains(self) -> bool:
        """Whether anything is trained; `direct` takes the source model as it is."""
        return _trains(self.factors)


@dataclass(frozen=True)
class Study:
    """A study as its YAML has it; see the top of this file for one.

    Attributes:
        format: `STUDY_FORMAT`.
        title: One line that says what it is about.
        paper: The paper whose tables, figures and claims end it; None for the general ones.
        data: Name → data set.
        sources: Name → source model. The name `none` is for cells that begin from nothing.
        training: Training options of all jobs.
        preprocessing: How images are prepared for the networks that the study trains from scratch, as `pretrain` takes it.
        lesions: Which label's components are lesions whose detection is scored, and the cut-offs; None where none are.
        grids: Each is a grid: factor → its level or list of levels. Their cells are run together, those that are in two of
            them once.
        notes: What was changed in a paper's study so that it fits a person's cases and models, a sentence each; see
            `own_data.py`.
    """

    title: str
    data: Mapping[str, StudyData]
    grids: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, StudySource] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    paper: str | None = None
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    lesions: LesionOptions | None = None
    format: int = STUDY_FORMAT
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.format != STUDY_FORMAT:
            raise InputError(
                "study-format",
                "field `format`: {found} is not {known}, the newest known; update TransferSeg.",
                found=self.format,
                known=STUDY_FORMAT,
            )
        if not is_plain(self.title):
            raise InputError("study-title", "field `title`: has control characters; give a title of one line.")
        if not all(map(is_plain, self.notes)):
            raise InputError("study-notes", "field `notes`: has control characters; write each note as one line.")
        for part, names in (("data", self.data), ("sources", self.sources)):
            wrong = next((name for name in names if not _KEY.fullmatch(name) or name == NO_SOURCE), None)
            if wrong is not None:
                raise InputError(
                    "study-name",
                    "field `{field}`: the name `{name}` is not of letters, digits and `_.+-` (at most 40), or is `none`; "
                    "give another.",
                    field=part,
                    name=wrong,
                )
        if not self.grids:
            raise InputError("study-without-grid", "field `grids`: the list is empty; give at least one grid.")
        _checked_options(self.training, "training")
        preprocessing_of(self.preprocessing, "preprocessing")
        for name, data in self.data.items():
            data.check(f"data.{name}")
        for name, source in self.sources.items():
            if (source.model is None) == (source.pretrain is None):
                raise InputError(
                    "study-source-from-where",
                    "field `{field}`: a source has a `model` or a `pretrain`; give one of them.",
                    field=f"sources.{name}",
                )
            if source.pretrain is not None:
                self._check_pretraining(source.pretrain, f"sources.{name}.pretrain")

    def _check_pretraining(self, pretrain: Pretraining, where: str) -> None:
        _checked_options(pretrain.training, f"{where}.training")
        preprocessing_of(pretrain.preprocessing, f"{where}.preprocessing")
        for data in pretrain.data:
            self._must_know(data, self.data, f"{where}.data")
        if not pretrain.data:
            raise InputError("study-pretrain-data", "field `{field}`: the list is empty; name a data set.", field=where)
        for factor in pretrain.follows:
            _must_be_factor(factor, f"{where}.follows")

    def _must_know(self, name: object, known: Mapping[str, Any], where: str) -> None:
        if name not in known:
            raise InputError(
                "study-unknown-name",
                "field `{field}`: there is no `{name}`; the study has {known}.",
                field=where,
                name=name,
                known=list(known) or ["none"],
            )


def cells(study: Study) -> tuple[Cell, ...]:
    """The cells of a study, in the order of its grids.

    Raises:
        InputError: A grid names what there is not, or there are too many cells.
    """
    found: dict[str, tuple[int, dict[str, Level | None]]] = {}
    for number, grid in enumerate(study.grids):
        for factors in _product(study, grid, f"grids[{number}]"):
            found.setdefault(_digest(study, factors), (number, factors))
    levels = _factor_levels(factors for _, factors in found.values())
    return tuple(
        Cell(f"{_readable(factors, levels)}.{digest}", factors, grid) for digest, (grid, factors) in found.items()
    )


def varied_factors(study: Study) -> tuple[str, ...]:
    """The factors that have more than one level in a study, in the order of the columns."""
    return tuple(varied_levels(study))


def varied_levels(study: Study) -> dict[str, tuple[Any, ...]]:
    """These factors with their levels, of sizes and draws those of cells that are trained."""
    levels = _factor_levels(cell.factors for cell in cells(study))
    return {factor: seen for factor, seen in levels.items() if len(seen) > 1}


def read_study(path: Path) -> Study:
    """Read a study from a YAML file of at most 1 MB.

    Raises:
        InputError: The file cannot be read, or something in it cannot be; the sentence names the field.
    """
    return parse_study(read_text(path, MOST_BYTES), str(path))


def parse_study(text: str, where: str) -> Study:
    """Read a study from the text of a YAML file.

    Args:
        text: The YAML. Aliases (`*name`) are refused: a few of them can stand for more than fits into memory.
        where: Names the file in an error.

    Raises:
        InputError: Something in it cannot be; the sentence names the field.
    """
    data = parse_yaml(text, Path(where))
    try:
        study = from_json(Study, data, where)
        cells(study)
    except RecordError:  # which names the file
        raise
    except InputError as error:
        line = _line_of(text, error.problem.fields.get("field"))
        raise InputError(
            "study-file",
            "{path}{known:?, line {line}|}: {reason}.",
            path=where,
            known=line is not None,
            line=line,
            reason=error,
        ) from None
    return study


def _line_of(text: str, path: object) -> int | None:
    """The line of a study's file, from 1, that a field is on, or what is there of the way to it; None without a field.

    Args:
        text: The YAML.
        path: The field, as `grids[0].strategy`.
    """
    import yaml

    node, line = yaml.compose(text, Loader=yaml.SafeLoader), None
    for key, number in re.findall(r"([^.\[\]]+)|\[([0-9]+)\]", str(path or "")):
        if key and isinstance(node, yaml.MappingNode):
            name, node = next(((name, value) for name, value in node.value if name.value == key), (None, None))
        elif number and isinstance(node, yaml.SequenceNode):
            name = node = node.value[int(number)]
        else:
            break
        if name is None:
            break
        line = name.start_mark.line + 1
    return line


def study_text(study: Study) -> str:
    """A study as the YAML text that `parse_study` reads, without what has its default."""
    import yaml

    said = without_defaults(study)
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    return text


def study_options() -> dict[str, Option]:
    """The training options that a study may set or vary, by name. `seed` is a factor of its own."""
    return {option.name: option for option in declared_options(TrainingOptions) if option.name != "seed"}


def preprocessing_of(given: Mapping[str, Any], where: str) -> PreprocessingOptions:
    """The choices for the preprocessing of a new model, checked.

    Args:
        given: Name of an option → value, as YAML has it.
        where: Names the field in an error.

    Raises:
        InputError: There is no such option, or a value is beyond its limits.
    """
    options = {option.name: option for option in declared_options(PreprocessingOptions)}
    for name in given:
        if name not in options:
            raise InputError(
                "study-unknown-preprocessing",
                "field `{field}`: `{option}` is no choice of preprocessing; there are {known}.",
                field=where,
                option=name,
                known=list(options),
            )
    try:
        return PreprocessingOptions(**{name: options[name].parse(value) for name, value in given.items()})
    except InputError as error:
        raise InputError("study-preprocessing", "field `{field}`: {reason}.", field=where, reason=error) from None


def without_defaults(value: Any) -> Any:
    """A dataclass as plain values, its fields with their default left out: so a new field changes no name of a cell."""
    if not hasattr(value, "__dataclass_fields__"):
        return {k: without_defaults(v) for k, v in value.items()} if isinstance(value, Mapping) else to_json(value)
    said = {}
    for one in fields(value):
        default = one.default_factory() if callable(one.default_factory) else one.default
        if getattr(value, one.name) != default:
            said[one.name] = without_defaults(getattr(value, one.name))
    return said


def _product(study: Study, grid: Mapping[str, Any], where: str) -> Iterator[dict[str, Level | None]]:
    """The combinations of a grid's levels."""
    options = study_options()
    levels: dict[str, list[Any]] = {}
    for factor, given in grid.items():
        _must_be_factor(factor, where)
        levels[factor] = _levels(given, f"{where}.{factor}")
    for missing in ("strategy", "target", "source"):
        if missing not in levels:
            raise InputError(
                "study-factor-missing",
                "field `{field}`: `{factor}` is missing; give its level, or a list of them.",
                field=where,
                factor=missing,
            )
    if math.prod(map(len, levels.values())) > MOST_CELLS:
        raise InputError(
            "study-too-large",
            "field `{field}`: stands for more than {most:,} cells; give fewer levels.",
            field=where,
            most=MOST_CELLS,
        )
    for combination in itertools.product(*levels.values()):
        given = dict(zip(levels, combination, strict=True))
        factors: dict[str, Level | None] = {
            "strategy": _strategy(given["strategy"], f"{where}.strategy"),
            "recipe": given.get("recipe", study.training.get("recipe", "default")),
            "source": given["source"],
            "network": given.get("network"),
            "target": given["target"],
            "size": _whole(given.get("size"), 1, f"{where}.size"),
            "draw": _whole(given.get("draw", 0), 0, f"{where}.draw"),
            "fold": _whole(given.get("fold"), 0, f"{where}.fold"),
            "seed": _whole(given.get("seed", 0), 0, f"{where}.seed"),
        }
        varied = {name: given[name] for name in given if name in options and name not in FACTORS}
        factors |= _checked_options(varied, where)
        if not _trains(factors):
            factors |= {"size": None, "draw": 0}
        _check_cell(study, factors, where)
        yield factors


def _check_cell(study: Study, factors: Mapping[str, Any], where: str) -> None:
    """Refuse a combination of levels that no job can have."""
    data, name = study.data, factors["source"]
    study._must_know(factors["target"], data, f"{where}.target")
    if name != NO_SOURCE:
        study._must_know(name, study.sources, f"{where}.source")
    source = study.sources.get(str(name))
    own_network = source is not None and (source.pretrain is None or source.pretrain.network is not None)
    if own_network and factors["network"] is not None:
        raise InputError(
            "study-two-networks",
            "field `{field}`: the source `{source}` has a network of its own; leave `network` out of this grid.",
            field=where,
            source=name,
        )
    if not own_network and factors["network"] is None:
        raise InputError(
            "study-without-network",
            "field `{field}`: the source `{source}` has no network of its own; give the factor `network`.",
            field=where,
            source=name,
        )
    if name == NO_SOURCE and factors["strategy"] != "scratch":
        raise InputError(
            "study-needs-source",
            "field `{field}`: `{strategy}` needs a source model; without one there is `scratch` alone.",
            field=where,
            strategy=factors["strategy"],
        )
    folds = data[factors["target"]].folds
    if (factors["fold"] is None) != (folds is None) or (folds is not None and factors["fold"] >= folds):
        raise InputError(
            "study-fold",
            "field `{field}`: fold {fold} of `{data}`, which has {folds}; give `folds` there and `fold` here, from 0 to "
            "one less.",
            field=where,
            fold=factors["fold"],
            data=factors["target"],
            folds=folds or "none",
        )


def _must_be_factor(factor: str, where: str) -> None:
    known = list(dict.fromkeys((*FACTORS, *study_options())))
    if factor not in known:
        raise InputError(
            "study-unknown-factor",
            "field `{field}`: `{factor}` is no factor; there are {known}.",
            field=where,
            factor=factor,
            known=known,
        )


def _levels(given: Any, where: str) -> list[Any]:
    found = list(given) if isinstance(given, (list, tuple)) else [given]
    if not found or not all(isinstance(level, (str, int, float)) for level in found):
        raise InputError(
            "study-levels", "field `{field}`: give a level, or a list of at least one of them.", field=where
        )
    return found


def _strategy(text: Any, where: str) -> str:
    try:
        choice = StrategyChoice.parse(str(text))
        find_strategy(choice.name).parse_options(choice.options)
    except InputError as error:
        raise InputError("study-strategy", "field `{field}`: {reason}.", field=where, reason=error) from None
    return choice.key


def _whole(value: Any, least: int, where: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least):
        return value
    raise InputError(
        "study-whole-number",
        "field `{field}`: `{found}` is no whole number from {least}; correct it.",
        field=where,
        found=value,
        least=least,
    )


def _checked_options(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values of training options, each in the kind of its option."""
    options = study_options()
    for name in given:
        if name not in options:
            raise InputError(
                "study-unknown-option",
                "field `{field}`: `{option}` is no training option; there are {known}.",
                field=where,
                option=name,
                known=list(options),
            )
    try:
        return {name: check_options([options[name]], {name: value})[name] for name, value in given.items()}
    except InputError as error:
        raise InputError("study-option", "field `{field}`: {reason}.", field=where, reason=error) from None


def _trains(factors: Mapping[str, Level | None]) -> bool:
    return find_strategy(StrategyChoice.parse(str(factors["strategy"])).name).trains


def _factor_levels(all_factors: Iterable[Mapping[str, Level | None]]) -> dict[str, tuple[Any, ...]]:
    """The levels of each factor, each once; of the sizes and draws those of cells that are trained."""
    found: dict[str, dict[Any, None]] = {}
    for factors in all_factors:
        told = factors.keys() if _trains(factors) else factors.keys() - {"size", "draw"}
        for factor, level in factors.items():
            seen = found.setdefault(factor, {})
            if factor in told:
                seen[level] = None
    return {factor: tuple(seen) for factor, seen in found.items()}


def _readable(factors: Mapping[str, Level | None], levels: Mapping[str, Sequence[Any]]) -> str:
    """What tells a cell from the others of its study: its strategy, and its level of each factor that varies."""
    said = []
    for name, level in factors.items():
        text = _telling(as_text(level), [as_text(one) for one in levels[name]])
        if name == "strategy" or (name == "source" and len(levels[name]) > 1):
            said.append(text)
        elif len(levels[name]) > 1 and level in levels[name] and level is not None:
            said.append(f"{name}-{text}")
    readable = re.sub(r"[^A-Za-z0-9.+-]+", "-", "_".join(said).replace("_", "--"))
    return readable[:LONGEST_NAME].strip("-.")


def _telling(level: str, levels: Sequence[str]) -> str:
    """A level; of a long one, such as a network with many arguments, only the arguments that tell it from the others."""
    if len(level) <= _LONGEST_LEVEL:
        return level
    name, *arguments = level.split(":")
    alike = [set(one.split(":")[1:]) for one in levels if one.split(":")[0] == name]
    return ":".join([name, *(one for one in arguments if not all(one in others for others in alike))])


def _digest(study: Study, factors: Mapping[str, Level | None]) -> str:
    """A digest of all that decides a cell's result."""
    source = study.sources.get(str(factors["source"]))
    behind = [study.data[str(factors["target"])], study.training, study.preprocessing, study.lesions, source]
    behind += [study.data[data] for data in source.pretrain.data] if source and source.pretrain else []
    text = json.dumps([dict(factors), *map(without_defaults, behind)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
