"""`job.json`: what a job is asked to do, checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.card import CardNetwork, ModelCard, Task
from TransferSegLib.core.declarations import as_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.core.texts import is_plain
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import find_strategy, strategies_schema

JOB_FORMAT = 1
JOB_FILE = "job.json"
BEST = "best"

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_OPTION = re.compile(r"[a-z][a-z0-9_]*")
_VALUE = re.compile(r"[A-Za-z0-9+._-]+")

OptionValue = int | float | str | bool


@dataclass(frozen=True)
class StrategyChoice:
    """A strategy's name and its options, as `conservative:layers=6` says them on the command line."""

    name: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The names become folder names, also for a job file that somebody else wrote.
        if not _NAME.fullmatch(self.name):
            raise InputError(f"strategy `{self.name}`: a name is small letters, digits and `-`; correct it.")
        for option, value in self.options.items():
            if not _OPTION.fullmatch(option) or not _VALUE.fullmatch(as_text(value)):
                raise InputError(
                    f"strategy `{self.name}`: option `{option}={value}` is not of the form name=value; "
                    "write it like conservative:layers=6."
                )

    @classmethod
    def parse(cls, text: str) -> StrategyChoice:
        """From `name` or `name:option=value[:option=value…]`; whole and decimal numbers become numbers."""
        name, *parts = text.strip().split(":")
        options: dict[str, OptionValue] = {}
        for part in parts:
            option, equals, value = part.partition("=")
            if not equals or option in options:
                raise InputError(
                    f"strategy `{text}`: `{part}` is not of the form name=value, or is given twice; "
                    "write it like conservative:layers=6."
                )
            options[option] = _option_value(value)
        return cls(name, options)

    @property
    def key(self) -> str:
        """The one text of this choice, options in alphabetical order: its name in scores and events."""
        return ":".join([self.name, *(f"{option}={as_text(self.options[option])}" for option in sorted(self.options))])

    @property
    def slug(self) -> str:
        """`key` with only characters that every file system takes: the strategy's name in folders."""
        return self.key.replace(":", "_").replace("=", "-")


@dataclass(frozen=True)
class JobSpec:
    """What a job is asked to do.

    kind: `adapt` trains one strategy (scored beside `direct`, so that before and after are both known), `compare`
    several on the same folds, `pretrain` a new network from scratch.
    target: absolute path of the data set that is adapted to (for `pretrain`: trained on).
    source: absolute folder of the source model; `network` takes its place for `pretrain`.
    source_data: absolute path of the source's data set, for strategies that train with it (`multimodal`).
    keep: `key` of the strategy whose final model is kept, or `best`: the one with the best out-of-fold scores.
    folds: None = chosen by the job, 0 = no cross-validation, only the final model.
    task: what `pretrain` teaches; `autoencoding` and `classification` make a model that segments nothing, for its encoder.
    label_map: target label name -> source label name, a list of names, "new", or null (dropped).
    """

    format: int
    kind: Literal["adapt", "compare", "pretrain"]
    target: str
    strategies: tuple[StrategyChoice, ...] = field(metadata={"schema": strategies_schema})
    keep: str = BEST
    source: str | None = None
    source_data: str | None = None
    network: CardNetwork | None = None
    folds: int | None = None
    label_map: Mapping[str, Any] | None = None
    training: TrainingOptions = field(default_factory=TrainingOptions)
    title: str = ""
    task: Task = "segmentation"

    def __post_init__(self) -> None:
        if self.format != JOB_FORMAT:
            raise InputError(
                f"field `format`: {self.format} is not {JOB_FORMAT}, the only one known; update TransferSeg."
            )
        if not is_plain(self.title):
            raise InputError("field `title`: has control characters; give a title of one line.")
        self._check_paths()
        self._check_strategies()
        if self.task != "segmentation" and self.kind != "pretrain":
            raise InputError(f"field `task`: `{self.kind}` teaches segmentation; `{self.task}` is for `pretrain`.")
        if self.task != "segmentation" and self.folds:
            raise InputError(
                f"field `folds`: nothing is segmented in {self.task}, so there are no folds; leave it out."
            )
        if self.folds is not None and (self.folds < 0 or self.folds == 1):
            raise InputError(
                f"field `folds`: {self.folds} cannot be; give 2 or more, "
                "or 0 for the final model without cross-validation."
            )
        for name, value in (self.label_map or {}).items():
            names = value if isinstance(value, (list, tuple)) and value else [value]
            if value is not None and not all(isinstance(n, str) and n for n in names):
                raise InputError(
                    f"field `label_map`: `{name}` must go to a source label's name, a list of names, "
                    '"new" or null; correct it.'
                )

    @property
    def kept(self) -> StrategyChoice | None:
        """The strategy that is kept whatever the scores say; None when the scores choose."""
        return next((s for s in self.strategies if s.key == self.keep), None)

    def _check_paths(self) -> None:
        for name in ("target", "source", "source_data"):
            value = getattr(self, name)
            if value is not None and ("\0" in value or not Path(value).is_absolute()):
                raise InputError(f"field `{name}`: `{value}` is not an absolute path; give the whole path.")
        if self.kind == "pretrain":
            if self.network is None or self.source is not None:
                raise InputError("field `network`: `pretrain` needs a network and no source model; correct the job.")
        elif self.source is None or self.network is not None:
            raise InputError(f"field `source`: `{self.kind}` needs a source model and no network; correct the job.")

    def _check_strategies(self) -> None:
        if not self.strategies:
            raise InputError("field `strategies`: the list is empty; give at least one strategy.")
        seen: list[object] = []
        for choice in self.strategies:
            try:
                strategy = find_strategy(choice.name)
                options = strategy.parse_options(choice.options)
            except InputError as error:
                raise InputError(f"field `strategies`: {error}") from None
            if (choice.name, options) in seen:
                raise InputError(f"field `strategies`: `{choice.key}` is there twice; name each strategy once.")
            seen.append((choice.name, options))
            if strategy.needs_source_data and self.source_data is None:
                raise InputError(
                    f"field `source_data`: `{choice.name}` trains with the source's cases; give --source-data."
                )
        if self.keep != BEST and self.kept is None:
            raise InputError(
                f"field `keep`: `{self.keep}` is none of the job's strategies; name one of them or `best`."
            )
        if self.kind == "pretrain" and [s.key for s in self.strategies] != ["scratch"]:
            raise InputError("field `strategies`: `pretrain` has the one strategy `scratch`; correct the job.")
        if self.kind == "adapt" and (
            self.kept is None
            or [s.key for s in self.strategies] not in ([self.keep], list(dict.fromkeys(["direct", self.keep])))
        ):
            raise InputError(
                "field `strategies`: `adapt` has the strategy in `keep`, after `direct`; for others use `compare`."
            )


def adapt_strategies(strategy: StrategyChoice, source: ModelCard | None = None) -> tuple[StrategyChoice, ...]:
    """The strategies of an `adapt` job: the source model as it is, for the score before, and the one asked for.

    A `source` that segments nothing has no score before.
    """
    direct = StrategyChoice("direct")
    alone = strategy.key == direct.key or (source is not None and source.task != "segmentation")
    return (strategy,) if alone else (direct, strategy)


def read_job(folder: Path) -> JobSpec:
    """Read and check `job.json` in a job's folder; an `InputError` names the file and the field."""
    path = Path(folder) / JOB_FILE
    if not path.is_file():
        raise InputError(f"{folder}: not a job folder (it has no {JOB_FILE}); check the path.")
    data = read_json(path)
    try:
        return from_json(JobSpec, data, str(path))
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith(str(path)) else f"{path}: {text}") from None


def _option_value(text: str) -> OptionValue:
    for kind in (int, float):
        try:
            # "nan" and "1_000" are numbers to Python and not to a person.
            return kind(text) if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text) else text
        except ValueError:
            continue
    return text
