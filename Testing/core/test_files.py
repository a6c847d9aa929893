from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from TransferSegLib.core.case_set import LONGEST_NAME, Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing, whole_folder


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


@pytest.mark.parametrize("name", ["cases", "x" * 255, "脑" * 85])
def test_a_folder_is_there_whole_and_nothing_beside_it(tmp_path, name):
    folder = tmp_path / "new" / name
    with whole_folder(folder) as unfinished:
        assert not folder.exists() and unfinished.parent == folder.parent and unfinished.name.startswith(".")
        (unfinished / "a.txt").write_text("whole", encoding="utf-8")
    assert list(folder.parent.iterdir()) == [folder] and (folder / "a.txt").read_text(encoding="utf-8") == "whole"


def test_a_folder_that_could_not_be_finished_is_not_there(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "cases") as unfinished:
        (unfinished / "a.txt").touch()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_one_folder_the_first_to_finish_has_it(tmp_path):
    folder = tmp_path / "cases"
    with pytest.raises(FileExistsError), whole_folder(folder) as late:
        (late / "late").touch()
        with whole_folder(folder) as early:
            assert early != late
            (early / "early").touch()
    assert [path.name for path in folder.iterdir()] == ["early"] and list(tmp_path.iterdir()) == [folder]


def test_what_a_killed_process_left_of_a_folder_goes_when_it_is_made_again_and_what_a_living_one_makes_stays(tmp_path):
    begin = "import sys, os, pathlib\nfrom TransferSegLib.core.files import whole_folder\n"
    made = "with whole_folder(pathlib.Path(sys.argv[1])) as folder:\n    (folder / 'part').touch()\n"
    for name in ("cases", "other"):
        killed = [sys.executable, "-c", f"{begin}{made}    os._exit(9)", str(tmp_path / name)]
        assert subprocess.run(killed, check=False).returncode == 9
    waits = f"{begin}{made}    print(flush=True)\n    sys.stdin.read()"
    living = subprocess.Popen(
        [sys.executable, "-c", waits, str(tmp_path / "cases")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert living.stdin is not None and living.stdout is not None
    living.stdout.readline()
    hidden = set(tmp_path.iterdir())
    assert len(hidden) == 2, "the living one has deleted what the killed one left of the same folder"
    with whole_folder(tmp_path / "cases"):
        pass
    assert set(tmp_path.iterdir()) == {*hidden, tmp_path / "cases"}
    living.communicate(b"")
    assert living.returncode == 1, "the folder is there already"
    assert len(list(tmp_path.iterdir())) == 2
