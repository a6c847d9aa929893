"""The adapted model on other volumes of the scene."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.sources.catalogue import find_source


@pytest.fixture
def adapted(panel, heads):
    """The panel with the results of a job whose model is the tiny one, and three volumes."""
    volumes = heads(3)
    source = find_source("tiny")
    section = panel.results_section
    section.results = SimpleNamespace(
        card=source.card,
        identity="tiny",
        kept="open",
        job=SimpleNamespace(path=source.folder, report=source.folder),
        comparison=None,
    )
    panel.refresh()
    yield panel, volumes
    section.results = None


def items(widget) -> dict:
    return {widget.item(n).text(): widget.item(n) for n in range(widget.count)}


def test_several_volumes_are_ticked_and_segmented_at_once(adapted, scene, runtime):
    import qt
    from TransferSegGui.segmentations import segment_styles

    panel, volumes = adapted
    ui = panel.ui
    assert not ui.applyVolumesList.isVisibleTo(ui.applyContents)
    assert "Several volumes" in ui.applyVolumeSelector.toolTip
    ui.applySeveralCheckBox.click()
    runtime.process_events(50)
    assert ui.applyVolumesList.isVisibleTo(ui.applyContents) and not ui.applyVolumeSelector.enabled
    assert list(items(ui.applyVolumesList)) == [volume.GetName() for volume in volumes]
    assert not ui.applyButton.enabled
    for name in ("Head 1", "Head 3"):
        items(ui.applyVolumesList)[name].setCheckState(qt.Qt.Checked)
        runtime.process_events(50)
    assert ui.applyButton.enabled and "Head 1, Head 3" in ui.applyButton.toolTip
    ui.applyButton.click()
    assert not ui.applyButton.enabled and ui.applyStatusLabel.text == "Preparing the images…"
    runtime.wait_until(lambda: panel.apply_section.segmenting.command is not None, 30)
    assert not ui.applyButton.enabled and ui.applyStatusLabel.text != "Preparing the images…"
    section = panel.apply_section
    runtime.wait_until(lambda: section.segmenting.command is None, 90)
    assert section.segmenting.exchange.under_way and not ui.applyButton.enabled
    runtime.wait_until(lambda: not section.segmenting.exchange.under_way, 30)
    assert ui.applyButton.enabled
    assert ui.applyStatusLabel.text == "Segmented: Head 1: adapted model, Head 3: adapted model"
    for name in ("Head 1", "Head 3"):
        node = scene.util.getNode(f"{name}: adapted model")
        role = scene.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
        assert node.GetNodeReference(role) is scene.util.getNode(name)
        # Surfaces are made of what is shown.
        assert node.GetSegmentation().ContainsRepresentation("Closed surface") == (name == "Head 1")
        assert [segment_style.name for segment_style in segment_styles(node).values()] == ["air", "soft tissue", "bone"]
        assert node.GetDisplayNode().GetVisibility() == (name == "Head 1")
    assert not scene.util.getNodes("Head 2: adapted model")
    composites = scene.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    assert {c.GetBackgroundVolumeID() for c in composites} == {volumes[0].GetID()}


def test_a_map_of_the_uncertainty_lies_over_the_volume_and_replaces_the_one_before(adapted, scene, runtime):
    panel, volumes = adapted
    ui, section = panel.ui, panel.apply_section
    ui.applyVolumeSelector.setCurrentNode(volumes[1])
    ui.applyUncertaintyCheckBox.click()
    for _ in range(2):
        runtime.process_events(50)
        ui.applyButton.click()
        runtime.wait_until(lambda: not section.segmenting.works, 120)
    [node] = scene.util.getNodes("Head 2: uncertainty*").values()
    found, image = scene.util.arrayFromVolume(node), scene.util.arrayFromVolume(volumes[1])
    assert found.shape == image.shape and 0 <= found.min() < found.max() < 1
    display = node.GetDisplayNode()
    assert display.GetColorNode().GetName() == "Warm1" and (
        display.GetWindowLevelMin(),
        display.GetWindowLevelMax(),
    ) == (0, 0.5)
    assert "Nothing is averaged here, so the uncertainty is what the model itself says" in ui.applyStatusLabel.text
    ui.applyUncertaintyCheckBox.click()


@pytest.mark.parametrize("opened", ["before it is segmented", "while it is segmented", "while it is read"])
def test_a_result_comes_into_the_scene_though_another_job_was_opened_meanwhile(adapted, scene, runtime, opened):
    panel, volumes = adapted
    section = panel.apply_section
    panel.ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    panel.ui.applyButton.click()
    if opened != "before it is segmented":
        runtime.wait_until(lambda: section.segmenting.command is not None, 30)
    if opened == "while it is read":
        runtime.wait_until(lambda: section.segmenting.command is None, 90)
    assert (section.segmenting.command is None) == section.segmenting.exchange.under_way
    panel.results_section.show(None)
    runtime.wait_until(lambda: scene.util.getNodes("Head 2: adapted model"), 90)
    runtime.wait_until(lambda: not section.segmenting.exchange.under_way, 30)
    assert panel.ui.applyStatusLabel.text == "Segmented: Head 2: adapted model"


@pytest.mark.parametrize("when", ["exporting", "segmenting", "loading"])
def test_what_is_applied_can_be_cancelled(adapted, scene, runtime, when):
    panel, volumes = adapted
    section, ui = panel.apply_section, panel.ui
    ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    assert ui.cancelApplyButton.isHidden()
    ui.applyButton.click()
    assert not ui.cancelApplyButton.isHidden()
    if when != "exporting":
        runtime.wait_until(lambda: section.segmenting.command is not None, 30)
    if when == "loading":
        runtime.wait_until(lambda: section.segmenting.command is None, 90)
    assert not ui.cancelApplyButton.isHidden()
    ui.cancelApplyButton.click()
    assert ui.applyStatusLabel.text == "Cancelled." and ui.applyButton.enabled and ui.cancelApplyButton.isHidden()
    runtime.process_events(300)
    assert not scene.util.getNodes("*: adapted model") and ui.applyStatusLabel.text == "Cancelled."


def test_a_scene_that_closes_ends_what_is_applied_and_nothing_comes_into_the_new_one(adapted, scene, runtime):
    """The same in SlicerIGT/aigt#28: what was left of the closed scene crashed Slicer."""
    panel, volumes = adapted
    section, ui = panel.apply_section, panel.ui
    ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    ui.applyButton.click()
    runtime.wait_until(lambda: section.segmenting.command is not None, 30)
    process = section.segmenting.command._process
    assert not ui.applyProgressBar.isHidden()
    runtime.clear_scene()
    assert ui.applyStatusLabel.text == "Stopped, as the scene was closed." and ui.applyProgressBar.isHidden()
    assert not section.segmenting.works
    runtime.wait_until(lambda: process.poll() is not None)
    assert scene.util.getNodesByClass("vtkMRMLSegmentationNode") == []


@pytest.mark.cold
def test_a_folder_is_segmented_with_a_bar_that_counts_its_images(adapted, runtime, tmp_path):
    from TransferSegLib.cases.volumes import write_volume
    from TransferSegLib.core.grid import Grid

    panel, _volumes = adapted
    section, ui = panel.apply_section, panel.ui
    spacing = panel.source().card.preprocessing.spacing_mm
    size = (48, 48, 48)  # so large that each is seen for a moment
    for n in (1, 2):
        noise = np.random.default_rng(n).normal(size=size).astype(np.float32)
        write_volume(tmp_path / "in" / f"case_00{n}.nii.gz", noise, Grid.from_spacing(size, spacing))
    section.apply_to_folder(str(tmp_path / "in"), str(tmp_path / "out"))
    said = set()
    assert not ui.cancelApplyButton.isHidden() and not ui.applyProgressBar.isHidden()
    runtime.wait_until(
        lambda: (said.add((ui.applyStatusLabel.text, ui.applyProgressBar.maximum)), not section.segmenting.works)[1], 90
    )
    assert ("Segmenting 2 of 2: case_002", 100) in said, said  # files of the person's own keep their names
    assert ui.applyStatusLabel.text == f"2 segmentations are in {tmp_path / 'out'}." and ui.applyProgressBar.isHidden()


def test_applying_again_replaces_what_nobody_has_edited_and_numbers_beside_what_somebody_has(adapted, taken, scene):
    """Two results of the same name for one volume, as in medInria/medInria-public#584."""
    from TransferSegGui.segmentations import segments_of

    taken()
    first = {name: scene.util.getNode(f"Head {name}: adapted model") for name in (1, 2, 3)}
    segments_of(first[2]).GetNthSegment(0).SetName("mine")
    voxels = scene.util.arrayFromSegmentBinaryLabelmap(first[3], "label-1")
    voxels[2, 2, 2] = 0
    scene.util.updateSegmentBinaryLabelmapFromArray(voxels, first[3], "label-1")
    for _again in range(2):
        taken()
        names = sorted(node.GetName() for node in scene.util.getNodesByClass("vtkMRMLSegmentationNode"))
        assert [name for name in names if "model" in name] == [
            "Head 1: adapted model",
            "Head 2: adapted model",
            "Head 2: adapted model (2)",
            "Head 3: adapted model",
            "Head 3: adapted model (2)",
        ]
    assert first[1].GetScene() is None
    assert first[2].GetScene() is scene.mrmlScene and first[3].GetScene() is scene.mrmlScene


def test_what_was_applied_is_known_as_nobody_s_work_in_a_scene_that_was_saved_and_loaded(
    adapted, taken, scene, tmp_path
):
    from TransferSegGui.predictions import AS_MADE
    from TransferSegGui.segmentations import fingerprint

    taken()
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    made = [n for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if n.GetAttribute(AS_MADE)]
    assert len(made) == 3 and all(node.GetAttribute(AS_MADE) == fingerprint(node) for node in made)


def test_a_result_of_another_patient_that_was_imported_stays(adapted, taken, scene, heads, tmp_path):
    """Two scenes give their nodes the same identifiers: Slicer/SlicerGitSVNArchive#398."""
    panel, volumes = adapted
    taken()
    identifiers = [volume.GetID() for volume in volumes]
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    shown = panel.results_section.results
    scene.mrmlScene.Clear(0)
    panel.results_section.results = shown
    volumes[:] = heads(3)
    assert [volume.GetID() for volume in volumes] == identifiers
    scene.util.loadScene(str(tmp_path / "scene.mrb"), {"clear": False})
    other = scene.util.getNodesByClass("vtkMRMLSegmentationNode")[-3:]
    assert all(node.GetName().endswith(": adapted model") for node in other)
    taken()
    taken()
    assert all(node.GetScene() is not None for node in other)
    assert len([n for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if "model" in n.GetName()]) == 6


def test_a_volume_that_is_renamed_meanwhile_has_its_result_replaced(adapted, taken, scene):
    """A segmentation that is there is not found again, and another is made: Project-MONAI/MONAILabel#1477."""
    _panel, volumes = adapted
    taken()
    first = scene.util.getNode("Head 1: adapted model")
    taken(lambda: volumes[0].SetName("Knee"))
    assert first.GetScene() is None and scene.util.getNode("Head 1: adapted model").GetScene() is not None
    second = scene.util.getNode("Head 1: adapted model")
    taken()
    assert second.GetScene() is None and len(scene.util.getNodes("*: adapted model")) == 3


def test_a_volume_that_is_deleted_meanwhile_is_named(adapted, taken, scene):
    _panel, volumes = adapted
    said = taken(lambda: scene.mrmlScene.RemoveNode(volumes[0]))
    assert said.splitlines() == [
        "Segmented: Head 2: adapted model, Head 3: adapted model",
        "one warning",
        "“Head 1” was taken out of the scene meanwhile; what the model found in it is left out.",
    ]


@pytest.mark.parametrize("how", ["done", "cancelled while exported", "cancelled", "scene closed", "failed"])
def test_no_file_of_what_was_applied_stays(adapted, runtime, how):
    """Temporary files of images that are never deleted: invesalius/invesalius3#731."""
    from pathlib import Path

    panel, volumes = adapted
    section, ui, temporary = panel.apply_section, panel.ui, Path(panel.logic._folder.name)
    before = set(temporary.iterdir())

    def left() -> set:
        return {path for path in temporary.iterdir() if path.name != "cases"} - before

    if how == "failed":
        panel.results_section.results.job.path = temporary / "no model"
    ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    ui.applyButton.click()
    if how == "cancelled while exported":
        runtime.wait_until(left, 30)
        ui.cancelApplyButton.click()
    else:
        runtime.wait_until(lambda: section.segmenting.command is not None, 30)
        assert left()
    if how == "cancelled":
        ui.cancelApplyButton.click()
    elif how == "scene closed":
        runtime.clear_scene()
        assert not (temporary / "cases").exists()
    runtime.wait_until(lambda: not section.segmenting.works and not left(), 90)


def test_the_job_whose_model_is_being_applied_is_not_deleted(adapted, past, runtime):
    panel, volumes = adapted
    ui = panel.ui
    panel.run_section.list_again()
    runtime.wait_until(lambda: ui.jobsComboBox.count)
    ui.jobsComboBox.setCurrentIndex(0)
    assert ui.deleteJobButton.enabled
    panel.results_section.results.job.path = past
    ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    ui.applyButton.click()
    assert not ui.deleteJobButton.enabled and "is being applied" in ui.deleteJobButton.toolTip
    ui.cancelApplyButton.click()
    assert ui.deleteJobButton.enabled


def test_a_volume_is_segmented_though_the_panel_has_no_parameters_meanwhile(adapted, scene, runtime):
    panel, volumes = adapted  # as while a scene is added in another module
    panel.ui.applyVolumeSelector.setCurrentNode(volumes[1])
    runtime.process_events(50)
    panel.ui.applyButton.click()
    panel.setParameterNode(None)
    runtime.wait_until(
        lambda: (
            panel.apply_section.segmenting.command is None and not panel.apply_section.segmenting.exchange.under_way
        ),
        90,
    )
    assert scene.util.getNode("Head 2: adapted model").GetSegmentation().GetNumberOfSegments() == 3
    panel.initializeParameterNode()


@pytest.fixture
def taken(adapted, runtime, tmp_path):
    """taken(prepare): what the model found in the volumes is brought into the scene, as after Apply; `prepare` is done just
    before."""
    from TransferSegGui.sequences import as_shown
    from TransferSegGui.showing import ResultNodes
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.cases.volumes import write_labels

    panel, volumes = adapted
    section, results = panel.apply_section, panel.results_section.results

    def take(prepare=lambda: None) -> str:
        asked = {f"case_{n:03d}": as_shown(volume) for n, volume in enumerate(volumes, start=1)}
        for name, shown in asked.items():
            grid = own_grid(shown.volume)
            write_labels(tmp_path / f"{name}.nii.gz", np.ones(grid.size, np.uint8), grid)
        prepare()
        taking = section._take(ResultNodes(results, {}), section._model, None, asked, tmp_path, "one warning")
        section.segmenting.exchange.begin(taking, "")
        runtime.wait_until(lambda: not section.segmenting.exchange.under_way, 30)
        return panel.ui.applyStatusLabel.text

    return take


def test_a_volume_that_was_changed_meanwhile_keeps_no_other_from_its_segmentation(adapted, taken, scene):
    _panel, volumes = adapted
    said = taken(lambda: volumes[0].SetSpacing(2, 2, 2)).splitlines()
    assert said[0] == "Segmented: Head 2: adapted model, Head 3: adapted model"
    assert said[1] == "one warning" and said[2].startswith("the segmentation does not lie on volume “Head 1”: ")
    assert not scene.util.getNodes("Head 1: adapted model")
    assert scene.util.getNode("Head 2: adapted model").GetDisplayNode().GetVisibility()


def test_what_is_segmented_while_another_module_is_open_takes_over_no_view(adapted, taken, scene):
    panel, volumes = adapted
    scene.util.setSliceViewerLayers(background=volumes[2])
    own = [scene.util.getNode(f"Head {n} labels").GetDisplayNode() for n in (1, 2)]
    for display in own:
        display.SetVisibility(True)
    panel.parent.exit()
    taken()
    made = scene.util.getNodes("*: adapted model").values()
    assert len(made) == 3 and not any(node.GetDisplayNode().GetVisibility() for node in made)
    assert all(display.GetVisibility() for display in own)
    composites = scene.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    assert {c.GetBackgroundVolumeID() for c in composites} == {volumes[2].GetID()}


def test_the_ticks_come_back_with_the_scene(adapted, scene, runtime, tmp_path):
    import qt

    panel, volumes = adapted
    panel.ui.applySeveralCheckBox.click()
    runtime.process_events(50)
    items(panel.ui.applyVolumesList)["Head 2"].setCheckState(qt.Qt.Checked)
    panel.ui.applyVolumeSelector.setCurrentNode(volumes[2])
    runtime.process_events(50)
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    runtime.clear_scene()
    assert panel.apply_section._volumes() == []
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(200)
    assert [images[0].GetName() for images in panel.apply_section._volumes()] == ["Head 2"]
    assert panel.ui.applyVolumeSelector.currentNode() is scene.util.getNode("Head 3")


def test_checks_wait_while_a_job_runs_and_say_so(panel, heads, runtime, monkeypatch):
    heads(2)
    panel.ui.addFromSceneButton.click()
    checks = panel.cases_section.checks
    runtime.wait_until(lambda: checks._command is not None or not checks.pending, 30)
    runs = [True]
    monkeypatch.setattr(panel, "job_runs", lambda: runs[0])
    monkeypatch.setattr(checks, "_busy", lambda: runs[0])
    checks.pending = True
    panel.signals.jobChanged.emit(None, False)
    assert checks.pending and checks._command is None
    runtime.process_events(1600)
    assert checks.pending and checks._command is None
    waiting = "checked again when the job has ended"
    assert waiting in panel.ui.targetCasesTable.item(0, 0).toolTip()
    assert waiting in panel.ui.casesSummaryLabel.text
    runs[0] = False
    runtime.wait_until(lambda: not checks.pending, 30)
    assert waiting not in panel.ui.casesSummaryLabel.text


def test_what_the_source_model_found_is_called_so_where_it_was_kept(adapted, taken, scene):
    panel, _volumes = adapted
    panel.results_section.results.kept = "direct"
    assert taken().startswith("Segmented: Head 1: source model, ")
    assert not scene.util.getNodes("*adapted model*")


def test_the_result_goes_into_the_segmentation_that_was_chosen_after_asking(adapted, scene, runtime, monkeypatch):
    from TransferSegGui import corrections
    from TransferSegGui.predictions import predictions_of
    from TransferSegGui.segmentations import segment_styles

    panel, volumes = adapted
    ui, section, mine = panel.ui, panel.apply_section, scene.util.getNode("Head 1 labels")
    before = segment_styles(mine)
    mine.SetName("mine")
    mine.GetSegmentation().GetNthSegment(0).SetName("by hand")
    ui.applyVolumeSelector.setCurrentNode(volumes[2])
    ui.applyOutputSelector.setCurrentNode(mine)
    asked = []
    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda text, *_: asked.append(text) or len(asked) > 1)
    ui.applyButton.click()
    assert asked == ["Replace the 3 segments of “mine”? They are gone then."] and not section.segmenting.works
    assert "by hand" in [style.name for style in segment_styles(mine).values()]
    ui.applyButton.click()
    runtime.wait_until(lambda: not section.segmenting.works, 120)
    assert ui.applyStatusLabel.text == "Segmented: mine"
    assert corrections.began_as(mine).model == panel.results_section.results.card.name
    assert [style.name for style in segment_styles(mine).values()] == [style.name for style in before.values()]
    role = scene.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert mine.GetNodeReference(role) is volumes[2] and mine.GetDisplayNode().GetVisibility()
    assert not predictions_of(volumes[2], "tiny/applied/into") and not scene.util.getNodes("Head 3: adapted model")
    values = {style.name: value for value, style in segment_styles(mine).items()}
    assert len(values) == 3
