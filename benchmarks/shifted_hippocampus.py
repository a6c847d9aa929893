"""The shifted domain of the benchmarks: real hippocampus cases as another scanner might have given them.

Inverted contrast with a gamma of 1.2–1.8, 2× through-plane averaging, a smooth bias field exp(±0.3), 4 % Rician noise.

    python benchmarks/shifted_hippocampus.py OUT --source 92 --target 8 --test 60

writes two data sets in the layout of the Medical Segmentation Decathlon: OUT/source, as the cases are, and
OUT/target, shifted, with `--target` cases to adapt to and `--test` cases to score on. No case is in both. `--draw N`
deals the cases that are not the source's anew into those to adapt to and those to score on; a case looks the same in
every draw.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from figures import ROOT
from scipy.ndimage import zoom

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.files import write_json

DATA = Path(os.environ.get("TRANSFERSEG_DATA", ROOT.parent / "shared")) / "data" / "Task04_Hippocampus"
SEED = 0
# Cases of the source, to adapt to, and to score on; and what a trial of the scripts needs.
CASES = (92, 8, 60)
QUICK_CASES = (4, 2, 2)
NOISE_SD = 0.04
LARGEST_BIAS = 0.3


@dataclass(frozen=True)
class Look:
    """How the images of a data set look.

    Attributes:
        about: The look in words.
        change: Makes an image (I, J, K) look so, of the image as it is and a generator of random numbers.
    """

    about: str
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Labels:
    """The labels of a data set.

    Attributes:
        names: The names of the labels 1, 2, ….
        values: What becomes of the Decathlon's values 0, 1 (anterior) and 2 (posterior).
    """

    names: tuple[str, ...]
    values: tuple[int, int, int]


BOTH = Labels(("Anterior", "Posterior"), (0, 1, 2))
MERGED = Labels(("Hippocampus",), (0, 1, 1))
ANTERIOR = Labels(("Anterior",), (0, 1, 0))


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


INVERTED = Look("contrast inverted", shifted)
KEPT = Look("contrast kept", partial(shifted, invert=False))


def write_source(out: Path, source: int = CASES[0], labels: Labels = BOTH) -> Path:
    """Write the source's data set, cases as they are, unless it is there; its folder."""
    about = f"{source} cases as they are" + _labelled(labels)
    if not _is_there(out, about):
        cases, order = _cases(source)
        _write(out, about, [(cases[n], None) for n in order[:source]], [], labels)
    return out


def write_target(
    out: Path,
    source: int = CASES[0],
    target: int = CASES[1],
    test: int = CASES[2],
    draw: int = 0,
    look: Look = INVERTED,
    labels: Labels = BOTH,
) -> Path:
    """Write a data set of cases that are not the first `source`, unless it is there; its folder.

    Args:
        out: The folder.
        source: The number of cases of the source.
        target: How many cases there are to adapt to.
        test: How many there are to score on.
        draw: Deals the cases anew into those to adapt to and those to score on.
        look: How the images look.
        labels: Which labels the cases have.
    """
    about = f"{target} + {test} shifted cases beside {source}, draw {draw}, {look.about}{_labelled(labels)}"
    if not _is_there(out, about):
        cases, order = _cases(source + target + test)
        others = np.random.default_rng([SEED, draw]).permutation(order[source:]) if draw else order[source:]
        members = [_changed(cases[n], int(n), look) for n in others[: target + test]]
        _write(out, about, members[:target], members[target:], labels)
    return out


def write_test_cases(out: Path, look: Look, sizes: tuple[int, int, int] = CASES) -> Path:
    """Write the test cases of draw 0 in another look, unless they are there; their folder.

    sizes: cases of the source, to adapt to, and to score on, as for `write_source` and `write_target`.
    """
    about = f"{sizes[2]} test cases beside {sizes[0]} + {sizes[1]}, {look.about}"
    if not _is_there(out, about):
        cases, order = _cases(sum(sizes))
        members = [_changed(cases[n], int(n), look) for n in order[sizes[0] + sizes[1] : sum(sizes)]]
        _write(out, about, [], members, BOTH)
    return out


def _changed(case: Case, number: int, look: Look) -> tuple[Case, np.ndarray | None]:
    """A case and its image in another look, the same in every data set."""
    return case, look.change(read_volume(case.images[0]).array, np.random.default_rng([SEED, number]))


def _labelled(labels: Labels) -> str:
    """The end of a data set's description; nothing where it has the Decathlon's labels."""
    return "" if labels == BOTH else f", labelled {' and '.join(labels.names)}"


def _cases(wanted: int) -> tuple[tuple[Case, ...], np.ndarray]:
    """All cases, and the order in which they are dealt."""
    if not DATA.is_dir():
        raise SystemExit(f"{DATA}: not there; set TRANSFERSEG_DATA to the folder that holds data/Task04_Hippocampus.")
    cases = read_case_set(DATA).cases
    if wanted > len(cases):
        raise SystemExit(f"{DATA} has {len(cases)} cases; {wanted} are asked for.")
    return cases, np.random.default_rng(SEED).permutation(len(cases))


def _is_there(out: Path, about: str) -> bool:
    file = out / "dataset.json"  # Written last: where it is, the images are whole.
    if not file.exists():
        return False
    found = read_json(file)["description"]
    if found != about:
        raise SystemExit(f"{out}: holds another data set ({found}, not {about}); remove it or choose another folder.")
    return True


def _write(
    out: Path,
    about: str,
    training: list[tuple[Case, np.ndarray | None]],
    testing: list[tuple[Case, np.ndarray | None]],
    labels: Labels,
) -> None:
    for part, members in (("Tr", training), ("Ts", testing)):
        for case, array in members:
            assert case.label is not None
            image, label = read_volume(case.images[0]), read_labels(case.label)
            name = f"{case.name}.nii.gz"
            write_volume(out / f"images{part}" / name, image.array if array is None else array, image.grid)
            write_labels(out / f"labels{part}" / name, np.asarray(labels.values, np.uint8)[label.array], label.grid)
    listing = {
        "name": out.name,
        "description": about,
        "modality": {"0": "MRI"},
        "labels": {"0": "background"} | {str(n): name for n, name in enumerate(labels.names, start=1)},
        "numTraining": len(training),
        "numTest": len(testing),
        "training": [
            {"image": f"./imagesTr/{case.name}.nii.gz", "label": f"./labelsTr/{case.name}.nii.gz"}
            for case, _ in training
        ],
        "test": [f"./imagesTs/{case.name}.nii.gz" for case, _ in testing],
    }
    write_json(out / "dataset.json", listing, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--source", type=int, default=CASES[0])
    parser.add_argument("--target", type=int, default=CASES[1])
    parser.add_argument("--test", type=int, default=CASES[2])
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--keep-contrast", action="store_true", help="without the inversion")
    given = parser.parse_args()
    print(write_source(given.out / "source", given.source))
    look = KEPT if given.keep_contrast else INVERTED
    print(write_target(given.out / "target", given.source, given.target, given.test, given.draw, look))


if __name__ == "__main__":
    main()
