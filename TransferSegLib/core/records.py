"""Dataclasses to and from JSON, with errors that name the field.

Job files and model cards must be readable in a bare Slicer Python (numpy and SimpleITK, nothing installed),
so they are frozen dataclasses checked by this module and not pydantic models.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.not_the_file import must_be_the_file
from TransferSegLib.core.problems import Problem

T = TypeVar("T")

MOST_BYTES = 32 * 1024**2
MOST_DEPTH = 60
# Larger whole numbers fit into no tensor, and much larger ones into no float.
MOST_NUMBER = 2**63 - 1
_HALF_PAIR = re.compile("[\ud800-\udfff]")
# What values are called.
_OBJECT = Problem("value-object", "an object")
_LIST = Problem("value-list", "a list")
_TEXT = Problem("value-text", "a text")
_TRUTH = Problem("value-truth", "true or false")
_NUMBER = Problem("value-number", "a number")
_WHOLE = Problem("value-whole-number", "a whole number")
_NOTHING = Problem("value-nothing", "nothing")


class RecordError(InputError):
    """A value in a file is not what the file's format says; the sentence names the file and the field."""


def from_json(cls: type[T], data: Any, where: str) -> T:
    """Build a dataclass from parsed JSON.

    Args:
        cls: The dataclass.
        data: The parsed JSON.
        where: Names the file in an error; the path inside the file is added to it.

    Returns:
        The dataclass.

    Raises:
        RecordError: A key is unknown or missing, or a value is of another type. It names the file, as `where` does.
        InputError: The dataclass itself refuses the values.
    """
    if not isinstance(data, Mapping):
        raise RecordError(
            "not-an-object",
            "{where}: expected an object, found {found}; correct the file.",
            where=where,
            found=_kind(data),
        )
    hints = _hints(cls)  # type: ignore[arg-type]  # a class can be hashed
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(map(str, data)) - set(fields))
    if unknown:
        raise RecordError(
            "unknown-field",
            "{where}: unknown field `{field}`; known are {known}.",
            where=where,
            field=unknown[0],
            known=list(fields),
        )
    missing = [name for name, field in fields.items() if name not in data and _is_required(field)]
    if missing:
        raise RecordError(
            "missing-fields",
            "{where}: {missing:~field|fields} {missing:`} {missing:~is missing; add it|are missing; add them}.",
            where=where,
            missing=missing,
        )
    return cls(**{name: _value(hints[name], data[name], f"{where}: field `{name}`") for name in fields if name in data})


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def check_type(hint: Any, value: Any, where: str) -> None:
    """Check that a value of parsed JSON is of a type.

    Args:
        hint: The type.
        value: The value.
        where: Names it in an error.

    Raises:
        RecordError: It is of another type.
    """
    _value(hint, value, where)


def to_json(value: Any) -> Any:
    """Turn a dataclass, problem, path, tuple or mapping into plain JSON (dict, list, str, number, bool, None)."""
    if isinstance(value, Problem):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    return value


def problems_from_json(data: Any, where: str) -> list[Problem]:
    """Read a list of problems that `Problem.to_json` wrote.

    Args:
        data: The parsed JSON.
        where: What names the list in an error.

    Raises:
        RecordError: It is something else.
    """
    return [_problem(problem, where) for problem in (data if isinstance(data, list) else [data])]


def read_json(path: Path) -> Any:
    """Parse a JSON file of at most `MOST_BYTES`.

    Raises:
        InputError: It cannot be read, or is no JSON of ours.
    """
    return parse_json(read_text(path), path)


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Read a text file in UTF-8, UTF-16 or UTF-32, with or without the mark (BOM) that Windows programs begin it with.

    Args:
        path: The file.
        most_bytes: Larger files are refused.

    Returns:
        The text.

    Raises:
        InputError: It cannot be read, is too large, or is in no such encoding.
    """
    try:
        # A pipe or a device has no end, or keeps whoever opens it waiting.
        if path.exists() and not path.is_file():
            raise InputError("not-a-file", "{path}: cannot be read (it is not a file); check the path.", path=path)
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise InputError(
                "file-too-large",
                "{path}: has more than {megabytes} MB, too many for a file of its kind; is it one?",
                path=path,
                megabytes=most_bytes // 1024**2,
            )
        return content.decode(json.detect_encoding(content))
    except FileNotFoundError:
        raise InputError("no-such-file", "{path}: no such file; check the path.", path=path) from None
    except UnicodeDecodeError:
        raise InputError(
            "not-utf-8", "{path}: not a text file in UTF-8 or UTF-16; is this the right file?", path=path
        ) from None
    except (OSError, ValueError) as error:
        detail = error.strerror if isinstance(error, OSError) else library_says(error)
        raise InputError(
            "cannot-read",
            "{path}: cannot be read ({reason}); check the path and its permissions.",
            path=path,
            reason=detail,
        ) from None


def parse_json(text: str, path: Path) -> Any:
    """Parse the JSON of a file, see `check_values`.

    Args:
        text: The JSON.
        path: Names the file in an error.

    Returns:
        The value.

    Raises:
        InputError: It is no JSON, such as a web page, or is refused by `check_values`.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        must_be_the_file(path, text.encode()[:1024])
        raise InputError(
            "not-json",
            "{path}: not valid JSON ({reason} in line {line}); correct the file.",
            path=path,
            reason=error.msg,
            line=error.lineno,
        ) from None
    except (RecursionError, ValueError):
        raise InputError(
            "json-too-deep",
            "{path}: not a file of ours (nested too deeply, or a number too long); correct it.",
            path=path,
        ) from None
    check_values(value, path)
    return value


def check_values(value: Any, path: Path) -> None:
    """Refuse values that no file of ours has, so that whoever goes through a value need not count its levels.

    Args:
        value: The parsed value.
        path: Names the file in an error.

    Raises:
        InputError: It is nested too deeply, or has texts or numbers that cannot be stored.
    """
    level = [value]
    for _ in range(MOST_DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                inner += item.keys()
                inner += item.values()
            elif isinstance(item, (list, tuple)):
                inner += item
            elif isinstance(item, str) and not item.isascii() and _HALF_PAIR.search(item):
                raise InputError(
                    "half-character",
                    "{path}: a text has half a character (a lone surrogate); correct the file.",
                    path=path,
                )
            elif isinstance(item, int) and abs(item) > MOST_NUMBER:
                raise InputError(
                    "number-too-large",
                    "{path}: a whole number is beyond {most:,}; correct the file.",
                    path=path,
                    most=MOST_NUMBER,
                )
        level = inner
        if not level:
            return
    raise InputError(
        "too-many-levels",
        "{path}: is nested too deeply, in more than {most} levels; do not use this file.",
        path=path,
        most=MOST_DEPTH,
    )


@cache
def _hints(cls: type) -> dict[str, Any]:
    """The types of a class's fields, kept: working them out takes longer than reading a card's text."""
    return typing.get_type_hints(cls)


def json_schema(cls: type) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of what `from_json` accepts for a dataclass.

    A field with a function `schema` in its metadata has what that returns in place of what follows from its type.
    """
    hints = _hints(cls)
    properties, required = {}, []
    for field in dataclasses.fields(cls):
        schema_of = field.metadata.get("schema")
        properties[field.name] = schema_of() if schema_of else _schema(hints[field.name])
        if _is_required(field):
            required.append(field.name)
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _kind(value: Any) -> Problem:
    """What a value of parsed JSON is, as a sentence calls it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _NUMBER
    known = {dict: _OBJECT, list: _LIST, tuple: _LIST, str: _TEXT, bool: _TRUTH, type(None): _NOTHING}
    return known.get(type(value)) or Problem("value-of-type", "{type}", {"type": type(value).__name__})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        problems = []
        for option in args:
            if option is type(None):
                continue
            try:
                return _value(option, value, where)
            except InputError as error:
                problems.append(error)
        raise problems[0]
    if origin is typing.Literal:
        if value in args:
            return value
        raise RecordError(
            "not-a-choice", "{where}: `{value}` is not one of {choices}.", where=where, value=value, choices=args
        )
    if hint is Problem:
        return _problem(value, where)
    if dataclasses.is_dataclass(hint):
        return from_json(typing.cast(type, hint), value, where)
    if origin in (list, tuple, Sequence):
        if not isinstance(value, (list, tuple)):
            raise RecordError("not-a-list", "{where}: expected a list, found {found}.", where=where, found=_kind(value))
        if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
            if len(value) != len(args):
                raise RecordError(
                    "wrong-length",
                    "{where}: expected {wanted} {wanted:~value|values}, found {count}.",
                    where=where,
                    wanted=len(args),
                    count=len(value),
                )
            return tuple(_value(a, v, f"{where}[{n}]") for n, (a, v) in enumerate(zip(args, value, strict=True)))
        made = list if origin is Sequence else origin
        return made(_value(args[0], v, f"{where}[{n}]") for n, v in enumerate(value))
    if origin in (dict, Mapping) or hint in (dict, Mapping):
        if not isinstance(value, Mapping):
            raise RecordError(
                "not-a-mapping", "{where}: expected an object, found {found}.", where=where, found=_kind(value)
            )
        inner = args[1] if args else Any
        return {str(k): _value(inner, v, f"{where}.{k}") for k, v in value.items()}
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint in (str, bool) and isinstance(value, hint):
        return value
    names = {float: _NUMBER, int: _WHOLE, str: _TEXT, bool: _TRUTH}
    raise RecordError(
        "wrong-type",
        "{where}: expected {wanted}, found {found}.",
        where=where,
        wanted=names.get(hint, hint),
        found=_kind(value),
    )


def _problem(value: Any, where: str) -> Problem:
    try:
        return Problem.from_json(value)
    except ValueError:
        raise RecordError(
            "no-problem", "{where}: is not the data of a sentence; correct the file.", where=where
        ) from None


def _schema(hint: Any) -> dict[str, Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return {}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema(a) for a in args]}
    if origin is typing.Literal:
        return {"enum": list(args)}
    if dataclasses.is_dataclass(hint):
        return json_schema(typing.cast(type, hint))
    if origin in (list, tuple):
        if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
            return {"type": "array", "prefixItems": [_schema(a) for a in args], "items": False, "minItems": len(args)}
        return {"type": "array", "items": _schema(args[0])}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema(args[1])}
    return {"type": {float: "number", int: "integer", str: "string", bool: "boolean", type(None): "null"}[hint]}
