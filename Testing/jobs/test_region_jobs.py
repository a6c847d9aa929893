"""A job on regions: from a model of labels to one of regions, and from that to labels again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.card import read_card
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

CHOICES = (StrategyChoice("direct"), StrategyChoice("open"))


def run(folder: Path, target: Path, source: Path, label_map) -> JobFolder:
    training = TrainingOptions(steps=2, deterministic=True)
    spec = JobSpec(
        3, "compare", str(target), CHOICES, "open", source=str(source), folds=2, label_map=label_map, training=training
    )
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def test_regions_are_learned_scored_and_left_as_regions(tmp_path, phantoms, tiny_source):
    data = read_case_set(phantoms("t2w", 2))
    a, b, c = data.labels
    rows = [f"{case.name},{case.images[0]},{case.label}" for case in data.cases]
    (tmp_path / "heads.csv").write_text("\n".join(["case,image,label", *rows]))
    (tmp_path / "labels.json").write_text(json.dumps({"whole": [a, b, c], "part": [b, c], "kernel": c}))
    names = list(data.labels.values())
    label_map = {"whole": names, "part": names[1:], "kernel": names[2]}
    job = run(tmp_path / "job", tmp_path / "heads.csv", tiny_source, label_map)
    card = read_card(job.model)
    assert [(one.number, one.covers) for one in card.regions] == [(a, (a, b, c)), (b, (b, c)), (c, (c,))]
    assert card.label_names == ("whole", "part", "kernel")
    assert json.loads((job.segmentations / "open" / "labels.json").read_text())["part"] == [b, c]
    covers = {"whole": (a, b, c), "part": (b, c), "kernel": (c,)}
    for row in read_scores(job.path / "scores.csv"):
        case = next(case for case in data.cases if case.name == row.case)
        found = read_labels(job.segmentations / row.strategy / f"{case.name}.nii.gz").array
        truth = read_labels(case.label).array
        wanted = dice(*(np.isin(labels, covers[row.label_name]) for labels in (truth, found)))
        assert row.scores.dice == (None if wanted is None else pytest.approx(wanted, abs=1e-5))
    assert "log-odds against the background" in (job.path / "report.html").read_text(encoding="utf-8")
    # And back: the labels of which each voxel has one begin from the regions that cover them.
    back = {names[0]: "whole", names[1]: "part", names[2]: "kernel"}
    again = run(tmp_path / "again", phantoms("t2w", 2), job.model, back)
    assert read_card(again.model).regions == ()
    assert "scores of regions summed" in (again.path / "report.html").read_text(encoding="utf-8")
