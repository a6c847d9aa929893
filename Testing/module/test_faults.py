"""What goes wrong while a job runs. The worker is a small program that misbehaves on purpose."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.folder import JobFolder

pytestmark = pytest.mark.usefixtures("short_pauses")

MODULE = Path(__file__).resolve().parents[2] / "TransferSeg" / "TransferSeg.py"


def ended(runtime, panel):
    runtime.wait_until(lambda: not panel.job_runs(), 30)
    return panel.run_section.follower.status


def test_a_worker_that_is_killed_is_noticed_and_can_be_resumed(started, runtime):
    panel = started("endless")
    job = panel.run_section.follower.job
    os.kill(job.worker().pid, signal.SIGKILL)
    status = ended(runtime, panel)
    assert status.state == "failed" and status.resumable
    assert "ended without a message" in panel.ui.statusLabel.text
    runtime.wait_until(lambda: panel.ui.resumeJobButton.enabled)


def test_a_worker_that_cannot_start_says_why_in_the_panel(started, runtime):
    panel = started("silent")
    status = ended(runtime, panel)
    assert status.state == "failed"
    assert "ImportError: no torch here" in panel.ui.statusLabel.text


def test_a_python_that_is_not_there_is_one_sentence(panel, heads, monkeypatch, runtime):
    from TransferSegGui import jobs

    monkeypatch.setattr(jobs, "python_executable", lambda: "/nowhere/PythonSlicer")
    heads(2)
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: panel.ui.startButton.enabled, 30)
    panel.ui.startButton.click()
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    assert "/nowhere/PythonSlicer: cannot be started" in "\n".join(runtime.take_errors())
    assert not panel.job_runs() and not panel.ui.cancelButton.enabled and panel.ui.startButton.enabled
    assert panel.ui.statusLabel.text == ""


def test_results_of_a_worker_that_ends_with_an_error_are_not_believed(started, runtime):
    panel = started("finished")
    status = ended(runtime, panel)
    assert status.state == "failed" and status.resumable
    assert "exit code 3" in panel.ui.statusLabel.text
    assert panel.results_section.results is None
    assert not panel.ui.loadSegmentationsButton.enabled


def test_a_job_folder_that_is_deleted_ends_the_job(started, runtime):
    panel = started("endless")
    follower = panel.run_section.follower
    shutil.rmtree(follower.job.path)
    status = ended(runtime, panel)
    assert status.state == "failed" and not status.resumable
    assert "deleted while it ran" in panel.ui.statusLabel.text
    assert follower.process.poll() is not None


def test_a_cancelled_job_stops_in_good_order(started, runtime):
    panel = started("endless")
    panel.ui.cancelButton.click()
    assert not panel.ui.cancelButton.enabled
    assert ended(runtime, panel).state == "cancelled"
    runtime.wait_until(lambda: panel.ui.resumeJobButton.enabled)


def test_a_job_that_is_stopping_says_so_until_it_has_ended(started, runtime):
    """Cancel looked ignored, as what the job did until it ended was shown again; the same in CBICA/CaPTk#1096."""
    panel = started("slow")
    ui, said = panel.ui, set()
    ui.cancelButton.click()
    runtime.wait_until(lambda: (said.add((ui.statusLabel.text, ui.cancelButton.enabled)), not panel.job_runs())[1], 30)
    ended_as = ui.statusLabel.text
    assert said - {(ended_as, False)} == {("Stopping; what is trained so far is kept…", False)}
    assert ended(runtime, panel).state == "cancelled" and ended_as.startswith("cancelled")


def test_a_job_that_somebody_else_stops_is_said_to_stop_and_can_be_ended(started, runtime):
    panel = started("deaf")
    panel.run_section.follower.job.request_cancel()  # as by `transferseg cancel`, or in another window of Slicer
    runtime.wait_until(lambda: panel.ui.statusLabel.text.startswith("Stopping"))
    assert panel.ui.cancelButton.enabled


def test_a_worker_that_does_not_listen_is_ended_with_its_children(started, runtime, monkeypatch):
    from TransferSegGui import jobs

    monkeypatch.setattr(jobs, "PATIENCE_S", 0.3)
    panel = started("deaf")
    job = panel.run_section.follower.job
    panel.ui.cancelButton.click()
    ended(runtime, panel)
    runtime.wait_until(lambda: not job.is_locked())


def test_closing_the_scene_leaves_the_job_running_and_shown(started, runtime, scene):
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    scene.mrmlScene.Clear(0)
    runtime.process_events(300)
    assert panel.job_runs() and panel.parameters.job == str(folder)
    assert panel.ui.targetCasesTable.rowCount == 0
    panel.ui.cancelButton.click()
    assert ended(runtime, panel).state == "cancelled"


def test_a_scene_that_is_closed_from_another_module_leaves_the_job_shown(started, runtime, scene):
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    panel.parent.exit()
    scene.mrmlScene.Clear(0)
    runtime.process_events(50)
    panel.parent.enter()
    assert panel.job_runs() and panel.parameters.job == str(folder)
    panel.ui.cancelButton.click()
    assert ended(runtime, panel).state == "cancelled"


def test_closing_slicer_leaves_the_job_running_and_opening_it_follows_it_again(started, runtime, scene):
    panel = started("endless")
    job = panel.run_section.follower.job
    runtime.unload_module("TransferSeg")
    scene.mrmlScene.Clear(0)
    time.sleep(0.3)
    assert job.is_locked()
    again = runtime.load_module(MODULE)
    runtime.wait_until(again.job_runs)
    assert not again.ui.startButton.enabled and again.ui.startButton.toolTip == "A job is running"
    assert again.parameters.job == str(job.path)
    runtime.wait_until(lambda: again.run_section.follower.curves)
    again.ui.cancelButton.click()
    assert ended(runtime, again).state == "cancelled"


def test_a_job_in_another_folder_that_is_about_to_start_is_followed_again(started, runtime, scene, place, worker):
    """A second job was started beside one whose worker was still importing torch when the module was loaded again."""
    panel = started("asleep")
    job, process = panel.run_section.follower.job, panel.run_section.follower.process
    assert not job.is_locked()
    panel.run_section.follower = None
    runtime.unload_module("TransferSeg")
    scene.mrmlScene.Clear(0)
    from TransferSegGui.jobs import set_jobs_folder

    set_jobs_folder(place / "other jobs")
    try:
        again = runtime.load_module(MODULE)
        runtime.wait_until(again.job_runs)
        assert again.run_section.follower.job.path == job.path
        assert "Starting" in again.ui.statusLabel.text and not again.ui.startButton.enabled
        process.kill()
        process.wait(10)
        assert ended(runtime, again).state in ("failed", "waiting")
    finally:
        set_jobs_folder(None)


def test_a_job_of_another_window_of_slicer_keeps_start_disabled_until_it_has_ended(started, runtime):
    panel = started("endless")
    section, ui, follower = panel.run_section, panel.ui, panel.run_section.follower
    section.forget()  # as if the other window had started it
    section._others_timer.setInterval(100)
    section.list_again()
    runtime.wait_until(lambda: ui.goBackFrame.isVisibleTo(ui.runBar))
    assert follower.job.path.name in ui.goBackLabel.text
    assert not ui.startButton.enabled and follower.job.path.name in ui.startButton.toolTip
    follower.cancel()
    runtime.wait_until(lambda: not ui.goBackFrame.isVisibleTo(ui.runBar))
    follower.process.wait(20)
    runtime.wait_until(lambda: ui.startButton.enabled, 60)


def test_start_looks_for_jobs_that_were_started_since_the_list_was_read(started, runtime):
    panel = started("endless")
    section, follower = panel.run_section, panel.run_section.follower
    section.forget()
    section._jobs = []
    from TransferSegGui.jobs import remember_last_job

    remember_last_job(Path("nowhere"))
    with pytest.raises(InputError, match="is running on this computer, perhaps from another window"):
        section.start()
    assert not section.preparing
    runtime.wait_until(lambda: panel.ui.goBackFrame.isVisibleTo(panel.ui.runBar))
    panel.ui.goBackButton.click()
    panel.ui.cancelButton.click()
    ended(runtime, panel)
    follower.process.wait(20)


def test_a_scene_whose_job_is_gone_says_so_and_so_does_a_job_that_goes_while_it_is_shown(panel, past, runtime):
    panel.run_section.follow(past)
    panel.refresh()
    shutil.move(past, past.with_name("elsewhere"))
    panel.refresh()
    assert "The job of this scene is gone" in panel.ui.statusLabel.text and str(past) in panel.ui.statusLabel.text
    assert panel.run_section.follower is None and panel.parameters.job == str(past)
    shutil.move(past.with_name("elsewhere"), past)  # as a disk that is there again
    panel.refresh()
    assert panel.run_section.follower.job.path == past and "gone" not in panel.ui.statusLabel.text


def test_two_slicers_on_one_job_one_runs_and_one_watches(started, runtime, scene):
    from TransferSegGui import jobs

    panel = started("endless")
    folder = panel.run_section.follower.job.path
    with pytest.raises(InputError, match="is being run by process"):
        jobs.start(folder)
    other = jobs.JobFollower(folder)
    assert other.running
    panel.ui.cancelButton.click()
    ended(runtime, panel)
    runtime.wait_until(lambda: (other.poll(), not other.running)[1])
    assert other.status.state == "cancelled"


def test_a_job_that_runs_cannot_be_deleted_and_one_that_ended_can(started, runtime, scene, monkeypatch):
    from TransferSegGui import jobs

    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda _question: True)
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    assert not panel.ui.deleteJobButton.enabled
    with pytest.raises(InputError, match="cancel it first"):
        jobs.delete(folder)
    panel.ui.cancelButton.click()
    ended(runtime, panel)
    runtime.wait_until(lambda: panel.ui.deleteJobButton.enabled)  # once the list of jobs is read again
    panel.ui.deleteJobButton.click()
    assert not folder.exists()
    runtime.wait_until(lambda: panel.ui.jobsComboBox.count == 0)


def test_a_job_that_another_program_holds_open_for_a_moment_is_deleted_all_the_same(panel, heads, monkeypatch):
    from all_steps import take_all_steps
    from TransferSegGui import jobs

    heads(2)
    panel.ui.addFromSceneButton.click()
    folder = take_all_steps(panel.create_job())
    rename, refused = Path.rename, []

    def held(path, target):
        if len(refused) < 2:
            refused.append(path)
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held)
    jobs.delete(folder)
    assert refused == [folder, folder] and list(folder.parent.iterdir()) == []


def test_the_logic_alone_starts_watches_and_cancels_a_job(scene, heads, tiny, worker, place):
    from TransferSegGui.targets import find_segmentation

    from TransferSeg import TransferSegLogic

    worker("endless")
    logic = TransferSegLogic()
    assert tiny in [source.card.name for source in logic.sourceModels()]
    volumes = heads(3)
    cases = [logic.case(volume, find_segmentation(volume)) for volume in volumes]
    assert [case.role for case in cases] == ["train", "train", "unlabelled"]
    job = logic.createJob(tiny, cases, strategies=["direct", "conservative:layers=2"], minutes=5)
    assert job.parent == place / "jobs"
    assert logic.status(job).state == "waiting"
    logic.startJob(job)
    status = logic.status(job)  # its files do not say so yet
    assert (status.state, bool(status.phase), status.resumable) == ("running", True, False)
    assert logic.wait(job, seconds=1.0).state == "running"
    logic.cancelJob(job)
    assert logic.wait(job, seconds=20).state == "cancelled"
    with pytest.raises(InputError, match="at least one"):
        logic.createJob(tiny, cases, strategies=[])
    logic.cleanup()


def test_a_job_from_before_that_was_interrupted_is_offered_for_resuming(panel, heads, runtime, worker):
    heads(2)
    panel.ui.addFromSceneButton.click()
    from all_steps import take_all_steps

    folder = take_all_steps(panel.create_job())
    job = JobFolder(folder)
    job.events.write_text(json.dumps({"kind": "started", "time": 1.0, "title": "", "job": "adapt"}) + "\n")
    panel.run_section.list_again()
    runtime.wait_until(lambda: "interrupted" in panel.ui.jobsComboBox.currentText)
    runtime.wait_until(lambda: panel.ui.resumeJobButton.enabled)
    worker("endless")
    panel.ui.resumeJobButton.click()
    runtime.wait_until(lambda: panel.run_section.follower.curves)
    panel.ui.cancelButton.click()
    assert ended(runtime, panel).state == "cancelled"


def test_what_a_slicer_that_was_closed_left_of_a_deleted_job_goes_with_the_next_one(
    started, runtime, scene, monkeypatch
):
    from TransferSegGui import jobs

    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda _question: True)
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    panel.ui.cancelButton.click()
    ended(runtime, panel)
    shutil.copytree(folder, folder.with_name(f"{jobs.DELETED}1"))
    panel.ui.deleteJobButton.click()
    assert list(folder.parent.iterdir()) == []
    runtime.wait_until(lambda: panel.ui.jobsComboBox.count == 0)
    assert not panel.ui.openJobButton.enabled and not panel.ui.resumeJobButton.enabled


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": 99}'])
def test_a_scene_that_remembers_a_damaged_job_is_opened_all_the_same(panel, heads, runtime, scene, tmp_path, content):
    from all_steps import take_all_steps

    heads(3)
    panel.ui.addFromSceneButton.click()
    folder = take_all_steps(panel.create_job())
    panel.run_section.follow(folder)
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    runtime.clear_scene()
    panel.run_section.forget()
    (folder / "job.json").write_text(content)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.wait_until(lambda: panel.ui.targetCasesTable.rowCount == 3)
    assert "job.json" in panel.ui.statusLabel.text and panel.run_section.follower is None
    runtime.wait_until(lambda: panel.ui.startButton.enabled, 30)
    panel.exit()
    panel.enter()


def test_events_that_are_not_as_they_should_be_say_nothing(panel, heads, runtime):
    from all_steps import take_all_steps
    from TransferSegGui import jobs

    heads(2)
    panel.ui.addFromSceneButton.click()
    folder = take_all_steps(panel.create_job())
    odd = [
        {"kind": "started", "time": 1.0, "title": "", "job": "adapt"},
        {"kind": "phase"},
        {"kind": "phase", "text": 3},
        {"kind": "progress", "fraction": "much"},
        {"kind": "progress", "fraction": float("nan"), "seconds_left": "soon"},
        {"kind": "progress", "fraction": 1e300, "seconds_left": []},
        {"kind": "metric", "strategy": "open"},
        {"kind": "metric", "strategy": ["open"], "fold": {}, "step": "one", "loss": None},
        {"kind": "choice", "weights": 3},
        {"kind": "warning"},
        {"kind": "failed"},
    ]
    JobFolder(folder).events.write_text("".join(json.dumps({"time": 1.0, **event}) + "\n" for event in odd))
    panel.run_section.follow(folder)
    runtime.process_events(100)
    assert panel.run_section.follower.status.state == "failed"
    assert 0 <= panel.ui.progressBar.value <= 100
    assert runtime.take_errors() == []
    assert isinstance(jobs.JobFollower(folder).status.message, str)


@pytest.mark.parametrize("content", ["[]", "5", '{"made_by": 3}', '{"made_by": {"kept": 3}}', "{}"])
def test_scores_that_are_none_are_told(panel, heads, content):
    from all_steps import take_all_steps
    from TransferSegGui.results import load_results

    heads(2)
    panel.ui.addFromSceneButton.click()
    job = JobFolder(take_all_steps(panel.create_job()))
    job.scores_json.write_text(content)
    with pytest.raises(InputError, match=r"scores\.json|its scores are damaged"):
        load_results(job.path)


def test_a_scene_of_another_version_or_damaged_shows_what_it_can(panel, heads, runtime):
    from TransferSegGui.targets import PARAMETER

    heads(2)
    panel.ui.addFromSceneButton.click()
    node = panel.parameters.parameterNode
    known = json.loads(node.GetParameter(PARAMETER))
    node.SetParameter(PARAMETER, json.dumps([1, {}, {"key": "x", "role": "nobody"}, *known]))
    panel.parameters.strategy = "of-tomorrow"
    panel.refresh()
    runtime.process_events(50)
    assert len(panel.cases_section.cases()) == len(known)
    assert panel.parameters.strategy == "auto"


def test_a_segment_whose_name_cannot_be_read_is_named(panel, heads, scene, runtime):
    heads(2)
    segment = scene.util.getNode("Head 1 labels").GetSegmentation().GetNthSegment(0)
    segment.SetName("li\tver\x07")
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 30)
    (found, *_more) = panel.cases_section.checks.errors
    assert "segment `li ver\\u0007`: its name has characters that are not seen" in found.sentence
