"""Cases as large as a CT, which are exported, checked and prepared in turns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.jobs.folder import JobFolder

CT = (512, 512, 40)


@pytest.fixture
def ct(panel, scene):
    """A volume of the size of a small CT, and a function that draws its three segments, further along each time."""
    voxels = np.random.default_rng(1).integers(-1000, 1000, CT[::-1]).astype(np.int16)
    volume = scene.util.addVolumeFromArray(voxels, np.diag([0.7, 0.7, 2.5, 1]), "CT")
    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "CT labels")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segments = [node.GetSegmentation().AddEmptySegment("", name) for name in ("liver", "spleen", "tumour")]

    def draw(number: int, along: int) -> None:
        inside = np.zeros(CT[::-1], np.uint8)
        inside[3:-3, 100:400, 50 + 150 * number + along : 150 + 150 * number + along] = 1
        scene.util.updateSegmentBinaryLabelmapFromArray(inside, node, segments[number], volume)

    for number in range(3):
        draw(number, 0)
    panel.ui.addFromSceneButton.click()
    return volume, draw


def test_a_stroke_on_a_ct_leaves_the_image_s_file(ct, panel, runtime):
    _volume, draw = ct
    checks, exporter = panel.cases_section.checks, panel.logic.exporter
    runtime.wait_until(lambda: not checks.pending, 120)
    (image,) = exporter.folder.glob("case-*/image-*")
    (labels,) = exporter.folder.glob("case-*/labels-*")
    before, voxels = image.stat().st_mtime_ns, read_labels(labels).array
    draw(0, 7)
    assert checks.pending
    runtime.wait_until(lambda: not checks.pending, 120)
    assert [path.stat().st_mtime_ns for path in exporter.folder.glob("case-*/image-*")] == [before]
    (again,) = exporter.folder.glob("case-*/labels-*")
    assert (read_labels(again).array != voxels).sum() == 2 * 7 * 300 * (CT[2] - 6)
    assert not checks.errors


def ready_to_export(panel, runtime) -> None:
    """Wait until Start is enabled, and forget what the check has exported, so that the job exports it again."""
    runtime.wait_until(lambda: panel.ui.startButton.enabled, 120)
    panel.logic.exporter._written.clear()


def test_start_prepares_a_ct_in_turns_and_cancel_leaves_nothing_of_it(ct, panel, worker, runtime):
    ui, jobs_folder = panel.ui, Path(panel.source().folder).parents[1] / "jobs"
    worker("endless")
    ready_to_export(panel, runtime)
    ui.startButton.click()
    for _ in range(5):
        runtime.process_events()
    assert ui.statusLabel.text == "Preparing the cases…" and ui.cancelButton.enabled and not ui.startButton.enabled
    assert ui.startButton.toolTip == "The cases are being prepared"
    ui.cancelButton.click()
    assert ui.statusLabel.text == "" and not ui.cancelButton.enabled and ui.startButton.enabled
    runtime.process_events(50)
    assert not jobs_folder.exists() and panel.run_section.follower is None
    ui.startButton.click()
    runtime.wait_until(lambda: panel.job_runs(), 120)
    ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 30)


def test_a_scene_that_closes_ends_what_is_being_prepared(ct, panel, worker, runtime):
    worker("endless")
    ready_to_export(panel, runtime)
    panel.ui.startButton.click()
    runtime.process_events()
    assert panel.run_section.preparing
    runtime.clear_scene()
    runtime.process_events(50)
    assert not panel.run_section.preparing and panel.run_section.follower is None


def test_checks_wait_for_a_job_that_runs_and_is_not_the_one_shown(started, runtime, scene):
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    panel.run_section.forget()
    panel.run_section.list_again()
    runtime.wait_until(lambda: panel.ui.goBackFrame.isVisibleTo(panel.ui.runBar))
    assert not panel.job_runs() and panel.busy()
    checks = panel.cases_section.checks
    panel.cases_section._edited()
    runtime.process_events(1500)
    assert checks.pending and "when the job has ended" in panel.ui.targetCasesTable.item(0, 0).toolTip()
    JobFolder(folder).request_cancel()
    runtime.wait_until(lambda: not checks.pending, 60)


def test_the_values_of_a_label_map_are_looked_for_once(scene, monkeypatch):
    from TransferSegGui import segmentations

    for kind in (np.uint8, np.int16, np.int32):
        array = np.zeros((6, 7, 8), kind)
        array[1, 2, 3], array[4, 5, 6] = 7, 3
        node = scene.util.addVolumeFromArray(array, name="map", nodeClassName="vtkMRMLLabelMapVolumeNode")
        assert list(segmentations._label_map_names(node)) == [3, 7]
        with monkeypatch.context() as patch:
            patch.setattr(segmentations, "values_in", None)
            assert len(segmentations.segment_names(node)) == 2
        scene.util.arrayFromVolume(node)[0, 0, 0] = 5
        scene.util.arrayFromVolumeModified(node)
        assert list(segmentations._label_map_names(node)) == [3, 5, 7]
