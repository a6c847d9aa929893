"""Make the pictures of the documentation: `python docs/make_pictures.py [phantom | report | analysis | labels_from_ct …]`.

The report is that of `transferseg demo`, run in build/demo (some minutes) unless it is there, as Chromium shows it. The
analysis is of a small network on phantoms, run in build/analysis (some minutes) unless it is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURES = REPOSITORY / "docs" / "pictures"
DEMO = REPOSITORY / "build" / "demo"
ANALYSIS = REPOSITORY / "build" / "analysis"
FROM_CT = REPOSITORY / "build" / "from-ct"
REPORT_SIZE = 1165, 1148
sys.path.insert(0, str(REPOSITORY))


def phantom(size: tuple[int, int, int] = (192, 240, 180)) -> None:
    """Three heads: T1-w, T2-w, CT and labels from top to bottom, a level of each plane from left to right."""
    from matplotlib.colors import ListedColormap

    from TransferSegLib.cases.phantom.anatomy import head_phantom
    from TransferSegLib.cases.phantom.imaging import image
    from TransferSegLib.core.palette import LABELS, hexadecimal
    from TransferSegLib.evaluation.figures.style import PX, style

    # Air, which fills the ground, is black here.
    label_colors = ListedColormap(["black", *map(hexadecimal, LABELS[:3])])
    rows = ("t1w", "t2w", "ct", "labels")
    levels = ((("axial", 2, 16), ("coronal", 1, -12), ("sagittal", 0, 5)), (("axial", 2, -34), ("coronal", 1, 55)))
    figure = Figure(figsize=(13.4, 8.4), facecolor="black")
    with style():
        axes = figure.subplots(4, 7)
    text = {"color": "white", "fontsize": 12 * PX}
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
                    cmap=label_colors if rows[row] == "labels" else "gray",
                    vmin=low,
                    vmax=high,
                    aspect=grid.spacing_mm[b] / grid.spacing_mm[a],
                )
                shown.axis("off")
                if column == 0:
                    shown.text(2, 6, rows[row], va="top", **text)
            axes[0, column].set_title(f"seed {seed}, {plane}", fontweight="normal", **text)
            column += 1
    figure.subplots_adjust(0.003, 0.003, 0.997, 0.965, 0.02, 0.02)
    _save(figure, "phantom")


def report() -> None:
    """The upper part of the demonstration's report."""
    demo = DEMO / "job-1" / "report.html"
    if not demo.exists():
        subprocess.run([sys.executable, "-m", "TransferSegLib", "demo", "--out", str(DEMO)], cwd=REPOSITORY, check=True)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Chromium is not installed: the picture of the report was not made.")
    width, height = REPORT_SIZE
    picture = f"--screenshot={PICTURES / 'report.png'}"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}", picture]
    subprocess.run([browser, *options, demo.as_uri()], check=True)
    _shrink(PICTURES / "report.png")


def analysis() -> None:
    """Two figures of `transferseg analyse`: from T1-w to T2-w heads, with the network of Karimi 2021."""

    def run(command: str) -> None:
        subprocess.run([sys.executable, "-m", "TransferSegLib", *command.split()], cwd=REPOSITORY, check=True)

    if not (ANALYSIS / "job" / "report.html").exists():
        run(f"cases phantom {ANALYSIS}/t1w --modality t1w --count 4 --seed 3 --size 32 32 24")
        run(f"cases phantom {ANALYSIS}/t2w --modality t2w --count 6 --seed 11 --size 32 32 24")
        network = "--network karimi2021:channels=4:levels=3 --patch-size 32 32 16"
        run(f"pretrain --data {ANALYSIS}/t1w {network} --steps 150 --folds 0 --out {ANALYSIS}/source")
        strategies = "--strategies open,scratch,conservative:part=decoder --folds 3 --steps 100 --snapshots 6"
        run(f"compare --source {ANALYSIS}/source --target {ANALYSIS}/t2w {strategies} --out {ANALYSIS}/job")
    run(f"analyse {ANALYSIS}/job")
    for figure, name in (("movement-rsim", "analysis-movement"), ("filters-0", "analysis-filters")):
        shutil.copyfile(ANALYSIS / "job" / "analysis" / "figures" / f"{figure}.png", PICTURES / f"{name}.png")
        _shrink(PICTURES / f"{name}.png")


def labels_from_ct() -> None:
    """A head as T1-w with the outlines of its registered CT, and the labels that follow (about a minute)."""
    from TransferSegLib.cases.phantom import head_phantom, image
    from TransferSegLib.cases.registration import rotation
    from TransferSegLib.cases.volumes import write_volume
    from TransferSegLib.cli import main
    from TransferSegLib.core.grid import Grid

    shutil.rmtree(FROM_CT, ignore_errors=True)
    head = head_phantom(3, (96, 120, 90))
    elsewhere = np.eye(4)
    elsewhere[:3, :3] = rotation((4, -5, 10))
    elsewhere[:3, 3] = (8, -9, 7)
    moved = Grid(head.grid.size, elsewhere @ head.grid.affine)
    write_volume(FROM_CT / "mr" / "head.nii.gz", image(head, "t1w", np.random.default_rng(1)), head.grid)
    write_volume(FROM_CT / "ct" / "head.nii.gz", image(head, "ct", np.random.default_rng(2)), moved)
    main(["cases", "from-ct", "--mr", str(FROM_CT / "mr"), "--ct", str(FROM_CT / "ct"), "--out", str(FROM_CT / "out")])
    shutil.copy(FROM_CT / "out" / "overlays" / "head.png", PICTURES / "labels-from-ct.png")
    _shrink(PICTURES / "labels-from-ct.png")


def _save(figure: Figure, name: str) -> None:
    path = PICTURES / f"{name}.png"
    figure.savefig(path, dpi=100)
    _shrink(path)


def _shrink(path: Path) -> None:
    """Give a picture a palette: a few hundred kilobytes at most."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(128, method=Image.Quantize.FASTOCTREE).save(path, optimize=True)


FIGURES: dict[str, Callable[[], None]] = {
    "phantom": phantom,
    "report": report,
    "analysis": analysis,
    "labels_from_ct": labels_from_ct,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or FIGURES:
        FIGURES[wanted]()
