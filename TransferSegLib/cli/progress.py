"""The progress of a job: a bar with the time left on a terminal, a line a phase in a log."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from TransferSegLib.cases.grouping import finding_lines
from TransferSegLib.cli.printing import PROBLEMS_VARIABLE
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import one_line, visible

BAR = 24
# How often a log, which has no bar, gets a line.
LINE_EVERY_S = 60.0
# What share of the work must be done before it says anything about the rest.
MEASURED_FROM = 0.02


class ProgressPrinter:
    """A listener that prints a job's events; for a program that asks for problems as JSON, its progress as lines of JSON.

    Args:
        stream: Where to; None for stderr.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._as_json = os.environ.get(PROBLEMS_VARIABLE) == "json"
        self._bar = ""
        self._findings: list[Problem] = []
        self._noted: set[str] = set()
        self._printed_at = time.monotonic()

    def __call__(self, event: dict[str, Any]) -> None:
        """Print an event; findings wait until an event of another kind follows."""
        kind = event["kind"]
        if self._as_json:
            if kind in ("progress", "phase"):
                print(visible(json.dumps(event, ensure_ascii=False)), file=self._stream, flush=True)
            return
        if kind == "finding":
            # With an error the job ends, and says it then.
            if event["severity"] != "error":
                self._findings.append(Problem.from_json(event))
            return
        self._print_findings()
        if kind == "progress":
            shown = progress_line(event["fraction"], event["seconds_left"], event.get("text", ""))
            if self._live:
                self._draw(shown)
            elif time.monotonic() - self._printed_at > LINE_EVERY_S:
                self._line(shown)
        elif kind == "phase":
            self._line(event["text"])
        elif kind == "choice" and "weights" in event:
            self._line(f"{event['strategy']}: {event['weights']['sentence']}")
        elif kind == "choice" and "message" in event:
            self._note(event)
        elif kind == "warning":
            self._line(f"warning: {event['message']}")

    def close(self) -> None:
        """Print what is still to be printed, and remove the bar."""
        self._print_findings()
        self._remove_bar()

    def _note(self, event: dict[str, Any]) -> None:
        """Print what was decided, once; what is recommended is the job's result, and printed as that."""
        strategy, message = event.get("strategy"), event["message"]
        if strategy is not None and f"`{strategy}`" not in message:
            message = f"`{strategy}`: {message}"
        if "recommended" not in event and message not in self._noted:
            self._noted.add(message)
            self._line(f"note: {message}")

    def _print_findings(self) -> None:
        """Print the findings since the last event of another kind, grouped."""
        findings, self._findings = self._findings, []
        for line in finding_lines(findings):
            self._line(line)

    def _remove_bar(self) -> None:
        if self._bar:
            self._draw("")

    def _line(self, text: str) -> None:
        bar, self._printed_at = self._bar, time.monotonic()
        self._remove_bar()
        print(one_line(text), file=self._stream, flush=True)
        if bar:
            self._draw(bar)

    def _draw(self, text: str) -> None:
        self._bar = text
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{one_line(text)[:width]}", end="", file=self._stream, flush=True)


def show_share(printer: ProgressPrinter, text: str) -> Callable[[float], None]:
    """Return a function that takes the share that is done (0…1), and shows it with the time left as measured so far.

    Args:
        printer: Where it is shown.
        text: What is being done.
    """
    begun = time.monotonic()

    def show(share: float) -> None:
        left = None if share < MEASURED_FROM else (time.monotonic() - begun) / share * (1 - share)
        printer({"kind": "progress", "fraction": share, "seconds_left": left, "text": text})

    return show


def progress_line(fraction: float, seconds_left: float | None, text: str = "") -> str:
    """Write a bar with the time left, such as `[######..................]  25 %  1 min 20 s left  text`.

    Args:
        fraction: How much is done (0…1).
        seconds_left: The time left; None where it is not known.
        text: What is being done.
    """
    done = round(fraction * BAR)
    left = "" if seconds_left is None else f"  {duration(seconds_left)} left"
    return f"[{'#' * done}{'.' * (BAR - done)}] {100 * fraction:3.0f} %{left}  {text}".rstrip()


def duration(seconds: float) -> str:
    """Write a duration so that it is read at a glance, as `1 min 20 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
