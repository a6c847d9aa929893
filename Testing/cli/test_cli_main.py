"""The command line from outside: exit codes, one sentence for what is wrong, help that teaches."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from TransferSegLib import __version__
from TransferSegLib.cli import main
from TransferSegLib.core.card import CARD_FORMAT
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = [
    "adapt",
    "compare",
    "pretrain",
    "segment",
    "evaluate",
    "run",
    "status",
    "cancel",
    "resume",
    "report",
    "demo",
]
GROUPS = {"cases": ["check", "phantom"], "sources": ["list", "show", "add"]}
HELPS = ["", *COMMANDS, *GROUPS, *(f"{group} {name}" for group, names in GROUPS.items() for name in names)]


def transferseg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "TransferSegLib", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def model(tmp_path) -> Path:
    """A source model's folder, as far as making a job looks into it."""
    folder = tmp_path / "model"
    folder.mkdir()
    card = {
        "format": CARD_FORMAT,
        "name": "tiny",
        "title": "Tiny",
        "description": "",
        "modality": "t1w",
        "body_part": "head",
        "labels": [{"value": 1, "name": "bone"}],
        "channels": ["image"],
        "network": {"name": "monai-unet"},
        "preprocessing": {"spacing_mm": None},
        "patch_size": [16, 16, 16],
        "trained_on": "",
        "licence": "CC0-1.0",
        "citation": "",
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    (folder / "weights.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def waiting(tmp_path) -> JobFolder:
    spec = JobSpec(3, "compare", "/cases", (StrategyChoice("direct"), StrategyChoice("open")), source="/model")
    return JobFolder.create(tmp_path / "job", spec)


def sentence(run: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr."""
    assert "Traceback" not in run.stderr
    assert run.stderr.count("\n") == 1 and run.stderr.startswith("transferseg: ")
    return run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["dance"], "dance"),
        (["adapt", "--source", "x"], "--target"),
        (["status", "/no/such/job"], "/no/such/job: not a job folder"),
        (["run", "."], "not a job folder"),
        (
            ["compare", "--source", "no-such-model", "--target", ".", "--strategies", "open", "--out", "x"],
            "no-such-model",
        ),
        (["demo", "--steps", "many"], "many"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_2(arguments, words):
    run = transferseg(*arguments)
    assert run.returncode == 2 and run.stdout == ""
    assert words in sentence(run)


ADAPT = ["adapt", "--target", ".", "--strategy", "open"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*ADAPT], "--out JOB is missing"),
        ([*ADAPT, "--target", "/no/such/cases", "--out", "OUT"], "--target /no/such/cases: no such"),
        ([*ADAPT, "--strategy", "magic", "--out", "OUT"], "magic"),
        ([*ADAPT, "--layers", "6", "--out", "OUT"], "`open` has no option `layers`"),
        (
            [*ADAPT, "--strategy", "hybrid", "--fusion", "glue", "--out", "OUT"],
            "`--fusion`: must be one of multiply, concatenate, average, maximum, not `glue`",
        ),
        ([*ADAPT, "--steps", "10", "--minutes", "1", "--out", "OUT"], "not allowed with"),
        ([*ADAPT, "--steps", "0", "--out", "OUT"], "option `--steps`: must be a whole number"),
        ([*ADAPT, "--folds", "1", "--out", "OUT"], "`folds`"),
        ([*ADAPT, "--device", "gpu", "--out", "OUT"], "`gpu`"),
        ([*ADAPT, "--label-map", "/no/such/map.json", "--out", "OUT"], "/no/such/map.json: no such file"),
        (["compare", "--target", ".", "--strategies", "open,open", "--out", "OUT"], "`open` is there twice"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_its_folder_is_made(arguments, words, model, tmp_path, capsys):
    arguments = [str(tmp_path / "job") if a == "OUT" else a for a in arguments]
    assert main([*arguments, "--source", str(model)]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert not (tmp_path / "job").exists()


@pytest.mark.parametrize("command", HELPS)
def test_every_help_has_an_example_and_fits_the_screen(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--help"])
    text = capsys.readouterr().out
    assert left.value.code == 0
    assert re.search(rf"^ *transferseg {command or 'demo'}\b", text.split("example")[-1], re.MULTILINE), text
    assert max(map(len, text.splitlines())) <= 120


def test_the_version_is_the_one_of_the_package(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"transferseg {__version__}"
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{__version__}"' in project or 'attr = "TransferSegLib.__version__"' in project


def test_an_unexpected_error_is_a_sentence_and_its_traceback_is_in_the_jobs_log(waiting, monkeypatch, capsys):
    def broken(folder):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("TransferSegLib.cli.status.job_status", broken)
    assert main(["status", str(waiting.path)]) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "ZeroDivisionError: division by zero" in said and str(waiting.log) in said
    assert "in broken" in waiting.log.read_text(encoding="utf-8")


def test_without_a_job_the_traceback_goes_to_a_log_beside_the_persons_models(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("TransferSegLib.cli.demo.find_source", lambda name: 1 / 0)
    log = tmp_path / "models" / "errors.log"
    for times in (1, 2):
        assert main(["demo", "--out", str(tmp_path / "demo")]) == 3
        assert str(log) in capsys.readouterr().err
        assert log.read_text(encoding="utf-8").count("ZeroDivisionError") == times
    monkeypatch.setattr("TransferSegLib.cli.LARGEST_LOG_BYTES", 10)
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 3
    assert log.read_text(encoding="utf-8").count("ZeroDivisionError") == 1


def test_where_no_log_can_be_written_the_traceback_is_printed(monkeypatch, capsys, tmp_path):
    (tmp_path / "models").write_text("a file in the way", encoding="utf-8")
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("TransferSegLib.cli.demo.find_source", lambda name: 1 / 0)
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 3
    said = capsys.readouterr().err
    assert said.startswith(
        "transferseg: unexpected error (ZeroDivisionError: division by zero); its traceback:\nTraceback"
    )


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("x", "x."), 2), (JobError("x", "x."), 3), (KeyboardInterrupt(), 4)]
)
def test_each_end_has_its_exit_code(error, code, monkeypatch, waiting):
    def ends(folder):
        raise error

    monkeypatch.setattr("TransferSegLib.cli.status.job_status", ends)
    assert main(["status", str(waiting.path)]) == code


def test_sigterm_ends_any_command_as_ctrl_c_does(monkeypatch, waiting, capsys):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("TransferSegLib.cli.status.job_status", lambda folder: os.kill(os.getpid(), signal.SIGTERM))
    assert main(["status", str(waiting.path)]) == 4
    assert capsys.readouterr().err == "transferseg: cancelled.\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_reader_that_has_enough_is_no_error(waiting):
    run = subprocess.run(
        f'"{sys.executable}" -m TransferSegLib status "{waiting.path}" --json | true; exit ${{PIPESTATUS[0]}}',
        shell=True,
        executable="/bin/bash",
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_letters_that_the_terminal_lacks_do_not_stop_a_command(waiting):
    strange = waiting.path.rename(waiting.path.with_name("膝"))
    run = transferseg("status", strange, PYTHONIOENCODING="ascii")
    assert run.returncode == 0 and run.stdout.startswith("waiting: ")


def test_every_command_of_the_contract_is_there(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert [name for name in [*COMMANDS, *GROUPS] if f"\n    {name} " not in text] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "segment --modell m --images i --out o",
            "--modell: no such option, --model is near; see `transferseg segment",
        ),
        ("segment --model m --images i --ou o", "--ou: no such option, --out is near"),
        ("adapt --sorce=m", "--sorce: no such option, --source is near; see `transferseg adapt --help`"),
        ("adapt --quux", "--quux: no such option; see `transferseg adapt --help`"),
    ],
)
def test_an_option_that_there_is_not_is_named_with_the_one_that_is_near(command, said, capsys):
    assert main(command.split()) == 2
    assert said in capsys.readouterr().err


def test_a_program_that_asks_for_it_reads_the_problem_as_data(monkeypatch, capsys):
    monkeypatch.setenv("TRANSFERSEG_PROBLEMS", "json")
    assert main(["adapt", "--source", "m", "--target", ".", "--strategy", "open", "--layers", "none"]) == 2
    sentence, data = capsys.readouterr().err.splitlines()
    problem = Problem.from_json(json.loads(data))
    assert sentence == f"transferseg: {problem.sentence}"
    assert problem.code == "option-value" and problem.fields["option"] == "--layers"


def test_no_command_waits_for_libraries_that_it_may_not_need():
    """Each is a third of a second or more, in every command that the panel runs."""
    unwanted = {"torch", "monai", "scipy.ndimage", "SimpleITK", "nibabel"}
    code = f"import sys, TransferSegLib.cli; print({unwanted} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
