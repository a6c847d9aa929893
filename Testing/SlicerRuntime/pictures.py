"""Pictures of what a person sees: slice and 3D views drawn by Slicer's own displayable managers, charts, and widgets.

Everything is drawn off screen into PNG files, so that pictures can be looked at and go into the documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets
from vtkmodules import vtkRenderingContextOpenGL2  # noqa: F401  charts need it

from SlicerRuntime.views import View

_SLICE_MANAGERS = ("vtkMRMLSegmentationsDisplayableManager2D", "vtkMRMLColorLegendDisplayableManager")
_THREE_D_MANAGERS = ("vtkMRMLSegmentationsDisplayableManager3D",)


def slice_view(
    path: Path,
    name: str = "Red",
    size: tuple[int, int] = (400, 400),
    offset_mm: float | None = None,
    once: Callable[[], object] = lambda: None,
) -> None:
    """What the slice view of this name shows, fitted to its background volume; at an offset, else in the middle.

    `once` is called when the view is there: Slicer draws a colour legend only in views that were there before it.
    """
    widget = slicer.app.layoutManager().sliceWidget(name)
    logic = widget.sliceLogic()
    node = logic.GetSliceNode()
    logic.ResizeSliceNode(*size)
    logic.FitSliceToBackground()
    if offset_mm is not None:
        logic.SetSliceOffset(offset_mm)
    window = _window(size)
    image, overlay = vtk.vtkRenderer(), vtk.vtkRenderer()
    window.SetNumberOfLayers(2)
    for layer, renderer in enumerate((image, overlay)):
        renderer.SetLayer(layer)
        renderer.GetActiveCamera().ParallelProjectionOn()
        window.AddRenderer(renderer)
    mapper = vtk.vtkImageMapper()
    mapper.SetColorWindow(255)
    mapper.SetColorLevel(127.5)
    if logic.GetImageDataConnection() is not None:
        mapper.SetInputConnection(logic.GetImageDataConnection())
        actor = vtk.vtkActor2D()
        actor.SetMapper(mapper)
        image.AddViewProp(actor)
    group = _managers(slicer.vtkMRMLSliceViewDisplayableManagerFactory, _SLICE_MANAGERS, overlay, node)
    once()
    _write(window, path, overlay, widget.sliceView())
    del group


def three_d_view(
    path: Path, size: tuple[int, int] = (400, 400), azimuth: float = 0, elevation: float = 0, node: Any = None
) -> None:
    """What a 3D view (the first, or that of a view node) shows, from the front as in Slicer, turned by so many degrees."""
    manager = slicer.app.layoutManager()
    widgets = [manager.threeDWidget(index) for index in range(manager.threeDViewCount)]
    widget = widgets[0] if node is None else next(each for each in widgets if each.mrmlViewNode() is node)
    node = widget.mrmlViewNode()
    window = _window(size)
    renderer = vtk.vtkRenderer()
    renderer.GradientBackgroundOn()
    renderer.SetBackground(node.GetBackgroundColor())
    renderer.SetBackground2(node.GetBackgroundColor2())
    window.AddRenderer(renderer)
    group = _managers(slicer.vtkMRMLThreeDViewDisplayableManagerFactory, _THREE_D_MANAGERS, renderer, node)
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(0, 0, 0)
    camera.SetPosition(0, 500, 0)
    camera.SetViewUp(0, 0, 1)
    camera.Azimuth(azimuth)
    camera.Elevation(elevation)
    renderer.ResetCamera()
    _write(window, path, renderer, widget.threeDView())
    del group


def chart(path: Path, node: Any, size: tuple[int, int] = (500, 350)) -> None:
    """The lines and bars of a plot chart node, with its title, axis titles, ranges and legend, as qMRMLPlotView has them."""
    view = vtk.vtkContextView()
    window = view.GetRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetSize(*size)
    view.GetRenderer().SetBackground(1, 1, 1)
    drawn = vtk.vtkChartXY()
    view.GetScene().AddItem(drawn)
    drawn.SetShowLegend(node.GetLegendVisibility())
    drawn.SetTitle((node.GetTitle() or "") if node.GetTitleVisibility() else "")
    drawn.GetTitleProperties().SetFontSize(node.GetTitleFontSize())
    for place, way in ((vtk.vtkAxis.BOTTOM, "X"), (vtk.vtkAxis.LEFT, "Y")):
        axis = drawn.GetAxis(place)
        title = getattr(node, f"Get{way}AxisTitle")() if getattr(node, f"Get{way}AxisTitleVisibility")() else ""
        axis.SetTitle(title or "")
        axis.GetTitleProperties().SetFontSize(node.GetAxisTitleFontSize())
        axis.GetLabelProperties().SetFontSize(node.GetAxisLabelFontSize())
        if not getattr(node, f"Get{way}AxisRangeAuto")():
            axis.SetBehavior(vtk.vtkAxis.FIXED)
            axis.SetUnscaledRange(getattr(node, f"Get{way}AxisRange")())
    for index in range(node.GetNumberOfPlotSeriesNodes()):
        series = node.GetNthPlotSeriesNode(index)
        table = series.GetTableNode().GetTable() if series and series.GetTableNode() else None
        if table is None or table.GetNumberOfRows() == 0:
            continue
        bars = series.GetPlotType() == slicer.vtkMRMLPlotSeriesNode.PlotTypeBar
        plot = drawn.AddPlot(vtk.vtkChart.BAR if bars else vtk.vtkChart.LINE)
        plot.SetInputData(table, series.GetXColumnName() or series.GetYColumnName(), series.GetYColumnName())
        plot.SetLabel(series.GetName())
        plot.SetColorF(*series.GetColor())
    _write(window, path)


def module_panel(shown: QtWidgets.QWidget, width: int = 460, height: int = 700) -> QtWidgets.QScrollArea:
    """Show a module's widget as Slicer's module panel does: as wide as the panel, and scrolled where it is higher."""
    panel = QtWidgets.QScrollArea()
    panel.setWidgetResizable(True)
    panel.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    panel.setWidget(shown)
    panel.resize(width, height)
    panel.show()
    slicer.app.processEvents()
    return panel


def widget(path: Path, shown: QtWidgets.QWidget, scale: float = 1) -> QtGui.QImage:
    """A widget as it is, drawn for a screen with `scale` pixels to Qt's one."""
    size = shown.size
    image = QtGui.QImage(size * scale, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(shown.palette.color(QtGui.QPalette.ColorRole.Window))
    shown.render(image, QtCore.QPoint())
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(str(path))
    return image


def use_theme(dark: bool) -> None:
    """Qt's Fusion style in light or dark colours, as in Slicer's two styles."""
    role, group = QtGui.QPalette.ColorRole, QtGui.QPalette.ColorGroup
    window, base, text, button, faint = (
        ("#323232", "#1e1e1e", "#f0f0f0", "#3f3f3f", "#8a8a8a")
        if dark
        else ("#efefef", "#ffffff", "#000000", "#efefef", "#8c8c8c")
    )
    palette = QtGui.QPalette(QtGui.QColor(button), QtGui.QColor(window))
    for roles, colour in (
        ((role.Window, role.AlternateBase, role.ToolTipBase), window),
        ((role.Base,), base),
        ((role.Text, role.WindowText, role.ButtonText, role.ToolTipText), text),
        ((role.Button,), button),
        ((role.Link,), "#6db3f2" if dark else "#0057ae"),
        ((role.Highlight,), "#2a82da" if dark else "#308cc6"),
        ((role.PlaceholderText,), faint),
    ):
        for each in roles:
            palette.setColor(each, QtGui.QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(group.Disabled, each, QtGui.QColor(faint))
    slicer.app.setStyle("Fusion")
    slicer.app.setPalette(palette)
    slicer.app.processEvents()


def _window(size: tuple[int, int]) -> Any:
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    window.SetSize(*size)
    return window


def _managers(factory: Any, names: tuple[str, ...], renderer: Any, node: Any) -> Any:
    """Slicer's displayable managers, at work in this renderer for the view of this node."""
    factory = factory.GetInstance()
    factory.SetMRMLApplicationLogic(slicer.app.applicationLogic())
    for name in names:
        if not factory.IsDisplayableManagerRegistered(name):
            factory.RegisterDisplayableManager(name)
    interactor = vtk.vtkRenderWindowInteractor()
    interactor.SetRenderWindow(renderer.GetRenderWindow())
    group = factory.InstantiateDisplayableManagers(renderer)
    group.SetMRMLDisplayableNode(node)
    return group


def _write(window: Any, path: Path, renderer: Any = None, view: View | None = None) -> None:
    """Draw a window into a file, with what stands at the edges of the view."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if view is not None:
        renderer.AddViewProp(view.cornerAnnotation())
    window.Render()
    grabbed = vtk.vtkWindowToImageFilter()
    grabbed.SetInput(window)
    grabbed.ReadFrontBufferOff()
    writer = vtk.vtkPNGWriter()
    writer.SetFileName(str(path))
    writer.SetInputConnection(grabbed.GetOutputPort())
    writer.Write()
    if view is not None:
        renderer.RemoveViewProp(view.cornerAnnotation())
