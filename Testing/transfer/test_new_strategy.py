"""A strategy that declares options of its own is known everywhere, with no other file touched."""

from __future__ import annotations

import argparse
import json
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from TransferSegLib.cli import adapt, main
from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import json_schema, to_json
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice, adapt_strategies
from TransferSegLib.transfer import strategies
from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere

DOCS = Path(__file__).resolve().parents[2] / "docs"


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    network, report = transfer.carried_network()
    trainable = trainable_everywhere(network, 1e-3 * options["share"])
    notes = ("the head begins anew.",) if options["new_head"] else ()
    return TransferPlan("gentle", network, transfer.card.network, trainable, report, notes=notes)


GENTLE = Strategy(
    name="gentle",
    title="Fine-tune gently",
    when="When a test needs a strategy.",
    paper="none",
    plan=plan,
    options=(
        Option("share", "number", "Share of the rate", "What share of the usual rate.", default=0.5, above=0, most=1),
        Option("new_head", "yes/no", "New head", "Whether the head begins anew.", default=False),
    ),
)


@pytest.fixture(autouse=True)
def gentle(monkeypatch) -> Iterator[None]:
    monkeypatch.setitem(strategies.STRATEGIES, "gentle", GENTLE)  # type: ignore[arg-type]
    yield


def test_its_options_are_flags_of_adapt(capsys):
    with pytest.raises(SystemExit):
        main(["adapt", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--share X gentle: what share of the usual rate (a number greater than 0 and at most 1; default 0.5)" in text
    assert "--new-head, --no-new-head gentle: whether the head begins anew" in text
    assert "scratch, gentle" in text


def test_its_options_are_in_the_schema_of_a_job():
    choices = json_schema(JobSpec)["properties"]["strategies"]["items"]["anyOf"]
    options = next(c for c in choices if c["properties"]["name"]["const"] == "gentle")["properties"]["options"]
    assert options["properties"]["share"] == {
        "type": "number", "exclusiveMinimum": 0, "maximum": 1, "description": "What share of the usual rate.",
        "default": 0.5,
    }  # fmt: skip
    assert options["properties"]["new_head"]["type"] == "boolean"


def test_compare_reads_its_options_and_a_job_keeps_them(tmp_path):
    choice = StrategyChoice.parse("gentle:share=0.25:new_head=yes")
    spec = JobSpec(JOB_FORMAT, "adapt", str(tmp_path), adapt_strategies(choice), choice.key, source=str(tmp_path))
    assert spec.kept == choice and choice.key == "gentle:new_head=yes:share=0.25"
    assert GENTLE.parse_options(choice.options) == {"share": 0.25, "new_head": True}
    with pytest.raises(InputError, match="option `share`: must be a number greater than 0 and at most 1, not `2`"):
        JobSpec(
            JOB_FORMAT, "adapt", str(tmp_path), (StrategyChoice("gentle", {"share": 2}),), "gentle:share=2",
            source=str(tmp_path),
        )  # fmt: skip


def test_a_dry_run_plans_with_its_options(tiny_source, phantoms, capsys):
    arguments = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t1w", 2)), "--strategy", "gentle"]
    assert main([*arguments, "--share", "0.25", "--new-head", "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    (made,) = [p for p in planned if p["strategy"].startswith("gentle")]
    assert "the head begins anew." in made["notes"]


def test_its_options_are_in_the_tables_of_the_documentation():
    made = runpy.run_path(str(DOCS / "make_strategy_tables.py"))
    text = made["tables"]()["options"]
    assert (
        "| `gentle` | `share` | a number greater than 0 and at most 1 | 0.5 | What share of the usual rate. |" in text
    )


def test_the_tables_of_the_documentation_are_those_of_the_code(monkeypatch):
    monkeypatch.delitem(strategies.STRATEGIES, "gentle")  # type: ignore[arg-type]
    made = runpy.run_path(str(DOCS / "make_strategy_tables.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page_text"](), "run python docs/make_strategy_tables.py"


def test_what_the_panel_asks_about_its_options_can_be_written_as_json():
    assert json.loads(json.dumps([to_json(option) for option in GENTLE.options]))[0]["title"] == "Share of the rate"


@pytest.mark.parametrize("name", ["steps", "out", "job", "folds", "strategy", "no_deterministic"])
def test_an_option_with_the_name_of_another_flag_is_refused_in_one_sentence(name, monkeypatch):
    own = replace(GENTLE, options=(Option(name, "number", "Own", "An option."),))
    monkeypatch.setitem(strategies.STRATEGIES, "gentle", own)  # type: ignore[arg-type]
    said = (
        f"strategy `gentle`: its option `{name}` cannot be a flag, because `{name}` is the name of a training setting"
    )
    with pytest.raises(ValueError, match=said):
        adapt.add_parser(argparse.ArgumentParser().add_subparsers())


def test_two_strategies_may_share_an_option_of_one_kind_and_none_of_two_kinds():
    alike = replace(GENTLE, name="alike", options=(replace(GENTLE.options[0], help="Another share.", most=0.5),))
    assert list(strategies.by_name([GENTLE, alike])) == ["gentle", "alike"]
    unlike = replace(GENTLE, name="unlike", options=(Option("share", "text", "Share", "Which share."),))
    said = "option `share` is of kind number for strategy `gentle` and of kind text for `unlike`"
    with pytest.raises(ValueError, match=said):
        strategies.by_name([GENTLE, unlike])


def test_two_lists_of_different_lengths_are_no_option_of_one_kind():
    two, three = (
        replace(GENTLE, name=name, options=(Option("size", "whole numbers", "Size", "A size.", items=items),))
        for name, items in (("flat", ("I", "J")), ("deep", ("I", "J", "K")))
    )
    with pytest.raises(
        ValueError, match="`size` is 2 whole numbers for strategy `flat` and 3 whole numbers for `deep`"
    ):
        strategies.by_name([two, three])


def test_two_strategies_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two strategies are called `gentle`"):
        strategies.by_name([GENTLE, GENTLE])
