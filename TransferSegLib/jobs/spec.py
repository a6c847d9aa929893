"""`job.json`: what a job is asked to do, checked before anything starts.

Format 4. Files of format 1, which version 0.1.0 wrote, and of 2 and 3 are read with their old meaning.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.card import CardNetwork, ModelCard, Task
from TransferSegLib.core.declarations import as_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import RecordError, from_json, read_json
from TransferSegLib.core.texts import is_plain
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.formats import JOB_FORMAT, READABLE_FORMATS, job_of_this_format, options_of_this_format
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO, candidates
from TransferSegLib.transfer.strategies import check_source, find_strategy, strategies_schema

JOB_FILE = "job.json"
BEST = "best"

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_OPTION = re.compile(r"[a-z][a-z0-9_]*")
_VALUE = re.compile(r"[A-Za-z0-9+._-]+")

OptionValue = int | float | str | bool


@dataclass(frozen=True)
class StrategyChoice:
    """A strategy and its options, as `conservative:layers=6` says them on the command line.

    Attributes:
        name: The strategy's name.
        options: The options that were given, by name; the others have their defaults.
    """

    name: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The names become folder names, also for a job file that somebody else wrote.
        if not _NAME.fullmatch(self.name):
            raise InputError(
                "strategy-name-not-usable",
                "strategy `{strategy}`: a name is small letters, digits and `-`; correct it.",
                strategy=self.name,
            )
        for option, value in self.options.items():
            if not _OPTION.fullmatch(option) or not _VALUE.fullmatch(as_text(value)):
                raise InputError(
                    "strategy-option-form",
                    "strategy `{strategy}`: option `{option}` is not of the form name=value; write it like "
                    "conservative:layers=6.",
                    strategy=self.name,
                    option=f"{option}={value}",
                )

    @classmethod
    def parse(cls, text: str) -> StrategyChoice:
        """Read a strategy as a person types it; whole and decimal numbers become numbers.

        Args:
            text: `name` or `name:option=value[:option=value…]`.

        Raises:
            InputError: The text has another form, or gives an option twice.
        """
        name, *parts = text.strip().split(":")
        options: dict[str, OptionValue] = {}
        for part in parts:
            option, equals, value = part.partition("=")
            if not equals or option in options:
                raise InputError(
                    "strategy-part-form",
                    "strategy `{strategy}`: `{part}` is not of the form name=value, or is given twice; write it like "
                    "conservative:layers=6.",
                    strategy=text,
                    part=part,
                )
            options[option] = _option_value(value)
        return cls(name, options)

    @functools.cached_property
    def key(self) -> str:
        """The strategy's name in scores and events: name and options, these in alphabetical order."""
        return ":".join([self.name, *(f"{option}={as_text(self.options[option])}" for option in sorted(self.options))])

    @property
    def slug(self) -> str:
        """The strategy's name in the names of files: `key` in characters that every file system takes."""
        return self.key.replace(":", "_").replace("=", "-")


@dataclass(frozen=True)
class JobSpec:
    """What a job is asked to do.

    Attributes:
        format: `JOB_FORMAT`, or an earlier one in `READABLE_FORMATS`: see `meaning`.
        kind: `adapt` trains one strategy, or recommends one, scored beside `direct` so that before and after are both known;
            `compare` trains several on the same folds; `pretrain` trains a new network from scratch.
        target: Absolute path of the data set that is adapted to; for `pretrain`, trained on.
        strategies: The strategies, in the order they are run; of a job that recommends one, those that it may try.
        keep: The `key` of the strategy whose final model is kept, or `best`: the one with the best scores, out-of-fold, else
            on test cases, else on cases to validate on. `auto` recommends one, see `jobs.rounds`.
        source: Absolute path of the source model's folder; `pretrain` has none.
        source_data: Absolute path of the source's data set, for strategies that are trained with it (`multimodal`); None lets
            digital heads stand for it, see `jobs.phantom_cases`.
        network: The network that `pretrain` trains; other kinds have none.
        folds: How many; None lets the job choose, 0 is no cross-validation.
        label_map: Target label name → source label name, a list of names, "new", or null (dropped).
        training: The training settings.
        title: A line for the report; may be empty.
        task: What `pretrain` teaches. `autoencoding` and `classification` make a model for its encoder alone.
        lesions: Which label's components are lesions whose detection is scored; None where none are.
        cases: The cases of the target that the job takes; None for all, in the roles that the data set gives them.
        validation: How many of the annotated cases are set apart to validate on, or the absolute path of a data set whose
            annotated cases are; None leaves it to the roles of the target's cases.
        pooled: Absolute paths of further data sets, whose cases join those of `target`.
        preprocessing: How `pretrain` prepares images; other kinds do as the source model does.
        parent: Absolute path of a finished job with the same source model. Its folds stay, and each training begins from its
            model of the same fold, see `jobs.parent`; None begins from the source model.
        parent_cases: Name of a case → what the parent called it, for cases whose names are numbers that each job gives anew;
            by its name, no other case is one of the parent's. None where cases have the same names in both.
        ignore: The name or value of the label of voxels that nobody annotated; None for a label `ignore`, where there is one.
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
    lesions: LesionOptions | None = None
    cases: CaseChoice | None = None
    validation: int | str | None = None
    pooled: tuple[str, ...] = ()
    preprocessing: PreprocessingOptions = field(default_factory=PreprocessingOptions)
    parent: str | None = None
    parent_cases: Mapping[str, str] | None = None
    ignore: str | None = None

    def __post_init__(self) -> None:
        if self.format not in READABLE_FORMATS:
            raise InputError(
                "job-format",
                "field `format`: {found} is not {known}, the newest known; update TransferSeg.",
                found=self.format,
                known=JOB_FORMAT,
            )
        if not is_plain(self.title):
            raise InputError("job-title", "field `title`: has control characters; give a title of one line.")
        self._check_paths()
        self._check_strategies()
        if self.task != "segmentation" and self.kind != "pretrain":
            raise InputError(
                "job-task",
                "field `task`: `{kind}` teaches segmentation; `{task}` is for `pretrain`.",
                kind=self.kind,
                task=self.task,
            )
        if isinstance(self.validation, int) and self.validation < 1:
            raise InputError(
                "job-validation",
                "field `validation`: {count} cases cannot be; give 1 or more, or leave it out.",
                count=self.validation,
            )
        if self.task != "segmentation" and self.validation is not None:
            raise InputError(
                "job-validation-without-segmentation",
                "field `validation`: nothing is segmented in {task}, so there is nothing to validate; leave it out.",
                task=self.task,
            )
        if self.kind != "pretrain" and self.preprocessing != PreprocessingOptions():
            raise InputError(
                "job-preprocessing",
                "field `preprocessing`: `{kind}` prepares images as the source model does; leave it out.",
                kind=self.kind,
            )
        if self.task != "segmentation" and self.folds:
            raise InputError(
                "job-folds-without-segmentation",
                "field `folds`: nothing is segmented in {task}, so there are no folds; leave it out.",
                task=self.task,
            )
        if self.lesions is not None and (self.task != "segmentation" or not self.lesions.lesions):
            raise InputError(
                "job-lesions",
                "field `lesions`: needs the name of a label in `lesions`, and a job that segments (its task is {task}); "
                "correct the job.",
                task=self.task,
            )
        if self.folds is not None and (self.folds < 0 or self.folds == 1):
            raise InputError(
                "job-folds",
                "field `folds`: {folds} cannot be; give 2 or more, or 0 for the final model without cross-validation.",
                folds=self.folds,
            )
        for name, value in (self.label_map or {}).items():
            names = value if isinstance(value, (list, tuple)) and value else [value]
            if value is not None and not all(isinstance(n, str) and n for n in names):
                raise InputError(
                    "job-label-map",
                    'field `label_map`: `{label}` must go to a source label\'s name, a list of names, "new" or null; '
                    "correct it.",
                    label=name,
                )

    @property
    def kept(self) -> StrategyChoice | None:
        """The strategy that is kept whatever the scores say; None when the scores choose."""
        return next((s for s in self.strategies if s.key == self.keep), None)

    @property
    def learns_labels(self) -> bool:
        """Whether a strategy of the job needs the target's labels; the others keep the source's, and images are enough."""
        return not all(find_strategy(choice.name).keeps_labels for choice in self.strategies)

    @property
    def recommends(self) -> bool:
        """Whether the job tries its strategies in rounds and keeps the one that its scores recommend."""
        return self.keep == AUTO

    @property
    def scored(self) -> tuple[StrategyChoice, ...]:
        """What the job's scores are of, in the order they are shown.

        Of a job that recommends a strategy these are the source model as it is, where it segments, and `auto`: for each case
        the model that was chosen on the other cases.
        """
        if not self.recommends:
            return self.strategies
        return (*(choice for choice in self.strategies if choice.name == "direct"), StrategyChoice(AUTO))

    def meaning(self, choice: StrategyChoice) -> StrategyChoice:
        """A strategy of the job as it is written now.

        Files and scores of a job keep the names that its strategies had when it was made; in a job of an earlier format the
        options may have meant something else.
        """
        return StrategyChoice(choice.name, options_of_this_format(choice.name, choice.options, self.format))

    def _check_paths(self) -> None:
        named = [(name, getattr(self, name)) for name in ("target", "source", "source_data", "validation", "parent")]
        named.append(("template", self.preprocessing.template))
        for name, value in (*named, *(("pooled", path) for path in self.pooled)):
            if isinstance(value, str) and ("\0" in value or not Path(value).is_absolute()):
                raise InputError(
                    "job-path",
                    "field `{field}`: `{path}` is not an absolute path; give the whole path.",
                    field=name,
                    path=value,
                )
        if self.parent is not None and self.kind == "pretrain":
            raise InputError(
                "job-parent",
                "field `parent`: `{kind}` begins from nothing, so it goes on from no job; leave it out.",
                kind=self.kind,
            )
        if self.kind == "pretrain":
            if self.network is None or self.source is not None:
                raise InputError(
                    "job-network", "field `network`: `pretrain` needs a network and no source model; correct the job."
                )
        elif self.source is None or self.network is not None:
            raise InputError(
                "job-source",
                "field `source`: `{kind}` needs a source model and no network; correct the job.",
                kind=self.kind,
            )

    def _check_strategies(self) -> None:
        if not self.strategies:
            raise InputError(
                "job-without-strategy", "field `strategies`: the list is empty; give at least one strategy."
            )
        seen: list[object] = []
        for choice in self.strategies:
            try:
                strategy = find_strategy(choice.name)
                options = strategy.parse_options(self.meaning(choice).options)
            except InputError as error:
                raise InputError("job-strategy", "field `strategies`: {reason}.", reason=error) from None
            if (choice.name, options) in seen:
                raise InputError(
                    "job-strategy-twice",
                    "field `strategies`: `{strategy}` is there twice; name each strategy once.",
                    strategy=choice.key,
                )
            seen.append((choice.name, options))
            if strategy.needs_unlabelled and not self.training.use_unlabelled:
                raise InputError(
                    "job-without-unlabelled",
                    "field `training`: `{strategy}` trains with scans without their labels, those of the cases that a "
                    "fold leaves out among them; give {option} to allow it.",
                    strategy=choice.name,
                    option="--use-unlabelled",
                )
        if self.recommends:
            self._check_recommending()
            return
        if self.keep != BEST and self.kept is None:
            raise InputError(
                "job-keep",
                "field `keep`: `{strategy}` is none of the job's strategies; name one of them, `best` or `auto`.",
                strategy=self.keep,
            )
        if self.kind == "pretrain" and [s.key for s in self.strategies] != ["scratch"]:
            raise InputError(
                "job-pretrain-strategies",
                "field `strategies`: `pretrain` has the one strategy `scratch`; correct the job.",
            )
        if self.kind == "adapt" and (
            self.kept is None
            or [s.key for s in self.strategies] not in ([self.keep], list(dict.fromkeys(["direct", self.keep])))
        ):
            raise InputError(
                "job-adapt-strategies",
                "field `strategies`: `adapt` has the strategy in `keep`, after `direct`; for others use `compare`.",
            )

    def _check_recommending(self) -> None:
        if self.kind != "adapt":
            raise InputError(
                "job-recommends-as-adapt",
                "field `keep`: `{strategy}` is for `adapt`, not for `{kind}`; correct the job.",
                strategy=AUTO,
                kind=self.kind,
            )
        if self.training.learning_rates:
            raise InputError(
                "rates-with-recommended",
                "{option}: of several learning rates one is chosen for a strategy that you name; give a single one, or none, "
                "with the strategy `{strategy}`.",
                option="--learning-rate",
                strategy=AUTO,
            )
        if self.training.snapshots is not None:
            raise InputError(
                "snapshots-with-recommended",
                "{option}: has no effect with the strategy `{strategy}`, which tries several; leave it out, or name a "
                "strategy.",
                option="--snapshots",
                strategy=AUTO,
            )


def recommended_strategies(source: ModelCard, training: TrainingOptions) -> tuple[StrategyChoice, ...]:
    """The strategies of an `adapt` job that recommends one: those that it may try.

    Args:
        source: The source model's card.
        training: The training settings.
    """
    return tuple(StrategyChoice(name, options) for name, options in candidates(source, training.use_unlabelled))


def among(named: Sequence[StrategyChoice], source: ModelCard) -> tuple[StrategyChoice, ...]:
    """The strategies of an `adapt` job that recommends one of those that a person named.

    Args:
        named: What may be tried, in the order of its merit: where time is short, the last are left out first.
        source: The source model's card.

    Returns:
        The source model as it is first, where it segments.

    Raises:
        InputError: One of them does not go with the source model.
    """
    direct = StrategyChoice("direct")
    for choice in named:
        check_source(choice.name, source)
    others = tuple(choice for choice in named if choice.key != direct.key)
    return (direct, *others) if source.task == "segmentation" else others


def adapt_strategies(strategy: StrategyChoice, source: ModelCard | None = None) -> tuple[StrategyChoice, ...]:
    """The strategies of an `adapt` job: the source model as it is, for the score before, and the one that is asked for.

    Args:
        strategy: The one that is asked for.
        source: The source model's card, where it is known; a model that segments nothing has no score before.
    """
    direct = StrategyChoice("direct")
    alone = strategy.key == direct.key or (source is not None and source.task != "segmentation")
    return (strategy,) if alone else (direct, strategy)


def read_job(folder: Path) -> JobSpec:
    """Read and check `job.json` in a job's folder.

    Raises:
        InputError: The file is not there or cannot be used; the sentence names the file and the field.
    """
    path = Path(folder) / JOB_FILE
    if not path.is_file():
        raise InputError(
            "not-a-job", "{path}: not a job folder (it has no {file}); check the path.", path=folder, file=JOB_FILE
        )
    data = job_of_this_format(read_json(path))
    try:
        return from_json(JobSpec, data, str(path))
    except RecordError:  # which names the file
        raise
    except InputError as error:
        raise InputError("job-file", "{path}: {reason}.", path=path, reason=error) from None


def _option_value(text: str) -> OptionValue:
    for kind in (int, float):
        try:
            # "nan" and "1_000" are numbers to Python and not to a person.
            return kind(text) if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text) else text
        except ValueError:
            continue
    return text
