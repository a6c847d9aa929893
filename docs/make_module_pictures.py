"""The pictures of the Slicer module: a session by clicks, the panel drawn in each state, and the views.

    python docs/make_module_pictures.py [FOLDER]   (default: build/screenshots; the README's go to docs/pictures too)

Needs slicer-core and PySide6; takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "Testing")]

import SlicerRuntime  # noqa: E402

# The panel must be seen without scrolling in Slicer's module panel of this size, in each of its states.
WIDTH, HEIGHT = 420, 900
THEMES = {"": (False, 1), "-125": (False, 1.25), "-2x": (False, 2), "-dark": (True, 1)}
# The README's pictures: the state in which a section is drawn.
README = {
    "source": ("source", "sourceModelSection"),
    "cases": ("cases", "targetCasesSection"),
    "strategy": ("compare", "strategySection"),
    "running": ("running", "runBar"),
    "results": ("results", "resultsSection"),
    "rounds": ("rounds", "roundsSection"),
}


class Album:
    """Draws the panel, state by state, into a folder; `faults` is what cannot be seen or read, by the picture's name."""

    def __init__(self, out: Path, person: Any, ui: Any):
        self.out, self.person, self.ui = out, person, ui
        self.faults: dict[str, list[str]] = {}

    def draw(self, state: str) -> None:
        """The whole panel, and what of it is seen without scrolling, in light and dark and for three screens."""
        panel = self.person.panel
        self._draw(state, panel)
        if hidden := self.ui.stepsArea.verticalScrollBar().maximum:
            self.faults.setdefault(state, []).append(f"the open step is {hidden} pixels higher than there is room")

    def draw_editor(self, state: str) -> None:
        """The Segment Editor, with the bar at its top, in Slicer's module panel."""
        import slicer
        from SlicerRuntime import pictures

        panel = pictures.module_panel(slicer.modules.segmenteditor.widgetRepresentation(), WIDTH, HEIGHT)
        self._draw(state, panel)
        panel.takeWidget()
        panel.deleteLater()

    def _draw(self, state: str, panel: Any) -> None:
        from SlicerRuntime import layout, pictures

        for suffix, (dark, scale) in THEMES.items():
            pictures.use_theme(dark)
            SlicerRuntime.process_events(20)
            pictures.widget(self.out / f"{state}{suffix}.png", panel.widget(), scale)
            for name, (drawn_in, section) in README.items():
                if drawn_in == state and not suffix:
                    pictures.widget(self.out / f"section-{name}.png", getattr(self.ui, section), scale)
        pictures.use_theme(dark=False)
        SlicerRuntime.process_events(20)
        pictures.widget(self.out / f"{state}-screen.png", panel)
        found = layout.faults(panel.widget())
        if panel.widget().width > panel.viewport().width:
            found.append(f"the panel is wider than Slicer's: {panel.widget().width} pixels")
        if found:
            self.faults[state] = found


def draw_all(
    widget: Any, out: Path, place: Path, size: tuple[int, int, int], steps: int, source: str = "head-t1w"
) -> dict[str, list[str]]:
    """Go through a session with the module's widget; what cannot be seen or read, by state. `place` is for files."""
    import slicer
    from SlicerRuntime import pictures
    from SlicerRuntime.person import Person
    from TransferSegGui import charts, jobs, sample_data

    from TransferSegLib.sources.downloads import list_downloads

    person, ui = Person(widget, WIDTH, HEIGHT), widget.ui
    album = Album(out, person, ui)
    wait = SlicerRuntime.wait_until

    def planned() -> None:
        """Wait until the plan of what is chosen is there."""
        wait(lambda: widget.plan_question() is not None, 120)
        wait(lambda: ui.planLabel.text and "…" not in ui.planLabel.text, 300)

    def start() -> None:
        wait(lambda: ui.startButton.enabled, 120)
        person.click(ui.startButton)
        wait(lambda: not widget.run_section.preparing, 120)

    album.draw("empty")

    sample_data.load_heads(size=size)
    person.choose(ui.sourceModelComboBox, source)
    album.draw("source")
    person.click(ui.tryButton)
    wait(lambda: widget.try_section.segmenting.command, 60)
    with _held(widget.try_section.segmenting.command):
        album.draw("trying")
        person.click(ui.cancelTryButton)
    person.open(ui.targetCasesSection)
    person.click(ui.addFromSceneButton)
    planned()
    album.draw("cases")
    ui.targetCasesTable.selectRow(0)
    album.draw("cases-labels")
    ui.targetCasesTable.clearSelection()
    whole = np.ones(size[::-1], np.uint8)
    segmentation, volume = slicer.util.getNode("Head 2 labels"), slicer.util.getNode("Head 2")
    extra = segmentation.GetSegmentation().AddEmptySegment("", "everything")
    slicer.util.updateSegmentBinaryLabelmapFromArray(whole, segmentation, extra, volume)
    wait(lambda: widget.cases_section.checks.errors, 120)
    album.draw("cases-error")
    segmentation.GetSegmentation().RemoveSegment(extra)
    planned()

    person.open(ui.strategySection)
    album.draw("strategy")
    person.click(ui.advancedGroupBox, _title(ui.advancedGroupBox))
    album.draw("advanced")
    person.click(ui.advancedGroupBox, _title(ui.advancedGroupBox))
    person.choose(ui.budgetUnitComboBox, "steps")
    person.click(ui.compareCheckBox)
    ui.strategiesList.setCurrentRow(2)
    person.write(ui.budgetSpinBox, str(steps))
    planned()
    album.draw("compare")

    person.write(ui.budgetSpinBox, "2000")  # so that it is still at it when everything is drawn
    start()
    wait(lambda: not widget.run_section.preparing, 60)
    wait(lambda: widget.run_section.follower.curves, 300)
    wait(lambda: charts.find("vtkMRMLPlotChartNode", charts.CURVES), 60)
    album.draw("running")
    person.open(ui.runSection)
    person.click(ui.logGroupBox, _title(ui.logGroupBox))
    album.draw("log")
    person.click(ui.logGroupBox, _title(ui.logGroupBox))
    widget.run_section.forget()
    widget.run_section.list_again()
    wait(lambda: ui.goBackFrame.isVisible(), 30)
    album.draw("go-back")
    person.click(ui.goBackButton)
    wait(lambda: widget.job_runs(), 30)
    person.click(ui.cancelButton)
    wait(lambda: not widget.job_runs(), 60)
    planned()
    album.draw("cancelled")

    usual = jobs.python_executable
    broken = place / "broken-python"
    broken.write_text("#!/bin/sh\necho 'ImportError: No module named torch'\nexit 1\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    jobs.python_executable = lambda: str(broken)
    start()
    wait(lambda: not widget.run_section.preparing, 60)
    jobs.python_executable = usual
    wait(lambda: not widget.job_runs(), 60)
    planned()
    album.draw("failed")

    person.open(ui.strategySection)
    person.write(ui.budgetSpinBox, str(steps))
    start()
    wait(lambda: not widget.run_section.preparing, 60)
    wait(lambda: not widget.job_runs(), 1800)
    planned()
    album.draw("results")
    person.click_cell(ui.casesTable, 0, 0)
    wait(lambda: slicer.util.getNodes("Head 1: adapted model"), 30)
    adapted = slicer.util.getNode("Head 1: adapted model").GetSegmentation()
    wait(lambda: adapted.ContainsRepresentation("Closed surface"), 30)
    album.draw("case")
    _draw_views(out)
    person.choose(ui.showComboBox, False)
    again = partial(person.click_cell, ui.casesTable, 0, 0)
    pictures.slice_view(out / "slice-outlines.png", "Red", (400, 400), once=again)
    person.choose(ui.showComboBox, True)
    person.open(ui.applySection)
    album.draw("apply")
    person.click(ui.applySeveralCheckBox)
    album.draw("apply-several")
    person.open(ui.roundsSection)
    album.draw("rounds")
    _draw_next(album, widget)
    person.open(ui.targetCasesSection)
    ui.targetCasesTable.selectAll()
    person.click(ui.joinChannelsButton)
    wait(lambda: not widget.cases_section.checks.pending, 120)
    album.draw("channels")
    if downloads := list_downloads():
        person.open(ui.sourceModelSection)
        person.choose(ui.sourceModelComboBox, downloads[0].name)
        album.draw("download")
    person.close()
    return album.faults


def _draw_next(album: Album, widget: Any) -> None:
    """Next while it looks at the cases, the case that it opens in the Segment Editor, and the table of ranked cases."""
    from SlicerRuntime import segment_editor

    person, ui, section, wait = album.person, album.ui, widget.correct_section, SlicerRuntime.wait_until
    person.open(ui.targetCasesSection)
    person.choose(ui.targetCasesTable.cellWidget(3, 2), "")  # a second one that nobody has annotated
    person.open(ui.roundsSection)
    with segment_editor.installed("TransferSeg") as selector:
        person.click(ui.nextCaseButton)
        wait(lambda: section.ranking._command, 120)
        with _held(section.ranking._command):
            album.draw("ranking")
        wait(lambda: selector.selected == "SegmentEditor", 300)
        album.draw_editor("editor")
        section.bar.back.click()
        SlicerRuntime.process_events(200)
        album.draw("next")


@contextmanager
def _held(command: Any) -> Iterator[None]:
    """A command of the library with the first that it said; that it ends is not noticed within the block."""
    command._timer.stop()
    SlicerRuntime.wait_until(lambda: (command._tell(), command._last)[1], 300)
    yield
    if not command._out.closed:
        command._timer.start()


def _draw_views(out: Path) -> None:
    """The case that is shown side by side, in slice and 3D views, and both charts."""
    import slicer
    from SlicerRuntime import pictures
    from TransferSegGui import charts, showing

    for tag, what in zip(showing.VIEWS, ("reference", "source", "adapted"), strict=True):
        pictures.slice_view(out / f"slice-{what}.png", tag, (300, 300))
        node = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLViewNode")
        pictures.three_d_view(out / f"3d-{what}.png", (300, 300), azimuth=30, elevation=15, node=node)
    _beside(out, "views", [f"{kind}-{what}" for kind in ("slice", "3d") for what in ("reference", "source", "adapted")])
    for name, part in {"curves": charts.CURVES, "chart": charts.MEANS}.items():
        pictures.chart(out / f"{name}.png", charts.find("vtkMRMLPlotChartNode", part), (620, 380))


def _title(box: Any) -> Any:
    """Where the check mark of a group box is."""
    import qt

    return qt.QPoint(12, 8)


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


def main(out: Path) -> None:
    SlicerRuntime.start()
    from SlicerRuntime import pictures
    from TransferSegGui import sample_data

    with tempfile.TemporaryDirectory() as home:
        os.environ["TRANSFERSEG_MODELS"] = f"{home}/models"
        pictures.use_theme(dark=False)
        widget = SlicerRuntime.load_module(REPOSITORY / "TransferSeg" / "TransferSeg.py")
        faults = draw_all(widget, out, Path(home), sample_data.SIZE, steps=60)
        SlicerRuntime.unload_module("TransferSeg")
    readme = {**{name: f"section-{name}" for name in README}, "case": "views", "curves": "curves"}
    for name, picture in readme.items():
        shutil.copyfile(out / f"{picture}.png", REPOSITORY / "docs" / "pictures" / f"module-{name}.png")
    problems = [f"{state}: {fault}" for state, found in faults.items() for fault in found]
    if problems := [*problems, *SlicerRuntime.take_errors()]:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY / "TransferSeg"))
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "build" / "screenshots")
