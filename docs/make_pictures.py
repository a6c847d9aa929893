"""Make the pictures of the documentation: `python docs/make_pictures.py [phantom …]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
matplotlib.use("Agg")

PICTURES = Path(__file__).resolve().parent / "pictures"


def phantom(size: tuple[int, int, int] = (192, 240, 180)) -> None:
    """Three heads: T1-w, T2-w, CT and labels from top to bottom, a level of each plane from left to right."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import ListedColormap

    from TransferSegLib.cases.phantom.anatomy import head_phantom
    from TransferSegLib.cases.phantom.imaging import image

    label_colours = ListedColormap(["#10202f", "#d98c7a", "#f3e9c9", "#e3342f"])
    rows = ("t1w", "t2w", "ct", "labels")
    levels = ((("axial", 2, 16), ("coronal", 1, -12), ("sagittal", 0, 5)), (("axial", 2, -34), ("coronal", 1, 55)))
    figure, axes = plt.subplots(4, 7, figsize=(13.4, 8.4), facecolor="black")
    column = 0
    for seed, cuts in zip((1, 5, 9), (*levels, (("axial", 2, 25), ("sagittal", 0, 28))), strict=True):
        anatomy = head_phantom(seed, size, lesions=True)
        grid = anatomy.grid
        volumes = [image(anatomy, m, np.random.default_rng(seed)) for m in ("t1w", "t2w", "ct")]
        for plane, axis, level_mm in cuts:
            index = round((level_mm - grid.origin_mm[axis]) / grid.spacing_mm[axis])
            a, b = (n for n in range(3) if n != axis)
            for row, volume in enumerate((*volumes, anatomy.labels)):
                shown = axes[row, column]
                low, high = {"ct": (-250, 1400), "labels": (0.5, 4.5)}.get(
                    rows[row], (0, float(np.percentile(volume, 97)))
                )
                shown.imshow(
                    np.rot90(np.take(volume, index, axis)),
                    cmap=label_colours if rows[row] == "labels" else "gray",
                    vmin=low,
                    vmax=high,
                    aspect=grid.spacing_mm[b] / grid.spacing_mm[a],
                )
                shown.axis("off")
                if column == 0:
                    shown.text(2, 6, rows[row], color="white", fontsize=9, va="top")
            axes[0, column].set_title(f"seed {seed}, {plane}", color="white", fontsize=9)
            column += 1
    figure.subplots_adjust(0.003, 0.003, 0.997, 0.965, 0.02, 0.02)
    _save(figure, "phantom")


def _save(figure: object, name: str) -> None:
    """Save with a palette: a picture of a few hundred kilobytes."""
    from PIL import Image

    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    figure.savefig(path, dpi=100)  # type: ignore[attr-defined]
    Image.open(path).convert("RGB").quantize(128, method=Image.Quantize.FASTOCTREE).save(path, optimize=True)


FIGURES: dict[str, Callable[[], None]] = {"phantom": phantom}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or FIGURES:
        FIGURES[wanted]()
