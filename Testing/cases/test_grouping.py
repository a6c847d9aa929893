from __future__ import annotations

from TransferSegLib.cases.grouping import finding_lines, grouped
from TransferSegLib.core.problems import Problem


def missing(label: str, case: str) -> Problem:
    template = "has no `{label}` ({value}), which {count} of {cases} annotated {cases:~case|cases} have"
    fields = {"label": label, "value": 1, "count": 8, "cases": 10}
    return Problem("missing-label", template, fields, "warning", "annotate it, unless it is really not there", case)


def dark(file: str, case: str) -> Problem:
    return Problem("constant", "image {file} is 0 everywhere", {"file": file}, "error", "export it again", case)


def test_what_several_cases_have_alike_comes_once_with_six_names_and_their_number() -> None:
    far = [Problem("spacing-far", "too far", {}, "warning", "expect less", name) for name in "abcdefgh"]
    other = Problem("spacing-far", "farther", {}, "warning", "expect less", "b")
    of_all = Problem("model-channels", "two", {}, "note", "none")
    assert finding_lines([*far[:3], other, *far[3:], of_all]) == [
        "warning: 8 cases (`a`, `b`, `c`, `d`, `e`, `f`, …): too far; expect less.",
        "warning: case `b`: farther; expect less.",
        "note: two; none.",
    ]


def test_thirty_missing_labels_of_a_case_are_one_sentence_with_six_names_and_their_number() -> None:
    (one,) = grouped([missing(f"rib {n}", "c1") for n in range(1, 31)])
    assert one.case == "c1"
    assert one.sentence == (
        "lacks 30 labels (`rib 1`, `rib 2`, `rib 3`, `rib 4`, `rib 5`, `rib 6`, …) that most of the 10 annotated cases have; "
        "annotate them, unless they are really not there."
    )


def test_one_missing_label_keeps_its_own_sentence() -> None:
    assert grouped([missing("rib", "c1")]) == [missing("rib", "c1")]


def test_labels_that_are_missing_in_many_cases_alike_name_the_cases_once() -> None:
    found = grouped([missing(label, f"c{case}") for case in range(8) for label in ("rib", "hip")])
    assert [one.sentence.split(":")[0] for one in found] == ["8 cases (`c0`, `c1`, `c2`, `c3`, `c4`, `c5`, …)"]


def test_up_to_six_of_a_kind_that_differ_are_each_told() -> None:
    found = [dark(f"{n}.nii", f"c{n}") for n in range(6)]
    assert grouped(found) == found


def test_the_first_stands_for_more_than_six_of_a_kind_that_differ() -> None:
    (line,) = finding_lines([dark(f"{n}.nii", f"c{n}") for n in range(30)])
    assert line == (
        "error: 30 cases (`c0`, `c1`, `c2`, `c3`, `c4`, `c5`, …), such as `c0`: image 0.nii is 0 everywhere; export it again."
    )


def test_errors_and_warnings_of_one_kind_are_not_mixed() -> None:
    found = [dark(f"{n}.nii", f"c{n}") for n in range(5)]
    found += [Problem("constant", "dark", {"file": str(n)}, "warning", "look", f"w{n}") for n in range(5)]
    assert grouped(found) == found


def test_a_finding_of_version_0_1_0_which_has_no_fields_is_shown_as_it_is() -> None:
    old = [
        Problem.from_json({"code": "missing-label", "message": f"no rib {n}", "severity": "warning", "case": "a"})
        for n in range(2)
    ]
    assert [one.message for one in grouped(old)] == ["no rib 0", "no rib 1"]
