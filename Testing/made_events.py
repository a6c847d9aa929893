"""Events of a long training, made up."""

from __future__ import annotations

import json

from TransferSegLib.jobs.folder import JobFolder


def write_training(job: JobFolder, steps: int) -> None:
    """Append the events of a training of so many steps to those of a job."""
    lines = []
    for step in range(1, steps + 1):
        progress = {
            "kind": "progress",
            "time": 1.0,
            "fraction": step / steps,
            "seconds_left": 1.0,
            "unit": "u",
            "text": "x",
        }
        metric = {
            "kind": "metric",
            "time": 1.0,
            "strategy": "open",
            "fold": 0,
            "step": step,
            "steps": steps,
            "loss": 1.0,
        }
        lines += [json.dumps(progress), json.dumps(metric)]
    with job.events.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
