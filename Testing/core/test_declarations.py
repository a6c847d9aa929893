"""Options that are declared: what their values may be, in sentences and in a schema."""

from __future__ import annotations

import json
import re

import pytest

from TransferSegLib.core.declarations import Option, as_text, check_options, declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import to_json
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import STRATEGIES

COUNT = Option("count", "whole number", "Count", "How many.", default=6, least=1, group="size")
SHARE = Option("share", "number", "Share", "Which share.", default=0.5, least=0, most=1)
RATE = Option("rate", "number", "Rate", "How fast.", above=0)
RATES = Option("rates", "numbers", "Rates", "How fast.", above=0)
SIDES = Option("sides", "whole numbers", "Sides", "How long.", least=1, items=("I", "J"))
PART = Option("part", "choice", "Part", "Which part.", choices={"head": "the head", "all": "all of it"}, group="size")
EXACT = Option("exact", "yes/no", "Exact", "Whether it is exact.", default=False)
DEVICE = Option("device", "text", "Device", "Where.", default="auto", pattern="auto|cpu", examples="auto or cpu")
EVERY = (*declared_options(TrainingOptions), *(o for strategy in STRATEGIES.values() for o in strategy.options))


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (COUNT, "3", 3),
        (COUNT, 3, 3),
        (SHARE, "0.25", 0.25),
        (SHARE, "1e-05", 1e-5),
        (SHARE, 1, 1.0),
        (RATES, "0.1", 0.1),
        (RATES, "1e-3,0.1", (1e-3, 0.1)),
        (RATES, [0.1, 1], (0.1, 1.0)),
        (RATES, (0.1, 0.1), 0.1),
        (SIDES, [2, "3"], (2, 3)),
        (SIDES, "2x3", (2, 3)),
        (PART, "head", "head"),
        (EXACT, "yes", True),
        (EXACT, "False", False),
        (EXACT, True, True),
        (DEVICE, "cpu", "cpu"),
    ],
)
def test_a_value_comes_as_text_or_as_json_has_it(option, given, value):
    assert option.parse(given) == value and type(option.parse(given)) is type(value)


@pytest.mark.parametrize(
    ("option", "given", "sentence"),
    [
        (COUNT, 0, "option `count`: must be a whole number from 1, not `0`."),
        (COUNT, "2.5", "option `count`: must be a whole number from 1, not `2.5`."),
        (COUNT, True, "option `count`: must be a whole number from 1, not `yes`."),
        (COUNT, "9" * 5000, "option `count`: must be a whole number from 1, not `999"),
        (SHARE, 1.5, "option `share`: must be a number from 0 to 1, not `1.5`."),
        (SHARE, "1_0", "option `share`: must be a number from 0 to 1, not `1_0`."),
        (RATE, 0, "option `rate`: must be a number greater than 0, not `0`."),
        (RATE, "nan", "option `rate`: must be a number greater than 0, not `nan`."),
        (RATE, "1e999", "option `rate`: must be a number greater than 0, not `1e999`."),
        (
            RATES,
            "0.1,fast",
            "option `rates`: must be a number greater than 0, or several with commas between, not `0.1,fast`",
        ),
        (
            RATES,
            [0.1, 0],
            "option `rates`: must be a number greater than 0, or several with commas between, not `0.1 0`",
        ),
        (SIDES, [2], "option `sides`: must be 2 whole numbers from 1, not `2`."),
        (SIDES, [2, 0], "option `sides`: must be 2 whole numbers from 1, not `2 0`."),
        (PART, "tail", "option `part`: must be one of head, all, not `tail`."),
        (PART, ["head"], "option `part`: must be one of head, all, not `head`."),
        (EXACT, "perhaps", "option `exact`: must be yes or no, not `perhaps`."),
        (DEVICE, "gpu", "option `device`: must be auto or cpu, not `gpu`."),
    ],
)
def test_any_other_value_is_refused_in_a_sentence(option, given, sentence):
    with pytest.raises(InputError) as refused:
        option.parse(given)
    assert str(refused.value).startswith(sentence)


def test_defaults_are_filled_in_unless_another_option_of_the_group_is_given():
    options = (COUNT, PART, EXACT, RATE)
    assert check_options(options, {}) == {"count": 6, "exact": False}
    assert check_options(options, {"part": "head", "exact": "yes"}) == {"part": "head", "exact": True}
    with pytest.raises(InputError, match="options `count` and `part` are both given; give one of them"):
        check_options(options, {"count": 1, "part": "head"})


@pytest.mark.parametrize("option", EVERY, ids=lambda option: option.name)
def test_every_option_of_the_library_says_what_it_is(option):
    assert option.title and option.help.endswith(".") and option.help[0].isupper()
    assert option.expected.message
    assert (option.kind == "choice") == bool(option.choices) and all(option.choices.values())
    assert (option.kind == "whole numbers") == bool(option.items)
    if option.default is not None:
        assert option.parse(option.default) == option.default
        assert option.parse(as_text(option.default)) == option.default
    assert json.loads(json.dumps(to_json(option)))["name"] == option.name  # what the panel shows can be written down


def test_every_training_setting_is_declared_under_its_own_name():
    import dataclasses

    fields = dataclasses.fields(TrainingOptions)
    names = [field.name for field in fields if field.name != "changed"]
    assert names == [option.name for option in declared_options(TrainingOptions)]


def test_a_choice_of_several_takes_each_once_joined_by_plus():
    option = Option("parts", "choice", "Parts", "What.", default="a", choices={"a": "", "b": "", "c": ""}, several=True)
    assert option.parse("c+a") == "c+a"
    for wrong in ("a+a", "a+", "d", "a+d", ""):
        with pytest.raises(InputError, match="must be some of a, b, c, joined by \\+"):
            option.parse(wrong)
    pattern = option.schema()["pattern"]
    assert re.search(pattern, "a+b") and not re.search(pattern, "a+d") and not re.search(pattern, "a+")
