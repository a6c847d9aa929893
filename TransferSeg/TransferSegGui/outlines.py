"""Segmentations of one case as outlines over one another: each origin has a colour, a width of line and words in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
from slicer.i18n import tr as _

from TransferSegGui.segmentations import segments_of
from TransferSegLib.core.palette import VIEWS as VIEW_COLORS

# On the nodes that make the legend: the table of colours, and what shows it in the views.
LEGEND = "TransferSeg.Legend"
# On the display of a segmentation: how wide its lines were before.
WIDTH = "TransferSeg.LineWidth"
# The width in pixels of the lines of the reference, the source model and the adapted model: nothing is told by colour alone.
WIDTHS = (5, 1, 3)
# Of the legend, as shares of a view's width and height: between what Slicer writes into the corners.
PLACE, SIZE = (0.02, 0.8), (0.3, 0.18)
FONT_SIZE = 12


def draw(shown: Sequence[tuple[int, str, slicer.vtkMRMLSegmentationNode]]) -> None:
    """Draw segmentations in the colours of their origins, with a legend in the views.

    The colours of their segments stay as they are: they are only overridden on the display.

    Args:
        shown: For each segmentation the number of its origin (0: reference, 1: source model, 2: adapted model), that origin
            in words, and the node.
    """
    _remove_legend()
    for number, _words, node in shown:
        display = node.GetDisplayNode()
        color = _color(number)
        with slicer.util.NodeModify(display):
            if not display.GetAttribute(WIDTH):
                display.SetAttribute(WIDTH, str(display.GetSliceIntersectionThickness()))
            display.SetSliceIntersectionThickness(WIDTHS[number])
            for identifier in segments_of(node).GetSegmentIDs():
                display.SetSegmentOverrideColor(identifier, *color)
    if shown:
        _add_legend(shown)


def erase(node: slicer.vtkMRMLSegmentationNode) -> None:
    """Give a segmentation the colours of its segments and the lines that it had before it was drawn by its origin."""
    display = node.GetDisplayNode()
    width = display.GetAttribute(WIDTH)
    if width is None:
        return
    _remove_legend()
    with slicer.util.NodeModify(display):
        display.RemoveAttribute(WIDTH)
        display.SetSliceIntersectionThickness(int(width))
        for identifier in segments_of(node).GetSegmentIDs():
            display.UnsetSegmentOverrideColor(identifier)


def _add_legend(shown: Sequence[tuple[int, str, slicer.vtkMRMLSegmentationNode]]) -> None:
    """Show what each line is in all views that show the first segmentation, by Slicer's colour legend.

    Slicer's legend begins at the bottom, and takes the colours of the node to whose display it belongs.
    """
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLColorTableNode", _("Outlines"))
    table.SetAttribute(LEGEND, "1")
    table.HideFromEditorsOn()
    table.SetTypeToUser()
    table.SetNumberOfColors(len(shown))
    for place, (number, words, _node) in enumerate(reversed(shown)):
        table.SetColor(place, _line(number).format(origin=words), *_color(number), 1)
    display = shown[0][2].GetDisplayNode()
    display.SetAndObserveColorNodeID(table.GetID())
    legend = slicer.modules.colors.logic().AddDefaultColorLegendDisplayNode(display)
    legend.SetAttribute(LEGEND, "1")
    with slicer.util.NodeModify(legend):
        legend.SetTitleText("")
        legend.SetPosition(*PLACE)
        legend.SetSize(*SIZE)
        text = legend.GetLabelTextProperty()
        text.SetFontFamilyToArial()
        text.SetFontSize(FONT_SIZE)


def _remove_legend() -> None:
    for kind in ("vtkMRMLColorLegendDisplayNode", "vtkMRMLColorTableNode"):
        for node in slicer.util.getNodesByClass(kind):
            if node.GetAttribute(LEGEND):
                slicer.mrmlScene.RemoveNode(node)


def _line(number: int) -> str:
    """What the legend says of an origin."""
    return (_("{origin}: thick"), _("{origin}: thin"), _("{origin}: medium"))[number]


def _color(number: int) -> Any:
    return [part / 255 for part in VIEW_COLORS[number]]
