"""Surface metrics against MONAI, MedPy and DeepMind's surface-distance, on one organ-like pair, all in one run.

Ours is HD, HD95, ASSD and surface Dice together; each peer computes its HD95 alone. Every repetition runs all of them in
turn, one thread each, and the medians are compared. MedPy pools the two directions before the percentile, so its value
differs; MONAI's must equal ours.

    python benchmarks/metrics.py [--repeats 5] [--json metrics.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.surface import surface_distances

SHAPE = (384, 384, 120)
SPACING_MM = (0.8, 0.8, 2.5)
TOLERANCE_MM = 1.0


def organ_pair(shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An organ and a segmentation of it with Dice near 0.91: two masks (I, J, K), bool, a tenth of the image."""
    rng = np.random.default_rng(seed)
    axes = [np.linspace(-1, 1, n, dtype=np.float32) for n in shape]
    i, j, k = np.meshgrid(*axes, indexing="ij", sparse=True)
    organ = (i / 0.55) ** 2 + (j / 0.45) ** 2 + (k / 0.6) ** 2 + 0.35 * _smooth(rng, (7, 7, 5), shape) < 1
    soft = ndimage.gaussian_filter(organ.astype(np.float32), [n / 27 for n in shape])
    return organ, soft > 0.5 + 0.42 * np.tanh(_smooth(rng, (12, 12, 8), shape))


def _smooth(rng: np.random.Generator, knots: tuple[int, int, int], shape: tuple[int, int, int]) -> np.ndarray:
    return ndimage.zoom(rng.normal(size=knots).astype(np.float32), [n / m for n, m in zip(shape, knots, strict=True)])


def contenders(reference: np.ndarray, prediction: np.ndarray) -> dict[str, Callable[[], float]]:
    """Name to a call that returns HD95 in mm, for what is installed."""

    def ours() -> float:
        distances = surface_distances(reference, prediction, Grid.from_spacing(reference.shape, SPACING_MM))
        values = (distances.hd95_mm, distances.hd_mm, distances.assd_mm, distances.surface_dice(TOLERANCE_MM))
        return values[0]

    found = {"TransferSeg: HD95, HD, ASSD, surface Dice": ours}
    if find_spec("monai"):
        import torch
        from monai.metrics import compute_hausdorff_distance

        torch.set_num_threads(1)
        pair = [torch.from_numpy(mask)[None, None] for mask in (prediction, reference)]
        found["MONAI: HD95"] = lambda: float(
            compute_hausdorff_distance(*pair, include_background=True, percentile=95, spacing=SPACING_MM)
        )
    if find_spec("surface_distance"):
        import surface_distance

        def deepmind() -> float:
            distances = surface_distance.compute_surface_distances(reference, prediction, SPACING_MM)
            return float(surface_distance.compute_robust_hausdorff(distances, 95))

        found["DeepMind: HD95"] = deepmind
    if find_spec("medpy"):
        from medpy.metric.binary import hd95

        found["MedPy: HD95"] = lambda: float(hd95(prediction, reference, voxelspacing=SPACING_MM))
    return found


def measure(repeats: int) -> dict[str, Any]:
    """Median seconds, ratio to ours and HD95 of each contender."""
    reference, prediction = organ_pair()
    calls = contenders(reference, prediction)
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    values = {}
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            values[name] = call()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ours = next(iter(medians.values()))
    common = 2 * np.count_nonzero(reference & prediction)
    return {
        "shape": SHAPE,
        "spacing_mm": SPACING_MM,
        "dice": float(common / (reference.sum() + prediction.sum())),
        "repeats": repeats,
        "results": [
            {"name": name, "seconds": medians[name], "times_ours": medians[name] / ours, "hd95_mm": values[name]}
            for name in calls
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = measure(arguments.repeats)
    print("| | seconds | times ours | HD95 mm |\n|---|---|---|---|")
    for row in result["results"]:
        print(f"| {row['name']} | {row['seconds']:.3f} | {row['times_ours']:.1f} | {row['hd95_mm']:.3f} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
