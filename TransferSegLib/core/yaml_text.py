"""YAML that a person or a stranger wrote, read as JSON has it: plain values, without aliases and tags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.records import check_values


def parse_yaml(text: str, path: Path) -> Any:
    """Parse the YAML of a file, see `records.check_values`.

    Args:
        text: The YAML. Aliases (`*name`) are refused: a few of them can stand for more than fits into memory.
        path: Names the file in an error.

    Returns:
        The value.

    Raises:
        InputError: It is no YAML, has an alias or a tag, or is refused by `check_values`.
    """
    import yaml

    class Plain(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise InputError(
                    "yaml-alias",
                    "{path}: line {line}: aliases are not read; write the values out.",
                    path=path,
                    line=self.peek_event().start_mark.line + 1,
                )
            return super().compose_node(parent, index)

    try:
        value = yaml.load(text, Loader=Plain)
    except InputError:
        raise
    except RecursionError:
        raise InputError("yaml-too-deep", "{path}: is nested too deeply; correct the file.", path=path) from None
    except Exception as error:  # yaml raises many kinds; a tag that would build an object is one of them
        raise InputError(
            "not-yaml",
            "{path}: not valid YAML ({reason}); correct it.",
            path=path,
            reason=library_says(error, "PyYAML"),
        ) from None
    check_values(value, path)
    return value
