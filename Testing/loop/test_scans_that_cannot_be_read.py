"""A scan that cannot be read is left out and named, and the loop goes on with the others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from TransferSegLib.cli import main
from TransferSegLib.loop.accepting import accept
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.flagging import flag
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.sources.catalogue import find_source


@pytest.fixture
def own_loop(tmp_path, tiny_source, heads) -> LoopFolder:
    """A loop on scans of its own, which a test may spoil."""
    scans = tmp_path / "scans"
    shutil.copytree(heads[0], scans)
    loop = LoopFolder(tmp_path / "loop")
    init_loop(loop.path, find_source(tiny_source), scans, seed=1)
    return loop


def scan(loop: LoopFolder, name: str) -> Path:
    return Path(loop.read().images) / f"{name}.nii.gz"


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:2000])


def not_finite(file: Path) -> None:
    image = sitk.ReadImage(str(file))
    made = sitk.GetImageFromArray(np.full(image.GetSize()[::-1], np.nan, np.float32))
    made.CopyInformation(image)
    sitk.WriteImage(made, str(file))


def test_next_leaves_out_what_cannot_be_read_and_status_names_it_until_it_is_mended(own_loop, heads, capsys):
    loop, spoilt = own_loop, {}
    for name in loop.read().shared:
        accept(loop.path, name, heads[1][name])
    damaged, strange, good = sorted(set(heads[1]) - set(loop.read().shared))
    for name, spoil in ((damaged, cut_off), (strange, not_finite)):
        spoilt[name] = scan(loop, name).read_bytes()
        spoil(scan(loop, name))
    assert main(["loop", "next", str(loop.path), "--count", "3", "--json"]) == 1
    out, errors = capsys.readouterr()
    found = json.loads(out)
    assert [one["case"] for one in found["cases"]] == [good], "the others are ranked"
    for name in (damaged, strange):
        assert f"Case `{name}` was left out: " in errors and any(f"Case `{name}`" in one for one in found["problems"])
    assert "is truncated or damaged" in errors and "NaN" in errors and "or put its case aside by" in errors
    assert main(["loop", "status", str(loop.path), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["unread"]
    assert list(listed) == [damaged, strange] and "truncated or damaged" in listed[damaged]
    flag(loop.path, strange)
    scan(loop, damaged).write_bytes(spoilt[damaged])
    assert main(["loop", "status", str(loop.path)]) == 0
    assert f"Case `{damaged}` was left out" in capsys.readouterr().out, "nobody has looked again"
    assert main(["loop", "next", str(loop.path), "--count", "3"]) == 0
    said = capsys.readouterr()
    assert f"{damaged}: " in said.out and "left out" not in said.err
    assert main(["loop", "status", str(loop.path)]) == 0
    assert "left out" not in capsys.readouterr().out


def test_a_drawn_case_that_cannot_be_read_is_left_out_and_the_other_drawn_ones_are_asked_for(own_loop, heads, capsys):
    loop = own_loop
    first, *others = loop.read().shared
    cut_off(scan(loop, first))
    assert main(["loop", "next", str(loop.path)]) == 1
    said = capsys.readouterr()
    assert f"Case `{first}` was left out" in said.err and f"{first}: Drawn" not in said.out
    assert all(f"{name}: Drawn at random" in said.out for name in others)
    for name in others:
        accept(loop.path, name, heads[1][name])
    assert main(["loop", "next", str(loop.path), "--count", "1"]) == 1, (
        "nothing else drawn is left: the others are ranked"
    )
    said = capsys.readouterr()
    assert "to correct: " in said.out and f"Case `{first}` was left out" in said.err


def test_a_case_with_another_number_of_images_is_left_out(own_loop, heads, monkeypatch, capsys):
    loop = own_loop
    whole = LoopFolder.cases
    short = loop.read().shared[0]

    def cases(self, read, channels):
        found = whole(self, read, channels)
        return {name: _with_two_images(case) if name == short else case for name, case in found.items()}

    monkeypatch.setattr(LoopFolder, "cases", cases)
    assert main(["loop", "next", str(loop.path)]) == 1
    said = capsys.readouterr()
    assert f"Case `{short}` was left out" in said.err and "2 images where the model takes 1" in said.err
    assert f"{loop.read().shared[1]}: Drawn" in said.out


def _with_two_images(case):
    from dataclasses import replace

    return replace(case, images=case.images * 2)
