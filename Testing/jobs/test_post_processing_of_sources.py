"""Components and holes of the source model as it is: chosen by the rule of what is trained, so that it is compared alike."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.card import read_card
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.jobs import post_processing
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.conditions import load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.kept_source import scored_otherwise
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

DIRECT, OPEN = StrategyChoice("direct"), StrategyChoice("open")


def planted(found, reference, outside, known=None):
    return 0.5, 0.9, 0.95, 0.99


def adapt(source, data, folder, **fields):
    options = TrainingOptions(steps=1, deterministic=True)
    spec = {"source": str(source), "strategies": (DIRECT,), "keep": DIRECT.key, "training": options, **fields}
    job = JobFolder.create(folder, JobSpec(3, "adapt", str(data), folds=2, **spec))
    run_job(job.path)
    return job


@pytest.fixture
def source(tiny_source, tmp_path):
    """The source model, whose first label has another name and another value than the target's."""
    model = shutil.copytree(tiny_source, tmp_path / "source")
    card = json.loads((model / "card.json").read_text())
    card["labels"][0] |= {"name": "first of mine", "value": 77}
    (model / "card.json").write_text(json.dumps(card))
    return model


@pytest.fixture
def cases(phantoms):
    return read_case_set(phantoms("t2w", 4))


def most_components(array, value):
    return ndimage.label(array == value, structure=np.ones((3, 3, 3)))[1]


def test_the_source_as_it_is_is_scored_and_kept_with_what_its_cases_chose(
    source, tiny_source, cases, tmp_path, monkeypatch
):
    monkeypatch.setattr(post_processing, "dice_of_candidates", planted)
    own = read_card(tiny_source).label_names
    *train, test = (case.name for case in cases.cases)
    job = adapt(
        source,
        cases.root,
        tmp_path / "job",
        cases=CaseChoice(tuple(train), (test,)),
        label_map={own[0]: "first of mine"},
    )
    card = read_card(job.model)
    # The model's own names are on its card; the folds' scores go by the target's.
    assert card.label_names == ("first of mine", *own[1:])
    assert card.inference.largest_component == card.inference.fill_holes == card.label_names
    results = [one for one in unit_results(job, job.read_spec()) if one.strategy == "direct"]
    assert {one.fold: one.post_processing for one in results} == {
        "0": dict.fromkeys(own, "both"),
        "1": dict.fromkeys(own, "both"),
        "test": {},
    }
    rows = {(row.case, row.label): row.scores.dice for one in results for row in one.rows}
    for case in cases.cases:
        found, reference = (
            read_labels(path).array for path in (job.segmentations / "direct" / f"{case.name}.nii.gz", case.label)
        )
        for value in cases.labels:
            assert most_components(found, value) <= 1
            assert rows[case.name, value] == dice(reference == value, found == value)
    told = [json.loads(line) for line in (job.path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    codes = [one["strategy"] for one in told if one.get("problem", {}).get("code") == "post-processing-chosen"]
    assert codes.count("direct") == len(own)
    # Where the source model is offered instead, its score is said to be of more than it does by itself.
    context, conditions = JobContext.read(job.read_spec()), load_conditions(job)
    kept, offered = (scored_otherwise(job, context, conditions, is_kept) for is_kept in (True, False))
    (only,) = offered.fields["how"]
    assert only.code == "scored-with-components" and tuple(only.fields["labels"]) == own
    assert kept is None, "its card has them"


def test_holes_are_left_where_the_source_has_labels_that_the_target_has_not(
    source, tiny_source, cases, tmp_path, monkeypatch
):
    monkeypatch.setattr(post_processing, "dice_of_candidates", planted)
    own = read_card(tiny_source).label_names
    job = adapt(source, cases.root, tmp_path / "job", label_map={own[0]: None})
    card = read_card(job.model)
    assert card.inference.largest_component == own[1:] and card.inference.fill_holes == ()


def test_a_job_that_recommends_segments_its_test_cases_with_the_source_as_the_folds_chose(
    tiny_source, cases, tmp_path, monkeypatch
):
    monkeypatch.setattr(post_processing, "dice_of_candidates", planted)
    *train, test = (case.name for case in cases.cases)
    chosen = CaseChoice(tuple(train), (test,))
    job = adapt(tiny_source, cases.root, tmp_path / "job", strategies=(DIRECT, OPEN), keep="auto", cases=chosen)
    found = read_labels(job.segmentations / "direct" / f"{test}.nii.gz").array
    assert max(most_components(found, value) for value in cases.labels) == 1
