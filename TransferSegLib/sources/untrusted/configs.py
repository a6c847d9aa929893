"""Reads a MONAI bundle's configuration as data: what it names is looked up, what would run is refused.

MONAI's own parser evaluates `$` expressions and imports `_target_`; this one does neither, for anybody's file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import parse_json, read_text
from TransferSegLib.core.yaml_text import parse_yaml

MOST_BYTES = 1024**2
MOST_DEPTH = 40
# In all that is asked of one file: a few references to each other, or one long list asked for often, can stand for more.
MOST_VALUES = 10_000
_REFERENCE = re.compile(r"@(\w+(?:(?:#|::)\w+)*)")
_MISSING = object()
# A whole number, as JSON and YAML write it, that is beyond 64 bits or near it.
_LONG_NUMBER = re.compile(r"(?<=[:\[,\s-])[0-9]{19,}(?=\s*(?:[,\]}\n]|$))")
# Names of MONAI's that bundles write as expressions, and the texts they stand for.
_CONSTANT = re.compile(r"\$(?:monai\.utils\.(?:enums\.)?)?(\w+)\.(\w+)")
CONSTANTS = {
    "CommonKeys": {"IMAGE": "image", "LABEL": "label", "PRED": "pred", "LOSS": "loss", "METADATA": "metadata"},
    "GridSampleMode": {"BILINEAR": "bilinear", "NEAREST": "nearest", "BICUBIC": "bicubic"},
    "GridSamplePadMode": {"ZEROS": "zeros", "BORDER": "border", "REFLECTION": "reflection"},
    "InterpolateMode": {
        "NEAREST": "nearest",
        "NEAREST_EXACT": "nearest-exact",
        "LINEAR": "linear",
        "BILINEAR": "bilinear",
        "BICUBIC": "bicubic",
        "TRILINEAR": "trilinear",
        "AREA": "area",
    },
    "BlendMode": {"CONSTANT": "constant", "GAUSSIAN": "gaussian"},
}

Keys = tuple[str | int, ...]
T = TypeVar("T")


class Config:
    """A configuration file, whose parts `value` gives with references resolved.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        """Read a JSON or YAML file.

        Raises:
            InputError: The file is neither, or too large.
        """
        self.path = path
        self._text = read_text(path, MOST_BYTES)
        self._resolved = 0
        try:
            self._data = self._parse()
        except InputError:
            if number := _LONG_NUMBER.search(self._text):
                line = self._text.count("\n", 0, number.start()) + 1
                raise InputError(
                    "config-number-too-long",
                    "{path}, line {line}: a whole number of {digits} digits, {number}…, is more than any can be; "
                    "correct the bundle.",
                    path=path,
                    line=line,
                    digits=len(number[0]),
                    number=number[0][:20],
                ) from None
            raise
        if not isinstance(self._data, dict):
            raise InputError(
                "config-no-object",
                "{path}: holds no configuration (an object with names); fetch the bundle again.",
                path=path,
            )

    def value(self, *keys: str | int, default: Any = _MISSING) -> Any:
        """Return the literal at `keys`, with `@` references resolved.

        Args:
            *keys: The path to it.
            default: What to return where it is not there; without one that is an error.

        Raises:
            InputError: A part would have to be executed (`$`, `%`), or a reference leads nowhere or in a circle.
        """
        return self._literal(keys, self._find(keys, default), 0)

    def raw(self, *keys: str | int, default: Any = None) -> Any:
        """Return what stands at `keys`, unresolved; a reference on the way there is followed."""
        return self._find(keys, default)

    def where(self, keys: Keys) -> str:
        """Return the file, line and key path, for an error."""
        line = self._line(keys)
        return f"{self.path}, {f'line {line}, ' if line else ''}`{'::'.join(map(str, keys))}`"

    def located(self, keys: Keys, check: Callable[..., T], *arguments: Any, **more: Any) -> T:
        """What `check` returns; its `InputError` says where `keys` stand.

        A position takes long to find, so it is looked for only when there is an error to put it into.

        Args:
            keys: What is checked.
            check: A function without effects. It takes `where` by name.
            *arguments: Its arguments.
            **more: Those that it takes by name.
        """
        try:
            return check(*arguments, where="", **more)
        except InputError:
            return check(*arguments, where=self.where(keys), **more)

    def _find(self, keys: Keys, default: Any, hops: int = 0) -> Any:
        found: Any = self._data
        for n, key in enumerate(keys):
            if isinstance(found, str) and (target := reference(found)):
                if hops > MOST_DEPTH:
                    raise InputError(
                        "config-circle",
                        "{where}: the references go in a circle; correct the bundle.",
                        where=self.where(keys[:n]),
                    )
                return self._find((*target, *keys[n:]), default, hops + 1)
            if isinstance(found, dict) and key in found:
                found = found[key]
            elif isinstance(found, list) and str(key).isdigit() and int(key) < len(found):
                found = found[int(key)]
            elif default is not _MISSING:
                return default
            else:
                raise InputError(
                    "config-part-missing",
                    "{path}: has no `{name}`; the bundle is not complete.",
                    path=self.path,
                    name="::".join(map(str, keys)),
                )
        return found

    def _literal(self, keys: Keys, value: Any, depth: int) -> Any:
        self._resolved += 1
        if depth > MOST_DEPTH:
            raise InputError(
                "config-too-deep",
                "{where}: the references go in a circle, or too deep; correct the bundle.",
                where=self.where(keys),
            )
        if self._resolved > MOST_VALUES:
            raise InputError(
                "config-too-many-values",
                "{where}: with all before it, stands for more than {most:,} values, and no bundle has as "
                "many; correct the bundle.",
                where=self.where(keys),
                most=MOST_VALUES,
            )
        if isinstance(value, dict):
            return {key: self._literal((*keys, key), item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self._literal((*keys, n), item, depth + 1) for n, item in enumerate(value)]
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(
                "config-number-not-usable",
                "{where}: {value} is not a number one can use; correct the bundle.",
                where=self.where(keys),
                value=value,
            )
        if not isinstance(value, str):
            return value
        if (match := _CONSTANT.fullmatch(value)) and match[2] in CONSTANTS.get(match[1], ()):
            return CONSTANTS[match[1]][match[2]]
        if target := reference(value):
            found = self._find(target, None)
            if found is not None:
                return self._literal(target, found, depth + 1)
        elif value.startswith(("$", "%")):
            raise InputError(
                "config-would-run",
                "{where}: `{value}` would have to be {executed:?executed|pulled in from elsewhere}, and "
                "nothing in a bundle is; write the value itself there, and import it again.",
                where=self.where(keys),
                value=value[:80],
                executed=value[0] == "$",
            )
        if "@" in value:
            raise InputError(
                "config-reference-to-nothing",
                "{where}: `{value}` refers to nothing in the file; correct the bundle.",
                where=self.where(keys),
                value=value[:80],
            )
        return value

    def _parse(self) -> Any:
        if self.path.suffix == ".json":
            return parse_json(self._text, self.path)
        return _as_json(parse_yaml(self._text, self.path))

    @cached_property
    def _nodes(self) -> Any:
        """The file as nodes that know their lines, or None. YAML's reader reads JSON, too, once tabs are blanks.

        A megabyte takes seconds, so this is done once, and for an error alone.
        """
        import yaml

        try:
            return yaml.compose(self._text.replace("\t", " "), Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError):
            return None

    def _line(self, keys: Keys) -> int | None:
        try:
            import yaml
        except ImportError:
            return None
        node, line = self._nodes, None
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                pairs = {name.value: (name, child) for name, child in node.value if isinstance(name, yaml.ScalarNode)}
                if str(key) not in pairs:
                    return line
                name, node = pairs[str(key)]
                line = name.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and str(key).isdigit() and int(key) < len(node.value):
                node = node.value[int(key)]
                line = node.start_mark.line + 1
            else:
                return line
        return line


def _as_json(value: Any) -> Any:
    """Turn what YAML reads beyond JSON (dates, sets, names that are numbers) into text."""
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def reference(value: str) -> Keys | None:
    """Return the keys that `@name` refers to; `$@name` means the same and needs no execution. None for any other text."""
    match = _REFERENCE.fullmatch(value.removeprefix("$").strip())
    return tuple(re.split("#|::", match[1])) if match else None
