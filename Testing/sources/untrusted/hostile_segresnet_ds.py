"""Models of Auto3DSeg and CT-FM that were made to do harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from hostile_models import Touches, Words
from safetensors.torch import save_file
from segresnet_ds_models import CTFM_CONFIG, auto3dseg_config, network_of


def _written(folder: Path, content: object) -> Words:
    folder.mkdir(parents=True)
    torch.save(content, folder / "model.pt")
    (folder / "labels.csv").write_text("LabelValue,Name\n1,a\n2,b\n")
    return ["sources", "import", str(folder)]


def auto3dseg_with_an_object_in_its_configuration(folder: Path, victim: Path) -> Words:
    config = auto3dseg_config()
    return _written(folder, {"state_dict": network_of(config).state_dict(), "config": {**config, "x": Touches(victim)}})


def auto3dseg_whose_network_is_code(folder: Path, victim: Path) -> Words:
    config = auto3dseg_config()
    network = {"_target_": "os.system", "command": f"touch {victim}"}
    return _written(folder, {"state_dict": network_of(config).state_dict(), "config": {**config, "network": network}})


def auto3dseg_whose_argument_is_an_expression(folder: Path, victim: Path) -> Words:
    config = auto3dseg_config()
    network = {**config["network"], "act": f"$__import__('pathlib').Path('{victim}').touch()"}
    return _written(folder, {"state_dict": network_of(config).state_dict(), "config": {**config, "network": network}})


def auto3dseg_of_absurd_size(folder: Path, victim: Path) -> Words:
    config = auto3dseg_config()
    network = {**config["network"], "init_filters": 8000, "blocks_down": [8] * 60}
    return _written(folder, {"state_dict": network_of(config).state_dict(), "config": {**config, "network": network}})


def ctfm_of_absurd_size(folder: Path, victim: Path) -> Words:
    folder.mkdir(parents=True)
    state = network_of({"network": {**CTFM_CONFIG, "norm": "batch"}}).state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({**CTFM_CONFIG, "init_filters": 8000}))
    return ["sources", "import", str(folder)]


CORPUS: list[Callable[[Path, Path], Words]] = [
    auto3dseg_with_an_object_in_its_configuration,
    auto3dseg_whose_network_is_code,
    auto3dseg_whose_argument_is_an_expression,
    auto3dseg_of_absurd_size,
    ctfm_of_absurd_size,
]
