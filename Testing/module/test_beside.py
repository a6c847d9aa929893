"""A case side by side: each view says what it shows, and what was the person's comes back."""

from __future__ import annotations

import pytest
import vtk


@pytest.fixture
def own(scene):
    return [scene.util.getNode(f"Head {n} labels").GetDisplayNode() for n in (1, 2)]


def show(section, row: int, _runtime) -> None:
    section.show_case(row)


def choose(panel, way: str) -> None:
    """Choose how a case is shown, as a click does."""
    combo = panel.ui.showComboBox
    combo.setCurrentIndex(combo.findText(way))
    combo.activated.emit(combo.currentIndex)


def edges(scene, tag: str) -> list[str]:
    """What is written over the slice view and the 3D view of a column."""
    manager = scene.app.layoutManager()
    widgets = [manager.threeDWidget(number) for number in range(manager.threeDViewCount)]
    views = [manager.sliceWidget(tag).sliceView()]
    views += [each.threeDView() for each in widgets if each.mrmlViewNode().GetSingletonTag() == tag]
    return [view.cornerAnnotation().GetText(vtk.vtkCornerAnnotation.UpperEdge) for view in views]


def test_each_view_says_what_it_shows_where_slicer_writes_nothing(results, scene, runtime):
    from TransferSegGui.showing import VIEWS

    show(results, 0, runtime)
    words = ["reference", "source model", "adapted model: none"]
    assert [edges(scene, tag) for tag in VIEWS] == [[text, text] for text in words]
    annotation = scene.app.layoutManager().sliceWidget(VIEWS[0]).sliceView().cornerAnnotation()
    assert [annotation.GetText(corner) for corner in range(4)] == [None] * 4
    nodes = [scene.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode") for tag in VIEWS]
    assert [node.GetLayoutLabel() for node in nodes] == ["reference", "source model", "adapted model"]
    assert len({node.GetLayoutColor() for node in nodes}) == 3
    shown = scene.util.getNode("Head 1: source model").GetDisplayNode()
    assert [shown.IsDisplayableInView(node.GetID()) for node in nodes] == [False, True, False]


def test_without_side_by_side_the_layout_before_is_back(results, panel, scene, runtime):
    manager = scene.app.layoutManager()
    manager.setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    show(results, 0, runtime)
    assert manager.layout != scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    show(results, 1, runtime)
    choose(panel, "outlines")
    assert manager.layout == scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView


def test_the_person_s_own_segmentations_are_hidden_only_meanwhile(results, own, panel, scene, runtime):
    own[1].SetVisibility(False)  # by the person
    show(results, 0, runtime)
    show(results, 1, runtime)
    assert [display.GetVisibility() for display in own] == [0, 0]
    scene.app.layoutManager().setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    assert [display.GetVisibility() for display in own] == [0, 0]  # the case is shown all the same
    panel.exit()
    assert [display.GetVisibility() for display in own] == [1, 0]


def test_a_layout_that_nobody_described_is_the_conventional_one(scene):
    manager = scene.app.layoutManager()
    manager.setLayout(99999)
    assert manager.layout == scene.vtkMRMLLayoutNode.SlicerLayoutConventionalView


def looks(scene) -> dict[str, tuple]:
    """The colour of each shown result's segments, and the width of its lines."""
    found = {}
    for node in scene.util.getNodesByClass("vtkMRMLSegmentationNode"):
        display = node.GetDisplayNode()
        if display.GetVisibility():
            names = node.GetSegmentation().GetSegmentIDs()
            colors = {tuple(round(part, 3) for part in display.GetSegmentColor(name)) for name in names}
            found[node.GetName()] = (colors, display.GetSliceIntersectionThickness())
    return found


def legend(scene) -> list[str]:
    """The lines of the legend in the views, from the top."""
    shown = scene.util.getNodesByClass("vtkMRMLColorLegendDisplayNode")
    tables = [node.GetPrimaryDisplayNode().GetColorNode() for node in shown if node.GetVisibility()]
    return [table.GetColorName(n) for table in tables for n in reversed(range(table.GetNumberOfColors()))]


def test_outlines_have_a_colour_a_width_and_a_line_of_the_legend_each_by_their_origin(results, panel, scene):
    show(results, 0, None)
    before = looks(scene)
    assert legend(scene) == [] and {width for _colors, width in before.values()} == {1}
    assert all(len(colors) > 1 for colors, _width in before.values())
    choose(panel, "outlines")
    assert panel.parameters.sideBySide is False
    drawn = looks(scene)
    assert set(drawn) == {"Head 1: reference", "Head 1: source model"}
    assert {len(colors) for colors, _width in drawn.values()} == {1}
    assert len({next(iter(colors)) for colors, _width in drawn.values()}) == 2
    assert [drawn[f"Head 1: {what}"][1] for what in ("reference", "source model")] == [5, 1]
    assert legend(scene) == ["reference: thick", "source model: thin"]
    show(results, 1, None)  # another case: what is hidden looks as before, and there is one legend
    assert set(looks(scene)) == {"Head 2: reference", "Head 2: source model"} and len(legend(scene)) == 2
    assert scene.util.getNode("Head 1: reference").GetDisplayNode().GetSliceIntersectionThickness() == 1
    choose(panel, "side by side")
    show(results, 0, None)
    assert looks(scene) == before and legend(scene) == []


def test_outlines_go_when_the_person_leaves_and_come_back_with_them(results, panel, scene):
    manager = scene.app.layoutManager()
    manager.setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    choose(panel, "outlines")
    show(results, 0, None)
    drawn = looks(scene)
    panel.parent.exit()
    assert set(looks(scene)) <= {"Head 1 labels"} and legend(scene) == []
    assert not [n for n in scene.util.getNodesByClass("vtkMRMLColorTableNode") if n.GetName() == "Outlines"]
    panel.parent.enter()
    assert looks(scene) == drawn and legend(scene) == ["reference: thick", "source model: thin"]
    assert panel.ui.showComboBox.currentText == "outlines"
    assert manager.layout == scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView


def test_another_layout_shows_what_was_side_by_side_as_outlines(results, scene):
    show(results, 0, None)
    scene.app.layoutManager().setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    assert legend(scene) == ["reference: thick", "source model: thin"]
    assert looks(scene)["Head 1: reference"][1] == 5


def test_the_legend_is_drawn_in_a_slice_view(results, panel, scene, tmp_path):
    import numpy as np
    from PIL import Image
    from SlicerRuntime import pictures

    choose(panel, "outlines")
    show(results, 0, None)
    pixels = []
    for name, shows in (("without", lambda: None), ("with", lambda: show(results, 0, None))):
        pictures.slice_view(tmp_path / f"{name}.png", "Red", (300, 300), once=shows)
        pixels.append(np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")).astype(int))
    assert (
        np.abs(pixels[0] - pixels[1]).max(-1) > 40
    ).sum() > 300  # a legend is drawn only in views that were there before
