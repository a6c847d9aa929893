"""The source model tried on a volume, before anything is annotated."""

from __future__ import annotations

from dataclasses import replace

import pytest


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


def test_a_model_whose_card_names_a_sample_brings_it_into_the_scene_by_a_click(panel, scene, monkeypatch):
    from pathlib import Path

    from TransferSegGui import sample_data

    ui = panel.ui
    sample_data.register(Path("."))
    assert ui.sampleButton.isHidden()  # the tiny model's card names none
    panel.parameters.source = "hippocampus-t1w"
    panel.refresh()
    assert ui.sampleButton.isHidden()
    panel.parameters.source = "head-t1w"
    panel.refresh()
    assert not ui.sampleButton.isHidden()
    [source] = [s for s in scene.modules.sampleDataSources["TransferSeg"] if s.sampleName == "TransferSegHead"]
    monkeypatch.setattr(source, "customDownloader", lambda one: sample_data.load_head(one, (24, 24, 16)))
    ui.sampleButton.click()
    head = scene.util.getNode("Sample head")
    assert ui.tryVolumeSelector.currentNode() is head and ui.tryButton.enabled
    assert (
        not scene.util.getNodesByClass("vtkMRMLSegmentationNode")
        and head.GetAttribute(sample_data.MODALITY_ATTRIBUTE) == "t1w"
    )


def test_the_model_of_the_heart_brings_its_own_stack_with_thick_slices(panel, scene):
    from pathlib import Path

    from TransferSegGui import sample_data

    ui = panel.ui
    sample_data.register(Path("."))
    panel.parameters.source = "heart-cine-mr"
    panel.refresh()
    ui.sampleButton.click()
    heart = scene.util.getNode("Sample heart")
    assert ui.tryVolumeSelector.currentNode() is heart and ui.tryButton.enabled
    assert heart.GetAttribute(sample_data.MODALITY_ATTRIBUTE) == "mr"
    assert heart.GetImageData().GetDimensions() == (256, 256, 8)
    assert heart.GetSpacing() == pytest.approx((1.37, 1.37, 8.0))


def test_a_sample_that_the_sample_data_module_does_not_have_is_not_offered(scene):
    from TransferSegGui.sample_data import is_sample

    assert not is_sample("") and not is_sample("CTOfNobody")


def test_a_model_that_is_run_as_nnunet_says_how_much_there_is_to_do_and_offers_less(panel, heads, monkeypatch, runtime):
    from TransferSegLib.core.inference_settings import AsNnunet

    ui, section = panel.ui, panel.try_section
    heads(1)
    panel.refresh()
    assert ui.tryEffortLabel.isHidden() and ui.tryQuickCheckBox.isHidden()  # the tiny model is none of nnU-Net's
    source = panel.source()
    inference = replace(source.card.inference, as_nnunet=AsNnunet(mirror=("right", "anterior", "superior")))
    preprocessing = replace(source.card.preprocessing, spacing_mm=None)
    card = replace(source.card, inference=inference, preprocessing=preprocessing, patch_size=(16, 16, 16))
    monkeypatch.setattr(panel.source_section, "source", lambda: replace(source, card=card))
    panel.refresh()
    # Two windows along each of the first two axes of 24 × 24 × 16 voxels.
    assert (
        "32 runs of a network over this volume (windows: 4, copies of each: 8, networks: 1)" in ui.tryEffortLabel.text
    )
    cascade = replace(card, first_stage=card)
    monkeypatch.setattr(panel.source_section, "source", lambda: replace(source, card=cascade))
    panel.refresh()
    assert "64 runs of a network over this volume, 32 of them of the first stage." in ui.tryEffortLabel.text
    monkeypatch.setattr(panel.source_section, "source", lambda: replace(source, card=card))
    panel.refresh()
    asked = []
    monkeypatch.setattr(section.segmenting, "volumes", lambda _images, model, _take: asked.append(model))
    ui.tryButton.click()
    assert not ui.tryQuickCheckBox.isHidden()
    ui.tryQuickCheckBox.click()
    runtime.process_events(50)
    assert panel.parameters.tryQuick and ui.tryEffortLabel.isHidden()
    ui.tryButton.click()
    assert "--no-as-nnunet" not in asked[0] and "--no-as-nnunet" in asked[1]


def test_what_was_tried_is_measured_and_goes_to_slicers_dicom_export(
    panel, heads, scene, runtime, monkeypatch, tmp_path
):
    import csv

    volumes, ui = heads(1), panel.ui
    panel.parameters.tryVolume = volumes[0]
    panel.refresh()
    assert ui.tryExportButton.isHidden(), "there is nothing yet"
    ui.tryButton.click()
    runtime.wait_until(lambda: not panel.try_section.segmenting.works, 120)
    assert not ui.tryExportButton.isHidden()
    actions = {action.text: action for action in panel.try_section.menu.actions()}
    actions["Volumes and intensities"].trigger()
    table = scene.util.getNode("Volumes and intensities")
    names = panel.source().card.label_names
    voxels = scene.util.arrayFromTableColumn(table, "Voxels")
    assert len(voxels) == len(names) and voxels.sum() > 0
    said = f"{len(names)} segments of 1 segmentations are in the table “Volumes and intensities”."
    assert ui.tryStatusLabel.text == said
    panel.try_section.exports.save_table(tmp_path / "tried.csv")
    with (tmp_path / "tried.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Segment"] for row in rows] == list(names) and [int(row["Voxels"]) for row in rows] == list(voxels)
    opened = []

    class Dialog:
        def __init__(self, _parent):
            pass

        def setMRMLScene(self, _scene):
            pass

        def execDialog(self, item):
            opened.append(item)

    monkeypatch.setattr(scene, "qSlicerDICOMExportDialog", Dialog, raising=False)
    volumes[0].SetAttribute("DICOM.instanceUIDs", "1.2.1 1.2.2")
    actions["Segmentation as DICOM SEG…"].trigger()
    title = f"{volumes[0].GetName()}: {panel.source().card.title}"
    [node] = [n for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if n.GetName() == title]
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    assert opened == [hierarchy.GetItemByDataNode(node)]
