"""The checks of the table's cases, kept up to date: the library's own, in a process of its own."""

from __future__ import annotations

import itertools
import json
import shutil
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui.exporting import Exporter, job_name, label_values
from TransferSegGui.processes import Command, last_sentence
from TransferSegGui.targets import TargetCase
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.folder import SourceFolder

QUIET_MS = 700


class CaseChecks:
    """Checks the cases whenever `request` is called and nothing has changed for a moment.

    Cases are exported in small steps, with Qt at work in between; the library's check then runs beside Slicer. While a job
    is prepared or runs (`busy`) it waits, and while nobody looks (not `shown`) until `wake` is called. `done` is called when
    there is something new in `findings`: for each case's key what was found, and under "" what is about all of them.
    `generation` counts the checks.
    """

    def __init__(
        self,
        exporter: Exporter,
        given: Callable[[], tuple[Sequence[TargetCase], SourceFolder | None]],
        busy: Callable[[], bool],
        shown: Callable[[], bool],
        done: Callable[[], None],
    ) -> None:
        self.findings: dict[str, list[Problem]] = {}
        self.data_set: Path | None = None
        self.pending = False
        self.generation = 0
        self._exporter, self._given, self._done = exporter, given, done
        self._busy, self._shown, self._asleep = busy, shown, False
        self._command: Command | None = None
        self._work: Iterator[None] | None = None
        self._numbers = itertools.count()
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._step)

    @property
    def errors(self) -> list[Problem]:
        """What makes a job impossible."""
        return [finding for found in self.findings.values() for finding in found if finding.severity == "error"]

    def request(self) -> None:
        """Check again, once nothing changes for a moment."""
        self.cancel()
        self.pending = True
        self._timer.start(QUIET_MS)

    def wake(self) -> None:
        """The panel is seen again: go on with what is pending."""
        if self._asleep and self.pending:
            self._timer.start(QUIET_MS)
        self._asleep = False

    def give_way(self) -> None:
        """A job began: stop what is under way, and check again when the job has ended."""
        if self.pending and self._busy():
            self.request()

    def cancel(self) -> None:
        """Forget what is under way."""
        self._timer.stop()
        self.pending = False
        self._work = None
        if self._command is not None:
            self._command.stop()
            self._command = None

    def _step(self) -> None:
        if not self._shown():
            self._asleep = True
            return
        if self._busy():
            self._timer.start(QUIET_MS)
            return
        self._work = self._work or self._look()
        for _part in self._work:
            self._timer.start(0)
            return

    def _look(self) -> Iterator[None]:
        """Export the cases, a small part with each step, and then begin the check of them."""
        cases, source = self._given()
        self._found: dict[str, list[Problem]] = {}
        usable = []
        for case in cases:
            try:
                yield from self._exporter.export_in_steps(case, label_values(cases))
            except (TransferSegError, OSError) as error:
                self._found[case.key] = [_refused(str(error))]
            except Exception as error:  # the others are looked at all the same
                traceback.print_exc()
                said = _("it cannot be exported ({error}); load it again, or take it out of the list.")
                self._found[case.key] = [_refused(said.format(error=error))]
            else:
                usable.append(case)
                if case.role != "unlabelled" and case.segmentation is None:
                    self._found[case.key] = [_without_segmentation(case)]
        data_set = None
        if usable:
            try:
                data_set = yield from self._exporter.write_in_steps(
                    self._new_folder(), usable, source.card if source else None
                )
            except (TransferSegError, OSError) as error:
                self._found.setdefault("", []).append(_refused(str(error)))
        if data_set is None:
            self._finish(None)
        else:
            self._check(data_set, usable, source)

    def _new_folder(self) -> Path:
        """A folder for a data set, in the place of those before.

        It has a name of its own: a check that was stopped may still be reading there, and Windows keeps what is read.
        """
        for old in self._exporter.folder.glob("check-*"):
            shutil.rmtree(old, ignore_errors=True)
        return self._exporter.folder / f"check-{next(self._numbers)}"

    def _check(self, data_set: Path, cases: Sequence[TargetCase], source: SourceFolder | None) -> None:
        keys = {job_name(number): case.key for number, case in enumerate(cases)}

        def ended(_code: int, output: str, errors: str) -> None:
            self._command = None
            try:
                found = [Problem.from_json(f) for f in json.loads(output)["findings"]]
            except (ValueError, KeyError, TransferSegError):
                self._found.setdefault("", []).append(_refused(last_sentence(errors)))
                found = []
            for finding in found:
                self._found.setdefault(keys.get(finding.case or "", ""), []).append(finding)
            self._finish(data_set)

        arguments: list[Any] = ["cases", "check", str(data_set), "--json"]
        self._command = Command([*arguments, *(["--source", str(source.folder)] if source else [])], ended)

    def _finish(self, data_set: Path | None) -> None:
        self.pending = False
        self.generation += 1
        self.findings, self.data_set = self._found, data_set
        self._done()


def _refused(sentence: str) -> Problem:
    found, _separator, advice = sentence.rstrip(".").partition("; ")
    fields = {"found": found, "advice": advice or _("correct the case")}
    return Problem("export", "{found}", fields, "error", "{advice}")


def _without_segmentation(case: TargetCase) -> Problem:
    return Problem(
        "no-segmentation",
        _("it has no segmentation, so it will only be segmented"),
        {},
        "warning",
        _("choose its segmentation, or give it the role “to segment”"),
    )
