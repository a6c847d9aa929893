"""What can be said before a training and after jobs, on tiny phantoms; what cannot be said is called unknown."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from safetensors.torch import load_file
from scipy import ndimage

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import QUANTILES, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.records import read_json, to_json
from TransferSegLib.core.regions import Region
from TransferSegLib.evaluation.advice_in_words import about_curve
from TransferSegLib.evaluation.post_processing_choice import LARGEST, LabelChoice
from TransferSegLib.evaluation.predicted_dice import DicePrediction
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, read_scores
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.jobs import advice_of_jobs, advising, source_as_it_is
from TransferSegLib.jobs.advised_jobs import digests_by_name, refuse_other_cases
from TransferSegLib.jobs.advising import advise
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.curve_of_jobs import curve_of_jobs, fair_curve_of_jobs
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.label_choices import label_choices, save_label_choices
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.jobs.source_as_it_is import SourceModel, feature_distance
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import save_source
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture(scope="module")
def jobs(tmp_path_factory, tiny_source, phantoms) -> list[JobFolder]:
    """Two finished jobs on two and on four cases; nobody writes into them."""
    made = []
    for count in (2, 4):
        choices = StrategyChoice("direct"), StrategyChoice("open")
        training = TrainingOptions(steps=1, deterministic=True)
        spec = JobSpec(
            JOB_FORMAT,
            "adapt",
            str(phantoms("t2w", count)),
            choices,
            "open",
            str(tiny_source),
            folds=count,
            training=training,
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
    assert "advise-expectation-unknown" in codes(found) and found.expected == (), (
        "it was measured on the hippocampus alone"
    )
    assert found.curve is found.prediction is None


def test_two_sizes_give_a_curve_and_one_says_that_it_cannot_be_said(jobs, tiny_source, phantoms):
    source = find_source(tiny_source)
    found = advise(source, phantoms("t2w", 4), jobs, "cpu")
    assert found.curve.sizes == (1, 3) and [one.cases for one in found.curve.expected] == [8, 12]
    said = next(p.sentence for p in found.problems if p.code == "advise-curve")
    assert (
        "trained on 1 case; " in said
        and " trained on 3 cases by models of folds, each on its own cases, which may be easier or harder than the others. "
        "With more than your 4 nothing"
        in said
    )
    assert "beyond a model of all 4: " in said and " with 8 cases (" in said
    assert found.prediction.cases == 4 and "advise-curve" in codes(found)
    assert "advise-curve-one-size" in codes(advise(source, phantoms("t2w", 4), jobs[1:], "cpu"))


def test_intensities_are_compared_with_those_of_the_training_and_old_cards_say_nothing_of_them(
    tmp_path, tiny_source, phantoms, jobs
):
    source = find_source(tiny_source)
    (known,) = source.card.intensities
    assert known.images == 2 and len(known.quantiles) == QUANTILES
    far = advise(source, phantoms("t2w", 2), device="cpu")
    near = advise(source, phantoms("t1w", 2), device="cpu")
    assert far.intensities > 2 * near.intensities
    assert near.intensities == pytest.approx(known.spread, abs=1e-3), "these are the images that it was trained on"
    assert f"Intensities: {far.intensities:.2f} standard" in " ".join(p.sentence for p in far.problems)
    adapted = read_card(jobs[1].model).intensities
    assert adapted[0].images == 4 and adapted[0].quantiles != known.quantiles
    old = tmp_path / "old"
    shutil.copytree(source.folder, old)
    card = read_json(old / "card.json")
    del card["intensities"], card["precision"]
    (old / "card.json").write_text(json.dumps(card))
    found = advise(find_source(old), phantoms("t2w", 2), device="cpu")
    assert found.intensities is None and "advise-intensity-unknown" in codes(found)


@pytest.mark.parametrize(
    "change",
    [
        {"quantiles": [0.0, 1.0]},
        {"quantiles": [1.0, *[0.0] * (QUANTILES - 1)]},
        {"spread": -1.0},
        {"images": 0},
    ],
)
def test_intensities_that_cannot_be_are_refused(tmp_path, tiny_source, change):
    card = read_json(find_source(tiny_source).folder / "card.json")
    card["intensities"][0] |= change
    (tmp_path / "card.json").write_text(json.dumps(card))
    with pytest.raises(InputError, match="must have 32 rising quantiles"):
        read_card(tmp_path)


def test_scans_without_a_reference_get_a_predicted_dice_where_disagreement_tells_of_it(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    lines = [",".join(("case", "image", "label", "role"))]
    for n, case in enumerate(read_case_set(phantoms("t2w", 4)).cases):
        label, role = ("", "unlabelled") if n == 3 else (case.label, "train")
        lines.append(f"{case.name},{case.images[0]},{label},{role}")
        last = case.name
    target = tmp_path / "cases.csv"
    target.write_text("\n".join(lines))
    names = {name: value for value, name in read_case_set(phantoms("t2w", 4)).labels.items()}
    (tmp_path / "labels.json").write_text(json.dumps(names))
    choices = StrategyChoice("direct"), StrategyChoice("open")
    training = TrainingOptions(steps=1, learning_rate=1e-12, deterministic=True, smoothing_mm=4.0, copies=3)
    spec = JobSpec(3, "adapt", str(target), choices, "open", str(tiny_source), folds=3, training=training)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    line = DicePrediction(4, -1.0, 0.01, 0.1, slope=-0.5, intercept=0.9)
    monkeypatch.setattr(advice_of_jobs, "dice_prediction", lambda x, y: line)
    conditions = job.load_result("conditions")
    job.save_result("conditions", {**conditions, "windows": [16, 16, 16]})
    used = []

    class Recorded(Segmenter):
        def __call__(self, case, probabilities=False, uncertainty=False):
            used.append((case.name, self.patch_size))
            return super().__call__(case, probabilities, uncertainty)

    monkeypatch.setattr(source_as_it_is, "Segmenter", Recorded)
    advise(find_source(tiny_source), target, [job], "cpu")
    assert used[-1] == (last, (16, 16, 16)) and used[0][1] != (16, 16, 16)
    job.save_result("conditions", conditions)
    found = advise(find_source(tiny_source), target, [job], "cpu")
    # Windows, copies and smoothing are the job's, and the weights are the source model's, so the two do not disagree.
    assert found.predicted == ((last, pytest.approx(0.9)),)


def with_regions(*regions: Region):
    """As much of a job's context as says which regions the values of its segmentations are."""
    return SimpleNamespace(task=SimpleNamespace(value_regions=regions))


def recommended_job(folder: Path, fold_has_source: str, names: str = "abcd") -> JobFolder:
    """A job of `auto`, a case a fold, some of whose folds have the source model as it is, with a Dice of 0.5."""
    choices = StrategyChoice("direct"), StrategyChoice("open")
    job = JobFolder.create(folder, JobSpec(JOB_FORMAT, "adapt", "/cases", choices, "auto", source="/model"))
    job.save_result("report", {"kept": "auto", "warnings": []})
    grid = Grid.from_spacing((4, 4, 4), (1.0, 1.0, 1.0))
    for n, case in enumerate(names):
        trained = case not in fold_has_source
        dice = 0.8 if trained else 0.5
        row = ScoreRow(case, 1, "bone", LabelScores({"dice": dice}, missed=False), "auto", str(n))
        settings = {"steps": 1, "execution": {"precision": "float32"}} if trained else None
        job.save_result(f"auto.fold{n}", to_json(UnitResult("auto", str(n), (row,), (), 0, (), None, settings, {})))
        for slug in ("direct", "auto"):
            write_labels(job.segmentations / slug / f"{case}.nii.gz", np.ones((4, 4, 4), np.uint8), grid)
    return job


def test_folds_that_have_the_source_model_are_no_models_that_learned_from_so_many_cases(tmp_path):
    jobs = [recommended_job(tmp_path / "four", "ab"), recommended_job(tmp_path / "six", "a", "abcdef")]
    found = curve_of_jobs(jobs)
    assert found.sizes == (3, 5) and [one.mean for one in found.measured] == [pytest.approx(0.8)] * 2
    assert curve_of_jobs([jobs[0], recommended_job(tmp_path / "none", "abcdef", "abcdef")]) is None


def test_the_curve_is_over_the_cases_that_all_jobs_have_scored_where_these_are_enough(tmp_path):
    few, many = recommended_job(tmp_path / "few", "", "abcd"), recommended_job(tmp_path / "many", "", "abcdef")
    for n, case in enumerate("abcdef"):
        dice = 0.1 if case in "ef" else 0.9
        row = ScoreRow(case, 1, "bone", LabelScores({"dice": dice}, missed=False), "auto", str(n))
        settings = {"steps": 1, "execution": {"precision": "float32"}}
        many.save_result(f"auto.fold{n}", to_json(UnitResult("auto", str(n), (row,), (), 0, (), None, settings, {})))
    every, fair = curve_of_jobs([few, many]), fair_curve_of_jobs([few, many])
    # The two further cases are harder: over all of them the larger job looks worse, on the same ones it is better.
    assert [one.mean for one in every.measured] == pytest.approx(
        [0.8, (4 * 0.9 + 2 * 0.1) / 6]
    ) and every.shared is None
    assert [one.mean for one in fair.measured] == pytest.approx([0.8, 0.9]) and fair.shared == 4
    said = about_curve(fair, kept_source=False, too_few_unseen=False).sentence
    assert "by models of folds, on the 4 cases that all of these jobs have scored. With more than your 6" in said
    # Two common cases are too few.
    apart = fair_curve_of_jobs([few, many], seen=("a", "b"))
    assert apart.shared is None and "each on its own cases, which may be" in about_curve(apart, False, False).sentence


def test_regions_disagree_as_regions_in_what_a_job_has_segmented(tmp_path, monkeypatch):
    known: list[list[float]] = []
    monkeypatch.setattr(advice_of_jobs, "dice_prediction", lambda apart, dice: known.append(apart))
    job, grid = recommended_job(tmp_path / "job", ""), Grid.from_spacing((4, 4, 4), (1.0, 1.0, 1.0))
    core = np.ones((4, 4, 4), np.uint8)
    core[:2] = 2
    for case in "abcd":
        write_labels(job.segmentations / "auto" / f"{case}.nii.gz", core, grid)
    whole = Region(1, (1, 2))
    advice_of_jobs.prediction_of_job(job, with_regions(whole), "cpu", {}, ())
    advice_of_jobs.prediction_of_job(job, with_regions(), "cpu", {}, ())
    assert known == [[0.0] * 4, [pytest.approx(1 - (2 / 3 + 0) / 2)] * 4], "the whole is the same voxels in both"


def test_folds_that_have_the_source_model_do_not_say_what_its_disagreement_tells(tmp_path, monkeypatch):
    known: list[list[float]] = []
    monkeypatch.setattr(advice_of_jobs, "dice_prediction", lambda apart, dice: known.append(dice))
    found = advice_of_jobs.prediction_of_job(recommended_job(tmp_path / "job", "ab"), with_regions(), "cpu", {}, ())
    assert found == (None, ()) and known == [[0.8, 0.8]]


def test_where_a_job_kept_the_source_model_it_is_not_the_number_of_cases_that_is_missing(jobs, tiny_source, phantoms):
    job = jobs[1]
    about = job.load_result("report")
    job.save_result("report", {**about, "kept": "direct"})
    try:
        found = advise(find_source(tiny_source), phantoms("t2w", 4), jobs, "cpu")
    finally:
        job.save_result("report", about)
    assert found.curve is None and "advise-curve-untrained" in codes(found)
    assert "advise-curve-one-size" not in codes(found)


def test_a_job_without_scores_is_refused(tmp_path, tiny_source, phantoms, jobs):
    job = JobFolder.create(tmp_path / "job", jobs[0].read_spec())
    with pytest.raises(InputError, match="has no scores yet; let the job finish"):
        advise(find_source(tiny_source), phantoms("t2w", 2), [job], "cpu")


def test_a_job_of_another_source_model_is_refused_by_its_weights(tmp_path, tiny_source, phantoms, jobs):
    twin = tmp_path / "twin"
    shutil.copytree(tiny_source, twin)
    state = load_file(twin / "weights.safetensors")
    first = next(iter(state))
    card = read_card(twin)
    save_source(twin, card, {**state, first: state[first] + 1})
    with pytest.raises(
        InputError, match=f"this job adapted other weights of `{card.name}`, so it says nothing"
    ) as error:
        advise(find_source(twin), phantoms("t2w", 4), jobs, "cpu")
    assert str(jobs[0].path) in str(error.value)
    save_source(twin, replace(card, name="other"), {**state, first: state[first] + 1})
    with pytest.raises(InputError, match=f"this job adapted `{card.name}`, not `other`"):
        advise(find_source(twin), phantoms("t2w", 4), jobs, "cpu")


def test_a_job_of_other_cases_is_refused_though_they_have_the_same_names(tiny_source, phantoms, jobs):
    source = find_source(tiny_source)
    with pytest.raises(
        InputError, match=r"this job scored 4 cases that are not in .* with the same image and segmenta"
    ):
        advise(source, phantoms("t1w", 4), jobs[1:], "cpu")
    with pytest.raises(InputError, match="this job scored 2 cases that are not in"):
        advise(source, phantoms("t2w", 2), jobs[1:], "cpu")


def test_a_job_whose_segmentations_were_corrected_since_is_refused(tmp_path, tiny_source, phantoms, jobs):
    target = tmp_path / "corrected"
    shutil.copytree(phantoms("t2w", 4), target)
    case = read_case_set(target).cases[1]
    image = sitk.ReadImage(str(case.label))
    sitk.WriteImage(image * 0 + 1, str(case.label))
    with pytest.raises(InputError, match=f"this job scored 1 case that is not in .*\\({case.name}\\)"):
        advise(find_source(tiny_source), target, jobs[1:], "cpu")


def test_jobs_without_digests_are_told_from_others_by_the_names_of_their_cases(tiny_source, phantoms, jobs):
    target = read_case_set(phantoms("t2w", 4))
    job, now = jobs[1], digests_by_name(target)
    stored = job.load_result("digests")
    job.save_result("digests", {})
    try:
        refuse_other_cases(job, target, now)
        with pytest.raises(InputError, match="this job scored 1 case that is not in"):
            refuse_other_cases(job, target, dict(list(now.items())[:-1]))
    finally:
        job.save_result("digests", stored)


def test_cases_that_the_source_model_has_seen_are_said_first_and_left_out(tmp_path, tiny_source, phantoms, monkeypatch):
    source = find_source(tiny_source)
    found = advise(source, phantoms("t1w", 2), device="cpu")
    assert found.problems[0].code == "advise-seen" and found.problems[0].severity == "warning"
    assert len(found.seen) == 2 and found.direct is found.calibration is None and found.direct_cases == ()
    unknown = next(p for p in found.problems if p.code == "advise-direct-unknown")
    assert "no case that it has not seen has a segmentation" in unknown.sentence
    lines, (new,) = ["case,image,label,role"], read_case_set(phantoms("t2w", 2)).cases[:1]
    for name, case in zip("abc", (*read_case_set(phantoms("t1w", 2)).cases, new), strict=True):
        lines.append(f"{name},{case.images[0]},{case.label},train")
    (tmp_path / "cases.csv").write_text("\n".join(lines))
    names = {name: value for value, name in read_case_set(phantoms("t2w", 2)).labels.items()}
    (tmp_path / "labels.json").write_text(json.dumps(names))
    found = advise(source, tmp_path / "cases.csv", device="cpu")
    assert found.seen == ("a", "b") and [case for case, _ in found.direct_cases] == ["c"]
    assert "2 of the 3 annotated cases (a, b)" in found.problems[0].sentence


def test_what_to_expect_goes_by_the_labels_that_the_source_model_has(tiny_source, phantoms, monkeypatch):
    asked = []
    monkeypatch.setattr(advising, "experience", lambda dice, part: asked.append(dice) or ((), ()))
    source, target = find_source(tiny_source), phantoms("t2w", 2)
    new = next(iter(read_case_set(target).labels.values()))
    whole = advise(source, target, device="cpu")
    found = advise(source, target, device="cpu", label_map={new: "new"})
    assert asked[0] == pytest.approx(whole.direct.mean)
    known = len(read_case_set(target).labels) - 1
    assert asked[1] == pytest.approx(found.direct.mean * (known + 1) / known), "a label that it lacks has a Dice of 0"


def test_of_cases_that_the_source_model_has_seen_there_is_no_curve(jobs, tiny_source, phantoms, tmp_path):
    target = phantoms("t2w", 4)
    knowing = tmp_path / "knowing"
    shutil.copytree(tiny_source, knowing)
    card = read_json(knowing / "card.json")
    digests = digests_by_name(read_case_set(target))
    card["made_by"]["seen"] = [one.images[0] for one in digests.values()]
    (knowing / "card.json").write_text(json.dumps(card))
    found = advise(find_source(knowing), target, jobs, "cpu")
    assert found.curve is found.prediction is None and "advise-curve-seen" in codes(found)
    card["made_by"].pop("seen")
    (knowing / "card.json").write_text(json.dumps(card))
    found = advise(find_source(knowing), target, jobs, "cpu")
    assert codes(found)[0] == "advise-seen-unknown" and found.curve is not None


def test_images_alone_are_enough_to_say_how_far_they_are_and_what_cannot_be_known(
    tmp_path, tiny_source, phantoms, capsys
):
    for file in sorted((phantoms("t2w", 3) / "imagesTr").iterdir()):
        shutil.copy(file, tmp_path)
    source = find_source(tiny_source)
    found = advise(source, tmp_path, device="cpu")
    with_labels = advise(source, phantoms("t2w", 3), device="cpu")
    assert (
        found.intensities == pytest.approx(with_labels.intensities) and found.spacing_ratio == with_labels.spacing_ratio
    )
    assert found.features == with_labels.features and found.copies == pytest.approx(with_labels.copies)
    assert found.direct is found.calibration is found.promise is None and found.seen == found.expected == ()
    assert [case for case, _ in found.promised] == ["phantom_000", "phantom_001", "phantom_002"]
    assert all(0 < value < 1 for _, value in found.promised)
    told = {problem.code: problem.sentence for problem in found.problems}
    assert "(air, soft tissue, bone)" in told["advise-labels-assumed"]
    assert "annotate one" in told["advise-direct-unknown"]
    assert "which nothing can tell without a segmentation: most models are surer" in told["advise-promised"]
    assert not set(told) & {"advise-direct", "advise-calibration", "advise-experience", "advise-promise"}
    asked = ["advise", "--source", str(tiny_source), "--target", str(tmp_path), "--device", "cpu"]
    assert main(asked) == 0
    case, value = found.promised[0]
    assert f"  {case}: predicted Dice of the source model {value:.2f}" in capsys.readouterr().out


def test_annotated_cases_tell_whether_the_models_probabilities_tell_of_its_dice(tiny_source, phantoms, jobs):
    found = advise(find_source(tiny_source), phantoms("t2w", 4), device="cpu")
    assert found.promise.cases == 4 and found.promised == ()
    (told,) = [problem.sentence for problem in found.problems if problem.code == "advise-promise"]
    assert f"rank correlation {-found.promise.correlation:.2f} over 4 cases" in told


def test_what_folds_were_sure_of_and_right_about_is_kept_with_the_job(tiny_source, phantoms, jobs):
    found = advise(find_source(tiny_source), phantoms("t2w", 4), jobs[1:], "cpu")
    job, sure = jobs[1], found.calibration_of_job
    results = [r for r in unit_results(job, job.read_spec()) if r.strategy == "open" and r.fold.isdigit()]
    assert len(results) == 4 and all(len(r.calibration) == 3 for r in results)
    assert sum(one.voxels for one in sure.bins) == sum(sum(r.calibration[0]) for r in results) > 0
    # Nothing was smoothed or cleaned, so a fold is right where its segmentation is.
    right, voxels = 0, 0
    for case in read_case_set(phantoms("t2w", 4)).cases:
        own = read_labels(job.segmentations / "open" / f"{case.name}.nii.gz").array
        right += np.count_nonzero(own == read_labels(case.label).array)
        voxels += own.size
    left_out = voxels - sum(sum(r.calibration[0]) for r in results)
    assert 0 <= right - sum(sum(r.calibration[2]) for r in results) <= left_out
    assert all(not r.calibration for r in unit_results(job, job.read_spec()) if r.strategy == "direct")
    assert "Calibration of the models of folds, on the cases" in " ".join(p.sentence for p in found.problems)
    assert advice_of_jobs.calibration_of_job(job, {"phantom_000"}).error != sure.error


def test_the_source_model_is_cleaned_as_the_job_cleaned_it(tiny_source, phantoms, jobs):
    job, direct = jobs[1], StrategyChoice("direct")
    target = phantoms("t2w", 4)
    context = JobContext.read(replace(job.read_spec(), target=str(target)))
    names = context.task.names
    before = label_choices(job, direct)
    save_label_choices(job, direct, [LabelChoice(name, LARGEST, 4, (0.0,) * 4) for name in names])
    try:
        model, task = SourceModel.of_job(job, context, "cpu")
    finally:
        save_label_choices(job, direct, before)
    as_it_is, _ = SourceModel.of_job(job, context, "cpu")
    case = context.target.cases[0]
    own, plain = model.segment(case), as_it_is.segment(case)
    corners = np.ones((3, 3, 3))
    counts = [
        [ndimage.label(found == n, structure=corners)[1] for n in range(1, len(names) + 1)] for found in (own, plain)
    ]
    assert counts[0] == [1] * len(names) != counts[1]
    assert task.names == names


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
