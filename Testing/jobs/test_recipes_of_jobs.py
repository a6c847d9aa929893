"""A job with a paper's recipe: how each strategy is trained, how many steps its epochs are, and what is said of it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.recipe_of_job import recipe_of_job
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.runner import GUESSED_STEP_S, JobRunner
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, read_job
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.epochs import patches_in_epoch
from TransferSegLib.training.loop import case_sizes
from TransferSegLib.training.options import TrainingOptions

STRATEGIES = (StrategyChoice("open"), StrategyChoice("scratch"))


def spec_of(target: Path, source: Path, **training: object) -> JobSpec:
    options = TrainingOptions(device="cpu", deterministic=True, **training)
    return JobSpec(3, "compare", str(target), STRATEGIES, source=str(source), folds=2, training=options)


@pytest.fixture(scope="module")
def job(tmp_path_factory, phantoms, tiny_source) -> JobFolder:
    spec = spec_of(phantoms("t2w", 2), tiny_source, recipe="mecheter2020", epochs=1)
    folder = JobFolder.create(tmp_path_factory.mktemp("recipes") / "job", spec)
    run_job(folder.path)
    return folder


def test_the_epochs_of_a_recipe_cover_every_case(job, tmp_path):
    spec = read_job(job.path)
    context = JobContext.read(spec)
    for result in unit_results(job, spec):
        patch = tuple(result.settings["patch_size"])
        prepared = PreparedCases(tmp_path, job.path, context.card.preprocessing, context.task)
        cases = [prepared.get(case) for case in context.training_cases]
        trained = cases if result.fold == "test" else cases[:1]  # of two cases that are alike, one
        patches = patches_in_epoch(spec.training, case_sizes(trained), patch, None)
        assert patches > len(trained)
        assert result.steps == math.ceil(patches / 10)
        # The thinnest slab of the 3D network, as wide as the case.
        assert patch[2] == 8 and all(side >= n for side, n in zip(patch[:2], cases[0].image.shape[1:3], strict=True))


def test_the_report_has_the_recipe_of_each_strategy_and_all_settings(job):
    page = job.report.read_text(encoding="utf-8")
    assert "Recipe of open: Mecheter et al., IEEE 2020" in page
    assert "Recipe of scratch: Mecheter et al., IEEE 2020" in page
    assert "Recipe" in page and "mecheter2020" in page and "multi-class cross-entropy (§III-A)" in page


def test_a_dry_run_says_how_each_strategy_would_be_trained(phantoms, tiny_source, capsys):
    arguments = ["compare", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--dry-run",
                 "--strategies", "direct,open,scratch", "--recipe", "karimi2021", "--weight-decay", "0.5"]  # fmt: skip
    assert main([*arguments, "--json"]) == 0
    plans = {plan["key"]: plan["recipe"] for plan in json.loads(capsys.readouterr().out)}
    assert plans["direct"] is None
    assert [plans[key]["settings"]["learning_rate"] for key in ("open", "scratch")] == [5e-5, 1e-4]
    assert plans["open"]["changed"] == ["weight_decay"]
    decay = next(row for row in plans["open"]["table"] if row["what"] == "Weight decay")
    assert decay == {"what": "Weight decay", "paper": "not said", "here": "0.5", "differs": "chosen by --weight-decay"}
    images = next(row for row in plans["open"]["table"] if row["what"] == "Preprocessing")
    assert images["here"].startswith("as the source model's card says: z-score; voxels: ")
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "Recipe of open: Karimi et al." in shown and "Recipe of scratch: Karimi et al." in shown
    assert "Differs, why" in shown


def test_the_table_says_how_the_images_of_a_pretraining_are_prepared():
    def images(**given) -> tuple[str, str]:
        options = TrainingOptions(recipe="hossain2023")
        spec = JobSpec(3, "pretrain", "/cases", (StrategyChoice("scratch"),), network="segnet", training=options,
                       preprocessing=PreprocessingOptions(**given))  # fmt: skip
        row = next(row for row in recipe_of_job(spec, carried=False) if row.what == "Preprocessing")
        return row.here, row.differs

    assert images() == images(preprocessing="hossain2023")
    assert images()[0] == "`--preprocessing hossain2023` at `pretrain`, taken with the recipe"
    assert images(preprocessing="karimi2021") == ("preprocessing: karimi2021", "chosen by --preprocessing")
    here, differs = images(normalisation="min-max", n4=True)
    assert here == "`--preprocessing hossain2023`, intensities: min-max, bias field correction (n4): yes"
    assert differs == "chosen by --normalisation, --n4"


def test_a_dry_run_of_pretraining_trains_nothing(phantoms, tmp_path, capsys):
    arguments = ["pretrain", "--data", str(phantoms("t1w", 2)), "--network", "monai-unet:channels=4-8:strides=2-",
                 "--recipe", "mecheter2023", "--dry-run"]  # fmt: skip
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "convolutions will be trained" in shown
    assert "Recipe of scratch: Mecheter et al." in shown


def planned_s(runner: JobRunner, units: list[Unit], prepared: PreparedCases) -> dict[str, float]:
    """The seconds that trainings are expected to take, by what `_plan_epochs` says."""
    planned: dict[str, float] = {}

    class Noted:
        def plan(self, part: str, seconds: float) -> None:
            planned[part] = seconds

    runner._plan_epochs(units, prepared, Noted(), runner.context.spec.training)
    return planned


def test_time_left_counts_the_steps_that_a_paper_takes_from_scratch(phantoms, tiny_source, tmp_path):
    spec = spec_of(phantoms("t2w", 2), tiny_source, recipe="hossain2023")
    job = JobFolder.create(tmp_path / "job", spec)
    context = JobContext.read(spec)
    prepared = PreparedCases(tmp_path / "prepared", job.path, context.card.preprocessing, context.task)
    runner = JobRunner(job, context, EventLog(job.events), "cpu")
    planned = planned_s(runner, [Unit(choice, None) for choice in STRATEGIES], prepared)
    assert planned == {"scratch.final.train": pytest.approx(23_100 * GUESSED_STEP_S)}


def test_time_left_counts_the_patches_of_an_epoch(phantoms, tiny_source, tmp_path):
    spec = spec_of(phantoms("t2w", 2), tiny_source, recipe="mecheter2020", epochs=2)
    job = JobFolder.create(tmp_path / "job", spec)
    context = JobContext.read(spec)
    prepared = PreparedCases(tmp_path / "prepared", job.path, context.card.preprocessing, context.task)
    runner = JobRunner(job, context, EventLog(job.events), "cpu")
    units = [Unit(StrategyChoice("open"), None), Unit(StrategyChoice("direct"), None)]
    planned = planned_s(runner, units, prepared)
    sizes = case_sizes([prepared.get(case) for case in context.training_cases])
    patch = tuple(8 * math.ceil(n / 8) for n in sizes[0][:2])
    patches = patches_in_epoch(spec.training, sizes, (*patch, 8), None)
    assert planned == {"open.final.train": pytest.approx(2 * math.ceil(patches / 10) * GUESSED_STEP_S)}
