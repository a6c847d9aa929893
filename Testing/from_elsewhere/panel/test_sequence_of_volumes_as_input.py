"""A sequence of volumes (a cardiac CT in ten phases): only the image that was shown became a case, and it changed as the
person scrolled on. The frames are offered, as lassoan/SlicerTotalSegmentator#53 and #56 asked for."""

from __future__ import annotations

import pytest


@pytest.fixture
def cine(panel, scene):
    """A sequence of three volumes, whose voxels are 10, 20 and 30, the second one shown: its stand-in and show(number)."""
    import vtk

    sequence = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "cine")
    for number in range(3):
        image = vtk.vtkImageData()
        image.SetDimensions(4, 5, 6)
        image.AllocateScalars(vtk.VTK_SHORT, 1)
        image.GetPointData().GetScalars().Fill(10 * (number + 1))
        frame = scene.vtkMRMLScalarVolumeNode()
        frame.SetSpacing(1, 2, 3)
        frame.SetAndObserveImageData(image)
        sequence.SetDataNodeAtValue(frame, str(number))
    browser = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    logic = scene.vtkSlicerSequencesLogic()
    logic.SetMRMLScene(scene.mrmlScene)

    def show(number: int):
        browser.SetSelectedItemNumber(number)
        logic.UpdateProxyNodesFromSequences(browser)
        return browser.GetProxyNode(sequence)

    return show(1), show


def added(panel) -> dict[str, int]:
    import slicer

    cases = panel.cases_section.cases()
    return {case.name: int(slicer.util.arrayFromVolume(case.images[0]).max()) for case in cases}


def test_every_frame_becomes_a_case_of_its_own_and_what_was_drawn_belongs_to_the_shown_one(
    panel, scene, cine, monkeypatch, runtime
):
    stand_in, show = cine
    drawn = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "valve")
    drawn.SetReferenceImageGeometryParameterFromVolumeNode(stand_in)
    asked = []
    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda question: asked.append(question) or True)
    panel.ui.addFromSceneButton.click()
    assert added(panel) == {"cine 1": 10, "cine 2": 20, "cine 3": 30}
    assert "a sequence of 3 images, of which number 2 is shown" in asked[0]
    cases = panel.cases_section.cases()
    assert [case.segmentation for case in cases] == [None, drawn, None]
    assert cases[0].images[0].GetSpacing() == (1, 2, 3)
    show(2)
    panel.ui.addFromSceneButton.click()
    assert len(asked) == 1 and added(panel) == {"cine 1": 10, "cine 2": 20, "cine 3": 30}


def test_the_shown_frame_alone_stays_what_it_was_when_the_person_scrolls_on(panel, scene, cine, monkeypatch):
    _stand_in, show = cine
    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda _question: False)
    panel.ui.addFromSceneButton.click()
    show(0)
    assert added(panel) == {"cine 2": 20}
    panel.ui.addFromSceneButton.click()  # another one is shown now, and can be added, too
    assert added(panel) == {"cine 2": 20, "cine 1": 10}


def test_a_volume_of_its_own_is_taken_as_it_is(panel, scene, volume):
    from TransferSegGui.sequences import as_shown, sequence_of

    alone = volume(name="alone")
    assert sequence_of(alone) is None and as_shown(alone).name == "alone"


def test_the_result_of_a_frame_is_named_after_it(cine):
    from TransferSegGui.sequences import as_shown

    stand_in, show = cine
    assert as_shown(stand_in).name == "cine 2"
    show(2)
    assert as_shown(stand_in).name == "cine 3"
