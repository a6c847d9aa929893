"""`transferseg segment`: run a model over images."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from TransferSegLib.cli.printing import say, say_if_stopped
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.card import CardLabel
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import replaced_input

EXAMPLES = """examples:
  transferseg segment --model head-t1w --images scans/ --out segmentations/
  transferseg segment --model my-job --images a.nii.gz b.nrrd --out out/ --probabilities

for a model of one channel each image is a case; for one of several, case_0000,
case_0001… are the images of one case, in the order of the model's channels
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "segment",
        help="run a source model, or an adapted one, over images",
        description="Segment images with a model; each segmentation lies on its image's own grid.",
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
        help="where the segmentations go; those of before in it are replaced, images never",
    )
    parser.add_argument("--probabilities", action="store_true", help="also write a probability image a label")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Segment every case; a case that fails is named, the others are done, and the exit code says so."""
    from TransferSegLib.cases.readers import cases_from_images
    from TransferSegLib.sources.catalogue import find_source

    source = find_source(arguments.model)
    if source.card.task != "segmentation":
        raise InputError(
            f"--model {arguments.model}: was trained for {source.card.task} and segments nothing; adapt it to your cases "
            "with `encoder-transfer` first."
        )
    say_if_stopped(source.card)
    cases = cases_from_images(arguments.images, len(source.card.channels))
    if arguments.out.exists() and not arguments.out.is_dir():
        raise InputError(f"{arguments.out}: is a file; give a folder for the segmentations.")
    labels = source.card.labels if arguments.probabilities else ()
    places = [_places(arguments.out, case, labels) for case in cases]
    at_risk = replaced_input(chain.from_iterable(case.images for case in cases), chain.from_iterable(places))
    if at_risk is not None:
        raise InputError(f"{at_risk}: this image would be overwritten by its segmentation; choose another folder.")
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{arguments.out}: cannot be made ({error.strerror}); choose another folder.") from None
    if not os.access(arguments.out, os.W_OK):
        raise InputError(f"{arguments.out}: writing is not allowed; make the folder writable, or choose another.")

    import numpy as np

    from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
    from TransferSegLib.cases.volumes import write_labels, write_volume
    from TransferSegLib.core.labels import label_type
    from TransferSegLib.inference.segment import Segmentation, segment
    from TransferSegLib.networks.execution import likely_execution, pick_device
    from TransferSegLib.sources.loading import load_source
    from TransferSegLib.training.loop import OutOfMemory, memory_watch

    card = source.card
    execution = likely_execution(pick_device(arguments.device))
    network, _ = load_source(source)
    values = np.array([0, *(label.value for label in card.labels)])
    values = values.astype(label_type(values))
    # A bar on a terminal, a line a case in a log.
    progress, kind = ProgressPrinter(), "progress" if sys.stderr.isatty() else "phase"
    written: list[Path] = []
    problems: list[str] = []
    done, code, begun = 0, 0, time.monotonic()
    before = {path for paths in places for path in paths if path.exists()}

    def segmented(prepared: PreparedCase) -> Segmentation:
        with memory_watch():
            execution.place(network)
            return segment(network, prepared, card.patch_size, execution, probabilities=arguments.probabilities)

    for n, (case, (place, *shares)) in enumerate(zip(cases, places, strict=True)):
        left = (time.monotonic() - begun) / n * (len(cases) - n) if n else None
        text = f"{n + 1} of {len(cases)}: {case.name}"
        progress({"kind": kind, "fraction": n / len(cases), "seconds_left": left, "text": text})
        try:
            prepared = prepare_case(case, card.preprocessing)
            try:
                found = segmented(prepared)
            except OutOfMemory:
                if execution.device == "cpu":
                    raise
                message = f"memory of {execution.device} ran out: going on with the processor in place of the GPU"
                progress({"kind": "warning", "message": message})
                execution = likely_execution("cpu")
                found = segmented(prepared)
            write_labels(place, values[found.classes], prepared.grid)
            written.append(place)
            if found.probabilities is not None:
                for path, share in zip(shares, found.probabilities[1:], strict=True):
                    write_volume(path, share, prepared.grid)
                    written.append(path)
            problems += [
                f"case `{case.name}`: image {path.name} has one value everywhere, its segmentation means nothing;"
                " export the image again."
                for path in prepared.constant
            ]
            done += 1
        except InputError as error:
            problems.append(str(error))
        except OutOfMemory:
            problems.append(
                f"case `{case.name}`: memory ran out on the processor; close other programs or crop the image."
            )
        except JobError as error:  # Nothing more can be written; what is there stays, and is told.
            problems.append(str(error))
            code = error.exit_code
            break
    progress.close()
    replaced = len(before.intersection(written))
    if arguments.json:
        print(json.dumps({"written": list(map(str, written)), "replaced": replaced, "problems": problems}, indent=2))
    else:
        of_before = f", {replaced} file{'s' * (replaced != 1)} of before replaced" if replaced else ""
        print(f"{done} of {len(cases)} cases segmented into {arguments.out}{of_before}")
    for problem in problems:
        say(problem)
    return code or (2 if not done else 1 if problems else 0)


def _places(out: Path, case: Case, labels: Sequence[CardLabel]) -> list[Path]:
    """Where a case's segmentation goes, and the probabilities of `labels`."""
    shares = [out / "probabilities" / f"{case.name}_{label.value}.nii.gz" for label in labels]
    return [out / f"{case.name}.nii.gz", *shares]
