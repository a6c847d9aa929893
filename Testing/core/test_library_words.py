"""Another library's words stand in our sentences under its name."""

from __future__ import annotations

import pytest
import torch
import yaml

from TransferSegLib.core.library_words import LONGEST_QUOTE, library_says


def error_of(call) -> Exception:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("call", "library"),
    [
        (lambda: torch.nn.functional.conv3d(torch.ones(1), torch.ones(1)), "Python"),  # straight from C++
        (lambda: torch.nn.Conv3d(1, 1, 3)(torch.ones(1)), "PyTorch"),
        (lambda: yaml.safe_load("a: ["), "PyYAML"),
        (lambda: int("one"), "Python"),
    ],
)
def test_the_library_that_raised_an_error_is_named(call, library):
    problem = library_says(error_of(call))
    assert problem.fields["library"] == library
    assert problem.sentence.startswith(f"{library} says: ") and len(problem.fields["text"]) > 5


def test_whoever_knows_better_names_the_library_that_left_no_trace():
    said = library_says(error_of(lambda: torch.ones(2).reshape(3)), "PyTorch").sentence
    assert said.startswith("PyTorch says: shape '[3]' is invalid")


def test_the_words_are_one_line_of_limited_length_and_never_none():
    said = library_says(ValueError("a\n  b " + "x" * 1000)).sentence
    assert said.startswith("Python says: a b xxx") and len(said) == LONGEST_QUOTE + len("Python says: ")
    assert library_says(AssertionError()).sentence == "Python says: AssertionError"
