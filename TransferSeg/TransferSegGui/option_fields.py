"""A field of the panel for an option that the library declares: a spin box, a list, a check box or a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui.section import chosen, enable, fill, quiet
from TransferSegGui.words import error_text, library_text
from TransferSegLib.core.declarations import Option, as_text
from TransferSegLib.core.errors import InputError

# What Qt's spin box for whole numbers can hold.
LARGEST_WHOLE = 2**31 - 1
# Digits after the point where neither the default nor a limit needs more.
USUAL_DECIMALS, MOST_DECIMALS = 2, 6
LARGEST_NUMBER = 1e9


class OptionField:
    """The label and the widget of an option.

    Attributes:
        option: The declaration, from which label, tooltip, range, default and unit come.
        label: The label beside the widget; None for a check box, which has a text of its own.
        widget: The widget, whose object name is the option's name.
    """

    def __init__(self, option: Option, take: Callable[[Any], None], automatic: str = "") -> None:
        """Make the widgets, which must then be put into a layout.

        Args:
            option: The declaration.
            take: Called with the value that the person chose; None where they want none.
            automatic: What an option without a default shows while no value is chosen.
        """
        self.option = option
        self._take = take
        self._automatic = automatic or _("not chosen")
        self.label = (
            None if option.kind == "yes/no" else qt.QLabel(_("{title}:").format(title=library_text(option.title)))
        )
        make = {
            "whole number": self._whole_number,
            "number": self._number,
            "choice": self._choice,
            "yes/no": self._yes_no,
            "numbers": self._line,
            "text": self._line,
            "whole numbers": self._line,
        }
        self.widget, self._show_value = make[option.kind]()
        self.widget.setObjectName(option.name)
        self.widget.setToolTip(library_text(option.help))
        self.widget.setAccessibleName(library_text(option.title))
        if self.label is not None:
            self.label.setToolTip(library_text(option.help))

    def insert(self, form: qt.QFormLayout, row: int) -> None:
        """Put label and widget into a row of a form."""
        if self.label is None:
            form.insertRow(row, self.widget)
        else:
            form.insertRow(row, self.label, self.widget)

    def show(self, value: Any) -> None:
        """Show a value; None is the option's default."""
        with quiet(self.widget):
            self._show_value(self.option.default if value is None else value)

    def set_visible(self, visible: bool) -> None:
        """Show or hide label and widget."""
        if self.label is not None:
            self.label.setVisible(visible)
        self.widget.setVisible(visible)

    def enable(self, reason: str) -> None:
        """Enable the widget, or disable it and say the reason in its tooltip."""
        enable(self.widget, reason)

    def _whole_number(self) -> tuple[Any, Callable[[Any], None]]:
        option, box = self.option, qt.QSpinBox()
        least = -LARGEST_WHOLE if option.least is None else int(option.least)
        most = LARGEST_WHOLE if option.most is None else min(int(option.most), LARGEST_WHOLE)
        return self._spin_box(box, least, most, 1, "valueChanged(int)")

    def _number(self) -> tuple[Any, Callable[[Any], None]]:
        option, box = self.option, qt.QDoubleSpinBox()
        decimals = MOST_DECIMALS if option.default is None else max(USUAL_DECIMALS, *map(_decimals, self._numbers()))
        box.setDecimals(decimals)
        step = 10.0**-decimals
        least = -LARGEST_NUMBER if option.least is None else float(option.least)
        if option.above is not None:
            least = max(least, float(option.above) + step)
        most = LARGEST_NUMBER if option.most is None else float(option.most)
        box.setSingleStep(10.0 ** -min(decimals, USUAL_DECIMALS - 1))
        return self._spin_box(box, least, most, step, "valueChanged(double)")

    def _spin_box(
        self, box: Any, least: float, most: float, step: float, changed: str
    ) -> tuple[Any, Callable[[Any], None]]:
        """A spin box. If the option has no default, the value below the smallest one means that none is given."""
        optional = self.option.default is None
        none = least - step
        box.setRange(none if optional else least, most)
        if optional:
            box.setSpecialValueText(self._automatic)
        elif self.option.zero and least == 0:
            box.setSpecialValueText(library_text(self.option.zero))
        if self.option.unit:
            box.setSuffix(f" {library_text(self.option.unit)}")
        box.connect(changed, lambda value: self._take(None if optional and value < least else value))

        def show(value: Any) -> None:
            wanted = none if value is None else min(max(value, least), most)
            if box.value != wanted:
                box.setValue(wanted)

        return box, show

    def _choice(self) -> tuple[Any, Callable[[Any], None]]:
        box = qt.QComboBox()
        box.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.setSizePolicy(qt.QSizePolicy.Expanding, qt.QSizePolicy.Fixed)
        none = [] if self.option.default is not None else [(self._automatic, None)]
        entries = [*none, *((library_text(title), name) for name, title in self.option.choices.items())]
        box.connect("activated(int)", lambda _index: self._take(chosen(box)))

        def show(value: Any) -> None:
            # Several that were joined by `+` elsewhere are an entry of their own.
            joined = [(value, value)] if self.option.several and "+" in (value or "") else []
            fill(box, [*entries, *joined], value)

        return box, show

    def _yes_no(self) -> tuple[Any, Callable[[Any], None]]:
        box = qt.QCheckBox(library_text(self.option.title))
        box.connect("clicked(bool)", lambda checked: self._take(checked))
        return box, lambda value: box.setChecked(bool(value))

    def _line(self) -> tuple[Any, Callable[[Any], None]]:
        line = qt.QLineEdit()
        if self.option.default is None:
            line.placeholderText = " ".join(self.option.items) or self._automatic

        shown = [""]

        def finished() -> None:
            text = line.text.strip()
            if text == shown[0]:  # The person went through the field and changed nothing.
                line.setToolTip(library_text(self.option.help))
                return
            try:
                given = text.replace(" ", "") if self.option.kind == "numbers" else text
                given = text.replace("x", " ").split() if self.option.kind == "whole numbers" else given
                value = self.option.parse(given, library_text(self.option.title)) if text else None
            except InputError as error:
                line.setToolTip(error_text(error))
                return
            line.setToolTip(library_text(self.option.help))
            self._take(value)

        line.connect("editingFinished()", finished)

        def show(value: Any) -> None:
            shown[0] = "" if value is None else as_text(value)
            if not line.focus:
                line.setText(shown[0])

        return line, show

    def _numbers(self) -> list[float]:
        option = self.option
        return [float(n) for n in (option.default, option.least, option.above, option.most) if n is not None]


def _decimals(number: float) -> int:
    """The digits that a number has after the point."""
    digits = f"{number:.{MOST_DECIMALS}f}".rstrip("0")
    return len(digits.partition(".")[2])
