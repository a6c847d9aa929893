"""`transferseg cases from-ct` and `from-mr`: a data set whose labels come from another image of the same patients."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.cases.from_other.classes import (
    AIR_BELOW_HU,
    BONE_ABOVE_HU,
    TissueClass,
    mecheter_classes,
    read_classes,
)
from TransferSegLib.cases.from_other.pairs import Pair, pairs_by_name
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.cases.readers import FORMATS, read_case_set
from TransferSegLib.cli.printing import say
from TransferSegLib.cli.progress import ProgressPrinter, show_share
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

if TYPE_CHECKING:  # what registers imports SciPy, which no other command should wait for
    from TransferSegLib.cases.from_other.data_set import MadeCase
    from TransferSegLib.cases.from_other.one_case import Making
    from TransferSegLib.cases.registration import RegistrationSettings, Stage

TOOLS = {"simpleitk": "SimpleITK", "elastix": "elastix"}
CT_EXAMPLES = """\
examples:
  transferseg cases from-ct --mr mr/ --ct ct/ --out heads
  transferseg cases from-ct --mr mr/ --ct ct/ --out heads --bone 300        other thresholds: nothing is registered again
  transferseg cases from-ct --mr mr/ --ct ct/ --out heads --classes tissues.csv
  transferseg cases from-ct --mr mr/ --ct ct/ --out heads --accept p07      keep a flagged case: you have looked at it

images of a patient have one name in both folders (p1 and p1, or p1_T1w and p1_CT); folders with DICOM work as well

tissues.csv has the columns value,name,above,below (HU, exclusive; empty: no bound); a voxel gets the first row that fits:
  value,name,above,below
  1,air,,-500
  3,bone,600,
  2,soft tissue,,

exit codes: 0 done, 1 some cases were flagged, failed or have no partner, 2 refused, 4 cancelled (run it again to go on)
"""
MR_EXAMPLES = """\
examples:
  transferseg cases from-mr --mr t2w/ --from heads-t1w --out heads-t2w      labels drawn on T1w, for T2w
  transferseg cases from-mr --mr t2w/ --from t1w/ --channels --out both     T1w as a second channel of T2w

exit codes: 0 done, 1 some cases were flagged, failed or have no partner, 2 refused, 4 cancelled (run it again to go on)
"""


def add_actions(actions: argparse._SubParsersAction) -> None:
    """Add `from-ct` and `from-mr` to the actions of `cases`."""
    ct = actions.add_parser(
        "from-ct",
        help="label MR images by the CT images of the same patients",
        description="Register each patient's CT to their MR (rigid, then B-spline, by mutual information), and label the MR "
        "by thresholds in HU, as Mecheter et al. 2020 and 2023 did.",
        epilog=CT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ct.add_argument("--mr", metavar="FOLDER", type=Path, required=True, help="MR images, or a data set that has some")
    ct.add_argument("--ct", metavar="FOLDER", type=Path, required=True, help="CT images in HU of the same patients")
    ct.add_argument("--bone", metavar="HU", type=float, help=f"bone is above this (default {BONE_ABOVE_HU:g})")
    ct.add_argument("--air", metavar="HU", type=float, help=f"air is below this (default {AIR_BELOW_HU:g})")
    ct.add_argument(
        "--classes", metavar="FILE", type=Path, help="other classes than air, soft tissue and bone: a table"
    )
    _add_shared(ct, "b-spline")
    ct.set_defaults(run=_from_ct)

    mr = actions.add_parser(
        "from-mr",
        help="bring labels or images of another MR sequence to the grid of MR images",
        description="Register another sequence of each patient to their MR image, and bring its labels, or itself as a "
        "second channel, to the grid of the image.",
        epilog=MR_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    mr.add_argument("--mr", metavar="FOLDER", type=Path, required=True, help="MR images, or a data set that has some")
    mr.add_argument(
        "--from", metavar="FOLDER", dest="other", type=Path, required=True, help="the other sequence, with its labels"
    )
    mr.add_argument("--channels", action="store_true", help="also write the other sequence, as a second channel")
    _add_shared(mr, "rigid")
    mr.set_defaults(run=_from_mr)


def _add_shared(parser: argparse.ArgumentParser, registration: str) -> None:
    parser.add_argument("--out", metavar="DATASET", type=Path, required=True, help="the folder of the data set")
    parser.add_argument(
        "--registration",
        choices=("rigid", "b-spline"),
        default=registration,
        help=f"a rigid transform alone, or a B-spline after it (default {registration})",
    )
    parser.add_argument(
        "--with",
        dest="tool",
        choices=("simpleitk", "elastix"),
        default="simpleitk",
        help="what registers (default simpleitk); elastix needs itk-elastix",
    )
    parser.add_argument(
        "--accept", metavar="CASE", nargs="+", default=[], help="keep these cases though they were flagged"
    )
    parser.add_argument("--workers", metavar="N", type=int, default=0, help="cases at a time (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _from_ct(arguments: argparse.Namespace) -> int:
    from TransferSegLib.cases.from_other.one_case import Making

    classes = _classes(arguments)
    pairs, alone = pairs_by_name(arguments.mr, arguments.ct)
    making = Making(classes, _registration(arguments))
    labels = {tissue.value: tissue.name for tissue in classes}
    air, *others = _levels(classes)
    return _make(arguments, pairs, alone, making, labels, (_modality(arguments.mr),), (air, *others))


def _from_mr(arguments: argparse.Namespace) -> int:
    from TransferSegLib.cases.from_other.one_case import Making

    pairs, alone = pairs_by_name(arguments.mr, arguments.other)
    labels = read_case_set(arguments.other).labels_and_ignored if _is_data_set(arguments.other) else {}
    if not arguments.channels and any(pair.moving.label is None for pair in pairs):
        bare = [pair.moving.name for pair in pairs if pair.moving.label is None]
        raise InputError(
            "other-without-labels",
            "{folder}: {count} of its cases have no labels ({names:…`}), so there is nothing to bring over; give a data set "
            "with labels, or write its images as a second channel ({option}).",
            folder=arguments.other,
            count=len(bare),
            names=bare,
            option="--channels",
        )
    making = Making(None, _registration(arguments), arguments.channels)
    channels = (_modality(arguments.mr), _modality(arguments.other))[: 1 + arguments.channels]
    channels = channels if len(set(channels)) == len(channels) else tuple(f"{c} {n}" for n, c in enumerate(channels, 1))
    return _make(arguments, pairs, alone, making, labels, channels, ())


def _make(
    arguments: argparse.Namespace,
    pairs: Sequence[Pair],
    alone: Sequence[Problem],
    making: Making,
    labels: dict[int, str],
    channels: tuple[str, ...],
    levels: Sequence[float],
) -> int:
    from TransferSegLib.cases.from_other.data_set import (
        FLAGGED,
        DataSetPlan,
        earlier_cases,
        make_data_set,
        worth_a_word,
    )

    out = _out_folder(arguments)
    plan = DataSetPlan(out, out.name, making, channels, labels, frozenset(arguments.accept), arguments.workers)
    printer = ProgressPrinter()
    try:
        text = f"registering {len(pairs)} {'case' if len(pairs) == 1 else 'cases'}"
        made = make_data_set(pairs, plan, show_share(printer, text))
        _draw(out, made, levels, printer)
    finally:
        printer.close()
    report = _report(arguments, out, made, making)
    problems = [*alone, *(problem for case in made for problem in worth_a_word(case))]
    if earlier := earlier_cases(pairs, out):
        problems.append(
            Problem(
                "cases-of-before",
                "{count} {count:~case|cases} in {folder} {count:~was|were} made before of other images, and "
                "{count:~stays|stay} in the data set: {names:…`}.",
                {"count": len(earlier), "folder": out, "names": earlier},
                "note",
            )
        )
    kept, new = sum(case.is_kept for case in made), sum(case.is_new and case.record is not None for case in made)
    flagged = sum(case.record is not None and not case.is_kept for case in made)
    if arguments.json:
        result = {
            "out": str(out),
            "kept": [case.name for case in made if case.is_kept],
            "flagged": [case.name for case in made if case.record is not None and not case.is_kept],
            "failed": [case.name for case in made if case.record is None],
            "findings": [problem.to_json() for problem in problems],
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        apart = f", {flagged} flagged in {out / FLAGGED}" if flagged else ""
        before = f" ({len(made) - new} of them made before)" if new < len(made) and kept else ""
        print(f"{kept} of {len(made)} cases in {out}{before}{apart}\nlook at them in {report}")
    for problem in grouped(problems):
        say(problem.sentence)
    if not any(case.record for case in made):
        return 2
    return 1 if any(problem.severity != "note" for problem in problems) else 0


def _out_folder(arguments: argparse.Namespace) -> Path:
    """The folder of the data set: new, empty, or one that this command made before."""
    out: Path = arguments.out.expanduser().absolute()
    if arguments.workers < 0:
        raise InputError(
            "workers-number", "{option} {value}: must be 1 or more.", option="--workers", value=arguments.workers
        )
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "records").is_dir())):
        raise InputError(
            "from-other-out",
            "{path}: holds something else; name a new folder, or one that this command made before, to go on with it.",
            path=out,
        )
    (out / "records").mkdir(parents=True, exist_ok=True)
    return out


def _classes(arguments: argparse.Namespace) -> tuple[TissueClass, ...]:
    if arguments.classes is None:
        bone = BONE_ABOVE_HU if arguments.bone is None else arguments.bone
        return mecheter_classes(bone, AIR_BELOW_HU if arguments.air is None else arguments.air)
    if arguments.bone is not None or arguments.air is not None:
        raise InputError(
            "classes-and-thresholds",
            "{table} has all thresholds in it; leave {bone} and {air} away.",
            table="--classes",
            bone="--bone",
            air="--air",
        )
    return read_classes(arguments.classes)


def _levels(classes: Sequence[TissueClass]) -> list[float]:
    """The thresholds, whose outlines are drawn."""
    bounds = {bound for tissue in classes for bound in (tissue.above_hu, tissue.below_hu) if bound is not None}
    return sorted(bounds) or [AIR_BELOW_HU]


def _registration(arguments: argparse.Namespace) -> RegistrationSettings:
    from TransferSegLib.cases.registration import RegistrationSettings

    if arguments.tool == "elastix":
        from TransferSegLib.cases.elastix import require_elastix

        require_elastix()
    stages: tuple[Stage, ...] = ("rigid",) if arguments.registration == "rigid" else ("rigid", "b-spline")
    return RegistrationSettings(stages, tool=arguments.tool)


def _is_data_set(folder: Path) -> bool:
    return any(form.claims(folder) for form in FORMATS)


def _modality(folder: Path) -> str:
    """What the images of a data set show, as it says; `mr` where it does not."""
    return (read_case_set(folder).modality if _is_data_set(folder) else None) or "mr"


def _draw(out: Path, made: Sequence[MadeCase], levels: Sequence[float], printer: ProgressPrinter) -> None:
    """Draw the pictures that are not there, or are older than their case."""
    from TransferSegLib.evaluation.figures.registration import draw_registration
    from TransferSegLib.evaluation.registration_report import overlay_path

    for number, case in enumerate(made):
        path = overlay_path(out, case.name)
        label = case.place.label
        if case.record is None:
            path.unlink(missing_ok=True)
            continue
        newest = max(file.stat().st_mtime for file in case.place.files if file.exists())
        if not path.exists() or path.stat().st_mtime < newest:
            printer({"kind": "progress", "fraction": number / len(made), "seconds_left": None, "text": "drawing"})
            draw_registration(path, case.name, case.place.image, case.place.moved, label, levels)


def _report(arguments: argparse.Namespace, out: Path, made: Sequence[MadeCase], making: Making) -> Path:
    from TransferSegLib.evaluation.page import Table
    from TransferSegLib.evaluation.registration_report import write_registration_report

    moving = arguments.other if making.classes is None else arguments.ct
    rows = [
        ("images", str(arguments.mr)),
        ("brought to them", str(moving)),
        ("registration", f"{' then '.join(making.registration.stages)}, by {TOOLS[making.registration.tool]}"),
        ("voxels of the registration", f"{making.registration.working_mm:g} mm"),
    ]
    if "b-spline" in making.registration.stages:
        rows.append(("control points of the B-spline", f"{making.registration.control_mm:g} mm apart"))
    for tissue in making.classes or ():
        above = "" if tissue.above_hu is None else f"above {tissue.above_hu:g} HU"
        below = "" if tissue.below_hu is None else f"below {tissue.below_hu:g} HU"
        bounds = " and ".join(filter(None, (above, below))) or "all else"
        rows.append((f"{tissue.name} ({tissue.value})", bounds))
    title = f"{out.name}: labels from {'CT' if making.classes else 'another MR sequence'}"
    return write_registration_report(out, title, Table("How they were made", ("setting", "value"), rows), made)
