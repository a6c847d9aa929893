"""Model cards that were made to do harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hostile_models import Words, model


def card_of_an_absurd_network(folder: Path, victim: Path) -> Words:
    model(folder, network={"name": "ratlesnetv2", "arguments": {"filters": 8000}})
    return ["sources", "add", str(folder)]


def card_of_an_endless_network(folder: Path, victim: Path) -> Words:
    arguments = {"channels": [4, 8], "strides": [2], "num_res_units": 10**9}
    model(folder, network={"name": "monai-unet", "arguments": arguments})
    return ["sources", "add", str(folder)]


def card_that_names_code(folder: Path, victim: Path) -> Words:
    model(folder, network={"name": "os.system", "arguments": {"command": f"touch '{victim}'"}})
    return ["sources", "add", str(folder)]


def card_with_code_deep_in_an_argument(folder: Path, victim: Path) -> Words:
    arguments = {"channels": [4, 8], "strides": [2], "norm": ["instance", {"affine": f"$open('{victim}', 'w')"}]}
    return ["sources", "add", str(model(folder, network={"name": "monai-unet", "arguments": arguments}))]


def card_with_a_target_deep_in_an_argument(folder: Path, victim: Path) -> Words:
    target = {"_target_": "os.system", "command": f"touch {victim.name}"}
    arguments = {"channels": [4, 8], "strides": [2], "norm": ["instance", {"affine": target}]}
    return ["sources", "add", str(model(folder, network={"name": "monai-unet", "arguments": arguments}))]


def card_of_many_labels(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, labels=[{"value": n, "name": f"{n}"} for n in range(1, 20_000)]))]


def card_with_a_path(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, weights="/etc/passwd"))]


def card_whose_name_is_a_path(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, name="../../../victim"))]


def card_whose_weights_are_a_link(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "weights.safetensors").rename(folder.parent / "elsewhere.safetensors")
    (folder / "weights.safetensors").symlink_to(folder.parent / "elsewhere.safetensors")
    return ["sources", "add", str(folder)]


def card_nested_without_end(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text("[" * 100_000)
    return ["sources", "add", str(folder)]


def card_with_an_endless_number(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text('{"format": ' + "1" * 10_000 + "}")
    return ["sources", "add", str(folder)]


def card_that_hides_a_line(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="none\x1b[1A\x1b[2KMIT"))]


def card_that_is_a_link(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").rename(folder.parent / "elsewhere.json")
    (folder / "card.json").symlink_to(folder.parent / "elsewhere.json")
    return ["sources", "add", str(folder)]


def card_that_is_a_device(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").unlink()
    (folder / "card.json").symlink_to("/dev/zero")
    return ["sources", "add", str(folder)]


def card_that_is_a_pipe(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").unlink()
    os.mkfifo(folder / "card.json")
    return ["sources", "add", str(folder)]


def card_of_absurd_length(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text('{"title": "' + "x" * (33 * 1024**2) + '"}')
    return ["sources", "add", str(folder)]


def card_nested_deeper_than_a_stack(folder: Path, victim: Path) -> Words:
    nested: object = 1
    for _ in range(900):
        nested = [nested]
    return ["sources", "add", str(model(folder, made_by={"a": nested}))]


def card_with_half_a_character(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, title="\ud800"))]


def card_written_backwards(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="CC-BY \u202eCN\u202c"))]


def card_with_a_line_of_its_own(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="MIT\nnot MIT"))]


def card_that_hides_in_a_key(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, made_by={"\x1b[2K": 1}))]


def card_with_a_book_for_a_title(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, title="x" * 10**6))]


def card_with_spacing_that_is_no_number(folder: Path, victim: Path) -> Words:
    model(folder)
    path = folder / "card.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"spacing_mm": null', '"spacing_mm": [NaN, 1, 1]'))
    return ["sources", "add", str(folder)]


CORPUS: list[Callable[[Path, Path], Words]] = [
    card_of_an_absurd_network,
    card_of_an_endless_network,
    card_that_names_code,
    card_with_code_deep_in_an_argument,
    card_with_a_target_deep_in_an_argument,
    card_of_many_labels,
    card_with_a_path,
    card_whose_name_is_a_path,
    card_whose_weights_are_a_link,
    card_nested_without_end,
    card_with_an_endless_number,
    card_that_hides_a_line,
    card_that_is_a_link,
    card_that_is_a_device,
    card_that_is_a_pipe,
    card_of_absurd_length,
    card_nested_deeper_than_a_stack,
    card_with_half_a_character,
    card_written_backwards,
    card_with_a_line_of_its_own,
    card_that_hides_in_a_key,
    card_with_a_book_for_a_title,
    card_with_spacing_that_is_no_number,
]
