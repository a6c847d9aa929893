"""A case side by side: each view says what it shows, and what was the person's comes back."""

from __future__ import annotations

import pytest
import vtk


@pytest.fixture
def own(scene):
    return [scene.util.getNode(f"Head {n} labels").GetDisplayNode() for n in (1, 2)]


def show(section, row: int, _runtime) -> None:
    section.show_case(row)


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
    panel.ui.sideBySideCheckBox.click()
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
