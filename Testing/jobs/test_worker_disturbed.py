"""The worker on tiny phantoms: killed, resumed, cancelled, and disturbed by what changes or fails meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_jobs import Killed, adapt_spec, run, run_without_report, same, weights

from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import Cancelled, InputError, JobError
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs import folder, network_dice, unit_training
from TransferSegLib.jobs.checking import check_job
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks import execution
from TransferSegLib.training import loop
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer import checks

REPOSITORY = Path(__file__).resolve().parents[2]


def kill_after_a_result(job: JobFolder) -> None:
    """Run a job, or let it go on, until another of its units is finished."""

    def kill(event: dict[str, Any]) -> None:
        if event["kind"] == "result":
            raise Killed

    with pytest.raises(Killed):
        run_job(job.path, kill)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, compare_spec) -> JobFolder:
    """A finished comparison whose execution was measured, with checkpoints and metrics at every step."""
    spec = replace(compare_spec, folds=2, training=TrainingOptions(steps=3))
    with pytest.MonkeyPatch.context() as patch:
        say_and_keep_every_step(patch)
        return run(tmp_path_factory.mktemp("measured") / "job", spec)


def say_and_keep_every_step(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    patch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    patch.setattr(
        execution, "MEASURE_LIMIT_S", 0.0
    )  # one setting and plain float32: which one is fastest does not matter


@pytest.mark.parametrize("event", [5, 12, 20])
def test_a_killed_job_ends_with_the_weights_of_one_that_was_not(tmp_path, measured, monkeypatch, event):
    say_and_keep_every_step(monkeypatch)
    job = JobFolder.create(tmp_path / "killed", measured.read_spec())
    count = 0

    def kill(event_seen: dict[str, Any]) -> None:
        nonlocal count
        count += event_seen["kind"] in ("metric", "choice", "result")
        if count == event:
            raise Killed

    with pytest.raises(Killed):
        run_without_report(job.path, kill)
    assert job_status(job.path).state == "interrupted"
    began = chosen_executions(job)
    run_without_report(job.path)
    assert began.items() <= chosen_executions(job).items(), "what was measured is part of the job"
    assert chosen_executions(job) == chosen_executions(measured)
    assert same(weights(job), weights(measured))
    assert job.scores_csv.read_text(encoding="utf-8") == measured.scores_csv.read_text(encoding="utf-8")


def chosen_executions(job: JobFolder) -> dict[str, Any]:
    """How each strategy is run, as the job keeps it."""
    return {path.name: read_json(path)["execution"] for path in (job.state / "results").glob("settings.*.json")}


def test_kill_9_and_resume_from_the_command_line(tmp_path, tiny_source, phantoms):
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0)
    spec = replace(spec, training=TrainingOptions(steps=40, deterministic=True))
    job, whole = JobFolder.create(tmp_path / "a b é", spec), run(tmp_path / "whole", spec)
    command = [sys.executable, "-m", "TransferSegLib", "run", str(job.path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if any(e["kind"] == "metric" for e in read_events(job.events)[0]):
                break
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    assert job_status(job.path).state in ("interrupted", "done")
    resumed = subprocess.run(
        [*command[:3], "resume", str(job.path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert resumed.returncode == 0, resumed.stderr
    assert same(weights(job), weights(whole))


def test_a_second_worker_is_refused(tmp_path, compare_spec):
    job = JobFolder.create(tmp_path / "job", compare_spec)
    with job.lock(), pytest.raises(InputError, match="is being run by"):
        run_without_report(job.path)


def test_cancel_leaves_a_model_that_can_be_used_and_resume_goes_on(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0)
    job = JobFolder.create(tmp_path / "job", replace(spec, training=TrainingOptions(steps=20, deterministic=True)))
    asked: list[int] = []

    def cancel(event: dict[str, Any]) -> None:
        if event["kind"] == "metric" and not asked:
            job.request_cancel()
            asked.append(event["step"])

    with pytest.raises(Cancelled, match="resume"):
        run_without_report(job.path, cancel)
    card = read_card(job.model)
    assert card.made_by["finished"] is False and card.made_by["steps"] == asked[0], "no step is done after it"
    assert job_status(job.path).state == "cancelled" and not job.cancel_file.exists()
    first = weights(job)
    run_without_report(job.path)
    assert read_card(job.model).made_by["steps"] == 20 and not same(first, weights(job))


def test_a_second_cancel_leaves_what_was_trained_until_then_and_segment_says_that_it_was_stopped(
    tmp_path, tiny_source, phantoms, capsys, monkeypatch
):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    spec = adapt_spec(tiny_source, phantoms("t2w", 3), "open", folds=3)
    job = JobFolder.create(tmp_path / "job", replace(spec, training=TrainingOptions(steps=6, deterministic=True)))

    def cancel(fold: int | str) -> None:
        def listener(event: dict[str, Any]) -> None:
            if event["kind"] == "metric" and event["fold"] == fold:
                job.request_cancel()

        with pytest.raises(Cancelled):
            run_without_report(job.path, listener)

    cancel(0)
    first = weights(job)
    job.request_cancel()
    with pytest.raises(Cancelled):
        run_without_report(job.path)
    assert same(first, weights(job)), "nothing was trained since"
    cancel(1)
    assert not same(first, weights(job))
    card = read_card(job.model)
    assert not card.finished and card.training_cases == 2
    images, warning = phantoms("t2w", 3) / "imagesTr", "is of a job that was stopped before its end"
    command = [
        "segment",
        "--model",
        str(job.path),
        "--images",
        str(next(images.iterdir())),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(command) == 1 and capsys.readouterr().err.count(warning) == 1
    assert main(["sources", "export", str(job.path), str(tmp_path / "bundle")]) == 0
    assert capsys.readouterr().err.count(warning) == 1
    run_without_report(job.path)
    assert read_card(job.model).finished and read_card(job.model).training_cases == 3
    assert main(command) == 0 and warning not in capsys.readouterr().err


def test_cancel_is_seen_while_cases_are_still_checked(tmp_path, tiny_source, phantoms, monkeypatch):
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, phantoms("t2w", 3), "open", folds=0))
    looked: list[str] = []
    original = checks.read_facts

    def read_facts(cases, root):
        for one in original(cases, root):
            looked.append(one.case.name)
            job.request_cancel()
            yield one

    monkeypatch.setattr(checks, "read_facts", read_facts)
    with pytest.raises(Cancelled):
        run_without_report(job.path)
    assert len(looked) == 1
    assert read_card(job.model).labels == read_card(tiny_source).labels  # the source model, as it is
    monkeypatch.setattr(checks, "read_facts", original)
    run_without_report(job.path)
    assert job_status(job.path).state == "done"


def test_cancel_is_seen_while_validation_cases_are_segmented(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(loop, "VALIDATION_FROM", 2)
    spec = adapt_spec(tiny_source, phantoms("t2w", 3), "open", folds=3)
    spec = replace(spec, strategies=spec.strategies[1:], training=TrainingOptions(steps=30, deterministic=True))
    job = JobFolder.create(tmp_path / "job", spec)
    original, seen = loop.Training._check, []

    def check(self, validate):
        job.request_cancel()
        original(self, validate)

    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    monkeypatch.setattr(loop.Training, "_check", check)
    monkeypatch.setattr(network_dice, "window_classes", lambda *arguments: seen.append(1))
    with pytest.raises(Cancelled):
        run_without_report(job.path)
    assert not seen
    assert read_card(job.model).made_by["finished"] is False


def test_the_sources_own_cases_are_checked_before_anything_is_trained(tmp_path, tiny_source, phantoms):
    old = tmp_path / "old"
    shutil.copytree(phantoms("t1w", 2), old)
    image = next((old / "imagesTr").iterdir())
    image.write_bytes(image.read_bytes()[:100])
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "multimodal", source_data=str(old), folds=0)
    job = JobFolder.create(tmp_path / "job", spec)
    with pytest.raises(InputError, match=image.name.split(".")[0]):
        run_without_report(job.path)
    assert not any(event["kind"] == "metric" for event in read_events(job.events)[0])


def test_running_out_of_memory_makes_the_batch_smaller_says_so_and_goes_on(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    original = loop._Step.run

    def hungry(self, images, classes, scale):
        if images.shape[0] > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return original(self, images, classes, scale)

    monkeypatch.setattr(loop._Step, "run", hungry)
    job = run(tmp_path / "job", adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0))
    events = read_events(job.events)[0]
    assert [e["message"] for e in events if e["kind"] == "warning"] == [
        "Memory ran out: going on with batch 1 and patches of 24×24×16 voxels"
    ]
    assert job_status(job.path).state == "done"
    assert "Memory ran out" in job.report.read_text(encoding="utf-8")


def test_a_full_disk_is_one_sentence_and_the_job_can_be_resumed(tmp_path, tiny_source, phantoms, monkeypatch):
    import errno

    from TransferSegLib.jobs import files

    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0)
    job = JobFolder.create(tmp_path / "job", spec)
    original = Path.write_bytes

    def full(self, data):
        if "prepared" in str(self):
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(files.Path, "write_bytes", full)
        with pytest.raises(JobError, match="the disk is full; free space, then `transferseg resume"):
            run_without_report(job.path)
    assert job_status(job.path).resumable
    run_without_report(job.path)
    assert job_status(job.path).state == "done"


def test_a_case_that_was_removed_is_one_sentence_and_the_job_can_be_resumed(tmp_path, tiny_source, phantoms):
    import shutil

    target = tmp_path / "target"
    shutil.copytree(phantoms("t2w", 3), target)
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, target, "open"))
    kill_after_a_result(job)
    image = target / "imagesTr" / "phantom_001.nii.gz"
    image.rename(tmp_path / "elsewhere.nii.gz")
    with pytest.raises((InputError, JobError), match="phantom_001") as caught:
        run_without_report(job.path)
    assert "\n" not in str(caught.value)
    (tmp_path / "elsewhere.nii.gz").rename(image)
    run_without_report(job.path)
    assert job_status(job.path).state == "done"


def test_a_job_goes_on_only_with_the_cases_that_it_began_with(tmp_path, tiny_source, phantoms):
    cases = phantoms("t2w", 4)
    lines = ["case,image,label,role"] + [
        f"c{n},{cases}/imagesTr/phantom_00{n}.nii.gz,{cases}/labelsTr/phantom_00{n}.nii.gz,train" for n in range(4)
    ]
    table = tmp_path / "cases.csv"
    table.write_text("\n".join(lines[:4]), encoding="utf-8")
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, table, "direct"))
    kill_after_a_result(job)
    table.write_text("\n".join([lines[0], lines[2], lines[3].replace("train", "test"), lines[4]]), encoding="utf-8")
    with pytest.raises(InputError, match=r"\(`c0` gone, `c2` now a test case, `c3` new\); put them back"):
        run_without_report(job.path)
    table.write_text("\n".join(lines[:4]), encoding="utf-8")
    run_without_report(job.path)
    assert sorted({row.case for row in read_scores(job.scores_csv)}) == ["c0", "c1", "c2"]


@pytest.mark.parametrize("what", ["imagesTr", "labelsTr"])
def test_a_job_goes_on_only_with_the_voxels_that_it_began_with(tmp_path, tiny_source, phantoms, what):
    cases = tmp_path / "cases"
    shutil.copytree(phantoms("t2w", 3), cases)
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, cases, "direct", folds=3))
    kill_after_a_result(job)
    path = cases / what / "phantom_001.nii.gz"
    before, volume = path.read_bytes(), read_volume(path)
    write_volume(path, volume.array[::-1], volume.grid)
    with pytest.raises(InputError, match=r"\(`phantom_001` now with other voxels\); put them back as they were"):
        run_without_report(job.path)
    path.write_bytes(before)  # at another time than before, but the same
    run_without_report(job.path)
    assert len({row.case for row in read_scores(job.scores_csv)}) == 3


def test_cases_that_change_before_the_folds_are_drawn_are_checked_again(tmp_path, tiny_source, phantoms):
    folder, table = phantoms("t2w", 2), tmp_path / "cases.csv"
    lines = ["case,image,label"] + [
        f"c{n},{folder}/imagesTr/phantom_00{n}.nii.gz,{folder}/labelsTr/phantom_00{n}.nii.gz" for n in (0, 1)
    ]
    table.write_text("\n".join(lines), encoding="utf-8")
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, table, "direct", folds=3))
    with pytest.raises(InputError, match="there are only 2 annotated cases"):
        run_without_report(job.path)
    table.write_text("\n".join([*lines, lines[1].replace("c0", "c2")]), encoding="utf-8")
    with pytest.raises(InputError, match="case `c2`: has the same image as case `c0`"):
        run_without_report(job.path)


def test_the_sources_own_cases_are_those_that_the_job_began_with(tmp_path, tiny_source, phantoms):
    own = tmp_path / "own"
    shutil.copytree(phantoms("t1w", 3), own)
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "multimodal", folds=2, source_data=str(own))
    job = JobFolder.create(tmp_path / "job", spec)
    kill_after_a_result(job)
    path = next((own / "imagesTr").glob("*.nii.gz"))
    volume = read_volume(path)
    write_volume(path, volume.array + 1, volume.grid)
    with pytest.raises(InputError, match=f"`{path.name.split('.')[0]}` now with other voxels"):
        run_without_report(job.path)


@pytest.fixture(scope="module")
def killed(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    """A job of three folds that was killed after the first; a test goes on with a copy."""
    spec = adapt_spec(tiny_source, phantoms("t2w", 3), "direct", folds=3)
    job = JobFolder.create(tmp_path_factory.mktemp("killed") / "job", spec)
    kill_after_a_result(job)
    return job


@pytest.mark.parametrize("damage", ["[]", "3", '{"phantom_000": {"images": 3}}', "{"])
def test_damaged_digests_are_made_again(tmp_path, killed, damage):
    job = JobFolder(shutil.copytree(killed.path, tmp_path / "job"))
    digests = job.state / "results" / "digests.json"
    before = digests.read_text(encoding="utf-8")
    digests.write_text(damage)
    kill_after_a_result(job)
    assert digests.read_text(encoding="utf-8") == before and len(read_json(digests)) == 3


def test_a_learning_rate_that_blows_up_is_named(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(loop._Step, "run", lambda self, images, classes, scale: float("nan"))
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0))
    with pytest.raises(JobError, match="lower --learning-rate"):
        run_without_report(job.path)


def test_an_error_among_the_findings_stops_the_job_before_it_trains(tmp_path, tiny_source, phantoms):
    import shutil

    target = tmp_path / "target"
    shutil.copytree(phantoms("t2w", 2), target)
    (target / "imagesTr" / "phantom_001.nii.gz").write_bytes(b"not an image")
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, target, "open"))
    with pytest.raises(InputError, match="phantom_001"):
        run_without_report(job.path)
    assert job_status(job.path).state == "failed"
    with pytest.raises(InputError, match="phantom_001"):
        check_job(JobContext.read(job.read_spec()))
