"""Accepts what a person drags onto the list of cases: files and folders, and nodes from a tree of nodes.

The Data module replaces this panel, so a tree of nodes is in sight only where a person or a module floats one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.segmentations import is_segmentation, values_in
from TransferSegGui.sequences import with_frames
from TransferSegGui.targets import TargetCase, TargetCases, cases_of, cases_of_folder, not_listed
from TransferSegGui.volumes import is_image
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.errors import InputError

# Files of segmentations, which Slicer loads itself, and lists of cases.
SEGMENTATION, LISTS = ".seg.nrrd", (".json", ".csv", ".tsv")
# An image has more values than this, a segmentation hardly ever.
MOST_LABELS = 64


class Drops(qt.QObject):
    """Takes what is dropped on a table.

    `take(addresses, row)` is called once the drag is over; the row is -1 below the last one.
    """

    def __init__(self, table: qt.QTableWidget, take: Any) -> None:
        qt.QObject.__init__(self)
        self._table = table
        # What is dropped is taken once the drag is over: a message shown within it would hold up where it came from.
        self._dropped: list[tuple[list[qt.QUrl], int]] = []
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", lambda: take(*self._dropped.pop(0)))
        for widget in (table, table.viewport()):
            widget.setAcceptDrops(True)
        table.viewport().installEventFilter(self)

    def eventFilter(self, _watched: qt.QObject, event: qt.QEvent) -> bool:
        """Take files and nodes that are dragged over the table; called by Qt."""
        kinds = (qt.QEvent.DragEnter, qt.QEvent.DragMove, qt.QEvent.Drop)
        if event.type() not in kinds or not event.mimeData().hasUrls():
            return False
        event.acceptProposedAction()
        if event.type() == qt.QEvent.Drop:
            # Qt 5 has `pos`, Qt 6 `position`.
            place = event.position().toPoint() if hasattr(event, "position") else event.pos()
            self._dropped.append((list(event.mimeData().urls()), self._table.rowAt(place.y())))
            self._timer.start(0)
        return True


def add_dropped(urls: Iterable[qt.QUrl], onto: str | None, cases: TargetCases) -> None:
    """Add what was dropped to the cases.

    A segmentation that was dropped on no case goes to the one that it was drawn on, and a label file to the case that was
    dropped together with it.

    Args:
        urls: Addresses of files and folders, and of nodes of the scene.
        onto: The key of the case on which they were dropped; None below the last one.
        cases: The list of cases.

    Raises:
        InputError: It is neither an image nor a segmentation, or a segmentation that belongs to no case.
    """
    added: list[TargetCase] = []
    below = [node for url in urls if url.scheme() == "mrml" for node in _nodes_of(url)]
    nodes = [node for node in below if is_image(node) or is_segmentation(node)]
    files = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if not nodes and not files:
        raise InputError(
            "dropped-no-image",
            "what was dropped is neither an image nor a segmentation; drop volumes, files or folders.",
        )
    nodes += [_loaded(path) for path in files if path.name.lower().endswith(SEGMENTATION)]
    added += cases.add(cases_of(with_frames(filter(is_image, nodes), cases.all()), cases.all()))
    for node in filter(is_segmentation, nodes):
        _give(cases, _drawn_on(node, cases) if onto is None else onto, node, {})
    labels = {}
    for path in files:
        if path.is_dir() or path.name.lower().endswith(LISTS):
            added += cases.add(not_listed(cases_of_folder(path), cases.all()))
        elif not path.name.lower().endswith(SEGMENTATION):
            if values := _labels_in(path):
                labels[path] = values
            else:
                added += cases.add(not_listed([TargetCase((path,), None, "unlabelled")], cases.all()))
    waiting = [case.key for case in added if case.segmentation is None]
    known = {value: name for case in cases.all() for value, name in case.labels.items()} if labels else {}
    for path, values in labels.items():
        names = {value: known.get(value) or _("label {value}").format(value=value) for value in values}
        _give(cases, onto or (waiting.pop(0) if waiting else None), path, names)


def _loaded(path: Path) -> slicer.vtkMRMLSegmentationNode:
    """The segmentation in a file, loaded by Slicer."""
    try:
        node = slicer.util.loadSegmentation(str(path))
    except RuntimeError:
        node = None
    if not is_segmentation(node):
        raise InputError(
            "segmentation-file-unreadable",
            "{path}: Slicer cannot read it as a segmentation; save it again where it was made.",
            path=path,
        )
    return node


def _give(cases: TargetCases, key: str | None, segmentation: Any, labels: dict[int, str]) -> None:
    """Make a segmentation that of the case with this key."""
    case = None if key is None else cases.get(key)
    if case is None:
        raise InputError(
            "segmentation-of-no-case",
            "`{segmentation}` is a segmentation; drop it on the row of its image.",
            segmentation=segmentation.name if isinstance(segmentation, Path) else segmentation.GetName(),
        )
    role = "train" if case.role == "unlabelled" else case.role
    slices = slices_with(case, segmentation)
    given = replace(case, segmentation=segmentation, labels=labels, regions={}, role=role, annotated_slices=slices)
    cases.update(given)


def slices_with(case: TargetCase, segmentation: slicer.vtkMRMLNode | Path | None) -> str:
    """Which slices count as annotated when a case gets another segmentation: where some were declared, the person is asked.

    Args:
        case: The case as it is.
        segmentation: What it gets; None for none.

    Returns:
        The slices, see `AnnotatedSlices.parse`; "" for all.
    """
    if not case.annotated_slices or segmentation is None:
        return ""
    question = _(
        "Of “{case}” only these slices are declared to be annotated: {slices}. Is “{name}” annotated in these slices alone, "
        "too? With No, all of its slices count as annotated."
    )
    name = segmentation.name if isinstance(segmentation, Path) else segmentation.GetName()
    asked = question.format(case=case.name, slices=case.annotated_slices, name=name)
    return case.annotated_slices if slicer.util.confirmYesNoDisplay(asked) else ""


def _drawn_on(node: slicer.vtkMRMLNode, cases: TargetCases) -> str | None:
    """The key of the case on whose image a segmentation was drawn."""
    image = node.GetNodeReference(slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())
    return next((case.key for case in cases.all() if case.in_scene and image in case.images), None)


def _labels_in(path: Path) -> list[int]:
    """The values of a label file but 0; none for what is an image: numbers that are not whole, or very many."""
    try:
        values = values_in(read_labels(path).array, MOST_LABELS)
    except VolumeError as error:
        if error.code in ("labels-not-whole", "label-values-too-large"):
            return []
        raise
    return [] if len(values) > MOST_LABELS or min(values, default=0) < 0 else list(values)


def _nodes_of(url: qt.QUrl) -> list[slicer.vtkMRMLNode]:
    """The nodes of an item dragged from the subject hierarchy (mrml://scene/subjecthierarchy/item?id=12), or below it."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    text = qt.QUrlQuery(url.query()).queryItemValue("id")
    if not text.isdigit():
        return []
    below = vtk.vtkIdList()
    hierarchy.GetItemChildren(int(text), below, True)
    items = [int(text), *(below.GetId(n) for n in range(below.GetNumberOfIds()))]
    return [node for item in items if (node := hierarchy.GetItemDataNode(item)) is not None]
