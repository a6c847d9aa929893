"""`transferseg segment`: segment images with a model."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import TransferSegLib
from TransferSegLib.cases.dicom_segmentation import (
    Algorithm,
    is_dicom_image,
    require_highdicom,
    write_dicom_segmentation,
)
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.cases.label_list import write_label_list
from TransferSegLib.cli.applied_model import AppliedModel, Applier, settings_for
from TransferSegLib.cli.flags import DEVICE, SMOOTHING, add_option_flags, must_be_table
from TransferSegLib.cli.printing import say, say_of_model
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.card import CardLabel, ModelCard
from TransferSegLib.core.case_set import MOST_BYTES_OF_NAME, Case
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import InputError, JobError, NotFinite
from TransferSegLib.core.files import replaced_input
from TransferSegLib.core.inference_settings import InferenceOptions
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import one_line
from TransferSegLib.transfer.checks import spacing_far

if TYPE_CHECKING:
    from TransferSegLib.cases.preprocessing import PreparedCase

EXAMPLES = """examples:
  transferseg segment --model head-t1w --images scans/ --out segmentations/
  transferseg segment --model my-job --images a.nii.gz b.nrrd --out out/ --probabilities
  transferseg segment --model my-job --images dicom/ --out out/ --format dicom-seg --statistics out/volumes.csv

for a model of one channel each image is a case; for one of several, case_0000,
case_0001… are the images of one case, in the order of the model's channels

labels.json beside the segmentations names their values; `evaluate` and people read it
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `segment`."""
    parser = commands.add_parser(
        "segment",
        help="segment images with a source model or an adapted one",
        description="Segment images with a model. Each segmentation has the grid of its image.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", required=True, metavar="NAME|FOLDER|JOB", help="a source model, or a finished job")
    parser.add_argument(
        "--images", required=True, nargs="+", type=Path, metavar="PATH", help="images, or folders with images"
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FOLDER",
        help="where the segmentations go; earlier segmentations there are replaced, images never",
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="also write an image of probabilities for each label"
    )
    parser.add_argument(
        "--uncertainty",
        action="store_true",
        help="also write a map of how uncertain each voxel's label is, from 0 to 1: 1 minus the label's mean probability "
        "over all copies",
    )
    parser.add_argument(
        "--format",
        choices=("nifti", "dicom-seg"),
        default="nifti",
        help="nifti: CASE.nii.gz; dicom-seg: CASE.dcm, a DICOM segmentation of a DICOM image, in its patient's study and "
        "with the codes of the model's labels (needs highdicom)",
    )
    parser.add_argument(
        "--statistics",
        type=Path,
        metavar="CSV",
        help="also write a table: for each case and label its voxels, its volume in mL, and the mean and standard deviation "
        "of the image in it",
    )
    options = [SMOOTHING, *declared_options(InferenceOptions), DEVICE]
    add_option_flags(parser, [option.where_applied for option in options])
    parser.add_argument(
        "--as-nnunet",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="prepare images for an imported nnU-Net model and run it as nnU-Net does (default), or as all other models, "
        "which takes a fraction of the time; --mirror none leaves out its mirrored copies",
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Segment every case and return the exit code. A case that fails is reported at the end, after the others."""
    from TransferSegLib.cases.readers import cases_from_images

    model = AppliedModel.find(arguments.model)
    for part in model.parts:
        say_of_model(part)
    cases = cases_from_images(arguments.images, len(model.card.channels))
    if arguments.out.exists() and not arguments.out.is_dir():
        raise InputError("out-is-file", "{path}: is a file; give a folder for the segmentations.", path=arguments.out)
    for part in model.parts:  # whether the options can be followed, before anything is loaded
        settings_for(part.card, arguments)
    stages = [stage for part in model.parts for stage in (part.card, part.card.first_stage) if stage is not None]
    if arguments.ensemble == "folds" and not any(stage.members for stage in stages):
        raise InputError(
            "model-is-no-ensemble",
            "{option} {model}: has one set of weights; adapt with {other} to get an ensemble, or leave out {ensemble}.",
            option="--model",
            model=arguments.model,
            other="--ensemble folds",
            ensemble="--ensemble",
        )
    for option in ("probabilities", "uncertainty"):
        if getattr(arguments, option):
            model.must_be_one(f"--{option}")
    if arguments.statistics is not None:
        must_be_table(arguments.statistics, arguments.out)
    if arguments.format == "dicom-seg":
        _must_be_dicom(cases)
    labels = model.card.labels if arguments.probabilities else ()
    ending = ".dcm" if arguments.format == "dicom-seg" else ".nii.gz"
    places = [_Places.of(arguments.out, case, ending, labels, arguments.uncertainty) for case in cases]
    at_risk = replaced_input(
        chain.from_iterable(case.images for case in cases), chain.from_iterable(p.all for p in places)
    )
    if at_risk is not None:
        raise InputError(
            "segmentation-over-image",
            "{path}: this image would be overwritten by its segmentation; choose another folder.",
            path=at_risk,
        )
    with _made(arguments.out):
        return _segment(arguments, model, cases, places)


@contextmanager
def _made(out: Path) -> Iterator[None]:
    """Make the folder of the segmentations; where nothing was written into it, it goes again."""
    new = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "folder-not-made",
            "{path}: cannot be made ({reason}); choose another folder.",
            path=out,
            reason=error.strerror,
        ) from None
    if not os.access(out, os.W_OK):
        raise InputError(
            "folder-not-writable",
            "{path}: writing is not allowed; make the folder writable, or choose another.",
            path=out,
        )
    try:
        yield
    finally:
        with suppress(OSError):  # what holds something stays
            for folder in new:
                folder.rmdir()


def _segment(
    arguments: argparse.Namespace,
    model: AppliedModel,
    cases: Sequence[Case],
    places: Sequence[_Places],
) -> int:
    import numpy as np

    from TransferSegLib.cases.readers import left_out, must_have_channels
    from TransferSegLib.cases.volumes import read_volume, write_labels, write_volume
    from TransferSegLib.core.labels import label_type, look_up
    from TransferSegLib.evaluation.segment_statistics import SegmentStatistics, measure_segments, write_statistics
    from TransferSegLib.networks.memory import OutOfMemory

    card = model.card
    values = np.array([0, *(label.value for label in card.labels)])
    values = values.astype(label_type(values))
    # A bar on a terminal, a line a case in a log.
    progress, kind = ProgressPrinter(), "progress" if sys.stderr.isatty() else "phase"
    written: list[Path] = []
    measured: list[SegmentStatistics] = []
    problems: list[Problem] = left_out(arguments.images)
    done, code, started = 0, 0, time.monotonic()
    tables = [arguments.statistics] if arguments.statistics is not None else []
    before = {path for path in (*chain.from_iterable(place.all for place in places), *tables) if path.exists()}

    def warn(problem: Problem) -> None:
        if problem.case is None:
            progress({"kind": "warning", "message": problem.sentence})
        else:
            problems.append(problem)

    segment = Applier(model, arguments, warn)
    of_one_copy = Problem(
        "uncertainty-of-one-copy",
        "{option}: nothing is averaged, so the uncertainty is what the model itself says, which is often too little; "
        "give {other} for the disagreement of copies.",
        {"option": "--uncertainty", "other": "--copies 3"},
        "note",
    )
    for n, (case, place) in enumerate(zip(cases, places, strict=True)):
        left = (time.monotonic() - started) / n * (len(cases) - n) if n else None
        text = f"{n + 1} of {len(cases)}: {case.name}"
        facts = {"number": n + 1, "count": len(cases), "case": case.name}
        said = Problem("progress-segmenting", "Segmenting {number} of {count}: {case}", facts, "note").to_json()
        progress({"kind": kind, "fraction": n / len(cases), "seconds_left": left, "text": text, "problem": said})
        try:
            must_have_channels(case, len(card.channels))
            _must_have_names(*place.all)
            prepared, classes, found = segment(case, arguments.probabilities, arguments.uncertainty)
            found_labels = look_up(values, classes)
            if arguments.format == "dicom-seg":
                write_dicom_segmentation(
                    place.segmentation,
                    found_labels,
                    prepared.grid,
                    case.images[0],
                    card.labels,
                    _algorithm(card),
                    card.regions,
                )
            else:
                write_labels(place.segmentation, found_labels, prepared.grid, like=case.images[0])
            written.append(place.segmentation)
            if arguments.statistics is not None:
                images = [read_volume(path).array for path in case.images]
                measured += measure_segments(
                    case.name, classes, prepared.grid, card.label_names, images, card.class_regions
                )
            if len(written) == 1 and arguments.format == "nifti":
                problems += _name_labels(arguments.out, card, [one.segmentation for one in places])
            maps: list[tuple[Path, np.ndarray]] = []
            if found.probabilities is not None:
                maps += zip(place.probabilities, found.probabilities[1:], strict=True)
            if place.uncertainty is not None and found.uncertainty is not None:
                maps.append((place.uncertainty, found.uncertainty))
                if not found.averaged and of_one_copy not in problems:
                    problems.append(of_one_copy)
            for path, values_of_map in maps:
                write_volume(path, values_of_map, prepared.grid, like=case.images[0])
                written.append(path)
            problems += [replace(doubt, case=case.name) for doubt in prepared.doubts]
            problems += _may_be_unlike(prepared, card, case.name, is_empty=not classes.any())
            if (told := _shown_in_file_order(prepared)) is not None:
                problems.append(told)
            problems += [
                Problem(
                    "constant-image-segmented",
                    "case `{name}`: image {file} has one value everywhere, so its segmentation means nothing; "
                    "export the image again.",
                    {"name": case.name, "file": path.name},
                    "warning",
                    case=case.name,
                )
                for path in prepared.constant
            ]
            done += 1
        except InputError as error:
            problems.append(replace(error.problem, case=case.name))
        except NotFinite:
            problems.append(
                Problem(
                    "output-not-finite",
                    "case `{name}`: the model gives values that are not finite numbers, so there is no segmentation; look "
                    "at the image's intensities, or use another model.",
                    {"name": case.name},
                    case=case.name,
                )
            )
        except OutOfMemory:
            problems.append(
                Problem(
                    "segmenting-out-of-memory",
                    "case `{name}`: memory of this computer ran out while it was segmented, even with small windows; close "
                    "other programs or crop the image.",
                    {"name": case.name},
                    case=case.name,
                )
            )
        except MemoryError:
            problems.append(
                Problem(
                    "segmentation-out-of-memory",
                    "case `{name}`: memory of this computer ran out while its segmentation was written; close other programs "
                    "or crop the image.",
                    {"name": case.name},
                    case=case.name,
                )
            )
        except JobError as error:  # Nothing more can be written. What was written stays.
            problems.append(error.problem)
            code = error.exit_code
            break
    progress.close()
    if measured:
        try:
            write_statistics(arguments.statistics, measured, card.channels)
            written.append(arguments.statistics)
        except JobError as error:
            problems.append(error.problem)
            code = code or error.exit_code
    replaced = len(before.intersection(written))
    if arguments.json:
        result = {
            "written": [str(path) for path in written],
            "replaced": replaced,
            "problems": [problem.sentence for problem in problems],
            "findings": [problem.to_json() for problem in problems],
            "of_model": [problem.to_json() for part in model.parts for problem in model_warnings(part.card)],
        }
        print(json.dumps(result, indent=2))
    else:
        of_before = f", {replaced} earlier file{'s' * (replaced != 1)} replaced" if replaced else ""
        print(f"{done} of {len(cases)} cases segmented into {arguments.out}{of_before}")
    for problem in grouped(problems):
        say(problem.sentence)
    is_partly = any(problem.severity != "note" for problem in problems)
    return code or (2 if not done else 1 if is_partly or not card.finished else 0)


def _may_be_unlike(prepared: PreparedCase, card: ModelCard, case: str, is_empty: bool) -> list[Problem]:
    """What may tell a person that an image is not what the model was made for: notes, for it may be all right."""
    found = []
    if (far := spacing_far(prepared.grid, card, case)) is not None:
        found.append(replace(far, severity="note"))
    if is_empty:
        found.append(
            Problem(
                "nothing-segmented",
                "case `{name}`: the model found none of its structures; look whether they are in the image, and whether it "
                "is one that the model was made for ({modality}, {body_part}).",
                {"name": case, "modality": card.modality, "body_part": card.body_part or card.title},
                "note",
                case=case,
            )
        )
    return found


def _shown_in_file_order(case: PreparedCase) -> Problem | None:
    """Say that a model was shown an image in the order of its file where that is not the usual one; None elsewhere."""
    order, flips = case.grid.axes_to_ras()
    if not case.file_order or case.grid.is_ras:
        return None
    letters = {axis: pair[flip] for axis, pair, flip in zip(order, ("RL", "AP", "SI"), flips, strict=True)}
    axes = letters[0] + letters[1] + letters[2]
    if case.as_nnunet is None:
        return Problem(
            "shown-in-file-order-as-bundle",
            "case `{name}`: was shown with the axes of its file, {axes}, as the model's own program shows it; if little or "
            "the wrong side is found, import the model again with {option}.",
            {"name": case.name, "axes": axes, "option": "--orientation RAS"},
            "note",
            case=case.name,
        )
    return Problem(
        "shown-in-file-order",
        "case `{name}`: was shown with the axes of its file, {axes}, as nnU-Net shows it; if the training images of this "
        "model had others, little or the wrong side is found: then import the model again with {option} and those axes.",
        {"name": case.name, "axes": axes, "option": "--orientation"},
        "note",
        case=case.name,
    )


@dataclass(frozen=True)
class _Places:
    """Where the files of a case go: its segmentation, and the probabilities and the uncertainty where they are asked for."""

    segmentation: Path
    probabilities: tuple[Path, ...]
    uncertainty: Path | None

    @classmethod
    def of(cls, out: Path, case: Case, ending: str, labels: Sequence[CardLabel], uncertainty: bool) -> _Places:
        """The places of a case in the folder of the segmentations."""
        return cls(
            out / f"{case.name}{ending}",
            tuple(out / "probabilities" / f"{case.name}_{label.value}.nii.gz" for label in labels),
            out / "uncertainty" / f"{case.name}.nii.gz" if uncertainty else None,
        )

    @property
    def all(self) -> list[Path]:
        """All of them."""
        maps = [] if self.uncertainty is None else [self.uncertainty]
        return [self.segmentation, *self.probabilities, *maps]


def _must_be_dicom(cases: Sequence[Case]) -> None:
    """Refuse images that no DICOM segmentation can refer to, before any of them is segmented."""
    require_highdicom()
    others = [case.images[0] for case in cases if not is_dicom_image(case.images[0])]
    if others:
        raise InputError(
            "not-dicom-to-segment",
            "{path}: is no DICOM image{more:?, as {more} more|}, and a DICOM segmentation refers to one; give the folder of "
            "its DICOM series, or leave out {option}.",
            path=others[0],
            more=len(others) - 1,
            option="--format dicom-seg",
        )


def _algorithm(card: ModelCard) -> Algorithm:
    """What a DICOM segmentation says of the model that made it."""
    source = card.made_by.get("source")
    told = {
        "title": card.title,
        "strategy": card.made_by.get("strategy"),
        "adapted from": source,
        "licence": card.licence,
    }
    parameters = {name: one_line(value) for name, value in told.items() if isinstance(value, str) and value.strip()}
    return Algorithm(card.name, TransferSegLib.__version__, card.weights_sha256 or card.name, parameters)


def _name_labels(out: Path, card: ModelCard, places: Sequence[Path]) -> list[Problem]:
    """Write what the values of the segmentations are called beside them, and say why not where that cannot be."""
    try:
        told = write_label_list(out, {label.value: label.name for label in card.labels}, places, card.regions)
    except OSError as error:
        told = Problem(
            "label-list-failed",
            "{path}: the names of the labels could not be written there ({reason}); look at the disk, and run it again.",
            {"path": out, "reason": error.strerror or str(error)},
            "warning",
        )
    return [told] if told else []


def _must_have_names(*paths: Path) -> None:
    """Refuse a case for which a file would have a longer name than disks take."""
    for path in paths:
        if len(os.fsencode(path.name)) > MOST_BYTES_OF_NAME:
            raise InputError(
                "name-too-long",
                "{path}: the name would have {count} bytes, more than the {most} that disks take; give the image a shorter "
                "name.",
                path=path,
                count=len(os.fsencode(path.name)),
                most=MOST_BYTES_OF_NAME,
            )
