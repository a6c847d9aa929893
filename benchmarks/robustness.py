"""How much of a source model is left on contrasts, resolutions, fields and noise that it was not trained on.

Hippocampus: a plain source model (`--augment light`) and one trained on random contrasts (`--augment contrast`), the same
network on the same 92 real cases, score the same 60 test cases as they are and changed in several ways. Heads: the two
models that ship score new phantoms in T1-weighted, T2-weighted and CT.

    python benchmarks/robustness.py [--model NAME …] [--skip-heads] [--quick]

`--model` scores further models (names or folders) on the hippocampus cases as well. Models that ship have seen the test
cases unchanged, so they are never the ones held against the targets.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import figures
import numpy as np
from adaptation import Setting, score, score_rows
from scipy.ndimage import zoom
from shifted_hippocampus import Look, other_contrast, shifted, write_test_cases

from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES
from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.sources.catalogue import find_source

PLAIN, ROBUST = "plain source model", "source model of any contrast"
HEADS = {"head-t1w": "head-t1w", "head-robust": "head-robust"}
ROBUST_STEPS = 9000
HEAD_SEED, HEAD_COUNT = 4000, 10
# Cerebrospinal fluid, dark on T1, is bright; white matter, bright on T1, is darker than grey.
T2_LIKE = ((0, 0.1, 0.25, 0.55, 0.85, 1), (0.2, 1, 0.9, 0.55, 0.25, 0.4))
SHIFTED_DICE, LARGEST_LOSS = 0.82, 0.01
T2_SHARE = 0.95


@dataclass(frozen=True)
class Scored:
    """Mean Dice (and HD95 in mm) of a model on one kind of images; `tissues` has the Dice of each."""

    model: str
    images: str
    dice: float
    hd95_mm: float | None = None
    tissues: Mapping[str, float] | None = None


def t2_like(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Intensities through a curve that first rises and then falls."""
    return (np.interp(other_contrast(image, 1.0, invert=False), *T2_LIKE) * 1000).astype(np.float32)


def thick_along_j(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Slices three times as thick along the second axis, interpolated linearly on the way back."""
    thick = image.shape[1] // 3
    means = image[:, : thick * 3].reshape(image.shape[0], thick, 3, image.shape[2]).mean(axis=2)
    back = zoom(means, (1, image.shape[1] / thick, 1), order=1, grid_mode=True, mode="nearest")
    return back.astype(np.float32)


def strong_bias(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth receive field of exp(±0.6)."""
    knots = rng.uniform(-0.6, 0.6, size=(3, 3, 3))
    return (image * np.exp(zoom(knots, [n / 3 for n in image.shape], order=1, grid_mode=True, mode="nearest"))).astype(
        np.float32
    )


def noisy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rician noise of 8 % of the robust range."""
    value = other_contrast(image, 1.0, invert=False)
    real, imaginary = rng.normal(0, 0.08, (2, *value.shape))
    return (np.hypot(value + real, imaginary) * 1000).astype(np.float32)


AS_IT_IS, SHIFTED = "as they are", "shifted"
LOOKS = (
    Look(AS_IT_IS, lambda image, rng: image),
    Look(SHIFTED, shifted),
    Look("T2-like curve", t2_like),
    Look("slices 3x as thick along J", thick_along_j),
    Look("bias field of exp(±0.6)", strong_bias),
    Look("Rician noise of 8 %", noisy),
)


def robust_source(setting: Setting) -> Path:
    """The source model of any contrast, trained unless it is there."""
    return setting.source("source-robust", "contrast", ROBUST_STEPS)


def hippocampus(setting: Setting, models: Mapping[str, Path]) -> list[Scored]:
    """Every model on every look of the test cases."""
    found = []
    for number, look in enumerate(LOOKS):
        cases = write_test_cases(setting.work / "data" / f"look{number}", look, setting.sizes)
        for position, (model, folder) in enumerate(models.items()):
            out = setting.work / "robustness" / f"look{number}-model{position}"
            found.append(Scored(model, look.about, *score(folder, cases, out)))
    return found


def heads(setting: Setting) -> list[Scored]:
    """The models of the head that ship, on phantoms of a seed that no recipe uses."""
    found = []
    count = 1 if setting.quick else HEAD_COUNT
    for modality in ("t1w", "t2w", "ct"):
        data = setting.work / "data" / f"heads-{modality}"
        if not (data / "dataset.json").exists():
            shutil.rmtree(data, ignore_errors=True)
            write_phantoms(data, modality, count, HEAD_SEED)
        for model, folder in HEADS.items():
            out = setting.work / "robustness" / f"{model}-{modality}"
            rows = score_rows(find_source(folder).folder, data / "imagesTr", data / "labelsTr", out)
            tissues = {}
            for value in sorted({int(row["label"]) for row in rows}):
                dice = [float(row["dice"]) for row in rows if int(row["label"]) == value and row["dice"]]
                tissues[LABEL_NAMES[value]] = statistics.fmean(dice)
            found.append(Scored(model, modality, statistics.fmean(tissues.values()), None, tissues))
    return found


def result(scored: Sequence[Scored]) -> figures.Result:
    """A row a model and kind of images, and the targets of those that were measured."""
    rows = [
        [
            s.model,
            s.images,
            f"{s.dice:.3f}" + (f" ({', '.join(f'{n} {d:.3f}' for n, d in s.tissues.items())})" if s.tissues else ""),
            "" if s.hd95_mm is None else f"{s.hd95_mm:.2f}",
        ]
        for s in scored
    ]
    by = {(s.model, s.images): s for s in scored}
    checks = []
    if (ROBUST, SHIFTED) in by:
        checks.append(figures.Check("as it is, shifted: Dice", by[ROBUST, SHIFTED].dice, SHIFTED_DICE, True))
        loss = by[PLAIN, AS_IT_IS].dice - by[ROBUST, AS_IT_IS].dice
        checks.append(figures.Check("unshifted: Dice lost to the plain model", loss, LARGEST_LOSS, False))
    if ("head-robust", "t2w") in by:
        before, after = by["head-t1w", "t1w"].tissues or {}, by["head-robust", "t2w"].tissues or {}
        for name, dice in before.items():
            what = f"heads, {name}: T2-w by head-robust / T1-w by head-t1w"
            checks.append(figures.Check(what, after[name] / dice, T2_SHARE, True))
    return figures.Result(("model", "images", "Dice", "HD95 mm"), rows, checks, [asdict(s) for s in scored])


def main() -> None:
    parser = figures.parser(__doc__, "robustness")
    parser.add_argument("--model", nargs="*", default=[], metavar="NAME", help="further models for the hippocampus")
    parser.add_argument("--skip-heads", action="store_true", help="without the models of the head")
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick)
    models = {PLAIN: setting.source(), ROBUST: robust_source(setting)} | {
        name: find_source(name).folder for name in given.model
    }
    shutil.rmtree(setting.work / "robustness", ignore_errors=True)
    scored = hippocampus(setting, models)
    if not given.skip_heads:
        scored += heads(setting)
    result(scored).publish(given.json or setting.work / "robustness.json")


if __name__ == "__main__":
    main()
