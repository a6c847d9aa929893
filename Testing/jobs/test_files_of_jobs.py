"""Copying the files of a job: each whole or not at all."""

from __future__ import annotations

import errno
import shutil

import pytest

from TransferSegLib.core.errors import JobError
from TransferSegLib.jobs.files import copy_whole


def test_a_copy_that_fails_half_way_leaves_what_was_there(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, text in ((here, "new"), (there, "old")):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "one.txt").write_text(text)

    def half(source, target):
        target.write_text("n")
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", half)
        with pytest.raises(JobError, match="the disk is full"):
            copy_whole(here, there, tmp_path)
    assert [path.read_text() for path in (there / "inner").iterdir()] == ["old"]
    (there / "own.txt").write_text("stays")
    copy_whole(here, there, tmp_path)
    assert (there / "inner" / "one.txt").read_text() == "new" and (there / "own.txt").is_file()
    copy_whole(tmp_path / "gone", tmp_path / "new", tmp_path)
    assert not (tmp_path / "new").exists()
