"""Below the cases: which labels are annotated in the selected cases."""

from __future__ import annotations

from dataclasses import replace

import qt
from slicer.i18n import tr as _

from TransferSegGui.exporting import described
from TransferSegGui.section import Section, fit_height, quiet, write
from TransferSegGui.targets import TargetCase, TargetCases

# More lines than this scroll.
MOST_LINES = 4


class AnnotatedLabels(Section):
    """A tick for each label: a case may lack one because nobody annotated it, and not because it is not there."""

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self._shown: object = None
        self.ui.annotatedLabelsList.connect("itemChanged(QListWidgetItem*)", self._ticked)

    def refresh(self) -> None:
        """Show the labels of the selected cases that have a segmentation."""
        ui = self.ui
        cases = self._selected()
        names = list(described(self._all()).labels.values()) if cases else []
        shown = ([(case.key, case.name, case.not_annotated) for case in cases], names)
        if shown == self._shown:
            return
        self._shown = shown
        with quiet(ui.annotatedLabelsList):
            ui.annotatedLabelsList.clear()
            for name in names:
                lacking = sum(name in case.not_annotated for case in cases)
                states = {0: qt.Qt.Checked, len(cases): qt.Qt.Unchecked}
                item = qt.QListWidgetItem(name)
                item.setData(qt.Qt.UserRole, name)
                item.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled)
                item.setCheckState(states.get(lacking, qt.Qt.PartiallyChecked))
                ui.annotatedLabelsList.addItem(item)
        for widget in (ui.annotatedLabelsLabel, ui.annotatedLabelsList):
            widget.setVisible(bool(names))
        listed = ", ".join(case.name for case in cases)
        text = _(
            "Annotated in {cases}. Untick a label that nobody drew there; one that is ticked and not drawn is absent."
        )
        write(ui.annotatedLabelsLabel, text.format(cases=listed))
        fit_height(ui.annotatedLabelsList, MOST_LINES)

    def _ticked(self, item: qt.QListWidgetItem) -> None:
        """A label was ticked or unticked, for all of the selected cases."""
        name, ticked = item.data(qt.Qt.UserRole), item.checkState() == qt.Qt.Checked
        kept = TargetCases(self.parameters.parameterNode)
        for case in self._selected():
            others = tuple(one for one in case.not_annotated if one != name)
            kept.update(replace(case, not_annotated=others if ticked else (*others, name)))
        self.module.refresh_later()

    def _all(self) -> list[TargetCase]:
        return TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []

    def _selected(self) -> list[TargetCase]:
        keys = self.module.selected_cases() if self.has_parameters else []
        return [case for case in self._all() if case.key in keys and case.segmentation is not None]
