"""What is shown of a job's results is what was asked for, over the image that it belongs to, and nothing is in the way."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.evaluation.comparison import LabelSummary


@pytest.fixture
def click(results):
    """click(row): show a case; click(): load all segmentations."""

    def run(row: int | None = None) -> None:
        if row is None:
            results.load_segmentations()
        else:
            results.show_case(row)

    return run


def backgrounds(scene) -> set:
    """What is in the background of the slice views, by their nodes and by what their logics draw."""
    composites = scene.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    logics = [
        scene.app.layoutManager().sliceWidget(name).sliceLogic() for name in scene.app.layoutManager().sliceViewNames()
    ]
    assert len(composites) == len(logics) >= 3
    shown = {composite.GetBackgroundVolumeID() for composite in composites}
    return shown | {getattr(logic.GetBackgroundLayer().GetVolumeNode(), "GetID", str)() for logic in logics}


def displays(scene, name: str) -> list:
    return [node.GetDisplayNode() for node in scene.util.getNodes(name).values()]


def visible(scene) -> list[str]:
    nodes = scene.util.getNodesByClass("vtkMRMLSegmentationNode")
    return sorted(n.GetName() for n in nodes if n.GetDisplayNode().GetVisibility())


@pytest.mark.parametrize("beside", [True, False])
def test_the_image_in_every_view_is_that_of_the_case(results, panel, click, scene, beside):
    panel.parameters.sideBySide = beside
    for row, name in enumerate(("Head 1", "Head 2")):
        click(row)
        assert backgrounds(scene) == {scene.util.getNode(name).GetID()}


@pytest.mark.parametrize("beside", [True, False])
def test_a_case_whose_volume_was_deleted_is_shown_over_the_job_s_own_image(
    results, panel, click, scene, runtime, beside
):
    panel.parameters.sideBySide = beside
    click(0)
    own = scene.util.getNode("Head 2")
    voxels = scene.util.arrayFromVolume(own)
    scene.mrmlScene.RemoveNode(own)
    runtime.process_events(50)
    assert [panel.ui.casesTable.item(row, 0).text() for row in range(2)] == ["1: Head 1", "case 2"]
    click(1)
    image = scene.util.getNode("case 002")
    assert backgrounds(scene) == {image.GetID()}
    assert np.array_equal(scene.util.arrayFromVolume(image), voxels)
    assert {"case 002: reference", "case 002: source model"} <= set(visible(scene))
    role = scene.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert scene.util.getNode("case 002: source model").GetNodeReference(role) is image


def test_a_volume_deleted_in_a_script_counts_as_gone(results, scene, runtime):
    from TransferSegGui.showing import ResultNodes

    cases = results._table_cases()
    scene.mrmlScene.RemoveNode(scene.util.getNode("Head 1"))
    nodes = ResultNodes(results.results, cases)
    assert nodes.image("case_001").GetName() == "case 001"
    assert nodes.image("case_002").GetName() == "Head 2"


def test_results_are_seen_in_every_other_layout_after_side_by_side(results, click, scene):
    manager, layouts = scene.app.layoutManager(), scene.vtkMRMLLayoutNode
    click(0)
    (display,) = displays(scene, "Head 1: source model")
    assert not display.IsDisplayableInView("vtkMRMLSliceNodeRed")
    manager.setLayout(layouts.SlicerLayoutFourUpView)
    assert display.GetVisibility() and display.GetOpacity2DFill() == 0
    for view in ("vtkMRMLSliceNodeRed", "vtkMRMLSliceNodeGreen", "vtkMRMLViewNode1"):
        assert display.IsDisplayableInView(view)
    click(1)
    (other,) = displays(scene, "Head 2: source model")
    assert manager.layout not in (layouts.SlicerLayoutFourUpView,) and not display.GetVisibility()
    assert not other.IsDisplayableInView("vtkMRMLSliceNodeRed")


def test_results_of_a_scene_saved_side_by_side_are_seen_where_no_panel_looks_after_them(
    results, panel, click, scene, runtime, tmp_path
):
    click(0)
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    panel.setParameterNode(None)
    panel.removeObservers()
    runtime.clear_scene()
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(50)
    (display,) = displays(scene, "Head 1: source model")
    assert not display.IsDisplayableInView("vtkMRMLSliceNodeRed")
    scene.app.layoutManager().setLayout(scene.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    assert display.IsDisplayableInView("vtkMRMLSliceNodeRed")


def test_loading_all_segmentations_shows_the_first_over_its_image(results, click, scene):
    scene.util.setSliceViewerLayers(background=scene.util.getNode("Head 3"))
    click()
    assert len(scene.util.getNodes("* source model")) == 2
    assert [name for name in visible(scene) if "model" in name] == ["Head 1: source model"]
    assert "Head 1 labels" not in visible(scene)
    assert backgrounds(scene) == {scene.util.getNode("Head 1").GetID()}


@pytest.mark.parametrize("cancelled", [False, True])
def test_how_many_segmentations_are_loaded_is_said(results, panel, scene, monkeypatch, cancelled):
    from TransferSegGui import progress, results_section

    def one_by_one(items, text):
        assert text == "Loading the segmentations…"
        yield from items[:1] if cancelled else progress.one_by_one(items, text)

    monkeypatch.setattr(results_section, "one_by_one", one_by_one)
    results.load_segmentations()
    count = 1 if cancelled else 2
    assert panel.ui.applyStatusLabel.text == f"{count} segmentations are in the scene."
    assert len(scene.util.getNodes("* source model")) == count
    scene.mrmlScene.Clear(0)
    assert panel.ui.applyStatusLabel.text == ""


@pytest.mark.parametrize("beside", [True, False])
def test_loading_all_segmentations_leaves_the_case_that_is_shown(results, panel, click, scene, beside):
    panel.parameters.sideBySide = beside
    click(1)
    before, layout = visible(scene), scene.app.layoutManager().layout
    click()
    assert len(scene.util.getNodes("* source model")) == 2
    assert visible(scene) == before and scene.app.layoutManager().layout == layout
    assert backgrounds(scene) == {scene.util.getNode("Head 2").GetID()}


@pytest.mark.parametrize("row", [1, None])
def test_the_uncertainty_that_a_job_wrote_comes_into_the_scene_with_its_case_and_not_into_the_views(
    results, click, scene, row
):
    from TransferSegLib.cases.volumes import read_labels, write_volume

    job, image = results.results.job, scene.util.getNode("Head 2")
    read = read_labels(next((job.path / "target" / "labels").glob("case_002.*")))
    found = np.linspace(0, 0.6, read.array.size, dtype=np.float32).reshape(read.array.shape)
    folder = job.uncertainty / "direct"
    folder.mkdir(parents=True)
    write_volume(folder / "case_002.nii.gz", found, read.grid)
    click(0)
    assert not scene.util.getNodes("*uncertainty*")
    for _ in range(2):  # asked for again it is the same
        click(row)
        [node] = scene.util.getNodes("*uncertainty*").values()
    assert node.GetName() == "Head 2: uncertainty"
    assert np.allclose(np.sort(scene.util.arrayFromVolume(node), axis=None), np.sort(found, axis=None), atol=1e-3)
    assert scene.util.arrayFromVolume(node).shape == scene.util.arrayFromVolume(image).shape
    display = node.GetDisplayNode()
    assert display.GetColorNode().GetName() == "Warm1"
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == (0, 0.5)
    assert node.GetID() not in backgrounds(scene)


def test_slices_go_to_the_middle_of_what_is_segmented(results, scene):
    from TransferSegGui import showing
    from TransferSegGui.segmentations import add_segmentation
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.cases.volumes import Volume

    image = scene.util.getNode("Head 1")
    labels = np.zeros(image.GetImageData().GetDimensions(), np.uint8)
    labels[2:5, 3:6, 10:13] = 1
    node = add_segmentation(Volume(labels, own_grid(image)), {}, "corner", image)
    showing.show_only([node], image)
    expected = own_grid(image).affine @ (3, 4, 11, 1)
    offsets = {n.GetName(): n.GetSliceOffset() for n in scene.util.getNodesByClass("vtkMRMLSliceNode")}
    spacing = np.abs(np.diag(own_grid(image).affine)[:3])
    for name, axis in (("Yellow", 0), ("Green", 1), ("Red", 2)):
        along = scene.mrmlScene.GetSingletonNode(name, "vtkMRMLSliceNode").GetSliceToRAS().GetElement(axis, 2)
        assert abs(along * offsets[name] - expected[axis]) <= spacing[axis] / 2


def test_two_jobs_whose_folders_have_one_name_share_nothing(results, scene):
    from TransferSegGui.parameters import remembered_cases
    from TransferSegGui.showing import ResultNodes
    from TransferSegGui.targets import TargetCase

    job, labels = results.results.job, results.results.job.path / "target" / "labels"
    assert set(remembered_cases(results.parameters, job.identity)) == {"case_001", "case_002", "case_003"}
    assert remembered_cases(results.parameters, job.path.name) == {}

    def first(head: str, **changes):
        case = TargetCase((scene.util.getNode(head),))
        nodes = ResultNodes(SimpleNamespace(**{**vars(results.results), **changes}), {"case_001": case})
        return nodes.segmentation("case_001", "direct")

    one = first("Head 1")
    other = first("Head 2", identity="another", segmentation=lambda *_: next(labels.glob("case_002.*")))
    assert (one.GetName(), other.GetName()) == ("Head 1: source model", "Head 2: source model")
    assert first("Head 1") is one


def test_what_lay_over_an_image_is_not_seen_over_another_case_s_and_comes_back_with_its_own(
    results, panel, click, scene
):
    panel.parameters.sideBySide = False
    one = scene.util.getNode("Head 1")
    labels = scene.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "map")
    scene.util.setSliceViewerLayers(background=one, foreground=one, foregroundOpacity=0.5, label=labels)

    def layers() -> set:
        composites = [scene.app.layoutManager().sliceWidget(n).mrmlSliceCompositeNode() for n in ("Red", "Green")]
        return {(c.GetForegroundVolumeID(), c.GetLabelVolumeID()) for c in composites}

    for row in (1, 0, 1):
        click(row)
        assert layers() == {(None, None)}
    panel.parent.exit()
    assert one.GetID() in backgrounds(scene) and layers() == {(one.GetID(), labels.GetID())}
    panel.parent.enter()
    assert backgrounds(scene) == {scene.util.getNode("Head 2").GetID()} and layers() == {(None, None)}
    panel.parent.exit()
    assert layers() == {(one.GetID(), labels.GetID())}
    scene.util.setSliceViewerLayers(foreground=scene.util.getNode("Head 3"), label=None)
    panel.parent.enter()
    panel.parent.exit()
    assert layers() == {(scene.util.getNode("Head 3").GetID(), None)}


def test_a_job_of_the_source_model_alone_calls_nothing_adapted(results, click, scene):
    from TransferSegGui import showing

    click(1)  # the third view now says what another job's adapted model did
    scene.mrmlScene.RemoveNode(scene.util.getNode("Head 2: source model"))
    results.results.adapted = "direct"
    click(1)
    assert "Head 2: source model" in visible(scene) and not scene.util.getNodes("* adapted model")
    views = [scene.app.layoutManager().sliceWidget(f"TransferSeg{n}").sliceView() for n in (1, 2, 3)]
    said = [view.cornerAnnotation().GetText(showing.EDGE) for view in views]
    assert said == ["reference", "source model", "adapted model: none"]


def comparison() -> SimpleNamespace:
    score = SimpleNamespace(mean=1.0, low=None, high=None)
    label = LabelSummary(1, "air", 2, 0, {"dice": score, "hd95_mm": score}, None, None)
    return SimpleNamespace(strategies=[SimpleNamespace(strategy="open", labels=[label])])


@pytest.mark.parametrize("where", ["here", "no curves wanted", "another module", "beside a case"])
def test_a_chart_takes_its_place_in_the_layout_only_where_it_is_not_in_the_way(
    results, panel, click, scene, monkeypatch, where
):
    from TransferSegGui import charts, results_section, showing

    from TransferSegLib.evaluation.outcome import Outcome
    from TransferSegLib.evaluation.verdict import verdict

    manager = scene.app.layoutManager()
    if where == "here":
        manager.setLayout(showing.LAYOUT_ID)  # as it stays when the scene of a case is closed
    elif where == "beside a case":
        click(0)
    elif where == "another module":
        panel.parent.exit()
    panel.parameters.showCurves = where != "no curves wanted"
    found = results.results
    found.comparison, found.summary = (
        comparison(),
        SimpleNamespace(
            verdict=SimpleNamespace(kind="better", sentence="Better.", problem=None), lesions=None, recommendation=None
        ),
    )
    found.detection = ()
    monkeypatch.setattr(results_section, "load_results", lambda _folder: found)
    monkeypatch.setattr(results_section, "outcome", lambda *_: Outcome("better", verdict(None).problem))
    before = manager.layout
    assert panel.may_show_charts() == (where == "here")
    done = SimpleNamespace(job=found.job, status=SimpleNamespace(state="done"), weights={}, names={})
    monkeypatch.setattr(panel.run_section, "forget", lambda: None)  # it does not know this job
    panel.signals.jobChanged.emit(done, True)
    assert results.results is found and panel.ui.verdictLabel.text == "Better."
    assert charts.find("vtkMRMLPlotChartNode", charts.MEANS) is not None
    assert (manager.layout != before) == (where == "here")
    panel.parent.enter()
    panel.ui.detailsGroupBox.collapsed = False
    panel.ui.showChartButton.click()
    assert manager.layout == scene.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView


def test_a_scene_that_is_loaded_while_another_module_is_open_is_shown_when_the_panel_is_opened(
    results, panel, scene, runtime, tmp_path
):
    ui = panel.ui
    panel.parameters.budget = 7
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    panel.parent.exit()
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(100)
    assert panel._gui_tag is None
    ui.budgetSpinBox.setValue(3)
    assert panel.logic.getParameterNode().budget == 7
    panel.parent.enter()
    runtime.process_events(100)
    assert ui.budgetSpinBox.value == 7
    assert [ui.targetCasesTable.item(row, 1).text() for row in range(3)] == ["Head 1", "Head 2", "Head 3"]
    ui.budgetSpinBox.setValue(5)
    assert panel.parameters.budget == 5
