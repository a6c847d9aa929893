"""Archives that were made to do harm."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from foreign_models import write_bundle
from hostile_models import Touches, Words


def archive(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Words:
    """A sound bundle's zip with more members."""
    write_bundle(folder / "inner" / "bundle")
    path = Path(shutil.make_archive(str(folder / "bundle"), "zip", folder / "inner"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return ["sources", "import", str(path)]


def member_above_its_folder(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/../../../../../../../../.." + str(victim), b"x"))


def member_with_an_absolute_path(folder: Path, victim: Path) -> Words:
    return archive(folder, (str(victim), b"x"))


def member_with_backslashes(folder: Path, victim: Path) -> Words:
    words = archive(folder, ("bundle/..X..Xvictim.txt", b"x"))
    path = Path(words[-1])
    path.write_bytes(path.read_bytes().replace(b"..X..Xvictim", b"..\\..\\victim"))
    return words


def member_on_another_drive(folder: Path, victim: Path) -> Words:
    return archive(folder, ("C:/victim.txt", b"x"))


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def member_that_is_a_link(folder: Path, victim: Path) -> Words:
    return archive(folder, (link("bundle/out.txt"), str(victim.parent).encode()), ("bundle/out.txt/victim", b"x"))


def member_that_is_a_device(folder: Path, victim: Path) -> Words:
    return archive(folder, (link("bundle/device", stat.S_IFCHR), b""))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def member_twice(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs/inference.json", b"{}"))


def member_twice_but_for_its_case(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/Configs/INFERENCE.json", b"{}"))


def member_twice_by_a_detour(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/./configs//inference.json", b"{}"))


def member_that_windows_takes_for_a_device(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs/aux.json", b"{}"))


def member_that_windows_takes_for_another(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs. /inference.json", b"{}"))


def member_whose_name_hides(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/\x1b[2K.json", b"{}"))


def member_of_unusual_compression(folder: Path, victim: Path) -> Words:
    words = archive(folder)
    with zipfile.ZipFile(words[-1], "a", zipfile.ZIP_LZMA) as opened:
        opened.writestr("bundle/other.json", b"{}")
    return words


def encrypted_member(folder: Path, victim: Path) -> Words:
    words = archive(folder, ("bundle/other.json", b"{}"))
    path = Path(words[-1])
    content = bytearray(path.read_bytes())
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 1
    path.write_bytes(content)
    return words


def member_of_huge_ratio(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/models/other.pt", bytes(64 * 1024**2)))


def archive_of_many_members(folder: Path, victim: Path) -> Words:
    return archive(folder, *((f"{n}.txt", b"") for n in range(10_001)))


def archive_cut_short(folder: Path, victim: Path) -> Words:
    words = archive(folder)
    path = Path(words[-1])
    path.write_bytes(path.read_bytes()[:-200])
    return words


def archive_with_pickled_weights(folder: Path, victim: Path) -> Words:
    write_bundle(folder / "inner" / "bundle")
    torch.save({"a": torch.zeros(2), "x": Touches(victim)}, folder / "inner" / "bundle" / "models" / "model.pt")
    return ["sources", "import", shutil.make_archive(str(folder / "bundle"), "zip", folder / "inner")]


CORPUS: list[Callable[[Path, Path], Words]] = [
    member_above_its_folder,
    member_with_an_absolute_path,
    member_with_backslashes,
    member_on_another_drive,
    member_that_is_a_link,
    member_that_is_a_device,
    member_twice,
    member_twice_but_for_its_case,
    member_twice_by_a_detour,
    member_that_windows_takes_for_a_device,
    member_that_windows_takes_for_another,
    member_whose_name_hides,
    member_of_unusual_compression,
    encrypted_member,
    member_of_huge_ratio,
    archive_of_many_members,
    archive_cut_short,
    archive_with_pickled_weights,
]
