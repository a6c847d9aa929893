"""What the checks found in the cases, put together, and the list in which it is shown with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.section import tab_through, write
from TransferSegGui.words import problem_text
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.core.problems import Problem, Severity

# The height in pixels from which the list of findings is scrolled.
MOST_FINDINGS = 84
ICON = 16


@dataclass(frozen=True)
class Finding:
    """What was found alike in some cases.

    Attributes:
        problem: It as one sentence; of several cases it names some and says how many there are.
        kind: The code of what was found in each of them.
        cases: The keys of the cases; empty where it is about all of them.
    """

    problem: Problem
    kind: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    """What a click does about a finding.

    Attributes:
        text: The text of the button.
        does: What happens.
    """

    text: str
    does: Callable[[], object]


def findings_of(found: Mapping[str, Iterable[Problem]], names: Mapping[str, str]) -> list[Finding]:
    """Put together what was found in several cases, errors first.

    Args:
        found: For each case's key what was found in it; under "" what is about all cases.
        names: Key of each case → its name in the panel. Findings of other keys are left out.
    """
    kinds: dict[tuple[str, Severity], dict[Problem, list[str]]] = {}
    for key, problems in found.items():
        if not key or key in names:
            for problem in grouped(problems):
                alike = kinds.setdefault((problem.code, problem.severity), {})
                alike.setdefault(replace(problem, case=None), []).append(key)
    findings = []
    for (code, _severity), alike in kinds.items():
        cases = {one: [replace(one, case=names.get(key)) for key in keys] for one, keys in alike.items()}
        together = grouped([problem for problems in cases.values() for problem in problems])
        if len(together) == 1:  # also where many differ in what they name: the first stands for them
            findings.append(Finding(together[0], code, _keys(key for keys in alike.values() for key in keys)))
        else:
            findings += [Finding(grouped(cases[one])[0], code, _keys(keys)) for one, keys in alike.items()]
    order = get_args(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.problem.severity))


def finding_text(finding: Finding) -> str:
    """A finding in words, with how bad it is and the case that it is about."""
    words = {"error": _("Error"), "warning": _("Warning"), "note": _("Note")}
    said = problem_text(finding.problem)
    if finding.problem.case:
        said = _("{case}: {problem}").format(case=finding.problem.case, problem=said)
    return _("{severity}: {finding}").format(severity=words[finding.problem.severity], finding=said)


def severity_icon(severity: Severity | None) -> qt.QIcon:
    """The sign of a severity; of None, that nothing was found."""
    names = {
        "error": qt.QStyle.SP_MessageBoxCritical,
        "warning": qt.QStyle.SP_MessageBoxWarning,
        "note": qt.QStyle.SP_MessageBoxInformation,
        None: qt.QStyle.SP_DialogApplyButton,
    }
    return slicer.app.style().standardIcon(names[severity])


class FindingsList:
    """Shows findings below each other, each with a sign, its words, and a button where something can be done by one."""

    def __init__(self, area: qt.QScrollArea, above: qt.QWidget) -> None:
        """Show nothing yet.

        Args:
            area: The area in which the list is; a long list is scrolled.
            above: The control before the list, from which the Tab key goes on to its buttons.
        """
        self._area, self._above = area, above
        self._rows: list[qt.QWidget] = []
        self._shown: list[Finding] | None = None

    def show(self, findings: Sequence[Finding], action: Callable[[Finding], Action | None]) -> None:
        """Show these findings, where they are others than before.

        Args:
            findings: The findings.
            action: What can be done about one by a click; None where nothing can.
        """
        if self._shown == list(findings):
            return
        self._shown = list(findings)
        contents = self._area.widget()
        for row in self._rows:
            contents.layout().removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_row(finding, action(finding)) for finding in findings]
        for row in self._rows:
            contents.layout().addWidget(row)
            row.show()  # a layout reckons with what is shown
        tab_through([self._above, *(button for row in self._rows for button in row.findChildren(qt.QPushButton))])
        self._area.setVisible(bool(findings))
        if findings:
            height = contents.layout().heightForWidth(max(self._area.viewport().width, 300))
            self._area.setFixedHeight(min(MOST_FINDINGS, height))


def _row(finding: Finding, action: Action | None) -> qt.QWidget:
    row, text = qt.QWidget(), finding_text(finding)
    layout = qt.QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    sign, label = qt.QLabel(), qt.QLabel()
    sign.setPixmap(severity_icon(finding.problem.severity).pixmap(ICON, ICON))
    label.setWordWrap(True)
    label.setTextFormat(qt.Qt.PlainText)
    write(label, text)
    layout.addWidget(sign)
    layout.addWidget(label, 1)
    if action is not None:
        button = qt.QPushButton(action.text)
        button.setAccessibleDescription(text)
        button.setSizePolicy(qt.QSizePolicy.Fixed, qt.QSizePolicy.Fixed)
        button.connect("clicked(bool)", lambda _checked: action.does())
        layout.addWidget(button)
    return row


def _keys(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key))
