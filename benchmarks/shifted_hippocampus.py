"""The shifted domain of the benchmarks: real hippocampus cases as another scanner might have given them.

Inverted contrast with a gamma of 1.2–1.8, 2× through-plane averaging, a smooth bias field exp(±0.3), 4 % Rician noise.

    python benchmarks/shifted_hippocampus.py OUT --source 92 --target 8 --test 60
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from scipy.ndimage import zoom

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.jobs.files import write_json

DATA = Path(os.environ.get("TRANSFERSEG_DATA", "../shared")) / "data" / "Task04_Hippocampus"


def shifted(image: np.ndarray, rng: np.random.Generator, invert: bool = True) -> np.ndarray:
    """A T1-weighted image (I, J, K) as seen by the other scanner; float32, 0 to about 1000."""
    low, high = np.percentile(image, (0.5, 99.5))
    value = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    gamma = rng.uniform(1.2, 1.8)
    value = (1 - value if invert else value) ** gamma
    half = value[:, :, : value.shape[2] // 2 * 2]
    pairs = half.reshape(*half.shape[:2], -1, 2).mean(axis=3)
    value[:, :, : half.shape[2]] = np.repeat(pairs, 2, axis=2)
    knots = rng.uniform(-0.3, 0.3, size=(3, 3, 3))
    field = zoom(knots, [n / 3 for n in value.shape], order=1, grid_mode=True, mode="nearest")
    value = value * np.exp(field)
    noisy = np.hypot(value + rng.normal(0, 0.04, value.shape), rng.normal(0, 0.04, value.shape))
    return (noisy * 1000).astype(np.float32)


def write(out: Path, source: int, target: int, test: int, seed: int, invert: bool = True) -> tuple[Path, Path]:
    """Write `source` cases as they are to OUT/source and `target` + `test` other cases, shifted, to OUT/target."""
    cases = read_case_set(DATA).cases
    order = np.random.default_rng(seed).permutation(len(cases))
    if source + target + test > len(cases):
        raise SystemExit(f"{DATA} has {len(cases)} cases; {source + target + test} are asked for")
    picked = [cases[n] for n in order[: source + target + test]]
    labels = {"background": 0, "Anterior": 1, "Posterior": 2}
    folders = (out / "source", out / "target")
    for folder, members in zip(folders, (picked[:source], picked[source:]), strict=True):
        listing: dict[str, list[dict[str, str]]] = {"training": [], "testing": []}
        for number, case in enumerate(members):
            assert case.label is not None
            image, label = read_volume(case.images[0]), read_labels(case.label)
            array = image.array
            if folder.name == "target":
                array = shifted(array, np.random.default_rng([seed, number]), invert)
            name = f"{case.name}.nii.gz"
            role = "testing" if folder.name == "target" and number >= target else "training"
            write_volume(folder / "images" / name, array, image.grid)
            write_labels(folder / "labels" / name, label.array, label.grid)
            listing[role].append({"image": f"images/{name}", "label": f"labels/{name}"})
        write_json(folder / "dataset.json", {"name": folder.name, "labels": labels, **listing})
    return folders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--source", type=int, default=92)
    parser.add_argument("--target", type=int, default=8)
    parser.add_argument("--test", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep-contrast", action="store_true", help="without the inversion")
    arguments = parser.parse_args()
    for folder in write(
        arguments.out, arguments.source, arguments.target, arguments.test, arguments.seed, not arguments.keep_contrast
    ):
        print(folder)


if __name__ == "__main__":
    main()
