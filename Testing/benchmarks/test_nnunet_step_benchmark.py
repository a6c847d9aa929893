"""The training step beside nnU-Net's: what is compared and shown, with what stands in for nnU-Net's trainer."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import pytest
from nnunet_layouts import DATA, LAYOUTS, write_case

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import figures  # noqa: E402
import nnunet_step  # noqa: E402
import peers  # noqa: E402

THEIRS, ALONE, OURS = nnunet_step.THEIRS, nnunet_step.NETWORK_ALONE, nnunet_step.OURS


def found(theirs: list[float], ours: list[float]) -> dict[str, dict[str, object]]:
    return {
        "seconds": {THEIRS: theirs, ALONE: [1.0], OURS: ours},
        "settings": dict.fromkeys((THEIRS, ALONE, OURS), "f"),
    }


def test_the_least_ratio_of_the_mean_seconds_is_held_against_the_target() -> None:
    networks = {"a": found([3.0, 1.0], [1.0]), "b": found([0.9], [0.5, 1.5])}
    result = nnunet_step.result(networks, 1)
    assert [(check.measured, check.held) for check in result.checks] == [(pytest.approx(0.9), False)]
    assert ["a", THEIRS, "f", "2000", "2.00"] in result.rows and ["b", OURS, "f", "1000", "1.00"] in result.rows


def test_without_nnunetv2_it_says_so_and_is_no_failure(monkeypatch, capsys) -> None:
    monkeypatch.setattr(peers, "nnunet_python", lambda: "")
    assert nnunet_step.main([]) == figures.NOT_HERE
    assert "nnunetv2 is not installed" in capsys.readouterr().out


def test_a_trainer_that_fails_ends_it_with_what_was_wrong(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(nnunet_step, "TRAINER", "raise SystemExit('no such plans')")
    asked = argparse.Namespace(threads=1, workers=0, device="cpu", nnunet_python=sys.executable)
    trainer = nnunet_step.Trainer(tmp_path / "a__b__3d_fullres", tmp_path, tmp_path, asked)
    with pytest.raises(SystemExit, match="no such plans"):
        trainer.steps(1)
    trainer.process.wait()


def test_both_train_the_same_network_in_turns(tmp_path, monkeypatch) -> None:
    """What stands in for nnU-Net's trainer answers that a step took 100 s, and was asked for as many steps as ours."""
    stand_in = (
        "import sys\n"
        "for line in sys.stdin:\n"
        "    print('Epoch 0')\n"
        "    print('seconds', [[100.0] * int(line), [90.0] * int(line)], flush=True)\n"
    )
    monkeypatch.setattr(nnunet_step, "TRAINER", stand_in)
    shutil.unpack_archive(DATA / "plain" / "model.zip", tmp_path / "results")
    (plans,) = (tmp_path / "results").rglob("plans.json")
    raw = tmp_path / "raw"
    for room in ("imagesTr", "labelsTr"):
        (raw / room).mkdir(parents=True)
    layout = LAYOUTS["plain"]
    write_case(layout, [raw / "imagesTr" / "a_0000.nii.gz"], raw / "labelsTr" / "a.nii.gz", 0, layout.axes)
    about = {"channel_names": {"0": "CT"}, "labels": layout.labels, "numTraining": 1, "file_ending": ".nii.gz"}
    (raw / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    asked = argparse.Namespace(device="cpu", rounds=2, steps=2, threads=1, workers=0, nnunet_python=sys.executable)
    one = nnunet_step.measured(plans.parent, raw, tmp_path, asked)
    assert one["seconds"][THEIRS] == [100.0] * 4 and one["seconds"][ALONE] == [90.0] * 4
    assert len(one["seconds"][OURS]) == 4 and all(0 < seconds < 60 for seconds in one["seconds"][OURS])
    assert one["settings"][OURS].startswith("float32")
