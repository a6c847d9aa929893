"""`transferseg segment`: what it says on its way."""

from __future__ import annotations

import pytest
import torch

from TransferSegLib.cli import main
from TransferSegLib.inference import segment
from TransferSegLib.networks import speed


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


@pytest.mark.parametrize("fits", [True, False])
def test_where_memory_runs_out_on_the_gpu_the_processor_goes_on(
    fits, phantoms, tiny_source, tmp_path, capsys, monkeypatch
):
    whole, tried = segment.segment, []

    def filled(network, case, patch_size, speed, **rest):
        tried.append(speed.device)
        if speed.device == "cuda:0" or not fits:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(network, case, patch_size, speed, **rest)

    monkeypatch.setattr(segment, "segment", filled)
    monkeypatch.setattr(speed.Speed, "place", lambda self, network: network)
    monkeypatch.setattr(speed, "pick_device", lambda wanted: "cuda:0")
    monkeypatch.setattr(speed, "candidates", lambda device, batch_size: [speed.Speed(device)])
    images = phantoms("t1w", 2) / "imagesTr"
    code = main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)])
    said = capsys.readouterr().err
    assert tried == ["cuda:0", "cpu", "cpu"], "the GPU is not tried again"
    assert said.count("memory of cuda:0 ran out: going on with the processor in place of the GPU") == 1
    assert (code, len(list(tmp_path.iterdir()))) == ((0, 2) if fits else (2, 0))
    assert fits or said.count("memory ran out on the processor; close other programs or crop the image.") == 2
