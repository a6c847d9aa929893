"""`transferseg analyse`: what the networks of a job or a study represent, and what training changed about it."""

from __future__ import annotations

import argparse
from pathlib import Path

from TransferSegLib.cli.flags import DEVICE, add_option_flags
from TransferSegLib.cli.progress import ProgressPrinter, show_share
from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.trainings import Member, kept_trainings
from TransferSegLib.studies.analysing import study_members
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import read_study

PARTS = {
    "rsim": "how representations moved while the networks were trained, and how alike the networks became",
    "reuse": "how much of each layer was reused from the source, and what that suggests to train (needs `scratch`)",
    "filters": "how much the filters of each layer changed, with pictures of filters and feature maps",
}
BLOCKS = Option(
    "blocks",
    "whole number",
    "Blocks",
    "How many blocks of the test images to look at.",
    default=16,
    least=2,
    most=100_000,
)
POINTS = Option(
    "points",
    "whole number",
    "Points",
    "How many points of each block and layer to compare.",
    default=512,
    least=8,
    most=100_000,
)
SEED = Option("seed", "whole number", "Random seed", "Decides blocks and points.", default=0, least=0, most=2**32 - 1)
EXAMPLES = """\
examples:
  transferseg compare --source head-t1w --target my-cases --strategies open,scratch --snapshots 10 --out job
  transferseg analyse job                           all of it; the report is job/analysis/report.html
  transferseg analyse job --reuse --out reuse       feature reuse alone, into the folder `reuse`

RSIM and feature reuse are those of Karimi 2021; docs/analysis.md says how they are computed.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `analyse`."""
    parser = commands.add_parser(
        "analyse",
        help="compare what networks have learned, from the snapshots of their trainings",
        description=(
            "Look into the networks of a job or a study that was run with --snapshots: what their layers represent, how\n"
            "that moved in training, how much came from the source model, and how much the filters changed."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="JOB|STUDY", help="the folder of a job or of a study")
    for name, text in PARTS.items():
        parser.add_argument(f"--{name}", action="store_true", help=f"{text} (default: all three)")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where the report goes (default: `analysis` in the job or study)"
    )
    add_option_flags(parser, [BLOCKS, POINTS, SEED, DEVICE])
    parser.add_argument("--json", action="store_true", help="print the advice as JSON")
    parser.set_defaults(run=analyse)


def analyse(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    folder = arguments.folder.expanduser().absolute()
    members, title = _members(folder)
    out = (arguments.out or folder / "analysis").expanduser().absolute()
    _refuse_foreign(out)
    # What follows needs torch and matplotlib, which take a while to import.
    from TransferSegLib.jobs.analysing import Sampling, analyse_jobs, write_analyses
    from TransferSegLib.networks.execution import pick_device
    from TransferSegLib.networks.memory import OutOfMemory

    parts = [name for name in PARTS if getattr(arguments, name)] or list(PARTS)
    blocks, points, seed, device = (
        option.default if (value := getattr(arguments, option.name)) is None else value
        for option in (BLOCKS, POINTS, SEED, DEVICE)
    )
    printer = ProgressPrinter()
    show = show_share(printer, "looking at the snapshots")
    try:
        show(0.0)
        analyses = analyse_jobs(members, Sampling(parts, blocks, points, seed), pick_device(device), show)
        printer({"kind": "phase", "text": "Writing the report"})
        reports = write_analyses(out, analyses, title)
    except OutOfMemory:
        raise JobError(
            "analysis-out-of-memory",
            "{path}: memory ran out while its networks were run; close other programs, or give {option}.",
            path=folder,
            option="--device cpu",
        ) from None
    except OSError as error:
        raise JobError(
            "analysis-not-written",
            "{path}: cannot be written ({reason}); make the folder writable or make room in it, then run this again.",
            path=error.filename or out,
            reason=error.strerror,
        ) from None
    finally:
        printer.close()
    written = [(path, one.found.advice) for path, one in zip(reports, analyses, strict=True)]
    if arguments.json:
        found = [
            {
                "report": str(path),
                "advice": [{"strategy": one.strategy, "problem": one.problem.to_json()} for one in advice],
            }
            for path, advice in written
        ]
        print(json_text(found, indent=2))
        return 0
    for path, advice in written:
        for one in advice:
            print(f"{one.problem.sentence}\n")
        print(path)
    return 0


def _members(folder: Path) -> tuple[list[Member], str]:
    """The jobs to analyse and the title of the report; refused where none of them has kept anything."""
    study = StudyFolder(folder)
    if study.study_yaml.is_file():
        members, title = study_members(study), f"What networks represent: {read_study(study.study_yaml).title}"
    else:
        job = JobFolder(folder)
        spec = job.read_spec()
        members, title = [Member(job)], f"What networks represent: {spec.title or folder.name}"
    if not any(kept_trainings(member.job, member.job.read_spec()) for member in members):
        raise InputError(
            "no-snapshots",
            "{path}: none of its finished trainings kept snapshots; run one with {option}, and let it finish.",
            path=folder,
            option="--snapshots 10",
        )
    return members, title


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder whose report is not of an analysis, such as a job's own."""
    if (out / "report.html").exists() and not (out / "analysis.json").exists():
        raise InputError(
            "analysis-folder-taken",
            "{path}: has a report of something else, which would be replaced; name another folder.",
            path=out,
        )
