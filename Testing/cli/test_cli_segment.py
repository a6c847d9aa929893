"""`transferseg segment`: what it says on its way."""

from __future__ import annotations

from TransferSegLib.cli import main


def test_a_log_has_a_line_a_case(tmp_path, tiny_source, phantoms, capsys):
    images = phantoms("t1w", 2) / "imagesTr"
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)]) == 0
    names = sorted(path.name.removesuffix(".nii.gz") for path in images.iterdir())
    assert capsys.readouterr().err.splitlines() == [f"{n} of 2: {name}" for n, name in enumerate(names, start=1)]


def test_a_folder_that_may_not_be_written_is_refused_before_anything_is_segmented(
    phantoms, tiny_source, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    images = phantoms("t1w", 2) / "imagesTr"
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}: writing is not allowed; make the folder writable, or choose another." in said
    assert not any(tmp_path.iterdir())
