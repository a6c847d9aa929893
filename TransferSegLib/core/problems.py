"""Problems: what a person has to know, as data that becomes a sentence.

A problem has a code, a severity, templates, and fields for what the templates name. A program can sort problems by code,
show their cases and translate their templates. It never has to take a sentence apart.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.texts import one_line

Severity = Literal["error", "warning", "note"]

# Characters of a sentence: nobody reads a longer one, and what is quoted in it may have any length.
LONGEST = 1000
# Limits for problems in a job folder that somebody else wrote: characters of a template and of a format specification
# (a text of millions of blanks takes six), and problems inside each other.
LONGEST_TEMPLATE = 4000
LONGEST_FORMAT = 5
DEEPEST = 8
# Of a long list, so many items are shown where its format says `…`.
MOST_ITEMS = 6


@dataclass(frozen=True)
class Problem:
    """An error, a finding or another message to the person, as data.

    A template is a text with fields in braces, as `str.format` takes them. Beside the usual format specifications there are
    some for words and lists:

    - `{count:~image|images}` is the first text where `count` is 1 (or a list of one item), else the second.
    - `{same:?yes|no}` is the first text where `same` is true, else the second. Other fields may stand in both texts.
    - A list is shown with `, ` between its items, `{items:;}` with `; `. `{items:…}` shows the first six items only,
      ``{items:`}`` puts each between backticks. These may stand together, and before a usual specification of each item.

    A field may be a `Problem` itself: its sentence, without the full stop, is shown.

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

    @cached_property
    def message(self) -> str:
        """What was found, in English."""
        return render(self.template, self.fields)

    @cached_property
    def advice(self) -> str:
        """What to do, in English, without a full stop; empty where the message says it."""
        return render(self.advice_template, self.fields)

    @cached_property
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
        """Read the problem that `to_json` wrote, also one of version 0.1.0, which had no templates and no fields.

        Raises:
            ValueError: `data` is no such thing.
        """
        try:
            return _problem_of(data, DEEPEST)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"no problem: {error}") from None


def _problem_of(data: Mapping[str, Any], depth: int) -> Problem:
    case, severity = data.get("case"), data.get("severity", "error")
    if severity not in ("error", "warning", "note") or not (case is None or isinstance(case, str)):
        raise ValueError("no problem: the severity or the case is not known")
    template, advice, fields = data.get("template"), data.get("advice_template", ""), data.get("fields", {})
    if template is None:
        template, advice = "{message}", "{advice}" if data.get("advice") else ""
        fields = {"message": str(data["message"]), "advice": str(data.get("advice", ""))}
    if max(len(str(template)), len(str(advice))) > LONGEST_TEMPLATE or depth == 0:
        raise ValueError("no problem: a template is too long, or problems lie too deep in each other")
    inner = {str(name): _field_of(value, depth - 1) for name, value in dict(fields).items()}
    problem = Problem(str(data["code"]), str(template), inner, severity, str(advice), case)
    problem.sentence  # noqa: B018  a template that names what is not there is found here, not when it is shown
    return problem


def _field_of(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return _problem_of(value, depth)
    return tuple(_field_of(item, depth) for item in value) if isinstance(value, (list, tuple)) else value


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
            first, _, second = format_spec[1:].partition("|")
            return first if (count == 1 if format_spec[0] == "~" else value) else second
        usual = format_spec.lstrip(";…`")
        listing = format_spec.removesuffix(usual) if usual else format_spec
        if len(usual) > LONGEST_FORMAT:
            raise ValueError("no format of ours")
        items = value if isinstance(value, (list, tuple)) else (value,)
        kept = items[:MOST_ITEMS] if "…" in listing else items
        texts = [_item(item, usual) for item in kept]
        texts = [f"`{text}`" for text in texts] if "`" in listing else texts
        texts += ["…"] if len(kept) < len(items) else []
        return ("; " if ";" in listing else ", ").join(texts)


_FORMATTER = _Formatter()


def _item(value: Any, format_spec: str) -> str:
    if isinstance(value, Problem):
        return value.sentence.removesuffix(".")
    return format(value, format_spec) if format_spec else str(value)


def _plain(value: Any) -> Any:
    """A field as it is kept: what JSON has, or a problem."""
    if isinstance(value, Exception):
        inner = getattr(value, "problem", None)
        return inner if isinstance(inner, Problem) else str(value)
    if value is None or isinstance(value, (str, bool, int, float, Problem)):
        return value
    if isinstance(value, (Path, Mapping)) or not isinstance(value, (Iterable, Integral, Real)):
        return str(value)
    if isinstance(value, Iterable):
        return tuple(_plain(item) for item in value)
    return int(value) if isinstance(value, Integral) else float(value)


def _json(value: Any) -> Any:
    if isinstance(value, Problem):
        return value.to_json()
    return [_json(item) for item in value] if isinstance(value, tuple) else value
