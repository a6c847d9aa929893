"""Cases are split once, put into bins and drawn into nested training sets, as in Hossain 2023, §3.1."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.selection.drawing import bin_of, equal_intervals, nested_sets, split_cases
from TransferSegLib.cases.selection.measures import alike, measure_case
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.cli.select_cases import _rounding
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

GRID = Grid.from_spacing((10, 10, 10), (1.0, 1.0, 2.0))  # a voxel is 2 mm³


def test_the_papers_331_mice_are_split_into_its_231_34_and_66():
    names = [f"m{n}" for n in range(331)]
    parts = split_cases(names, (70, 10, 20), seed=1)
    assert [len(part) for part in parts] == [231, 34, 66]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert parts == split_cases(names, (70, 10, 20), seed=1) != split_cases(names, (70, 10, 20), seed=2)


def test_without_a_share_for_validation_no_case_is_for_validation():
    assert [len(part) for part in split_cases(["a", "b", "c"], (80, 0, 20), 0)] == [3, 0, 0]
    assert [len(part) for part in split_cases(list("abcdefg"), (50, 0, 50), 0)] == [4, 0, 3]


def test_bins_are_of_one_width_and_a_case_on_an_edge_belongs_to_the_upper_one():
    edges = equal_intervals([2.0, 10.0, 4.0], 4)
    assert edges.tolist() == [2, 4, 6, 8, 10]
    assert bin_of([2.0, 3.9, 4.0, 7.0, 8.0, 10.0], edges) == [0, 0, 1, 2, 3, 3]
    assert bin_of([5.0, 5.0], equal_intervals([5.0, 5.0], 2)) == [1, 1]


def test_each_set_has_as_many_cases_of_each_bin_as_the_paper_says_and_contains_the_one_before():
    bins = {f"c{n}": n % 8 for n in range(60)}
    sets = nested_sets(bins, 8, 1, 5, seed=3)
    assert [len(names) for names in sets] == [8, 16, 24, 32, 40]
    for number, names in enumerate(sets, start=1):
        assert Counter(bins[name] for name in names) == dict.fromkeys(range(8), number)
    assert all(set(one) < set(other) for one, other in pairwise(sets))
    assert sets == nested_sets(bins, 8, 1, 5, seed=3) != nested_sets(bins, 8, 1, 5, seed=4)


def test_a_bin_that_has_none_left_is_made_up_for_by_others():
    bins = {"lone": 0} | {f"c{n}": 1 for n in range(7)}
    first, second = nested_sets(bins, 2, 2, 9, seed=0)
    assert (len(first), len(second)) == (4, 8), "all cases are used, and no set is smaller than the others grow"
    assert "lone" in first


def test_too_few_cases_for_the_first_set_are_told_with_both_numbers():
    with pytest.raises(InputError, match=r"there are 3 training cases, and the smallest set needs 4 \(4 bins of 1\)"):
        nested_sets(dict.fromkeys("abc", 0), 4, 1, 1, 0)


def test_cases_that_are_alike_are_one_group_whatever_the_scale_of_a_feature():
    near = np.array([[0.0, 1000.0, 7.0], [0.1, 1010.0, 7.0], [9.0, 5000.0, 7.0], [9.1, 5050.0, 7.0]])
    first, same, other, same_as_other = alike(near, 2, seed=0)
    assert first == same != other == same_as_other


def mouse(folder: Path, name: str, lesion: int) -> None:
    """A case with a lesion of so many voxels."""
    image = np.random.default_rng(lesion).uniform(0, 100, GRID.size)
    labels = np.zeros(GRID.size, np.uint8)
    labels[2:4] = 1
    labels[5:].flat[:lesion] = 2
    write_volume(folder / "images" / f"{name}.nii.gz", image, GRID)
    write_labels(folder / "labels" / f"{name}.nii.gz", labels, GRID)


@pytest.fixture(scope="module")
def mice(tmp_path_factory) -> Path:
    """Twenty cases with lesions of 10 to 200 voxels, and a sham."""
    folder = tmp_path_factory.mktemp("data") / "mice"
    for n in range(1, 21):
        mouse(folder, f"m{n}", 10 * n)
    mouse(folder, "sham", 0)
    (folder / "labels.json").write_text('{"1": "brain", "2": "lesion"}')
    return folder


def test_a_case_is_measured_in_ml_of_the_label(mice):
    data = read_case_set(mice)
    case = next(case for case in data.cases if case.name == "m7")
    assert measure_case(case, [2], data.labels, with_features=False).volume_ml == pytest.approx(70 * 2 / 1000)
    features = measure_case(case, [2], data.labels, with_features=True).features
    assert len(features) == 5 + 3 + 2 * 4
    assert features[5:8] == (1.0, 1.0, 2.0)
    assert features[8:10] == pytest.approx((200 * 2 / 1000, 0.25))


@pytest.mark.parametrize(
    ("cases", "shares", "said"),
    [
        (20, (70, 10, 20), "70, 10, 20 % of 20 cases"),
        (1, (100, 0, 0), "100, 0, 0 % of 1 case"),
        (331, (70, 10, 20), "70, 10, 20 % of 331 cases; training and test rounded down, the rest is for validation"),
        (7, (75, 0, 25), "75, 0, 25 % of 7 cases; test rounded down, the rest is to train on"),
    ],
)
def test_how_shares_were_rounded_is_said_where_they_were(cases, shares, said):
    assert _rounding(cases, shares) == said


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sets_are_data_sets_with_the_same_validation_and_test_cases(mice, tmp_path, capsys):
    arguments = ["--label", "lesion", "--bins", "3", "--sets", "3", "--split", "60,15,25", "--seed", "5"]
    out = tmp_path / "sets"
    assert main(["cases", "select", str(mice), *arguments, "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(
        "12 to train on, 3 for validation, 5 to test on (60, 15, 25 % of 20 cases)\n"
        "training sets of 3, 6, 9 and all 12 cases"
    )
    assert "1 case without `lesion` was left out" in said.err
    sets = [read_case_set(out / f"train-{size}.csv") for size in ("3", "6", "9", "all")]
    training = [{case.name for case in data.with_role("train")} for data in sets]
    assert [len(names) for names in training] == [3, 6, 9, 12]
    assert training[0] < training[1] < training[2] < training[3]
    for role, count in (("validation", 3), ("test", 5)):
        assert {data.with_role(role) for data in sets} == {sets[0].with_role(role)}
        assert len(sets[0].with_role(role)) == count
    assert sets[0].labels == {1: "brain", 2: "lesion"}
    assert all(case.label.samefile(mice / "labels" / f"{case.name}.nii.gz") for case in sets[3].cases)
    measured = {row["case"]: row for row in rows(out / "selection.csv")}
    assert measured["m7"]["volume_ml"] == "0.14"
    assert (measured["sham"]["role"], measured["sham"]["bin"]) == ("left out", "")
    assert {name for name, row in measured.items() if row["in_sets_from"] == "3"} == training[0]
    assert {measured[name]["bin"] for name in training[0]} == {"1", "2", "3"}
    assert {path.name for path in out.iterdir()} >= {"histogram.svg", "histogram.png"}


@pytest.mark.parametrize("by", ["random", "features"])
def test_cases_are_also_chosen_at_random_or_by_their_features(mice, tmp_path, by):
    arguments = ["cases", "select", str(mice), "--by", by, "--bins", "2", "--per-bin", "2", "--seed", "0"]
    assert main([*arguments, "--out", str(tmp_path / "one")]) == 0, "without a label, the sham's brain counts"
    assert main([*arguments, "--out", str(tmp_path / "two")]) == 0
    sizes = sorted(len(read_case_set(path).with_role("train")) for path in (tmp_path / "one").glob("train-*.csv"))
    assert sizes == [4, 8, 12, 14], "three sets of four more, and all"
    for path in (tmp_path / "one").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_test_cases_that_a_data_set_sets_apart_stay_so_unless_a_split_is_asked_for(mice, tmp_path):
    table = tmp_path / "mice.csv"
    lines = [
        f"m{n},{mice}/images/m{n}.nii.gz,{mice}/labels/m{n}.nii.gz,{'test' if n > 15 else 'train'}"
        for n in range(1, 21)
    ]
    table.write_text("\n".join(["case,image,label,role", *lines]), encoding="utf-8")
    arguments = ["cases", "select", str(table), "--bins", "2", "--seed", "0", "--out"]
    assert main([*arguments, str(tmp_path / "own")]) == 0
    own = read_case_set(tmp_path / "own" / "train-all.csv")
    assert {case.name for case in own.with_role("test")} == {f"m{n}" for n in range(16, 21)}
    assert main([*arguments, str(tmp_path / "drawn"), "--split", "50,0,50"]) == 0
    assert len(read_case_set(tmp_path / "drawn" / "train-all.csv").with_role("test")) == 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--label", "stroke"], "has no such label; it has `brain`, `lesion`"),
        (["--split", "70,20,20"], "must be three shares in per cent that make 100 together"),
        (["--bins", "0"], "--bins 0: must be 1 or more"),
        (["--bins", "20"], "there are 14 training cases, and the smallest set needs 20"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence_and_leaves_no_folder(mice, tmp_path, capsys, arguments, says):
    assert main(["cases", "select", str(mice), "--seed", "0", "--out", str(tmp_path / "out"), *arguments]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
