from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from TransferSegLib.core.case_set import LONGEST_NAME, Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing


@pytest.mark.parametrize(
    "name", ["x" * 248 + ".nii.gz", "脑" * 82 + ".nii.gz", "ä" * 124 + ".nii.gz", "a." + "x" * 253]
)
def test_a_file_whose_name_is_as_long_as_a_disk_takes_is_written_whole(tmp_path, name):
    with replacing(tmp_path / name) as temporary:
        temporary.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.b.nii.gz", "a.nrrd", "a.safetensors", "card.json", "Image 1.5 mm.nii", "none"])
def test_the_temporary_file_has_the_ending_that_says_what_it_is(tmp_path, name):
    with replacing(tmp_path / name) as temporary:
        assert temporary.name.endswith("".join((tmp_path / name).suffixes[-2:]))
        temporary.touch()


@pytest.mark.parametrize("letter", ["x", "ä", "脑"])
def test_a_name_of_a_case_is_counted_in_bytes_and_leaves_room_for_the_ending(letter):
    bytes_each = len(letter.encode())
    fits = letter * (LONGEST_NAME // bytes_each)
    Case(fits, (), None)
    assert len(f"{fits}.nii.gz".encode()) <= 255
    with pytest.raises(InputError, match="at most 248 bytes"):
        Case(fits + letter, (), None)


def test_a_file_is_synced_to_disk_before_it_takes_its_name_and_the_folder_after(tmp_path, monkeypatch):
    done: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append("folder" if is_folder(descriptor) else "file"))
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: (done.append("renamed"), rename(path, to))[1])
    with replacing(tmp_path / "a.json") as temporary:
        temporary.write_text("new", encoding="utf-8")
    assert done == ["file", "renamed", "folder"][: 3 if os.name == "posix" else 2]


def is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)
