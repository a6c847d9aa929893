"""The commands that make, run and look after jobs, with a stand-in for the worker."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sys
import types
from pathlib import Path

import pytest
from made_scores import made_scores

from TransferSegLib.cli import main
from TransferSegLib.cli.progress import ProgressPrinter, duration, progress_line
from TransferSegLib.cli.table import comparison_table
from TransferSegLib.core.errors import Cancelled, InputError, JobError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, score_masks
from TransferSegLib.evaluation.summary import Summary, summarise, summary_json
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.files import resume_command, write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, read_job


def summary(unknown=()) -> Summary:
    """The summary of two strategies on four cases with two labels."""
    import numpy as np

    rows, grid = [], Grid.from_spacing((8, 8, 8), (1.0, 1.0, 1.0))
    for n in range(4):
        reference = np.zeros((8, 8, 8), bool)
        reference[2:6, 2:6, 2:6] = True
        for strategy, shift in (("direct", 2), ("open", n % 2)):
            for label, name in ((1, "bone"), (2, "air")):
                found = score_masks(reference, np.roll(reference, shift, axis=0), grid)
                rows.append(
                    ScoreRow(case=f"c{n}", label=label, label_name=name, scores=found, strategy=strategy, fold=str(n))
                )
    return summarise(rows, unknown_to_source=unknown)


def scores() -> dict:
    """`scores.json` of the same."""
    return summary_json(summary())


@pytest.fixture
def worker(monkeypatch):
    """A stand-in for the worker: the exit it is to make, and the jobs that it ran."""
    ran: list[JobSpec] = []

    def run_job(folder, listener=None, context=None) -> None:
        job = JobFolder(folder)
        ran.append(job.read_spec())
        with job.lock(), EventLog(job.events, listener) as log:
            log.write("started")
            log.write("phase", text="Training: open")
            log.write("progress", fraction=0.5, seconds_left=80.0, unit="a", text="step 5 of 10")
            log.write("finding", case="c1", severity="warning", code="x", message="too dark", advice="look at it")
            module.end(job)
            write_json(job.scores_json, scores(), job.path)
            job.report.write_text("<html>", encoding="utf-8")
            log.write("done", verdict="`open` won.", warnings=1)

    def read(spec, source=None) -> types.SimpleNamespace:
        return types.SimpleNamespace(spec=spec, check_plans=lambda: None)

    def describe_plans(context) -> list[dict]:
        return [
            {"key": choice.key, "text": f"{choice.key}: 7 layers are trained", "recipe": None}
            for choice in context.spec.strategies
        ]

    def check_job(context) -> list[Problem]:
        return [Problem("x", "label 1 is taken to be `air`", severity="note", advice_template="give names")]

    def write_job_report(folder) -> None:
        JobFolder(folder).report.write_text("again", encoding="utf-8")

    module = types.ModuleType("TransferSegLib.jobs.worker")
    module.run_job, module.ran, module.end = run_job, ran, lambda job: None
    monkeypatch.setitem(sys.modules, "TransferSegLib.jobs.worker", module)
    monkeypatch.setattr("TransferSegLib.jobs.context.JobContext.read", read)
    monkeypatch.setattr("TransferSegLib.jobs.checking.check_job", check_job)
    monkeypatch.setattr("TransferSegLib.jobs.dry_run.describe_plans", describe_plans)
    monkeypatch.setattr("TransferSegLib.jobs.reporting.write_job_report", write_job_report)
    return module


@pytest.fixture
def source(monkeypatch, tmp_path):
    """A model that is found under any name."""
    found = types.SimpleNamespace(
        folder=tmp_path / "model", card=types.SimpleNamespace(name="m", task="segmentation", first_stage=None)
    )
    for module in ("flags", "demo"):
        monkeypatch.setattr(f"TransferSegLib.cli.{module}.find_source", lambda name: found)
    return found.folder


@pytest.fixture
def waiting(tmp_path) -> JobFolder:
    spec = JobSpec(3, "compare", "/cases", (StrategyChoice("direct"), StrategyChoice("open")), source="/model")
    return JobFolder.create(tmp_path / "waiting", spec)


def test_adapt_writes_the_job_that_was_asked_for(worker, source, tmp_path, capsys):
    (tmp_path / "map.json").write_text('{"Bone": "bone"}')
    arguments = ["--strategy", "conservative", "--layers", "3", "--steps", "7", "--seed", "5", "--folds", "4"]
    arguments += ["--label-map", str(tmp_path / "map.json"), "--augment", "strong", "--patch-size", "8", "8", "4"]
    code = main(["adapt", "--source", "m", "--target", str(tmp_path), "--out", str(tmp_path / "job"), *arguments])
    spec = read_job(tmp_path / "job")
    assert code == 0
    assert [s.key for s in spec.strategies] == ["direct", "conservative:layers=3"]
    assert (spec.kind, spec.keep, spec.folds, spec.source) == ("adapt", "conservative:layers=3", 4, str(source))
    assert (spec.target, spec.label_map) == (str(tmp_path), {"Bone": "bone"})
    assert (spec.training.steps, spec.training.seed, spec.training.augment) == (7, 5, "strong")
    assert spec.training.patch_size == (8, 8, 4)


def test_pretrain_takes_the_networks_arguments(worker, tmp_path):
    for n, (network, arguments) in enumerate(
        {
            "monai-unet:channels=4-8-8:strides=2-2:norm=BATCH:dropout=0.1": {
                "channels": [4, 8, 8],
                "strides": [2, 2],
                "norm": "BATCH",
                "dropout": 0.1,
            },
            "monai-unet:channels=4-8:strides=2-": {"channels": [4, 8], "strides": [2]},
            "unetr:img_size=16x32x16:hidden_size=24:mlp_dim=8:qkv_bias=true": {
                "img_size": [16, 32, 16],
                "hidden_size": 24,
                "mlp_dim": 8,
                "qkv_bias": True,
            },
            "dynunet:filters=2-4-4-8:strides=1-2x2x1-2-2:dropout=none": {
                "filters": [2, 4, 4, 8],
                "strides": [1, [2, 2, 1], 2, 2],
                "dropout": None,
            },
        }.items()
    ):
        command = ["pretrain", "--data", str(tmp_path), "--network", network, "--out", str(tmp_path / str(n))]
        assert main(command) == 0
        assert read_job(tmp_path / str(n)).network.arguments == arguments


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("monai-unet:channels", "`channels` is not of the form argument=value"),
        ("monai-unet:channels=4:channels=8", "is given twice; write it like monai-unet:channels=16-32-64"),
        ("monai-unet:depth=4", "`monai-unet` cannot be built"),
        ("monai-unet:norm=SPECTRAL", "`monai-unet` cannot be built"),
        ("segnet:channels=4-8:layers=2-", "`segnet` cannot be built"),
        ("lenet:channels=4", "--network lenet: not known; choose one of monai-unet"),
    ],
)
def test_a_network_that_cannot_be_is_refused_before_there_is_a_job(tmp_path, capsys, network, sentence):
    out = tmp_path / "job"
    assert main(["pretrain", "--data", str(tmp_path), "--network", network, "--out", str(out)]) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_a_job_that_was_refused_leaves_its_folder_to_the_next_one(worker, source, tmp_path, monkeypatch, capsys):
    command = [
        "adapt",
        "--source",
        "m",
        "--target",
        str(tmp_path),
        "--strategy",
        "open",
        "--out",
        str(tmp_path / "job"),
    ]
    good = worker.run_job

    def refused(folder, listener=None, context=None) -> None:
        JobFolder(folder).save_result("findings", [])
        raise InputError("x", "--folds 9: too many.")

    monkeypatch.setattr(worker, "run_job", refused)
    assert main(command) == 2
    assert not (tmp_path / "job").exists()
    monkeypatch.setattr(worker, "run_job", good)
    assert main(command) == 0

    def refused_late(folder, listener=None, context=None) -> None:
        raise InputError("x", "case `a` was taken away.")

    monkeypatch.setattr(
        worker, "run_job", lambda folder, listener=None, context=None: (_computed(folder), refused_late(folder))
    )
    assert main([*command[:-1], str(tmp_path / "late")]) == 2
    assert (tmp_path / "late" / "job.json").exists()  # what was computed is not lost


def _computed(folder) -> None:
    JobFolder(folder).save_result("open.fold0", {})


def test_pretrain_pools_data_sets_and_names_the_cases_that_it_draws(worker, tmp_path, phantoms):
    shared = ["--network", "monai-unet", "--steps", "1"]
    first, second = phantoms("t1w", 2), phantoms("t2w", 3)
    data = ["pretrain", "--data", str(first), "--data", str(second), *shared]
    assert main([*data, "--validation", "1", "--out", str(tmp_path / "all")]) == 0
    spec = read_job(tmp_path / "all")
    assert (spec.target, spec.pooled, spec.validation, spec.cases) == (str(first), (str(second),), 1, None)
    assert main([*data, "--validation", "1", "--size", "3", "--draw", "2", "--out", str(tmp_path / "some")]) == 0
    chosen = read_job(tmp_path / "some").cases
    assert (len(chosen.train), len(chosen.validation), chosen.test) == (3, 1, ())
    assert main([*data, "--size", "9", "--out", str(tmp_path / "many")]) == 2 and not (tmp_path / "many").exists()


def test_adapt_validates_on_so_many_cases_or_on_a_data_set(worker, source, tmp_path, capsys):
    base = ["adapt", "--source", "m", "--target", str(tmp_path), "--strategy", "open", "--learning-rate", "1e-3,1e-4"]
    for n, (given, wanted) in enumerate({"2": 2, str(tmp_path): str(tmp_path)}.items()):
        assert main([*base, "--validation", given, "--out", str(tmp_path / str(n))]) == 0
        spec = read_job(tmp_path / str(n))
        assert (spec.validation, spec.training.learning_rate) == (wanted, (1e-3, 1e-4))
    assert main([*base, "--validation", str(tmp_path / "gone"), "--out", str(tmp_path / "x")]) == 2
    assert "--validation" in capsys.readouterr().err


def test_pretrain_writes_a_job_without_a_source(worker, tmp_path):
    out = tmp_path / "job"
    assert main(["pretrain", "--data", str(tmp_path), "--network", "monai-unet", "--out", str(out)]) == 0
    spec = read_job(out)
    assert (spec.kind, spec.network.name, spec.source) == ("pretrain", "monai-unet", None)
    assert spec.task == "segmentation"
    encoder = ["pretrain", "--data", str(tmp_path), "--network", "monai-unet", "--task", "autoencoding"]
    assert main([*encoder, "--out", str(tmp_path / "encoder")]) == 0
    assert read_job(tmp_path / "encoder").task == "autoencoding"
    assert main(["pretrain", "--data", str(tmp_path), "--network", "hybrid", "--out", str(tmp_path / "b")]) == 2


def test_pretrain_takes_the_preprocessing_into_the_job(worker, tmp_path):
    out = tmp_path / "job"
    flags = ["--preprocessing", "karimi2021", "--window-hu", "-500", "700", "--n4", "--spacing", "0.9x0.9x3"]
    assert main(["pretrain", "--data", str(tmp_path), "--network", "segnet", *flags, "--out", str(out)]) == 0
    chosen = read_job(out).preprocessing
    assert (chosen.preprocessing, chosen.window_hu, chosen.n4) == ("karimi2021", (-500, 700), True)
    assert (chosen.spacing, chosen.histogram_match, chosen.normalisation) == ("0.9x0.9x3", None, None)


def test_compare_ends_with_the_table_the_verdict_and_the_report(worker, source, tmp_path, capsys):
    out = tmp_path / "job"
    assert main(["compare", "--source", "m", "--target", ".", "--strategies", "direct,open", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "* open" in " ".join(printed.out.split()) and "`open` won." in printed.out
    assert printed.out.splitlines()[-1] == f"Report: {out / 'report.html'}"
    assert printed.err.splitlines() == ["Training: open", "warning: case `c1`: too dark; look at it."]


def test_the_result_for_machines_is_one_json_object(worker, waiting, capsys):
    assert main(["run", str(waiting.path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["state"], result["verdict"], result["warnings"]) == ("done", "`open` won.", 1)
    assert result["scores"]["out_of_fold"]["best"] == "open"


def test_a_dry_run_prints_the_plans_and_makes_no_folder(worker, source, tmp_path, capsys):
    arguments = ["adapt", "--source", "m", "--target", ".", "--strategy", "open", "--dry-run"]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out == "direct: 7 layers are trained\n\nopen: 7 layers are trained\n"
    assert said.err == "note: label 1 is taken to be `air`; give names.\n"
    assert main([*arguments, "--json", "--out", str(tmp_path / "job")]) == 0
    assert [plan["key"] for plan in json.loads(capsys.readouterr().out)] == ["direct", "open"]
    assert not (tmp_path / "job").exists() and worker.ran == []


def test_a_job_that_is_done_is_shown_and_not_run_again(worker, waiting, capsys):
    main(["run", str(waiting.path)])
    first = capsys.readouterr().out
    for command in ("run", "resume"):
        assert main([command, str(waiting.path)]) == 0
        assert capsys.readouterr().out == first
    assert len(worker.ran) == 1


def test_a_new_job_in_the_folder_of_a_finished_one_is_refused_with_what_can_be_done(worker, source, waiting, capsys):
    asked = ["adapt", "--source", "m", "--target", ".", "--strategy", "open", "--out", str(waiting.path)]
    assert main(asked) == 2
    assert "holds a job already; go on with it by `transferseg resume" in capsys.readouterr().err
    main(["run", str(waiting.path)])
    capsys.readouterr()
    assert main(asked) == 2
    said = capsys.readouterr().err
    assert "the job there is finished" in said and "choose another folder" in said and "resume" not in said
    assert f"`--parent {waiting.path}`" in said and f"`transferseg run {waiting.path}` shows it" in said
    pretrain = ["pretrain", "--data", ".", "--network", "monai-unet", "--out", str(waiting.path)]
    assert main(pretrain) == 2
    assert "--parent" not in capsys.readouterr().err
    with waiting.lock():
        assert main(asked) == 2
    assert f"the job there is running; follow it by `transferseg status {waiting.path}`" in capsys.readouterr().err
    assert len(worker.ran) == 1


def test_an_unknown_strategy_is_told_with_the_nearest_name_and_auto_where_that_may_be_named(source, tmp_path, capsys):
    asked = ["adapt", "--source", "m", "--target", str(tmp_path), "--out", str(tmp_path / "job")]
    for typed, near in (("conservativ", "`conservative` is near"), ("automatic", "`auto` is near")):
        assert main([*asked, "--strategy", typed]) == 2
        said = capsys.readouterr().err
        assert near in said and "choose one of auto, direct" in said
    assert main([*asked, "--strategy", "xyz"]) == 2
    assert "is near" not in capsys.readouterr().err
    compared = ["compare", *asked[1:], "--strategies"]
    assert main([*compared, "opn"]) == 2
    assert "choose one of direct" in capsys.readouterr().err
    assert main([*compared, "direct,auto"]) == 2
    assert "give `--strategy auto` to `transferseg adapt`" in capsys.readouterr().err


def test_a_failure_names_the_log_and_resume_goes_on(worker, waiting, capsys):
    def fails(job):
        raise JobError("x", "the disk is full; free space.")

    worker.end = fails
    assert main(["run", str(waiting.path)]) == 3
    said = capsys.readouterr().err.splitlines()[-1]
    assert "the disk is full" in said and str(waiting.log) in said
    worker.end = lambda job: None
    assert main(["resume", str(waiting.path)]) == 0


def test_ctrl_c_of_who_does_not_have_the_job_does_not_stop_it(worker, waiting, capsys, monkeypatch):
    def interrupted(_folder, _listener=None, _context=None):
        os.kill(os.getpid(), signal.SIGINT)  # another process may have the job, and this one is to be refused

    monkeypatch.setattr(worker, "run_job", interrupted)
    assert main(["resume", str(waiting.path)]) == 4
    assert not waiting.cancel_requested() and "press Ctrl-C again" not in capsys.readouterr().err


def test_a_job_that_another_process_has_is_refused_before_anything_is_loaded(waiting, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "TransferSegLib.jobs.worker", None)
    with waiting.lock():
        assert main(["resume", str(waiting.path)]) == 2
    assert "is being run by process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "again"), [(signal.SIGINT, "press Ctrl-C again"), (signal.SIGTERM, "send the signal again")]
)
def test_a_signal_asks_the_worker_to_stop_and_the_old_handler_comes_back(worker, waiting, capsys, number, again):
    def interrupted(job):
        os.kill(os.getpid(), number)
        assert job.cancel_requested()
        raise Cancelled("x", "cancelled; `{command}` goes on.", command=resume_command(job.path))

    worker.end = interrupted
    before = signal.getsignal(number)
    assert main(["run", str(waiting.path)]) == 4
    said = capsys.readouterr().err
    assert again in said and said.count("transferseg resume") == 1
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("before", ["a signal", "a request to stop"])
def test_sigterm_ends_a_job_at_once_that_was_asked_to_stop_before(worker, waiting, monkeypatch, before):
    def ended(code):
        raise SystemExit(code)

    def interrupted(job):
        if before == "a signal":
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            job.request_cancel()
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("TransferSegLib.cli.running.os._exit", ended)
    worker.end = interrupted
    with pytest.raises(SystemExit) as end:
        main(["run", str(waiting.path)])
    assert end.value.code == 4 and not waiting.cancel_requested()


def test_resume_forgets_an_old_request_to_stop(worker, waiting):
    waiting.request_cancel()
    seen = []
    worker.end = lambda job: seen.append(job.cancel_requested())
    main(["resume", str(waiting.path)])
    assert seen == [False]


def test_cancel_of_a_job_that_does_not_run_leaves_nothing_behind(waiting, capsys):
    assert main(["cancel", str(waiting.path)]) == 0
    assert "is not running (waiting)" in capsys.readouterr().out
    assert not waiting.cancel_file.exists()


def test_cancel_asks_a_running_worker(waiting, capsys, monkeypatch):
    monkeypatch.setattr("TransferSegLib.cli.cancel.WAIT_S", 0.2)
    with waiting.lock():
        assert main(["cancel", str(waiting.path)]) == 0
    assert "still finishing" in capsys.readouterr().out
    assert waiting.cancel_requested()


def test_status_says_how_a_job_stands(waiting, capsys):
    with EventLog(waiting.events) as log:
        log.write("started")
        log.write("phase", text="Training: open")
        log.write("progress", fraction=0.5, seconds_left=80.0)
    assert main(["status", str(waiting.path)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("interrupted: ") and "50 %" in text and "Training: open" in text
    assert main(["status", str(waiting.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "interrupted"


@pytest.mark.parametrize(
    ("kind", "problem", "first_line"),
    [
        (
            "cancelled",
            Problem("cancelled-before-training", "cancelled before training began."),
            "Cancelled before training began.",
        ),
        ("cancelled", Problem("of-another-version", "stopped by the person."), "cancelled: stopped by the person."),
        ("failed", Problem("unexpected-error", "failed, as it says."), "failed: failed, as it says."),
        ("done", None, "Done."),
    ],
)
def test_status_says_the_state_once_and_knows_by_its_code_which_sentence_says_it(
    waiting, capsys, kind, problem, first_line
):
    with EventLog(waiting.events) as log:
        log.write("started")
        log.tell(kind, problem) if problem else log.write(kind)
    assert main(["status", str(waiting.path)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == first_line


def test_report_is_written_again_and_its_path_printed(worker, waiting, capsys):
    assert main(["report", str(waiting.path)]) == 0
    assert capsys.readouterr().out.strip() == str(waiting.report)
    assert waiting.report.read_text(encoding="utf-8") == "again"


def test_a_report_of_a_job_that_was_cancelled_asks_to_resume_it(waiting, capsys):
    with EventLog(waiting.events) as log:
        log.write("started")
        log.write("cancelled", message="cancelled.")
    assert main(["report", str(waiting.path)]) == 2
    assert f"nothing works on it; `transferseg resume {waiting.path}` goes on with it." in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["/cases", "/model"])
def test_a_report_whose_data_is_gone_says_so_and_stays_as_it_was(worker, waiting, capsys, monkeypatch, gone):
    def write_job_report(folder) -> None:
        raise InputError("x", "{path}: no such file or folder; check the path.", path=gone)

    monkeypatch.setattr("TransferSegLib.jobs.reporting.write_job_report", write_job_report)
    monkeypatch.setattr(Path, "exists", lambda self: str(self) != str(Path(gone)))
    waiting.save_result("report", {})
    assert main(["report", str(waiting.path)]) == 2
    assert f"{gone}: is not there any more, and the report shows what is in it; put it" in capsys.readouterr().err


def test_the_demo_goes_on_when_unfinished_and_begins_anew_beside_a_finished_one(
    worker, source, tmp_path, capsys, monkeypatch
):
    made = []

    def write_phantoms(out, modality, count, seed) -> None:
        made.append((modality, count))

    monkeypatch.setattr("TransferSegLib.cases.phantom.dataset.write_phantoms", write_phantoms)
    out = tmp_path / "demo folder"

    def fails(job):
        raise JobError("x", "killed.")

    worker.end = fails
    assert main(["demo", "--out", str(out), "--steps", "3"]) == 3
    worker.end = lambda job: None
    assert main(["demo", "--out", str(out), "--steps", "3"]) == 0
    assert [path.name for path in out.glob("job-*")] == ["job-1"]
    assert main(["demo", "--out", str(out), "--steps", "3"]) == 0
    assert sorted(path.name for path in out.glob("job-*")) == ["job-1", "job-2"]
    assert made == [("t2w", 4)]
    assert [s.key for s in worker.ran[0].strategies] == [
        "direct",
        "conservative:layers=6",
        "open",
        "hybrid:fusion=multiply",
    ]
    assert str(out / "job-2" / "report.html") in capsys.readouterr().out


def read_only(*args, **kwargs):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_report_that_cannot_be_written_is_one_sentence(waiting, capsys, monkeypatch):
    monkeypatch.setattr("TransferSegLib.jobs.reporting.write_job_report", read_only)
    assert main(["report", str(waiting.path)]) == 3
    assert f"{waiting.report}: cannot be written (Read-only file system); make the folder" in capsys.readouterr().err


@pytest.mark.parametrize("refused", ["under a file", "read-only"])
def test_a_demo_that_cannot_be_written_is_one_sentence(refused, worker, source, tmp_path, capsys, monkeypatch):
    out = tmp_path / "demo"
    if refused == "under a file":
        (tmp_path / "file").write_text("in the way")
        out = tmp_path / "file" / "demo"
    else:
        out.mkdir()
        monkeypatch.setattr("pathlib.Path.mkdir", read_only)
    assert main(["demo", "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert f"{out}: cannot be written (" in said and "--out" in said
    assert worker.ran == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_with_the_time_left_and_takes_it_away(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("shutil.get_terminal_size", lambda **_ignored: os.terminal_size((60, 20)))
    printer = ProgressPrinter(terminal)
    printer({"kind": "progress", "fraction": 0.25, "seconds_left": 80.0, "text": "x" * 100})
    assert "25 %  1 min 20 s left" in terminal.getvalue()
    assert len(terminal.getvalue().split("\x1b[K")[1]) == 59
    printer.close()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_findings_are_told_once_for_several_cases_and_errors_only_where_the_job_ends_with_them():
    log = io.StringIO()
    printer = ProgressPrinter(log)
    finding = {"kind": "finding", "time": 0.0, "severity": "warning", "code": "x", "message": "dark", "advice": "look"}
    for case in "abc":
        printer({**finding, "case": case})
    printer({**finding, "case": "d", "severity": "error"})
    printer({"kind": "phase", "text": "Training"})
    printer({**finding, "case": None})
    printer.close()
    assert log.getvalue() == "warning: 3 cases (`a`, `b`, `c`): dark; look.\nTraining\nwarning: dark; look.\n"


def test_what_a_job_decides_is_a_note_once_and_names_its_strategy():
    log = io.StringIO()
    printer = ProgressPrinter(log)
    of_all = {"kind": "choice", "message": "Every strategy segments in windows of 8×8×8 voxels, in float32"}
    of_label = {"kind": "choice", "message": "`liver`: holes are filled", "strategy": "open"}
    named = {"kind": "choice", "message": "`open`: 50 % of the steps were chosen", "strategy": "open"}
    for event in (of_all, of_label, of_all, named, {**of_label, "strategy": "direct"}):
        printer(event)
    printer({"kind": "choice", "message": "`open` is recommended", "strategy": "open", "recommended": {}})
    printer({"kind": "choice", "strategy": "open", "chosen": {"steps": 3}})
    assert log.getvalue().splitlines() == [
        f"note: {of_all['message']}",
        "note: `open`: `liver`: holes are filled",
        "note: `open`: 50 % of the steps were chosen",
        "note: `direct`: `liver`: holes are filled",
    ]


def test_a_log_without_a_bar_gets_a_line_of_progress_now_and_then(monkeypatch):
    log, now = io.StringIO(), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    printer = ProgressPrinter(log)
    for now[0] in range(0, 200, 10):
        printer({"kind": "progress", "fraction": now[0] / 200, "seconds_left": 200.0 - now[0], "text": "fold 1"})
    lines = log.getvalue().splitlines()
    assert [line.split("]")[1].split()[0] for line in lines] == ["35", "70"]
    assert lines[0].endswith("2 min 10 s left  fold 1")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (80, "1 min 20 s"), (7260, "2 h 01 min")]
)
def test_durations_read_at_a_glance(seconds, words):
    assert duration(seconds) == words


def test_a_bar_is_full_at_the_end_and_may_lack_the_time():
    assert progress_line(1.0, None) == "[########################] 100 %"
    assert progress_line(0.0, 3).startswith("[........................]   0 %  3 s left")


def test_of_117_labels_the_table_has_the_six_of_the_lowest_dice():
    low = (3, 50, 60, 70, 80, 117)

    def made(label: int) -> LabelScores:
        dice = 0.2 if label in low else 0.9
        return made_scores(dice, dice, dice, dice, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)

    table = [
        ScoreRow(case=f"c{n}", label=label, label_name=f"organ {label}", scores=made(label), strategy="open", fold="0")
        for n in range(3)
        for label in range(1, 118)
    ]
    comparison = summarise(table).out_of_fold
    text = comparison_table(comparison)
    names = [f"organ {n}" for n in range(1, 118)]
    assert [name for name in names if f" {name} " in text.splitlines()[0]] == [f"organ {n}" for n in low]
    assert text.endswith("Of 117 labels, the 6 of the lowest Dice are shown; the CSV file has all.")
    assert comparison_table(comparison, in_file=False).endswith("are shown; --out writes all to a CSV file.")


def test_the_table_has_a_line_a_strategy_a_column_a_label_and_marks_the_best():
    lines = comparison_table(summary().out_of_fold).splitlines()
    assert "air" in lines[0] and "bone" in lines[0] and "Dice against direct" in lines[0]
    assert lines[2].split()[:3] == ["direct", "4", "0.500"]
    assert lines[3].split()[:2] == ["*", "open"] and "+0." in lines[3]
    assert len(lines) == 4


def test_the_difference_from_a_source_model_that_has_some_labels_is_on_those():
    lines = comparison_table(summary(unknown=[2]).out_of_fold).splitlines()
    assert lines[0].endswith("Dice against direct on bone")
    assert "+0." in lines[3]
    assert "against" not in comparison_table(summary(unknown=[1, 2]).out_of_fold)


def test_a_score_that_does_not_apply_is_a_dash():
    found = scores()
    del found["out_of_fold"]["strategies"][0]["labels"][-1]["metrics"]["hd95_mm"]
    comparison = from_json(Summary, found, "scores.json").out_of_fold
    assert "–" in comparison_table(comparison).splitlines()[2]
