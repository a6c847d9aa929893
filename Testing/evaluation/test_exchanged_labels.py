"""Labels that lie where the source model finds another one."""

from __future__ import annotations

import json

import numpy as np

from TransferSegLib.cli import main
from TransferSegLib.evaluation.exchanged_labels import exchanged_labels
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder

NAMES = {2: "front", 5: "back", 9: "other"}


def drawn(front: int, back: int) -> np.ndarray:
    found = np.zeros((8, 8, 8), np.uint16)
    found[:3], found[3:6], found[6:, :2] = front, back, 9
    return found


def test_two_labels_that_lie_in_each_others_place_are_named():
    told = exchanged_labels(drawn(2, 5), drawn(5, 2), NAMES)
    assert told is not None and told.fields == {"one": "front", "other": "back"} and told.severity == "warning"
    assert exchanged_labels(drawn(2, 5), drawn(2, 5), NAMES) is None


def test_what_is_merely_wrong_is_not_called_exchanged():
    assert exchanged_labels(drawn(2, 5), np.zeros((8, 8, 8), np.uint16), NAMES) is None
    assert exchanged_labels(drawn(2, 5), np.roll(drawn(2, 5), 3, axis=0), NAMES) is None  # the back where the front is
    assert exchanged_labels(drawn(2, 5), drawn(5, 2), {2: "front"}) is None  # only one is known to the model


def test_a_job_and_the_advice_say_so_and_promise_nothing(tiny_source, phantoms, tmp_path, capsys, monkeypatch):
    from TransferSegLib.evaluation import exchanged_labels as module

    monkeypatch.setattr(module, "FOUND", 0.0)  # the tiny model finds little
    monkeypatch.setattr(module, "MORE", -1.0)
    data = phantoms("t2w", 2)  # the model has not seen them
    assert main(["advise", "--source", str(tiny_source), "--target", str(data), "--json"]) in (0, 1)
    assert "the other way round" in json.dumps(json.loads(capsys.readouterr().out))
    out = tmp_path / "job"
    asked = ["adapt", "--source", str(tiny_source), "--target", str(data), "--strategy", "direct", "--folds", "2"]
    assert main([*asked, "--out", str(out)]) in (0, 1)
    events, _ = read_events(JobFolder(out).events)
    told = [
        event["message"] for event in events if event["kind"] == "warning" and "the other way round" in event["message"]
    ]
    assert len(told) == 1
