"""Models of other people with one value that is not what it should be: read all the same, or one sentence, and never more."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_models import nnunet_plans, write_bundle, write_nnunet
from test_hostile import model

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

WRONG: tuple[Any, ...] = (None, "x", -1, [], {}, 1e308, True, 10**400, math.inf)
TRIED = 40


def places(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield keys
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*keys, key))


def replaced(value: Any, keys: tuple[str | int, ...], wrong: Any) -> Any:
    if not keys:
        return wrong
    value = copy.deepcopy(value)
    holder = value
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = wrong
    return value


def older_nnunet(folder: Path) -> None:
    write_nnunet(folder, nnunet_plans(old=True))


def read_one(folder: Path) -> None:
    read_model(folder, ImportOptions())


# Those that were once met with something else than a sentence are always tried.
ONCE: dict[tuple[str, str], list[tuple[tuple[str | int, ...], Any]]] = {
    ("write_bundle", "configs/inference.json"): [
        (("image_key",), -1),
        (("preprocessing", "transforms", 4, "b_min"), "x"),
        (("preprocessing", "transforms", 4, "b_max"), {}),
        (("network_def", "norm"), "x"),
    ],
    ("write_bundle", "configs/metadata.json"): [(("references",), True)],
    ("write_nnunet", "plans.json"): [
        (("transpose_forward", 0), None),
        (("configurations", "3d_fullres", "patch_size"), -1),
    ],
}


@pytest.mark.parametrize(
    ("write", "name", "read"),
    [
        (write_bundle, "configs/inference.json", read_one),
        (write_bundle, "configs/metadata.json", read_one),
        (write_nnunet, "plans.json", read_one),
        (write_nnunet, "dataset.json", read_one),
        (older_nnunet, "plans.json", read_one),
        (model, "card.json", find_source),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_wrong_value_is_one_sentence_that_names_the_model(tmp_path, write, name, read):
    folder = tmp_path / "model"
    write(folder)
    path = folder / name
    sound = json.loads(path.read_text(encoding="utf-8"))
    everything = [(keys, wrong) for keys in places(sound) for wrong in WRONG]
    tried = random.Random(0).sample(everything, min(TRIED, len(everything)))
    refused = 0
    for keys, wrong in [*ONCE.get((write.__name__, name), []), *tried]:
        path.write_text(json.dumps(replaced(sound, keys, wrong)))
        try:
            read(folder)
        except InputError as error:
            refused += 1
            message = str(error)
            assert "model" in message and "\n" not in message and len(message) < 800, (keys, wrong, message)
        except Exception as error:
            pytest.fail(f"{keys} = {wrong!r}: {type(error).__name__}: {error}")
    assert 0 < refused < len(everything)


def test_a_missing_value_is_one_sentence(tmp_path):
    write_nnunet(tmp_path / "model")
    path = tmp_path / "model" / "plans.json"
    sound = json.loads(path.read_text(encoding="utf-8"))
    settings = ("configurations", "3d_fullres")
    for name in ("patch_size", "spacing", "normalization_schemes", "use_mask_for_norm", "architecture"):
        lacking = copy.deepcopy(sound)
        del lacking[settings[0]][settings[1]][name]
        path.write_text(json.dumps(lacking))
        with pytest.raises(InputError, match=r"plans\.json"):
            read_one(tmp_path / "model")


@pytest.mark.parametrize("spacing", [[-1, 1, 1], [0, 1, 1], [1, 1], ["1", 1, 1], [1e308, 1, 1]])
def test_a_spacing_that_is_none_is_named(tmp_path, spacing):
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["spacing"] = spacing
    write_nnunet(tmp_path / "model", plans)
    with pytest.raises(InputError, match=r"plans\.json: `spacing`"):
        read_one(tmp_path / "model")
