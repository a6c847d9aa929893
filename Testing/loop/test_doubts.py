"""A segmentation that is of another scan, mirrored or moved is taken, and the doubt is told."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.cli import main
from TransferSegLib.loop.accepting import accept

DOUBTS = {"loop-label-of-other-case", "loop-label-misfit"}


def doubts(made) -> list[str]:
    return [one.code for one in made.problems if one.code in DOUBTS]


def test_a_segmentation_of_its_own_scan_raises_no_doubt(loop, heads):
    for name, label in heads[1].items():
        assert doubts(accept(loop.path, name, label)) == []


@pytest.mark.parametrize("axis", [1, 2])
def test_a_mirrored_segmentation_is_told(loop, heads, tmp_path, capsys, axis):
    name = loop.read().shared[0]
    volume = read_labels(heads[1][name])
    file = tmp_path / "mirrored.nii.gz"
    write_labels(file, np.flip(volume.array, axis), volume.grid)
    assert main(["loop", "accept", str(loop.path), name, "--label", str(file)]) == 1
    said = capsys.readouterr()
    assert (
        f"Case `{name}`: the labels of mirrored.nii.gz fit the scan " in said.err
        and "times as well mirrored " in said.err
    )
    assert f"{name}: accepted." in said.out and name in loop.read().by_case


def test_a_file_that_was_accepted_for_another_case_is_told(loop, heads):
    first, second = loop.read().shared[:2]
    accept(loop.path, first, heads[1][first])
    assert doubts(accept(loop.path, first, heads[1][first])) == [], "the same case again"
    made = accept(loop.path, second, heads[1][first])
    said = next(one.sentence for one in made.problems if one.code == "loop-label-of-other-case")
    assert f"is the very file that was accepted for case `{first}`" in said


def test_a_scan_that_cannot_be_read_raises_no_error_here(loop, heads, monkeypatch):
    from TransferSegLib.core.errors import InputError
    from TransferSegLib.loop import doubts as module

    def refuse(path):
        raise InputError("damaged-nifti", "{path}: is damaged; copy it again.", path=path)

    monkeypatch.setattr(module, "read_volume", refuse)
    name = loop.read().shared[0]
    assert doubts(accept(loop.path, name, heads[1][name])) == []
