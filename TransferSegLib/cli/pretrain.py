"""`transferseg pretrain`: train a source model from scratch."""

from __future__ import annotations

import argparse
from typing import get_args

from TransferSegLib.cli.flags import (
    add_dry_run_flag,
    add_folds_flag,
    add_ignore_flag,
    add_job_flags,
    add_lesion_flags,
    add_option_flags,
    add_preprocessing_flags,
    add_training_flags,
    add_validation_flag,
    data_set,
    lesion_options,
    preprocessing_options,
    training_options,
    validation,
)
from TransferSegLib.cli.running import start
from TransferSegLib.core.card import Task
from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice
from TransferSegLib.jobs.target import with_size
from TransferSegLib.networks import NETWORKS
from TransferSegLib.networks.choice import network_choice

EXAMPLES = """\
examples:
  transferseg pretrain --data Task04_Hippocampus --network monai-unet --steps 3000 --out hippocampus-job
  transferseg pretrain --data my-cases --network mecheter2023 --folds 0 --minutes 30 --out job
  transferseg pretrain --data my-cases --network monai-unet:channels=16-32-64:strides=2-2:norm=BATCH --out job
  transferseg pretrain --data my-cases --network nnunet-plain:features_per_stage=32-64-128:strides=1-2x2x1-2 --out job
  transferseg pretrain --data centre-1 --data centre-2 --network karimi2021 --size 50 --out job
  transferseg pretrain --data unlabelled-scans --network monai-unet --task autoencoding --steps 3000 --out job
  transferseg pretrain --data my-cases --network zoetmulder2022 --preprocessing zoetmulder2022 --n4 --out job
  transferseg pretrain --data my-cases --network mecheter2023 --recipe mecheter2023 --dry-run
  transferseg sources add job/model        then use it as --source
"""

# A source model of fewer cases, as in table 7 of Karimi 2021.
SIZE = (
    Option(
        "size",
        "whole number",
        "Training cases",
        "How many of the cases to train on. With the same --draw, a larger size contains the smaller one.",
        least=1,
    ),
    Option("draw", "whole number", "Draw", "Which random draw of these cases, counted from 0.", least=0),
)


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `pretrain`."""
    parser = commands.add_parser(
        "pretrain",
        help="train a source model of your own",
        description="Train a network from scratch on a data set. The job's folder `model` is then a source model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        required=True,
        action="append",
        metavar="DATASET",
        help="annotated cases (for autoencoding also a folder of images); give it several times to train on several data "
        "sets together",
    )
    add_option_flags(parser, SIZE)
    parser.add_argument(
        "--network",
        required=True,
        metavar="NAME[:ARGUMENT=VALUE…]",
        help=f"one of {', '.join(trainable_networks())}; its arguments are in docs/networks.md, lists are written 16-32-64, "
        "and a list of one number as the number",
    )
    parser.add_argument(
        "--task",
        choices=get_args(Task),
        default="segmentation",
        help="what the network is trained for (default segmentation); the last two make an encoder for the strategy "
        "`encoder-transfer`, autoencoding without labels",
    )
    parser.add_argument("--title", default="", help="the model's title (default: made of its labels and modality)")
    add_dry_run_flag(parser)
    add_job_flags(parser)
    add_folds_flag(parser)
    add_validation_flag(parser)
    add_ignore_flag(parser)
    add_lesion_flags(parser)
    add_preprocessing_flags(parser)
    add_training_flags(parser)
    parser.set_defaults(run=pretrain)


def pretrain(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    name = arguments.network.split(":")[0]
    if name not in trainable_networks():
        raise InputError(
            "pretrain-network",
            "{option} {network}: not known; choose one of {known}.",
            option="--network",
            network=name,
            known=trainable_networks(),
        )
    spec = JobSpec(
        JOB_FORMAT,
        "pretrain",
        target=data_set(arguments.data[0], "--data"),
        pooled=tuple(data_set(path, "--data") for path in arguments.data[1:]),
        validation=validation(arguments.validation),
        strategies=(StrategyChoice("scratch"),),
        network=network_choice(arguments.network),
        folds=arguments.folds,
        training=training_options(arguments),
        lesions=lesion_options(arguments),
        title=arguments.title,
        task=arguments.task,
        preprocessing=preprocessing_options(arguments),
        ignore=arguments.ignore,
    )
    if arguments.size is not None:
        spec = with_size(spec, arguments.size, arguments.draw or 0)
    return start(arguments, spec)


def trainable_networks() -> list[str]:
    """Return all networks but `hybrid`, which is made of two networks by the strategy of that name."""
    return [name for name in NETWORKS if name != "hybrid"]
