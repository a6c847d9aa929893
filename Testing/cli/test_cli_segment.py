"""`transferseg segment`: what it says on its way."""

from __future__ import annotations

from TransferSegLib.cli import main


def test_a_log_has_a_line_a_case(tmp_path, tiny_source, phantoms, capsys):
    images = phantoms("t1w", 2) / "imagesTr"
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)]) == 0
    names = sorted(path.name.removesuffix(".nii.gz") for path in images.iterdir())
    assert capsys.readouterr().err.splitlines() == [f"{n} of 2: {name}" for n, name in enumerate(names, start=1)]
