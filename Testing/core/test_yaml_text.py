"""YAML of others is plain values, or is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.yaml_text import parse_yaml


def test_plain_values_are_read():
    assert parse_yaml("a: [1, x]\nb: {c: 2.5}\n", Path("f.yaml")) == {"a": [1, "x"], "b": {"c": 2.5}}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("a: &x [1]\nb: *x\n", "yaml-alias", "f.yaml: line 2: aliases are not read; write the values out."),
        ("a: !!python/object:os.system x", "not-yaml", "f.yaml: not valid YAML (PyYAML says: could not determine"),
        ("a: [1", "not-yaml", "f.yaml: not valid YAML (PyYAML says: while parsing"),
        ("[" * 5000, "yaml-too-deep", "f.yaml: is nested too deeply; correct the file."),
        ("a: " + "9" * 400, "number-too-large", "f.yaml: a whole number is beyond"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_a_code(text, code, said):
    with pytest.raises(InputError) as refused:
        parse_yaml(text, Path("f.yaml"))
    assert refused.value.code == code and str(refused.value).startswith(said)
