"""The flags that several commands share, and the parts of a job that they make."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.declarations import Option, as_text, declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.sources.catalogue import find_in_parts, find_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES, find_strategy

# What networks run on, for commands that have no other training settings.
_OPTIONS = {option.name: option for option in declared_options(TrainingOptions)}
DEVICE, SMOOTHING = _OPTIONS["device"], _OPTIONS["smoothing_mm"]


def add_transfer_flags(parser: argparse.ArgumentParser) -> None:
    """Add what `adapt` and `compare` share: the model, the cases, the job's folder and the training settings."""
    parser.add_argument(
        "--source",
        required=True,
        metavar="NAME|FOLDER",
        help="the model to start from: its name, its folder or a job's",
    )
    parser.add_argument(
        "--target", required=True, metavar="DATASET", help="your annotated cases: a folder, a datalist or a table"
    )
    parser.add_argument(
        "--source-data",
        metavar="DATASET",
        help="for `multimodal`: the cases that the source model was trained on (default, for a source model of heads: "
        "digital head phantoms)",
    )
    add_label_map_flag(parser)
    parser.add_argument(
        "--parent",
        type=Path,
        metavar="JOB",
        help="a finished job with the same source model to continue: its cases stay in their folds, and each fold begins "
        "from the model that it has there",
    )
    add_dry_run_flag(parser)
    add_job_flags(parser)
    add_folds_flag(parser)
    add_validation_flag(parser)
    add_ignore_flag(parser)
    add_lesion_flags(parser)
    add_training_flags(parser)


def add_dry_run_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--dry-run`."""
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check the cases and print what would be trained and how, without training; a recipe is compared with its paper",
    )


def add_job_flags(parser: argparse.ArgumentParser) -> None:
    """Add `--out` and `--json`."""
    parser.add_argument(
        "--out",
        dest="job",
        type=Path,
        metavar="JOB",
        help="the job's folder, new or empty; needed unless --dry-run is given",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_folds_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--folds`."""
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="folds of the cross-validation; 0 for the final model alone (default: chosen by the job)",
    )


def add_validation_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--validation`."""
    parser.add_argument(
        "--validation",
        metavar="N|DATASET",
        help="validation cases: so many of the annotated cases, or those of a data set. By them each training chooses its "
        "best weights and ends early, and no model is trained or scored on them (default: the cases with the role "
        "`validation`)",
    )


def validation(text: str | None) -> int | str | None:
    """What `--validation` names: a number of cases, or the absolute path of a data set.

    Raises:
        InputError: There is no such file or folder.
    """
    if text is None or (text.isdecimal() and not Path(text).exists()):
        return None if text is None else int(text)
    return data_set(text, "--validation")


def add_ignore_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--ignore`."""
    parser.add_argument(
        "--ignore",
        metavar="NAME|VALUE",
        help="the label of voxels that nobody annotated: neither learned from nor scored (default: a label `ignore`)",
    )


def add_lesion_flags(parser: argparse.ArgumentParser) -> None:
    """Add `--lesions` and how their detection is scored."""
    group = parser.add_argument_group("detection of lesions")
    add_option_flags(group, declared_options(LesionOptions))


def lesion_options(arguments: argparse.Namespace) -> LesionOptions | None:
    """Return what `add_lesion_flags` read; None where no label's components are lesions."""
    return LesionOptions.of(vars(arguments))


def add_training_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each training setting."""
    group = parser.add_argument_group(
        "training (what is not given is as the recipe has it, else chosen by the job; defaults: `--recipe default`)"
    )
    add_option_flags(group, declared_options(TrainingOptions))


def training_options(arguments: argparse.Namespace) -> TrainingOptions:
    """Return the training settings that `add_training_flags` read."""
    values = {option.name: getattr(arguments, option.name) for option in declared_options(TrainingOptions)}
    return TrainingOptions(**{name: value for name, value in values.items() if value is not None})


def add_preprocessing_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each choice of how a new model has its images prepared."""
    group = parser.add_argument_group("preprocessing (it goes onto the model's card; docs/preprocessing.md)")
    add_option_flags(group, declared_options(PreprocessingOptions))


def preprocessing_options(arguments: argparse.Namespace) -> PreprocessingOptions:
    """Return the choices that `add_preprocessing_flags` read.

    Raises:
        InputError: A choice cannot be meant, or the template is not there.
    """
    values = {option.name: getattr(arguments, option.name) for option in declared_options(PreprocessingOptions)}
    if values["template"] is not None:
        template = Path(values["template"]).expanduser().absolute()
        if not template.is_file():
            raise InputError(
                "template-not-there",
                "{option} {path}: no such file; check the path.",
                option="--template",
                path=template,
            )
        values["template"] = str(template)
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
    return PreprocessingOptions(**{name: value for name, value in given.items() if value is not None})


def add_strategy_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each option of a strategy; options of the same name share a flag.

    Args:
        parser: The parser of a command. It may have flags already, and `add_transfer_flags` may add its own later.

    Raises:
        ValueError: An option has the name of a training setting or of another flag.
    """
    transfer = argparse.ArgumentParser()
    add_transfer_flags(transfer)
    taken = _names_of_flags(parser) | _names_of_flags(transfer)
    sharing: dict[str, list[tuple[str, Option]]] = {}
    for strategy in STRATEGIES.values():
        for option in strategy.options:
            for name in taken.intersection((option.name, *option.earlier_names)):
                raise ValueError(
                    f"strategy `{strategy.name}`: its option `{option.name}` cannot be a flag, because `{name}` is the name "
                    "of a training setting or of another flag of the command line; give the option another name."
                )
            sharing.setdefault(option.name, []).append((strategy.name, option))
    group = parser.add_argument_group("options of the strategies")
    for options in sharing.values():
        help_text = "; ".join(f"{strategy}: {option_help(option)}" for strategy, option in options)
        _add_flag(group, [option for _strategy, option in options], help_text)


def _names_of_flags(parser: argparse.ArgumentParser) -> set[str]:
    """The names of a parser's flags and of what is parsed from them, with underscores as options have."""
    said = {name for action in parser._actions for name in (action.dest, *action.option_strings)}
    return {name.lstrip("-").replace("-", "_") for name in said}


def strategy_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what `add_strategy_flags` read: name → value of each option that was given."""
    names = {option.name for strategy in STRATEGIES.values() for option in strategy.options}
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}


def add_option_flags(parser: argparse._ActionsContainer, options: Sequence[Option]) -> None:
    """Add a flag for each option. What is parsed has the option's name, and None where it was not given.

    Args:
        parser: A parser, or a group of its arguments.
        options: The options. Of those with the same group, the parser takes one.
    """
    groups: dict[str, argparse._ActionsContainer] = {}
    for option in options:
        if option.group and option.group not in groups:
            groups[option.group] = parser.add_mutually_exclusive_group()
        _add_flag(groups.get(option.group, parser), [option], option_help(option))


def option_help(option: Option) -> str:
    """Describe an option for `--help`, as "how many steps each training takes (a whole number from 1)"."""
    facts = []
    if option.kind != "yes/no":
        facts.append(f"{option.expected.message}{f', in {option.unit}' if option.unit else ''}")
        if option.default is not None:
            facts.append(f"default {as_text(option.default)}")
    text = option.help[:1].lower() + option.help[1:].removesuffix(".")
    return (f"{text} ({'; '.join(facts)})" if facts else text).replace("%", "%%")


def _add_flag(parser: argparse._ActionsContainer, options: Sequence[Option], help_text: str) -> None:
    """Add one flag for options of the same name. The strategy checks the value later where there are several."""
    first = options[0]
    if all(option.kind == "yes/no" for option in options):
        parser.add_argument(first.flag, action=argparse.BooleanOptionalAction, help=help_text)
        return

    def value(text: str) -> Any:
        return first.parse(text, first.flag) if len(options) == 1 else text

    if first.kind == "whole numbers":
        parser.add_argument(first.flag, type=int, nargs=len(first.items), metavar=first.items, help=help_text)
    else:
        metavar = {"whole number": "N", "number": "X", "numbers": "X[,X…]", "choice": "NAME"}.get(first.kind, "TEXT")
        parser.add_argument(first.flag, type=value, metavar=metavar, help=help_text)
    for name in first.earlier_names:
        earlier = f"--{name.replace('_', '-')}"
        parser.add_argument(earlier, dest=first.name, type=value, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def transfer_fields(arguments: argparse.Namespace, source: SourceFolder) -> dict[str, Any]:
    """Return the fields of a `JobSpec` that `add_transfer_flags` added flags for.

    Args:
        arguments: The parsed command line.
        source: The source model that it names.
    """
    return {
        "source": str(source.folder.absolute()),
        "target": data_set(arguments.target, "--target"),
        "source_data": None if arguments.source_data is None else data_set(arguments.source_data, "--source-data"),
        "label_map": read_label_map(arguments.label_map),
        "folds": arguments.folds,
        "parent": None if arguments.parent is None else data_set(str(arguments.parent), "--parent"),
        "validation": validation(arguments.validation),
        "training": training_options(arguments),
        "lesions": lesion_options(arguments),
        "ignore": arguments.ignore,
    }


def source_to_adapt(name: str, target: str | Path | None) -> SourceFolder:
    """Find the model to start from.

    Args:
        name: What `--source` names.
        target: The cases to adapt it to, as they were given; None where there are none yet.

    Raises:
        InputError: There is no such model; or it is one in parts: then the error proposes the part with the target's labels.
    """
    whole = find_in_parts(name)
    if whole is None:
        return find_source(name)
    wanted: tuple[str, ...] = ()
    if target is not None:
        with suppress(InputError):
            wanted = tuple(read_case_set(Path(target).expanduser()).labels.values())
    raise InputError.of(whole.must_choose(wanted))


def add_label_map_flag(parser: argparse.ArgumentParser, more: str = "") -> None:
    """Add `--label-map`, whose file `read_label_map` reads; `more` ends its help."""
    parser.add_argument(
        "--label-map",
        type=Path,
        metavar="FILE",
        help=f"a JSON file that says for each of your labels which label of the source model it is{more}",
    )


def read_label_map(path: Path | None) -> dict[str, Any] | None:
    """Read a label map; None where no file is given.

    Raises:
        InputError: The file cannot be read or holds no object.
    """
    label_map = None if path is None else read_json(path)
    if label_map is not None and not isinstance(label_map, dict):
        raise InputError("no-label-map", "{path}: expected an object of label names; correct the file.", path=path)
    return label_map


def data_set(text: str, flag: str) -> str:
    """Return the absolute path of a data set.

    Args:
        text: The path as it was given.
        flag: The flag that it was given for.

    Raises:
        InputError: There is no such file or folder.
    """
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise InputError(
            "no-such-data-set", "{option} {path}: no such file or folder; check the path.", option=flag, path=path
        )
    return str(path)


def job_folder(arguments: argparse.Namespace) -> Path:
    """Return the absolute path that `--out` gives for the job.

    Raises:
        InputError: It was not given.
    """
    if arguments.job is None:
        raise InputError("out-missing", "{option} JOB is missing; say where the job's folder shall be.", option="--out")
    return Path(arguments.job).expanduser().absolute()


def strategy_choice(text: str, options: Mapping[str, Any] | None = None, beside: Sequence[str] = ()) -> StrategyChoice:
    """Make a strategy with checked options.

    Args:
        text: `name` or `name:option=value:…`.
        options: Name of an option → value, for what was given beside the text; it wins over the text.
        beside: What else the flag takes, for the error.

    Returns:
        The strategy with the options that were given, each value in its option's kind.

    Raises:
        InputError: There is no such strategy or option, or a value is wrong.
    """
    choice = StrategyChoice.parse(text)
    if choice.name == AUTO:
        raise InputError(
            "auto-is-several",
            "`{strategy}`: `{auto}` tries several strategies by itself, so it takes no options and no strategy beside it; "
            "give `--strategy {auto}` to `{command}`, or name strategies.",
            strategy=text,
            auto=AUTO,
            command="transferseg adapt",
        )
    given = {**choice.options, **(options or {})}
    checked = find_strategy(choice.name, beside).parse_options(given)
    return StrategyChoice(choice.name, {name: checked[name] for name in given})


def must_be_table(path: Path, new_folder: Path | None = None) -> None:
    """Refuse a table that could not be written at the end of a command.

    Args:
        path: The table.
        new_folder: A folder that the command makes, in which it may lie.

    Raises:
        InputError: It does not end in .csv, is a folder, or lies in none.
    """
    if path.is_dir() or not (path.parent.is_dir() or path.parent == new_folder):
        raise InputError(
            "table-place", "{path}: cannot be written there; name a file in a folder that exists.", path=path
        )
    if path.suffix.lower() != ".csv":
        raise InputError(
            "table-ending", "{path}: is not a table by its ending; name a file that ends in .csv.", path=path
        )
