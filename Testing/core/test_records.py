from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import RecordError, from_json, json_schema, read_json, to_json


@dataclass(frozen=True)
class Part:
    size: tuple[int, int]
    weight: float = 1.0


@dataclass(frozen=True)
class Whole:
    name: str
    kind: Literal["a", "b"]
    parts: tuple[Part, ...] = ()
    count: int | None = None
    ready: bool = False
    table: Mapping[str, int] = field(default_factory=dict)
    extra: Any = None


WHOLE = Whole("w", "b", (Part((1, 2), 0.5), Part((3, 4))), 7, True, {"x": 1}, {"free": [1, None]})


def test_a_record_survives_the_way_to_json_and_back():
    assert from_json(Whole, json.loads(json.dumps(to_json(WHOLE))), "f") == WHOLE


def test_fields_with_defaults_may_be_left_out():
    assert from_json(Whole, {"name": "w", "kind": "a"}, "f") == Whole("w", "a")


def test_a_whole_number_is_taken_for_a_number_and_becomes_one():
    part = from_json(Part, {"size": [1, 2], "weight": 2}, "f")
    assert isinstance(part.weight, float)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nmae": "x"}, r"^f: unknown field `nmae`; known are name, kind"),
        ({"name": None}, r"^f: field `name`: expected a text, found nothing"),
        ({"name": 3}, r"^f: field `name`: expected a text, found a number"),
        ({"kind": "c"}, r"^f: field `kind`: .*a.*b"),
        ({"count": True}, r"^f: field `count`: expected a whole number, found true or false"),
        ({"count": 1.5}, r"^f: field `count`: expected a whole number, found a number"),
        ({"ready": 1}, r"^f: field `ready`: expected true or false, found a number"),
        ({"parts": {}}, r"^f: field `parts`: expected a list"),
        ({"parts": [{"size": [1, 2, 3]}]}, r"^f: field `parts`\[0\]: field `size`"),
        (
            {"parts": [{"size": [1, "2"]}]},
            r"^f: field `parts`\[0\]: field `size`\[1\]: expected a whole number, found a text",
        ),
        ({"parts": [{}]}, r"^f: field `parts`\[0\]: field `size` is missing; add it"),
        ({"table": {"x": "y"}}, r"^f: field `table`.x: expected a whole number, found a text"),
    ],
)
def test_an_error_names_the_file_and_the_field(changes, message):
    with pytest.raises(RecordError, match=message):
        from_json(Whole, {**to_json(WHOLE), **changes}, "f")


def test_what_was_expected_and_found_are_problems_that_can_be_translated():
    with pytest.raises(RecordError) as refused:
        from_json(Whole, {"name": "w", "kind": "a", "count": {}}, "f")
    wanted, found = (refused.value.problem.fields[name] for name in ("wanted", "found"))
    assert (wanted.code, found.code) == ("value-whole-number", "value-object")


def test_a_class_that_refuses_its_own_values_is_not_taken_for_an_error_of_the_format():
    @dataclass(frozen=True)
    class Small:
        count: int

        def __post_init__(self) -> None:
            raise InputError("too-many", "too many.")

    with pytest.raises(InputError, match="too many") as refused:
        from_json(Small, {"count": 3}, "f")
    assert not isinstance(refused.value, RecordError)


@pytest.mark.parametrize("data", [[], "text", 3, None])
def test_anything_but_an_object_is_refused(data):
    with pytest.raises(InputError, match=r"^f: expected an object"):
        from_json(Whole, data, "f")


def test_paths_and_tuples_become_plain_json():
    assert to_json({"p": Path("a") / "b", "t": (1, (2,))}) == {"p": str(Path("a") / "b"), "t": [1, [2]]}


def test_the_schema_says_what_from_json_accepts():
    schema = json_schema(Whole)
    assert schema["required"] == ["name", "kind"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(Whole.__dataclass_fields__)
    assert schema["properties"]["kind"] == {"enum": ["a", "b"]}
    assert schema["properties"]["count"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    part = schema["properties"]["parts"]["items"]
    assert part["required"] == ["size"]
    assert part["properties"]["size"]["minItems"] == 2
    assert schema["properties"]["table"] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert schema["properties"]["extra"] == {}
    json.dumps(schema)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1,\n "b" 2}', r"not valid JSON \(Expecting ':' delimiter in line 2\)"),
        (b"", r"is empty \(0 bytes\)"),
        (b'{"a": [{"b": 1' + b"0" * 400 + b"}]}", r"a whole number is beyond"),
        (b"[1" + b"0" * 5000 + b"]", r"not a file of ours"),
        (b"\xff\xfe\x00", r"not a text file in UTF-8 or UTF-16"),
        ('{"a": "Ö"}'.encode("latin-1"), r"not a text file in UTF-8 or UTF-16"),
    ],
)
def test_a_file_that_is_not_json_is_an_input_error_with_its_place(tmp_path, content, message):
    (tmp_path / "f.json").write_bytes(content)
    with pytest.raises(InputError, match=rf"f\.json: {message}"):
        read_json(tmp_path / "f.json")


def test_all_that_is_missing_is_named_in_one_sentence():
    with pytest.raises(InputError, match=r"^f: fields `name`, `kind` are missing; add them\.$"):
        from_json(Whole, {}, "f")


def test_a_missing_file_and_a_folder_are_input_errors(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path)
