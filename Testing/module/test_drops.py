"""Cases and segmentations are dragged onto the table: from the file manager, and from a tree of nodes beside the panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_labels
from TransferSegLib.core.grid import Grid


@pytest.fixture
def drop(panel, runtime):
    """drop(*what, row=None): drop nodes, items of the subject hierarchy or paths on a row, or below all."""
    import slicer
    from SlicerRuntime.person import Person

    person = Person(panel)
    person.open(panel.ui.targetCasesSection)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)

    def address(what) -> str:
        if isinstance(what, Path):
            return what.as_uri()
        item = what if isinstance(what, int) else hierarchy.GetItemByDataNode(what)
        return f"mrml://scene/subjecthierarchy/item?id={item}"

    def run(*what, row=None) -> bool:
        taken = person.drop(panel.ui.targetCasesTable, map(address, what), row)
        runtime.process_events(50)
        return taken

    yield run
    person.close()


def rows(panel) -> list[tuple]:
    def name(thing):
        return None if thing is None else thing.name if isinstance(thing, Path) else thing.GetName()

    return [(case.name, name(case.segmentation), case.role) for case in panel.cases_section.cases()]


def test_a_volume_comes_with_the_segmentation_drawn_on_it_and_only_once(panel, heads, drop):
    volume = heads(2)[0]
    assert drop(volume) and drop(volume)
    assert rows(panel) == [("Head 1", "Head 1 labels", "train")]


def test_a_patient_brings_all_that_is_below(panel, heads, drop, scene):
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "somebody")
    for volume in heads(3):
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), patient)
    assert drop(patient)
    assert [row[0] for row in rows(panel)] == ["Head 1", "Head 2", "Head 3"]


def test_what_is_dropped_together_with_its_patient_comes_once(panel, heads, drop, scene):
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "somebody")
    (volume,) = heads(1)
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), patient)
    assert drop(patient, volume)
    assert [row[0] for row in rows(panel)] == ["Head 1"]


def test_a_segmentation_goes_to_the_row_that_it_is_dropped_on(panel, heads, drop, scene):
    volumes = heads(3)
    drop(*volumes)
    drop(scene.util.getNode("Head 1 labels"), row=2)
    assert rows(panel)[2] == ("Head 3", "Head 1 labels", "train")


def test_a_segmentation_dropped_below_goes_to_the_image_that_it_was_drawn_on(panel, heads, drop, scene):
    from dataclasses import replace

    from TransferSegGui.targets import TargetCases

    drop(*heads(2))
    cases = TargetCases(panel.parameters.parameterNode)
    cases.update(replace(cases.all()[0], segmentation=None, role="unlabelled"))
    panel.refresh()
    drop(scene.util.getNode("Head 1 labels"))
    assert rows(panel)[0] == ("Head 1", "Head 1 labels", "train")


def test_an_image_file_is_a_new_case_and_a_label_file_its_segmentation(panel, phantoms, drop):
    own = read_case_set(phantoms("t2w", 2)).cases
    assert drop(own[0].images[0])
    assert rows(panel) == [(own[0].images[0].name, None, "unlabelled")]
    drop(own[0].label, row=0)
    assert rows(panel) == [(own[0].images[0].name, own[0].label.name, "train")]
    assert panel.cases_section.cases()[0].labels == {1: "label 1", 2: "label 2", 3: "label 3"}
    drop(own[1].images[0], own[1].label)
    assert rows(panel)[1] == (own[1].images[0].name, own[1].label.name, "train")


def test_a_label_file_is_the_segmentation_of_a_volume_of_the_scene_too(panel, heads, phantoms, drop):
    volume = heads(1)[0]
    drop(volume)
    label = read_case_set(phantoms("t2w", 1)).cases[0].label
    drop(label, row=0)
    assert rows(panel) == [("Head 1", label.name, "train")]


@pytest.mark.parametrize("what", ["folder", "dataset.json", "table"])
def test_a_data_set_brings_all_its_cases(panel, phantoms, drop, tmp_path, what):
    folder = phantoms("t2w", 2)
    cases = read_case_set(folder).cases
    if what == "table":
        path = tmp_path / "cases.csv"
        lines = ["case,image,label", *(f"{n},{case.images[0]},{case.label}" for n, case in enumerate(cases))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        path = folder if what == "folder" else folder / what
    assert drop(path)
    assert [row[1:] for row in rows(panel)] == [(case.label.name, "train") for case in cases]


def test_a_segmentation_file_of_slicer_is_loaded_and_paired(panel, heads, drop, scene, tmp_path):
    heads(2)
    path = tmp_path / "own.seg.nrrd"
    node = scene.util.getNode("Head 1 labels")
    assert scene.util.saveNode(node, str(path))
    scene.mrmlScene.RemoveNode(node)
    drop(scene.util.getNode("Head 1"), scene.util.getNode("Head 2"))
    drop(path, row=0)
    assert rows(panel)[0] == ("Head 1", "own", "train")
    assert panel.cases_section.cases()[0].label_names == ["air", "soft tissue", "bone"]


def test_what_is_neither_image_nor_segmentation_is_refused_in_a_sentence(panel, heads, drop, phantoms, scene, runtime):
    drop(scene.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode"))
    drop(read_case_set(phantoms("t2w", 1)).cases[0].label)
    said = "\n".join(runtime.take_errors())
    assert "neither an image nor a segmentation" in said
    assert "is a segmentation; drop it on the row of its image" in said
    assert rows(panel) == []


def test_an_image_of_whole_numbers_is_no_label_file(panel, drop, tmp_path):

    path = tmp_path / "ct.nii.gz"
    values = np.arange(6 * 6 * 6).reshape(6, 6, 6)
    write_labels(path, values, Grid.from_spacing((6, 6, 6), (1, 1, 1)))
    drop(path)
    assert rows(panel) == [("ct.nii.gz", None, "unlabelled")]


@pytest.mark.parametrize("name", ["broken.seg.nrrd", "broken.nii.gz", "broken.nrrd", "notes.txt"])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(panel, drop, runtime, tmp_path, name):
    (tmp_path / name).write_bytes(b"no image")
    drop(tmp_path / name)
    (said,) = runtime.take_errors()
    last = said.strip().splitlines()[-1]
    assert last.startswith("TransferSegLib.") and name in last
    assert ("Slicer cannot read it as a segmentation; save it again" in last) == name.endswith(".seg.nrrd")
    assert rows(panel) == []


@pytest.mark.parametrize("holds", [True, False])
def test_declared_slices_hold_for_another_segmentation_where_the_person_says_so(
    panel, heads, drop, scene, phantoms, tmp_path, monkeypatch, holds
):
    from dataclasses import replace

    from all_steps import take_all_steps
    from TransferSegGui import corrections
    from TransferSegGui.exporting import Exporter
    from TransferSegGui.targets import TargetCases

    (file, *_) = read_case_set(phantoms("t1w", 2)).cases
    heads(2)
    panel.ui.addFromSceneButton.click()
    cases = TargetCases(panel.parameters.parameterNode)
    case, other = cases.all()
    cases.remove([other.key])
    node = case.segmentation
    cases.update(replace(case, segmentation=file.label, labels={1: "air"}, annotated_slices="axial: 3, 5"))
    panel.refresh()
    asked = []
    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda text, *_: asked.append(text) or holds)
    drop(scene.util.getNode("Head 1 labels"), row=0)
    (kept,) = cases.all()
    assert kept.segmentation is node and len(asked) == 1
    assert "axial: 3, 5" in asked[0] and f"Is “{node.GetName()}” annotated in these slices alone" in asked[0]
    assert kept.annotated_slices == ("axial: 3, 5" if holds else "")
    assert ("Only these slices count as annotated: axial: 3, 5." in corrections.state_of(kept)) is holds
    written = take_all_steps(Exporter(tmp_path / "files").write_in_steps(tmp_path / "out", [kept]))
    (again,) = read_case_set(written).cases
    assert (again.annotated_slices.numbers if again.annotated_slices else None) == ((3, 5) if holds else None)
    # Without a segmentation nothing is declared.
    panel.cases_section._set_segmentation(kept.key, "")
    panel.cases_section._set_segmentation(kept.key, node.GetID())
    assert cases.all()[0].annotated_slices == "" and len(asked) == 1
