"""The jobs that a study stands for: a job for each cell, and one for each source model that the study trains itself."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.declarations import as_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import whole_folder
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.case_choice import CaseChoice, draw_cases
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice
from TransferSegLib.jobs.target import pooled_choice
from TransferSegLib.networks.choice import network_choice
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.studies.entries import lesion_labels
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import (
    FACTORS,
    LONGEST_NAME,
    NO_SOURCE,
    Cell,
    Level,
    Pretraining,
    Study,
    StudyData,
    cells,
    preprocessing_of,
    study_options,
    without_defaults,
)
from TransferSegLib.studies.selection import draw_by_volume, label_volumes_ml, split_cases
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import find_strategy


@dataclass(frozen=True)
class Task:
    """One job of a study.

    Attributes:
        name: What it is called where progress is shown and failures are told.
        folder: Its job folder.
        spec: What it is asked to do.
        alike: Tasks with the same value take about as long.
        fields: The fields of the study that say of it: what → field, as `strategy` → `grids[0].strategy`.
    """

    name: str
    folder: Path
    spec: JobSpec
    alike: tuple[object, ...]
    fields: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class StudyPlan:
    """All jobs of a study.

    Attributes:
        pretrainings: The source models that are trained first.
        cells: Each cell with its job.
    """

    pretrainings: tuple[Task, ...]
    cells: tuple[tuple[Cell, Task], ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All jobs, in an order in which each finds what it needs."""
        return (*self.pretrainings, *(task for _, task in self.cells))


@contextmanager
def naming_field(field: str) -> Iterator[None]:
    """Name a field of the study in whatever is refused in the block.

    Args:
        field: The field, as `data.mine.label_map`.

    Raises:
        InputError: What was refused.
    """
    try:
        yield
    except InputError as error:
        raise InputError("study-field", "field `{field}`: {reason}.", field=field, reason=error) from None


def data_path(data: StudyData, name: str, folder: StudyFolder) -> Path:
    """Where a data set of a study lies.

    Args:
        data: The data set.
        name: Its name.
        folder: The study's folder, in which made-up data sets lie.
    """
    if data.path is not None:
        return Path(data.path).expanduser().absolute()
    made_of = [data.phantom, data.cases, data.seed, data.voxels, data.lesions]
    return folder.data / f"{name}.{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:8]}"


def make_phantoms(
    study: Study,
    folder: StudyFolder,
    drawn: int | None = None,
    show: Callable[[float, float | None, str], None] = lambda fraction, left, text: None,
) -> None:
    """Write the made-up data sets of a study that its cells and source models need and that are not there yet.

    Args:
        study: The study.
        folder: Its folder.
        drawn: How many heads of each are made, the others being copies of the first: enough to plan with. None makes all.
            Where cases are drawn by the volume of a label, all are made.
        show: Is given what is done (0…1), None, and a text.

    Raises:
        InputError: The folder cannot be written.
        JobError: The disk is full.
    """
    sources = {str(cell.factors["source"]) for cell in cells(study)}
    needed = {str(cell.factors["target"]) for cell in cells(study)}
    for name, source in study.sources.items():
        if name in sources and source.pretrain is not None:
            needed.update(source.pretrain.data)
    for number, (name, data) in enumerate(study.data.items()):
        path = data_path(data, name, folder)
        if data.phantom is None or name not in needed or path.exists():
            continue
        show(number / len(study.data), None, f"making the heads of {name}")
        some = drawn if data.draw_by_volume_of is None else None
        try:
            with whole_folder(path) as unfinished:
                write_phantoms(unfinished, data.phantom, data.cases, data.seed, data.voxels, data.lesions, some)
        except OSError as error:
            raise InputError(
                "study-not-written",
                "{path}: cannot be written ({reason}); choose another folder.",
                path=path,
                reason=error.strerror,
            ) from None


def plan_study(study: Study, folder: StudyFolder) -> StudyPlan:
    """Find the cases of each cell, and write down its job. Made-up data sets must be there already.

    Args:
        study: The study.
        folder: Its folder.

    Raises:
        InputError: A data set or a source model is not there, or does not have what the study asks of it.
    """
    return _Planner(study, folder).plan()


class _Planner:
    """What is read once while a study is planned."""

    def __init__(self, study: Study, folder: StudyFolder) -> None:
        self.study, self.folder = study, folder
        self.pretrainings: dict[str, Task] = {}
        self.largest = _largest_sizes(cells(study))
        self.read = functools.cache(self._read)
        self.split = functools.cache(self._split)
        self.model = functools.cache(self._model)
        self.network = functools.cache(network_choice)
        self.volumes = functools.cache(self._volumes)
        self.lesions = functools.cache(self._lesions)

    def plan(self) -> StudyPlan:
        found = tuple((cell, self._task(cell)) for cell in cells(self.study))
        return StudyPlan(tuple(self.pretrainings.values()), found)

    def _task(self, cell: Cell) -> Task:
        factors = cell.factors
        target = str(factors["target"])
        split = self.split(target, factors["fold"])
        if not split.test:
            raise InputError(
                "study-without-test",
                "{root}: has no test cases, so nothing would be scored; give field `{field}` in the study.",
                root=self._path(target),
                field=f"data.{target}.test",
            )
        chosen = self._draw(target, split, factors["size"], int(factors["draw"] or 0))
        training = self._training(factors, {})
        grid = f"grids[{cell.grid}]"
        if factors["source"] == NO_SOURCE:
            with naming_field(f"{grid}.network"):
                network = self.network(str(factors["network"]))
            spec = self._from_scratch(target, chosen, network, training, self.study.preprocessing)
        else:
            self._refuse_seen_tests(cell, split)
            source_data = self._source_data(cell)
            spec = JobSpec(
                JOB_FORMAT,
                "adapt",
                target=str(self._path(target)),
                strategies=(cell.strategy,),
                keep=cell.strategy.key,
                source=self._source(cell),
                source_data=source_data,
                label_map=self.study.data[target].label_map,
                folds=0,
                training=training,
                cases=chosen,
            )
        spec = replace(spec, lesions=self.lesions(target), title=self._title(cell))
        alike = (cell.strategy.name, factors["source"], factors["network"], training.steps, training.epochs)
        fields = {"strategy": f"{grid}.strategy", "network": f"{grid}.network", "data": f"data.{target}"}
        return Task(cell.name, self.folder.cell(cell.name), spec, alike, fields)

    def _lesions(self, target: str) -> LesionOptions | None:
        """Whose detection is scored: nothing's in a target without such a label, where another target has one."""
        lesions = self.study.lesions
        if lesions is None:
            return None
        targets = dict.fromkeys(str(cell.factors["target"]) for cell in cells(self.study))
        having = {name: label for name in targets if (label := self._lesion_label(name, str(lesions.lesions)))}
        if not having:
            return lesions
        return replace(lesions, lesions=having[target]) if target in having else None

    def _lesion_label(self, name: str, wanted: str) -> str | None:
        """The label of a data set whose components are lesions: the study's; in a paper's study else the one by its name."""
        labels = self.read(name).labels
        if any(wanted in (named, str(value)) for value, named in labels.items()):
            return wanted
        others = lesion_labels(labels.values()) if self.study.paper is not None else []
        return others[0] if len(others) == 1 else None

    def _draw(self, target: str, split: CaseChoice, size: Any, draw: int) -> CaseChoice:
        """The cases that a cell is trained on, of those that are there to be trained on."""
        data, root = self.study.data[target], self._path(target)
        if data.draw_by_volume_of is None or size is None:
            return draw_cases(split, size, draw, data.split_seed, root)
        volumes_ml = self.volumes(target, split.train)
        return draw_by_volume(split, size, draw, data.split_seed, volumes_ml, data.bins, root)

    def _volumes(self, target: str, names: tuple[str, ...]) -> dict[str, float]:
        return label_volumes_ml(self.read(target), names, str(self.study.data[target].draw_by_volume_of))

    def _from_scratch(
        self,
        target: str,
        chosen: CaseChoice,
        network: CardNetwork,
        training: TrainingOptions,
        preprocessing: Mapping[str, Any],
    ) -> JobSpec:
        return JobSpec(
            JOB_FORMAT,
            "pretrain",
            target=str(self._path(target)),
            strategies=(StrategyChoice("scratch"),),
            network=network,
            label_map=self.study.data[target].label_map,
            folds=0,
            training=training,
            cases=chosen,
            preprocessing=preprocessing_of(preprocessing, "preprocessing"),
        )

    def _source(self, cell: Cell) -> str:
        """The folder of the cell's source model; where the study trains it, its job becomes a task."""
        name = str(cell.factors["source"])
        source = self.study.sources[name]
        if source.model is not None:
            return self.model(name)
        pretrain = source.pretrain
        assert pretrain is not None
        network = pretrain.network or str(cell.factors["network"])
        follows = self._follows(cell, pretrain)
        behind = [without_defaults(pretrain), network, follows, self.study.training, self.study.preprocessing]
        behind += [without_defaults(self.study.data[data]) for data in pretrain.data]
        digest = hashlib.sha256(json.dumps(behind, sort_keys=True).encode()).hexdigest()[:8]
        said = [name, *([network.split(":")[0]] if pretrain.network is None else [])]
        said += [f"{factor}-{as_text(level)}" for factor, level in follows.items() if level is not None]
        folder = self.folder.model(f"{re.sub(r'[^A-Za-z0-9_.+-]+', '-', '-'.join(said))[:LONGEST_NAME]}.{digest}")
        if folder.name not in self.pretrainings:
            training = self._training({"seed": 0, **follows}, pretrain.training)
            first = self.study.data[pretrain.data[0]]
            splits = [self._source_split(data, follows) for data in pretrain.data]
            split = splits[0] if len(splits) == 1 else pooled_choice([*map(self.read, pretrain.data)], splits)
            root = self._path(pretrain.data[0])
            split = draw_cases(split, pretrain.size, 0, first.split_seed, root)
            preprocessing = {**self.study.preprocessing, **pretrain.preprocessing}
            of_network = (
                f"grids[{cell.grid}].network" if pretrain.network is None else f"sources.{name}.pretrain.network"
            )
            with naming_field(of_network):
                chosen = self.network(network)
            spec = self._from_scratch(pretrain.data[0], split, chosen, training, preprocessing)
            spec = replace(spec, pooled=tuple(str(self._path(data)) for data in pretrain.data[1:]))
            title = f"Source model {name} of the study: {self.study.title}"
            spec = replace(spec, task=pretrain.task, title=title)
            alike = ("pretrain", network, training.steps, training.epochs)
            fields = {"network": of_network, "data": f"data.{pretrain.data[0]}"}
            self.pretrainings[folder.name] = Task(folder.name, folder, spec, alike, fields)
        return str(folder / "model")

    def _model(self, name: str) -> str:
        """The folder of a source model that the study does not train."""
        with naming_field(f"sources.{name}.model"):
            return str(find_source(str(self.study.sources[name].model)).folder.absolute())

    def _source_split(self, data: str, follows: Mapping[str, Level | None]) -> CaseChoice:
        """The cases of a data set that a source model is trained and validated on: those of the fold that it follows."""
        return self.split(data, follows.get("fold", 0) if self.study.data[data].folds else None)

    def _follows(self, cell: Cell, pretrain: Pretraining) -> dict[str, Level | None]:
        """The factors that a source model has in common with a cell."""
        follows = {factor: cell.factors[factor] for factor in pretrain.follows if factor in cell.factors}
        if "fold" in follows and follows["fold"] is None:  # a cell without folds begins from the model of the first
            follows["fold"] = 0
        return follows

    def _refuse_seen_tests(self, cell: Cell, split: CaseChoice) -> None:
        """Refuse a cell whose test cases its source model has learned from."""
        target, name = str(cell.factors["target"]), str(cell.factors["source"])
        pretrain = self.study.sources[name].pretrain
        for data in pretrain.data if pretrain is not None else ():
            if pretrain is None or self._path(data) != self._path(target):
                continue
            learned = self._source_split(data, self._follows(cell, pretrain))
            if seen := sorted({*learned.train, *learned.validation} & set(split.test)):
                raise InputError(
                    "study-test-seen",
                    "field `{field}`: learns from {seen:`…} of `{data}`, which `{cell}` is scored on; where the data set has "
                    "`folds`, give `follows: [fold]`, else name the same `test` cases in both.",
                    field=f"sources.{name}.pretrain",
                    seen=seen,
                    data=data,
                    cell=cell.name,
                )

    def _source_data(self, cell: Cell) -> str | None:
        """The data set that the cell's source model learned from, the first where it is pooled of several.

        Raises:
            InputError: The cell's strategy trains with the source's cases, and there is not one data set of them, or it is
                that of the cell's test cases.
        """
        name, target = str(cell.factors["source"]), str(cell.factors["target"])
        pretrain = self.study.sources[name].pretrain
        if find_strategy(cell.strategy.name).needs_source_data:
            if pretrain is None or len(pretrain.data) != 1:
                raise InputError(
                    "study-source-data",
                    "field `{field}`: `{strategy}` trains with the source's cases, which a study knows where the source is a "
                    "`pretrain` with one data set; take another source for it, or leave it out.",
                    field=f"sources.{name}",
                    strategy=cell.strategy.name,
                )
            if self._path(pretrain.data[0]) == self._path(target):
                raise InputError(
                    "study-source-data-scored",
                    "field `{field}`: `{strategy}` would train with all cases of `{data}`, also with those that it is scored "
                    "on; take another target or source for it.",
                    field=f"sources.{name}.pretrain.data",
                    strategy=cell.strategy.name,
                    data=pretrain.data[0],
                )
        return str(self._path(pretrain.data[0])) if pretrain is not None else None

    def _training(self, factors: Mapping[str, Level | None], own: Mapping[str, Any]) -> TrainingOptions:
        """The training options of a job: the study's, then the job's own, then the levels of its factors."""
        options = study_options()
        levels = {name: level for name, level in factors.items() if name in options and level is not None}
        values: dict[str, Any] = {}
        for given in (self.study.training, own, levels):
            for name in given:  # a budget takes the place of another one
                group = options[name].group
                values = {n: v for n, v in values.items() if not group or options[n].group != group}
            values |= {name: options[name].parse(value) for name, value in given.items()}
        return TrainingOptions(seed=int(factors["seed"] or 0), **values)

    def _title(self, cell: Cell) -> str:
        said = [f"{name} {level}" for name, level in cell.factors.items() if level is not None and name in FACTORS[5:]]
        return ", ".join([str(cell.factors["strategy"]), *said])

    def _path(self, name: str) -> Path:
        return data_path(self.study.data[name], name, self.folder)

    def _read(self, name: str) -> CaseSet:
        with naming_field(f"data.{name}"):
            return read_case_set(self._path(name))

    def _split(self, name: str, fold: int | None) -> CaseChoice:
        data = self.study.data[name]
        return split_cases(self.read(name), data, fold, self.largest.get(name, 1))


def _largest_sizes(of: Sequence[Cell]) -> dict[str, int]:
    """Target → the largest training set that a cell draws from its cases."""
    found: dict[str, int] = {}
    for cell in of:
        target, size = str(cell.factors["target"]), cell.factors["size"]
        if size is not None:
            found[target] = max(found.get(target, 1), int(size))
    return found
