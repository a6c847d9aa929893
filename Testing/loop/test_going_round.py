"""The whole loop on files: what is asked for first, what is accepted and remembered, rounds, and how good it is by now."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import dice_by_case
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_folds
from TransferSegLib.loop import choosing
from TransferSegLib.loop.accepting import accept
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.choosing import next_cases
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.loop.model import LoopModel
from TransferSegLib.loop.rounds import begin_round
from TransferSegLib.loop.standing import loop_status
from TransferSegLib.sources.catalogue import find_in_folder, find_source
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def annotate_shared(loop: LoopFolder, labels: dict[str, Path]) -> list[str]:
    shared = list(loop.read().shared)
    for name in shared:
        accept(loop.path, name, labels[name])
    return shared


def run_command(*words: object) -> int:
    return main([str(word) for word in words])


def test_three_cases_drawn_by_the_seed_are_asked_for_first_without_a_prediction(loop, heads, tiny_source, tmp_path):
    shared = loop.read().shared
    assert len(set(shared)) == 3 and set(shared) < set(heads[1])
    first = next_cases(loop.path, 5)
    assert [one.case for one in first.cases] == list(shared)
    assert all(one.prediction is None and "Drawn at random" in one.reason.sentence for one in first.cases)
    assert not loop.to_correct.exists() and not loop.predictions.exists() and not loop.looks.exists()
    again = init_loop(tmp_path / "again", find_source(tiny_source), heads[0], seed=1).loop
    others = {init_loop(tmp_path / str(n), find_source(tiny_source), heads[0], seed=n).loop.shared for n in (2, 3, 4)}
    assert again.shared == shared and others != {shared}
    assert "begin with them" in loop_status(loop.path).another_round.sentence


def test_the_loop_goes_round(loop, heads, capsys):
    """Three shared cases, a round; one prediction corrected, one taken as it is; the next round; how good by now."""
    labels = heads[1]
    shared = annotate_shared(loop, labels)
    assert run_command("loop", "adapt", loop.path, "--strategy", "open", "--steps", 3, "--deterministic") == 0
    first = JobFolder(loop.path / "round-1")
    assert first.read_spec().parent is None and loop.progress_png.is_file()
    capsys.readouterr()
    assert run_command("loop", "next", loop.path, "--count", 2, "--json") == 0
    offered = json.loads(capsys.readouterr().out)["cases"]
    assert len(offered) == 2 and not {one["case"] for one in offered} & set(shared)
    for one in offered:
        assert Path(one["prediction"]) == loop.to_correct / f"{one['case']}.nii.gz" and one["spread"] >= 0
        assert one["reason"].startswith("By spread alone") and "The models of the folds disagree" in one["reason"]
    corrected, taken = (one["case"] for one in offered)
    # A person corrects one voxel of the first; it is never written over, and comes first.
    file = loop.to_correct / f"{corrected}.nii.gz"
    volume = read_labels(file)
    changed = volume.array.copy()
    changed[0, 0, 0] = 0 if changed[0, 0, 0] else 1
    write_labels(file, changed, volume.grid)
    before = file.read_bytes()
    begun = next_cases(loop.path, 1)
    assert begun.cases[0].case == corrected and "begun to correct it" in begun.cases[0].reason.sentence
    assert file.read_bytes() == before
    found = accept(loop.path, corrected)
    voxel_ml = float(np.prod(volume.grid.spacing_mm)) / 1000
    assert found.annotation.origin == "prediction" and found.problems == () and not file.exists()
    assert found.annotation.began.changed_ml == pytest.approx(voxel_ml, rel=1e-3) and found.annotation.began.dice < 1
    assert (loop.labels / found.annotation.label).read_bytes() == before, "as it is"
    capsys.readouterr()
    assert run_command("loop", "accept", loop.path, taken) == 1, "a warning: nothing was changed"
    said = capsys.readouterr()
    assert "Dice 1.000 to the prediction, 0.00 mL changed" in said.out and "accepted as it is" in said.err
    # The next round keeps the folds and begins from each fold's own model.
    assert run_command("loop", "adapt", loop.path, "--strategy", "open", "--steps", 3, "--deterministic") == 0
    second = JobFolder(loop.path / "round-2")
    assert second.read_spec().parent == str(first.path)
    for old, new in zip(stored_folds(first), stored_folds(second), strict=True):
        assert set(old.held_out) <= set(new.held_out)
        record = FoldModels(second, OPEN).record(new.number)
        assert set(FoldModels(first, OPEN).record(old.number).seen) <= set(record.seen)
    capsys.readouterr()
    assert run_command("loop", "status", loop.path, "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert [one["annotated"] for one in status["rounds"]] == [3, 5]
    assert status["annotated"] == 5 and status["began_as_predictions"] == 2
    rows = [row for r in unit_results(second, second.read_spec()) if r.strategy == "open" for row in r.rows]
    dice = dice_by_case(rows)
    latest = status["rounds"][1]
    assert latest["dice"] == pytest.approx(np.mean(list(dice.values())))
    assert latest["interval"][0] <= latest["dice"] <= latest["interval"][1]
    assert latest["shared_dice"] == pytest.approx(np.mean([dice[name] for name in shared]))
    low, high = latest["shared_interval"]
    assert 0 <= low < latest["shared_dice"] < high <= 1, "three cases have an interval"
    assert latest["prediction_cases"] == 2 and latest["seconds"] > 0
    assert status["rounds"][0]["shared_dice"] is not None
    said = {True: "is worth it", False: "hardly worth it", None: "cannot be said"}
    assert said[status["worth_it"]] in status["another_round"] and status["curve"] is not None
    assert run_command("loop", "status", loop.path) == 0
    assert f"`transferseg segment --model {second.path} --images SCANS" in capsys.readouterr().out
    with pytest.raises(InputError, match=f"is a loop, whose models lie in its rounds; give the newest, {second.path}"):
        find_in_folder(loop.path)
    page = loop.report.read_text(encoding="utf-8")
    assert (
        "cases that began as predictions" in page and "<svg" in page and status["another_round"].split(":")[0] in page
    )


def test_a_loop_without_a_round_has_no_model_to_segment_with(loop, capsys):
    assert run_command("loop", "status", loop.path) == 0
    assert "transferseg segment" not in capsys.readouterr().out
    with pytest.raises(InputError, match="no round has ended yet"):
        find_in_folder(loop.path)


def test_a_case_that_is_put_aside_is_not_asked_for_and_another_is_drawn(loop, heads, capsys):
    first, *others = loop.read().shared
    assert run_command("loop", "flag", loop.path, first, "--reason", "moved") == 0
    said = capsys.readouterr().out
    now = loop.read()
    (instead,) = set(now.shared) - set(others)
    assert now.flagged == {first: "moved"} and instead != first and instead in said and len(now.shared) == 3
    assert [one.case for one in next_cases(loop.path, 5).cases] == list(now.shared)
    annotate_shared(loop, heads[1])
    assert first not in [one.case for one in next_cases(loop.path, 5).cases]
    assert run_command("loop", "status", loop.path) == 0
    assert f"{first}: put aside (moved)." in capsys.readouterr().out
    assert run_command("loop", "flag", loop.path, instead) == 2, "it is annotated"
    assert run_command("loop", "flag", loop.path, "nobody") == 2
    accept(loop.path, first, heads[1][first])
    assert loop.read().flagged == {}


def test_where_no_scan_is_left_fewer_are_shared(loop, heads):
    for name in sorted(heads[1]):
        if name not in loop.read().shared:
            accept(loop.path, name, heads[1][name])
    shared = loop.read().shared
    assert run_command("loop", "flag", loop.path, shared[0]) == 0
    assert loop.read().shared == shared[1:]


def loop_on_some(tmp_path, tiny_source, heads, count: int) -> tuple[LoopFolder, Path]:
    """A loop that begins with so many scans, and their folder."""
    scans = tmp_path / "some scans"
    scans.mkdir()
    for name in sorted(heads[1])[:count]:
        shutil.copy(heads[0] / f"{name}.nii.gz", scans)
    folder = LoopFolder(tmp_path / "of some")
    init_loop(folder.path, find_source(tiny_source), scans, seed=1)
    return folder, scans


def test_what_is_missing_of_the_shared_cases_is_drawn_once_there_are_scans(tmp_path, tiny_source, heads, capsys):
    loop, scans = loop_on_some(tmp_path, tiny_source, heads, 1)
    (first,) = loop.read().shared
    assert run_command("loop", "next", loop.path) == 0
    said = capsys.readouterr()
    assert "1 of the 3 cases that the rounds are compared on is drawn" in said.out + said.err
    assert run_command("loop", "status", loop.path) == 0
    assert "1 of the 3 cases" in capsys.readouterr().out
    accept(loop.path, first, heads[1][first])
    # One has a prediction, which somebody may have looked at.
    names = sorted(heads[1])
    shutil.copy(heads[0] / f"{names[1]}.nii.gz", scans)
    looked = next_cases(loop.path, 1).cases[0]
    assert looked.case == names[1] and looked.prediction is None and loop.read().shared == (first, names[1])
    for name in names[2:]:
        shutil.copy(heads[0] / f"{name}.nii.gz", scans)
    (loop.to_correct).mkdir()
    shutil.copy(heads[1][names[2]], loop.to_correct / f"{names[2]}.nii.gz")
    found = next_cases(loop.path, 5)
    shared = loop.read().shared
    assert len(shared) == 3 and shared[:2] == (first, names[1]) and shared[2] in names[3:]
    assert [one.case for one in found.cases] == [*shared[1:]] and found.problems == ()
    assert next_cases(loop.path, 5) == found and loop.read().shared == shared
    assert loop_status(loop.path).few_shared is None


def test_once_a_round_has_begun_no_more_are_drawn_and_that_is_told(tmp_path, tiny_source, heads):
    loop, scans = loop_on_some(tmp_path, tiny_source, heads, 2)
    for name in loop.read().shared:
        accept(loop.path, name, heads[1][name])
    begin_round(loop.path, OPEN, TrainingOptions(steps=1))
    for name in heads[1]:
        shutil.copy(heads[0] / f"{name}.nii.gz", scans)
    found, shared = next_cases(loop.path, 1), loop.read().shared
    assert len(shared) == 2 and found.cases[0].case not in shared and found.cases[0].prediction is not None
    told = "The rounds are compared on 2 cases alone"
    assert told in loop_status(loop.path).few_shared and any(told in one.sentence for one in found.problems)


def test_a_look_is_kept_so_that_a_killed_command_goes_on_where_it_was(loop, heads, monkeypatch):
    class Killed(BaseException):
        pass

    annotate_shared(loop, heads[1])
    looked, original = [], LoopModel.look

    def look(self, case, with_segmentation=True):
        if len(looked) == 2:
            raise Killed
        looked.append(case.name)
        return original(self, case, with_segmentation)

    with monkeypatch.context() as patched:
        patched.setattr(LoopModel, "look", look)
        with pytest.raises(Killed):
            next_cases(loop.path, 1)
    again = []

    def note(self, case, with_segmentation=True):
        again.append(case.name)
        return original(self, case, with_segmentation)

    monkeypatch.setattr(LoopModel, "look", note)
    found = next_cases(loop.path, 1)
    assert len(looked) == 2 and not set(looked) & set(again)
    # Without a round there are no models of folds: the copies of the one model say how sure it is.
    assert found.cases[0].prediction is not None and 0 < found.cases[0].disagreement <= 1
    assert "There is one model" in found.cases[0].reason.sentence and "copies" in found.cases[0].reason.sentence


def test_where_the_model_lacks_a_label_there_is_no_prediction_and_spread_alone_decides(loop, heads):
    annotate_shared(loop, heads[1])
    names = read_json(loop.labels_json)
    loop.labels_json.write_text(json.dumps({**names, "77": "a new one"}), encoding="utf-8")
    found = next_cases(loop.path, 2)
    assert all(one.prediction is None and "No model segments it yet" in one.reason.sentence for one in found.cases)
    assert any("`a new one`" in problem.sentence for problem in found.problems)
    assert not loop.to_correct.exists()


@pytest.mark.parametrize("words", [("loop", "next"), ("rank",)])
def test_the_help_says_that_the_order_is_by_spread_alone(words, capsys):
    with pytest.raises(SystemExit):
        run_command(*words, "--help")
    assert "spread alone" in capsys.readouterr().out


def test_of_many_scans_some_are_looked_at_and_that_is_told(loop, heads, monkeypatch):
    annotate_shared(loop, heads[1])
    monkeypatch.setattr(choosing, "MOST_LOOKED_AT", 1)
    found = next_cases(loop.path, 3)
    assert len(found.cases) == 1
    assert "Of 3 scans without annotation 1 were drawn at random" in found.problems[0].sentence


def test_cases_that_are_annotated_already_come_along(tmp_path, tiny_source, heads, phantoms):
    scans, labels = heads
    first, second = sorted(labels)[:2]
    table = tmp_path / "annotated.csv"
    rows = [f"{name},{scans / f'{name}.nii.gz'},{labels[name]}" for name in (first, second)]
    table.write_text("\n".join(["case,image,label", *rows]), encoding="utf-8")
    folder = LoopFolder(tmp_path / "loop")
    made = init_loop(folder.path, find_source(tiny_source), scans, table).loop
    assert {one.case: one.origin for one in made.annotations} == {first: "target", second: "target"}
    assert len(made.shared) == 3 and not set(made.shared) & set(made.by_case)
    assert [(folder.labels / one.label).read_bytes() for one in made.annotations] == [
        labels[name].read_bytes() for name in (first, second)
    ]
    assert set(folder.cases(made, 1)) == set(labels)
    with pytest.raises(
        InputError, match=r"its cases .* are called like scans in .*, and have other images; rename them"
    ):
        init_loop(tmp_path / "other", find_source(tiny_source), scans, phantoms("t1w", 2))


def test_a_copy_of_a_scan_in_the_annotated_data_set_is_the_same_case(heads, tiny_source, tmp_path, capsys):
    scans, labels = heads
    first, second = sorted(labels)[:2]
    rows = []
    for name in (first, second):
        copy = tmp_path / "copies" / f"{name}.nii.gz"
        copy.parent.mkdir(exist_ok=True)
        if name == first:  # the same bytes; of the other the voxels alone
            copy.write_bytes((scans / f"{name}.nii.gz").read_bytes())
        else:
            volume = read_volume(scans / f"{name}.nii.gz")
            write_volume(copy.with_name(f"{name}.nrrd"), volume.array, volume.grid)
            copy = copy.with_name(f"{name}.nrrd")
        rows.append(f"{name},{copy},{labels[name]}")
    table = tmp_path / "cases.csv"
    table.write_text("\n".join(["case,image,label", *rows]), encoding="utf-8")
    loop = tmp_path / "loop"
    asked = ["loop", "init", str(loop), "--source", str(tiny_source), "--images", str(scans), "--target", str(table)]
    assert main(asked) == 0
    assert "begun, with 2 annotated cases" in capsys.readouterr().out
    made = LoopFolder(loop).read()
    assert set(made.by_case) == {first, second} and not set(made.shared) & {first, second}
    assert set(LoopFolder(loop).cases(made, 1)) == set(labels)


def test_labels_that_the_source_model_lacks_are_told_and_a_label_map_says_which_of_its_they_are(
    heads, tiny_source, tmp_path, capsys
):
    scans = tmp_path / "scans"
    shutil.copytree(heads[0], scans)
    (scans / "labels.json").write_text(json.dumps({"Luft": 1, "soft tissue": 2, "Knochen": 3}), encoding="utf-8")
    asked = ["loop", "init", "--source", str(tiny_source), "--images", str(scans)]
    assert main([*asked, str(tmp_path / "new")]) == 1
    said = capsys.readouterr().err
    assert "has no labels `Luft`, `Knochen`; it has `air`, `soft tissue`, `bone`" in said and "--label-map FILE" in said
    assert LoopFolder(tmp_path / "new").label_names() == {1: "Luft", 2: "soft tissue", 3: "Knochen"}
    map_file = tmp_path / "map.json"
    map_file.write_text(json.dumps({"Luft": "air", "Knochen": "bone"}), encoding="utf-8")
    assert main([*asked, str(tmp_path / "mapped"), "--label-map", str(map_file)]) == 0
    folder = LoopFolder(tmp_path / "mapped")
    loop = folder.read()
    assert loop.label_map == {"Luft": "air", "Knochen": "bone"}
    cases = folder.cases(loop, 1)
    model = LoopModel.of_loop(folder, loop, list(cases.values()), "cpu")
    assert model.segments and not model.context.task.new_names
    accept(folder.path, loop.shared[0], heads[1][loop.shared[0]])
    job = begin_round(folder.path, OPEN, TrainingOptions(steps=1))
    assert job.read_spec().label_map == loop.label_map
    map_file.write_text(json.dumps({"Luft": "gas"}), encoding="utf-8")
    assert main([*asked, str(tmp_path / "wrong"), "--label-map", str(map_file)]) == 2
    assert "the source model" in capsys.readouterr().err and not (tmp_path / "wrong").exists()
    asked[-1] = str(heads[0])
    assert main([*asked, str(tmp_path / "no-names"), "--label-map", str(map_file)]) == 2
    assert "nothing says yet what the values of your labels are called" in capsys.readouterr().err


def test_what_cannot_be_accepted_is_refused_in_a_sentence(loop, heads, tmp_path, tiny_source):
    name = loop.read().shared[0]
    with pytest.raises(InputError, match="there is no case `nobody`; it has"):
        accept(loop.path, "nobody", heads[1][name])
    with pytest.raises(InputError, match="is not there; give the segmentation by --label FILE"):
        accept(loop.path, name)
    volume = read_labels(heads[1][name])
    strange = tmp_path / "strange.nii.gz"
    values = volume.array.copy()
    values[0, 0, 0] = 99
    write_labels(strange, values, volume.grid)
    with pytest.raises(InputError, match=r"has the value 99, which .* does not name"):
        accept(loop.path, name, strange)
    with pytest.raises(InputError, match="no case is annotated yet"):
        from TransferSegLib.loop.rounds import begin_round
        from TransferSegLib.training.options import TrainingOptions

        begin_round(loop.path, OPEN, TrainingOptions(steps=1))
    with pytest.raises(InputError, match="is not empty; choose a new"):
        init_loop(loop.path, find_source(tiny_source), heads[0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 9}, "is not 1, the newest known"),
        ({"source": "models/x"}, "is not an absolute path"),
        ({"strange": 1}, "unknown field `strange`"),
        (
            {"annotations": [{"case": "../a", "label": "a.nii.gz", "sha256": "0" * 64, "origin": "drawn"}]},
            "cannot be a file",
        ),
        (
            {"annotations": [{"case": "a", "label": "../a.nii.gz", "sha256": "0" * 64, "origin": "drawn"}]},
            "names no file in",
        ),
    ],
    ids=["newer", "relative path", "unknown field", "case outside", "label outside"],
)
def test_a_loop_of_somebody_else_is_checked(loop, change, sentence):
    content = {**read_json(loop.loop_json), **change}
    loop.loop_json.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as refused:
        loop.read()
    assert str(refused.value).count(str(loop.loop_json)) == 1, "the file is named once"


def test_nothing_is_written_through_a_link(loop, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    loop.to_correct.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link, and a loop would write through it"):
        loop.read()


def test_a_segmentation_that_was_changed_behind_the_loop_is_refused(loop, heads):
    name = loop.read().shared[0]
    made = accept(loop.path, name, heads[1][name]).annotation
    (loop.labels / made.label).write_bytes(b"other")
    with pytest.raises(InputError, match="is not the segmentation that was accepted"):
        loop.label(made)
