"""How the steps or minutes of a recommendation are given to its rounds, and what is done where they are too few."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_rounds import THREE, run, spec_of, trainings_of

from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.jobs import estimate as estimate_module
from TransferSegLib.jobs import round_budget
from TransferSegLib.jobs.choices import TrainedFold, save_trained_fold
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.recommended import SHARES as ROUND_SHARES
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.round_budget import trainings_in, trainings_in_full
from TransferSegLib.jobs.segmenting_time import SegmentingTime
from TransferSegLib.jobs.settings import load_settings, save_settings
from TransferSegLib.jobs.spec import StrategyChoice, recommended_strategies
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.training.loop import RunSettings
from TransferSegLib.training.options import TrainingOptions


class Told:
    """A log that remembers what it is told."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def tell(self, kind: str, problem: Problem, **fields: object) -> None:
        self.problems.append(problem)

    def warn(self, problem: Problem) -> None:
        self.problems.append(problem)


def test_it_takes_less_than_a_third_of_the_steps_of_an_exhaustive_comparison():
    """Which trains each of four strategies in full for each of four cases that are left out, and the best one on all."""
    counts = {number: trainings_in(number, 4, 4) for number in ROUND_SHARES}
    exhaustive = 4 * 4 + 1
    assert trainings_in_full(counts) / exhaustive == pytest.approx(0.21, abs=0.01)
    # Where folds disagree, what any of them needs is trained in all: two strategies on average where all are alike.
    assert trainings_in_full({**counts, 2: 2 * counts[2]}) / exhaustive == pytest.approx(0.31, abs=0.01)
    before = {
        1: 0.1 * 16,
        2: 0.2 * 8,
        3: 1.0 * 4,
    }  # a tenth for all, a fifth for two, all steps for one that each fold has
    assert (1 + sum(before.values())) / exhaustive == pytest.approx(0.48, abs=0.01)


@pytest.mark.parametrize(
    ("options", "last", "is_open", "said"),
    [
        (
            {"steps": 2000},
            0.4,
            True,
            "Of the 2,000 steps that were given, each training of the first round takes 200, and each of the second 800, or "
            "all where the first show that the source model does not cope",
        ),
        (
            {"steps": 20},
            1.0,
            False,
            "Of the 20 steps that were given, each training of the first round takes 2, and each of the second all",
        ),
        (
            {"epochs": 30},
            0.4,
            False,
            "Of the 30 epochs that were given, each training of the first round takes 3, and each of the second 12",
        ),
        (
            {},
            0.4,
            False,
            "Of the 400 steps of a training in full, each training of the first round takes 40, and each of the second 160",
        ),
    ],
)
def test_how_many_steps_each_round_takes_in_a_sentence(options, last, is_open, said):
    assert round_budget.steps_of_rounds(TrainingOptions(**options), last, is_open, "cpu").sentence == said


def test_the_help_of_steps_says_what_is_left_of_them_where_a_strategy_is_recommended():
    words = {0.1: "a tenth", 0.4: "four tenths"}
    help_text = next(option.help for option in declared_options(TrainingOptions) if option.name == "steps")
    assert all(words[share] in help_text for share in ROUND_SHARES.values())


def test_how_long_the_last_round_is_stays_when_a_strategy_is_left_out_later(tmp_path):
    """The kept model has as many steps as the folds' models that speak for it."""
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    context = SimpleNamespace(tried=THREE, training_cases=[], tests=[], unlabelled=[], task=None, is_ensemble=False)
    shared = SimpleNamespace(job=job, context=context, options=TrainingOptions(steps=100), device="cpu", log=Told())

    def budget(share: float) -> round_budget.RoundBudget:
        made = round_budget.RoundBudget(shared, [Fold(0, (), ("a",))], began=0.0)
        made.__dict__["rounds"] = SimpleNamespace(share_of_steps=lambda number: share, numbers=(1, 2))
        return made

    assert budget(0.4).options(2).steps == 40
    later = budget(1.0)
    assert later.options(2).steps == 40
    later.begin_anew()
    assert budget(1.0).options(2).steps == 100


def test_minutes_are_given_to_the_rounds_and_stored(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(round_budget, "FEWEST_STEPS", -(10**9))  # however busy the computer is
    training = TrainingOptions(minutes=0.25, augment="none")
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3], training=training))
    events = read_events(job.events)[0]
    clock = read_json(job.state / "results" / "round-clock.json")
    assert clock["steps"] and set(clock["units"]) >= {"direct.fold0", "auto.final"}
    steps = {name: len(trained.losses) for name, trained in trainings_of(job).items()}
    assert {clock["steps"][name.partition("_round-")[2][0]] == count for name, count in steps.items()} == {True}
    fractions = [event["fraction"] for event in events if event["kind"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1


@pytest.mark.parametrize("step_s", [0.02, 0.2, 0.6])
def test_all_rounds_and_the_final_model_fit_into_the_minutes(tmp_path, monkeypatch, step_s):
    """Each training takes some seconds beside its steps, which take as long as was measured."""
    now = [0.0]
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: now[0])
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=10))
    job = JobFolder.create(tmp_path / "job", spec)
    cases = [SimpleNamespace(name=name) for name in "abcd"]
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task, is_ensemble=False)
    folds = [Fold(n, (), (case.name,)) for n, case in enumerate(cases)]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu", log=Told())
    budget = round_budget.RoundBudget(run, folds, began=0.0)
    now[0] += 8  # reading and preparing
    trained = THREE[1:]
    measured = RunSettings(1, 2, (8, 8, 8), fixed_execution("cpu", 2), 0, step_s / BESIDE_THE_STEP)
    for choice in trained:
        save_settings(job, choice, measured)
    for unit in [Unit(THREE[0], fold) for fold in folds]:
        now[0] += 1.5
        budget.finished(unit, 1.5)
    planned = {}
    for number, choices in ((1, trained), (2, trained[:2])):  # two go on, as the folds do not agree
        units = [Unit(choice, fold, round=number) for choice in choices for fold in folds]
        monkeypatch.setattr(budget.rounds, "trainings", lambda n, units=units: units)
        planned[number] = budget.options(number).steps
        assert budget.options(number).minutes is None
        for unit in units:
            seconds = planned[number] * step_s
            now[0] += seconds + 2.5
            losses = (0.0,) * planned[number]
            save_trained_fold(job, unit.name, TrainedFold({}, losses, (), seconds, (), None, "", {}))
            budget.finished(unit, seconds + 2.5)
    now[0] += 2 * len(cases) * 1.5  # what is chosen is scored in full
    now[0] += planned[2] * step_s + 2.5
    assert 0.75 * 600 < now[0] < 600
    assert planned[1] < planned[2]
    # A job that is resumed has the same steps.
    assert round_budget.RoundBudget(run, folds, began=now[0]).options(1).steps == planned[1]


@pytest.mark.parametrize(("minutes", "compares"), [(1, False), (4, True), (8, True)])
def test_scoring_is_in_the_minutes_and_where_they_are_too_few_for_it_nothing_is_compared(
    tmp_path, monkeypatch, minutes, compares
):
    """A network takes a second for a case: the source model's seven copies and every share of every fold cost that."""
    now = [0.0]
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: now[0])
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=minutes))
    job = JobFolder.create(tmp_path / "job", spec)
    cases = [SimpleNamespace(name=name) for name in "abcd"]
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task, is_ensemble=False)
    folds = [Fold(n, tuple("abcd".replace(case.name, "")), (case.name,)) for n, case in enumerate(cases)]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu", log=Told())
    step_s, pass_s, copies = 0.1, 1.0, 7
    for choice in THREE[1:]:
        save_settings(job, choice, RunSettings(1, 2, (8, 8, 8), fixed_execution("cpu", 2), 0, step_s / BESIDE_THE_STEP))
    budget = round_budget.RoundBudget(run, folds, began=0.0)
    now[0] += 8
    measured: list[float] = []

    def measure() -> SegmentingTime:
        measured.append(now[0])
        return SegmentingTime(pass_s, copies, 2)

    assert budget.suffices(measure) == compares
    assert round_budget.RoundBudget(run, folds, began=now[0]).suffices(measure) == compares  # nor when it is resumed
    assert len(measured) == 1
    if not compares:  # as many minutes as it says suffice, and one less does not
        least = budget.least_minutes
        assert minutes < least
        for given in (least, least - 1):
            other = JobFolder.create(tmp_path / str(given), replace(spec, training=TrainingOptions(minutes=given)))
            again = SimpleNamespace(**{**vars(run), "job": other, "options": other.read_spec().training})
            for choice in THREE[1:]:
                save_settings(other, choice, load_settings(job, choice))
            assert round_budget.RoundBudget(again, folds, began=0.0).suffices(measure) == (given == least)
        return
    for unit in [Unit(THREE[0], fold) for fold in folds]:
        seconds = (copies + 1) * pass_s + 0.3
        now[0] += seconds
        budget.finished(unit, seconds)
    candidates, steps = budget.rounds.candidates, 1
    for number in budget.rounds.numbers:
        units = [Unit(c, fold, round=number) for c in candidates[: None if number == 1 else 1] for fold in folds]
        monkeypatch.setattr(budget.rounds, "trainings", lambda n, units=units: units)
        steps = budget.options(number).steps
        assert number == 1 or steps >= round_budget.FEWEST_STEPS
        for unit in units:
            beside = (4 + 3 * 3) * pass_s  # four shares of one case, three of those that it was trained on
            now[0] += steps * step_s + beside
            save_trained_fold(job, unit.name, TrainedFold({}, (0.0,) * steps, (), steps * step_s, (), None, "", {}))
            budget.finished(unit, steps * step_s + beside)
    now[0] += len(cases) * (copies * pass_s + 0.3) + steps * step_s + 1
    assert 0.6 * minutes * 60 < now[0] < 1.05 * minutes * 60


def test_where_the_minutes_are_too_few_to_score_anything_that_is_said_and_one_model_is_trained(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    monkeypatch.setattr(round_budget, "FEWEST_STEPS", 10**9)
    training = TrainingOptions(minutes=0.2, augment="none")
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3], training=training))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.of_folds) == ("open", "time", ()) and not trainings_of(job)
    verdict = json.loads(job.scores_json.read_text(encoding="utf-8"))["verdict"]["sentence"]
    assert verdict.startswith("`open` is recommended without a comparison: the minutes that were given are too few")
    kept = replace(made, chosen="direct", source_dice=0.9, least_minutes=7)
    assert "minutes that were given are too few" in kept.problem.sentence
    assert "give about 7 or more, or name" in kept.problem.sentence
    assert f"give about {made.least_minutes} or more" in verdict and made.least_minutes > 10**6
    fractions = [event["fraction"] for event in read_events(job.events)[0] if event["kind"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    spec = spec_of(phantoms("t2w", 2), tiny_source, THREE[:3], training=training)
    monkeypatch.setattr(estimate_module, "FEWEST_STEPS", 10**9)
    assert "so nothing will be compared" in estimate(JobContext.read(spec)).problem.sentence


def test_where_time_is_short_fewer_are_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 20.0)
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=1))
    job = JobFolder.create(tmp_path / "job", spec)
    context = SimpleNamespace(
        tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[], task=None, is_ensemble=False
    )
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu", log=Told())
    rounds = round_budget.RoundBudget(run, folds, began=0.0).rounds
    assert [choice.key for choice in rounds.candidates] == ["open"] and rounds.numbers == (2,)
    left = ("conservative:part=decoder", "conservative:part=head")
    assert rounds.short_of_time == left
    (said,) = run.log.problems
    assert said.code == "candidates-short-of-time" and said.fields["strategies"] == left
    assert "1 minute is too few" in said.sentence and "`conservative:part=head` are left out" in said.sentence
    _ = round_budget.RoundBudget(run, folds, began=0.0).rounds
    assert len(run.log.problems) == 1, "a job that is resumed does not decide it again"
    made = Recommendation(
        "direct", of_folds=("direct",) * 2, source_dice=0.8, dice=0.7, best_trained="open", left_out=left
    )
    assert made.problem.sentence.startswith("The source model as it is is recommended: its mean Dice is 0.800")
    assert (
        "; `conservative:part=decoder`, `conservative:part=head` were not tried for want of time"
        in made.problem.sentence
    )


def test_where_there_is_no_time_for_scans_without_labels_that_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 20.0)
    tried = tuple(map(StrategyChoice.parse, ("direct", "open", "self-training", "test-time")))
    training = TrainingOptions(minutes=1, use_unlabelled=True)
    spec = spec_of(Path("/cases"), Path("/model"), tried, training=training)
    job = JobFolder.create(tmp_path / "job", spec)
    context = SimpleNamespace(
        tried=tried, training_cases=["a", "b"], tests=[], unlabelled=["c"], task=None, is_ensemble=False
    )
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu", log=Told())
    _ = round_budget.RoundBudget(run, folds, began=0.0).rounds
    assert [problem.code for problem in run.log.problems] == ["candidates-short-of-time", "unlabelled-short-of-time"]
    assert run.log.problems[1].severity == "warning" and "--use-unlabelled" in run.log.problems[1].sentence


def test_scans_without_labels_are_tried_directly_after_the_likeliest_strategy(tiny_source):
    asked = recommended_strategies(read_card(tiny_source), TrainingOptions(use_unlabelled=True))
    assert [choice.key for choice in asked[:4]] == ["direct", "open", "self-training", "test-time"]
    usual = recommended_strategies(read_card(tiny_source), TrainingOptions())
    assert [choice.name for choice in usual[:3]] == ["direct", "open", "lora"]
    assert {choice.key for choice in asked} - {choice.key for choice in usual} == {"self-training", "test-time"}


def test_an_ensemble_segments_with_the_models_of_the_folds_and_that_is_in_the_minutes(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 0.0)
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=10))
    job, folds = JobFolder.create(tmp_path / "job", spec), [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    beside = []
    for ensemble in (False, True):
        context = SimpleNamespace(
            tried=THREE,
            training_cases=["a", "b"],
            tests=["t"] * 3,
            unlabelled=["u"] * 5,
            task=None,
            is_ensemble=ensemble,
        )
        shared = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
        budget = round_budget.RoundBudget(shared, folds, began=0.0)
        budget._clock = replace(budget._clock, segmenting=SegmentingTime(1.0, 1, 1))
        beside.append(budget._beside_s({1: 2, 2: 2}, 1))
    # The source model's cases are run over once more without copies.
    assert beside[1] - beside[0] == pytest.approx((3 + 5) * 2 * (SegmentingTime(1.0, 1, 1).case_s + 1.0))


def test_the_only_training_is_no_single_step_where_no_time_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 1000.0)
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=1))
    job = JobFolder.create(tmp_path / "job", spec)
    context = SimpleNamespace(
        tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[], task=None, is_ensemble=False
    )
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu", log=Told())
    budget = round_budget.RoundBudget(run, [], began=0.0)
    made = budget.options(round_budget.LAST_ROUND)
    assert (made.steps, made.minutes) == (20, None)


def test_its_dry_run_says_that_the_minutes_are_too_few_to_compare_anything(tiny_source, phantoms, monkeypatch, capsys):
    asked = [
        "adapt",
        "--source",
        str(tiny_source),
        "--target",
        str(phantoms("t2w", 2)),
        "--strategy",
        "auto",
        "--dry-run",
    ]
    assert main([*asked, "--minutes", "1", "--folds", "0"]) in (0, 1)
    capsys.readouterr()
    monkeypatch.setattr(estimate_module, "FEWEST_STEPS", 10**9)
    main([*asked, "--minutes", "1"])
    said = capsys.readouterr().out
    assert said.startswith("Scoring one way of training") and "so nothing will be compared" in said
    assert "after these rounds" not in said and "open:" in said
    main([*asked, "--minutes", "1", "--json"])
    said = capsys.readouterr()
    assert json.loads(said.out)[0]["key"] == "direct" and "so nothing will be compared" in said.err
    monkeypatch.setattr(estimate_module, "FEWEST_STEPS", 0)
    for minutes, shown in (("100", "in 100 minutes"), ("1", "in 1 minute\n")):
        monkeypatch.setattr(estimate_module, "BEFORE_AND_AFTER_S", 0.0)
        main([*asked, "--minutes", minutes])
        said = capsys.readouterr().out
        assert "after these rounds" in said and shown in said
