"""Components and holes in a job: chosen by the folds' segmentations, on the kept model's card, followed by `segment`."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.card import read_card
from TransferSegLib.evaluation.metrics.overlap import dice
from TransferSegLib.jobs import post_processing
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.choices import ADAPTED_SHARE, chosen_of
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_choices import label_choices
from TransferSegLib.jobs.results import unit_result, unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.jobs.unit_blending import UnitBlending
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


def planted(found, reference, outside, known=None):
    return 0.5, 0.9, 0.5, 0.9


@pytest.fixture
def all_gain(monkeypatch):
    """Every label gains most by its largest component, as scores that are planted say."""
    monkeypatch.setattr(post_processing, "dice_of_candidates", planted)


@pytest.fixture(scope="module")
def job(tmp_path_factory, tiny_source, phantoms):
    """A finished job in which every label gains; nobody writes into it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post_processing, "dice_of_candidates", planted)
        return adapt(tiny_source, phantoms("t2w", 4), tmp_path_factory.mktemp("gains") / "job")


def components(array, value):
    return ndimage.label(array == value, structure=CORNERS)[1]


def test_what_the_folds_have_chosen_is_on_the_card_and_segment_follows_it(job, phantoms, tmp_path):
    card = read_card(job.model)
    assert card.inference.largest_component == card.label_names and card.inference.fill_holes == ()
    image = str(phantoms("t2w", 4) / "imagesTr" / "phantom_000.nii.gz")
    out = {}
    for name, flags in (("kept", []), ("never", ["--post-processing", "none"])):
        assert (
            main(["segment", "--model", str(job.path), "--images", image, "--out", str(tmp_path / name), *flags]) == 0
        )
        out[name] = read_labels(tmp_path / name / "phantom_000.nii.gz").array
    assert max(components(out["kept"], value) for value in range(1, 1 + len(card.labels))) == 1
    assert max(components(out["never"], value) for value in range(1, 1 + len(card.labels))) > 1
    # Each fold is scored with what the other fold chose, and its segmentations are those that are scored.
    results = [one for one in unit_results(job, job.read_spec()) if one.strategy == OPEN.key and one.fold != "test"]
    assert [one.post_processing for one in results] == [dict.fromkeys(card.label_names, "largest component")] * 2
    for case in read_case_set(phantoms("t2w", 4)).cases:
        fold = read_labels(job.segmentations / OPEN.slug / f"{case.name}.nii.gz").array
        reference = read_labels(case.label).array
        assert max(components(fold, label.value) for label in card.labels) == 1
        rows = {row.label: row.scores.dice for one in results for row in one.rows if row.case == case.name}
        for label in card.labels:
            assert rows[label.value] == dice(reference == label.value, fold == label.value)
    events = (job.path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    told = [one for one in map(json.loads, events) if one.get("problem", {}).get("code") == "post-processing-chosen"]
    assert [one["strategy"] for one in told].count(OPEN.key) == len(card.labels)


def test_a_person_is_told_that_components_go_in_report_card_and_segment(job, phantoms, tmp_path, capsys):
    report = job.report.read_text(encoding="utf-8")
    for one in label_choices(job, OPEN):
        assert f"<code>{one.label}</code>: of what is found, the largest component alone is kept" in report
        assert f"Label <code>{one.label}</code>" in report
    assert "Every strategy segments in windows of" in report
    names = read_card(job.model).label_names
    assert main(["sources", "show", str(job.path)]) == 0
    shown = capsys.readouterr().out
    assert "the largest piece alone is kept" in shown and all(f"`{name}`" in shown for name in names[:6])
    image = str(phantoms("t2w", 4) / "imagesTr" / "phantom_000.nii.gz")
    for flags, is_told in (([], True), (["--post-processing", "none"], False)):
        assert main(["segment", "--model", str(job.path), "--images", image, "--out", str(tmp_path), *flags]) == 0
        said = capsys.readouterr().err
        assert ("case `phantom_000`: this model keeps the largest piece of a label alone" in said) is is_told
        assert (" mL" in said) is is_told


def test_a_job_says_of_its_own_cases_what_was_removed(tiny_source, phantoms, tmp_path, all_gain):
    data = phantoms("t2w", 4)
    *train, test = (case.name for case in read_case_set(data).cases)
    job = adapt(tiny_source, data, tmp_path / "job", CaseChoice(tuple(train), (test,)))
    told = [one for one in read_events(job.events)[0] if one.get("code") == "components-removed"]
    assert [one["fields"]["name"] for one in told] == [test] and told[0]["fields"]["pieces"] > 0
    printed = io.StringIO()
    printer = ProgressPrinter(printed)
    printer(told[0])
    printer.close()
    assert printed.getvalue().startswith(f"note: case `{test}`: this model keeps the largest piece of a label alone")


def test_nothing_is_chosen_where_it_is_not_wanted(tiny_source, phantoms, tmp_path, all_gain):
    job = adapt(tiny_source, phantoms("t2w", 3), tmp_path / "job", post_processing="none")
    assert read_card(job.model).inference.largest_component == ()


@pytest.mark.parametrize(("written", "chosen"), [(1, ["direct"]), (3, ["direct"]), (5, ["direct", OPEN.key])])
def test_a_job_stopped_while_its_folds_are_changed_chooses_no_more_and_ends_the_same(
    written, chosen, job, tiny_source, phantoms, tmp_path, all_gain
):
    """The four cases are changed for the source model as it is, then for what is trained."""
    usual, count = post_processing.write_labels, []

    def stops(path, *rest, **more):
        count.append(path)
        usual(path, *rest, **more)
        if len(count) == written:  # a segmentation is changed, its scores are not
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post_processing, "write_labels", stops)
        with pytest.raises(KeyboardInterrupt):
            adapt(tiny_source, phantoms("t2w", 4), tmp_path / "job")
        patch.undo()
        choose, again = post_processing._choose, []
        patch.setattr(
            post_processing,
            "_choose",
            lambda run, unit, folds: again.append(unit.choice.key) or choose(run, unit, folds),
        )
        run_job(tmp_path / "job")
    assert not set(again) & set(chosen)
    again = JobFolder(tmp_path / "job")
    assert again.scores_csv.read_bytes() == job.scores_csv.read_bytes()
    assert read_card(again.model).inference == read_card(job.model).inference
    assert read_card(again.model).weights_sha256 == read_card(job.model).weights_sha256


def test_test_cases_are_segmented_as_the_kept_model_segments(tiny_source, phantoms, tmp_path, all_gain):
    data = phantoms("t2w", 4)
    *train, test = (case.name for case in read_case_set(data).cases)
    job = adapt(tiny_source, data, tmp_path / "job", CaseChoice(tuple(train), (test,)))
    card = read_card(job.model)
    found = read_labels(job.segmentations / OPEN.slug / f"{test}.nii.gz").array
    assert max(components(found, label.value) for label in card.labels) == 1


def test_for_each_fold_the_others_are_segmented_with_the_share_that_was_chosen_without_it(
    tiny_source, phantoms, tmp_path, monkeypatch
):
    def candidates(self, trained, names, held_out):
        best = "0.25" if self.unit.fold.number == 0 else "1"
        return "0.5", {
            share: (0.9 if share == best else 0.5,) * len(held_out) for share in ("0.25", "0.5", "0.75", "1")
        }

    looked_at, usual = [], post_processing._label_dice

    def label_dice(run, unit, folds, folders):
        looked_at.append((unit.choice.key, [folder.relative_to(run.job.path).as_posix() for folder in folders]))
        return usual(run, unit, folds, folders)

    monkeypatch.setattr(UnitBlending, "candidates", candidates)
    monkeypatch.setattr(post_processing, "_label_dice", label_dice)
    done = adapt(tiny_source, phantoms("t2w", 4), tmp_path / "job")
    made = chosen_of(done, ADAPTED_SHARE, OPEN)
    assert made.of_folds == ("1", "0.25") and made.chosen in ("0.25", "1")
    own, trial = "segmentations/open", "state/trials/open_share-{}_steps-1.fold{}"
    seen = [folders for key, folders in looked_at if key == OPEN.key]
    assert [own, trial.format("1", 1)] in seen and [trial.format("0.25", 0), own] in seen and len(seen) == 2
    assert unit_result(done, "open_share-1_steps-1.fold1").adapted_share == 1
    assert unit_result(done, "open_share-0.25_steps-1.fold0").adapted_share == 0.25
    strategies = {one.strategy for one in unit_results(done, done.read_spec())}
    assert strategies == {"direct", "open"}
    assert "share=" not in (done.path / "report.html").read_text(encoding="utf-8")
