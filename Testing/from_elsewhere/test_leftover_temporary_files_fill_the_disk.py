"""What a command leaves on the disk that nobody needs any more.

Reports: spinalcordtoolbox/spinalcordtoolbox#2209 (a temporary folder that is not removed fills the disk over hundreds of
cases), Slicer/Slicer#2050 (temporary files stay after use).
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.core.errors import Cancelled, JobError
from TransferSegLib.jobs import folder, prepared, unit_scoring, unit_training
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.fixture
def spec(tiny_source, phantoms, tmp_path) -> JobSpec:
    """A comparison with an unlabelled case."""
    cases = tmp_path / "cases"
    shutil.copytree(phantoms("t2w", 3) / "imagesTr", cases / "images")
    shutil.copytree(phantoms("t2w", 3) / "labelsTr", cases / "labels")
    (cases / "labels" / "phantom_002.nii.gz").unlink()
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    training = TrainingOptions(steps=1, deterministic=True)
    return JobSpec(3, "compare", str(cases), choices, source=str(tiny_source), folds=2, training=training)


def working_files(job: JobFolder) -> set[str]:
    """Folders of the job's state without those that stay: the results, and the models of the folds of what is kept."""
    return {path.name for path in job.state.iterdir() if path.is_dir()} - {"results", "folds"}


def refuse_to_prepare(monkeypatch) -> None:
    monkeypatch.setattr(prepared, "prepare_case", lambda *arguments: pytest.fail("a case is prepared again"))


def test_a_finished_job_keeps_no_prepared_cases_also_where_it_was_killed_while_it_tidied_up(
    spec, tmp_path, monkeypatch
):
    job = JobFolder.create(tmp_path / "job", spec)

    def tidy(self) -> None:
        original(self)
        raise Killed

    original = JobFolder.drop_working_files
    with monkeypatch.context() as patched:
        patched.setattr(JobFolder, "drop_working_files", tidy)
        with pytest.raises(Killed):
            run_job(job.path)
    assert working_files(job) == set()
    kept = [job.model / "weights.safetensors", job.scores_csv]
    before = [path.read_bytes() for path in kept]
    refuse_to_prepare(monkeypatch)
    run_job(job.path)
    assert job_status(job.path).state == "done"
    assert [path.read_bytes() for path in kept] == before
    assert main(["resume", str(job.path)]) == 0
    job.report.unlink()
    assert main(["report", str(job.path)]) == 0 and job.report.exists()
    image = str(tmp_path / "cases" / "images" / "phantom_002.nii.gz")
    assert main(["segment", "--model", str(job.path), "--images", image, "--out", str(tmp_path / "out")]) == 0
    assert working_files(job) == set()


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_job_that_can_go_on_keeps_its_prepared_cases(spec, tmp_path, monkeypatch, how):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    monkeypatch.setattr(unit_scoring.UnitScoring, "segment", lambda self, *arguments: unit_scoring.Scored())
    job = JobFolder.create(tmp_path / "job", replace(spec, folds=0, keep="open", kind="adapt"))

    def stop(event) -> None:
        if event["kind"] == "metric":
            if how == "failed":
                raise ZeroDivisionError
            job.request_cancel()

    with pytest.raises((Cancelled, JobError)):
        run_job(job.path, stop)
    assert "prepared" in working_files(job)
    refuse_to_prepare(monkeypatch)
    run_job(job.path)
    assert working_files(job) == set()


def test_no_error_leaves_anything_in_the_folder_for_temporary_files(
    tmp_path, tiny_source, phantoms, monkeypatch, capsys
):
    temporary, place = tmp_path / "temporary", tmp_path / "place"
    for made in (temporary, place):
        made.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(place / "models"))
    text = place / "text.nii.gz"
    text.write_text("no image", encoding="utf-8")
    archive, damaged, of_bundle = (place / name for name in ("empty.zip", "damaged.zip", "bundle.zip"))
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("README.md", "no model")
    with zipfile.ZipFile(of_bundle, "w") as opened:
        opened.writestr("bundle/configs/metadata.json", "{}")
        opened.writestr("bundle/models/model.pt", "no weights")
    damaged.write_bytes(archive.read_bytes()[:-30])
    image = str(next((phantoms("t2w", 2) / "imagesTr").iterdir()))
    model = ["--model", str(tiny_source)]
    commands = [
        ["sources", "import", str(archive)],
        ["sources", "import", str(damaged)],
        ["sources", "import", str(of_bundle)],
        ["sources", "add", str(place)],
        ["sources", "export", str(tiny_source), str(place)],
        ["segment", *model, "--images", str(text), "--out", str(tmp_path / "out")],
        ["segment", *model, "--images", image, "--out", str(text)],
        ["cases", "check", str(place)],
        ["evaluate", str(text), str(text)],
        ["adapt", "--source", str(tiny_source), "--target", str(place), "--out", str(tmp_path / "job")],
    ]
    for command in commands:
        assert main(command) in (1, 2), command
    monkeypatch.setattr("TransferSegLib.cli.demo.find_source", lambda name: 1 / 0)
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 3
    assert not list(temporary.iterdir())


def test_an_archive_without_a_folder_to_unpack_into_is_one_sentence(tmp_path, monkeypatch, capsys):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("README.md", "no model")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "is not there"))
    assert main(["sources", "import", str(archive)]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err
    assert [path.name for path in Path(tmp_path).iterdir()] == ["a.zip"]
