"""The header of an image is not read again for each segmentation that lies as the image does."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases import nifti
from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.core.grid import Grid


def test_a_header_that_was_read_is_known_until_the_file_is_another(tmp_path, monkeypatch):
    path = tmp_path / "a.nii.gz"
    write_volume(path, np.zeros((3, 4, 5), np.float32), Grid.from_spacing((3, 4, 5), (1, 1, 2)))
    read_volume(path)
    read = []
    whole = nifti.read_header
    monkeypatch.setattr(nifti, "read_header", lambda one: read.append(one) or whole(one))
    assert nifti.known_header(path).size == (3, 4, 5) and not read
    write_volume(path, np.zeros((6, 4, 5), np.float32), Grid.from_spacing((6, 4, 5), (1, 1, 2)))
    assert nifti.known_header(path).size == (6, 4, 5) and read == [path]


def test_no_more_headers_are_kept_than_that(tmp_path, monkeypatch):
    monkeypatch.setattr(nifti, "_MOST_KNOWN", 2)
    monkeypatch.setattr(nifti, "_KNOWN", {})
    paths = [tmp_path / f"{n}.nii.gz" for n in range(3)]
    for path in paths:
        write_volume(path, np.zeros((3, 4, 5), np.float32), Grid.from_spacing((3, 4, 5), (1, 1, 2)))
        read_volume(path)
    assert list(nifti._KNOWN) == paths[1:]
    paths[2].unlink()
    with pytest.raises(OSError):
        nifti.known_header(paths[2])
