"""Regions, labels that overlap, in the panel: read from folders, corrected as overlapping segments, and given to jobs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.card import read_card
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture(scope="module")
def regional(phantoms, tiny_source, tmp_path_factory) -> tuple[Path, Path]:
    """A table of two heads whose labels are regions, and a model of them."""
    folder = tmp_path_factory.mktemp("regions")
    data = read_case_set(phantoms("t2w", 2))
    a, b, c = data.labels
    rows = [f"{case.name},{case.images[0]},{case.label}" for case in data.cases]
    (folder / "heads.csv").write_text("\n".join(["case,image,label", *rows]), encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps({"whole": [a, b, c], "part": [b, c], "kernel": c}), encoding="utf-8")
    names = list(data.labels.values())
    job = JobFolder.create(
        folder / "job",
        JobSpec(
            3,
            "adapt",
            str(folder / "heads.csv"),
            (StrategyChoice("open"),),
            "open",
            source=str(tiny_source),
            folds=0,
            title="regional",
            label_map={"whole": names, "part": names[1:], "kernel": names[2]},
            training=TrainingOptions(steps=1, deterministic=True),
        ),
    )
    run_job(job.path)
    assert read_card(job.model).regions
    return folder / "heads.csv", job.model


@pytest.fixture
def exported(tmp_path):
    """exported(cases): what a job is given of the cases, and what the panel has to say of them."""
    from all_steps import take_all_steps
    from TransferSegGui.exporting import Exporter

    def export(cases):
        exporter = Exporter(tmp_path / "files")
        data = take_all_steps(exporter.write_in_steps(tmp_path / "out", cases))
        return read_case_set(data), [doubt for case in cases for doubt in exporter.doubts(case)]

    return export


def test_a_folder_of_regions_is_read_and_given_to_a_job_as_regions(panel, regional, exported):
    from TransferSegGui.targets import TargetCases, cases_of_folder

    kept = TargetCases(panel.parameters.parameterNode)
    kept.add(cases_of_folder(regional[0]))
    cases = kept.all()  # as they come back with the scene
    assert cases[0].regions == {
        "whole": ["whole", "part", "kernel"],
        "part": ["part", "kernel"],
        "kernel": ["kernel"],
    }
    found, doubts = exported(cases)
    given = read_case_set(regional[0])
    covers = {found.labels[one.number]: {found.labels[n] for n in one.covers} for one in found.regions}
    assert covers == {name: set(named) for name, named in cases[0].regions.items()} and not doubts
    values = {name: value for value, name in found.labels.items()}
    for one, other in zip(found.cases, given.cases, strict=True):
        before, after = read_labels(other.label).array, read_labels(one.label).array
        for value, name in given.labels.items():
            assert np.array_equal(after == values[name], before == value)


def test_a_file_of_plain_labels_beside_regions_of_the_same_names_is_refused(panel, regional, phantoms, tmp_path):
    from TransferSegGui.exporting import described, regions_of
    from TransferSegGui.targets import cases_of_folder

    case = read_case_set(phantoms("t1w", 2)).cases[0]
    (tmp_path / "plain.csv").write_text(f"case,image,label\nplain,{case.images[0]},{case.label}\n", encoding="utf-8")
    (tmp_path / "labels.json").write_text(json.dumps({"whole": 1, "part": 2, "kernel": 3}), encoding="utf-8")
    cases = [*cases_of_folder(regional[0]), *cases_of_folder(tmp_path / "plain.csv")]
    with pytest.raises(Exception, match="case `plain`: in its file `whole`, `part` overlap nothing, and in other"):
        regions_of(cases)
    assert described(cases).regions == ()
    other = {"whole": [1, 2], "part": [2], "kernel": [3]}
    (tmp_path / "labels.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(Exception, match="region `whole` covers `whole`, `part` in it, and"):
        regions_of([*cases_of_folder(regional[0]), *cases_of_folder(tmp_path / "plain.csv")])


@pytest.fixture
def editor(panel, monkeypatch):
    """Slicer's Segment Editor, which is not shown yet."""
    from SlicerRuntime import segment_editor

    return segment_editor.install("TransferSeg", monkeypatch)


def voxels_of(scene, node, image, name: str) -> np.ndarray:
    """The voxels of a segment (K, J, I)."""
    identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
    return scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, image).copy() != 0


def draw(scene, node, image, name: str, voxels: np.ndarray) -> None:
    identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
    scene.util.updateSegmentBinaryLabelmapFromArray(voxels.astype(np.uint8), node, identifier, image)


def test_regions_are_corrected_as_segments_that_overlap(
    panel, editor, heads, scene, regional, place, exported, tmp_path
):
    from all_steps import take_all_steps
    from TransferSegGui import corrections
    from TransferSegGui.models_now import model_now
    from TransferSegGui.regions import declared
    from TransferSegGui.sequences import as_shown
    from TransferSegGui.volumes import world_grid

    shutil.copytree(regional[1], place / "models" / "regional")
    volumes, ui, section = heads(3), panel.ui, panel.correct_section
    for volume in volumes:
        for node in list(scene.util.getNodes(f"{volume.GetName()} labels").values()):
            scene.mrmlScene.RemoveNode(node)
    panel.parameters.source = "regional"
    ui.addFromSceneButton.click()
    panel.refresh()
    # What `segment` would write: values of the model, painted.
    now, first = model_now(panel), panel.cases_section.cases()[0]
    grid = world_grid(volumes[0])
    found = np.zeros(grid.size, np.uint8)
    for n, region in enumerate(now.card.regions, start=1):
        found[n : 12 - n, n : 12 - n, n : 12 - n] = region.number
    write_labels(tmp_path / "first.nii.gz", found, grid)
    take_all_steps(section._take(now, [first], True, {"first": as_shown(volumes[0])}, tmp_path, ""))
    assert editor.selected == "SegmentEditor", ui.correctStatusLabel.text
    chosen = scene.modules.segmenteditor.widgetRepresentation().self().editor
    node, image = chosen.segmentationNode(), volumes[0]
    sizes = {name: int(voxels_of(scene, node, image, name).sum()) for name in ("whole", "part", "kernel")}
    assert sizes == {"whole": 10**3, "part": 8**3, "kernel": 6**3}, "each with what lies in it"
    parameters, kinds = chosen.mrmlSegmentEditorNode(), scene.vtkMRMLSegmentEditorNode
    assert parameters.GetOverwriteMode() == kinds.OverwriteNone and "correct what" in section.bar._title.text
    assert declared(node) == {
        "whole": ["whole", "part", "kernel"],
        "part": ["part", "kernel"],
        "kernel": ["kernel"],
    }
    # The person draws each anew, one in the other.
    box = np.zeros(voxels_of(scene, node, image, "whole").shape, bool)
    masks = {}
    for name, edge in (("whole", 2), ("part", 4), ("kernel", 6)):
        masks[name] = box.copy()
        masks[name][edge : 14 - edge // 2, edge:18, edge:18] = True
        draw(scene, node, image, name, masks[name])
    section.bar.accept.click()
    case = panel.cases_section.cases()[0]
    began = corrections.began_as(node)
    assert case.segmentation is node and began.changed_ml > 0 and "mL changed" in section.bar._status.text
    found, doubts = exported([case])
    covers = {found.labels[one.number]: one.covers for one in found.regions}
    painted = read_labels(found.cases[0].label).array.T
    assert not doubts and set(covers) == set(masks)
    for name, mask in masks.items():
        assert np.array_equal(np.isin(painted, covers[name]), mask), name
    section.bar.back.click()
    assert parameters.GetOverwriteMode() == kinds.OverwriteAllSegments, "as it was before"
    # From nothing, with the regions of the case before; what reaches beyond a larger region is told.
    section._edit(panel.cases_section.cases()[1])
    drawn = chosen.segmentationNode()
    assert declared(drawn) == declared(node) and parameters.GetOverwriteMode() == kinds.OverwriteNone
    draw(scene, drawn, volumes[1], "whole", masks["part"])
    draw(scene, drawn, volumes[1], "part", masks["whole"])
    section.bar.accept.click()
    assert "Drawn without a prediction" in section.bar._status.text
    found, doubts = exported(panel.cases_section.cases()[:2])
    (doubt,) = doubts
    beyond = int((masks["whole"] & ~masks["part"]).sum())
    assert f"parts of `whole` reach up to {beyond} voxels beyond it" in doubt.sentence
    painted = read_labels(found.cases[1].label).array.T
    assert np.array_equal(painted != 0, masks["whole"])
    section.bar.back.click()


def test_the_editor_lets_segments_overlap_only_while_a_draft_of_regions_is_edited_there(panel, editor, heads, scene):
    from TransferSegGui.regions import declare
    from TransferSegGui.targets import find_segmentation

    volumes, ui, section = heads(3), panel.ui, panel.correct_section
    ui.addFromSceneButton.click()
    panel.refresh()
    case, other, _third = panel.cases_section.cases()
    node, plain = case.segmentation, find_segmentation(volumes[1])
    bone = plain.GetSegmentation().GetSegmentIdBySegmentName("bone")
    plain.GetSegmentation().GetSegment(bone).SetName("skull")  # so that its segments are no regions
    declare(node, {"air": ["air", "bone"], "bone": ["bone"]})
    kinds = scene.vtkMRMLSegmentEditorNode
    usual, none = kinds.OverwriteVisibleSegments, kinds.OverwriteNone
    editor.selectModule("SegmentEditor")
    chosen = scene.modules.segmenteditor.widgetRepresentation().self().editor
    parameters = chosen.mrmlSegmentEditorNode()
    parameters.SetOverwriteMode(usual)

    def mode() -> int:
        return parameters.GetOverwriteMode()

    section._edit(case)
    assert mode() == none
    # To another module by the module selector, and back.
    editor.selectModule("TransferSeg")
    assert mode() == usual and not section.bar.frame.isHidden()
    editor.selectModule("SegmentEditor")
    assert mode() == none
    # Another segmentation in the editor, chosen there, and back.
    chosen.setSegmentationNode(plain)
    assert mode() == usual
    chosen.setSegmentationNode(node)
    assert mode() == none
    # A scene that is saved meanwhile has the person's own setting, and so has who loads it.
    for event, expected in ((scene.mrmlScene.StartSaveEvent, usual), (scene.mrmlScene.EndSaveEvent, none)):
        scene.mrmlScene.InvokeEvent(event)
        assert mode() == expected
    # The next case, with segments that may not overlap.
    section._edit(other)
    assert mode() == usual
    # Accepted, with the bar still there; it says so.
    section._edit(case)
    assert mode() == none
    section.bar.accept.click()
    assert mode() == usual and "takes from the others" in section.bar._status.text
    # What the person sets meanwhile stays.
    section._edit(case)
    parameters.SetOverwriteMode(kinds.OverwriteAllSegments)
    section.bar.back.click()
    assert mode() == kinds.OverwriteAllSegments
    # The segmentation is deleted.
    parameters.SetOverwriteMode(usual)
    section._edit(case)
    assert mode() == none
    scene.mrmlScene.RemoveNode(node)
    assert mode() == usual
    # The panel goes.
    declare(plain, {"air": ["air", "skull"], "skull": ["skull"]})
    section._edit(other)
    assert mode() == none
    section.bar.remove()
    assert mode() == usual
    editor.selectModule("TransferSeg")
    editor.selectModule("SegmentEditor")
    assert mode() == usual


def test_a_scene_that_closes_takes_the_overlap_of_its_draft_with_it(panel, editor, heads, scene, runtime):
    from TransferSegGui.regions import declare

    heads(2)
    panel.ui.addFromSceneButton.click()
    case, _second = panel.cases_section.cases()
    declare(case.segmentation, {"air": ["air", "bone"], "bone": ["bone"]})
    section, kinds = panel.correct_section, scene.vtkMRMLSegmentEditorNode
    section._edit(case)
    parameters = scene.modules.segmenteditor.widgetRepresentation().self().editor.mrmlSegmentEditorNode()
    assert parameters.GetOverwriteMode() == kinds.OverwriteNone
    runtime.clear_scene()
    assert parameters.GetOverwriteMode() == kinds.OverwriteAllSegments
    # Nothing is heard of the next scene's segmentations, whatever their IDs.
    parameters.SetOverwriteMode(kinds.OverwriteVisibleSegments)
    heads(2)
    chosen = scene.modules.segmenteditor.widgetRepresentation().self().editor
    chosen.setSegmentationNode(scene.util.getNode("Head 1 labels"))
    assert parameters.GetOverwriteMode() == kinds.OverwriteVisibleSegments
