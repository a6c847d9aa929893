"""A job on cases of which not all is annotated: what nobody annotated is in no score, and the rest is as ever."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.labels import FIRST_OPEN
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs import network_dice
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.training.options import TrainingOptions

SLICES = (3, 7, 8, 11)


@pytest.fixture
def table(tmp_path, phantoms) -> Path:
    """Three heads: the first without bone, the second with four slices; `labels.json` names their labels."""
    data = read_case_set(phantoms("t2w", 3))
    path = tmp_path / "heads.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["case", "image", "label", "not_annotated", "annotated_slices"])
        for case, lacks, slices in zip(
            data.cases, ("bone", "", ""), ("", f"axial: {', '.join(map(str, SLICES))}", ""), strict=True
        ):
            rows.writerow([case.name, case.images[0], case.label, lacks, slices])
    (tmp_path / "labels.json").write_text(str({name: value for value, name in data.labels.items()}).replace("'", '"'))
    return path


def test_what_nobody_annotated_is_not_scored(tmp_path, table, tiny_source):
    air = "air"
    spec = JobSpec(
        3,
        "compare",
        str(table),
        (StrategyChoice("direct"), StrategyChoice("open")),
        source=str(tiny_source),
        folds=3,
        training=TrainingOptions(steps=2, deterministic=True, post_processing="chosen"),
        ignore=air,
    )
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    context = JobContext.read(job.read_spec())
    values = {name: value for value, name in context.labels.items()}
    assert air not in values and set(values) == {"soft tissue", "bone"}
    first, second, third = context.target.cases
    rows = read_scores(job.path / "scores.csv")
    assert {(row.case, row.label_name) for row in rows if row.strategy == "open"} == {
        (first.name, "soft tissue"),
        *((case.name, name) for case in (second, third) for name in values),
    }
    ignored = next(value for value, name in read_case_set(table).labels.items() if name == air)
    for row in rows:
        case = next(case for case in context.target.cases if case.name == row.case)
        truth = read_labels(case.label).array
        found = read_labels(job.segmentations / StrategyChoice.parse(row.strategy).slug / f"{case.name}.nii.gz").array
        known = truth != ignored
        if case == second:
            known &= np.isin(np.arange(truth.shape[2]), SLICES)
        wanted = dice((truth == row.label) & known, (found == row.label) & known)
        assert row.scores.dice == (None if wanted is None else pytest.approx(wanted, abs=1e-5))
    card = read_json(job.model / "card.json")
    assert "ignore" not in {label["name"] for label in card["labels"]}
    assert "hatched: not annotated" in (job.path / "report.html").read_text(encoding="utf-8")


def test_what_nobody_annotated_has_no_say_in_what_is_chosen_by_scores(monkeypatch):
    """It is no label of which rightly nothing was found: that would count as 1 and hide what the others lose."""
    reference = np.array([[[1, 1, FIRST_OPEN, FIRST_OPEN]]], np.uint8)
    found = np.array([[[1, 0, 0, 0]]], np.uint8)
    partly = SimpleNamespace(image=np.zeros((1, 1, 1, 4)), classes=reference, open_classes={FIRST_OPEN: (0, 2)})
    quiet = SimpleNamespace(image=np.zeros((1, 1, 1, 4)), classes=np.minimum(reference, 1), open_classes={})
    quiet.classes[0, 0, 2:] = 0
    monkeypatch.setattr(network_dice, "window_classes", lambda *arguments: found)
    task = SimpleNamespace(names=("one", "two"), regions=())
    measure = network_dice.NetworkDice(task, (1, 1, 1), fixed_execution("cpu", 1))
    assert measure.of_cases(None, [partly, quiet]) == pytest.approx([2 / 3, (2 / 3 + 1) / 2])
    both = SimpleNamespace(**{**vars(partly), "open_classes": {FIRST_OPEN: (0, 1, 2)}})
    assert measure.of_cases(None, [both]) == [1.0]  # alike for all that is compared
    assert measure.mean(None, [partly, quiet]) == pytest.approx(2 / 3)
