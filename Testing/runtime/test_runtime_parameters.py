"""Parameter nodes, as in Slicer's parameterNodeWrapper; the same tests hold for Slicer's own (SLICER_SOURCE)."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import pytest
import SlicerRuntime


@pytest.fixture
def wrapper(slicer):
    import slicer.parameterNodeWrapper

    return slicer.parameterNodeWrapper


@pytest.fixture
def node(slicer):
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")


class Part(enum.Enum):
    head = 1
    decoder = 2


def wrapped(wrapper, node, **members):
    """A parameter node with these members."""
    kind = type("Parameters", (), {"__annotations__": members})
    return wrapper.parameterNodeWrapper(kind)(node)


def test_a_member_begins_with_its_default(wrapper, node, slicer):
    parameters = wrapped(
        wrapper,
        node,
        steps=Annotated[int, wrapper.Default(40)],
        rate=float,
        on=bool,
        note=str,
        part=Part,
        folder=Path,
        names=list[str],
        volume=slicer.vtkMRMLScalarVolumeNode,
    )
    found = [getattr(parameters, name) for name in ("steps", "rate", "on", "note", "part", "folder", "names", "volume")]
    assert found == [40, 0, False, "", Part.head, Path(), [], None]


def test_values_are_written_as_slicer_writes_them(wrapper, node, volume):
    import slicer

    parameters = wrapped(
        wrapper,
        node,
        steps=int,
        on=bool,
        part=Part,
        names=list[str],
        volume=slicer.vtkMRMLScalarVolumeNode,
        other=slicer.vtkMRMLScalarVolumeNode | None,
    )
    parameters.steps, parameters.on, parameters.part, parameters.names = 7, True, Part.decoder, ["a", "b"]
    parameters.volume = parameters.other = volume
    written = {name: node.GetParameter(name) for name in node.GetParameterNames()}
    assert written == {
        "steps": "7",
        "on": "True",
        "part": "decoder",
        "names.len": "2",
        "names.0": "a",
        "names.1": "b",
        "volume": "",
        "other.0": "",
    }
    assert node.GetNodeReferenceID("volume") == node.GetNodeReferenceID("other.0") == volume.GetID()


def test_what_is_in_the_node_wins_over_the_default(wrapper, node):
    node.SetParameter("steps", "9")
    assert wrapped(wrapper, node, steps=Annotated[int, wrapper.Default(40)]).steps == 9


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "error"),
    [
        (lambda w: Annotated[int, w.WithinRange(1, 5), w.Default(2)], 5, 6, ValueError),
        (lambda w: Annotated[int, w.Minimum(0)], 0, -1, ValueError),
        (lambda w: Annotated[int, w.Maximum(3)], 3, 4, ValueError),
        (lambda w: Annotated[str, w.Choice(["a", "b"]), w.Default("a")], "b", "c", ValueError),
        (lambda w: Annotated[str, w.Exclude(["x"])], "y", "x", ValueError),
        (lambda w: int, 3, "3", TypeError),
        (lambda w: float, 3, "3", TypeError),
        (lambda w: str, "3", 3, TypeError),
        (lambda w: bool, True, "yes", TypeError),
        (lambda w: int, 3, None, ValueError),
        (lambda w: list[int], [1], ["1"], TypeError),
        (lambda w: Part, Part.head, 1, TypeError),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_and_changes_nothing(wrapper, node, annotation, good, bad, error):
    parameters = wrapped(wrapper, node, value=annotation(wrapper))
    parameters.value = good
    with pytest.raises(error):
        parameters.value = bad
    assert parameters.value == good


def test_a_default_that_is_not_allowed_is_refused(wrapper, node):
    with pytest.raises(ValueError, match="Value must be within range"):
        wrapped(wrapper, node, steps=Annotated[int, wrapper.WithinRange(1, 5)])


def test_a_node_of_another_class_is_refused(wrapper, node, slicer, volume):
    with pytest.raises(TypeError):
        wrapped(wrapper, node, segmentation=slicer.vtkMRMLSegmentationNode).segmentation = volume


def test_a_list_tells_the_node_of_every_change(wrapper, node):
    parameters = wrapped(wrapper, node, names=list[str])
    parameters.names = ["a", "b", "c"]
    parameters.names.append("d")
    parameters.names[0] = "z"
    del parameters.names[1]
    assert parameters.names == ["z", "c", "d"]
    assert node.GetParameter("names.len") == "3"
    assert not node.HasParameter("names.3")


def test_a_name_that_the_wrapper_uses_cannot_be_a_member(wrapper, node):
    with pytest.raises(ValueError, match="reserved name 'connectGui'"):
        wrapper.parameterNodeWrapper(type("P", (), {"__annotations__": {"a": int}, "connectGui": None}))


def test_a_type_that_cannot_be_kept_is_refused(wrapper, node):
    with pytest.raises(Exception, match="Unable to create serializer"):
        wrapped(wrapper, node, value=complex)


def test_members_can_be_reached_by_their_names(wrapper, node):
    parameters = wrapped(wrapper, node, steps=Annotated[int, wrapper.Default(40)])
    parameters.setValue("steps", 3)
    assert parameters.getValue("steps") == 3
    assert parameters.default("steps").value == 40
    assert wrapper.isParameterNodeWrapper(parameters)
    with pytest.raises(ValueError, match="Cannot find a param with the given name"):
        parameters.getValue("stops")


def test_observers_hear_of_a_change_once_and_see_the_new_value(wrapper, node):
    import vtk

    parameters = wrapped(wrapper, node, steps=int)
    seen = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: seen.append(parameters.steps))
    parameters.steps = 4
    parameters.steps = 4
    assert seen == [4]


def test_a_change_of_the_node_itself_is_seen(wrapper, node):
    parameters = wrapped(wrapper, node, steps=int)
    node.SetParameter("steps", "12")
    assert parameters.steps == 12


def test_widgets_show_the_parameters_and_change_them(sample, volume):
    parameters, ui = sample._parameterNode, sample.ui
    assert (ui.stepsSpinBox.value, ui.stepsSpinBox.minimum, ui.stepsSpinBox.maximum) == (40, 1, 500)
    assert (ui.rateSpinBox.value, ui.rateSpinBox.minimum) == (0.5, 0)
    assert [ui.fusionComboBox.itemText(index) for index in range(2)] == ["multiply", "average"]
    assert ui.fusionComboBox.currentText == "average"
    assert ui.modeComboBox.currentText == "Careful"
    ui.stepsSpinBox.value = 7
    ui.rateSpinBox.value = 0.25
    ui.fusionComboBox.currentIndex = 0
    ui.modeComboBox.currentIndex = 0
    ui.compareCheckBox.click()
    ui.folderLineEdit.currentPath = "some folder/ü"
    ui.noteLineEdit.text = "hello"
    ui.volumeSelector.setCurrentNode(volume)
    found = [getattr(parameters, name) for name in ("steps", "rate", "fusion", "compare", "folder", "note", "volume")]
    assert found == [7, 0.25, "multiply", True, Path("some folder/ü"), "hello", volume]
    assert parameters.mode.name == "fast"
    parameters.steps, parameters.volume, parameters.fusion = 9, None, "average"
    assert ui.stepsSpinBox.value == 9
    assert ui.volumeSelector.currentNode() is None
    assert ui.fusionComboBox.currentText == "average"


def test_widgets_that_were_disconnected_change_nothing(sample):
    parameters = sample._parameterNode
    parameters.disconnectGui(sample._tag)
    sample.ui.stepsSpinBox.value = 7
    assert parameters.steps == 40
    parameters.steps = 9
    assert sample.ui.stepsSpinBox.value == 7
    sample._tag = parameters.connectGui(sample.ui)
    assert sample.ui.stepsSpinBox.value == 9


def test_a_combo_box_needs_to_know_its_choices(wrapper, node, slicer):
    import qt

    parameters = wrapped(wrapper, node, name=str)
    with pytest.raises(RuntimeError, match="Choice"):
        parameters.connectParametersToGui({"name": qt.QComboBox()})


def test_a_widget_that_cannot_show_a_type_is_refused(wrapper, node, slicer):
    import qt

    with pytest.raises(RuntimeError, match="Unable to create GUI connector"):
        wrapped(wrapper, node, name=list[str]).connectParametersToGui({"name": qt.QLineEdit()})


def test_a_node_selector_offers_the_parameters_classes(sample):
    assert list(sample.ui.volumeSelector.nodeTypes) == ["vtkMRMLScalarVolumeNode"]


def test_choices_come_back_with_the_scene_and_nodes_when_it_is_wrapped_anew(slicer, sample, volume, tmp_path):
    parameters = sample._parameterNode
    parameters.steps, parameters.names, parameters.folder, parameters.volume = 7, ["a", "ü"], Path("x y"), volume
    slicer.util.saveNode(volume, str(tmp_path / "volume.nrrd"))
    slicer.util.saveScene(str(tmp_path / "scene.mrml"))
    slicer.mrmlScene.Clear(0)
    assert sample._parameterNode.steps == 40
    slicer.util.loadScene(str(tmp_path / "scene.mrml"))
    found = sample._parameterNode
    assert (found.steps, list(found.names), found.folder) == (7, ["a", "ü"], Path("x y"))
    # In Slicer too: the reference is read before its node is there, and only the next modification reads it again.
    assert found.volume is None
    assert sample.logic.getParameterNode().volume.GetName() == "volume"


def test_which_parameter_nodes_are_used(slicer):
    import slicer.parameterNodeWrapper as used

    own = "standins" not in used.__file__
    assert own == SlicerRuntime.uses_slicer_source()
