"""How a job's model segments: chosen for the job or kept from the source, on the card, and in what the job segments."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.jobs import estimate as estimate_module
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.segmenting_time import SegmentingTime
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import likely_execution
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_source
from TransferSegLib.training.options import TrainingOptions

QUICK = {"steps": 2, "deterministic": True}
OPEN = StrategyChoice("open")
# What a job averages where neither a person nor its source model chose.
USUAL = InferenceSettings(7, copies_up_to_windows=8)
# Where a person chose one copy.
SINGLE = InferenceSettings(single_copy_chosen=True)


def adapt_spec(source, data, job_format=JOB_FORMAT, folds=2, **training):
    card = read_card(source)
    spec = {"source": str(source), "strategies": adapt_strategies(OPEN, card), "keep": OPEN.key, "folds": folds}
    return JobSpec(job_format, "adapt", str(data), training=TrainingOptions(**QUICK, **training), **spec)


@pytest.fixture(scope="module")
def job(tmp_path_factory, phantoms, tiny_source):
    folder = JobFolder.create(
        tmp_path_factory.mktemp("copies") / "job", adapt_spec(tiny_source, phantoms("t1w", 3), copies=3)
    )
    run_job(folder.path)
    return folder


def test_copies_that_were_asked_for_are_on_the_kept_models_card_and_in_segment(job, phantoms, tmp_path):
    assert read_card(job.model).inference == InferenceSettings(copies=3)
    images = str(phantoms("t1w", 3) / "imagesTr" / "phantom_000.nii.gz")
    out = {}
    for name, flags in (("kept", []), ("three", ["--copies", "3"]), ("one", ["--copies", "1"])):
        assert (
            main(["segment", "--model", str(job.path), "--images", images, "--out", str(tmp_path / name), *flags]) == 0
        )
        out[name] = read_labels(tmp_path / name / "phantom_000.nii.gz").array
    assert np.array_equal(out["kept"], out["three"]) and not np.array_equal(out["kept"], out["one"])


def test_no_strategy_of_a_job_segments_as_nnu_net_does_and_the_job_says_so(tmp_path, phantoms, tiny_source):
    shutil.copytree(tiny_source, tmp_path / "source")
    stored = json.loads((tmp_path / "source" / "card.json").read_text(encoding="utf-8"))
    stored["preprocessing"]["crop"] = "non-zero"
    stored["inference"] = {"as_nnunet": {"mirror": ["right"]}}
    (tmp_path / "source" / "card.json").write_text(json.dumps(stored), encoding="utf-8")
    folder = JobFolder.create(tmp_path / "job", adapt_spec(tmp_path / "source", phantoms("t1w", 2), folds=0))
    run_job(folder.path)
    assert read_card(folder.model).inference == USUAL
    said = [event.get("problem", {}).get("code") for event in read_events(folder.events)[0]]
    assert said.count("job-not-as-nnunet") == 1


def test_the_job_segments_with_every_strategy_as_its_model_will(job, phantoms, tiny_source):
    case = read_case_set(phantoms("t1w", 3)).cases[0]
    in_job = read_labels(job.segmentations / "direct" / f"{case.name}.nii.gz").array
    source = find_source(tiny_source)
    network, _ = load_source(source)
    execution = likely_execution("cpu", deterministic=True)
    for copies in (1, 3):
        segment = Segmenter(network, source.card.patch_size, execution, print, settings=InferenceSettings(copies))
        found = segment(prepare_case(case, source.card.preprocessing)).classes
        assert np.array_equal(found, in_job) == (copies == 3)


def test_a_job_that_is_asked_for_nothing_does_as_its_source_model(tiny_source, phantoms, tmp_path):
    model = shutil.copytree(tiny_source, tmp_path / "model")
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, "inference": {"copies": 5, "mirror": ["superior"]}}))
    data = phantoms("t1w", 3)
    kept = JobContext.read(adapt_spec(model, data)).card.inference
    assert kept == InferenceSettings(5, ("superior",))
    assert JobContext.read(adapt_spec(model, data, copies=1, mirror="none")).card.inference == SINGLE


def test_a_job_averages_as_many_copies_as_cost_little_where_nobody_chose_and_its_source_model_averages_none(
    tiny_source, phantoms, tmp_path
):
    data = phantoms("t1w", 3)
    model = shutil.copytree(tiny_source, tmp_path / "model")
    card = json.loads((model / "card.json").read_text())
    for said in ({}, {"inference": {"copies": 1}}):
        silent = {name: value for name, value in card.items() if name != "inference"}
        (model / "card.json").write_text(json.dumps({**silent, **said}))
        assert JobContext.read(adapt_spec(model, data)).card.inference == USUAL
        assert JobContext.read(adapt_spec(model, data, copies=1)).card.inference == SINGLE
        assert JobContext.read(adapt_spec(model, data, copies=3)).card.inference == InferenceSettings(3)
        # A job of an earlier version goes on as it began.
        assert JobContext.read(adapt_spec(model, data, 3)).card.inference == InferenceSettings()
    job = JobFolder.create(tmp_path / "job", adapt_spec(model, data, folds=0))
    run_job(job.path)
    assert read_card(job.model).inference == USUAL
    assert JobContext.read(adapt_spec(job.model, data)).card.inference == USUAL
    # Segmenting is as in the job, without a flag; the tiny heads have few windows.
    images, found = str(data / "imagesTr" / "phantom_000.nii.gz"), {}
    for name, flags in (("kept", []), ("seven", ["--copies", "7"]), ("one", ["--copies", "1"])):
        out = tmp_path / name
        assert main(["segment", "--model", str(job.path), "--images", images, "--out", str(out), *flags]) == 0
        found[name] = read_labels(out / "phantom_000.nii.gz").array
    assert np.array_equal(found["kept"], found["seven"]) and not np.array_equal(found["kept"], found["one"])


def test_a_single_copy_that_was_asked_for_is_remembered_by_the_jobs_that_begin_from_the_model(
    tiny_source, phantoms, tmp_path
):
    data = phantoms("t1w", 3)
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, data, folds=0, copies=1))
    run_job(job.path)
    assert read_card(job.model).inference == SINGLE
    assert JobContext.read(adapt_spec(job.model, data)).card.inference == SINGLE
    assert JobContext.read(adapt_spec(job.model, data, copies=3)).card.inference == InferenceSettings(3)


def test_of_labels_that_become_one_the_map_has_the_uncertainty_of_that_one(tiny_source, phantoms, tmp_path):
    data, own = phantoms("t2w", 2), read_card(tiny_source).label_names
    lines = [f"a,{data}/imagesTr/phantom_000.nii.gz,{data}/labelsTr/phantom_000.nii.gz"]
    lines += [f"b,{data}/imagesTr/phantom_001.nii.gz,"]
    (tmp_path / "cases.csv").write_text("\n".join(["case,image,label", *lines]), encoding="utf-8")
    names = {name: value for value, name in read_case_set(data).labels.items()}
    (tmp_path / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    direct = StrategyChoice("direct")
    spec = JobSpec(
        JOB_FORMAT,
        "adapt",
        str(tmp_path / "cases.csv"),
        (direct,),
        direct.key,
        source=str(tiny_source),
        label_map={own[0]: list(own[:2]), own[1]: None},
        training=TrainingOptions(**QUICK, copies=1, uncertainty=True),
    )
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    context = JobContext.read(spec)
    [case] = context.unlabelled
    network, card = context.plan(direct).network.eval(), context.card
    segment = Segmenter(network, card.patch_size, likely_execution("cpu", True), print, settings=card.inference)
    found = segment(prepare_case(case, card.preprocessing), probabilities=True)
    label_of = context.task.from_source(np.arange(len(found.probabilities)))
    own_label = label_of[found.classes]
    of_label = np.stack([found.probabilities[label_of == n].sum(axis=0) for n in range(len(context.task.names) + 1)])
    expected = 1 - np.take_along_axis(of_label, own_label[None].astype(int), 0)[0]
    written = read_volume(job.uncertainty / "direct" / "b.nii.gz").array
    np.testing.assert_allclose(written, expected, atol=1e-5)
    alone = 1 - found.probabilities.max(axis=0)
    assert (alone - expected).max() > 0.1, "two labels share what one has"


def test_models_of_any_contrast_average_seven_copies_where_nobody_chose(tiny_source, phantoms, tmp_path):
    model, data = shutil.copytree(tiny_source, tmp_path / "model"), phantoms("t1w", 3)
    card = json.loads((model / "card.json").read_text())
    card["made_by"]["training"] = {**card["made_by"]["training"], "augment": "contrast"}
    del card["inference"]
    (model / "card.json").write_text(json.dumps(card))
    assert JobContext.read(adapt_spec(model, data)).card.inference == InferenceSettings(7)
    assert JobContext.read(adapt_spec(model, data, copies=1)).card.inference == SINGLE
    (model / "card.json").write_text(json.dumps({**card, "inference": {"copies": 3}}))
    assert JobContext.read(adapt_spec(model, data)).card.inference == InferenceSettings(3)
    (model / "card.json").write_text(json.dumps({**card, "inference": {"mirror": ["superior"]}}))
    assert JobContext.read(adapt_spec(model, data)).card.inference == InferenceSettings(7, ("superior",))
    new = {"strategies": (StrategyChoice("scratch"),), "network": read_card(tiny_source).network}
    for augment, settings in (("contrast", InferenceSettings(7)), ("light", USUAL)):
        training = TrainingOptions(**QUICK, augment=augment)
        spec = JobSpec(JOB_FORMAT, "pretrain", str(data), training=training, **new)
        assert JobContext.read(spec).card.inference == settings


def test_segment_averages_as_many_copies_as_a_job_does_where_the_card_of_any_contrast_is_silent(
    tiny_source, phantoms, tmp_path
):
    model, data = shutil.copytree(tiny_source, tmp_path / "model"), phantoms("t1w", 3)
    card = json.loads((model / "card.json").read_text())
    card["made_by"]["training"] = {**card["made_by"]["training"], "augment": "contrast"}
    del card["inference"]
    (model / "card.json").write_text(json.dumps(card))
    copies = JobContext.read(adapt_spec(model, data)).card.inference.copies
    found = {}
    for name, flags in (("silent", []), ("as-job", ["--copies", str(copies)]), ("one", ["--copies", "1"])):
        images, out = str(data / "imagesTr" / "phantom_000.nii.gz"), tmp_path / name
        assert main(["segment", "--model", str(model), "--images", images, "--out", str(out), *flags]) == 0
        found[name] = read_labels(out / "phantom_000.nii.gz").array
    assert np.array_equal(found["silent"], found["as-job"]) and not np.array_equal(found["silent"], found["one"])


def test_the_estimate_of_a_job_counts_the_copies(tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(
        estimate_module,
        "time_segmenting",
        lambda measure, network, case, settings: SegmentingTime(1000.0, settings.copies, 2),
    )
    one, seven = (
        estimate(JobContext.read(adapt_spec(tiny_source, phantoms("t1w", 3), copies=n))).seconds for n in (1, 7)
    )
    # Three cases by the models of the folds of two strategies; a step of a training is far shorter.
    assert seven - one == pytest.approx(6 * 3 * 2 * 1000, rel=0.05)


def test_a_card_that_mirrors_sided_labels_or_has_no_copy_is_refused(tiny_source, tmp_path):
    card = json.loads((tiny_source / "card.json").read_text())
    for inference, words in (
        ({"copies": 0}, "`copies` is 0, not between 1 and 7"),
        ({"copies": 8}, "`copies` is 8"),
        ({"overlap": 0.95}, "`overlap` is 0.95, not between 0 and 0.9"),
        ({"overlap": -0.1}, "`overlap` is -0.1, not between 0 and 0.9"),
        ({"padding": "mirror"}, "padding"),
        ({"copies": 7, "copies_up_to_windows": 0}, "`copies_up_to_windows` is 0, and must be 1 or more"),
        ({"mirror": ["left"]}, "`mirror` has `left`, which is no axis"),
        ({"mirror": ["right", "right"]}, "is there twice"),
    ):
        (tmp_path / "card.json").write_text(json.dumps({**card, "inference": inference}))
        with pytest.raises(InputError, match=words):
            read_card(tmp_path)
    card["labels"][0]["name"] = "left lung"
    (tmp_path / "card.json").write_text(json.dumps({**card, "inference": {"mirror": ["right"]}}))
    with pytest.raises(InputError, match="one along which a label has a side"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({**card, "inference": {"mirror": ["superior"]}}))
    assert read_card(tmp_path).inference == InferenceSettings(1, ("superior",))
