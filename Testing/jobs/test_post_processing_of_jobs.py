"""Components and holes in a job: chosen by the folds' segmentations, on the kept model's card, followed by `segment`."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.jobs import post_processing
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")
CORNERS = np.ones((3, 3, 3))


def adapt(source, data, folder, cases=None, **training):
    options = TrainingOptions(steps=2, deterministic=True, **training)
    spec = {"source": str(source), "strategies": adapt_strategies(OPEN, read_card(source)), "keep": OPEN.key}
    job = JobFolder.create(folder, JobSpec(3, "adapt", str(data), training=options, folds=2, cases=cases, **spec))
    run_job(job.path)
    return job


@pytest.fixture
def all_gain(monkeypatch):
    """Every label gains most by its largest component, as scores that are planted say."""
    monkeypatch.setattr(post_processing, "dice_of_candidates", lambda found, reference, outside: (0.5, 0.9, 0.5, 0.9))


def components(array, value):
    return ndimage.label(array == value, structure=CORNERS)[1]


def test_what_the_folds_have_chosen_is_on_the_card_and_segment_follows_it(
    tiny_source, phantoms, tmp_path, all_gain, capsys
):
    job = adapt(tiny_source, phantoms("t1w", 4), tmp_path / "job")
    card = read_card(job.model)
    assert card.inference.largest_component == card.label_names and card.inference.fill_holes == ()
    image = str(phantoms("t1w", 4) / "imagesTr" / "phantom_000.nii.gz")
    out = {}
    for name, flags in (("kept", []), ("never", ["--post-processing", "none"])):
        assert (
            main(["segment", "--model", str(job.path), "--images", image, "--out", str(tmp_path / name), *flags]) == 0
        )
        out[name] = read_labels(tmp_path / name / "phantom_000.nii.gz").array
    assert max(components(out["kept"], value) for value in range(1, 1 + len(card.labels))) == 1
    assert max(components(out["never"], value) for value in range(1, 1 + len(card.labels))) > 1
    # What chose it stays as it was found.
    fold = read_labels(job.segmentations / OPEN.slug / "phantom_000.nii.gz").array
    assert max(components(fold, value) for value in range(1, 1 + len(card.labels))) > 1
    events = (job.path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    told = [one for one in map(json.loads, events) if one.get("problem", {}).get("code") == "post-processing-chosen"]
    assert len(told) == len(card.labels) and told[0]["strategy"] == OPEN.key


def test_nothing_is_chosen_where_it_is_not_wanted(tiny_source, phantoms, tmp_path, all_gain):
    job = adapt(tiny_source, phantoms("t1w", 3), tmp_path / "job", post_processing="none")
    assert read_card(job.model).inference.largest_component == ()


def test_a_resumed_job_takes_what_was_chosen_and_does_not_choose_again(tiny_source, phantoms, tmp_path, all_gain):
    from TransferSegLib.jobs import unit_run

    data, kept = phantoms("t1w", 3), unit_run.UnitRun._save_result
    with pytest.MonkeyPatch.context() as patch:

        def stops(self, *rest):
            if self.unit.fold is None:
                raise KeyboardInterrupt
            return kept(self, *rest)

        patch.setattr(unit_run.UnitRun, "_save_result", stops)
        with pytest.raises(KeyboardInterrupt):
            adapt(tiny_source, data, tmp_path / "job")
        patch.undo()
        patch.setattr(post_processing, "_choose", lambda run, unit: pytest.fail("chosen again"))
        run_job(tmp_path / "job")
    card = read_card(tmp_path / "job" / "model")
    assert card.inference.largest_component == card.label_names


def test_test_cases_are_segmented_as_the_kept_model_segments(tiny_source, phantoms, tmp_path, all_gain):
    data = phantoms("t1w", 4)
    *train, test = (case.name for case in read_case_set(data).cases)
    job = adapt(tiny_source, data, tmp_path / "job", CaseChoice(tuple(train), (test,)))
    card = read_card(job.model)
    found = read_labels(job.segmentations / OPEN.slug / f"{test}.nii.gz").array
    assert max(components(found, label.value) for label in card.labels) == 1
