"""A disk that is full while something is written.

Reports: pytorch/pytorch#10577 (a full disk while weights are saved is a RuntimeError that does not say so),
h2oai/h2o-llmstudio#214 ("PytorchStreamWriter failed"), Lightning-AI/pytorch-lightning#688 (half a checkpoint is left).
"""

from __future__ import annotations

import errno
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.errors import JobError
from TransferSegLib.jobs import unit_training
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.prepared import _write_npy
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


def adapt_spec(source: Path, phantoms) -> JobSpec:
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    training = TrainingOptions(steps=2, deterministic=True)
    target = str(phantoms("t2w", 2))
    return JobSpec(3, "adapt", target, choices, keep="open", source=str(source), folds=0, training=training)


def full(*arguments, **named):
    raise OSError(errno.ENOSPC, "No space left on device")


def refuse_each_kind_once(monkeypatch, job: Path) -> list[str]:
    """Let the disk be full the first time that a file of a kind gets its name; the kinds so far are in the list."""
    original, seen = Path.replace, []

    def replace(self, target):
        path = Path(target).relative_to(job)
        kind = f"{path.parent.as_posix()}/*{path.suffix}"
        if kind not in seen:
            seen.append(kind)
            full()
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return seen


def test_a_job_whose_disk_is_full_at_any_file_says_so_leaves_no_half_file_and_goes_on_to_the_same_result(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    monkeypatch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    whole, job = (JobFolder.create(tmp_path / name, adapt_spec(tiny_source, phantoms)) for name in ("whole", "job"))
    run_job(whole.path)
    seen = refuse_each_kind_once(monkeypatch, job.path)
    refused = 0
    while job_status(job.path).state != "done":
        try:
            run_job(job.path)
        except JobError as error:
            refused += 1
            assert "the disk is full; free space, then `transferseg resume" in str(error)
            assert job_status(job.path).resumable
            assert not list(job.path.rglob("*.tmp*"))
    assert refused == len(seen)
    assert {"model/*.safetensors", "model/*.json", "state/checkpoints/*.pt", "./*.html", "./*.csv"} <= set(seen)
    first, second = (load_file(one.model / "weights.safetensors") for one in (whole, job))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert whole.scores_csv.read_bytes() == job.scores_csv.read_bytes()


def test_a_job_whose_log_of_events_does_not_fit_fails_with_the_disk(tmp_path, tiny_source, phantoms, monkeypatch):
    job, original = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, phantoms)), EventLog.write

    class Full:
        write = full

    def write(self, kind, **fields):
        if kind == "choice":
            self._file = Full()
        original(self, kind, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(EventLog, "write", write)
        patched.setattr(EventLog, "close", lambda self: None)
        with pytest.raises(JobError, match=r"events.jsonl: the disk is full; free space, then `transferseg resume"):
            run_job(job.path)
    run_job(job.path)
    assert job_status(job.path).state == "done"


def test_a_job_whose_printed_log_does_not_fit_fails_with_the_disk(tmp_path, tiny_source, phantoms):
    job = JobFolder.create(tmp_path / "job", adapt_spec(tiny_source, phantoms))
    with pytest.raises(JobError, match=r"the disk is full; free space, then `transferseg resume"):
        run_job(job.path, full)


@pytest.mark.parametrize("command", ["add", "export"])
def test_a_model_that_does_not_fit_on_the_disk_is_one_sentence_and_leaves_nothing(
    tmp_path, tiny_source, monkeypatch, capsys, command
):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(place))
    to = [str(place / "bundle")] if command == "export" else ["--name", "mine"]
    original = Path.write_bytes

    def write_bytes(self, data):
        original(self, bytes(data)[:100])
        full()

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_bytes)
        assert main(["sources", command, str(tiny_source), *to]) == 2
    said = capsys.readouterr().err
    assert "cannot be written (No space left on device)" in said and said.count("\n") == 1
    assert not list(place.iterdir())
    assert main(["sources", command, str(tiny_source), *to]) == 0


def test_a_command_whose_output_does_not_fit_on_the_disk_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr("builtins.print", full)
    assert main(["sources", "list"]) == 3


def test_an_array_that_does_not_fit_is_told_by_the_disk_and_not_by_numpy():
    """NumPy's own error for half an array in a file has no number; it counts items."""

    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            full()

    file = io.BufferedWriter(Full())
    with pytest.raises(OSError) as refused:
        _write_npy(file, np.zeros(100_000))
    assert refused.value.errno == errno.ENOSPC
    file.raw.write = len  # so that closing it does not complain
