"""`transferseg segment`: run a model over images."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.errors import InputError, JobError

EXAMPLES = """examples:
  transferseg segment --model head-t1w --images scans/ --out segmentations/
  transferseg segment --model my-job --images a.nii.gz b.nrrd --out out/ --probabilities
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
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where the segmentations go")
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
    cases = cases_from_images(arguments.images, len(source.card.channels))
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{arguments.out}: cannot be made ({error.strerror}); choose another folder.") from None
    if not os.access(arguments.out, os.W_OK):
        raise InputError(f"{arguments.out}: writing is not allowed; make the folder writable, or choose another.")

    import numpy as np

    from TransferSegLib.cases.preparation import PreparedCase, prepare_case
    from TransferSegLib.cases.volumes import label_type, write_labels, write_volume
    from TransferSegLib.inference.segment import Segmentation, segment
    from TransferSegLib.networks.speed import likely_speed, pick_device
    from TransferSegLib.sources.loading import load_source
    from TransferSegLib.training.loop import OutOfMemory, memory_watch

    card = source.card
    speed = likely_speed(pick_device(arguments.device))
    network, _ = load_source(source)
    values = np.array([0, *(label.value for label in card.labels)])
    values = values.astype(label_type(values))
    # A bar on a terminal, a line a case in a log.
    progress, kind = ProgressPrinter(), "progress" if sys.stderr.isatty() else "phase"
    written, problems, begun = [], [], time.monotonic()

    def segmented(prepared: PreparedCase) -> Segmentation:
        with memory_watch():
            speed.place(network)
            return segment(network, prepared, card.patch_size, speed, probabilities=arguments.probabilities)

    for n, case in enumerate(cases):
        left = (time.monotonic() - begun) / n * (len(cases) - n) if n else None
        text = f"{n + 1} of {len(cases)}: {case.name}"
        progress({"kind": kind, "fraction": n / len(cases), "seconds_left": left, "text": text})
        try:
            prepared = prepare_case(case, card.preparation)
            try:
                found = segmented(prepared)
            except OutOfMemory:
                if speed.device == "cpu":
                    raise
                message = f"memory of {speed.device} ran out: going on with the processor in place of the GPU"
                progress({"kind": "warning", "message": message})
                speed = likely_speed("cpu")
                found = segmented(prepared)
            path = arguments.out / f"{case.name}.nii.gz"
            write_labels(path, values[found.classes], prepared.grid)
            written.append(str(path))
            if found.probabilities is not None:
                for label, share in zip(card.labels, found.probabilities[1:], strict=True):
                    path = arguments.out / "probabilities" / f"{case.name}_{label.value}.nii.gz"
                    path.parent.mkdir(exist_ok=True)
                    write_volume(path, share, prepared.grid)
                    written.append(str(path))
        except InputError as error:
            problems.append(str(error))
        except OutOfMemory:
            problems.append(
                f"case `{case.name}`: memory ran out on the processor; close other programs or crop the image."
            )
        except OSError as error:
            progress.close()
            raise JobError(
                f"{arguments.out}: cannot be written ({error.strerror}); free space, then run it again."
            ) from None
    progress.close()
    if arguments.json:
        print(json.dumps({"written": written, "problems": problems}, indent=2))
    else:
        print(f"{len(cases) - len(problems)} of {len(cases)} cases segmented into {arguments.out}")
    for problem in problems:
        print(f"transferseg: {problem}", file=sys.stderr)
    return 2 if len(problems) == len(cases) else 1 if problems else 0
