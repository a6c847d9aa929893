"""Memory that runs out while training or segmenting: less is tried at a time, and what still does not fit is a sentence.

Project-MONAI/MONAILabel#650 (`DefaultCPUAllocator: not enough memory` ends the training), MIC-DKFZ/nnUNet#2912 (the GPU's
memory runs out, then the processor's) and MIC-DKFZ/nnUNet#178 (a MemoryError where the labels are decided).
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import SimpleITK
import torch

from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_labels, read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status
from TransferSegLib.networks import execution, memory
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.training import loop

ALLOCATOR = (
    "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: not enough memory: you tried to allocate 800 bytes."
)
WORDS = (RuntimeError(ALLOCATOR), torch.OutOfMemoryError("CUDA out of memory."), MemoryError())


@pytest.fixture
def adapt(tmp_path, tiny_source, phantoms, monkeypatch):
    """Adapt the tiny model in four measured steps: the job, and the exit code."""
    monkeypatch.setattr(execution, "MEASURE_LIMIT_S", 0)

    def run(*more: str) -> tuple[JobFolder, int]:
        data, out = str(phantoms("t2w", 2)), tmp_path / "job"
        asked = ["adapt", "--source", str(tiny_source), "--target", data, "--out", str(out), "--steps", "4", *more]
        return JobFolder(out), main(asked)

    return run


def warnings(job: JobFolder) -> list[str]:
    return [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]


def fits_only(monkeypatch, fits, error: BaseException) -> list[tuple[int, ...]]:
    """Let a training step run out of memory unless its batch (B, C, I, J, K) fits; returns the batches that were tried."""
    original, tried = loop._Step.run, []

    def run(self, images, classes, scale):
        tried.append(tuple(images.shape))
        if not fits(images.shape):
            raise error
        return original(self, images, classes, scale)

    monkeypatch.setattr(loop._Step, "run", run)
    return tried


@pytest.mark.parametrize("error", WORDS, ids=lambda error: type(error).__name__)
def test_the_first_measured_step_that_runs_out_of_memory_halves_the_batch(adapt, monkeypatch, error):
    tried = fits_only(monkeypatch, lambda shape: shape[0] == 1, error)
    job, code = adapt("--folds", "0", "--strategy", "open")
    assert (code, job_status(job.path).state) == (0, "done")
    assert warnings(job) == ["Memory ran out: going on with batch 1 and patches of 24×24×16 voxels"]
    assert tried[0][0] == 2 and tried[-1][0] == 1


def test_then_it_makes_the_patches_smaller(adapt, monkeypatch):
    fits_only(monkeypatch, lambda shape: max(shape[2:]) <= 32, WORDS[0])
    job, code = adapt("--folds", "0", "--strategy", "open", "--patch-size", "64", "32", "32")
    assert (code, job_status(job.path).state) == (0, "done")
    assert warnings(job)[-1] == "Memory ran out: going on with batch 1 and patches of 32×32×32 voxels"


def test_memory_that_never_suffices_for_a_step_is_one_sentence_without_a_gpu(adapt, monkeypatch, capsys):
    fits_only(monkeypatch, lambda shape: False, WORDS[0])
    _, code = adapt("--folds", "0", "--strategy", "open")
    said = capsys.readouterr().err
    assert code == 3
    assert "memory of this computer ran out even with one small patch at a time; close other programs, then" in said
    assert "GPU" not in said and "Traceback" not in said and "--device" not in said


def test_a_setting_that_needs_more_memory_than_the_plain_one_is_not_taken(adapt, monkeypatch):
    original = loop._Step.run

    def run(self, images, classes, scale):
        if self.execution.channels_last or self.execution.precision != "float32":
            raise WORDS[0]
        return original(self, images, classes, scale)

    monkeypatch.setattr(loop._Step, "run", run)
    job, code = adapt("--folds", "0", "--strategy", "open")
    assert (code, warnings(job)) == (0, [])


@pytest.fixture
def short_of_memory(monkeypatch):
    """short_of_memory(fits): the network runs out of memory on windows (B, C, I, J, K) that do not fit."""

    def make(fits, error=WORDS[0]) -> list[tuple[int, ...]]:
        original, tried = StagedNetwork.forward, []

        def forward(self, x):
            if torch.is_inference_mode_enabled():
                tried.append(tuple(x.shape))
                if not fits(x.shape):
                    raise error
            return original(self, x)

        monkeypatch.setattr(StagedNetwork, "forward", forward)
        return tried

    return make


@pytest.fixture
def segment(tmp_path, tiny_source, phantoms, capsys):
    """Segment two heads: the exit code, what was said, and the segmentations."""

    def run(out: str = "out", patch_size: list[int] | None = None):
        images, model = str(phantoms("t1w", 2) / "imagesTr"), shutil.copytree(tiny_source, tmp_path / f"model of {out}")
        card = json.loads((model / "card.json").read_text())
        card["patch_size"] = patch_size or card["patch_size"]
        (model / "card.json").write_text(json.dumps(card))
        code = main(["segment", "--model", str(model), "--images", images, "--out", str(tmp_path / out)])
        found = sorted((tmp_path / out).glob("*.nii.gz"))
        return code, capsys.readouterr().err, [read_labels(path).array for path in found]

    return run


@pytest.mark.parametrize("error", WORDS, ids=lambda error: type(error).__name__)
def test_segmenting_runs_one_window_at_a_time_before_anything_changes(segment, short_of_memory, error):
    _, _, before = segment("before")
    short_of_memory(lambda shape: shape[0] == 1, error)
    code, said, found = segment()
    assert (code, "emory" in said) == (0, False)
    assert all(np.mean(one == other) > 0.999 for one, other in zip(before, found, strict=True))


def test_then_with_smaller_windows_and_says_so_of_each_case(segment, short_of_memory):
    short_of_memory(lambda shape: shape[0] == 1 and max(shape[2:]) < 24)
    code, said, found = segment(patch_size=[32, 32, 16])
    assert (code, len(found)) == (1, 2)
    assert said.count("ran out while it was segmented, so this was done with windows of 16×16×16 voxels") == 2
    assert "GPU" not in said


def test_what_never_fits_is_told_case_by_case_and_no_gpu_is_named(segment, short_of_memory):
    short_of_memory(lambda shape: False)
    code, said, found = segment()
    assert (code, found) == (2, [])
    assert (
        said.count("memory of this computer ran out while it was segmented, even with small windows; close other") == 2
    )
    assert "GPU" not in said and "Traceback" not in said


def test_a_job_whose_case_cannot_be_segmented_fails_in_one_sentence_and_can_be_resumed(
    adapt, short_of_memory, capsys, monkeypatch
):
    short_of_memory(lambda shape: False)
    job, code = adapt("--strategy", "open", "--folds", "2")
    said = capsys.readouterr().err
    assert code == 3
    assert "case `phantom_000`: memory of this computer ran out while it was segmented" in said
    assert "GPU" not in said and "Traceback" not in said
    monkeypatch.undo()
    assert main(["resume", str(job.path)]) == 0


def test_the_memory_for_a_slab_is_asked_for_before_it_is_taken(segment, monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
    code, said, found = segment(patch_size=[16, 16, 16])
    assert (code, found) == (2, [])
    assert "even with small windows" in said


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("ITK ERROR: Failed to allocate memory for image.")])
def test_an_image_that_does_not_fit_into_memory_is_not_called_damaged(tmp_path, monkeypatch, error):
    path = tmp_path / "large.nrrd"
    write_volume(path, np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))

    def fails(self):
        raise error

    monkeypatch.setattr(SimpleITK.ImageFileReader, "Execute", fails)
    with pytest.raises(VolumeError, match=r"large.nrrd: takes more memory than this computer has free; close other"):
        read_volume(path)
