"""Options, declared once: from a declaration come the command line's flag, the job's schema, the panel's field and the docs.

Strategies declare their options, and `TrainingOptions` its fields. Nothing here knows what an option means.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

Kind = Literal["whole number", "number", "numbers", "choice", "yes/no", "text", "whole numbers"]

_WHOLE = re.compile(r"-?[0-9]+")
# "nan" and "1_000" are numbers to Python and not to a person.
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?")
# No limit of an option needs more digits, and Python reads no number of thousands.
LONGEST_NUMBER = 400
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Option:
    """Something that a person may choose.

    Attributes:
        name: Its name in files and in `name=value`, in small letters with underscores.
        kind: What its value is. `numbers` is a number, or several to choose from; `whole numbers` a list of a fixed length.
        title: A label of a few words for the panel.
        help: What it does, in one sentence.
        default: The value where none is given; None where none is then, or where the job chooses.
        least: The smallest number (of a list: the smallest item); None where there is no limit.
        above: A number that the value must be greater than; None where there is no such limit.
        most: The largest number (of a list: the largest item); None where there is no limit.
        unit: The unit of a number; empty where it has none.
        zero: What the number 0 stands for, in a word or two; empty where it is a number as any other.
        choices: For a choice, its values, each with a title in words.
        several: Whether a choice may be several of its values, joined by `+`.
        pattern: For a text, a regular expression that all of it matches; empty for any text.
        examples: For a text with a pattern, what it may be, in words.
        items: For a list, the name of each of its items.
        group: Of the options with the same group at most one may be given; empty where it goes with all others.
        earlier_names: Names that it had before, which the command line still takes.
        help_applied: What it does where a finished model is applied, in one sentence; empty where `help` says it.
    """

    name: str
    kind: Kind
    title: str
    help: str
    default: Any = None
    least: float | None = None
    above: float | None = None
    most: float | None = None
    unit: str = ""
    zero: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    several: bool = False
    pattern: str = ""
    examples: str = ""
    items: tuple[str, ...] = ()
    group: str = ""
    earlier_names: tuple[str, ...] = ()
    help_applied: str = ""

    @property
    def flag(self) -> str:
        """The option on the command line, `--batch-size` for `batch_size`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def where_applied(self) -> Option:
        """The same option, described for commands that apply a finished model."""
        return dataclasses.replace(self, help=self.help_applied or self.help)

    @property
    def expected(self) -> Problem:
        """What its value must be, as a phrase: "a whole number from 1". A `Problem` for its template and fields."""
        if self.kind == "choice" and self.several:
            return Problem(
                "some-of-choices", "some of {choices}, joined by +", {"choices": tuple(self.choices)}, "note"
            )
        if self.kind == "choice":
            return Problem("one-of-choices", "one of {choices}", {"choices": tuple(self.choices)}, "note")
        if self.kind == "yes/no":
            return Problem("yes-or-no", "yes or no", {}, "note")
        if self.kind == "text":
            if not self.examples:
                return Problem("a-text", "a text", {}, "note")
            return Problem("a-text-such-as", "{examples}", {"examples": self.examples}, "note")
        limits = {"least": self.least, "above": self.above, "most": self.most, "count": len(self.items)}
        if self.kind == "numbers":
            one = dataclasses.replace(self, kind="number").expected
            return Problem("one-or-several", "{one}, or several with commas between", {"one": one}, "note")
        if self.kind == "whole numbers":
            if self.least is None:
                return Problem("whole-numbers", "{count} whole numbers", limits, "note")
            return Problem("whole-numbers-from", "{count} whole numbers from {least:,}", limits, "note")
        if self.kind == "whole number":
            if self.least is None:
                return Problem("a-whole-number", "a whole number", {}, "note")
            if self.most is None:
                return Problem("a-whole-number-from", "a whole number from {least:,}", limits, "note")
            return Problem("a-whole-number-between", "a whole number from {least:,} to {most:,}", limits, "note")
        if self.above is not None:
            if self.most is None:
                return Problem("a-number-above", "a number greater than {above:,}", limits, "note")
            return Problem("a-number-above-to", "a number greater than {above:,} and at most {most:,}", limits, "note")
        if self.least is None:
            return Problem("a-number", "a number", {}, "note")
        if self.most is None:
            return Problem("a-number-from", "a number from {least:,}", limits, "note")
        return Problem("a-number-between", "a number from {least:,} to {most:,}", limits, "note")

    def parse(self, value: Any, called: str = "") -> Any:
        """Check a value and bring it to the option's kind.

        Args:
            value: What was given, as a text or as JSON has it.
            called: How the person knows the option, such as its flag; else its name.

        Returns:
            The value: int, float, str, bool, a tuple of int, or of several float.

        Raises:
            InputError: The value is of another kind, or beyond a limit.
        """
        parsed = self._read(value)
        if parsed is None:
            raise InputError(
                "option-value",
                "option `{option}`: must be {expected}, not `{value}`.",
                option=called or self.name,
                expected=self.expected,
                value=" ".join(map(str, value)) if isinstance(value, (list, tuple)) else as_text(value),
            )
        return parsed

    def schema(self) -> dict[str, Any]:
        """The JSON schema of its value."""
        limits = {"minimum": self.least, "exclusiveMinimum": self.above, "maximum": self.most}
        limits = {name: limit for name, limit in limits.items() if limit is not None}
        said: dict[str, Any] = {"description": self.help}
        if self.default is not None:
            said["default"] = self.default
        if self.kind == "choice" and self.several:
            one = "|".join(map(re.escape, self.choices))
            return {"type": "string", "pattern": rf"^({one})(\+({one}))*$", **said}
        if self.kind == "choice":
            return {"enum": list(self.choices), **said}
        if self.kind == "yes/no":
            return {"type": "boolean", **said}
        if self.kind == "text":
            return {"type": "string", **({"pattern": f"^({self.pattern})$"} if self.pattern else {}), **said}
        if self.kind == "numbers":
            several = {"type": "array", "items": {"type": "number", **limits}, "minItems": 2}
            return {"anyOf": [{"type": "number", **limits}, several], **said}
        if self.kind == "whole numbers":
            count = len(self.items)
            items = {"type": "integer", **limits}
            return {"type": "array", "items": items, "minItems": count, "maxItems": count, **said}
        return {"type": "integer" if self.kind == "whole number" else "number", **limits, **said}

    def _read(self, value: Any) -> Any:
        """The value as the type of the option; None if it is not of that type."""
        if self.kind == "choice":
            return value if isinstance(value, str) and self._is_choice(value) else None
        if self.kind == "yes/no":
            return value if isinstance(value, bool) else _YES_NO.get(str(value).lower())
        if self.kind == "text":
            text = as_text(value)
            return text if re.fullmatch(self.pattern or ".*", text) else None
        if self.kind == "numbers":
            parts = value.split(",") if isinstance(value, str) else value
            parts = parts if isinstance(parts, (list, tuple)) else [parts]
            found = [self._number(part, _NUMBER, float) for part in parts]
            if not found or None in found:
                return None
            several = tuple(dict.fromkeys(found))
            return several if len(several) > 1 else several[0]
        if self.kind == "whole numbers":
            value = value.split("x") if isinstance(value, str) else value
            if not isinstance(value, (list, tuple)) or len(value) != len(self.items):
                return None
            numbers = tuple(self._number(item, _WHOLE, int) for item in value)
            return None if None in numbers else numbers
        return self._number(value, _WHOLE, int) if self.kind == "whole number" else self._number(value, _NUMBER, float)

    def _is_choice(self, value: str) -> bool:
        words = value.split("+") if self.several else [value]
        return all(word in self.choices for word in words) and len(set(words)) == len(words)

    def _number(self, value: Any, form: re.Pattern[str], kind: Callable[[str], float]) -> float | None:
        text = str(value).strip()
        if not form.fullmatch(text) or len(text) > LONGEST_NUMBER:
            return None
        number = kind(text)
        inside = (
            math.isfinite(number)
            and (self.least is None or number >= self.least)
            and (self.above is None or number > self.above)
            and (self.most is None or number <= self.most)
        )
        return number if inside else None


def check_options(
    options: Sequence[Option], given: Mapping[str, Any], called: Callable[[Option], str] = lambda option: option.name
) -> dict[str, Any]:
    """Check the values that were given for some of the options, and fill in the defaults of the others.

    Args:
        options: The options that there are.
        given: Name of an option → value, for options that are in `options`.
        called: How the person knows an option, for the error.

    Returns:
        Name → value. An option without a default that was not given is left out, and so is one whose group was given.

    Raises:
        InputError: A value is of another kind or beyond a limit, or two of one group are given.
    """
    groups: dict[str, Option] = {}
    for option in options:
        if option.name not in given or not option.group:
            continue
        if option.group in groups:
            raise InputError(
                "options-both-given",
                "options `{first_option}` and `{second_option}` are both given; give one of them.",
                first_option=called(groups[option.group]),
                second_option=called(option),
            )
        groups[option.group] = option
    values = {}
    for option in options:
        if option.name in given:
            values[option.name] = option.parse(given[option.name], called(option))
        elif option.default is not None and option.group not in groups:
            values[option.name] = option.default
    return values


# What units that are words are called where there is one of them.
_OF_ONE = {"patches": "patch", "epochs": "epoch", "voxels": "voxel", "looks": "look"}


def value_text(option: Option, value: Any) -> str:
    """An option's value with its unit, as a person reads it; a dash where there is none."""
    if value is None:
        return "–"
    if option.zero and not isinstance(value, bool) and value == 0:
        return option.zero
    if option.zero and isinstance(value, (list, tuple)):
        return f"{' × '.join(str(item or option.zero) for item in value)} {option.unit}".strip()
    unit = _OF_ONE.get(option.unit, option.unit) if value == 1 else option.unit
    return f"{as_text(value)} {unit}".strip()


def as_text(value: Any) -> str:
    """A value as it is written in `name=value`: `yes` for true, whole numbers with `x` between, other numbers with `,`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (list, tuple)):
        return str(value)
    return ("," if any(isinstance(item, float) for item in value) else "x").join(map(str, value))


class NotGiven(enum.Enum):
    """The value of a field that nobody gave, until its dataclass fills it in."""

    NOT_GIVEN = "not given"


NOT_GIVEN = NotGiven.NOT_GIVEN


def option_field(option: Option, filled_in: bool = False) -> Any:
    """The field of a dataclass that an option declares; where the option has no default, None is one of its values.

    Args:
        option: The declaration.
        filled_in: Whether the dataclass itself replaces a value that was not given, which is then `NOT_GIVEN`.
    """

    def schema() -> dict[str, Any]:
        return option.schema() if option.default is not None else {"anyOf": [option.schema(), {"type": "null"}]}

    default = NOT_GIVEN if filled_in else option.default
    return dataclasses.field(default=default, metadata={"option": option, "schema": schema})


@cache
def declared_options(cls: type) -> tuple[Option, ...]:
    """The options that the fields of a dataclass declare, in the order of the fields."""
    fields: Iterable[dataclasses.Field[Any]] = dataclasses.fields(cls)
    return tuple(field.metadata["option"] for field in fields if "option" in field.metadata)
