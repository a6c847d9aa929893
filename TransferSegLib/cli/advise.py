"""`transferseg advise`: what can be said of a source model and your cases, before a training and after jobs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.cli.flags import (
    DEVICE,
    add_label_map_flag,
    add_option_flags,
    read_label_map,
    source_to_adapt,
)
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder

if TYPE_CHECKING:
    from TransferSegLib.evaluation.calibration import Calibration

EXAMPLES = """\
examples:
  transferseg advise --source hippocampus-robust --target my-cases
  transferseg advise --source hippocampus-robust --target my-cases --job four-cases eight-cases
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `advise`."""
    parser = commands.add_parser(
        "advise",
        help="say how far your cases are from a source model, and what more annotated cases would bring",
        description="Measure how far your cases are from what a source model was made for, and how good it is on them.\n"
        "Cases need no segmentations; it then says what cannot be known without. After jobs, say what more\n"
        "annotated cases would bring, whether the models are right as often as they are sure, and whether\n"
        "disagreement tells of a low Dice.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--source", required=True, metavar="NAME|FOLDER", help="the source model")
    parser.add_argument("--target", required=True, type=Path, metavar="PATH", help="your cases")
    parser.add_argument(
        "--job",
        nargs="+",
        default=[],
        type=Path,
        metavar="JOB",
        help="finished jobs on these cases; two or more with different numbers of cases make the curve",
    )
    add_label_map_flag(parser)
    add_option_flags(parser, [DEVICE])
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=advise)


def _print_reliability(who: str, found: Calibration | None) -> None:
    """Print how often voxels are right, by how sure the model is of them."""
    known = [one for one in found.bins if one.voxels] if found is not None else []
    if not known:
        return
    print(f"\nReliability, {who}:\n  confidence       voxels    sure   right")
    for one in known:
        print(f"  {one.low:.1f} to {one.high:.1f} {one.voxels:>13} {one.confidence:>7.2f} {one.accuracy:>7.2f}")


def advise(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where something is a warning."""
    from TransferSegLib.jobs import advising

    found = advising.advise(
        source_to_adapt(arguments.source, arguments.target),
        arguments.target,
        [JobFolder(job) for job in arguments.job],
        arguments.device or DEVICE.default,
        read_label_map(arguments.label_map),
    )
    if arguments.json:
        print(json_text(found, indent=2))
    else:
        print(f"{found.source} on {found.target}\n")
        print("\n".join(problem.sentence for problem in found.problems))
        for case, value in found.promised:
            print(f"  {case}: predicted Dice of the source model {value:.2f}")
        for case, value in found.predicted:
            print(f"  {case}: predicted Dice of the kept model {value:.2f}")
        _print_reliability("source model as it is", found.calibration)
        _print_reliability("models of folds", found.calibration_of_job)
    return int(any(problem.severity == "warning" for problem in found.problems))
