"""`transferseg segment` with a model in parts, and what other commands say when they are given one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.cli import main
from TransferSegLib.sources.catalogue import user_folder
from TransferSegLib.sources.in_parts import InParts, Part, write_in_parts


@pytest.fixture
def whole(tmp_path, tiny_source, monkeypatch) -> InParts:
    """A model `head` of two parts with labels of their own; the second finds less than the first."""
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "own models"))
    card = json.loads((tiny_source / "card.json").read_text(encoding="utf-8"))
    parts = []
    for part, less in (("first", 0.0), ("second", 1.5)):
        labels = [{"value": label["value"], "name": f"{part} {label['name']}"} for label in card["labels"]]
        state = load_file(tiny_source / "weights.safetensors")
        bias = [name for name, tensor in state.items() if tensor.shape == (len(labels) + 1,)][-1]
        state[bias] = state[bias] + torch.tensor([less, *[0.0] * len(labels)])
        folder = user_folder() / f"head-{part}"
        folder.mkdir(parents=True)
        save_file(state, folder / "weights.safetensors")
        changed = card | {"name": f"head-{part}", "labels": labels, "weights_sha256": None}
        (folder / "card.json").write_text(json.dumps(changed), encoding="utf-8")
        parts.append(Part(f"head-{part}", tuple(label["name"] for label in labels)))
    names = tuple(name for part in reversed(parts) for name in part.labels)
    made = InParts(1, "head", "A head in two parts", "t1w", "head", names, tuple(parts))
    write_in_parts(user_folder() / "head", made)
    return made


def segmented(model: str, images: Path, out: Path, *flags: str) -> np.ndarray:
    assert main(["segment", "--model", model, "--images", str(images), "--out", str(out), *flags]) == 0
    return read_labels(out / "phantom_000.nii.gz").array


def test_the_parts_are_laid_over_each_other_with_the_values_of_the_whole(whole, phantoms, tmp_path):
    image = phantoms("t1w", 2) / "imagesTr" / "phantom_000.nii.gz"
    first, second, both = (segmented(f"head{end}", image, tmp_path / f"out{end}") for end in ("-first", "-second", ""))
    count = len(whole.parts[0].labels)
    assert 0 < (second > 0).sum() < (first > 0).sum()
    # The second part's labels come first in the order of the whole, so those of the first follow them.
    expected = np.where(second > 0, second, np.where(first > 0, first + count, 0))
    assert (both == expected).all()
    listed = json.loads((tmp_path / "out" / "labels.json").read_text(encoding="utf-8"))
    assert listed == {str(value): name for value, name in enumerate(whole.labels, 1)}


def test_what_one_model_alone_can_tell_is_refused_of_several(whole, phantoms, tmp_path, capsys):
    images = str(phantoms("t1w", 2) / "imagesTr")
    asked = ["segment", "--model", "head", "--images", images, "--out", str(tmp_path / "out"), "--probabilities"]
    assert main(asked) == 2
    assert "--probabilities: a model in parts cannot follow this; give one of its parts" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_parts_of_different_images_are_not_applied_as_one(whole, phantoms, tmp_path, capsys):
    path = user_folder() / "head-second" / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | {"channels": ["other"]}), encoding="utf-8")
    images = str(phantoms("t1w", 2) / "imagesTr")
    assert main(["segment", "--model", "head", "--images", images, "--out", str(tmp_path / "out")]) == 2
    assert "its parts take different images" in capsys.readouterr().err


def test_who_adapts_a_model_in_parts_is_told_which_part_has_the_labels(whole, phantoms, tmp_path, capsys):
    labels = [label.partition(" ")[2] for label in whole.parts[1].labels]
    named = InParts(**{**whole.__dict__, "parts": (whole.parts[0], Part("head-second", tuple(labels)))})
    write_in_parts(user_folder() / "head", named)
    asked = ["adapt", "--source", "head", "--target", str(phantoms("t1w", 2)), "--strategy", "open"]
    assert main([*asked, "--out", str(tmp_path / "job")]) == 2
    said = capsys.readouterr().err
    assert "`head`: consists of 2 models, and one of them is needed here; `head-second` has " in said
    assert said.rstrip().endswith("so give that.")
    assert not (tmp_path / "job").exists()
