"""`transferseg demo`: a whole comparison on made-up heads, up to the report."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.flags import strategy_choice
from TransferSegLib.cli.running import run
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import whole_folder
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec
from TransferSegLib.jobs.status import job_status
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.training.options import TrainingOptions

SOURCE = "head-t1w"
STRATEGIES = ("direct", "conservative:layers=6", "open", "hybrid:fusion=multiply")
CASES = 4
CASES_SEED = 2023
FOLDS = 2
STEPS = 100

EXAMPLES = """\
examples:
  transferseg demo
  transferseg demo --out /tmp/demo --steps 200

Run again, it goes on with an unfinished demo, or begins a new job beside a finished one.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `demo`."""
    parser = commands.add_parser(
        "demo",
        help="try everything at once, on made-up heads",
        description=(
            "Make four annotated T2-weighted digital heads, adapt a model that knows T1-weighted ones\n"
            "with four strategies, and end with a comparison table and a report."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("transferseg-demo"),
        metavar="FOLDER",
        help="where the cases and the job go (default transferseg-demo)",
    )
    parser.add_argument(
        "--steps", type=int, default=STEPS, metavar="N", help=f"steps of each training (default {STEPS})"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=demo)


def demo(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    out = arguments.out.expanduser().absolute()
    spec = JobSpec(
        JOB_FORMAT,
        "compare",
        target=str(out / "cases-t2w"),
        source=str(find_source(SOURCE).folder.absolute()),
        strategies=tuple(strategy_choice(text) for text in STRATEGIES),
        folds=FOLDS,
        training=TrainingOptions(steps=arguments.steps, copies=1),  # a first result comes sooner
        title="Demonstration: from T1-weighted to T2-weighted heads",
    )
    _write_cases(out / "cases-t2w")
    return run(_job(out, spec).path, arguments.json)


def _write_cases(folder: Path) -> None:
    """Write the cases, unless they are there; a demo that was killed meanwhile has left none."""
    from TransferSegLib.cases.phantom.dataset import write_phantoms

    out = folder.parent
    try:
        if folder.exists():
            return
        entries = [entry.name for entry in out.iterdir()] if out.is_dir() else []
        if any(name != "job-1" and not name.startswith(".") for name in entries):
            raise InputError(
                "demo-folder-not-empty",
                "{path}: is not empty and holds no demo; choose a new or an empty folder with --out.",
                path=out,
            )
        with whole_folder(folder) as unfinished:
            write_phantoms(unfinished, "t2w", CASES, CASES_SEED)
    except OSError as error:
        raise InputError(
            "demo-not-written",
            "{path}: cannot be written ({reason}); choose another folder with --out.",
            path=folder.parent,
            reason=error.strerror,
        ) from None


def _job(out: Path, spec: JobSpec) -> JobFolder:
    """Find the newest job of this demo if it is the same and not finished; else make one with the next number."""
    number = 1
    while (out / f"job-{number}").exists():
        number += 1
    last = JobFolder(out / f"job-{number - 1}")
    if number > 1 and job_status(last.path).state != "done" and last.read_spec() == spec:
        if not last.is_locked():
            last.clear_cancel()
        return last
    return JobFolder.create(out / f"job-{number}", spec)
