"""Under the titles of a case that is shown lies that case alone, also after the person was in another module."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def results(results, scene):
    """The results, of heads whose segmentations the person shows, all of them, in Slicer's usual views."""
    scene.app.layoutManager().setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    for name in ("Head 1 labels", "Head 2 labels"):
        scene.util.getNode(name).GetDisplayNode().SetVisibility(True)
    return results


@pytest.fixture
def seen(scene):
    """seen(): the segmentations that each view of the comparison shows, with its title, and what all other views show."""
    from TransferSegGui.showing import EDGE, VIEWS

    def look() -> tuple[list[tuple[str, list[str]]], list[str]]:
        tags = [tag for tag in VIEWS if scene.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode")]  # once it was used
        nodes = [n for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if n.GetDisplayNode().GetVisibility()]
        columns = []
        for tag in tags:
            view = scene.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode").GetID()
            title = scene.app.layoutManager().sliceWidget(tag).sliceView().cornerAnnotation().GetText(EDGE)
            columns.append((title, [n.GetName() for n in nodes if n.GetDisplayNode().IsDisplayableInView(view)]))
        red = "vtkMRMLSliceNodeRed"
        return columns, sorted(n.GetName() for n in nodes if n.GetDisplayNode().IsDisplayableInView(red))

    return look


def composite(scene, name: str = "Red"):
    return scene.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode()


SECOND = ([("reference", ["Head 2: reference"]), ("source model", ["Head 2: source model"]),
           ("adapted model: none", [])], [])  # fmt: skip


def test_back_from_another_module_the_comparison_is_as_it_was_left(results, panel, scene, seen):
    """Segmentations of earlier images lie over the next: computational-cell-analytics/micro-sam#444."""
    manager, one, two = scene.app.layoutManager(), scene.util.getNode("Head 1"), scene.util.getNode("Head 2")
    scene.util.setSliceViewerLayers(background=one, foreground=two, foregroundOpacity=0.3, fit=True)
    red = manager.sliceWidget("Red").mrmlSliceNode()
    red.SetFieldOfView(50, 40, 1)
    red.SetSliceOffset(7.5)
    before = (manager.layout, seen()[1], red.GetFieldOfView(), red.GetSliceOffset())
    assert before[1] == ["Head 1 labels", "Head 2 labels"]
    results.show_case(1)
    assert seen() == SECOND and manager.layout != before[0]
    for _ in range(2):
        panel.parent.exit()
        assert (manager.layout, seen()[1], red.GetFieldOfView(), red.GetSliceOffset()) == before
        assert composite(scene).GetBackgroundVolumeID() == one.GetID()
        assert composite(scene).GetForegroundVolumeID() == two.GetID()
        assert [title for title, _nodes in seen()[0]] == [""] * 3
        panel.parent.enter()
        assert seen() == SECOND
        assert composite(scene, "TransferSeg1").GetBackgroundVolumeID() == two.GetID()


@pytest.mark.parametrize("what", ["image", "layout"])
def test_what_the_person_shows_meanwhile_is_not_taken_away_when_they_come_back(results, panel, scene, seen, what):
    """The views are the person's, whatever module they come from: Slicer/SlicerGitSVNArchive#105."""
    results.show_case(1)
    panel.parent.exit()
    if what == "image":
        scene.util.setSliceViewerLayers(background=scene.util.getNode("Head 3"))
    else:
        scene.app.layoutManager().setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    layout = scene.app.layoutManager().layout
    panel.parent.enter()
    assert scene.app.layoutManager().layout == layout and seen()[1] == ["Head 1 labels", "Head 2 labels"]


def test_what_is_in_no_list_and_what_comes_later_lies_under_no_title(results, panel, scene, seen, runtime):
    """Another patient's labels need not be in the list to be seen: Slicer/Slicer#7711, QIICR/QuantitativeReporting#271."""
    stranger = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "stranger")
    stranger.CreateDefaultDisplayNodes()
    results.show_case(1)
    assert seen() == SECOND
    loaded = scene.util.addVolumeFromArray(np.zeros((4, 4, 4)), name="loaded")
    scene.app.applicationLogic().GetSelectionNode().SetActiveVolumeID(loaded.GetID())
    scene.app.applicationLogic().PropagateVolumeSelection()
    newcomer = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "newcomer")
    newcomer.CreateDefaultDisplayNodes()
    runtime.process_events(100)
    assert seen() == SECOND
    assert composite(scene).GetBackgroundVolumeID() == loaded.GetID()
    assert composite(scene, "TransferSeg1").GetBackgroundVolumeID() == scene.util.getNode("Head 2").GetID()
    panel.parent.exit()
    assert seen()[1] == ["Head 1 labels", "Head 2 labels", "newcomer", "stranger"]
    assert composite(scene).GetBackgroundVolumeID() == loaded.GetID()


def test_a_result_that_is_shown_alone_stays_when_the_person_goes_to_correct_it(results, panel, scene, seen):
    """And labels do not lie over an image that is not theirs: faustomilletari/TOMAAT-Slicer#7."""
    results.load_segmentations()
    assert seen()[1] == ["Head 1: source model"]
    panel.parent.exit()
    assert seen()[1] == ["Head 1 labels", "Head 1: source model"]
    assert composite(scene).GetBackgroundVolumeID() == scene.util.getNode("Head 1").GetID()
    scene.util.getNode("Head 1: source model").GetDisplayNode().SetVisibility(False)
    panel.parent.enter()
    panel.parent.exit()
    assert seen()[1] == ["Head 1 labels", "Head 2 labels"]


def test_a_scene_that_closes_takes_the_comparison_s_layout_and_titles_with_it(results, panel, scene, seen):
    """The next scene is another patient's: QIICR/QuantitativeReporting#187."""
    results.show_case(1)
    scene.mrmlScene.Clear(0)
    assert not any(title for title, _nodes in seen()[0])
    from TransferSegGui.showing import is_side_by_side

    assert not is_side_by_side()


def test_a_scene_that_was_saved_with_a_comparison_has_its_titles_again(results, panel, scene, seen, runtime, tmp_path):
    """Titles are no part of a scene, and are written again: Slicer/SlicerGitSVNArchive#244."""
    results.show_case(1)
    found = results.results
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    runtime.clear_scene()
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(100)
    results.results = found
    results._fill_cases(found)
    panel.parent.exit()
    assert seen()[1] == ["Head 1 labels", "Head 2 labels"]
