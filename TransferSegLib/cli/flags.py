"""The flags that several commands share, and what they mean as parts of a job."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, get_args

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.training.options import Augment, LrSchedule, TrainingOptions
from TransferSegLib.transfer.strategies import find_strategy


def add_transfer_flags(parser: argparse.ArgumentParser) -> None:
    """What `adapt` and `compare` are about: the model, the cases, where the job goes."""
    parser.add_argument("--source", required=True, metavar="NAME|FOLDER", help="the model to start from")
    parser.add_argument("--target", required=True, metavar="DATASET", help="your annotated cases")
    parser.add_argument("--source-data", metavar="DATASET", help="the source model's cases, for `multimodal`")
    parser.add_argument("--label-map", type=Path, metavar="FILE", help="JSON: target label name to source label name")
    parser.add_argument("--dry-run", action="store_true", help="print what would be trained, and stop")
    add_job_flags(parser)
    add_folds_flag(parser)
    add_training_flags(parser)


def add_job_flags(parser: argparse.ArgumentParser) -> None:
    """Where the job goes, and how its end is printed."""
    parser.add_argument("--out", dest="job", type=Path, metavar="JOB", help="the job's folder, new or empty")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_folds_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folds", type=int, metavar="K", help="folds of the cross-validation; 0: final model only (default: chosen)"
    )


def add_training_flags(parser: argparse.ArgumentParser) -> None:
    """The settings of `TrainingOptions`; what is not given is chosen by the job."""
    default = TrainingOptions()
    group = parser.add_argument_group("training (what is not given is chosen by the job and written down)")
    budget = group.add_mutually_exclusive_group()
    budget.add_argument("--steps", type=int, metavar="N", help="budget of each training in steps")
    budget.add_argument("--epochs", type=int, metavar="N", help="… in rounds over the cases")
    budget.add_argument("--minutes", type=float, metavar="M", help="… in minutes, for all trainings together")
    group.add_argument("--device", type=_device, default=default.device, help="auto, cpu, cuda, cuda:1 or mps")
    group.add_argument("--seed", type=int, default=default.seed, metavar="S", help="of every random draw (default 0)")
    group.add_argument("--learning-rate", type=float, metavar="RATE")
    group.add_argument("--lr-schedule", choices=get_args(LrSchedule), default=default.lr_schedule)
    group.add_argument("--batch-size", type=int, metavar="N")
    group.add_argument("--patch-size", type=int, nargs=3, metavar=("I", "J", "K"), help="in voxels")
    group.add_argument("--augment", choices=get_args(Augment), default=default.augment)
    group.add_argument("--deterministic", action="store_true", help="the same weights from every run, and slower")


def training_options(arguments: argparse.Namespace) -> TrainingOptions:
    """What `add_training_flags` read."""
    patch = arguments.patch_size
    return TrainingOptions(
        steps=arguments.steps,
        epochs=arguments.epochs,
        minutes=arguments.minutes,
        device=arguments.device,
        seed=arguments.seed,
        learning_rate=arguments.learning_rate,
        lr_schedule=arguments.lr_schedule,
        batch_size=arguments.batch_size,
        patch_size=None if patch is None else (patch[0], patch[1], patch[2]),
        augment=arguments.augment,
        deterministic=arguments.deterministic,
    )


def transfer_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of a `JobSpec` that `add_transfer_flags` gives."""
    label_map = None if arguments.label_map is None else read_json(arguments.label_map)
    if label_map is not None and not isinstance(label_map, dict):
        raise InputError(f"{arguments.label_map}: expected an object of label names; correct the file.")
    return {
        "source": str(find_source(arguments.source).folder.absolute()),
        "target": data_set(arguments.target, "--target"),
        "source_data": None if arguments.source_data is None else data_set(arguments.source_data, "--source-data"),
        "label_map": label_map,
        "folds": arguments.folds,
        "training": training_options(arguments),
    }


def data_set(text: str, flag: str) -> str:
    """The absolute path of a data set that is there."""
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise InputError(f"{flag} {path}: no such file or folder; check the path.")
    return str(path)


def job_folder(arguments: argparse.Namespace) -> Path:
    """Where `--out` puts the job."""
    if arguments.job is None:
        raise InputError("--out JOB is missing; say where the job's folder shall be.")
    return Path(arguments.job).expanduser().absolute()


def strategy_choice(text: str, **options: Any) -> StrategyChoice:
    """A checked strategy from `name:option=value`, with the options that were given as flags."""
    choice = StrategyChoice.parse(text)
    given = {name: value for name, value in options.items() if value is not None}
    choice = StrategyChoice(choice.name, {**choice.options, **given})
    find_strategy(choice.name).parse_options(choice.options)
    return choice


def network_choice(text: str) -> CardNetwork:
    """A network that can be built, from `name:argument=value:…`.

    Values are numbers, `true`, `false`, `none`, words, and lists of numbers: 16-32-64, and 1x1x1-2x2x1 where a level has a
    number an axis. A list of one is `2-`, or just 2 where the network takes nothing but a list.
    """
    import torch

    from TransferSegLib.networks import build, list_arguments

    name, *parts = text.strip().split(":")
    arguments: dict[str, Any] = {}
    for part in parts:
        argument, equals, value = part.partition("=")
        if not equals or not value or argument in arguments:
            raise InputError(
                f"--network {text}: `{part}` is not of the form argument=value, or is given twice; "
                "write it like monai-unet:channels=16-32-64:num_res_units=2."
            )
        arguments[argument] = _argument(value)
    for argument in list_arguments(name) & arguments.keys():
        if isinstance(arguments[argument], (int, float)):
            arguments[argument] = [arguments[argument]]
    with torch.device("meta"):
        build(name, 1, 2, arguments)
    return CardNetwork(name, arguments)


def _argument(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text in words:
        return words[text]
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"-?[0-9]*\.?[0-9]+(e-?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[0-9]+(x[0-9]+)*(-[0-9]+(x[0-9]+)*)*-?", text):
        levels = [[int(side) for side in level.split("x")] for level in text.removesuffix("-").split("-")]
        return levels[0] if "-" not in text else [level[0] if len(level) == 1 else level for level in levels]
    return text


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"`{text}` is not auto, cpu, cuda, cuda:1 or mps")
    return text
