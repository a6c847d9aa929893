"""Jobs, data sets and tables that somebody else made: what they say reaches neither the terminal nor other folders."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path

import pytest
import torch

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import MOST_BYTES, read_json
from TransferSegLib.core.texts import as_cell, cleaned, from_cell, is_plain, one_line, visible
from TransferSegLib.evaluation.lesions.detection import LesionRow
from TransferSegLib.evaluation.lesions.tables import write_lesions
from TransferSegLib.evaluation.metrics import measured_metrics
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, read_scores, write_scores
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice

UNSEEN = "\x1b[2K\x9b2K\r\u202eNC\u2066\u2028"
SPEC = JobSpec(3, "compare", "/cases", (StrategyChoice("direct"), StrategyChoice("open")), source="/model")

SCORES = LabelScores({metric.name: 0.5 for metric in measured_metrics()})


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return JobFolder.create(tmp_path / "job", SPEC)


def table(folder: Path, case: str, label: str = "bone") -> Path:
    (folder / "i.nii.gz").touch()
    (folder / "labels.json").write_text(json.dumps({"1": label}))
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("case", "image", "label"), (case, "i.nii.gz", "i.nii.gz")])
    return folder / "cases.csv"


def test_texts_are_shown_whole_and_only_what_is_not_seen_is_spelled_out():
    assert visible("Knie Müller 膝 ۀ\u200c\n\t") == "Knie Müller 膝 ۀ\u200c\n\t"
    assert visible("a\x1b[2Kb\u202ec\x9b") == "a\\u001b[2Kb\\u202ec\\u009b"
    assert json.loads(visible(json.dumps({"a": UNSEEN}, ensure_ascii=False))) == {"a": UNSEEN}
    assert one_line("a\nb\tc") == "a b c" and cleaned("a\x1bb\nc") == "a b c"
    assert is_plain("a b") and not is_plain("a\nb") and is_plain("a\nb", lines=True) and not is_plain("\u202e")


def test_an_error_shows_nothing_unseen_and_is_one_line():
    message = str(InputError("x", "{path}: no such\nfile.", path=UNSEEN))
    assert is_plain(message) and message.endswith(": no such file.")


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_what_a_jobs_events_say_moves_no_cursor(job, capsys, as_json):
    event = {"kind": "failed", "time": 1.0, "message": f"Failed{UNSEEN}MIT", "verdict": UNSEEN, "warnings": 1e999}
    job.events.write_text('{"kind": "started", "time": 1}\n' + json.dumps(event) + "\n")
    assert main(["status", str(job.path), *as_json]) == 0
    shown = capsys.readouterr().out
    assert is_plain(shown, lines=True) and "\\u001b[2K" in shown


def test_progress_shows_no_line_of_another(capsys):
    ProgressPrinter()({"kind": "warning", "case": "a\nwarning: b", "message": UNSEEN})
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1 and is_plain(shown.rstrip("\n"))


@pytest.mark.parametrize(
    "case", ["../../evil", "/tmp/evil", "a/b", "..", "a\x1b[2K", "a\nb", "\u202eb", "9" * 5000], ids=ascii
)
def test_a_case_that_would_be_written_elsewhere_is_refused(tmp_path, case):
    if case == "..":
        assert [c.name for c in read_case_set(table(tmp_path, case)).cases] == [
            ".."
        ]  # `...nii.gz` is a file like any other
        return
    with pytest.raises(InputError, match="name cannot be a file's") as caught:
        read_case_set(table(tmp_path, case))
    assert is_plain(str(caught.value))


def test_a_label_that_hides_a_line_is_refused(tmp_path):
    with pytest.raises(InputError, match="control characters"):
        read_case_set(table(tmp_path, "a", label=UNSEEN))


def test_a_table_of_one_endless_cell_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no table"):
        read_case_set(table(tmp_path, "x" * 200_000))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "'", "plain", "a=b"])
def test_a_name_in_a_table_of_scores_is_no_formula_and_comes_back(tmp_path, name):
    row = ScoreRow(name, 1, name, SCORES, name, "0")
    write_scores(tmp_path / "s.csv", [row], of_job=True)
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        cells = next(iter(csv.DictReader(file)))
    assert not cells["case"].startswith(("=", "+", "-", "@")) and not cells["label_name"].startswith(
        ("=", "+", "-", "@")
    )
    back = read_scores(tmp_path / "s.csv")[0]
    assert (back.case, back.label_name) == (name, name) and from_cell(as_cell(name)) == name
    write_lesions(tmp_path / "l.csv", [LesionRow(name, ())], 26)


def test_a_job_whose_title_or_format_of_json_is_absurd_is_refused(job, capsys):
    sound = read_json(job.job_json)
    for text in (
        json.dumps({**sound, "title": UNSEEN}),
        json.dumps({**sound, "title": "\ud800"}),
        json.dumps({**sound, "label_map": {"a": json.loads("[" * 70 + "]" * 70)}}),
        json.dumps(sound) + " " * MOST_BYTES,
        json.dumps({**sound, "target": "../../elsewhere"}),
        json.dumps({**sound, "strategies": [{"name": "../open"}]}),
    ):
        job.job_json.write_text(text)
        assert main(["status", str(job.path)]) == 2
        printed = capsys.readouterr().err
        assert printed.count("\n") == 1 and len(printed) < 500 and is_plain(printed.rstrip("\n"))


@pytest.mark.parametrize(
    "scores", ["[]", '{"out_of_fold": {"strategies": []}}', '{"out_of_fold": 1}', '{"test": {"best": null}}']
)
def test_scores_that_no_job_wrote_are_one_sentence(job, capsys, scores):
    job.events.write_text('{"kind": "started", "time": 1}\n{"kind": "done", "time": 2}\n')
    job.scores_json.write_text(scores)
    assert main(["run", str(job.path)]) == 2
    assert "scores.json" in capsys.readouterr().err


def test_a_checkpoint_that_asks_for_more_than_there_is_is_not_opened(job, monkeypatch):
    class Greedy:
        def __reduce__(self):
            return bytearray, (10**11,)

    job.save_checkpoint("open.final", {"a": torch.zeros(2), "x": Greedy()})
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("torch was given the file"))
    with pytest.raises(JobError, match="something else than a checkpoint"):
        job.load_checkpoint("open.final")


def test_a_result_that_is_a_pickle_or_nested_without_end_is_not_there(job):
    results = job.state / "results"
    results.mkdir()
    (results / "a.json").write_bytes(pickle.dumps({"a": 1}))
    (results / "b.json").write_text("[" * 500 + "]" * 500)
    assert job.load_result("a") is None and job.load_result("b") is None
