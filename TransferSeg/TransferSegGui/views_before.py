"""What the person had in the views before a job's results were shown there: kept with the scene, and put back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import numpy as np
import slicer

from TransferSegGui.targets import RESULT

# On the display of a segmentation: it was hidden by us.
HIDDEN = "TransferSeg.Hidden"
# On the composite node of a slice view: what lay there, and the image that was put in its place, as node references;
# and where the view was.
UNDER, OVER, LABELS, SHOWN = (f"TransferSeg.{role}" for role in ("Background", "Foreground", "Label", "Shown"))
PLACE = "TransferSeg.Place"


def hide_others(shown: Collection[slicer.vtkMRMLSegmentationNode]) -> None:
    """Hide the person's own segmentations, of whatever patient, but for those that are to be shown."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        display = node.GetDisplayNode()
        if node not in shown and not node.GetAttribute(RESULT) and display and display.GetVisibility():
            display.SetAttribute(HIDDEN, "1")
            display.SetVisibility(False)


def put_image(image: slicer.vtkMRMLVolumeNode, but: Collection[str]) -> None:
    """Show an image, and nothing over it, in all slice views.

    Args:
        image: The image.
        but: The names of the slice views that showed nothing of the person's.
    """
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
        if composite.GetLayoutName() in but:
            continue
        if not _is_as_put(composite):
            _keep(composite)
        composite.SetNodeReferenceID(SHOWN, image.GetID())
    slicer.util.setSliceViewerLayers(background=image, foreground=None, label=None, fit=True)


def put_back(everything: bool, images: Mapping[slicer.vtkMRMLNode, slicer.vtkMRMLNode]) -> None:
    """Put back what was hidden, and what lay in the slice views. A view that the person changed meanwhile stays as it is.

    Args:
        everything: Whether images come back as well. Else the image that is shown stays, and what does not lie on it stays
            hidden: it may be of another patient.
        images: The image of each segmentation, where it is known; else it is the one on which the segmentation was drawn.
    """
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
        under, shown = composite.GetNodeReference(UNDER), composite.GetNodeReference(SHOWN)
        as_put = _is_as_put(composite)
        if as_put and under is not None and (everything or under is shown):
            for role, put in (
                (UNDER, composite.SetBackgroundVolumeID),
                (OVER, composite.SetForegroundVolumeID),
                (LABELS, composite.SetLabelVolumeID),
            ):
                node = composite.GetNodeReference(role)
                put(node and node.GetID())
            if everything:
                _go_to(composite, composite.GetAttribute(PLACE))
        if everything or not as_put or under is shown:
            _forget(composite)
    seen = {c.GetBackgroundVolumeID() for c in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")}
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        display = node.GetDisplayNode()
        if display and display.GetAttribute(HIDDEN):
            image = images.get(node) or node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
            if everything or (image is not None and image.GetID() in seen):
                display.RemoveAttribute(HIDDEN)
                display.SetVisibility(True)


def _is_as_put(composite: slicer.vtkMRMLSliceCompositeNode) -> bool:
    shown = composite.GetNodeReference(SHOWN)
    bare = not composite.GetForegroundVolumeID() and not composite.GetLabelVolumeID()
    return bare and shown is not None and composite.GetBackgroundVolumeID() == shown.GetID()


def _keep(composite: slicer.vtkMRMLSliceCompositeNode) -> None:
    composite.SetNodeReferenceID(UNDER, composite.GetBackgroundVolumeID())
    composite.SetNodeReferenceID(OVER, composite.GetForegroundVolumeID())
    composite.SetNodeReferenceID(LABELS, composite.GetLabelVolumeID())
    view = _view(composite)
    if view is not None:
        matrix = slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS()).tolist()
        composite.SetAttribute(PLACE, json.dumps([matrix, view.GetFieldOfView(), view.GetXYZOrigin()]))


def _go_to(composite: slicer.vtkMRMLSliceCompositeNode, place: str | None) -> None:
    """Move a slice view to where it was, with the zoom that it had."""
    view = _view(composite)
    if view is None or not place:
        return
    matrix, field_of_view, origin = json.loads(place)
    with slicer.util.NodeModify(view):
        view.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(np.array(matrix)))
        view.SetFieldOfView(*field_of_view)
        view.SetXYZOrigin(*origin)
        view.UpdateMatrices()


def _forget(composite: slicer.vtkMRMLSliceCompositeNode) -> None:
    for role in (UNDER, OVER, LABELS, SHOWN):
        composite.SetNodeReferenceID(role, None)
    composite.RemoveAttribute(PLACE)


def _view(composite: slicer.vtkMRMLSliceCompositeNode) -> slicer.vtkMRMLSliceNode | None:
    return slicer.mrmlScene.GetSingletonNode(composite.GetLayoutName(), "vtkMRMLSliceNode")
