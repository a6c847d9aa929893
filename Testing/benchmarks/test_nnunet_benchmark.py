"""The benchmark beside nnU-Net: what is compared and shown, and that it is left out where nnU-Net is not installed."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_models import write_nnunet

from TransferSegLib.cases.volumes import read_labels, write_labels, write_volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.sources.catalogue import find_source

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import figures  # noqa: E402
import peers  # noqa: E402
import run_all  # noqa: E402


def found(**changes: object) -> peers.Found:
    made = {"ours_s": [2.0, 1.0, 9.0], "theirs_s": [5.0, 4.0, 4.0], "agreement": {"a": 1.0, "b": 0.9985, "c": None}}
    made |= {"labelled": {"a": 9, "b": 2000, "c": 0}, "logits_apart": 0.0078, "logits_sd": 6.87, "versions": {}}
    return peers.Found(**made | changes)


def test_the_least_agreement_of_any_case_and_the_least_ratio_of_seconds_are_held_against_their_targets() -> None:
    result = peers.result({"plain": found(), "other": found(theirs_s=[2.5], agreement={"a": 1.0})})
    assert [(check.measured, check.held) for check in result.checks] == [(pytest.approx(99.85), False), (1.25, False)]
    assert result.rows[0] == ["plain", "3", "99.850 to 100.000 %", "0.0078 (6.9)", "2.0", "4.0", "2.0"]
    nothing = peers.result({"random weights": found(agreement={"a": None})})
    assert nothing.rows[0][2] == "nothing labelled" and len(nothing.checks) == 1


def test_without_nnunetv2_it_says_so_and_is_no_failure(tmp_path: Path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.delenv("TRANSFERSEG_NNUNET_PYTHON", raising=False)
    assert peers.main([]) == figures.NOT_HERE
    assert "nnunetv2 is not installed, so nothing is measured" in capfd.readouterr().out
    script = tmp_path / "absent.py"
    script.write_text(f"raise SystemExit({figures.NOT_HERE})", encoding="utf-8")
    monkeypatch.setattr(run_all, "SECTIONS", (run_all.Section("absent", (str(script),), (), "Absent", "It is not."),))
    monkeypatch.setattr(figures, "BUILD", tmp_path)
    monkeypatch.setattr(sys, "argv", ["run_all.py", "--quick"])
    assert run_all.main() == 0
    assert "not measured, because what they need is not here: absent" in capfd.readouterr().out
    assert "Not measured yet: `python benchmarks/" in (tmp_path / "quick" / "benchmarks.md").read_text(encoding="utf-8")


def test_a_model_is_run_and_compared_case_by_case(tmp_path: Path, monkeypatch, capsys) -> None:
    """What stands in for nnU-Net finds what we find, but for one voxel that we label, and logits that are 0.5 larger."""
    pytest.importorskip("dynamic_network_architectures")
    write_nnunet(tmp_path / "Knee")
    image = tmp_path / "a_0000.nii.gz"
    noise = 60 + 400 * np.random.default_rng(0).normal(size=(24, 16, 8))
    write_volume(image, noise.astype(np.float32), Grid.from_spacing((24, 16, 8), (0.75, 1.5, 3.0)))

    def stand_in(asked: argparse.Namespace, model: Path, out: Path, logits: Path | None) -> dict[str, object]:
        peers.run_ours(asked, out.with_name("again"))
        labels = read_labels(out.with_name("again") / "a.nii.gz").array.copy()
        labels.flat[np.flatnonzero(labels)[0]] = 0
        write_labels(out / "a.nii.gz", labels, Grid.from_spacing((24, 16, 8), (0.75, 1.5, 3.0)))
        if logits is not None:
            np.save(logits, peers.logits_of(find_source("peer"), image, model) + 0.5)
        return {"seconds": 100.0, "nnunetv2": "0", "torch": "0"}

    monkeypatch.setattr(peers, "run_theirs", stand_in)
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path))  # so that it is as before afterwards
    threads = str(torch.get_num_threads())
    asked = ["--nnunet-python", "python", "--model", str(tmp_path / "Knee"), "--images", str(image)]
    assert peers.main([*asked, "--rounds", "1", "--threads", threads, "--json", str(tmp_path / "found.json")]) == 0
    (one,) = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["details"].values()
    assert one["agreement"]["a"] == pytest.approx(1 - 1 / one["labelled"]["a"])
    assert one["logits_apart"] == pytest.approx(0.5, abs=1e-3)
    assert one["theirs_s"] == [100.0]
    assert "a " in capsys.readouterr().out
