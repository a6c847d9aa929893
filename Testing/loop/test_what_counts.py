"""What counts in a loop, and as what: declared roles, names of segments, work that was begun, cases that rounds share."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
from made_dicom import write_segmentation

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_grid, read_labels, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.case_set import AnnotatedSlices
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.case_curve import case_curve
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.loop import standing
from TransferSegLib.loop.accepting import accept
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.choosing import next_cases
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.loop.model import LoopModel
from TransferSegLib.loop.predictions import Prediction
from TransferSegLib.loop.rounds import begin_round
from TransferSegLib.loop.standing import (
    Round,
    another_round,
    curve_of_rounds,
    loop_status,
    sentence_of_change,
    with_changes,
)
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import file_sha256
from TransferSegLib.training.options import TrainingOptions


def test_what_the_target_declares_of_its_cases_holds_in_every_round(tmp_path, tiny_source, heads, loop):
    scans, labels = heads
    names = sorted(labels)
    rows = [
        f"{names[0]},{scans / names[0]}.nii.gz,{labels[names[0]]},train,3,",
        f"{names[1]},{scans / names[1]}.nii.gz,{labels[names[1]]},test,,",
        f"{names[2]},{scans / names[2]}.nii.gz,{labels[names[2]]},validation,,",
        f"{names[3]},{scans / names[3]}.nii.gz,{labels[names[3]]},train,,axial: 3-5",
    ]
    table = tmp_path / "annotated.csv"
    table.write_text("\n".join(["case,image,label,role,not_annotated,annotated_slices", *rows]))
    folder = LoopFolder(tmp_path / "declared")
    init_loop(folder.path, find_source(tiny_source), scans, table)
    accept(folder.path, names[1], labels[names[1]])
    job = begin_round(folder.path, StrategyChoice("open"), TrainingOptions(steps=1))
    found = {case.name: case for case in read_case_set(Path(job.read_spec().target)).cases}
    assert [found[name].role for name in names[:4]] == ["train", "test", "validation", "train"]
    assert [found[name].not_annotated for name in names[:4]] == [(3,), (), (), ()]
    assert found[names[3]].annotated_slices == AnnotatedSlices("axial", (3, 4, 5))


def test_where_only_test_cases_are_annotated_there_is_nothing_to_train_on(tmp_path, tiny_source, heads):
    scans, labels = heads
    name = min(labels)
    (tmp_path / "tests.csv").write_text(f"case,image,label,role\n{name},{scans / name}.nii.gz,{labels[name]},test\n")
    folder = LoopFolder(tmp_path / "tests")
    init_loop(folder.path, find_source(tiny_source), scans, tmp_path / "tests.csv")
    with pytest.raises(InputError, match="no case is annotated yet that can be trained on"):
        begin_round(folder.path, StrategyChoice("open"), TrainingOptions(steps=1))


def test_a_dicom_segmentation_of_the_target_becomes_a_file_with_the_same_voxels(tmp_path, tiny_source, heads):
    scans, labels = heads
    name = min(labels)
    image = scans / f"{name}.nii.gz"
    grid, values = read_grid(image), read_labels(labels[name]).array
    to_lps = np.diag([-1.0, -1.0, 1.0])
    affine = np.asarray(grid.affine, dtype=float)
    axes, spacing = to_lps @ (affine[:3, :3] / grid.spacing_mm), grid.spacing_mm
    positions = [to_lps @ (affine[:3, :3] @ [0, 0, k] + affine[:3, 3]) for k in range(values.shape[2])]
    seg = write_segmentation(
        tmp_path / "seg" / "seg.dcm",
        {"air": values == 1, "bone": values == 3},
        [list(one) for one in positions],
        spacing_mm=(spacing[1], spacing[0]),
        orientation=[*axes[:, 0], *axes[:, 1]],
    )
    (tmp_path / "cases.csv").write_text(f"case,image,label\n{name},{image},{seg.parent}\n")
    (tmp_path / "labels.json").write_text(json.dumps({"3": "bone", "1": "air"}))
    folder = LoopFolder(tmp_path / "loop")
    (one,) = init_loop(folder.path, find_source(tiny_source), scans, tmp_path / "cases.csv").loop.annotations
    kept = read_labels(folder.label(one))
    assert one.label == f"{name}.nii.gz" and kept.grid.same_as(grid)
    assert np.array_equal(kept.array, np.where(np.isin(values, (1, 3)), values, 0)) and (kept.array == 3).any()


def test_a_correction_that_was_begun_while_the_scans_are_looked_at_is_not_written_over(loop, heads, monkeypatch):
    for name in loop.read().shared:
        accept(loop.path, name, heads[1][name])
    original = LoopModel.look

    def look(self, case, with_segmentation=True):
        if with_segmentation:
            loop.to_correct.mkdir(exist_ok=True)
            (loop.to_correct / f"{case.name}.nii.gz").write_bytes(b"mine")
        return original(self, case, with_segmentation)

    monkeypatch.setattr(LoopModel, "look", look)
    (found,) = next_cases(loop.path, 1).cases
    assert Path(found.prediction).read_bytes() == b"mine"


def slicers(path: Path, array: np.ndarray, like: Path, names: dict[str, int]) -> Path:
    """A segmentation as Slicer saves it, with values of its own."""
    image = sitk.GetImageFromArray(array.T.astype(np.uint8))
    image.CopyInformation(sitk.ReadImage(str(like)))
    for n, (name, value) in enumerate(names.items()):
        for field, what in {"ID": f"s{n}", "Name": name, "LabelValue": str(value), "Layer": "0"}.items():
            image.SetMetaData(f"Segment{n}_{field}", what)
    sitk.WriteImage(image, str(path))
    return path


def test_segments_are_compared_with_the_prediction_by_their_names(loop, heads, tmp_path):
    scans, labels = heads
    name = next(name for name in sorted(labels) if name not in loop.read().shared)
    volume, known = read_labels(labels[name]), loop.label_names()
    own = loop.predictions / f"{name}.nii.gz"
    own.parent.mkdir()
    write_labels(own, volume.array, volume.grid)
    own.with_name(f"{name}.json").write_text(json.dumps(to_json(Prediction("0" * 64, file_sha256(own)))))
    # Slicer has numbered the same segments the other way round.
    turned = {value: max(known) + 1 - value for value in known}
    array = np.vectorize(lambda value: turned.get(value, 0))(volume.array)
    image = scans / f"{name}.nii.gz"
    file = slicers(tmp_path / "own.seg.nrrd", array, image, {known[value]: turned[value] for value in known})
    began = accept(loop.path, name, file).annotation.began
    assert (began.dice, began.changed_ml) == (1.0, 0.0)
    strange = slicers(tmp_path / "strange.seg.nrrd", array, image, {f"_{n}": value for n, value in turned.items()})
    with pytest.raises(InputError, match=r"has the segments `_1`.* does not name; it has"):
        accept(loop.path, name, strange)


def test_a_list_beside_a_segmentation_must_name_its_values_as_the_loop_does(loop, heads, tmp_path):
    name, known = loop.read().shared[0], loop.label_names()
    file = tmp_path / "drawn" / f"{name}.nii.gz"
    file.parent.mkdir()
    file.write_bytes(heads[1][name].read_bytes())
    turned = {label: max(known) + 1 - value for value, label in known.items()}
    (file.parent / "labels.json").write_text(json.dumps(turned), encoding="utf-8")
    with pytest.raises(InputError, match=r"labels\.json: names the values of .* where those of .* are 1 "):
        accept(loop.path, name, file)
    (file.parent / "labels.json").write_text(
        json.dumps({label: value for value, label in known.items()}), encoding="utf-8"
    )
    assert accept(loop.path, name, file).annotation.origin == "drawn"


def test_a_strategy_that_makes_another_network_is_refused_before_the_round_begins(loop, heads):
    name = loop.read().shared[0]
    accept(loop.path, name, heads[1][name])
    with pytest.raises(InputError, match="`hybrid` makes another network, from which no later round could go on"):
        begin_round(loop.path, StrategyChoice("hybrid"), TrainingOptions(steps=1))
    assert not loop.rounds()


def test_rounds_are_compared_on_the_shared_cases_that_all_of_them_have_scored(loop, monkeypatch):
    begun = loop.read()
    a, b, c = begun.shared
    scored = {"round-1": {a: 0.5, b: 0.7}, "round-2": {a: 0.6, b: 0.8, c: 0.1}}

    def read(job, shared, predicted):
        dice = {name: value for name, value in scored[job.path.name].items() if name in shared}
        return Round(job.path.name, "done", 3, shared_dice=sum(dice.values()) / len(dice), shared_by_case=dice)

    monkeypatch.setattr(standing, "round_of", read)
    monkeypatch.setattr(LoopFolder, "rounds", lambda self: [JobFolder(loop.path / name) for name in scored])
    monkeypatch.setattr(LoopFolder, "finished_rounds", lambda self: [])
    monkeypatch.setattr(LoopFolder, "read", lambda self: begun)
    assert [one.shared_dice for one in loop_status(loop.path).rounds] == pytest.approx([0.6, 0.7])


def test_another_round_is_judged_without_corrected_cases_where_the_others_are_enough(monkeypatch):
    own, corrected = {2.0: [0.5, 0.5, 0.5], 4.0: [0.5, 0.5, 0.5]}, {4.0: [1.0, 1.0]}

    def curve(jobs, seen=(), common=False, called=None):
        made = case_curve({n: values + ([] if seen else corrected.get(n, [])) for n, values in own.items()})
        return replace(made, shared=min(map(len, own.values())))

    monkeypatch.setattr(standing, "curve_of_jobs", curve)
    jobs = [SimpleNamespace()]
    found, with_corrected = curve_of_rounds(jobs, ["x"])
    sentence, worth_it = another_round((), jobs, found, with_corrected, 3)
    assert (
        worth_it is False and "began as predictions" not in sentence.sentence and "at random" not in sentence.sentence
    )
    sentence, _ = another_round((), jobs, found, with_corrected, 0)
    assert "None of the cases that all rounds share was drawn at random" in sentence.sentence
    own[2.0] = own[4.0] = [0.5]
    found, with_corrected = curve_of_rounds(jobs, ["x"])
    sentence, worth_it = another_round((), jobs, found, with_corrected, 3)
    assert worth_it and "Cases that began as predictions are in this" in sentence.sentence


def test_adapt_warns_while_cases_that_the_rounds_are_compared_on_are_left(loop, heads, monkeypatch, capsys):
    first, *left = loop.read().shared
    accept(loop.path, first, heads[1][first])
    monkeypatch.setattr("TransferSegLib.cli.running.run", lambda *words: 0)
    assert main(["loop", "adapt", str(loop.path), "--strategy", "open", "--steps", "1"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "2 of the cases that the rounds are compared on are not annotated yet" in said and left[1] in said


@pytest.fixture
def predicted(loop, heads) -> tuple[str, Path, Path]:
    """A case with a prediction to correct, which was corrected in one voxel; the case, the prediction and the correction."""
    name = next(name for name in sorted(heads[1]) if name not in loop.read().shared)
    volume = read_labels(heads[1][name])
    own, mine = loop.predictions / f"{name}.nii.gz", loop.to_correct / f"{name}.nii.gz"
    for path in (own, mine):
        path.parent.mkdir()
    write_labels(own, volume.array, volume.grid)
    own.with_name(f"{name}.json").write_text(json.dumps(to_json(Prediction("0" * 64, file_sha256(own)))))
    changed = volume.array.copy()
    changed[0, 0, 0] = 1 if changed[0, 0, 0] == 0 else 0
    write_labels(mine, changed, volume.grid)
    return name, own, mine


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def test_a_second_annotation_takes_the_place_of_the_first(loop, heads, tmp_path):
    name, other = loop.read().shared[:2]
    first = accept(loop.path, name, heads[1][name]).annotation
    accept(loop.path, name, heads[1][name])
    assert names_in(loop.labels) == [first.label] and not loop.replaced.exists(), "the same file again"
    second = accept(loop.path, name, heads[1][other]).annotation
    assert names_in(loop.labels) == [second.label] == [f"{name}.2.nii.gz"] and names_in(loop.replaced) == [first.label]
    assert file_sha256(loop.replaced / f"{name}.nii.gz") == first.sha256
    table = loop.path / "scans.csv"
    loop.write_table(table, list(loop.cases(loop.read(), 1).values()), loop.read().by_case)
    assert not [one for one in read_case_set(table).remarks if one.code == "files-not-used"]
    # Corrected where it lies, and accepted again.
    write_labels(loop.label(second), read_labels(heads[1][name]).array, read_grid(heads[1][name]))
    third = accept(loop.path, name, loop.labels / second.label).annotation
    assert third.sha256 != second.sha256 and loop.label(third).is_file()


def test_a_file_that_a_round_is_at_work_with_stays_until_the_round_has_ended(loop, heads, monkeypatch):
    name, other = loop.read().shared[:2]
    first = accept(loop.path, name, heads[1][name]).annotation
    job = begin_round(loop.path, StrategyChoice("open"), TrainingOptions(steps=1))
    second = accept(loop.path, name, heads[1][other]).annotation
    assert names_in(loop.labels) == [f"{name}.2.nii.gz", f"{name}.nii.gz"] and not loop.replaced.exists()
    assert read_case_set(Path(job.read_spec().target)).cases
    monkeypatch.setattr("TransferSegLib.loop.rounds.job_status", lambda path: SimpleNamespace(state="done"))
    third = accept(loop.path, name, heads[1][name]).annotation
    assert names_in(loop.labels) == [third.label] == [first.label]
    assert names_in(loop.replaced) == [f"{name}.2.nii.gz", f"{name}.nii.gz"]
    (case,) = (case for case in read_case_set(Path(job.read_spec().target)).cases if case.name == name)
    assert file_sha256(case.label) == first.sha256, "the round's table names what it was given"
    assert second.label == f"{name}.2.nii.gz"


def given(job: JobFolder, name: str) -> str:
    """The digest of the label that a round reads for a case."""
    (case,) = (case for case in read_case_set(Path(job.read_spec().target)).cases if case.name == name)
    return file_sha256(case.label)


def test_a_loop_that_is_reached_through_a_link_is_the_same_loop(loop, heads, tmp_path):
    name, other = loop.read().shared[:2]
    (tmp_path / "link").symlink_to(loop.path.parent, target_is_directory=True)
    linked = tmp_path / "link" / loop.path.name
    assert LoopFolder(linked).path == LoopFolder(loop.path / "labels" / "..").path == loop.path
    first = accept(linked, name, heads[1][name]).annotation
    job = begin_round(linked, StrategyChoice("open"), TrainingOptions(steps=1))
    table = job.path.with_suffix(".csv")
    table.write_text(table.read_text().replace(str(loop.path), str(linked)))  # as an older version wrote it
    assert loop.labels_of_round(job) == {first.label}
    accept(loop.path, name, heads[1][other])
    assert given(job, name) == first.sha256, "the round is at work with it"


@pytest.mark.parametrize("last", ["write", "unlink"])
def test_a_kill_while_a_segmentation_is_put_aside_leaves_each_table_with_its_file(loop, heads, monkeypatch, last):
    name, other = loop.read().shared[:2]
    first = accept(loop.path, name, heads[1][name]).annotation
    job = begin_round(loop.path, StrategyChoice("open"), TrainingOptions(steps=1))
    monkeypatch.setattr("TransferSegLib.loop.rounds.job_status", lambda path: SimpleNamespace(state="done"))
    whole = LoopFolder.write

    def killed(self, path, text):
        if path.suffix != ".csv":
            return whole(self, path, text)
        if last == "unlink":
            whole(self, path, text)
        raise KeyboardInterrupt

    monkeypatch.setattr(LoopFolder, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        accept(loop.path, name, heads[1][other])
    assert given(job, name) == first.sha256
    monkeypatch.setattr(LoopFolder, "write", whole)
    accept(loop.path, other, heads[1][other])
    now = loop.read().by_case[name]
    assert given(job, name) == first.sha256 and file_sha256(loop.label(now)) == file_sha256(heads[1][other])
    assert names_in(loop.replaced) == [first.label], "one copy"


def test_where_the_copy_fails_the_annotation_of_before_stays(loop, heads, monkeypatch):
    name, other = loop.read().shared[:2]
    first = accept(loop.path, name, heads[1][name]).annotation

    def full(*words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(JobError, match="make room"):
        accept(loop.path, name, heads[1][other])
    assert loop.read().by_case[name] == first and loop.label(first).is_file()


def test_a_loop_is_changed_by_one_command_at_a_time(loop, heads, monkeypatch):
    name = loop.read().shared[0]
    with LoopFolder(loop.path).locked():
        with pytest.raises(InputError, match="another command changes this loop"):
            accept(loop.path, name, heads[1][name])
        assert names_in(loop.labels) == []
    accept(loop.path, name, heads[1][name])


def test_a_round_of_an_older_version_keeps_what_began_as_predictions_at_the_first_change(loop, heads, predicted):
    name, _own, _mine = predicted
    accept(loop.path, name)
    begin_round(loop.path, StrategyChoice("open"), TrainingOptions(steps=1))
    content = json.loads(loop.loop_json.read_text())
    del content["began_in"]
    loop.loop_json.write_text(json.dumps(content))
    accept(loop.path, name, heads[1][loop.read().shared[0]], fresh=True)
    assert loop.read().began_in == {"round-1": (name,)} and not loop.read().began


def test_an_annotation_that_was_drawn_without_the_prediction_is_accepted_as_fresh(loop, heads, predicted, capsys):
    name, own, _mine = predicted
    assert accept(loop.path, name).annotation.origin == "prediction"
    begin_round(loop.path, StrategyChoice("open"), TrainingOptions(steps=1))
    other = heads[1][loop.read().shared[0]]
    assert main(["loop", "accept", str(loop.path), name, "--label", str(other)]) == 0
    assert "without looking at the prediction, accept it again with --fresh" in capsys.readouterr().out
    assert loop_status(loop.path).began_as_predictions == 1
    assert main(["loop", "accept", str(loop.path), name, "--label", str(other), "--fresh"]) == 0
    assert loop.read().by_case[name].origin == "drawn" and loop_status(loop.path).began_as_predictions == 0
    assert loop.read().began_in == {"round-1": (name,)}, "in the first round it was a corrected one"
    with pytest.raises(InputError, match=r"is the prediction of case .*, voxel for voxel, and not fresh"):
        accept(loop.path, name, own, fresh=True)


def test_a_segmentation_without_a_label_is_accepted_with_a_warning(loop, heads, tmp_path, capsys):
    first, second = loop.read().shared[:2]
    volume = read_labels(heads[1][first])
    empty = tmp_path / "empty.nii.gz"
    write_labels(empty, np.zeros_like(volume.array), volume.grid)
    assert main(["loop", "accept", str(loop.path), first, "--label", str(empty)]) == 1
    said = capsys.readouterr()
    assert "accepted" in said.out and "no voxel of empty.nii.gz has a label" in said.err
    assert "if it is not finished, accept the finished one by --label FILE" in said.err and "not drawn" not in said.err
    assert first in loop.read().by_case
    assert main(["loop", "accept", str(loop.path), second, "--label", str(heads[1][second])]) == 0


def test_a_label_that_nobody_annotated_counts_for_no_change_of_a_prediction(loop, heads, predicted):
    name, own, mine = predicted
    volume, values = read_labels(own), loop.label_names()
    lacking = min(values)
    write_labels(mine, np.where(volume.array == lacking, 0, volume.array), volume.grid)
    began = accept(loop.path, name).annotation.began
    assert began is not None and began.changed_ml > 0 and began.dice < 1
    write_labels(mine, np.where(volume.array == lacking, 0, volume.array), volume.grid)
    made = accept(loop.path, name, not_annotated=[values[lacking]])
    assert (made.annotation.began.dice, made.annotation.began.changed_ml) == (1.0, 0.0)
    assert "loop-accepted-unchanged" in [one.code for one in made.problems]


def test_a_label_that_nobody_looked_for_is_said_not_to_be_annotated(loop, heads, tmp_path):
    name, values = loop.read().shared[0], loop.label_names()
    volume = read_labels(heads[1][name])
    lacking = min(values)
    file = tmp_path / "partly.nii.gz"
    write_labels(file, np.where(volume.array == lacking, 0, volume.array), volume.grid)
    made = accept(loop.path, name, file)
    assert made.annotation.not_annotated == ()
    (absent,) = (one.sentence for one in made.problems if one.code == "loop-labels-absent")
    assert f"`{values[lacking]}`" in absent and "is not drawn and counts as not there" in absent
    made = accept(loop.path, name, file, not_annotated=[values[lacking]])
    assert made.annotation.not_annotated == (lacking,)
    assert not [one for one in made.problems if one.code == "loop-labels-absent"]
    job = begin_round(loop.path, StrategyChoice("open"), TrainingOptions(steps=1))
    (case,) = (case for case in read_case_set(Path(job.read_spec().target)).cases if case.name == name)
    assert case.not_annotated == (lacking,)
    again = accept(loop.path, name, file)
    assert again.annotation.not_annotated == (lacking,) and "still holds" in again.problems[-1].sentence
    assert accept(loop.path, name, file, not_annotated=[]).annotation.not_annotated == ()
    with pytest.raises(InputError, match=r"--not-annotated: .* names no label `nose`; it has"):
        accept(loop.path, name, file, not_annotated=["nose"])


@pytest.mark.parametrize("slices", [AnnotatedSlices("axial", (3, 4, 5)), AnnotatedSlices("axial", ())])
def test_slices_that_nobody_annotated_count_for_no_change_of_a_prediction(loop, heads, predicted, slices):
    name, own, mine = predicted
    volume = read_labels(own)
    accept(loop.path, name)

    def declare(now):
        one = replace(now.by_case[name], annotated_slices=slices)
        return replace(now, annotations=tuple(one if a.case == name else a for a in now.annotations))

    loop.change(declare)
    drawn = np.zeros_like(volume.array)
    drawn[:, :, 3:6] = volume.array[:, :, 3:6]
    write_labels(mine, drawn, volume.grid)
    made = accept(loop.path, name)
    assert (made.annotation.began.dice, made.annotation.began.changed_ml) == (1.0, 0.0)
    assert "loop-accepted-unchanged" in [one.code for one in made.problems]
    i, j = np.argwhere(drawn[:, :, 4] != 0)[0]
    drawn[i, j, 4] = 0
    write_labels(mine, drawn, volume.grid)
    began = accept(loop.path, name).annotation.began
    assert began.changed_ml == pytest.approx(volume.grid.voxel_ml, abs=1e-6) and began.dice < 1


def round_with(name: str, **dice: float) -> Round:
    return Round(name, "done", len(dice), "open", dice=float(np.mean([*dice.values()])), by_case=dice)


def test_rounds_differ_by_the_cases_that_both_have_scored_with_a_paired_interval():
    before = round_with("round-1", a=0.5, b=0.7, c=0.6, d=0.4)
    after = round_with("round-2", a=0.6, b=0.8, c=0.7, d=0.5, e=0.1)
    first, second = with_changes([before, after], ())
    assert first.change is None
    assert (second.change.before, second.change.cases) == ("round-1", 4)
    # Every case gained the same, so that the interval is narrow where those of the two means are wide.
    assert second.change.mean == pytest.approx(0.1) and second.change.interval == pytest.approx((0.1, 0.1))
    said = sentence_of_change(second.change).sentence
    assert said == "Against round-1, on the same 4 cases: +0.100 Dice (95 % interval +0.100 to +0.100)."
    # Of three cases the interval is Student's: mean 0.1, sd 0.1, t 4.303.
    few = with_changes([round_with("round-1", a=0.5, b=0.5, c=0.5), round_with("round-2", a=0.5, b=0.6, c=0.7)], ())
    assert few[1].change.interval == pytest.approx((0.1 - 4.3027 * 0.1 / 3**0.5, 0.1 + 4.3027 * 0.1 / 3**0.5), abs=1e-4)
    two = with_changes([round_with("round-1", a=0.5, b=0.5), round_with("round-2", a=0.5, b=0.6)], ())
    assert two[1].change.interval is None and "too few for an interval" in sentence_of_change(two[1].change).sentence
    apart = with_changes([round_with("round-1", a=0.5), round_with("round-2", b=0.6)], ())
    assert apart[1].change is None, "nothing is compared"


def test_corrected_cases_are_left_out_of_the_difference_of_rounds_where_the_others_are_enough():
    before = round_with("round-1", a=0.5, b=0.5, c=0.5, d=0.1)
    after = round_with("round-2", a=0.5, b=0.5, c=0.5, d=0.9)
    change = with_changes([before, after], {"d"})[1].change
    assert (change.cases, change.mean, change.corrected) == (3, 0.0, False)
    change = with_changes([before, after], {"c", "d"})[1].change
    assert change.cases == 4 and change.corrected
    assert "cases that began as predictions are among them" in sentence_of_change(change).sentence


def test_rounds_whose_cases_are_numbered_otherwise_are_compared_by_what_these_are_called_in_all():
    before = round_with("first", case_001=0.5, case_002=0.7, case_003=0.9)
    after = round_with("second", case_001=0.8, case_002=1.0, case_003=0.2)
    called = [{"case_001": "1", "case_002": "2", "case_003": "3"}, {"case_001": "2", "case_002": "3", "case_003": "4"}]
    change = with_changes([before, after], (), called)[1].change
    assert change.cases == 2 and change.mean == pytest.approx(0.1)


def test_the_difference_of_rounds_is_printed(loop, monkeypatch, capsys):
    rounds = {"round-1": round_with("round-1", a=0.5, b=0.7), "round-2": round_with("round-2", a=0.6, b=0.8)}
    begun = loop.read()
    monkeypatch.setattr(standing, "round_of", lambda job, shared, predicted: rounds[job.path.name])
    monkeypatch.setattr(LoopFolder, "rounds", lambda self: [JobFolder(loop.path / name) for name in rounds])
    monkeypatch.setattr(LoopFolder, "finished_rounds", lambda self: [])
    monkeypatch.setattr(LoopFolder, "read", lambda self: begun)
    assert main(["loop", "status", str(loop.path)]) == 0
    assert "Against round-1, on the same 2 cases: +0.100 Dice, too few for an interval." in capsys.readouterr().out
    assert main(["loop", "status", str(loop.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["rounds"]
    assert found[0]["change"] is None and found[1]["change"]["cases"] == 2
