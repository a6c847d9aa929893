"""`transferseg adapt`: adapt a model with one strategy, and score it before and after."""

from __future__ import annotations

import argparse

from TransferSegLib.cli.flags import (
    add_strategy_flags,
    add_transfer_flags,
    source_to_adapt,
    strategy_choice,
    strategy_options,
    transfer_fields,
)
from TransferSegLib.cli.running import start
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.recommended import LAST_ROUND, SHARES
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, adapt_strategies, among, recommended_strategies
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES, check_source

EXAMPLES = """\
examples:
  transferseg adapt --source hippocampus-robust --target my-cases --strategy auto --minutes 10 --out job
  transferseg adapt --source hippocampus-robust --target my-cases --strategy auto --among open,lora:rank=4,lora:rank=16
  transferseg adapt --source hippocampus-t1w --target my-cases --strategy open --out job
  transferseg adapt --source head-t1w --target my-cases --strategy conservative --layers 6 --minutes 5 --out job
  transferseg adapt --source head-t1w --target my-cases --strategy hybrid --fusion multiply --dry-run
  transferseg adapt --source head-t1w --target my-cases --strategy open --recipe mecheter2023 --loss dice-ce --out job
  transferseg adapt --source head-t1w --target my-cases --strategy multimodal --source-data old-cases --out job
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `adapt`."""
    parser = commands.add_parser(
        "adapt",
        help="adapt a model to your cases with one strategy, or with the one that is found best",
        description="Adapt a source model to your cases with one strategy, or with the one that is found best (`auto`), "
        "and\nscore it before and after.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--strategy",
        required=True,
        metavar="NAME",
        help=f"`{AUTO}` tries several in rounds and keeps the best, or the unchanged source model where none is better. "
        f"`--minutes` is then the time of the whole job. Of `--steps` or `--epochs`, a training of the first round takes "
        f"{SHARES[1]:g}, one of the second {SHARES[LAST_ROUND]:g}, or all where the source model does not cope. Or one of "
        f"{', '.join(STRATEGIES)}",
    )
    parser.add_argument(
        "--among",
        metavar="S[:OPTION=VALUE],…",
        help=f"the strategies that `{AUTO}` chooses from, the most promising first, each with its options after colons "
        "(default: chosen by the job). The unchanged source model is always one of them",
    )
    add_strategy_flags(parser)
    add_transfer_flags(parser)
    parser.set_defaults(run=adapt)


def adapt(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if arguments.strategy == AUTO:
        return _recommend(arguments)
    if arguments.among is not None:
        raise InputError(
            "among-without-recommended",
            "{option}: is for the strategy `{auto}`, which chooses, and `{strategy}` is trained as it is; leave it out, or "
            "name the strategy `{auto}`.",
            option="--among",
            auto=AUTO,
            strategy=arguments.strategy,
        )
    choice = strategy_choice(arguments.strategy, strategy_options(arguments), beside=(AUTO,))
    source = source_to_adapt(arguments.source, arguments.target)
    card, fields = source.card, transfer_fields(arguments, source)
    check_source(choice.name, card)
    strategies = adapt_strategies(choice, card)
    spec = JobSpec(JOB_FORMAT, "adapt", strategies=strategies, keep=choice.key, **fields)
    return start(arguments, spec, source)


def _recommend(arguments: argparse.Namespace) -> int:
    """Run a job that chooses among strategies."""
    given = strategy_options(arguments)
    if given:
        raise InputError(
            "options-with-recommended",
            "{option}: is an option of a strategy, and `{strategy}` tries several; give it in {among}, as in "
            "`{example}`, or name a strategy.",
            option=f"--{next(iter(given)).replace('_', '-')}",
            strategy=AUTO,
            among="--among",
            example="open,lora:rank=4",
        )
    source = source_to_adapt(arguments.source, arguments.target)
    fields = transfer_fields(arguments, source)
    if arguments.among is None:
        strategies = recommended_strategies(source.card, fields["training"])
    else:
        strategies = among(tuple(strategy_choice(text) for text in arguments.among.split(",")), source.card)
    spec = JobSpec(JOB_FORMAT, "adapt", strategies=strategies, keep=AUTO, **fields)
    return start(arguments, spec, source)
