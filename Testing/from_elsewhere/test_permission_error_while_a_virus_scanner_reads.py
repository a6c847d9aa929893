"""A rename or a removal that is refused for a moment, because another program has the file open (Windows).

Reports: beeware/briefcase#1780, golang/go#16882, LibraryOfCongress/bagit-python#191.
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from TransferSegLib.core import files
from TransferSegLib.core.files import remove_folder, replacing, temporary_folder


class Held:
    """Stands in for a call that is refused so many times, as Windows refuses it while a file is open elsewhere."""

    def __init__(self, original, times: float, number: int = errno.EACCES) -> None:
        self.original, self.times, self.number, self.calls = original, times, number, 0

    def __call__(self, *arguments, **named):
        self.calls += 1
        if self.calls <= self.times:
            raise OSError(self.number, "The process cannot access the file")
        return self.original(*arguments, **named)


def hold(monkeypatch, owner, name: str, times: float, number: int = errno.EACCES) -> Held:
    held = Held(getattr(owner, name), times, number)
    monkeypatch.setattr(owner, name, lambda *arguments, **named: held(*arguments, **named))
    return held


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_a_file_that_is_held_for_a_moment_is_replaced_all_the_same(tmp_path, monkeypatch, number):
    hold(monkeypatch, Path, "replace", 3, number)
    with replacing(tmp_path / "a.json") as temporary:
        temporary.write_text("new", encoding="utf-8")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "new"


def test_a_file_that_is_held_on_is_told_after_two_seconds_and_stays(tmp_path, monkeypatch):
    assert files.PATIENCE_S == 2.0
    (tmp_path / "a.json").write_text("old", encoding="utf-8")
    held = hold(monkeypatch, Path, "replace", float("inf"))
    waited: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(waited), sleep=waited.append)
    monkeypatch.setattr(files, "time", clock)
    with pytest.raises(PermissionError), replacing(tmp_path / "a.json") as temporary:
        temporary.write_text("new", encoding="utf-8")
    assert sum(waited) == pytest.approx(2.0) and held.calls == len(waited) + 1 > 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "old"


def test_a_full_disk_is_not_waited_for(tmp_path, monkeypatch):
    held = hold(monkeypatch, Path, "replace", float("inf"), errno.ENOSPC)
    with pytest.raises(OSError, match="cannot access"), replacing(tmp_path / "a.json") as temporary:
        temporary.touch()
    assert held.calls == 1


def test_a_folder_with_a_file_that_is_held_for_a_moment_is_removed(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    hold(monkeypatch, shutil, "rmtree", 2)
    remove_folder(tmp_path / "a")
    remove_folder(tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_temporary_folder_that_cannot_be_removed_does_not_hide_the_error(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE_S", 0.05)
    hold(monkeypatch, shutil, "rmtree", float("inf"))
    with pytest.raises(ZeroDivisionError), temporary_folder("x", tmp_path):
        raise ZeroDivisionError
