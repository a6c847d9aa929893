"""What the commands refuse before anything is done, and what they leave behind then: nothing."""

from __future__ import annotations

import pytest

from TransferSegLib.cli import main

PAGE = b"<!DOCTYPE html><html>log in</html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234\n"


def test_demo_refuses_a_folder_that_holds_something_else(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("x")
    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert f"{tmp_path}: is not empty and holds no demo; choose a new or an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("beside", [True, False])
def test_a_file_in_place_of_a_model_says_what_to_do_with_it(tmp_path, capsys, beside):
    (tmp_path / "best.pth").write_bytes(b"x")
    if beside:
        (tmp_path / "card.json").write_text("{}")
    asked = ["segment", "--model", str(tmp_path / "best.pth"), "--images", str(tmp_path), "--out", str(tmp_path / "o")]
    assert main(asked) == 2
    said = capsys.readouterr().err
    what = f"give {tmp_path}" if beside else f"`transferseg sources import {tmp_path / 'best.pth'}` first"
    assert "is a file, and a model is a folder" in said
    assert what in said


def test_a_refused_segment_leaves_no_empty_folder(tiny_source, tmp_path, capsys):
    (tmp_path / "a.nii.gz").write_bytes(PAGE)
    out = tmp_path / "new" / "out"
    asked = ["segment", "--model", str(tiny_source), "--images", str(tmp_path / "a.nii.gz"), "--out"]
    assert main([*asked, str(out)]) == 2
    assert "a.nii.gz: is a web page, not the file itself" in capsys.readouterr().err
    assert not out.parent.exists()
    out.mkdir(parents=True)
    assert main([*asked, str(out)]) == 2
    assert out.exists(), "a folder of the person's stays"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty (0 bytes)"),
        (PAGE, "is a web page, not the file itself"),
        (PAGE.decode().encode("utf-16"), "is a web page, not the file itself"),
        (POINTER, "is a Git LFS pointer, which stands for a file of 1,234 bytes"),
    ],
)
@pytest.mark.parametrize("name", ["set/labels/a.nii.gz", "set/images/a.nrrd", "list.json", "card.json"])
def test_what_is_not_the_file_is_called_what_it_is(tmp_path, capsys, content, says, name):
    path = tmp_path / name
    for folder in (path.parent, tmp_path / "set" / "images", tmp_path / "set" / "labels"):
        folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if name == "card.json":
        asked = ["segment", "--model", str(tmp_path), "--images", str(tmp_path), "--out", str(tmp_path / "out")]
    elif name == "list.json":
        asked = ["cases", "check", str(path)]
    else:
        (tmp_path / "t.csv").write_text("case,image,label\na,set/images/a.nrrd,set/labels/a.nii.gz\n")
        asked = ["cases", "check", str(tmp_path / "t.csv")]
    assert main(asked) == 2
    printed = capsys.readouterr()
    assert says in printed.out + printed.err
