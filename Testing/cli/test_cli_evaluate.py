"""`transferseg evaluate`: pairs by name, scores, leaves out what cannot be compared, and says what it could not score."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from TransferSegLib.cases.volumes import write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.evaluation.metrics.metric import Metric

SHAPE, SPACING = (12, 10, 8), (1.0, 1.0, 2.0)


def labels(*boxes):
    array = np.zeros(SHAPE, np.uint8)
    for value, box in boxes:
        array[tuple(slice(a, b) for a, b in box)] = value
    return array


BONE = (1, ((2, 6), (2, 6), (2, 6)))
LESION = (2, ((8, 10), (2, 4), (2, 4)))


@pytest.fixture
def folders(tmp_path):
    """Two references; the first segmented exactly, the second without its lesion. Returns the arguments."""
    for name in ("reference", "prediction"):
        (tmp_path / name).mkdir()
    grid = Grid.from_spacing(SHAPE, SPACING)
    for case, predicted in (("sub-01", (BONE, LESION)), ("sub-02", (BONE,))):
        write_labels(tmp_path / "reference" / f"{case}.nii.gz", labels(BONE, LESION), grid)
        write_labels(tmp_path / "prediction" / f"{case}.nrrd", labels(*predicted), grid)
    paths = {"--reference": "reference", "--prediction": "prediction", "--out": "scores.csv"}
    return [part for flag, name in paths.items() for part in (flag, str(tmp_path / name))]


def table(path):
    return list(csv.DictReader(path.open()))


def refusal(capsys, arguments):
    assert main(["evaluate", *arguments]) == 2
    return capsys.readouterr().err


def test_without_a_table_to_write_the_scores_are_printed_alone(folders, tmp_path, capsys):
    def files() -> set:
        return {path for path in tmp_path.rglob("*") if path.is_file()}

    without, before = folders[:4], files()
    assert main(["evaluate", *without]) == 0
    printed = capsys.readouterr().out
    assert main(["evaluate", *without, "--lesions", "2"]) == 0
    with_lesions = capsys.readouterr().out
    assert main(["evaluate", *without, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [] and files() == before
    assert main(["evaluate", *folders]) == 0
    assert capsys.readouterr().out == f"{printed}\n{tmp_path / 'scores.csv'}\n"
    assert "0.750" in printed and "HD95" in printed
    assert with_lesions.startswith(printed) and "recall" in with_lesions.removeprefix(printed)


def test_files_are_paired_by_name_whatever_their_format(folders, tmp_path, capsys):
    assert main(["evaluate", *folders]) == 0
    rows = table(tmp_path / "scores.csv")
    assert [(r["case"], r["label_name"], r["dice"], r["missed"]) for r in rows] == [
        ("sub-01", "label 1", "1", "0"),
        ("sub-01", "label 2", "1", "0"),
        ("sub-02", "label 1", "1", "0"),
        ("sub-02", "label 2", "0", "1"),
    ]
    said = capsys.readouterr().out
    assert str(tmp_path / "scores.csv") in said
    # Two cases have no interval, and nothing is compared.
    assert "interval" not in said and "strategy" not in said and "prediction" not in said


@pytest.mark.parametrize("names", [{"2": "lesion"}, {"background": 0, "lesion": 2}])
def test_names_are_read_either_way_round_and_choose_the_labels(folders, tmp_path, names):
    (tmp_path / "names.json").write_text(json.dumps(names))
    assert main(["evaluate", *folders, "--labels", str(tmp_path / "names.json")]) == 1, "bone was not scored"
    assert {(r["label"], r["label_name"]) for r in table(tmp_path / "scores.csv")} == {("2", "lesion")}


def test_values_that_the_names_do_not_list_are_warned_of_as_not_scored(folders, tmp_path, capsys):
    (tmp_path / "names.json").write_text('{"1": "bone", "2": "lesion"}')
    asked = [*folders, "--labels", str(tmp_path / "names.json")]
    assert main(["evaluate", *asked]) == 0
    assert "warning" not in capsys.readouterr().err
    others = labels((10, BONE[1]), (20, LESION[1]))
    write_labels(tmp_path / "prediction" / "sub-01.nrrd", others, Grid.from_spacing(SHAPE, SPACING))
    assert main(["evaluate", *asked, "--json"]) == 1
    printed = capsys.readouterr()
    assert "names.json does not list were not scored: in the segmentations 10, 20." in printed.err
    assert json.loads(printed.out)["values_not_scored"] == {"references": [], "segmentations": [10, 20]}


def test_the_json_summary_counts_the_miss_and_keeps_it_in_the_mean(folders, capsys):
    assert main(["evaluate", *folders, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    lesion = summary["labels"][1]
    assert (summary["cases"], lesion["misses"], lesion["metrics"]["dice"]["mean"]) == (2, 1, 0.5)


def test_a_new_metric_is_in_the_table_on_the_terminal_the_csv_file_and_the_json(folders, tmp_path, capsys, monkeypatch):
    share = Metric(
        "found_share", "Found", "‰", "higher", 2, "Share of what was found.",
        lambda pair: 1000 * pair.common_voxels / pair.reference_voxels,
    )  # fmt: skip
    monkeypatch.setitem(METRICS, "found_share", share)
    assert main(["evaluate", *folders]) == 0
    header, _, line = capsys.readouterr().out.splitlines()[:3]
    assert "HD95 mm  Found ‰  missed" in header and "750.00" in line
    assert [row["found_share"] for row in table(tmp_path / "scores.csv")] == ["1000", "1000", "1000", "0"]
    assert main(["evaluate", *folders, "--json"]) == 0
    bone = json.loads(capsys.readouterr().out)["labels"][0]
    assert bone["metrics"]["found_share"]["mean"] == 1000


def test_a_reference_without_segmentation_is_listed_and_the_exit_code_says_so(folders, tmp_path, capsys):
    (tmp_path / "prediction" / "sub-02.nrrd").unlink()
    assert main(["evaluate", *folders]) == 1
    assert "1 of 2 references have no segmentation and were not scored: `sub-02`." in capsys.readouterr().err
    assert {r["case"] for r in table(tmp_path / "scores.csv")} == {"sub-01"}


def test_a_case_on_another_grid_is_left_out_with_what_differs_and_the_others_are_scored(folders, tmp_path, capsys):
    write_labels(tmp_path / "prediction" / "sub-02.nrrd", labels(BONE), Grid.from_spacing(SHAPE, (1.0, 1.0, 3.0)))
    assert main(["evaluate", *folders, "--json"]) == 1
    printed = capsys.readouterr()
    assert "case `sub-02`: reference and segmentation lie on different grids" in printed.err
    assert "spacing of the reference 1×1×2, of the segmentation 1×1×3 mm" in printed.err
    assert "1 of 2 segmentations could not be compared with their references" in printed.err
    assert {(row["case"], row["dice"]) for row in table(tmp_path / "scores.csv")} == {("sub-01", "1")}
    summary = json.loads(printed.out)
    assert summary["cases"] == 1 and summary["left_out"][0]["case"] == "sub-02"


@pytest.mark.parametrize("side", ["reference/sub-02.nii.gz", "prediction/sub-02.nrrd"])
@pytest.mark.parametrize("kept", [0, 30, 0.6])
@pytest.mark.parametrize("listed", [False, True])
def test_a_case_that_cannot_be_read_is_left_out(folders, tmp_path, capsys, side, kept, listed):
    whole = (tmp_path / side).read_bytes()
    (tmp_path / side).write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    (tmp_path / "names.json").write_text('{"1": "bone", "2": "lesion"}')
    assert main(["evaluate", *folders, *(["--labels", str(tmp_path / "names.json")] if listed else [])]) == 1
    said = capsys.readouterr().err
    assert f"error: case `sub-02`: {tmp_path / side}: " in said and "Traceback" not in said
    assert {row["case"] for row in table(tmp_path / "scores.csv")} == {"sub-01"}


def test_where_no_case_can_be_compared_each_is_told_and_nothing_is_written(folders, tmp_path, capsys):
    for name in ("sub-01", "sub-02"):
        write_labels(tmp_path / "prediction" / f"{name}.nrrd", labels(BONE), Grid.from_spacing(SHAPE, (1.0, 1.0, 3.0)))
    message = refusal(capsys, folders)
    assert "2 cases (`sub-01`, `sub-02`): reference and segmentation lie on different grids" in message
    assert "no segmentation could be compared with its reference (2 were tried)" in message
    assert not (tmp_path / "scores.csv").exists()


def test_lesions_are_counted_into_a_table_of_their_own(folders, tmp_path):
    (tmp_path / "names.json").write_text('{"1": "bone", "2": "lesion"}')
    names = ["--labels", str(tmp_path / "names.json")]
    assert main(["evaluate", *folders, *names, "--lesions", "lesion"]) == 0
    rows = [r for r in table(tmp_path / "scores-lesions.csv") if r["volume_cutoff_ml"] == "0"]
    assert [(r["case"], r["overlap_cutoff"], r["lesions"], r["detected"]) for r in rows] == [
        ("sub-01", "0", "1", "1"),
        ("sub-01", "0.2", "1", "1"),
        ("sub-02", "0", "1", "0"),
        ("sub-02", "0.2", "1", "0"),
    ]
    assert main(["evaluate", *folders, "--lesions", "2", "--connectivity", "8", "--lesion-volume", "0, 5 mm3"]) == 0
    rows = table(tmp_path / "scores-lesions.csv")
    assert rows[0]["lesions"] == "1", "two slices that overlap are one lesion"
    assert [row["volume_cutoff_ml"] for row in rows[:2]] == ["0", "0.005"]


def test_the_detection_of_all_cases_is_printed_and_in_the_json(folders, tmp_path, capsys):
    asked = ["evaluate", *folders, "--lesions", "2", "--lesion-volume", "0 mL", "--lesion-overlap", "20%"]
    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines()[4:7] == [
        "overlap above  volume from  detected  recall  precision    F1  false alarms a case",
        "─────────────  ───────────  ────────  ──────  ─────────  ────  ───────────────────",
        "         20 %         0 mL    1 of 2    0.50       1.00  0.67                 0.00",
    ]
    assert main([*asked, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["lesions"]["out_of_fold"][0]["detections"]
    assert (found["lesions"], found["detected"], found["recall"]) == (2, 1, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--lesions", "tumour"], "no such label; known are label 1 (1), label 2 (2)"),
        (
            ["--lesions", "2", "--lesion-volume", "1, 2"],
            "option `--lesion-volume`: must be volumes such as `0, 1, 2 mL`",
        ),
        (["--lesions", "2", "--lesion-overlap", "0.2"], "option `--lesion-overlap`: must be numbers in per cent"),
        (["--tolerance", "-1"], "must be a distance in mm"),
        (["--reference", "nowhere"], "nowhere: no such folder"),
        (["--out", "nowhere/scores.csv"], "cannot be written there"),
        (["--labels", "nowhere.json"], "no such file"),
    ],
)
def test_a_wrong_argument_is_one_sentence(folders, capsys, change, message):
    assert message in refusal(capsys, [*folders, *change])


def test_folders_without_a_common_name_or_without_any_file_are_refused(folders, tmp_path, capsys):
    for name in ("sub-01", "sub-02"):
        (tmp_path / "prediction" / f"{name}.nrrd").rename(tmp_path / "prediction" / f"seg-{name}.nrrd")
    assert "`seg-sub-01` and `sub-01` for example" in refusal(capsys, folders)
    (tmp_path / "empty").mkdir()
    assert "holds no segmentation" in refusal(capsys, [*folders, "--prediction", str(tmp_path / "empty")])


def test_two_files_of_one_name_are_refused(folders, tmp_path, capsys):
    write_labels(tmp_path / "prediction" / "sub-01.nii.gz", labels(BONE), Grid.from_spacing(SHAPE, SPACING))
    assert "are the same case" in refusal(capsys, folders)


@pytest.mark.parametrize(
    ("file", "listed"),
    [("dataset.json", {"labels": {"0": "background", "1": "bone"}}), ("labels.json", {"bone": 1})],
)
def test_labels_are_called_as_in_the_data_set_beside_the_references(folders, tmp_path, capsys, file, listed):
    (tmp_path / file).write_text(json.dumps(listed), encoding="utf-8")
    assert main(["evaluate", *folders]) == 0
    assert {row["label_name"] for row in table(tmp_path / "scores.csv")} == {"bone", "label 2"}
    told = capsys.readouterr().err
    assert told.count("names of labels are those of") == 1
    assert "of the values 2 no name is listed, only of `1 bone`" in told


def test_names_that_only_the_segmentations_have_are_used_with_a_warning(folders, tmp_path, capsys):
    (tmp_path / "prediction" / "labels.json").write_text(json.dumps({"bone": 1, "lesion": 2}), encoding="utf-8")
    assert main(["evaluate", *folders]) == 1
    assert {row["label_name"] for row in table(tmp_path / "scores.csv")} == {"bone", "lesion"}
    told, names = capsys.readouterr().err, tmp_path / "prediction" / "labels.json"
    assert (
        f"warning: {tmp_path}/prediction has names in labels.json, files in {tmp_path}/reference have none: paired by value"
        in told
    )
    assert f"give --labels {names}" in told and "sub-01" not in told
    assert main(["evaluate", *folders, "--labels", str(names)]) == 0, "what was asked for helps"
    listed = {"whole": [1, 2], "lesion": [2]}
    (tmp_path / "prediction" / "labels.json").write_text(json.dumps(listed), encoding="utf-8")
    assert main(["evaluate", *folders]) == 1
    found = {(row["case"], row["label_name"]): row["dice"] for row in table(tmp_path / "scores.csv")}
    assert found["sub-02", "whole"] != "1" and found["sub-01", "whole"] == "1", "the regions are those of the list, too"


def test_a_list_that_cannot_be_used_does_not_hide_another(folders, tmp_path, capsys):
    (tmp_path / "dataset.json").write_text(json.dumps({"name": "mine"}), encoding="utf-8")
    (tmp_path / "labels.json").write_text(json.dumps({"bone": 1, "lesion": 2}), encoding="utf-8")
    assert main(["evaluate", *folders]) == 0
    assert {row["label_name"] for row in table(tmp_path / "scores.csv")} == {"bone", "lesion"}
    assert "no names of labels are taken from dataset.json" in capsys.readouterr().err


def test_the_table_never_replaces_a_segmentation(folders, tmp_path, capsys):
    for out in ("reference/sub-01.nii.gz", "prediction/sub-01.nrrd"):
        before = (tmp_path / out).read_bytes()
        assert "name a file that ends in .csv" in refusal(capsys, [*folders, "--out", str(tmp_path / out)])
        assert (tmp_path / out).read_bytes() == before


@pytest.mark.parametrize("out", ["scores.csv", "names-lesions.csv"])
def test_the_table_never_replaces_an_input_by_another_name(folders, tmp_path, capsys, out):
    read = tmp_path / "reference" / "sub-02.nii.gz"
    (tmp_path / out).symlink_to(read)
    asked = [*folders, "--lesions", "2", "--out", str(tmp_path / out.replace("-lesions", ""))]
    assert f"{read}: this file is to be read, and the scores would replace it" in refusal(capsys, asked)
    assert (tmp_path / out).is_symlink() and len(list(tmp_path.iterdir())) == 3


def test_nor_the_names_of_the_labels(folders, tmp_path, capsys):
    names = tmp_path / "scores.csv"
    names.write_text('{"1": "bone"}')
    assert "this file is to be read" in refusal(capsys, [*folders, "--labels", str(names)])
    assert names.read_text() == '{"1": "bone"}'


def test_images_are_no_segmentations(folders, tmp_path, capsys):
    grid = Grid.from_spacing((20, 20, 20), SPACING)
    for name in ("reference", "prediction"):
        write_labels(tmp_path / name / "sub-00.nrrd", labels(BONE), Grid.from_spacing(SHAPE, SPACING))
    values = np.arange(8000).reshape(20, 20, 20)
    write_labels(tmp_path / "prediction" / "sub-00.nrrd", values, grid)
    write_labels(tmp_path / "reference" / "sub-00.nrrd", values % 2, grid)
    assert main(["evaluate", *folders]) == 1
    assert "sub-00.nrrd: has 8,000 values, so it is an image and no segmentation" in capsys.readouterr().err
    assert {(row["case"], row["label"]) for row in table(tmp_path / "scores.csv")} == {
        (case, label) for case in ("sub-01", "sub-02") for label in "12"
    }


IGNORED = (9, ((0, 12), (0, 10), (4, 8)))


@pytest.mark.parametrize("arguments", [["--ignore", "9"], ["--ignore", "unclear"], []])
def test_voxels_that_nobody_annotated_are_scored_in_neither(folders, tmp_path, capsys, arguments):
    named = {"bone": 1, "lesion": 2, "unclear" if arguments else "ignore": 9}
    (tmp_path / "names.json").write_text(json.dumps(named))
    grid = Grid.from_spacing(SHAPE, SPACING)
    write_labels(tmp_path / "reference" / "sub-01.nii.gz", labels(BONE, IGNORED), grid)
    write_labels(tmp_path / "prediction" / "sub-01.nrrd", labels((1, ((2, 6), (2, 6), (3, 7)))), grid)
    main(["evaluate", *folders, "--labels", str(tmp_path / "names.json"), *arguments])
    first = [row for row in table(tmp_path / "scores.csv") if row["case"] == "sub-01"]
    # Of the bone, slices 2 and 3 are known; slice 3 was found.
    assert [(row["label_name"], row["dice"]) for row in first] == [("bone", "0.666667"), ("lesion", "")]


def test_a_label_to_ignore_that_is_not_there_changes_nothing(folders, tmp_path):
    assert main(["evaluate", *folders]) == 0
    plain = (tmp_path / "scores.csv").read_text()
    assert main(["evaluate", *folders, "--ignore", "7"]) == 0
    assert (tmp_path / "scores.csv").read_text() == plain


def test_regions_are_scored_with_all_that_they_cover(folders, tmp_path):
    (tmp_path / "names.json").write_text(json.dumps({"whole": [1, 2], "lesion": 2}))
    grid = Grid.from_spacing(SHAPE, SPACING)
    write_labels(tmp_path / "prediction" / "sub-01.nrrd", labels(BONE), grid)
    main(["evaluate", *folders, "--labels", str(tmp_path / "names.json"), "--lesions", "whole"])
    first = {row["label_name"]: row for row in table(tmp_path / "scores.csv") if row["case"] == "sub-01"}
    # The whole has 64 voxels of bone and 8 of the lesion, of which the bone was found.
    assert float(first["whole"]["dice"]) == pytest.approx(2 * 64 / (72 + 64), abs=1e-5)
    assert first["lesion"]["dice"] == "0"
    assert {row["lesions"] for row in table(tmp_path / "scores-lesions.csv") if row["case"] == "sub-01"} >= {"2"}
