"""`transferseg compare`: several strategies on the same folds; the best is kept."""

from __future__ import annotations

import argparse

from TransferSegLib.cli.flags import add_transfer_flags, strategy_choice, transfer_fields
from TransferSegLib.cli.running import start
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec
from TransferSegLib.sources.catalogue import find_source

EXAMPLES = """\
examples:
  transferseg compare --source head-t1w --target my-cases --folds 4 --out job \\
      --strategies direct,conservative:layers=6,open,hybrid:fusion=multiply
  transferseg compare --source hippocampus-t1w --target my-cases --strategies direct,open,scratch --steps 300 --out job
  transferseg compare --source head-t1w --target my-cases --strategies conservative:part=decoder,open --dry-run
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "compare",
        help="compare strategies on your cases, and keep the best",
        description="Cross-validate several strategies on the same folds of your cases, and keep the best one's model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--strategies", required=True, metavar="S[:OPTION=VALUE],…", help="with commas between; options after colons"
    )
    add_transfer_flags(parser)
    parser.set_defaults(run=compare)


def compare(arguments: argparse.Namespace) -> int:
    strategies = tuple(strategy_choice(text) for text in arguments.strategies.split(","))
    source = find_source(arguments.source)
    spec = JobSpec(JOB_FORMAT, "compare", strategies=strategies, **transfer_fields(arguments, source))
    return start(arguments, spec, source)
