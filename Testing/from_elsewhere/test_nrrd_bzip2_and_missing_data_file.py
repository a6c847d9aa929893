"""NRRD and MetaImage files that ITK cannot read, or calls damaged, though they are not.

Slicer/Slicer#6619: an image does not load because its header came without its data file, and the message does not say so.
Voxels packed by bzip2: no public report found.
"""

from __future__ import annotations

import bz2
import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume

ARRAY = np.arange(24, dtype="<i2").reshape(2, 3, 4).T  # (I, J, K), i fastest on disk
RAW = ARRAY.tobytes(order="F")
NRRD = """NRRD0004
# a comment: with a colon
type: short
dimension: 3
space: left-posterior-superior
sizes: 4 3 2
space directions: (1,0,0) (0,2,0) (0,0,3)
kinds: domain domain domain
endian: little
encoding: raw
space origin: (-5,-6,7)
"""
META = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
TransformMatrix = 1 0 0 0 1 0 0 0 1
Offset = -5 -6 7
ElementSpacing = 1 2 3
DimSize = 4 3 2
ElementType = MET_SHORT
"""
SLICES = [RAW[: len(RAW) // 2], RAW[len(RAW) // 2 :]]


def is_right(path: Path) -> bool:
    volume = read_volume(path)
    place = np.array([[1, 0, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1]]) * ((-1,), (-1,), (1,), (1,))
    place[:2, 3] *= -1
    return bool(np.array_equal(volume.array, ARRAY) and np.allclose(volume.grid.affine, place) and not volume.doubts)


@pytest.mark.parametrize("word", ["bzip2", "bz2", "BZ2"])
@pytest.mark.parametrize("files", ["one", "data file", "list"])
def test_voxels_packed_by_bzip2_are_read_and_leave_nothing_behind(tmp_path: Path, monkeypatch, word, files) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    header, path = NRRD.replace("raw", word), tmp_path / "x.nrrd"
    if files == "one":
        path.write_bytes(header.encode() + b"\n" + bz2.compress(RAW))
    elif files == "data file":
        (tmp_path / "x y.bz2").write_bytes(bz2.compress(RAW))
        path.write_bytes(header.encode() + b"data file: x y.bz2\n")
    else:
        for k, part in enumerate(SLICES):
            (tmp_path / f"{k}.bz2").write_bytes(bz2.compress(part))
        path.write_bytes(header.encode() + b"data file: LIST 2\n0.bz2\n1.bz2\n")
    assert is_right(path)
    assert read_grid(path).size == (4, 3, 2)
    np.testing.assert_array_equal(read_labels(path).array, ARRAY)
    path.write_bytes(path.read_bytes()[:-20]) if files == "one" else (tmp_path / path).with_name(
        "x y.bz2" if files == "data file" else "1.bz2"
    ).write_bytes(b"BZh9 and then nothing of the kind")
    with pytest.raises(VolumeError, match="is truncated or damaged"):
        read_volume(path)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("word", ["raw", "gzip", "bzip2"])
def test_the_place_of_voxels_may_stand_after_the_name_of_their_file(tmp_path: Path, word) -> None:
    packed = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}[word](RAW)
    (tmp_path / "voxels").write_bytes(packed)
    path = tmp_path / "x.nhdr"
    path.write_text(NRRD.replace("type: short", "data file: voxels\ntype: short").replace("raw", word))
    assert is_right(path)


@pytest.mark.parametrize(
    ("name", "text", "files", "missing"),
    [
        ("x.nhdr", NRRD + "data file: x.raw\n", {"x.raw": RAW}, "x.raw"),
        ("x.nrrd", NRRD + "datafile: sub/x.raw\n", {"sub/x.raw": RAW}, "sub/x.raw"),
        ("x.nhdr", NRRD + "Data File: s%02d.raw 1 2 1 2\n", {"s01.raw": SLICES[0], "s02.raw": SLICES[1]}, "s02.raw"),
        ("x.nhdr", NRRD + "data file: LIST 2\na.raw\nb.raw\n", {"a.raw": SLICES[0], "b.raw": SLICES[1]}, "b.raw"),
        ("x.nhdr", NRRD + "byte skip: 3\ndata file: x.raw\n", {"x.raw": b"abc" + RAW}, "x.raw"),
        ("x.mhd", META + "ElementDataFile = x.raw\n", {"x.raw": RAW}, "x.raw"),
        ("x.mhd", META + "ElementDataFile = LIST\na.raw\nb.raw\n", {"a.raw": SLICES[0], "b.raw": SLICES[1]}, "a.raw"),
        ("x.mhd", META + "ElementDataFile = s%d.raw 0 1 1\n", {"s0.raw": SLICES[0], "s1.raw": SLICES[1]}, "s1.raw"),
        ("x.mha", META + "ElementDataFile = LOCAL\n", {}, None),
    ],
)
def test_a_header_without_its_data_file_is_called_that(tmp_path: Path, name, text, files, missing) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode() + (RAW if missing is None else b""))
    for file, data in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(data)
    assert is_right(path)
    if missing is not None:
        (tmp_path / missing).unlink()
        for read in (read_volume, read_grid, read_labels):
            with pytest.raises(VolumeError, match=f"its data file {missing} is missing; put it where this header says"):
                read(path)


def test_several_missing_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "x.mhd").write_text(META + "ElementDataFile = s%d.raw 0 1 1\n")
    with pytest.raises(VolumeError, match=r"its data file s0\.raw is missing, and 1 more; put"):
        read_volume(tmp_path / "x.mhd")


@pytest.mark.parametrize("space", ["", "space: scanner-xyz\n", "space: 3D-right-handed\n", "space dimension: 3\n"])
def test_an_nrrd_file_that_does_not_say_where_it_lies_is_doubted(tmp_path: Path, space: str) -> None:
    header = NRRD.replace("space: left-posterior-superior\n", space)
    if not space:
        header = header.replace("space directions: (1,0,0) (0,2,0) (0,0,3)\n", "spacings: 1 2 3\n")
        header = header.replace("space origin: (-5,-6,7)\n", "")
    (tmp_path / "x.nrrd").write_bytes(header.encode() + b"\n" + RAW)
    volume = read_volume(tmp_path / "x.nrrd")
    assert [doubt.code for doubt in volume.doubts] == ["nrrd-nowhere"]
    np.testing.assert_array_equal(volume.array, ARRAY)
    assert volume.grid.spacing_mm == (1, 2, 3)


@pytest.mark.parametrize("space", ["right-anterior-superior", "RAS", "left-anterior-superior", "LPS"])
def test_the_space_of_a_patient_is_taken_by_its_name(tmp_path: Path, space: str) -> None:
    header = NRRD.replace("left-posterior-superior", space)
    (tmp_path / "x.nrrd").write_bytes(header.encode() + b"\n" + RAW)
    volume = read_volume(tmp_path / "x.nrrd")
    right, anterior = space[0] in "rR", "A" in space.upper()[:8]
    assert volume.doubts == ()
    assert volume.grid.origin_mm == pytest.approx((-5 if right else 5, -6 if anterior else 6, 7))


def test_other_units_than_mm_are_doubted(tmp_path: Path) -> None:
    (tmp_path / "x.nrrd").write_bytes((NRRD + 'space units: "um" "um" "um"\n').encode() + b"\n" + RAW)
    (doubt,) = read_volume(tmp_path / "x.nrrd").doubts
    assert "gives lengths in um, which are taken for mm" in doubt.message
    (tmp_path / "x.nrrd").write_bytes((NRRD + 'space units: "mm" "mm" "mm"\n').encode() + b"\n" + RAW)
    assert is_right(tmp_path / "x.nrrd")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("x.nrrd", "(1,0,0)", "(0,0,0)"),
        ("x.nrrd", "(1,0,0)", "(0,1,0)"),
        ("x.mha", "ElementSpacing = 1", "ElementSpacing = 0"),
        ("x.mha", "ElementSpacing = 1", "ElementSpacing = nan"),
        ("x.mha", "TransformMatrix = 1 0 0", "TransformMatrix = 0 1 0"),
    ],
)
def test_voxels_without_a_size_are_refused_and_not_called_damaged(tmp_path: Path, name, old, new) -> None:
    text = NRRD + "\n" if name == "x.nrrd" else META + "ElementDataFile = LOCAL\n"
    (tmp_path / name).write_bytes(text.replace(old, new).encode() + RAW)
    for read in (read_volume, read_grid):
        with pytest.raises(
            VolumeError, match="does not say where its voxels lie: its spacing or direction is not valid"
        ):
            read(tmp_path / name)
