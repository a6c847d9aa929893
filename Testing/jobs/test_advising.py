"""What can be said before a training and after jobs, on tiny phantoms; what cannot be said is called unknown."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs.advising import advise, feature_distance
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture(scope="module")
def jobs(tmp_path_factory, tiny_source, phantoms) -> list[JobFolder]:
    """Two finished jobs on two and on four cases; nobody writes into them."""
    made = []
    for count in (2, 4):
        choices = StrategyChoice("direct"), StrategyChoice("open")
        training = TrainingOptions(steps=1, deterministic=True)
        spec = JobSpec(
            3, "adapt", str(phantoms("t2w", count)), choices, "open", str(tiny_source), folds=count, training=training
        )
        made.append(JobFolder.create(tmp_path_factory.mktemp("advised") / "job", spec))
        run_job(made[-1].path)
    return made


def codes(found) -> list[str]:
    return [problem.code for problem in found.problems]


def test_before_a_training_the_source_model_is_measured_as_a_job_measures_it(jobs, tiny_source, phantoms):
    found = advise(find_source(tiny_source), phantoms("t2w", 4), device="cpu")
    rows = [row for row in read_scores(jobs[1].scores_csv) if row.strategy == "direct"]
    for case, value in found.direct_cases:
        own = [row.scores.dice for row in rows if row.case == case and row.scores.dice is not None]
        assert value == pytest.approx(np.mean(own), abs=1e-3), case
    assert len(found.direct_cases) == 4 and found.direct.low is not None
    assert found.spacing_ratio == pytest.approx((1, 1, 1), abs=0.2)
    assert 0 <= found.calibration.error <= 1 and sum(one.voxels for one in found.calibration.bins) > 0
    assert "advise-expectation-unknown" in codes(found) and "advise-intensity-unknown" in codes(found)
    assert found.curve is found.prediction is None


def test_two_sizes_give_a_curve_and_one_says_that_it_cannot_be_said(jobs, tiny_source, phantoms):
    source = find_source(tiny_source)
    found = advise(source, phantoms("t2w", 4), jobs, "cpu")
    assert found.curve.sizes == (1, 3) and [one.cases for one in found.curve.expected] == [7, 11]
    assert found.prediction.cases == 4 and "advise-curve" in codes(found)
    assert "advise-curve-one-size" in codes(advise(source, phantoms("t2w", 4), jobs[1:], "cpu"))


def test_a_job_without_scores_is_refused(tmp_path, tiny_source, phantoms, jobs):
    job = JobFolder.create(tmp_path / "job", jobs[0].read_spec())
    with pytest.raises(InputError, match="has no scores yet; let the job finish"):
        advise(find_source(tiny_source), phantoms("t2w", 2), [job], "cpu")


def test_the_command_prints_sentences_and_the_same_as_json(jobs, tiny_source, phantoms, capsys):
    asked = ["advise", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--device", "cpu"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "As it is, the source model has a mean Dice of 0." in said
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert all(problem["message"] in said for problem in found["problems"])
    assert f"{found['direct']['mean']:.3f}" in said


def test_inputs_like_those_of_the_training_are_no_shift_and_others_are_one_by_hand():
    norm = torch.nn.BatchNorm3d(1).eval()
    norm.eps = 0.0
    handles, found = feature_distance(norm)
    x = torch.tensor([-1.0, 1.0] * 32).reshape(1, 1, 4, 4, 4)  # mean 0 and variance 1, as stored
    norm(x)
    norm(x + 2)  # the divergence of two normal distributions of variance 1 is half the squared distance of their means
    assert found == pytest.approx([0.0, 2.0], abs=1e-6)
    for handle in handles:
        handle.remove()
    norm(x)
    assert len(found) == 2
    assert feature_distance(torch.nn.InstanceNorm3d(1))[0] == []
