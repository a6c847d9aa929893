"""`transferseg compare`: cross-validate several strategies on the same folds, and keep the best one's model."""

from __future__ import annotations

import argparse

from TransferSegLib.cli.flags import add_transfer_flags, source_to_adapt, strategy_choice, transfer_fields
from TransferSegLib.cli.running import start
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec
from TransferSegLib.transfer.strategies import STRATEGIES

EXAMPLES = """\
examples:
  transferseg compare --source head-t1w --target my-cases --folds 4 --out job \\
      --strategies direct,conservative:layers=6,open,hybrid:fusion=multiply
  transferseg compare --source hippocampus-t1w --target my-cases --strategies direct,open,scratch --steps 300 --out job
  transferseg compare --source head-t1w --target my-cases --strategies conservative:part=decoder,open --dry-run
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `compare`."""
    parser = commands.add_parser(
        "compare",
        help="compare strategies on your cases, and keep the best",
        description="Cross-validate several strategies on the same folds of your cases, and keep the best one's model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--strategies",
        required=True,
        metavar="S[:OPTION=VALUE],…",
        help=f"the strategies with commas between them, each with its options after colons; there are {_strategies()}",
    )
    add_transfer_flags(parser)
    parser.set_defaults(run=compare)


def compare(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    strategies = tuple(strategy_choice(text) for text in arguments.strategies.split(","))
    source = source_to_adapt(arguments.source, arguments.target)
    spec = JobSpec(JOB_FORMAT, "compare", strategies=strategies, **transfer_fields(arguments, source))
    return start(arguments, spec, source)


def _strategies() -> str:
    """The names of all strategies, each with the names of its options."""
    described = []
    for strategy in STRATEGIES.values():
        options = ", ".join(option.name for option in strategy.options)
        described.append(f"{strategy.name} ({options})" if options else strategy.name)
    return ", ".join(described)
