"""Problems as data and as sentences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.problems import DEEPEST, LONGEST, LONGEST_TEMPLATE, Problem, render

MISSING = Problem("no-such-file", "{path}: no such file; check the path.", {"path": Path("a.nii")})
FAR = Problem(
    "spacing-far",
    "voxels of {spacing} mm are {factor:.2g} times off",
    {"spacing": "1×1×5", "factor": 2.517},
    "warning",
    "expect less than of {factor:.1g} mm",
    "sub-01",
)


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("{count} {count:~image|images}", {"count": 1}, "1 image"),
        ("{count} {count:~image|images}", {"count": 0}, "0 images"),
        ("{names:~channel|channels} {names}", {"names": ["t1"]}, "channel t1"),
        ("{names:~channel|channels} {names}", {"names": ["t1", "t2"]}, "channels t1, t2"),
        ("{same:?yes|no}", {"same": True}, "yes"),
        ("{same:?yes|no}", {"same": []}, "no"),
        ("in {count:?{count}|none} of {of}", {"count": 0, "of": 4}, "in none of 4"),
        ("in {count:?{count}|none} of {of}", {"count": 3, "of": 4}, "in 3 of 4"),
        ("left{more:?, or not|}", {"more": False}, "left"),
        ("{values:;}", {"values": ["a", "b"]}, "a; b"),
        ("{values:`}", {"values": ["a", "b"]}, "`a`, `b`"),
        ("{values:…}", {"values": range(6)}, "0, 1, 2, 3, 4, 5"),
        ("{values:…}", {"values": range(7)}, "0, 1, 2, 3, 4, 5, …"),
        ("{values:;`….1f}", {"values": [0.25] * 7}, "; ".join(["`0.2`"] * 6) + "; …"),
        ("{value:,}", {"value": 1234567}, "1,234,567"),
        ("{value:g}", {"value": np.float32(0.5)}, "0.5"),
        ("{value:d}", {"value": np.int64(7)}, "7"),
        ("{value}", {"value": None}, "None"),
        ("{{braces}}", {}, "{braces}"),
    ],
)
def test_a_template_is_filled_in(template, fields, text):
    problem = Problem("x", template, fields)
    assert problem.message == text
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))).message == text


def test_a_sentence_is_message_and_advice_on_one_line():
    problem = Problem("x", "found\nthis in {it}", {"it": "a\x1bb"}, advice_template="mend {it}")
    assert problem.sentence == "found this in a\\u001bb; mend a\\u001bb."
    assert MISSING.sentence == "a.nii: no such file; check the path."
    assert (FAR.message, FAR.advice) == ("voxels of 1×1×5 mm are 2.5 times off", "expect less than of 3 mm")


def test_a_sentence_ends_somewhere_whatever_it_quotes():
    sentence = Problem("x", "{text}; do not use it.", {"text": "a" * 10**6}).sentence
    assert len(sentence) <= LONGEST + 10
    assert sentence.endswith("do not use it.")


@pytest.mark.parametrize("problem", [MISSING, FAR], ids=lambda problem: problem.code)
def test_problems_survive_json(problem):
    stored = json.loads(json.dumps(problem.to_json()))
    assert Problem.from_json(stored) == problem
    assert stored["message"] == problem.message


def test_a_problem_in_a_field_is_its_sentence_without_the_full_stop():
    outer = Problem("cannot-start", "cannot start: {reason}; {all:;}.", {"reason": MISSING, "all": [MISSING, MISSING]})
    inner = "a.nii: no such file; check the path"
    assert outer.sentence == f"cannot start: {inner}; {inner}; {inner}."
    assert Problem.from_json(json.loads(json.dumps(outer.to_json()))) == outer


def test_an_error_in_a_field_is_its_problem_and_any_other_exception_its_text():
    error = InputError("no-such-file", "{path}: no such file; check the path.", path="a.nii")
    problem = Problem("x", "{ours}, {theirs}", {"ours": error, "theirs": ValueError("no number")})
    assert problem.fields["ours"] is error.problem
    assert problem.message == "a.nii: no such file; check the path, no number"


def test_an_error_is_its_problem():
    error = InputError("no-such-file", MISSING.template, path=Path("a.nii"))
    assert (error.problem, str(error), error.exit_code) == (MISSING, MISSING.sentence, 2)
    again = JobError.of(MISSING)
    assert (type(again), str(again), again.exit_code) == (JobError, str(error), 3)


def test_a_finding_of_version_0_1_0_is_read_as_it_was_written():
    stored = {"case": "a", "severity": "note", "code": "x", "message": "it is {dark}", "advice": "look at {it}"}
    problem = Problem.from_json(stored)
    assert (problem.case, problem.severity, problem.code) == ("a", "note", "x")
    assert (problem.message, problem.advice) == (stored["message"], stored["advice"])
    assert problem.sentence == "it is {dark}; look at {it}."


def nested(depth):
    problem = FAR.to_json()
    for _ in range(depth):
        problem = {**FAR.to_json(), "template": "{a}{a}", "fields": {**FAR.fields, "a": problem}}
    return problem


@pytest.mark.parametrize(
    "data",
    [
        {"code": "x", "template": "{0.__class__}"},
        {"code": "x", "template": "{a.__class__}", "fields": {"a": 1}},
        {"code": "x", "template": "{a[0]}", "fields": {"a": [1]}},
        {"code": "x", "template": "{a}"},
        {"code": "x", "template": "{"},
        {"code": "x", "template": "{a:999999999}", "fields": {"a": "b"}},
        {"code": "x", "template": "{a:{b}}", "fields": {"a": "b", "b": "999999999"}},
        {"code": "x", "template": "{a:d}", "fields": {"a": "b"}},
        {"code": "x", "template": "a" * (LONGEST_TEMPLATE + 1)},
        {"code": "x", "template": "a", "severity": "disaster"},
        {"code": "x", "template": "a", "case": ["b"]},
        {"template": "a"},
        {"code": "x"},
        {"code": "x", "template": "a", "fields": ["b"]},
        nested(DEEPEST),
    ],
    ids=lambda data: str(data.get("template"))[:20],
)
def test_what_is_no_problem_of_ours_is_refused(data):
    with pytest.raises(ValueError):
        Problem.from_json(data)


def test_problems_in_problems_are_rendered_once_each():
    assert Problem.from_json(nested(DEEPEST - 1)).sentence.count("voxels") > 1


def test_a_translated_template_takes_the_same_fields():
    assert render("{path} fehlt; {names}", {**MISSING.fields, "names": ["a", "b"]}) == "a.nii fehlt; a, b"
