"""What a person is told, as data before it is a sentence: a code, a severity, templates, and the things that they name.

Whoever has a problem can sort it by its code, show its case, and translate its templates; nobody takes a sentence apart.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.texts import one_line

Severity = Literal["error", "warning", "note"]

# Nobody reads a longer sentence; what is quoted in it may have any length.
LONGEST = 1000
# A template from elsewhere may not ask for a text of millions of blanks.
LONGEST_FORMAT = 5


@dataclass(frozen=True)
class Problem:
    """One thing that a person is told.

    A template is a text with fields in braces, as `str.format` takes them. Beside the usual format specifications there are
    two: `{count:~image|images}` is the first word where `count` is 1 (or has one item) and else the second, and
    `{same:?yes|no}` is the first text where `same` is true and else the second. A list is shown with commas between its
    items. A field may be a `Problem` itself: its sentence, without the full stop, is shown.

    Attributes:
        code: What kind of problem this is, in lower case with hyphens. One code has one template everywhere.
        template: What was found and where; without `advice_template` a whole sentence that also says what to do.
        fields: What the templates name: numbers, texts, true or false, lists of these, or problems.
        severity: `error` makes a job impossible or its result wrong, `warning` is worth a look, `note` informs.
        advice_template: What to do, without a full stop; empty where `template` says it.
        case: The name of the case that it is about; None for all cases, or where there are none.
    """

    code: str
    template: str
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    severity: Severity = "error"
    advice_template: str = ""
    case: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {name: _plain(value) for name, value in self.fields.items()})

    @property
    def message(self) -> str:
        """What was found, in English."""
        return render(self.template, self.fields)

    @property
    def advice(self) -> str:
        """What to do, in English, without a full stop; empty where the message says it."""
        return render(self.advice_template, self.fields)

    @property
    def sentence(self) -> str:
        """Message and advice in one sentence, without the case; at most `LONGEST` characters, on one line."""
        text = one_line(f"{self.message}; {self.advice}." if self.advice_template else self.message)
        return text if len(text) <= LONGEST else f"{text[: LONGEST * 3 // 4]} … {text[-LONGEST // 4 :]}"

    def to_json(self) -> dict[str, Any]:
        """The problem as plain JSON: the rendered texts for people, the templates and fields for programs."""
        return {
            "case": self.case,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "advice": self.advice,
            "template": self.template,
            "advice_template": self.advice_template,
            "fields": {name: _json(value) for name, value in self.fields.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Problem:
        """The problem that `to_json` wrote, also one of version 0.1.0, which had no templates and no fields.

        Raises:
            LookupError, TypeError, ValueError: `data` is no such thing.
        """
        case, severity = data.get("case"), data.get("severity", "error")
        if severity not in ("error", "warning", "note") or not (case is None or isinstance(case, str)):
            raise ValueError("no problem: the severity or the case is not known")
        template, advice, fields = data.get("template"), data.get("advice_template", ""), data.get("fields", {})
        if template is None:
            template, advice = "{message}", "{advice}" if data.get("advice") else ""
            fields = {"message": str(data["message"]), "advice": str(data.get("advice", ""))}
        problem = cls(
            str(data["code"]),
            str(template),
            {str(name): _from_json(value) for name, value in dict(fields).items()},
            severity,
            str(advice),
            case,
        )
        problem.sentence  # noqa: B018  a template that names what is not there is found here, not when it is shown
        return problem


def render(template: str, fields: Mapping[str, Any]) -> str:
    """A template with its fields filled in; see `Problem` for what may stand in one.

    Args:
        template: In English as the library has it, or translated.
        fields: What the template names.

    Returns:
        The text.

    Raises:
        LookupError, ValueError: The template names a field that is not there, or is no template.
    """
    return _FORMATTER.vformat(template, (), fields)


class _Formatter(string.Formatter):
    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # No attributes and no items: a template may come from a job folder that somebody else wrote.
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec[:1] in ("~", "?"):
            count = len(value) if isinstance(value, (list, tuple)) else value
            one, _, other = format_spec[1:].partition("|")
            return one if (count == 1 if format_spec[0] == "~" else bool(value)) else other
        if len(format_spec) > LONGEST_FORMAT:
            raise ValueError("no format of ours")
        if isinstance(value, (list, tuple)):
            return ", ".join(self.format_field(item, format_spec) for item in value)
        if isinstance(value, Problem):
            return value.sentence.removesuffix(".")
        return format(value, format_spec) if format_spec else str(value)


_FORMATTER = _Formatter()


def _plain(value: Any) -> Any:
    """A field as it is kept: what JSON has, or a problem."""
    if isinstance(value, Exception):
        inner = getattr(value, "problem", None)
        return inner if isinstance(inner, Problem) else str(value)
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, (str, bool, int, float, Problem)):
        return value
    return tuple(_plain(item) for item in value) if isinstance(value, Iterable) else str(value)


def _json(value: Any) -> Any:
    if isinstance(value, Problem):
        return value.to_json()
    return [_json(item) for item in value] if isinstance(value, tuple) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Problem.from_json(value)
    return tuple(_from_json(item) for item in value) if isinstance(value, (list, tuple)) else value
