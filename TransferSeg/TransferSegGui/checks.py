"""Keeps the checks of the table's cases up to date. The library checks them, in its own process."""

from __future__ import annotations

import itertools
import json
import shutil
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import qt

from TransferSegGui.exporting import Exporter, job_name, label_values, regions_of
from TransferSegGui.processes import Command, problem_in
from TransferSegGui.regions import with_values
from TransferSegGui.targets import TargetCase, segmentations_to_choose
from TransferSegGui.words import with_case_names
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.folder import SourceFolder

QUIET_MS = 700


class CaseChecks:
    """Checks the cases when `request` was called and nothing has changed for a moment.

    The cases are exported in small steps, with Qt at work in between. Then the library checks them in another process.

    Attributes:
        findings: For each case's key what was found; under "" what concerns all cases.
        data_set: The data set that was checked; None where nothing could be exported.
        pending: Whether a check was asked for and has not ended.
        generation: How many checks there have been.
    """

    def __init__(
        self,
        exporter: Exporter,
        given: Callable[[], tuple[Sequence[TargetCase], SourceFolder | None]],
        busy: Callable[[], bool],
        shown: Callable[[], bool],
        done: Callable[[], None],
    ) -> None:
        """Make checks that wait for `request`.

        Args:
            exporter: Writes the cases to files.
            given: The cases and the source model.
            busy: Whether a job is running or being prepared; the checks wait until it has ended.
            shown: Whether the panel is seen; else the checks wait for `wake`.
            done: Called when `findings` have changed.
        """
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
        """The findings that make a job impossible."""
        return [finding for found in self.findings.values() for finding in found if finding.severity == "error"]

    def request(self) -> None:
        """Check again, once nothing changes for a moment."""
        self.cancel()
        self.pending = True
        self._timer.start(QUIET_MS)

    def wake(self) -> None:
        """Go on with a pending check, as the panel is seen again."""
        if self._asleep and self.pending:
            self._timer.start(QUIET_MS)
        self._asleep = False

    def give_way(self) -> None:
        """Stop a check while a job runs, and check again when the job has ended."""
        if self.pending and self._busy():
            self.request()

    def cancel(self) -> None:
        """Stop the check that is under way."""
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
        """Export the cases, a small part with each step, and then start the library's check."""
        cases, source = self._given()
        self._found: dict[str, list[Problem]] = {}
        usable = []
        for case in cases:
            try:
                values = label_values(cases)
                regions = with_values(regions_of(cases), values)
                yield from self._exporter.export_in_steps(case, values, regions)
            except (TransferSegError, OSError) as error:
                self._found[case.key] = [_problem(error)]
            except Exception as error:  # the others are looked at all the same
                traceback.print_exc()
                self._found[case.key] = [_not_exported(error)]
            else:
                usable.append(case)
                if doubts := self._exporter.doubts(case):
                    self._found[case.key] = doubts
                if case.role != "unlabelled" and case.segmentation is None:
                    self._found.setdefault(case.key, []).append(_without_segmentation(case))
        data_set = None
        if usable:
            try:
                data_set = yield from self._exporter.write_in_steps(self._new_folder(), usable)
            except (TransferSegError, OSError) as error:
                self._found.setdefault("", []).append(_problem(error))
        if data_set is None:
            self._finish(None)
        else:
            self._check(data_set, usable, source)

    def _new_folder(self) -> Path:
        """A new folder for a data set; the earlier ones are deleted.

        Its name is new, too: a stopped check may still read the earlier folder, and Windows deletes no file that is read.
        """
        for old in self._exporter.folder.glob("check-*"):
            shutil.rmtree(old, ignore_errors=True)
        return self._exporter.folder / f"check-{next(self._numbers)}"

    def _check(self, data_set: Path, cases: Sequence[TargetCase], source: SourceFolder | None) -> None:
        keys = {job_name(number): case.key for number, case in enumerate(cases)}
        names = {job_name(number): case.name for number, case in enumerate(cases)}

        def ended(_code: int, output: str, errors: str) -> None:
            self._command = None
            try:
                found = [Problem.from_json(finding) for finding in json.loads(output)["findings"]]
            except (ValueError, LookupError, TypeError):
                self._found.setdefault("", []).append(with_case_names(problem_in(errors), names))
                found = []
            for finding in found:
                named = with_case_names(finding, names)
                self._found.setdefault(keys.get(finding.case or "", ""), []).append(named)
            self._finish(data_set)

        arguments: list[Any] = ["cases", "check", str(data_set), "--json"]
        self._command = Command([*arguments, *(["--source", str(source.folder)] if source else [])], ended)

    def _finish(self, data_set: Path | None) -> None:
        self.pending = False
        self.generation += 1
        self.findings, self.data_set = self._found, data_set
        self._done()


def _problem(error: TransferSegError | OSError) -> Problem:
    """What keeps a case from being exported."""
    return error.problem if isinstance(error, TransferSegError) else _not_exported(error)


def _not_exported(error: Exception) -> Problem:
    return Problem(
        "case-not-exported",
        "it cannot be exported ({reason})",
        {"reason": error},
        advice_template="load it again, or take it out of the list",
    )


def _without_segmentation(case: TargetCase) -> Problem:
    several = segmentations_to_choose(case)
    if len(several) > 1:  # of several readers: which is the reference is not ours to say
        return Problem(
            "segmentation-to-choose",
            "{count} segmentations belong to it ({segmentations:…`})",
            {"count": len(several), "segmentations": tuple(node.GetName() for node in several)},
            advice_template="choose one of them in its row, or give it the role “to segment”",
        )
    return Problem(
        "no-segmentation",
        "it has no segmentation, so it will only be segmented",
        severity="warning",
        advice_template="choose its segmentation, or give it the role “to segment”",
    )
