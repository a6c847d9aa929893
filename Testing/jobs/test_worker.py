"""The worker: whole jobs on tiny phantoms, their scores, models, reports and labels."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_jobs import adapt_spec, run, same, weights

from TransferSegLib.cases.digests import digests_of
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.cli.table import OUT_OF_FOLD, print_result
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.lesions.detection import score_lesions
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.jobs import phantom_cases, runner
from TransferSegLib.jobs.checking import check_job
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.dry_run import describe_plans
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.reporting import FIGURES, write_job_report
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks import execution
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_source
from TransferSegLib.training import loop
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer import checks


@pytest.fixture(scope="module")
def comparison(tmp_path_factory, compare_spec) -> JobFolder:
    """The finished job of `compare_spec`; nobody writes into it."""
    return run(tmp_path_factory.mktemp("comparison") / "job", compare_spec)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    """A finished job that fine-tunes all layers on two cases; nobody writes into it."""
    return run(tmp_path_factory.mktemp("adapted") / "job", adapt_spec(tiny_source, phantoms("t2w", 2), "open"))


def test_a_comparison_scores_every_case_once_a_strategy_by_a_model_that_did_not_see_it(comparison, compare_spec):
    job = comparison
    rows = read_scores(job.scores_csv)
    strategies = [s.key for s in compare_spec.strategies]
    assert sorted({(r.strategy, r.case, r.label) for r in rows}) == sorted((r.strategy, r.case, r.label) for r in rows)
    assert len(rows) == len(strategies) * 3 * 3
    for strategy in strategies:
        assert {r.fold for r in rows if r.strategy == strategy} == {"0", "1", "2"}
    summary = json.loads(job.scores_json.read_text(encoding="utf-8"))
    assert summary["out_of_fold"]["best"] in strategies
    report = re.sub("<[^>]+>", "", html.unescape(job.report.read_text(encoding="utf-8")))
    assert summary["verdict"]["sentence"].replace("`", "") in report
    for strategy in strategies:
        assert f"Weights: {strategy}, 100 % of the network's values from the source" in report
    assert "Begins as the source model's" in report
    events = [e for e in read_events(job.events)[0] if e["kind"] == "choice" and "weights" in e]
    assert [e["strategy"] for e in events] == strategies
    assert {"name", "status", "how"} == set(events[0]["weights"]["entries"][0])
    assert summary["made_by"]["torch"] and summary["made_by"]["job"]["training"]["seed"] == 0
    assert job_status(job.path).state == "done"


def test_the_figures_of_the_report_lie_beside_it_as_pictures_and_drawings(comparison, tmp_path, files_of_figures):
    job = JobFolder(Path(shutil.copytree(comparison.path, tmp_path / "job")))
    assert not (job.path / FIGURES).exists()
    assert write_job_report(job.path) == job.report
    written = {path.name for path in (job.path / FIGURES).iterdir()}
    figures = ("dice", "hd95-mm", "loss", "best-case", "worst-case", "gallery")
    assert written >= {f"{name}.{ending}" for name in figures for ending in ("png", "svg")}


def test_lesions_are_counted_in_every_case_as_its_segmentation_has_them(comparison, compare_spec):
    with comparison.lesions_csv.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["strategy"] == "direct"]
    assert len(rows) == 3 * 2, "three cases, two volume cut-offs"
    counted = []
    for case in read_case_set(Path(compare_spec.target)).cases:
        reference = read_labels(case.label)
        found = read_labels(comparison.segmentations / "direct" / f"{case.name}.nii.gz").array
        row = score_lesions(case.name, reference.array == 3, found == 3, reference.grid, compare_spec.lesions)
        counted += [(case.name, s.volume_cutoff_ml, s.lesions, s.detected, s.false_alarms) for s in row.scores]
    assert {
        (row["case"], *(float(row[name]) for name in ("volume_cutoff_ml", "lesions", "detected", "false_alarms")))
        for row in rows
    } == set(counted)
    (direct, *_others) = read_json(comparison.scores_json)["lesions"]["out_of_fold"]
    assert direct["detections"][0]["lesions"] == sum(lesions for _, volume, lesions, _, _ in counted if volume == 0)


def test_how_long_each_training_took_is_in_the_scores(comparison):
    training = read_json(comparison.scores_json)["training"]
    assert [(one["strategy"], one["fold"]) for one in training if one["fold"] != "test"] == [
        (strategy, fold) for strategy in ("conservative:layers=3", "open") for fold in "012"
    ]
    for one in training:
        assert one["steps"] == 4 and one["seconds"] > 0 and one["step_s"] == pytest.approx(one["seconds"] / 4)
        assert one["converged_step"] is None, "there are no validation cases"


def test_every_sentence_of_a_job_that_runs_is_an_event_with_its_data(comparison):
    events = read_events(comparison.events)[0]
    said = [event for event in events if event.get("text") or event.get("message") or event.get("verdict")]
    assert {event["kind"] for event in said} >= {"phase", "progress", "done"}
    for event in said:
        problem = Problem.from_json(event if event["kind"] == "finding" else event["problem"])
        text = event.get("text") or event.get("message") or event.get("verdict")
        assert text in (problem.message, problem.sentence)
    training = next(event for event in said if event.get("text") == "Training: conservative:layers=3, fold 1")
    unit_of_work = Problem.from_json(training["problem"]).fields["unit"]
    assert unit_of_work.fields == {"strategy": "conservative:layers=3", "fold": 1}


@pytest.mark.parametrize("winner", ["direct", "conservative:layers=3", "open"])
def test_whichever_strategy_wins_the_progress_ends_at_one_and_its_model_is_kept(
    tmp_path, compare_spec, monkeypatch, winner
):
    monkeypatch.setattr(runner, "best_strategy", lambda job, context: StrategyChoice.parse(winner))
    spec = replace(compare_spec, folds=2, training=TrainingOptions(steps=1, deterministic=True))
    job = run(tmp_path / "job", spec)
    progress = [event for event in read_events(job.events)[0] if event["kind"] == "progress"]
    assert progress[-1]["fraction"] == 1.0
    assert [event["fraction"] for event in progress] == sorted(event["fraction"] for event in progress)
    made_by = read_card(Path(spec.source)).made_by["strategy"] if winner == "direct" else winner
    assert read_card(job.model).made_by["strategy"] == made_by


def test_segmentations_lie_on_the_grid_of_their_images(comparison, compare_spec):
    for path in sorted((comparison.segmentations / "direct").glob("*.nii.gz")):
        image = read_volume(Path(compare_spec.target) / "imagesTr" / path.name)
        assert read_labels(path).grid.differences(image.grid) == []


def test_the_adapted_model_is_a_source_model_with_its_scores_and_no_names(tmp_path, adapted, phantoms):
    job = adapted
    card = read_card(job.model)
    assert card.label_names == ("air", "soft tissue", "bone")
    assert {s.how for s in card.scores} == {"mean over cases, out-of-fold"}
    assert card.made_by["strategy"] == "open" and card.made_by["finished"] is True
    assert "phantom_000" not in (job.model / "card.json").read_text(encoding="utf-8")
    again = run(tmp_path / "again", adapt_spec(job.model, phantoms("t2w", 2), "conservative:part=head", folds=0))
    assert read_card(again.model).made_by["source"] == card.name


@pytest.mark.parametrize(
    "strategy", ["direct", "lora:rank=2", "hybrid:fusion=concatenate", "encoder-transfer", "random-encoder", "scratch"]
)
def test_every_strategy_leaves_a_model_that_loads(tmp_path, tiny_source, phantoms, strategy):
    job = run(tmp_path / "job", adapt_spec(tiny_source, phantoms("t2w", 2), strategy, folds=0))
    network, _ = load_source(find_source(job.path))
    assert sum(p.numel() for p in network.parameters()) > 0


def test_a_kept_source_model_takes_the_channels_of_the_target_in_their_order(tmp_path, tiny_source, phantoms):
    def target(*modalities: str) -> Path:
        folder = tmp_path / "-".join(modalities)
        shutil.copytree(phantoms("t1w", 2) / "labelsTr", folder / "labelsTr")
        (folder / "imagesTr").mkdir()
        for n, modality in enumerate(modalities):
            for image in (phantoms(modality, 2) / "imagesTr").iterdir():
                shutil.copy(image, folder / "imagesTr" / image.name.replace(".nii", f"_{n:04}.nii"))
        labels = {name: value for value, name in read_case_set(phantoms("t1w", 2)).labels.items()}
        about = {"channel_names": dict(enumerate(modalities)), "labels": labels, "file_ending": ".nii.gz"}
        (folder / "dataset.json").write_text(json.dumps(about | {"numTraining": 2}), encoding="utf-8")
        return folder

    two = target("t1w", "t2w")
    more = run(tmp_path / "more", adapt_spec(tiny_source, two, "direct", folds=0))
    taught = run(tmp_path / "taught", adapt_spec(tiny_source, two, "open", folds=0))
    turned = run(tmp_path / "turned", adapt_spec(taught.model, target("t2w", "t1w"), "direct", folds=0))
    for job, channels in ((more, ("t1w", "t2w")), (turned, ("t2w", "t1w"))):
        assert find_source(job.path).card.channels == channels
        load_source(find_source(job.path))
    first = next(key for key, values in weights(taught).items() if values.ndim == 5 and values.shape[1] == 2)
    assert np.array_equal(weights(taught)[first], weights(turned)[first][:, ::-1])
    assert not np.array_equal(weights(taught)[first], weights(turned)[first])


def test_a_kept_source_model_has_the_scores_of_the_labels_that_it_segments_itself(tmp_path, tiny_source, phantoms):
    label_map = {"air": "air", "soft tissue": "soft tissue", "bone": "soft tissue"}
    merged = run(tmp_path / "a", adapt_spec(tiny_source, phantoms("t2w", 2), "direct", folds=2, label_map=label_map))
    assert [score.label for score in read_card(merged.model).scores] == ["air"]
    label_map = {"air": "air", "soft tissue": "bone", "bone": "new"}
    swapped = run(tmp_path / "b", adapt_spec(tiny_source, phantoms("t2w", 2), "direct", folds=2, label_map=label_map))
    assert [score.label for score in read_card(swapped.model).scores] == ["air", "bone"]
    same_labels = run(tmp_path / "c", adapt_spec(tiny_source, phantoms("t2w", 2), "direct", folds=2))
    names = [score.label for score in read_card(same_labels.model).scores]
    assert names == ["air", "soft tissue", "bone", "mean over labels"]
    sentence = "used by itself it segments its own labels (air, soft tissue, bone)"
    assert [sentence in job.report.read_text(encoding="utf-8") for job in (merged, swapped, same_labels)] == [
        True,
        True,
        False,
    ]


@pytest.fixture
def trained_on(monkeypatch) -> list[int]:
    """How many cases each training has that is begun from now on."""
    seen: list[int] = []
    original = loop.Training.__init__

    def counting(self, plan, cases, *arguments, **named):
        seen.append(len(cases))
        original(self, plan, cases, *arguments, **named)

    monkeypatch.setattr(loop.Training, "__init__", counting)
    return seen


def test_multimodal_trains_on_the_sources_cases_as_well(tmp_path, tiny_source, phantoms, trained_on):
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "multimodal", source_data=str(phantoms("t1w", 2)), folds=0)
    run(tmp_path / "job", spec)
    assert trained_on == [4]


def test_made_heads_stand_for_the_sources_cases_where_these_are_not_given(
    tmp_path, tiny_source, phantoms, monkeypatch, trained_on
):
    monkeypatch.setattr(phantom_cases, "SIZE", (24, 24, 16))
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "multimodal", folds=0)
    job = run(tmp_path / "job", spec)
    assert trained_on == [2 + phantom_cases.FEWEST]
    told = [event["message"] for event in read_events(job.events)[0] if event["kind"] == "finding"]
    assert any("so 4 digital heads (t1w) stand for them" in message for message in told)
    assert len(read_card(job.model).seen) == len(read_card(tiny_source).seen) + 2 + 4, "they are heads of their own"
    first, again, other = (phantom_cases.PhantomCases("t1w", 2, seed) for seed in (0, 0, 1))
    one, same_one, another = (digests_of(made.cases.cases[0]).images for made in (first, again, other))
    assert one == same_one != another


def test_made_heads_do_not_stand_for_what_they_do_not_show(tiny_source, phantoms, tmp_path):
    named = dict.fromkeys(read_case_set(phantoms("t2w", 2)).labels.values(), "new")
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "multimodal", folds=0, label_map=named)
    words = r"digital heads cannot stand for them: .* give --source-data, or choose another strategy"
    with pytest.raises(InputError, match=words):
        JobContext.read(spec).check_plans()
    source = tmp_path / "source"
    shutil.copytree(tiny_source, source)
    card = json.loads((source / "card.json").read_text(encoding="utf-8"))
    (source / "card.json").write_text(json.dumps({**card, "modality": "pet"}), encoding="utf-8")
    with pytest.raises(InputError, match=r"has `air`, .* \(pet\); give --source-data"):
        JobContext.read(adapt_spec(source, phantoms("t2w", 2), "multimodal", folds=0)).check_plans()
    (source / "card.json").write_text(json.dumps({**card, "modality": "mr"}), encoding="utf-8")
    JobContext.read(adapt_spec(source, phantoms("t2w", 2), "multimodal", folds=0)).check_plans()


def test_one_seed_gives_one_result_bit_for_bit_from_job_to_job(tmp_path, adapted):
    spec = adapted.read_spec()
    first, second = adapted, run(tmp_path / "again", spec)
    assert same(weights(first), weights(second))
    assert first.scores_csv.read_text(encoding="utf-8") == second.scores_csv.read_text(encoding="utf-8")
    other = run(tmp_path / "c", replace(spec, training=replace(spec.training, seed=1)))
    assert not same(weights(first), weights(other))


def test_a_warning_is_in_the_report_once(tmp_path, tiny_source, phantoms):
    job = run(tmp_path / "job", adapt_spec(tiny_source, phantoms("ct", 2), "open", folds=0))
    warnings = [e for e in read_events(job.events)[0] if e["kind"] == "finding" and e["severity"] == "warning"]
    assert warnings
    text = html.unescape(job.report.read_text(encoding="utf-8"))
    begins = [event["message"].split("`")[0] for event in warnings]
    assert {begin: text.count(begin) for begin in begins} == {begin: begins.count(begin) for begin in begins}


def test_what_begins_at_random_has_seen_its_own_cases_alone(tmp_path, tiny_source, phantoms):
    first = run(tmp_path / "first", adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=0))
    second = run(tmp_path / "second", adapt_spec(first.model, phantoms("t2w", 3), "scratch", folds=0))
    assert len(read_card(second.model).seen) == 3


def test_a_model_is_not_compared_on_the_images_that_it_was_trained_on_without_a_word(
    tmp_path, tiny_source, phantoms, capsys
):
    folder, cases = phantoms("t2w", 4), tmp_path / "cases.csv"
    lines = ["case,image,label"] + [
        f"c{n},{folder}/imagesTr/phantom_00{n}.nii.gz,{folder}/labelsTr/phantom_00{n}.nii.gz" for n in range(4)
    ]
    cases.write_text("\n".join(lines[:3]), encoding="utf-8")
    first = run(tmp_path / "first", adapt_spec(tiny_source, cases, "open", folds=0))
    card, before = read_card(first.model), set(read_card(tiny_source).seen)
    assert len(set(card.seen) - before) == 2 and not any("phantom" in digest for digest in card.seen)
    cases.write_text("\n".join(lines), encoding="utf-8")
    second = run(tmp_path / "second", adapt_spec(first.model, cases, "open", folds=2))
    verdict = read_json(second.scores_json)["verdict"]
    assert verdict["kind"] == "seen by the source"
    assert verdict["sentence"].startswith("The source model was trained on 2 of the 4 cases that were scored, so these")
    print_result(second, as_json=False)
    said = capsys.readouterr().out + second.report.read_text(encoding="utf-8")
    assert "on cases that the source model has seen" in said and OUT_OF_FOLD not in said
    warned = {f.case for f in checks.check_cases(read_case_set(cases), card) if f.code == "seen-by-source"}
    assert len(warned) == 2
    adapted = read_card(second.model)
    assert len(set(adapted.seen) - before) == 4 and adapted.scores == ()
    third = run(tmp_path / "third", adapt_spec(tiny_source, cases, "open", folds=2))
    assert read_json(third.scores_json)["verdict"]["kind"] != "seen by the source"
    assert read_card(third.model).scores


def test_test_cases_are_scored_by_the_final_model_and_by_the_source_model(tmp_path, tiny_source, phantoms):
    cases = phantoms("t2w", 3)
    lines = ["case,image,label,role"] + [
        f"c{n},{cases}/imagesTr/phantom_00{n}.nii.gz,{cases}/labelsTr/phantom_00{n}.nii.gz,{role}"
        for n, role in enumerate(("train", "train", "test"))
    ]
    (tmp_path / "cases.csv").write_text("\n".join(lines))
    job = run(tmp_path / "job", adapt_spec(tiny_source, tmp_path / "cases.csv", "open", folds=0))
    rows = read_scores(job.scores_csv)
    assert {(r.strategy, r.fold, r.case) for r in rows} == {("direct", "test", "c2"), ("open", "test", "c2")}
    assert read_card(job.model).made_by["strategy"] == "open"


def test_without_folds_the_best_on_the_test_cases_is_kept(tmp_path, compare_spec, phantoms):
    cases = phantoms("t2w", 3)
    lines = ["case,image,label,role"] + [
        f"c{n},{cases}/imagesTr/phantom_00{n}.nii.gz,{cases}/labelsTr/phantom_00{n}.nii.gz,{role}"
        for n, role in enumerate(("train", "train", "test"))
    ]
    (tmp_path / "cases.csv").write_text("\n".join(lines))
    job = run(tmp_path / "job", replace(compare_spec, target=str(tmp_path / "cases.csv"), folds=0))
    best = json.loads(job.scores_json.read_text(encoding="utf-8"))["test"]["best"]
    card = read_card(job.model)
    assert card.made_by.get("strategy", card.made_by.get("used", {}).get("strategy")) == best or best == "direct"


def test_a_comparison_without_any_unseen_case_is_refused(tmp_path, compare_spec):
    job = JobFolder.create(tmp_path / "job", replace(compare_spec, folds=0))
    for refused in (run_job, lambda path: check_job(JobContext.read(JobFolder(path).read_spec()))):
        with pytest.raises(InputError, match="give --folds 2 or more"):
            refused(job.path)


def test_labels_matched_by_value_are_told_before_the_job_and_in_its_report(tmp_path, tiny_source, phantoms):
    cases = phantoms("t2w", 2)
    (tmp_path / "images").symlink_to(cases / "imagesTr")
    (tmp_path / "labels").symlink_to(cases / "labelsTr")
    spec = adapt_spec(tiny_source, tmp_path, "direct", folds=0)
    (finding,) = check_job(JobContext.read(spec))
    assert (finding.code, finding.severity) == ("labels-by-value", "note")
    assert "label 1 is taken to be `air`" in finding.message
    job = run(tmp_path / "job", spec)
    assert "label 1 is taken to be <code>air</code>" in job.report.read_text(encoding="utf-8")
    assert check_job(JobContext.read(replace(spec, label_map={"1": "air", "2": "new", "3": None}))) == []


def test_with_a_source_model_that_has_none_of_the_labels_nothing_is_compared(tmp_path, tiny_source, phantoms):
    names = read_case_set(phantoms("t2w", 2)).labels.values()
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "open", folds=2, label_map=dict.fromkeys(names, "new"))
    job = run(tmp_path / "job", spec)
    scores = json.loads(job.scores_json.read_text(encoding="utf-8"))
    assert "the source model knows none of these 3 labels" in scores["verdict"]["sentence"]
    assert scores["out_of_fold"]["baseline"] is None
    assert scores["out_of_fold"]["unknown_to_source"] == list(names)


def test_one_annotated_case_trains_and_unlabelled_cases_are_segmented(tmp_path, tiny_source, phantoms):
    cases = phantoms("t2w", 3)
    lines = ["case,image,label", f"a,{cases}/imagesTr/phantom_000.nii.gz,{cases}/labelsTr/phantom_000.nii.gz"]
    lines += [f"b,{cases}/imagesTr/phantom_001.nii.gz,"]
    (tmp_path / "cases.csv").write_text("\n".join(lines))
    spec = adapt_spec(tiny_source, tmp_path / "cases.csv", "open")
    job = run(tmp_path / "job", spec)
    assert {p.name for p in (job.segmentations / "open").iterdir()} == {"b.nii.gz", "labels.json"}
    assert job_status(job.path).verdict and not job.uncertainty.exists()
    # Its uncertainty, where it is asked for, is that of the kept model, and the segmentation stays as it is.
    asked = run(tmp_path / "asked", replace(spec, training=replace(spec.training, uncertainty=True)))
    (found,) = (asked.uncertainty / "open").iterdir()
    assert found.name == "b.nii.gz"
    model, case = find_source(asked.model), read_case_set(cases).cases[1]
    like_job = execution.likely_execution("cpu", spec.training.deterministic)
    segment = Segmenter(load_source(model)[0], model.card.patch_size, like_job, print, settings=model.card.inference)
    doubt = segment(prepare_case(case, model.card.preprocessing), uncertainty=True).uncertainty
    assert np.array_equal(read_volume(found).array, doubt) and 0 < doubt.max() < 1
    ours, theirs = (read_labels(one.segmentations / "open" / "b.nii.gz").array for one in (job, asked))
    assert np.array_equal(ours, theirs)


def test_new_merged_and_dropped_labels_reach_the_model_and_the_segmentations(tmp_path, tiny_source, phantoms):
    label_map = {"air": None, "soft tissue": "new", "bone": "bone"}
    spec = replace(adapt_spec(tiny_source, phantoms("t2w", 2), "open"), label_map=label_map)
    job = run(tmp_path / "job", spec)
    assert read_card(job.model).label_names == ("soft tissue", "bone")
    found = {int(v) for p in (job.segmentations / "open").glob("*.nii.gz") for v in np.unique(read_labels(p).array)}
    assert found <= {0, 2, 3}
    assert {r.label_name for r in read_scores(job.scores_csv)} == {"soft tissue", "bone"}


def test_plans_can_be_described_without_training(compare_spec):
    plans = describe_plans(JobContext.read(compare_spec))
    assert [p["convolutions_trained"] for p in plans] == [0, 4, 22]
    assert plans[1]["frozen_prefix"][:4] == ["encoder.0", "encoder.1", "encoder.2", "bottleneck"]
    assert "4 of 22 convolutions will be trained" in plans[1]["text"]
    assert [p["text"].count("tensors loaded") for p in plans] == [1, 1, 1]
    # Three convolutions are the last level of the decoder of Mecheter 2023, whole.
    assert plans[1]["text"].endswith("  trained: decoder.2, head")
    two = replace(compare_spec, strategies=(StrategyChoice("conservative", {"layers": 2}),))
    last = describe_plans(JobContext.read(two))[0]["text"].splitlines()[-1]
    assert last.startswith("  trained: decoder.2.3, decoder.2.4, ") and last.endswith(", head")
    assert plans[2]["text"].endswith("  trained: everything")


def test_minutes_become_steps_once_and_stay_in_the_job(tmp_path, tiny_source, phantoms):
    spec = adapt_spec(tiny_source, phantoms("t2w", 2), "conservative:part=head", folds=0)
    spec = replace(spec, training=TrainingOptions(minutes=0.02))
    job = run(tmp_path / "job", spec)
    chosen = json.loads((job.state / "results" / "settings.conservative_part-head.json").read_text(encoding="utf-8"))
    assert chosen["step_s"] > 0
    steps = read_card(job.model).made_by["steps"]
    assert steps == loop.steps_for(spec.training, 2, 2, chosen["step_s"], "cpu")
