"""A job that goes on from another one: folds stay, each begins from its own model of before, and a leak is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_jobs import run_without_report

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.earlier_cases import EarlierCases
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.folds import go_on_with_folds
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, recommended_strategies
from TransferSegLib.jobs.stored_split import stored_digests, stored_folds
from TransferSegLib.jobs.unit_run import UnitRun
from TransferSegLib.jobs.unit_training import UnitTraining
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

DIRECT, OPEN = StrategyChoice("direct"), StrategyChoice("open")


@pytest.fixture(scope="module")
def names(phantoms) -> list[str]:
    return [case.name for case in read_case_set(phantoms("t2w", 6)).cases]


@pytest.fixture(scope="module")
def spec(phantoms, tiny_source, names) -> JobSpec:
    training = TrainingOptions(steps=3, deterministic=True, augment="none")
    return JobSpec(
        3,
        "adapt",
        str(phantoms("t2w", 6)),
        (DIRECT, OPEN),
        OPEN.key,
        source=str(tiny_source),
        folds=2,
        training=training,
        cases=CaseChoice(tuple(names[:4])),
    )


@pytest.fixture(scope="module")
def parent(tmp_path_factory, spec) -> JobFolder:
    """A finished job of four cases in two folds; nobody writes into it."""
    return run(tmp_path_factory.mktemp("parent") / "job", spec)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def going_on(spec: JobSpec, parent: JobFolder, names: list[str]) -> JobSpec:
    return replace(spec, parent=str(parent.path), folds=None, cases=CaseChoice(tuple(names)))


@pytest.fixture
def began(monkeypatch) -> dict[str, dict[str, np.ndarray]]:
    """The name of each unit that is trained → the weights that it begins with."""
    seen: dict[str, dict[str, np.ndarray]] = {}
    original = UnitTraining.train

    def train(self, plan, names):
        seen[self.unit.name] = {k: v.detach().cpu().numpy().copy() for k, v in plan.network.state_dict().items()}
        return original(self, plan, names)

    monkeypatch.setattr(UnitTraining, "train", train)
    return seen


def alike(first, second) -> bool:
    return all(np.array_equal(first[name], second[name]) for name in first)


def test_each_training_begins_from_the_parents_model_of_its_own_fold(parent, spec, names, tmp_path, began):
    child = run(tmp_path / "job", going_on(spec, parent, names))
    models = FoldModels(parent, OPEN)
    for n in (0, 1):
        assert alike(began[f"open.fold{n}"], load_file(models.scored_file(n)))
        assert not alike(began[f"open.fold{n}"], load_file(models.scored_file(1 - n)))
    assert alike(began["open.final"], load_file(parent.model / "weights.safetensors"))
    # The cases of before have stayed, the two new ones are one in each fold.
    before, after = stored_folds(parent), stored_folds(child)
    assert len(after) == 2 and all(set(b.held_out) < set(a.held_out) for a, b in zip(after, before, strict=True))
    assert [len(fold.held_out) for fold in after] == [3, 3]
    # What has been seen adds up, and never has a case that the fold scores.
    digests = stored_digests(child, DIGESTS)
    for fold in after:
        seen = set(FoldModels(child, OPEN).record(fold.number).seen)
        assert seen == {digest for name in fold.train for digest in digests[name].images}
        assert not seen & {digest for name in fold.held_out for digest in digests[name].images}
    # Before and after are against the source model, whatever the parent was.
    scores = {(r.fold, row.case, row.label): row.scores.dice for r in rows(parent, "direct") for row in r.rows}
    for result in rows(child, "direct"):
        for row in result.rows:
            assert scores.get((result.fold, row.case, row.label), row.scores.dice) == row.scores.dice
    said = "2 of 2 folds begin from their own models of then"
    assert said in child.report.read_text(encoding="utf-8")
    card = read_card(child.model)
    assert card.made_by["parent_sha256"] == read_card(parent.model).weights_sha256
    assert set(read_card(parent.model).seen) < set(card.seen)


def rows(job: JobFolder, strategy: str):
    return [result for result in unit_results(job, job.read_spec()) if result.strategy == strategy]


def copied(parent: JobFolder, folder: Path) -> JobFolder:
    shutil.copytree(parent.path, folder)
    return JobFolder(folder)


def refused(job: JobFolder, spec: JobSpec, names: list[str], folder: Path, sentence: str) -> None:
    child = JobFolder.create(folder, going_on(spec, job, names))
    with pytest.raises((InputError, JobError), match=sentence):
        run_job(child.path)
    assert not list((child.state / "folds").glob("*")), "nothing was trained"


def test_a_case_in_another_fold_than_its_model_was_trained_without_is_found(parent, spec, names, tmp_path):
    """The leak: somebody has moved a case into the other fold of the parent, whose model has seen it."""
    leaky = copied(parent, tmp_path / "parent")
    path = leaky.state / "results" / "split.json"
    split = read_json(path)
    first, second = split["folds"]
    moved = second["held_out"].pop()
    first["held_out"].append(moved)
    first["train"].remove(moved)
    second["train"].append(moved)
    write_json(path, split, leaky.path)
    refused(leaky, spec, names, tmp_path / "job", f"its model of fold 1 was trained on case `{moved}`")


def test_a_case_that_the_parent_was_trained_on_is_neither_a_test_case_nor_validated_on(parent, spec, names, tmp_path):
    others = (*names[:3], *names[4:])
    as_test = replace(going_on(spec, parent, names), cases=CaseChoice(others, test=(names[3],)))
    child = JobFolder.create(tmp_path / "job", as_test)
    with pytest.raises(InputError, match=f"have seen case `{names[3]}`, now of the role test"):
        run_without_report(child.path)
    digests = stored_digests(parent, DIGESTS)
    begun = JobContext.read(as_test).parent
    with pytest.raises(InputError, match=f"have seen case `{names[3]}`, now of the role validation"):
        begun.refuse_leaks((), digests, validation=names[3:4])
    # What the parent validated on may be validated on again, and decided too much to be a test.
    validated = copied(parent, tmp_path / "parent")
    path = validated.state / "results" / "split.json"
    split = read_json(path)
    split["cases"][names[3]] = "validation"
    write_json(path, split, validated.path)
    begun = JobContext.read(replace(as_test, parent=str(validated.path))).parent
    begun.refuse_leaks((), digests, validation=names[3:4])
    with pytest.raises(InputError, match="now of the role test"):
        begun.refuse_leaks((), digests, tests=names[3:4])


def test_models_that_lie_in_each_others_place_are_found(parent, spec, names, tmp_path):
    leaky = copied(parent, tmp_path / "parent")
    models = FoldModels(leaky, OPEN)
    for suffix in (".safetensors", ".json"):
        one, other = (models.scored_file(n).with_suffix(suffix) for n in (0, 1))
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    refused(leaky, spec, names, tmp_path / "job", "its model of fold 1 was trained on cases")
    # The weights alone in another's place are not those that were noted.
    models.scored_file(0).with_suffix(".json").write_bytes(models.scored_file(1).with_suffix(".json").read_bytes())
    shutil.copy(
        FoldModels(parent, OPEN).scored_file(0).with_suffix(".json"), models.scored_file(0).with_suffix(".json")
    )
    with pytest.raises(InputError, match="the model of fold 1 is gone, or another"):
        models.load_scored(0)


def test_the_same_image_under_another_name_is_found_to_be_the_parents(parent, spec, names, tmp_path):
    """It stays in the fold of the case that it is, although its name is new."""
    before = {name: fold.number for fold in stored_folds(parent) for name in fold.held_out}
    context = JobContext.read(going_on(spec, parent, names))
    old = stored_digests(parent, DIGESTS)
    digests = dict.fromkeys(names[4:5], old[names[3]])
    digests |= {name: old[name] for name in names[:3]}
    folds = context.parent.go_on_with_folds([*names[:3], names[4]], digests, None, 0)
    assert names[4] in folds[before[names[3]]].held_out


@pytest.fixture
def rewritten(phantoms, names, tmp_path) -> Path:
    """The data set with one image of other voxels under its name, as after a bias correction."""
    folder = tmp_path / "rewritten"
    shutil.copytree(phantoms("t2w", 6), folder)
    (case,) = (case for case in read_case_set(folder).cases if case.name == names[0])
    volume = read_volume(case.images[0])
    write_volume(case.images[0], volume.array + 1, volume.grid)
    return folder


def test_a_case_whose_voxels_have_changed_stays_in_its_fold_and_is_named(parent, spec, names, tmp_path, rewritten):
    before = {name: fold.number for fold in stored_folds(parent) for name in fold.held_out}
    child = run(tmp_path / "job", replace(going_on(spec, parent, names), target=str(rewritten)))
    assert stored_digests(child, DIGESTS)[names[0]] != stored_digests(parent, DIGESTS)[names[0]]
    after = {name: fold.number for fold in stored_folds(child) for name in fold.held_out}
    assert {name: after[name] for name in before} == before
    assert "has other voxels than in an earlier job" in child.report.read_text(encoding="utf-8")
    # The job after that knows it by each of its images, and where the parent had it no more.
    without = run(tmp_path / "without", replace(going_on(spec, parent, names[1:]), target=str(rewritten)))
    later = JobContext.read(replace(going_on(spec, without, names), target=str(rewritten)))
    digests = stored_digests(child, DIGESTS)
    assert names[0] in later.folds(digests)[before[names[0]]].held_out


def test_a_case_whose_voxels_have_changed_is_not_scored_by_a_model_that_saw_it(
    parent, spec, names, tmp_path, rewritten, monkeypatch
):
    """The leak: the case is dealt to the other fold, as if it were a new one."""
    before = {name: fold.number for fold in stored_folds(parent) for name in fold.held_out}
    moved = {**before, names[0]: 1 - before[names[0]]}
    monkeypatch.setattr(EarlierCases, "folds", lambda self, names, digests: moved)
    child = JobFolder.create(tmp_path / "job", replace(going_on(spec, parent, names), target=str(rewritten)))
    sentence = f"its model of fold {moved[names[0]] + 1} was trained on case `{names[0]}`"
    with pytest.raises((InputError, JobError), match=sentence):
        run_job(child.path)
    as_test = CaseChoice(tuple(names[1:]), test=(names[0],))
    monkeypatch.undo()
    tested = replace(going_on(spec, parent, names), target=str(rewritten), cases=as_test)
    with pytest.raises((InputError, JobError), match=f"have seen case `{names[0]}`, now of the role test"):
        run_job(JobFolder.create(tmp_path / "test", tested).path)


def test_numbered_cases_are_the_parents_by_what_it_called_them(parent, spec, names, tmp_path, rewritten):
    """The names of two cases are swapped, as where numbers are given anew, and one of them has other voxels."""
    before = {name: fold.number for fold in stored_folds(parent) for name in fold.held_out}
    old = stored_digests(parent, DIGESTS)
    one = names[0]
    other = next(name for name in before if before[name] != before[one])
    digests = {**old, one: old[other], other: replace(old[other], images=("0" * 32,))}
    swapped = {**{name: name for name in before}, one: other, other: one}
    numbered = replace(going_on(spec, parent, names[:4]), parent_cases=swapped)
    folds = JobContext.read(numbered).folds(digests)
    assert other in folds[before[one]].held_out and one in folds[before[other]].held_out
    # Without a word on the numbers it could be anybody.
    with pytest.raises(InputError, match="cannot be told which fold's model has seen"):
        JobContext.read(replace(numbered, parent_cases=None)).folds(digests)


def test_what_is_gone_unfinished_or_of_another_model_is_refused_in_a_sentence(
    parent, spec, names, tmp_path, tiny_source
):
    gone = copied(parent, tmp_path / "gone")
    FoldModels(gone, OPEN).scored_file(1).unlink()
    with pytest.raises(InputError, match="the model of fold 2 is not there any more"):
        JobContext.read(going_on(spec, gone, names))
    unfinished = JobFolder.create(tmp_path / "unfinished", spec)
    with pytest.raises(InputError, match="has not finished, so no job can go on from it"):
        JobContext.read(going_on(spec, unfinished, names))
    other = tmp_path / "other"
    shutil.copytree(tiny_source, other)
    card = read_json(other / "card.json")
    write_json(other / "card.json", {**card, "weights_sha256": None, "name": "somebody-else"}, other)
    with pytest.raises(InputError, match="adapted another source model than `somebody-else`"):
        JobContext.read(replace(going_on(spec, parent, names), source=str(other)))
    with pytest.raises(InputError, match="the job that is gone on from has 2 folds"):
        JobContext.read(replace(going_on(spec, parent, names), folds=3)).folds()


def test_a_job_that_was_killed_goes_on_from_the_same_parent_alone(parent, spec, names, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def die(self):
        raise Killed

    before = copied(parent, tmp_path / "parent")
    child = JobFolder.create(tmp_path / "job", going_on(spec, before, names))
    with monkeypatch.context() as patched:
        patched.setattr(UnitRun, "execute", die)
        with pytest.raises(Killed):
            run_without_report(child.path)
    record = FoldModels(before, OPEN).scored_file(0).with_suffix(".json")
    write_json(record, {**read_json(record), "weights_sha256": "0" * 64}, before.path)
    with pytest.raises(InputError, match="has other models than when this job began"):
        run_without_report(child.path)


def test_a_parent_that_kept_the_source_lets_all_begin_from_it_and_recommending_goes_on_from_its_folds(
    parent, spec, names, tmp_path, began, tiny_source
):
    source = load_file(tiny_source / "weights.safetensors")
    as_it_is = run(tmp_path / "direct", replace(spec, strategies=(DIRECT,), keep=DIRECT.key))
    run(tmp_path / "one", going_on(spec, as_it_is, names[:4]))
    assert all(alike(began[name], source) for name in ("open.fold0", "open.fold1", "open.final"))
    began.clear()
    tried = tuple(
        choice
        for choice in recommended_strategies(read_card(tiny_source), spec.training)
        if choice.name in ("direct", "open")
    )
    run(tmp_path / "auto", replace(going_on(spec, parent, names), strategies=tried, keep="auto"))
    folds = [load_file(FoldModels(parent, OPEN).scored_file(n)) for n in (0, 1)]
    trained = {name: weights for name, weights in began.items() if "fold" in name}
    assert trained and all(alike(weights, folds[int(name[-1])]) for name, weights in trained.items())


def test_new_cases_go_to_the_smallest_folds_and_a_fold_may_not_be_empty():
    known = {"a": 0, "b": 0, "c": 1, "d": 2}
    folds = go_on_with_folds(3, [*"abcdefg"], known, seed=3)
    assert [fold.number for fold in folds] == [0, 1, 2]
    assert all(name in folds[number].held_out for name, number in known.items())
    assert sorted(len(fold.held_out) for fold in folds) == [2, 2, 3]
    assert folds == go_on_with_folds(3, [*"abcdefg"], known, seed=3)
    with pytest.raises(InputError, match="fold 3 of the job that is gone on from has no case any more"):
        go_on_with_folds(3, [*"abc"], known, seed=0)
