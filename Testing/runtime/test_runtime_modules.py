"""Scripted modules and the application around them, as Slicer makes and ends them."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import SlicerRuntime

SAMPLE = Path(__file__).parent / "sample" / "RuntimeSample.py"


# --- scripted modules -------------------------------------------------------------------------------------------------


def test_a_widget_is_set_up_entered_and_cleaned_up(slicer):
    widget = SlicerRuntime.load_module(SAMPLE)
    assert widget.calls == ["setup", "enter"]
    assert widget.parent.isEntered
    assert slicer.modules.RuntimeSampleWidget is widget
    assert slicer.util.getModuleWidget("RuntimeSample") is widget
    assert slicer.util.modulePath("RuntimeSample") == str(SAMPLE)
    SlicerRuntime.unload_module("RuntimeSample")
    assert widget.calls == ["setup", "enter", "cleanup"]
    assert not hasattr(slicer.modules, "runtimesample")


def test_the_module_says_what_it_is(slicer, sample):
    module = slicer.modules.runtimesample
    assert (module.title, list(module.categories)) == ("Sample", ["Segmentation"])
    assert module.path == str(SAMPLE)
    assert slicer.moduleNames.RuntimeSample == "RuntimeSample"
    assert slicer.modules.RuntimeSampleInstance.resourcePath("UI/RuntimeSample.ui").endswith(
        "Resources/UI/RuntimeSample.ui"
    )
    with pytest.raises(AttributeError, match="does not exist"):
        module.subtitle = "no such property"


def test_reloading_makes_a_new_widget_from_the_file(slicer, sample):
    slicer.util.reloadScriptedModule("RuntimeSample")
    anew = slicer.modules.RuntimeSampleWidget
    assert anew is not sample
    assert sample.calls[-1] == "cleanup"
    assert anew.calls == ["setup"]


def test_a_ui_file_gives_a_scene_only_to_the_selectors_that_it_connects(sample):
    assert sample.ui.volumeSelector.enabled
    assert not sample.ui.unconnectedSelector.enabled


def test_the_ui_is_made_of_qts_own_classes(sample):
    import qt

    assert type(sample.ui.stepsSpinBox) is qt.QSpinBox
    assert sample.ui.inputsButton.text == "Inputs"
    assert sample.ui.stepsSpinBox.property("SlicerParameterName") == "steps"


def test_a_logic_has_one_parameter_node_that_survives_the_closing_of_the_scene(slicer, sample):
    node = sample.logic.getParameterNode().parameterNode
    assert node is sample.logic.getParameterNode().parameterNode
    assert node.GetSingletonTag() == node.GetAttribute("ModuleName") == "RuntimeSample"
    slicer.mrmlScene.Clear(0)
    assert sample.logic.getParameterNode().parameterNode.GetAttribute("ModuleName") == "RuntimeSample"
    assert len(sample.logic.getAllParameterNodes()) == 1


def test_a_logic_that_is_no_singleton_adds_a_node_when_there_is_none(slicer):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    logic = type("ManyLogic", (ScriptedLoadableModuleLogic,), {})()
    logic.isSingletonParameterNode = False
    first = logic.getParameterNode()
    slicer.mrmlScene.AddNode(logic.createParameterNode())
    assert logic.getParameterNode() is first
    assert len(logic.getAllParameterNodes()) == 2


def test_the_self_tests_are_registered_and_run(slicer, sample):
    slicer.selfTests["RuntimeSample"](msec=5)
    assert sys.modules["RuntimeSample"].RuntimeSampleTest.ran == (5,)


def test_self_tests_run_every_method_with_test_in_its_name_unless_they_say_otherwise(slicer):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

    ran = []
    methods = {name: lambda self, name=name: ran.append(name) for name in ("setUp", "tearDown", "test_b", "test_a")}
    type("SomeTest", (ScriptedLoadableModuleTest,), methods)().runTest()
    assert [name for name in ran if "test" in name] == ["test_a", "test_b"]
    assert ran.count("setUp") == ran.count("tearDown") == 2


def test_an_error_in_a_click_is_raised_after_the_display_would_have_shown(sample):
    sample._parameterNode.note = "fail"
    sample.ui.applyButton.click()
    (error,) = SlicerRuntime.take_errors()
    assert "RuntimeError: as asked" in error


# --- texts ------------------------------------------------------------------------------------------------------------


def test_a_translation_with_other_placeholders_is_not_used(slicer, monkeypatch, caplog):
    from slicer.i18n import tr as _

    asked = []

    def translate(context, text):
        asked.append(context)
        return {"{n} cases": "{n} Fälle", "{count} files": "{zahl} Dateien"}.get(text, text)

    monkeypatch.setattr(slicer.app, "translate", translate, raising=False)
    assert _("{n} cases") == "{n} Fälle"
    with caplog.at_level(logging.WARNING):
        assert _("{count} files") == "{count} files"
    assert "placeholders" in caplog.text
    assert asked == ["test_runtime_modules"] * 2


# --- the scene --------------------------------------------------------------------------------------------------------


def test_nodes_have_items_in_the_subject_hierarchy_while_they_are_there(slicer, volume):
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    item = hierarchy.GetItemByDataNode(volume)
    assert item
    assert hierarchy.GetItemParent(item) == hierarchy.GetSceneItemID()
    assert hierarchy.GetItemOwnerPluginName(item) == "Volumes"
    slicer.mrmlScene.RemoveNode(volume)
    assert not hierarchy.GetItemByDataNode(volume)


def test_a_scene_comes_back_with_its_nodes_and_their_hierarchy(slicer, volume, tmp_path):
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), patient)
    slicer.util.saveNode(volume, str(tmp_path / "volume.nrrd"))
    slicer.util.saveScene(str(tmp_path / "scene.mrml"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrml"))
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    found = slicer.util.getNode("volume")
    assert (slicer.util.arrayFromVolume(found) == np.arange(120).reshape(4, 5, 6)).all()
    assert hierarchy.GetItemName(hierarchy.GetItemParent(hierarchy.GetItemByDataNode(found))) == "patient"


def test_a_labelmap_goes_into_a_segmentation_and_comes_back(slicer, volume, tmp_path):
    labels = (slicer.util.arrayFromVolume(volume) % 3).astype(np.uint8)
    labelmap = slicer.modules.volumes.logic().CreateAndAddLabelVolume(slicer.mrmlScene, volume, "labels")
    slicer.util.updateVolumeFromArray(labelmap, labels)
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    segmentation.CreateDefaultDisplayNodes()
    assert slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(labelmap, segmentation)
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2
    path = tmp_path / "ü" / "labels.seg.nrrd"
    path.parent.mkdir()
    assert slicer.util.saveNode(segmentation, str(path))
    loaded = slicer.util.loadSegmentation(str(path))
    segment = loaded.GetSegmentation().GetNthSegmentID(1)
    assert (slicer.util.arrayFromSegmentBinaryLabelmap(loaded, segment, volume) == (labels == 2)).all()


def test_a_volume_that_is_not_there_is_an_error(slicer, tmp_path):
    with pytest.raises(RuntimeError, match="Failed to load"):
        slicer.util.loadVolume(str(tmp_path / "nothing.nii.gz"))


def test_terminology_has_entries_to_choose_from(slicer):
    logic = slicer.modules.terminologies.logic()
    context = "Segmentation category and type - 3D Slicer General Anatomy list"
    entry = slicer.vtkSlicerTerminologyEntry()
    text = f"{context}~SCT^123037004^Anatomical Structure~SCT^5366008^Hippocampus~^^~Anatomic codes - DICOM master list~^^~^^"
    assert logic.DeserializeTerminologyEntry(text, entry)
    assert entry.GetTypeObject().GetCodeMeaning() == "Hippocampus"


def test_slice_views_follow_the_layers_that_are_set(slicer, volume):
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    manager = slicer.app.layoutManager()
    assert set(manager.sliceViewNames()) >= {"Red", "Yellow", "Green"}
    for name, orientation in (("Red", "Axial"), ("Yellow", "Sagittal"), ("Green", "Coronal")):
        widget = manager.sliceWidget(name)
        assert widget.mrmlSliceNode().GetOrientation() == orientation
        assert widget.sliceLogic().GetBackgroundLayer().GetVolumeNode() is volume


# --- node selectors ---------------------------------------------------------------------------------------------------


@pytest.fixture
def selector(slicer):
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    return selector


def test_a_selector_without_a_scene_is_disabled_and_remembers_what_it_was_asked_for(slicer, selector, volume):
    second = slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)), name="second")
    selector.setCurrentNode(second)
    assert not selector.enabled
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.enabled
    assert selector.currentNode() is second


def test_a_selector_takes_the_first_node_unless_none_is_allowed(slicer, selector):
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.currentNode() is None
    node = slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)), name="first")
    assert selector.currentNode() is node
    selector.setCurrentNode(None)
    selector.noneEnabled = True
    slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)), name="second")
    assert selector.currentNode() is None
    assert selector.nodeCount() == 2


def test_a_selector_tells_of_a_change_by_its_three_signals(slicer, selector, volume):
    received = []
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    selector.connect("currentNodeChanged(vtkMRMLNode*)", received.append)
    selector.connect("currentNodeChanged(bool)", received.append)
    selector.connect("currentNodeIDChanged(QString)", received.append)
    selector.setCurrentNode(volume)
    assert received == [volume, True, volume.GetID()]
    slicer.mrmlScene.RemoveNode(volume)
    assert received[3:] == [None, False, ""]


def test_a_selector_offers_only_nodes_of_its_classes_that_are_not_hidden(slicer, selector, volume):
    selector.setMRMLScene(slicer.mrmlScene)
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    hidden = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    hidden.UnRegister(None)
    hidden.SetHideFromEditors(True)
    slicer.mrmlScene.AddNode(hidden)
    labels = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    assert [selector.nodeFromIndex(index) for index in range(selector.nodeCount())] == [volume, labels]
    selector.showChildNodeTypes = False
    assert selector.nodeCount() == 1
    selector.addAttribute("vtkMRMLScalarVolumeNode", "role", "test")
    assert selector.nodeCount() == 0
    volume.SetAttribute("role", "test")


def test_a_collapsible_button_hides_what_is_in_it_and_shows_it_again_as_it_was(slicer):
    import ctk
    import qt

    button = ctk.ctkCollapsibleButton()
    button.text = "Advanced"
    layout = qt.QVBoxLayout(button)
    shown, hidden = qt.QLabel("a"), qt.QLabel("b")
    layout.addWidget(shown)
    layout.addWidget(hidden)
    hidden.hide()
    received = []
    button.connect("contentsCollapsed(bool)", received.append)
    button.collapsed = True
    assert shown.isHidden()
    button.collapsed = False
    assert (shown.isHidden(), hidden.isHidden(), received) == (False, True, [True, False])


# --- processes and packages -------------------------------------------------------------------------------------------


def test_python_slicer_is_a_launcher_that_hands_the_exit_code_on(slicer):
    run = subprocess.run(["PythonSlicer", "-c", "import sys; sys.exit(7)"], check=False)
    assert run.returncode == 7


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_ending_the_launcher_does_not_end_what_it_launched(slicer, tmp_path):
    import os
    import signal

    script = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    launcher = subprocess.Popen(["PythonSlicer", "-c", script])
    pid = SlicerRuntime.wait_until(
        lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(encoding="utf-8"), seconds=60
    )
    try:
        launcher.terminate()
        launcher.wait(timeout=30)
        os.kill(int(pid), 0)
    finally:
        os.kill(int(pid), signal.SIGKILL)


def test_a_process_runs_beside_the_application(slicer):
    lines, codes = [], []
    slicer.util.launchConsoleProcess(
        ["PythonSlicer", "-c", "print('one'); print('two'); raise SystemExit(3)"],
        useStartupEnvironment=False,
        blocking=False,
        logCallback=lines.append,
        completedCallback=codes.append,
    )
    began = time.monotonic()
    SlicerRuntime.process_events()
    assert codes == []
    SlicerRuntime.wait_until(lambda: codes, seconds=60)
    assert (lines, codes) == (["one", "two"], [3]), f"after {time.monotonic() - began:.1f} s"


@pytest.fixture
def pip(slicer, monkeypatch):
    """What pip would have been asked, with slicer.packaging as `.packaging`."""
    import slicer.packaging

    asked = []
    run = lambda module, arguments, **_: asked.append([module, *arguments])  # noqa: E731
    monkeypatch.setattr(slicer.util, "executePythonModule", run)
    asked_of = type("Asked", (list,), {})()
    asked_of.packaging, asked_of.commands = slicer.packaging, asked
    return asked_of


def test_requirements_are_read_without_comments_and_options(pip, tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text(
        "# what is needed\n\n-c constraints.txt\n--index-url x\nnumpy>=1\nnot-there[extra]>=2 ; python_version > '3'\n"
    )
    assert [each.name for each in pip.packaging.load_requirements(path)] == ["numpy", "not-there"]


@pytest.mark.parametrize(
    ("requirement", "met"),
    [
        ("numpy", True),
        ("numpy>=1 pytest", True),
        ("numpy>=99", False),
        ("not-there-at-all", False),
        ("not-there-at-all; sys_platform == 'nowhere'", True),
        (["numpy", "not-there-at-all"], False),
    ],
)
def test_whether_a_requirement_is_met(pip, requirement, met):
    assert pip.packaging.pip_check(requirement) is met


def test_nothing_is_installed_while_slicer_is_tested(pip):
    assert pip.packaging.pip_ensure("not-there-at-all", requester="Sample") is None
    assert pip.commands == []


def test_the_person_is_asked_and_may_decline(pip, slicer, monkeypatch):
    monkeypatch.setattr(slicer.app, "_testing", False)
    asked = []
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, title, **more: asked.append((title, more)))
    with pytest.raises(RuntimeError, match="User declined"):
        pip.packaging.pip_ensure(["numpy", "not-there-at-all>=2"], requester="Sample")
    assert asked[0][0] == "Sample - Install Python Packages"
    assert asked[0][1]["detailedText"] == "- not-there-at-all>=2"
    assert pip.commands == []


def test_only_what_is_missing_is_installed(pip):
    pip.packaging.pip_ensure(
        ["numpy", "not-there-at-all>=2"], constraints="c.txt", prompt_install=False, skip_in_testing=False
    )
    assert pip.commands == [["pip", "install", "not-there-at-all>=2", "-c", "c.txt"]]


def test_skipped_packages_are_left_out_and_named(pip):
    skipped = pip.packaging.pip_ensure(
        ["SimpleITK>=99", "not-there-at-all"], skip_packages=["simpleitk"], prompt_install=False, skip_in_testing=False
    )
    assert skipped == ["SimpleITK>=99"]
    assert pip.commands == [["pip", "install", "not-there-at-all", "--no-deps"]]
    with pytest.raises(ValueError, match="blocking"):
        pip.packaging.pip_install("x", skip_packages=["y"], blocking=False)


def test_a_failed_installation_raises(pip, slicer, monkeypatch):
    def fail(module, arguments, **_):
        raise subprocess.CalledProcessError(1, ["pip", *arguments])

    monkeypatch.setattr(slicer.util, "executePythonModule", fail)
    with pytest.raises(subprocess.CalledProcessError):
        pip.packaging.pip_ensure("not-there-at-all", prompt_install=False, skip_in_testing=False)


# --- sample data ------------------------------------------------------------------------------------------------------


def test_sample_data_is_registered_once(slicer):
    import SampleData

    logic = SampleData.SampleDataLogic
    for _ in range(2):
        logic.registerCustomSampleDataCategory("Sample", title="Sample data")
        logic.registerCustomSampleDataSource(
            category="Sample", sampleName="one", uris="https://example.com/one", fileNames="one.nrrd", nodeNames="one"
        )
    (source,) = logic.sampleDataSourcesByCategory("Sample")
    assert (source.sampleName, source.uris, source.nodeNames) == ("one", ["https://example.com/one"], ["one"])
    with pytest.raises(TypeError):
        logic.registerCustomSampleDataSource(category="Sample", sampleName="two", customDownloader=print)
