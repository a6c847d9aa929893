"""YAML as JSON has it: plain values, written out."""

from __future__ import annotations

from typing import Any


def parse_yaml(text: str) -> Any:
    """Read YAML. Aliases (`*name`) are refused: a few of them can stand for more than fits into memory.

    Args:
        text: The YAML.

    Raises:
        RecursionError: It is nested too deeply.
        ValueError: It is no such YAML; the text says why, in one line.
    """
    import yaml

    class Plain(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not read; write the values out")
            return super().compose_node(parent, index)

    try:
        return yaml.load(text, Loader=Plain)
    except RecursionError:
        raise
    except Exception as error:  # yaml raises many kinds; a tag that would build an object is one of them
        raise ValueError(" ".join(str(error).split())) from None
