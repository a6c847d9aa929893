"""Of an archive only files that a model consists of are unpacked, and only into its folder."""

from __future__ import annotations

import zipfile

import pytest
from hostile_models import files

from TransferSegLib.core.errors import InputError


def test_unpacking_leaves_scripts_and_programs_in_the_archive(tmp_path):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in (
            "configs/inference.json",
            "scripts/__init__.py",
            "models/model.ts",
            "configs/logging.conf",
            "LICENSE",
        ):
            opened.writestr(name, b"{}")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert {str(path.relative_to(tmp_path / "out")) for path in files(tmp_path / "out")} == {
        "configs/inference.json",
        "LICENSE",
    }


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("x.json", "x.json/y.json"), "member `x.json` is a file, and a folder of other members"),
        (("A/y.json", "a"), "member `a` is a file, and a folder of other members"),
        (("a" * 300 + ".json",), "has a name that is too long for a file"),
        (("ä" * 130 + ".json",), "has a name that is too long for a file"),
        (("a/" * 600 + "x.json",), "has a name that is too long for a file"),
    ],
)
def test_names_that_no_folder_can_hold_are_said_to_be_that(tmp_path, names, says):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in names:
            opened.writestr(name, b"{}")
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError) as caught:
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert says in str(caught.value) and "free space" not in str(caught.value)
    assert not files(tmp_path / "out")


def test_an_archive_with_its_folders_listed_unpacks(tmp_path):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in ("a/", "a/b/", "a/b/x.json", "a/y.json"):
            opened.writestr(name, b"" if name.endswith("/") else b"{}")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert len(files(tmp_path / "out")) == 2
