"""What leaves the panel of segmentations: volumes and intensities as a table and as CSV, and DICOM segmentations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.corrections import mark_edited
from TransferSegGui.measuring import image_of, measure, show_table, statistics_table
from TransferSegGui.predictions import AS_MADE, is_as_made
from TransferSegGui.section import failing
from TransferSegGui.segmentations import INSTANCES
from TransferSegLib.core.errors import InputError

Entries = Sequence[tuple[str, Callable[[], object]]]


@dataclass(frozen=True)
class Exported:
    """What is exported, and where it is said how that went.

    Attributes:
        found: The segmentations that are measured.
        shown: The one that becomes a DICOM segmentation; None where none is shown.
        nothing: What to say where there is none of either.
        say: Shows a text.
    """

    found: Callable[[], Sequence[slicer.vtkMRMLSegmentationNode]]
    shown: Callable[[], slicer.vtkMRMLSegmentationNode | None]
    nothing: Callable[[], InputError]
    say: Callable[[str], None]


class SegmentExports:
    """Measures segmentations, saves the table, and opens Slicer's DICOM export: the same wherever the panel has some."""

    def __init__(self, exported: Exported) -> None:
        """Make one.

        Args:
            exported: What is exported.
        """
        self._exported = exported

    def entries(self) -> Entries:
        """What a menu offers: each text, and what is done."""
        return (
            (_("Volumes and intensities"), self.measure),
            (_("Volumes and intensities as CSV…"), self._ask_for_table),
            (_("Segmentation as DICOM SEG…"), self.export_dicom),
        )

    def measure(self) -> slicer.vtkMRMLTableNode | None:
        """Measure all segments, and show the table; None where that failed, as is said."""
        table = None
        with failing(_("The segments could not be measured.")):
            found = self._exported.found()
            if not found:
                raise self._exported.nothing()
            rows = measure(found)
            table = statistics_table(rows)
            show_table(table)
            text = _("{segments} segments of {count} segmentations are in the table “{name}”.")
            count = len({row.segmentation for row in rows})
            self._exported.say(text.format(segments=len(rows), count=count, name=table.GetName()))
        return table

    def _ask_for_table(self) -> None:
        window, usual = slicer.util.mainWindow(), _("Volumes and intensities") + ".csv"
        path = qt.QFileDialog.getSaveFileName(window, _("The table of volumes and intensities"), usual, "CSV (*.csv)")
        if path:
            self.save_table(Path(path))

    def save_table(self, path: Path) -> None:
        """Measure, and save the table.

        Args:
            path: A .csv file, which is replaced.
        """
        table = self.measure()
        if table is None:
            return
        with failing(_("The table could not be saved.")):
            if not slicer.util.saveNode(table, str(path)):
                raise InputError(
                    "table-not-saved", "{path}: the table cannot be written there; choose another place.", path=path
                )
            self._exported.say(_("The table is in {path}.").format(path=path))

    def export_dicom(self) -> None:
        """Open Slicer's DICOM export with the segmentation that is shown, whose image was loaded from DICOM."""
        item = None
        with failing(_("The segmentation could not be exported.")):
            node = self._exported.shown()
            if node is None:
                raise self._exported.nothing()
            if node.GetAttribute(AS_MADE) and not is_as_made(node):
                mark_edited(node)
            image = image_of(node)
            if image is None or not image.GetAttribute(INSTANCES):
                raise InputError(
                    "image-not-from-dicom",
                    "The image of “{name}” was not loaded from DICOM, and a DICOM segmentation refers to its slices; load "
                    "the image with Slicer's DICOM module, or save the segmentation as .seg.nrrd (File, Save Data).",
                    name=node.GetName(),
                )
            hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
            item = hierarchy.GetItemByDataNode(node)
        if item is not None:  # outside of the block, whose wait cursor would stay over the dialog
            dialog = slicer.qSlicerDICOMExportDialog(None)
            dialog.setMRMLScene(slicer.mrmlScene)
            dialog.execDialog(item)


def add_menu(button: qt.QPushButton, entries: Entries) -> qt.QMenu:
    """Give a button a menu.

    Args:
        button: The button.
        entries: Each text, and what is done.

    Returns:
        The menu, which is to be kept.
    """
    menu = qt.QMenu(button)
    for text, do in entries:
        menu.addAction(text).connect("triggered(bool)", lambda _checked, do=do: do())
    button.setMenu(menu)
    return menu


def shown_of(nodes: Iterable[slicer.vtkMRMLSegmentationNode]) -> slicer.vtkMRMLSegmentationNode | None:
    """Of some segmentations the one that is shown, the newest where several are; where none is, the only one there is."""
    every = list(nodes)
    shown = [node for node in every if node.GetDisplayNode() is not None and node.GetDisplayNode().GetVisibility()]
    return shown[-1] if shown else every[0] if len(every) == 1 else None
