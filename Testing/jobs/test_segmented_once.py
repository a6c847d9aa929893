"""No case is segmented twice by the same weights within a job, and those without labels by the kept model alone."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.inference import copies, segmenter, windows
from TransferSegLib.jobs import rounds
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_members, load_source
from TransferSegLib.training.options import TrainingOptions


def weights_of(network) -> str:
    found = hashlib.sha256()
    for tensor in network.state_dict().values():
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


@pytest.fixture
def data(phantoms, tmp_path):
    """Four annotated cases, of which one is to test on, and two without labels."""
    folder, rows = phantoms("t1w", 6), ["case,image,label,role"]
    for n, role in enumerate(("train", "train", "train", "test", "unlabelled", "unlabelled")):
        label = "" if role == "unlabelled" else f"{folder}/labelsTr/phantom_{n:03d}.nii.gz"
        rows.append(f"phantom_{n:03d},{folder}/imagesTr/phantom_{n:03d}.nii.gz,{label},{role}")
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("asked", [{}, {"uncertainty": True}])
def test_no_case_is_segmented_twice_by_the_same_weights(data, tiny_source, tmp_path, monkeypatch, asked):
    seen: Counter[tuple[str, str]] = Counter()
    original = segmenter.segment

    def counted(network, case, *rest, **named):
        seen[case.name, weights_of(network)] += 1
        return original(network, case, *rest, **named)

    monkeypatch.setattr(segmenter, "segment", counted)
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    training = TrainingOptions(steps=2, deterministic=True, copies=1, **asked)
    source = str(tiny_source)
    job = JobFolder.create(
        tmp_path / "job",
        JobSpec(JOB_FORMAT, "adapt", str(data), choices, "open", source=source, folds=3, training=training),
    )
    run_job(job.path)
    # By the source model: each annotated case. By the folds' models: one annotated case each; by the final one: the test case
    # and those without labels.
    assert len({name for name, _ in seen}) == 6 and len(seen) == 4 + 3 + 3
    assert set(seen.values()) == {1}


def test_each_network_of_an_ensemble_is_run_once_over_a_case(data, tiny_source, tmp_path, monkeypatch):
    runs: Counter[str] = Counter()
    original = copies.mean_over_copies

    def counted(networks, image, *rest, **named):
        runs[hashlib.sha256(image.numpy().tobytes()).hexdigest()] += len(networks)
        return original(networks, image, *rest, **named)

    monkeypatch.setattr(windows, "mean_over_copies", counted)
    choices, training = (
        (StrategyChoice("open"),),
        TrainingOptions(steps=2, deterministic=True, copies=3, ensemble="folds"),
    )
    spec = JobSpec(JOB_FORMAT, "adapt", str(data), choices, "open", source=str(tiny_source), folds=2, training=training)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    # Three annotated cases by a network each, the test case and those without labels by three.
    assert sorted(runs.values()) == [1, 1, 1, 3, 3, 3]
    model = find_source(job.model)
    segment = segmenter.Segmenter(
        load_source(model)[0],
        model.card.patch_size,
        likely_execution("cpu", deterministic=True),
        print,
        settings=model.card.inference,
        members=load_members(model),
    )
    unlabelled = [case for case in read_case_set(data).cases if case.label is None]
    for case in unlabelled:
        found = segment(prepare_case(case, model.card.preprocessing)).classes
        in_job = read_labels(job.segmentations / "open" / f"{case.name}.nii.gz").array
        assert np.mean(in_job != JobContext.read(spec).task.decode(found)) < 1e-4


@pytest.mark.parametrize("kept", ["direct", "open"])
def test_a_recommendation_segments_each_case_once_with_the_source_model(data, tiny_source, tmp_path, monkeypatch, kept):
    """Those without labels only where it is kept; and the test cases not again then."""
    seen: list[tuple[str, str]] = []
    original = segmenter.segment

    def counted(network, case, *rest, **named):
        seen.append((case.name, weights_of(network)))
        return original(network, case, *rest, **named)

    monkeypatch.setattr(segmenter, "segment", counted)
    monkeypatch.setattr(
        rounds.Rounds, "_by_dice", lambda self, fold: rounds.SOURCE if kept == "direct" else self._best(fold)
    )
    monkeypatch.setattr(rounds, "is_farther", lambda *given: False)
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    training, source = TrainingOptions(steps=10, deterministic=True, uncertainty=True, copies=1), str(tiny_source)
    spec = JobSpec(JOB_FORMAT, "adapt", str(data), choices, "auto", source=source, folds=3, training=training)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    by_source = Counter(case for case, weights in seen if weights == seen[0][1])
    unlabelled = {"phantom_004", "phantom_005"}
    wanted = {"phantom_000", "phantom_001", "phantom_002", "phantom_003"} | (unlabelled if kept == "direct" else set())
    assert by_source == dict.fromkeys(wanted, 1)
    called = "direct" if kept == "direct" else "auto"
    assert {path.name for path in job.uncertainty.iterdir()} == {called}
    for case in unlabelled:
        assert [path.parent.name for path in job.segmentations.glob(f"*/{case}.nii.gz")] == [called]
    tested = [(r.strategy, r.scores) for r in read_scores(job.scores_csv) if r.fold == "test"]
    assert {strategy for strategy, _ in tested} == {"direct", "auto"}
    assert (job.segmentations / "auto" / "phantom_003.nii.gz").is_file()
    if kept == "direct":
        own = [[scores for name, scores in tested if name == strategy] for strategy in ("direct", "auto")]
        assert own[0] == own[1]
