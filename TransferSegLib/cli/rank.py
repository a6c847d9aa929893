"""`transferseg rank`: which scans of a data set to annotate next, and why, with predictions to correct."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from TransferSegLib.cli.flags import (
    DEVICE,
    add_label_map_flag,
    add_option_flags,
    data_set,
    read_label_map,
    source_to_adapt,
)
from TransferSegLib.cli.printing import say, say_of_model
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.sources.catalogue import find_source

EXAMPLES = """\
examples:
  transferseg rank --source hippocampus-robust --target my-cases --out next
  transferseg rank --source hippocampus-robust --target my-cases --parent job --count 5 --out next

next/to-correct/CASE.nii.gz are predictions to correct; `loop` does the same in one folder, over many rounds
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `rank`."""
    parser = commands.add_parser(
        "rank",
        help="say which scans of a data set to annotate next, and why",
        description="Rank the scans of a data set that are not annotated: by how unlike the annotated cases they are,\n"
        "by what the network sees (spread alone: an order by disagreement taught no more for sure). The first ones\n"
        "are segmented, and how much models disagree on them is told.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--source", required=True, metavar="NAME|FOLDER", help="the source model")
    parser.add_argument("--target", required=True, metavar="DATASET", help="the scans, some of which are annotated")
    parser.add_argument(
        "--parent",
        type=Path,
        metavar="JOB",
        help="the newest finished job that began from the source model; its model makes the predictions",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="where the predictions go, a new or empty folder"
    )
    parser.add_argument("--count", type=int, default=3, metavar="N", help="how many scans (default 3)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides which scans are looked at where there are many"
    )
    add_label_map_flag(parser)
    parser.add_argument(
        "--ensemble",
        choices=("folds", "none"),
        default="folds",
        help="where the model is an ensemble: ask all its networks, or the first alone, which is faster (default folds)",
    )
    add_option_flags(parser, [DEVICE])
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Rank the scans, and return the exit code."""
    from TransferSegLib.loop.choosing import rank_scans
    from TransferSegLib.loop.model import LoopModel

    if arguments.count < 1:
        raise InputError(
            "rank-count", "{option}: {count} scans cannot be; give 1 or more.", option="--count", count=arguments.count
        )
    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("rank-folder-taken", "{path}: is not empty; choose a new or an empty folder.", path=out)
    label_map = read_label_map(arguments.label_map)
    done = [] if arguments.parent is None else [JobFolder(arguments.parent)]
    target = Path(data_set(arguments.target, "--target"))
    source = source_to_adapt(arguments.source, target)
    asked = find_source(done[-1].path) if done else source
    say_of_model(asked)
    model = LoopModel(
        source,
        target,
        done,
        arguments.device or DEVICE.default,
        label_map=label_map,
        with_members=arguments.ensemble == "folds",
    )
    progress = ProgressPrinter()
    kind = "progress" if sys.stderr.isatty() else "phase"

    def on_case(number: int, total: int, case: str) -> None:
        facts = {"number": number + 1, "count": total, "case": case}
        said = Problem("progress-ranking", "Looking at {number} of {count}: {case}", facts, "note")
        fraction = number / total
        progress(
            {
                "kind": kind,
                "fraction": fraction,
                "seconds_left": None,
                "text": said.sentence,
                "problem": said.to_json(),
            }
        )

    try:
        found = rank_scans(model, out, arguments.count, arguments.seed, on_case)
    finally:
        progress.close()
    if arguments.json:
        cases = [
            {
                "case": one.case,
                "images": one.images,
                "prediction": one.prediction,
                "reason": one.reason.sentence,
                "problem": one.reason.to_json(),
                "disagreement": one.disagreement,
                "spread": one.spread,
            }
            for one in found.cases
        ]
        findings = [problem.to_json() for problem in found.problems]
        problems = [problem.sentence for problem in found.problems]
        of_model = [problem.to_json() for problem in model_warnings(asked.card)]
        print(json_text({"cases": cases, "problems": problems, "findings": findings, "of_model": of_model}, indent=2))
    for one in found.cases if not arguments.json else ():
        print(f"{one.case}: {one.reason.sentence}")
        if one.prediction is not None:
            print(f"  to correct: {one.prediction}")
    for problem in found.problems:
        say(problem.sentence)
    return int(any(problem.severity != "note" for problem in found.problems))
