"""Draws the module's icon: a segmentation carried from one side of a head to the other.

python docs/make_icon.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.patches import Ellipse, FancyArrowPatch

ICON = Path(__file__).resolve().parents[1] / "TransferSeg" / "Resources" / "Icons" / "TransferSeg.png"
PIXELS = 128


def main() -> None:
    figure = plt.figure(figsize=(1, 1), dpi=PIXELS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.add_patch(Ellipse((0.5, 0.5), 0.86, 0.92, facecolor="#2b3a4a", edgecolor="#dfe6ec", linewidth=3.2))
    axes.add_patch(Ellipse((0.29, 0.38), 0.2, 0.42, angle=18, facecolor="#7fa8d8", edgecolor="white", linewidth=1.2))
    axes.add_patch(Ellipse((0.71, 0.38), 0.2, 0.42, angle=-18, facecolor="#f59e2e", edgecolor="white", linewidth=1.2))
    axes.add_patch(
        FancyArrowPatch(
            (0.27, 0.66),
            (0.74, 0.65),
            connectionstyle="arc3,rad=-0.45",
            arrowstyle="simple,head_width=11,head_length=9,tail_width=3.6",
            facecolor="white",
            edgecolor="none",
        )
    )
    ICON.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(ICON, transparent=True)
    plt.close(figure)


if __name__ == "__main__":
    main()
