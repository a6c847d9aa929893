"""`transferseg cases`: check a data set, choose from it, or make one (digital heads, labels from other images)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from TransferSegLib.cases.checks import unlabelled_cases
from TransferSegLib.cases.grouping import finding_lines, grouped
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import cases_from, select_cases
from TransferSegLib.cli.flags import add_ignore_flag, read_label_map, source_to_adapt
from TransferSegLib.cli.progress import progress_line
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet, Role, ignoring
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import MOST_ITEMS, Problem, Severity, render
from TransferSegLib.core.records import to_json
from TransferSegLib.transfer.checks import check_cases
from TransferSegLib.transfer.labels import label_task

CHECK_EXAMPLES = """\
examples:
  transferseg cases check Task04_Hippocampus
  transferseg cases check my-cases.csv --source head-t1w
  transferseg cases check Dataset004 --source hippocampus-t1w --label-map label-map.json --json

a data set is a Decathlon or nnU-Net folder, a folder with images/ and labels/, a MONAI datalist (.json), or a table
(.csv) with the columns case,image[,image2…],label[,role]; a folder of images alone has no labels to adapt with

a label map names for each of your labels the source model's, several that it merges, "new", or null to drop it:
  {"hippocampus head": "Anterior", "tail": ["Posterior"], "lesion": "new", "wire": null}

exit codes: 0 nothing found, 1 warnings only, 2 errors
"""
PHANTOM_EXAMPLES = """\
examples:
  transferseg cases phantom heads --modality t2w --count 4 --seed 1
  transferseg cases phantom heads-ct --modality ct --count 4 --seed 1       the same four heads, as CT
  transferseg cases phantom small --modality t1w --count 2 --seed 7 --lesions --size 48 48 24
"""

ROLES: dict[Role, str] = {
    "train": "to train on",
    "validation": "to validate on",
    "test": "to test on",
    "unlabelled": "unlabelled",
}


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `cases`."""
    parser = commands.add_parser(
        "cases",
        help="check a data set, choose from it, or make one (digital heads, labels from CT)",
        description="The cases that a model is adapted to.",
        epilog="examples:\n  transferseg cases check my-cases --source head-t1w\n"
        "  transferseg cases phantom heads --modality t2w --count 4 --seed 1",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="check | phantom | from-ct | from-mr | select", required=True)

    checking = actions.add_parser(
        "check",
        help="find what is wrong or odd in a data set",
        description="Read every file, and say of each case what would spoil an adaptation and what to do about it.",
        epilog=CHECK_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checking.add_argument("dataset", metavar="DATASET", type=Path, help="folder, datalist (.json) or table (.csv)")
    checking.add_argument("--source", metavar="NAME|FOLDER", help="the model that you want to adapt to the cases")
    checking.add_argument(
        "--label-map",
        metavar="FILE",
        type=Path,
        help="a JSON file that says for each of your labels which label of the source model it is",
    )
    add_ignore_flag(checking)
    checking.add_argument("--json", action="store_true", help="print the findings as JSON")
    checking.set_defaults(run=_check)

    phantom = actions.add_parser(
        "phantom",
        help="make a data set of digital heads",
        description="Write made-up heads with exact labels (air, soft tissue, bone, optionally lesion) as a data set.",
        epilog=PHANTOM_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    phantom.add_argument("out", metavar="OUT", type=Path, help="a new or empty folder")
    phantom.add_argument(
        "--modality", required=True, choices=("t1w", "t2w", "ct"), help="what kind of scan it looks like"
    )
    phantom.add_argument("--count", type=int, required=True, metavar="N", help="how many heads")
    phantom.add_argument("--seed", type=int, required=True, metavar="S", help="the same seed makes the same heads")
    phantom.add_argument("--lesions", action="store_true", help="also make lesions, with a label of their own")
    phantom.add_argument(
        "--size",
        type=int,
        nargs=3,
        default=(96, 96, 48),
        metavar=("I", "J", "K"),
        help="size of the images in voxels (default 96 96 48)",
    )
    phantom.set_defaults(run=_phantom)
    cases_from.add_actions(actions)
    select_cases.add_action(actions)


def _check(args: argparse.Namespace) -> int:
    (cases,) = ignoring([read_case_set(args.dataset)], args.ignore)
    card = source_to_adapt(args.source, args.dataset).card if args.source else None
    label_map = read_label_map(args.label_map)
    task = _label_task(cases, card, label_map)
    findings = check_cases(cases, card, _Progress() if sys.stderr.isatty() else None, label_map)
    findings += unlabelled_cases(cases)
    counts = Counter(finding.severity for finding in findings)
    if args.json:
        print(json.dumps(_as_json(cases, task, findings, counts), indent=2, ensure_ascii=False))
    else:
        print(_as_text(cases, task, findings))
    return 2 if counts["error"] else 1 if counts["warning"] else 0


def _phantom(args: argparse.Namespace) -> int:
    from TransferSegLib.cases.phantom.dataset import write_phantoms

    if min(args.size) < 1:
        raise InputError(
            "phantom-size",
            "{option} {value}: every side must be at least 1 voxel.",
            option="--size",
            value=" ".join(map(str, args.size)),
        )
    write_phantoms(args.out, args.modality, args.count, args.seed, tuple(args.size), args.lesions)
    print(f"wrote {args.count} case{'s' * (args.count != 1)} to {args.out}")
    return 0


def _label_task(cases: CaseSet, card: ModelCard | None, label_map: dict[str, Any] | None) -> LabelTask | None:
    if label_map is None and (card is None or not cases.labels):
        return None
    return label_task(cases, card, label_map)


def _as_json(cases: CaseSet, task: LabelTask | None, findings: list[Problem], counts: Counter) -> dict:
    return {
        "name": cases.name,
        "cases": {role: len(cases.with_role(role)) for role in ROLES},
        "labels": to_json(cases.labels),
        "new_labels": None if task is None else list(task.new_names),
        "dropped_labels": None if task is None else list(task.dropped),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "findings": [finding.to_json() for finding in findings],
    }


def _as_text(cases: CaseSet, task: LabelTask | None, findings: list[Problem]) -> str:
    held = ", ".join(f"{len(cases.with_role(role))} {words}" for role, words in ROLES.items() if cases.with_role(role))
    lines = [
        f"{cases.name}: {held}",
        f"labels: {', '.join(f'{name} ({value})' for value, name in cases.labels.items()) or 'none'}",
    ]
    if task is not None:
        lines += [f"new to the source model: {_some(task.new_names)}"] if task.new_names else []
        lines += [f"dropped: {_some(task.dropped)}"] if task.dropped else []
    lines += finding_lines(findings)
    counts = Counter(problem.severity for problem in grouped(findings))  # of what is printed, a line each
    found = [f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in get_args(Severity) if counts[kind]]
    return "\n".join([*lines, ", ".join(found) or "nothing to complain of"])


def _some(names: Sequence[str]) -> str:
    number = f" ({len(names)} labels)" if len(names) > MOST_ITEMS else ""
    return f"{render('{names:…}', {'names': names})}{number}"


class _Progress:
    """A bar on the terminal, gone at the end."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        left = (time.monotonic() - self._start) / done * (total - done)
        bar = "" if done == total else progress_line(done / total, left)
        print(f"\r\x1b[K{bar}", end="", file=sys.stderr, flush=True)
