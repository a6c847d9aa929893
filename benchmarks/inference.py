"""Sliding-window segmentation of 96×128×96 voxels with windows of 48×64×48: ours against MONAI's call.

From a prepared image to labels, with one network. Ours is what `transferseg segment` does; MONAI's is
`sliding_window_inference` with its defaults (one window at a time, float32) and an argmax, and the same with four
windows at a time. The image is a hippocampus case, mirrored at its edges until it fills the size. Every round runs
all of them in turn.

    python benchmarks/inference.py [--model NAME|FOLDER] [--rounds 7] [--quick]

Without `--model` the network is the source model of `adaptation.py`, which is trained first unless it is there.
"""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import figures
import numpy as np
import torch
from adaptation import Setting
from monai.inferers import sliding_window_inference
from plain_monai import PATCH
from shifted_hippocampus import DATA

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference.segment import segment
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_source

SIZE = (96, 128, 96)
OURS = "TransferSeg"
DEFAULTS = "MONAI, its defaults"
FOUR = "MONAI, `sw_batch_size=4`"
SAME_BLEND = 'MONAI, `sw_batch_size=4`, `mode="gaussian"`'


def mirrored(case: PreparedCase, size: tuple[int, int, int]) -> PreparedCase:
    """The case, mirrored at its edges until its image has `size`; without its label."""
    wide = [(0, max(0, n - own)) for n, own in zip(size, case.image.shape[1:], strict=True)]
    image = np.pad(case.image, [(0, 0), *wide], mode="symmetric")[:, : size[0], : size[1], : size[2]]
    return replace(case, image=np.ascontiguousarray(image), classes=None, grid=Grid(size, np.eye(4)))


def contenders(network: StagedNetwork, case: PreparedCase) -> dict[str, Callable[[], np.ndarray]]:
    """Name to a call that returns classes (I, J, K)."""
    plain = copy.deepcopy(network).eval()
    speed = likely_execution("cpu")
    speed.place(network.eval())
    image = torch.from_numpy(case.image)[None]

    def monai(together: int, mode: str = "constant") -> np.ndarray:
        with torch.inference_mode():
            logits = sliding_window_inference(image, PATCH, together, plain, mode=mode)
            return torch.as_tensor(logits).argmax(dim=1)[0].numpy()

    return {
        OURS: lambda: segment(network, case, PATCH, speed).classes,
        DEFAULTS: lambda: monai(1),
        FOUR: lambda: monai(4),
        SAME_BLEND: lambda: monai(4, "gaussian"),
    }


def benchmark(model: str | Path, rounds: int, size: tuple[int, int, int]) -> figures.Result:
    """Medians over the rounds, after one that does not count, and how far the segmentations agree with ours."""
    source = find_source(model)
    network, _ = load_source(source)
    case = mirrored(prepare_case(read_case_set(DATA).cases[0], source.card.preprocessing), size)
    calls = contenders(network, case)
    found = {name: call() for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = []
    agreement = {}
    for name, seconds in medians.items():
        same = found[name] == found[OURS]
        either = (found[name] > 0) | (found[OURS] > 0)
        agreement[name] = {"all": float(same.mean()), "labelled": float(same[either].mean()) if either.any() else None}
        inside = agreement[name]["labelled"]
        rows.append(
            [
                name,
                f"{seconds:.2f}",
                f"{seconds / medians[OURS]:.1f}",
                f"{100 * same.mean():.2f} %",
                "" if inside is None else f"{100 * inside:.1f} %",
            ]
        )
    checks = [
        figures.Check(
            "sliding-window segmentation: MONAI's defaults / ours", medians[DEFAULTS] / medians[OURS], 3.0, True, "×"
        )
    ]
    header = ("", "seconds", "times ours", "voxels as ours", "of those labelled by either")
    details = {"model": source.card.name, "size": size, "seconds": times, "agreement": agreement}
    return figures.Result(header, rows, checks, details)


def main() -> None:
    parser = figures.parser(__doc__, "inference")
    parser.add_argument("--model", help="a source model of one channel, name or folder")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    work = figures.folder(given.quick)
    model = given.model or Setting(work, given.quick).source()
    result = benchmark(model, 1 if given.quick else given.rounds, (56, 72, 56) if given.quick else SIZE)
    result.publish(given.json or work / "inference.json")


if __name__ == "__main__":
    main()
