"""The pictures of the Slicer module: a session on the sample heads, driven by clicks, drawn state by state.

    python docs/make_module_pictures.py [FOLDER]   (default: build/module-pictures; the README's go to docs/pictures too)

Needs slicer-core and PySide6; takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "Testing")]

import SlicerRuntime  # noqa: E402

WIDTH = 430
README = ("source", "cases", "strategy", "running", "results")
SECTIONS = {
    "source": "sourceModelSection",
    "cases": "targetCasesSection",
    "strategy": "strategySection",
    "run": "runSection",
    "results": "resultsSection",
}


def main(out: Path) -> None:
    slicer = SlicerRuntime.start()
    from SlicerRuntime import pictures

    home = tempfile.TemporaryDirectory()
    os.environ["TRANSFERSEG_MODELS"] = f"{home.name}/models"
    pictures.use_theme(dark=False)
    widget = SlicerRuntime.load_module(REPOSITORY / "TransferSeg" / "TransferSeg.py")
    ui, panel = widget.ui, widget.parent
    panel.show()

    def draw(name: str, *sections: str) -> None:
        """The panel, and sections of it, in light colours, and in dark ones for a screen of twice the pixels."""
        for dark, scale in ((False, 1.0), (True, 2.0)):
            pictures.use_theme(dark=dark)
            panel.resize(WIDTH, panel.sizeHint.height())
            SlicerRuntime.process_events(100)
            suffix = "-dark-2x" if dark else ""
            pictures.widget(out / f"{name}{suffix}.png", panel, scale)
            for section in sections:
                pictures.widget(out / f"{section}{suffix}.png", getattr(ui, SECTIONS.get(section, "runSection")), scale)
        pictures.use_theme(dark=False)

    draw("panel-empty")
    from TransferSegGui import sample_data

    sample_data.load_heads()
    widget.parameters.source = "head-t1w"
    ui.addFromSceneButton.click()
    SlicerRuntime.wait_until(lambda: not widget.cases_section.checks.pending, 120)
    widget.parameters.compare = True
    widget.parameters.budgetUnit, widget.parameters.budget = "steps", 30
    SlicerRuntime.wait_until(lambda: "parameters" in ui.planLabel.text, 300)
    ui.strategiesList.setCurrentRow(2)
    draw("panel-ready", "source", "cases", "strategy")
    ui.startButton.click()
    SlicerRuntime.wait_until(lambda: ui.progressBar.value > 30, 600)
    draw("panel-running", "running")
    SlicerRuntime.wait_until(lambda: not widget.job_runs(), 1200)
    ui.proposeButton.click()
    draw("panel-done", "results", "run")
    ui.casesTable.cellClicked.emit(0, 0)
    from TransferSegGui import showing

    for tag, what in zip(showing.VIEWS, ("reference", "source", "adapted"), strict=True):
        pictures.slice_view(out / f"slice-{what}.png", tag, (300, 300))
        node = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLViewNode")
        pictures.three_d_view(out / f"3d-{what}.png", (300, 300), azimuth=30, elevation=15, node=node)
    _beside(out, "case", [f"{kind}-{what}" for kind in ("slice", "3d") for what in ("reference", "source", "adapted")])
    ui.showChartButton.click()
    tag = {"curves": "TransferSegCurves", "chart": "TransferSegDiceChart"}
    for name, chart in tag.items():
        pictures.chart(
            out / f"{name}.png", slicer.mrmlScene.GetSingletonNode(chart, "vtkMRMLPlotChartNode"), (620, 380)
        )
    for name in (*README, "case", "curves"):
        shutil.copyfile(out / f"{name}.png", REPOSITORY / "docs" / "pictures" / f"module-{name}.png")
    errors = SlicerRuntime.take_errors()
    SlicerRuntime.unload_module("TransferSeg")
    if errors:
        sys.exit("\n".join(errors))


def _beside(out: Path, name: str, parts: list[str]) -> None:
    """Pictures of one size in two rows of three."""
    import qt

    images = [qt.QImage(str(out / f"{part}.png")) for part in parts]
    width, height = images[0].width(), images[0].height()
    whole = qt.QImage(3 * width, 2 * height, qt.QImage.Format_RGB32)
    painter = qt.QPainter(whole)
    for n, image in enumerate(images):
        painter.drawImage(n % 3 * width, n // 3 * height, image)
    painter.end()
    whole.save(str(out / f"{name}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "build" / "module-pictures")
