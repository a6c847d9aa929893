"""nnU-Net models that were made to do harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from foreign_models import nnunet_plans, write_nnunet
from hostile_models import Touches, Words


def nnunet_with_a_pickled_checkpoint(folder: Path, victim: Path) -> Words:
    write_nnunet(folder)
    path = folder / "fold_0" / "checkpoint_final.pth"
    torch.save({"network_weights": {"a": torch.zeros(2)}, "init_args": Touches(victim)}, path)
    return ["sources", "import", str(folder)]


def nnunet_whose_plans_name_code(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["architecture"]["network_class_name"] = "os.system"
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


def nnunet_whose_plans_inherit_from_themselves(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"] = {"3d_fullres": {"inherits_from": "3d_fullres"}}
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


def nnunet_of_many_labels(folder: Path, victim: Path) -> Words:
    write_nnunet(folder)
    path = folder / "dataset.json"
    labels = {"labels": {f"label {n}": n for n in range(300)}}
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | labels))
    return ["sources", "import", str(folder)]


def nnunet_of_absurd_size(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"]["features_per_stage"] = [8000, 8000, 8000]
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


CORPUS: list[Callable[[Path, Path], Words]] = [
    nnunet_with_a_pickled_checkpoint,
    nnunet_whose_plans_name_code,
    nnunet_whose_plans_inherit_from_themselves,
    nnunet_of_many_labels,
    nnunet_of_absurd_size,
]
