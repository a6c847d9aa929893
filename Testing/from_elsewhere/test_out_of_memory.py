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
from data_folders import SIZE, write_image, write_label

from TransferSegLib.cases import facts, volumes
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_labels, read_volume, write_volume
from TransferSegLib.cli import cases, main
from TransferSegLib.core import labels as core_labels
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation import scores
from TransferSegLib.jobs import unit_scoring
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


@pytest.fixture
def three_cases(tmp_path):
    """Three labelled cases of one label, `b` between `a` and `c`; the folder and their files' names by case."""
    root = tmp_path / "data"
    for seed, name in enumerate("abc"):
        write_image(root / "images" / f"{name}.nii.gz", seed)
        write_label(root / "labels" / f"{name}.nii.gz", seed)
    return root


def runs_out_at(monkeypatch, module, name: str, number: int) -> None:
    """Let memory run out in the call of this number of a function."""
    original, calls = getattr(module, name), []

    def fails(*arguments, **named):
        calls.append(name)
        if len(calls) == number:
            raise MemoryError
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, fails)


@pytest.mark.parametrize(
    ("module", "name", "number", "file"),
    [
        (volumes, "_changeable", 3, "image images/b.nii.gz"),  # a case has two arrays: an image and a segmentation
        (facts, "voxel_digest", 3, "image images/b.nii.gz"),
        (facts, "_few_values", 2, "image images/b.nii.gz"),
        (volumes, "whole_numbers", 2, "segmentation labels/b.nii.gz"),
        (facts, "label_centres", 2, "segmentation labels/b.nii.gz"),
    ],
)
def test_a_case_that_memory_does_not_suffice_to_check_is_an_error_and_the_others_are_looked_at(
    three_cases, monkeypatch, module, name, number, file
):
    if name == "_few_values":
        for seed, case in enumerate("abc"):
            drawn = np.random.default_rng(seed).integers(0, 3, SIZE)
            write_volume(three_cases / "images" / f"{case}.nii.gz", drawn, Grid.from_spacing(SIZE, (1.0, 1.0, 2.0)))
    listed = [
        Case(case, (three_cases / "images" / f"{case}.nii.gz",), three_cases / "labels" / f"{case}.nii.gz")
        for case in "abc"
    ]
    runs_out_at(monkeypatch, module, name, number)
    found = list(facts.read_facts(listed, three_cases))
    assert [len(case.problems) for case in found] == [0, 1, 0]
    problem = found[1].problems[0]
    assert (problem.severity, problem.case) == ("error", "b")
    assert f"{file}: takes more memory than this computer has free" in problem.sentence


def test_a_check_that_memory_runs_out_in_exits_with_2_and_names_the_case(three_cases, monkeypatch, capsys):
    runs_out_at(monkeypatch, facts, "voxel_digest", 5)  # which labels there are is looked at before: three files
    code = main(["cases", "check", str(three_cases), "--json"])
    said = capsys.readouterr()
    assert code == 2
    assert "images/b.nii.gz: takes more memory than this computer has free" in said.out
    assert "unexpected" not in said.err


def test_an_evaluation_leaves_out_a_case_that_does_not_fit_into_memory(three_cases, tmp_path, monkeypatch, capsys):
    labels, table = str(three_cases / "labels"), tmp_path / "scores.csv"
    asked = ["evaluate", "--reference", labels, "--prediction", labels, "--out", str(table)]
    runs_out_at(monkeypatch, scores, "score_case", 2)
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "memory of this computer ran out while it was scored" in said and "unexpected" not in said
    assert [line.partition(",")[0] for line in table.read_text().splitlines()[1:]] == ["a", "c"]


@pytest.mark.parametrize(
    ("module", "name", "more", "written"),
    [
        (volumes, "write_labels", (), ["phantom_001.nii.gz"]),
        (core_labels, "look_up", (), ["phantom_001.nii.gz"]),
        (volumes, "write_volume", ("--probabilities",), ["phantom_000.nii.gz", "phantom_001.nii.gz"]),
    ],
)
def test_memory_that_runs_out_behind_the_network_costs_one_case_alone(
    tiny_source, phantoms, tmp_path, monkeypatch, capsys, module, name, more, written
):
    runs_out_at(monkeypatch, module, name, 1)
    images, out = str(phantoms("t1w", 2) / "imagesTr"), tmp_path / "out"
    code = main(["segment", "--model", str(tiny_source), "--images", images, "--out", str(out), *more])
    said = capsys.readouterr().err
    assert (code, sorted(path.name for path in out.glob("*.nii.gz"))) == (1, written)
    assert said.count("case `phantom_000`: memory of this computer ran out while its segmentation was written") == 1
    assert "unexpected" not in said


@pytest.mark.parametrize("name", ["write_labels", "score_case"])
def test_memory_that_runs_out_behind_the_network_ends_a_job_with_the_name_of_the_case(adapt, monkeypatch, capsys, name):
    runs_out_at(monkeypatch, unit_scoring, name, 1)
    job, code = adapt("--strategy", "open", "--folds", "2")
    said = capsys.readouterr().err
    assert code == 3
    assert "case `phantom_000`: memory of this computer ran out while its segmentation was written or scored" in said
    assert "MemoryError" not in said and "failed (" not in said
    assert job_status(job.path).state == "failed"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("ITK ERROR: Failed to allocate memory for image.")])
def test_memory_that_runs_out_while_writing_is_not_called_a_full_disk(tmp_path, monkeypatch, error):
    def fails(*arguments):
        raise error

    monkeypatch.setattr(SimpleITK, "WriteImage", fails)
    with pytest.raises(MemoryError):
        write_volume(tmp_path / "large.nrrd", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    assert not any(tmp_path.iterdir())


def test_memory_that_runs_out_anywhere_else_is_a_sentence(tmp_path, three_cases, monkeypatch, capsys):
    runs_out_at(monkeypatch, cases, "check_cases", 1)
    assert main(["cases", "check", str(three_cases)]) == 3
    assert "memory of this computer ran out; close other programs, then try again" in capsys.readouterr().err
