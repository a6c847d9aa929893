"""Where nothing was trained, the kept model is the source model whole; where that was scored otherwise, it is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.inference_settings import AsNnunet, InferenceSettings
from TransferSegLib.jobs import post_processing, unit_scoring
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.source_offer import stored_scored_otherwise
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import save_source
from TransferSegLib.sources.loading import load_member_states, load_state
from TransferSegLib.training.options import TrainingOptions

DIRECT, OPEN = StrategyChoice("direct"), StrategyChoice("open")
OWN = InferenceSettings(copies=2, overlap=0.5, as_nnunet=AsNnunet(mirror=("superior",)))
SAID = "The source model was scored as all models of this job segment: the first of its 3 networks alone; "


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory, tiny_source) -> Path:
    """The tiny source model as nnU-Net would run it, with two further networks."""
    source, folder = find_source(tiny_source), tmp_path_factory.mktemp("ensemble") / "source"
    state = load_state(source)
    torch.manual_seed(0)
    members = {
        f"fold{n}": {k: v + 0.05 * n * torch.randn_like(v) if v.is_floating_point() else v for k, v in state.items()}
        for n in (1, 2)
    }
    card = json.loads((tiny_source / "card.json").read_text(encoding="utf-8"))
    saved = save_source(folder, source.card, state, members)
    inference = {"copies": 2, "overlap": 0.5, "as_nnunet": {"mirror": ["superior"]}}
    made = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    made["preprocessing"]["crop"] = "non-zero"
    (folder / "card.json").write_text(json.dumps({**made, "inference": inference}), encoding="utf-8")
    assert len(saved.members) == 2 and card["labels"]
    return folder


def run(folder: Path, source: Path, data: Path, **fields) -> JobFolder:
    options = {"steps": 1, "deterministic": True, "patch_size": (16, 16, 16), **fields.pop("training", {})}
    given = {"strategies": (DIRECT,), "keep": DIRECT.key, "folds": 2, **fields}
    form = given.pop("format", 3)
    job = JobFolder.create(
        folder, JobSpec(form, "adapt", str(data), source=str(source), training=TrainingOptions(**options), **given)
    )
    run_job(job.path)
    return job


@pytest.fixture(scope="module")
def kept(tmp_path_factory, ensemble, phantoms) -> JobFolder:
    return run(tmp_path_factory.mktemp("kept") / "job", ensemble, phantoms("t2w", 3))


def test_the_kept_source_model_has_its_networks_its_settings_and_its_windows(kept, ensemble):
    source, model = find_source(ensemble), find_source(kept.model)
    assert model.card.inference == source.card.inference == OWN
    assert model.card.patch_size == source.card.patch_size and model.card.title == source.card.title
    assert [member.file for member in model.card.members] == ["members/fold1.safetensors", "members/fold2.safetensors"]
    ours, theirs = ([load_state(one), *load_member_states(one)] for one in (model, source))
    assert all(torch.equal(a[name], b[name]) for a, b in zip(ours, theirs, strict=True) for name in b)


def test_a_single_network_averages_the_copies_that_it_was_scored_with(tmp_path, tiny_source, phantoms):
    job = run(tmp_path / "job", tiny_source, phantoms("t2w", 2), format=4, training={"patch_size": None})
    assert read_card(job.model).inference == InferenceSettings(7, copies_up_to_windows=8)
    assert stored_scored_otherwise(job) is None


def test_used_by_itself_it_segments_as_the_source_model_does_and_its_scores_are_said_to_be_the_jobs(
    kept, ensemble, phantoms, tmp_path, capsys
):
    case = read_case_set(phantoms("t2w", 3)).cases[0]
    found = []
    for name, model in (("kept", kept.path), ("source", ensemble)):
        out = tmp_path / name
        assert main(["segment", "--model", str(model), "--images", str(case.images[0]), "--out", str(out)]) == 0
        found.append(read_labels(out / f"{case.name}.nii.gz").array)
    assert np.array_equal(*found)
    in_job = read_labels(kept.segmentations / "direct" / f"{case.name}.nii.gz").array
    assert not np.array_equal(found[0], in_job), "the job runs the first network alone"
    assert {score.how for score in read_card(kept.model).scores} == {
        "mean over cases, out-of-fold, segmented as all models of the job, not as the model does by itself"
    }
    capsys.readouterr()
    assert main(["status", str(kept.path)]) == 0
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .startswith(f"{SAID}prepared and run as all models are here, not as nnU-Net does. Used by itself ")
    )


def test_what_was_chosen_for_it_is_on_top(ensemble, phantoms, tmp_path, monkeypatch):
    def planted(found, reference, outside, known=None):
        return 0.5, 0.9, 0.95, 0.99

    monkeypatch.setattr(post_processing, "dice_of_candidates", planted)
    job = run(
        tmp_path / "job",
        ensemble,
        phantoms("t2w", 3),
        training={"copies": 3, "smoothing_mm": 1.5, "ensemble": "none", "mirror": "superior+anterior"},
    )
    card = read_card(job.model)
    assert card.inference.largest_component == card.inference.fill_holes == card.label_names
    assert (card.inference.copies, card.inference.overlap, card.smoothing_mm) == (3, 0.5, 1.5)
    assert card.inference.as_nnunet.mirror == ("anterior", "superior") and card.members == ()


def test_of_a_model_that_is_better_it_is_said_that_it_was_compared_with_one_network_of_the_ensemble(
    ensemble, phantoms, tmp_path, monkeypatch, capsys
):
    original = unit_scoring.UnitScoring._classes

    def classes(self, segment, case, trained, uncertainty):
        found, doubt = original(self, segment, case, trained, uncertainty)
        return found * bool(trained.plan.trainable), doubt

    monkeypatch.setattr(unit_scoring.UnitScoring, "_classes", classes)
    job = run(tmp_path / "job", ensemble, phantoms("t2w", 3), strategies=(DIRECT, OPEN), keep=OPEN.key)
    said = stored_scored_otherwise(job)
    assert said.sentence.startswith(SAID) and "with all of its 3 networks" in said.sentence
    assert main(["status", str(job.path)]) == 0
    *_, verdict, last = capsys.readouterr().out.splitlines()
    assert verdict == job_status(job.path).verdict and last == said.sentence
    body = job.report.read_text(encoding="utf-8")
    assert body.index('<p class="verdict') < body.index("the first of its 3 networks alone")
    assert read_card(job.model).below_source is None and read_card(job.model).inference.as_nnunet is None


def test_of_a_single_source_model_that_is_not_offered_nothing_is_said(tiny_source, phantoms, tmp_path, monkeypatch):
    original = unit_scoring.UnitScoring._classes

    def classes(self, segment, case, trained, uncertainty):
        found, doubt = original(self, segment, case, trained, uncertainty)
        return found * bool(trained.plan.trainable), doubt

    monkeypatch.setattr(unit_scoring.UnitScoring, "_classes", classes)
    job = run(tmp_path / "job", tiny_source, phantoms("t2w", 3), strategies=(DIRECT, OPEN), keep=OPEN.key)
    assert stored_scored_otherwise(job) is None


def test_a_job_that_is_stopped_before_it_trained_leaves_the_source_model_whole(ensemble, phantoms, tmp_path):
    from TransferSegLib.core.errors import Cancelled

    spec = JobSpec(3, "adapt", str(phantoms("t2w", 3)), (OPEN,), OPEN.key, source=str(ensemble))
    job = JobFolder.create(tmp_path / "job", spec)

    def stop_at_once(event):
        if event["kind"] == "started":
            job.request_cancel()

    with pytest.raises(Cancelled):
        run_job(job.path, stop_at_once)
    card = read_card(job.model)
    assert len(card.members) == 2 and card.inference == OWN and not card.finished
