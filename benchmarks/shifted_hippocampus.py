"""The shifted domain of the benchmarks: real hippocampus cases as another scanner might have given them.

Inverted contrast with a gamma of 1.2–1.8, 2× through-plane averaging, a smooth bias field exp(±0.3), 4 % Rician noise.

    python benchmarks/shifted_hippocampus.py OUT --source 92 --target 8 --test 60

writes two data sets in the layout of the Medical Segmentation Decathlon: OUT/source, as the cases are, and OUT/target, shifted,
with `--target` cases to adapt to and `--test` cases to score on. No case is in both. `--draw N` deals the cases that are
not the source's anew into those to adapt to and those to score on; a case looks the same in every draw.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from figures import ROOT
from scipy.ndimage import zoom

from TransferSegLib.cases.case_set import Case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.jobs.files import write_json

DATA = Path(os.environ.get("TRANSFERSEG_DATA", ROOT.parent / "shared")) / "data" / "Task04_Hippocampus"
SEED = 0
SOURCE_CASES, TARGET_CASES, TEST_CASES = 92, 8, 60
NOISE_SD = 0.04
LARGEST_BIAS = 0.3


def shifted(image: np.ndarray, rng: np.random.Generator, invert: bool = True) -> np.ndarray:
    """A T1-weighted image (I, J, K) as seen by the other scanner; float32, 0 to about 1000."""
    value = averaged_through_plane(other_contrast(image, rng.uniform(1.2, 1.8), invert))
    knots = rng.uniform(-LARGEST_BIAS, LARGEST_BIAS, size=(3, 3, 3))
    value = value * np.exp(zoom(knots, [n / 3 for n in value.shape], order=1, grid_mode=True, mode="nearest"))
    noisy = np.hypot(value + rng.normal(0, NOISE_SD, value.shape), rng.normal(0, NOISE_SD, value.shape))
    return (noisy * 1000).astype(np.float32)


def other_contrast(image: np.ndarray, gamma: float, invert: bool) -> np.ndarray:
    """Intensities from 0 to 1, bright and dark exchanged, then to the power of `gamma`."""
    low, high = np.percentile(image, (0.5, 99.5))
    value = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    return (1 - value if invert else value) ** gamma


def averaged_through_plane(image: np.ndarray) -> np.ndarray:
    """Slices twice as thick on the grid as it was: each pair along K is its mean; an odd last slice stays."""
    paired = image.shape[2] // 2 * 2
    means = image[:, :, :paired].reshape(*image.shape[:2], -1, 2).mean(axis=3)
    return np.concatenate([np.repeat(means, 2, axis=2), image[:, :, paired:]], axis=2)


def write_source(out: Path, source: int = SOURCE_CASES) -> Path:
    """Write the source's data set, cases as they are, unless it is there; its folder."""
    cases, order = _cases(source)
    return _write(out, [(cases[n], None) for n in order[:source]], [])


def write_target(
    out: Path,
    source: int = SOURCE_CASES,
    target: int = TARGET_CASES,
    test: int = TEST_CASES,
    draw: int = 0,
    invert: bool = True,
) -> Path:
    """Write the shifted data set of cases that are not the first `source`, unless it is there; its folder."""
    cases, order = _cases(source + target + test)
    others = order[source:]
    if draw:
        others = np.random.default_rng([SEED, draw]).permutation(others)

    def picked(begin: int, end: int) -> list[tuple[Case, np.ndarray | None]]:
        return [
            (cases[n], shifted(read_volume(cases[n].images[0]).array, np.random.default_rng([SEED, n]), invert))
            for n in others[begin:end]
        ]

    return out if _is_there(out) else _write(out, picked(0, target), picked(target, target + test))


def _cases(wanted: int) -> tuple[tuple[Case, ...], np.ndarray]:
    """All cases, and the order in which they are dealt."""
    if not DATA.is_dir():
        raise SystemExit(f"{DATA}: not there; set TRANSFERSEG_DATA to the folder that holds data/Task04_Hippocampus.")
    cases = read_case_set(DATA).cases
    if wanted > len(cases):
        raise SystemExit(f"{DATA} has {len(cases)} cases; {wanted} are asked for.")
    return cases, np.random.default_rng(SEED).permutation(len(cases))


def _is_there(out: Path) -> bool:
    return (out / "dataset.json").exists()  # Written last.


def _write(
    out: Path, training: list[tuple[Case, np.ndarray | None]], testing: list[tuple[Case, np.ndarray | None]]
) -> Path:
    if _is_there(out):
        return out
    for part, members in (("Tr", training), ("Ts", testing)):
        for case, array in members:
            assert case.label is not None
            image, label = read_volume(case.images[0]), read_labels(case.label)
            name = f"{case.name}.nii.gz"
            write_volume(out / f"images{part}" / name, image.array if array is None else array, image.grid)
            write_labels(out / f"labels{part}" / name, label.array, label.grid)
    listing = {
        "name": out.name,
        "modality": {"0": "MRI"},
        "labels": {"0": "background", "1": "Anterior", "2": "Posterior"},
        "numTraining": len(training),
        "numTest": len(testing),
        "training": [
            {"image": f"./imagesTr/{case.name}.nii.gz", "label": f"./labelsTr/{case.name}.nii.gz"} for case, _ in training
        ],
        "test": [f"./imagesTs/{case.name}.nii.gz" for case, _ in testing],
    }
    write_json(out / "dataset.json", listing, out)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--source", type=int, default=SOURCE_CASES)
    parser.add_argument("--target", type=int, default=TARGET_CASES)
    parser.add_argument("--test", type=int, default=TEST_CASES)
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--keep-contrast", action="store_true", help="without the inversion")
    given = parser.parse_args()
    print(write_source(given.out / "source", given.source))
    print(
        write_target(
            given.out / "target", given.source, given.target, given.test, given.draw, invert=not given.keep_contrast
        )
    )


if __name__ == "__main__":
    main()
