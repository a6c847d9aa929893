"""A job that recommends a strategy: its rounds, choices on other cases, the source model where training loses, resuming."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, read_scores
from TransferSegLib.jobs import estimate as estimate_module
from TransferSegLib.jobs import recommending as recommending_module
from TransferSegLib.jobs import round_budget, runner
from TransferSegLib.jobs import rounds as rounds_module
from TransferSegLib.jobs.choices import TrainedFold, save_trained_fold, trained_fold
from TransferSegLib.jobs.conditions import Conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.label_choices import label_choices, save_label_choices
from TransferSegLib.jobs.recommended import in_round, stored_recommendation
from TransferSegLib.jobs.recommending import Recommending
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.jobs.round_budget import trainings_in, trainings_in_full
from TransferSegLib.jobs.rounds import SHARES as ROUND_SHARES
from TransferSegLib.jobs.rounds import Rounds
from TransferSegLib.jobs.segmenting_time import SegmentingTime
from TransferSegLib.jobs.settings import load_settings, save_settings
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, recommended_strategies
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.jobs.unit_blending import SHARES
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.options import TrainingOptions

THREE = (
    StrategyChoice("direct"),
    StrategyChoice("open"),
    StrategyChoice("conservative", {"part": "decoder"}),
    StrategyChoice("conservative", {"part": "head"}),
)


def spec_of(cases: Path, source: Path, strategies=THREE, **fields) -> JobSpec:
    training = fields.pop("training", TrainingOptions(steps=20, deterministic=True, augment="none"))
    return JobSpec(3, "adapt", str(cases), strategies, "auto", source=str(source), training=training, **fields)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "weights.safetensors")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    return run(tmp_path_factory.mktemp("rounds") / "job", spec_of(phantoms("t2w", 4), tiny_source, folds=2))


def units_of(job: JobFolder) -> dict[str, dict]:
    """The units that were segmented and scored in full."""
    found = (job.state / "results").glob("*.fold*.json")
    return {path.stem: read_json(path) for path in found if not path.stem.startswith("trained.")}


def trainings_of(job: JobFolder) -> dict[str, TrainedFold]:
    names = [path.stem.removeprefix("trained.") for path in (job.state / "results").glob("trained.*.json")]
    return {name: trained_fold(job, name) for name in names}


def test_all_are_tried_shortly_and_the_best_for_longer_in_all_folds(finished):
    steps = {name: len(trained.losses) for name, trained in trainings_of(finished).items()}
    first = sorted(name for name in steps if "_round-1." in name)
    tried = ("open", "conservative_part-decoder", "conservative_part-head")
    assert first == sorted(f"{slug}_round-1.fold{n}" for slug in tried for n in range(2))
    second = {name.partition("_round-2.")[0] for name in steps if "_round-2." in name}
    assert second and second <= set(tried)
    assert set(steps) - set(first) == {f"{slug}_round-2.fold{n}" for slug in second for n in range(2)}
    assert {steps[name] for name in first} == {2} and {steps[name] for name in set(steps) - set(first)} == {8}
    assert read_json(finished.state / "results" / "auto.final.json")["steps"] in (0, 2, 8)
    for name, trained in trainings_of(finished).items():
        assert set(trained.dice) == {f"{share:g}" for share in SHARES}, name
    assert trainings_in(1, 4, 3) == 12 and trainings_in(2, 4, 3) == 3 and trainings_in(1, 1, 3) == 0


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


def test_what_is_kept_was_scored_as_it_is_kept_and_is_told_in_words(finished):
    made, units = stored_recommendation(finished), units_of(finished)
    told = [
        event for event in read_events(finished.events)[0] if event["kind"] == "choice" and "adapted_share" in event
    ]
    if made.chosen == "direct":
        assert not told
        return
    (event,) = told
    percent = round(100 * event["adapted_share"])
    way = (
        "the adapted weights as they are"
        if percent == 100
        else f"weights {percent} % of the way from those that the training"
    )
    assert event["message"].startswith(f"`{made.chosen}`: {way}")
    choice = StrategyChoice.parse(made.chosen)
    called = in_round(choice, made.round, f"{event['adapted_share']:g}").slug
    assert {f"{called}.fold{n}" for n in range(2)} <= set(units)
    assert read_card(finished.model).made_by["adapted_share"] == event["adapted_share"]


def test_no_inner_name_is_shown(finished, capsys):
    report = finished.report.read_text(encoding="utf-8")
    messages = [str(event.get("message", "")) for event in read_events(finished.events)[0]]
    assert main(["status", str(finished.path)]) == 0 and main(["run", str(finished.path)]) == 0
    for text in (report, *messages, capsys.readouterr().out):
        assert "round=" not in text and "share=" not in text and "_round-" not in text
        assert "--adapted-share" not in text  # nobody typed it


def test_no_weights_stay_but_those_of_the_folds_that_are_scored(finished):
    assert {path.name for path in (finished.state / "folds").iterdir()} <= {"auto"}


def test_it_is_told_in_scores_events_verdict_card_and_report(finished, capsys):
    made = stored_recommendation(finished)
    stored = json.loads(finished.scores_json.read_text(encoding="utf-8"))
    assert from_json(Recommendation, stored["recommendation"], "scores") == made
    assert made.chosen == "direct" or made.dice > made.source_dice
    assert stored["made_by"]["kept"] == ("direct" if made.chosen == "direct" else "auto")
    (event,) = [e for e in read_events(finished.events)[0] if e["kind"] == "choice" and "recommended" in e]
    assert event["strategy"] == made.chosen and event["message"] == made.problem.sentence
    assert stored["verdict"]["sentence"].startswith(made.problem.sentence)
    card = read_json(finished.model / "card.json")
    made_by = card["made_by"].get("used", card["made_by"])
    assert made_by["strategy"] == made.chosen
    assert from_json(Recommendation, made_by["recommendation"], "card") == made
    assert main(["report", str(finished.path)]) == 0
    report = finished.report.read_text(encoding="utf-8")
    assert "Gain to be expected" in report and "Round" in report
    kept = "direct" if made.chosen == "direct" else f"{made.chosen}, recommended by auto"
    assert f"<th>Kept model</th><td>{kept}</td>" in report
    rows = read_scores(finished.scores_csv)
    assert {row.strategy for row in rows} == {"direct", "auto"} and len({row.case for row in rows}) == 4
    shown = {path.name for path in (finished.segmentations / "auto").glob("*.nii.gz")}
    assert shown == {f"{row.case}.nii.gz" for row in rows}
    assert not (finished.state / "trials").exists()
    capsys.readouterr()
    assert main(["run", str(finished.path)]) == 0
    assert made.problem.sentence in capsys.readouterr().out


def test_the_scores_of_a_fold_are_those_of_what_the_other_folds_chose(finished):
    made, units = stored_recommendation(finished), units_of(finished)
    for n, key in enumerate(made.of_folds):
        slug = next(choice.slug for choice in THREE if choice.key == key)
        own = units[f"auto.fold{n}"]
        like = [
            name
            for name, result in units.items()
            if name.endswith(f".fold{n}")
            and not name.startswith("auto")
            and [row["scores"] for row in result["rows"]] == [row["scores"] for row in own["rows"]]
        ]
        assert any(name.startswith((f"{slug}.", f"{slug}_")) for name in like)
    results = [one for one in unit_results(finished, finished.read_spec()) if one.strategy == "auto"]
    assert np.mean([one.mean_dice for one in results if one.fold != "test"]) == pytest.approx(made.dice)


@pytest.mark.parametrize("when", [5, 9])
def test_a_job_that_is_killed_ends_as_if_it_had_not_been(tmp_path, finished, when, monkeypatch):
    done: list[str] = []

    def counted(original):
        def do(self, *arguments, **given):
            done.append(f"{original.__name__} {self.unit.name}")
            if len(done) == when + 1:
                raise Killed
            original(self, *arguments, **given)

        return do

    with monkeypatch.context() as patched:
        for name in ("execute", "train_fold"):
            patched.setattr(runner.UnitRun, name, counted(getattr(runner.UnitRun, name)))
        job = JobFolder.create(tmp_path / "job", finished.read_spec())
        with pytest.raises(Killed):
            run_job(job.path)
        run_job(job.path)
    assert len(done) == len(set(done)) + 1  # nothing that was finished is done twice
    assert stored_recommendation(job).chosen == stored_recommendation(finished).chosen
    assert same(weights(job.model), weights(finished.model))
    assert [(r.case, r.label, r.scores) for r in read_scores(job.scores_csv)] == [
        (r.case, r.label, r.scores) for r in read_scores(finished.scores_csv)
    ]


def test_the_source_model_is_kept_where_training_only_loses(tmp_path, tiny_source, phantoms, monkeypatch):
    original = Training.run

    def forget(self, on_step=lambda progress: True):
        found = original(self, on_step)
        with torch.no_grad():
            for parameter in self.plan.network.parameters():
                parameter.zero_()
        return found

    monkeypatch.setattr(Training, "run", forget)
    training = TrainingOptions(steps=1, deterministic=True, augment="none", adapted_share=1)
    heads, cases = phantoms("t2w", 3), tmp_path / "cases.csv"
    lines = ["case,image,label,role"]
    for n, role in enumerate(("train", "train", "unlabelled")):
        label = "" if role == "unlabelled" else f"{heads}/labelsTr/phantom_{n:03d}.nii.gz"
        lines.append(f"c{n},{heads}/imagesTr/phantom_{n:03d}.nii.gz,{label},{role}")
    cases.write_text("\n".join(lines), encoding="utf-8")
    job = run(tmp_path / "job", spec_of(cases, tiny_source, THREE[:3], training=training))
    # What the kept model makes of a scan without labels is the source model's, and called so.
    assert (job.segmentations / "direct" / "c2.nii.gz").is_file() and not list(job.segmentations.glob("auto/c2*"))
    made = stored_recommendation(job)
    assert made.chosen == "direct" and made.round == 0 and made.gain is None
    assert made.best_trained_dice < made.source_dice
    assert same(weights(job.model), weights(tiny_source))
    stored = json.loads(job.scores_json.read_text(encoding="utf-8"))
    assert stored["made_by"]["kept"] == "direct"
    assert stored["verdict"]["kind"] == "source kept"
    assert stored["verdict"]["sentence"] == f"{made.problem.sentence}."


KEYS = ("open", "conservative:part=decoder", "conservative:part=head")
CASES = "abcd"
# (strategy, round, case) → share → Dice.
Raw = dict[tuple[str, int, str], dict[str, float]]


class Scripted(Rounds):
    """Rounds of four folds of a case each, whose trainings scored what is given; the source model has 0.8 and 3 mm."""

    compares_with_source = True
    candidates = THREE[1:]

    def __init__(self, raw: Raw, hd95_mm: dict[str, float] | None = None, seen: str = "") -> None:
        self._all = THREE[1:]
        cases = [SimpleNamespace(name=case) for case in CASES]
        task = SimpleNamespace(new_names=())
        self.context = SimpleNamespace(tried=THREE, training_cases=cases, task=task)
        self.folds = tuple(Fold(n, (), (case,)) for n, case in enumerate(CASES))
        self.numbers = tuple(ROUND_SHARES)
        self.raw, self.hd95_mm = raw, hd95_mm or {}
        self.__dict__["_seen"] = set(seen)
        self._chosen_to_go_on, self._of_trainings = {}, {}

    def record(self, unit):
        dice = self.raw[unit.choice.key, unit.round, unit.fold.held_out[0]]
        return TrainedFold({}, (0.0,), (), None, (), None, "1", {share: (one,) for share, one in dice.items()})

    def _result(self, unit):
        case = unit.fold.held_out[0]
        own = {"dice": 0.8, "hd95_mm": 3.0}
        if unit.round:
            own = {
                "dice": self.raw[unit.choice.key, unit.round, case][unit.share],
                "hd95_mm": self.hd95_mm.get(case, 3.0),
            }
        row = ScoreRow(case, 1, "label", LabelScores(own, missed=False))
        return SimpleNamespace(rows=(row,), network_dice={case: 0.8})


def noise(draws: np.random.Generator, spread: float = 0.02) -> Raw:
    """Nothing but chance: of the case, of the strategy on it, and of each round and share."""
    found: Raw = {}
    for case in CASES:
        shared = draws.normal(0, spread)
        for key in KEYS:
            own = draws.normal(0, spread)
            for number in ROUND_SHARES:
                again = draws.normal(0, spread)
                found[key, number, case] = {
                    share: 0.8 + shared + own + again + draws.normal(0, spread) for share in ("0.5", "1")
                }
    return found


def alike(gains: dict[str, float]) -> Raw:
    """All strategies, rounds and shares gain the same."""
    return {
        (key, number, case): dict.fromkeys(("0.5", "1"), 0.8 + gains[case])
        for key in KEYS
        for number in ROUND_SHARES
        for case in CASES
    }


def test_the_last_round_has_all_steps_where_much_is_to_be_learned():
    copes, fails = (Scripted(alike(dict.fromkeys(CASES, gain))) for gain in (0.04, 0.3))
    assert [copes.share_of_steps(n) for n in ROUND_SHARES] == [0.1, 0.4]
    assert [fails.share_of_steps(n) for n in ROUND_SHARES] == [0.1, 1.0]
    fails.compares_with_source = False  # it knows none of the labels
    assert fails.share_of_steps(2) == 1.0


def test_nothing_that_a_case_scored_has_a_say_in_what_it_is_scored_with():
    """Whatever a fold scores, all that is chosen on the way to its own scores stays: its rounds, its share, its strategy."""
    draws = np.random.default_rng(1)
    changed, others = 0, 0
    for _ in range(25):
        raw = noise(draws, 0.05)
        before = Scripted(raw)
        anew = noise(draws, 0.3)
        after = Scripted({place: anew[place] if place[2] == "b" else dice for place, dice in raw.items()})
        own, other = before.folds[1], before.folds[0]
        assert after._chosen(own) == before._chosen(own)
        assert after._going_on(2, own) == before._going_on(2, own) and after._best(own) == before._best(own)
        changed += after._chosen(None) != before._chosen(None)
        others += after._chosen(other) != before._chosen(other)
    assert changed and others  # and what is chosen for the others follows it


def test_a_fold_that_is_left_out_of_the_check_has_no_say_in_what_goes_on(monkeypatch):
    """Whether a trained model is kept is checked with each fold left out: of what the others would have sent on alone."""
    seen: list[dict[frozenset[str], dict]] = []

    def look(options, source, folds):
        cases = [case for fold in folds for case in fold]
        seen.append({frozenset(fold): options([case for case in cases if case not in fold]) for fold in folds})
        return

    monkeypatch.setattr(rounds_module, "better_than_source", look)
    draws, changed = np.random.default_rng(1), 0
    for _ in range(25):
        raw, anew = noise(draws, 0.05), noise(draws, 0.3)
        before = Scripted(raw)
        after = Scripted({place: anew[place] if place[2] == "b" else dice for place, dice in raw.items()})
        changed += before._going_on(2, None) != after._going_on(2, None)
        seen.clear()
        before._by_dice(None), after._by_dice(None)
        ours, theirs = (one[frozenset("b")] for one in seen)
        of_others = [{way: [dice[case] for case in "acd"] for way, dice in one.items()} for one in (ours, theirs)]
        assert of_others[0] == of_others[1]
        assert {way.key for way in ours if way.round == 2} == {one.key for one in before._going_on(2, before.folds[1])}
        seen.clear()
        before._by_dice(before.folds[0])  # within the choice for a fold, nothing but what it has trained is left
        within = {way.key for way in seen[0][frozenset("b")] if way.round == 2}
        assert within <= {one.key for one in before._going_on(2, before.folds[0], "cd")}
    assert changed


def test_noise_gains_nothing_through_the_whole_chain():
    draws = np.random.default_rng(2)
    nested, naive = [], []
    for _ in range(150):
        rounds = Scripted(noise(draws))
        nested.append(rounds.recommend().dice - 0.8)
        best = rounds._best(None)
        naive.append(np.mean([rounds.raw[best.key, best.round, case][best.share] for case in CASES]) - 0.8)
    error = np.std(nested) / np.sqrt(len(nested))
    assert abs(np.mean(nested)) < 3 * error < 0.006
    assert np.mean(naive) > 0.01  # what chose itself looks better


def test_no_model_is_kept_whose_own_reported_scores_are_not_above_the_source_model_s():
    draws, kept = np.random.default_rng(3), 0
    for _ in range(60):
        made = Scripted(noise(draws, 0.01)).recommend()
        kept += made.chosen != "direct"
        assert made.chosen == "direct" or made.dice > made.source_dice
    assert kept


class WorseInFull(Scripted):
    """What is scored in full, of all copies, has less Dice than the quick scores that chose it."""

    def _result(self, unit):
        found = super()._result(unit)
        if not unit.round:
            return found
        (row,) = found.rows
        return SimpleNamespace(rows=(replace(row, scores=LabelScores({"dice": 0.79, "hd95_mm": 3.0}, missed=False)),))


def test_where_the_full_scores_take_back_what_the_quick_ones_promised_the_source_model_is_kept():
    made = WorseInFull(alike(dict.fromkeys(CASES, 0.05))).recommend()
    assert made.chosen == "direct" and set(made.of_folds) == {"open"} and made.hd95_mm is None
    assert made.problem.sentence == (
        "The source model as it is is recommended: its mean Dice is 0.800, and that of the best of 3 ways of training, "
        "chosen for each case by the other cases, is 0.790"
    )


def test_what_is_told_of_noise_as_the_gain_of_the_next_case_is_not_much():
    draws = np.random.default_rng(4)
    made = [Scripted(noise(draws, 0.01)).recommend() for _ in range(150)]
    kept = [one for one in made if one.chosen != "direct"]
    shown = np.mean([one.dice - one.source_dice for one in kept])
    assert kept and all(one.gain > 0 for one in kept), "no model is recommended of which a loss is expected"
    assert np.mean([one.gain for one in kept]) < 0.6 * shown
    assert np.mean([one.gain or 0.0 for one in made]) < 0.0025, "over all jobs, with those that keep the source model"


def test_a_gain_that_one_case_makes_alone_is_not_believed():
    made = Scripted(alike({"a": 0.05, "b": 0.05, "c": -0.21, "d": 0.15})).recommend()
    assert made.chosen == "direct" and made.of_folds == ("direct", "direct", "open", "direct")
    assert made.dice == pytest.approx(0.7475) and "that of the best" in made.problem.sentence
    made = Scripted(alike({"a": 0.05, "b": 0.04, "c": 0.03, "d": 0.06})).recommend()
    assert made.chosen == "open" and set(made.of_folds) == {"open"} and made.dice == pytest.approx(0.845)
    assert made.gain == pytest.approx(0.045, abs=0.002)
    assert Scripted(alike(dict.fromkeys(CASES, 0.0))).recommend().chosen == "direct"


def test_cases_that_the_source_model_has_seen_decide_nothing():
    gains = {"a": 0.2, "b": 0.2, "c": 0.2, "d": -0.03}
    assert Scripted(alike(gains)).recommend().chosen == "open"
    made = Scripted(alike(gains), seen="abc").recommend()
    assert made.chosen == "direct" and set(made.of_folds) == {"direct"}
    raw = alike(dict.fromkeys(CASES, 0.1))
    for case, better in (("a", "1"), ("b", "1"), ("c", "0.5"), ("d", "0.5")):
        for place in raw:
            if place[2] == case:
                raw[place] = {"0.5": 0.85, "1": 0.85, better: 0.95 if better == "1" else 0.9}
    assert Scripted(raw)._chosen(None).share == "1" and Scripted(raw, seen="ab")._chosen(None).share == "0.5"


def test_what_is_told_is_measured_on_the_cases_that_decide():
    made = Scripted(alike({"a": -0.3, "b": -0.3, "c": 0.05, "d": 0.06}), seen="ab").recommend()
    assert made.chosen == "open" and made.cases == 2
    assert made.dice == pytest.approx(0.855) and made.source_dice == pytest.approx(0.8)
    assert made.best_trained_dice == pytest.approx(0.855) and 0.04 < made.gain < 0.056
    assert {round(one.dice, 3) for one in made.tried} == {0.8, 0.855}


class WithNewLabel(Scripted):
    """The source model lacks one of two labels, which trained models find with 0.6; the other is 0.8 there, as above."""

    def __init__(self, gain: float, hd95_mm: float = 3.0) -> None:
        super().__init__(alike(dict.fromkeys(CASES, (gain + 0.6) / 2 - 0.4)))
        self.context.task.new_names = ("new",)
        self.gain, self.farther = gain, hd95_mm

    def _source(self):
        return dict.fromkeys(CASES, 0.4)

    def _result(self, unit):
        case, trained = unit.fold.held_out[0], bool(unit.round)
        both = (("old", 0.8 + self.gain if trained else 0.8, self.farther if trained else 3.0), ("new", 0.0, 90.0))
        if trained:
            both = (both[0], ("new", 0.6, 5.0))
        rows = [
            ScoreRow(case, n, name, LabelScores({"dice": dice, "hd95_mm": far}, missed=False))
            for n, (name, dice, far) in enumerate(both, start=1)
        ]
        return SimpleNamespace(rows=tuple(rows), network_dice={})


def test_a_label_that_the_source_model_lacks_is_no_gain_over_it():
    made = WithNewLabel(-0.05).recommend()
    assert made.chosen == "open" and made.new_labels == ("new",)
    assert made.source_dice == pytest.approx(0.8) and made.shared_dice == pytest.approx(0.75)
    assert made.dice == pytest.approx(0.675) and made.gain == pytest.approx(-0.05, abs=0.003)
    assert made.problem.sentence == (
        "`open` is recommended, before 2 others: it segments `new`, which the source model lacks, and chosen for each case "
        "by the other cases, the mean Dice over all labels is 0.675; over the labels that both have it is 0.750 against "
        f"0.800 of the source model as it is, and on the next case a loss of {-made.gain:.3f} is to be expected of them"
    )
    assert {one.gain for one in made.tried} == {None} and made.tried[0].dice is None
    better = WithNewLabel(0.05).recommend()
    assert better.gain == pytest.approx(0.05, abs=0.003) and "a gain of 0.0" in better.problem.sentence
    assert WithNewLabel(-0.7).recommend().chosen == "direct"  # what it loses is more than the new label is worth
    assert "does not make up for what it loses" in WithNewLabel(-0.7).recommend().problem.sentence


def test_a_label_that_the_source_model_lacks_is_trained_with_all_steps():
    slow = WithNewLabel(0.0)  # nothing of it is found after the first round, which gains nothing
    slow.raw = {place: dict.fromkeys(dice, 0.4) for place, dice in slow.raw.items()}
    assert slow.share_of_steps(2) == 1.0
    slow.context.task.new_names = ()
    assert slow.share_of_steps(2) == 0.4


def test_the_distance_of_a_label_that_the_source_model_lacks_vetoes_nothing_and_hides_nothing():
    far = WithNewLabel(-0.05, hd95_mm=9.0)
    assert far._hd95_mm(rounds_module.SOURCE, CASES) == dict.fromkeys(CASES, 3.0)
    assert far._hd95_mm(far._best(None), CASES) == dict.fromkeys(CASES, 9.0)


def test_a_model_that_is_farther_off_is_not_recommended_for_a_gain_by_chance():
    gains = {"a": 0.06, "b": -0.004, "c": 0.05, "d": 0.03}
    near = Scripted(alike(gains)).recommend()
    far = Scripted(alike(gains), dict(zip(CASES, (9.0, 8.0, 9.5, 7.0), strict=True))).recommend()
    assert near.chosen == "open" and near.hd95_mm is None
    assert (far.chosen == "direct" and set(far.of_folds) == {"direct"}) or far.chosen == "open"
    assert far.chosen == "open"  # its gain is beyond chance
    luck = alike({"a": 0.1, "b": -0.03, "c": 0.09, "d": 0.05})
    assert Scripted(luck).recommend().chosen == "open"
    far = Scripted(luck, dict(zip(CASES, (9.0, 8.0, 9.5, 7.0), strict=True))).recommend()
    assert far.chosen == "direct" and far.gain is None
    assert far.problem.sentence.startswith("The source model as it is is recommended: its mean HD95 is 3.0 mm")


def test_a_candidate_that_blows_up_is_left_out(tmp_path, tiny_source, phantoms, monkeypatch):
    original = Training.run

    def blow_up(self, on_step=lambda progress: True):
        if self.plan.strategy == "open":
            raise FloatingPointError("the loss is not finite after 1 steps")
        return original(self, on_step)

    monkeypatch.setattr(Training, "run", blow_up)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    made = stored_recommendation(job)
    assert made.chosen != "open" and "open" not in {one.strategy for one in made.tried}
    warnings = [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]
    assert any("`open` is left out of the comparison" in warning for warning in warnings)
    monkeypatch.setattr(Training, "run", lambda self, on_step: (_ for _ in ()).throw(FloatingPointError("not finite")))
    job = run(tmp_path / "none", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    assert stored_recommendation(job).chosen == "direct"  # and the job does not fail
    assert "nothing else could be trained" in stored_recommendation(job).problem.sentence


def test_where_the_source_model_has_seen_all_cases_nothing_is_compared(tmp_path, tiny_source, phantoms, monkeypatch):
    for module in (runner, rounds_module):
        monkeypatch.setattr(module, "seen_by_source", lambda job: {"phantom_000", "phantom_001"})
    monkeypatch.setattr(recommending_module, "COPES_DICE", 1.01)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:2]))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.of_folds) == ("open", "seen", ())
    kept = replace(made, chosen="direct", source_dice=0.9).problem.sentence
    assert "is 0.900, and it was trained on every one of them" in kept
    told = [str(event.get("message")) for event in read_events(job.events)[0]]
    assert any(one.startswith("2 of 2 annotated cases were in the training of the source model") for one in told)
    assert not trainings_of(job)


def test_the_rounds_begin_anew_where_the_precision_has_changed_within_them(tmp_path):
    """A training that is not finite in bfloat16 begins again in float32, and so do the rounds: one precision for all."""
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    cases = [SimpleNamespace(name=name) for name in "ab"]
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task)
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    trained = Unit(THREE[1], folds[0], round=1)
    in_bfloat16 = UnitResult("direct", "0", (), (), 0, (), None, None, {}, windows=(8, 8, 8), precision="bfloat16")
    for unit in (Unit(THREE[0], fold) for fold in folds):
        job.save_result(unit.name, to_json(in_bfloat16))
    settings = {"execution": {"precision": "bfloat16"}}
    save_trained_fold(job, trained.name, TrainedFold(settings, (0.0,), (), 0.01, (), None, "1", {"1": (0.8,)}))
    FoldModels(job, trained.trained_as).path.mkdir(parents=True)
    warned: list = []
    log = SimpleNamespace(warn=warned.append)
    shared = SimpleNamespace(job=job, context=context, options=TrainingOptions(minutes=5), device="cpu")
    shared.log, shared.conditions = log, Conditions((8, 8, 8), "bfloat16", "cpu")
    recommending = object.__new__(Recommending)
    recommending.run, recommending.folds = shared, tuple(folds)
    recommending.budget = round_budget.RoundBudget(shared, folds, began=round_budget.time.monotonic())
    recommending.budget.finished(trained, 9.0)
    for choice in (StrategyChoice("auto"), THREE[0]):
        save_label_choices(job, choice, [])
    done: list[str] = []
    recommending._execute = lambda run, unit, train_only: done.append(unit.name)
    assert not recommending._begin_anew_in_one_precision() and not warned
    shared.conditions = replace(shared.conditions, precision="float32")
    assert recommending._begin_anew_in_one_precision()
    assert [label_choices(job, choice) for choice in (StrategyChoice("auto"), THREE[0])] == [None, None]
    assert done == ["direct.fold0", "direct.fold1"] and trained_fold(job, trained.name) is None
    assert not FoldModels(job, trained.trained_as).path.exists()
    assert warned[0].sentence.startswith(
        "The rounds begin anew in float32: 1 of their trainings was computed in another"
    )
    clock = read_json(job.state / "results" / "round-clock.json")
    assert clock["step_s"] == 0.01 and clock["steps"] == {}  # what a step took is remembered
    assert not recommending._begin_anew_in_one_precision()
    # Where the first training of all began again, the source model alone is scored anew.
    job.save_result("direct.fold0", to_json(in_bfloat16))
    in_float32 = {"execution": {"precision": "float32"}}
    save_trained_fold(job, trained.name, TrainedFold(in_float32, (0.0,), (), 8.0, (), None, "1", {"1": (0.8,)}))
    assert recommending._begin_anew_in_one_precision() and done[2:] == ["direct.fold0", "direct.fold1"]
    assert trained_fold(job, trained.name) is not None and len(warned) == 1


def test_how_long_the_last_round_is_stays_when_a_strategy_is_left_out_later(tmp_path):
    """The kept model has as many steps as the folds' models that speak for it."""
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    context = SimpleNamespace(tried=THREE, training_cases=[], tests=[], unlabelled=[], task=None)
    shared = SimpleNamespace(job=job, context=context, options=TrainingOptions(steps=100), device="cpu")

    def budget(share: float) -> round_budget.RoundBudget:
        made = round_budget.RoundBudget(shared, [Fold(0, (), ("a",))], began=0.0)
        made.__dict__["rounds"] = SimpleNamespace(share_of_steps=lambda number: share)
        return made

    assert budget(0.4).options(2).steps == 40
    later = budget(1.0)
    assert later.options(2).steps == 40
    later.begin_anew()
    assert budget(1.0).options(2).steps == 100


def test_what_was_chosen_for_labels_is_chosen_anew_with_other_segmentations(tmp_path):
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=[], tests=[], unlabelled=[], task=task)
    silent = SimpleNamespace(warn=lambda problem: None)
    progress = SimpleNamespace(replace=lambda before, after: None)
    recommending = object.__new__(Recommending)
    recommending.run = SimpleNamespace(job=job, context=context, log=silent, progress=progress)
    recommending.folds = (Fold(0, (), ("a",)),)
    save_label_choices(job, StrategyChoice("auto"), [])
    error = JobError("loss-not-finite", "{unit}: {reason}", unit="open", reason="not finite")
    recommending._leave_out(THREE[1], error)
    assert label_choices(job, StrategyChoice("auto")) is None


def test_a_fold_that_has_the_source_model_keeps_no_weights_of_what_was_chosen_before(tmp_path):
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    rounds = Scripted(alike(dict.fromkeys(CASES, 0.0)))
    rounds.job, auto = job, FoldModels(job, StrategyChoice("auto"))
    trained = rounds._best(None)
    rounds._chosen = lambda fold: trained if fold is rounds.folds[1] else rounds_module.SOURCE
    rounds._result = lambda unit: UnitResult(unit.choice.key, "0", (), (), 0, (), None, None, {})
    for file in (auto.file(0), auto.file(1), FoldModels(job, rounds._unit(trained, None).trained_as).file(1)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"of before" if "auto" in str(file.parent) else b"of now")
    rounds.take_over()
    assert list(auto.files()) == [1] and auto.file(1).read_bytes() == b"of now"
    assert read_json(job.state / "results" / "auto.fold0.json")["strategy"] == "auto"


def test_one_case_alone_keeps_a_source_model_that_copes(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 0.0)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.round, made.cases) == ("direct", "nothing", 0, 1) and 0 < made.source_dice < 1
    assert made.problem.sentence == (
        "The source model as it is is recommended without a comparison: its mean Dice on 1 annotated case is "
        f"{made.source_dice:.3f}, and no trained model can be scored on a case that it has not seen; annotate one more case, "
        "or name the strategy that you want"
    )
    assert same(weights(job.model), weights(tiny_source)) and not trainings_of(job)
    verdict = json.loads(job.scores_json.read_text(encoding="utf-8"))["verdict"]["sentence"]
    assert verdict.startswith("The source model as it is is recommended")


@pytest.mark.parametrize(
    ("seen", "by", "scored", "words"),
    [
        ({"phantom_000"}, "nothing", ["phantom_001"], "on 1 annotated case is"),
        ({"phantom_000", "phantom_001"}, "seen", ["phantom_000", "phantom_001"], "it was trained on every one of them"),
    ],
)
def test_without_folds_cases_that_the_source_model_has_seen_do_not_say_that_it_copes(
    tmp_path, tiny_source, phantoms, monkeypatch, seen, by, scored, words
):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 0.0)
    monkeypatch.setattr(recommending_module, "seen_by_source", lambda job: seen)
    asked, original = [], Recommending._source_dice

    def source_dice(self, cases):
        asked.extend(case.name for case in cases)
        return original(self, cases)

    monkeypatch.setattr(Recommending, "_source_dice", source_dice)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, folds=0))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.cases, asked) == ("direct", by, len(scored), scored)
    assert words in made.problem.sentence


def test_one_case_alone_is_adapted_to_without_a_comparison(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 1.01)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.of_folds) == ("open", "nothing", ())
    assert read_card(job.model).made_by["strategy"] == "open"
    verdict = json.loads(job.scores_json.read_text(encoding="utf-8"))["verdict"]["sentence"]
    assert verdict.startswith("`open` is recommended without a comparison") and "annotate one more case" in verdict


def test_a_network_from_scratch_is_tried_where_the_source_knows_none_of_the_labels(tmp_path, tiny_source, phantoms):
    label_map = dict.fromkeys(("air", "soft tissue", "bone"), "new")
    strategies = recommended_strategies(read_card(tiny_source), TrainingOptions())
    spec = spec_of(phantoms("t2w", 2), tiny_source, strategies, label_map=label_map)
    tried = [choice.key for choice in JobContext.read(spec).tried]
    assert "scratch" in tried and "encoder-transfer" in tried
    known = [choice.key for choice in JobContext.read(replace(spec, label_map=None)).tried]
    assert "scratch" not in known and known[:2] == ["direct", "open"]
    # The models of the folds that are averaged with the final one are those of the way that is kept.
    training = replace(spec.training, ensemble="folds")
    job = run(
        tmp_path / "job", replace(spec, strategies=(StrategyChoice("direct"), *strategies[-2:]), training=training)
    )
    assert len(read_card(job.model).members) == 2
    made = stored_recommendation(job)
    assert made.chosen in ("scratch", "encoder-transfer") and made.gain is None and made.source_dice is None


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
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task)
    folds = [Fold(n, (), (case.name,)) for n, case in enumerate(cases)]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
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
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task)
    folds = [Fold(n, tuple("abcd".replace(case.name, "")), (case.name,)) for n, case in enumerate(cases)]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
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
    context = SimpleNamespace(tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[], task=None)
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
    rounds = round_budget.RoundBudget(run, folds, began=0.0).rounds
    assert [choice.key for choice in rounds.candidates] == ["open"] and rounds.numbers == (2,)


def test_the_only_training_is_no_single_step_where_no_time_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 1000.0)
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=1))
    job = JobFolder.create(tmp_path / "job", spec)
    context = SimpleNamespace(tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[], task=None)
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
    budget = round_budget.RoundBudget(run, [], began=0.0)
    made = budget.options(round_budget.LAST_ROUND)
    assert (made.steps, made.minutes) == (20, None)


def test_its_dry_run_names_candidates_and_rounds_and_its_estimate_says_how_long(tiny_source, phantoms, capsys):
    cases = str(phantoms("t2w", 2))
    asked = ["adapt", "--source", str(tiny_source), "--target", cases, "--strategy", "auto"]
    assert main([*asked, "--steps", "20", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "is recommended, or the source model as it is, after these rounds" in said
    assert "2 folds, 40% of the steps" in said and "conservative:part=decoder:" in said
    made = estimate(JobContext.read(spec_of(Path(cases), tiny_source)))
    assert "3 ways of training will be tried in 2 folds" in made.problem.sentence
    assert made.seconds > 0 and made.recommends
    minutes = spec_of(Path(cases), tiny_source, training=TrainingOptions(minutes=10))
    assert estimate(JobContext.read(minutes)).problem.sentence.endswith("about 10 minutes on this computer.")
    one = spec_of(phantoms("t2w", 1), tiny_source, training=TrainingOptions(minutes=10))
    assert "Nothing can be compared without folds" in estimate(JobContext.read(one)).problem.sentence


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


def test_what_has_no_effect_on_a_recommendation_is_refused(tmp_path, tiny_source, phantoms, capsys):
    asked = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "auto"]
    assert main([*asked, "--layers", "3", "--out", str(tmp_path / "job")]) == 2
    assert "`auto` tries several" in capsys.readouterr().err
    for wrong, code in (
        ({"training": TrainingOptions(learning_rate=(1e-3, 1e-4))}, "rates-with-recommended"),
        ({"training": TrainingOptions(snapshots=3)}, "snapshots-with-recommended"),
    ):
        with pytest.raises(InputError) as refused:
            spec_of(Path("/cases"), Path("/model"), **wrong)
        assert refused.value.problem.code == code
    with pytest.raises(InputError, match="is for `adapt`"):
        replace(spec_of(Path("/cases"), Path("/model")), kind="compare")


def test_a_blown_up_training_fails_the_job_where_nothing_is_left(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(Training, "run", lambda self, on_step: (_ for _ in ()).throw(FloatingPointError("not finite")))
    with pytest.raises(JobError, match="not finite"):
        run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source, THREE[:2]))
