"""Ensembles of a job's folds: what is kept, what segments and scores with it, and that a killed job makes the same one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.jobs.advising import advise
from TransferSegLib.jobs.checking import check_job
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_member_states, load_members, load_source, load_state
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def adapt_spec(source, data, folds=2, **training):
    options = TrainingOptions(steps=2, deterministic=True, ensemble="folds", adapted_share=0.5, **training)
    spec = {"source": str(source), "strategies": adapt_strategies(OPEN, read_card(source)), "keep": OPEN.key}
    return JobSpec(3, "adapt", str(data), training=options, folds=folds, **spec)


@pytest.fixture(scope="module")
def data(phantoms):
    return phantoms("t2w", 4)


@pytest.fixture(scope="module")
def job(tmp_path_factory, data, tiny_source):
    folder = JobFolder.create(tmp_path_factory.mktemp("ensemble") / "job", adapt_spec(tiny_source, data))
    run_job(folder.path)
    return folder


def test_the_kept_model_has_the_final_weights_to_begin_from_and_those_of_each_fold(job, data):
    source = find_source(job.model)
    assert [member.file for member in source.card.members] == [f"members/fold{n}.safetensors" for n in range(2)]
    final, *_ = states = [load_state(source), *load_member_states(source)]
    assert all(any(not torch.equal(final[k], other[k]) for k in final) for other in states[1:])
    # The folds' models are kept once more, with what they have seen, so that a job can go on from them.
    kept = FoldModels(job, OPEN)
    assert all(torch.equal(kept.load_scored(n)[k], states[1 + n][k]) for k in final for n in (0, 1))
    # A job that begins from it begins from the one set of weights.
    again = JobContext.read(adapt_spec(job.model, data))
    [said] = [problem for problem in check_job(again) if problem.code == "source-is-ensemble"]
    assert "an ensemble of 3 models; the job begins from the first" in said.message and said.severity == "note"
    assert all(torch.equal(again.state[name], value) for name, value in final.items())
    # So advice measures that one, and says so.
    alone = advise(source, data, device="cpu").problems
    [said] = [problem for problem in alone if problem.code == "first-of-ensemble"]
    assert "an ensemble of 3 models. What was measured of it is of the first alone" in said.sentence


def test_each_folds_model_is_the_one_that_segmented_its_cases(job, data):
    """Which are thus the out-of-fold segmentations: those of single models."""
    source, cases = find_source(job.model), read_case_set(data).cases
    networks = [load_source(source)[0], *load_members(source)]
    execution = likely_execution("cpu", deterministic=True)
    split = {row["case"]: int(row["fold"]) for row in rows_of(job) if row["strategy"] == OPEN.key}
    for case in cases:
        prepared = prepare_case(case, source.card.preprocessing)
        member = networks[1 + split[case.name]]
        found = Segmenter(member, source.card.patch_size, execution, print, settings=source.card.inference)(prepared)
        kept = read_labels(job.segmentations / OPEN.slug / f"{case.name}.nii.gz").array
        assert np.array_equal(found.classes, kept)


def rows_of(job):
    import csv

    with job.scores_csv.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_scores_and_report_say_of_what_the_out_of_fold_scores_are(job):
    card = read_card(job.model)
    assert {score.how for score in card.scores} == {
        "mean over cases, out-of-fold, of the folds' single models, not of the ensemble"
    }
    said = "is an ensemble of 3 models and takes 3 times as long to segment"
    assert said in job.report.read_text(encoding="utf-8")
    assert "Segmenting a case took" in job.report.read_text(encoding="utf-8")
    assert said in json.loads(job.scores_json.read_text(encoding="utf-8"))["made_by"]["ensemble"]
    events = [json.loads(line) for line in (job.path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    [told] = [one for one in events if one.get("problem", {}).get("code") == "ensemble-kept"]
    assert "and the ensemble itself was not scored" in told["message"]


def test_an_ensemble_without_folds_is_refused_before_it_trains(tiny_source, data):
    with pytest.raises(InputError, match="--ensemble folds: there are no folds whose models could be averaged"):
        JobContext.read(adapt_spec(tiny_source, data, folds=0)).folds()


def test_a_job_that_was_stopped_makes_the_same_ensemble(job, tiny_source, data, tmp_path, monkeypatch):
    folder = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, data))
    from TransferSegLib.jobs import unit_run

    kept, count = unit_run.UnitRun._save_result, []

    def stops(self, *rest):
        count.append(self.unit.name)
        if len(count) == 4:  # within the last fold of `open`: its model is kept, its result is not
            raise KeyboardInterrupt
        return kept(self, *rest)

    monkeypatch.setattr(unit_run.UnitRun, "_save_result", stops)
    with pytest.raises(KeyboardInterrupt):
        run_job(folder.path)
    monkeypatch.undo()
    run_job(folder.path)
    for one, other in zip((job.model, folder.model), (folder.model, job.model), strict=True):
        assert [m.sha256 for m in read_card(one).members] == [m.sha256 for m in read_card(other).members]
    assert read_card(job.model).weights_sha256 == read_card(folder.model).weights_sha256
