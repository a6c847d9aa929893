"""The source model tried on a volume, before anything is annotated."""

from __future__ import annotations


def test_one_click_segments_the_shown_volume_with_the_source_model(panel, heads, scene, runtime):
    """No case, no annotation and no job is needed; the result has the model's names, colours and terminology."""
    from TransferSegGui.segmentations import card_styles, segment_styles

    volumes, ui = heads(3), panel.ui
    for segmentation in scene.util.getNodesByClass("vtkMRMLSegmentationNode"):
        scene.mrmlScene.RemoveNode(segmentation)
    scene.util.setSliceViewerLayers(background=volumes[1])
    panel.parameters.tryVolume = None
    panel.refresh()
    assert ui.tryVolumeSelector.currentNode() is volumes[1]
    assert ui.cancelTryButton.isHidden() and ui.tryProgressBar.isHidden() and ui.tryButton.enabled
    ui.tryButton.click()
    assert not ui.cancelTryButton.isHidden() and not ui.tryProgressBar.isHidden() and ui.tryButton.isHidden()
    runtime.wait_until(lambda: not panel.try_section.segmenting.works, 120)
    card = panel.source().card
    [node] = scene.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert node.GetName() == f"Head 2: {card.title}" and node.GetName() in ui.tryStatusLabel.text
    assert node.GetDisplayNode().GetVisibility()
    looks = {name: style.color for name, style in segment_styles(node).items()}
    assert looks == {style.name: style.color for style in card_styles(card, {}).values()}
    assert panel.cases_section.cases() == [] and not panel.parameters.job
    ui.tryButton.click()  # again: it takes the place of the one before
    ui.cancelTryButton.click()
    assert ui.tryStatusLabel.text == "Cancelled." and ui.tryButton.enabled and not ui.tryButton.isHidden()
    runtime.process_events(100)
    assert scene.util.getNodesByClass("vtkMRMLSegmentationNode") == [node]


def test_what_is_tried_ends_with_its_scene(panel, heads, runtime):
    heads(1)
    panel.refresh()
    panel.ui.tryButton.click()
    runtime.wait_until(lambda: panel.try_section.segmenting.command is not None, 30)
    runtime.clear_scene()
    assert not panel.try_section.segmenting.works
    assert panel.ui.tryStatusLabel.text == "Stopped, as the scene was closed."
    assert not panel.ui.tryButton.enabled and panel.ui.tryButton.toolTip == "Choose a volume first"
