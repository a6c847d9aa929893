"""A small data set without a fault, for a test to spoil."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.transfer.checks import check_cases

SIZE = (8, 9, 10)
GRID = Grid.from_spacing(SIZE, (1.0, 1.0, 2.0))
MR = ModelCard(
    format=2,
    name="knee-t1w",
    title="Knee",
    description="",
    modality="t1w",
    body_part="knee",
    labels=(CardLabel(1, "femur"), CardLabel(2, "tibia")),
    channels=("t1w",),
    network=CardNetwork("unet"),
    preprocessing=Preprocessing((1.0, 1.0, 2.0)),
    patch_size=(8, 8, 8),
    trained_on="",
    licence="",
    citation="",
)
CT = dataclasses.replace(MR, name="knee-ct", modality="CT")
FEMUR = dataclasses.replace(MR, labels=(CardLabel(1, "femur"),))


def mr(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 500, SIZE).astype(np.float32)


def ct(seed: int) -> np.ndarray:
    image = np.random.default_rng(seed).normal(40, 20, SIZE)
    image[:3] = -1000
    return image


def label(seed: int) -> np.ndarray:
    values = np.zeros(SIZE, dtype=np.int32)
    values[2:5, 2:5, 2:5] = 1
    values[5:7, 5:7, 5 : 6 + seed] = 2
    return values


class DataSet:
    """Four good cases in a folder, with what a test spoils."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.labels = {1: "femur", 2: "tibia"}
        self.channels: tuple[str, ...] = ("image",)
        self.modality: str | None = None
        self.cases = []
        for n, name in enumerate("abcd"):
            write_volume(self.image(name), mr(n), GRID)
            write_labels(self.label(name), label(n), GRID)
            self.cases.append(Case(name, (self.image(name),), self.label(name)))

    def image(self, name: str) -> Path:
        return self.root / "images" / f"{name}.nii.gz"

    def label(self, name: str) -> Path:
        return self.root / "labels" / f"{name}.nii.gz"

    def change(self, n: int, **changes: object) -> None:
        self.cases[n] = dataclasses.replace(self.cases[n], **changes)  # type: ignore[arg-type]

    def check(self, card: ModelCard | None = None) -> list[Problem]:
        return check_cases(
            CaseSet("set", self.root, tuple(self.cases), self.labels, self.channels, self.modality), card
        )


def only(findings: list[Problem]) -> tuple[str | None, str, str]:
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding.message
    assert finding.advice
    assert not (finding.message + finding.advice).endswith(".")
    return finding.case, finding.severity, finding.code
