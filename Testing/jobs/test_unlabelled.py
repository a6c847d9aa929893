"""Jobs whose strategies learn from scans without labels: which scans these are, what is told, and what stays as it was."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_jobs import run_without_report

from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.jobs import source_foreground, unit_training
from TransferSegLib.jobs.checking import check_job
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks import execution
from TransferSegLib.training.loop import Training
from TransferSegLib.training.options import TrainingOptions

SHORT = TrainingOptions(steps=2, deterministic=True, use_unlabelled=True)


def job_spec(target: Path, source: Path, strategy: str, **fields: Any) -> JobSpec:
    choice, training = StrategyChoice(strategy), fields.pop("training", SHORT)
    strategies = (StrategyChoice("direct"), choice)
    return JobSpec(3, "adapt", str(target), strategies, strategy, source=str(source), training=training, **fields)


@pytest.fixture
def cases(tmp_path, phantoms) -> Path:
    """Two annotated cases, two without labels, and a test case."""
    folder = phantoms("t2w", 5)
    lines = ["case,image,label,role"]
    for n, role in enumerate(("train", "train", "unlabelled", "unlabelled", "test")):
        label = "" if role == "unlabelled" else f"{folder}/labelsTr/phantom_{n:03d}.nii.gz"
        lines.append(f"c{n},{folder}/imagesTr/phantom_{n:03d}.nii.gz,{label},{role}")
    (tmp_path / "cases.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "cases.csv"


@pytest.fixture
def seen(monkeypatch) -> list[dict[str, bool]]:
    """Of each training, in order: the name of a case → whether its labels could be learned."""
    found: list[dict[str, bool]] = []
    original = Training.__init__

    def init(self, plan, cases, *arguments, **fields):
        found.append({case.name: case.classes is not None for case in cases})
        original(self, plan, cases, *arguments, **fields)

    monkeypatch.setattr(Training, "__init__", init)
    return found


def test_test_time_sees_the_images_of_all_scans_but_the_test_cases_and_no_label(tmp_path, tiny_source, cases, seen):
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time", folds=2))
    run_without_report(job.path)
    assert seen == [dict.fromkeys(("c0", "c1", "c2", "c3"), False)] * 3
    results = [result for result in unit_results(job, job.read_spec()) if result.strategy == "test-time"]
    assert [result.fold == "test" for result in results].count(True) == 1
    assert sorted({row.case for result in results for row in result.rows}) == ["c0", "c1", "c4"]
    assert {p.name for p in (job.segmentations / "test-time").iterdir()} >= {"c2.nii.gz", "c3.nii.gz"}


@pytest.fixture
def likely(monkeypatch) -> list[dict[str, np.ndarray | None]]:
    """Of each training, in order: the name of a case → where its patches are centred beside labels."""
    found: list[dict[str, np.ndarray | None]] = []
    original = Training.__init__

    def init(self, plan, cases, *arguments, **fields):
        found.append({case.name: case.likely for case in cases})
        original(self, plan, cases, *arguments, **fields)

    monkeypatch.setattr(Training, "__init__", init)
    return found


@pytest.mark.parametrize("strategy", ["test-time", "self-training"])
def test_patches_without_labels_are_centred_on_what_the_source_finds_once_a_job(
    strategy, tmp_path, tiny_source, cases, likely, monkeypatch
):
    segmented, original = [], source_foreground.window_classes

    def count(network, image, *arguments):
        found = original(network, image, *arguments)
        found[:] = 0
        found[1, 2, 3] = 2  # the source's second label
        segmented.append(image.shape)
        return found

    monkeypatch.setattr(source_foreground, "window_classes", count)
    label_map = {"label 1": "air", "label 2": "bone", "label 3": "soft tissue"}
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, strategy, folds=2, label_map=label_map))
    run_without_report(job.path)
    blind = {name for training in likely for name, found in training.items() if found is not None}
    assert blind == {"c0", "c1", "c2", "c3"}, "in a fold, also the case that it leaves out"
    assert len(segmented) == 4
    task = JobContext.read(job.read_spec()).task
    assert task.names != read_card(tiny_source).label_names, "the job has its own order"
    for found in (found for training in likely for found in training.values() if found is not None):
        (label,) = {int(value) for value in np.unique(found)} - {0}
        assert task.names[label - 1] == read_card(tiny_source).label_names[1] == "soft tissue"
        assert np.argwhere(found).tolist() == [[1, 2, 3]]
    assert all(
        training[name] is None for training, known in zip(likely, _known(strategy), strict=True) for name in known
    )
    assert not (job.state / "foreground").exists(), "a finished job needs it no more"


def _known(strategy: str) -> list[set[str]]:
    """Of each training, the cases whose labels it learns."""
    return [set()] * 3 if strategy == "test-time" else [{"c1"}, {"c0"}, {"c0", "c1"}]


def test_patches_from_anywhere_need_no_segmentation(tmp_path, tiny_source, cases, likely):
    training = TrainingOptions(steps=1, deterministic=True, use_unlabelled=True, sampling="random")
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time", folds=0, training=training))
    run_without_report(job.path)
    assert likely == [dict.fromkeys(("c0", "c1", "c2", "c3"))]


def test_the_model_of_test_time_has_the_sources_labels_and_says_what_it_saw(tmp_path, tiny_source, cases):
    label_map = {"label 1": "air", "label 2": "soft tissue", "label 3": "soft tissue"}
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time", folds=0, label_map=label_map))
    run_job(job.path)
    card, source = read_card(job.model), read_card(tiny_source)
    assert card.label_names == source.label_names and card.name == f"{source.name}-adapted-test-time"
    assert "with 4 scans without labels" in card.description and card.training_cases == 4
    assert len(card.seen) == len(source.seen) + 2, "the annotated cases have chosen the share of the adapted weights"
    assert len(card.seen_without_labels) == 4
    before, after = (load_file(folder / "weights.safetensors") for folder in (tiny_source, job.model))
    assert any(not np.array_equal(before[key], after[key]) for key in before)
    report = job.report.read_text(encoding="utf-8")
    assert "used by itself it segments these (air, soft tissue, bone)" in report
    assert [score.label for score in card.scores] == ["air"]  # the merged label is no label of the model


def test_cases_whose_labels_chose_nothing_are_seen_without_their_labels_alone(tmp_path, tiny_source, cases):
    training = replace(SHORT, adapted_share=1.0, post_processing="none")
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time", folds=0, training=training))
    run_without_report(job.path)
    card = read_card(job.model)
    assert card.seen == read_card(tiny_source).seen and len(card.seen_without_labels) == 4


@pytest.fixture
def images(tmp_path, phantoms) -> Path:
    """A folder of three images, and nothing else."""
    folder = tmp_path / "images alone"
    folder.mkdir()
    for file in sorted((phantoms("t2w", 3) / "imagesTr").iterdir()):
        shutil.copy(file, folder)
    return folder


def test_images_alone_are_enough_for_test_time(tmp_path, tiny_source, images, seen):
    spec = job_spec(images, tiny_source, "test-time")
    assert estimate(JobContext.read(spec)).seconds is not None
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    names = ("phantom_000", "phantom_001", "phantom_002")
    assert seen == [dict.fromkeys(names, False)]
    scores = read_json(job.scores_json)
    assert scores["verdict"]["kind"] == "no scores" and scores["out_of_fold"] is scores["test"] is None
    assert "No annotated case was scored" in scores["verdict"]["sentence"]
    findings = [e for e in read_events(job.events)[0] if e["kind"] == "finding" and e["code"] == "images-alone"]
    assert len(findings) == 1 and "nothing says whether it is better than the source model" in findings[0]["message"]
    card, source = read_card(job.model), read_card(tiny_source)
    assert card.label_names == source.label_names and card.made_by["adapted_share"] == 1
    assert card.seen == source.seen and len(card.seen_without_labels) == 3 and card.scores == ()
    before, after = (load_file(folder / "weights.safetensors") for folder in (tiny_source, job.model))
    assert any(not np.array_equal(before[key], after[key]) for key in before)
    assert {p.name for p in (job.segmentations / "test-time").iterdir()} >= {f"{name}.nii.gz" for name in names}
    assert job.report.is_file()


def test_epochs_and_patches_of_images_alone_are_counted_by_the_images(tmp_path, tiny_source, images):
    training = TrainingOptions(epochs=1, patch_size=(0, 0, 0), deterministic=True, use_unlabelled=True)
    job = JobFolder.create(tmp_path / "job", job_spec(images, tiny_source, "test-time", training=training))
    run_without_report(job.path)
    (result,) = [r for r in unit_results(job, job.read_spec()) if r.strategy == "test-time"]
    assert result.steps == -(-3 // result.settings["batch_size"])


@pytest.mark.parametrize("strategy", ["open", "self-training"])
def test_a_strategy_that_is_taught_labels_says_what_images_alone_are_enough_for(tiny_source, images, strategy):
    with pytest.raises(
        InputError, match=r"no label in any case; annotate .* the strategy `test-time`, which learns from"
    ):
        JobContext.read(job_spec(images, tiny_source, strategy))


def test_no_fold_can_be_held_out_of_images_alone(tiny_source, images):
    with pytest.raises(InputError, match="--folds 2: no case is annotated, so none can be held out"):
        JobContext.read(job_spec(images, tiny_source, "test-time", folds=2)).folds()


def test_test_cases_alone_leave_nothing_to_adapt_to(tmp_path, tiny_source, phantoms):
    folder = phantoms("t2w", 2)
    lines = [
        f"c{n},{folder}/imagesTr/phantom_{n:03d}.nii.gz,{folder}/labelsTr/phantom_{n:03d}.nii.gz,test" for n in (0, 1)
    ]
    (tmp_path / "cases.csv").write_text("\n".join(["case,image,label,role", *lines]), encoding="utf-8")
    with pytest.raises(InputError, match="`test-time` learns from scans without labels, and there is none"):
        JobContext.read(job_spec(tmp_path / "cases.csv", tiny_source, "test-time")).check_plans()


def test_a_strategy_that_learns_from_scans_without_labels_needs_the_jobs_leave(cases, tiny_source):
    sentence = "`test-time` trains with scans without their labels.*; give --use-unlabelled to allow it"
    with pytest.raises(InputError, match=sentence):
        job_spec(cases, tiny_source, "test-time", training=TrainingOptions(steps=2))


def test_a_job_without_such_scans_says_what_is_learned_from(tiny_source, phantoms):
    found = check_job(JobContext.read(job_spec(phantoms("t2w", 2), tiny_source, "test-time")))
    (told,) = [problem for problem in found if problem.code == "no-unlabelled-scan"]
    assert told.sentence.startswith(
        "no scan is without labels, so test-time can only learn from the images of the 2 annotated cases"
    )


def test_leave_that_no_strategy_takes_is_told(cases, tiny_source):
    found = check_job(JobContext.read(job_spec(cases, tiny_source, "open")))
    assert [p.code for p in found if p.code.startswith(("unlabelled-", "no-unlabelled"))] == ["unlabelled-not-used"]


@pytest.mark.parametrize(("strategy", "told"), [("open", ["source-data-unused"]), ("multimodal", [])])
def test_cases_of_the_source_that_no_strategy_takes_are_told(tiny_source, phantoms, strategy, told):
    training = TrainingOptions(steps=2, deterministic=True)
    given = {"source_data": str(phantoms("t1w", 2)), "training": training}
    found = check_job(JobContext.read(job_spec(phantoms("t2w", 2), tiny_source, strategy, **given)))
    assert [problem.code for problem in found if problem.code == "source-data-unused"] == told
    if told:
        [said] = [problem for problem in found if problem.code == "source-data-unused"]
        assert "--source-data" in said.message and "`multimodal`" in said.advice and said.severity == "warning"


def test_a_single_scan_is_adapted_to(tmp_path, tiny_source, phantoms, seen):
    job = JobFolder.create(tmp_path / "job", job_spec(phantoms("t2w", 1), tiny_source, "test-time"))
    run_without_report(job.path)
    assert seen == [{"phantom_000": False}]


def test_a_job_of_before_the_setting_was_there_trains_with_no_such_scan():
    assert from_json(TrainingOptions, {"steps": 2}, "training").use_unlabelled is False


def test_the_time_is_estimated_with_what_is_trained(cases, tiny_source):
    found = estimate(JobContext.read(job_spec(cases, tiny_source, "test-time")))
    assert found.seconds is not None and found.plans[1]["teach"] == "consistency"


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.mark.parametrize("strategy", ["test-time", "self-training"])
def test_a_killed_job_ends_with_the_weights_of_one_that_was_not(tmp_path, tiny_source, cases, monkeypatch, strategy):
    monkeypatch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    monkeypatch.setattr(execution, "MEASURE_LIMIT_S", 0.0)
    spec = job_spec(cases, tiny_source, strategy, folds=0)
    whole, killed = (JobFolder.create(tmp_path / name, spec) for name in ("whole", "killed"))
    run_without_report(whole.path)

    def kill(event: dict[str, Any]) -> None:
        if event["kind"] == "metric":
            raise Killed

    with pytest.raises(Killed):
        run_without_report(killed.path, kill)
    run_without_report(killed.path)
    one, other = (load_file(job.model / "weights.safetensors") for job in (whole, killed))
    assert all(np.array_equal(one[key], other[key]) for key in one)


def test_self_training_learns_labels_of_its_own_cases_and_images_of_the_others(tmp_path, tiny_source, cases, seen):
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "self-training", folds=2))
    run_without_report(job.path)
    assert sorted(map(sorted, (found.items() for found in seen))) == sorted(
        [
            [("c0", False), ("c1", True), ("c2", False), ("c3", False)],
            [("c0", True), ("c1", False), ("c2", False), ("c3", False)],
            [("c0", True), ("c1", True), ("c2", False), ("c3", False)],
        ]
    )
    card = read_card(job.model)
    assert "with 2 cases and 2 scans without labels" in card.description and card.training_cases == 2
    assert len(card.seen_without_labels) == 2 and len(card.seen) == len(read_card(tiny_source).seen) + 2


def test_self_training_without_a_scan_to_learn_from_is_refused(tiny_source, phantoms):
    context = JobContext.read(job_spec(phantoms("t2w", 2), tiny_source, "self-training"))
    with pytest.raises(InputError, match="`self-training` learns from scans without labels, and there is none; add"):
        context.check_plans()


def test_self_training_learns_a_label_that_the_source_lacks(tmp_path, tiny_source, cases):
    label_map = {"label 1": "air", "label 2": "soft tissue", "label 3": "new"}
    spec = job_spec(cases, tiny_source, "self-training", folds=0, label_map=label_map)
    job = JobFolder.create(tmp_path / "job", spec)
    run_without_report(job.path)
    assert read_card(job.model).label_names == ("air", "soft tissue", "label 3")


def test_a_job_goes_on_only_with_the_scans_that_it_learns_from(tmp_path, tiny_source, cases):
    own = tmp_path / "own"
    own.mkdir()
    rows = [line.split(",") for line in cases.read_text(encoding="utf-8").splitlines()]
    for row in rows[1:]:
        row[1] = str(shutil.copy(row[1], own / f"{row[0]}.nii.gz"))
    cases.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time", folds=0))

    def kill(event: dict[str, Any]) -> None:
        if event["kind"] == "metric":
            raise Killed

    with pytest.raises(Killed):
        run_without_report(job.path, kill)
    volume = read_volume(own / "c2.nii.gz")
    write_volume(own / "c2.nii.gz", volume.array + 1, volume.grid)
    with pytest.raises(InputError, match="`c2` now with other voxels"):
        run_without_report(job.path)


def test_the_setting_stands_in_the_job(tmp_path, tiny_source, cases):
    job = JobFolder.create(tmp_path / "job", job_spec(cases, tiny_source, "test-time"))
    assert json.loads((job.path / "job.json").read_text(encoding="utf-8"))["training"]["use_unlabelled"] is True
    assert read_json(job.path / "job.json")["strategies"][1]["name"] == "test-time"
