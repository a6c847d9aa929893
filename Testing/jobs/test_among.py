"""A job that chooses among the strategies and options that a person named."""

from __future__ import annotations

import pytest

from TransferSegLib.cli import main
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.spec import read_job

NAMED = "lora:rank=2,lora:rank=4,scratch"


@pytest.fixture(scope="module")
def asked(tiny_source, phantoms) -> list[str]:
    return ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "auto"]


def test_strategies_and_options_that_are_named_are_tried_and_no_others(asked, tmp_path, capsys):
    out = tmp_path / "job"
    assert main([*asked, "--among", NAMED, "--steps", "10", "--augment", "none", "--out", str(out)]) == 0
    spec = read_job(out)
    assert [choice.key for choice in spec.strategies] == ["direct", *NAMED.split(",")] and spec.keep == "auto"
    made = stored_recommendation(JobFolder(out))
    # `scratch` is no candidate by itself, as the source model knows the labels: whoever names it wants it.
    assert {one.strategy for one in made.tried} == {"direct", *NAMED.split(",")}
    assert made.chosen in {"direct", *NAMED.split(",")}
    assert "is recommended" in capsys.readouterr().out


def test_what_is_not_named_is_as_before(asked, capsys):
    assert main([*asked, "--steps", "10", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "conservative:part=decoder" in said and "scratch" not in said
    assert main([*asked, "--steps", "10", "--among", "direct,open", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "open" in said and "lora" not in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--strategy", "open", "--among", "lora"], "--among: is for the strategy `auto`"),
        (["--strategy", "auto", "--among", "lora:rank=0"], "rank"),
        (["--strategy", "auto", "--among", "opne"], "opne"),
        (["--strategy", "auto", "--among", "open,open"], "twice"),
        (["--strategy", "auto", "--among", "direct"], "none of them"),
        (["--strategy", "auto", "--rank", "4"], "--among"),
    ],
)
def test_what_cannot_be_chosen_among_is_refused_in_a_sentence(asked, given, words, capsys):
    assert main([*asked[:-2], *given, "--dry-run"]) == 2
    assert words in capsys.readouterr().err
