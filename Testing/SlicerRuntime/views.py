"""`slicer.app.layoutManager()`: Slicer's slice logics and a 3D view's node, without a window on a screen."""

from __future__ import annotations

from typing import Any

import slicer
import slicer.util
import vtk


class View:
    """What a view has beside its node: words at its edges, drawn into pictures, too (CTK's `ctkVTKAbstractView`)."""

    def __init__(self) -> None:
        self._corners = vtk.vtkCornerAnnotation()
        self._corners.SetMaximumLineHeight(0.07)
        self._corners.GetTextProperty().ShadowOn()

    def cornerAnnotation(self) -> vtk.vtkCornerAnnotation:
        return self._corners

    def scheduleRender(self) -> None:
        """Views are drawn only for pictures."""

    def forceRender(self) -> None:
        """Views are drawn only for pictures."""


class SliceWidget:
    """One slice view: its logic, with the slice node and the node that says what is shown in it."""

    def __init__(self, logic: Any):
        self._logic = logic
        self._view = View()

    def sliceView(self) -> View:
        return self._view

    def sliceLogic(self) -> Any:
        return self._logic

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._logic.GetSliceCompositeNode()

    def fitSliceToBackground(self) -> None:
        self._logic.FitSliceToBackground()


class ThreeDView(View):
    def __init__(self, node: Any):
        super().__init__()
        self._node = node
        self.focused = 0

    def mrmlViewNode(self) -> Any:
        return self._node

    def resetFocalPoint(self) -> None:
        self.focused += 1

    def resetCamera(self, *_: Any) -> None:
        self.focused += 1


class ThreeDWidget:
    def __init__(self, node: Any):
        self._view = ThreeDView(node)

    def threeDView(self) -> ThreeDView:
        return self._view

    def mrmlViewNode(self) -> Any:
        return self._view.mrmlViewNode()


class LayoutManager:
    """Red, yellow and green slice views, a 3D view, and those that a layout of one's own brings."""

    tableViewCount = 0
    plotViewCount = 0

    def __init__(self, application_logic: Any, scene: Any):
        self._application_logic = application_logic
        self._scene = scene
        self._logics = vtk.vtkCollection()
        application_logic.SetSliceLogics(self._logics)
        self._slices: dict[str, SliceWidget] = {}
        self._three_d: list[ThreeDWidget] = []
        self._observers = [
            scene.AddObserver(slicer.vtkMRMLScene.EndCloseEvent, lambda *_: self._make()),
            scene.AddObserver(slicer.vtkMRMLScene.EndImportEvent, lambda *_: self._make()),
        ]
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene)
        self._layout_logic = slicer.vtkMRMLLayoutLogic()
        self._layout_logic.SetMRMLScene(scene)
        layout_node = self._layout_logic.GetLayoutNode()
        layout_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._map())
        self._make()
        self.layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView

    def _map(self) -> None:
        """Tell each view whether the layout has it; only then something is drawn in it."""
        views = self._layout_logic.GetViewNodes()
        shown = [views.GetItemAsObject(index) for index in range(views.GetNumberOfItems())]
        for node in slicer.util.getNodesByClass("vtkMRMLAbstractViewNode"):
            node.SetMappedInLayout(node in shown)

    def _make(self) -> None:
        scene = self._scene
        self._make_slices()
        self._view_node = scene.GetSingletonNode("1", "vtkMRMLViewNode")
        if self._view_node is None:
            self._view_node = scene.CreateNodeByClass("vtkMRMLViewNode")
            self._view_node.UnRegister(None)
            self._view_node.SetSingletonTag("1")
            self._view_node.SetLayoutName("1")
            self._view_node.SetName("View1")
            self._view_node = scene.AddNode(self._view_node)
        self._make_three_d()

    def _make_three_d(self) -> None:
        """A widget for each 3D view that the layouts so far have brought; one that is there stays."""
        before = {widget.mrmlViewNode(): widget for widget in self._three_d}
        nodes = slicer.util.getNodesByClass("vtkMRMLViewNode", self._scene)
        self._three_d = [before.get(node) or ThreeDWidget(node) for node in nodes]

    def _make_slices(self) -> None:
        """A slice logic for each slice view that the layouts so far have brought, as a slice widget makes one."""
        for node in slicer.util.getNodesByClass("vtkMRMLSliceNode", self._scene):
            name = node.GetLayoutName()
            if name not in self._slices:
                logic = slicer.vtkMRMLSliceLogic()
                logic.SetMRMLApplicationLogic(self._application_logic)
                logic.SetMRMLScene(self._scene)
                logic.SetSliceNode(node)
                self._logics.AddItem(logic)
                self._slices[name] = SliceWidget(logic)

    @property
    def layout(self) -> int:
        return self._layout_logic.GetLayoutNode().GetViewArrangement()

    @layout.setter
    def layout(self, number: int) -> None:
        self.setLayout(number)

    def setLayout(self, number: int) -> None:
        """A layout that nobody has described is Slicer's conventional one."""
        node = self._layout_logic.GetLayoutNode()
        if number == self.layout:
            return
        known = node.IsLayoutDescription(number)
        node.RemoveAllMaximizedViewNodes()
        node.SetViewArrangement(number if known else node.SlicerLayoutConventionalView)
        self._make_slices()
        self._make_three_d()

    def layoutLogic(self) -> Any:
        return self._layout_logic

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(self._slices)

    def sliceWidget(self, name: str) -> SliceWidget | None:
        return self._slices.get(name)

    def mrmlSliceLogics(self) -> Any:
        return self._logics

    @property
    def threeDViewCount(self) -> int:
        return len(self._three_d)

    def threeDWidget(self, index: int) -> ThreeDWidget | None:
        return self._three_d[index] if 0 <= index < len(self._three_d) else None

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        for widget in self._three_d:
            widget.threeDView().resetFocalPoint()
